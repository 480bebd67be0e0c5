// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/RunListModel.h"

#include "ModelsFixture.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace lathe;

class TestRunListModel : public QObject
{
    Q_OBJECT
    using Mode = QAbstractItemModelTester::FailureReportingMode;

    // Ended runs written straight to the file: many, quickly.
    static void fill(test::ModelsFixture &f, ArtifactId agent, int count)
    {
        auto &runs = f.session->project().runs();
        for (int i = 0; i < count; ++i) {
            RunInfo info;
            info.artifact = agent;
            info.agentName = QStringLiteral("a");
            info.input = QStringLiteral("input %1").arg(i);
            info.startUs = 1'000'000 + i;
            const auto id = test::await(runs.create(info));
            QVERIFY(id);
            QVERIFY(test::await(runs.end(*id, i % 10 == 0 ? RunStatus::Failed : RunStatus::Done, QStringLiteral("out"), std::nullopt, Usage())));
        }
    }
    static void checkOrder(const RunListModel &model)
    {
        for (int row = 1; row < model.rowCount(); ++row)
            QVERIFY(model.runAt(row) < model.runAt(row - 1));
    }

private Q_SLOTS:
    void livesWithRuns()
    {
        test::ModelsFixture f;
        f.agent(QStringLiteral("a"));
        f.agent(QStringLiteral("b"));
        RunListModel model(f.session.get());
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        QTRY_VERIFY(!model.isLoading());
        QCOMPARE(model.rowCount(), 0);
        const RunId first = f.run(QStringLiteral("a"), QStringLiteral("The first & only"));
        QTRY_COMPARE(model.rowCount(), 1);
        const RunId second = f.run(QStringLiteral("b"), QStringLiteral("second"));
        QTRY_COMPARE(model.rowCount(), 2);
        QCOMPARE(model.runAt(0), second);
        QCOMPARE(model.rowOf(first), 1);
        QTRY_COMPARE(model.index(1, RunListModel::Status).data().toString(), QStringLiteral("Done"));
        QCOMPARE(model.index(1, RunListModel::Agent).data().toString(), QStringLiteral("a@1"));
        QCOMPARE(model.index(1, RunListModel::Input).data().toString(), QStringLiteral("The first & only"));
        QVERIFY(!model.index(1, RunListModel::Output).data().toString().isEmpty());
        Rating rating;
        rating.run = first;
        rating.kind = QStringLiteral("thumbs");
        rating.value = 1;
        QVERIFY(test::await(f.session->rate(rating)));
        QTRY_COMPARE(model.index(1, RunListModel::Rating).data().toString(), QStringLiteral("up"));
        QCOMPARE(model.index(1, 0).data(RunListModel::RatingRole).toInt(), 6);
        QCOMPARE(resets.count(), 0);
    }

    void aRunThatStartsWhileLoadingIsNotLost()
    {
        test::ModelsFixture f;
        f.agent(QStringLiteral("a"));
        f.run(QStringLiteral("a"), QStringLiteral("old"));
        RunListModel model(f.session.get()); // its query is under way now
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        const RunId run = f.run(QStringLiteral("a"), QStringLiteral("new"));
        QTRY_VERIFY(!model.isLoading());
        QTRY_COMPARE(model.rowCount(), 2);
        QCOMPARE(model.runAt(0), run);
        checkOrder(model);
    }

    void pagesByKey()
    {
        test::ModelsFixture f;
        const ArtifactId agent = f.agent(QStringLiteral("a"));
        fill(f, agent, 450);
        RunListModel model(f.session.get());
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        tester.setUseFetchMore(false);
        QTRY_COMPARE(model.rowCount(), 200);
        QVERIFY(model.canFetchMore({}));
        const RunId oldest = RunId{1};
        Rating rating;
        rating.run = oldest; // far below what is loaded: no row of its own yet
        rating.kind = QStringLiteral("stars");
        rating.value = 3;
        QVERIFY(test::await(f.session->rate(rating)));
        QCOMPARE(model.rowCount(), 200);
        model.fetchMore({});
        QVERIFY(!model.canFetchMore({})); // one page at a time
        QTRY_COMPARE(model.rowCount(), 400);
        f.run(QStringLiteral("a"), QStringLiteral("meanwhile"));
        QTRY_COMPARE(model.rowCount(), 401);
        model.fetchMore({});
        QTRY_COMPARE(model.rowCount(), 451);
        QVERIFY(!model.canFetchMore({}));
        checkOrder(model);
        QCOMPARE(model.index(model.rowOf(oldest), RunListModel::Rating).data().toString(), QStringLiteral("3 of 5"));
        model.setFilter(QStringLiteral("status:failed"));
        QTRY_COMPARE(model.rowCount(), 45);
    }

    void filters()
    {
        test::ModelsFixture f;
        f.agent(QStringLiteral("a"));
        f.agent(QStringLiteral("b"));
        f.run(QStringLiteral("a"), QStringLiteral("refund the invoice"));
        f.run(QStringLiteral("b"), QStringLiteral("export is slow"));
        RunListModel model(f.session.get());
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        QSignalSpy problem(&model, &RunListModel::problem);
        QTRY_COMPARE(model.rowCount(), 2);
        model.setFilter(QStringLiteral("agent:a"));
        QTRY_COMPARE(model.rowCount(), 1);
        f.run(QStringLiteral("b"), QStringLiteral("another")); // does not match: does not appear
        QCOMPARE(model.rowCount(), 1);
        f.run(QStringLiteral("a"), QStringLiteral("another"));
        QTRY_COMPARE(model.rowCount(), 2);
        model.setFilter(QStringLiteral("invoice refund"));
        QTRY_COMPARE(model.rowCount(), 1);
        // a filter by "running" loses a run that has ended
        model.setFilter(QStringLiteral("status:running"));
        QTRY_COMPARE(model.rowCount(), 0);
        f.run(QStringLiteral("a"), QStringLiteral("x"));
        QTRY_COMPARE(model.rowCount(), 0);
        model.setFilter(QStringLiteral("status:tired"));
        QVERIFY(problem.last().first().toString().contains(QStringLiteral("tired")));
        QTRY_VERIFY(!model.isLoading());
        model.setFilter(QString());
        QVERIFY(problem.last().first().toString().isEmpty());
        QTRY_COMPARE(model.rowCount(), 5);
        checkOrder(model);
    }

    void hostileFilters_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("quote") << "\"";
        QTest::newRow("operators") << "AND OR NOT ( ) * : ^";
        QTest::newRow("only key") << "agent: status:";
        QTest::newRow("nul") << QStringLiteral("a%1b").arg(QChar(0));
        QTest::newRow("long") << QString(20'000, QLatin1Char('x'));
    }
    void hostileFilters()
    {
        QFETCH(QString, text);
        test::ModelsFixture f;
        f.agent(QStringLiteral("a"));
        f.run(QStringLiteral("a"), QStringLiteral("refund the invoice"));
        RunListModel model(f.session.get());
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        model.setFilter(text);
        QTRY_VERIFY(!model.isLoading());
    }
};

QTEST_GUILESS_MAIN(TestRunListModel)
#include "tst_RunListModel.moc"
