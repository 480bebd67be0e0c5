// SPDX-License-Identifier: GPL-3.0-or-later
// What recording runs costs, against raw SQLite inserting the very same rows (same tables, indexes, settings and bytes) in batches
// in the same run: once with all bytes ready in memory, once making the JSON texts of the rows from the same values, which any
// recorder must. A run is a tool loop: 4 steps, 3 journal entries, 30 streamed pieces.
// Usage: bench_recording [runs] [repetitions] [runs at once]...
#include "core/base/Json.h"
#include "core/project/Project.h"
#include "tests/benchmarks/Measure.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QFileInfo>
#include <QTemporaryDir>

#include <sqlite3.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>

using namespace lathe;
using bench::check;
using bench::cpuUs;

namespace {
constexpr int rowsPerBatch = 1000;

struct Meter {
    std::chrono::steady_clock::time_point wall = std::chrono::steady_clock::now();
    double all = cpuUs(RUSAGE_SELF);
    double thread = cpuUs(RUSAGE_THREAD);
};

// Per run, the best of the repetitions.
struct Figure {
    double wall = 1e9, cpu = 1e9, mainCpu = 1e9;
    void take(const Meter &meter, int runs)
    {
        wall = std::min(
            wall,
            std::chrono::duration<double>(std::chrono::steady_clock::now() - meter.wall).count()
                * 1e6 / runs);
        const double all = (cpuUs(RUSAGE_SELF) - meter.all) / runs;
        if (all < cpu) {
            cpu = all;
            mainCpu = (cpuUs(RUSAGE_THREAD) - meter.thread) / runs;
        }
    }
};

QJsonObject message(const QString &role, const QString &text)
{
    const QJsonObject part{{QStringLiteral("type"), QStringLiteral("text")},
                           {QStringLiteral("content"), text}};
    return {{QStringLiteral("role"), role}, {QStringLiteral("parts"), QJsonArray{part}}};
}

QJsonObject chatOutcome(const QString &text)
{
    return {{QStringLiteral("connection"), QStringLiteral("local")},
            {QStringLiteral("model"), QStringLiteral("small")},
            {QStringLiteral("provider"), QStringLiteral("openai")},
            {QStringLiteral("response"),
             QJsonObject{
                 {QStringLiteral("message"), message(QStringLiteral("assistant"), text)},
                 {QStringLiteral("finish_reason"), QStringLiteral("stop")},
                 {QStringLiteral("id"), QStringLiteral("chatcmpl-123456")},
                 {QStringLiteral("usage"), QJsonObject{{QStringLiteral("input_tokens"), 412},
                                                       {QStringLiteral("output_tokens"), 37}}}}}};
}

// What the runner would hand over; made before the measuring begins.
struct Script {
    RunInfo info;
    StoredEntry chat, tool, answer;
    QJsonObject startAttributes, chatAttributes, chatEnd, toolAttributes;
    QString answerText = QStringLiteral(
        "The three most frequent complaints of enterprise customers in March are slow exports, "
        "missing single sign-on and invoices that arrive late; see the table for the counts.");
    QString toolText = QStringLiteral("area | n\nexports | 41\nsso | 37\ninvoices | 22\n");

    Script()
    {
        info.agentName = QStringLiteral("triage");
        info.revisionNumber = 3;
        info.models = QStringLiteral("local/small");
        info.input = QStringLiteral("What do enterprise customers complain about most in March?");
        info.inputJson = {{QStringLiteral("text"), info.input}};
        info.revisions = {{QStringLiteral("agent"), QStringLiteral("triage@3")},
                          {QStringLiteral("prompt"), QStringLiteral("triage-prompt@2")}};
        info.snapshot = {
            {QStringLiteral("agent"),
             QJsonObject{{QStringLiteral("job"),
                          QStringLiteral("answer questions on feedback").repeated(50)}}}};
        startAttributes = {{QStringLiteral("agent"), info.agentName},
                           {QStringLiteral("input"), info.input},
                           {QStringLiteral("revisions"), info.revisions}};
        chatAttributes = {{QStringLiteral("gen_ai.operation.name"), QStringLiteral("chat")},
                          {QStringLiteral("gen_ai.provider.name"), QStringLiteral("openai")},
                          {QStringLiteral("gen_ai.request.model"), QStringLiteral("small")}};
        chatEnd = {
            {QStringLiteral("gen_ai.provider.name"), QStringLiteral("openai")},
            {QStringLiteral("gen_ai.response.model"), QStringLiteral("small")},
            {QStringLiteral("gen_ai.response.id"), QStringLiteral("chatcmpl-123456")},
            {QStringLiteral("gen_ai.response.finish_reasons"), QJsonArray{QStringLiteral("stop")}},
            {QStringLiteral("gen_ai.usage.input_tokens"), 412},
            {QStringLiteral("gen_ai.usage.output_tokens"), 37},
            {QStringLiteral("lathe.connection"), QStringLiteral("local")},
            {QStringLiteral("lathe.model"), QStringLiteral("small")}};
        toolAttributes = {
            {QStringLiteral("gen_ai.operation.name"), QStringLiteral("execute_tool")},
            {QStringLiteral("gen_ai.tool.name"), QStringLiteral("feedback_sql")},
            {QStringLiteral("gen_ai.tool.call.arguments"),
             QStringLiteral("{\"sql\":\"SELECT area, count(*) FROM feedback GROUP BY area\"}")}};
        const QString system =
            QStringLiteral(
                "You answer questions about customer feedback. Use the SQL tool for counts. ")
                .repeated(12);
        QJsonArray messages{message(QStringLiteral("system"), system),
                            message(QStringLiteral("user"), info.input)};
        chat = entry(QStringLiteral("1.1"), QStringLiteral("chat"),
                     {{QStringLiteral("model"), QStringLiteral("small")},
                      {QStringLiteral("messages"), messages}},
                     chatOutcome(QString()));
        tool =
            entry(QStringLiteral("1.2"), QStringLiteral("execute_tool"),
                  {{QStringLiteral("tool"), QStringLiteral("feedback_sql")},
                   {QStringLiteral("arguments"), toolAttributes}},
                  {{QStringLiteral("outcome"), QJsonObject{{QStringLiteral("text"), toolText}}}});
        messages.append(message(QStringLiteral("tool"), toolText));
        answer = entry(QStringLiteral("1.3"), QStringLiteral("chat"),
                       {{QStringLiteral("model"), QStringLiteral("small")},
                        {QStringLiteral("messages"), messages}},
                       chatOutcome(answerText));
    }
    static StoredEntry entry(const QString &step, const QString &kind, const QJsonObject &request,
                             const QJsonObject &outcome)
    {
        StoredEntry stored;
        stored.step = step;
        stored.kind = kind;
        stored.request = json::compact(request);
        stored.requestHash = json::sha256(stored.request);
        stored.done = true;
        stored.outcome = outcome;
        return stored;
    }
};

struct Recorder {
    Project *project;
    const Script *script;
    Clock *clock;
    RunId run;

    RunEvent event(RunEventKind kind, const QString &step = {}) const
    {
        RunEvent made;
        made.kind = kind;
        made.run = run;
        made.step = step;
        made.timeUs = clock->nowUs();
        return made;
    }
    void begin(const QString &step, StepKind kind, const QString &name,
               const QJsonObject &attributes) const
    {
        RunEvent made = event(RunEventKind::StepStarted, step);
        made.stepKind = kind;
        made.name = name;
        made.attributes = attributes;
        project->runs().record(made);
    }
    void finish(const QString &step, const QString &text, const QJsonObject &attributes) const
    {
        RunEvent made = event(RunEventKind::StepEnded, step);
        made.stepStatus = StepStatus::Ok;
        made.text = text;
        made.attributes = attributes;
        project->runs().record(made);
    }
    void stream(const QString &step, const QString &text) const
    {
        for (int i = 0; i < 30; ++i) {
            RunEvent made = event(RunEventKind::StepDelta, step);
            made.text =
                text.mid(i * text.size() / 30, (i + 1) * text.size() / 30 - i * text.size() / 30);
            project->runs().record(made);
        }
    }
};

StoredEntry timed(StoredEntry entry, Clock *clock)
{
    entry.startedUs = clock->nowUs();
    entry.endedUs = entry.startedUs + 10;
    return entry;
}

Task<> recordRuns(Project *project, const Script *script, Clock *clock, int runs)
{
    for (int i = 0; i < runs; ++i) {
        Recorder r{project, script, clock, RunId()};
        const auto id = co_await project->runs().create(script->info);
        check(id.ok(), "create");
        r.run = *id;
        RunEvent started = r.event(RunEventKind::RunStarted);
        started.attributes = script->startAttributes;
        project->runs().record(started);
        r.begin(QStringLiteral("1"), StepKind::Agent, QStringLiteral("invoke_agent triage"), {});
        r.begin(QStringLiteral("1.1"), StepKind::Model, QStringLiteral("chat small"),
                script->chatAttributes);
        const auto first = co_await project->runs().writeEntry(r.run, timed(script->chat, clock));
        r.finish(QStringLiteral("1.1"), QString(), script->chatEnd);
        r.begin(QStringLiteral("1.2"), StepKind::Tool, QStringLiteral("execute_tool feedback_sql"),
                script->toolAttributes);
        const auto second = co_await project->runs().writeEntry(r.run, timed(script->tool, clock));
        r.finish(QStringLiteral("1.2"), script->toolText, {});
        r.begin(QStringLiteral("1.3"), StepKind::Model, QStringLiteral("chat small"),
                script->chatAttributes);
        r.stream(QStringLiteral("1.3"), script->answerText);
        const auto third = co_await project->runs().writeEntry(r.run, timed(script->answer, clock));
        r.finish(QStringLiteral("1.3"), script->answerText, script->chatEnd);
        r.finish(QStringLiteral("1"), QString(), {});
        RunEvent ended = r.event(RunEventKind::RunEnded);
        ended.runStatus = RunStatus::Done;
        ended.text = script->answerText;
        project->runs().record(ended);
        Usage usage;
        usage.inputTokens = 824;
        usage.outputTokens = 74;
        const auto safe = co_await project->runs().end(r.run, RunStatus::Done, script->answerText,
                                                       std::nullopt, usage);
        check(first.ok() && second.ok() && third.ok() && safe.ok(), "recording");
    }
}

Task<> finish(std::vector<Task<>> tasks, Project *project, QEventLoop *loop)
{
    for (auto &task : tasks)
        co_await task;
    const auto flushed = co_await project->flush();
    check(flushed.ok(), "flush");
    loop->quit();
}

void record(const QString &path, const Script &script, int runs, int atOnce, Figure &figure)
{
    SystemClock clock;
    auto project = Project::open(path, Project::Mode::Create, &clock);
    check(project.ok(), "creating the project");
    Meter meter;
    std::vector<Task<>> tasks;
    for (int i = 0; i < atOnce; ++i)
        tasks.push_back(recordRuns(project->get(), &script, &clock,
                                   runs / atOnce + (i < runs % atOnce ? 1 : 0)));
    QEventLoop loop; // as the program's own; test::await() polls
    finish(std::move(tasks), project->get(), &loop);
    loop.exec();
    figure.take(meter, runs);
    check(project->get()->runs().count() == runs, "counting the runs");
}

// --- The floor

struct Value {
    int type = SQLITE_NULL;
    qint64 integer = 0;
    double real = 0;
    QByteArray bytes;
    QJsonValue json; // what `bytes` are the text of, when they are an object that is not empty
};
struct Table {
    QByteArray insert;
    std::vector<std::vector<Value>> rows;
};

sqlite3 *openRaw(const QString &path)
{
    sqlite3 *db = nullptr;
    check(sqlite3_open(qPrintable(path), &db) == SQLITE_OK, "open");
    return db;
}

Table readTable(sqlite3 *db, const QByteArray &select, const QByteArray &into)
{
    Table table;
    sqlite3_stmt *stmt = nullptr;
    check(sqlite3_prepare_v2(db, select.constData(), -1, &stmt, nullptr) == SQLITE_OK,
          select.constData());
    const int columns = sqlite3_column_count(stmt);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        std::vector<Value> row(static_cast<size_t>(columns));
        for (int i = 0; i < columns; ++i) {
            Value &value = row[size_t(i)];
            value.type = sqlite3_column_type(stmt, i);
            if (value.type == SQLITE_INTEGER)
                value.integer = sqlite3_column_int64(stmt, i);
            else if (value.type == SQLITE_FLOAT)
                value.real = sqlite3_column_double(stmt, i);
            else if (value.type != SQLITE_NULL)
                value.bytes = QByteArray(static_cast<const char *>(sqlite3_column_blob(stmt, i)),
                                         sqlite3_column_bytes(stmt, i));
            // The request comes as text; all other JSON is made while recording.
            if (value.bytes.size() > 2 && value.bytes.startsWith('{')
                && qstrcmp(sqlite3_column_name(stmt, i), "request") != 0)
                value.json = json::parse(value.bytes).valueOr(QJsonValue());
        }
        table.rows.push_back(std::move(row));
    }
    sqlite3_finalize(stmt);
    table.insert =
        "INSERT INTO " + into + " VALUES(?" + QByteArray(",?").repeated(columns - 1) + ')';
    return table;
}

std::vector<Table> readTables(const QString &path, std::vector<QByteArray> *schema)
{
    sqlite3 *db = openRaw(path);
    std::vector<Table> tables;
    tables.push_back(readTable(db, "SELECT * FROM blobs", "blobs"));
    tables.push_back(readTable(db, "SELECT * FROM runs", "runs"));
    tables.push_back(readTable(db, "SELECT * FROM steps ORDER BY run, path", "steps"));
    tables.push_back(readTable(db, "SELECT * FROM journal", "journal"));
    tables.push_back(
        readTable(db, "SELECT id, input, output FROM runs", "run_search(rowid, input, output)"));
    const Table sql = readTable(db,
                                "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT "
                                "LIKE 'sqlite_%' AND name NOT LIKE '%\\_search\\_%' ESCAPE '\\'",
                                "x");
    for (const auto &row : sql.rows)
        schema->push_back(row[0].bytes);
    sqlite3_close(db);
    return tables;
}

void raw(const QString &path, const std::vector<Table> &tables,
         const std::vector<QByteArray> &schema, int runs, bool makeJson, Figure &figure)
{
    sqlite3 *db = openRaw(path);
    sqlite3_exec(
        db,
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; PRAGMA "
        "cache_size=-16000; "
        "PRAGMA mmap_size=134217728; PRAGMA wal_autocheckpoint=4000; PRAGMA foreign_keys=ON",
        nullptr, nullptr, nullptr);
    for (const QByteArray &sql : schema)
        check(sqlite3_exec(db, sql.constData(), nullptr, nullptr, nullptr) == SQLITE_OK,
              sql.constData());
    Meter meter;
    sqlite3_exec(db, "BEGIN", nullptr, nullptr, nullptr);
    int inBatch = 0;
    for (const Table &table : tables) {
        sqlite3_stmt *stmt = nullptr;
        check(sqlite3_prepare_v2(db, table.insert.constData(), -1, &stmt, nullptr) == SQLITE_OK,
              table.insert.constData());
        for (const auto &row : table.rows) {
            for (size_t i = 0; i < row.size(); ++i) {
                const Value &value = row[i];
                const int column = int(i) + 1;
                if (value.type == SQLITE_INTEGER)
                    sqlite3_bind_int64(stmt, column, value.integer);
                else if (value.type == SQLITE_FLOAT)
                    sqlite3_bind_double(stmt, column, value.real);
                else if (makeJson && value.json.isObject()) {
                    const QByteArray text = json::compact(value.json);
                    sqlite3_bind_text(stmt, column, text.constData(), int(text.size()),
                                      SQLITE_TRANSIENT);
                } else if (value.type == SQLITE_TEXT)
                    sqlite3_bind_text(stmt, column, value.bytes.constData(),
                                      int(value.bytes.size()), SQLITE_STATIC);
                else if (value.type == SQLITE_BLOB)
                    sqlite3_bind_blob(stmt, column, value.bytes.constData(),
                                      int(value.bytes.size()), SQLITE_STATIC);
                else
                    sqlite3_bind_null(stmt, column);
            }
            check(sqlite3_step(stmt) == SQLITE_DONE, sqlite3_errmsg(db));
            sqlite3_reset(stmt);
            if (++inBatch % rowsPerBatch == 0)
                sqlite3_exec(db, "COMMIT; BEGIN", nullptr, nullptr, nullptr);
        }
        sqlite3_finalize(stmt);
    }
    check(sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK, "commit");
    figure.take(meter, runs);
    sqlite3_close(db);
}
} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const int runs = argc > 1 ? std::max(1, std::atoi(argv[1])) : 6400;
    const int repetitions = argc > 2 ? std::max(1, std::atoi(argv[2])) : 3;
    std::vector<std::pair<int, Figure>> figures; // runs at once
    for (int i = 3; i < argc; ++i)
        figures.emplace_back(std::max(1, std::atoi(argv[i])), Figure());
    if (figures.empty())
        figures = {{1, Figure()}, {32, Figure()}, {320, Figure()}};
    const Script script;
    Figure bare, floor;
    qint64 bytes = 0, rows = 0;
    for (int i = 0; i < repetitions; ++i) {
        QTemporaryDir dir;
        check(dir.isValid(), "making a folder");
        QString path;
        for (auto &[atOnce, figure] : figures) {
            path = dir.filePath(QStringLiteral("%1.lathe").arg(atOnce));
            record(path, script, runs, atOnce, figure);
        }
        bytes = QFileInfo(path).size();
        std::vector<QByteArray> schema;
        const auto tables = readTables(path, &schema);
        rows = 0;
        for (const Table &table : tables)
            rows += qint64(table.rows.size());
        raw(dir.filePath(QStringLiteral("raw")), tables, schema, runs, false, bare);
        raw(dir.filePath(QStringLiteral("raw-json")), tables, schema, runs, true, floor);
    }
    const auto print = [&](const QByteArray &name, const Figure &figure) {
        std::printf("%-34s %6.0f runs/s %6.1f us CPU/run (main %5.1f, writer %5.1f)  rate %.2f / "
                    "%.2f  CPU %.2f / %.2f\n",
                    name.constData(), 1e6 / figure.wall, figure.cpu, figure.mainCpu,
                    figure.cpu - figure.mainCpu, floor.wall / figure.wall, bare.wall / figure.wall,
                    floor.cpu / figure.cpu, bare.cpu / figure.cpu);
    };
    std::printf("%d runs, %.1f rows and %lld bytes a run; raw: %d rows a transaction; ratios "
                "against the two floors\n",
                runs, double(rows) / runs, bytes / runs, rowsPerBatch);
    print("raw SQLite, JSON made (floor 1)", floor);
    print("raw SQLite, bytes ready (floor 2)", bare);
    for (const auto &[atOnce, figure] : figures)
        print("recorded, " + QByteArray::number(atOnce) + " at once", figure);
    return 0;
}
