// SPDX-License-Identifier: GPL-3.0-or-later
// What the writer thread costs, against raw SQLite doing the same rows in the same run:
// awaited one-row writes, posted rows (group commit), and a raw batch insert loop as the floor.
// Usage: bench_sqlite [posted rows] [awaited writes] [repetitions]
#include "core/sqlite/SqliteStore.h"
#include "tests/benchmarks/Measure.h"

#include <QCoreApplication>
#include <QTemporaryDir>

#include <QCoroTask>
#include <sqlite3.h>

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace lathe;
using bench::check;
using bench::cpuUs;

namespace {
const char *const schema = "CREATE TABLE step(id INTEGER PRIMARY KEY, run INTEGER, seq INTEGER, name TEXT, kind INTEGER, "
                           "time INTEGER, body TEXT); CREATE INDEX step_run ON step(run, seq); "
                           "CREATE INDEX step_time ON step(time);";
const char *const insertSql = "INSERT INTO step(run, seq, name, kind, time, body) VALUES(?,?,?,?,?,?)";

struct Row {
    qint64 run, seq, time;
    int kind;
    QByteArray name, body;
};

Row makeRow(qint64 i)
{
    Row row{i / 20, i % 20, 1'790'000'000'000'000 + i * 7919, int(i % 5), QByteArrayLiteral("execute_tool"), {}};
    row.body = "{\"index\":" + QByteArray::number(i) + ",\"text\":\"" + QByteArray(170, char('a' + i % 26)) + "\"}";
    return row;
}

struct Meter {
    std::chrono::steady_clock::time_point wall = std::chrono::steady_clock::now();
    double cpu = cpuUs();
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count(); }
    double cpuSpent() const { return cpuUs() - cpu; }
};

struct Figure {
    double rowsPerSecond = 0, cpuPerRow = 1e9;
    void take(const Meter &meter, qint64 rows)
    {
        rowsPerSecond = std::max(rowsPerSecond, double(rows) / meter.seconds());
        cpuPerRow = std::min(cpuPerRow, meter.cpuSpent() / double(rows));
    }
};

// rowsPerTransaction 0: all in one.
void raw(const QString &path, qint64 rows, qint64 rowsPerTransaction, Figure &figure)
{
    sqlite3 *db = nullptr;
    check(sqlite3_open(qPrintable(path), &db) == SQLITE_OK, "open");
    sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000",
                 nullptr, nullptr, nullptr);
    check(sqlite3_exec(db, schema, nullptr, nullptr, nullptr) == SQLITE_OK, "schema");
    sqlite3_stmt *stmt = nullptr;
    sqlite3_prepare_v2(db, insertSql, -1, &stmt, nullptr);
    Meter meter;
    sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    for (qint64 i = 0; i < rows; ++i) {
        const Row row = makeRow(i);
        sqlite3_bind_int64(stmt, 1, row.run);
        sqlite3_bind_int64(stmt, 2, row.seq);
        sqlite3_bind_text(stmt, 3, row.name.constData(), int(row.name.size()), SQLITE_STATIC);
        sqlite3_bind_int(stmt, 4, row.kind);
        sqlite3_bind_int64(stmt, 5, row.time);
        sqlite3_bind_text(stmt, 6, row.body.constData(), int(row.body.size()), SQLITE_STATIC);
        check(sqlite3_step(stmt) == SQLITE_DONE, "insert");
        sqlite3_reset(stmt);
        if (rowsPerTransaction && i % rowsPerTransaction == rowsPerTransaction - 1)
            sqlite3_exec(db, "COMMIT; BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    }
    check(sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK, "commit");
    figure.take(meter, rows);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

Result<void> insert(Database &db, const Row &row)
{
    auto stmt = db.prepare(QByteArrayLiteral("INSERT INTO step(run, seq, name, kind, time, body) VALUES(?,?,?,?,?,?)"));
    if (!stmt)
        return stmt.error();
    stmt->bind(1, row.run).bind(2, row.seq).bindText(3, row.name).bind(4, row.kind).bind(5, row.time).bindText(6, row.body);
    return stmt->run();
}

std::unique_ptr<SqliteStore> openStore(const QString &path)
{
    auto store = SqliteStore::open(path, Database::Mode::Create, [](Database &db) { return db.exec(schema); });
    check(store.ok(), "opening the store");
    return std::move(*store);
}

Task<> awaited(SqliteStore *store, qint64 rows)
{
    for (qint64 i = 0; i < rows; ++i) {
        Row row = makeRow(i);
        auto work = [row = std::move(row)](Database &db) { return insert(db, row); };
        const auto written = co_await store->write(std::move(work));
        check(written.ok(), "write");
    }
}

Task<> manyAwaiting(SqliteStore *store, qint64 rows)
{
    std::vector<Task<>> tasks;
    for (int i = 0; i < 32; ++i)
        tasks.push_back(awaited(store, rows / 32));
    for (auto &task : tasks)
        co_await task;
}

qint64 count(SqliteStore &store)
{
    auto stmt = store.reader().prepare("SELECT count(*) FROM step");
    return stmt && stmt->step().valueOr(false) ? stmt->int64(0) : -1;
}
} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const qint64 posted = argc > 1 ? std::atoll(argv[1]) : 200'000;
    const qint64 awaitedRows = argc > 2 ? std::atoll(argv[2]) : 20'000;
    const int repetitions = argc > 3 ? std::atoi(argv[3]) : 3;
    Figure one, thousand, single, post, await, await32;
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        QTemporaryDir dir;
        raw(dir.filePath(QStringLiteral("raw-all")), posted, 0, one);
        raw(dir.filePath(QStringLiteral("raw-1000")), posted, 1000, thousand);
        raw(dir.filePath(QStringLiteral("raw-1")), awaitedRows, 1, single);
        {
            auto store = openStore(dir.filePath(QStringLiteral("posted")));
            Meter meter;
            for (qint64 i = 0; i < posted; ++i) {
                Row row = makeRow(i);
                store->post([row = std::move(row)](Database &db) { return insert(db, row); });
            }
            check(QCoro::waitFor(store->flush()).ok(), "flush");
            post.take(meter, posted);
            check(count(*store) == posted, "counting what was posted");
        }
        {
            auto store = openStore(dir.filePath(QStringLiteral("awaited")));
            Meter meter;
            QCoro::waitFor(awaited(store.get(), awaitedRows));
            await.take(meter, awaitedRows);
        }
        {
            auto store = openStore(dir.filePath(QStringLiteral("awaited-32")));
            Meter meter;
            QCoro::waitFor(manyAwaiting(store.get(), awaitedRows));
            await32.take(meter, awaitedRows);
        }
    }
    const auto print = [](const char *name, const Figure &figure, double floor) {
        std::printf("%-34s %9.0f rows/s  %6.1f us CPU/row  ratio %.2f\n", name, figure.rowsPerSecond, figure.cpuPerRow,
                    figure.rowsPerSecond / floor);
    };
    print("raw, one transaction (floor)", one, one.rowsPerSecond);
    print("raw, 1000 rows per transaction", thousand, one.rowsPerSecond);
    print("posted, group commit", post, one.rowsPerSecond);
    print("raw, 1 row per transaction (floor)", single, single.rowsPerSecond);
    print("awaited one by one", await, single.rowsPerSecond);
    print("awaited, 32 at once", await32, single.rowsPerSecond);
    return 0;
}
