// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/SqlScan.h"

#include <QElapsedTimer>
#include <QTest>

using namespace lathe;

// Whether it agrees with the databases themselves, on random texts: tst_SqlWrite, tst_PostgresClient.
class TestSqlScan : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void statements_data();
    void statements();
    void firstWord_data();
    void firstWord();
    void hostile();
};

void TestSqlScan::statements_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<int>("postgres");
    QTest::addColumn<int>("sqlite");
    const auto add = [](const char *sql, int postgres, int sqlite) { QTest::newRow(sql) << QByteArray(sql) << postgres << sqlite; };
    add("", 0, 0);
    add(" \t\r\n\f\v", 0, 0);
    add(";;; ;", 0, 0);
    add("-- only; a; comment", 0, 0);
    add("/* only; a; comment */ ;", 0, 0);
    add("/* open; ", 0, 0);
    add("SELECT 1", 1, 1);
    add("SELECT 1;", 1, 1);
    add("; SELECT 1 ;;; -- done;\n /* ; */ ;", 1, 1);
    add("SELECT 1; SELECT 2", 2, 2);
    add("INSERT INTO t VALUES ('x'); DROP TABLE t", 2, 2);
    add("SELECT 1; 'x'", 2, 2);
    add("SELECT 1;)", 2, 2);
    add("SELECT 1; SELECT 2; SELECT 3; SELECT 4", 2, 2);
    // texts and names
    add("SELECT ';'", 1, 1);
    add("SELECT 'it''s; fine'", 1, 1);
    add("SELECT ''';'", 1, 1);
    add("SELECT ''';'';'", 1, 1);
    add("SELECT '''; DELETE FROM t", 1, 1);
    add("SELECT ''; DELETE FROM t", 2, 2);
    add("SELECT '\\'; DELETE FROM t --'", 2, 2); // no escape in a plain text
    add("SELECT \";\"", 1, 1);
    add("SELECT \"a\"\";\"\"b\"", 1, 1);
    add("SELECT \"a'\"; DELETE FROM t --'", 2, 2);
    add("SELECT 'a\"'; DELETE FROM t --\"", 2, 2);
    add("SELECT `;`", 2, 1);
    add("SELECT [;]", 2, 1);
    add("SELECT [a'; DELETE FROM t]'", 1, 1);
    add("SELECT a[1]; DELETE FROM t", 2, 2);
    add("SELECT 'open; SELECT 2", 1, 1);
    add("SELECT \"open; SELECT 2", 1, 1);
    // E''
    add("SELECT E'\\'; DELETE FROM t --'", 1, 2);
    add("SELECT e'\\\\'; DELETE FROM t --'", 2, 2);
    add("SELECT E'it''s; \\';'", 1, 2);
    add("SELECT nameE'\\'; DELETE FROM t --'", 2, 2); // the name's own letter
    add("SELECT E 'x\\'; DELETE FROM t --'", 2, 2);
    add("SELECT E'a'\n'\\'; b'", 1, 2);
    add("SELECT E'a' -- why\n  -- not\r '\\'; b'", 1, 1);
    add("SELECT E'a' '\\'; b'", 2, 2); // not on another line
    add("SELECT 'a'\n'\\'; b'", 2, 2);
    add("SELECT E'open \\", 1, 1);
    add("SELECT E'open \\'; x", 1, 2);
    add("SELECT U&'\\'; DELETE FROM t --'", 2, 2);
    add("SELECT B'1'; SELECT X'1'", 2, 2);
    // dollar quotes
    add("SELECT $$;$$", 1, 2);
    add("SELECT $a$ ; $b$ ; $$ ; $a$", 1, 2);
    add("SELECT $a$ ; $A$ ; DELETE", 1, 2);
    add("SELECT $$ ' $$; DELETE FROM t --'", 2, 1);
    add("DO $do$ BEGIN DELETE FROM t; END $do$;", 1, 2);
    add("SELECT a$$; DELETE FROM t; --$$", 2, 2); // belongs to the name
    add("SELECT $1; SELECT $2", 2, 2);
    add("SELECT $1$$;$$", 1, 2);
    add("SELECT $1a$; DELETE FROM t; $1a$", 2, 2);
    add("SELECT $ä1$ ; $ä1$", 1, 2);
    add("SELECT $a-b$ ; $a-b$", 2, 2);
    add("SELECT $", 1, 1);
    add("SELECT $a", 1, 1);
    // comments
    add("SELECT 1 -- ; DELETE", 1, 1);
    add("SELECT 1 -- x\n; DELETE FROM t", 2, 2);
    add("SELECT 1 -- x\r; DELETE FROM t", 2, 1); // SQLite's line goes on
    add("SELECT 1 /* ; */", 1, 1);
    add("SELECT 1 /* /* */ ; DELETE FROM t -- */", 1, 2);
    add("SELECT 1 /* /* */ */ ; DELETE FROM t", 2, 2);
    add("SELECT 1 /* '*/; DELETE FROM t --'", 2, 2);
    add("SELECT 1 /*/ ; */", 1, 1);
    add("SELECT '--'; DELETE FROM t", 2, 2);
    add("SELECT 1 - - 1; DELETE FROM t", 2, 2);
    add("SELECT 1 +-- ; \n 1", 1, 1);
    // one statement with others in it
    add("CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM u; DELETE FROM v)", 1, 1);
    add("SELECT (1; 2)); DELETE FROM t", 2, 2);
    add("SELECT 1)); DELETE FROM t", 2, 2);
    add("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END", 1, 2);
    add("create or replace procedure f() begin atomic select 1; end; drop table t", 2, 2);
    add("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; DROP TABLE t", 2, 2);
    add("CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM u; SELECT CASE 1 WHEN 1 THEN 2 END; END", 2, 1);
    add("CREATE TEMP TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM u; END; DELETE FROM t", 2, 2);
    add("CREATE TABLE begin_case(a int); DROP TABLE t", 2, 2);
    add("CREATE TABLE function AS SELECT 1; DROP TABLE t", 2, 2);
    add("BEGIN; DELETE FROM t; END", 2, 2);
    add("SELECT 1; CREATE FUNCTION f() BEGIN ATOMIC", 2, 2);
}

void TestSqlScan::statements()
{
    QFETCH(QByteArray, sql);
    QFETCH(int, postgres);
    QFETCH(int, sqlite);
    QCOMPARE(scanSql(sql, SqlDialect::Postgres).statements, postgres);
    QCOMPARE(scanSql(sql, SqlDialect::Sqlite).statements, sqlite);
}

void TestSqlScan::firstWord_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<QByteArray>("postgres");
    QTest::addColumn<QByteArray>("sqlite");
    const auto add = [](const char *sql, const char *postgres, const char *sqlite) { QTest::newRow(sql) << QByteArray(sql) << QByteArray(postgres) << QByteArray(sqlite); };
    add("select 1", "SELECT", "SELECT");
    add("  \n\t( (Select 1))", "SELECT", "SELECT");
    add("-- SELECT\nDELETE FROM x", "DELETE", "DELETE");
    add("-- SELECT\rDELETE FROM x", "DELETE", "");
    add("-- \r SELECT\n DELETE FROM x", "SELECT", "DELETE");
    add("/* SELECT /* nested */ still */ drop table x", "DROP", "STILL");
    add("/* /* */ DELETE FROM x --*/ SELECT", "SELECT", "DELETE");
    add("/* open", "", "");
    add("", "", "");
    add(";select 1", "", "");
    add("\"select\" 1", "", "");
    add("E'select'", "", "E");
    add("$$select$$", "", "");
    add("select1", "SELECT1", "SELECT1");
    add("select$ 1", "SELECT$", "SELECT$");
    add("sel\xC3\xA9" "ct", "SEL\xC3\xA9" "CT", "SEL\xC3\xA9" "CT");
    add("/**/COPY x TO PROGRAM 'id'", "COPY", "COPY");
    add("-- only a comment", "", "");
    add("(((", "", "");
    add("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee", "AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDD", "AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDD");
}

void TestSqlScan::firstWord()
{
    QFETCH(QByteArray, sql);
    QFETCH(QByteArray, postgres);
    QFETCH(QByteArray, sqlite);
    QCOMPARE(scanSql(sql, SqlDialect::Postgres).firstWord, postgres);
    QCOMPARE(scanSql(sql, SqlDialect::Sqlite).firstWord, sqlite);
}

// Long texts that ask for much looking ahead take one pass each.
void TestSqlScan::hostile()
{
    constexpr int many = 2'000'000;
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(scanSql('$' + QByteArray(many, 'a') + '$' + QByteArray(many, 'a') + '$', SqlDialect::Postgres).statements, 1);
    for (const char *part : {"/*", "*/", "'", "\"", "$", "$$", "$a$", "$a", "E'", "E'\\'", "E'a'\n", "E'a' ", "--", "--\n", "(", ")", "[", "\\", ";", "a", "\xFF"}) {
        const QByteArray sql = QByteArray(part).repeated(many / int(qstrlen(part)));
        for (const SqlDialect dialect : {SqlDialect::Postgres, SqlDialect::Sqlite}) {
            const SqlScan scan = scanSql(sql, dialect);
            QVERIFY2(scan.statements <= 1 && scan.firstWord.size() <= 32, part);
        }
    }
    QVERIFY2(timer.elapsed() < 60'000, "it hangs"); // squares of these lengths would take hours
}

QTEST_GUILESS_MAIN(TestSqlScan)
#include "tst_SqlScan.moc"
