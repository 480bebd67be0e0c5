// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QByteArray>
#include <QString>
#include <QVarLengthArray>
#include <QVariant>

#include <functional>
#include <memory>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace lathe {

class Statement;

// One SQLite connection. Used by one thread at a time. Failures come back as ErrorKind::ProjectFile with a sentence that
// names the file and what to do (disk full, read-only, locked by another program, not a database, damaged).
class Database
{
public:
    enum class Mode { ReadOnly, ReadWrite, Create };
    static Result<std::unique_ptr<Database>> open(const QString &path, Mode mode);
    static Result<std::unique_ptr<Database>> openMemory();
    ~Database();
    Q_DISABLE_COPY_MOVE(Database)

    QString path() const;
    // One or more statements without parameters or results.
    Result<void> exec(const char *sql);
    // A prepared statement from this connection's cache, reset and unbound. `sql` is the cache key: use constant texts.
    Result<Statement> prepare(const QByteArray &sql);
    qint64 lastInsertId() const;
    int changes() const;
    // Sets a limit in milliseconds after which running statements stop with Timeout; 0 for none.
    void setDeadline(qint64 ms);
    // From any thread: makes the running statement fail with Cancelled.
    void interrupt();
    // Restricts the connection to reading (no PRAGMA, ATTACH, writes, functions with side effects), for SQL that others wrote.
    void restrictToReading();
    // The same for SQL that may also change data: INSERT, UPDATE, DELETE, and CREATE, ALTER and DROP of tables, indexes and views. Still no
    // PRAGMA, ATTACH, VACUUM, triggers, virtual tables, transactions or functions with side effects.
    void restrictToData();
    bool inTransaction() const;
    sqlite3 *handle() const; // for core/sqlite only
    Error lastError(const QString &doing) const;

private:
    friend class Statement;
    friend class ReaderThread;
    Database();
    class Private;
    std::unique_ptr<Private> d;
};

// A borrowed prepared statement: bind, then step or run. Columns and parameters count from 0 and 1 as in SQLite.
class Statement
{
public:
    Statement(Statement &&other) noexcept;
    Statement &operator=(Statement &&) = delete;
    ~Statement(); // resets and gives it back to the cache

    Statement &bind(int index, qint64 value);
    Statement &bind(int index, int value) { return bind(index, qint64(value)); }
    Statement &bind(int index, bool value) { return bind(index, qint64(value)); }
    Statement &bind(int index, double value);
    Statement &bind(int index, const QString &value);      // a null QString binds NULL
    Statement &bindBlob(int index, const QByteArray &value); // a null QByteArray binds NULL
    Statement &bindText(int index, const QByteArray &utf8);
    Statement &bindNull(int index);
    // Binds all in order from parameter 1.
    template<typename... Args>
    Statement &bindAll(const Args &...args)
    {
        int index = 0;
        (bind(++index, args), ...);
        return *this;
    }

    // True: a row is there. False: done.
    Result<bool> step();
    // Steps to the end and resets; for statements without rows.
    Result<void> run();
    void reset();

    int columnCount() const;
    QString columnName(int column) const;
    bool isNull(int column) const;
    qint64 int64(int column) const;
    double real(int column) const;
    QString text(int column) const;
    QByteArray bytes(int column) const; // text or blob
    QVariant value(int column) const;   // qint64, double, QString, QByteArray or invalid
    // Whether SQLite says it writes nothing (sqlite3_stmt_readonly).
    bool isReadOnly() const;

private:
    friend class Database;
    bool keep(int index, const QByteArray &bytes);
    Statement(Database *db, sqlite3_stmt *stmt, void *prepared);
    QByteArray sql() const;
    Database *m_db;
    sqlite3_stmt *m_stmt;
    void *m_prepared; // Database::Private::Prepared, which outlives this
    QVarLengthArray<QByteArray, 32> m_bound; // bytes that SQLite reads where they are, by parameter
    int m_bindError = 0; // SQLite's code of the first bind that failed; step() reports it
};

// Rolls back unless committed. Inside another transaction (as in SqliteStore::write) it is a savepoint of that one.
class Transaction
{
public:
    explicit Transaction(Database &db);
    ~Transaction();
    Q_DISABLE_COPY_MOVE(Transaction)
    Result<void> begin(); // BEGIN IMMEDIATE
    Result<void> commit();

private:
    Database &m_db;
    bool m_open = false;
    bool m_nested = false;
};

} // namespace lathe
