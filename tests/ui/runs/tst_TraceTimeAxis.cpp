// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/TimeAxis.h"

#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTest>

#include <cmath>

using namespace lathe;

class TestTraceTimeAxis : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tickTexts_data()
    {
        QTest::addColumn<qint64>("us");
        QTest::addColumn<qint64>("step");
        QTest::addColumn<QString>("text");
        QTest::newRow("zero") << qint64(0) << qint64(5) << QStringLiteral("0");
        QTest::newRow("micro") << qint64(250) << qint64(50) << QStringLiteral("250 \u00b5s");
        QTest::newRow("milli") << qint64(20'000) << qint64(5'000) << QStringLiteral("20 ms");
        QTest::newRow("part of a milli") << qint64(20'500) << qint64(500) << QStringLiteral("20.5 ms");
        QTest::newRow("second") << qint64(3'000'000) << qint64(1'000'000) << QStringLiteral("3 s");
        QTest::newRow("part of a second") << qint64(3'250'000) << qint64(50'000) << QStringLiteral("3.25 s");
        QTest::newRow("fine within a second") << qint64(3'250'020) << qint64(20) << QStringLiteral("3.25002 s");
        QTest::newRow("minute") << qint64(120'000'000) << qint64(60'000'000) << QStringLiteral("2 m");
        QTest::newRow("minute and seconds") << qint64(125'000'000) << qint64(5'000'000) << QStringLiteral("2 m 05 s");
        QTest::newRow("hours") << qint64(7'500'000'000) << qint64(300'000'000) << QStringLiteral("2 h 05 m");
        QTest::newRow("hours, closely") << qint64(7'530'000'000) << qint64(30'000'000) << QStringLiteral("2 h 05 m 30 s");
        QTest::newRow("before") << qint64(-2'000'000) << qint64(1'000'000) << QStringLiteral("-2 s");
    }
    void tickTexts()
    {
        QFETCH(qint64, us);
        QFETCH(qint64, step);
        QTEST(timeaxis::tickText(us, step), "text");
    }

    void ticks()
    {
        QRandomGenerator dice(7);
        for (int round = 0; round < 3000; ++round) {
            const qint64 length = qint64(std::pow(10.0, dice.bounded(12.0))) + 1;
            const qint64 from = 1'700'000'000'000'000 + dice.bounded(1'000'000'000);
            const double width = dice.bounded(100, 3000);
            const TimeRange visible{from, from + length};
            const qint64 step = timeaxis::tickStep(length, width);
            QVERIFY(double(step) / double(length) * width >= 71.9);
            qint64 lead = step;
            while (lead % 10 == 0)
                lead /= 10;
            const bool round125 = lead == 1 || lead == 2 || lead == 5;
            QVERIFY2(round125 || step % 15'000'000 == 0, qPrintable(QString::number(step)));
            const auto made = timeaxis::ticks(visible, from - qint64(dice.bounded(150'000)) * 1'000'003, width);
            QVERIFY(made.size() <= size_t(width / 71) + 2);
            QSet<QString> texts;
            for (const TimeTick &tick : made) {
                QVERIFY(tick.x >= -0.01 && tick.x <= width + 0.01);
                texts.insert(tick.text);
            }
            if (made.size() > 0)
                QCOMPARE(size_t(texts.size()), made.size()); // no two ticks read the same
        }
    }

    void zoomKeepsWhatIsUnderThePointer()
    {
        QRandomGenerator dice(3);
        TimeAxis axis;
        axis.setWhole({1'000'000, 601'000'000});
        for (int round = 0; round < 500; ++round) {
            axis.setVisible({200'000'000, 300'000'000});
            const double share = dice.generateDouble();
            const qint64 before = axis.visible().startUs + qint64(double(axis.visible().length()) * share);
            axis.zoom(0.3 + dice.generateDouble(), share); // never out to where the edges of the run push back
            const qint64 after = axis.visible().startUs + qint64(double(axis.visible().length()) * share);
            QVERIFY2(std::abs(before - after) < 4, qPrintable(QString::number(before - after)));
        }
    }

    void staysInsideTheRun()
    {
        QRandomGenerator dice(11);
        TimeAxis axis;
        axis.setWhole({5000, 905'000});
        for (int round = 0; round < 5000; ++round) {
            switch (dice.bounded(5)) {
            case 0: axis.zoom(0.01 + dice.generateDouble() * 4, dice.generateDouble()); break;
            case 1: axis.pan(dice.generateDouble() * 6 - 3); break;
            case 2: axis.fit(dice.bounded(-10'000, 1'000'000), dice.bounded(-10'000, 1'000'000)); break;
            case 3: axis.reveal(dice.bounded(0, 900'000), dice.bounded(0, 900'000)); break;
            default: axis.setVisible({dice.bounded(-100'000, 1'000'000), dice.bounded(-100'000, 1'000'000)}); break;
            }
            QVERIFY(axis.visible().startUs >= 5000);
            QVERIFY(axis.visible().endUs <= 905'000);
            QVERIFY(axis.visible().length() >= 20);
        }
    }

    void growsWithALiveRunWhileAllIsSeen()
    {
        TimeAxis axis;
        axis.setWhole({0, 1000});
        QSignalSpy changed(&axis, &TimeAxis::changed);
        axis.setWhole({0, 2000});
        QVERIFY(axis.isFitted());
        QCOMPARE(axis.visible().endUs, qint64(2000));
        axis.setVisible({100, 300});
        axis.setWhole({0, 9000});
        QCOMPARE(axis.visible(), (TimeRange{100, 300})); // whoever looks closer is not moved
        axis.fitAll();
        QVERIFY(axis.isFitted());
        QCOMPARE(changed.count(), 4);
        axis.setWhole({0, 9000});
        QCOMPARE(changed.count(), 4);
    }
};

QTEST_GUILESS_MAIN(TestTraceTimeAxis)
#include "tst_TraceTimeAxis.moc"
