// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/ArtifactRows.h"

#include "core/project/Payload.h"
#include "core/project/Sql.h"

#include <numeric>

namespace lathe {

namespace {
constexpr qsizetype closeNamesMax = 10;

// All texts in a body, for search.
void collectTexts(const QJsonValue &value, QString *out)
{
    if (value.isString()) {
        *out += value.toString() + QLatin1Char('\n');
    } else if (value.isArray()) {
        const QJsonArray array = value.toArray();
        for (const QJsonValue &item : array)
            collectTexts(item, out);
    } else if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (const QJsonValue &item : object)
            collectTexts(item, out);
    }
}

// Edit distance; names are at most 64 characters.
int distance(const QString &a, const QString &b)
{
    std::vector<int> row(size_t(b.size()) + 1);
    std::iota(row.begin(), row.end(), 0);
    for (qsizetype i = 0; i < a.size(); ++i) {
        int diagonal = row[0];
        row[0] = int(i) + 1;
        for (qsizetype j = 0; j < b.size(); ++j) {
            const int above = row[size_t(j) + 1];
            row[size_t(j) + 1] =
                std::min({above + 1, row[size_t(j)] + 1, diagonal + (a[i] == b[j] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}
} // namespace

Result<std::vector<ArtifactInfo>> readArtifacts(Database &db, std::optional<ArtifactKind> kind,
                                                ArtifactId id, bool withBin)
{
    std::vector<ArtifactInfo> list;
    QHash<ArtifactId, size_t> places;
    const QByteArray kindName = kind ? artifactKindName(*kind).toUtf8() : QByteArray("");
    auto read = eachRow(
        db,
        QByteArrayLiteral(
            "SELECT a.id, a.kind, a.name, a.in_bin, max(a.changed_us, coalesce(d.saved_us, 0)), "
            "r.number, r.hash, d.hash"
            " FROM artifacts a LEFT JOIN revisions r ON r.artifact=a.id"
            "  AND r.number=(SELECT max(number) FROM revisions WHERE artifact=a.id)"
            " LEFT JOIN drafts d ON d.artifact=a.id"
            " WHERE (?1='' OR a.kind=?1) AND (?2=0 OR a.id=?2) AND (?3 OR a.in_bin=0)"),
        [&](Statement &row) {
            const auto known = artifactKindFromName(row.text(1));
            if (!known)
                return; // of a newer Lathe
            ArtifactInfo info;
            info.id = ArtifactId{row.int64(0)};
            info.kind = *known;
            info.name = row.text(2);
            info.inBin = row.int64(3) != 0;
            info.changedUs = row.int64(4);
            info.latestNumber = int(row.int64(5));
            info.hasDraft = !row.isNull(7) && row.bytes(6) != row.bytes(7);
            places.insert(info.id, list.size());
            list.push_back(std::move(info));
        },
        Text(kindName), id, withBin);
    if (!read)
        return read.error();
    read = eachRow(
        db,
        QByteArrayLiteral("SELECT artifact, name, number FROM labels WHERE ?1=0 OR artifact=?1 "
                          "ORDER BY artifact, name"),
        [&](Statement &row) {
            const auto place = places.constFind(ArtifactId{row.int64(0)});
            if (place != places.constEnd())
                list[*place].labels.emplace_back(row.text(1), int(row.int64(2)));
        },
        id);
    if (!read)
        return read.error();
    return list;
}

Result<Newest> newestRevision(Database &db, ArtifactId id)
{
    Newest newest;
    const auto read = eachRow(
        db,
        QByteArrayLiteral(
            "SELECT number, id, hash FROM revisions WHERE artifact=? ORDER BY number DESC LIMIT 1"),
        [&](Statement &row) {
            newest.number = int(row.int64(0));
            newest.id = RevisionId{row.int64(1)};
            newest.hash = row.bytes(2);
        },
        id);
    if (!read)
        return read.error();
    return newest;
}

Result<std::vector<RevisionInfo>> readRevisions(Database &db, ArtifactId id)
{
    std::vector<RevisionInfo> list;
    auto read = eachRow(
        db,
        QByteArrayLiteral("SELECT id, number, parent, hash, note, author, created_us FROM "
                          "revisions WHERE artifact=?"
                          " ORDER BY number DESC"),
        [&](Statement &row) {
            RevisionInfo info;
            info.id = RevisionId{row.int64(0)};
            info.artifact = id;
            info.number = int(row.int64(1));
            info.parentNumber = int(row.int64(2));
            info.hash = row.bytes(3);
            info.note = row.text(4);
            info.author = row.text(5);
            info.createdUs = row.int64(6);
            list.push_back(std::move(info));
        },
        id);
    if (!read)
        return read.error();
    const auto at = [&list](int number) {
        return std::find_if(list.begin(), list.end(),
                            [number](const RevisionInfo &info) { return info.number == number; });
    };
    read = eachRow(
        db, QByteArrayLiteral("SELECT name, number FROM labels WHERE artifact=? ORDER BY name"),
        [&](Statement &row) {
            if (const auto info = at(int(row.int64(1))); info != list.end())
                info->labels.append(row.text(0));
        },
        id);
    if (!read)
        return read.error();
    read = eachRow(
        db,
        QByteArrayLiteral("SELECT revision, count(*) FROM runs WHERE artifact=? GROUP BY revision"),
        [&](Statement &row) {
            if (const auto info = at(int(row.int64(0))); info != list.end())
                info->runCount = int(row.int64(1));
        },
        id);
    if (!read)
        return read.error();
    return list;
}

Result<std::optional<StoredDraft>> readDraft(Database &db, ArtifactId id)
{
    std::optional<StoredDraft> stored;
    const auto read = eachRow(
        db,
        QByteArrayLiteral(
            "SELECT base, hash, history_position, history, body FROM drafts WHERE artifact=?"),
        [&](Statement &row) -> Result<void> {
            auto body = payloadObject(row, 4);
            if (!body)
                return body.error();
            const auto history = payload(row, 3);
            if (!history)
                return history.error();
            stored.emplace();
            stored->hash = row.bytes(1);
            stored->draft.artifact = id;
            stored->draft.baseNumber = int(row.int64(0));
            stored->draft.body = std::move(*body);
            stored->draft.history = EditHistory::fromJson(
                json::parse(*history).valueOr(QJsonValue()).toArray(), int(row.int64(2)));
            return {};
        },
        id);
    if (!read)
        return read.error();
    return stored;
}

Result<ArtifactId> insertArtifact(Database &db, ArtifactKind kind, const QString &name,
                                  qint64 timeUs)
{
    auto inserted =
        execute(db,
                QByteArrayLiteral(
                    "INSERT INTO artifacts(kind, name, created_us, changed_us) VALUES(?,?,?,?)"),
                Text(artifactKindName(kind)), Text(name), timeUs, timeUs);
    if (!inserted)
        return inserted.error();
    return ArtifactId{db.lastInsertId()};
}

Result<void> putDraft(Database &db, const StoredDraft &stored, qint64 timeUs)
{
    auto put = prepared(
        db,
        QByteArrayLiteral(
            "INSERT INTO drafts(artifact, base, hash, saved_us, history_position, history, body)"
            " VALUES(?,?,?,?,?,?,?) ON CONFLICT(artifact) DO UPDATE SET hash=excluded.hash,"
            " saved_us=excluded.saved_us, history_position=excluded.history_position,"
            " history=excluded.history, body=excluded.body"),
        stored.draft.artifact, stored.draft.baseNumber, Text(stored.hash), timeUs,
        stored.draft.history.position());
    if (!put)
        return put.error();
    if (auto bound =
            bindPayload(*put, 6, json::compact(stored.draft.history.toJson()), bodyInlineMax);
        !bound)
        return bound;
    if (auto bound = bindPayload(*put, 7, json::compact(stored.draft.body), bodyInlineMax); !bound)
        return bound;
    return put->run();
}

Result<int> insertRevision(Database &db, ArtifactKind kind, const StoredDraft &stored,
                           const QString &note, qint64 timeUs)
{
    const ArtifactId id = stored.draft.artifact;
    const auto newest = newestRevision(db, id);
    if (!newest)
        return newest.error();
    if (newest->number > 0 && newest->hash == stored.hash)
        return newest->number;
    const int number = newest->number + 1;
    const int parent = stored.draft.baseNumber > 0 ? stored.draft.baseNumber : newest->number;
    auto put = prepared(
        db,
        QByteArrayLiteral(
            "INSERT INTO revisions(artifact, number, hash, note, author, created_us, parent, body)"
            " VALUES(?,?,?,?,?,?,?,?)"),
        id, number, Text(stored.hash), Text(note), Text(currentAuthor()), timeUs);
    if (!put)
        return put.error();
    if (parent > 0)
        put->bind(7, parent);
    if (auto bound = bindPayload(*put, 8, json::compact(stored.draft.body), bodyInlineMax); !bound)
        return bound.error();
    if (auto done = put->run(); !done)
        return done.error();
    if (kind == ArtifactKind::Prompt) {
        const qint64 row = db.lastInsertId();
        auto indexed =
            execute(db, QByteArrayLiteral("INSERT INTO prompt_search(rowid, text) VALUES(?,?)"),
                    row, Text(searchText(stored.draft.body)));
        if (!indexed)
            return indexed.error();
    }
    auto marked =
        execute(db, QByteArrayLiteral("UPDATE artifacts SET changed_us=? WHERE id=?"), timeUs, id);
    if (marked)
        marked =
            execute(db, QByteArrayLiteral("UPDATE drafts SET base=? WHERE artifact=?"), number, id);
    if (!marked)
        return marked.error();
    return number;
}

Result<void> moveLabel(Database &db, ArtifactId id, const QString &label, int number, qint64 timeUs)
{
    auto moved =
        number > 0 ? execute(
            db,
            QByteArrayLiteral(
                "INSERT OR REPLACE INTO labels(artifact, name, number, set_us) VALUES(?,?,?,?)"),
            id, Text(label), number, timeUs)
                   : execute(db,
                             QByteArrayLiteral("DELETE FROM labels WHERE artifact=? AND name=?"),
                             id, Text(label));
    if (!moved)
        return moved;
    auto noted = prepared(
        db,
        QByteArrayLiteral("INSERT INTO label_history(artifact, name, author, changed_us, number)"
                          " VALUES(?,?,?,?,?)"),
        id, Text(label), Text(currentAuthor()), timeUs);
    if (!noted)
        return noted.error();
    if (number > 0)
        noted->bind(5, number);
    if (auto done = noted->run(); !done)
        return done;
    return execute(db, QByteArrayLiteral("UPDATE artifacts SET changed_us=? WHERE id=?"), timeUs,
                   id);
}

QString searchText(const QJsonObject &body)
{
    QString text;
    collectTexts(body, &text);
    return text;
}

QString withArticle(ArtifactKind kind)
{
    const QString name = artifactKindName(kind);
    const bool vowel = QStringLiteral("aeiou").contains(name.at(0));
    return (vowel ? QStringLiteral("an ") : QStringLiteral("a ")) + name;
}

QString currentAuthor()
{
    const QString user = qEnvironmentVariable("USER");
    return user.isEmpty() ? qEnvironmentVariable("LOGNAME") : user;
}

QString closeNames(const QString &wanted, QStringList names)
{
    const QString lower = wanted.left(64).toLower();
    std::sort(names.begin(), names.end());
    std::stable_sort(names.begin(), names.end(), [&lower](const QString &a, const QString &b) {
        return distance(lower, a.toLower()) < distance(lower, b.toLower());
    });
    if (names.size() <= closeNamesMax)
        return names.join(QStringLiteral(", "));
    const qsizetype more = names.size() - closeNamesMax;
    return names.mid(0, closeNamesMax).join(QStringLiteral(", "))
           + QStringLiteral(" and %1 more").arg(more);
}

} // namespace lathe
