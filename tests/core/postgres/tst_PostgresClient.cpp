// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/postgres/PostgresClient.h"

#include "core/base/SqlScan.h"
#include "core/postgres/PostgresLink.h"
#include "tests/support/Await.h"
#include "tests/support/PostgresServer.h"

#include <QElapsedTimer>
#include <QFile>
#include <QRandomGenerator>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace lathe;
using lathe::test::await;

class TestPostgresClient : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void values();
    void parameters();
    void boundsOfRows();
    void stoppedAlone();
    void scansAsTheServer();
    void serverTakesOneStatement();
    void textsAreStandard();
    void readOnly_data();
    void readOnly();
    void nothingSticks();
    void writes();
    void timeOut();
    void cancelled();
    void cancelledBefore();
    void destroyedWhileRunning();
    void errorsOfSql_data();
    void errorsOfSql();
    void errorsOfConnecting_data();
    void errorsOfConnecting();
    void silentServer();
    void passwordIsNotEchoed();
    void superusersAreRefused();
    void passwordOfTheEnvironmentStaysHere();
    void overUnixSocket();
    void serverRestarts();

private:
    PostgresServer settings() const
    {
        PostgresServer server;
        server.host = QStringLiteral("127.0.0.1");
        server.port = m_server->port();
        server.database = QStringLiteral("shop");
        server.user = QStringLiteral("reader");
        server.password = test::PostgresServer::password();
        return server;
    }
    Result<PostgresRows> ask(const QByteArray &sql, bool write = false, qint64 timeoutMs = 30'000)
    {
        PostgresQuery query;
        query.sql = sql;
        query.mayWrite = write;
        query.timeoutMs = timeoutMs;
        return await(m_client->query(query, CancelToken()));
    }
    std::unique_ptr<test::PostgresServer> m_server;
    std::unique_ptr<PostgresClient> m_client;
};

void TestPostgresClient::initTestCase()
{
    m_server = std::make_unique<test::PostgresServer>();
    QVERIFY2(m_server->isRunning(), qPrintable(m_server->problem()));
    m_client = std::make_unique<PostgresClient>(settings());
    QVERIFY(ask("CREATE TABLE orders(id int PRIMARY KEY, item text, price numeric(10,2), at timestamp)", true).ok());
    QVERIFY(ask("INSERT INTO orders SELECT i, 'item ' || i, i * 1.5, '2026-01-01' FROM generate_series(1, 500) i", true).ok());
}

void TestPostgresClient::values()
{
    const auto rows = ask("SELECT 1::int2 a, 2::int4, 9007199254740993::int8, -5::int8, 1.5::float8, 'NaN'::float8, 12.340::numeric, true, NULL, "
                          "'grün ☃'::text, '\\x6162'::bytea, '{\"a\":1}'::jsonb, ARRAY[1,2], '2026-01-02 03:04:05'::timestamp");
    QVERIFY2(rows.ok(), rows ? "" : qPrintable(rows.error().message));
    QCOMPARE(rows->columns.first(), QStringLiteral("a"));
    const QJsonArray expected{1, 2, QStringLiteral("9007199254740993"), -5, 1.5, QStringLiteral("NaN"), QStringLiteral("12.340"), true, QJsonValue::Null,
                              QStringLiteral("grün ☃"), QStringLiteral("<2 bytes of binary data>"), QStringLiteral("{\"a\": 1}"),
                              QStringLiteral("{1,2}"), QStringLiteral("2026-01-02 03:04:05")};
    QCOMPARE(rows->rows.at(0).toArray(), expected);
    QCOMPARE(rows->command, QStringLiteral("SELECT 1"));
    QVERIFY(!rows->truncated);
}

void TestPostgresClient::parameters()
{
    PostgresQuery query;
    query.sql = "SELECT item, $2::text FROM orders WHERE id = $1::int";
    query.parameters = {QByteArray("7"), QByteArray("'; DROP TABLE orders; --")};
    const auto rows = await(m_client->query(query, CancelToken()));
    QVERIFY(rows.ok());
    QCOMPARE(rows->rows.at(0).toArray(), (QJsonArray{QStringLiteral("item 7"), QStringLiteral("'; DROP TABLE orders; --")}));
    query.sql = "SELECT $1::int";
    query.parameters = {std::nullopt};
    const auto null = await(m_client->query(query, CancelToken()));
    QVERIFY(null.ok() && null->rows.at(0).toArray().at(0).isNull());
}

void TestPostgresClient::boundsOfRows()
{
    PostgresQuery query;
    query.sql = "SELECT id FROM orders ORDER BY id";
    query.maxRows = 3;
    auto rows = await(m_client->query(query, CancelToken()));
    QVERIFY(rows.ok());
    QCOMPARE(rows->rows.size(), 3);
    QVERIFY(rows->truncated);
    query.maxRows = 500;
    rows = await(m_client->query(query, CancelToken()));
    QVERIFY(rows.ok() && rows->rows.size() == 500 && !rows->truncated);
    query.sql = "SELECT repeat('x', 1000) FROM orders a, orders b, orders c"; // 125 GB would be too much
    query.maxRows = 1'000'000;
    query.maxBytes = 50'000;
    rows = await(m_client->query(query, CancelToken()));
    QVERIFY2(rows.ok(), rows.ok() ? "" : qPrintable(rows.error().message));
    QCOMPARE(rows->rows.size(), 50);
    QVERIFY(rows->truncated);
    query.sql = "SELECT repeat('x', 200000000)"; // one row that is too much
    rows = await(m_client->query(query, CancelToken()));
    QVERIFY(rows.ok());
    QCOMPARE(rows->rows.at(0).toArray().at(0).toString().size(), 1024 * 1024);
    QVERIFY(ask("SELECT 1").ok()); // and it goes on
}

// A query that is stopped because its rows are enough takes no later one with it.
void TestPostgresClient::stoppedAlone()
{
    PostgresQuery query;
    query.maxRows = 3;
    for (int i = 0; i < 150; ++i) {
        query.sql = "SELECT id FROM orders ORDER BY id"; // ends by itself at about the time when it is stopped
        const auto some = await(m_client->query(query, CancelToken()));
        QVERIFY2(some.ok() && some->truncated, some.ok() ? "" : qPrintable(some.error().message));
        query.sql = "SELECT count(*) FROM orders a, orders b";
        const auto all = await(m_client->query(query, CancelToken()));
        QVERIFY2(all.ok(), all.ok() ? "" : qPrintable(all.error().message));
    }
}

// scanSql() against the server's own lexer, on texts put together at random from what ends and hides statements.
void TestPostgresClient::scansAsTheServer()
{
    static const char *const parts[] = {";SELECT 1", ";SELECT 1--'", " 1", ";", ";", " ", "\n", "\r", "--", "/*", "*/", "'", "'", "''", "\"", "\\", "E'", " e'", "x", "$$", "$$", "$a$", "$a$", "$1", "(", ")", "U&'"};
    QRandomGenerator random(20261123);
    PostgresServer server = settings();
    PostgresLink link(server); // past mayRun()
    int one = 0, more = 0;
    for (int i = 0; i < 6000; ++i) {
        PostgresQuery query;
        query.sql = "SELECT 1";
        for (int n = random.bounded(9); n > 0; --n)
            query.sql += parts[random.bounded(int(std::size(parts)))];
        const SqlScan scan = scanSql(query.sql, SqlDialect::Postgres);
        const auto rows = link.run(query, CancelToken());
        if (rows.ok()) { // text that the server takes is never refused
            QVERIFY2(scan.statements == 1, query.sql.constData());
            ++one;
        } else if (rows.error().message.contains(QLatin1String("multiple commands"))) {
            QVERIFY2(scan.statements == 2, query.sql.constData());
            ++more;
        }
    }
    QVERIFY2(one > 300 && more > 100, qPrintable(QStringLiteral("%1 %2").arg(one).arg(more)));
}

// Where the scan sees one statement, or sees nothing, the protocol itself takes no second one.
void TestPostgresClient::serverTakesOneStatement()
{
    const QByteArray hidden = "CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS 'SELECT 1'; DELETE FROM orders";
    QVERIFY(PostgresClient::mayRun(hidden, true).ok());
    const auto rows = ask(hidden, true);
    QVERIFY(!rows);
    QCOMPARE(rows.error().kind, ErrorKind::InvalidInput);
    QCOMPARE(m_server->psql("SELECT count(*) FROM orders"), QByteArray("500"));
    QCOMPARE(PostgresClient::mayRun("SELECT 1; DELETE FROM orders", true).error().kind, ErrorKind::InvalidInput);
}

// What the scan reads as a text is one for the server, whatever the role was set to.
void TestPostgresClient::textsAreStandard()
{
    m_server->psql("ALTER ROLE reader SET standard_conforming_strings = off");
    PostgresClient fresh(settings());
    PostgresQuery query;
    query.sql = "SELECT '\\'";
    const auto rows = await(fresh.query(query, CancelToken()));
    m_server->psql("ALTER ROLE reader RESET standard_conforming_strings");
    QVERIFY2(rows.ok(), rows.ok() ? "" : qPrintable(rows.error().message));
    QCOMPARE(rows->rows.at(0).toArray().at(0).toString(), QStringLiteral("\\"));
}

// Each of these changes something, or lets something out, when its guard is removed.
void TestPostgresClient::readOnly_data()
{
    QTest::addColumn<QByteArray>("sql");
    const auto add = [](const char *sql) { QTest::newRow(sql) << QByteArray(sql); };
    add("DELETE FROM orders");
    add("  /* SELECT */ DELETE FROM orders");
    add("-- SELECT\nDELETE FROM orders");
    add("WITH gone AS (DELETE FROM orders RETURNING *) SELECT count(*) FROM gone");
    add("EXPLAIN ANALYZE DELETE FROM orders");
    add("SELECT 1; DELETE FROM orders");
    add("SELECT 1; COMMIT; DELETE FROM orders");
    add("COMMIT");
    add("ROLLBACK");
    add("SET TRANSACTION READ WRITE");
    add("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE");
    add("BEGIN READ WRITE");
    add("DO $$ BEGIN DELETE FROM orders; END $$");
    add("CALL nothing()");
    add("COPY orders TO '/tmp/lathe-pwned'");
    add("COPY orders TO PROGRAM 'touch /tmp/lathe-pwned'");
    add("COPY orders TO STDOUT");
    add("PREPARE p AS DELETE FROM orders");
    add("EXECUTE p");
    add("SELECT set_config('transaction_read_only', 'off', false)");
    add("WITH w AS MATERIALIZED (SELECT set_config('transaction_read_only', 'off', false)), d AS (DELETE FROM orders RETURNING 1) SELECT * FROM w, d");
    add("SELECT nextval('numbers')");
    add("SELECT * INTO copied FROM orders");
    add("CREATE TABLE more(a int)");
    add("SELECT 1 FROM orders FOR UPDATE");
    add("SELECT pg_read_file('/etc/passwd')");
    add("SELECT lo_export(1, '/tmp/lathe-pwned')");
    add("SELECT writes()");
    add("LISTEN x");
    add("VACUUM");
    add("GRANT ALL ON orders TO public");
}

void TestPostgresClient::readOnly()
{
    QFETCH(QByteArray, sql);
    QVERIFY(ask("CREATE SEQUENCE IF NOT EXISTS numbers", true).ok());
    QVERIFY(ask("CREATE OR REPLACE FUNCTION writes() RETURNS int LANGUAGE sql AS $$ DELETE FROM orders RETURNING 1 $$", true).ok());
    const QByteArray before = m_server->psql("SELECT count(*), (SELECT last_value FROM numbers) FROM orders");
    QVERIFY(before.startsWith("500|"));
    const auto rows = ask(sql);
    QVERIFY2(!rows, "it was let through");
    QVERIFY2(rows.error().kind == ErrorKind::Denied || rows.error().kind == ErrorKind::InvalidInput, qPrintable(rows.error().message));
    QCOMPARE(m_server->psql("SELECT count(*), (SELECT last_value FROM numbers) FROM orders"), before);
    QVERIFY(!QFile::exists(QStringLiteral("/tmp/lathe-pwned")));
    QVERIFY(ask("SELECT 1").ok());
}

// What one query sets does not help the next.
void TestPostgresClient::nothingSticks()
{
    QVERIFY(ask("SELECT set_config('default_transaction_read_only', 'off', false), set_config('statement_timeout', '0', false)").ok());
    QCOMPARE(ask("SHOW transaction_read_only")->rows.at(0).toArray().at(0).toString(), QStringLiteral("on"));
    QCOMPARE(ask("SHOW statement_timeout", false, 7000)->rows.at(0).toArray().at(0).toString(), QStringLiteral("7s"));
    QVERIFY(ask("SELECT pg_advisory_lock(42)").ok());
    QCOMPARE(m_server->psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QByteArray("0"));
    QVERIFY(ask("SELECT lo_create(0)").ok()); // the server lets that through; it is rolled back
    QCOMPARE(m_server->psql("SELECT count(*) FROM pg_largeobject_metadata"), QByteArray("0"));
    QVERIFY(ask("SELECT set_config('search_path', 'evil', false)").ok());
    QVERIFY(ask("SELECT count(*) FROM orders").ok());
}

void TestPostgresClient::writes()
{
    QVERIFY(ask("CREATE TABLE notes(id int PRIMARY KEY, t text)", true).ok());
    const auto added = ask("INSERT INTO notes VALUES (1, 'a'), (2, 'b') RETURNING id", true);
    QVERIFY(added.ok());
    QCOMPARE(added->affected, 2);
    QCOMPARE(added->rows.size(), 2);
    QCOMPARE(ask("UPDATE notes SET t = 'c' WHERE id = 1", true)->affected, 1);
    QVERIFY(!ask("INSERT INTO notes VALUES (3, 'x'), (1, 'twice')", true)); // as a whole, or not at all
    QCOMPARE(m_server->psql("SELECT string_agg(t, ',' ORDER BY id) FROM notes"), QByteArray("c,b"));
    // More rows come back than are kept: the change is made all the same, and nobody is told of one that is undone.
    QVERIFY(ask("CREATE FUNCTION add_note(n int) RETURNS text LANGUAGE sql AS $$ INSERT INTO notes VALUES (n, repeat('z', 2000)) RETURNING t $$", true).ok());
    PostgresQuery many;
    many.mayWrite = true;
    many.maxRows = 3;
    for (const char *sql : {"INSERT INTO notes SELECT n, repeat('z', 2000) FROM generate_series(1000, 10999) n RETURNING id, t",
                            "SELECT add_note(n) FROM generate_series(1000, 10999) n"}) {
        many.sql = sql;
        const auto some = await(m_client->query(many, CancelToken()));
        QVERIFY2(some.ok(), some.ok() ? "" : qPrintable(some.error().message));
        QVERIFY(some->truncated && some->rows.size() == 3);
        QCOMPARE(m_server->psql("SELECT count(*) FROM notes WHERE id >= 1000"), QByteArray("10000"));
        QCOMPARE(ask("DELETE FROM notes WHERE id >= 1000", true)->affected, 10000);
    }
    for (const char *sql : {"COPY notes TO PROGRAM 'id'", "SET ROLE root_role", "DO $$ BEGIN END $$", "COMMIT", "INSERT INTO notes VALUES (9,'x'); DROP TABLE notes"})
        QVERIFY2(!ask(sql, true), sql);
    QCOMPARE(m_server->psql("SELECT count(*) FROM notes"), QByteArray("2"));
}

void TestPostgresClient::timeOut()
{
    for (const char *sql : {"SELECT pg_sleep(600)", "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r"}) {
        const auto rows = ask(sql, false, 300);
        QVERIFY(!rows);
        QCOMPARE(rows.error().kind, ErrorKind::Timeout);
    }
    QVERIFY(ask("SELECT 1").ok());
}

void TestPostgresClient::cancelled()
{
    CancelSource cancel;
    PostgresQuery query;
    query.sql = "SELECT pg_sleep(600), 'marker'";
    query.timeoutMs = 600'000;
    QTimer::singleShot(300, [&] { cancel.cancel(); });
    const auto rows = await(m_client->query(query, cancel.token()));
    QVERIFY(!rows);
    QCOMPARE(rows.error().kind, ErrorKind::Cancelled);
    // The server has stopped, too.
    QTRY_COMPARE_WITH_TIMEOUT(m_server->psql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep(600), ''marker%'"),
                              QByteArray("0"), 20'000);
    QVERIFY(ask("SELECT 1").ok());
}

void TestPostgresClient::cancelledBefore()
{
    CancelSource cancel;
    cancel.cancel();
    PostgresQuery query;
    query.sql = "SELECT 1";
    QCOMPARE(await(m_client->query(query, cancel.token())).error().kind, ErrorKind::Cancelled);
}

void TestPostgresClient::destroyedWhileRunning()
{
    auto client = std::make_unique<PostgresClient>(settings());
    PostgresQuery query;
    query.sql = "SELECT pg_sleep(600)";
    query.timeoutMs = 600'000;
    CancelSource cancel;
    auto task = client->query(query, cancel.token());
    QTest::qWait(200);
    client.reset(); // the query keeps what it needs until it is cancelled
    cancel.cancel();
    QCOMPARE(await(std::move(task)).error().kind, ErrorKind::Cancelled);
}

void TestPostgresClient::errorsOfSql_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<QString>("says");
    QTest::newRow("table") << QByteArray("SELECT * FROM nowhere") << QStringLiteral("relation \"nowhere\" does not exist (at character 15)");
    QTest::newRow("column") << QByteArray("SELECT itm FROM orders") << QStringLiteral("column \"itm\" does not exist");
    QTest::newRow("syntax") << QByteArray("SELECT FROM WHERE") << QStringLiteral("syntax error");
    QTest::newRow("empty") << QByteArray(" -- nothing") << QStringLiteral("no statement");
    QTest::newRow("nul") << QByteArray("SELECT '\0'", 10) << QStringLiteral("NUL");
    QTest::newRow("division") << QByteArray("SELECT 1/0") << QStringLiteral("division by zero");
    QTest::newRow("two") << QByteArray("SELECT 1; SELECT 2") << QStringLiteral("more than one statement");
}

void TestPostgresClient::errorsOfSql()
{
    QFETCH(QByteArray, sql);
    QFETCH(QString, says);
    const auto rows = ask(sql);
    QVERIFY(!rows);
    QCOMPARE(rows.error().kind, ErrorKind::InvalidInput);
    QVERIFY2(rows.error().message.contains(says), qPrintable(rows.error().message));
}

void TestPostgresClient::errorsOfConnecting_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<int>("kind");
    for (const char *what : {"password", "no password", "role", "sslmode"})
        QTest::newRow(what) << QString::fromLatin1(what) << int(ErrorKind::Auth);
    QTest::newRow("database") << QStringLiteral("database") << int(ErrorKind::Unreachable);
    QTest::newRow("port") << QStringLiteral("port") << int(ErrorKind::Unreachable);
    QTest::newRow("host") << QStringLiteral("host") << int(ErrorKind::Unreachable);
}

void TestPostgresClient::errorsOfConnecting()
{
    QFETCH(QString, what);
    QFETCH(int, kind);
    PostgresServer server = settings();
    if (what == QLatin1String("password"))
        server.password = QStringLiteral("wrong-password");
    else if (what == QLatin1String("no password"))
        server.password.clear();
    else if (what == QLatin1String("role"))
        server.user = QStringLiteral("nobody");
    else if (what == QLatin1String("database"))
        server.database = QStringLiteral("dbname=shop host=/tmp password=x"); // a name, never more
    else if (what == QLatin1String("port"))
        server.port = 1;
    else if (what == QLatin1String("host"))
        server.host = QStringLiteral("no-such-host.invalid");
    else if (what == QLatin1String("sslmode"))
        server.sslMode = QStringLiteral("require"); // the server has no TLS
    PostgresClient client(server);
    PostgresQuery query;
    query.sql = "SELECT 1";
    const auto rows = await(client.query(query, CancelToken()));
    QVERIFY(!rows);
    if (what != QLatin1String("sslmode"))
        QCOMPARE(int(rows.error().kind), kind);
    QVERIFY2(rows.error().message.contains(server.host), qPrintable(rows.error().message));
    QVERIFY(!rows.error().message.contains(QStringLiteral("wrong-password")));
    QVERIFY(!rows.error().message.contains(test::PostgresServer::password()));
}

void TestPostgresClient::silentServer()
{
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    PostgresServer server = settings();
    server.port = silent.serverPort();
    server.connectMs = 300;
    PostgresClient client(server);
    PostgresQuery query;
    query.sql = "SELECT 1";
    QCOMPARE(await(client.query(query, CancelToken())).error().kind, ErrorKind::Unreachable);
    CancelSource cancel;
    QTimer::singleShot(50, [&] { cancel.cancel(); });
    QCOMPARE(await(client.query(query, cancel.token())).error().kind, ErrorKind::Cancelled);
}

// A server that asks for the password in the clear, and repeats it.
void TestPostgresClient::passwordIsNotEchoed()
{
    const auto message = [](char type, const QByteArray &body) {
        QByteArray bytes(1, type);
        const auto size = quint32(body.size() + 4);
        for (int shift = 24; shift >= 0; shift -= 8)
            bytes += char(size >> shift);
        return bytes + body;
    };
    QTcpServer echo;
    QVERIFY(echo.listen(QHostAddress::LocalHost));
    connect(&echo, &QTcpServer::newConnection, this, [&echo, message] {
        QTcpSocket *socket = echo.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket, message] {
            const QByteArray got = socket->readAll();
            if (!got.startsWith('p')) { // the first words
                socket->write(message('R', QByteArray("\0\0\0\3", 4)));
                return;
            }
            const QByteArray said = got.mid(5, got.size() - 6);
            socket->write(message('E', QByteArray("SFATAL\0C28P01\0M", 15) + "authentication failed for " + said + QByteArray("\0\0", 2)));
            socket->disconnectFromHost();
        });
    });
    PostgresServer server = settings();
    server.port = echo.serverPort();
    server.sslMode = QStringLiteral("disable");
    PostgresClient client(server);
    PostgresQuery query;
    query.sql = "SELECT 1";
    const auto rows = await(client.query(query, CancelToken()));
    QVERIFY(!rows);
    const QString all = rows.error().message + rows.error().cause;
    QVERIFY2(all.contains(QStringLiteral("authentication failed for [password]")), qPrintable(all));
    QVERIFY2(!all.contains(server.password), qPrintable(all));
}

void TestPostgresClient::superusersAreRefused()
{
    PostgresServer server = settings();
    server.user = QStringLiteral("root_role");
    PostgresClient client(server);
    PostgresQuery query;
    query.sql = "SELECT pg_read_file('/etc/hostname')";
    const auto rows = await(client.query(query, CancelToken()));
    QVERIFY(!rows);
    QCOMPARE(rows.error().kind, ErrorKind::Denied);
    QVERIFY(rows.error().message.contains(QStringLiteral("superuser")));
}

// A project that names a stranger's server must not make us send it the password meant for another.
void TestPostgresClient::passwordOfTheEnvironmentStaysHere()
{
    qputenv("PGPASSWORD", test::PostgresServer::password().toUtf8());
    PostgresServer server = settings();
    server.password.clear();
    PostgresClient client(server);
    PostgresQuery query;
    query.sql = "SELECT 1";
    const auto rows = await(client.query(query, CancelToken()));
    qunsetenv("PGPASSWORD");
    QVERIFY(!rows);
    QCOMPARE(rows.error().kind, ErrorKind::Auth);
}

void TestPostgresClient::overUnixSocket()
{
    PostgresServer server = settings();
    server.host = m_server->socketFolder();
    PostgresClient client(server);
    PostgresQuery query;
    query.sql = "SELECT count(*) FROM orders";
    const auto rows = await(client.query(query, CancelToken()));
    QVERIFY(rows.ok());
    QCOMPARE(rows->rows.at(0).toArray().at(0).toInt(), 500);
}

void TestPostgresClient::serverRestarts()
{
    QVERIFY(ask("SELECT 1").ok());
    m_server->stop();
    const auto gone = ask("SELECT 1");
    QVERIFY(!gone);
    QCOMPARE(gone.error().kind, ErrorKind::Unreachable);
    m_server->start();
    QVERIFY2(m_server->isRunning(), qPrintable(m_server->problem()));
    QVERIFY(ask("SELECT 1").ok());
    // An idle connection that the server closed is noticed and made again.
    m_server->psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'");
    QVERIFY(ask("SELECT 1").ok());
}

QTEST_GUILESS_MAIN(TestPostgresClient)
#include "tst_PostgresClient.moc"
