// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/ForeignRuns.h"

#include "core/project/Project.h"
#include "core/session/Session.h"

#include <QPointer>

namespace lathe {

ForeignRuns::ForeignRuns(Session *session, Project *project) : m_session(session), m_project(project) {}

Task<Result<RunId>> ForeignRuns::begin(RunInfo info, bool live)
{
    if (info.source.isEmpty())
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("A run recorded elsewhere must say where it comes from."));
    const QPointer<ForeignRuns> self(this);
    Open open;
    open.agent = info.agentName;
    open.live = live;
    const auto run = co_await m_project->runs().create(std::move(info));
    if (!run)
        co_return run.error();
    if (!self)
        co_return Error::cancelled();
    m_open.insert(*run, std::move(open));
    if (live)
        Q_EMIT m_session->runStarted(*run);
    co_return *run;
}

Task<Result<void>> ForeignRuns::reopen(RunId run, bool live)
{
    const QPointer<ForeignRuns> self(this);
    RunRepository &runs = m_project->runs();
    if (m_open.contains(run))
        co_return Result<void>();
    auto stored = co_await runs.load(run, CancelToken());
    if (!stored)
        co_return stored.error();
    if (!self)
        co_return Error::cancelled();
    if (stored->info.source.isEmpty())
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("Run %1 was executed by Lathe; only a run recorded elsewhere can be told more.").arg(run.value));
    const auto reopened = co_await runs.reopen(run);
    if (!reopened)
        co_return reopened.error();
    if (!self)
        co_return Error::cancelled();
    const std::vector<RunEvent> events = stored->trace.toEvents();
    for (const RunEvent &event : events) {
        if (event.kind != RunEventKind::RunEnded)
            runs.record(event);
    }
    Open open;
    open.agent = stored->info.agentName;
    open.live = live;
    m_open.insert(run, std::move(open));
    if (live)
        Q_EMIT m_session->runStarted(run);
    co_return Result<void>();
}

bool ForeignRuns::record(RunId run, const std::vector<RunEvent> &events)
{
    if (!m_open.contains(run))
        return false;
    std::vector<RunEvent> mine;
    mine.reserve(events.size());
    std::optional<RunEvent> over;
    for (const RunEvent &event : events) {
        if (over)
            break;
        RunEvent own = event;
        own.run = run;
        m_project->runs().record(own);
        if (own.kind == RunEventKind::RunEnded)
            over = own;
        mine.push_back(std::move(own));
    }
    const bool all = mine.size() == events.size();
    if (over) {
        const QString agent = m_open.value(run).agent;
        const auto trace = m_project->runs().trace(run);
        Usage usage = trace ? trace->usage() : Usage();
        if (const QJsonValue told = over->attributes.value(QLatin1String("usage")); told.isObject())
            usage = Usage::fromJson(told.toObject()); // steps of other programs do not always count
        const bool live = m_open.take(run).live;
        // Not awaited: flush() and the session's close do.
        m_project->runs().end(run, over->runStatus, over->text, over->error, usage);
        if (live) {
            Q_EMIT m_session->runEvents(run, mine);
            Q_EMIT m_session->runEnded(run);
            Q_EMIT m_session->questionsChanged();
        }
        return all;
    }
    if (m_open.value(run).live && !mine.empty())
        Q_EMIT m_session->runEvents(run, mine);
    return all;
}

Task<Result<void>> ForeignRuns::flush()
{
    return m_project->runs().flush();
}

void ForeignRuns::ask(RunId run, HumanQuestion question, std::function<void(const HumanAnswer &)> handler)
{
    const auto open = m_open.find(run);
    if (open == m_open.end())
        return;
    withdraw(run, question.step); // asked again after a lost connection
    open->questions.push_back(Asked{std::move(question), std::move(handler)});
    Q_EMIT m_session->questionsChanged();
}

void ForeignRuns::withdraw(RunId run, const QString &step)
{
    const auto open = m_open.find(run);
    if (open == m_open.end())
        return;
    const auto count = std::erase_if(open->questions, [&](const Asked &asked) { return asked.question.step == step; });
    if (count > 0)
        Q_EMIT m_session->questionsChanged();
}

void ForeignRuns::setStop(RunId run, std::function<void()> stop)
{
    const auto open = m_open.find(run);
    if (open != m_open.end())
        open->stop = std::move(stop);
}

std::vector<PendingQuestion> ForeignRuns::questions() const
{
    std::vector<PendingQuestion> all;
    for (const RunId run : underWay()) {
        const Open &open = *m_open.constFind(run);
        for (const Asked &asked : open.questions)
            all.push_back(PendingQuestion{run, open.agent, asked.question});
    }
    return all;
}

bool ForeignRuns::answer(RunId run, const QString &step, const HumanAnswer &answer)
{
    const auto open = m_open.find(run);
    if (open == m_open.end())
        return false;
    const auto found = std::find_if(open->questions.begin(), open->questions.end(),
                                    [&](const Asked &asked) { return asked.question.step == step; });
    if (found == open->questions.end())
        return true; // answered twice
    const auto handler = std::move(found->handler);
    open->questions.erase(found);
    Q_EMIT m_session->questionsChanged();
    if (handler)
        handler(answer);
    return true;
}

bool ForeignRuns::stop(RunId run)
{
    const auto open = m_open.constFind(run);
    if (open == m_open.cend())
        return false;
    if (const auto stop = open->stop)
        stop();
    return true;
}

std::vector<RunId> ForeignRuns::underWay() const
{
    std::vector<RunId> runs(m_open.keyBegin(), m_open.keyEnd());
    std::sort(runs.begin(), runs.end());
    return runs;
}

} // namespace lathe
