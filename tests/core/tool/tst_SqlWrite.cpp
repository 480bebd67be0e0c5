// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/SqlTool.h"

#include "core/base/Json.h"
#include "core/base/SqlScan.h"
#include "core/tool/ToolGate.h"
#include "tests/core/tool/ToolTesting.h"

#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTimer>

using namespace lathe;
using namespace lathe::test;

// The SQL tool where it may change an SQLite file.
class TestSqlWrite : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void writes();
    void whole();
    void stillDenied_data();
    void stillDenied();
    void refusedBeforeAsking_data();
    void refusedBeforeAsking();
    void scansAsSqlite();
    void sideEffects_data();
    void sideEffects();
    void timeAndCancel();
    void onlySqliteFiles();
    void readModeStays();
    void notTheProjectItself();

private:
    std::shared_ptr<Tool> made(const char *mode, double seconds = 30)
    {
        ToolSpec spec = toolSpec("sql", {{QStringLiteral("path"), m_path}, {QStringLiteral("mode"), QString::fromLatin1(mode)}});
        spec.limits.seconds = seconds;
        auto tool = makeSqlTool(QStringLiteral("db"), spec, ToolEnvironment());
        if (!tool)
            qFatal("%s", qPrintable(tool.error().message));
        return *tool;
    }
    ToolOutcome run(const QString &sql, const char *mode = "write") { return callTool(*made(mode), {{QStringLiteral("sql"), sql}}); }
    QByteArray state() // what a stranger reads in the file
    {
        auto db = Database::open(m_path, Database::Mode::ReadOnly);
        QByteArray all;
        auto rows = (*db)->prepare("SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY name");
        while (rows && rows->step().valueOr(false))
            all += rows->bytes(0) + '\n';
        auto items = (*db)->prepare("SELECT id || '=' || name FROM items ORDER BY id");
        while (items && items->step().valueOr(false))
            all += items->bytes(0) + '\n';
        return all;
    }
    std::unique_ptr<QTemporaryDir> m_dir;
    QString m_path;
};

void TestSqlWrite::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    m_path = m_dir->filePath(QStringLiteral("db.sqlite"));
    auto db = Database::open(m_path, Database::Mode::Create);
    QVERIFY(db.ok());
    QVERIFY((*db)->exec("CREATE TABLE items(id INTEGER PRIMARY KEY, name TEXT UNIQUE); INSERT INTO items VALUES (1,'a'),(2,'b'),(3,'c')").ok());
}

void TestSqlWrite::writes()
{
    ToolOutcome outcome = run(QStringLiteral("INSERT INTO items(name) VALUES ('d'), ('e')"));
    QVERIFY2(!outcome.isError, qPrintable(outcome.text));
    QCOMPARE(outcome.structured.toObject().value(QLatin1String("affected")).toInt(), 2);
    QCOMPARE(run(QStringLiteral("UPDATE items SET name = upper(name) WHERE id > 3")).text, QStringLiteral("2 rows changed."));
    outcome = run(QStringLiteral("DELETE FROM items WHERE id = 1 RETURNING name"));
    QCOMPARE(outcome.structured.toObject().value(QLatin1String("rows")).toArray().at(0).toArray().at(0).toString(), QStringLiteral("a"));
    QVERIFY(!run(QStringLiteral("CREATE TABLE more(a INTEGER)")).isError);
    QVERIFY(!run(QStringLiteral("CREATE INDEX by_name ON items(name)")).isError);
    QVERIFY(!run(QStringLiteral("CREATE VIEW v AS SELECT name FROM items")).isError);
    QVERIFY(!run(QStringLiteral("ALTER TABLE more ADD COLUMN b TEXT")).isError);
    QVERIFY(!run(QStringLiteral("DROP VIEW v")).isError);
    QVERIFY(!run(QStringLiteral("SELECT count(*) FROM items")).isError);
    const QByteArray now = state();
    QVERIFY2(now.contains("2=b\n3=c\n4=D\n5=E") && now.contains("CREATE TABLE more(a INTEGER, b TEXT)") && !now.contains("1=a"), now.constData());
}

void TestSqlWrite::whole()
{
    const QByteArray before = state();
    const ToolOutcome outcome = run(QStringLiteral("INSERT INTO items(name) VALUES ('x'), ('a')")); // the second breaks a rule
    QVERIFY(outcome.isError);
    QCOMPARE(state(), before);
}

void TestSqlWrite::stillDenied_data()
{
    QTest::addColumn<QString>("sql");
    const auto add = [](const char *sql) { QTest::newRow(sql) << QString::fromUtf8(sql); };
    add("PRAGMA writable_schema = ON");
    add("PRAGMA journal_mode = DELETE");
    add("UPDATE sqlite_schema SET sql = 'x'");
    add("DELETE FROM sqlite_master");
    add("INSERT INTO sqlite_master VALUES ('table','x','x',1,'x')");
    add("ATTACH DATABASE '/tmp/lathe-attached.db' AS other");
    add("ATTACH '/etc/passwd' AS p");
    add("DETACH main");
    add("VACUUM");
    add("VACUUM INTO '/tmp/lathe-vacuum.db'");
    add("CREATE TRIGGER t AFTER INSERT ON items BEGIN DELETE FROM items; END");
    add("CREATE VIRTUAL TABLE f USING fts5(a)");
    add("CREATE TEMP TABLE t(a)");
    add("BEGIN");
    add("COMMIT");
    add("SAVEPOINT s");
    add("INSERT INTO items(name) VALUES ('x'); DROP TABLE items");
    add("INSERT INTO items(name) VALUES (load_extension('/tmp/x.so'))");
    add("INSERT INTO items(name) VALUES (readfile('/etc/passwd'))");
    add("SELECT writefile('/tmp/lathe-written', 'x')");
    add("SELECT load_extension('x')");
    add("SELECT fts3_tokenizer('simple')");
    add("/* SELECT */ PRAGMA writable_schema = ON");
    add("-- SELECT\nATTACH '/tmp/lathe-attached.db' AS o");
    add("ANALYZE");
    add("");
    add("-- nothing");
}

void TestSqlWrite::stillDenied()
{
    QFETCH(QString, sql);
    const QByteArray before = state();
    for (const char *mode : {"write", "read"}) {
        const ToolOutcome outcome = run(sql, mode);
        QVERIFY2(outcome.isError, mode);
        QVERIFY(!outcome.text.isEmpty());
        QCOMPARE(state(), before);
    }
    for (const char *file : {"/tmp/lathe-attached.db", "/tmp/lathe-vacuum.db", "/tmp/lathe-written"})
        QVERIFY2(!QFile::exists(QString::fromLatin1(file)), file);
}

void TestSqlWrite::refusedBeforeAsking_data()
{
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("says"); // empty: a person is asked
    const auto add = [](const char *sql, const char *says) { QTest::newRow(sql) << QString::fromUtf8(sql) << QString::fromUtf8(says); };
    add("DELETE FROM items", "");
    add("INSERT INTO items(name) VALUES ('a; b'), ([;]), (`;`) -- ; ;", "");
    add("SELECT 1 -- \r; DELETE FROM items", "");
    add("INSERT INTO items(name) VALUES ('x'); DROP TABLE items", "more than one statement; send them one by one");
    add("INSERT INTO items(name) VALUES ('\\'); DROP TABLE items --')", "more than one statement");
    add("SELECT 1 /* /* */; DROP TABLE items --*/", "more than one statement");
    add("/* */ ; -- nothing", "no statement");
}

void TestSqlWrite::refusedBeforeAsking()
{
    QFETCH(QString, sql);
    QFETCH(QString, says);
    ToolSpec spec = toolSpec("sql", {});
    spec.approval = Approval::Ask;
    const QJsonObject arguments{{QStringLiteral("sql"), sql}};
    for (const char *mode : {"write", "read"}) {
        const ToolGate gate(made(mode), spec, ToolAttachment());
        for (const auto &checked : {gate.check(json::compactString(arguments)), gate.readEdited(arguments)}) {
            QCOMPARE(checked.refusal.has_value(), !says.isEmpty());
            if (checked.refusal)
                QVERIFY2(checked.refusal->text.contains(says), qPrintable(checked.refusal->text));
        }
    }
}

// scanSql() against SQLite's own lexer, on texts put together at random from what ends and hides statements.
void TestSqlWrite::scansAsSqlite()
{
    static const char *const parts[] = {" 1", ";", ";", ";", " ", "\n", "\r", "--", "/*", "*/", "'", "'", "''", "\"", "`", "[", "]", "\\", "E'", "x", "$$", "$a", "(", ")", "AS"};
    QRandomGenerator random(20261123);
    auto db = Database::open(m_path, Database::Mode::ReadOnly);
    QVERIFY(db.ok());
    int one = 0, more = 0;
    for (int i = 0; i < 20'000; ++i) {
        QByteArray sql = "SELECT 1";
        for (int n = random.bounded(9); n > 0; --n)
            sql += parts[random.bounded(int(std::size(parts)))];
        const SqlScan scan = scanSql(sql, SqlDialect::Sqlite);
        const auto statement = (*db)->prepare(sql);
        if (statement.ok()) { // text that SQLite takes is never refused
            QVERIFY2(scan.statements == 1, sql.constData());
            ++one;
        } else if (statement.error().message.contains(QLatin1String("more than one"))) {
            QVERIFY2(scan.statements == 2, sql.constData());
            ++more;
        }
    }
    QVERIFY2(one > 1000 && more > 300, qPrintable(QStringLiteral("%1 %2").arg(one).arg(more)));
}

void TestSqlWrite::sideEffects_data()
{
    QTest::addColumn<QString>("sql");
    QTest::addColumn<bool>("writes");
    const auto add = [](const char *sql, bool writes) { QTest::newRow(sql) << QString::fromUtf8(sql) << writes; };
    add("SELECT 1", false);
    add(" -- why\n select 1", false);
    add("DELETE FROM items", true);
    add("WITH x AS (SELECT 1) DELETE FROM items", true);
    add("/* SELECT */ DELETE FROM items", true);
    add("-- SELECT\nDELETE FROM items", true);
    // SQLite's comments do not nest: this is a DELETE, though it looks like a SELECT to who thinks they do.
    add("/* /* */ DELETE FROM items --*/ SELECT", true);
    add("/* open", true);
    add("-- \r SELECT 1\n DELETE FROM items", true); // its line comments go on behind a carriage return
    add("", true);
}

// Whoever is asked about writes must be asked about all of them.
void TestSqlWrite::sideEffects()
{
    QFETCH(QString, sql);
    QFETCH(bool, writes);
    const QJsonObject arguments{{QStringLiteral("sql"), sql}};
    const auto tool = made("write");
    QCOMPARE(tool->sideEffect(arguments) == SideEffect::Write, writes);
    QCOMPARE(tool->idempotent(arguments), !writes);
    QCOMPARE(tool->preview(arguments).isEmpty(), !writes || sql.isEmpty());
    const QByteArray before = state();
    callTool(*tool, arguments);
    if (!writes)
        QCOMPARE(state(), before);
    QCOMPARE(made("read")->sideEffect(arguments), SideEffect::Read);
}

void TestSqlWrite::timeAndCancel()
{
    const QString bomb = QStringLiteral("INSERT INTO items(name) WITH RECURSIVE r(n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM r) SELECT 'n' || n FROM r");
    const QByteArray before = state();
    const ToolOutcome late = callTool(*made("write", 0.3), {{QStringLiteral("sql"), bomb}});
    QVERIFY(late.isError);
    QCOMPARE(state(), before);
    CancelSource cancel;
    QTimer::singleShot(200, [&] { cancel.cancel(); });
    auto tool = made("write");
    const auto stopped = await(tool->call({{QStringLiteral("sql"), bomb}}, cancel.token()));
    QVERIFY(!stopped && stopped.error().kind == ErrorKind::Cancelled);
    tool.reset();
    QCOMPARE(state(), before);
}

void TestSqlWrite::onlySqliteFiles()
{
    QFile csv(m_dir->filePath(QStringLiteral("t.csv")));
    QVERIFY(csv.open(QIODevice::WriteOnly) && csv.write("a,b\n1,2\n") > 0);
    csv.close();
    m_path = csv.fileName();
    for (const char *mode : {"write", "everything"}) {
        const auto tool = makeSqlTool(QStringLiteral("db"), toolSpec("sql", {{QStringLiteral("path"), m_path}, {QStringLiteral("mode"), QString::fromLatin1(mode)}}),
                                      ToolEnvironment());
        QVERIFY(!tool);
        QCOMPARE(tool.error().kind, ErrorKind::InvalidInput);
    }
}

void TestSqlWrite::readModeStays()
{
    const QByteArray before = state();
    for (const char *sql : {"INSERT INTO items(name) VALUES ('x')", "DELETE FROM items RETURNING id", "CREATE TABLE x(a)", "DROP TABLE items",
                            "WITH x AS (SELECT 1) DELETE FROM items"})
        QVERIFY2(run(QString::fromLatin1(sql), "read").isError, sql);
    QCOMPARE(state(), before);
}

void TestSqlWrite::notTheProjectItself()
{
    {
        auto db = Database::open(m_path, Database::Mode::ReadWrite);
        QVERIFY(db.ok() && (*db)->exec("PRAGMA application_id = 1279349832").ok()); // 0x4C415448, a project of Lathe
    }
    const auto tool = makeSqlTool(QStringLiteral("db"), toolSpec("sql", {{QStringLiteral("path"), m_path}, {QStringLiteral("mode"), QStringLiteral("write")}}),
                                  ToolEnvironment());
    QVERIFY(!tool);
    QVERIFY(tool.error().message.contains(QStringLiteral("project of Lathe")));
    QVERIFY(!run(QStringLiteral("SELECT 1"), "read").isError);
}

QTEST_GUILESS_MAIN(TestSqlWrite)
#include "tst_SqlWrite.moc"
