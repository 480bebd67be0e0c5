// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/Doctor.h"

#include "core/project/ArtifactRows.h"
#include "core/project/Payload.h"
#include "core/project/ProcessOwner.h"
#include "core/project/RunReader.h"
#include "core/project/RunUpkeep.h"
#include "core/project/Sql.h"
#include "core/project/StepSummary.h"

#include <QSet>

namespace lathe {

namespace {
constexpr int integrityLinesMax = 20;

// The columns that name blobs.
const QByteArray referencedBlobs =
    QByteArrayLiteral("SELECT snapshot FROM runs WHERE snapshot IS NOT NULL");

QString plural(qint64 count, const QString &one, const QString &many)
{
    return count == 1 ? QStringLiteral("1 ") + one : QStringLiteral("%1 %2").arg(count).arg(many);
}

// Blobs that people attached are named by their hash in bodies; a body that holds the hash keeps the blob.
Result<void> keepNamedInBodies(Database &db, QSet<QByteArray> *candidates)
{
    if (candidates->isEmpty())
        return {};
    for (const QByteArray &sql : {QByteArrayLiteral("SELECT body FROM revisions"),
                                  QByteArrayLiteral("SELECT body FROM drafts"),
                                  QByteArrayLiteral("SELECT value FROM settings")}) {
        auto read = eachRow(db, sql, [&](Statement &row) -> Result<void> {
            const auto body = payload(row, 0);
            if (!body)
                return {}; // reported elsewhere
            // Every run of 64 hex digits in it.
            qsizetype length = 0;
            for (qsizetype i = 0; i <= body->size(); ++i) {
                const char c = i < body->size() ? body->at(i) : ' ';
                if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) {
                    ++length;
                } else {
                    if (length == 64)
                        candidates->remove(body->mid(i - 64, 64));
                    length = 0;
                }
            }
            return {};
        });
        if (!read)
            return read;
    }
    return {};
}

Result<void> examineBlobs(Database &db, DoctorReport *report, std::vector<QByteArray> *unreferenced)
{
    QSet<QByteArray> known, damaged;
    auto read =
        eachRow(db, QByteArrayLiteral("SELECT hash, size, bytes FROM blobs"), [&](Statement &row) {
            const QByteArray hash = row.bytes(0);
            known.insert(hash);
            const auto bytes = expandFrame(row.bytes(2), row.int64(1));
            if (!bytes || json::sha256(*bytes) != hash)
                damaged.insert(hash);
        });
    if (!read)
        return read;
    QSet<QByteArray> unused = known;
    qint64 missing = 0;
    read = eachRow(db, referencedBlobs, [&](Statement &row) {
        const QByteArray hash = row.bytes(0);
        unused.remove(hash);
        missing += !known.contains(hash);
    });
    if (!read)
        return read;
    if (missing)
        report->findings.append(
            QStringLiteral("The snapshot of %1 is missing; such a run cannot be replayed.")
                .arg(plural(missing, QStringLiteral("run"), QStringLiteral("runs"))));
    if (!damaged.isEmpty())
        report->findings.append(QStringLiteral("%1 damaged; what uses them cannot be read.")
                                    .arg(plural(damaged.size(), QStringLiteral("blob is"),
                                                QStringLiteral("blobs are"))));
    if (auto kept = keepNamedInBodies(db, &unused); !kept)
        return kept;
    if (!unused.isEmpty())
        report->findings.append(QStringLiteral("%1 used by nothing; repairing frees the space.")
                                    .arg(plural(unused.size(), QStringLiteral("blob is"),
                                                QStringLiteral("blobs are"))));
    unreferenced->assign(unused.begin(), unused.end());
    return {};
}

// Every compressed text must open again.
Result<void> examinePayloads(Database &db, DoctorReport *report)
{
    struct Column {
        const char *words;
        QByteArray sql;
        int format = 1; // since which there is one
    };
    const auto format = formatOf(db);
    if (!format)
        return format.error();
    const Column columns[] = {
        {"request in the journal",
         QByteArrayLiteral("SELECT request FROM journal WHERE typeof(request)='blob'")},
        {"outcome in the journal",
         QByteArrayLiteral("SELECT outcome FROM journal WHERE typeof(outcome)='blob'")},
        {"text of a step", QByteArrayLiteral("SELECT text FROM steps WHERE typeof(text)='blob'")},
        {"attributes of a step",
         QByteArrayLiteral("SELECT attributes FROM steps WHERE typeof(attributes)='blob'")},
        {"input of a run",
         QByteArrayLiteral("SELECT input_zstd FROM runs WHERE input_zstd IS NOT NULL")},
        {"output of a run",
         QByteArrayLiteral("SELECT output_zstd FROM runs WHERE output_zstd IS NOT NULL")},
        {"body of a revision",
         QByteArrayLiteral("SELECT body FROM revisions WHERE typeof(body)='blob'")},
        {"body of a draft", QByteArrayLiteral("SELECT body FROM drafts WHERE typeof(body)='blob'")},
        {"setup in the experiment log", QByteArrayLiteral("SELECT setup FROM experiment_log WHERE typeof(setup)='blob'"), 3},
        {"result in the experiment log", QByteArrayLiteral("SELECT result FROM experiment_log WHERE typeof(result)='blob'"), 3},
    };
    for (const Column &column : columns) {
        if (*format < column.format)
            continue;
        qint64 broken = 0;
        auto read =
            eachRow(db, column.sql, [&](Statement &row) { broken += !expandFrame(row.bytes(0)); });
        if (!read)
            return read;
        if (broken)
            report->findings.append(QStringLiteral("%1 of the kind \"%2\" cannot be read any more.")
                                        .arg(plural(broken, QStringLiteral("stored text"),
                                                    QStringLiteral("stored texts")),
                                             QLatin1String(column.words)));
    }
    return {};
}

// Trials name their run without a foreign key, because they do so before it is written.
Result<std::vector<qint64>> lostTrials(Database &db)
{
    std::vector<qint64> lost;
    auto read = eachRow(db, QByteArrayLiteral("SELECT id, owner FROM trials WHERE run IS NOT NULL AND run NOT IN (SELECT id FROM runs)"),
                        [&](Statement &row) {
                            if (!isOwnerAlive(row.text(1)))
                                lost.push_back(row.int64(0));
                        });
    if (!read)
        return read.error();
    return lost;
}

const QByteArray rightRating = QByteArrayLiteral(
    "(SELECT iif(kind='thumbs', iif(value>0, 5, 1), value) FROM ratings WHERE run=runs.id AND step='' AND removed_us IS NULL"
    " AND kind IN ('thumbs', 'stars') ORDER BY id DESC LIMIT 1)");

const QByteArray rightErrorKind = QByteArrayLiteral("iif(error IS NOT NULL AND json_valid(error), coalesce(error ->> '$.kind', ''), '')");

// What is kept twice, so that the log and the experiments are quick, must agree; what is JSON must be JSON.
Result<void> examineTables(Database &db, DoctorReport *report)
{
    const auto format = formatOf(db);
    if (!format)
        return format.error();
    struct Check {
        int format;
        QByteArray sql;
        const char *finding; // %1: how many
    };
    const Check checks[] = {
        {2, QByteArrayLiteral("SELECT count(*) FROM forks WHERE NOT json_valid(changes)"), "The changes of %1 cannot be read (table forks)."},
        {3, QByteArrayLiteral("SELECT count(*) FROM scores WHERE NOT json_valid(result)"), "The result of %1 cannot be read (table scores)."},
        {3, QByteArrayLiteral("SELECT count(*) FROM verdicts WHERE NOT json_valid(shown) OR NOT json_valid(runs)"),
         "What %1 compares cannot be read (table verdicts)."},
        {3,
         QByteArrayLiteral("SELECT count(*) FROM experiment_log WHERE (typeof(setup)='text' AND NOT json_valid(setup))"
                           " OR (typeof(result)='text' AND NOT json_valid(result))"),
         "What %1 concludes cannot be read (table experiment_log)."},
        {4,
         QByteArrayLiteral(
             "WITH counted(run, tool, calls, errors) AS (SELECT run, lower(tool), count(*), sum(status='failed') FROM steps WHERE tool IS NOT NULL"
             " AND status NOT IN ('running', 'waiting') GROUP BY run, lower(tool)),"
             " noted AS (SELECT run, lower(tool), calls, errors FROM run_tools)"
             " SELECT (SELECT count(*) FROM (SELECT * FROM counted EXCEPT SELECT * FROM noted))"
             " + (SELECT count(*) FROM (SELECT * FROM noted EXCEPT SELECT * FROM counted))"),
         "The tools that runs called are counted wrong in %1 (table run_tools); repairing counts them again."},
        {4, QByteArrayLiteral("SELECT count(*) FROM runs WHERE error_kind <> ") + rightErrorKind,
         "The kind of error in the row of %1 is not that of the error; repairing puts it right."},
        {4, QByteArrayLiteral("SELECT count(*) FROM steps WHERE kind='tool' AND tool IS NULL AND name<>'' AND name<>'execute_tool '"),
         "The summary of %1 is missing (table steps), as an older Lathe recorded it; repairing makes it."},
        {4, "SELECT count(*) FROM runs WHERE rating IS NOT " + rightRating,
         "The rating in the row of %1 is not the newest one; repairing puts it right."},
    };
    for (const Check &check : checks) {
        if (*format < check.format)
            continue;
        const auto count = queryInt(db, check.sql);
        if (!count)
            return count.error();
        if (*count > 0)
            report->findings.append(
                QString::fromUtf8(check.finding).arg(plural(*count, QStringLiteral("row"), QStringLiteral("rows"))));
    }
    if (*format < 3)
        return {};
    const auto lost = lostTrials(db);
    if (!lost)
        return lost.error();
    if (!lost->empty())
        report->findings.append(QStringLiteral("The run of %1 is gone; repairing lets it be executed again.")
                                    .arg(plural(qint64(lost->size()), QStringLiteral("trial"), QStringLiteral("trials"))));
    return {};
}

Result<void> countRows(Database &db, DoctorReport *report)
{
    const std::pair<int *, QByteArray> counts[] = {
        {&report->runs, QByteArrayLiteral("SELECT count(*) FROM runs")},
        {&report->artifacts, QByteArrayLiteral("SELECT count(*) FROM artifacts")},
        {&report->revisions, QByteArrayLiteral("SELECT count(*) FROM revisions")},
        {&report->steps, QByteArrayLiteral("SELECT count(*) FROM steps")},
    };
    for (const auto &[target, sql] : counts) {
        const auto count = queryInt(db, sql);
        if (!count)
            return count.error();
        *target = int(*count);
    }
    return {};
}

Result<void> rebuildSearch(Database &db)
{
    for (const char *sql : {"INSERT INTO run_search(run_search) VALUES('delete-all')",
                            "INSERT INTO prompt_search(prompt_search) VALUES('delete-all')",
                            "UPDATE runs SET indexed=0 WHERE indexed<>0"}) {
        if (auto done = db.exec(sql); !done)
            return done;
    }
    const auto ended = unindexedRuns(db);
    if (!ended)
        return ended.error();
    if (auto indexed = indexRuns(db, *ended); !indexed)
        return indexed;
    return eachRow(db,
                   QByteArrayLiteral("SELECT r.id, r.body FROM revisions r JOIN artifacts a ON "
                                     "a.id=r.artifact WHERE a.kind='prompt'"),
                   [&](Statement &row) -> Result<void> {
                       const auto body = payloadObject(row, 1);
                       if (!body)
                           return {}; // already reported
                       return execute(
                           db,
                           QByteArrayLiteral("INSERT INTO prompt_search(rowid, text) VALUES(?,?)"),
                           row.int64(0), Text(searchText(*body)));
                   });
}
} // namespace

Result<void> examine(Database &db, DoctorReport *report, std::vector<QByteArray> *unreferenced)
{
    QStringList lines;
    auto read = eachRow(db, QByteArrayLiteral("PRAGMA integrity_check(100)"), [&](Statement &row) {
        if (row.text(0) != QLatin1String("ok"))
            lines.append(row.text(0));
    });
    if (!read)
        report->findings.append(QStringLiteral("The file is damaged: %1").arg(read.error().cause));
    for (const QString &line : lines.mid(0, integrityLinesMax))
        report->findings.append(QStringLiteral("The file is damaged: %1.").arg(line));
    if (!read || !lines.isEmpty()) {
        // Walking damaged pages may end anywhere; the rest of the examination would only repeat it.
        static_cast<void>(countRows(db, report));
        return {};
    }
    QHash<QString, int> strays;
    read = eachRow(db, QByteArrayLiteral("PRAGMA foreign_key_check"),
                   [&](Statement &row) { ++strays[row.text(0)]; });
    if (!read)
        return read;
    QStringList tables = strays.keys();
    tables.sort();
    for (const QString &table : tables) {
        report->findings.append(table == QLatin1String("journal")
                                    ? QStringLiteral("The journal has %1 without its run.")
                                          .arg(plural(strays[table], QStringLiteral("entry"),
                                                      QStringLiteral("entries")))
                                    : QStringLiteral("Table %1 has %2 that refer to nothing.")
                                          .arg(table, plural(strays[table], QStringLiteral("row"),
                                                             QStringLiteral("rows"))));
    }
    if (auto done = examineBlobs(db, report, unreferenced); !done)
        return done;
    if (auto done = examinePayloads(db, report); !done)
        return done;
    if (auto done = examineTables(db, report); !done)
        return done;
    return countRows(db, report);
}

Result<void> examineSearch(Database &db, DoctorReport *report)
{
    for (const char *table : {"run_search", "prompt_search"}) {
        const QByteArray sql =
            QByteArray("INSERT INTO ") + table + '(' + table + ") VALUES('integrity-check')";
        if (auto sound = db.exec(sql.constData()); !sound)
            report->findings.append(
                QStringLiteral("The full-text index %1 is damaged; repairing rebuilds it.")
                    .arg(QLatin1String(table)));
    }
    const auto indexed = queryInt(db, QByteArrayLiteral("SELECT count(*) FROM run_search_docsize"));
    const auto marked =
        queryInt(db, QByteArrayLiteral("SELECT count(*) FROM runs WHERE indexed<>0"));
    if (indexed && marked && *indexed != *marked)
        report->findings.append(
            QStringLiteral(
                "The search knows %1 runs where it should know %2; repairing rebuilds it.")
                .arg(*indexed)
                .arg(*marked));
    return {};
}

Result<void> repair(Database &db, const std::vector<QByteArray> &unreferenced, DoctorReport *report)
{
    const std::pair<const char *, QByteArray> strays[] = {
        {"journal",
         QByteArrayLiteral("DELETE FROM journal WHERE run NOT IN (SELECT id FROM runs)")},
        {"steps", QByteArrayLiteral("DELETE FROM steps WHERE run NOT IN (SELECT id FROM runs)")},
        {"ratings",
         QByteArrayLiteral("DELETE FROM ratings WHERE run NOT IN (SELECT id FROM runs)")},
        {"forks", QByteArrayLiteral("DELETE FROM forks WHERE run NOT IN (SELECT id FROM runs)")},
        {"run_tags", QByteArrayLiteral("DELETE FROM run_tags WHERE run NOT IN (SELECT id FROM runs)")},
        {"pins", QByteArrayLiteral("DELETE FROM pins WHERE run NOT IN (SELECT id FROM runs)")},
        {"scores", QByteArrayLiteral("DELETE FROM scores WHERE trial NOT IN (SELECT id FROM trials)")},
        {"trials", QByteArrayLiteral("UPDATE trials SET experiment=NULL WHERE experiment NOT IN (SELECT id FROM artifacts)")},
        {"verdicts", QByteArrayLiteral("DELETE FROM verdicts WHERE experiment NOT IN (SELECT id FROM artifacts)")},
        {"experiment_log", QByteArrayLiteral("DELETE FROM experiment_log WHERE experiment NOT IN (SELECT id FROM artifacts)")},
        {"drafts",
         QByteArrayLiteral("DELETE FROM drafts WHERE artifact NOT IN (SELECT id FROM artifacts)")},
        {"labels", QByteArrayLiteral("DELETE FROM labels WHERE (artifact, number) NOT IN (SELECT "
                                     "artifact, number FROM revisions)")},
    };
    if (auto done = db.exec("REINDEX"); !done)
        return done;
    report->repairs.append(QStringLiteral("Rebuilt the indexes."));
    for (const auto &[table, sql] : strays) {
        if (auto done = execute(db, sql); !done)
            return done;
        if (const int count = db.changes(); count > 0)
            report->repairs.append(
                QStringLiteral("Deleted %1 that referred to nothing from table %2.")
                    .arg(plural(count, QStringLiteral("row"), QStringLiteral("rows")),
                         QLatin1String(table)));
    }
    const auto lost = lostTrials(db);
    if (!lost)
        return lost.error();
    for (const qint64 trial : *lost) {
        for (const QByteArray &sql : {QByteArrayLiteral("DELETE FROM scores WHERE trial=?"),
                                      QByteArrayLiteral("UPDATE trials SET run=NULL, claimed=0 WHERE id=?")}) {
            if (auto done = execute(db, sql, trial); !done)
                return done;
        }
    }
    if (!lost->empty())
        report->repairs.append(QStringLiteral("%1 can be executed again.")
                                   .arg(plural(qint64(lost->size()), QStringLiteral("trial"), QStringLiteral("trials"))));
    if (auto done = summarizeSteps(db, true); !done)
        return done;
    if (auto done = rebuildRunTables(db); !done)
        return done;
    if (auto done = execute(db, "UPDATE runs SET error_kind=" + rightErrorKind + " WHERE error_kind<>" + rightErrorKind); !done)
        return done;
    if (auto done = execute(db, "UPDATE runs SET rating=" + rightRating + " WHERE rating IS NOT " + rightRating); !done)
        return done;
    report->repairs.append(QStringLiteral("Counted the tools and prompts of the runs again."));
    int deleted = 0;
    for (const QByteArray &hash : unreferenced) {
        // A run may have begun to use it since it was looked at.
        if (auto done = execute(db,
                                QByteArrayLiteral("DELETE FROM blobs WHERE hash=?1 AND NOT EXISTS "
                                                  "(SELECT 1 FROM runs WHERE snapshot=?1)"),
                                Text(hash));
            !done)
            return done;
        deleted += db.changes();
    }
    if (deleted)
        report->repairs.append(
            QStringLiteral("Deleted %1 that nothing used.")
                .arg(plural(deleted, QStringLiteral("blob"), QStringLiteral("blobs"))));
    if (auto done = rebuildSearch(db); !done)
        return done;
    report->repairs.append(QStringLiteral("Rebuilt the full-text index."));
    return {};
}

} // namespace lathe
