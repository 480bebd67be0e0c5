// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/PostgresTool.h"

#include "core/base/Json.h"
#include "core/tool/SqlTool.h"
#include "core/tool/ToolGate.h"

#include "tests/core/tool/ToolTesting.h"
#include "tests/support/PostgresServer.h"

#include <QTimer>

using namespace lathe;
using namespace lathe::test;

class TestPostgresTool : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void reads();
    void errorsHelp();
    void readsOnly();
    void writes();
    void refusedBeforeAsking_data();
    void refusedBeforeAsking();
    void described();
    void secrets();
    void cancelled();
    void unreachable();
    void wrongConfiguration_data();
    void wrongConfiguration();

private:
    QJsonObject config(const char *mode = "read") const
    {
        return {{QStringLiteral("source"), QStringLiteral("postgres")},
                {QStringLiteral("host"), QStringLiteral("127.0.0.1")},
                {QStringLiteral("port"), m_server->port()},
                {QStringLiteral("database"), QStringLiteral("shop")},
                {QStringLiteral("user"), QStringLiteral("reader")},
                {QStringLiteral("password"), QStringLiteral("{{secret:PG}}")},
                {QStringLiteral("mode"), QString::fromLatin1(mode)}};
    }
    ToolEnvironment environment(const QString &secret = test::PostgresServer::password()) const
    {
        ToolEnvironment result;
        result.secret = [secret](const QString &name) { return name == QLatin1String("PG") ? secret : QString(); };
        return result;
    }
    std::shared_ptr<Tool> made(const QJsonObject &settings) const
    {
        auto tool = makeSqlTool(QStringLiteral("db"), toolSpec("sql", settings), environment());
        if (!tool)
            qFatal("%s", qPrintable(tool.error().message));
        return *tool;
    }
    static QJsonObject sql(const char *text) { return {{QStringLiteral("sql"), QString::fromUtf8(text)}}; }
    std::unique_ptr<test::PostgresServer> m_server;
};

void TestPostgresTool::initTestCase()
{
    m_server = std::make_unique<test::PostgresServer>();
    QVERIFY2(m_server->isRunning(), qPrintable(m_server->problem()));
    m_server->psql("CREATE TABLE orders(id int, item text); ALTER TABLE orders OWNER TO reader; INSERT INTO orders SELECT i, 'item|' || i FROM generate_series(1, 300) i");
}

void TestPostgresTool::reads()
{
    QJsonObject settings = config();
    settings.insert(QStringLiteral("max_rows"), 2);
    const auto tool = made(settings);
    const ToolOutcome outcome = callTool(*tool, sql("SELECT id, item FROM orders ORDER BY id"));
    QVERIFY2(!outcome.isError, qPrintable(outcome.text));
    QCOMPARE(outcome.text, QStringLiteral("| id | item |\n| --- | --- |\n| 1 | item\\|1 |\n| 2 | item\\|2 |\n"
                                          "(the first 2 rows; there are more: aggregate, filter or use LIMIT and OFFSET)"));
    QVERIFY(outcome.truncated);
    QCOMPARE(outcome.structured.toObject().value(QLatin1String("rows")).toArray().at(1).toArray(), (QJsonArray{2, QStringLiteral("item|2")}));
    QCOMPARE(tool->sideEffect(sql("SELECT 1")), SideEffect::Read);
    QVERIFY(tool->idempotent(sql("SELECT 1")));
}

void TestPostgresTool::errorsHelp()
{
    QJsonObject settings = config();
    settings.insert(QStringLiteral("tables"), QStringLiteral("orders: id integer, item text"));
    const auto tool = made(settings);
    QVERIFY(tool->description().contains(QStringLiteral("orders: id integer, item text")));
    const ToolOutcome outcome = callTool(*tool, sql("SELECT nme FROM orders"));
    QVERIFY(outcome.isError);
    QVERIFY2(outcome.text.contains(QStringLiteral("\"nme\" does not exist")) && outcome.text.contains(QStringLiteral("orders: id integer")), qPrintable(outcome.text));
}

void TestPostgresTool::readsOnly()
{
    const auto tool = made(config());
    for (const char *text : {"DELETE FROM orders", "WITH d AS (DELETE FROM orders RETURNING 1) SELECT * FROM d", "SELECT 1; DELETE FROM orders", "SET TRANSACTION READ WRITE",
                             "/* /* */ */ DELETE FROM orders"})
        QVERIFY2(callTool(*tool, sql(text)).isError, text);
    QCOMPARE(m_server->psql("SELECT count(*) FROM orders"), QByteArray("300"));
}

void TestPostgresTool::writes()
{
    const auto tool = made(config("write"));
    QCOMPARE(tool->sideEffect(sql("SELECT pg_catalog.nextval('x')")), SideEffect::Write); // a function may write
    QCOMPARE(tool->sideEffect(sql("DELETE FROM orders")), SideEffect::Write);
    for (const char *text : {"VALUES (writes())", "TABLE orders UNION SELECT writes()", "/* SHOW */ DELETE FROM orders", "E'SHOW'"})
        QCOMPARE(tool->sideEffect(sql(text)), SideEffect::Write);
    QCOMPARE(tool->sideEffect(sql("SHOW server_version")), SideEffect::Read);
    QVERIFY(!tool->idempotent(sql("DELETE FROM orders")));
    QCOMPARE(tool->preview(sql("DELETE FROM orders")), QStringLiteral("DELETE FROM orders"));
    QCOMPARE(callTool(*tool, sql("UPDATE orders SET item = 'x' WHERE id <= 3")).text, QStringLiteral("3 rows changed."));
    QCOMPARE(m_server->psql("SELECT count(*) FROM orders WHERE item = 'x'"), QByteArray("3"));
}

void TestPostgresTool::refusedBeforeAsking_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("says"); // empty: a person is asked
    const auto add = [](const char *text, const char *says) { QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(says); };
    add("DELETE FROM orders", "");
    add("INSERT INTO orders VALUES (1, 'a; b');", "");
    add("INSERT INTO orders VALUES (1, E'it\\'s; $$');", "");
    add("UPDATE orders SET item = $$;$$ -- ; ;", "");
    add("DELETE FROM orders; DELETE FROM orders", "more than one statement; send them one by one");
    add("SHOW server_version; DELETE FROM orders", "more than one statement");
    add("SELECT 1;\u00a0", "more than one statement");
    add("-- nothing", "no statement");
    add("COPY orders TO PROGRAM 'id'", "COPY is not allowed here");
    add("COMMIT", "COMMIT is not allowed here");
    add("'x'", "What does not begin with a word is not allowed here");
}

void TestPostgresTool::refusedBeforeAsking()
{
    QFETCH(QString, text);
    QFETCH(QString, says);
    ToolSpec spec = toolSpec("sql", config("write"));
    spec.approval = Approval::Ask;
    const ToolGate gate(made(config("write")), spec, ToolAttachment());
    const QJsonObject arguments{{QStringLiteral("sql"), text}};
    for (const auto &checked : {gate.check(json::compactString(arguments)), gate.readEdited(arguments)}) {
        if (says.isEmpty()) {
            QVERIFY2(!checked.refusal, checked.refusal ? qPrintable(checked.refusal->text) : "");
            continue;
        }
        QVERIFY(checked.refusal);
        QVERIFY2(checked.refusal->text.contains(says), qPrintable(checked.refusal->text));
        QCOMPARE(checked.refusalCode, QStringLiteral("invalid_arguments"));
    }
}

void TestPostgresTool::described()
{
    m_server->psql("CREATE TABLE hidden(secret text); ANALYZE orders; CREATE SCHEMA \"My Schema\" AUTHORIZATION reader;"
                   "CREATE TABLE \"My Schema\".\"T\"(a int); ALTER TABLE \"My Schema\".\"T\" OWNER TO reader");
    const auto text = await(describePostgresTables(toolSpec("sql", config()), environment(), CancelToken()));
    QVERIFY2(text.ok(), text ? "" : qPrintable(text.error().message));
    QVERIFY2(text->contains(QStringLiteral("orders (about 300 rows): id integer, item text\n")), qPrintable(*text));
    QVERIFY(text->contains(QStringLiteral("\"My Schema\".\"T\": a integer")));
    QVERIFY(!text->contains(QStringLiteral("hidden"))); // the role may not read it
    const auto tool = std::static_pointer_cast<PostgresTool>(made(config()));
    const auto less = await(tool->describeTables(60, CancelToken()));
    QVERIFY(less.ok() && less->size() < 120 && less->contains(QStringLiteral("more")));
}

void TestPostgresTool::secrets()
{
    const auto without = makeSqlTool(QStringLiteral("db"), toolSpec("sql", config()), environment(QString()));
    QVERIFY(without.ok());
    QVERIFY(callTool(**without, sql("SELECT 1")).text.contains(QStringLiteral("needs the secret \"PG\"")));
    const QString wrong = QStringLiteral("wrong-secret-value");
    const auto refused = makeSqlTool(QStringLiteral("db"), toolSpec("sql", config()), environment(wrong));
    const ToolOutcome outcome = callTool(**refused, sql("SELECT 1"));
    QVERIFY(outcome.isError);
    QVERIFY2(outcome.text.contains(QStringLiteral("authentication failed")) && !outcome.text.contains(wrong), qPrintable(outcome.text));
}

void TestPostgresTool::cancelled()
{
    auto tool = made(config());
    CancelSource cancel;
    QTimer::singleShot(200, [&] { cancel.cancel(); });
    const auto result = await(tool->call(sql("SELECT pg_sleep(600)"), cancel.token()));
    QVERIFY(!result && result.error().kind == ErrorKind::Cancelled);
    QVERIFY(!callTool(*tool, sql("SELECT 1")).isError);
}

void TestPostgresTool::unreachable()
{
    QJsonObject settings = config();
    settings.insert(QStringLiteral("port"), 1);
    const auto tool = made(settings); // reaches nobody yet
    const ToolOutcome outcome = callTool(*tool, sql("SELECT 1"));
    QVERIFY(outcome.isError);
    QVERIFY(outcome.transient);
}

void TestPostgresTool::wrongConfiguration_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    for (const char *key : {"host", "database"})
        QTest::newRow(key) << QString::fromLatin1(key) << QString();
    QTest::newRow("sslmode") << QStringLiteral("sslmode") << QStringLiteral("maybe");
    QTest::newRow("mode") << QStringLiteral("mode") << QStringLiteral("all");
    QTest::newRow("plain password") << QStringLiteral("password") << QStringLiteral("hunter2-plain");
}

void TestPostgresTool::wrongConfiguration()
{
    QFETCH(QString, key);
    QFETCH(QString, value);
    QJsonObject settings = config();
    settings.insert(key, value);
    const auto tool = makeSqlTool(QStringLiteral("db"), toolSpec("sql", settings), environment());
    QVERIFY(!tool);
    QCOMPARE(tool.error().kind, ErrorKind::InvalidInput);
    QVERIFY(!tool.error().message.contains(QStringLiteral("hunter2")));
}

QTEST_GUILESS_MAIN(TestPostgresTool)
#include "tst_PostgresTool.moc"
