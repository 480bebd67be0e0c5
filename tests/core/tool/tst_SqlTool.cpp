// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sqlite/Database.h"
#include "core/tool/SqlTool.h"
#include "tests/core/tool/ToolTesting.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTimer>

#include <ctime>

using namespace lathe;
using test::callTool;

namespace {
const char *const endless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

QJsonObject sql(const QString &text)
{
    return QJsonObject{{QStringLiteral("sql"), text}};
}

QJsonArray rowsOf(const ToolOutcome &outcome)
{
    return outcome.structured.toObject().value(QLatin1String("rows")).toArray();
}
} // namespace

class TestSqlTool : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    ToolEnvironment m_environment;
    ToolSpec m_spec;

    QString path(const char *name) const { return m_folder->filePath(QLatin1String(name)); }

    void writeFile(const char *name, const QByteArray &content)
    {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(content), content.size());
    }

    std::shared_ptr<Tool> make(const QJsonObject &config)
    {
        m_spec.type = QStringLiteral("sql");
        m_spec.purpose = QStringLiteral("Query the shop");
        m_spec.config = config;
        auto tool = makeTool(QStringLiteral("Shop SQL"), m_spec, m_environment);
        if (!tool)
            qFatal("%s", qPrintable(tool.error().message));
        return *tool;
    }

    // With the consent to tell values, unless `config` says something else.
    std::shared_ptr<Tool> telling(QJsonObject config)
    {
        if (!config.contains(QStringLiteral("example_values")))
            config.insert(QStringLiteral("example_values"), true);
        return make(config);
    }

    std::shared_ptr<Tool> shop()
    {
        return telling(QJsonObject{{QStringLiteral("source"), QStringLiteral("file")},
                                {QStringLiteral("path"), QStringLiteral("shop.db")}});
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_spec = ToolSpec();
        m_environment = ToolEnvironment();
        m_environment.projectFolder = m_folder->path();
        m_environment.dataset = [](const QString &ref) -> Result<Dataset> {
            if (!ref.startsWith(QLatin1String("Feedback")))
                return Error(ErrorKind::NotFound,
                             QStringLiteral("There is no dataset %1.").arg(ref));
            Dataset dataset;
            dataset.columns = QStringList{QStringLiteral("id"),
                                          QStringLiteral("Tier"),
                                          QStringLiteral("tier"),
                                          QStringLiteral("score"),
                                          QStringLiteral("zip"),
                                          QStringLiteral("free text"),
                                          QString()};
            for (int i = 1; i <= 30; ++i) {
                dataset.rows.push_back(
                    {QString::number(i), i % 2 ? QStringLiteral("free") : QStringLiteral("pro"),
                     i % 3 == 0, i / 2.0, QStringLiteral("0%1").arg(i),
                     QStringLiteral("message | %1\nsecond line").arg(i), QJsonValue()});
            }
            return dataset;
        };
        auto opened = Database::open(path("shop.db"), Database::Mode::Create);
        QVERIFY(opened.ok());
        QVERIFY((*opened)->exec("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, price "
                                "REAL, photo BLOB, big INTEGER);"
                                "INSERT INTO items VALUES (1, 'pen', 1.5, x'00ff', "
                                "9223372036854775807), (2, 'ink', NULL, NULL, 3);"
                                "CREATE TABLE \"odd name\" (\"a \"\"b\" TEXT); INSERT INTO \"odd "
                                "name\" VALUES ('it''s');"
                                "CREATE VIEW cheap AS SELECT name FROM items WHERE price < 5;"
                                "CREATE TABLE numbers (n INTEGER);"
                                "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
                                "WHERE i < 1000) INSERT INTO numbers SELECT i FROM c"));
    }

    void describesSqliteFile()
    {
        const QString text = shop()->description();
        QVERIFY2(text.startsWith(QLatin1String("Query the shop. Runs one read-only")),
                 qPrintable(text));
        QVERIFY2(text.contains(QLatin1String("items: id INTEGER, name TEXT ('ink', 'pen'), price "
                                             "REAL, photo BLOB, big INTEGER")),
                 qPrintable(text));
        QVERIFY2(text.contains(QLatin1String("\"odd name\": \"a \"\"b\" TEXT ('it''s')")),
                 qPrintable(text));
        QVERIFY2(text.contains(QLatin1String("cheap: name TEXT ('pen')")), qPrintable(text));
        QCOMPARE(shop()->name(), QStringLiteral("shop_sql"));
        QCOMPARE(shop()->sideEffect({}), SideEffect::Read);
    }

    void valuesAreToldOnlyWithConsent_data()
    {
        QTest::addColumn<QJsonObject>("config");
        QTest::addColumn<QString>("structure");
        QTest::addColumn<QStringList>("values");
        QTest::newRow("SQLite") << QJsonObject{{QStringLiteral("path"), QStringLiteral("shop.db")}}
                                << QStringLiteral("items: id INTEGER, name TEXT, price REAL") << QStringList{QStringLiteral("'ink'"), QStringLiteral("it''s")};
        QTest::newRow("SQLite to write") << QJsonObject{{QStringLiteral("path"), QStringLiteral("shop.db")}, {QStringLiteral("mode"), QStringLiteral("write")}}
                                         << QStringLiteral("items: id INTEGER, name TEXT, price REAL") << QStringList{QStringLiteral("'ink'"), QStringLiteral("it''s")};
        QTest::newRow("dataset") << QJsonObject{{QStringLiteral("source"), QStringLiteral("dataset")}, {QStringLiteral("dataset"), QStringLiteral("Feedback desk")}}
                                 << QStringLiteral("feedback_desk (30 rows): id INTEGER, Tier TEXT, tier_2") << QStringList{QStringLiteral("'free'")};
        QTest::newRow("CSV") << QJsonObject{{QStringLiteral("path"), QStringLiteral("people.csv")}}
                             << QStringLiteral("people (2 rows): name TEXT, age INTEGER") << QStringList{QStringLiteral("'Ann'"), QStringLiteral("'Bob'")};
    }
    void valuesAreToldOnlyWithConsent()
    {
        QFETCH(QJsonObject, config);
        QFETCH(QString, structure);
        QFETCH(QStringList, values);
        writeFile("people.csv", "name,age\nAnn,1\nBob,2\n");
        const QString told = telling(config)->description();
        for (const QString &value : std::as_const(values))
            QVERIFY2(told.contains(value), qPrintable(told));
        // Absent, as in a project of before the setting was there, and anything but a plain "true".
        for (const QJsonValue &consent : {QJsonValue(QJsonValue::Undefined), QJsonValue(false), QJsonValue(QStringLiteral("true")), QJsonValue(1), QJsonValue()}) {
            config.insert(QStringLiteral("example_values"), consent); // Undefined takes it out
            const auto tool = make(config);
            QVERIFY2(tool->description().contains(structure), qPrintable(tool->description()));
            for (const QString &value : std::as_const(values)) {
                QVERIFY2(!tool->description().contains(value), qPrintable(tool->description()));
                QVERIFY(!json::compact(tool->schema()).contains(value.toUtf8()));
                QVERIFY(!callTool(*tool, sql(QStringLiteral("SELECT nonsense FROM items"))).text.contains(value));
            }
        }
    }

    void manyValuesAreNotListed()
    {
        {
            auto opened = Database::open(path("shop.db"), Database::Mode::ReadWrite);
            QVERIFY((*opened)->exec("CREATE TABLE many (v TEXT); INSERT INTO many SELECT 'v' || n "
                                    "FROM numbers WHERE n <= 13;"
                                    "CREATE TABLE few (v TEXT); INSERT INTO few SELECT 'w' || n "
                                    "FROM numbers WHERE n <= 12"));
        }
        const QString text = shop()->description();
        QVERIFY2(text.contains(QLatin1String("few: v TEXT ('w1', 'w10'")), qPrintable(text));
        QVERIFY2(!text.contains(QLatin1String("v13"))
                     && text.contains(QLatin1String("many: v TEXT\n")),
                 qPrintable(text));
    }

    void queriesSqliteFile()
    {
        const auto tool = shop();
        const auto outcome = callTool(
            *tool, sql(QStringLiteral(
                       "SELECT id, name, price, photo, big FROM items ORDER BY id;  -- all")));
        QVERIFY2(!outcome.isError, qPrintable(outcome.text));
        QCOMPARE(
            outcome.text,
            QStringLiteral("| id | name | price | photo | big |\n| --- | --- | --- | --- | --- |\n"
                           "| 1 | pen | 1.5 | <2 bytes of binary data> | 9223372036854775807 |\n"
                           "| 2 | ink | NULL | NULL | 3 |\n(2 rows)"));
        const QJsonObject data = outcome.structured.toObject();
        QCOMPARE(data.value(QLatin1String("columns")).toArray().size(), 5);
        QCOMPARE(data.value(QLatin1String("rows")).toArray()[1].toArray()[2], QJsonValue());
        QVERIFY(!data.value(QLatin1String("truncated")).toBool());
        QVERIFY(!outcome.truncated);
    }

    void noRows()
    {
        const auto outcome =
            callTool(*shop(), sql(QStringLiteral("SELECT name FROM items WHERE 0")));
        QVERIFY(outcome.text.endsWith(QLatin1String("(0 rows)")));
        QVERIFY(!outcome.isError);
    }

    void rowLimit()
    {
        auto tool = make(QJsonObject{{QStringLiteral("path"), path("shop.db")},
                                     {QStringLiteral("max_rows"), 10}});
        const auto outcome =
            callTool(*tool, sql(QStringLiteral("SELECT n FROM numbers ORDER BY n")));
        QCOMPARE(rowsOf(outcome).size(), 10);
        QVERIFY(outcome.truncated);
        QVERIFY(outcome.text.contains(QLatin1String("the first 10 rows")));
        QCOMPARE(rowsOf(callTool(*tool,
                                 sql(QStringLiteral("SELECT n FROM numbers ORDER BY n LIMIT 10"))))
                     .size(),
                 10);
        QVERIFY(!callTool(*tool, sql(QStringLiteral("SELECT n FROM numbers ORDER BY n LIMIT 10")))
                     .truncated);
    }

    void byteLimit()
    {
        m_spec.limits.maxBytes = 5000;
        auto tool = make(QJsonObject{{QStringLiteral("path"), path("shop.db")},
                                     {QStringLiteral("max_rows"), 1000}});
        const auto outcome =
            callTool(*tool, sql(QStringLiteral("SELECT hex(zeroblob(500)) FROM numbers")));
        QVERIFY(outcome.truncated);
        QVERIFY2(rowsOf(outcome).size() < 10, "rows are collected without bound");
        const auto cell = callTool(*tool, sql(QStringLiteral("SELECT hex(zeroblob(100000))")));
        QVERIFY2(cell.text.size() < 6000, "a cell is shown without bound");
    }

    // Each must be refused, and the file must stay as it is.
    void attacks_data()
    {
        QTest::addColumn<QString>("text");
        const char *const attacks[] = {
            "DELETE FROM items",
            "UPDATE items SET price = 0",
            "INSERT INTO items (name) VALUES ('x')",
            "DROP TABLE items",
            "CREATE TABLE t (a)",
            "CREATE TEMP TABLE t (a)",
            "ALTER TABLE items ADD COLUMN x",
            "REPLACE INTO items (id) VALUES (1)",
            "WITH x AS (SELECT 1) DELETE FROM items",
            "WITH x AS (SELECT 1) INSERT INTO items (name) SELECT 'x' FROM x",
            "/* harmless */ DELETE FROM items",
            "-- SELECT\nDELETE FROM items",
            "SELECT 1; DELETE FROM items",
            "SELECT 1;;DELETE FROM items",
            "SELECT 1 /*",
            "PRAGMA user_version = 7",
            "PRAGMA journal_mode = DELETE",
            "PRAGMA writable_schema = 1",
            "PRAGMA query_only = 0",
            "PRAGMA table_info(items)",
            "ATTACH DATABASE '/tmp/lathe-attack.db' AS x",
            "ATTACH ':memory:' AS x",
            "DETACH main",
            "VACUUM",
            "VACUUM INTO '/tmp/lathe-attack.db'",
            "REINDEX",
            "ANALYZE",
            "BEGIN",
            "COMMIT",
            "SAVEPOINT a",
            "SELECT load_extension('x')",
            "SELECT writefile('/tmp/lathe-attack', 'x')",
            "SELECT readfile('/etc/passwd')",
            "SELECT * FROM pragma_database_list",
            "EXPLAIN DELETE FROM items",
            "CREATE VIRTUAL TABLE v USING fts5(a)",
            "INSERT INTO items (name) VALUES ('x') RETURNING id",
            "UPDATE items SET price = 0 RETURNING id",
            "",
            "   ",
            "-- nothing",
            "SELEC 1",
            "SELECT",
            "SELECT 1\\g",
            "SELECT edit('x')",
            "SELECT fts3_tokenizer('simple')",
        };
        for (const char *attack : attacks)
            QTest::newRow(*attack ? attack : "empty") << QString::fromUtf8(attack);
        QTest::newRow("NUL") << QStringLiteral("SELECT 1") + QChar(0)
                                    + QStringLiteral("; DELETE FROM items");
    }
    void attacks()
    {
        QFETCH(QString, text);
        QFile::remove(QStringLiteral("/tmp/lathe-attack.db"));
        QFile file(path("shop.db"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray before = file.readAll();
        const auto tool = shop();
        const auto outcome = callTool(*tool, sql(text));
        // "SELECT 1 /*" is a statement with an open comment: SQLite runs it.
        if (text != QLatin1String("SELECT 1 /*")
            && text != QLatin1String("EXPLAIN DELETE FROM items"))
            QVERIFY2(outcome.isError, qPrintable(outcome.text));
        QVERIFY(!outcome.text.startsWith(QLatin1String("error: ")));
        file.seek(0);
        QCOMPARE(file.readAll(), before);
        QVERIFY(!QFile::exists(QStringLiteral("/tmp/lathe-attack.db"))
                && !QFile::exists(QStringLiteral("/tmp/lathe-attack")));
        // The tool goes on, and still as a reader.
        QCOMPARE(rowsOf(callTool(*tool, sql(QStringLiteral("SELECT count(*) FROM items"))))[0]
                     .toArray()[0]
                     .toInt(),
                 2);
        QVERIFY(callTool(*tool, sql(QStringLiteral("DELETE FROM items"))).isError);
    }

    void attacksOnADataset()
    {
        auto tool =
            make(QJsonObject{{QStringLiteral("source"), QStringLiteral("dataset")},
                             {QStringLiteral("dataset"), QStringLiteral("Feedback desk@3")}});
        for (const char *attack :
             {"DELETE FROM feedback_desk", "ATTACH '/tmp/lathe-attack.db' AS x",
              "PRAGMA query_only=0", "DROP TABLE feedback_desk"})
            QVERIFY2(callTool(*tool, sql(QLatin1String(attack))).isError, attack);
        QCOMPARE(
            rowsOf(callTool(*tool, sql(QStringLiteral("SELECT count(*) FROM feedback_desk"))))[0]
                .toArray()[0]
                .toInt(),
            30);
    }

    void errorsHelp()
    {
        const auto tool = shop();
        const QString table = callTool(*tool, sql(QStringLiteral("SELECT * FROM item"))).text;
        QVERIFY2(table.contains(QLatin1String("no such table: item"))
                     && table.contains(
                         QLatin1String("The tables are: cheap, items, numbers, odd name.")),
                 qPrintable(table));
        const QString column = callTool(*tool, sql(QStringLiteral("SELECT cost FROM items"))).text;
        QVERIFY2(column.contains(QLatin1String("no such column: cost"))
                     && column.contains(QLatin1String("items (id, name, price")),
                 qPrintable(column));
        const QString syntax = callTool(*tool, sql(QStringLiteral("SELECT FROM items"))).text;
        QVERIFY2(syntax.contains(QLatin1String("syntax error")), qPrintable(syntax));
    }

    void deadlineStopsEndlessQuery()
    {
        m_spec.limits.seconds = 0.3;
        const auto tool = shop();
        QElapsedTimer timer;
        timer.start();
        const auto outcome = callTool(*tool, sql(QLatin1String(endless)));
        QVERIFY(outcome.isError);
        QVERIFY2(outcome.text.contains(QLatin1String("300 ms")), qPrintable(outcome.text));
        QVERIFY2(timer.elapsed() < 120'000, "the deadline is missing");
        QVERIFY(!callTool(*tool, sql(QStringLiteral("SELECT 1"))).isError);
    }

    void cancelStopsWithinATenthOfASecond()
    {
        const auto tool = shop();
        callTool(*tool, sql(QStringLiteral("SELECT 1"))); // the thread is up
        CancelSource source;
        test::LaterOutcome later;
        later.start(tool->call(sql(QLatin1String(endless)), source.token()));
        QTest::qWait(50);
        QVERIFY(!later);
        QElapsedTimer timer;
        timer.start();
        source.cancel();
        QTRY_VERIFY_WITH_TIMEOUT(later.isDone(), 30'000);
        QVERIFY(!later->ok());
        QCOMPARE(later->error().kind, ErrorKind::Cancelled);
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
        // The thread is free again, not just the caller: nothing burns processor time.
        const auto isQuiet = [] {
            const clock_t before = ::clock();
            QTest::qSleep(150);
            return double(::clock() - before) / CLOCKS_PER_SEC < 0.08;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isQuiet(), 60'000);
        QVERIFY(!callTool(*tool, sql(QStringLiteral("SELECT 1"))).isError);
    }

    void cancellingManyTimesLeavesNothingRunning()
    {
        const auto tool = shop();
        for (int i = 0; i < 60; ++i) {
            CancelSource source;
            test::LaterOutcome later;
            later.start(tool->call(sql(QLatin1String(endless)), source.token()));
            QTest::qWait(i % 5);
            source.cancel();
            QTRY_VERIFY_WITH_TIMEOUT(later.isDone(), 30'000);
        }
        QElapsedTimer timer;
        timer.start();
        QVERIFY(!callTool(*tool, sql(QStringLiteral("SELECT 1"))).isError);
        QVERIFY2(timer.elapsed() < 120'000, "an old query still holds the thread");
    }

    void cancellingOneCallSparesTheOther()
    {
        const auto tool = shop();
        CancelSource source;
        test::LaterOutcome slow, other;
        slow.start(
            tool->call(sql(QStringLiteral("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                                          "FROM n WHERE i < 2000000) SELECT count(*) FROM n")),
                       {}));
        other.start(tool->call(sql(QLatin1String(endless)), source.token()));
        QTest::qWait(20);
        source.cancel();
        QTRY_VERIFY_WITH_TIMEOUT(slow.isDone(), 60'000);
        QVERIFY(slow->ok());
        QVERIFY2(!(*slow)->isError, qPrintable((*slow)->text));
        QTRY_VERIFY_WITH_TIMEOUT(other.isDone(), 30'000);
        QCOMPARE(other->error().kind, ErrorKind::Cancelled);
    }

    void alreadyCancelled()
    {
        CancelSource source;
        source.cancel();
        const auto result =
            test::await(shop()->call(sql(QStringLiteral("SELECT 1")), source.token()));
        QCOMPARE(result.error().kind, ErrorKind::Cancelled);
    }

    void destroyedDuringAQuery()
    {
        QElapsedTimer timer;
        timer.start();
        CancelSource source;
        test::LaterOutcome later;
        {
            const auto tool = shop();
            later.start(tool->call(sql(QLatin1String(endless)), source.token()));
            QTest::qWait(30);
        }
        QVERIFY(!later); // the call keeps what it needs
        source.cancel();
        QTRY_VERIFY_WITH_TIMEOUT(later.isDone(), 30'000);
        QVERIFY2(timer.elapsed() < 120'000, "the thread was not stopped");
    }

    void mainThreadStaysFree()
    {
        m_spec.limits.seconds = 0.4;
        const auto tool = shop();
        int ticks = 0;
        QTimer ticker;
        connect(&ticker, &QTimer::timeout, this, [&ticks] { ++ticks; });
        ticker.start(10);
        callTool(*tool, sql(QLatin1String(endless)));
        QVERIFY2(ticks > 10, "the query ran on the main thread");
    }

    void datasetIsTyped()
    {
        auto tool =
            telling(QJsonObject{{QStringLiteral("source"), QStringLiteral("dataset")},
                                {QStringLiteral("dataset"), QStringLiteral("Feedback desk@3")}});
        const QString text = tool->description();
        QVERIFY2(text.contains(QLatin1String(
                     "feedback_desk (30 rows): id INTEGER, Tier TEXT ('free', 'pro'), tier_2 "
                     "INTEGER, score REAL, zip TEXT, \"free text\" TEXT, column_7 TEXT")),
                 qPrintable(text));
        const auto sum = callTool(
            *tool, sql(QStringLiteral("SELECT sum(id), typeof(id), max(score), typeof(zip), "
                                      "sum(tier_2) FROM feedback_desk WHERE Tier = 'pro'")));
        QVERIFY2(!sum.isError, qPrintable(sum.text));
        QCOMPARE(rowsOf(sum)[0].toArray(),
                 (QJsonArray{240, QStringLiteral("integer"), 15, QStringLiteral("text"), 5}));
        const auto cell =
            callTool(*tool, sql(QStringLiteral("SELECT \"free text\" FROM feedback_desk LIMIT 1")));
        QVERIFY2(cell.text.contains(QLatin1String("| message \\| 1 second line |")),
                 qPrintable(cell.text));
    }

    void csvFile()
    {
        writeFile("sales 2026.csv", "day,amount,region\n2026-01-01,10,north\n2026-01-02,,"
                                    "south\n2026-01-03,\"1,5\",north\n2026-01-04,2.5,north\n");
        auto tool = make(QJsonObject{{QStringLiteral("path"), QStringLiteral("sales 2026.csv")}});
        QVERIFY2(tool->description().contains(QLatin1String("sales_2026 (4 rows): day TEXT")),
                 qPrintable(tool->description()));
        const auto outcome = callTool(
            *tool,
            sql(QStringLiteral(
                "SELECT region, count(*) AS n FROM sales_2026 GROUP BY region ORDER BY n DESC")));
        QCOMPARE(rowsOf(outcome)[0].toArray(), (QJsonArray{QStringLiteral("north"), 3}));
    }

    void largeCsvIsSampledForTheDescription()
    {
        QByteArray csv("id,kind\n");
        for (int i = 0; i < 100000; ++i)
            csv += QByteArray::number(i) + (i % 2 ? ",odd\n" : ",even\n");
        writeFile("large.csv", csv);
        auto tool = telling(QJsonObject{{QStringLiteral("path"), path("large.csv")}});
        QVERIFY2(tool->description().contains(
                     QLatin1String("large: id INTEGER, kind TEXT ('even', 'odd')")),
                 qPrintable(tool->description()));
        QCOMPARE(
            rowsOf(callTool(*tool, sql(QStringLiteral("SELECT count(*), max(id) FROM large"))))[0]
                .toArray(),
            (QJsonArray{100000, 99999}));
    }

    void badConfigurations()
    {
        const auto error = [this](const QJsonObject &config) {
            m_spec.type = QStringLiteral("sql");
            m_spec.config = config;
            const auto tool = makeTool(QStringLiteral("T"), m_spec, m_environment);
            return tool ? QStringLiteral("made")
                        : errorKindName(tool.error().kind) + QStringLiteral(": ")
                              + tool.error().message;
        };
        QVERIFY(error({}).startsWith(QLatin1String("invalid_input")));
        QVERIFY(error({{QStringLiteral("path"), QStringLiteral("none.db")}})
                    .contains(QLatin1String("none.db, which does not exist")));
        QVERIFY(error({{QStringLiteral("path"), QStringLiteral(".")}})
                    .contains(QLatin1String("no file")));
        QVERIFY(error({{QStringLiteral("path"), QStringLiteral("/dev/zero")}})
                    .contains(QLatin1String("no file")));
        QVERIFY(error({{QStringLiteral("source"), QStringLiteral("dataset")},
                       {QStringLiteral("dataset"), QStringLiteral("Other")}})
                    .startsWith(QLatin1String("not_found")));
        writeFile("broken.db", QByteArray("SQLite format 3", 16) + QByteArray(3000, 'x'));
        const QString broken = error({{QStringLiteral("path"), QStringLiteral("broken.db")}});
        QVERIFY2(broken.startsWith(QLatin1String("invalid_input")), qPrintable(broken));
        writeFile("empty.csv", QByteArray());
        QVERIFY2(error({{QStringLiteral("path"), QStringLiteral("empty.csv")}})
                     != QLatin1String("made"),
                 "an empty CSV file has no columns");
    }

    void fileThatVanishes()
    {
        writeFile("gone.csv", "a,b\n1,2\n");
        auto tool = make(QJsonObject{{QStringLiteral("path"), path("gone.csv")}});
        QVERIFY(QFile::remove(path("gone.csv")));
        const auto outcome = callTool(*tool, sql(QStringLiteral("SELECT 1")));
        QVERIFY(outcome.isError);
        QVERIFY2(outcome.text.contains(QLatin1String("gone.csv")), qPrintable(outcome.text));
    }

    void hostileViewDoesNotHoldUpTheDescription()
    {
        {
            auto opened = Database::open(path("shop.db"), Database::Mode::ReadWrite);
            QVERIFY((*opened)->exec(
                "CREATE VIEW a_slow AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                "FROM n) SELECT CAST(i AS TEXT) AS t FROM n WHERE i < 0"));
        }
        QElapsedTimer timer;
        timer.start();
        const QString text = shop()->description();
        QVERIFY2(timer.elapsed() < 120'000, "the look into the file is not bounded");
        QVERIFY(text.contains(QLatin1String("items: id INTEGER")));
    }
};

QTEST_GUILESS_MAIN(TestSqlTool)
#include "tst_SqlTool.moc"
