// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/OpenRuns.h"
#include "core/project/ReadValue.h"
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
    std::function<Result<RunPage>(Database &)> find = [query](Database &db) -> Result<RunPage> {
        const auto keys = findRuns(db, query, true);
        if (!keys)
            return keys.error();
        RunPage page;
        if (int(keys->runs.size()) >= std::clamp(query.limit, 1, runPageMax))
            page.next = RunCursor{keys->runs.back(), keys->last};
        auto runs = readRuns(db, keys->runs);
        if (!runs)
            return runs.error();
        page.runs = std::move(*runs);
        return page;
    };
    auto page = co_await readValue(store, std::move(find), cancel);
    if (page && !open->repository)
        co_return Error::cancelled();
    if (page)
        open->repository->overlayLive(&page->runs);
    co_return page;
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
    std::function<Result<std::vector<RunId>>(Database &)> find = [query](Database &db) -> Result<std::vector<RunId>> {
        auto keys = findRuns(db, query, false);
        if (!keys)
            return keys.error();
        return std::move(keys->runs);
    };
    auto ids = co_await readValue(store, std::move(find), cancel);
    co_return ids;
}

Task<Result<std::vector<RunInfo>>> RunRepository::infos(std::vector<RunId> runs, CancelToken cancel) const
{
    const auto open = m_open;
    const auto store = m_store;
    const auto ready = co_await written(false);
    if (!ready)
        co_return ready.error();
    std::function<Result<std::vector<RunInfo>>(Database &)> find = [runs = std::move(runs)](Database &db) { return readRuns(db, runs); };
    auto infos = co_await readValue(store, std::move(find), cancel);
    if (infos && !open->repository)
        co_return Error::cancelled();
    if (infos)
        open->repository->overlayLive(&*infos);
    co_return infos;
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
    std::function<Result<int>(Database &)> find = [filter, bin](Database &db) { return countRuns(db, filter, bin); };
    auto count = co_await readValue(store, std::move(find), cancel);
    co_return count;
}

Task<Result<std::vector<RunGroup>>> RunRepository::groups(RunFilter filter, RunGrouping grouping, CancelToken cancel) const
{
    const auto store = m_store;
    const auto ready = co_await written(true);
    if (!ready)
        co_return ready.error();
    std::function<Result<std::vector<RunGroup>>(Database &)> find = [filter, grouping](Database &db) { return groupRuns(db, filter, grouping); };
    auto groups = co_await readValue(store, std::move(find), cancel);
    co_return groups;
}

Task<Result<QStringList>> RunRepository::values(RunField field, QString prefix, int limit, CancelToken cancel) const
{
    std::function<Result<QStringList>(Database &)> find = [field, prefix, limit](Database &db) { return runValues(db, field, prefix, limit); };
    auto values = co_await readValue(m_store, std::move(find), cancel);
    co_return values;
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
