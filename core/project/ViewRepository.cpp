// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/ViewRepository.h"

#include "core/project/RunReader.h"
#include "core/project/Sql.h"

#include <QPointer>

namespace lathe {

namespace {
constexpr int nameLengthMax = 100, queryLengthMax = 4096;

// As the file has them; in the order of the enumerations.
const char *const sortNames[] = {"started", "status", "agent", "input", "output", "latency", "tokens", "cost", "rating", "steps"};
const char *const groupingNames[] = {"none", "agent", "revision", "experiment", "day", "model", "status", "source"};

template<typename Enum, size_t Count>
Enum fromName(const char *const (&names)[Count], const QString &name)
{
    for (size_t i = 0; i < Count; ++i) {
        if (name == QLatin1String(names[i]))
            return Enum(i);
    }
    return Enum(0);
}

Result<void> checkName(const QString &name)
{
    if (name.isEmpty() || name.size() > nameLengthMax)
        return Error(ErrorKind::InvalidInput, QStringLiteral("A saved view needs a name of 1 to %1 characters.").arg(nameLengthMax));
    return {};
}

Error noView(const QString &name)
{
    return Error(ErrorKind::NotFound, QStringLiteral("There is no saved view \"%1\".").arg(name.left(100)));
}
} // namespace

ViewRepository::ViewRepository(SqliteStore *store) : m_store(store) {}

Result<std::vector<SavedView>> ViewRepository::all() const
{
    std::vector<SavedView> views;
    const auto format = formatOf(m_store->reader());
    if (!format)
        return format.error();
    if (*format < runLogFormat)
        return views;
    const auto read = eachRow(m_store->reader(), QByteArrayLiteral("SELECT name, query, sort, ascending, grouping FROM views ORDER BY id"),
                              [&](Statement &row) {
                                  SavedView view;
                                  view.name = row.text(0);
                                  view.query = row.text(1);
                                  view.sort = fromName<RunSort>(sortNames, row.text(2));
                                  view.ascending = row.int64(3) != 0;
                                  view.grouping = fromName<RunGrouping>(groupingNames, row.text(4));
                                  views.push_back(std::move(view));
                              });
    if (!read)
        return read.error();
    return views;
}

Task<Result<void>> ViewRepository::save(SavedView view)
{
    const QPointer<ViewRepository> self(this);
    view.name = view.name.trimmed();
    if (auto fits = checkName(view.name); !fits)
        co_return fits.error();
    if (view.query.size() > queryLengthMax)
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The query of a saved view takes at most %1 characters.").arg(queryLengthMax));
    SqliteStore::Work work = [view](Database &db) {
        return execute(db,
                       QByteArrayLiteral("INSERT INTO views(name, query, sort, ascending, grouping) VALUES(?,?,?,?,?) ON CONFLICT(name) DO UPDATE SET"
                                         " query=excluded.query, sort=excluded.sort, ascending=excluded.ascending, grouping=excluded.grouping"),
                       Text(view.name), Text(view.query), Text(QByteArray(sortNames[size_t(view.sort)])), view.ascending,
                       Text(QByteArray(groupingNames[size_t(view.grouping)])));
    };
    auto written = co_await m_store->write(std::move(work));
    if (written && self)
        Q_EMIT self->changed();
    co_return written;
}

Task<Result<void>> ViewRepository::rename(QString name, QString newName)
{
    const QPointer<ViewRepository> self(this);
    const QString wanted = newName.trimmed();
    if (auto fits = checkName(wanted); !fits)
        co_return fits.error();
    SqliteStore::Work work = [name, wanted](Database &db) -> Result<void> {
        const auto taken = queryInt(db, QByteArrayLiteral("SELECT 1 FROM views WHERE name=?"), Text(wanted));
        if (!taken)
            return taken.error();
        if (*taken && wanted != name)
            return Error(ErrorKind::InvalidInput, QStringLiteral("There already is a saved view \"%1\"; choose another name.").arg(wanted));
        if (auto done = execute(db, QByteArrayLiteral("UPDATE views SET name=? WHERE name=?"), Text(wanted), Text(name)); !done)
            return done;
        return db.changes() > 0 ? Result<void>() : Result<void>(noView(name));
    };
    auto written = co_await m_store->write(std::move(work));
    if (written && self)
        Q_EMIT self->changed();
    co_return written;
}

Task<Result<void>> ViewRepository::remove(QString name)
{
    const QPointer<ViewRepository> self(this);
    SqliteStore::Work work = [name](Database &db) -> Result<void> {
        if (auto done = execute(db, QByteArrayLiteral("DELETE FROM views WHERE name=?"), Text(name)); !done)
            return done;
        return db.changes() > 0 ? Result<void>() : Result<void>(noView(name));
    };
    auto written = co_await m_store->write(std::move(work));
    if (written && self)
        Q_EMIT self->changed();
    co_return written;
}

} // namespace lathe
