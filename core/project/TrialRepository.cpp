// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/TrialRepository.h"

#include "core/project/ProcessOwner.h"
#include "core/project/RunReader.h"
#include "core/project/RunUpkeep.h"
#include "core/project/Sql.h"

#include <QCoreApplication>
#include <QEvent>

namespace lathe {

namespace {
// Columns of the trial stand behind those of the run, which may all be NULL.
constexpr int first = listedRunColumns;

QByteArray trialSql(bool withScore, int format)
{
    QByteArray sql = "SELECT " + runColumns(false, format) + ", t.id, t.run, t.experiment, t.variant, t.claimed, t.owner, r.owner";
    if (withScore)
        sql += ", s.result";
    sql += " FROM trials t LEFT JOIN runs r ON r.id=t.run" + QByteArray(ratingJoin);
    if (withScore)
        sql += " LEFT JOIN scores s ON s.trial=t.id AND s.checks=?2";
    return sql + " WHERE t.key=?1";
}

// Which owners live is asked once for each.
class Living
{
public:
    explicit Living(QString self) : m_self(std::move(self)) {}
    bool isOther(const QString &owner)
    {
        if (owner == m_self)
            return false;
        const auto known = m_known.constFind(owner);
        return known != m_known.constEnd() ? *known : *m_known.insert(owner, isOwnerAlive(owner));
    }

private:
    QString m_self;
    QHash<QString, bool> m_known;
};

Result<void> readTrial(Database &db, Statement &row, const QByteArray &key, bool withScore, Living *living, FoundTrial *found)
{
    found->trial.id = TrialId{row.int64(first)};
    found->trial.key = key;
    found->trial.experiment = ArtifactId{row.int64(first + 2)};
    found->trial.variant = row.text(first + 3);
    found->trial.owner = row.text(first + 5);
    bool ended = false;
    if (!row.isNull(0)) { // a run that was never written counts as not begun
        auto info = runFromRow(db, row, false);
        if (!info)
            return info.error();
        found->trial.run = info->id;
        ended = info->status == RunStatus::Done;
        const bool under = info->status == RunStatus::Running || info->status == RunStatus::Waiting;
        found->elsewhere = under && living->isOther(row.text(first + 6));
        found->run = std::move(*info);
    }
    if (!ended && row.int64(first + 4) != 0 && living->isOther(found->trial.owner))
        found->elsewhere = true;
    if (withScore && !row.isNull(first + 7))
        found->score = json::parseObject(row.bytes(first + 7)).valueOr(QJsonObject());
    return {};
}

Result<void> putScore(Database &db, const TrialScore &score)
{
    return execute(db, QByteArrayLiteral("INSERT OR REPLACE INTO scores(trial, checks, result) VALUES(?,?,?)"), score.trial,
                   Text(score.checksHash), Text(json::compact(score.result)));
}
} // namespace

TrialRepository::TrialRepository(SqliteStore *store) : m_store(store), m_owner(ownerOfThisProcess()) {}

TrialRepository::~TrialRepository()
{
    writeQueued();
}

// A posted event and no timer: it comes before whatever another thread posts later, the answer to what was just begun among it, so
// that a trial's run is on its way to the file before the run's outcome.
void TrialRepository::queue(SqliteStore::Work work)
{
    m_queued.push_back(std::move(work));
    if (m_queued.size() == 1)
        QCoreApplication::postEvent(this, new QEvent(QEvent::User));
}

bool TrialRepository::event(QEvent *event)
{
    if (event->type() != QEvent::User)
        return QObject::event(event);
    writeQueued();
    return true;
}

void TrialRepository::writeQueued()
{
    if (m_queued.empty())
        return;
    m_store->post(
        [works = std::exchange(m_queued, {})](Database &db) -> Result<void> {
            for (const SqliteStore::Work &work : works) {
                if (auto done = work(db); !done)
                    return done;
            }
            return {};
        },
        SqliteStore::Undo::Repeat);
}

Task<Result<std::vector<FoundTrial>>> TrialRepository::find(std::vector<Query> queries, CancelToken cancel) const
{
    const auto found = std::make_shared<std::vector<FoundTrial>>(queries.size());
    const QString owner = m_owner;
    SqliteStore::Work work = [queries, found, owner](Database &db) -> Result<void> {
        const auto format = formatOf(db);
        if (!format)
            return format.error();
        const QByteArray sql = trialSql(true, *format);
        const auto table = queryInt(db, QByteArrayLiteral("SELECT count(*) FROM sqlite_schema WHERE name='trials'"));
        if (!table)
            return table.error();
        if (!*table)
            return {};
        Living living(owner);
        for (size_t i = 0; i < queries.size(); ++i) {
            auto read = eachRow(
                db, sql, [&](Statement &row) { return readTrial(db, row, queries[i].key, true, &living, &(*found)[i]); },
                Text(queries[i].key), Text(queries[i].checksHash));
            if (!read)
                return read;
        }
        return {};
    };
    const auto read = co_await m_store->read(std::move(work), cancel);
    if (!read)
        co_return read.error();
    co_return std::move(*found);
}

Task<Result<std::vector<FoundTrial>>> TrialRepository::claim(std::vector<Claim> claims)
{
    writeQueued();
    const auto found = std::make_shared<std::vector<FoundTrial>>(claims.size());
    const QString owner = m_owner;
    SqliteStore::Work work = [claims, found, owner](Database &db) -> Result<void> {
        const QByteArray sql = trialSql(false, runLogFormat);
        if (const auto marked = markInterruptedRuns(db); !marked)
            return marked.error();
        Living living(owner);
        for (size_t i = 0; i < claims.size(); ++i) {
            FoundTrial &trial = (*found)[i];
            trial = FoundTrial();
            auto done = eachRow(
                db, sql, [&](Statement &row) { return readTrial(db, row, claims[i].key, false, &living, &trial); },
                Text(claims[i].key));
            if (!done)
                return done;
            if (!trial.trial.id.isValid()) {
                auto statement = db.prepare(QByteArrayLiteral(
                    "INSERT INTO trials(key, experiment, variant, claimed, owner) VALUES(?,?,?,1,?)"));
                if (!statement)
                    return statement.error();
                statement->bindText(1, claims[i].key);
                if (claims[i].experiment.isValid())
                    statement->bind(2, claims[i].experiment.value);
                statement->bindText(3, Text(claims[i].variant).utf8);
                statement->bindText(4, Text(owner).utf8);
                if (auto put = statement->run(); !put)
                    return put;
                trial.trial.id = TrialId{db.lastInsertId()};
                trial.trial.key = claims[i].key;
                trial.trial.experiment = claims[i].experiment;
                trial.trial.variant = claims[i].variant;
                trial.trial.owner = owner;
                continue;
            }
            if (trial.elsewhere || (trial.run && trial.run->status == RunStatus::Done))
                continue;
            done = execute(db, QByteArrayLiteral("UPDATE trials SET claimed=1, owner=? WHERE id=?"), Text(owner), trial.trial.id);
            if (!done)
                return done;
        }
        return {};
    };
    const auto written = co_await m_store->write(std::move(work));
    if (!written)
        co_return written.error();
    co_return std::move(*found);
}

Task<Result<QHash<int, PromptScore>>> TrialRepository::promptScores(QString prompt, CancelToken cancel) const
{
    const auto scores = std::make_shared<QHash<int, PromptScore>>();
    const QString start = prompt + QLatin1Char('@');
    SqliteStore::Work work = [scores, start](Database &db) -> Result<void> {
        const auto version = queryInt(db, QByteArrayLiteral("PRAGMA user_version"));
        if (!version || *version < 3)
            return {};
        return eachRow(
            db,
            QByteArrayLiteral("SELECT json_extract(r.revisions, '$.prompt'), json_extract(s.result, '$.passed')"
                              " FROM scores s JOIN trials t ON t.id=s.trial JOIN runs r ON r.id=t.run"
                              " WHERE substr(json_extract(r.revisions, '$.prompt'), 1, length(?1))=?1"),
            [&scores, &start](Statement &row) -> Result<void> {
                bool good = false;
                const int number = row.text(0).mid(start.size()).toInt(&good);
                if (good) {
                    PromptScore &of = (*scores)[number];
                    ++of.total;
                    of.passed += row.int64(1) != 0;
                }
                return {};
            },
            Text(start));
    };
    const auto read = co_await m_store->read(std::move(work), cancel);
    if (!read)
        co_return read.error();
    co_return std::move(*scores);
}

void TrialRepository::begin(TrialId trial, RunId run)
{
    queue([trial, run](Database &db) { return execute(db, QByteArrayLiteral("UPDATE trials SET run=? WHERE id=?"), run, trial); });
}

void TrialRepository::finish(TrialId trial, TrialScore score)
{
    queue([trial, score](Database &db) -> Result<void> {
        if (!score.checksHash.isEmpty()) {
            if (auto put = putScore(db, score); !put)
                return put;
        }
        return execute(db, QByteArrayLiteral("UPDATE trials SET claimed=0 WHERE id=? AND claimed<>0"), trial);
    });
}

void TrialRepository::keepScore(TrialScore score)
{
    if (m_store->isReadOnly())
        return;
    queue([score](Database &db) { return putScore(db, score); });
}

void TrialRepository::release(std::vector<TrialId> trials)
{
    if (trials.empty())
        return;
    writeQueued();
    m_store->post(
        [trials, owner = m_owner](Database &db) -> Result<void> {
            for (const TrialId trial : trials) {
                auto done = execute(db, QByteArrayLiteral("DELETE FROM trials WHERE id=? AND run IS NULL AND owner=?"), trial, Text(owner));
                if (done)
                    done = execute(db, QByteArrayLiteral("UPDATE trials SET claimed=0 WHERE id=? AND owner=?"), trial, Text(owner));
                if (!done)
                    return done;
            }
            return {};
        },
        SqliteStore::Undo::Repeat);
}

int TrialRepository::count() const
{
    return int(queryInt(m_store->reader(), QByteArrayLiteral("SELECT count(*) FROM trials")).valueOr(0));
}

} // namespace lathe
