// SPDX-License-Identifier: GPL-3.0-or-later
// The run log of a project of 1,000,000 steps: opening it, the first page, full-text search, each filter, sort and grouping, and the
// memory that takes. Floors: raw SQLite on the same file; the search against the very same query.
// Usage: bench_log [FILE made by lathe-generate]; without one it makes it (100,000 runs, a minute, 1.2 GB in the current folder).
#include "core/session/Session.h"
#include "tests/benchmarks/Measure.h"
#include "tests/support/Await.h"
#include "tests/support/generator/ProjectGenerator.h"

#include <QCoreApplication>
#include <QFile>

#include <sqlite3.h>


using namespace lathe;
using namespace lathe::bench;
using test::await;

namespace {
constexpr int repetitions = 7;

// Median milliseconds of the work.
template<typename F>
double ms(F work)
{
    std::vector<double> times;
    for (int i = 0; i < repetitions; ++i) {
        const double from = wallUs();
        work();
        times.push_back((wallUs() - from) / 1000);
    }
    return median(std::move(times));
}

int rowsOf(sqlite3 *db, const char *sql, const QByteArray &word = QByteArray())
{
    sqlite3_stmt *statement = nullptr;
    check(sqlite3_prepare_v2(db, sql, -1, &statement, nullptr) == SQLITE_OK, sqlite3_errmsg(db));
    if (!word.isEmpty())
        sqlite3_bind_text(statement, 1, word.constData(), int(word.size()), SQLITE_TRANSIENT);
    int rows = 0;
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int column = 0; column < sqlite3_column_count(statement); ++column)
            sqlite3_column_bytes(statement, column);
        ++rows;
    }
    sqlite3_finalize(statement);
    return rows;
}

RunFilter filter(const char *text)
{
    const RunFilterReading reading = readRunFilter(QString::fromLatin1(text), QDateTime::currentMSecsSinceEpoch() * 1000);
    check(reading.ok(), text);
    return reading.filter;
}

}

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    QString path = argc > 1 ? QString::fromLocal8Bit(argv[1]) : QStringLiteral("million.lathe");
    if (!QFile::exists(path)) {
        test::ProjectShape shape;
        shape.runs = 100'000;
        shape.longRun = 100'000;
        const auto facts = test::generateProject(path, shape);
        std::printf("made %s: %d runs, %lld steps\n", qPrintable(path), facts.runs, static_cast<long long>(facts.steps));
    }
    printLoad();
    {
        auto once = Session::open(path, SessionOptions()); // migrates an older file
        check(once.ok(), once ? "" : qPrintable(once.error().message));
        await((*once)->close());
    }

    sqlite3 *raw = nullptr;
    const double rawOpen = ms([&] {
        if (raw)
            sqlite3_close(raw);
        check(sqlite3_open_v2(path.toUtf8().constData(), &raw, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK, "raw open");
        rowsOf(raw, "SELECT count(*) FROM sqlite_schema");
    });
    const qint64 before = anonymousKb();
    std::unique_ptr<Session> session;
    const double open = ms([&] {
        if (session)
            await(session->close());
        session.reset();
        auto opened = Session::open(path, SessionOptions());
        check(opened.ok(), "open");
        session = std::move(*opened);
    });
    report("log: open a project of 1,000,000 steps", text(open, "ms"), text(rawOpen, "ms"), open / rawOpen, open, 300, Better::Lower, " ms");

    RunRepository &runs = session->project().runs();
    const auto page = [&](const RunQuery &query) { return await(runs.page(query, CancelToken())); };
    const double first = ms([&] { check(page(RunQuery(RunFilter(), 100))->runs.size() == 100, "first page"); });
    const double rawFirst = ms([&] { rowsOf(raw, "SELECT * FROM runs ORDER BY id DESC LIMIT 100"); });
    report("log: first page", text(first, "ms"), text(rawFirst, "ms"), first / rawFirst, first, 50, Better::Lower, " ms");

    double worst = 0;
    for (const char *word : {"refund", "crash", "export invoice", "zzzz", "kal*"}) {
        QByteArray expression;
        for (const QByteArray &one : QByteArray(word).split(' '))
            expression += (expression.isEmpty() ? "\"" : " \"") + QByteArray(one).replace('*', "") + "\"*";
        const RunQuery query(filter(word), 100);
        const double ours = ms([&] { check(page(query).ok(), "search"); });
        const double floor = ms([&] {
            rowsOf(raw,
                   "SELECT r.* FROM run_search s CROSS JOIN runs r ON r.id = s.rowid WHERE run_search MATCH ? ORDER BY s.rowid DESC LIMIT 100",
                   expression);
        });
        std::printf("search %-16s %7.2f ms, raw %7.2f ms\n", word, ours, floor);
        worst = std::max(worst, ours / floor);
        if (qstrcmp(word, "refund") == 0)
            report("log: full-text search", text(ours, "ms", 2), text(floor, "ms", 2), ours / floor, ours / floor, 1.5, Better::Lower, "x");
    }
    std::printf("search: worst ratio %.2f\n", worst);

    for (const char *query : {"agent:triage", "agent:triage@3", "status:failed", "latency>30s", "tokens>20000", "cost>0.1", "rating<3", "steps>40",
                              "tool:feedback_sql", "model:gpt-5", "since:2026-11-10", "error:429", "tag:none", "source:otlp", "is:pinned",
                              "agent:triage status:failed latency>5s tool:calculator refund", "-agent:triage (status:failed or cost>0.05)"}) {
        RunFilterReading reading = readRunFilter(QString::fromLatin1(query), QDateTime::currentMSecsSinceEpoch() * 1000);
        if (!reading.ok()) {
            std::printf("filter %-64s %s\n", query, qPrintable(reading.problems.front().message));
            continue;
        }
        size_t found = 0;
        const double ours = ms([&] { found = page(RunQuery(reading.filter, 100))->runs.size(); });
        std::printf("filter %-64s %8.2f ms  %zu rows\n", query, ours, found);
    }
    static const char *const sortNames[] = {"started", "status", "agent", "input", "output", "latency", "tokens", "cost", "rating", "steps"};
    double slowest = 0;
    for (int sort = 0; sort <= int(RunSort::Steps); ++sort) {
        for (const bool ascending : {false, true}) {
            RunQuery query(RunFilter(), 100);
            query.sort = RunSort(sort);
            query.ascending = ascending;
            const double ours = ms([&] {
                const auto one = page(query);
                check(one.ok(), one ? "" : qPrintable(one.error().message));
            });
            slowest = std::max(slowest, ours);
            std::printf("sort %-8s %-10s %8.2f ms\n", sortNames[sort], ascending ? "ascending" : "descending", ours);
        }
    }
    static const char *const groupNames[] = {"none", "agent", "revision", "experiment", "day", "model", "status", "source"};
    for (int grouping = 1; grouping <= int(RunGrouping::Source); ++grouping) {
        size_t count = 0;
        const double ours = ms([&] { count = await(runs.groups(RunFilter(), RunGrouping(grouping), CancelToken()))->size(); });
        std::printf("group by %-10s %8.2f ms  %zu groups\n", groupNames[grouping], ours, count);
    }
    const qint64 used = anonymousKb();
    std::printf("memory: %.0f MB before, %.0f MB with the project open and all of the above done\n", double(before) / 1024, double(used) / 1024);
    report("log: memory (no file behind it)", text(double(used) / 1024, "MB"), text(double(before) / 1024, "MB"), double(used) / double(before),
           double(used) / 1024, 150, Better::Lower, " MB");

    // A trace of 100,000 steps: its first part, and all of it.
    RunQuery longest(RunFilter(), 1);
    longest.sort = RunSort::Steps;
    const RunId big = page(longest)->runs.front().id;
    const double part = ms([&] { check(await(runs.outline(big, 0, 5000, CancelToken())).ok(), "outline"); });
    size_t steps = 0;
    const double whole = ms([&] {
        steps = 0;
        for (int from = 0; from >= 0;) {
            const auto outline = await(runs.outline(big, from, 5000, CancelToken()));
            check(outline.ok(), "outline");
            steps += outline->steps.size();
            from = outline->next;
        }
    });
    const double rawWhole = ms([&] {
        rowsOf(raw, QStringLiteral("SELECT path, kind, name, status, start_us, end_us FROM steps WHERE run=%1 ORDER BY position").arg(big.value).toUtf8().constData());
    });
    std::printf("trace of %zu steps: first 5,000 in %.1f ms\n", steps, part);
    report("trace: outline of 100,000 steps", text(whole, "ms"), text(rawWhole, "ms"), whole / rawWhole, whole, 1000, Better::Lower, " ms");
    sqlite3_close(raw);
    await(session->close());
    return 0;
}
