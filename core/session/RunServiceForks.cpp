// SPDX-License-Identifier: GPL-3.0-or-later
// Forks: runs that begin as another one did and go on differently.
#include "core/prompt/PromptPartials.h"
#include "core/session/ForkOptions.h"
#include "core/session/RunLive.h"

#include <QCoreApplication>
#include <QPointer>

namespace lathe {

namespace {
Error unusable(const QString &message)
{
    return Error(ErrorKind::InvalidInput, message);
}

// Whether the step is of the kind that the changes are about.
Result<void> fits(const ForkChanges &changes, const StoredRun &stored, const QString &step)
{
    const int index = stored.trace.indexOf(step);
    const auto is = [&](StepKind kind) { return index >= 0 && stored.trace.steps()[size_t(index)].kind == kind; };
    const auto wrong = [&](const char *what, const char *of) {
        return unusable(QStringLiteral("Step %1 is no %2, so it has no %3 to change.").arg(step, QLatin1String(of), QLatin1String(what)));
    };
    if (isSampledStep(stored.trace, step))
        return unusable(QStringLiteral("Step %1 is a model that a server used during a call; fork at the call, step %2.").arg(step, parentStep(step)));
    if ((changes.messages || changes.answer) && !is(StepKind::Model))
        return wrong(changes.messages ? "messages" : "answer of a model", "model call");
    if (changes.argumentsText || changes.result) {
        const bool call = is(StepKind::Tool) && stored.trace.steps()[size_t(index)].attributes.contains(QStringLiteral("gen_ai.tool.name"));
        if (!call)
            return wrong(changes.result ? "result" : "arguments", "tool call");
    }
    if (changes.humanAnswer && !is(StepKind::Human))
        return wrong("answer of a person", "question to a person");
    return {};
}

// A fork that could not begin must not seem to be under way.
Task<> giveUp(Project *project, RunId run, Error why)
{
    const auto ended = co_await project->runs().end(run, RunStatus::Failed, QString(), why, Usage());
    Q_UNUSED(ended) // what is told is why
}
}

Task<std::vector<ForkLayer>> RunService::bindLayers(ForkRecord record)
{
    const QPointer<RunService> self(this); // the session may go while a connection is looked up
    std::vector<ForkLayer> layers;
    for (ForkRecord::Layer &from : record.layers) {
        if (!from.noted || from.changes.isEmpty())
            continue;
        ForkLayer layer;
        layer.parent = from.parent;
        layer.step = from.step;
        layer.agent = from.agent;
        layer.changes = from.changes;
        if (from.changes.model && self) {
            const ModelChoice choice = *from.changes.model;
            layer.model = co_await m_resolver->bindModel(choice, from.connection);
        }
        layers.push_back(std::move(layer));
    }
    co_return layers;
}

Task<Result<RunService::Descent>> RunService::descentOf(RunId run, bool withParent)
{
    const QPointer<RunService> self(this);
    const auto fork = m_project->runs().forkOf(run);
    if (!fork)
        co_return fork.error();
    Descent descent;
    if (!*fork)
        co_return descent;
    descent.fork = true;
    const auto record = ForkRecord::fromFork(**fork);
    if (!record)
        co_return record.error();
    descent.overrides = record->overrides();
    const ForkChanges &own = record->layers.back().changes;
    descent.step = (*fork)->step;
    descent.forget = own.again || own.replacesOutcome();
    if (withParent) {
        auto parent = co_await m_project->runs().load((*fork)->parent, CancelToken());
        if (!self)
            co_return Error::cancelled();
        if (parent)
            descent.parent = std::move(*parent);
    }
    descent.layers = co_await bindLayers(*record);
    co_return descent;
}

Result<ForkRecord::Layer> RunService::ownLayer(const ForkRequest &request, const StoredRun &stored) const
{
    ForkRecord::Layer own;
    own.parent = request.run;
    own.step = request.step;
    own.overrides = request.overrides;
    own.agent = agentOfStep(stored.trace, request.step);
    if (const auto checked = request.changes.check(); !checked)
        return checked.error();
    if (const auto fitting = fits(request.changes, stored, request.step); !fitting)
        return fitting.error();
    auto changes = ForkChanges::fromJson(m_redactor->redact(QJsonValue(request.changes.toJson())).toObject());
    if (!changes)
        return changes.error();
    own.changes = std::move(*changes);
    own.changes.again = own.changes.again || request.again;
    if (own.changes.prompt) {
        // The texts of prompts it uses are taken in, so that the fork replays after any change of them.
        auto spec = PromptSpec::fromJson(*own.changes.prompt);
        if (!spec)
            return spec.error();
        const PartialSource source = [this](const QString &reference) -> Result<PromptPartial> {
            const auto found = m_project->artifacts().resolve(ArtifactKind::Prompt, reference);
            if (!found)
                return found.error();
            auto used = PromptSpec::fromJson(found->body);
            if (!used)
                return used.error();
            PromptPartial partial;
            partial.name = found->name;
            partial.text = std::move(used->text);
            partial.variables = std::move(used->variables);
            return partial;
        };
        const auto whole = usesPartials(*spec) ? expandPrompt(*spec, QString(), source) : spec;
        if (!whole)
            return whole.error();
        own.changes.prompt = whole->toJson();
    }
    if (own.changes.model) {
        const auto connection = m_resolver->namedConnection(own.changes.model->connection);
        if (!connection)
            return connection.error();
        own.connection = *connection;
    }
    return own;
}

Task<Result<RunId>> RunService::fork(ForkRequest request)
{
    const QPointer<RunService> self(this); // the session may go meanwhile
    auto stored = co_await m_project->runs().load(request.run, CancelToken());
    if (!stored)
        co_return stored.error();
    if (!self)
        co_return Error::cancelled();
    const auto waiting = paused(request.run);
    if (const QString why = whyNotExecutable(stored->info); !why.isEmpty())
        co_return unusable(why);
    if (stored->info.status == RunStatus::Running && !waiting) {
        co_return unusable(QStringLiteral("Run %1 is still under way; fork it when it has ended or waits at a breakpoint.").arg(request.run.value));
    }
    // A step that a breakpoint holds back has not begun.
    const bool pending = waiting && std::any_of(waiting->nodes.begin(), waiting->nodes.end(),
                                                [&](const PendingNode &node) { return node.step == request.step; });
    if (stored->trace.indexOf(request.step) < 0 && !pending) {
        co_return Error(ErrorKind::NotFound, QStringLiteral("Run %1 has no step %2 to go on from.").arg(request.run.value).arg(request.step));
    }
    auto own = ownLayer(request, *stored);
    if (!own)
        co_return own.error();
    auto blueprint = co_await fromSnapshot(stored->info.snapshot);
    if (!blueprint)
        co_return blueprint.error();
    if (!self)
        co_return Error::cancelled();
    const auto parent = m_project->runs().forkOf(request.run);
    if (!parent)
        co_return parent.error();
    ForkRecord before;
    if (*parent) {
        const auto record = ForkRecord::fromFork(**parent);
        if (!record)
            co_return record.error();
        before = *record;
    }
    const ForkRecord record = before.forkedBy(std::move(*own));
    const ForkChanges &changes = record.layers.back().changes;
    const QString step = request.step;
    const bool forget = changes.again || changes.replacesOutcome();
    // What was taken over ends now; it keeps its durations.
    const qint64 now = m_clock->nowUs();
    qint64 lastUs = stored->info.startUs;
    for (const StoredEntry &entry : stored->journal) {
        // A tool's outcome came after the answer to the question below it.
        if (entry.done && stepPathLess(entry.step, step) && !isStepOrBelow(step, entry.step))
            lastUs = std::max(lastUs, entry.endedUs);
    }
    const qint64 shiftUs = now - lastUs;
    RunInfo info = stored->info;
    info.id = RunId();
    info.status = RunStatus::Running;
    info.output.clear();
    info.error.reset();
    info.endUs = 0;
    info.usage = Usage();
    info.stepCount = 0;
    info.rating = -1;
    info.ratingNote.clear();
    info.tags.clear();
    info.pinned = false;
    info.pinNote.clear();
    info.inBin = false;
    if (changes.model && !info.models.split(QStringLiteral(", ")).contains(changes.model->toString()))
        info.models += (info.models.isEmpty() ? QString() : QStringLiteral(", ")) + changes.model->toString();
    info.startUs = stored->info.startUs + shiftUs;
    info.pid = int(QCoreApplication::applicationPid());
    const qint64 startUs = info.startUs;
    const auto run = co_await m_project->runs().create(std::move(info));
    if (!run)
        co_return run.error();
    if (!self)
        co_return Error::cancelled();
    RunFork parting;
    parting.run = *run;
    parting.parent = request.run;
    parting.step = step;
    parting.changes = record.toJson();
    const auto noted = co_await m_project->runs().setFork(std::move(parting));
    if (!self)
        co_return Error::cancelled();
    if (!noted) {
        co_await giveUp(m_project, *run, noted.error());
        co_return noted.error();
    }
    RunRequest options;
    options.agent = stored->info.agentName;
    options.input = inputFromRecord(stored->info.inputJson);
    options.attended = request.attended;
    options.sink = request.sink;
    auto live = makeLive(*run, *blueprint, stored->info.artifact, std::move(options));
    live->overrides = record.overrides();
    live->forks = co_await bindLayers(record);
    if (!self)
        co_return Error::cancelled();
    const auto inherited = co_await live->journal->inherit(&*stored, step, forget, shiftUs, now);
    if (!self)
        co_return Error::cancelled();
    if (!inherited) {
        co_await giveUp(m_project, *run, inherited.error());
        co_return inherited.error();
    }
    RunOptions runOptions = optionsOf(live.get(), startUs);
    runOptions.mode = RunMode::Fork;
    runOptions.elapsedUs = now - startUs;
    begin(live, std::move(runOptions));
    co_return *run;
}

} // namespace lathe
