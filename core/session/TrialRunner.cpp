// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/TrialRunner.h"

namespace lathe {

namespace {
constexpr qint64 pollMs = 200; // of a trial that another program executes

// The model answered, and not as the prompt (or a coordinator's plan) asks: core/runtime's words, as opposed to those of a provider
// that spoke nonsense (tst_Experiments holds them together).
bool isBrokenFormat(const Error &error)
{
    return error.message.startsWith(QLatin1String("The model's answer does not follow"))
        || error.message.startsWith(QLatin1String("The plan cannot be used"));
}
}

TrialRunner::TrialRunner(const ExperimentServices &services) : m_services(services) {}

bool TrialRunner::isAnswer(RunStatus status, const std::optional<Error> &error)
{
    if (status == RunStatus::Done)
        return true;
    if (status != RunStatus::Failed || !error)
        return false;
    switch (error->kind) {
    case ErrorKind::LimitReached:
    case ErrorKind::InvalidInput:
    case ErrorKind::Denied:
    case ErrorKind::Internal:
        return true;
    case ErrorKind::Protocol:
        return isBrokenFormat(*error);
    default:
        return false;
    }
}

Task<Result<TrialOutcome>> TrialRunner::run(TrialJob job, CancelToken cancel)
{
    TrialRepository::Claim claim{job.key, job.experiment, job.variant};
    for (;;) {
        if (cancel.isCancelled())
            co_return Error::cancelled();
        std::vector<TrialRepository::Claim> claims{claim};
        auto claimed = co_await m_services.project->trials().claim(std::move(claims));
        if (!claimed)
            co_return claimed.error();
        FoundTrial trial = std::move(claimed->front());
        if (!trial.elsewhere) {
            auto outcome = co_await run(std::move(job), std::move(trial), cancel);
            co_return outcome;
        }
        const auto slept = co_await m_services.clock->sleep(pollMs, cancel);
        if (!slept)
            co_return slept.error();
    }
}

Task<Result<TrialOutcome>> TrialRunner::run(TrialJob job, FoundTrial claimed, CancelToken cancel)
{
    TrialOutcome outcome;
    outcome.trial = claimed.trial.id;
    outcome.shared = claimed.trial.experiment != job.experiment || claimed.trial.variant != job.variant;
    // The same trial may be, or have been, under way for another variant that happens to be the same.
    bool stale = m_answered.contains(job.key) && !claimed.run;
    while (stale || m_underWay.contains(job.key)) {
        if (m_underWay.contains(job.key)) {
            Completion<int> over;
            m_underWay[job.key].push_back(over);
            const auto registration = cancel.onCancelled([over] { over.complete(0); });
            co_await over;
            if (cancel.isCancelled())
                co_return Error::cancelled();
        }
        stale = false;
        std::vector<TrialRepository::Query> queries{TrialRepository::Query{job.key, QByteArray()}};
        const auto flushed = co_await m_services.project->flush();
        if (!flushed)
            co_return flushed.error();
        auto found = co_await m_services.project->trials().find(std::move(queries), cancel);
        if (!found)
            co_return found.error();
        claimed = std::move(found->front());
        outcome.shared = true;
    }
    if (claimed.run && isAnswer(claimed.run->status, claimed.run->error)) {
        auto stored = co_await m_services.runs->finished(claimed.run->id);
        if (!stored)
            co_return stored.error();
        outcome.run = std::move(*stored);
        outcome.answered = true;
        co_return outcome;
    }
    outcome.shared = false;
    const QByteArray key = job.key;
    m_underWay.insert(key, {});
    auto result = co_await execute(std::move(job), std::move(claimed), cancel);
    const auto waiting = m_underWay.take(key);
    if (result) {
        outcome.run = std::move(*result);
        outcome.answered = isAnswer(outcome.run.status, outcome.run.error);
        if (outcome.answered)
            m_answered.insert(key);
    }
    for (const auto &waiter : waiting)
        waiter.complete(0);
    if (!result)
        co_return result.error();
    co_return outcome;
}

Task<Result<RunResult>> TrialRunner::execute(TrialJob job, FoundTrial claimed, CancelToken cancel)
{
    TrialRepository *const trials = &m_services.project->trials();
    const TrialId trial = claimed.trial.id;
    const auto begun = job.begun;
    const auto onBegun = [trials, trial, begun](RunId run) {
        trials->begin(trial, run);
        if (begun)
            begun(run);
    };
    Result<RunId> run = Error();
    if (claimed.run && (claimed.run->status == RunStatus::Interrupted || claimed.run->status == RunStatus::Cancelled)) {
        // What it had paid for is in its journal. A tool call whose outcome is unknown is not made again.
        RunRequest options;
        options.sink = job.sink;
        if (begun)
            begun(claimed.run->id);
        run = co_await m_services.runs->resume(claimed.run->id, UnfinishedPolicy::Skip, std::move(options));
    }
    if (!run) {
        if (cancel.isCancelled())
            co_return Error::cancelled();
        RunRequest request;
        request.blueprint = job.blueprint;
        request.input = job.input;
        request.unpaced = !job.watched;
        request.sink = job.sink;
        request.begun = onBegun;
        run = co_await m_services.runs->start(std::move(request));
    }
    if (!run)
        co_return run.error();
    RunService *const runs = m_services.runs;
    const RunId id = *run;
    const auto registration = cancel.onCancelled([runs, id] { runs->stop(id); });
    auto result = co_await runs->finished(id);
    co_return result;
}

} // namespace lathe
