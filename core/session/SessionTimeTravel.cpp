// SPDX-License-Identifier: GPL-3.0-or-later
// Of a session: resume, replay, fork, lineage, pinned runs as tests.
#include "core/session/ForkOptions.h"
#include "core/session/SessionPrivate.h"
#include "core/session/WireRequest.h"

#include <QPointer>

namespace lathe {

Task<Result<RunId>> Session::resume(RunId run, UnfinishedPolicy unfinished, RunRequest options)
{
    return d->runs.resume(run, unfinished, std::move(options));
}

Task<Result<ReplayReport>> Session::replay(RunId run, CancelToken cancel)
{
    return d->runs.replay(run, cancel);
}

Task<Result<RunId>> Session::fork(ForkRequest request)
{
    return d->runs.fork(std::move(request));
}

Task<Result<ForkOptions>> Session::forkOptions(RunId run, QString step, CancelToken cancel)
{
    const QPointer<Session> self(this);
    const auto stored = co_await m_project->runs().load(run, cancel);
    if (!stored)
        co_return stored.error();
    if (!self)
        co_return Error::cancelled();
    ForkOptions options = lathe::forkOptions(*stored, step);
    const auto waiting = d->runs.paused(run);
    if (waiting && whyNotExecutable(stored->info).isEmpty()) {
        for (const PendingNode &node : waiting->nodes) {
            if (node.step != step)
                continue;
            options.nodeInputs = node.inputs; // it has not begun
            options.canEditNodeInputs = true;
            options.forkable = true;
            options.whyNot.clear();
        }
        if (stored->trace.indexOf(step) >= 0) {
            StoredRun ended = *stored; // what waits at a breakpoint may be forked as if it had ended
            ended.info.status = RunStatus::Interrupted;
            options = lathe::forkOptions(ended, step);
        }
    }
    co_return options;
}

Task<Result<RunLineage>> Session::lineage(RunId run, CancelToken cancel)
{
    return d->runs.lineage(run, cancel);
}

Task<Result<void>> Session::pin(RunId run, RunExpectation expected)
{
    const QString note = d->redactor.redact(expected.toNote());
    const auto read = RunExpectation::fromNote(note);
    if (!read)
        co_return read.error();
    const auto info = m_project->runs().run(run);
    if (!info)
        co_return info.error();
    if (const QString why = whyNotExecutable(*info); !why.isEmpty())
        co_return Error(ErrorKind::InvalidInput, why);
    if (info->status != RunStatus::Done && info->status != RunStatus::Failed) {
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("Run %1 is %2; only a run that has ended by itself can be a test.")
                                                     .arg(run.value)
                                                     .arg(runStatusName(info->status)));
    }
    std::vector<RunId> runs;
    runs.push_back(run);
    auto pinned = co_await m_project->runs().setPinned(std::move(runs), true, note);
    co_return pinned;
}

Task<Result<void>> Session::unpin(RunId run)
{
    std::vector<RunId> runs;
    runs.push_back(run);
    auto unpinned = co_await m_project->runs().setPinned(std::move(runs), false, QString());
    co_return unpinned;
}

Result<RunExpectation> Session::expectation(RunId run) const
{
    const auto info = m_project->runs().run(run);
    if (!info)
        return info.error();
    return RunExpectation::fromNote(info->pinNote);
}

Task<Result<std::vector<TestResult>>> Session::runTests(TestOptions options, CancelToken cancel)
{
    return d->runs.runTests(std::move(options), cancel);
}

Task<Result<WireRequest>> Session::wireRequest(RunId run, QString step, CancelToken cancel)
{
    const QPointer<Session> self(this);
    const auto stored = co_await m_project->runs().load(run, cancel);
    if (!stored)
        co_return stored.error();
    if (!self)
        co_return Error::cancelled();
    const auto fork = m_project->runs().forkOf(run);
    if (!fork)
        co_return fork.error();
    ForkRecord forks;
    if (*fork)
        forks = ForkRecord::fromFork(**fork).valueOr(ForkRecord());
    auto wire = lathe::wireRequest(*stored, forks, step);
    if (wire) { // headers that a person wrote into the connection may hold a key
        wire->url = d->redactor.redact(wire->url);
        for (auto &[name, value] : wire->headers)
            value = d->redactor.redact(QString::fromUtf8(value)).toUtf8();
        if (!d->redactor.isEmpty())
            wire->body = d->redactor.redact(QString::fromUtf8(wire->body)).toUtf8();
    }
    co_return wire;
}

} // namespace lathe
