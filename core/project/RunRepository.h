// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "core/project/ProjectTypes.h"
#include "core/sqlite/SqliteStore.h"
#include "core/trace/Trace.h"

#include <QObject>

namespace lathe {

// One recorded effect as the file keeps it; core/runtime has the same shape for its own use.
struct StoredEntry {
    QString step;
    QString kind;
    QByteArray requestHash;
    QByteArray request; // canonical JSON
    bool done = false;
    QJsonObject outcome;
    QByteArray outcomeText; // to be written: the outcome as json::compact() gives it, instead of `outcome`
    qint64 startedUs = 0;
    qint64 endedUs = 0;
    StoredEntry() = default;
};

// Everything needed to replay or resume a run.
struct StoredRun {
    RunInfo info;
    std::vector<StoredEntry> journal;
    Trace trace;
};

// Runs, steps and journals. Main thread. Write order is call order; what a finished task reported survives kill -9.
class RunRepository : public QObject
{
    Q_OBJECT
public:
    RunRepository(SqliteStore *store, Clock *clock);
    ~RunRepository() override; // writes what is still held back; runs under way become interrupted

    // Inserts the run (status running) and gives its id at once; the row is written before anything recorded later. Ids are
    // handed out in blocks reserved from the file, so that two programs never share one.
    Task<Result<RunId>> create(RunInfo info);
    // Records one event of a run: container steps are written when they begin and end, effect steps when they end, run ended
    // closes the run and indexes it for search. Not awaited; failures go to the store's error handler.
    void record(const RunEvent &event);
    Task<Result<void>> writeEntry(RunId run, StoredEntry entry); // begin (done=false) or finish (done=true): upsert by step
    // Marks the run as running again in this program (resume).
    Task<Result<void>> reopen(RunId run);
    // When RunEnded was recorded before, this only waits until it is in the file.
    Task<Result<void>> end(RunId run, RunStatus status, QString output, std::optional<Error> error, Usage usage);
    // Of a run under way in this program: what was recorded so far, and goes on to be. Stays after the end. Null for others.
    std::shared_ptr<const Trace> trace(RunId run) const;

    // Notes that a run is a fork; call it right after create().
    Task<Result<void>> setFork(RunFork fork);
    Result<std::optional<RunFork>> forkOf(RunId run) const;          // nothing: it is no fork
    Result<std::vector<RunFork>> forksFrom(RunId parent) const;      // oldest first

    Result<RunInfo> run(RunId id) const;
    Task<Result<std::vector<RunInfo>>> query(RunQuery query, CancelToken cancel) const; // newest first
    Task<Result<StoredRun>> load(RunId id, CancelToken cancel) const;
    Result<StoredEntry> entry(RunId run, const QString &step) const; // for the detail view: request and outcome as recorded
    int count() const;
    RunId newest() const;
    // Runs whose program is gone but that are still marked running become interrupted. Called when a project opens.
    // `isAlive` tells whether a process id (with its start time) still lives.
    Task<Result<int>> markInterrupted();
    // Steps are held back for a few milliseconds, so that several share one write; ends when all recorded so far is committed.
    Task<Result<void>> flush();
    // Sum over the runs that began at or after the time, those under way included.
    Usage usageSince(qint64 startUs) const;

Q_SIGNALS:
    void added(lathe::RunId id);
    void changed(lathe::RunId id);

private:
    struct Open; // what is known of runs under way in this program
    SqliteStore *m_store;
    Clock *m_clock;
    std::shared_ptr<Open> m_open;
};

} // namespace lathe
