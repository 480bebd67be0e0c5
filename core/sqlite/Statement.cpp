// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Assert.h"
#include "core/sqlite/DatabasePrivate.h"

#include <sqlite3.h>

namespace lathe {

Statement::Statement(Database *db, sqlite3_stmt *stmt, void *prepared) : m_db(db), m_stmt(stmt), m_prepared(prepared)
{
    ++m_db->d->liveCount;
    ++static_cast<Database::Private::Prepared *>(prepared)->borrowed;
}

Statement::Statement(Statement &&other) noexcept
    : m_db(other.m_db), m_stmt(std::exchange(other.m_stmt, nullptr)), m_prepared(other.m_prepared),
      m_bound(std::move(other.m_bound)),
      m_bindError(other.m_bindError)
{
}

Statement::~Statement()
{
    if (!m_stmt)
        return;
    --m_db->d->liveCount;
    m_db->d->giveBack(static_cast<Database::Private::Prepared *>(m_prepared), m_stmt);
}

QByteArray Statement::sql() const
{
    return static_cast<Database::Private::Prepared *>(m_prepared)->sql;
}

static void note(int &first, int rc)
{
    if (first == SQLITE_OK)
        first = rc;
}

Statement &Statement::bind(int index, qint64 value)
{
    note(m_bindError, sqlite3_bind_int64(m_stmt, index, value));
    return *this;
}

Statement &Statement::bind(int index, double value)
{
    note(m_bindError, sqlite3_bind_double(m_stmt, index, value));
    return *this;
}

Statement &Statement::bind(int index, const QString &value)
{
    if (value.isNull())
        return bindNull(index);
    return bindText(index, value.toUtf8());
}

// Shares the bytes for as long as they are bound, so that SQLite need not copy them. False for bytes that nobody owns.
bool Statement::keep(int index, const QByteArray &bytes)
{
    constexpr int parametersMax = 32'766; // of SQLite
    if (index < 1 || index > parametersMax || !const_cast<QByteArray &>(bytes).data_ptr().d_ptr() || sqlite3_stmt_busy(m_stmt))
        return false;
    if (m_bound.size() < index)
        m_bound.resize(index);
    // What was bound here until now is read by nobody: binding comes next, and only then may the statement run.
    m_bound[index - 1] = bytes;
    return true;
}

Statement &Statement::bindBlob(int index, const QByteArray &value)
{
    if (value.isNull())
        return bindNull(index);
    const bool kept = keep(index, value);
    note(m_bindError, sqlite3_bind_blob64(m_stmt, index, value.constData(), sqlite3_uint64(value.size()),
                                          kept ? SQLITE_STATIC : SQLITE_TRANSIENT));
    return *this;
}

Statement &Statement::bindText(int index, const QByteArray &utf8)
{
    const bool kept = keep(index, utf8);
    note(m_bindError, sqlite3_bind_text64(m_stmt, index, utf8.constData(), sqlite3_uint64(utf8.size()),
                                          kept ? SQLITE_STATIC : SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

Statement &Statement::bindNull(int index)
{
    note(m_bindError, sqlite3_bind_null(m_stmt, index));
    return *this;
}

Result<bool> Statement::step()
{
    LATHE_ASSERT(m_stmt, return Error(ErrorKind::Internal, QStringLiteral("A statement was used after it was given away.")));
    Database::Private *d = m_db->d.get();
    if (m_bindError != SQLITE_OK)
        return d->error(m_bindError, QStringLiteral("binding to ") + QString::fromUtf8(sql().left(200)));
    if (!sqlite3_stmt_busy(m_stmt)) {
        if (auto begun = d->beginRunning(); !begun)
            return begun.error();
    }
    const int rc = sqlite3_step(m_stmt);
    if (rc == SQLITE_ROW)
        return true;
    if (rc == SQLITE_DONE)
        return false;
    Error failure = d->error(rc, QString::fromUtf8(sql().left(200)));
    sqlite3_reset(m_stmt);
    return failure;
}

Result<void> Statement::run()
{
    for (;;) {
        auto row = step();
        if (!row)
            return row.error();
        if (!*row)
            break;
    }
    sqlite3_reset(m_stmt);
    return {};
}

void Statement::reset()
{
    sqlite3_reset(m_stmt);
    m_bindError = SQLITE_OK;
}

int Statement::columnCount() const
{
    return sqlite3_column_count(m_stmt);
}

QString Statement::columnName(int column) const
{
    return QString::fromUtf8(sqlite3_column_name(m_stmt, column));
}

bool Statement::isNull(int column) const
{
    return sqlite3_column_type(m_stmt, column) == SQLITE_NULL;
}

qint64 Statement::int64(int column) const
{
    return sqlite3_column_int64(m_stmt, column);
}

double Statement::real(int column) const
{
    return sqlite3_column_double(m_stmt, column);
}

QString Statement::text(int column) const
{
    const auto *text = reinterpret_cast<const char *>(sqlite3_column_text(m_stmt, column));
    return text ? QString::fromUtf8(text, sqlite3_column_bytes(m_stmt, column)) : QString();
}

QByteArray Statement::bytes(int column) const
{
    switch (sqlite3_column_type(m_stmt, column)) {
    case SQLITE_NULL:
        return {};
    case SQLITE_BLOB: {
        const auto *blob = static_cast<const char *>(sqlite3_column_blob(m_stmt, column));
        return blob ? QByteArray(blob, sqlite3_column_bytes(m_stmt, column)) : QByteArray("");
    }
    default: { // as text also in files that keep their text as UTF-16
        const auto *text = reinterpret_cast<const char *>(sqlite3_column_text(m_stmt, column));
        return text ? QByteArray(text, sqlite3_column_bytes(m_stmt, column)) : QByteArray();
    }
    }
}

QVariant Statement::value(int column) const
{
    switch (sqlite3_column_type(m_stmt, column)) {
    case SQLITE_INTEGER:
        return int64(column);
    case SQLITE_FLOAT:
        return real(column);
    case SQLITE_TEXT:
        return text(column);
    case SQLITE_BLOB:
        return bytes(column);
    default:
        return {};
    }
}

bool Statement::isReadOnly() const
{
    return sqlite3_stmt_readonly(m_stmt) != 0;
}

} // namespace lathe
