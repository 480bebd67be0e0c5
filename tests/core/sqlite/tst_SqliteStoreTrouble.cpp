// SPDX-License-Identifier: GPL-3.0-or-later
// A store among other programs, on full, closed and locked disks, and killed at any moment.
#include "tests/core/sqlite/StoreTestSupport.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QRandomGenerator>
#include <QSet>
#include <QTest>
#include <QThread>

#include <QCoroTask>

#include <unistd.h>

using namespace lathe;
using namespace lathe::test;

namespace {
// ThreadSanitizer of clang 16 stops with a failed check of its own when QProcess calls clone().
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LATHE_TSAN
#endif
#endif
#ifdef LATHE_TSAN
constexpr bool canStartPrograms = false;
#else
constexpr bool canStartPrograms = true;
#endif

// --- What child processes do

void say(qint64 n)
{
    const QByteArray line = QByteArray::number(n) + '\n';
    if (::write(STDOUT_FILENO, line.constData(), size_t(line.size())) != line.size())
        ::_exit(3);
}

// Prints each number once its row is reported as written. `step` lanes share the numbers.
Task<> writeForever(SqliteStore *store, qint64 from, qint64 step, qint64 count)
{
    for (qint64 i = 0; i < count; ++i) {
        const qint64 n = from + i * step;
        auto work = inserting(n, step);
        const auto written = co_await store->write(std::move(work));
        if (!written) {
            std::fprintf(stderr, "%s (%s)\n", qPrintable(written.error().message), qPrintable(written.error().cause));
            ::_exit(4);
        }
        say(n);
    }
}

int childMain(const QStringList &arguments)
{
    const QString job = arguments.at(1);
    auto opened = openStore(arguments.at(2));
    if (!opened) {
        std::fprintf(stderr, "%s\n", qPrintable(opened.error().message));
        return 2;
    }
    auto store = std::move(*opened);
    if (job == QLatin1String("--forever")) {
        const qint64 first = number(store->reader(), "SELECT ifnull(max(n), 0) + 1 FROM row");
        std::vector<Task<>> lanes;
        for (int lane = 0; lane < 3; ++lane)
            lanes.push_back(writeForever(store.get(), first + lane, 3, 1'000'000'000));
        for (auto &lane : lanes)
            QCoro::waitFor(lane);
    } else if (job == QLatin1String("--count")) {
        QCoro::waitFor(writeForever(store.get(), arguments.at(3).toLongLong(), 1, arguments.at(4).toLongLong()));
    } else if (job == QLatin1String("--flood")) {
        QElapsedTimer time;
        time.start();
        qint64 n = 1'000'000;
        say(0);
        while (!QFile::exists(arguments.at(2) + QStringLiteral(".enough")) && time.elapsed() < 120'000) {
            for (int i = 0; i < 3000; ++i)
                store->post(inserting(++n, 9));
            if (!QCoro::waitFor(store->flush()))
                return 5;
        }
        say(n - 1'000'000);
    }
    return 0;
}
}

class TestSqliteStoreTrouble : public StoreFixture
{
    Q_OBJECT

private Q_SLOTS:
    void lockHeldByAnotherProgram()
    {
        const QString path = newPath();
        auto store = newStore(path);
        auto other = Database::open(path, Mode::ReadWrite);
        QVERIFY((*other)->exec("BEGIN IMMEDIATE; INSERT INTO row(n) VALUES(50)").ok());
        const auto log = std::make_shared<Log>();
        QElapsedTimer time;
        time.start();
        auto a = store->write(inserting(1));
        const auto result = QCoro::waitFor(a);
        QVERIFY(time.elapsed() >= 4900 && time.elapsed() < 120'000);
        QCOMPARE(result.error().kind, ErrorKind::ProjectFile);
        QVERIFY2(result.error().message.startsWith(QStringLiteral("Another program is writing to ") + path),
                 qPrintable(result.error().message));
        auto b = store->write(inserting(2));
        QTest::qWait(100);
        QCOMPARE(number(store->reader(), "SELECT count(*) FROM row"), 0); // reading goes on meanwhile
        QVERIFY((*other)->exec("COMMIT").ok());
        QVERIFY(QCoro::waitFor(b).ok());
        QCOMPARE(text(store->reader(), "SELECT group_concat(n) FROM row"), QStringLiteral("2,50"));
    }
    void fullDiskThenSpaceAgain()
    {
        SmallDisk disk("size=1500k");
        if (!disk.isMounted())
            QSKIP("needs the right to mount");
        const QString path = disk.filePath(QStringLiteral("p.lathe"));
        QFile ballast(disk.filePath(QStringLiteral("ballast")));
        QVERIFY(ballast.open(QIODevice::WriteOnly));
        QVERIFY(ballast.write(QByteArray(600'000, 'b')) == 600'000 && ballast.flush());
        auto store = newStore(path);
        QVERIFY(QCoro::waitFor(store->write(inserting(1))).ok());
        const SqliteStore::Work big = [](Database &db) { return db.exec("INSERT INTO row(v) VALUES(randomblob(900000))"); };
        const auto log = std::make_shared<Log>();
        Gate gate;
        auto g = note(store->write(gate.work()), QStringLiteral("gate"), log);
        gate.waitEntered();
        auto a = note(store->write(inserting(10)), QStringLiteral("innocent"), log);
        auto b = store->write(big);
        auto c = note(store->write(inserting(11)), QStringLiteral("later"), log);
        gate.open();
        const auto result = QCoro::waitFor(b);
        QVERIFY(!result.ok());
        QCOMPARE(result.error().kind, ErrorKind::ProjectFile);
        QCOMPARE(result.error().message, QStringLiteral("The disk that holds %1 is full; free some space and try again. "
                                                        "Nothing already saved is lost.").arg(path));
        QVERIFY(QCoro::waitFor(store->flush()).ok());
        // What was reported is what is there, whoever shared the failing transaction.
        QCOMPARE(log->ended.size(), 3);
        const bool innocent = log->ended.contains(QStringLiteral("innocent=ok"));
        const bool later = log->ended.contains(QStringLiteral("later=ok"));
        QCOMPARE(number(store->reader(), "SELECT count(*) FROM row WHERE n = 10"), innocent ? 1 : 0);
        QCOMPARE(number(store->reader(), "SELECT count(*) FROM row WHERE n = 11"), later ? 1 : 0);
        QCOMPARE(number(store->reader(), "SELECT count(*) FROM row WHERE n = 1"), 1);
        QVERIFY(ballast.remove());
        QVERIFY(QCoro::waitFor(store->write(inserting(12))).ok());
        QCOMPARE(number(store->reader(), "SELECT count(*) FROM row WHERE n = 12"), 1);
        store.reset();
        auto again = newStore(path);
        QCOMPARE(text(again->reader(), "PRAGMA integrity_check"), QStringLiteral("ok"));
        QCOMPARE(number(again->reader(), "SELECT count(*) FROM row WHERE n IN (1, 12)"), 2);
    }
    void readOnlyDisk()
    {
        SmallDisk disk("size=4m");
        if (!disk.isMounted())
            QSKIP("needs the right to mount");
        const QString path = disk.filePath(QStringLiteral("p.lathe"));
        QVERIFY(QCoro::waitFor(newStore(path)->write(inserting(1))).ok());
        QVERIFY(disk.makeReadOnly());
        const auto writing = SqliteStore::open(path, Mode::ReadWrite, {});
        QVERIFY(!writing.ok());
        QVERIFY2(writing.error().message.contains(QLatin1String("is read-only")), qPrintable(writing.error().message));
        auto reading = SqliteStore::open(path, Mode::ReadOnly, {});
        QVERIFY2(reading.ok(), reading.ok() ? "" : qPrintable(reading.error().message));
        QCOMPARE(number((*reading)->reader(), "SELECT count(*) FROM row"), 1);
        QVERIFY(QCoro::waitFor((*reading)->read([](Database &db) { return db.exec("SELECT * FROM row"); }, {})).ok());
    }
    void killedAtRandomMoments()
    {
        if (!canStartPrograms)
            QSKIP("not under ThreadSanitizer");
        const QString path = newPath();
        QRandomGenerator random(11);
        QSet<qint64> promised;
        for (int round = 0; round < 30; ++round) {
            QProcess child;
            child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
            child.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--forever"), path});
            QVERIFY(child.waitForReadyRead(20'000));
            QThread::usleep(random.bounded(40'000));
            child.kill(); // SIGKILL
            QVERIFY(child.waitForFinished(20'000));
            QCOMPARE(child.exitStatus(), QProcess::CrashExit);
            const QByteArray out = child.readAllStandardOutput();
            const auto lines = out.left(out.lastIndexOf('\n') + 1).split('\n');
            for (const QByteArray &line : lines) {
                if (!line.isEmpty())
                    promised.insert(line.toLongLong());
            }
            auto db = Database::open(path, Mode::ReadOnly); // plays back what the log holds
            QVERIFY2(db.ok(), db.ok() ? "" : qPrintable(db.error().message));
            QSet<qint64> there;
            auto stmt = (*db)->prepare("SELECT n FROM row");
            QVERIFY(stmt.ok());
            while (stmt->step().valueOr(false))
                there.insert(stmt->int64(0));
            QVERIFY2(there.contains(promised), qPrintable(QStringLiteral("round %1: %2 of %3 promised rows are missing")
                         .arg(round).arg((promised - there).size()).arg(promised.size())));
        }
        QVERIFY(promised.size() > 100);
        auto store = newStore(path);
        QCOMPARE(text(store->reader(), "PRAGMA integrity_check"), QStringLiteral("ok"));
        store.reset();
        QCOMPARE(filesOf(path).size(), 1);
        qInfo("%d rows promised in 30 rounds, all there", int(promised.size()));
    }
    void twoProgramsLoseNothing()
    {
        if (!canStartPrograms)
            QSKIP("not under ThreadSanitizer");
        const QString path = newPath();
        QProcess a, b; // both make the file
        a.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        b.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        a.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--count"), path, QStringLiteral("100000"), QStringLiteral("1500")});
        b.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--count"), path, QStringLiteral("200000"), QStringLiteral("1500")});
        auto store = newStore(path);
        QVERIFY(store);
        for (int i = 1; i <= 500; ++i) {
            const auto result = QCoro::waitFor(store->write(inserting(i)));
            QVERIFY2(result.ok(), result.ok() ? "" : qPrintable(result.error().message));
        }
        // waitForFinished() is false for a program that the event loop has seen ending already
        QVERIFY(a.state() == QProcess::NotRunning || a.waitForFinished(60'000));
        QVERIFY(b.state() == QProcess::NotRunning || b.waitForFinished(60'000));
        QCOMPARE(a.exitCode(), 0);
        QCOMPARE(b.exitCode(), 0);
        QCOMPARE(number(store->reader(), "SELECT count(*) FROM row"), 3500);
        QCOMPARE(text(store->reader(), "PRAGMA integrity_check"), QStringLiteral("ok"));
        store.reset();
        QCOMPARE(filesOf(path).size(), 1);
    }
    void busyProgramLeavesRoomForAnother()
    {
        if (!canStartPrograms)
            QSKIP("not under ThreadSanitizer");
        const QString path = newPath();
        auto store = newStore(path);
        QProcess flood;
        flood.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        flood.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--flood"), path});
        QVERIFY(flood.waitForReadyRead(20'000));
        QElapsedTimer each;
        qint64 longest = 0, n = 0;
        while (n < 20) {
            each.start();
            const auto result = QCoro::waitFor(store->write(inserting(++n)));
            QVERIFY2(result.ok(), result.ok() ? "" : qPrintable(result.error().message));
            longest = std::max(longest, each.elapsed());
        }
        QCOMPARE(flood.state(), QProcess::Running); // all the while
        QFile enough(path + QStringLiteral(".enough"));
        QVERIFY(enough.open(QIODevice::WriteOnly));
        QVERIFY(flood.waitForFinished(60'000));
        QCOMPARE(flood.exitCode(), 0);
        const qint64 flooded = flood.readAllStandardOutput().trimmed().split('\n').last().toLongLong();
        qInfo("%lld writes beside %lld of a busy program; the longest took %lld ms", n, flooded, longest);
        QVERIFY(flooded > 0);
        QCOMPARE(number(store->reader(), "SELECT count(*) FROM row"), n + flooded);
    }
};

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    if (arguments.size() > 2 && arguments.at(1).startsWith(QLatin1String("--")))
        return childMain(arguments);
    TestSqliteStoreTrouble test;
    QTEST_SET_MAIN_SOURCE_PATH
    return QTest::qExec(&test, argc, argv);
}
#include "tst_SqliteStoreTrouble.moc"
