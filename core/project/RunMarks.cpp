// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/OpenRuns.h"
#include "core/project/ReadValue.h"
#include "core/project/RunLog.h"
#include "core/project/RunRepository.h"
#include "core/project/RunUpkeep.h"
#include "core/project/Sql.h"

namespace lathe {

// What people put on runs: tags, pins, the bin.

namespace {
constexpr int tagLengthMax = 100, tagsMax = 50;
constexpr qsizetype noteLengthMax = 100'000;
constexpr size_t deletedAtOnce = 100; // runs in one transaction, so that others come between

Result<QString> checkTag(const QString &typed)
{
    const QString tag = typed.trimmed();
    const bool broken = std::any_of(tag.begin(), tag.end(), [](QChar c) { return c.category() == QChar::Other_Control; });
    if (tag.isEmpty() || tag.size() > tagLengthMax || broken)
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("\"%1\" cannot be a tag; a tag has 1 to %2 characters in one line.").arg(tag.left(40).simplified()).arg(tagLengthMax));
    return tag;
}

Result<void> checkRun(Database &db, RunId run)
{
    const auto known = queryInt(db, QByteArrayLiteral("SELECT 1 FROM runs WHERE id=?"), run);
    if (!known)
        return known.error();
    if (!*known)
        return Error(ErrorKind::NotFound, QStringLiteral("There is no run %1 in this project.").arg(run.value));
    return {};
}

Result<void> insertTag(Database &db, RunId run, const QString &tag)
{
    if (auto put = execute(db, QByteArrayLiteral("INSERT OR IGNORE INTO run_tags(tag, run) VALUES(?,?)"), Text(tag), run); !put)
        return put;
    const auto count = queryInt(db, QByteArrayLiteral("SELECT count(*) FROM run_tags WHERE run=?"), run);
    if (!count)
        return count.error();
    if (*count > tagsMax)
        return Error(ErrorKind::InvalidInput, QStringLiteral("Run %1 has %2 tags already; take one off first.").arg(run.value).arg(tagsMax));
    return {};
}
} // namespace

Task<Result<void>> RunRepository::mark(std::vector<RunId> runs, std::function<Result<void>(Database &, RunId)> each)
{
    const auto open = m_open;
    const auto store = m_store;
    const auto flushed = co_await open->flush(); // the rows of the runs stand before what refers to them
    if (!flushed)
        co_return flushed.error();
    SqliteStore::Work work = [runs, each = std::move(each)](Database &db) -> Result<void> {
        for (const RunId run : runs) {
            if (auto known = checkRun(db, run); !known)
                return known;
            if (auto done = each(db, run); !done)
                return done;
        }
        return {};
    };
    const auto done = co_await store->write(std::move(work));
    if (!done)
        co_return done.error();
    if (open->repository && !runs.empty())
        Q_EMIT open->repository->marked(runs);
    co_return Result<void>();
}

Task<Result<void>> RunRepository::setTags(RunId run, QStringList tags)
{
    QStringList checked;
    for (const QString &typed : tags) {
        const auto tag = checkTag(typed);
        if (!tag)
            co_return tag.error();
        checked.append(*tag);
    }
    std::function<Result<void>(Database &, RunId)> each = [checked](Database &db, RunId of) -> Result<void> {
        if (auto cleared = execute(db, QByteArrayLiteral("DELETE FROM run_tags WHERE run=?"), of); !cleared)
            return cleared;
        for (const QString &tag : checked) {
            if (auto put = insertTag(db, of, tag); !put)
                return put;
        }
        return {};
    };
    std::vector<RunId> runs(1, run);
    auto done = co_await mark(std::move(runs), std::move(each));
    co_return done;
}

Task<Result<void>> RunRepository::addTag(std::vector<RunId> runs, QString typed)
{
    const auto tag = checkTag(typed);
    if (!tag)
        co_return tag.error();
    std::function<Result<void>(Database &, RunId)> each = [tag = *tag](Database &db, RunId run) { return insertTag(db, run, tag); };
    auto done = co_await mark(std::move(runs), std::move(each));
    co_return done;
}

Task<Result<void>> RunRepository::removeTag(std::vector<RunId> runs, QString tag)
{
    const QString trimmed = tag.trimmed();
    std::function<Result<void>(Database &, RunId)> each = [trimmed](Database &db, RunId run) {
        return execute(db, QByteArrayLiteral("DELETE FROM run_tags WHERE run=? AND tag=?"), run, Text(trimmed));
    };
    auto done = co_await mark(std::move(runs), std::move(each));
    co_return done;
}

Task<Result<void>> RunRepository::setPinned(std::vector<RunId> runs, bool pinned, QString note)
{
    note.truncate(noteLengthMax);
    const qint64 nowUs = m_clock->nowUs();
    std::function<Result<void>(Database &, RunId)> each = [pinned, note, nowUs](Database &db, RunId run) {
        if (!pinned)
            return execute(db, QByteArrayLiteral("DELETE FROM pins WHERE run=?"), run);
        return execute(db, QByteArrayLiteral("INSERT INTO pins(run, note, pinned_us) VALUES(?,?,?) ON CONFLICT(run) DO UPDATE SET note=excluded.note"),
                       run, Text(note), nowUs);
    };
    auto done = co_await mark(std::move(runs), std::move(each));
    co_return done;
}

Task<Result<std::vector<RunInfo>>> RunRepository::pinned(CancelToken cancel) const
{
    std::function<Result<std::vector<RunInfo>>(Database &)> find = [](Database &db) -> Result<std::vector<RunInfo>> {
        RunQuery query(RunFilter::of(RunField::Pinned, RunComparison::Is, 1));
        query.ascending = true;
        const auto keys = findRuns(db, query, false);
        if (!keys)
            return keys.error();
        return readRuns(db, keys->runs);
    };
    auto infos = co_await readValue(m_store, std::move(find), cancel);
    co_return infos;
}

Task<Result<void>> RunRepository::setInBin(std::vector<RunId> runs, bool inBin)
{
    for (const RunId run : runs) {
        if (inBin && m_open->runs.contains(run) && !m_open->runs.value(run)->closed)
            co_return Error(ErrorKind::InvalidInput, QStringLiteral("Run %1 is still under way; stop it first.").arg(run.value));
    }
    std::function<Result<void>(Database &, RunId)> each = [inBin](Database &db, RunId run) -> Result<void> {
        const auto under = queryInt(db, QByteArrayLiteral("SELECT status IN ('running', 'waiting') FROM runs WHERE id=?"), run);
        if (!under)
            return under.error();
        if (inBin && *under)
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("Run %1 is under way in another program; stop it there first.").arg(run.value));
        return execute(db, QByteArrayLiteral("UPDATE runs SET in_bin=? WHERE id=?"), inBin, run);
    };
    auto done = co_await mark(std::move(runs), std::move(each));
    co_return done;
}

Task<Result<int>> RunRepository::remove(std::vector<RunId> runs)
{
    const auto open = m_open;
    const auto store = m_store;
    const auto flushed = co_await open->flush();
    if (!flushed)
        co_return flushed.error();
    int count = 0;
    for (size_t from = 0; from < runs.size(); from += deletedAtOnce) {
        const size_t end = std::min(runs.size(), from + deletedAtOnce);
        const std::vector<RunId> part(runs.begin() + qptrdiff(from), runs.begin() + qptrdiff(end));
        const auto deleted = std::make_shared<std::vector<RunId>>();
        SqliteStore::Work work = [part, deleted](Database &db) -> Result<void> {
            auto gone = deleteRuns(db, part);
            if (!gone)
                return gone.error();
            *deleted = std::move(*gone);
            return {};
        };
        const auto done = co_await store->write(std::move(work));
        if (!done)
            co_return done.error();
        count += int(deleted->size());
        if (!open->repository)
            co_return Error::cancelled();
        if (!deleted->empty())
            Q_EMIT open->repository->removed(*deleted);
        if (!open->repository)
            co_return Error::cancelled();
    }
    co_return count;
}

Task<Result<int>> RunRepository::emptyBin()
{
    const auto open = m_open;
    RunQuery query;
    query.bin = true;
    auto runs = co_await ids(std::move(query), CancelToken());
    if (!runs)
        co_return runs.error();
    if (!open->repository)
        co_return Error::cancelled();
    auto count = co_await open->repository->remove(std::move(*runs));
    co_return count;
}

Task<Result<void>> RunRepository::amendForeign(RunId run, RunInfo facts)
{
    const auto open = m_open;
    const auto store = m_store;
    for (QString &typed : facts.tags) {
        const auto tag = checkTag(typed);
        if (!tag)
            co_return tag.error();
        typed = *tag;
    }
    if (const auto live = open->runs.value(run)) { // what is written of it from now on
        RunInfo &info = live->row.info;
        if (info.source.isEmpty())
            co_return Error(ErrorKind::InvalidInput, QStringLiteral("Run %1 was executed by Lathe; its facts stand.").arg(run.value));
        if (!facts.agentName.isEmpty())
            info.agentName = facts.agentName;
        if (!facts.input.isEmpty())
            info.input = facts.input;
        if (!facts.models.isEmpty())
            info.models = facts.models;
        if (facts.startUs > 0)
            info.startUs = facts.startUs; // written below
    }
    const auto flushed = co_await open->flush();
    if (!flushed)
        co_return flushed.error();
    SqliteStore::Work work = [run, facts = std::move(facts)](Database &db) -> Result<void> {
        if (auto known = checkRun(db, run); !known)
            return known;
        const auto foreign = queryInt(db, QByteArrayLiteral("SELECT source<>'' FROM runs WHERE id=?"), run);
        if (!foreign)
            return foreign.error();
        if (!*foreign)
            return Error(ErrorKind::InvalidInput, QStringLiteral("Run %1 was executed by Lathe; its facts stand.").arg(run.value));
        if (auto taken = unindexRun(db, run); !taken)
            return taken;
        if (auto amended = amendRow(db, run, facts); !amended)
            return amended;
        return indexRuns(db, std::vector<RunId>(1, run));
    };
    const auto done = co_await store->write(std::move(work));
    if (!done)
        co_return done.error();
    if (open->repository)
        Q_EMIT open->repository->changed(run);
    co_return Result<void>();
}

} // namespace lathe
