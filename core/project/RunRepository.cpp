// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RunRepository.h"

#include "core/project/OpenRuns.h"
#include "core/project/ReadValue.h"
#include "core/project/RunPacking.h"
#include "core/project/RunReader.h"
#include "core/project/RunUpkeep.h"
#include "core/project/Sql.h"

#include <QPointer>

namespace lathe {

namespace {
Error noRun(RunId id)
{
    return Error(ErrorKind::NotFound,
                 QStringLiteral("There is no run %1 in this project.").arg(id.value));
}

} // namespace

RunRepository::RunRepository(SqliteStore *store, Clock *clock)
    : m_store(store), m_clock(clock), m_open(std::make_shared<Open>(this, store, clock))
{
}

RunRepository::~RunRepository()
{
    m_open->close();
}

Task<Result<RunId>> RunRepository::create(RunInfo info)
{
    if (m_store->isReadOnly())
        co_return Error(ErrorKind::ProjectFile,
                        QStringLiteral("%1 is open for reading only, so no run can be recorded in "
                                       "it. Save a copy to run agents.")
                            .arg(m_store->path()));
    const auto open = m_open;
    if (const auto next = open->nextId()) {
        info.id = *next;
    } else {
        const auto id = co_await open->takeId();
        if (!id)
            co_return id.error();
        if (!open->repository)
            co_return Error::cancelled();
        info.id = *id;
    }
    const RunId run = info.id;
    open->add(std::move(info));
    co_return run;
}

std::shared_ptr<const Trace> RunRepository::trace(RunId run) const
{
    const auto open = m_open->runs.value(run);
    return open ? open->sharedTrace : nullptr;
}

void RunRepository::record(const RunEvent &event)
{
    m_open->record(event);
}

Task<Result<void>> RunRepository::writeEntry(RunId run, StoredEntry entry)
{
    return m_open->writeEntry(run, std::move(entry));
}

Task<Result<void>> RunRepository::reopen(RunId run)
{
    const auto open = m_open;
    const auto store = m_store;
    if (open->runs.contains(run))
        co_return Error(ErrorKind::InvalidInput,
                        QStringLiteral("Run %1 is still under way.").arg(run.value));
    auto info = this->run(run);
    if (!info)
        co_return info.error();
    info->status = RunStatus::Running;
    info->endUs = 0;
    info->output.clear();
    info->error.reset();
    const QString owner = open->owner;
    const int pid = open->pid;
    SqliteStore::Work work = [run, owner, pid](Database &db) {
        return takeOverRun(db, run, owner, pid);
    };
    const auto taken = co_await store->write(std::move(work));
    if (!taken)
        co_return taken.error();
    if (!open->repository)
        co_return Error::cancelled();
    open->adopt(std::move(*info));
    Q_EMIT open->repository->changed(run);
    co_return Result<void>();
}

Task<Result<void>> RunRepository::end(RunId run, RunStatus status, QString output,
                                      std::optional<Error> error, Usage usage)
{
    return m_open->end(run, status, std::move(output), std::move(error), usage);
}

Result<RunInfo> RunRepository::run(RunId id) const
{
    const auto live = m_open->runs.value(id);
    if (live && !live->inFile) {
        RunInfo info = live->row.info;
        live->overlay(&info);
        return info;
    }
    Result<RunInfo> found = noRun(id);
    Database &db = m_store->reader();
    const auto format = formatOf(db);
    if (!format)
        return format.error();
    const QByteArray sql = "SELECT " + runColumns(true, *format) + " FROM runs r" + ratingJoin + " WHERE r.id=?";
    const auto read = eachRow(
        db, sql, [&](Statement &row) { found = runFromRow(db, row, true); }, id);
    if (!read)
        return read.error();
    if (found && live)
        live->overlay(&*found);
    return found;
}

Task<Result<StoredRun>> RunRepository::load(RunId id, CancelToken cancel) const
{
    const auto open = m_open;
    const auto store = m_store;
    if (open->runs.contains(id)) {
        const auto written = co_await open->flush();
        if (!written)
            co_return written.error();
        if (!open->repository)
            co_return Error::cancelled();
    }
    std::function<Result<StoredRun>(Database &)> find = [id](Database &db) { return loadRun(db, id); };
    auto loaded = co_await readValue(store, std::move(find), cancel);
    co_return loaded;
}

Result<StoredEntry> RunRepository::entry(RunId run, const QString &step) const
{
    Result<StoredEntry> found = Error(
        ErrorKind::NotFound, QStringLiteral("The journal of run %1 holds nothing for step %2.")
                                 .arg(run.value)
                                 .arg(step));
    static const QByteArray sql =
        QByteArrayLiteral("SELECT ") + entryColumns + " WHERE run=? AND step=?";
    const auto read = eachRow(
        m_store->reader(), sql, [&](Statement &row) { found = entryFromRow(row); }, run,
        Text(step));
    if (!read)
        return read.error();
    return found;
}

int RunRepository::count() const
{
    return int(
        queryInt(m_store->reader(), QByteArrayLiteral("SELECT count(*) FROM runs")).valueOr(0));
}

RunId RunRepository::newest() const
{
    return RunId{
        queryInt(m_store->reader(), QByteArrayLiteral("SELECT max(id) FROM runs")).valueOr(0)};
}

Usage RunRepository::usageSince(qint64 startUs) const
{
    Usage sum;
    Database &db = m_store->reader();
    const QByteArray own = formatOf(db).valueOr(0) >= runLogFormat ? " AND source=''" : "";
    const auto read = eachRow(
        db,
        "SELECT id, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd FROM runs WHERE start_us>=?"
            + own,
        [&](Statement &row) {
            if (m_open->runs.contains(RunId{row.int64(0)}))
                return;
            Usage usage;
            usage.inputTokens = row.int64(1);
            usage.outputTokens = row.int64(2);
            usage.cacheReadTokens = row.int64(3);
            usage.cacheWriteTokens = row.int64(4);
            usage.reasoningTokens = row.int64(5);
            usage.costKnown = !row.isNull(6);
            usage.costUsd = row.real(6);
            sum += usage;
        },
        startUs);
    if (!read)
        qWarning("Summing up runs failed: %s", qPrintable(read.error().message));
    for (const auto &live : std::as_const(m_open->runs)) {
        if (live->row.info.startUs < startUs || !live->row.info.source.isEmpty())
            continue;
        RunInfo info = live->row.info;
        live->overlay(&info);
        sum += info.usage;
    }
    return sum;
}

Task<Result<int>> RunRepository::markInterrupted()
{
    const auto store = m_store;
    const QPointer<RunRepository> self(this);
    if (store->isReadOnly())
        co_return 0;
    const auto ids = std::make_shared<std::vector<RunId>>();
    SqliteStore::Work work = [ids](Database &db) -> Result<void> {
        auto marked = markInterruptedRuns(db);
        if (!marked)
            return marked.error();
        *ids = std::move(*marked);
        auto backlog = unindexedRuns(db);
        if (!backlog)
            return backlog.error();
        return indexRuns(db, *backlog);
    };
    const auto written = co_await store->write(std::move(work));
    if (!written)
        co_return written.error();
    for (const RunId id : *ids) {
        if (self)
            Q_EMIT self->changed(id);
    }
    co_return int(ids->size());
}

Task<Result<void>> RunRepository::flush()
{
    return m_open->flush();
}

} // namespace lathe
