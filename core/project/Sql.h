// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Id.h"
#include "core/base/Json.h"
#include "core/sqlite/Database.h"

namespace lathe {

// Short forms for the SQL of core/project. Texts are bound as text even when they are null (NOT NULL columns).
struct Text {
    QByteArray utf8;
    Text(const QString &text) : utf8(text.toUtf8()) {}
    Text(QByteArray bytes) : utf8(std::move(bytes)) {}
};
struct Null {
};

inline void bindValue(Statement &statement, int index, const Text &value)
{
    statement.bindText(index, value.utf8);
}
inline void bindValue(Statement &statement, int index, Null)
{
    statement.bindNull(index);
}
inline void bindValue(Statement &statement, int index, qint64 value)
{
    statement.bind(index, value);
}
inline void bindValue(Statement &statement, int index, int value)
{
    statement.bind(index, value);
}
inline void bindValue(Statement &statement, int index, bool value)
{
    statement.bind(index, value);
}
inline void bindValue(Statement &statement, int index, double value)
{
    statement.bind(index, value);
}
template<typename Tag>
void bindValue(Statement &statement, int index, Id<Tag> id)
{
    statement.bind(index, id.value);
}

// Prepares (from the connection's cache) and binds in order.
template<typename... Args>
Result<Statement> prepared(Database &db, const QByteArray &sql, const Args &...args)
{
    auto statement = db.prepare(sql);
    if (!statement)
        return statement;
    int index = 0;
    (bindValue(*statement, ++index, args), ...);
    return statement;
}

// Runs a statement that gives no rows.
template<typename... Args>
Result<void> execute(Database &db, const QByteArray &sql, const Args &...args)
{
    auto statement = prepared(db, sql, args...);
    if (!statement)
        return statement.error();
    return statement->run();
}

// Calls `each(Statement &)` for every row; it may return void or Result<void>, whose error ends the walk.
template<typename Each, typename... Args>
Result<void> eachRow(Database &db, const QByteArray &sql, Each &&each, const Args &...args)
{
    auto statement = prepared(db, sql, args...);
    if (!statement)
        return statement.error();
    for (;;) {
        const auto row = statement->step();
        if (!row)
            return row.error();
        if (!*row)
            return {};
        if constexpr (std::is_void_v<decltype(each(*statement))>) {
            each(*statement);
        } else {
            if (Result<void> done = each(*statement); !done)
                return done;
        }
    }
}

// The first column of the first row; 0 without rows.
template<typename... Args>
Result<qint64> queryInt(Database &db, const QByteArray &sql, const Args &...args)
{
    qint64 value = 0;
    bool first = true;
    const auto done = eachRow(
        db, sql,
        [&](Statement &row) {
            if (std::exchange(first, false))
                value = row.int64(0);
        },
        args...);
    if (!done)
        return done.error();
    return value;
}

} // namespace lathe
