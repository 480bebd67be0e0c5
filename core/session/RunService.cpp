// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/RunService.h"

#include "core/base/Assert.h"
#include "core/session/RunLive.h"

#include <QCoreApplication>
#include <QPointer>

namespace lathe {

namespace {
constexpr int frameMs = 16;
constexpr size_t recentRuns = 50;

// The input as the run's row keeps it: with what was said before, so that a conversation replays and resumes too.
QJsonObject recordedInput(const RunInput &input)
{
    QJsonObject json = input.toJson();
    QJsonArray history;
    for (const Message &message : input.history)
        history.append(message.toJson());
    if (!history.isEmpty())
        json.insert(QStringLiteral("history"), history);
    return json;
}
}

RunStatus statusOf(const Result<QString> &answer)
{
    if (answer)
        return RunStatus::Done;
    switch (answer.error().kind) {
    case ErrorKind::Cancelled:
        return RunStatus::Cancelled;
    case ErrorKind::Denied: // an unfinished call that nobody decided on: the run can still be resumed
        return RunStatus::Interrupted;
    default:
        return RunStatus::Failed;
    }
}

RunInput inputFromRecord(const QJsonObject &json)
{
    RunInput input = RunInput::fromJson(json);
    const QJsonArray history = json.value(QStringLiteral("history")).toArray();
    for (const QJsonValue &value : history) {
        if (auto message = Message::fromJson(value.toObject()))
            input.history.push_back(std::move(*message));
    }
    return input;
}

RunService::RunService(Project *project, Clock *clock, AgentResolver *resolver, Redactor *redactor, const Prices *prices)
    : m_project(project), m_clock(clock), m_resolver(resolver), m_teams(project, resolver), m_redactor(redactor), m_prices(prices)
{
    m_flush.setSingleShot(true);
    m_flush.setInterval(frameMs);
    m_flush.setTimerType(Qt::PreciseTimer);
    connect(&m_flush, &QTimer::timeout, this, &RunService::flushEvents);
}

RunService::~RunService()
{
    // A coroutine that waits for the file goes on when that is closed, after this is gone.
    const auto live = m_live;
    for (const auto &run : live) {
        run->cancel.cancel();
        if (run->context)
            run->context->orphan();
    }
}

Task<Result<RunService::Blueprint>> RunService::resolve(QString reference, std::optional<ArtifactKind> kind,
                                                        std::optional<ModelChoice> model)
{
    const auto parsed = ArtifactRef::parse(reference);
    if (!parsed)
        co_return parsed.error();
    // A name that is a team's and no agent's is the team.
    const ArtifactRepository &artifacts = m_project->artifacts();
    const bool team = kind ? *kind == ArtifactKind::Team
                           : !artifacts.find(ArtifactKind::Agent, parsed->name) && artifacts.find(ArtifactKind::Team, parsed->name);
    if (team) {
        auto found = co_await m_teams.resolve(std::move(reference), std::move(model));
        if (!found)
            co_return found.error();
        co_return Blueprint(*found);
    }
    auto found = co_await m_resolver->resolve(std::move(reference), std::move(model));
    if (!found)
        co_return found.error();
    co_return Blueprint(*found);
}

Task<Result<RunService::Blueprint>> RunService::fromSnapshot(QJsonObject snapshot)
{
    if (snapshot.contains(QStringLiteral("team"))) {
        auto team = co_await m_teams.fromSnapshot(std::move(snapshot));
        if (!team)
            co_return team.error();
        co_return Blueprint(*team);
    }
    auto agent = co_await m_resolver->fromSnapshot(std::move(snapshot));
    if (!agent)
        co_return agent.error();
    co_return Blueprint(*agent);
}

std::shared_ptr<RunService::Live> RunService::makeLive(RunId run, Blueprint blueprint, ArtifactId artifact, RunRequest request)
{
    auto live = std::make_shared<Live>();
    live->run = run;
    live->agent = blueprint->artifact.name;
    live->blueprint = std::move(blueprint);
    live->execution = live->blueprint->prepare();
    live->request = std::move(request);
    live->journal = std::make_unique<ProjectJournal>(&m_project->runs(), run);
    live->trace = m_project->runs().trace(run);
    LATHE_ASSERT(live->trace, live->trace = std::make_shared<Trace>());
    if (live->request.attended) {
        live->desk = std::make_unique<Desk>(this, live.get());
        live->pause = std::make_unique<TeamPause>(
            run, [this, artifact](const QString &node) { return m_breakpoints.value(artifact).contains(node); },
            [this, run] { Q_EMIT pausedChanged(run); });
    }
    return live;
}

RunOptions RunService::optionsOf(Live *live, qint64 startUs)
{
    RunOptions options;
    options.run = live->run;
    options.limits = live->blueprint->limits;
    options.journal = live->journal.get();
    options.clock = m_clock;
    options.human = live->desk.get();
    options.prices = m_prices;
    options.redactor = m_redactor;
    options.startUs = startUs;
    options.unpaced = live->request.unpaced;
    options.forks = live->forks;
    options.sink = [this, live](const RunEvent &event) { onEvent(live, event); };
    return options;
}

void RunService::begin(std::shared_ptr<Live> live, RunOptions options)
{
    live->startUs = options.startUs;
    live->context = std::make_unique<RunContext>(std::move(options), live->cancel.token());
    m_live.insert(live->run, live);
    Q_EMIT started(live->run);
    execute(live);
}

Task<Result<RunId>> RunService::start(RunRequest request)
{
    const QPointer<RunService> self(this); // the session may go meanwhile
    Result<Blueprint> blueprint = request.blueprint;
    if (!request.blueprint)
        blueprint = co_await resolve(request.agent, request.kind, request.model);
    if (!blueprint)
        co_return blueprint.error();
    if (!self)
        co_return Error::cancelled();
    const RunBlueprint &design = **blueprint;
    RunInfo info;
    info.artifact = design.artifact.id;
    info.agentName = design.artifact.name;
    info.revisionNumber = design.artifact.number;
    info.input = m_redactor->redact(request.input.text);
    info.inputJson = m_redactor->redact(QJsonValue(recordedInput(request.input))).toObject();
    info.models = design.models;
    info.revisions = design.revisions;
    info.snapshot = design.snapshot;
    info.startUs = m_clock->nowUs();
    info.pid = int(QCoreApplication::applicationPid());
    // What the run sees is what is recorded: a secret typed into the input is taken out of both.
    request.input = inputFromRecord(info.inputJson);
    const auto run = co_await m_project->runs().create(info);
    if (!run)
        co_return run.error();
    if (!self)
        co_return Error::cancelled();
    auto live = makeLive(*run, *blueprint, design.artifact.id, std::move(request));
    RunOptions options = optionsOf(live.get(), info.startUs);
    if (live->request.begun)
        live->request.begun(*run);
    begin(live, std::move(options));
    co_return *run;
}

Task<> RunService::execute(std::shared_ptr<Live> live)
{
    const QPointer<RunService> self(this); // the session may go while it is under way
    RunEvent begun;
    begun.kind = RunEventKind::RunStarted;
    begun.name = live->agent;
    begun.timeUs = live->startUs; // of a resumed run: when it first began
    begun.attributes = QJsonObject{{QStringLiteral("gen_ai.agent.name"), live->agent},
                                   {QStringLiteral("revisions"), live->blueprint->revisions},
                                   {QStringLiteral("input"), live->request.input.text}};
    live->context->emitEvent(begun);
    TeamRunOptions teamOptions;
    teamOptions.watch = live->pause.get();
    teamOptions.overrides = live->overrides;
    const auto answer = co_await live->execution(live->context.get(), live->request.input, teamOptions);
    if (!self)
        co_return;
    RunResult &result = live->result;
    result.run = live->run;
    result.status = statusOf(answer);
    // Only what is recorded can differ: nothing of it is lost, and the run goes on when the cause is gone.
    if (!answer && answer.error().kind == ErrorKind::Diverged)
        result.status = RunStatus::Interrupted;
    if (answer)
        result.output = m_redactor->redact(*answer);
    else
        result.error = answer.error();
    if (result.error) {
        result.error->message = m_redactor->redact(result.error->message);
        result.error->cause = m_redactor->redact(result.error->cause);
    }
    result.usage = live->context->usage();
    RunEvent over;
    over.kind = RunEventKind::RunEnded;
    over.run = live->run;
    over.runStatus = result.status;
    over.text = result.output;
    over.error = result.error;
    over.timeUs = m_clock->nowUs();
    over.attributes = QJsonObject{{QStringLiteral("usage"), result.usage.toJson()}};
    result.durationUs = over.timeUs - live->startUs;
    m_project->runs().record(over);
    const auto written = co_await m_project->runs().end(live->run, result.status, result.output, result.error, result.usage);
    if (!self)
        co_return;
    if (!written && result.status == RunStatus::Done) {
        // The answer exists but could not be kept: that is a failure the person must see.
        result.status = RunStatus::Failed;
        result.error = written.error();
        over.runStatus = result.status;
        over.error = result.error;
        m_project->runs().record(over);
    }
    m_usage += result.usage;
    live->context->emitEvent(over);
    flushEvents();
    m_live.remove(live->run);
    m_recent.push_back(live);
    if (m_recent.size() > recentRuns)
        m_recent.erase(m_recent.begin());
    live->context.reset();
    Q_EMIT ended(live->run);
    for (const auto &waiter : std::exchange(live->waiters, {}))
        waiter.complete(result);
}

void RunService::onEvent(Live *live, const RunEvent &event)
{
    if (event.kind != RunEventKind::RunEnded) // which execute() has recorded: it is told when it is safe
        m_project->runs().record(event);
    if (live->request.sink)
        live->request.sink(event);
    if (!m_watched)
        return;
    live->pending.push_back(event);
    if (!m_flush.isActive())
        m_flush.start();
}

void RunService::connectNotify(const QMetaMethod &)
{
    m_watched = isSignalConnected(QMetaMethod::fromSignal(&RunService::events));
}

void RunService::disconnectNotify(const QMetaMethod &signal)
{
    connectNotify(signal);
}

void RunService::flushEvents()
{
    const auto all = m_live; // a slot may start or end runs
    for (const auto &live : all) {
        if (live->pending.empty())
            continue;
        const std::vector<RunEvent> batch = std::exchange(live->pending, {});
        Q_EMIT events(live->run, batch);
    }
}

Task<Result<RunResult>> RunService::finished(RunId run)
{
    if (const auto live = m_live.value(run)) {
        Completion<RunResult> done;
        live->waiters.push_back(done);
        RunResult result = co_await done;
        co_return result;
    }
    const auto info = m_project->runs().run(run);
    if (!info)
        co_return info.error();
    RunResult result;
    result.run = run;
    result.status = info->status;
    result.output = info->output;
    result.error = info->error;
    result.usage = info->usage;
    result.durationUs = info->endUs > 0 ? info->endUs - info->startUs : 0;
    co_return result;
}

void RunService::stop(RunId run)
{
    if (const auto live = m_live.value(run))
        live->cancel.cancel();
}

Task<> RunService::stopAll()
{
    const QPointer<RunService> self(this);
    const auto all = m_live;
    for (const auto &live : all)
        live->cancel.cancel();
    for (const auto &live : all) {
        if (!self)
            co_return;
        const auto result = co_await finished(live->run);
        Q_UNUSED(result)
    }
}

std::vector<RunId> RunService::running() const
{
    std::vector<RunId> ids(m_live.keyBegin(), m_live.keyEnd());
    std::sort(ids.begin(), ids.end());
    return ids;
}

const Trace *RunService::trace(RunId run) const
{
    if (const auto live = m_live.value(run))
        return live->trace.get();
    for (const auto &live : m_recent) {
        if (live->run == run)
            return live->trace.get();
    }
    return nullptr;
}

std::vector<PendingQuestion> RunService::questions() const
{
    std::vector<PendingQuestion> list;
    for (const RunId run : running()) {
        const auto live = m_live.value(run);
        for (const auto &[question, completion] : live->questions)
            list.push_back(PendingQuestion{run, live->agent, question});
    }
    return list;
}

void RunService::answer(RunId run, const QString &step, const HumanAnswer &answer)
{
    const auto live = m_live.value(run);
    if (!live)
        return;
    for (const auto &[question, completion] : live->questions) {
        if (question.step == step) {
            const auto answered = completion; // completing removes the entry
            answered.complete(answer);
            return;
        }
    }
}

Task<Result<RunId>> RunService::resume(RunId run, UnfinishedPolicy unfinished, RunRequest request)
{
    if (m_live.contains(run))
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("Run %1 is under way already.").arg(run.value));
    const QPointer<RunService> self(this); // the session may go meanwhile
    auto stored = co_await m_project->runs().load(run, CancelToken());
    if (!stored)
        co_return stored.error();
    if (!self)
        co_return Error::cancelled();
    if (stored->info.status != RunStatus::Interrupted && stored->info.status != RunStatus::Cancelled)
        co_return Error(ErrorKind::InvalidInput,
                        QStringLiteral("Run %1 is %2; only an interrupted or stopped run can be resumed.")
                            .arg(run.value)
                            .arg(runStatusName(stored->info.status)));
    auto blueprint = co_await fromSnapshot(stored->info.snapshot);
    if (!blueprint)
        co_return blueprint.error();
    if (!self)
        co_return Error::cancelled();
    auto descent = co_await descentOf(run, true);
    if (!descent)
        co_return descent.error();
    if (!self)
        co_return Error::cancelled();
    if (!descent->fork) { // which goes on live where it differs
        const auto recorded = std::make_shared<StoredRun>(*stored);
        const auto checked = co_await goesOnAsRecorded(recorded);
        if (!checked)
            co_return checked.error();
        if (!self)
            co_return Error::cancelled();
    }
    const auto reopened = co_await m_project->runs().reopen(run);
    if (!reopened)
        co_return reopened.error();
    if (!self)
        co_return Error::cancelled();
    request.input = inputFromRecord(stored->info.inputJson);
    auto live = makeLive(run, *blueprint, stored->info.artifact, std::move(request));
    live->journal->load(*stored);
    if (descent->parent)
        live->journal->addLate(*descent->parent, descent->step, descent->forget);
    qint64 lastUs = stored->info.startUs + 1;
    for (const StoredEntry &entry : stored->journal)
        lastUs = std::max(lastUs, entry.endedUs);
    const bool fork = descent->fork;
    live->overrides = std::move(descent->overrides);
    live->forks = std::move(descent->layers);
    RunOptions options = optionsOf(live.get(), stored->info.startUs);
    if (fork)
        options.mode = RunMode::Fork;
    options.unfinished = unfinished;
    options.elapsedUs = lastUs - stored->info.startUs;
    for (const Step &step : stored->trace.steps()) { // nor does the time count that persons took
        if (step.kind == StepKind::Human && step.endUs > step.startUs && step.endUs <= lastUs)
            options.elapsedUs -= step.endUs - step.startUs;
    }
    options.elapsedUs = std::max<qint64>(options.elapsedUs, 1); // above 0: a run that goes on
    begin(live, std::move(options));
    co_return run;
}

void RunService::setBreakpoints(ArtifactId team, const QStringList &nodes)
{
    m_breakpoints.insert(team, QSet<QString>(nodes.begin(), nodes.end()));
}

std::optional<PausedRun> RunService::paused(RunId run) const
{
    const auto live = m_live.value(run);
    return live && live->pause ? live->pause->paused() : std::nullopt;
}

void RunService::continueRun(RunId run)
{
    const auto live = m_live.value(run);
    if (live && live->pause)
        live->pause->goOn();
}

} // namespace lathe
