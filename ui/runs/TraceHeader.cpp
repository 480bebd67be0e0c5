// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/TraceHeader.h"

#include "core/session/RunTests.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/StepTreeModel.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/RatingBar.h"
#include "ui/runs/RevisionRow.h"
#include "ui/runs/StepStyle.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/StatusDot.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

TraceHeader::TraceHeader(Session *session, Theme *theme, RunId run, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_run(run), m_dot(new StatusDot(theme, Status::None, this)),
      m_agent(new LinkLabel(theme, QString(), this)), m_status(new Label(theme, QString(), Label::Style::Strong, this)),
      m_numbers(new ElidedLabel(theme, QString(), Qt::ElideRight, this)), m_links(new RevisionRow(theme, this)),
      m_source(new Chip(theme, QString(), ColorToken::Text3, this)),
      m_forkOf(new LinkLabel(theme, QString(), this)),
      m_pin(new IconButton(theme, QStringLiteral("pin"), tr("Pin as a test: `lathe-cli test` replays it"), this)),
      m_fork(new Button(tr("Fork"), ButtonRole::Secondary, this)), m_compare(new Button(tr("Compare"), ButtonRole::Secondary, this)),
      m_replay(new Button(tr("Replay"), ButtonRole::Secondary, this)),
      m_resume(new Button(tr("Resume"), ButtonRole::Primary, this)), m_stop(new Button(tr("Stop"), ButtonRole::Danger, this)),
      m_message(new InlineMessage(theme, Severity::Info, QString(), this)), m_rating(new RatingBar(session, theme, this))
{
    setObjectName(QStringLiteral("trace-header"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::GapLarge, metrics::Margin, metrics::GapLarge, metrics::Gap);
    layout->setSpacing(6);
    auto *top = new QHBoxLayout;
    top->setSpacing(metrics::Gap);
    auto *title = new Label(theme, tr("Run %1").arg(run.value), Label::Style::Title, this);
    top->addWidget(title);
    top->addWidget(m_agent);
    top->addSpacing(metrics::Gap);
    top->addWidget(m_dot);
    top->addWidget(m_status);
    top->addWidget(m_source);
    top->addWidget(m_forkOf);
    top->addStretch(1);
    top->addWidget(m_pin);
    top->addWidget(m_stop);
    top->addWidget(m_resume);
    top->addWidget(m_replay);
    top->addWidget(m_fork);
    top->addWidget(m_compare);
    auto *copy = new Button(tr("Copy"), ButtonRole::Secondary, this);
    top->addWidget(copy);
    auto *give = new IconButton(theme, QStringLiteral("export"), tr("Export the run"), this);
    top->addWidget(give);
    layout->addLayout(top);
    auto *second = new QHBoxLayout;
    second->setSpacing(metrics::GapLarge);
    second->addWidget(m_numbers, 1);
    second->addWidget(m_rating);
    layout->addLayout(second);
    layout->addWidget(m_links);
    layout->addWidget(m_message);

    m_agent->setObjectName(QStringLiteral("run-agent"));
    m_numbers->setObjectName(QStringLiteral("run-numbers"));
    m_numbers->setColor(ColorToken::Text2);
    m_numbers->setTabular(true);
    m_status->setObjectName(QStringLiteral("run-status"));
    m_rating->setFixedWidth(410);
    m_rating->setTarget(run, QString());
    m_replay->setObjectName(QStringLiteral("replay-button"));
    m_replay->setIcon(theme->icon(QStringLiteral("replay")));
    m_replay->setToolTip(tr("Run again from the recording: free, nothing is sent"));
    m_resume->setObjectName(QStringLiteral("resume-button"));
    m_resume->setIcon(theme->icon(QStringLiteral("resume"), ColorToken::OnAccent));
    m_resume->setToolTip(tr("Go on where the run stopped; nothing that is recorded is paid for again"));
    m_stop->setObjectName(QStringLiteral("stop-run-button"));
    m_stop->setIcon(theme->icon(QStringLiteral("stop"), ColorToken::Error));
    m_stop->setToolTip(withShortcut(tr("Stop the run"), QKeySequence(Qt::SHIFT | Qt::Key_F5)));
    copy->setObjectName(QStringLiteral("copy-trace-button"));
    copy->setToolTip(tr("Copy the whole trace"));
    m_message->setObjectName(QStringLiteral("trace-message"));
    m_message->setDismissable(true);
    m_message->hide();
    m_resume->hide();
    m_stop->hide();
    m_source->hide();
    m_source->setObjectName(QStringLiteral("run-source"));
    m_source->setIconName(QStringLiteral("import"));
    m_forkOf->hide();
    m_forkOf->setObjectName(QStringLiteral("fork-of"));
    m_forkOf->setQuiet(true);
    m_pin->setObjectName(QStringLiteral("pin-run"));
    m_pin->setCheckable(true);
    m_fork->setObjectName(QStringLiteral("fork-run"));
    m_fork->setIcon(theme->icon(QStringLiteral("fork")));
    m_fork->setToolTip(tr("Go on differently from the chosen step; this run stays as it is"));
    m_compare->setObjectName(QStringLiteral("compare-run"));
    m_compare->setIcon(theme->icon(QStringLiteral("diff")));
    m_compare->setToolTip(tr("Compare with another run, step by step"));
    auto *others = new QMenu(m_compare);
    others->setObjectName(QStringLiteral("compare-menu"));
    m_compare->setMenu(others);
    connect(others, &QMenu::aboutToShow, this, &TraceHeader::fillCompare);
    give->setObjectName(QStringLiteral("export-run"));
    connect(give, &IconButton::clicked, this, &TraceHeader::exportRequested);
    connect(m_fork, &Button::clicked, this, &TraceHeader::forkRequested);
    connect(m_pin, &IconButton::clicked, this, &TraceHeader::pin);
    auto *menu = new QMenu(copy);
    menu->setObjectName(QStringLiteral("copy-trace-menu"));
    menu->addAction(tr("As text"), this, [this] { Q_EMIT copyRequested(false); });
    menu->addAction(tr("As JSON (OpenTelemetry)"), this, [this] { Q_EMIT copyRequested(true); });
    copy->setMenu(menu);
    connect(m_replay, &Button::clicked, this, &TraceHeader::replayRequested);
    connect(m_resume, &Button::clicked, this, &TraceHeader::resumeRequested);
    connect(m_stop, &Button::clicked, this, &TraceHeader::stopRequested);
    connect(m_agent, &LinkLabel::clicked, this, [this] {
        if (m_info.artifact.isValid())
            Q_EMIT openRequested(Location::ofArtifact(m_info.artifact, m_info.revisionNumber));
    });
    connect(m_message, &InlineMessage::actionTriggered, this,
            [this] { Q_EMIT openRequested(Location::page(Location::Kind::Connections)); });
}

TraceHeader::~TraceHeader()
{
    m_cancel.cancel();
}

void TraceHeader::refresh(const StepTreeModel &model)
{
    const auto info = m_session->project().runs().run(m_run);
    if (info) {
        const bool fresh = m_info.revisions != info->revisions || !m_info.id.isValid();
        m_info = *info;
        m_agent->setText(QStringLiteral("%1@%2").arg(
            m_info.agentName, m_info.revisionNumber > 0 ? QString::number(m_info.revisionNumber) : QStringLiteral("draft")));
        m_agent->setToolTip(tr("Open the agent"));
        if (fresh)
            showRevisions(m_info);
        if (!m_info.source.isEmpty() || (m_info.revisions.isEmpty() && !m_info.artifact.isValid())) { // recorded elsewhere: there is no design to open
            m_agent->setText(m_info.agentName.isEmpty() ? tr("(no name)") : m_info.agentName.left(120));
            m_agent->setToolTip(QString());
            m_agent->setEnabled(false);
        }
        m_pin->setChecked(m_info.pinned);
        showOrigin();
    }
    RunStatus status = model.trace().run().isValid() ? model.status() : m_info.status;
    const auto questions = m_session->questions();
    if (status == RunStatus::Running
        && std::any_of(questions.begin(), questions.end(), [this](const PendingQuestion &of) { return of.run == m_run; }))
        status = RunStatus::Waiting;
    const bool over = stepstyle::isOver(status);
    m_dot->setStatus(stepstyle::status(status));
    m_status->setText(format::statusText(status));
    m_stop->setVisible(!over);
    const bool own = m_info.source.isEmpty(); // what is recorded elsewhere has no journal here
    m_resume->setVisible(own && (status == RunStatus::Interrupted || status == RunStatus::Cancelled));
    m_replay->setVisible(over && own);
    m_fork->setVisible(over && own);
    m_pin->setVisible(over && own);
    tick(model);
}

// Where it comes from: another program, or another run.
void TraceHeader::showOrigin()
{
    if (m_originShown)
        return;
    m_originShown = true;
    if (!m_info.source.isEmpty()) {
        const QString title = m_info.source == QLatin1String("otlp")        ? QStringLiteral("OpenTelemetry")
                              : m_info.source == QLatin1String("langfuse")  ? QStringLiteral("Langfuse")
                              : m_info.source == QLatin1String("langsmith") ? QStringLiteral("LangSmith")
                              : m_info.source == QLatin1String("openai")    ? tr("OpenAI chat")
                              : m_info.source == QLatin1String("remote")    ? tr("Watched from afar")
                                                                            : m_info.source.left(40);
        m_source->setText(title);
        m_source->setToolTip(tr("Recorded elsewhere as %1").arg(m_info.sourceId.left(100).toHtmlEscaped()));
        m_source->show();
    }
    const auto fork = m_session->project().runs().forkOf(m_run);
    if (fork && fork->has_value()) {
        const RunFork of = **fork;
        m_forkOf->setText(tr("fork of run %1 at step %2").arg(of.parent.value).arg(of.step.left(40)));
        m_forkOf->setToolTip(tr("Open the run it parted from"));
        connect(m_forkOf, &LinkLabel::clicked, this, [this, of] { Q_EMIT openRequested(Location::ofRun(of.parent, of.step)); });
        m_forkOf->show();
    }
}

void TraceHeader::pin(bool on)
{
    const auto failed = [this, on](const Error &error) {
        m_pin->setChecked(!on);
        showError(error);
    };
    if (on) {
        RunExpectation expected;
        if (const auto before = m_session->expectation(m_run))
            expected = *before;
        runTask(
            this, m_session->pin(m_run, expected),
            [this] { Q_EMIT statusMessage(tr("Run %1 is a test now: `lathe-cli test` replays it").arg(m_run.value)); }, failed);
    } else {
        runTask(
            this, m_session->unpin(m_run), [this] { Q_EMIT statusMessage(tr("Run %1 is no longer a test").arg(m_run.value)); }, failed);
    }
}

void TraceHeader::fillCompare()
{
    QMenu *menu = m_compare->menu();
    menu->clear();
    const auto with = [this](RunId other) { return [this, other] { Q_EMIT openRequested(Location::ofComparison({other, m_run})); }; };
    if (const auto fork = m_session->project().runs().forkOf(m_run); fork && fork->has_value())
        menu->addAction(tr("With the run it parted from"), this, with((*fork)->parent));
    if (const auto forks = m_session->project().runs().forksFrom(m_run)) {
        for (size_t i = forks->size() > 5 ? forks->size() - 5 : 0; i < forks->size(); ++i)
            menu->addAction(tr("With its fork at step %1 (run %2)").arg((*forks)[i].step.left(40)).arg((*forks)[i].run.value), this,
                            with((*forks)[i].run));
    }
    menu->addSeparator();
    const QString filter = m_info.agentName.isEmpty() ? QString() : QStringLiteral("agent:\"%1\"").arg(m_info.agentName);
    menu->addAction(tr("Choose in the run log ..."), this, [this, filter] { Q_EMIT openRequested(Location::ofRuns(filter)); });
    // The other runs of the agent come when they are read; the menu grows.
    RunQuery query;
    if (!m_info.agentName.isEmpty())
        query.filter = RunFilter::of(RunField::Agent, m_info.agentName);
    query.limit = 9;
    m_cancel.cancel();
    m_cancel = CancelSource();
    runTask(
        this, m_session->project().runs().query(query, m_cancel.token()),
        [this, menu, with](const std::vector<RunInfo> &runs) {
            QAction *before = menu->actions().isEmpty() ? nullptr : menu->actions().back();
            for (const RunInfo &info : runs) {
                if (info.id == m_run)
                    continue;
                auto *action = new QAction(tr("Run %1, %2: %3")
                                               .arg(QString::number(info.id.value), format::ago(info.startUs, m_session->clock().nowUs()),
                                                    format::oneLine(info.input, 40).replace(QLatin1Char('&'), QStringLiteral("&&"))),
                                           menu);
                connect(action, &QAction::triggered, this, with(info.id));
                menu->insertAction(before, action);
            }
            if (before)
                menu->insertSeparator(before);
        },
        [](const Error &) {});
}

void TraceHeader::tick(const StepTreeModel &model)
{
    const Trace &trace = model.trace();
    const bool over = stepstyle::isOver(model.trace().run().isValid() ? model.status() : m_info.status);
    const qint64 startUs = m_info.startUs > 0 ? m_info.startUs : trace.startUs();
    const qint64 endUs = m_pastUs > 0 ? m_pastUs : over ? std::max(trace.endUs(), m_info.endUs) : m_session->clock().nowUs();
    QStringList parts;
    if (startUs > 0)
        parts.append(format::dateTime(startUs));
    if (endUs > startUs + 1) // time travel to the begin is a microsecond after it
        parts.append(format::duration(endUs - startUs));
    const Usage usage = model.isOutline() ? m_info.usage : trace.usage();
    if (usage.totalTokens() > 0) {
        parts.append(tr("%1 tok").arg(format::number(usage.totalTokens())));
        parts.append(format::cost(usage));
    }
    if (const int steps = std::max(int(model.rows().size()), model.isOutline() ? m_info.stepCount : 0); steps > 0)
        parts.append(stepstyle::stepCount(steps));
    if (!m_info.models.isEmpty())
        parts.append(m_info.models);
    m_numbers->setText(parts.join(QStringLiteral("  \u00b7  ")));
}

namespace {
constexpr size_t mostRevisions = 500; // a foreign run may say anything

struct UsedRevision {
    ArtifactKind kind;
    QString reference;
};

int rankOf(ArtifactKind kind)
{
    constexpr ArtifactKind order[] = {ArtifactKind::Agent, ArtifactKind::Team, ArtifactKind::Prompt, ArtifactKind::Tool};
    return int(std::find(std::begin(order), std::end(order), kind) - std::begin(order));
}

// All that a run used, also within the agents and teams of a team, and within agents and teams that stand as tools; each once. The outermost
// agent or team is the run's own, which has its link already.
void collectRevisions(const QJsonObject &revisions, std::vector<UsedRevision> &used, bool outermost, int depth = 0)
{
    if (depth > 16)
        return;
    const auto add = [&used](ArtifactKind kind, const QJsonValue &value) {
        const QString reference = value.toString();
        const auto known = std::find_if(used.begin(), used.end(), [&](const UsedRevision &one) { return one.kind == kind && one.reference == reference; });
        if (!reference.isEmpty() && known == used.end() && used.size() < mostRevisions)
            used.push_back({kind, reference});
    };
    // One, a list of them, or names to references or to what was used within.
    const auto addAll = [&](ArtifactKind kind, QLatin1String key) {
        const QJsonValue value = revisions.value(key);
        add(kind, value);
        const QJsonArray list = value.toArray();
        for (const QJsonValue &item : list)
            add(kind, item);
        const QJsonObject named = value.toObject();
        for (auto it = named.begin(); it != named.end(); ++it) {
            add(kind, it.value());
            // An agent that stands in a team itself is no artifact; what it used is.
            collectRevisions(it.value().toObject(), used, it.key().startsWith(QLatin1String("node:")), depth + 1);
        }
    };
    if (!outermost) {
        add(ArtifactKind::Agent, revisions.value(QLatin1String("agent")));
        add(ArtifactKind::Team, revisions.value(QLatin1String("team")));
    }
    addAll(ArtifactKind::Agent, QLatin1String("agents"));
    addAll(ArtifactKind::Team, QLatin1String("teams"));
    addAll(ArtifactKind::Prompt, QLatin1String("prompt"));
    addAll(ArtifactKind::Prompt, QLatin1String("partials"));
    addAll(ArtifactKind::Tool, QLatin1String("tools"));
    addAll(ArtifactKind::Connection, QLatin1String("connections"));
    const QJsonObject delegates = revisions.value(QLatin1String("delegates")).toObject();
    for (const QJsonValue &inner : delegates)
        collectRevisions(inner.toObject(), used, false, depth + 1);
}
}

void TraceHeader::showRevisions(const RunInfo &info)
{
    std::vector<UsedRevision> used;
    collectRevisions(info.revisions, used, true);
    std::stable_sort(used.begin(), used.end(), [](const UsedRevision &a, const UsedRevision &b) { return rankOf(a.kind) < rankOf(b.kind); });
    std::vector<RevisionRow::Entry> entries;
    for (const UsedRevision &one : used) {
        const auto ref = ArtifactRef::parse(one.reference);
        if (!ref)
            continue;
        // Recorded elsewhere: an artifact here of the same name is another one.
        const auto id = info.source.isEmpty() ? m_session->project().artifacts().find(one.kind, ref->name) : std::nullopt;
        RevisionRow::Entry entry{one.kind, one.reference, QString(), nullptr};
        entry.hint = id                       ? tr("Open %1 %2").arg(artifactKindName(one.kind), one.reference.left(120))
                     : info.source.isEmpty() ? tr("It is no longer in the project")
                                             : tr("Of the other project");
        if (id)
            entry.open = [this, to = Location::ofArtifact(*id, ref->number)] { Q_EMIT openRequested(to); };
        entries.push_back(std::move(entry));
    }
    m_links->setVisible(!entries.empty());
    m_links->setEntries(std::move(entries));
}

void TraceHeader::setReplaying(bool replaying)
{
    m_replay->setEnabled(!replaying);
    m_replay->setText(replaying ? tr("Replaying ...") : tr("Replay"));
}

void TraceHeader::showProof(const ReplayReport &report)
{
    m_message->setAction(QString());
    if (report.same)
        m_message->setMessage(Severity::Success, tr("The replay gave the same %1; nothing was sent.")
                                                        .arg(stepstyle::stepCount(int(report.trace.steps().size()))));
    else
        m_message->setMessage(Severity::Warning, tr("The replay differs. %1").arg(format::oneLine(report.firstDifference, 600)));
    m_message->show();
}

void TraceHeader::showError(const Error &error)
{
    m_message->setMessage(Severity::Error, format::oneLine(error.message, 1200));
    m_message->setAction(error.kind == ErrorKind::Auth ? tr("Connections") : QString());
    m_message->show();
}

void TraceHeader::showNotice(const QString &text)
{
    m_message->setAction(QString());
    m_message->setMessage(Severity::Info, text);
    m_message->show();
}

} // namespace lathe
