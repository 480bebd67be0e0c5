// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"
#include "core/sqlite/Database.h"

#include <memory>

namespace lathe {

// A database file in WAL mode with one writer thread and one reader thread. Members are called on the main thread; the
// given work runs on the named thread and must use only what it owns.
class SqliteStore
{
public:
    // `prepare` runs on the new writer connection before anything else (pragmas are set already): schema and migrations.
    // Read-only mode opens no writer; write() then fails with a clear error.
    static Result<std::unique_ptr<SqliteStore>> open(const QString &path, Database::Mode mode,
                                                     const std::function<Result<void>(Database &)> &prepare);
    ~SqliteStore(); // finishes pending writes, closes; the last program that closes leaves one file
    Q_DISABLE_COPY_MOVE(SqliteStore)

    using Work = std::function<Result<void>(Database &)>;
    // How a failing work is kept from undoing others that share its transaction. Savepoint: by a savepoint of its own. Repeat:
    // the others are undone too and run once more; quicker for many small works that hardly ever fail, and only for
    // works that may run twice.
    enum class Undo { Savepoint, Repeat };
    // Queues work for the writer. Works run in the order queued; those waiting together share one transaction (group
    // commit), and a failing one undoes only itself. The task ends after the commit:
    // what it reports as done survives kill -9 of this program. A full disk or a lock held by another program for
    // over busyTimeoutMs fails the work with a clear error; the store goes on.
    Task<Result<void>> write(Work work, Undo undo = Undo::Savepoint);
    // The same without waiting; failure goes to the error handler.
    void post(Work work, Undo undo = Undo::Savepoint);
    void setErrorHandler(std::function<void(const Error &)> handler); // called on the main thread

    // Runs on the reader thread. Cancel interrupts the running query.
    Task<Result<void>> read(Work work, CancelToken cancel);

    // The main thread's own read-only connection, for keyed look-ups well under a millisecond.
    Database &reader();

    // Completes when all that was queued before is committed.
    Task<Result<void>> flush();
    int pendingWrites() const;
    bool isReadOnly() const;
    QString path() const;
    static constexpr int busyTimeoutMs = 5000;

private:
    SqliteStore();
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lathe
