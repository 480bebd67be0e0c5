// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/AgentResolver.h"
#include "core/session/ProjectJournal.h"
#include "core/session/SessionTypes.h"

#include <QMetaMethod>
#include <QTimer>

namespace lathe {

// Executes runs: starts, watches, stops, resumes and replays them. Owned by the session; main thread.
class RunService : public QObject
{
    Q_OBJECT
public:
    RunService(Project *project, Clock *clock, AgentResolver *resolver, Redactor *redactor, const Prices *prices);
    ~RunService() override;

    Task<Result<RunId>> start(RunRequest request);
    Task<Result<RunId>> resume(RunId run, UnfinishedPolicy unfinished, RunRequest options);
    Task<Result<ReplayReport>> replay(RunId run, CancelToken cancel);
    Task<Result<RunResult>> finished(RunId run);
    void stop(RunId run);
    Task<> stopAll();
    std::vector<RunId> running() const;
    const Trace *trace(RunId run) const;
    std::vector<PendingQuestion> questions() const;
    void answer(RunId run, const QString &step, const HumanAnswer &answer);
    const Usage &usage() const { return m_usage; } // of all runs of this session

Q_SIGNALS:
    void started(lathe::RunId run);
    void events(lathe::RunId run, const std::vector<lathe::RunEvent> &events);
    void ended(lathe::RunId run);
    void questionsChanged();

private:
    struct Live;
    class Desk;
    std::shared_ptr<Live> makeLive(RunId run, std::shared_ptr<const AgentBlueprint> blueprint, RunRequest request);
    Task<> execute(std::shared_ptr<Live> live);
    void onEvent(Live *live, const RunEvent &event);
    void flushEvents();

    Project *m_project;
    Clock *m_clock;
    AgentResolver *m_resolver;
    Redactor *m_redactor;
    const Prices *m_prices;
    QHash<RunId, std::shared_ptr<Live>> m_live;   // under way
    std::vector<std::shared_ptr<Live>> m_recent; // ended, newest last
    QTimer m_flush;
    Usage m_usage;
};

} // namespace lathe
