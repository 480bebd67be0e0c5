// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/StepTreeModel.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QSet>
#include <QSignalSpy>
#include <QTest>

using namespace lathe;

class TestStepTreeModel : public QObject
{
    Q_OBJECT
    using Mode = QAbstractItemModelTester::FailureReportingMode;

    static RunEvent event(RunEventKind kind, const QString &step, qint64 timeUs)
    {
        RunEvent made;
        made.kind = kind;
        made.run = RunId{7};
        made.step = step;
        made.timeUs = timeUs;
        return made;
    }
    static RunEvent begin(const QString &step, qint64 timeUs, StepKind kind = StepKind::Model)
    {
        RunEvent made = event(RunEventKind::StepStarted, step, timeUs);
        made.stepKind = kind;
        made.name = QStringLiteral("chat m");
        return made;
    }
    static RunEvent delta(const QString &step, qint64 timeUs, const QString &text)
    {
        RunEvent made = event(RunEventKind::StepDelta, step, timeUs);
        made.text = text;
        return made;
    }
    static RunEvent end(const QString &step, qint64 timeUs)
    {
        RunEvent made = event(RunEventKind::StepEnded, step, timeUs);
        made.stepStatus = StepStatus::Ok;
        made.attributes = {{QStringLiteral("gen_ai.usage.input_tokens"), 10}, {QStringLiteral("gen_ai.usage.output_tokens"), 2}};
        return made;
    }
    // An agent with `width` children of which each has as many again.
    static std::vector<RunEvent> story(int width, int depth)
    {
        std::vector<RunEvent> events{event(RunEventKind::RunStarted, QString(), 1)};
        qint64 time = 1;
        const std::function<void(const QString &, int)> grow = [&](const QString &path, int left) {
            events.push_back(begin(path, ++time, left > 0 ? StepKind::Control : StepKind::Model));
            for (int i = 1; left > 0 && i <= width; ++i)
                grow(path + QLatin1Char('.') + QString::number(i), left - 1);
            events.push_back(delta(path, ++time, QStringLiteral("text of ") + path));
            events.push_back(end(path, ++time));
        };
        grow(QStringLiteral("1"), depth);
        RunEvent over = event(RunEventKind::RunEnded, QString(), ++time);
        over.runStatus = RunStatus::Done;
        events.push_back(over);
        return events;
    }
    static int rows(const QAbstractItemModel &model, const QModelIndex &parent = {})
    {
        int sum = model.rowCount(parent);
        for (int row = 0; row < model.rowCount(parent); ++row)
            sum += rows(model, model.index(row, 0, parent));
        return sum;
    }

private Q_SLOTS:
    void liveBatches()
    {
        StepTreeModel model;
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        QSignalSpy touched(&model, &StepTreeModel::stepTouched);
        const auto events = story(4, 3);
        Trace expected;
        QRandomGenerator random(42);
        for (size_t at = 0; at < events.size();) {
            const size_t count = std::min<size_t>(random.bounded(1, 9), events.size() - at);
            const std::vector<RunEvent> batch(events.begin() + qsizetype(at), events.begin() + qsizetype(at + count));
            for (const RunEvent &each : batch)
                expected.apply(each);
            model.apply(batch);
            at += count;
        }
        QCOMPARE(resets.count(), 0);
        int insertedRows = 0; // tops of what came; those below came with them
        for (const auto &signal : inserted)
            insertedRows += signal.at(2).toInt() - signal.at(1).toInt() + 1;
        QVERIFY(insertedRows > 0 && insertedRows <= int(expected.steps().size()));
        QVERIFY(touched.count() > 0);
        QCOMPARE(rows(model), int(expected.steps().size()));
        QCOMPARE(model.trace().toText(), expected.toText());
        const QModelIndex leaf = model.indexOf(QStringLiteral("1.2.3.4"));
        QCOMPARE(leaf.data(StepTreeModel::PathRole).toString(), QStringLiteral("1.2.3.4"));
        QCOMPARE(leaf.row(), 3);
        QCOMPARE(leaf.parent().data(StepTreeModel::PathRole).toString(), QStringLiteral("1.2.3"));
        QCOMPARE(model.index(leaf.row(), StepTreeModel::Tokens, leaf.parent()).data().toString(), QStringLiteral("12"));
        QCOMPARE(leaf.data(StepTreeModel::SummaryRole).toString(), QStringLiteral("text of 1.2.3.4"));
    }

    void damagedStreams()
    {
        StepTreeModel model;
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        // children before their parents, events of unknown steps, the same step begun twice, nothing named at all
        QString deep = QStringLiteral("1");
        for (int i = 0; i < 300; ++i)
            deep += QStringLiteral(".1");
        model.apply({delta(QStringLiteral("1.3.2"), 5, QStringLiteral("x")), begin(QStringLiteral("1"), 6), begin(QStringLiteral("1.3"), 7),
                     begin(QStringLiteral("1.3.2"), 8), begin(QStringLiteral("1.3.2"), 9), end(QStringLiteral("2.9"), 10),
                     begin(deep, 11), begin(parentStep(deep), 12), delta(deep, 13, QStringLiteral("y"))});
        Trace expected;
        QCOMPARE(rows(model), int(model.trace().steps().size()));
        QVERIFY(model.indexOf(QStringLiteral("2.9")).isValid());
        QVERIFY(!model.indexOf(QStringLiteral("8")).isValid());
        QVERIFY(!model.step({}));
    }

    void resumedStepStartsOver()
    {
        StepTreeModel model;
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        model.apply({begin(QStringLiteral("1"), 1, StepKind::Agent), begin(QStringLiteral("1.1"), 2), delta(QStringLiteral("1.1"), 3, QStringLiteral("half"))});
        RunEvent over = event(RunEventKind::RunEnded, QString(), 4);
        over.runStatus = RunStatus::Interrupted;
        model.apply({over});
        QCOMPARE(model.indexOf(QStringLiteral("1.1")).data(StepTreeModel::StatusRole).toInt(), int(StepStatus::Interrupted));
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        model.apply({event(RunEventKind::RunStarted, QString(), 10), begin(QStringLiteral("1"), 10, StepKind::Agent),
                     begin(QStringLiteral("1.1"), 11), delta(QStringLiteral("1.1"), 12, QStringLiteral("whole"))});
        QCOMPARE(inserted.count(), 0);
        QCOMPARE(model.trace().steps()[1].text, QStringLiteral("whole"));
        QCOMPARE(model.trace().status(), RunStatus::Running);
    }

    void deltasTouchAsLittleAsCanBe()
    {
        StepTreeModel model;
        model.apply({begin(QStringLiteral("1"), 1, StepKind::Agent), begin(QStringLiteral("1.1"), 2)});
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        QSignalSpy touched(&model, &StepTreeModel::stepTouched);
        model.apply({delta(QStringLiteral("1.1"), 3, QStringLiteral("first words"))});
        QCOMPARE(changed.count(), 1);
        QCOMPARE(changed.first().at(1).toModelIndex().column(), int(StepTreeModel::Name));
        model.apply({delta(QStringLiteral("1.1"), 4, QString(2000, QLatin1Char('x')))});
        changed.clear();
        model.apply({delta(QStringLiteral("1.1"), 5, QStringLiteral("far behind what a row shows"))});
        QCOMPARE(changed.count(), 0);
        QCOMPARE(touched.count(), 3); // the details still follow
        RunEvent asked = event(RunEventKind::StepNote, QStringLiteral("1.1"), 6);
        asked.name = QStringLiteral("approval_requested");
        model.apply({asked});
        QCOMPARE(model.indexOf(QStringLiteral("1.1")).data(StepTreeModel::StatusRole).toInt(), int(StepStatus::Waiting));
        changed.clear();
        model.apply({delta(QStringLiteral("1.1"), 7, QStringLiteral("goes on"))});
        QCOMPARE(changed.count(), 1); // waits no longer: the whole row
        QCOMPARE(changed.first().at(1).toModelIndex().column(), int(StepTreeModel::Waterfall));
    }

    void axisGrowsWhileLive()
    {
        StepTreeModel model;
        model.apply({event(RunEventKind::RunStarted, QString(), 100), begin(QStringLiteral("1"), 110)});
        QCOMPARE(model.startUs(), qint64(100));
        QCOMPARE(model.endUs(900), qint64(900));
        RunEvent over = event(RunEventKind::RunEnded, QString(), 500);
        over.runStatus = RunStatus::Done;
        model.apply({over});
        QCOMPARE(model.endUs(900), qint64(500));
    }

    // Chunks of any size give the tree that the whole trace gives; the tester looks at every change.
    void chunksEqualTheWhole()
    {
        QRandomGenerator random(5);
        for (int round = 0; round < 12; ++round) {
            Trace trace;
            for (const RunEvent &each : story(2 + round % 3, 3))
                trace.apply(each);
            StepTreeModel whole;
            whole.setTrace(trace);
            StepTreeModel model;
            QAbstractItemModelTester tester(&model, Mode::QtTest);
            model.startOutline(RunId{7}, RunStatus::Done, trace.startUs(), trace.endUs());
            QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
            const auto &steps = trace.steps();
            for (size_t at = 0; at < steps.size();) {
                const size_t count = std::min<size_t>(random.bounded(1, 40), steps.size() - at);
                StepTreeModel::Chunk chunk;
                for (size_t i = at; i < at + count; ++i) {
                    chunk.rows.push_back(traceRow(steps[i]));
                    chunk.parents.append(steps[i].parent);
                }
                model.append(chunk);
                model.append(chunk); // the same again changes nothing
                at += count;
            }
            QCOMPARE(resets.count(), 0);
            QCOMPARE(model.rows().size(), whole.rows().size());
            for (size_t i = 0; i < steps.size(); ++i) {
                QCOMPARE(model.rows()[i].parent, whole.rows()[i].parent);
                QCOMPARE(model.rows()[i].row, whole.rows()[i].row);
                QCOMPARE(model.rows()[i].depth, whole.rows()[i].depth);
                QVERIFY(model.rows()[i].children == whole.rows()[i].children);
                QCOMPARE(model.indexOf(steps[i].path).row(), whole.indexOf(steps[i].path).row());
            }
            QCOMPARE(model.endUs(0), whole.endUs(0));
            QVERIFY(!model.step(model.index(0, 0)));
        }
    }

    // What is shown is what was kept and what leads to it, in any order of filtering and growing.
    void filterKeepsWhatLeadsToHits()
    {
        QRandomGenerator random(9);
        StepTreeModel model;
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        const auto events = story(3, 4);
        for (size_t at = 0; at < events.size();) {
            const size_t count = std::min<size_t>(random.bounded(1, 60), events.size() - at);
            model.apply({events.begin() + qsizetype(at), events.begin() + qsizetype(at + count)});
            at += count;
            std::vector<int> kept;
            for (int row = 0; row < int(model.rows().size()); ++row) {
                if (random.bounded(10) == 0)
                    kept.push_back(row);
            }
            model.setFilter(kept);
            QSet<int> expected;
            for (int row : kept) {
                for (int up = row; up >= 0; up = model.rows()[size_t(up)].parent)
                    expected.insert(up);
            }
            QCOMPARE(rows(model), int(expected.size()));
            for (int row = 0; row < int(model.rows().size()); ++row)
                QCOMPARE(model.indexOfRow(row).isValid(), expected.contains(row));
            if (random.bounded(2) == 0) {
                model.clearFilter();
                QCOMPARE(rows(model), int(model.rows().size()));
            }
        }
    }

    void hundredThousandSteps()
    {
        StepTreeModel model;
        model.startOutline(RunId{7}, RunStatus::Done, 1, 2'000'000);
        StepTreeModel::Chunk chunk;
        const auto put = [&](const QString &path) {
            TraceRow row;
            row.path = path;
            row.startUs = 1;
            row.endUs = 2;
            row.status = StepStatus::Ok;
            chunk.rows.push_back(row);
            chunk.parents.append(parentStep(path));
        };
        put(QStringLiteral("1"));
        for (int i = 1; i <= 50'000; ++i) { // wide, and each with one below
            put(QStringLiteral("1.%1").arg(i));
            put(QStringLiteral("1.%1.1").arg(i));
            if (i % 5000 == 0)
                model.append(std::exchange(chunk, {}));
        }
        QCOMPARE(model.rows().size(), size_t(100'001));
        std::vector<int> kept;
        for (int i = 0; i < 100'001; i += 2)
            kept.push_back(i);
        for (int round = 0; round < 20; ++round) { // anything quadratic would take minutes here
            model.setFilter(kept);
            model.clearFilter();
        }
        QModelIndex index = model.indexOf(QStringLiteral("1.49999.1"));
        for (int round = 0; round < 100'000; ++round)
            QVERIFY(index.parent().parent().isValid());
        QCOMPARE(index.parent().row(), 49'998);
    }

    void twoThousandSteps()
    {
        StepTreeModel model;
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        model.apply({event(RunEventKind::RunStarted, QString(), 1), begin(QStringLiteral("1"), 1, StepKind::Agent)});
        tester.setUseFetchMore(false);
        QElapsedTimer timer;
        StepTreeModel fast; // the tester looks at every row each time
        fast.apply({event(RunEventKind::RunStarted, QString(), 1), begin(QStringLiteral("1"), 1, StepKind::Agent)});
        timer.start();
        for (int i = 1; i <= 2000; ++i) {
            const QString path = QStringLiteral("1.%1").arg(i);
            fast.apply({begin(path, i), delta(path, i, QStringLiteral("t")), end(path, i + 1)});
        }
        RunEvent over = event(RunEventKind::RunEnded, QString(), 5000);
        over.runStatus = RunStatus::Done;
        fast.apply({over});
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(rows(fast), 2001);
    }
};

QTEST_GUILESS_MAIN(TestStepTreeModel)
#include "tst_StepTreeModel.moc"
