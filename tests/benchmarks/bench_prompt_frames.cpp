// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/PromptLint.h"
#include "core/prompt/TextDiff.h"
#include "core/session/Session.h"
#include "tests/benchmarks/Measure.h"
#include "tests/support/Await.h"
#include "ui/prompts/PromptEditor.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/CodeEditor.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QKeyEvent>
#include <QPlainTextEdit>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <cmath>
#include <cstdio>

// The prompt editor with 100 kB: how long from a key press until its letter is painted, while drafts are saved, the text is linted
// and the preview is rendered in between; beside a bare QPlainTextEdit with the same text. And the diff of two such prompts.
// Keys are due at fixed times and counted from then on, so that whatever holds up the UI thread between them shows.
using namespace lathe;
using namespace lathe::bench;

namespace {
constexpr int warmUp = 20;
constexpr int gapMs = 60; // 16 keys a second, then a pause now and then in which the checks run
constexpr int pauseEvery = 12;
constexpr int leastPauseMs = 300, mostPauseMs = 700; // of any length between, so that some keys meet the checks

QString prompt(int seed, int bytes = 100'000)
{
    static const char *const words[] = {"answer", "the",   "customer", "in",      "two",   "short", "sentences", "with",   "the order number", "when",
                                        "it",     "is",    "known",    "and",     "never", "guess", "a date",    "quote",  "what",             "they",
                                        "wrote",  "about", "{{product}}", "first", "then",  "say",   "next",      "step",   "politely",         "please"};
    QString text;
    unsigned state = unsigned(seed) * 2654435761u + 1;
    while (text.size() < bytes) {
        text += QStringLiteral("- ");
        for (int i = 0; i < 14; ++i) {
            state = state * 1664525u + 1013904223u;
            text += QString::fromLatin1(words[(state >> 16) % std::size(words)]) + QLatin1Char(' ');
        }
        text += QStringLiteral("(rule %1).\n").arg(text.size());
    }
    return text;
}

class PaintWatch : public QObject
{
public:
    explicit PaintWatch(QWidget *widget) { widget->installEventFilter(this); }
    bool painted = false;

protected:
    bool eventFilter(QObject *, QEvent *event) override
    {
        painted = painted || event->type() == QEvent::Paint;
        return false; // the painting itself follows within the same turn of the loop
    }
};

void key(QWidget *to, int code, const QString &text)
{
    QKeyEvent press(QEvent::KeyPress, code, Qt::NoModifier, text), release(QEvent::KeyRelease, code, Qt::NoModifier, text);
    QApplication::sendEvent(to, &press);
    QApplication::sendEvent(to, &release);
}

void spinUntil(const QElapsedTimer &clock, double dueMs)
{
    while (double(clock.nsecsElapsed()) / 1e6 < dueMs)
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 1);
}

// Milliseconds from when each key was due until it was painted.
std::vector<double> typing(QPlainTextEdit *edit, int keys)
{
    QTextCursor cursor = edit->textCursor();
    cursor.setPosition(edit->document()->characterCount() / 2);
    edit->setTextCursor(cursor);
    edit->centerCursor();
    edit->setFocus();
    PaintWatch watch(edit->viewport());
    QTimer wake; // so that WaitForMoreEvents returns
    wake.start(1);
    QElapsedTimer clock;
    clock.start();
    std::vector<double> taken;
    double due = 0;
    for (int i = 0; i < keys + warmUp; ++i) {
        due += gapMs + (i % pauseEvery == pauseEvery - 1 ? leastPauseMs + (i * 37) % (mostPauseMs - leastPauseMs) : 0);
        spinUntil(clock, due);
        watch.painted = false;
        const bool space = i % 6 == 5;
        key(edit, space ? Qt::Key_Space : Qt::Key_E, space ? QStringLiteral(" ") : QStringLiteral("e"));
        while (!watch.painted)
            QCoreApplication::processEvents(QEventLoop::AllEvents);
        const double ended = double(clock.nsecsElapsed()) / 1e6;
        if (i >= warmUp)
            taken.push_back(ended - due);
        due = std::max(due, ended); // a key that was late does not make the next one late
    }
    return taken;
}

double at(std::vector<double> values, double share)
{
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[std::min(values.size() - 1, size_t(std::ceil(share * double(values.size()))) - 1)];
}
}

int main(int argc, char **argv)
{
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication app(argc, argv);
    const int keys = argc > 1 ? std::max(10, atoi(argv[1])) : 300;
    printLoad();

    // Two prompts of 100 kB: words changed here and there, a block moved.
    const QString before = prompt(1);
    QStringList rows = before.split(QLatin1Char('\n'));
    for (int i = 7; i < rows.size(); i += 9)
        rows[i].replace(QStringLiteral("the"), QStringLiteral("this"));
    const QStringList block = rows.mid(200, 40);
    rows.remove(200, 40);
    for (int i = 0; i < block.size(); ++i)
        rows.insert(600 + i, block[i]);
    const QString after = rows.join(QLatin1Char('\n'));
    std::vector<double> diffs, splits, strangers;
    size_t lines = 0;
    for (int i = 0; i < 15; ++i) {
        double start = wallUs();
        lines = diffLines(before, after).size();
        diffs.push_back((wallUs() - start) / 1e3);
        start = wallUs();
        lines += size_t(before.split(QLatin1Char('\n')).size() + after.split(QLatin1Char('\n')).size());
        splits.push_back((wallUs() - start) / 1e3);
        start = wallUs();
        lines += diffLines(before, prompt(2)).size();
        strangers.push_back((wallUs() - start) / 1e3);
    }
    check(lines > 1000, "the diff has too few lines");
    std::printf("diff of two prompts of 100 kB: %.2f ms; of two with nothing in common: %.2f ms\n", median(diffs), median(strangers));
    report("diff of two prompts of 100 kB", text(std::max(median(diffs), median(strangers)), "ms", 2), text(median(splits), "ms, only cut into lines", 2),
           median(diffs) / std::max(0.001, median(splits)), std::max(median(diffs), median(strangers)), 200, Better::Lower, " ms");

    PromptSpec spec;
    spec.text = before;
    spec.variables = {{QStringLiteral("product"), {}, {}, true}};
    const double lintStart = wallUs();
    check(!lintPrompt(spec).empty(), "the long prompt has no problems");
    std::printf("lint of 100 kB (on a thread of the pool): %.1f ms\n", (wallUs() - lintStart) / 1e3);

    Theme theme;
    theme.setMode(Theme::Mode::Dark);
    theme.install();
    std::vector<double> bare;
    {
        QPlainTextEdit plain;
        plain.setFont(theme.codeFont());
        plain.resize(760, 640);
        plain.setPlainText(before);
        plain.show();
        bare = typing(&plain, keys);
    }
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("bench.lathe"));
    check(test::await(Session::createProject(path, QString())).ok(), "no project");
    auto session = Session::open(path, SessionOptions());
    check(session.ok(), "the project does not open");
    const auto made = test::await((*session)->createArtifact(ArtifactKind::Prompt, QStringLiteral("long"), spec.toJson()));
    check(made.ok(), "no prompt");
    std::vector<double> ours;
    {
        PromptEditor editor(session->get(), &theme, *made);
        editor.resize(1400, 860);
        editor.show();
        auto *text = editor.findChild<CodeEditor *>(QStringLiteral("prompt-text"));
        check(text, "no editor");
        ours = typing(text, keys);
    }
    std::printf("bare QPlainTextEdit  p50 %.2f  p99 %.2f  max %.2f ms\n", at(bare, 0.5), at(bare, 0.99), at(bare, 1));
    std::printf("prompt editor        p50 %.2f  p99 %.2f  max %.2f ms\n", at(ours, 0.5), at(ours, 0.99), at(ours, 1));
    report("keystroke to paint in a 100 kB prompt, p99", text(at(ours, 0.99), "ms"), text(at(bare, 0.99), "ms, bare QPlainTextEdit"),
           at(ours, 0.99) / std::max(0.01, at(bare, 0.99)), at(ours, 0.99), 16, Better::Lower, " ms");
    check(test::await((*session)->project().flush()).ok(), "not all was written");
    return 0;
}
