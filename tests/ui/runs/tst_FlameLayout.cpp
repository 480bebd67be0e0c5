// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/FlameLayout.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QSet>
#include <QTest>

using namespace lathe;

class TestFlameLayout : public QObject
{
    Q_OBJECT
    struct Run {
        std::vector<TraceRow> rows;
        std::vector<int> roots;
        void add(int parent, qint64 startUs, qint64 endUs, StepStatus status = StepStatus::Ok, StepKind kind = StepKind::Tool)
        {
            TraceRow row;
            row.startUs = startUs;
            row.endUs = endUs;
            row.status = status;
            row.kind = kind;
            row.parent = parent;
            row.depth = parent < 0 ? 0 : rows[size_t(parent)].depth + 1;
            auto &siblings = parent < 0 ? roots : rows[size_t(parent)].children;
            row.row = int(siblings.size());
            siblings.push_back(int(rows.size()));
            rows.push_back(row);
        }
    };
    // Any tree with any times, clocks that disagree, empty and endless steps.
    static Run random(quint32 seed, int count)
    {
        QRandomGenerator dice(seed);
        Run run;
        for (int i = 0; i < count; ++i) {
            const int parent = i == 0 || dice.bounded(40) == 0 ? -1 : dice.bounded(std::max(0, i - 30), i);
            const qint64 around = parent < 0 ? 0 : run.rows[size_t(parent)].startUs;
            const qint64 start = around + dice.bounded(dice.bounded(20) == 0 ? -500 : 0, 4000);
            const qint64 end = dice.bounded(15) == 0 ? start : dice.bounded(25) == 0 ? start - 10 : start + dice.bounded(1, 3000);
            const int luck = dice.bounded(30);
            run.add(parent, start, luck == 0 ? 0 : std::max<qint64>(1, end),
                    luck == 0 ? StepStatus::Running : luck < 3 ? StepStatus::Failed : StepStatus::Ok, StepKind(dice.bounded(6)));
        }
        return run;
    }
    static qint64 endOf(const TraceRow &row, qint64 now)
    {
        return std::max(row.startUs, row.endUs > 0 ? row.endUs : row.isOver() ? row.startUs : now);
    }

private Q_SLOTS:
    void lanes()
    {
        for (quint32 seed = 1; seed <= 60; ++seed) {
            const Run run = random(seed, int(seed) * 9);
            constexpr qint64 now = 20'000;
            const FlameLayout layout(flameSteps(run.rows, now));
            size_t placed = 0;
            for (const auto &lane : layout.lanes()) {
                placed += lane.rows.size();
                for (size_t i = 0; i + 1 < lane.rows.size(); ++i) // in order, and no two at the same time
                    QVERIFY2(lane.endUs[i] <= lane.startUs[i + 1], qPrintable(QString::number(seed)));
                QCOMPARE(size_t(lane.failed.size()), lane.rows.size() + 1);
            }
            QCOMPARE(placed, run.rows.size());
            for (size_t i = 0; i < run.rows.size(); ++i) { // children lie below who called them
                if (run.rows[i].parent >= 0)
                    QVERIFY(layout.laneOf(int(i)) > layout.laneOf(run.rows[i].parent));
            }
        }
    }

    void sequentialStepsShareALane()
    {
        Run run;
        run.add(-1, 0, 1000);
        for (int i = 0; i < 10; ++i)
            run.add(0, i * 100, i * 100 + 100);
        const FlameLayout layout(flameSteps(run.rows, 1000));
        QCOMPARE(layout.lanes().size(), size_t(2));
        QCOMPARE(layout.rowAt(1, 450, 0), 5);
        QCOMPARE(layout.rowAt(1, 5000, 100), -1);
        QCOMPARE(layout.rowAt(1, 1050, 100), 10); // the nearest
        QCOMPARE(layout.rowAt(7, 450, 0), -1);
    }

    void parallelStepsKeepWhatTheyCalledTogether()
    {
        Run run;
        run.add(-1, 0, 1000);
        run.add(0, 0, 900);   // two at once, each with a call of its own
        run.add(0, 10, 800);
        run.add(1, 100, 200);
        run.add(2, 100, 200);
        const FlameLayout layout(flameSteps(run.rows, 1000));
        QCOMPARE(layout.lanes().size(), size_t(5));
        QCOMPARE(layout.laneOf(1), 1);
        QCOMPARE(layout.laneOf(3), 2);
        QCOMPARE(layout.laneOf(2), 3);
        QCOMPARE(layout.laneOf(4), 4);
    }

    void bars()
    {
        for (quint32 seed = 1; seed <= 40; ++seed) {
            const Run run = random(seed, 700);
            const FlameLayout layout(flameSteps(run.rows, 20'000));
            QRandomGenerator dice(seed + 1000);
            for (const auto &lane : layout.lanes()) {
                for (int round = 0; round < 4; ++round) {
                    const qint64 from = dice.bounded(-2000, 40'000);
                    const TimeRange visible{from, from + dice.bounded(1, round == 0 ? 100'000 : 4000)};
                    const double width = dice.bounded(1, 900);
                    int touching = 0, failed = 0;
                    for (size_t i = 0; i < lane.rows.size(); ++i) {
                        if (lane.endUs[i] >= visible.startUs && lane.startUs[i] <= visible.endUs) {
                            ++touching;
                            failed += int(run.rows[size_t(lane.rows[i])].isFailed());
                        }
                    }
                    double free = 0;
                    int counted = 0, seen = 0;
                    const auto made = flameBars(lane, run.rows, visible, width);
                    for (const FlameBar &bar : made) {
                        QVERIFY(bar.x0 >= free - 1e-6); // nothing is drawn over another
                        QVERIFY(bar.x1 >= bar.x0 && bar.x1 <= width + 1e-6);
                        QVERIFY(bar.count >= 1 && bar.failed <= bar.count);
                        free = bar.x1;
                        counted += bar.count;
                        seen += bar.failed;
                    }
                    QCOMPARE(counted, touching); // every step is in one bar
                    QCOMPARE(seen, failed);      // and no failure is lost among those too narrow to see
                    QVERIFY(double(made.size()) <= width + 1);
                }
            }
        }
    }

    void oneFailureAmongManyIsSeen()
    {
        Run run;
        run.add(-1, 0, 10'000'000);
        for (int i = 0; i < 50'000; ++i)
            run.add(0, i * 200, i * 200 + 150, i == 31'234 ? StepStatus::Failed : StepStatus::Ok);
        const FlameLayout layout(flameSteps(run.rows, 10'000'000));
        const auto bars = flameBars(layout.lanes()[1], run.rows, {0, 10'000'000}, 800);
        QVERIFY(bars.size() <= 801);
        const auto bad = std::find_if(bars.begin(), bars.end(), [](const FlameBar &bar) { return bar.failed > 0; });
        QVERIFY(bad != bars.end());
        QVERIFY(std::abs(bad->x0 - 31'234 * 200 * 800.0 / 10'000'000) < 2);
    }

    void manyAtOnceStayLinear()
    {
        Run run;
        run.add(-1, 0, 1000);
        for (int i = 0; i < 100'000; ++i)
            run.add(0, i % 7, 1000 + i % 11); // all overlap: a lane each
        const FlameLayout layout(flameSteps(run.rows, 2000));
        QCOMPARE(layout.lanes().size(), size_t(100'001));
    }
};

QTEST_GUILESS_MAIN(TestFlameLayout)
#include "tst_FlameLayout.moc"
