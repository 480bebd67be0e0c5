// SPDX-License-Identifier: GPL-3.0-or-later
// Spans a second that the OTLP receiver takes from senders over HTTP and records, against raw SQLite inserting the very same rows (same
// tables, indexes, settings and bytes, made ready before) in batches in the same run. A trace is an agent with 4 rounds of a model call
// and a tool: 9 spans, as a batching exporter sends them (512 a request, children first).
// Usage: bench_receiver [traces] [repetitions] [senders]
#include "core/server/TraceReceiver.h"
#include "core/session/Session.h"
#include "tests/benchmarks/Measure.h"
#include "tests/core/httpd/HttpdTesting.h"
#include "tests/support/Await.h"
#include "tests/support/ProtoWire.h"

#include <QFileInfo>
#include <QTemporaryDir>

#include <sqlite3.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>
#include <thread>

using namespace lathe;
using namespace lathe::test;
using bench::check;

namespace {
constexpr int rowsPerBatch = 1000;
constexpr qsizetype spansPerRequest = 512;

double seconds(std::chrono::steady_clock::time_point from)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
}

double cpuSeconds()
{
    return bench::cpuUs() / 1e6;
}

// --- Spans as protobuf

QByteArray text(const QByteArray &key, const QByteArray &value)
{
    return field(9, field(1, key) + field(2, field(1, value)));
}
QByteArray number(const QByteArray &key, quint64 value)
{
    return field(9, field(1, key) + field(2, varint(3 << 3) + varint(value)));
}
QByteArray id(quint64 high, quint64 low, int bytes)
{
    QByteArray out = QByteArray(reinterpret_cast<const char *>(&low), 8);
    return bytes == 16 ? QByteArray(reinterpret_cast<const char *>(&high), 8) + out : out;
}

QByteArrayList spansOf(quint64 trace)
{
    const QByteArray traceId = id(0x4c41544845ull, trace + 1, 16);
    const quint64 start = 1'800'000'000'000'000'000ull + trace * 1'000'000'000ull;
    const auto span = [&](quint64 n, quint64 parent, const QByteArray &name, const QByteArray &attributes) {
        return field(1, traceId) + field(2, id(0, trace * 16 + n, 8)) + (parent ? field(4, id(0, trace * 16 + parent, 8)) : QByteArray())
               + field(5, name) + fixed64(7, start + n * 1'000'000) + fixed64(8, start + n * 1'000'000 + 900'000) + attributes;
    };
    const QByteArray messages = R"([{"role":"system","parts":[{"type":"text","content":"You answer questions about customer feedback. Use the SQL tool for counts."}]},)"
                                R"({"role":"user","parts":[{"type":"text","content":"What do enterprise customers complain about most in March?"}]}])";
    const QByteArray answer = R"([{"role":"assistant","parts":[{"type":"text","content":"The three most frequent complaints are slow exports, missing single sign-on and late invoices."}],"finish_reason":"stop"}])";
    QByteArrayList spans;
    for (quint64 round = 0; round < 4; ++round) {
        spans.append(span(2 + round * 2, 1, "chat gpt-5",
                          text("gen_ai.operation.name", "chat") + text("gen_ai.provider.name", "openai") + text("gen_ai.request.model", "gpt-5")
                              + text("gen_ai.response.model", "gpt-5-2026-01-01") + number("gen_ai.usage.input_tokens", 412)
                              + number("gen_ai.usage.output_tokens", 37) + text("gen_ai.input.messages", messages)
                              + text("gen_ai.output.messages", answer)));
        spans.append(span(3 + round * 2, 1, "execute_tool feedback_sql",
                          text("gen_ai.operation.name", "execute_tool") + text("gen_ai.tool.name", "feedback_sql")
                              + text("gen_ai.tool.call.arguments", R"({"sql":"SELECT area, count(*) FROM feedback GROUP BY area"})")
                              + text("gen_ai.tool.call.result", "area | n\nexports | 41\nsso | 37\ninvoices | 22\n")));
    }
    spans.append(span(1, 0, "invoke_agent triage", text("gen_ai.operation.name", "invoke_agent") + text("gen_ai.agent.name", "triage")));
    return spans;
}

// Requests of one sender.
std::vector<QByteArray> requestsOf(int traces, int sender, int senders)
{
    std::vector<QByteArray> requests;
    QByteArray scope;
    qsizetype count = 0;
    const auto flush = [&] {
        if (count == 0)
            return;
        const QByteArray resource = field(1, field(1, field(1, QByteArray("service.name")) + field(2, field(1, QByteArray("bench")))));
        requests.push_back(post(field(1, resource + field(2, scope)), {}, "application/x-protobuf"));
        scope.clear();
        count = 0;
    };
    for (int trace = sender; trace < traces; trace += senders) {
        for (const QByteArray &span : spansOf(quint64(trace))) {
            scope += field(2, span);
            if (++count == spansPerRequest)
                flush();
        }
    }
    flush();
    return requests;
}

struct Received {
    double wall = 0, cpu = 0;
    qint64 spans = 0, busy = 0;
};


Received receive(const QString &path, int traces, int senders)
{
    check(await(Session::createProject(path, QString())).ok(), "making the project");
    auto session = Session::open(path, SessionOptions());
    check(session.ok(), "opening the project");
    std::vector<std::vector<QByteArray>> requests;
    for (int i = 0; i < senders; ++i)
        requests.push_back(requestsOf(traces, i, senders));
    Received result;
    {
        TraceReceiver receiver(session->get());
        ReceiverOptions options;
        options.address.port = 0;
        check(receiver.start(options).ok(), "starting the receiver");
        const quint16 port = quint16(receiver.url().port());
        std::atomic<int> over{0};
        std::atomic<qint64> busy{0};
        const auto begun = std::chrono::steady_clock::now();
        const double cpu = cpuSeconds();
        std::vector<std::thread> threads;
        for (const auto &mine : requests) {
            threads.emplace_back([&over, &busy, &mine, port] {
                RawClient client(port);
                for (const QByteArray &request : mine) {
                    for (;;) {
                        const int status = client.ask(request).status;
                        if (status == 200)
                            break;
                        check(status == 503, "sending");
                        ++busy;
                        std::this_thread::sleep_for(std::chrono::milliseconds(5));
                    }
                }
                ++over;
            });
        }
        QEventLoop loop;
        QTimer look;
        QObject::connect(&look, &QTimer::timeout, &loop, [&] {
            if (over == senders)
                loop.quit();
        });
        look.start(2);
        loop.exec();
        for (std::thread &thread : threads)
            thread.join();
        await(receiver.stop());
        result.wall = seconds(begun);
        result.cpu = cpuSeconds() - cpu;
        result.spans = receiver.counters().spansTaken;
        result.busy = busy;
        check(receiver.counters().dropped == 0 && receiver.counters().refusedSpans.total() == 0, "recording all");
    }
    check((*session)->project().runs().count() == traces, "counting the runs");
    await((*session)->close());
    return result;
}

// --- The floor

struct Table {
    QByteArray insert;
    std::vector<std::vector<std::pair<int, QByteArray>>> rows; // type, value as bytes
};

sqlite3 *openRaw(const QString &path)
{
    sqlite3 *db = nullptr;
    check(sqlite3_open(qPrintable(path), &db) == SQLITE_OK, "opening SQLite");
    return db;
}

Table readTable(sqlite3 *db, const QByteArray &select, const QByteArray &into)
{
    Table table;
    sqlite3_stmt *stmt = nullptr;
    check(sqlite3_prepare_v2(db, select.constData(), -1, &stmt, nullptr) == SQLITE_OK, select.constData());
    const int columns = sqlite3_column_count(stmt);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        std::vector<std::pair<int, QByteArray>> row;
        for (int i = 0; i < columns; ++i) {
            const int type = sqlite3_column_type(stmt, i);
            QByteArray value;
            if (type == SQLITE_INTEGER) {
                const qint64 integer = sqlite3_column_int64(stmt, i);
                value = QByteArray(reinterpret_cast<const char *>(&integer), 8);
            } else if (type == SQLITE_FLOAT) {
                const double real = sqlite3_column_double(stmt, i);
                value = QByteArray(reinterpret_cast<const char *>(&real), 8);
            } else if (type != SQLITE_NULL) {
                value = QByteArray(static_cast<const char *>(sqlite3_column_blob(stmt, i)), sqlite3_column_bytes(stmt, i));
            }
            row.emplace_back(type, value);
        }
        table.rows.push_back(std::move(row));
    }
    sqlite3_finalize(stmt);
    table.insert = "INSERT INTO " + into + " VALUES(?" + QByteArray(",?").repeated(columns - 1) + ')';
    return table;
}

void bind(sqlite3_stmt *stmt, int column, int type, const QByteArray &value)
{
    if (type == SQLITE_INTEGER)
        sqlite3_bind_int64(stmt, column, *reinterpret_cast<const qint64 *>(value.constData()));
    else if (type == SQLITE_FLOAT)
        sqlite3_bind_double(stmt, column, *reinterpret_cast<const double *>(value.constData()));
    else if (type == SQLITE_TEXT)
        sqlite3_bind_text(stmt, column, value.constData(), int(value.size()), SQLITE_STATIC);
    else if (type == SQLITE_BLOB)
        sqlite3_bind_blob(stmt, column, value.constData(), int(value.size()), SQLITE_STATIC);
    else
        sqlite3_bind_null(stmt, column);
}

double raw(const QString &from, const QString &path, qint64 *rows)
{
    sqlite3 *source = openRaw(from);
    std::vector<Table> tables;
    const Table names = readTable(source,
                                  "SELECT name FROM sqlite_schema WHERE type='table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE "
                                  "'sqlite_%' AND name NOT LIKE '%\\_search\\_%' ESCAPE '\\'",
                                  "x");
    *rows = 0;
    for (const auto &row : names.rows) {
        Table table = readTable(source, "SELECT * FROM \"" + row[0].second + '"', '"' + row[0].second + '"');
        *rows += qint64(table.rows.size());
        tables.push_back(std::move(table));
    }
    tables.push_back(readTable(source, "SELECT id, input, output FROM runs", "run_search(rowid, input, output)"));
    const Table schema = readTable(source,
                                   "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('table','index') AND name NOT LIKE "
                                   "'sqlite_%' AND name NOT LIKE '%\\_search\\_%' ESCAPE '\\'",
                                   "x");
    sqlite3_close(source);
    sqlite3 *db = openRaw(path);
    sqlite3_exec(db,
                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000; "
                 "PRAGMA mmap_size=134217728; PRAGMA wal_autocheckpoint=4000",
                 nullptr, nullptr, nullptr);
    for (const auto &row : schema.rows)
        check(sqlite3_exec(db, row[0].second.constData(), nullptr, nullptr, nullptr) == SQLITE_OK, row[0].second.constData());
    const auto begun = std::chrono::steady_clock::now();
    sqlite3_exec(db, "BEGIN", nullptr, nullptr, nullptr);
    int inBatch = 0;
    for (const Table &table : tables) {
        if (table.rows.empty())
            continue;
        sqlite3_stmt *stmt = nullptr;
        check(sqlite3_prepare_v2(db, table.insert.constData(), -1, &stmt, nullptr) == SQLITE_OK, table.insert.constData());
        for (const auto &row : table.rows) {
            for (size_t i = 0; i < row.size(); ++i)
                bind(stmt, int(i) + 1, row[i].first, row[i].second);
            check(sqlite3_step(stmt) == SQLITE_DONE, sqlite3_errmsg(db));
            sqlite3_reset(stmt);
            if (++inBatch % rowsPerBatch == 0)
                sqlite3_exec(db, "COMMIT; BEGIN", nullptr, nullptr, nullptr);
        }
        sqlite3_finalize(stmt);
    }
    check(sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK, "commit");
    const double wall = seconds(begun);
    sqlite3_close(db);
    return wall;
}
} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const int traces = argc > 1 ? std::max(1, std::atoi(argv[1])) : 5000;
    const int repetitions = argc > 2 ? std::max(1, std::atoi(argv[2])) : 3;
    const int senders = argc > 3 ? std::max(1, std::atoi(argv[3])) : 4;
    Received best;
    double floor = 1e9;
    qint64 rows = 0, bytes = 0;
    for (int i = 0; i < repetitions; ++i) {
        QTemporaryDir dir;
        const QString path = dir.filePath(QStringLiteral("received.lathe"));
        const Received got = receive(path, traces, senders);
        if (best.wall == 0 || got.wall < best.wall)
            best = got;
        bytes = QFileInfo(path).size();
        floor = std::min(floor, raw(path, dir.filePath(QStringLiteral("raw")), &rows));
    }
    std::printf("%d traces, %lld spans, %lld rows, %lld bytes a span in the file, %d senders\n", traces, best.spans, rows, bytes / best.spans, senders);
    std::printf("received and recorded   %8.0f spans/s  %6.1f us CPU/span (senders included)  %lld told to come again\n", double(best.spans) / best.wall,
                best.cpu * 1e6 / double(best.spans), best.busy);
    std::printf("raw SQLite, same rows   %8.0f spans/s\n", double(best.spans) / floor);
    std::printf("ratio %.2f\n", floor / best.wall);
    return 0;
}
