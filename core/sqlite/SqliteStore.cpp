// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sqlite/SqliteStore.h"

#include "core/sqlite/ReaderThread.h"
#include "core/sqlite/WriterThread.h"

#include <sqlite3.h>

#include <chrono>
#include <thread>

namespace lathe {

// Closed in this order: reader thread, reader, writer; the writer's connection, closed last, removes -wal and -shm.
class SqliteStore::Private
{
public:
    QString path;
    bool closing = false;
    Mailbox mailbox;
    std::shared_ptr<WriterThread> writer; // null in read-only mode
    std::unique_ptr<Database> reader;
    std::unique_ptr<ReaderThread> readerThread;
    std::function<void(const Error &)> errorHandler;

    std::optional<Error> refusal() const
    {
        if (closing)
            return Error(ErrorKind::Cancelled, QStringLiteral("%1 is being closed.").arg(path));
        if (!writer)
            return Error(ErrorKind::ProjectFile,
                         QStringLiteral("%1 is open for reading only; nothing can be changed in it. Save a copy to change it.")
                             .arg(path));
        return std::nullopt;
    }
};

namespace {
Result<QString> setJournalMode(Database &db, const QByteArray &sql)
{
    using namespace std::chrono;
    const auto until = steady_clock::now() + milliseconds(SqliteStore::busyTimeoutMs);
    for (;;) {
        auto statement = db.prepare(sql);
        if (statement) {
            const auto row = statement->step();
            if (row)
                return *row ? statement->text(0) : QString();
        }
        // SQLite does not always ask the busy handler here, as when two programs open a new file at once.
        const bool busy = (sqlite3_errcode(db.handle()) & 0xff) == SQLITE_BUSY;
        if (!busy || steady_clock::now() >= until)
            return db.lastError(QString::fromUtf8(sql));
        std::this_thread::sleep_for(milliseconds(2));
    }
}

Result<void> tuneWriter(Database &db)
{
    const auto mode = setJournalMode(db, QByteArrayLiteral("PRAGMA journal_mode=WAL"));
    const bool wal = mode && *mode == QLatin1String("wal");
    if (!wal) {
        // Some network file systems have no shared memory. Slower, and readers wait for writers, but as safe.
        const auto fallback = setJournalMode(db, QByteArrayLiteral("PRAGMA journal_mode=DELETE"));
        if (!fallback)
            return mode ? fallback.error() : mode.error();
        qWarning("%s cannot use a write-ahead log here and is slower: %s", qPrintable(db.path()),
                 mode ? "the file system has no shared memory" : qPrintable(mode.error().cause));
    }
    // temp_store stays as it is: with it in memory SQLite keeps each savepoint's pages in 1 KB pieces instead of one of
    // 64 KB, which costs a fifth of a group commit (bench_sqlite).
    return db.exec(wal ? "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000; PRAGMA mmap_size=134217728; "
                         "PRAGMA journal_size_limit=67108864"
                       : "PRAGMA synchronous=FULL; PRAGMA cache_size=-16000");
}
} // namespace

SqliteStore::SqliteStore() : d(std::make_unique<Private>()) {}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const QString &path, Database::Mode mode,
                                                       const std::function<Result<void>(Database &)> &prepare)
{
    std::unique_ptr<Database> writer;
    if (mode != Database::Mode::ReadOnly) {
        auto opened = Database::open(path, mode);
        if (!opened)
            return opened.error();
        writer = std::move(*opened);
        if (auto tuned = tuneWriter(*writer); !tuned)
            return tuned.error();
        if (prepare) {
            if (auto prepared = prepare(*writer); !prepared)
                return prepared.error();
        }
    }
    auto reader = Database::open(path, Database::Mode::ReadOnly);
    if (!reader)
        return reader.error();
    if (auto tuned = (*reader)->exec(readerPragmas); !tuned)
        return tuned.error();

    std::unique_ptr<SqliteStore> store(new SqliteStore);
    store->d->path = path;
    store->d->reader = std::move(*reader);
    store->d->readerThread = std::make_unique<ReaderThread>(path, &store->d->mailbox);
    if (writer)
        store->d->writer = std::make_shared<WriterThread>(std::move(writer), &store->d->mailbox);
    return store;
}

SqliteStore::~SqliteStore()
{
    d->closing = true;
    d->readerThread->finish();
    if (d->writer)
        d->writer->finish();
    // Waiting coroutines go on now, while the store still can be asked (it refuses new work).
    d->readerThread->cancelAll();
    if (d->writer)
        d->writer->deliver();
    d->reader.reset();
    if (d->writer)
        d->writer->close();
}

Task<Result<void>> SqliteStore::write(Work work, Undo undo)
{
    if (auto refused = d->refusal())
        co_return *refused;
    Completion<Result<void>> done;
    d->writer->add(std::move(work), done, undo);
    // The store may be gone when this goes on.
    Result<void> result = co_await done;
    co_return result;
}

void SqliteStore::post(Work work, Undo undo)
{
    const auto refused = d->refusal();
    if (!refused) {
        d->writer->add(std::move(work), std::nullopt, undo);
        return;
    }
    if (d->errorHandler)
        d->errorHandler(*refused);
    else
        qWarning("Writing failed: %s", qPrintable(refused->message));
}

void SqliteStore::setErrorHandler(std::function<void(const Error &)> handler)
{
    d->errorHandler = handler;
    if (d->writer)
        d->writer->errorHandler = std::move(handler);
}

Task<Result<void>> SqliteStore::read(Work work, CancelToken cancel)
{
    if (cancel.isCancelled() || d->closing)
        co_return Error::cancelled();
    const auto job = std::make_shared<ReaderThread::Job>();
    job->work = std::move(work);
    const auto registration = cancel.onCancelled([job] {
        job->cancelled = true;
        job->done.complete(Error::cancelled());
    });
    d->readerThread->add(job);
    // The store may be gone when this goes on.
    Result<void> result = co_await job->done;
    co_return result;
}

Database &SqliteStore::reader()
{
    return *d->reader;
}

Task<Result<void>> SqliteStore::flush()
{
    if (!d->writer || d->writer->pending() == 0)
        co_return Result<void>();
    if (d->closing)
        co_return Error::cancelled();
    Completion<Result<void>> done;
    d->writer->add(Work(), done, Undo::Repeat);
    Result<void> result = co_await done;
    co_return result;
}

int SqliteStore::pendingWrites() const
{
    return d->writer ? d->writer->pending() : 0;
}

bool SqliteStore::isReadOnly() const
{
    return !d->writer;
}

QString SqliteStore::path() const
{
    return d->path;
}

} // namespace lathe
