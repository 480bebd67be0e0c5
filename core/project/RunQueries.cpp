// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/OpenRuns.h"
#include "core/project/RunLog.h"
#include "core/project/RunReader.h"
#include "core/project/RunRepository.h"
#include "core/project/Sql.h"

namespace lathe {

// Asking the run log.

Task<Result<void>> RunRepository::written(bool allOfIt) const
{
    const auto open = m_open;
    if (!open->hasUnwrittenRuns() && !(allOfIt && open->hasNews()))
        co_return Result<void>();
    const auto flushed = co_await open->flush();
    if (!flushed)
        co_return flushed.error();
    if (!open->repository)
        co_return Error::cancelled();
    co_return Result<void>();
}

void RunRepository::overlayLive(std::vector<RunInfo> *runs) const
{
    for (RunInfo &info : *runs) {
        if (const auto live = m_open->runs.value(info.id)) {
            live->overlay(&info);
            info.input = excerpt(info.input);
            info.output = excerpt(info.output);
        }
    }
}

Task<Result<RunPage>> RunRepository::page(RunQuery query, CancelToken cancel) const
{
    const auto open = m_open;
    const auto store = m_store;
    const auto ready = co_await written(!query.filter.isEmpty() || query.sort != RunSort::Started);
    if (!ready)
        co_return ready.error();
    const auto page = std::make_shared<RunPage>();
    SqliteStore::Work work = [query, page](Database &db) -> Result<void> {
        const auto keys = findRuns(db, query, true);
        if (!keys)
            return keys.error();
        if (int(keys->runs.size()) >= query.limit && !keys->runs.empty())
            page->next = RunCursor{keys->runs.back(), keys->last};
        auto runs = readRuns(db, keys->runs);
        if (!runs)
            return runs.error();
        page->runs = std::move(*runs);
        return {};
    };
    const auto read = co_await store->read(std::move(work), cancel);
    if (!read)
        co_return read.error();
    if (!open->repository)
        co_return Error::cancelled();
    open->repository->overlayLive(&page->runs);
    co_return std::move(*page);
}

Task<Result<std::vector<RunInfo>>> RunRepository::query(RunQuery query, CancelToken cancel) const
{
    auto found = co_await page(std::move(query), cancel);
    if (!found)
        co_return found.error();
    co_return std::move(found->runs);
}

Task<Result<std::vector<RunId>>> RunRepository::ids(RunQuery query, CancelToken cancel) const
{
    const auto store = m_store;
    const auto ready = co_await written(!query.filter.isEmpty() || query.sort != RunSort::Started);
    if (!ready)
        co_return ready.error();
    const auto ids = std::make_shared<std::vector<RunId>>();
    SqliteStore::Work work = [query, ids](Database &db) -> Result<void> {
        auto keys = findRuns(db, query, false);
        if (!keys)
            return keys.error();
        *ids = std::move(keys->runs);
        return {};
    };
    const auto read = co_await store->read(std::move(work), cancel);
    if (!read)
        co_return read.error();
    co_return std::move(*ids);
}

Task<Result<std::vector<RunInfo>>> RunRepository::infos(std::vector<RunId> runs, CancelToken cancel) const
{
    const auto open = m_open;
    const auto store = m_store;
    const auto ready = co_await written(false);
    if (!ready)
        co_return ready.error();
    const auto infos = std::make_shared<std::vector<RunInfo>>();
    SqliteStore::Work work = [runs = std::move(runs), infos](Database &db) -> Result<void> {
        auto found = readRuns(db, runs);
        if (!found)
            return found.error();
        *infos = std::move(*found);
        return {};
    };
    const auto read = co_await store->read(std::move(work), cancel);
    if (!read)
        co_return read.error();
    if (!open->repository)
        co_return Error::cancelled();
    open->repository->overlayLive(infos.get());
    co_return std::move(*infos);
}

Task<Result<bool>> RunRepository::matches(RunId run, RunFilter filter, CancelToken cancel) const
{
    RunQuery query(std::move(filter), 1);
    query.among.push_back(run);
    const auto found = co_await ids(std::move(query), cancel);
    if (!found)
        co_return found.error();
    co_return !found->empty();
}

Task<Result<int>> RunRepository::count(RunFilter filter, bool bin, CancelToken cancel) const
{
    const auto store = m_store;
    const auto ready = co_await written(!filter.isEmpty());
    if (!ready)
        co_return ready.error();
    const auto counted = std::make_shared<int>(0);
    SqliteStore::Work work = [filter, bin, counted](Database &db) -> Result<void> {
        const auto runs = countRuns(db, filter, bin);
        if (!runs)
            return runs.error();
        *counted = *runs;
        return {};
    };
    const auto read = co_await store->read(std::move(work), cancel);
    if (!read)
        co_return read.error();
    const int result = *counted;
    co_return result;
}

Task<Result<std::vector<RunGroup>>> RunRepository::groups(RunFilter filter, RunGrouping grouping, CancelToken cancel) const
{
    const auto store = m_store;
    const auto ready = co_await written(true);
    if (!ready)
        co_return ready.error();
    const auto groups = std::make_shared<std::vector<RunGroup>>();
    SqliteStore::Work work = [filter, grouping, groups](Database &db) -> Result<void> {
        auto found = groupRuns(db, filter, grouping);
        if (!found)
            return found.error();
        *groups = std::move(*found);
        return {};
    };
    const auto read = co_await store->read(std::move(work), cancel);
    if (!read)
        co_return read.error();
    co_return std::move(*groups);
}

Task<Result<QStringList>> RunRepository::values(RunField field, QString prefix, int limit, CancelToken cancel) const
{
    const auto store = m_store;
    const auto texts = std::make_shared<QStringList>();
    SqliteStore::Work work = [field, prefix, limit, texts](Database &db) -> Result<void> {
        auto found = runValues(db, field, prefix, limit);
        if (!found)
            return found.error();
        *texts = std::move(*found);
        return {};
    };
    const auto read = co_await store->read(std::move(work), cancel);
    if (!read)
        co_return read.error();
    co_return std::move(*texts);
}

Result<QHash<QString, RunId>> RunRepository::findForeign(const QString &source, const QStringList &sourceIds) const
{
    QHash<QString, RunId> found;
    for (const QString &id : sourceIds) {
        const auto unwritten = m_open->unwrittenForeign.constFind({source, id});
        if (unwritten != m_open->unwrittenForeign.constEnd())
            found.insert(id, *unwritten);
    }
    Database &db = m_store->reader();
    const auto format = formatOf(db);
    if (!format)
        return format.error();
    if (*format < runLogFormat)
        return found;
    const QByteArray wanted = json::compact(QJsonArray::fromStringList(sourceIds));
    const auto read = eachRow(
        db,
        QByteArrayLiteral("SELECT source_id, min(id) FROM runs WHERE source=? AND source_id<>'' AND source_id IN (SELECT value FROM json_each(?))"
                          " GROUP BY source_id"),
        [&](Statement &row) { found.insert(row.text(0), RunId{row.int64(1)}); }, Text(source), Text(wanted));
    if (!read)
        return read.error();
    return found;
}

Result<std::optional<RunId>> RunRepository::findForeign(const QString &source, const QString &sourceId) const
{
    const auto found = findForeign(source, QStringList{sourceId});
    if (!found)
        return found.error();
    const auto run = found->constFind(sourceId);
    return run == found->constEnd() ? std::optional<RunId>() : std::optional<RunId>(*run);
}

} // namespace lathe
