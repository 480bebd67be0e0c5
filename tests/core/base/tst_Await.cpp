// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/Await.h"

#include "core/base/Clock.h"
#include "core/base/Mailbox.h"
#include "core/base/Result.h"

#include <QAbstractEventDispatcher>
#include <QElapsedTimer>
#include <QTest>

#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace lathe;
using namespace lathe::test;

namespace {
Task<int> ready(int value)
{
    co_return value;
}

Task<int> when(Completion<int> value)
{
    const int v = co_await value;
    co_return v;
}

// Without a default constructor, and it can not be copied.
struct Odd {
    explicit Odd(int value) : number(std::make_unique<int>(value)) {}
    std::unique_ptr<int> number;
};

Task<Odd> odd(Completion<int> value)
{
    const int v = co_await value;
    co_return Odd(v);
}

Task<Result<void>> slept(Clock *clock, qint64 ms, CancelToken cancel)
{
    auto result = co_await clock->sleep(ms, cancel);
    co_return result;
}
}

// The tool of the other tests: it must give the value, sleep while it waits, and never hang.
class TestAwait : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatIsDoneNeedsNoLoop()
    {
        int events = 0;
        QMetaObject::invokeMethod(this, [&events] { ++events; }, Qt::QueuedConnection);
        QCOMPARE(await(ready(4)), 4);
        QCOMPARE(events, 0);
        QCoreApplication::processEvents();
        QCOMPARE(events, 1);
    }

    void laterByAnEvent()
    {
        Completion<int> later;
        QMetaObject::invokeMethod(this, [later] { later.complete(7); }, Qt::QueuedConnection);
        QCOMPARE(*await(odd(later)).number, 7);
    }

    void laterByAThread()
    {
        Mailbox mailbox;
        Completion<int> later;
        std::thread other([&] { mailbox.post([later] { later.complete(9); }); });
        QCOMPARE(await(when(later)), 9);
        other.join();
    }

    // An await within an await: the inner one comes to its end, the outer one goes on.
    void nested()
    {
        Completion<int> outer;
        QMetaObject::invokeMethod(this, [outer] {
            Completion<int> inner;
            QTimer::singleShot(5, qApp, [inner] { inner.complete(1); });
            outer.complete(await(when(inner)) + 1);
        }, Qt::QueuedConnection);
        QCOMPARE(await(when(outer)), 2);
    }

    void waitingCostsNothing()
    {
        SystemClock clock;
        QElapsedTimer timer;
        timer.start();
        int turns = 0; // of the event loop; by the clock a busy machine could not be told from a spinning loop
        const auto counting = connect(QAbstractEventDispatcher::instance(), &QAbstractEventDispatcher::awake, this, [&turns] { ++turns; });
        QVERIFY(await(slept(&clock, 400, CancelToken())).ok());
        disconnect(counting);
        QVERIFY(timer.elapsed() >= 390);
        QVERIFY2(turns > 0 && turns < 50, qPrintable(QString::number(turns)));
    }

    void cancelledEndsAtOnce()
    {
        SystemClock clock;
        CancelSource stop;
        QTimer::singleShot(5, this, [stop]() mutable { stop.cancel(); });
        QElapsedTimer timer;
        timer.start();
        const auto result = await(slept(&clock, 600'000, stop.token()));
        QCOMPARE(result.error().kind, ErrorKind::Cancelled);
        QVERIFY(timer.elapsed() < 120'000);
    }

    void whatNeverEndsIsFatal()
    {
        const pid_t child = fork();
        if (child == 0) {
            signal(SIGALRM, SIG_DFL);
            alarm(20); // should the guard not come
            signal(SIGABRT, SIG_DFL);
            freopen("/dev/null", "w", stdout);
            freopen("/dev/null", "w", stderr);
            await(when(Completion<int>()), 50);
            _exit(0);
        }
        int status = 0;
        QCOMPARE(waitpid(child, &status, 0), child);
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(WTERMSIG(status), SIGABRT);
    }
};

QTEST_GUILESS_MAIN(TestAwait)
#include "tst_Await.moc"
