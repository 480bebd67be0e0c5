// SPDX-License-Identifier: GPL-3.0-or-later
// Private to RunService: a run under way, and what its sources share. Main thread.
#pragma once

#include "core/session/RunService.h"

namespace lathe {

RunStatus statusOf(const Result<QString> &answer);
RunInput inputFromRecord(const QJsonObject &json);

struct RunService::Live {
    RunId run;
    QString agent;
    Blueprint blueprint;
    RunBlueprint::Execution execution;
    std::unique_ptr<TeamPause> pause; // of an attended run
    TeamOverrides overrides;          // of a fork
    std::vector<ForkLayer> forks;     // likewise
    RunRequest request;
    std::unique_ptr<ProjectJournal> journal;
    std::unique_ptr<RunContext> context;
    std::unique_ptr<Desk> desk;
    CancelSource cancel;
    qint64 startUs = 0;
    std::shared_ptr<const Trace> trace; // the repository's, which every event goes to first
    std::vector<RunEvent> pending; // not yet signalled
    RunResult result;
    std::vector<Completion<RunResult>> waiters;
    std::vector<std::pair<HumanQuestion, Completion<Result<HumanAnswer>>>> questions;
};

// Puts questions of one run before the person.
class RunService::Desk : public HumanDesk
{
public:
    Desk(RunService *service, Live *live) : m_service(service), m_live(live) {}
    Task<Result<HumanAnswer>> ask(HumanQuestion question, CancelToken cancel) override
    {
        Completion<Result<HumanAnswer>> answered;
        const QString step = question.step;
        m_live->questions.emplace_back(std::move(question), answered);
        Q_EMIT m_service->questionsChanged();
        const auto registration = cancel.onCancelled([answered] { answered.complete(Error::cancelled()); });
        auto answer = co_await answered;
        std::erase_if(m_live->questions, [&step](const auto &entry) { return entry.first.step == step; });
        Q_EMIT m_service->questionsChanged();
        co_return answer;
    }

private:
    RunService *m_service;
    Live *m_live;
};

} // namespace lathe
