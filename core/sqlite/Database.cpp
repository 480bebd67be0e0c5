// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sqlite/DatabasePrivate.h"

#include "core/base/Assert.h"
#include "core/sqlite/ReadingGuard.h"
#include "core/sqlite/SqliteError.h"
#include "core/sqlite/SqliteStore.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QUrl>

#include <sqlite3.h>

#include <thread>

namespace lathe {

namespace {
constexpr int progressInstructions = 1000; // some 20 microseconds of query between two looks at the clock
constexpr int idleStatementsMax = 256;
constexpr qint64 restrictedMemoryMax = 256'000'000; // bytes one query of a stranger may take

// An immutable file is opened without locks and without -shm, for media and folders that cannot be written. That is safe
// only when no journal waits to be played back.
bool canBeImmutable(const QString &path)
{
    return QFileInfo(path + QStringLiteral("-wal")).size() == 0 && !QFileInfo::exists(path + QStringLiteral("-journal"));
}

// The errno of the last failed access; cleaning up after it may have hidden it from sqlite3_system_errno().
int lastErrno(sqlite3 *db)
{
    int error = sqlite3_system_errno(db);
    if (error == 0)
        sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
    sqlite3_file *journal = nullptr;
    if (error == 0 && sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal) == SQLITE_OK && journal
        && journal->pMethods)
        journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &error);
    return error;
}

// From the first space, comment or semicolon on: whether nothing else follows.
bool isBlank(const char *sql, const char *end)
{
    while (sql < end) {
        if (*sql == ';' || *sql == ' ' || (*sql >= '\t' && *sql <= '\r')) {
            ++sql;
        } else if (end - sql >= 2 && sql[0] == '-' && sql[1] == '-') {
            while (sql < end && *sql != '\n')
                ++sql;
        } else if (end - sql >= 2 && sql[0] == '/' && sql[1] == '*') {
            sql += 2;
            while (end - sql >= 2 && !(sql[0] == '*' && sql[1] == '/'))
                ++sql;
            sql = end - sql >= 2 ? sql + 2 : end;
        } else {
            return false;
        }
    }
    return true;
}

// A connection that only reads a WAL file cannot remove the empty -wal and -shm it made; one that could write does so on
// closing, if no other program has the file open.
void tidy(const QByteArray &name)
{
    const QFileInfo wal(QFile::decodeName(name) + QStringLiteral("-wal"));
    if (!wal.exists() || wal.size() != 0)
        return;
    sqlite3 *db = nullptr;
    if (sqlite3_open_v2(name.constData(), &db, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK)
        sqlite3_exec(db, "SELECT 1 FROM sqlite_schema LIMIT 1", nullptr, nullptr, nullptr);
    sqlite3_close(db);
}
} // namespace

// --- Private

void Database::Private::configure()
{
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_handler(db, onBusy, this);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
    // A project file may come from anyone: its inner tables cannot be bent by SQL. TRUSTED_SCHEMA stays on here, since
    // FTS5 of SQLite 3.40 could not be filled by triggers without it; dangerous functions are refused in views anyway.
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0, nullptr);
    sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
}

Result<std::unique_ptr<Database>> Database::Private::openFile(const QString &path, const QByteArray &name, int flags,
                                                              int *code)
{
    std::unique_ptr<Database> database(new Database);
    Private *d = database->d.get();
    d->path = path;
    const auto fail = [&](int rc) {
        if (code)
            *code = rc;
        return d->error(rc, QStringLiteral("opening"));
    };
    const int rc = sqlite3_open_v2(name.constData(), &d->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    if (rc != SQLITE_OK || !d->db)
        return fail(rc);
    d->configure();
    if ((flags & SQLITE_OPEN_READWRITE) && sqlite3_db_readonly(d->db, "main") == 1)
        return fail(SQLITE_READONLY);
    // SQLite opens lazily; looking at the first page finds what is no database, damaged or not accessible.
    const int seen = sqlite3_exec(d->db, "SELECT 1 FROM sqlite_schema LIMIT 1", nullptr, nullptr, nullptr);
    if (seen != SQLITE_OK)
        return fail(seen);
    return database;
}

Error Database::Private::error(int code, const QString &doing) const
{
    const int primary = code & 0xff;
    if (stopped != Stopped::No && (primary == SQLITE_INTERRUPT || primary == SQLITE_BUSY))
        return stoppedError(doing);
    SqliteFailure failure;
    failure.code = code;
    failure.path = path;
    // errmsg speaks of the last call; some failures are found by us.
    const bool ofLastCall = db && (sqlite3_errcode(db) & 0xff) == primary;
    failure.words = ofLastCall ? QString::fromUtf8(sqlite3_errmsg(db)) : QString::fromUtf8(sqlite3_errstr(code));
    if (ofLastCall && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN || primary == SQLITE_FULL))
        failure.systemErrno = lastErrno(db);
    if (ofLastCall && primary == SQLITE_ERROR)
        failure.sqlOffset = sqlite3_error_offset(db);
    // A refused function in a nested place comes back as SQLITE_ERROR "not authorized".
    const bool refused = primary == SQLITE_AUTH || (restricted && failure.words.startsWith(QLatin1String("not authorized")));
    if (refused && !denied.isEmpty()) {
        failure.code = SQLITE_AUTH;
        failure.words = denied;
    }
    return sqliteError(failure, doing);
}

Error Database::Private::stoppedError(const QString &cause) const
{
    if (stopped == Stopped::Deadline)
        return Error(ErrorKind::Timeout,
                     QStringLiteral("The query took longer than %1 ms and was stopped; ask for less or allow more time.")
                         .arg(deadlineMs),
                     cause);
    if (stopped == Stopped::Memory)
        return Error(ErrorKind::LimitReached,
                     QStringLiteral("The query needs more than %1 MB of memory and was stopped; ask for less.")
                         .arg(restrictedMemoryMax / 1'000'000),
                     cause);
    return Error(ErrorKind::Cancelled, Error::cancelled().message, cause);
}

bool Database::Private::mustStop()
{
    if (stopFlag && stopFlag->load(std::memory_order_relaxed))
        stopped = Stopped::Interrupt;
    else if (deadlineMs > 0 && Clock::now() >= deadline)
        stopped = Stopped::Deadline;
    else if (restricted && sqlite3_memory_used() - memoryAtStart > restrictedMemoryMax)
        stopped = Stopped::Memory;
    else
        return false;
    return true;
}

Result<void> Database::Private::beginRunning()
{
    stopped = Stopped::No;
    interrupted.store(false, std::memory_order_relaxed);
    if (!watching)
        return {};
    if (restricted)
        memoryAtStart = sqlite3_memory_used();
    if (mustStop())
        return stoppedError(QStringLiteral("before the start"));
    return {};
}

void Database::Private::watchProgress()
{
    watching = deadlineMs > 0 || stopFlag || restricted;
    sqlite3_progress_handler(db, watching ? progressInstructions : 0, watching ? onProgress : nullptr, this);
}

int Database::Private::onProgress(void *self)
{
    return static_cast<Private *>(self)->mustStop();
}

// Waits for a lock that another connection holds. Short, even waits: a writer that is busy all the time leaves gaps
// (WriterThread) that a growing wait would miss.
int Database::Private::onBusy(void *self, int count)
{
    auto *d = static_cast<Private *>(self);
    const auto now = Clock::now();
    if (count == 0)
        d->busySince = now;
    if (d->interrupted.load(std::memory_order_relaxed)) {
        d->stopped = Stopped::Interrupt;
        return 0;
    }
    if (d->mustStop() || now - d->busySince >= std::chrono::milliseconds(SqliteStore::busyTimeoutMs))
        return 0;
    std::this_thread::sleep_for(std::chrono::microseconds(count < 10 ? 100 : 700));
    return 1;
}

Database::Private::Prepared *Database::Private::prepared(const QByteArray &sql)
{
    Prepared *const there = byAddress.value(sql.constData());
    if (there && there->sql.constData() == sql.constData() && there->sql.size() == sql.size())
        return there;
    return byText.value(sql).get();
}

Database::Private::Prepared *Database::Private::remember(const QByteArray &sql)
{
    const auto made = std::make_shared<Prepared>();
    made->sql = sql;
    byText.insert(sql, made);
    byAddress.insert(sql.constData(), made.get());
    return made.get();
}

void Database::Private::giveBack(Prepared *prepared, sqlite3_stmt *stmt)
{
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    if (idleCount >= idleStatementsMax)
        dropIdle();
    --prepared->borrowed;
    prepared->idle.push_back(stmt);
    ++idleCount;
}

void Database::Private::dropIdle()
{
    for (const auto &prepared : std::as_const(byText)) {
        for (sqlite3_stmt *stmt : std::exchange(prepared->idle, {}))
            sqlite3_finalize(stmt);
    }
    idleCount = 0;
    for (auto entry = byText.begin(); entry != byText.end();) {
        if ((*entry)->borrowed > 0) {
            ++entry;
            continue;
        }
        byAddress.remove((*entry)->sql.constData());
        entry = byText.erase(entry);
    }
}

// --- Database

Database::Database() : d(std::make_unique<Private>()) {}

Database::~Database()
{
    LATHE_ASSERT(d->liveCount == 0, );
    d->dropIdle();
    sqlite3_close_v2(d->db);
    if (!d->tidyName.isEmpty())
        tidy(d->tidyName);
}

Result<std::unique_ptr<Database>> Database::open(const QString &path, Mode mode)
{
    if (path.isEmpty() || path.contains(QChar(0)))
        return Error(ErrorKind::InvalidInput, QStringLiteral("The name of a project file is missing; choose a file."));
    // Absolute, so that SQLite never takes a name for a URI or for ":memory:".
    const QString absolute = QFileInfo(path).absoluteFilePath();
    const QByteArray name = QFile::encodeName(absolute);
    const QFileInfo info(absolute);
    if (info.isDir())
        return sqliteError(SqliteFailure{SQLITE_CANTOPEN, 0, QStringLiteral("is a folder"), path}, QStringLiteral("opening"));
    // SQLite takes a file of a few bytes for an empty database and would write over it.
    if (info.size() > 0 && info.size() < 512)
        return sqliteError(SqliteFailure{SQLITE_NOTADB, 0, QStringLiteral("too short"), path}, QStringLiteral("opening"));
    if (mode == Mode::Create)
        return Private::openFile(path, name, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (mode == Mode::ReadWrite)
        return Private::openFile(path, name, SQLITE_OPEN_READWRITE);

    const bool alone = !QFileInfo::exists(absolute + QStringLiteral("-wal"));
    int code = 0;
    auto database = Private::openFile(path, name, SQLITE_OPEN_READONLY, &code);
    if (database) {
        if (alone)
            (*database)->d->tidyName = name;
        return database;
    }
    const int primary = code & 0xff;
    const bool folderClosed = primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY || primary == SQLITE_PERM;
    if (!folderClosed || !QFileInfo(absolute).isFile() || !canBeImmutable(absolute))
        return database;
    const QByteArray uri = "file://" + QUrl::toPercentEncoding(absolute, "/") + "?immutable=1";
    auto immutable = Private::openFile(path, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    return immutable ? std::move(immutable) : std::move(database);
}

Result<std::unique_ptr<Database>> Database::openMemory()
{
    return Private::openFile(QString(), QByteArrayLiteral(":memory:"), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

QString Database::path() const
{
    return d->path;
}

Result<void> Database::exec(const char *sql)
{
    if (auto begun = d->beginRunning(); !begun)
        return begun;
    const int rc = sqlite3_exec(d->db, sql, nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK)
        return d->error(rc, QString::fromUtf8(sql).left(200));
    return {};
}

Result<Statement> Database::prepare(const QByteArray &sql)
{
    Private::Prepared *known = d->prepared(sql);
    if (known && !known->idle.empty()) {
        sqlite3_stmt *idle = known->idle.back();
        known->idle.pop_back();
        --d->idleCount;
        return Statement(this, idle, known);
    }
    if (sql.contains('\0'))
        return Error(ErrorKind::InvalidInput, QStringLiteral("The SQL cannot be run: it holds a NUL character."));
    // Preparing reads the schema: it may wait for a lock and must obey a stop.
    d->stopped = Private::Stopped::No;
    if (d->watching) {
        if (auto begun = d->beginRunning(); !begun)
            return begun.error();
    }
    sqlite3_stmt *stmt = nullptr;
    const char *tail = nullptr;
    d->denied.clear();
    const int rc = sqlite3_prepare_v3(d->db, sql.constData(), int(std::min<qsizetype>(sql.size() + 1, INT_MAX)),
                                      SQLITE_PREPARE_PERSISTENT, &stmt, &tail);
    if (rc != SQLITE_OK)
        return d->error(rc, QString::fromUtf8(sql.left(200)));
    const bool single = isBlank(tail, sql.constData() + sql.size());
    if (stmt && single && d->restricted && !d->mayWrite && !sqlite3_stmt_readonly(stmt)) {
        sqlite3_finalize(stmt);
        d->denied = QStringLiteral("only SELECT is allowed");
        return d->error(SQLITE_AUTH, QString::fromUtf8(sql.left(200)));
    }
    if (!stmt || !single) {
        sqlite3_finalize(stmt);
        return Error(ErrorKind::InvalidInput,
                     single ? QStringLiteral("The SQL cannot be run: it holds no statement.")
                            : QStringLiteral("The SQL cannot be run: it holds more than one statement; send them one by one."));
    }
    if (!known)
        known = d->remember(sql);
    return Statement(this, stmt, known);
}

qint64 Database::lastInsertId() const
{
    return sqlite3_last_insert_rowid(d->db);
}

int Database::changes() const
{
    return sqlite3_changes(d->db);
}

void Database::setDeadline(qint64 ms)
{
    d->deadlineMs = std::max<qint64>(ms, 0);
    d->deadline = Private::Clock::now() + std::chrono::milliseconds(std::min<qint64>(d->deadlineMs, 1'000'000'000'000));
    d->watchProgress();
}

void Database::interrupt()
{
    d->interrupted.store(true, std::memory_order_relaxed);
    sqlite3_interrupt(d->db);
}

void Database::restrictToReading()
{
    d->dropIdle(); // what was prepared before knew no limits
    d->restricted = true;
    guardForReading(d->db, &d->denied);
    d->watchProgress();
}

void Database::restrictToData()
{
    d->dropIdle();
    d->restricted = d->mayWrite = true;
    guardForData(d->db, &d->denied);
    d->watchProgress();
}

bool Database::inTransaction() const
{
    return !sqlite3_get_autocommit(d->db);
}

sqlite3 *Database::handle() const
{
    return d->db;
}

Error Database::lastError(const QString &doing) const
{
    return d->error(sqlite3_extended_errcode(d->db), doing);
}

// --- Transaction

Transaction::Transaction(Database &db) : m_db(db) {}

Transaction::~Transaction()
{
    if (!m_open || !m_db.inTransaction())
        return;
    // A failing roll back leaves nothing to do: closing the connection rolls back too.
    const auto undone = m_db.exec(m_nested ? "ROLLBACK TO lathe_nested; RELEASE lathe_nested" : "ROLLBACK");
    if (!undone)
        qWarning("Rolling back failed: %s", qPrintable(undone.error().cause));
}

Result<void> Transaction::begin()
{
    LATHE_ASSERT(!m_open, return Error(ErrorKind::Internal, QStringLiteral("A transaction began twice.")));
    m_nested = m_db.inTransaction();
    auto begun = m_db.exec(m_nested ? "SAVEPOINT lathe_nested" : "BEGIN IMMEDIATE");
    m_open = begun.ok();
    return begun;
}

Result<void> Transaction::commit()
{
    LATHE_ASSERT(m_open, return Error(ErrorKind::Internal, QStringLiteral("A transaction ended that had not begun.")));
    auto done = m_db.exec(m_nested ? "RELEASE lathe_nested" : "COMMIT");
    m_open = !done.ok();
    return done;
}

} // namespace lathe
