// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RatingRepository.h"

#include "core/project/ArtifactRows.h"
#include "core/project/Sql.h"

#include <QPointer>

#include <cmath>

namespace lathe {

namespace {
constexpr qsizetype noteLengthMax = 100'000;

Result<void> checkRating(const Rating &rating)
{
    const bool whole = std::isfinite(rating.value) && rating.value == std::floor(rating.value);
    if (rating.kind == QLatin1String("thumbs")) {
        if (whole && (rating.value == 0 || rating.value == 1))
            return {};
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("A thumbs rating is 0 (down) or 1 (up), not %1.").arg(rating.value));
    }
    if (rating.kind == QLatin1String("stars")) {
        if (whole && rating.value >= 1 && rating.value <= 5)
            return {};
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("A star rating is a whole number from 1 to 5, not %1.")
                         .arg(rating.value));
    }
    return Error(ErrorKind::InvalidInput,
                 QStringLiteral("There is no rating of the kind \"%1\"; there are: thumbs, stars.")
                     .arg(rating.kind.left(60)));
}
} // namespace

RatingRepository::RatingRepository(SqliteStore *store, Clock *clock)
    : m_store(store), m_clock(clock)
{
}

Task<Result<RatingId>> RatingRepository::rate(Rating rating)
{
    const auto store = m_store;
    const QPointer<RatingRepository> self(this);
    if (auto fits = checkRating(rating); !fits)
        co_return fits.error();
    if (rating.author.isEmpty())
        rating.author = currentAuthor();
    if (rating.createdUs == 0)
        rating.createdUs = m_clock->nowUs();
    rating.note.truncate(noteLengthMax);
    const auto id = std::make_shared<RatingId>();
    SqliteStore::Work work = [id, rating](Database &db) -> Result<void> {
        const auto known =
            queryInt(db, QByteArrayLiteral("SELECT 1 FROM runs WHERE id=?"), rating.run);
        if (!known)
            return known.error();
        if (!*known)
            return Error(ErrorKind::NotFound,
                         QStringLiteral("There is no run %1 to rate.").arg(rating.run.value));
        if (!rating.step.isEmpty()) {
            const auto step =
                queryInt(db, QByteArrayLiteral("SELECT 1 FROM steps WHERE run=? AND path=?"),
                         rating.run, Text(rating.step));
            if (!step)
                return step.error();
            if (!*step)
                return Error(ErrorKind::NotFound, QStringLiteral("Run %1 has no step %2 to rate.")
                                                      .arg(rating.run.value)
                                                      .arg(rating.step.left(100)));
        }
        auto put =
            execute(db,
                    QByteArrayLiteral(
                        "INSERT INTO ratings(run, step, kind, value, note, author, created_us)"
                        " VALUES(?,?,?,?,?,?,?)"),
                    rating.run, Text(rating.step), Text(rating.kind), rating.value,
                    Text(rating.note), Text(rating.author), rating.createdUs);
        if (!put)
            return put;
        *id = RatingId{db.lastInsertId()};
        return {};
    };
    const auto written = co_await store->write(std::move(work));
    if (!written)
        co_return written.error();
    if (self)
        Q_EMIT self->changed(rating.run);
    co_return *id;
}

Task<Result<void>> RatingRepository::remove(RatingId id)
{
    const auto store = m_store;
    const QPointer<RatingRepository> self(this);
    const auto run = std::make_shared<RunId>();
    const qint64 timeUs = m_clock->nowUs();
    SqliteStore::Work work = [id, run, timeUs](Database &db) -> Result<void> {
        const auto found = queryInt(
            db, QByteArrayLiteral("SELECT run FROM ratings WHERE id=? AND removed_us IS NULL"), id);
        if (!found)
            return found.error();
        if (!*found)
            return Error(ErrorKind::NotFound,
                         QStringLiteral("There is no rating %1.").arg(id.value));
        run->value = *found;
        // The earlier ones that it replaced do not come back.
        return execute(
            db,
            QByteArrayLiteral("UPDATE ratings SET removed_us=?1 WHERE removed_us IS NULL AND "
                              "id<=?2 AND (run, step, kind,"
                              " author)=(SELECT run, step, kind, author FROM ratings WHERE id=?2)"),
            timeUs, id);
    };
    const auto written = co_await store->write(std::move(work));
    if (written && self)
        Q_EMIT self->changed(*run);
    co_return written;
}

std::vector<Rating> RatingRepository::ratings(RunId run) const
{
    std::vector<Rating> list;
    const auto read = eachRow(
        m_store->reader(),
        QByteArrayLiteral("SELECT id, step, kind, value, note, author, created_us FROM ratings "
                          "WHERE id IN (SELECT max(id) FROM"
                          " ratings WHERE run=?1 AND removed_us IS NULL GROUP BY step, kind, "
                          "author) ORDER BY id DESC"),
        [&](Statement &row) {
            Rating rating;
            rating.id = RatingId{row.int64(0)};
            rating.run = run;
            rating.step = row.text(1);
            rating.kind = row.text(2);
            rating.value = row.real(3);
            rating.note = row.text(4);
            rating.author = row.text(5);
            rating.createdUs = row.int64(6);
            list.push_back(std::move(rating));
        },
        run);
    if (!read)
        qWarning("Reading ratings failed: %s", qPrintable(read.error().message));
    return list;
}

} // namespace lathe
