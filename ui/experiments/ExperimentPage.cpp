// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/ExperimentPage.h"

#include "core/base/Json.h"
#include "ui/experiments/DatasetRows.h"
#include "ui/experiments/ExperimentSetup.h"
#include "ui/experiments/ImportPanel.h"
#include "ui/experiments/JudgeView.h"
#include "ui/experiments/ResultView.h"
#include "ui/experiments/TrialDetail.h"
#include "ui/experiments/TrialMatrix.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/Renaming.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/HeaderedSplitter.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/NameField.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/Silence.h"
#include "ui/widgets/SplitterMemory.h"

#include <QDragEnterEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPainter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace lathe {

ExperimentPage::ExperimentPage(Session *session, Theme *theme, ArtifactId experiment, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_experiment(experiment)
{
    setObjectName(QStringLiteral("experiment-page"));
    setAcceptDrops(true);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    m_pages = new QStackedWidget(this);
    outer->addWidget(m_pages);
    auto *page = new QWidget(m_pages);
    auto *column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildHeader());
    m_columns = new HeaderedSplitter(theme, Qt::Horizontal, page);
    m_columns->setObjectName(QStringLiteral("experiment-columns"));
    m_setup = new ExperimentSetup(session, theme, m_columns);
    m_setup->setMinimumWidth(300);
    m_columns->addPanel(QStringLiteral("setup"), m_setup, 380, 0);
    m_columns->addPanel(QStringLiteral("right"), buildRight(), 820, 1);
    rememberSizes(m_columns, session, QStringLiteral("ui/experiment/columns"));
    column->addWidget(m_columns, 1);
    m_pages->addWidget(page);
    m_judge = new JudgeView(theme, m_pages);
    m_pages->addWidget(m_judge);
    buildCommands();

    connect(m_setup, &ExperimentSetup::edited, this, &ExperimentPage::edit);
    connect(m_setup, &ExperimentSetup::openRequested, this, &ExperimentPage::openRequested);
    connect(m_setup, &ExperimentSetup::undoRequested, this, &ExperimentPage::undo);
    connect(m_setup, &ExperimentSetup::judgeRequested, this, &ExperimentPage::judgeBlind);
    connect(m_setup, &ExperimentSetup::datasetImported, this, &ExperimentPage::useDataset);
    connectJudge();

    m_check.setSingleShot(true);
    m_check.setInterval(150);
    connect(&m_check, &QTimer::timeout, this, &ExperimentPage::check);
    m_slice.setInterval(0);
    connect(&m_slice, &QTimer::timeout, this, &ExperimentPage::fillSlice);
    m_ask.setSingleShot(true);
    connect(&m_ask, &QTimer::timeout, this, &ExperimentPage::askResult);

    auto *artifacts = &session->project().artifacts();
    connect(artifacts, &ArtifactRepository::draftChanged, this, [this](ArtifactId id) {
        if (id == m_experiment)
            reload();
    });
    connect(artifacts, &ArtifactRepository::changed, this, [this](ArtifactId id) {
        m_setup->fillChoices();
        if (id == m_experiment)
            reload();
    });
    connect(artifacts, &ArtifactRepository::added, this, [this] { m_setup->fillChoices(); });
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    Experiments *experiments = &session->experiments();
    connect(experiments, &Experiments::changed, this, [this](ArtifactId id, const std::vector<CellId> &cells) {
        if (id == m_experiment)
            showCells(cells);
    });
    connect(experiments, &Experiments::reloaded, this, [this](ArtifactId id) {
        if (id != m_experiment)
            return;
        showMatrix();
        showState();
        m_check.start();
        m_ask.start(150);
    });
    connect(experiments, &Experiments::ended, this, [this](ArtifactId id) {
        if (id != m_experiment)
            return;
        showState();
        m_matrix->model()->refresh();
        m_ask.start(0);
    });
    connect(experiments, &Experiments::verdictsChanged, this, [this](ArtifactId id) {
        if (id == m_experiment && m_pages->currentIndex() == 0)
            m_ask.start(200);
    });
    reload();
    showState();
    runTask(this, session->experiments().load(experiment, ExperimentOptions()), [this] {
        m_loaded = true;
        showMatrix();
        showState();
        check();
        m_ask.start(0);
    }, [this](const Error &error) {
        m_message->setMessage(Severity::Error, error.message);
        m_message->show();
        check();
    });
    check();
    setFocusProxy(m_matrix);
}

QWidget *ExperimentPage::buildHeader()
{
    auto *header = new QWidget(this);
    auto *column = new QVBoxLayout(header);
    column->setContentsMargins(metrics::GapLarge, metrics::Margin, metrics::GapLarge, metrics::Gap);
    column->setSpacing(6);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    m_question = new QLineEdit(header);
    m_question->setObjectName(QStringLiteral("experiment-question"));
    m_question->setAccessibleName(tr("Question of the experiment"));
    m_question->setPlaceholderText(tr("What do you want to know? One sentence, such as: does the shorter prompt sort as well?"));
    m_question->setFont(m_theme->titleFont());
    m_question->setFixedHeight(36);
    m_question->setMaxLength(400);
    connect(m_question, &QLineEdit::textEdited, this, [this](const QString &text) { edit(QStringLiteral("/question"), text, tr("Change question")); });
    line->addWidget(m_question, 1);
    m_judgeButton = new Button(tr("Judge blind"), ButtonRole::Secondary, header);
    m_judgeButton->setObjectName(QStringLiteral("experiment-judge"));
    m_judgeButton->setIcon(m_theme->icon(QStringLiteral("eye")));
    connect(m_judgeButton, &QAbstractButton::clicked, this, [this] { judgeBlind(); });
    line->addWidget(m_judgeButton);
    m_stop = new Button(tr("Stop"), ButtonRole::Danger, header);
    m_stop->setObjectName(QStringLiteral("experiment-stop"));
    m_stop->setIcon(m_theme->icon(QStringLiteral("stop"), ColorToken::Error));
    m_stop->setToolTip(tr("Stop; what is done stays, and Run goes on from there (Shift+F5)"));
    connect(m_stop, &QAbstractButton::clicked, this, &ExperimentPage::stop);
    line->addWidget(m_stop);
    m_run = new Button(tr("Run"), ButtonRole::Primary, header);
    m_run->setObjectName(QStringLiteral("experiment-run"));
    m_run->setIcon(m_theme->icon(QStringLiteral("run"), ColorToken::OnAccent));
    connect(m_run, &QAbstractButton::clicked, this, &ExperimentPage::run);
    line->addWidget(m_run);
    column->addLayout(line);
    auto *second = new QHBoxLayout;
    second->setSpacing(metrics::Gap);
    m_name = new NameField(m_theme, tr("Name of the experiment"), header);
    m_name->line()->setObjectName(QStringLiteral("experiment-name"));
    m_name->line()->setFont(m_theme->smallFont());
    m_name->line()->setFixedHeight(24);
    m_name->setFixedWidth(200);
    renameBy(m_name, m_session, m_experiment);
    m_revision = new Label(m_theme, QString(), Label::Style::Caption, header);
    m_draft = new Chip(m_theme, tr("draft, autosaved"), ColorToken::Warning, header);
    m_draft->setToolTip(tr("Uncommitted edits. Ctrl+S makes a revision."));
    m_progress = new ElidedLabel(m_theme, QString(), Qt::ElideRight, header);
    m_progress->setObjectName(QStringLiteral("experiment-progress"));
    m_progress->setColor(ColorToken::Text2);
    m_progress->setTabular(true);
    m_progress->setAlignment(Qt::AlignRight);
    second->addWidget(m_name);
    second->addWidget(m_revision);
    second->addWidget(m_draft);
    second->addWidget(m_progress, 1);
    column->addLayout(second);
    m_message = new InlineMessage(m_theme, Severity::Warning, QString(), header);
    m_message->setObjectName(QStringLiteral("experiment-message"));
    m_message->setDismissable(true);
    m_message->hide();
    connect(m_message, &InlineMessage::dismissed, this, [this] {
        m_dismissed = m_message->text();
        m_message->hide();
    });
    column->addWidget(m_message);
    auto *box = new QWidget(this);
    auto *whole = new QVBoxLayout(box);
    whole->setContentsMargins(0, 0, 0, 0);
    whole->setSpacing(0);
    whole->addWidget(header);
    m_busy = new BusyBar(m_theme, box);
    whole->addWidget(m_busy);
    return box;
}

QWidget *ExperimentPage::buildRight()
{
    auto *rows = new HeaderedSplitter(m_theme, Qt::Vertical, this);
    rows->setObjectName(QStringLiteral("experiment-rows"));
    auto *answer = new QWidget(rows);
    auto *column = new QVBoxLayout(answer);
    column->setContentsMargins(0, 0, 0, metrics::GapSmall);
    column->setSpacing(0);
    m_result = new ResultView(m_theme, answer);
    column->addWidget(m_result, 1);
    auto *line = new QHBoxLayout;
    line->setContentsMargins(metrics::GapLarge, metrics::GapSmall, metrics::Margin, metrics::GapSmall);
    line->setSpacing(metrics::Gap);
    m_conclusion = new QLineEdit(answer);
    m_conclusion->setObjectName(QStringLiteral("experiment-conclusion"));
    m_conclusion->setAccessibleName(tr("Your conclusion"));
    m_conclusion->setPlaceholderText(tr("Your conclusion: what will you do?"));
    m_conclusion->setMaxLength(2000);
    connect(m_conclusion, &QLineEdit::textEdited, this, [this](const QString &text) { edit(QStringLiteral("/conclusion"), text, tr("Change conclusion")); });
    connect(m_conclusion, &QLineEdit::returnPressed, this, &ExperimentPage::conclude);
    m_conclude = new Button(tr("Keep in log"), ButtonRole::Secondary, answer);
    m_conclude->setObjectName(QStringLiteral("experiment-conclude"));
    m_conclude->setToolTip(tr("Keep question, setup, result and conclusion in the experiment log"));
    connect(m_conclude, &QAbstractButton::clicked, this, &ExperimentPage::conclude);
    line->addWidget(m_conclusion, 1);
    line->addWidget(m_conclude);
    column->addLayout(line);
    answer->setMinimumHeight(120);
    SectionHeader *answerHeader = rows->addTitledPanel(QStringLiteral("answer"), tr("Answer"), answer, 420, 4);
    answerHeader->addAction(m_result->copyButton());
    answerHeader->addAction(m_result->exportButton());
    m_matrix = new TrialMatrix(m_theme, rows);
    m_matrix->setMinimumHeight(80);
    rows->addTitledPanel(QStringLiteral("examples"), tr("Examples"), m_matrix, 210, 2);
    m_detail = new TrialDetail(m_theme, rows);
    m_detail->setMinimumHeight(80);
    rows->addTitledPanel(QStringLiteral("detail"), tr("Detail"), m_detail, 130, 1);
    rememberSizes(rows, m_session, QStringLiteral("ui/experiment/rows"));
    connect(m_matrix, &TrialMatrix::currentChanged, this, &ExperimentPage::showDetail);
    connect(m_matrix, &TrialMatrix::opened, this, [this](int position, int variant) {
        showDetail(position, variant);
        const auto trials = variant >= 0 && state() ? m_session->experiments().trials(m_experiment, CellId{variant, position}) : std::vector<TrialView>();
        if (!trials.empty() && trials.front().run.isValid())
            Q_EMIT openTrace(trials.front().run);
    });
    connect(m_detail, &TrialDetail::openTrace, this, &ExperimentPage::openTrace);
    connect(m_detail, &TrialDetail::makeExample, this, &ExperimentPage::makeExample);
    connect(m_result, &ResultView::stopRequested, this, &ExperimentPage::stop);
    connect(m_result, &ResultView::exportRequested, this, &ExperimentPage::askExport);
    connect(m_result, &ResultView::copied, this, [this] { Q_EMIT statusMessage(tr("The result is copied as Markdown.")); });
    return rows;
}

void ExperimentPage::buildCommands()
{
    addCommand(QStringLiteral("experiment-run"), tr("Run what is missing"), QKeySequence(), QStringLiteral("run"), [this] { run(); });
    addCommand(QStringLiteral("experiment-stop"), tr("Stop the experiment"), QKeySequence(), QStringLiteral("stop"), [this] { stop(); });
    m_judgeAction = addCommand(QStringLiteral("experiment-judge"), tr("Judge blind"), QKeySequence(Qt::CTRL | Qt::Key_J), QStringLiteral("eye"), [this] { judgeBlind(); });
    m_judgeButton->setToolTip(withShortcut(tr("Say which output is better without knowing whose it is"), m_judgeAction->shortcut()));
    addCommand(QStringLiteral("experiment-add-variant"), tr("Add a variant"), QKeySequence(), QStringLiteral("plus"), [this] { m_setup->addVariant(); });
    addCommand(QStringLiteral("experiment-add-check"), tr("Add a check"), QKeySequence(), QStringLiteral("check"), [this] { m_setup->addCheck(QStringLiteral("contains")); });
    addCommand(QStringLiteral("experiment-add-judge"), tr("Add a blind judge"), QKeySequence(), QStringLiteral("human"), [this] { m_setup->addJudge(QStringLiteral("human")); });
    addCommand(QStringLiteral("experiment-import"), tr("Import examples"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_I), QStringLiteral("import"), [this] { m_setup->chooseFile(); });
    addCommand(QStringLiteral("experiment-show-failed"), tr("Show examples that failed"), QKeySequence(), QStringLiteral("filter"), [this] { m_matrix->setShow(TrialMatrixModel::Show::Failed); });
    addCommand(QStringLiteral("experiment-show-differs"), tr("Show examples that differ"), QKeySequence(), QStringLiteral("filter"), [this] { m_matrix->setShow(TrialMatrixModel::Show::Differs); });
    addCommand(QStringLiteral("experiment-show-all"), tr("Show all examples"), QKeySequence(), QStringLiteral("filter"), [this] { m_matrix->setShow(TrialMatrixModel::Show::All); });
    addCommand(QStringLiteral("experiment-sort"), tr("Sort examples by difference"), QKeySequence(), QStringLiteral("diff"), [this] { m_matrix->sortByDifference(); });
    addCommand(QStringLiteral("experiment-copy"), tr("Copy the result as Markdown"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C), QStringLiteral("copy"), [this] {
        m_result->copyButton()->click();
    });
    addCommand(QStringLiteral("experiment-export"), tr("Export all trials as CSV"), QKeySequence(), QStringLiteral("export"), [this] { askExport(); });
    addCommand(QStringLiteral("experiment-conclude"), tr("Keep the result in the log"), QKeySequence(), QStringLiteral("history"), [this] { conclude(); });
    addCommand(QStringLiteral("experiment-question"), tr("Edit the question"), QKeySequence(), QStringLiteral("question"), [this] { m_question->setFocus(Qt::ShortcutFocusReason); });
    addCommand(QStringLiteral("experiment-log"), tr("Open the experiment log"), QKeySequence(), QStringLiteral("experiments"), [this] { Q_EMIT openRequested(Location::page(Location::Kind::Experiments)); });
    // One history for all: Ctrl+Z in a field is the draft's undo, not the field's own.
    for (QLineEdit *field : {m_question, m_conclusion})
        field->installEventFilter(this);
}

QAction *ExperimentPage::addCommand(const QString &id, const QString &text, const QKeySequence &key, const QString &icon, std::function<void()> run)
{
    auto *action = new QAction(m_theme->icon(icon), text, this);
    action->setObjectName(id);
    action->setShortcut(key);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
    addAction(action);
    m_commands.append(action);
    return action;
}

const ExperimentState *ExperimentPage::state() const
{
    return m_loaded ? m_session->experiments().state(m_experiment) : nullptr;
}

void ExperimentPage::edit(const QString &pointer, const QJsonValue &value, const QString &what)
{
    if (const auto done = m_session->edit(m_experiment, pointer, value, what); !done)
        return Q_EMIT errorRaised(done.error());
    reload();
}

void ExperimentPage::reload()
{
    const auto info = m_session->project().artifacts().info(m_experiment);
    const auto draft = m_session->draft(m_experiment);
    if (!info || !draft)
        return;
    const QJsonObject body = draft->body;
    const auto put = [](QLineEdit *field, const QString &text) {
        if (field->text() == text)
            return;
        field->setText(text);
        if (!field->hasFocus())
            field->setCursorPosition(0);
    };
    put(m_question, body.value(QStringLiteral("question")).toString());
    put(m_conclusion, body.value(QStringLiteral("conclusion")).toString());
    m_question->setToolTip(m_question->text());
    m_result->setConclusion(m_conclusion->text());
    m_name->setName(info->name);
    const bool writable = !m_session->project().isReadOnly();
    for (QLineEdit *field : {m_question, m_conclusion, m_name->line()})
        field->setReadOnly(!writable);
    m_setup->setEnabled(writable);
    m_revision->setText(info->latestNumber > 0 ? tr("revision %1").arg(info->latestNumber) : tr("not committed yet"));
    m_draft->setVisible(info->hasDraft);
    m_setup->load(body);
    m_check.start();
}

void ExperimentPage::check()
{
    m_check.stop();
    const auto draft = m_session->draft(m_experiment);
    if (!draft)
        return;
    std::vector<Problem> problems;
    if (const auto spec = ExperimentSpec::fromJson(draft->body)) {
        problems = validateExperiment(*spec);
    } else {
        Problem problem;
        problem.severity = Problem::Severity::Error;
        problem.message = spec.error().message;
        problems.push_back(problem);
    }
    bool errors = std::any_of(problems.begin(), problems.end(), [](const Problem &one) { return one.severity == Problem::Severity::Error; });
    const ExperimentState *now = state();
    if (!errors && now && now->problem) {
        Problem problem;
        problem.severity = Problem::Severity::Error;
        problem.pointer = now->examples == 0 && now->columns.isEmpty() ? QStringLiteral("/dataset") : QString();
        problem.message = now->problem->message;
        problems.push_back(problem);
        errors = true;
    }
    m_setup->setProblems(problems);
    if (now)
        m_setup->setVariants(now->variants);
    m_run->setProperty("blocked", errors);
    showState();
}

void ExperimentPage::run()
{
    if (m_starting || m_session->experiments().running(m_experiment))
        return;
    check();
    m_starting = true;
    m_dismissed.clear();
    m_busy->setBusy(true);
    showState();
    runTask(this, m_session->experiments().start(m_experiment, ExperimentOptions()), [this] {
        m_starting = false;
        m_loaded = true;
        if (m_matrix->model()->total() == 0)
            showMatrix();
        showState();
    }, [this](const Error &error) {
        m_starting = false;
        m_message->setMessage(Severity::Error, error.message);
        m_message->show();
        showState();
    });
}

void ExperimentPage::stop()
{
    m_session->experiments().stop(m_experiment);
}

void ExperimentPage::showState()
{
    const ExperimentState *now = state();
    const bool running = now ? now->running : m_session->experiments().running(m_experiment);
    m_stop->setVisible(running);
    m_run->setVisible(!running);
    m_run->setEnabled(!m_starting && !m_session->project().isReadOnly());
    const ExperimentProgress progress = now ? now->progress : ExperimentProgress();
    const int missing = std::max(0, progress.total - progress.done);
    const bool blocked = m_run->property("blocked").toBool();
    m_run->setToolTip(blocked ? tr("Something is missing yet: see the setup")
                              : withShortcut(missing > 0 && progress.done > 0 ? tr("Run the %1 that are missing").arg(format::count(missing, tr("trial"), tr("trials"))) : tr("Run"), QKeySequence(Qt::Key_F5)));
    m_run->setText(progress.done > 0 && missing > 0 ? tr("Run %1 more").arg(format::number(missing)) : tr("Run"));
    QStringList parts;
    if (progress.total > 0)
        parts.append(tr("%1 of %2").arg(format::number(progress.done), format::count(progress.total, tr("trial"), tr("trials"))));
    if (progress.running > 0)
        parts.append(tr("%1 running").arg(progress.running));
    if (progress.failed > 0)
        parts.append(tr("%1 failed").arg(format::number(progress.failed)));
    if (progress.shared > 0)
        parts.append(tr("%1 shared").arg(format::number(progress.shared)));
    if (progress.judgeTotal > 0)
        parts.append(tr("judge %1 of %2").arg(format::number(progress.judgeDone), format::number(progress.judgeTotal)));
    if (progress.costUsd > 0)
        parts.append((progress.costKnown ? QString() : tr("at least ")) + QStringLiteral("$%1").arg(progress.costUsd, 0, 'f', progress.costUsd < 1 ? 4 : 2));
    if (running && progress.secondsLeft >= 0)
        parts.append(progress.secondsLeft < 1.5 ? tr("nearly done") : tr("about %1 left").arg(format::duration(qint64(progress.secondsLeft) * 1'000'000)));
    m_progress->setText(parts.join(QStringLiteral("  \u00b7  ")));
    if (running && progress.total > 0)
        m_busy->setProgress(double(progress.done + progress.judgeDone) / (progress.total + progress.judgeTotal));
    else
        m_busy->setBusy(m_starting || m_asking);
    bool person = false;
    if (now) {
        for (const JudgeSpec &judge : now->spec.judges)
            person = person || judge.kind != QLatin1String("model");
        if (!now->notice.isEmpty() && now->notice != m_dismissed) {
            m_message->setMessage(now->stoppedEarly ? Severity::Success : Severity::Warning, now->notice);
            m_message->show();
        } else if (m_message->isVisibleTo(this) && now->notice.isEmpty() && m_message->severity() != Severity::Error) {
            m_message->hide();
        }
    }
    m_judgeButton->setVisible(person);
    m_judgeButton->setEnabled(progress.done > 0);
    m_judgeAction->setEnabled(person && progress.done > 0);
    m_result->setRunning(running, now && now->mayStop);
    m_conclude->setEnabled(m_result->hasResult() && !running);
    for (QAction *action : std::as_const(m_commands)) {
        if (action->objectName() == QLatin1String("experiment-run"))
            action->setEnabled(m_run->isVisibleTo(this) && m_run->isEnabled());
        else if (action->objectName() == QLatin1String("experiment-stop"))
            action->setEnabled(running);
        else if (action->objectName() == QLatin1String("experiment-conclude"))
            action->setEnabled(m_conclude->isEnabled());
    }
}

// --- The answer

void ExperimentPage::askResult()
{
    const ExperimentState *now = state();
    if (!now)
        return m_result->setEmpty(tr("Say what to compare, choose examples and a yardstick, then press F5."));
    if (now->progress.done == 0)
        return m_result->setEmpty(now->running ? tr("The first trials are under way.") : tr("Press F5: every variant answers every example, and the answer builds up here."));
    if (m_asking) {
        m_askAgain = true;
        return;
    }
    m_asking = true;
    const auto done = [this] {
        m_asking = false;
        showState();
        if (std::exchange(m_askAgain, false))
            m_ask.start(100);
    };
    runTask(this, m_session->experiments().result(m_experiment), [this, done](const ComparisonResult &result) {
        m_result->setResult(m_question->text(), result);
        done();
    }, [this, done](const Error &error) {
        m_result->setEmpty(error.message);
        done();
    });
}

void ExperimentPage::conclude()
{
    if (!m_conclude->isEnabled())
        return;
    m_conclude->setEnabled(false);
    runTask(this, m_session->experiments().conclude(m_experiment, m_conclusion->text().trimmed()), [this](LogEntryId) {
        showState();
        Q_EMIT statusMessage(tr("Kept in the experiment log, with its setup, result and conclusion."));
    }, [this](const Error &error) {
        showState();
        Q_EMIT errorRaised(error);
    });
}

// --- Window

void ExperimentPage::dragEnterEvent(QDragEnterEvent *event)
{
    const auto urls = event->mimeData()->urls();
    if (!m_session->project().isReadOnly() && urls.size() == 1 && looksLikeRows(urls.first().toLocalFile()))
        event->acceptProposedAction();
}

void ExperimentPage::dropEvent(QDropEvent *event)
{
    const auto urls = event->mimeData()->urls();
    if (urls.isEmpty())
        return;
    event->acceptProposedAction();
    importFile(urls.first().toLocalFile());
}

bool ExperimentPage::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::ShortcutOverride && event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool redo = key->matches(QKeySequence::Redo);
    if (!redo && !key->matches(QKeySequence::Undo))
        return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::ShortcutOverride) {
        event->ignore(); // the window's shortcut wins, when it has one
        return true;
    }
    undo(redo);
    return true;
}

void ExperimentPage::undo(bool redo)
{
    if (const auto done = redo ? m_session->redo(m_experiment) : m_session->undo(m_experiment); !done)
        Q_EMIT errorRaised(done.error());
    reload();
}

void ExperimentPage::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().surface);
}

ExperimentPage::~ExperimentPage()
{
    silence(this);
    m_session->experiments().unload(m_experiment);
}

} // namespace lathe
