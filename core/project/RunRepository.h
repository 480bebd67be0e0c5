// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "core/project/ProjectTypes.h"
#include "core/project/TraceReader.h"
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

    // The run recorded elsewhere as (source, sourceId), so that no trace is kept twice. Nothing: unknown. Runs in the bin count, and
    // those that are not in the file yet.
    Result<std::optional<RunId>> findForeign(const QString &source, const QString &sourceId) const;
    Result<QHash<QString, RunId>> findForeign(const QString &source, const QStringList &sourceIds) const; // those that are known
    // What became known of a foreign run after its begin, under way or ended: agentName, input, models and startUs where they are
    // set in `facts`; its tags are added. Emits changed(). InvalidInput for a run of Lathe itself.
    Task<Result<void>> amendForeign(RunId run, RunInfo facts);

    Result<RunInfo> run(RunId id) const;
    // The runs that a query finds, one page. What this program recorded until now counts; words of runs under way are found when
    // they have ended.
    Task<Result<RunPage>> page(RunQuery query, CancelToken cancel) const;
    Task<Result<std::vector<RunInfo>>> query(RunQuery query, CancelToken cancel) const; // page().runs
    // All ids of the query in its order; its cursor and limit do not count.
    Task<Result<std::vector<RunId>>> ids(RunQuery query, CancelToken cancel) const;
    // In the order asked, list form; those that are gone are left out.
    Task<Result<std::vector<RunInfo>>> infos(std::vector<RunId> runs, CancelToken cancel) const;
    Task<Result<bool>> matches(RunId run, RunFilter filter, CancelToken cancel) const; // false for those in the bin
    Task<Result<int>> count(RunFilter filter, bool bin, CancelToken cancel) const;
    // Largest first; Day: newest first. Not those in the bin.
    Task<Result<std::vector<RunGroup>>> groups(RunFilter filter, RunGrouping grouping, CancelToken cancel) const;
    // Values of a field that occur in this project and begin so (or hold it, behind those), the most frequent or newest first.
    // Agent also gives "name@3". Empty for fields that are numbers or free text. limit: at most 1,000.
    Task<Result<QStringList>> values(RunField field, QString prefix, int limit, CancelToken cancel) const;
    // What is known of all calls of tools in runs (not of those in the bin) that began since a time; `tools`: of these names only, empty: of all.
    Task<Result<std::vector<ToolCallTally>>> toolCalls(QStringList tools, qint64 sinceUs, CancelToken cancel) const;

    // Marks. Each is one transaction; marked() tells of all runs of it. NotFound when one of the runs is not there: then none is
    // changed. Tags are trimmed; at most 100 characters, 50 a run, without line breaks: else InvalidInput.
    Task<Result<void>> setTags(RunId run, QStringList tags);
    Task<Result<void>> addTag(std::vector<RunId> runs, QString tag);
    Task<Result<void>> removeTag(std::vector<RunId> runs, QString tag);
    Task<Result<void>> setPinned(std::vector<RunId> runs, bool pinned, QString note);
    Task<Result<std::vector<RunInfo>>> pinned(CancelToken cancel) const; // oldest first, list form; not those in the bin
    // Runs in the bin are in no list, sum or group. One under way is refused (InvalidInput).
    Task<Result<void>> setInBin(std::vector<RunId> runs, bool inBin);
    Task<Result<void>> moveToBin(std::vector<RunId> runs) { return setInBin(std::move(runs), true); }
    Task<Result<void>> restore(std::vector<RunId> runs) { return setInBin(std::move(runs), false); }
    // Deletes for good what of `runs` is in the bin, and gives how many those were. Forks of them stay; their parent is then gone.
    Task<Result<int>> remove(std::vector<RunId> runs);
    Task<Result<int>> emptyBin(); // all that is in it

    // The steps whose position is in [from, from + count), in order, without bodies (TraceReader.h). Of a run under way: what is in
    // the file; steps that go on are in trace().
    Task<Result<TraceOutline>> outline(RunId run, int from, int count, CancelToken cancel) const;
    // One whole step; texts from the journal when they are there. NotFound.
    Task<Result<Step>> step(RunId run, QString path, CancelToken cancel) const;
    // Paths of the steps, in order, that hold all words somewhere (name, texts, attributes, notes, error, recorded request and
    // outcome; not the requests of model calls, which repeat what came before), without regard to case. limit: at most 100,000. Reads
    // the whole run: cancel it.
    Task<Result<QStringList>> findSteps(RunId run, QString words, int limit, CancelToken cancel) const;

    Task<Result<StoredRun>> load(RunId id, CancelToken cancel) const;
    Result<StoredEntry> entry(RunId run, const QString &step) const; // for the detail view: request and outcome as recorded
    int count() const;
    RunId newest() const;
    // Runs whose program is gone but that are still marked running become interrupted. Called when a project opens.
    // `isAlive` tells whether a process id (with its start time) still lives.
    Task<Result<int>> markInterrupted();
    // Steps are held back for a few milliseconds, so that several share one write; ends when all recorded so far is committed.
    Task<Result<void>> flush();
    // Sum over the runs of this Lathe that began at or after the time, those under way included. Not what others recorded.
    Usage usageSince(qint64 startUs) const;

Q_SIGNALS:
    void added(lathe::RunId id);
    void changed(lathe::RunId id);
    void marked(const std::vector<lathe::RunId> &runs);  // tags, pins, bin: after the commit, once for all
    void removed(const std::vector<lathe::RunId> &runs); // the bin was emptied

private:
    Task<Result<void>> mark(std::vector<RunId> runs, std::function<Result<void>(Database &, RunId)> each);
    // Ends when runs are in the file; `allOfIt`: with all that was recorded of them.
    Task<Result<void>> written(bool allOfIt) const;
    void overlayLive(std::vector<RunInfo> *runs) const;
    struct Open; // what is known of runs under way in this program
    SqliteStore *m_store;
    Clock *m_clock;
    std::shared_ptr<Open> m_open;
};

} // namespace lathe
