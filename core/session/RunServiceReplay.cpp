// SPDX-License-Identifier: GPL-3.0-or-later
// Replays: a recorded run executed again from its journal, without any effect on the world.
#include "core/session/ForkOptions.h"
#include "core/session/RequestDiff.h"
#include "core/session/RunLive.h"

#include <QPointer>

namespace lathe {

namespace {
// Why there is nothing to replay; empty: there is.
QString whyNotReplayable(const StoredRun &stored)
{
    const QString why = whyNotExecutable(stored.info);
    if (!why.isEmpty() || !stored.journal.empty())
        return why;
    const auto &steps = stored.trace.steps();
    const bool acted = std::any_of(steps.begin(), steps.end(), [](const Step &step) {
        return step.kind == StepKind::Model && step.status == StepStatus::Ok;
    });
    return acted ? QStringLiteral("Run %1 has steps but no journal, so it cannot be replayed: only runs that Lathe executed keep one.")
                       .arg(stored.info.id.value)
                 : QString();
}
}

Task<Result<RunService::Rerun>> RunService::rerun(std::shared_ptr<const StoredRun> stored, std::optional<QString> reference, CancelToken cancel)
{
    const QPointer<RunService> self(this); // the session may go meanwhile
    const RunInfo &info = stored->info;
    if (info.status == RunStatus::Running)
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("Run %1 is still under way; replay it when it has ended.").arg(info.id.value));
    if (const QString why = whyNotReplayable(*stored); !why.isEmpty())
        co_return Error(ErrorKind::InvalidInput, why);
    Result<Blueprint> blueprint = Error();
    if (reference) {
        const ArtifactKind kind = info.snapshot.contains(QStringLiteral("team")) ? ArtifactKind::Team : ArtifactKind::Agent;
        blueprint = co_await resolve(*reference, kind, std::nullopt);
    } else {
        blueprint = co_await fromSnapshot(info.snapshot);
    }
    if (!blueprint)
        co_return blueprint.error();
    if (!self)
        co_return Error::cancelled();
    const auto descent = co_await descentOf(info.id, false);
    if (!descent)
        co_return descent.error();
    if (!self)
        co_return Error::cancelled();
    const auto journal = replayJournal(*stored);
    Rerun rerun;
    rerun.reference = (*blueprint)->artifact.reference();
    RunOptions options;
    options.run = info.id;
    options.mode = RunMode::Replay;
    options.limits = (*blueprint)->limits;
    options.journal = journal.get();
    options.clock = m_clock;
    options.startUs = info.startUs;
    options.forks = descent->layers;
    if (info.status != RunStatus::Done)
        options.recordedEnd = info.error.value_or(Error(ErrorKind::Cancelled, QStringLiteral("The recording ends here.")));
    options.sink = [&rerun](const RunEvent &event) { rerun.trace.apply(event); };
    RunContext context(std::move(options), cancel);
    RunEvent begun;
    begun.kind = RunEventKind::RunStarted;
    begun.name = info.agentName;
    begun.timeUs = info.startUs;
    begun.attributes = stored->trace.startAttributes();
    context.emitEvent(begun);
    TeamRunOptions teamOptions;
    teamOptions.overrides = descent->overrides;
    const RunInput input = inputFromRecord(info.inputJson);
    const auto execution = (*blueprint)->prepare();
    const auto answer = co_await execution(&context, input, teamOptions);
    if (!self)
        co_return Error::cancelled();
    rerun.divergence = context.divergence();
    rerun.output = answer ? m_redactor->redact(*answer) : QString();
    if (!answer)
        rerun.error = answer.error();
    RunEvent over;
    over.kind = RunEventKind::RunEnded;
    over.runStatus = statusOf(answer);
    over.text = rerun.output;
    over.timeUs = info.endUs;
    over.error = rerun.error;
    over.attributes = QJsonObject{{QStringLiteral("usage"), context.usage().toJson()}};
    context.emitEvent(over);
    co_return rerun;
}

Task<Result<void>> RunService::goesOnAsRecorded(std::shared_ptr<StoredRun> stored)
{
    if (stored->journal.empty())
        co_return Result<void>();
    stored->info.error.reset(); // where the recording ends the run is stopped, whatever stopped it then: nobody goes another way for it
    const auto rerun = co_await this->rerun(stored, std::nullopt, CancelToken());
    if (!rerun || !rerun->divergence || rerun->divergence->recordedRequest.isEmpty())
        co_return Result<void>();
    const Divergence &divergence = *rerun->divergence;
    const QString where = requestDiff(divergence.recordedRequest, divergence.askedRequest).where;
    co_return Error(ErrorKind::Diverged,
                    QStringLiteral("Run %1 cannot go on: at step %2 it would now ask something else than it did%3. It stays as it was; undo what has "
                                   "changed since (a tool, a server, a connection) and resume it again, or fork it at that step.")
                        .arg(stored->info.id.value)
                        .arg(divergence.step, where.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(where)));
}

Task<Result<ReplayReport>> RunService::replay(RunId run, CancelToken cancel)
{
    const QPointer<RunService> self(this);
    auto loaded = co_await m_project->runs().load(run, cancel);
    if (!loaded)
        co_return loaded.error();
    if (!self)
        co_return Error::cancelled();
    const auto stored = std::make_shared<const StoredRun>(std::move(*loaded));
    auto rerun = co_await this->rerun(stored, std::nullopt, cancel);
    if (!rerun)
        co_return rerun.error();
    if (cancel.isCancelled())
        co_return Error::cancelled();
    ReplayReport report;
    report.trace = std::move(rerun->trace);
    report.output = rerun->output;
    report.proof = replayProof(*stored, report.trace, rerun->divergence);
    if (report.proof.partial && report.proof.recordedEvents == 0 && !report.proof.first) { // nothing is not "the same"
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("Run %1 was stopped before any of its steps had an outcome, so there is nothing to replay.")
                                                     .arg(run.value));
    }
    report.same = report.proof.same();
    report.firstDifference = differenceSentence(report.proof);
    co_return report;
}

ReplayProof replayProof(const StoredRun &stored, const Trace &replayed, const std::optional<Divergence> &divergence)
{
    const bool whole = stored.info.status == RunStatus::Done || stored.info.status == RunStatus::Failed;
    QSet<QString> recorded; // of a run that was stopped: what had its outcome
    for (const StoredEntry &entry : stored.journal) {
        const int index = stored.trace.indexOf(entry.step);
        if (entry.done && index >= 0 && stored.trace.steps()[size_t(index)].endUs > 0)
            recorded.insert(entry.step);
    }
    ReplayProof proof = proveReplay(stored.trace, replayed, whole ? nullptr : &recorded);
    if (!divergence)
        return proof;
    // Not that the step failed is the difference, but what it asked.
    const RequestDiff diff = requestDiff(divergence->recordedRequest, divergence->askedRequest);
    ReplayProof::Difference first;
    first.event = proof.first ? proof.first->event : proof.recordedEvents;
    first.step = divergence->step;
    const int index = replayed.indexOf(divergence->step);
    first.stepName = index < 0 ? QString() : replayed.steps()[size_t(index)].name;
    first.eventName = QStringLiteral("step_started");
    first.field = QStringLiteral("request") + (diff.where.isEmpty() ? QString() : QStringLiteral(", ") + diff.where);
    first.recorded = diff.recorded;
    first.replayed = diff.asked;
    proof.first = std::move(first);
    return proof;
}

} // namespace lathe
