// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/ForkRecord.h"
#include "core/session/ProjectJournal.h"
#include "core/session/RunLineage.h"
#include "core/session/RunTests.h"
#include "core/session/SessionTypes.h"
#include "core/session/TeamPause.h"
#include "core/session/TeamResolver.h"

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
    // A recorded run executed from its journal alone: by its own design, or by what `reference` is now.
    struct Rerun {
        Trace trace;
        QString output;
        QString reference; // of what was executed: "triage@3"
        std::optional<Error> error;
        std::optional<Divergence> divergence; // it asked for something that is not recorded, and stopped there
        Rerun() = default;
    };
    Task<Result<RunLineage>> lineage(RunId run, CancelToken cancel);
    Task<Result<std::vector<TestResult>>> runTests(TestOptions options, CancelToken cancel);
    Task<Result<Rerun>> rerun(std::shared_ptr<const StoredRun> stored, std::optional<QString> reference, CancelToken cancel);
    Task<Result<RunResult>> finished(RunId run);
    // Begins a fork and gives its id.
    Task<Result<RunId>> fork(ForkRequest request);
    void stop(RunId run);
    // Nodes at which attended runs of a team wait; they hold for runs under way too.
    void setBreakpoints(ArtifactId team, const QStringList &nodes);
    std::optional<PausedRun> paused(RunId run) const;
    void continueRun(RunId run);
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
    void pausedChanged(lathe::RunId run);

private:
    struct Live;
    class Desk;
    using Blueprint = std::shared_ptr<const RunBlueprint>;
    Task<Result<Blueprint>> resolve(QString reference, std::optional<ArtifactKind> kind, std::optional<ModelChoice> model);
    Task<Result<Blueprint>> fromSnapshot(QJsonObject snapshot);
    // Diverged when an interrupted run would now ask something else than it did. Leaves it alone: a replay says so.
    Task<Result<void>> goesOnAsRecorded(std::shared_ptr<StoredRun> stored);
    // What a run changes of those it is forked from; `fork` false: it is no fork.
    struct Descent {
        bool fork = false;
        std::optional<StoredRun> parent; // only with `withParent`, when it is still there
        QString step;        // of the parent
        bool forget = false; // the outcomes of the step do not count
        std::vector<ForkLayer> layers;
        TeamOverrides overrides;
        Descent() = default;
    };
    Task<Result<Descent>> descentOf(RunId run, bool withParent);
    Task<std::vector<ForkLayer>> bindLayers(ForkRecord record);
    // The request's changes as they are kept: checked, without secrets, with what they refer to.
    Result<ForkRecord::Layer> ownLayer(const ForkRequest &request, const StoredRun &stored) const;
    std::shared_ptr<Live> makeLive(RunId run, Blueprint blueprint, ArtifactId artifact, RunRequest request);
    // Options of a live run; the caller sets what differs.
    RunOptions optionsOf(Live *live, qint64 startUs);
    void begin(std::shared_ptr<Live> live, RunOptions options);
    Task<> execute(std::shared_ptr<Live> live);
    void onEvent(Live *live, const RunEvent &event);
    void flushEvents();
    void connectNotify(const QMetaMethod &signal) override;
    void disconnectNotify(const QMetaMethod &signal) override;

    Project *m_project;
    Clock *m_clock;
    AgentResolver *m_resolver;
    TeamResolver m_teams;
    QHash<ArtifactId, QSet<QString>> m_breakpoints;
    Redactor *m_redactor;
    const Prices *m_prices;
    QHash<RunId, std::shared_ptr<Live>> m_live;   // under way
    std::vector<std::shared_ptr<Live>> m_recent; // ended, newest last
    QTimer m_flush;
    bool m_watched = false; // somebody listens to events()
    Usage m_usage;
};

// Of a replay of the run.
ReplayProof replayProof(const StoredRun &stored, const Trace &replayed, const std::optional<Divergence> &divergence);

} // namespace lathe
