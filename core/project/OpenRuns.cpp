// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/OpenRuns.h"

#include "core/project/ProcessOwner.h"
#include "core/project/RunUpkeep.h"
#include "core/project/Sql.h"

#include <QCoreApplication>

namespace lathe {

namespace {
// Steps wait this long for the next effect of the run, whose write they then share.
constexpr int writeDelayMs = 5;
// Search may lag this far behind; many runs share one change of the full-text index, which is dear by the transaction.
constexpr int indexDelayMs = 250;
constexpr size_t indexRunsMax = 256;
constexpr int reserveMax = 64;
constexpr qint64 runIdMax = 1ll << 52; // exact in JSON numbers of other programs

Usage usageOf(const RunEvent &ended, const Trace &trace)
{
    const QJsonValue nested = ended.attributes.value(QLatin1String("usage"));
    if (nested.isObject())
        return Usage::fromJson(nested.toObject());
    if (ended.attributes.contains(QLatin1String("input_tokens")))
        return Usage::fromJson(ended.attributes);
    return trace.usage();
}

Error notUnderWay(RunId id)
{
    return Error(ErrorKind::InvalidInput,
                 QStringLiteral("Run %1 is not under way in this program.").arg(id.value));
}

// Reserves `count` ids; the counter never goes back behind a run that exists.
Result<qint64> reserveIds(Database &db, int count)
{
    const auto first =
        queryInt(db, QByteArrayLiteral("SELECT max(coalesce((SELECT CAST(value AS INTEGER) FROM "
                                       "settings WHERE key='runs.next'), 1),"
                                       " coalesce((SELECT max(id) FROM runs), 0) + 1)"));
    if (!first)
        return first;
    if (*first < 1 || *first > runIdMax)
        return Error(
            ErrorKind::ProjectFile,
            QStringLiteral("The counter of runs in %1 is damaged; restore the file from a copy.")
                .arg(db.path()));
    auto set = execute(
        db, QByteArrayLiteral("INSERT OR REPLACE INTO settings(key, value) VALUES('runs.next', ?)"),
        Text(QByteArray::number(*first + count)));
    if (!set)
        return set.error();
    return first;
}
} // namespace

RunRepository::Open::Open(RunRepository *owningRepository, SqliteStore *sqlite, Clock *time)
    : repository(owningRepository),
      store(sqlite),
      clock(time),
      owner(ownerOfThisProcess()),
      pid(int(QCoreApplication::applicationPid()))
{
    m_writeTimer.setSingleShot(true);
    m_writeTimer.setInterval(writeDelayMs);
    QObject::connect(&m_writeTimer, &QTimer::timeout, &m_writeTimer, [this] { writeDirty(); });
    m_indexTimer.setSingleShot(true);
    m_indexTimer.setInterval(indexDelayMs);
    QObject::connect(&m_indexTimer, &QTimer::timeout, &m_indexTimer, [this] { indexNow(); });
}

std::optional<RunId> RunRepository::Open::nextId()
{
    if (m_nextId == m_endId)
        return std::nullopt;
    return RunId{m_nextId++};
}

// A single run takes one id; the more are asked for, the larger the blocks, so that ids stay dense and batches quick.
Task<Result<RunId>> RunRepository::Open::takeId()
{
    const auto self = shared_from_this();
    // Kept until the id is taken: giving it back wakes the next one, who would take ours.
    const auto permit = co_await m_reserving.acquire();
    if (!repository)
        co_return Error::cancelled();
    if (m_nextId == m_endId) {
        const int count = m_reserveCount;
        const auto first = std::make_shared<qint64>(0);
        SqliteStore::Work work = [first, count](Database &db) -> Result<void> {
            const auto reserved = reserveIds(db, count);
            if (!reserved)
                return reserved.error();
            *first = *reserved;
            return {};
        };
        const auto written = co_await store->write(std::move(work), SqliteStore::Undo::Repeat);
        if (!written)
            co_return written.error();
        m_nextId = *first;
        m_endId = *first + count;
        m_reserveCount = std::min(count * 2, reserveMax);
        if (!repository)
            co_return Error::cancelled();
    }
    co_return RunId{m_nextId++};
}

QByteArray RunRepository::Open::snapshotHash(const QJsonObject &snapshot)
{
    if (snapshot.isEmpty())
        return {};
    if (m_snapshotHash.isEmpty() || snapshot != m_snapshot) {
        m_snapshot = snapshot;
        m_snapshotHash = json::hash(snapshot);
    }
    return m_snapshotHash;
}

void RunRepository::Open::add(RunInfo info)
{
    const auto run = std::make_shared<OpenRun>();
    info.status = RunStatus::Running;
    info.endUs = 0;
    info.pid = pid;
    if (info.startUs == 0)
        info.startUs = clock->nowUs();
    run->row.snapshotHash = snapshotHash(info.snapshot);
    if (!info.sourceId.isEmpty())
        unwrittenForeign.insert({info.source, info.sourceId}, info.id);
    run->row.info = std::move(info);
    run->row.owner = owner;
    runs.insert(run->row.info.id, run);
    schedule(run);
}

void RunRepository::Open::adopt(RunInfo info)
{
    const auto run = std::make_shared<OpenRun>();
    info.pid = pid;
    run->row.info = std::move(info);
    run->row.owner = owner;
    run->inFile = true;
    run->mustInsert = false;
    runs.insert(run->row.info.id, run);
}

void RunRepository::Open::record(const RunEvent &event)
{
    const auto found = runs.constFind(event.run);
    if (found
        == runs.constEnd()) { // of a run that has ended: only its end still matters, which end() timed by itself
        if (event.kind == RunEventKind::RunEnded && event.run.isValid())
            correctEnd(event);
        return;
    }
    const auto run = *found;
    bool dirty = false;
    if (event.kind == RunEventKind::RunEnded) {
        run->close(event);
        run->endSeen = true;
        run->row.endAttributes = event.attributes;
        run->row.info.usage = usageOf(event, run->trace);
        dirty = true;
    } else {
        if (run->closed)
            return;
        if (!run->forgotten.isEmpty() && run->forgotten.contains(run->trace.indexOf(event.step)))
            return; // told again, long after: what the file has is whole
        const int index = run->trace.apply(event);
        if (event.kind == RunEventKind::RunStarted) {
            run->row.timeIsNew = run->row.timeIsNew || run->row.info.startUs != event.timeUs;
            run->row.info.startUs = event.timeUs;
            run->row.startAttributes = event.attributes;
            run->row.startIsNew = true;
            run->mustUpdate = true;
            dirty = true;
        } else if (index >= 0) {
            const bool begins =
                event.kind == RunEventKind::StepStarted && isContainer(event.stepKind);
            // What comes after the end of a step (another program's events have no order) changes what is written.
            if (begins || isOver(run->trace.steps()[size_t(index)].status)) {
                run->markStep(index);
                dirty = true;
            }
            // May wait for days, and the program may be gone by then: what waits is in the file, with what it is part of.
            if (event.kind == RunEventKind::StepNote && run->trace.steps()[size_t(index)].status == StepStatus::Waiting) {
                for (int at = index; at >= 0 && !isOver(run->trace.steps()[size_t(at)].status);
                     at = run->trace.indexOf(run->trace.steps()[size_t(at)].parent))
                    run->markStep(at);
                dirty = true;
            }
        }
        if (run->trace.status() != run->row.info.status) { // waits for a person, or goes on
            run->row.info.status = run->trace.status();
            dirty = true;
        }
    }
    if (dirty)
        schedule(run);
}

void RunRepository::Open::correctEnd(const RunEvent &ended)
{
    store->post([ended](Database &db) {
        return execute(
            db,
            QByteArrayLiteral("UPDATE runs SET end_us=?, end_attributes=? WHERE id=? AND status=?"),
            ended.timeUs, Text(json::compact(ended.attributes)), ended.run,
            Text(runStatusName(ended.runStatus)));
    });
}

void RunRepository::Open::schedule(const std::shared_ptr<OpenRun> &run)
{
    if (!std::exchange(run->scheduled, true))
        m_scheduled.push_back(run);
    if (!m_writeTimer.isActive())
        m_writeTimer.start();
}

void RunRepository::Open::writeDirty()
{
    m_writeTimer.stop();
    for (const auto &run : std::exchange(m_scheduled, {})) {
        run->scheduled = false;
        if (run->isDirty())
            writeAndReport(run->row.info.id);
    }
}

Task<> RunRepository::Open::writeAndReport(RunId id)
{
    const auto self = shared_from_this();
    const auto written = co_await write(id, std::nullopt);
    if (written || !repository)
        co_return;
    if (const auto run = runs.value(id))
        run->failure = written.error();
    // The store's error handler hears of it.
    const Error failure = written.error();
    store->post([failure](Database &) -> Result<void> { return failure; });
}

Task<Result<void>> RunRepository::Open::write(RunId id, std::optional<StoredEntry> entry)
{
    const auto self = shared_from_this();
    const auto run = runs.value(id);
    if (!run)
        co_return notUnderWay(id);
    const auto batch = std::make_shared<RunBatch>();
    if (run->isDirty())
        *batch = run->takeBatch();
    batch->row.info.id = id;
    const bool hasEntry = entry.has_value();
    if (hasEntry)
        batch->entries.push_back(std::move(*entry));
    if (!batch->insert && !batch->update && batch->steps.empty() && !hasEntry)
        co_return Result<void>();
    ++run->writing;
    SqliteStore::Work work = [batch](Database &db) { return writeBatch(db, *batch); };
    const auto written = co_await store->write(std::move(work), SqliteStore::Undo::Repeat);
    --run->writing;
    if (!repository)
        co_return written;
    if (written) {
        afterWrite(run, *batch);
        co_return written;
    }
    // Tried again with the next write of the run, unless the file will never take it.
    Error failure = written.error();
    if (failure.kind != ErrorKind::InvalidInput || !run->inFile)
        run->giveBack(*batch);
    if (failure.kind == ErrorKind::InvalidInput && run->failure)
        failure = *run->failure; // the row it refers to could not be written; that is why
    co_return failure;
}

void RunRepository::Open::afterWrite(const std::shared_ptr<OpenRun> &run, const RunBatch &batch)
{
    const RunId id = run->row.info.id;
    run->failure.reset();
    run->forgetBodies(batch);
    if (run->closed && !run->isDirty() && run->writing == 0 && runs.remove(id) > 0) {
        m_toIndex.push_back(id);
        if (m_toIndex.size() >= indexRunsMax)
            indexNow();
        else if (!m_indexTimer.isActive())
            m_indexTimer.start();
    }
    if (batch.insert) {
        run->inFile = true;
        unwrittenForeign.remove({run->row.info.source, run->row.info.sourceId});
        Q_EMIT repository->added(id);
    }
    if (repository && (batch.update || (batch.insert && run->closed)))
        Q_EMIT repository->changed(id);
}

void RunRepository::Open::indexNow()
{
    m_indexTimer.stop();
    if (m_toIndex.empty())
        return;
    store->post([ids = std::exchange(m_toIndex, {})](Database &db) { return indexRuns(db, ids); }, SqliteStore::Undo::Repeat);
}

Task<Result<void>> RunRepository::Open::writeEntry(RunId id, StoredEntry entry)
{
    if (const auto run = runs.value(id); run && entry.done) {
        run->outcomes.insert(entry.step, entry.outcomeText.isEmpty() ? outcomeTexts(entry.kind, entry.outcome)
                                                                     : outcomeTexts(entry.kind, entry.outcomeText));
    }
    return write(id, std::move(entry));
}

Task<Result<void>> RunRepository::Open::end(RunId id, RunStatus status, QString output,
                                            std::optional<Error> error, Usage usage)
{
    const auto self = shared_from_this();
    const auto run = runs.value(id);
    if (!run)
        co_return notUnderWay(id);
    RunInfo &info = run->row.info;
    const bool said = run->closed && info.status == status && info.output == output
                      && info.error == error && info.usage == usage;
    if (!said) {
        RunEvent ended;
        ended.kind = RunEventKind::RunEnded;
        ended.run = id;
        ended.runStatus = status;
        ended.text = std::move(output);
        ended.error = std::move(error);
        ended.attributes = run->row.endAttributes;
        ended.timeUs = info.endUs;
        if (!run->endSeen)
            ended.timeUs = clock->nowUs();
        run->close(ended);
        info.usage = usage;
    }
    auto written = co_await write(id, std::nullopt);
    if (!written || !repository || run->writing == 0)
        co_return written;
    // The end is on its way since its event was recorded.
    auto flushed = co_await store->flush();
    if (flushed && run->failure)
        co_return Error(*run->failure); // a copy: QCoro 0.8 would move from it
    co_return flushed;
}

bool RunRepository::Open::hasUnwrittenRuns() const
{
    return std::any_of(runs.begin(), runs.end(), [](const auto &run) { return !run->inFile; });
}

Task<Result<void>> RunRepository::Open::flush()
{
    const auto self = shared_from_this();
    for (const auto &run : std::as_const(runs)) { // those whose write failed before are tried again
        if (run->isDirty())
            schedule(run);
    }
    if (!m_scheduled.empty()) {
        writeDirty();
        // Ended runs among them join the search only after their commit.
        auto written = co_await store->flush();
        if (!written || !repository)
            co_return written;
    }
    indexNow();
    auto flushed = co_await store->flush();
    co_return flushed;
}

void RunRepository::Open::returnIds()
{
    if (m_nextId == m_endId)
        return;
    const QByteArray first = QByteArray::number(m_nextId);
    const QByteArray end = QByteArray::number(m_endId);
    m_nextId = m_endId;
    store->post([first, end](Database &db) {
        return execute(
            db, QByteArrayLiteral("UPDATE settings SET value=? WHERE key='runs.next' AND value=?"),
            Text(first), Text(end));
    });
}

void RunRepository::Open::close()
{
    m_writeTimer.stop();
    m_indexTimer.stop();
    for (const auto &run : std::as_const(runs)) {
        if (!run->closed) { // nobody goes on with it
            RunEvent ended;
            ended.kind = RunEventKind::RunEnded;
            ended.run = run->row.info.id;
            ended.runStatus = RunStatus::Interrupted;
            ended.timeUs = clock->nowUs();
            run->close(ended);
            run->row.info.usage = run->trace.usage();
        }
        const auto batch = std::make_shared<RunBatch>(run->takeBatch());
        batch->row.info.id = run->row.info.id;
        store->post([batch](Database &db) { return writeBatch(db, *batch); });
        m_toIndex.push_back(run->row.info.id);
    }
    runs.clear();
    indexNow();
    returnIds();
    repository = nullptr;
}

} // namespace lathe
