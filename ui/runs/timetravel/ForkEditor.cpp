// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/timetravel/ForkEditor.h"

#include "core/session/ForkOptions.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/StepStyle.h"
#include "ui/runs/timetravel/ForkForm.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"

#include <QVBoxLayout>

namespace lathe {

class ForkEditor::Parts
{
public:
    Parts(ForkEditor *sheet_, Session *session_, RunId run_, QString step_) : sheet(sheet_), session(session_), run(run_), step(std::move(step_)) {}
    void build();
    void load();
    void show(const ForkOptions &options);
    void countReused(const Trace &trace);
    void refresh();
    void start();

    ForkEditor *sheet;
    Session *session;
    RunId run;
    QString step;
    ForkForm *form = nullptr;
    QVBoxLayout *layout = nullptr;
    BusyBar *busy = nullptr;
    Label *reused = nullptr;
    Label *paid = nullptr;
    InlineMessage *message = nullptr;
    Button *go = nullptr;
    ForkOptions options;
    CancelSource cancel;
    bool starting = false;
};

ForkEditor::ForkEditor(Session *session, Theme *theme, QWidget *anchor, RunId run, const QString &step)
    : Sheet(theme, anchor, tr("Fork run %1 at step %2").arg(run.value).arg(step), 900), d(std::make_unique<Parts>(this, session, run, step))
{
    setObjectName(QStringLiteral("fork-editor"));
    setDeleteOnClose(true);
    d->build();
    d->load();
}

ForkEditor::~ForkEditor()
{
    d->cancel.cancel();
}

void ForkEditor::Parts::build()
{
    Theme *theme = sheet->theme();
    auto *content = new QWidget;
    content->setMinimumHeight(480);
    layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    busy = new BusyBar(theme, content);
    busy->setBusy(true);
    layout->addWidget(busy);
    layout->addStretch(1);
    reused = new Label(theme, QString(), Label::Style::Secondary, content);
    reused->setObjectName(QStringLiteral("fork-reused"));
    reused->setWordWrap(true);
    paid = new Label(theme, QString(), Label::Style::Strong, content);
    paid->setObjectName(QStringLiteral("fork-paid"));
    paid->setWordWrap(true);
    message = new InlineMessage(theme, Severity::Error, QString(), content);
    message->setObjectName(QStringLiteral("fork-message"));
    message->hide();
    layout->addWidget(paid);
    layout->addWidget(reused);
    layout->addWidget(message);
    sheet->setContent(content);
    sheet->addCancel();
    go = sheet->addButton(QObject::tr("Run fork"), ButtonRole::Primary);
    go->setObjectName(QStringLiteral("fork-run"));
    go->setEnabled(false);
    QObject::connect(go, &Button::clicked, sheet, [this] { start(); });
    sheet->setIsChanged([this] { return form && !starting && form->isChanged(); });
}

void ForkEditor::Parts::load()
{
    runTask(sheet, session->forkOptions(run, step, cancel.token()), [this](const ForkOptions &found) {
        busy->setBusy(false);
        show(found);
        runTask(sheet, session->trace(run, cancel.token()), [this](const Trace &trace) { countReused(trace); }, [](const Error &) {});
    }, [this](const Error &error) {
        busy->setBusy(false);
        message->setMessage(Severity::Error, error.message);
        message->show();
    });
}

void ForkEditor::Parts::show(const ForkOptions &found)
{
    options = found;
    if (!options.forkable) {
        message->setMessage(Severity::Warning, options.whyNot);
        message->show();
        return;
    }
    form = new ForkForm(session, sheet->theme(), options);
    delete layout->takeAt(1); // the stretch
    layout->insertWidget(1, form, 1);
    form->show();
    QObject::connect(form, &ForkForm::edited, sheet, [this] { refresh(); });
    go->setEnabled(true);
    refresh();
    sheet->arrange();
    if (QWidget *first = sheet->firstFocus())
        first->setFocus(Qt::PopupFocusReason);
}

void ForkEditor::Parts::countReused(const Trace &trace)
{
    int steps = 0;
    Usage usage;
    const QString below = step + QLatin1Char('.');
    for (const Step &of : trace.steps()) {
        const bool effect = of.kind == StepKind::Model || of.kind == StepKind::Tool || of.kind == StepKind::Human;
        if (!effect || !stepstyle::isOver(of.status) || of.path == step || of.path.startsWith(below) || !stepPathLess(of.path, step))
            continue;
        ++steps;
        if (of.kind == StepKind::Model)
            usage += of.usage();
    }
    if (steps == 0)
        reused->setText(QObject::tr("Nothing stands before this step: the fork begins here."));
    else
        reused->setText(QObject::tr("Reused from the recording, free: %1 before it%2. Run %3 itself is not changed.")
                            .arg(stepstyle::stepCount(steps),
                                 usage.totalTokens() > 0 ? QObject::tr(" (%1 tokens, %2)").arg(format::number(usage.totalTokens()), format::cost(usage)) : QString())
                            .arg(run.value));
}

void ForkEditor::Parts::refresh()
{
    const auto changes = form->changes();
    const auto overrides = form->overrides();
    const Error problem = !changes ? changes.error() : !overrides ? overrides.error() : Error();
    const bool bad = !changes || !overrides;
    go->setEnabled(!bad && !starting);
    paid->setVisible(!bad);
    if (bad) {
        message->setMessage(Severity::Error, problem.message);
        message->show();
        return;
    }
    message->hide();
    const bool nothing = changes->isEmpty() && overrides->inputs.isEmpty();
    go->setText(nothing ? QObject::tr("Run again from here") : QObject::tr("Run fork"));
    if (nothing)
        paid->setText(QObject::tr("Nothing is changed yet: the step is run again, at its price, and after it what then asks for something else."));
    else if (changes->replacesOutcome())
        paid->setText(QObject::tr("Step %1 itself costs nothing: what you wrote stands. Calls after it that ask for something else are made, at their price.").arg(step));
    else
        paid->setText(QObject::tr("From step %1 on, calls that ask for something else are made, at their price: %2.")
                          .arg(step, changes->isEmpty() ? QObject::tr("other inputs") : changes->summary()));
}

void ForkEditor::Parts::start()
{
    if (starting || !form)
        return;
    auto changes = form->changes();
    auto overrides = form->overrides();
    if (!changes || !overrides)
        return refresh();
    ForkRequest request;
    request.run = run;
    request.step = step;
    request.changes = *changes;
    request.overrides = *overrides;
    request.again = changes->isEmpty() && overrides->inputs.isEmpty();
    request.attended = true;
    starting = true;
    go->setEnabled(false);
    busy->setBusy(true);
    runTask(sheet, session->fork(std::move(request)), [this](RunId fork) {
        ForkEditor *of = sheet;
        Q_EMIT of->statusMessage(QObject::tr("Run %1 goes on from run %2 at step %3.").arg(fork.value).arg(run.value).arg(step));
        Q_EMIT of->openRequested(Location::ofRun(fork));
        of->dismiss();
    }, [this](const Error &error) {
        starting = false;
        busy->setBusy(false);
        go->setEnabled(true);
        message->setMessage(Severity::Error, error.message);
        message->show();
    });
}

} // namespace lathe
