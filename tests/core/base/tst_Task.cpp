// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Mailbox.h"
#include "core/base/Task.h"
#include "tests/support/FakeClock.h"

#include <QTest>

#include <thread>

using namespace lathe;

namespace {
Task<int> plusOne(Completion<int> value)
{
    const int v = co_await value;
    co_return v + 1;
}

Task<> readAll(AsyncQueue<int> queue, std::vector<int> *out)
{
    while (auto item = co_await queue.next())
        out->push_back(*item);
    out->push_back(-1);
}

Task<> work(AsyncSemaphore gate, int *running, int *most, Completion<bool> finish)
{
    const auto permit = co_await gate.acquire();
    *most = std::max(*most, ++*running);
    co_await finish;
    --*running;
}

Task<> noteSleep(Clock *clock, qint64 ms, CancelToken cancel, QString *out)
{
    const auto result = co_await clock->sleep(ms, cancel);
    *out = result ? QStringLiteral("slept") : errorKindName(result.error().kind);
}
}

class TestTask : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void completionBeforeAndAfter()
    {
        Completion<int> early;
        early.complete(1);
        QCOMPARE(QCoro::waitFor(plusOne(early)), 2);
        Completion<int> late;
        auto task = plusOne(late);
        QVERIFY(!task.isReady());
        late.complete(5);
        late.complete(6);
        QVERIFY(task.isReady());
        QCOMPARE(QCoro::waitFor(task), 6);
    }
    void queueDeliversInOrderAndCloses()
    {
        AsyncQueue<int> queue;
        std::vector<int> got;
        queue.push(1);
        auto task = readAll(queue, &got);
        queue.push(2);
        queue.push(3);
        queue.close();
        QCOMPARE(got, (std::vector<int>{1, 2, 3, -1}));
    }
    void semaphoreBounds()
    {
        AsyncSemaphore gate(3);
        int running = 0, most = 0;
        std::vector<Completion<bool>> finish(10);
        std::vector<Task<>> tasks;
        for (int i = 0; i < 10; ++i)
            tasks.push_back(work(gate, &running, &most, finish[i]));
        for (auto &f : finish)
            f.complete(true);
        for (auto &task : tasks)
            QVERIFY(task.isReady());
        QCOMPARE(most, 3);
        QCOMPARE(running, 0);
    }
    void sleepEndsByTimeOrCancel()
    {
        test::FakeClock clock;
        CancelSource source;
        QString a, b, c;
        auto ta = noteSleep(&clock, 10, source.token(), &a);
        auto tb = noteSleep(&clock, 20, source.token(), &b);
        clock.advance(15);
        QCOMPARE(a, QStringLiteral("slept"));
        QVERIFY(b.isEmpty());
        source.cancel();
        QCOMPARE(b, QStringLiteral("cancelled"));
        auto tc = noteSleep(&clock, 20, source.token(), &c);
        QCOMPARE(c, QStringLiteral("cancelled"));
    }
    void systemClockSleeps()
    {
        SystemClock clock;
        const qint64 start = clock.nowUs();
        QVERIFY(QCoro::waitFor(clock.sleep(20, {})).ok());
        QVERIFY(clock.nowUs() - start >= 19'000);
    }
    void childSourceFollowsParent()
    {
        CancelSource parent;
        CancelSource child(parent.token());
        int called = 0;
        auto keep = child.token().onCancelled([&] { ++called; });
        {
            auto dropped = child.token().onCancelled([&] { called += 100; });
        }
        parent.cancel();
        QVERIFY(child.isCancelled());
        QCOMPARE(called, 1);
        CancelSource other;
        CancelSource otherChild(other.token());
        otherChild.cancel();
        QVERIFY(!other.isCancelled());
    }
    void mailboxKeepsOrderAcrossThreads()
    {
        Mailbox mailbox;
        std::vector<int> got;
        std::thread thread([&] {
            for (int i = 0; i < 1000; ++i)
                mailbox.post([&got, i] { got.push_back(i); });
        });
        thread.join();
        QTRY_COMPARE_WITH_TIMEOUT(got.size(), size_t(1000), 30'000);
        QVERIFY(std::is_sorted(got.begin(), got.end()));
    }
};

QTEST_GUILESS_MAIN(TestTask)
#include "tst_Task.moc"
