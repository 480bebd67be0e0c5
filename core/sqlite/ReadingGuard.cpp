// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sqlite/ReadingGuard.h"

#include <QList>

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>

namespace lathe {

namespace {
// These reach files, other code or the log, or (json_patch) need quadratic time on hostile input.
constexpr std::array deniedFunctions{"load_extension", "fts3_tokenizer", "writefile", "readfile", "edit",
                                     "fsdir",          "zipfile",        "eval",      "sqlite_log", "json_patch"};

QString actionWords(int action, const char *first, const char *second)
{
    const QString name = QString::fromUtf8(first ? first : "");
    switch (action) {
    case SQLITE_INSERT: return QStringLiteral("INSERT into %1 is not allowed").arg(name);
    case SQLITE_UPDATE: return QStringLiteral("UPDATE of %1 is not allowed").arg(name);
    case SQLITE_DELETE: return QStringLiteral("DELETE from %1 is not allowed").arg(name);
    case SQLITE_PRAGMA: return QStringLiteral("PRAGMA %1 is not allowed").arg(name);
    case SQLITE_ATTACH: return QStringLiteral("ATTACH is not allowed");
    case SQLITE_DETACH: return QStringLiteral("DETACH is not allowed");
    case SQLITE_FUNCTION: return QStringLiteral("the function %1 is not allowed").arg(QString::fromUtf8(second ? second : ""));
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT: return QStringLiteral("transactions are not allowed");
    default: return QStringLiteral("only SELECT is allowed");
    }
}

int authorize(void *data, int action, const char *first, const char *second, const char *, const char *)
{
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION: {
        const bool bad = std::any_of(deniedFunctions.begin(), deniedFunctions.end(), [second](const char *name) {
            return second && sqlite3_stricmp(name, second) == 0;
        });
        if (!bad)
            return SQLITE_OK;
        break;
    }
    case SQLITE_PRAGMA:
        // FTS5 itself asks this (a number, nothing is changed) whenever it reads an index.
        if (first && !second && sqlite3_stricmp(first, "data_version") == 0)
            return SQLITE_OK;
        break;
    case SQLITE_UPDATE:
        // What connecting any virtual table (FTS5, json_each) asks for. A true UPDATE of the schema never gets this far:
        // DEFENSIVE and query_only forbid it, and prepare() takes only statements that write nothing.
        if (first && (sqlite3_stricmp(first, "sqlite_master") == 0 || sqlite3_stricmp(first, "sqlite_temp_master") == 0))
            return SQLITE_OK;
        break;
    default:
        break;
    }
    *static_cast<QString *>(data) = actionWords(action, first, second);
    return SQLITE_DENY;
}

int authorizeData(void *data, int action, const char *first, const char *second, const char *third, const char *fourth)
{
    switch (action) {
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE: // of the schema's own table, which SQLite itself asks for; DEFENSIVE keeps all others from it
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_INDEX:
    case SQLITE_CREATE_VIEW:
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_INDEX:
    case SQLITE_DROP_VIEW:
    case SQLITE_ALTER_TABLE:
    case SQLITE_REINDEX: // CREATE INDEX asks for it
        return SQLITE_OK;
    default:
        break;
    }
    const int verdict = authorize(data, action, first, second, third, fourth);
    auto *words = static_cast<QString *>(data);
    if (verdict != SQLITE_OK && *words == QLatin1String("only SELECT is allowed"))
        *words = QStringLiteral("only SELECT, INSERT, UPDATE, DELETE, and CREATE, ALTER and DROP of tables, indexes and views are allowed");
    return verdict;
}

std::string_view textOf(sqlite3_value *value)
{
    const auto *text = reinterpret_cast<const char *>(sqlite3_value_text(value));
    return text ? std::string_view(text, size_t(sqlite3_value_bytes(value))) : std::string_view();
}

std::string_view blobOf(sqlite3_value *value)
{
    const auto *blob = static_cast<const char *>(sqlite3_value_blob(value));
    return blob ? std::string_view(blob, size_t(sqlite3_value_bytes(value))) : std::string_view();
}

// memmem of glibc is linear; the search in SQLite's own instr() and replace() is quadratic, cannot be interrupted, and
// so could hang a thread for hours.
size_t findBytes(std::string_view text, std::string_view what, size_t from)
{
    if (from > text.size())
        return std::string_view::npos;
    const char *start = text.data() + from;
    const void *at = what.size() == 1 ? std::memchr(start, what[0], text.size() - from)
                                      : memmem(start, text.size() - from, what.data(), what.size());
    return at ? size_t(static_cast<const char *>(at) - text.data()) : std::string_view::npos;
}

void instr(sqlite3_context *context, int, sqlite3_value **values)
{
    const int a = sqlite3_value_type(values[0]), b = sqlite3_value_type(values[1]);
    if (a == SQLITE_NULL || b == SQLITE_NULL)
        return;
    const bool blobs = a == SQLITE_BLOB && b == SQLITE_BLOB;
    const auto text = blobs ? blobOf(values[0]) : textOf(values[0]);
    const auto what = blobs ? blobOf(values[1]) : textOf(values[1]);
    const size_t at = what.empty() ? 0 : findBytes(text, what, 0);
    if (at == std::string_view::npos) {
        sqlite3_result_int(context, 0);
        return;
    }
    const auto *end = text.data() + at;
    const auto before = blobs ? qint64(at) : qint64(std::count_if(text.data(), end, [](char c) { return (c & 0xc0) != 0x80; }));
    sqlite3_result_int64(context, before + 1);
}

void replace(sqlite3_context *context, int, sqlite3_value **values)
{
    for (int i = 0; i < 3; ++i) {
        if (sqlite3_value_type(values[i]) == SQLITE_NULL)
            return;
    }
    const auto text = textOf(values[0]), what = textOf(values[1]), with = textOf(values[2]);
    if (what.empty()) {
        sqlite3_result_value(context, values[0]);
        return;
    }
    const auto limit = size_t(sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1));
    try {
        std::string out;
        size_t from = 0;
        for (size_t at = findBytes(text, what, 0); at != std::string_view::npos; at = findBytes(text, what, from)) {
            out.append(text, from, at - from).append(with);
            from = at + what.size();
            if (out.size() > limit) {
                sqlite3_result_error_toobig(context);
                return;
            }
        }
        out.append(text, from);
        sqlite3_result_text64(context, out.data(), out.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    } catch (const std::bad_alloc &) {
        sqlite3_result_error_nomem(context);
    }
}

// trim(X, Y) with its set of characters looked up instead of walked through.
void trim(sqlite3_context *context, int, sqlite3_value **values)
{
    if (sqlite3_value_type(values[0]) == SQLITE_NULL || sqlite3_value_type(values[1]) == SQLITE_NULL)
        return;
    const auto ends = reinterpret_cast<quintptr>(sqlite3_user_data(context)); // 1: left, 2: right, 3: both
    try {
        const auto text = textOf(values[0]), chars = textOf(values[1]);
        const auto points = QString::fromUtf8(text.data(), qsizetype(text.size())).toUcs4();
        auto set = QString::fromUtf8(chars.data(), qsizetype(chars.size())).toUcs4();
        std::sort(set.begin(), set.end());
        const auto in = [&set](uint c) { return std::binary_search(set.begin(), set.end(), c); };
        auto begin = points.begin(), end = points.end();
        while ((ends & 1) && begin != end && in(*begin))
            ++begin;
        while ((ends & 2) && begin != end && in(*(end - 1)))
            --end;
        const auto *first = reinterpret_cast<const char32_t *>(points.data()) + (begin - points.begin());
        const QByteArray out = QString::fromUcs4(first, end - begin).toUtf8();
        sqlite3_result_text64(context, out.constData(), sqlite3_uint64(out.size()), SQLITE_TRANSIENT, SQLITE_UTF8);
    } catch (const std::bad_alloc &) {
        sqlite3_result_error_nomem(context);
    }
}
} // namespace

namespace {
void bound(sqlite3 *db)
{
    // Sorting in memory, where Database bounds it: temporary files would fill the disk.
    sqlite3_exec(db, "PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY", nullptr, nullptr, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0, nullptr);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 8'000'000);
    sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, 1'000'000);
    sqlite3_limit(db, SQLITE_LIMIT_COLUMN, 1000);
    sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 200);
    sqlite3_limit(db, SQLITE_LIMIT_COMPOUND_SELECT, 50);
    sqlite3_limit(db, SQLITE_LIMIT_VDBE_OP, 100'000);
    sqlite3_limit(db, SQLITE_LIMIT_FUNCTION_ARG, 64);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256);
    sqlite3_limit(db, SQLITE_LIMIT_TRIGGER_DEPTH, 10);
    sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
    constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    sqlite3_create_function(db, "instr", 2, flags, nullptr, instr, nullptr, nullptr);
    sqlite3_create_function(db, "replace", 3, flags, nullptr, replace, nullptr, nullptr);
    const auto tag = [](quintptr ends) { return reinterpret_cast<void *>(ends); };
    sqlite3_create_function(db, "ltrim", 2, flags, tag(1), trim, nullptr, nullptr);
    sqlite3_create_function(db, "rtrim", 2, flags, tag(2), trim, nullptr, nullptr);
    sqlite3_create_function(db, "trim", 2, flags, tag(3), trim, nullptr, nullptr);
}
} // namespace

void guardForReading(sqlite3 *db, QString *denied)
{
    sqlite3_exec(db, "PRAGMA query_only=ON", nullptr, nullptr, nullptr);
    bound(db);
    sqlite3_set_authorizer(db, authorize, denied);
}

void guardForData(sqlite3 *db, QString *denied)
{
    bound(db);
    sqlite3_set_authorizer(db, authorizeData, denied);
}

} // namespace lathe
