// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/RunPacking.h"
#include "core/project/RunRepository.h"
#include "core/project/RunRows.h"

#include <QSet>
#include <QTimer>

#include <deque>
#include <map>
#include <set>

namespace lathe {

inline bool isContainer(StepKind kind)
{
    return kind == StepKind::Agent || kind == StepKind::Control;
}
inline bool isOver(StepStatus status)
{
    return status != StepStatus::Running && status != StepStatus::Waiting;
}

// A run under way in this program: its row, its trace so far, and what of them is not yet on its way to the file.
struct OpenRun {
    RunRow row;
    const std::shared_ptr<Trace> sharedTrace = std::make_shared<Trace>(); // seen by who executes the run
    Trace &trace = *sharedTrace;
    bool inFile = false; // the insertion is committed
    bool mustInsert = true;
    bool mustUpdate = false;
    bool closed = false;    // it has ended
    bool endSeen = false;   // by its event, which knows the time
    bool scheduled = false; // for the next delayed write
    int writing = 0;        // writes on their way
    RunStatus writtenStatus = RunStatus::Running;
    std::vector<int> dirtySteps;
    std::vector<bool> isStepDirty; // by index
    std::map<QByteArray, ToolRow> tools; // by name without regard to case, as run_tools has it
    std::set<QByteArray> dirtyTools;
    struct Counted {
        QByteArray tool;
        bool failed = false;
    };
    QHash<int, Counted> counted; // ended tool steps, by index
    QHash<QString, OutcomeTexts> outcomes; // recorded ones of steps that have not ended yet
    std::optional<Error> failure; // of a write nobody waited for

    // What others record may be of any size: texts of steps that are safe in the file are forgotten, the oldest first, when those of
    // the run take too much memory. Nobody executes such a run; who wants them asks the file.
    std::deque<std::pair<int, qint64>> safeBodies; // step and bytes
    qint64 safeBytes = 0;
    QSet<int> forgotten;

    bool isDirty() const
    {
        return mustInsert || mustUpdate || !dirtySteps.empty() || row.info.status != writtenStatus;
    }
    void markStep(int index);
    void countTool(int index); // a step that has ended, perhaps not for the first time
    void overlay(RunInfo *info) const; // what this program knows better than the file
    void close(const RunEvent &ended);
    // Takes what is dirty.
    RunBatch takeBatch();
    void giveBack(const RunBatch &batch); // it failed
    void forgetBodies(const RunBatch &batch); // it is in the file
};

// The runs under way of one RunRepository. Main thread. Coroutines keep it alive beyond the repository; `repository` is then null.
struct RunRepository::Open : std::enable_shared_from_this<RunRepository::Open> {
    Open(RunRepository *owningRepository, SqliteStore *sqlite, Clock *time);

    std::optional<RunId> nextId(); // nothing: some must be reserved first
    Task<Result<RunId>> takeId();
    void add(RunInfo info);   // a new run
    void adopt(RunInfo info); // one that is in the file and goes on
    void record(const RunEvent &event);
    Task<Result<void>> writeEntry(RunId id, StoredEntry entry);
    Task<Result<void>> end(RunId id, RunStatus status, QString output, std::optional<Error> error,
                           Usage usage);
    Task<Result<void>> flush();
    bool hasUnwrittenRuns() const;
    bool hasNews() const { return !runs.isEmpty() || !m_toIndex.empty() || store->pendingWrites() > 0; }
    // Foreign runs whose rows are not in the file yet, by source and id there.
    QHash<std::pair<QString, QString>, RunId> unwrittenForeign;
    void close(); // the repository goes

    RunRepository *repository;
    SqliteStore *store;
    Clock *clock;
    QString owner;
    int pid = 0;
    QHash<RunId, std::shared_ptr<OpenRun>> runs;

private:
    void correctEnd(const RunEvent &ended);
    void schedule(const std::shared_ptr<OpenRun> &run);
    void writeDirty();
    Task<> writeAndReport(RunId id);
    Task<Result<void>> write(RunId id, std::optional<StoredEntry> entry);
    void afterWrite(const std::shared_ptr<OpenRun> &run, const RunBatch &batch);
    void indexNow();
    void returnIds();
    QByteArray snapshotHash(const QJsonObject &snapshot);

    std::vector<std::shared_ptr<OpenRun>> m_scheduled;
    std::vector<RunId> m_toIndex; // ended, not yet in run_search
    QTimer m_writeTimer;
    QTimer m_indexTimer;
    qint64 m_nextId = 0; // reserved: from here...
    qint64 m_endId = 0;  // ...to before here
    int m_reserveCount = 1;
    AsyncSemaphore m_reserving{1};
    QJsonObject m_snapshot; // the last one and its hash: the runs of a batch share it
    QByteArray m_snapshotHash;
};

} // namespace lathe
