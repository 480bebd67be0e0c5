// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RunUpkeep.h"

#include "core/project/Payload.h"
#include "core/project/ProcessOwner.h"
#include "core/project/RunReader.h"
#include "core/project/Sql.h"
#include "core/project/StepSummary.h"

namespace lathe {

namespace {
constexpr qsizetype indexedLengthMax = 100'000; // characters of a text that run_search knows

// The texts as run_search got them; the same again when they are taken out.
Result<void> searchTexts(Database &db, RunId id, bool wanted, QByteArray *input, QByteArray *output,
                         bool *found)
{
    *found = false;
    return eachRow(
        db,
        QByteArrayLiteral("SELECT input, output, input_zstd, output_zstd FROM runs"
                          " WHERE id=? AND indexed=? AND status NOT IN ('running', 'waiting')"),
        [&](Statement &row) -> Result<void> {
            for (int i = 0; i < 2; ++i) {
                QByteArray text = row.bytes(i);
                if (!row.isNull(i + 2)) {
                    auto whole = expandFrame(row.bytes(i + 2));
                    if (!whole)
                        return whole.error();
                    text = json::fromUtf8Lossy(*whole).left(indexedLengthMax).toUtf8();
                }
                *(i == 0 ? input : output) = text;
            }
            *found = true;
            return {};
        },
        id, wanted);
}
} // namespace

Result<void> indexRuns(Database &db, std::vector<RunId> ids)
{
    // FTS5 writes out all it gathered whenever a rowid is not larger than the one before.
    std::sort(ids.begin(), ids.end());
    for (const RunId id : ids) {
        QByteArray input, output;
        bool found = false;
        if (auto read = searchTexts(db, id, false, &input, &output, &found); !read)
            return read;
        if (!found)
            continue;
        auto put = execute(
            db, QByteArrayLiteral("INSERT INTO run_search(rowid, input, output) VALUES(?,?,?)"), id,
            Text(input), Text(output));
        if (!put)
            return put;
        if (auto marked =
                execute(db, QByteArrayLiteral("UPDATE runs SET indexed=1 WHERE id=?"), id);
            !marked)
            return marked;
    }
    return {};
}

Result<void> unindexRun(Database &db, RunId id)
{
    QByteArray input, output;
    bool found = false;
    if (auto read = searchTexts(db, id, true, &input, &output, &found); !read || !found)
        return read;
    auto taken = execute(
        db,
        QByteArrayLiteral(
            "INSERT INTO run_search(run_search, rowid, input, output) VALUES('delete',?,?,?)"),
        id, Text(input), Text(output));
    if (!taken)
        return taken;
    return execute(db, QByteArrayLiteral("UPDATE runs SET indexed=0 WHERE id=?"), id);
}

Result<std::vector<RunId>> deleteRuns(Database &db, const std::vector<RunId> &runs)
{
    // Trials go with their runs: they are executed again when asked for. Forks of the run stay, and name a parent that is gone.
    static const QByteArray deletions[] = {
        QByteArrayLiteral("DELETE FROM scores WHERE trial IN (SELECT id FROM trials WHERE run=?)"),
        QByteArrayLiteral("DELETE FROM trials WHERE run=?"),
        QByteArrayLiteral("DELETE FROM journal WHERE run=?"),
        QByteArrayLiteral("DELETE FROM steps WHERE run=?"),
        QByteArrayLiteral("DELETE FROM ratings WHERE run=?"),
        QByteArrayLiteral("DELETE FROM forks WHERE run=?"),
        QByteArrayLiteral("DELETE FROM run_tags WHERE run=?"),
        QByteArrayLiteral("DELETE FROM run_tools WHERE run=?"),
        QByteArrayLiteral("DELETE FROM run_prompts WHERE run=?"),
        QByteArrayLiteral("DELETE FROM pins WHERE run=?"),
        QByteArrayLiteral("DELETE FROM runs WHERE id=?"),
    };
    std::vector<RunId> deleted;
    QByteArrayList snapshots;
    for (const RunId id : runs) {
        bool inBin = false;
        auto read = eachRow(
            db, QByteArrayLiteral("SELECT snapshot FROM runs WHERE id=? AND in_bin<>0 AND status NOT IN ('running', 'waiting')"),
            [&](Statement &row) {
                inBin = true;
                if (!row.isNull(0))
                    snapshots.append('"' + row.bytes(0) + '"');
            },
            id);
        if (!read)
            return read.error();
        if (!inBin)
            continue;
        if (auto taken = unindexRun(db, id); !taken)
            return taken.error();
        for (const QByteArray &sql : deletions) {
            if (auto done = execute(db, sql, id); !done)
                return done.error();
        }
        deleted.push_back(id);
    }
    if (!snapshots.isEmpty()) {
        auto freed = execute(db,
                             QByteArrayLiteral("DELETE FROM blobs WHERE hash IN (SELECT value FROM json_each(?)) AND hash NOT IN"
                                               " (SELECT snapshot FROM runs WHERE snapshot IS NOT NULL)"),
                             Text('[' + snapshots.join(',') + ']'));
        if (!freed)
            return freed.error();
    }
    return deleted;
}

Result<void> takeOverRun(Database &db, RunId id, const QString &owner, int pid)
{
    QString running;
    qint64 other = 0;
    auto read = eachRow(
        db,
        QByteArrayLiteral(
            "SELECT owner, pid FROM runs WHERE id=? AND status IN ('running', 'waiting')"),
        [&](Statement &row) {
            running = row.text(0);
            other = row.int64(1);
        },
        id);
    if (!read)
        return read;
    if (!running.isEmpty() && isOwnerAlive(running))
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral(
                "Run %1 is under way in another program (process %2); stop it there first.")
                .arg(id.value)
                .arg(other));
    if (auto taken = unindexRun(db, id); !taken)
        return taken;
    auto taken = execute(db,
                         QByteArrayLiteral("UPDATE runs SET status='running', end_us=NULL, output='', "
                                           "output_zstd=NULL, error=NULL, error_kind='',"
                                           " owner=?, pid=? WHERE id=?"),
                         Text(owner), pid, id);
    if (taken && db.changes() == 0) // deleted meanwhile
        return Error(ErrorKind::NotFound, QStringLiteral("There is no run %1 in this project.").arg(id.value));
    return taken;
}

Result<std::vector<RunId>> unindexedRuns(Database &db)
{
    std::vector<RunId> ids;
    const auto read =
        eachRow(db,
                QByteArrayLiteral(
                    "SELECT id FROM runs WHERE indexed=0 AND status NOT IN ('running', 'waiting')"),
                [&](Statement &row) { ids.push_back(RunId{row.int64(0)}); });
    if (!read)
        return read.error();
    return ids;
}

Result<std::vector<RunId>> markInterruptedRuns(Database &db)
{
    std::vector<RunId> ids;
    QHash<QString, bool> alive;
    const auto read = eachRow(
        db,
        QByteArrayLiteral(
            "SELECT id, owner FROM runs WHERE indexed=0 AND status IN ('running', 'waiting')"),
        [&](Statement &row) {
            const QString owner = row.text(1);
            auto known = alive.constFind(owner);
            if (known == alive.constEnd())
                known = alive.insert(owner, isOwnerAlive(owner));
            if (!*known)
                ids.push_back(RunId{row.int64(0)});
        });
    if (!read)
        return read.error();
    for (const RunId id : ids) {
        // Its last sign of life is its end. A damaged text in it must not keep the project from opening.
        const StoredRun run = loadRun(db, id).valueOr({});
        const Usage usage = run.trace.usage();
        qint64 endUs = run.info.startUs;
        for (const Step &step : run.trace.steps())
            endUs = std::max({endUs, step.startUs, step.endUs});
        auto marked = execute(
            db,
            QByteArrayLiteral(
                "UPDATE runs SET status='interrupted', end_us=max(start_us, ?), step_count=?,"
                " input_tokens=?, output_tokens=?, cache_read_tokens=?, cache_write_tokens=?,"
                " reasoning_tokens=?, cost_usd=iif(?, ?, NULL) WHERE id=?"),
            endUs, int(run.trace.steps().size()), usage.inputTokens, usage.outputTokens,
            usage.cacheReadTokens, usage.cacheWriteTokens, usage.reasoningTokens, usage.costKnown,
            usage.costUsd, id);
        if (marked)
            marked =
                execute(db,
                        QByteArrayLiteral(
                            "UPDATE steps SET status='interrupted', end_us=(SELECT end_us FROM runs"
                            " WHERE id=?1) WHERE run=?1 AND status IN ('running', 'waiting')"),
                        id);
        if (marked)
            marked = recountTools(db, id);
        if (!marked)
            return marked.error();
    }
    return ids;
}

} // namespace lathe
