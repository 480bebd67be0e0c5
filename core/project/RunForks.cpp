// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/OpenRuns.h"
#include "core/project/RunRepository.h"
#include "core/project/Sql.h"

namespace lathe {

namespace {
Result<std::vector<RunFork>> readForks(Database &db, const QByteArray &where, RunId id)
{
    std::vector<RunFork> forks;
    // A file of format 1 that is open for reading only has no such table, and no forks.
    const auto there = queryInt(db, QByteArrayLiteral("SELECT count(*) FROM sqlite_master WHERE type='table' AND name='forks'"));
    if (!there)
        return there.error();
    if (*there == 0)
        return forks;
    const auto read = eachRow(
        db, "SELECT run, parent, step, changes FROM forks WHERE " + where + "=? ORDER BY run",
        [&](Statement &row) {
            RunFork fork;
            fork.run = RunId{row.int64(0)};
            fork.parent = RunId{row.int64(1)};
            fork.step = row.text(2);
            fork.changes = json::parseObject(row.bytes(3)).valueOr({});
            forks.push_back(std::move(fork));
        },
        id);
    if (!read)
        return read.error();
    return forks;
}
}

Task<Result<void>> RunRepository::setFork(RunFork fork)
{
    const auto open = m_open;
    const auto store = m_store;
    const auto live = open->runs.value(fork.run);
    const bool withRow = live && live->mustInsert; // both or none are in the file after a crash
    if (withRow)
        live->row.fork = fork;
    const auto written = co_await open->flush();
    if (!written)
        co_return written.error();
    if (withRow && !live->inFile) {
        if (live->failure)
            co_return Error(*live->failure);
        co_return Error::cancelled();
    }
    if (withRow)
        co_return Result<void>();
    SqliteStore::Work work = [fork = std::move(fork)](Database &db) { return insertFork(db, fork); };
    auto done = co_await store->write(std::move(work));
    co_return done;
}

Result<std::optional<RunFork>> RunRepository::forkOf(RunId run) const
{
    auto forks = readForks(m_store->reader(), QByteArrayLiteral("run"), run);
    if (!forks)
        return forks.error();
    return forks->empty() ? std::optional<RunFork>() : std::optional<RunFork>(std::move(forks->front()));
}

Result<std::vector<RunFork>> RunRepository::forksFrom(RunId parent) const
{
    return readForks(m_store->reader(), QByteArrayLiteral("parent"), parent);
}

} // namespace lathe
