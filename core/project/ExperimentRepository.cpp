// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/ExperimentRepository.h"

#include "core/project/ArtifactRows.h"
#include "core/project/Payload.h"
#include "core/project/Sql.h"

#include <QRegularExpression>

namespace lathe {

namespace {
constexpr qsizetype textLengthMax = 100'000;
constexpr int logEntriesMax = 10'000;

template<typename Tag>
QByteArray idList(const std::vector<Id<Tag>> &ids)
{
    QJsonArray list;
    for (const Id<Tag> id : ids)
        list.append(id.value);
    return json::compact(list);
}

template<typename Tag>
std::vector<Id<Tag>> idsFrom(const QByteArray &text)
{
    std::vector<Id<Tag>> ids;
    const auto parsed = json::parse(text);
    const QJsonArray list = parsed ? parsed->toArray() : QJsonArray();
    for (const QJsonValue &value : list)
        ids.push_back(Id<Tag>{value.toInteger()});
    return ids;
}

// A file of an older format that is open for reading has no such table.
Result<bool> hasTable(Database &db, const QString &name)
{
    const auto count = queryInt(db, QByteArrayLiteral("SELECT count(*) FROM sqlite_schema WHERE name=?"), Text(name));
    if (!count)
        return count.error();
    return *count > 0;
}

Verdict verdictFromRow(const Statement &row)
{
    Verdict verdict;
    verdict.id = VerdictId{row.int64(0)};
    verdict.experiment = ArtifactId{row.int64(1)};
    verdict.judge = row.text(2);
    verdict.kind = row.text(3);
    verdict.example = row.bytes(4);
    verdict.shown = idsFrom<TrialTag>(row.bytes(5));
    verdict.winner = int(row.int64(6));
    verdict.value = row.real(7);
    verdict.reasons = row.text(8);
    verdict.seed = row.int64(9);
    verdict.author = row.text(10);
    verdict.runs = idsFrom<RunTag>(row.bytes(11));
    verdict.createdUs = row.int64(12);
    if (verdict.winner >= int(verdict.shown.size()))
        verdict.winner = -1;
    return verdict;
}
} // namespace

ExperimentRepository::ExperimentRepository(SqliteStore *store, Clock *clock) : m_store(store), m_clock(clock) {}

QString ExperimentRepository::author()
{
    const QString user = currentAuthor();
    return user.isEmpty() ? QStringLiteral("me") : user; // a verdict always has somebody who gave it
}

Task<Result<std::vector<Verdict>>> ExperimentRepository::verdicts(ArtifactId experiment, CancelToken cancel) const
{
    const auto list = std::make_shared<std::vector<Verdict>>();
    SqliteStore::Work work = [experiment, list](Database &db) -> Result<void> {
        const auto there = hasTable(db, QStringLiteral("verdicts"));
        if (!there)
            return there.error();
        if (!*there)
            return {};
        return eachRow(
            db,
            QByteArrayLiteral("SELECT id, experiment, judge, kind, example, shown, winner, value, reasons, seed, author, runs, created_us"
                              " FROM verdicts WHERE experiment=? AND removed_us IS NULL ORDER BY id"),
            [&](Statement &row) { list->push_back(verdictFromRow(row)); }, experiment);
    };
    const auto read = co_await m_store->read(std::move(work), cancel);
    if (!read)
        co_return read.error();
    co_return std::move(*list);
}

Task<Result<VerdictId>> ExperimentRepository::add(Verdict verdict)
{
    if (verdict.author.isEmpty())
        verdict.author = author();
    if (verdict.createdUs == 0)
        verdict.createdUs = m_clock->nowUs();
    verdict.reasons.truncate(textLengthMax);
    const auto id = std::make_shared<VerdictId>();
    SqliteStore::Work work = [id, verdict](Database &db) -> Result<void> {
        auto put = execute(db,
                           QByteArrayLiteral("INSERT INTO verdicts(experiment, judge, kind, example, shown, winner, value, reasons, seed,"
                                             " author, runs, created_us) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"),
                           verdict.experiment, Text(verdict.judge), Text(verdict.kind), Text(verdict.example), Text(idList(verdict.shown)),
                           verdict.winner, verdict.value, Text(verdict.reasons), verdict.seed, Text(verdict.author),
                           Text(idList(verdict.runs)), verdict.createdUs);
        *id = VerdictId{db.lastInsertId()};
        return put;
    };
    const auto written = co_await m_store->write(std::move(work));
    if (!written)
        co_return written.error();
    co_return *id;
}

Task<Result<void>> ExperimentRepository::remove(VerdictId id)
{
    const qint64 timeUs = m_clock->nowUs();
    SqliteStore::Work work = [id, timeUs](Database &db) -> Result<void> {
        auto done = execute(db, QByteArrayLiteral("UPDATE verdicts SET removed_us=? WHERE id=? AND removed_us IS NULL"), timeUs, id);
        if (done && db.changes() == 0)
            return Error(ErrorKind::NotFound, QStringLiteral("There is no verdict %1 to take back.").arg(id.value));
        return done;
    };
    auto written = co_await m_store->write(std::move(work));
    co_return written;
}

Task<Result<void>> ExperimentRepository::setConclusion(LogEntryId entry, QString conclusion)
{
    conclusion.truncate(textLengthMax);
    SqliteStore::Work work = [entry, conclusion](Database &db) -> Result<void> {
        auto done = execute(db, QByteArrayLiteral("UPDATE experiment_log SET conclusion=? WHERE id=?"), Text(conclusion), entry);
        if (done && db.changes() == 0)
            return Error(ErrorKind::NotFound, QStringLiteral("There is no entry %1 in the log of experiments.").arg(entry.value));
        return done;
    };
    auto written = co_await m_store->write(std::move(work));
    co_return written;
}

Task<Result<LogEntryId>> ExperimentRepository::conclude(ExperimentLogEntry entry)
{
    if (entry.author.isEmpty())
        entry.author = author();
    if (entry.createdUs == 0)
        entry.createdUs = m_clock->nowUs();
    entry.conclusion.truncate(textLengthMax);
    const auto id = std::make_shared<LogEntryId>();
    SqliteStore::Work work = [id, entry](Database &db) -> Result<void> {
        auto statement = prepared(db,
                                  QByteArrayLiteral("INSERT INTO experiment_log(experiment, name, question, sentence, conclusion, author,"
                                                    " created_us, revision, setup, result) VALUES(?,?,?,?,?,?,?,?,?,?)"),
                                  entry.experiment, Text(entry.name), Text(entry.question), Text(entry.sentence), Text(entry.conclusion),
                                  Text(entry.author), entry.createdUs, entry.revision);
        if (!statement)
            return statement.error();
        if (auto bound = bindPayload(*statement, 9, json::compact(entry.setup), bodyInlineMax); !bound)
            return bound;
        if (auto bound = bindPayload(*statement, 10, json::compact(entry.result), bodyInlineMax); !bound)
            return bound;
        auto put = statement->run();
        *id = LogEntryId{db.lastInsertId()};
        return put;
    };
    const auto written = co_await m_store->write(std::move(work));
    if (!written)
        co_return written.error();
    co_return *id;
}

Task<Result<std::vector<ExperimentLogEntry>>> ExperimentRepository::log(QString words, CancelToken cancel) const
{
    const auto list = std::make_shared<std::vector<ExperimentLogEntry>>();
    static const QRegularExpression space(QStringLiteral("\\s+"));
    const QStringList wanted = words.split(space, Qt::SkipEmptyParts).mid(0, 20);
    SqliteStore::Work work = [wanted, list](Database &db) -> Result<void> {
        const auto there = hasTable(db, QStringLiteral("experiment_log"));
        if (!there)
            return there.error();
        if (!*there)
            return {};
        // The log of a project is read by people: a few hundred entries, of which the short texts are searched.
        return eachRow(
            db,
            QByteArrayLiteral("SELECT id, experiment, name, question, sentence, conclusion, author, created_us, revision, setup, result"
                              " FROM experiment_log ORDER BY id DESC LIMIT ?"),
            [&](Statement &row) -> Result<void> {
                ExperimentLogEntry entry;
                entry.id = LogEntryId{row.int64(0)};
                entry.experiment = ArtifactId{row.int64(1)};
                entry.name = row.text(2);
                entry.question = row.text(3);
                entry.sentence = row.text(4);
                entry.conclusion = row.text(5);
                entry.author = row.text(6);
                entry.createdUs = row.int64(7);
                entry.revision = int(row.int64(8));
                const QString all = QStringList{entry.name, entry.question, entry.sentence, entry.conclusion, entry.author}.join(QLatin1Char('\n'));
                for (const QString &word : wanted) {
                    if (!all.contains(word, Qt::CaseInsensitive))
                        return {};
                }
                auto setup = payloadObject(row, 9);
                if (!setup)
                    return setup.error();
                auto result = payloadObject(row, 10);
                if (!result)
                    return result.error();
                entry.setup = std::move(*setup);
                entry.result = std::move(*result);
                list->push_back(std::move(entry));
                return {};
            },
            logEntriesMax);
    };
    const auto read = co_await m_store->read(std::move(work), cancel);
    if (!read)
        co_return read.error();
    co_return std::move(*list);
}

} // namespace lathe
