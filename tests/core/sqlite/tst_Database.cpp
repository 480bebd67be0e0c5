// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/sqlite/SqliteTestSupport.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/resource.h>

#include <csignal>
#include <thread>

using namespace lathe;
using namespace lathe::test;

class TestDatabase : public QObject
{
    Q_OBJECT
    QTemporaryDir m_dir;
    QString file(const char *name) { return m_dir.filePath(QString::fromLatin1(name)); }

    void makeFile(const QString &path, int rows, const char *journal = "wal")
    {
        auto db = Database::open(path, Mode::Create);
        QVERIFY(db.ok());
        QVERIFY((*db)->exec(QByteArray("PRAGMA journal_mode=").append(journal).constData()).ok());
        QVERIFY((*db)->exec("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)").ok());
        Transaction all(**db);
        QVERIFY(all.begin().ok());
        auto insert = (*db)->prepare("INSERT INTO t(v) VALUES(?)");
        QVERIFY(insert.ok());
        for (int i = 0; i < rows; ++i) {
            insert->bind(1, QString(200, QLatin1Char('x')));
            QVERIFY(insert->run().ok());
        }
        QVERIFY(all.commit().ok());
    }

private Q_SLOTS:
    // Bound bytes are not copied: they must live as long as the statement may read them, whatever happens to the caller's.
    void boundBytesOutliveTheirCaller()
    {
        auto db = Database::openMemory();
        QVERIFY(db.ok());
        QVERIFY((*db)->exec("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b BLOB)").ok());
        const QByteArray sql = QByteArrayLiteral("INSERT INTO t(a, b) VALUES(?,?)");
        {
            auto first = (*db)->prepare(sql);
            QVERIFY(first.ok());
            QByteArray changed = QByteArray("before").repeated(50);
            first->bindText(1, changed).bindBlob(2, QByteArray("temporary").repeated(50));
            changed.fill('x');
            Statement moved(std::move(*first));
            QVERIFY(moved.run().ok());
            for (int i = 0; i < 1000; ++i) { // bound again and again, only the last counts
                moved.bindText(1, QByteArray::number(i).repeated(30)).bindBlob(2, QByteArray());
                if (i % 100 == 0)
                    QVERIFY(moved.run().ok());
            }
            char raw[] = "nobody's";
            moved.bindText(1, QByteArray::fromRawData(raw, 8));
            raw[0] = 'X';
            QVERIFY(moved.run().ok());
        }
        auto rows = (*db)->prepare("SELECT a, b FROM t ORDER BY id");
        QVERIFY(rows.ok() && *rows->step());
        QCOMPARE(rows->bytes(0), QByteArray("before").repeated(50));
        QCOMPARE(rows->bytes(1), QByteArray("temporary").repeated(50));
        for (int i = 0; i < 1000; i += 100) {
            QVERIFY(*rows->step());
            QCOMPARE(rows->bytes(0), QByteArray::number(i).repeated(30));
            QVERIFY(rows->isNull(1));
        }
        QVERIFY(*rows->step());
        QCOMPARE(rows->bytes(0), QByteArray("nobody's"));
        auto again = (*db)->prepare(sql); // from the cache, unbound
        QVERIFY(again.ok() && again->run().ok());
        QVERIFY(again->bindText(1, "x").run().ok());
        auto last = (*db)->prepare("SELECT count(*) FROM t WHERE a IS NULL");
        QVERIFY(last.ok() && *last->step());
        QCOMPARE(last->int64(0), 1);
    }
    void statementsFromManyTextsAreDropped()
    {
        auto db = Database::openMemory();
        QVERIFY(db.ok());
        auto held = (*db)->prepare("SELECT 'held'");
        QVERIFY(held.ok());
        for (int i = 0; i < 1000; ++i) {
            auto made = (*db)->prepare("SELECT " + QByteArray::number(i));
            QVERIFY(made.ok() && *made->step());
            QCOMPARE(made->int64(0), i);
        }
        QVERIFY(*held->step());
        QCOMPARE(held->bytes(0), QByteArray("held"));
        auto again = (*db)->prepare("SELECT 'held'"); // a second one of the same text while the first is out
        QVERIFY(again.ok() && *again->step());
        QCOMPARE(again->bytes(0), QByteArray("held"));
    }
    void valuesComeBackAsTheyWent()
    {
        auto db = memoryDatabase();
        QVERIFY(db->exec("CREATE TABLE t(a, b, c, d, e, f, g)").ok());
        const QString text = QStringLiteral("Gr\u00fc\u00dfe \U0001F600") + QChar(0) + QStringLiteral("after NUL");
        const QByteArray blob("\x00\x01\xff\x00", 4);
        auto in = db->prepare("INSERT INTO t VALUES(?,?,?,?,?,?,?)");
        QVERIFY(in.ok());
        in->bindAll(std::numeric_limits<qint64>::min(), 0.1, text, QString(), true);
        in->bindBlob(6, blob).bindText(7, "raw");
        QVERIFY(in->run().ok());
        QCOMPARE(db->changes(), 1);
        QCOMPARE(db->lastInsertId(), 1);
        in->reset();
        in->bindAll(0, 0.0, QStringLiteral(""), QString(), false);
        in->bindBlob(6, QByteArray("")).bindBlob(7, QByteArray());
        QVERIFY(in->run().ok());

        auto out = db->prepare("SELECT * FROM t ORDER BY rowid");
        QVERIFY(out.ok());
        QVERIFY(out->isReadOnly());
        QVERIFY(!in->isReadOnly());
        QCOMPARE(out->columnCount(), 7);
        QCOMPARE(out->columnName(2), QStringLiteral("c"));
        QVERIFY(out->step().valueOr(false));
        QCOMPARE(out->int64(0), std::numeric_limits<qint64>::min());
        QCOMPARE(out->real(1), 0.1);
        QCOMPARE(out->text(2), text);
        QVERIFY(out->isNull(3) && out->text(3).isNull() && out->bytes(3).isNull() && !out->value(3).isValid());
        QCOMPARE(out->int64(4), 1);
        QCOMPARE(out->bytes(5), blob);
        QCOMPARE(out->value(5), QVariant(blob));
        QCOMPARE(out->value(6), QVariant(QStringLiteral("raw")));
        QCOMPARE(out->bytes(6), QByteArray("raw"));
        QVERIFY(out->step().valueOr(false));
        QVERIFY(!out->text(2).isNull() && out->text(2).isEmpty());
        QVERIFY(!out->bytes(5).isNull() && out->bytes(5).isEmpty());
        QVERIFY(out->isNull(6));
        QVERIFY(!out->step().valueOr(true));
    }
    void invalidUtf8BecomesReplacement()
    {
        auto db = memoryDatabase();
        auto stmt = db->prepare("SELECT CAST(x'41ff42' AS TEXT)");
        QVERIFY(stmt->step().valueOr(false));
        QCOMPARE(stmt->text(0), QStringLiteral("A\uFFFDB"));
    }
    void textOfUtf16FilesIsUtf8()
    {
        auto db = memoryDatabase();
        QVERIFY(db->exec("PRAGMA encoding='UTF-16le'; CREATE TABLE t(v); INSERT INTO t VALUES('h\xc3\xa9')").ok());
        auto stmt = db->prepare("SELECT v FROM t");
        QVERIFY(stmt->step().valueOr(false));
        QCOMPARE(stmt->bytes(0), QByteArray("h\xc3\xa9"));
    }
    void largeBlob()
    {
        auto db = memoryDatabase();
        QVERIFY(db->exec("CREATE TABLE t(v)").ok());
        QByteArray big(64 * 1024 * 1024, 'z');
        big[big.size() - 1] = '!';
        auto in = db->prepare("INSERT INTO t VALUES(?)");
        in->bindBlob(1, big);
        QVERIFY(in->run().ok());
        auto out = db->prepare("SELECT v FROM t");
        QVERIFY(out->step().valueOr(false));
        QCOMPARE(out->bytes(0), big);
    }
    void twoLiveStatementsOfTheSameText()
    {
        auto db = memoryDatabase();
        QVERIFY(db->exec("CREATE TABLE t(v); INSERT INTO t VALUES(1),(2),(3)").ok());
        const QByteArray sql = "SELECT v FROM t WHERE v >= ? ORDER BY v";
        auto a = db->prepare(sql);
        auto b = db->prepare(sql);
        a->bind(1, 1);
        b->bind(1, 2);
        QVERIFY(a->step().valueOr(false));
        QVERIFY(b->step().valueOr(false));
        QCOMPARE(a->int64(0), 1);
        QCOMPARE(b->int64(0), 2);
        QVERIFY(a->step().valueOr(false));
        QCOMPARE(a->int64(0), 2);
    }
    void cachedStatementsComeBackClean()
    {
        auto db = memoryDatabase();
        const QByteArray sql = "SELECT ?1, ?2";
        {
            auto first = db->prepare(sql);
            first->bind(1, 7).bind(2, 8).bind(9, 9); // the last is out of range
            QVERIFY(!first->step().ok());
        }
        auto again = db->prepare(sql);
        again->bind(2, 5);
        QVERIFY(again->step().valueOr(false));
        QVERIFY(again->isNull(0));
        QCOMPARE(again->int64(1), 5);
        for (int i = 0; i < 2000; ++i) // more texts than the cache keeps
            QCOMPARE(one(*db, "SELECT " + QByteArray::number(i)), QVariant(qint64(i)));
    }
    void cacheSurvivesSchemaChanges()
    {
        auto db = memoryDatabase();
        QVERIFY(db->exec("CREATE TABLE t(v); INSERT INTO t VALUES(1)").ok());
        QCOMPARE(one(*db, "SELECT * FROM t"), QVariant(qint64(1)));
        QVERIFY(db->exec("ALTER TABLE t ADD w; UPDATE t SET w = 2").ok());
        auto stmt = db->prepare("SELECT * FROM t");
        QVERIFY(stmt->step().valueOr(false));
        QCOMPARE(stmt->columnCount(), 2);
        QCOMPARE(stmt->int64(1), 2);
    }
    void bindingOutOfRangeIsAnError()
    {
        auto db = memoryDatabase();
        auto stmt = db->prepare("SELECT ?");
        stmt->bind(2, 1);
        const auto row = stmt->step();
        QVERIFY(!row.ok());
        QCOMPARE(row.error().kind, ErrorKind::InvalidInput);
        stmt->reset();
        stmt->bind(1, 1);
        QVERIFY(stmt->step().valueOr(false));
    }
    void wrongSqlIsSaidInSqlitesWords()
    {
        auto db = memoryDatabase();
        auto error = failure(*db, "SELECT * FRM t");
        QVERIFY(error);
        QCOMPARE(error->kind, ErrorKind::InvalidInput);
        QCOMPARE(error->message, QStringLiteral("The SQL cannot be run: near \"FRM\": syntax error (character 10)."));
        error = failure(*db, "SELECT nosuch");
        QVERIFY(error && error->message.contains(QLatin1String("no such column: nosuch")));
        for (const QByteArray &empty : {QByteArray(""), QByteArray("  "), QByteArray("-- only words\n"), QByteArray("/* open"),
                                        QByteArray(";")}) {
            error = failure(*db, empty);
            QVERIFY2(error && error->kind == ErrorKind::InvalidInput && isSentence(error->message), empty.constData());
        }
        QVERIFY(failure(*db, QByteArray("SELECT 1\0; DELETE", 17)));
        QVERIFY(!db->exec("CREATE TABLE t(v); SELEC 1").ok());
    }
    void onlyOneStatementAtATime()
    {
        auto db = memoryDatabase();
        QVERIFY(db->exec("CREATE TABLE t(v); INSERT INTO t VALUES(1)").ok());
        for (const QByteArray &two : {QByteArray("SELECT 1; DELETE FROM t"), QByteArray("SELECT 1;\n-- x\nDELETE FROM t"),
                                      QByteArray("SELECT 1 /* ; */; /* */ DELETE FROM t"), QByteArray("SELECT 1; x")}) {
            const auto error = failure(*db, two);
            QVERIFY2(error && error->kind == ErrorKind::InvalidInput, two.constData());
        }
        QCOMPARE(one(*db, "SELECT 1; -- the end"), QVariant(qint64(1)));
        QCOMPARE(one(*db, "SELECT 1 ; /* the end */ ;\n"), QVariant(qint64(1)));
        QCOMPARE(one(*db, "SELECT count(*) FROM t"), QVariant(qint64(1)));
    }
    void constraintsAndForeignKeysHold()
    {
        auto db = memoryDatabase();
        QVERIFY(db->exec("CREATE TABLE a(id INTEGER PRIMARY KEY, n TEXT UNIQUE); INSERT INTO a VALUES(1, 'x');"
                         "CREATE TABLE b(a REFERENCES a(id))")
                    .ok());
        auto error = failure(*db, "INSERT INTO a VALUES(2, 'x')");
        QVERIFY(error && error->kind == ErrorKind::InvalidInput);
        QVERIFY(error->message.contains(QLatin1String("UNIQUE constraint failed: a.n")));
        error = failure(*db, "INSERT INTO b VALUES(99)");
        QVERIFY(error && error->message.contains(QLatin1String("FOREIGN KEY")));
    }
    void transactionsRollBackUnlessCommittedAndNest()
    {
        auto db = memoryDatabase();
        QVERIFY(db->exec("CREATE TABLE t(v)").ok());
        {
            Transaction lost(*db);
            QVERIFY(lost.begin().ok());
            QVERIFY(db->inTransaction());
            QVERIFY(db->exec("INSERT INTO t VALUES(1)").ok());
        }
        QVERIFY(!db->inTransaction());
        QCOMPARE(one(*db, "SELECT count(*) FROM t"), QVariant(qint64(0)));
        Transaction outer(*db);
        QVERIFY(outer.begin().ok());
        QVERIFY(db->exec("INSERT INTO t VALUES(1)").ok());
        {
            Transaction inner(*db);
            QVERIFY(inner.begin().ok());
            QVERIFY(db->exec("INSERT INTO t VALUES(2)").ok());
        }
        {
            Transaction inner(*db);
            QVERIFY(inner.begin().ok());
            QVERIFY(db->exec("INSERT INTO t VALUES(3)").ok());
            QVERIFY(inner.commit().ok());
        }
        QVERIFY(outer.commit().ok());
        QCOMPARE(one(*db, "SELECT group_concat(v) FROM t"), QVariant(QStringLiteral("1,3")));
    }

    // --- Files that cannot be used: each a sentence that names the file and what to do.
    void badFiles_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("says");
        QTest::newRow("missing") << "missing" << "There is no file";
        QTest::newRow("folder") << "folder" << "is a folder";
        QTest::newRow("no folder") << "nofolder" << "does not exist";
        QTest::newRow("garbage") << "garbage" << "is not a Lathe project (or any SQLite database)";
        QTest::newRow("short garbage") << "short" << "is not a Lathe project (or any SQLite database)";
        QTest::newRow("text") << "text" << "is not a Lathe project (or any SQLite database)";
        QTest::newRow("truncated") << "truncated" << "is damaged";
        QTest::newRow("header only") << "header" << "is damaged";
    }
    void badFiles()
    {
        QFETCH(QString, what);
        QFETCH(QString, says);
        const QString path = what == QLatin1String("nofolder") ? file("none/x.lathe") : m_dir.filePath(what + QStringLiteral(".lathe"));
        QFile f(path);
        if (what == QLatin1String("folder")) {
            QVERIFY(QDir().mkpath(path));
        } else if (what == QLatin1String("garbage")) {
            QVERIFY(f.open(QIODevice::WriteOnly));
            f.write(QByteArray(100'000, '\x5a'));
        } else if (what == QLatin1String("short")) {
            QVERIFY(f.open(QIODevice::WriteOnly));
            f.write("x");
        } else if (what == QLatin1String("text")) {
            QVERIFY(f.open(QIODevice::WriteOnly));
            f.write(QByteArray("{\"name\": \"not a database\"}\n").repeated(500));
        } else if (what == QLatin1String("truncated") || what == QLatin1String("header")) {
            makeFile(path, 500);
            QVERIFY(QFile::resize(path, what == QLatin1String("header") ? 4096 : 8192 + 100));
        }
        f.close();
        const qint64 size = QFileInfo(path).size();
        QList<Mode> modes{Mode::ReadOnly, Mode::ReadWrite};
        if (what != QLatin1String("missing"))
            modes.append(Mode::Create);
        for (const Mode mode : modes) {
            const auto db = Database::open(path, mode);
            QVERIFY(!db.ok());
            QCOMPARE(db.error().kind, ErrorKind::ProjectFile);
            QVERIFY2(db.error().message.contains(says), qPrintable(db.error().message));
            QVERIFY2(db.error().message.contains(path), qPrintable(db.error().message));
            QVERIFY(isSentence(db.error().message));
            QVERIFY(db.error().cause.contains(QLatin1String("SQLite error")));
        }
        QCOMPARE(QFileInfo(path).size(), size); // left as it was
        if (says.contains(QLatin1String("damaged")))
            QVERIFY(Database::open(path, Mode::ReadOnly).error().message.contains(QLatin1String("lathe-cli doctor")));
    }
    void damageFoundWhileReading()
    {
        const QString path = file("damaged.lathe");
        makeFile(path, 2000);
        QFile f(path);
        QVERIFY(f.open(QIODevice::ReadWrite));
        f.seek(4096 * 2);
        f.write(QByteArray(4096 * 20, '\xee'));
        f.close();
        auto db = Database::open(path, Mode::ReadOnly);
        QVERIFY(db.ok());
        const auto error = failure(**db, "SELECT sum(length(v)) FROM t");
        QVERIFY(error);
        QCOMPARE(error->kind, ErrorKind::ProjectFile);
        QVERIFY2(error->message.contains(QLatin1String("is damaged: database disk image is malformed; run lathe-cli doctor")),
                 qPrintable(error->message));
    }
    void everyTruncationIsAnErrorOrReadable()
    {
        const QString path = file("cut.lathe");
        makeFile(path, 300);
        QFile whole(path);
        QVERIFY(whole.open(QIODevice::ReadOnly));
        const QByteArray bytes = whole.readAll();
        whole.close();
        int refused = 0;
        for (qsizetype size = 1; size < bytes.size(); size += 1021) {
            QFile cut(path);
            QVERIFY(cut.open(QIODevice::WriteOnly));
            cut.write(bytes.first(size));
            cut.close();
            auto db = Database::open(path, Mode::ReadWrite);
            if (db && !failure(**db, "SELECT count(v) FROM t"))
                continue;
            ++refused;
            if (!db)
                QCOMPARE(db.error().kind, ErrorKind::ProjectFile);
        }
        QVERIFY(refused > 10);
    }
    void namesThatLookLikeSomethingElse()
    {
        for (const char *name : {"file:x?mode=memory", ":memory:", "a%20b?.lathe", "-x.lathe"}) {
            const QString path = m_dir.path() + QLatin1Char('/') + QLatin1String(name);
            auto db = Database::open(path, Mode::Create);
            QVERIFY2(db.ok(), name);
            QVERIFY((*db)->exec("CREATE TABLE t(v)").ok());
            QCOMPARE((*db)->path(), path);
            QVERIFY2(QFileInfo(path).size() > 0, name);
        }
        const QString old = QDir::currentPath();
        QDir::setCurrent(m_dir.path());
        auto db = Database::open(QStringLiteral("file:rel.lathe"), Mode::Create);
        QDir::setCurrent(old);
        QVERIFY(db.ok());
        QVERIFY(QFileInfo::exists(file("file:rel.lathe")));
        QVERIFY(!Database::open(QString(), Mode::Create).ok());
        QVERIFY(!Database::open(QStringLiteral("a") + QChar(0) + QStringLiteral("b"), Mode::Create).ok());
    }

    // --- Reading only
    void readOnlyConnectionRefusesWrites()
    {
        const QString path = file("ro.lathe");
        makeFile(path, 3);
        auto db = Database::open(path, Mode::ReadOnly);
        QVERIFY(db.ok());
        QCOMPARE(one(**db, "SELECT count(*) FROM t"), QVariant(qint64(3)));
        const auto error = failure(**db, "DELETE FROM t");
        QVERIFY(error);
        QCOMPARE(error->kind, ErrorKind::ProjectFile);
        QCOMPARE(error->message, path + QStringLiteral(" is read-only; make it writable or work on a copy."));
        db = Error();
        QCOMPARE(QDir(m_dir.path()).entryList({QStringLiteral("ro.lathe*")}), QStringList{QStringLiteral("ro.lathe")});
    }
    void readOnlyDisk()
    {
        SmallDisk disk("size=4m");
        if (!disk.isMounted())
            QSKIP("needs the right to mount");
        const QString path = disk.filePath(QStringLiteral("p.lathe"));
        makeFile(path, 5);
        QVERIFY(disk.makeReadOnly());
        auto reading = Database::open(path, Mode::ReadOnly); // a WAL file whose -shm cannot be made
        QVERIFY2(reading.ok(), reading.ok() ? "" : qPrintable(reading.error().message));
        QCOMPARE(one(**reading, "SELECT count(*) FROM t"), QVariant(qint64(5)));
        QVERIFY(failure(**reading, "DELETE FROM t"));
        for (const Mode mode : {Mode::ReadWrite, Mode::Create}) {
            const auto writing = Database::open(path, mode);
            QVERIFY(!writing.ok());
            QCOMPARE(writing.error().kind, ErrorKind::ProjectFile);
            QVERIFY2(writing.error().message.contains(QLatin1String("read-only")), qPrintable(writing.error().message));
        }
        const auto fresh = Database::open(disk.filePath(QStringLiteral("new.lathe")), Mode::Create);
        QVERIFY(!fresh.ok());
        QVERIFY2(fresh.error().message.contains(QLatin1String("is read-only; choose another folder")),
                 qPrintable(fresh.error().message));
    }

    // --- Full disks
    void fullDisk()
    {
        SmallDisk disk("size=300k");
        if (!disk.isMounted())
            QSKIP("needs the right to mount");
        const QString path = disk.filePath(QStringLiteral("p.lathe"));
        makeFile(path, 5, "delete");
        auto db = Database::open(path, Mode::ReadWrite);
        QVERIFY(db.ok());
        const auto error = failure(**db, "INSERT INTO t(v) VALUES(randomblob(1000000))");
        QVERIFY(error);
        QCOMPARE(error->kind, ErrorKind::ProjectFile);
        QCOMPARE(error->message, QStringLiteral("The disk that holds %1 is full; free some space and try again. "
                                                "Nothing already saved is lost.").arg(path));
        QVERIFY(!failure(**db, "INSERT INTO t(v) VALUES('small')"));
        QCOMPARE(one(**db, "SELECT count(*) FROM t"), QVariant(qint64(6)));
        QCOMPARE(one(**db, "PRAGMA integrity_check"), QVariant(QStringLiteral("ok")));
    }
    void pageLimitCountsAsFullDisk()
    {
        auto db = memoryDatabase();
        QVERIFY(db->exec("CREATE TABLE t(v); PRAGMA max_page_count=20").ok());
        const auto error = failure(*db, "INSERT INTO t VALUES(zeroblob(1000000))");
        QVERIFY(error);
        QCOMPARE(error->kind, ErrorKind::ProjectFile);
        QVERIFY(error->message.contains(QLatin1String("is full")));
    }
    void fileSizeLimitCountsAsFullDisk()
    {
        const QString path = file("limit.lathe");
        makeFile(path, 5);
        auto db = Database::open(path, Mode::ReadWrite);
        QVERIFY(db.ok());
        rlimit old{};
        getrlimit(RLIMIT_FSIZE, &old);
        auto *handler = std::signal(SIGXFSZ, SIG_IGN);
        rlimit small = old;
        small.rlim_cur = 200'000;
        setrlimit(RLIMIT_FSIZE, &small);
        const auto error = failure(**db, "INSERT INTO t(v) VALUES(randomblob(1000000))");
        setrlimit(RLIMIT_FSIZE, &old);
        std::signal(SIGXFSZ, handler);
        QVERIFY(error);
        QCOMPARE(error->kind, ErrorKind::ProjectFile);
        QVERIFY2(error->message.contains(QLatin1String("is full")), qPrintable(error->message));
        QVERIFY(!failure(**db, "INSERT INTO t(v) VALUES(randomblob(1000000))"));
    }

    // --- Locks, stops, deadlines
    void lockedByAnother()
    {
        const QString path = file("locked.lathe");
        makeFile(path, 1);
        auto holder = Database::open(path, Mode::ReadWrite);
        auto waiter = Database::open(path, Mode::ReadWrite);
        QVERIFY((*holder)->exec("BEGIN IMMEDIATE").ok());
        (*waiter)->setDeadline(100);
        QElapsedTimer time;
        time.start();
        auto error = failure(**waiter, "INSERT INTO t(v) VALUES('x')");
        QVERIFY(error);
        QCOMPARE(error->kind, ErrorKind::Timeout); // the deadline also ends the wait for a lock
        QVERIFY(time.elapsed() < 120'000);
        (*waiter)->setDeadline(0);
        time.restart();
        error = failure(**waiter, "INSERT INTO t(v) VALUES('x')");
        QVERIFY(error);
        QCOMPARE(error->kind, ErrorKind::ProjectFile);
        QVERIFY2(error->message.startsWith(QStringLiteral("Another program is writing to ") + path), qPrintable(error->message));
        QVERIFY2(time.elapsed() >= 4900 && time.elapsed() < 120'000, qPrintable(QString::number(time.elapsed())));
        std::thread release([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(150));
            (void)(*holder)->exec("COMMIT");
        });
        time.restart();
        QVERIFY(!failure(**waiter, "INSERT INTO t(v) VALUES('x')")); // gets in as soon as the lock is free
        release.join();
        QVERIFY(time.elapsed() < 120'000);
    }
    void interruptFromAnotherThread()
    {
        auto db = memoryDatabase();
        QElapsedTimer time;
        time.start();
        std::thread stopper([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            db->interrupt();
        });
        const auto error = failure(*db, endless);
        stopper.join();
        QVERIFY(error);
        QCOMPARE(error->kind, ErrorKind::Cancelled);
        QVERIFY(time.elapsed() < 120'000);
        QCOMPARE(one(*db, "SELECT 1"), QVariant(qint64(1))); // and the connection goes on
    }
    void interruptEndsTheWaitForALock()
    {
        const QString path = file("wait.lathe");
        makeFile(path, 1);
        auto holder = Database::open(path, Mode::ReadWrite);
        auto waiter = Database::open(path, Mode::ReadWrite);
        QVERIFY((*holder)->exec("BEGIN IMMEDIATE").ok());
        std::thread stopper([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            (*waiter)->interrupt();
        });
        QElapsedTimer time;
        time.start();
        const auto error = failure(**waiter, "INSERT INTO t(v) VALUES('x')");
        stopper.join();
        QVERIFY(error);
        QCOMPARE(error->kind, ErrorKind::Cancelled);
        QVERIFY(time.elapsed() < 120'000);
    }
    void deadline()
    {
        auto db = memoryDatabase();
        db->setDeadline(60);
        QElapsedTimer time;
        time.start();
        auto error = failure(*db, endless);
        QVERIFY(error);
        QCOMPARE(error->kind, ErrorKind::Timeout);
        QVERIFY(error->message.contains(QLatin1String("60 ms")) && isSentence(error->message));
        QVERIFY(time.elapsed() >= 55 && time.elapsed() < 120'000);
        error = failure(*db, "SELECT 1"); // the limit is over: nothing more runs
        QVERIFY(error && error->kind == ErrorKind::Timeout);
        db->setDeadline(10'000);
        QVERIFY(!failure(*db, "SELECT 1"));
        db->setDeadline(0);
        QVERIFY(!failure(*db, "SELECT 1"));
    }
};

QTEST_GUILESS_MAIN(TestDatabase)
#include "tst_Database.moc"
