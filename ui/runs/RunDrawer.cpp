// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunDrawer.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/AnswerPanel.h"
#include "ui/runs/QuestionList.h"
#include "ui/runs/RatingBar.h"
#include "ui/runs/RunConversation.h"
#include "ui/runs/RunInputBox.h"
#include "ui/runs/StepStyle.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/StatusDot.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QVBoxLayout>

namespace lathe {

namespace {
// What a team's Input node asks for besides the input itself.
std::vector<PromptVariable> inputFields(const QJsonObject &team)
{
    std::vector<PromptVariable> fields;
    const QJsonObject nodes = team.value(QLatin1String("nodes")).toObject();
    for (const QJsonValue &node : nodes) {
        if (node[QLatin1String("kind")].toString() != QLatin1String("input"))
            continue;
        const QJsonArray list = node[QLatin1String("settings")][QLatin1String("fields")].toArray();
        for (const QJsonValue &item : list) {
            PromptVariable field;
            field.name = item[QLatin1String("name")].toString();
            field.description = item[QLatin1String("about")].toString();
            field.defaultValue = item[QLatin1String("sample")].toVariant().toString();
            if (!field.name.isEmpty() && field.name != QLatin1String("input"))
                fields.push_back(std::move(field));
        }
    }
    return fields;
}

constexpr int recentShown = 8;

QString exampleText(const QJsonValue &example)
{
    return example.isString() ? example.toString() : example.toObject().value(QLatin1String("text")).toString();
}
}

RunDrawer::RunDrawer(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme),
      m_reference(new Label(theme, QString(), Label::Style::Caption, this)), m_input(new RunInputBox(theme, this)),
      m_busy(new BusyBar(theme, this)), m_totals(new QWidget(this)), m_dot(new StatusDot(theme, Status::None, m_totals)),
      m_totalsText(new ElidedLabel(theme, QString(), Qt::ElideRight, m_totals)),
      m_traceLink(new LinkLabel(theme, tr("Open trace"), m_totals)),
      m_startError(new InlineMessage(theme, Severity::Error, QString(), this)),
      m_conversation(new RunConversation(theme, this)), m_questions(new QuestionList(session, theme, m_conversation)),
      m_answer(new AnswerPanel(session, theme, m_conversation)),
      m_empty(new EmptyState(theme, QStringLiteral("run"), QString(), this))
{
    setObjectName(QStringLiteral("run-drawer"));
    setMinimumWidth(320);
    m_halves = new QBoxLayout(QBoxLayout::TopToBottom, this);
    m_halves->setContentsMargins(0, 0, 0, 0);
    m_halves->setSpacing(0);
    m_giving = new QWidget(this);
    m_halves->addWidget(m_giving);
    auto *layout = new QVBoxLayout(m_giving);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *top = new QHBoxLayout;
    top->setContentsMargins(metrics::Margin, metrics::Margin, metrics::Margin, 0);
    top->setSpacing(metrics::Gap);
    top->addWidget(new Label(theme, tr("Run"), Label::Style::Strong, this));
    top->addWidget(m_reference, 1);
    layout->addLayout(top);
    layout->addWidget(m_input);
    layout->addWidget(m_busy);
    auto *error = new QVBoxLayout;
    error->setContentsMargins(metrics::Margin, metrics::Gap, metrics::Margin, 0);
    error->addWidget(m_startError);
    layout->addLayout(error);
    auto *totals = new QHBoxLayout(m_totals);
    totals->setContentsMargins(metrics::Margin, metrics::Gap, metrics::Margin, 0);
    totals->setSpacing(metrics::Gap);
    totals->addWidget(m_dot);
    totals->addWidget(m_totalsText, 1);
    totals->addWidget(m_traceLink);
    layout->addWidget(m_totals);
    layout->addStretch();
    m_halves->addWidget(m_conversation, 1);
    m_halves->addWidget(m_empty, 1);
    m_conversation->addFooter(m_questions);
    m_conversation->addFooter(m_answer);

    m_totalsText->setObjectName(QStringLiteral("run-totals"));
    m_totalsText->setColor(ColorToken::Text2);
    m_totalsText->setTabular(true);
    m_traceLink->setObjectName(QStringLiteral("totals-trace"));
    m_startError->setObjectName(QStringLiteral("start-error"));
    m_startError->setDismissable(true);
    m_empty->setObjectName(QStringLiteral("drawer-empty"));
    m_conversation->setSource([this] { return trace(); });

    const auto openTrace = [this] {
        if (m_run.isValid())
            Q_EMIT openRequested(Location::ofRun(m_run));
    };
    const auto openConnections = [this] { Q_EMIT openRequested(Location::page(Location::Kind::Connections)); };
    connect(m_input, &RunInputBox::runRequested, this, &RunDrawer::run);
    connect(m_input, &RunInputBox::stopRequested, this, &RunDrawer::stop);
    m_input->setMenuSource([this](QMenu *menu) { fillMenu(menu); });
    connect(m_traceLink, &LinkLabel::clicked, this, openTrace);
    connect(m_answer, &AnswerPanel::openTrace, this, openTrace);
    connect(m_answer, &AnswerPanel::runAgain, this, &RunDrawer::run);
    connect(m_answer, &AnswerPanel::openConnections, this, openConnections);
    connect(m_answer, &AnswerPanel::statusMessage, this, &RunDrawer::statusMessage);
    connect(m_answer->rating(), &RatingBar::errorRaised, this, &RunDrawer::errorRaised);
    connect(m_startError, &InlineMessage::actionTriggered, this, openConnections);
    connect(m_conversation, &RunConversation::openStep, this,
            [this](const QString &step) { Q_EMIT openRequested(Location::ofRun(m_run, step)); });
    m_questions->setTabAnchor(m_traceLink);
    connect(m_questions, &QuestionList::asked, this, [this] {
        m_conversation->pin(m_questions);
    });
    connect(m_questions, &QuestionList::changed, this, [this] {
        if (m_questions->count() == 0)
            m_conversation->pin(nullptr);
    });
    connect(m_questions, &QuestionList::left, this, [this] { // until the next one asks, or the run is over
        m_conversation->setFocus(Qt::OtherFocusReason);
        m_answered = true;
    });
    connect(m_empty, &EmptyState::linkTriggered, this, [this] {
        const QJsonArray examples =
            m_session->project().setting(QStringLiteral("examples")).toObject().value(m_agentName).toArray();
        if (examples.isEmpty())
            return;
        useExample(examples.first());
        run();
    });
    connect(session, &Session::runEvents, this, [this](RunId run, const std::vector<RunEvent> &events) {
        if (run == m_run && m_run.isValid())
            m_conversation->note(events);
    });
    connect(session, &Session::runEnded, this, &RunDrawer::ended);
    m_tick.setInterval(100);
    connect(&m_tick, &QTimer::timeout, this, &RunDrawer::showTotals);
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(150);
    connect(&m_refresh, &QTimer::timeout, this, &RunDrawer::refreshAgent);
    auto *artifacts = &session->project().artifacts();
    const auto later = [this] { m_refresh.start(); };
    connect(artifacts, &ArtifactRepository::draftChanged, this, later);
    connect(artifacts, &ArtifactRepository::changed, this, later);
    showState();
}

void RunDrawer::setWide(bool wide)
{
    constexpr int givingWidth = 440;
    m_halves->setDirection(wide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    m_giving->setFixedWidth(wide ? givingWidth : QWIDGETSIZE_MAX);
    if (!wide)
        m_giving->setMinimumWidth(0);
}

void RunDrawer::setAgent(ArtifactId agent)
{
    m_agent = agent;
    m_run = RunId();
    m_ended = Trace();
    m_starting = false;
    m_stopWhenStarted = false;
    m_conversation->clear();
    m_answer->clear();
    m_startError->hide();
    m_questions->setRun(RunId());
    refreshAgent();
    refreshRecent();
    showState();
}

void RunDrawer::refreshAgent()
{
    const auto info = m_session->project().artifacts().info(m_agent);
    const auto draft = m_session->draft(m_agent);
    if (!info || !draft)
        return;
    m_agentName = info->name;
    m_reference->setText(info->hasDraft || info->latestNumber == 0 ? QStringLiteral("%1@draft").arg(info->name)
                                                                  : QStringLiteral("%1@%2").arg(info->name).arg(info->latestNumber));
    auto &artifacts = m_session->project().artifacts();
    std::vector<PromptVariable> wanted;
    const bool team = info->kind == ArtifactKind::Team;
    if (team)
        wanted = inputFields(draft->body);
    const auto prompt = artifacts.resolve(ArtifactKind::Prompt, draft->body.value(QLatin1String("prompt")).toString());
    if (prompt && !team) {
        if (const auto spec = PromptSpec::fromJson(prompt->body)) {
            for (const PromptVariable &variable : spec->variables) {
                if (variable.required && variable.name != QLatin1String("input"))
                    wanted.push_back(variable);
            }
        }
    }
    m_input->setVariables(wanted);
    const QJsonObject model = draft->body.value(QLatin1String("model")).toObject();
    const QString connection = model.value(QLatin1String("connection")).toString();
    const auto reached = artifacts.resolve(ArtifactKind::Connection, connection);
    const bool offline = reached && reached->body.value(QLatin1String("api")).toString() == QLatin1String("offline");
    m_input->setNote(offline ? stepstyle::offlineLabel()
                             : connection.isEmpty() ? QString()
                                                    : format::oneLine(model.value(QLatin1String("model")).toString(), 60));
    const QJsonArray examples = m_session->project().setting(QStringLiteral("examples")).toObject().value(m_agentName).toArray();
    m_empty->setSentence(examples.isEmpty() ? tr("Type an input above and press F5: every step shows here as it happens.")
                                            : tr("Type an input above and press F5, or start with an example:"));
    m_empty->setLink(examples.isEmpty() ? QString()
                                        : QStringLiteral("\u201c%1\u201d").arg(format::oneLine(exampleText(examples.first()), 56)));
    m_empty->link()->setObjectName(QStringLiteral("example-link"));
    m_empty->link()->setToolTip(examples.isEmpty() ? QString() : exampleText(examples.first()).left(600).toHtmlEscaped());
}

void RunDrawer::refreshRecent()
{
    const RunQuery query(RunFilter::of(RunField::Agent, m_agentName), 30);
    const ArtifactId agent = m_agent;
    runTask(
        this, m_session->project().runs().query(query, CancelToken()),
        [this, agent](const std::vector<RunInfo> &runs) {
            if (agent != m_agent)
                return;
            m_recent.clear();
            for (const RunInfo &run : runs) {
                const QString text = run.input.trimmed();
                const bool known = std::any_of(m_recent.begin(), m_recent.end(), [&](const Recent &r) { return r.text == text; });
                if (!text.isEmpty() && !known && m_recent.size() < recentShown)
                    m_recent.push_back({run.id, text});
            }
        },
        [](const Error &) {}); // only a convenience
}

void RunDrawer::fillMenu(QMenu *menu)
{
    const auto label = [](const QString &text) { return format::oneLine(text, 70).replace(QLatin1Char('&'), QStringLiteral("&&")); };
    const QJsonArray examples = m_session->project().setting(QStringLiteral("examples")).toObject().value(m_agentName).toArray();
    if (!examples.isEmpty())
        menu->addSection(tr("Examples"));
    for (const QJsonValue &example : examples) {
        QAction *action = menu->addAction(label(exampleText(example)), this, [this, example] { useExample(example); });
        action->setToolTip(exampleText(example).left(600).toHtmlEscaped());
    }
    if (!m_recent.empty())
        menu->addSection(tr("Recent inputs"));
    for (const Recent &recent : m_recent) {
        menu->addAction(label(recent.text), this, [this, id = recent.run] {
            const auto run = m_session->project().runs().run(id);
            if (!run)
                return Q_EMIT errorRaised(run.error());
            useInput(run->inputJson.value(QLatin1String("text")).toString(),
                     run->inputJson.value(QLatin1String("variables")).toObject());
        });
    }
}

void RunDrawer::useExample(const QJsonValue &example)
{
    useInput(exampleText(example), example.toObject().value(QLatin1String("variables")).toObject());
}

void RunDrawer::useInput(const QString &text, const QJsonObject &variables)
{
    m_input->setText(text);
    if (!variables.isEmpty())
        m_input->setVariableValues(variables);
    m_input->focusText();
}

const Trace *RunDrawer::trace() const
{
    if (m_ended.run() == m_run && m_run.isValid())
        return &m_ended;
    return m_session->liveTrace(m_run);
}

void RunDrawer::run()
{
    if (m_starting || (m_run.isValid() && m_ended.run() != m_run) || !m_agent.isValid())
        return; // one at a time
    refreshAgent(); // the draft may have changed a moment ago
    RunRequest request;
    request.agent = m_agentName + QStringLiteral("@draft");
    if (const auto info = m_session->project().artifacts().info(m_agent))
        request.kind = info->kind;
    request.attended = true;
    request.input.text = m_input->text();
    request.input.variables = m_input->variables();
    if (m_input->isUntouched()) {
        m_input->setProblem(tr("Give it something to work on, or choose an example."));
        m_input->focusText();
        return;
    }
    m_input->setProblem(QString());
    m_starting = true;
    m_stopWhenStarted = false;
    m_run = RunId();
    m_ended = Trace();
    m_conversation->clear();
    m_answer->clear();
    m_startError->hide();
    m_questions->setRun(RunId());
    showState();
    runTask(
        this, m_session->startRun(std::move(request)), [this](RunId id) { begin(id); },
        [this](const Error &error) { failedToStart(error); });
}

void RunDrawer::begin(RunId run)
{
    m_starting = false;
    m_run = run;
    m_questions->setRun(run);
    m_conversation->showAll();
    if (std::exchange(m_stopWhenStarted, false))
        m_session->stop(run);
    const auto running = m_session->running();
    if (std::find(running.begin(), running.end(), run) == running.end())
        ended(run); // it was over before we knew its number
    else
        showState();
}

void RunDrawer::failedToStart(const Error &error)
{
    m_starting = false;
    m_startError->setMessage(Severity::Error, error.message);
    m_startError->setAction(error.kind == ErrorKind::Auth ? tr("Connections") : QString());
    m_startError->show();
    showState();
}

void RunDrawer::stop()
{
    if (m_starting)
        m_stopWhenStarted = true;
    else if (m_run.isValid())
        m_session->stop(m_run);
}

void RunDrawer::ended(RunId run)
{
    if (run != m_run || !m_run.isValid())
        return;
    if (const Trace *live = m_session->liveTrace(run))
        return showEnd(*live);
    // So many runs have ended since that the session keeps it no longer.
    runTask(
        this, m_session->trace(run, CancelToken()),
        [this, run](Trace trace) {
            if (run == m_run)
                showEnd(std::move(trace));
        },
        [this](const Error &error) { failedToStart(error); });
}

void RunDrawer::showEnd(Trace trace)
{
    const RunId run = m_run;
    m_ended = std::move(trace);
    m_conversation->finish();
    m_questions->setRun(RunId());
    m_answer->show(run, m_ended.status(), m_ended.output(), m_ended.error());
    showState();
    refreshRecent();
    if (std::exchange(m_answered, false) && m_conversation->hasFocus())
        m_input->focusText();
}

void RunDrawer::showState()
{
    const bool running = m_starting || (m_run.isValid() && m_ended.run() != m_run);
    const bool any = running || m_run.isValid();
    m_input->setRunning(running);
    m_busy->setBusy(running);
    m_totals->setVisible(any);
    m_conversation->setVisible(any);
    m_empty->setVisible(!any);
    if (running)
        m_tick.start();
    else
        m_tick.stop();
    showTotals();
}

void RunDrawer::showTotals()
{
    const Trace *of = m_run.isValid() ? trace() : nullptr;
    m_traceLink->setVisible(m_run.isValid() && m_ended.run() != m_run); // then the answer has one
    if (!of) {
        m_dot->setStatus(m_starting ? Status::Queued : Status::None);
        m_totalsText->setText(m_starting ? tr("Starting") : QString());
        return;
    }
    const bool over = stepstyle::isOver(of->status());
    const RunStatus status = m_questions->count() > 0 ? RunStatus::Waiting : of->status();
    m_dot->setStatus(stepstyle::status(status));
    QStringList parts{tr("Run %1").arg(m_run.value), format::statusText(status)};
    parts.append(format::duration((over ? of->endUs() : m_session->clock().nowUs()) - of->startUs()));
    const Usage usage = of->usage();
    if (usage.totalTokens() > 0) {
        parts.append(tr("%1 tok").arg(format::number(usage.totalTokens())));
        parts.append(format::cost(usage));
    }
    m_totalsText->setText(parts.join(QStringLiteral("  \u00b7  ")));
}

void RunDrawer::keyPressEvent(QKeyEvent *event)
{
    // In the window the shell's shortcuts come first; these serve the drawer on its own.
    if (event->key() == Qt::Key_F5 && event->modifiers() == Qt::NoModifier)
        run();
    else if (event->key() == Qt::Key_F5 && event->modifiers() == Qt::ShiftModifier)
        stop();
    else
        QWidget::keyPressEvent(event);
}

} // namespace lathe
