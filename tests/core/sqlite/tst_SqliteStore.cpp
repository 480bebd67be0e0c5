// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/sqlite/StoreTestSupport.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include <QCoroTask>
#include <sqlite3.h>

#include <future>

using namespace lathe;
using namespace lathe::test;

class TestSqliteStore : public StoreFixture
{
    Q_OBJECT

private Q_SLOTS:
    void writeThenRead()
    {
        auto store = newStore(newPath());
        QVERIFY(!store->isReadOnly());
        auto task = store->write(inserting(7));
        QVERIFY(!task.isReady());
        QCOMPARE(store->pendingWrites(), 1);
        QVERIFY(QCoro::waitFor(task).ok());
        QCOMPARE(store->pendingWrites(), 0);
        QCOMPARE(number(store->reader(), "SELECT n FROM row"), 7);
        const auto seen = std::make_shared<qint64>(0);
        QThread *const mainThread = QThread::currentThread();
        auto readTask = store->read(
            [seen, mainThread](Database &db) -> Result<void> {
                if (QThread::currentThread() == mainThread)
                    return Error(ErrorKind::Internal, QStringLiteral("on the main thread"));
                *seen = number(db, "SELECT sum(n) FROM row");
                return {};
            },
            {});
        QVERIFY(QCoro::waitFor(readTask).ok());
        QCOMPARE(*seen, 7);
        QVERIFY(QCoro::waitFor(store->read([](Database &db) { return insertRow(db, 8, 0); }, {})).error().kind
                == ErrorKind::ProjectFile); // the reader only reads
        QVERIFY(!store->reader().exec("DELETE FROM row").ok());
    }
    void settings()
    {
        auto store = newStore(newPath());
        QCOMPARE(text(store->reader(), "PRAGMA journal_mode"), QStringLiteral("wal"));
        const auto found = std::make_shared<QString>();
        auto task = store->write([found](Database &db) -> Result<void> {
            *found = text(db, "PRAGMA journal_mode") + text(db, "PRAGMA synchronous") + text(db, "PRAGMA foreign_keys");
            return {};
        });
        QVERIFY(QCoro::waitFor(task).ok());
        QCOMPARE(*found, QStringLiteral("wal11"));
    }
    void worksRunInOrderInFewTransactions()
    {
        static std::atomic<int> commits;
        commits = 0;
        auto opened = SqliteStore::open(newPath(), Mode::Create, [](Database &db) {
            auto made = db.exec("CREATE TABLE log(id INTEGER PRIMARY KEY AUTOINCREMENT, n)");
            sqlite3_commit_hook(db.handle(), [](void *) -> int { ++commits; return 0; }, nullptr);
            return made;
        });
        QVERIFY(opened.ok());
        auto &store = *opened;
        const auto log = std::make_shared<Log>();
        std::vector<Task<>> tasks;
        Gate gate;
        store->post(gate.work());
        gate.waitEntered();
        constexpr int count = 3000;
        for (int i = 0; i < count; ++i) {
            const SqliteStore::Work work = [i](Database &db) {
                auto stmt = db.prepare(QByteArrayLiteral("INSERT INTO log(n) VALUES(?)"));
                return stmt ? stmt->bind(1, i).run() : Result<void>(stmt.error());
            };
            if (i % 3)
                store->post(work);
            else
                tasks.push_back(note(store->write(work), QString::number(i), log));
        }
        gate.open();
        QVERIFY(QCoro::waitFor(store->flush()).ok());
        QCOMPARE(log->ended.size(), count / 3);
        for (int i = 0; i < count; i += 3)
            QCOMPARE(log->ended[i / 3], QString::number(i) + QStringLiteral("=ok"));
        QCOMPARE(number(store->reader(), "SELECT count(*) FROM log"), count);
        QCOMPARE(number(store->reader(), "SELECT count(*) FROM log WHERE id != n + 1"), 0);
        QVERIFY2(commits >= 3 && commits < count / 10, qPrintable(QString::number(commits))); // at most 1000 works each
    }
    void failingWorkUndoesOnlyItself_data()
    {
        QTest::addColumn<QString>("works"); // o: fine, s: SQL error after an insert, e: error of its own after an insert
        QTest::addColumn<QString>("outcome");
        QTest::addColumn<bool>("gated"); // all behind a work that takes its time: one transaction for sure
        QTest::addColumn<int>("repeated"); // every how many works one may run twice; 0: none
        for (const int repeated : {0, 1, 2}) {
            for (const bool gated : {false, true}) {
                const QByteArray how = QByteArray(gated ? "together" : "as they come") + (repeated == 0   ? ", savepoints"
                                                                                          : repeated == 1 ? ", repeated"
                                                                                                          : ", mixed");
                QTest::addRow("middle, %s", how.constData()) << "oso" << "ok invalid_input ok" << gated << repeated;
                QTest::addRow("own error, %s", how.constData()) << "oeo" << "ok denied ok" << gated << repeated;
                QTest::addRow("first, %s", how.constData()) << "soo" << "invalid_input ok ok" << gated << repeated;
                QTest::addRow("last, %s", how.constData()) << "oos" << "ok ok invalid_input" << gated << repeated;
                QTest::addRow("throws, %s", how.constData()) << "oto" << "ok internal ok" << gated << repeated;
                QTest::addRow("many, %s", how.constData())
                    << "esosteo" << "denied invalid_input ok invalid_input internal denied ok" << gated << repeated;
                QTest::addRow("several after good ones, %s", how.constData())
                    << "ooesoeo" << "ok ok denied invalid_input ok denied ok" << gated << repeated;
                QTest::addRow("all, %s", how.constData()) << "ses" << "invalid_input denied invalid_input" << gated << repeated;
                QTest::addRow("alone, %s", how.constData()) << "s" << "invalid_input" << gated << repeated;
            }
        }
    }
    void failingWorkUndoesOnlyItself()
    {
        QFETCH(QString, works);
        QFETCH(QString, outcome);
        auto store = newStore(newPath());
        QVERIFY(QCoro::waitFor(store->write(inserting(100))).ok());
        const auto log = std::make_shared<Log>();
        QFETCH(bool, gated);
        QFETCH(int, repeated);
        Gate gate;
        if (gated) {
            const SqliteStore::Work once = [work = gate.work(), ran = std::make_shared<bool>(false)](Database &db) {
                return std::exchange(*ran, true) ? Result<void>() : work(db);
            };
            store->post(once, repeated ? SqliteStore::Undo::Repeat : SqliteStore::Undo::Savepoint);
            gate.waitEntered();
        }
        std::vector<Task<>> tasks;
        QString expected;
        for (int i = 0; i < works.size(); ++i) {
            const QChar kind = works[i];
            const SqliteStore::Work work = [kind, i](Database &db) -> Result<void> {
                if (auto one = insertRow(db, 1 + i, 0); !one)
                    return one;
                if (kind == QLatin1Char('s'))
                    return insertRow(db, 100, 0);
                if (kind == QLatin1Char('e'))
                    return Error(ErrorKind::Denied, QStringLiteral("No."));
                if (kind == QLatin1Char('t'))
                    throw std::runtime_error("thrown");
                return {};
            };
            const bool mayRepeat = repeated > 0 && i % repeated == 0;
            auto written = store->write(work, mayRepeat ? SqliteStore::Undo::Repeat : SqliteStore::Undo::Savepoint);
            tasks.push_back(note(std::move(written), QString::number(i), log));
            if (kind == QLatin1Char('o'))
                expected += QString::number(1 + i) + QLatin1Char(',');
        }
        if (gated)
            gate.open();
        QVERIFY(QCoro::waitFor(store->flush()).ok());
        QStringList got;
        for (const QString &entry : log->ended)
            got.append(entry.section(QLatin1Char('='), 1));
        QCOMPARE(got.join(QLatin1Char(' ')), outcome);
        QCOMPARE(text(store->reader(), "SELECT ifnull(group_concat(n || ',', ''), '') FROM row WHERE n < 100"), expected);
    }
    // A batch lasts 8 ms at most, which a busy machine may take from it between two works: then they are not one batch, and it is tried again.
    void failingCommitFailsItsBatchOnly()
    {
        const auto exec = [](const char *sql) { return [sql](Database &db) { return db.exec(sql); }; };
        const QString oneBatch = QStringLiteral("gate=invalid_input innocent=invalid_input guilty=invalid_input wrong=invalid_input");
        QString outcome;
        for (int attempt = 0; attempt < 200 && outcome != oneBatch; ++attempt) {
            auto opened = SqliteStore::open(newPath(), Mode::Create, [](Database &db) {
                return db.exec("CREATE TABLE a(id INTEGER PRIMARY KEY); CREATE TABLE b(a REFERENCES a(id) DEFERRABLE INITIALLY DEFERRED)");
            });
            QVERIFY(opened.ok());
            auto &store = *opened;
            const auto log = std::make_shared<Log>();
            Gate gate;
            auto gateTask = note(store->write(gate.work()), QStringLiteral("gate"), log);
            gate.waitEntered(); // its transaction takes the others in
            auto a = note(store->write(exec("INSERT INTO a VALUES(1)")), QStringLiteral("innocent"), log);
            auto b = note(store->write(exec("INSERT INTO b VALUES(99)")), QStringLiteral("guilty"), log);
            auto c = note(store->write(exec("SELECT nosuch")), QStringLiteral("wrong"), log);
            gate.open();
            QCoro::waitFor(c);
            outcome = log->all();
            QVERIFY2(outcome.endsWith(QStringLiteral("guilty=invalid_input wrong=invalid_input")), qPrintable(outcome));
            QCOMPARE(number(store->reader(), "SELECT count(*) FROM a"), outcome.contains(QStringLiteral("innocent=ok")) ? 1 : 0); // what is told is true
            QVERIFY(QCoro::waitFor(store->write(exec("INSERT INTO a VALUES(2)"))).ok()); // and the store goes on
            QCOMPARE(number(store->reader(), "SELECT max(id) FROM a"), 2);
        }
        QCOMPARE(outcome, oneBatch);
    }
    void workThatEndsTheTransactionIsABugNotACrash()
    {
        auto store = newStore(newPath());
        QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(QStringLiteral("Lathe bug")));
        const auto result = QCoro::waitFor(store->write([](Database &db) { return db.exec("COMMIT"); }));
        QVERIFY(!result.ok());
        QCOMPARE(result.error().kind, ErrorKind::Internal);
        QVERIFY(QCoro::waitFor(store->write(inserting(1))).ok());
        // One that rolls back by itself fails alone.
        QVERIFY(!QCoro::waitFor(store->write([](Database &db) -> Result<void> {
                     (void)insertRow(db, 5, 0);
                     (void)db.exec("ROLLBACK");
                     return Error(ErrorKind::Denied, QStringLiteral("No."));
                 })).ok());
        QCOMPARE(number(store->reader(), "SELECT count(*) FROM row"), 1);
    }
    void nestedTransactionInAWork()
    {
        auto store = newStore(newPath());
        auto task = store->write([](Database &db) -> Result<void> {
            {
                Transaction lost(db);
                if (auto begun = lost.begin(); !begun)
                    return begun;
                if (auto one = insertRow(db, 1, 0); !one)
                    return one;
            }
            Transaction kept(db);
            if (auto begun = kept.begin(); !begun)
                return begun;
            if (auto two = insertRow(db, 2, 0); !two)
                return two;
            return kept.commit();
        });
        QVERIFY(QCoro::waitFor(task).ok());
        QCOMPARE(text(store->reader(), "SELECT group_concat(n) FROM row"), QStringLiteral("2"));
    }
    void postedErrorsGoToTheHandlerOnTheMainThread()
    {
        auto store = newStore(newPath());
        QStringList said;
        QThread *thread = nullptr;
        store->setErrorHandler([&](const Error &error) {
            said.append(error.message);
            thread = QThread::currentThread();
        });
        store->post(inserting(1));
        store->post([](Database &) -> Result<void> { return Error(ErrorKind::Denied, QStringLiteral("Nothing doing.")); });
        store->post(inserting(2));
        QVERIFY(QCoro::waitFor(store->flush()).ok());
        QCOMPARE(said, QStringList{QStringLiteral("Nothing doing.")});
        QCOMPARE(thread, QThread::currentThread());
        QCOMPARE(number(store->reader(), "SELECT count(*) FROM row"), 2);
        store->setErrorHandler({});
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("Writing failed: Nothing doing")));
        store->post([](Database &) -> Result<void> { return Error(ErrorKind::Denied, QStringLiteral("Nothing doing.")); });
        QVERIFY(QCoro::waitFor(store->flush()).ok());
    }
    void flushWaitsForAllBefore()
    {
        auto store = newStore(newPath());
        auto idle = store->flush();
        QVERIFY(idle.isReady()); // nothing to wait for
        for (int i = 1; i <= 2500; ++i)
            store->post(inserting(i));
        auto flushed = store->flush();
        QVERIFY(!flushed.isReady());
        QVERIFY(QCoro::waitFor(flushed).ok());
        QCOMPARE(number(store->reader(), "SELECT count(*) FROM row"), 2500);
        QCOMPARE(store->pendingWrites(), 0);
    }
    void largeBlob()
    {
        const QString path = newPath();
        QByteArray big(48 * 1024 * 1024, 'z');
        big[7] = 0;
        {
            auto store = newStore(path);
            auto task = store->write([big](Database &db) -> Result<void> {
                auto stmt = db.prepare("INSERT INTO row(n, v) VALUES(1, ?)");
                if (!stmt)
                    return stmt.error();
                return stmt->bindBlob(1, big).run();
            });
            QVERIFY(QCoro::waitFor(task).ok());
        }
        auto store = newStore(path);
        auto stmt = store->reader().prepare("SELECT v FROM row");
        QVERIFY(stmt->step().valueOr(false));
        QVERIFY(stmt->bytes(0) == big);
    }

    // --- Reading
    void readFails()
    {
        auto store = newStore(newPath());
        const auto result = QCoro::waitFor(store->read([](Database &db) { return db.exec("SELECT nosuch"); }, {}));
        QCOMPARE(result.error().kind, ErrorKind::InvalidInput);
        const auto thrown = QCoro::waitFor(store->read([](Database &) -> Result<void> { throw std::runtime_error("x"); }, {}));
        QCOMPARE(thrown.error().kind, ErrorKind::Internal);
    }
    void readSeesOneState()
    {
        auto store = newStore(newPath());
        QVERIFY(QCoro::waitFor(store->write(inserting(1))).ok());
        const auto counts = std::make_shared<std::pair<qint64, qint64>>();
        std::promise<void> looked, written;
        auto reading = store->read(
            [&looked, &written, counts](Database &db) -> Result<void> {
                counts->first = number(db, "SELECT count(*) FROM row");
                looked.set_value();
                written.get_future().wait();
                counts->second = number(db, "SELECT count(*) FROM row");
                return {};
            },
            {});
        looked.get_future().wait();
        QVERIFY(QCoro::waitFor(store->write(inserting(2))).ok()); // a reader never holds up the writer
        written.set_value();
        QVERIFY(QCoro::waitFor(reading).ok());
        QCOMPARE(counts->first, 1);
        QCOMPARE(counts->second, 1);
        QCOMPARE(number(store->reader(), "SELECT count(*) FROM row"), 2);
    }
    void readDeadline()
    {
        auto store = newStore(newPath());
        auto task = store->read(
            [](Database &db) -> Result<void> {
                db.setDeadline(50);
                auto stmt = db.prepare(endless);
                return stmt ? stmt->run() : Result<void>(stmt.error());
            },
            {});
        QCOMPARE(QCoro::waitFor(task).error().kind, ErrorKind::Timeout);
        QTest::qWait(60);
        QVERIFY(QCoro::waitFor(store->read([](Database &db) { return db.exec("SELECT 1"); }, {})).ok()); // is not inherited
    }
    void cancelRead()
    {
        auto store = newStore(newPath());
        CancelSource already;
        already.cancel();
        auto never = store->read([](Database &) -> Result<void> { return {}; }, already.token());
        QVERIFY(never.isReady());
        QCOMPARE(QCoro::waitFor(never).error().kind, ErrorKind::Cancelled);

        const auto log = std::make_shared<Log>();
        const auto ended = std::make_shared<std::atomic<int>>(0);
        const auto queuedRan = std::make_shared<std::atomic<bool>>(false);
        const auto started = std::make_shared<std::promise<void>>();
        CancelSource running, queued;
        auto a = note(store->read(
                          [ended, started](Database &db) -> Result<void> {
                              started->set_value();
                              auto stmt = db.prepare(endless);
                              const auto first = stmt->run();
                              const auto second = stmt->run(); // the stop holds for all of the work
                              *ended = first.ok() || second.ok() ? 2 : 1;
                              return {};
                          },
                          running.token()),
                      QStringLiteral("running"), log);
        auto b = note(store->read(
                          [queuedRan](Database &) -> Result<void> {
                              *queuedRan = true;
                              return {};
                          },
                          queued.token()),
                      QStringLiteral("queued"), log);
        auto c = note(store->read([](Database &db) { return db.exec("SELECT 1"); }, {}), QStringLiteral("after"), log);
        started->get_future().wait();
        QTest::qWait(20);
        QVERIFY(log->ended.isEmpty());
        queued.cancel();
        QCOMPARE(log->all(), QStringLiteral("queued=cancelled")); // at once
        running.cancel();
        QCOMPARE(log->all(), QStringLiteral("queued=cancelled running=cancelled"));
        QCoro::waitFor(c);
        QCOMPARE(log->all(), QStringLiteral("queued=cancelled running=cancelled after=ok"));
        QCOMPARE(ended->load(), 1);
        QVERIFY(!*queuedRan);
    }
    void cancelManyReadsAtRandomMoments()
    {
        auto store = newStore(newPath());
        QRandomGenerator random(5);
        for (int i = 0; i < 150; ++i) {
            const auto log = std::make_shared<Log>();
            CancelSource source;
            auto task = note(store->read(
                                 [](Database &db) -> Result<void> {
                                     auto stmt = db.prepare(endless);
                                     return stmt ? stmt->run() : Result<void>(stmt.error());
                                 },
                                 source.token()),
                             QStringLiteral("r"), log);
            QThread::usleep(random.bounded(600));
            source.cancel();
            QCOMPARE(log->all(), QStringLiteral("r=cancelled"));
            // A cancel that comes late must not hit the next read.
            QVERIFY(QCoro::waitFor(store->read([](Database &db) { return db.exec("SELECT 1"); }, {})).ok());
        }
    }

    // --- Opening and closing
    void openErrors()
    {
        const QString garbage = newPath();
        QFile f(garbage);
        QVERIFY(f.open(QIODevice::WriteOnly));
        f.write(QByteArray(5000, 'g'));
        f.close();
        for (const Mode mode : {Mode::ReadOnly, Mode::ReadWrite, Mode::Create}) {
            const auto store = SqliteStore::open(garbage, mode, {});
            QVERIFY(!store.ok());
            QVERIFY(store.error().message.contains(QLatin1String("is not a Lathe project")));
        }
        QVERIFY(!SqliteStore::open(newPath(), Mode::ReadWrite, {}).ok());
        QVERIFY(!SqliteStore::open(newPath(), Mode::ReadOnly, {}).ok());
        const auto refused = SqliteStore::open(newPath(), Mode::Create, [](Database &) -> Result<void> {
            return Error(ErrorKind::NewerFile, QStringLiteral("Too new."));
        });
        QCOMPARE(refused.error().kind, ErrorKind::NewerFile);
    }
    void oneFileIsLeft()
    {
        const QString path = newPath();
        {
            auto store = newStore(path);
            store->post(inserting(1));
            QVERIFY(QCoro::waitFor(store->read([](Database &db) { return db.exec("SELECT 1"); }, {})).ok());
            QVERIFY(filesOf(path).size() >= 2); // -wal while open
        }
        QCOMPARE(filesOf(path), QStringList{QFileInfo(path).fileName()});
        {
            auto reading = SqliteStore::open(path, Mode::ReadOnly, {});
            QVERIFY(reading.ok());
            QCOMPARE(number((*reading)->reader(), "SELECT count(*) FROM row"), 1);
            QVERIFY(QCoro::waitFor((*reading)->read([](Database &db) { return db.exec("SELECT 1"); }, {})).ok());
        }
        QCOMPARE(filesOf(path), QStringList{QFileInfo(path).fileName()});
        auto first = newStore(path);
        auto second = newStore(path);
        QVERIFY(QCoro::waitFor(first->write(inserting(2))).ok());
        first.reset();
        QVERIFY(QCoro::waitFor(second->write(inserting(3))).ok());
        second.reset();
        QCOMPARE(filesOf(path), QStringList{QFileInfo(path).fileName()});
    }
    void readOnlyStore()
    {
        const QString path = newPath();
        QVERIFY(QCoro::waitFor(newStore(path)->write(inserting(1))).ok());
        auto opened = SqliteStore::open(path, Mode::ReadOnly, [](Database &) -> Result<void> {
            return Error(ErrorKind::Internal, QStringLiteral("is not called"));
        });
        QVERIFY(opened.ok());
        auto &store = *opened;
        QVERIFY(store->isReadOnly());
        QCOMPARE(store->path(), path);
        QCOMPARE(number(store->reader(), "SELECT count(*) FROM row"), 1);
        auto task = store->write(inserting(2));
        QVERIFY(task.isReady());
        const auto result = QCoro::waitFor(task);
        QCOMPARE(result.error().kind, ErrorKind::ProjectFile);
        QVERIFY(result.error().message.startsWith(path + QStringLiteral(" is open for reading only")));
        QStringList said;
        store->setErrorHandler([&](const Error &error) { said.append(error.message); });
        store->post(inserting(3));
        QCOMPARE(said, QStringList{result.error().message});
        QVERIFY(QCoro::waitFor(store->flush()).ok());
        QCOMPARE(store->pendingWrites(), 0);
        // Beside a store that writes, it sees each commit.
        auto writer = newStore(path);
        QVERIFY(QCoro::waitFor(writer->write(inserting(4))).ok());
        QCOMPARE(number(store->reader(), "SELECT count(*) FROM row"), 2);
    }
    void closingFinishesWritesAndStopsReads()
    {
        const QString path = newPath();
        const auto log = std::make_shared<Log>();
        auto store = newStore(path);
        for (int i = 1; i <= 5000; ++i)
            store->post(inserting(i));
        auto w = note(store->write(inserting(6000)), QStringLiteral("write"), log);
        auto r = note(store->read(
                          [](Database &db) -> Result<void> {
                              auto stmt = db.prepare(endless);
                              return stmt ? stmt->run() : Result<void>(stmt.error());
                          },
                          {}),
                      QStringLiteral("read"), log);
        auto q = note(store->read([](Database &) -> Result<void> { return {}; }, {}), QStringLiteral("queued"), log);
        QElapsedTimer time;
        time.start();
        store.reset();
        QVERIFY(time.elapsed() < 120'000);
        QVERIFY(w.isReady() && r.isReady() && q.isReady());
        QCOMPARE(log->all(), QStringLiteral("read=cancelled queued=cancelled write=ok"));
        QCOMPARE(filesOf(path).size(), 1);
        QCOMPARE(number(newStore(path)->reader(), "SELECT count(*) FROM row"), 5001);
        QCoreApplication::processEvents(); // nothing stale comes in
    }
    void storeDeletedByTheOneWhoWaits()
    {
        const QString path = newPath();
        const auto log = std::make_shared<Log>();
        auto store = newStore(path);
        const auto closeAfter = [](std::unique_ptr<SqliteStore> *mine, Task<Result<void>> task) -> Task<> {
            static_cast<void>(co_await task);
            mine->reset();
        };
        Gate gate;
        auto gateTask = store->write(gate.work());
        gate.waitEntered();
        auto a = closeAfter(&store, store->write(inserting(1)));
        auto b = note(store->write(inserting(2)), QStringLiteral("second"), log);
        gate.open();
        QTRY_VERIFY_WITH_TIMEOUT(!store, 30'000);
        QCOMPARE(log->all(), QStringLiteral("second=ok"));
        auto other = newStore(path);
        QCOMPARE(number(other->reader(), "SELECT count(*) FROM row"), 2);
        auto c = closeAfter(&other, other->read([](Database &) -> Result<void> { return {}; }, {}));
        QTRY_VERIFY_WITH_TIMEOUT(!other, 30'000);
    }
    void workAskedForWhileClosingIsRefused()
    {
        auto store = newStore(newPath());
        SqliteStore *raw = store.get();
        const auto log = std::make_shared<Log>();
        const auto writeMore = [](SqliteStore *s, Task<Result<void>> task, std::shared_ptr<Log> l) -> Task<> {
            static_cast<void>(co_await task);
            auto work = inserting(9);
            co_await note(s->write(std::move(work)), QStringLiteral("late"), l);
        };
        auto task = writeMore(raw, raw->write(inserting(1)), log);
        store.reset();
        QCOMPARE(log->all(), QStringLiteral("late=cancelled"));
    }
};

QTEST_GUILESS_MAIN(TestSqliteStore)
#include "tst_SqliteStore.moc"
