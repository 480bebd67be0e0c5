// SPDX-License-Identifier: GPL-3.0-or-later
// SQL that others wrote (a model, a stranger's file) reads, and does nothing else.
#include "tests/core/sqlite/SqliteTestSupport.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sqlite3.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LATHE_ASAN
#endif
#endif

using namespace lathe;
using namespace lathe::test;

class TestReadingGuard : public QObject
{
    Q_OBJECT
    QTemporaryDir m_dir;
    QString file(const char *name) { return m_dir.filePath(QString::fromLatin1(name)); }
    void makeFile(const QString &path)
    {
        auto db = Database::open(path, Mode::Create);
        QVERIFY(db.ok());
        QVERIFY((*db)->exec("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t(v) VALUES('x'), ('y'), ('z');"
                            "CREATE VIRTUAL TABLE words USING fts5(a); INSERT INTO words VALUES('green apples')")
                    .ok());
    }

private Q_SLOTS:
    void attacks_data()
    {
        QTest::addColumn<QByteArray>("sql");
        const char *const attacks[] = {
            "DELETE FROM t", "INSERT INTO t VALUES(9, 'x')", "UPDATE t SET v = 'x'", "REPLACE INTO t VALUES(1, 'x')",
            "DROP TABLE t", "CREATE TABLE u(v)", "CREATE TEMP TABLE u(v)", "CREATE TEMP TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END",
            "CREATE VIEW w AS SELECT 1", "CREATE TEMP VIEW w AS SELECT 1", "CREATE INDEX i ON t(v)", "ALTER TABLE t ADD x",
            "CREATE VIRTUAL TABLE f USING fts5(a)", "CREATE TABLE u AS SELECT * FROM t", "ANALYZE", "REINDEX", "VACUUM",
            "VACUUM INTO '%1/stolen.db'", "ATTACH '%1/other.db' AS o", "ATTACH ':memory:' AS o", "DETACH main",
            "PRAGMA writable_schema=ON", "PRAGMA writable_schema", "PRAGMA query_only=OFF", "PRAGMA journal_mode=DELETE",
            "PRAGMA user_version=7", "PRAGMA database_list", "PRAGMA data_version=3", "/**/PRAGMA/**/user_version/**/=/**/7",
            "PrAgMa trusted_schema=1", "SELECT * FROM pragma_database_list", "SELECT * FROM pragma_table_info('t')",
            "BEGIN", "COMMIT", "SAVEPOINT s", "RELEASE s", "ROLLBACK",
            "SELECT load_extension('evil.so')", "SELECT LOAD_EXTENSION('evil.so', 'main')", "SELECT \"load_extension\"('evil.so')",
            "SELECT fts3_tokenizer('simple')", "SELECT fts3_tokenizer('simple', x'4141414141414141')",
            "SELECT writefile('%1/out', 'x')", "SELECT readfile('/etc/passwd')", "SELECT edit('x')",
            "SELECT (SELECT load_extension('x')) FROM t", "SELECT * FROM t WHERE v IN (SELECT load_extension(v))",
            "WITH x AS (SELECT 1) DELETE FROM t", "WITH x AS (SELECT 1) INSERT INTO t SELECT 5, 'x' FROM x",
            "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", "DELETE FROM t RETURNING *",
            "EXPLAIN DELETE FROM t", "EXPLAIN QUERY PLAN DELETE FROM t",
            "SELECT 1; DELETE FROM t", "SELECT 1;DELETE FROM t;", "SELECT 1 -- x\n; DELETE FROM t", "SELECT 1 /* x */ ; /* y */ DELETE FROM t",
            "--\nDELETE FROM t", "/* SELECT */ DELETE FROM t", ";DELETE FROM t", "SELECT 1 -- ; \r\n;DELETE FROM t",
            "UPDATE sqlite_schema SET sql = 'x'", "DELETE FROM sqlite_schema", "INSERT INTO sqlite_schema VALUES('table','x','x',0,'x')",
            "INSERT INTO f_data VALUES(1, x'00')", "INSERT INTO words(words) VALUES('delete-all')", "INSERT INTO words(words) VALUES('rebuild')",
            "SELECT sqlite_log(1, 'x')", "SELECT json_patch('{}', '{}')", "UPDATE sqlite_master SET rootpage = 2 WHERE name = 't'",
            "UPDATE sqlite_temp_master SET name = 'x'", "SELECT * FROM t; PRAGMA query_only=OFF; DELETE FROM t",
        };
        for (const char *attack : attacks)
            QTest::newRow(attack) << QByteArray(attack).replace("%1", m_dir.path().toUtf8());
    }
    void attacks()
    {
        QFETCH(QByteArray, sql);
        const QString path = file("attacked.lathe");
        QFile::remove(path);
        makeFile(path);
        QFile before(path);
        QVERIFY(before.open(QIODevice::ReadOnly));
        const QByteArray bytes = before.readAll();
        const QStringList files = QDir(m_dir.path()).entryList();
        {
            // Opened for writing on purpose: the restriction alone must hold.
            auto db = Database::open(path, Mode::ReadWrite);
            QVERIFY(db.ok());
            (*db)->restrictToReading();
            const auto error = failure(**db, sql);
            QVERIFY(error);
            QVERIFY2(error->kind == ErrorKind::Denied || error->kind == ErrorKind::InvalidInput, qPrintable(error->cause));
            QVERIFY(isSentence(error->message));
            QVERIFY(!(*db)->exec(sql.constData()).ok());
            QVERIFY(!(*db)->inTransaction());
            QCOMPARE(one(**db, "SELECT count(*) FROM t"), QVariant(qint64(3))); // still of use
        }
        QFile after(path);
        QVERIFY(after.open(QIODevice::ReadOnly));
        QCOMPARE(after.readAll(), bytes);
        QCOMPARE(QDir(m_dir.path()).entryList(), files);
    }
    void deniedWordsSayWhat()
    {
        auto db = memoryDatabase();
        QVERIFY(db->exec("CREATE TABLE t(v)").ok());
        db->restrictToReading();
        auto error = failure(*db, "PRAGMA writable_schema=1");
        QCOMPARE(error->message, QStringLiteral("This query may only read the database in memory: PRAGMA writable_schema is not allowed."));
        QCOMPARE(error->kind, ErrorKind::Denied);
        error = failure(*db, "DELETE FROM t");
        QVERIFY(error->message.contains(QLatin1String("DELETE from t is not allowed")));
        error = failure(*db, "SELECT load_extension('x')");
        QCOMPARE(error->kind, ErrorKind::Denied);
        QVERIFY2(error->message.contains(QLatin1String("function load_extension is not allowed")), qPrintable(error->message));
    }
    void statementsPreparedBeforeAreRestrictedToo()
    {
        auto db = memoryDatabase();
        QVERIFY(db->exec("CREATE TABLE t(v); INSERT INTO t VALUES(1)").ok());
        auto held = db->prepare("DELETE FROM t");
        QVERIFY(!failure(*db, "DELETE FROM t WHERE v = 77")); // now in the cache
        db->restrictToReading();
        QVERIFY(!held->run().ok());
        QVERIFY(failure(*db, "DELETE FROM t WHERE v = 77"));
        QCOMPARE(one(*db, "SELECT count(*) FROM t"), QVariant(qint64(1)));
    }
    void readingStillWorksWhenRestricted_data()
    {
        QTest::addColumn<QByteArray>("sql");
        QTest::addColumn<QVariant>("result");
        const auto row = [](const char *sql, const QVariant &result) { QTest::newRow(sql) << QByteArray(sql) << result; };
        row("SELECT count(*) FROM t JOIN t AS u USING(v)", qint64(2));
        row("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 100) SELECT sum(i) FROM n", qint64(5050));
        row("SELECT a FROM words WHERE words MATCH 'apples' ORDER BY rank", QStringLiteral("green apples"));
        row("SELECT snippet(words, 0, '[', ']', '', 5) FROM words('green')", QStringLiteral("[green] apples"));
        row("SELECT json_extract('{\"a\":[1,2]}', '$.a[1]')", qint64(2));
        row("SELECT sum(value) FROM json_each('[1,2,3]')", qint64(6));
        row("SELECT v FROM seen", QStringLiteral("Abc"));
        row("SELECT name FROM sqlite_schema WHERE name = 't'", QStringLiteral("t"));
        row("SELECT row_number() OVER (ORDER BY v) FROM t", qint64(1));
        row("SELECT instr('h\xc3\xa9llo', 'l')", qint64(3));
        row("SELECT instr('abc', '')", qint64(1));
        row("SELECT instr('abc', 'z')", qint64(0));
        row("SELECT instr(x'000102', x'02')", qint64(3));
        row("SELECT instr(NULL, 'a')", QVariant());
        row("SELECT instr(12345, 34)", qint64(3));
        row("SELECT replace('banana', 'an', 'AN')", QStringLiteral("bANANa"));
        row("SELECT replace('abc', '', 'x')", QStringLiteral("abc"));
        row("SELECT replace('abc', 'b', NULL)", QVariant());
        row("SELECT replace('aaa', 'a', '')", QStringLiteral(""));
        row("SELECT trim('  x ')", QStringLiteral("x"));
        row("SELECT trim('xyhixx', 'yx')", QStringLiteral("hi"));
        row("SELECT ltrim('\xc3\xa9\xc3\xa9q\xc3\xa9', '\xc3\xa9')", QStringLiteral("q\u00e9"));
        row("SELECT rtrim('abc', '')", QStringLiteral("abc"));
        row("SELECT upper(v) || printf('%03d', 7) FROM t LIMIT 1", QStringLiteral("ABC007"));
        row("EXPLAIN QUERY PLAN SELECT 1", qint64(1));
    }
    void readingStillWorksWhenRestricted()
    {
        QFETCH(QByteArray, sql);
        QFETCH(QVariant, result);
        const QString path = file("read.lathe");
        QFile::remove(path);
        {
            auto writer = Database::open(path, Mode::Create);
            QVERIFY((*writer)->exec("CREATE TABLE t(v); INSERT INTO t VALUES('Abc'), ('def');"
                                    "CREATE VIEW seen AS SELECT v FROM t ORDER BY v;"
                                    "CREATE VIRTUAL TABLE words USING fts5(a); INSERT INTO words VALUES('green apples')")
                        .ok());
        }
        auto db = Database::open(path, Mode::ReadOnly);
        (*db)->restrictToReading();
        const QVariant got = one(**db, sql);
        if (sql.startsWith("EXPLAIN"))
            QVERIFY2(got.typeId() == QMetaType::LongLong, qPrintable(got.toString()));
        else
            QCOMPARE(got, result);
    }
    // Neither of these may hang or eat the machine's memory; SQLite as it comes needs minutes or gigabytes for some.
    void hostileQueriesAreBounded_data()
    {
        QTest::addColumn<QByteArray>("sql");
        const auto row = [](const char *name, const QByteArray &sql) { QTest::newRow(name) << sql; };
        row("endless recursion", endless);
        row("endless rows kept for sorting",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n ORDER BY hex(randomblob(500))");
        row("huge blob", "SELECT zeroblob(900000000)");
#ifndef LATHE_ASAN // SQLite reallocates for each letter, which AddressSanitizer makes a copy of 8 MB
        row("huge text", "SELECT printf('%.*c', 900000000, 'x')");
#endif
        row("doubling", "WITH RECURSIVE n(s) AS (SELECT 'xxxxxxxx' UNION ALL SELECT s || s FROM n) SELECT max(length(s)) FROM n");
        row("quadratic instr", "SELECT instr(replace(hex(zeroblob(1900000)), '0', 'a'), replace(hex(zeroblob(950000)), '0', 'a') || 'b')");
        row("quadratic replace", "SELECT replace(hex(zeroblob(1900000)), hex(zeroblob(950000)) || 'b', 'x')");
        row("quadratic trim", "SELECT length(trim(hex(zeroblob(1900000)), replace(hex(zeroblob(1900000)), '0', 'b') || '0'))");
        row("growing replace", "SELECT replace(hex(zeroblob(1000000)), '0', hex(zeroblob(1000)))");
        row("deep expression", "SELECT " + QByteArray(5000, '(') + "1" + QByteArray(5000, ')'));
        row("long chain", "SELECT 1" + QByteArray("+1").repeated(100'000));
        row("many columns", "SELECT 1" + QByteArray(",1").repeated(50'000));
        row("many compounds", "SELECT 1" + QByteArray(" UNION ALL SELECT 1").repeated(5000));
        row("long statement", "SELECT '" + QByteArray(3'000'000, 'x') + "'");
        row("like with many wildcards", "SELECT hex(zeroblob(1900000)) LIKE '" + QByteArray("%0").repeated(120) + "1'");
        row("glob pattern too long", "SELECT 'x' GLOB '" + QByteArray("*").repeated(40'000) + "'");
        row("group_concat", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT group_concat(hex(zeroblob(100))) FROM n");
        row("json depth", "SELECT json('" + QByteArray(100'000, '[') + QByteArray(100'000, ']') + "')");
    }
    void hostileQueriesAreBounded()
    {
        QFETCH(QByteArray, sql);
        auto db = memoryDatabase();
        db->restrictToReading();
        db->setDeadline(1500);
        QElapsedTimer time;
        time.start();
        const qint64 before = sqlite3_memory_used();
        sqlite3_memory_highwater(1);
        const auto error = failure(*db, sql);
        QVERIFY2(time.elapsed() < 240000, qPrintable(QString::number(time.elapsed())));
        QVERIFY2(sqlite3_memory_highwater(0) - before < 320'000'000, qPrintable(QString::number(sqlite3_memory_highwater(0) - before)));
        if (error)
            QVERIFY2(isSentence(error->message), qPrintable(error->message));
        if (sql == endless)
            QCOMPARE(error->kind, ErrorKind::Timeout);
        db->setDeadline(0);
        QCOMPARE(one(*db, "SELECT 42"), QVariant(qint64(42)));
    }
    void strangersSchemaGetsNoTrust()
    {
        // A file whose view and trigger call functions with effects: reading the view is refused, nothing runs.
        const QString path = file("stranger.lathe");
        sqlite3 *raw = nullptr;
        QCOMPARE(sqlite3_open(qPrintable(path), &raw), SQLITE_OK);
        sqlite3_exec(raw, "CREATE TABLE t(v); INSERT INTO t VALUES(1); CREATE VIEW bad AS SELECT load_extension('evil') FROM t;", nullptr,
                     nullptr, nullptr);
        sqlite3_close(raw);
        auto db = Database::open(path, Mode::ReadWrite);
        QVERIFY(db.ok());
        const auto error = failure(**db, "SELECT * FROM bad");
        QVERIFY(error);
        QVERIFY2(error->message.contains(QLatin1String("unsafe use of load_extension")), qPrintable(error->message));
        const auto schema = failure(**db, "UPDATE sqlite_schema SET sql = 'x'");
        QVERIFY(schema);
        QVERIFY(!(*db)->exec("PRAGMA writable_schema=1; DELETE FROM sqlite_schema").ok());
        // Full-text search kept up by triggers works.
        QVERIFY((*db)->exec("CREATE VIRTUAL TABLE f USING fts5(v); CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO f VALUES(new.v); END;"
                            "INSERT INTO t VALUES('pears')").ok());
        QCOMPARE(one(**db, "SELECT v FROM f WHERE f MATCH 'pears'"), QVariant(QStringLiteral("pears")));
    }
    void memoryLimitSaysSo()
    {
        auto db = memoryDatabase();
        db->restrictToReading();
        QVERIFY(!sqlite3_compileoption_used("DEFAULT_MEMSTATUS=0"));
        const auto error = failure(*db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM "
                                        "(SELECT DISTINCT hex(randomblob(2000)) FROM n)");
        QVERIFY(error);
        QCOMPARE(error->kind, ErrorKind::LimitReached);
        QVERIFY(isSentence(error->message));
    }
};

QTEST_GUILESS_MAIN(TestReadingGuard)
#include "tst_ReadingGuard.moc"
