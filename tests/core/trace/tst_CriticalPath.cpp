// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/CriticalPath.h"
#include "tests/core/trace/TraceRandom.h"

#include <QTest>

#include <ctime>
#include <map>
#include <set>

using namespace lathe;
using namespace lathe::test;

namespace {
// A step's interval as it is defined: with all below it. Asked anew each time, on purpose.
std::pair<qint64, qint64> interval(const Trace &trace, int step)
{
    const Step &s = trace.steps()[size_t(step)];
    std::pair<qint64, qint64> own(s.startUs, std::max(s.startUs, s.endUs));
    for (const int child : s.children) {
        const auto inner = interval(trace, child);
        own = {std::min(own.first, inner.first), std::max(own.second, inner.second)};
    }
    return own;
}

// The rule in words, microsecond by microsecond from the end: what decided the microsecond before `now` in a step?
// The child that ended last, if it ended just now; else one that goes on beyond (the first begun); else the step itself.
void naive(const Trace &trace, int step, qint64 from, qint64 to, std::map<qint64, int> *owner)
{
    const std::vector<int> &children = step < 0 ? trace.roots() : trace.steps()[size_t(step)].children;
    for (qint64 now = to; now > from;) {
        int ended = -1, running = -1;
        for (const int child : children) {
            const auto [begin, end] = interval(trace, child);
            if (begin == end)
                continue;
            const auto current = ended < 0 ? std::pair<qint64, qint64>() : interval(trace, ended);
            // Of equals the one that ends later, then the one that came later.
            if (end == now && (ended < 0 || begin <= current.first))
                ended = child;
            if (end > now && begin < now) {
                const auto best = running < 0 ? std::pair<qint64, qint64>(INT64_MAX, 0) : interval(trace, running);
                if (begin < best.first || (begin == best.first && end >= best.second))
                    running = child;
            }
        }
        if (ended >= 0) {
            const qint64 since = std::max(from, interval(trace, ended).first);
            naive(trace, ended, since, now, owner);
            now = since;
        } else if (running >= 0) {
            qint64 since = now - 1; // until something ended beside it, or it began
            const auto endsAt = [&](int child) { return interval(trace, child).second == since && interval(trace, child).first < since; };
            while (since > from && since > interval(trace, running).first && std::none_of(children.begin(), children.end(), endsAt))
                --since;
            naive(trace, running, since, now, owner);
            now = since;
        } else {
            (*owner)[now - 1] = step;
            --now;
        }
    }
}
} // namespace

class TestCriticalPath : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aKnownRun()
    {
        Script s;
        s.runStarted();
        s.started("1", 100, StepKind::Agent, "agent");
        s.started("1.1", 110, StepKind::Tool, "short");
        s.ended("1.1", 150);
        s.started("1.2", 110, StepKind::Tool, "long");
        s.ended("1.2", 300);
        s.started("1.3", 320, StepKind::Model, "answer");
        s.ended("1.3", 400);
        s.ended("1", 450);
        s.runEnded(460, RunStatus::Done);
        const Trace trace = traceOf(s.events);
        const CriticalPath path = criticalPath(trace);
        QStringList told;
        for (const PathSegment &segment : path.segments) {
            told.append(QStringLiteral("%1 %2-%3")
                            .arg(segment.step < 0 ? QStringLiteral("-") : trace.steps()[size_t(segment.step)].path)
                            .arg(segment.fromUs - t0)
                            .arg(segment.toUs - t0));
        }
        QCOMPARE(told, QStringList({"1 100-110", "1.2 110-300", "1 300-320", "1.3 320-400", "1 400-450", "- 450-460"}));
        QCOMPARE(path.idleBeforeUs, 100);
        QCOMPARE(path.totalUs, 360);
        QCOMPARE(path.longest, QStringLiteral("1.2"));
        QVERIFY(!path.onPath[size_t(trace.indexOf(QStringLiteral("1.1")))]);
        QVERIFY(path.onPath[size_t(trace.indexOf(QStringLiteral("1")))]);
        const TraceTimes times = traceTimes(trace);
        QCOMPARE(times.selfUs[0], 10 + 20 + 50);
    }

    void runsThatStillGoAndEmptyOnes()
    {
        QCOMPARE(criticalPath(Trace()).totalUs, 0);
        Script s;
        s.started("1", 0, StepKind::Agent, "agent");
        s.started("1.1", 10, StepKind::Model, "chat");
        s.delta("1.1", 70, "x");
        const CriticalPath path = criticalPath(traceOf(s.events));
        QCOMPARE(path.totalUs, 70);
        QCOMPARE(path.pathUs[1], 60);
    }

    void agreesWithTheRuleItself_data()
    {
        QTest::addColumn<bool>("clocksDiffer");
        QTest::newRow("one clock") << false;
        QTest::newRow("clocks differ") << true;
    }
    void agreesWithTheRuleItself()
    {
        QFETCH(bool, clocksDiffer);
        std::mt19937 random(11);
        for (int round = 0; round < 400; ++round) {
            RandomShape shape;
            shape.steps = 1 + int(random() % 14);
            shape.clocksDiffer = clocksDiffer;
            const Trace trace = randomTrace(random, shape);
            const TraceTimes times = traceTimes(trace);
            const CriticalPath path = criticalPath(trace, times);

            // Segments follow each other from the first step to the end.
            qint64 began = INT64_MAX;
            for (const int root : trace.roots())
                began = std::min(began, interval(trace, root).first);
            QCOMPARE(path.idleBeforeUs, began - times.firstUs);
            QCOMPARE(path.totalUs, (times.lastUs - times.firstUs) - path.idleBeforeUs);
            qint64 at = began;
            std::map<qint64, int> owner, expected;
            for (const PathSegment &segment : path.segments) {
                QCOMPARE(segment.fromUs, at);
                QVERIFY(segment.toUs > segment.fromUs);
                at = segment.toUs;
                for (qint64 us = segment.fromUs; us < segment.toUs; ++us)
                    owner[us] = segment.step;
            }
            QCOMPARE(at, times.lastUs);
            naive(trace, -1, began, times.lastUs, &expected);
            if (owner != expected)
                QFAIL(qPrintable(QStringLiteral("round %1 differs:\n%2").arg(round).arg(trace.toText())));

            // Own time: the microseconds in which a step runs and none of its children; together they are all the time any step ran.
            std::set<qint64> anyStep, anySelf;
            for (int step = 0; step < int(trace.steps().size()); ++step) {
                std::set<qint64> own;
                const auto [from, to] = interval(trace, step);
                for (qint64 us = from; us < to; ++us)
                    own.insert(us);
                anyStep.insert(own.begin(), own.end());
                for (const int child : trace.steps()[size_t(step)].children) {
                    const auto [childFrom, childTo] = interval(trace, child);
                    for (qint64 us = childFrom; us < childTo; ++us)
                        own.erase(us);
                }
                anySelf.insert(own.begin(), own.end());
                QCOMPARE(times.selfUs[size_t(step)], qint64(own.size()));
                QVERIFY(path.pathUs[size_t(step)] <= times.selfUs[size_t(step)]);
            }
            QCOMPARE(anySelf, anyStep);
        }
    }

    void sequentialRunsAreAllPath()
    {
        const Trace trace = largeTrace(2000, 5);
        const TraceTimes times = traceTimes(trace);
        const CriticalPath path = criticalPath(trace, times);
        for (size_t i = 0; i < trace.steps().size(); ++i)
            QCOMPARE(path.pathUs[i], times.selfUs[i]);
    }

    // Not timed as a test, but seen: CPU milliseconds of 100,000 steps.
    void large()
    {
        const Trace trace = largeTrace(100'000, 1);
        const std::clock_t begin = std::clock();
        const CriticalPath path = criticalPath(trace);
        qInfo("critical path of %zu steps: %.1f ms CPU", trace.steps().size(), double(std::clock() - begin) * 1000 / CLOCKS_PER_SEC);
        QCOMPARE(path.totalUs, trace.endUs() - trace.steps()[0].startUs);
        // One long child beside many short ones, with gaps between them: the walk looks into the long one again and again.
        Script s;
        s.started("1", 0, StepKind::Agent, "a");
        s.started("1.1", 0, StepKind::Agent, "long");
        for (int i = 0; i < 20'000; ++i) {
            const QByteArray inner = "1.1." + QByteArray::number(i + 1), outer = "1." + QByteArray::number(i + 2);
            s.started(inner.constData(), i * 10, StepKind::Tool, "inner");
            s.ended(inner.constData(), i * 10 + 9);
            s.started(outer.constData(), i * 10 + 2, StepKind::Tool, "outer");
            s.ended(outer.constData(), i * 10 + 6);
        }
        s.ended("1.1", 300'000);
        s.started("1.20002", 200'000, StepKind::Tool, "last");
        s.ended("1.20002", 300'001);
        s.ended("1", 300'001);
        const CriticalPath comb = criticalPath(traceOf(s.events));
        QCOMPARE(comb.totalUs, 300'001);
    }
};

QTEST_GUILESS_MAIN(TestCriticalPath)
#include "tst_CriticalPath.moc"
