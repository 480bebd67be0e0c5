// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Playground.h"
#include "core/session/Session.h"
#include "tests/support/Await.h"
#include "tests/support/ProviderServers.h"
#include "ui/playground/InputPanel.h"
#include "ui/playground/PlaygroundPage.h"
#include "ui/playground/ResultCard.h"
#include "ui/playground/ResultGrid.h"
#include "ui/playground/VariantHeader.h"
#include "ui/playground/RowPicker.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/CodeEditor.h"

#include <QApplication>
#include <QDir>
#include <QMenu>
#include <QTemporaryDir>
#include <QTest>

namespace lathe::test {

// What the tests run: the sample's triage agent with both revisions of its prompt.
inline const QString triage = QStringLiteral("triage");
inline const QStringList twoRevisions{QStringLiteral("triage-prompt@1"), QStringLiteral("triage-prompt@2")};
inline const QString complaint = QStringLiteral("The CSV export stops at 10,000 rows. We need it for an audit.");

// The playground page over a session on a real project made from the sample, in a folder of its own.
struct PlaygroundBench {
    QTemporaryDir dir;
    QString path;
    std::unique_ptr<Session> session;
    std::unique_ptr<PlaygroundPage> page;

    static Theme *theme()
    {
        static Theme *made = [] {
            auto *one = new Theme(qApp);
            one->install();
            one->setMode(Theme::Mode::Dark);
            return one;
        }();
        return made;
    }
    explicit PlaygroundBench(int tokensPerSecond = 0)
    {
        path = dir.filePath(QStringLiteral("desk.lathe"));
        const auto made = await(Session::createProject(path, QStringLiteral("feedback-desk")));
        if (!made)
            qFatal("no sample: %s", qPrintable(made.error().message));
        open(tokensPerSecond);
    }
    ~PlaygroundBench() { close(); }
    void open(int tokensPerSecond = 0)
    {
        SessionOptions options;
        options.offlineTokensPerSecond = tokensPerSecond;
        auto opened = Session::open(path, options);
        if (!opened)
            qFatal("no session: %s", qPrintable(opened.error().message));
        session = std::move(*opened);
        show();
    }
    void show()
    {
        page = std::make_unique<PlaygroundPage>(session.get(), theme(), nullptr);
        page->resize(1180, 836); // what the window leaves of 1440 x 900
        page->show();
        (void)QTest::qWaitForWindowActive(page.get());
    }
    void close()
    {
        page.reset();
        if (session)
            await(closed(session.get()));
        session.reset();
    }
    Playground &playground() const { return session->playground(); }
    CodeEditor *input() const { return child<CodeEditor>("playground-input"); }
    ResultCard *card(int row, int position) const { return page->grid()->card(row, position); }
    template<typename T>
    T *child(const char *name) const
    {
        return in<T>(page.get(), name);
    }
    template<typename T>
    static T *in(QWidget *of, const char *name)
    {
        T *found = of ? of->findChild<T *>(QString::fromLatin1(name)) : nullptr;
        if (!found)
            qWarning("no child named %s", name);
        return found;
    }
    // Columns of an agent with the prompts given.
    void columns(const QString &agent, const QStringList &prompts, const QString &model = QString())
    {
        while (!playground().columns().empty())
            playground().removeColumn(0);
        for (const QString &prompt : prompts) {
            VariantSpec variant;
            variant.agent = agent;
            variant.prompt = prompt;
            variant.model = model;
            const auto added = playground().addColumn(variant);
            if (!added)
                qFatal("no column: %s", qPrintable(added.error().message));
        }
    }
    void type(const QString &text)
    {
        input()->setFocus();
        QTest::keyClicks(input(), text);
    }
    void sendByKey() { QTest::keyClick(input(), Qt::Key_Return, Qt::ControlModifier); }
    // An action of the menu that a button opened.
    static void trigger(QWidget *of, const char *menu, const char *action)
    {
        auto *opened = in<QMenu>(of, menu);
        QVERIFY(opened);
        auto *chosen = opened->findChild<QAction *>(QString::fromLatin1(action));
        QVERIFY2(chosen && chosen->isEnabled(), action);
        chosen->trigger();
        opened->close();
    }
    // Pictures in both themes when LATHE_SHOTS names a folder; the scale comes from QT_SCALE_FACTOR.
    void shoot(const QString &name) const
    {
        const QString folder = qEnvironmentVariable("LATHE_SHOTS");
        if (folder.isEmpty())
            return;
        QDir().mkpath(folder);
        for (const auto mode : {Theme::Mode::Light, Theme::Mode::Dark}) {
            theme()->setMode(mode);
            QTest::qWait(60);
            QPixmap(page->grab())
                .save(QStringLiteral("%1/playground-%2-%3-%4x.png")
                          .arg(folder, name,
                               mode == Theme::Mode::Dark ? QStringLiteral("dark") : QStringLiteral("light"))
                          .arg(int(page->devicePixelRatioF())));
        }
    }

private:
    static Task<bool> closed(Session *session)
    {
        co_await session->close();
        co_return true;
    }
};

inline bool over(PlaygroundBench &b) { return !b.playground().running(); }
inline const PlaygroundAnswer &newest(PlaygroundBench &b, int column, int row = 0)
{
    return b.playground().answers(column, row).back();
}
inline QString problem(PlaygroundBench &b)
{
    for (auto *line : b.page->input()->findChildren<ProblemLine *>()) {
        if (line->hasProblem())
            return line->text();
    }
    return {};
}
inline void pickRows(PlaygroundBench &b, const QString &rows)
{
    QTest::mouseClick(b.child<Button>("input-rows"), Qt::LeftButton);
    auto *picker = b.page->input()->rows();
    picker->show(QStringLiteral("feedback"), rows);
    Q_EMIT picker->changed();
    QCOMPARE(b.playground().dataset(), QStringLiteral("feedback"));
}
// A connection to a scripted provider; its name is "test".
inline void connectTo(PlaygroundBench &b, ProviderServer &server)
{
    const ConnectionSpec spec = server.connectionSpec();
    qputenv(spec.secretName.toLatin1().constData(), server.secret().toUtf8());
    QVERIFY(await(
        b.session->createArtifact(ArtifactKind::Connection, QStringLiteral("test"), spec.toJson())));
}

} // namespace lathe::test
