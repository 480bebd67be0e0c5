// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/RunListModel.h"

#include "ModelsFixture.h"

#include <QAbstractItemModelTester>
#include <QJsonDocument>
#include <QMimeData>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>

using namespace lathe;

class TestRunListModel : public QObject
{
    Q_OBJECT
    using Mode = QAbstractItemModelTester::FailureReportingMode;
    using Ids = std::vector<RunId>;

    static RunId begin(test::ModelsFixture &f, ArtifactId agent, const QString &name, int number)
    {
        RunInfo info;
        info.artifact = agent;
        info.agentName = name;
        info.input = QStringLiteral("input %1").arg(number);
        info.startUs = 1'000'000 + number;
        const auto id = test::await(f.session->project().runs().create(info));
        if (!id)
            qFatal("%s", qPrintable(id.error().message));
        return *id;
    }
    static void end(test::ModelsFixture &f, RunId run, RunStatus status, qint64 tokens = 0)
    {
        Usage usage;
        usage.inputTokens = tokens;
        QVERIFY(test::await(f.session->project().runs().end(run, status, QStringLiteral("out"), std::nullopt, usage)));
    }
    // Ended runs written straight to the file: many, quickly.
    static void fill(test::ModelsFixture &f, ArtifactId agent, int count, const QString &name = QStringLiteral("a"))
    {
        for (int i = 0; i < count; ++i)
            end(f, begin(f, agent, name, i), i % 10 == 0 ? RunStatus::Failed : RunStatus::Done, (i * 37) % 1000 + 1);
    }
    static Ids rows(const RunListModel &model)
    {
        Ids ids;
        for (int row = 0; row < model.rowCount(); ++row) {
            if (!model.isGroup(row))
                ids.push_back(model.runAt(row));
        }
        return ids;
    }
    static Ids stored(test::ModelsFixture &f, const RunListModel::Ask &ask)
    {
        RunQuery query(ask.filter);
        query.sort = ask.sort;
        query.ascending = ask.ascending;
        query.bin = ask.bin;
        const auto ids = test::await(f.session->project().runs().ids(query, CancelToken()));
        if (!ids)
            qFatal("%s", qPrintable(ids.error().message));
        return *ids;
    }
    static RunListModel::Ask asked(RunSort sort, bool ascending, RunGrouping grouping = RunGrouping::None, const QString &filter = QString())
    {
        RunListModel::Ask ask;
        ask.filter = readRunFilter(filter, 0).filter;
        ask.sort = sort;
        ask.ascending = ascending;
        ask.grouping = grouping;
        return ask;
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
        QSignalSpy problem(&model, &RunListModel::problem);
        model.setAsk(asked(RunSort::Agent, true)); // the first load ends unheard
        model.setAsk(asked(RunSort::Started, false));
        QTRY_VERIFY_WITH_TIMEOUT(!model.isLoading(), 30'000);
        QTest::qWait(50);
        QVERIFY(problem.isEmpty());
        QCOMPARE(model.rowCount(), 0);
        const RunId first = f.run(QStringLiteral("a"), QStringLiteral("The first & only"));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 1, 30'000);
        const RunId second = f.run(QStringLiteral("b"), QStringLiteral("second"));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 2, 30'000);
        QCOMPARE(model.runAt(0), second);
        QCOMPARE(model.rowOf(first), 1);
        QTRY_COMPARE_WITH_TIMEOUT(model.index(1, RunListModel::Status).data().toString(), QStringLiteral("Done"), 30'000);
        QCOMPARE(model.index(1, RunListModel::Agent).data().toString(), QStringLiteral("a@1"));
        QCOMPARE(model.index(1, RunListModel::Input).data().toString(), QStringLiteral("The first & only"));
        QTRY_VERIFY_WITH_TIMEOUT(!model.index(1, RunListModel::Output).data().toString().isEmpty(), 30'000);
        Rating rating;
        rating.run = first;
        rating.kind = QStringLiteral("thumbs");
        rating.value = 1;
        QVERIFY(test::await(f.session->rate(rating)));
        QTRY_COMPARE_WITH_TIMEOUT(model.index(1, RunListModel::Rating).data().toString(), QStringLiteral("up"), 30'000);
        QCOMPARE(model.index(1, 0).data(RunListModel::RatingRole).toInt(), 6);
        QCOMPARE(resets.count(), 0);
        // several rows are dragged together
        const std::unique_ptr<QMimeData> data(model.mimeData({model.index(0, 0), model.index(0, 1), model.index(1, 0)}));
        const QJsonObject json = QJsonDocument::fromJson(data->data(model.mimeTypes().first())).object();
        QCOMPARE(json.value(QStringLiteral("run")).toInteger(), second.value);
        QCOMPARE(json.value(QStringLiteral("runs")).toArray().size(), 2);
    }

    void aRunThatStartsWhileLoadingIsNotLost()
    {
        test::ModelsFixture f;
        f.agent(QStringLiteral("a"));
        f.run(QStringLiteral("a"), QStringLiteral("old"));
        RunListModel model(f.session.get()); // its query is under way now
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        const RunId run = f.run(QStringLiteral("a"), QStringLiteral("new"));
        QTRY_VERIFY_WITH_TIMEOUT(!model.isLoading(), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 2, 30'000);
        QCOMPARE(model.runAt(0), run);
    }

    void rowsAreLoadedWhereOneLooks()
    {
        test::ModelsFixture f;
        const ArtifactId agent = f.agent(QStringLiteral("a"));
        fill(f, agent, 1500);
        RunListModel model(f.session.get());
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 1500, 30'000); // all rows have a place at once
        QVERIFY(model.isComplete());
        QCOMPARE(rows(model), stored(f, model.ask()));
        QVERIFY(!model.index(900, 0).data(RunListModel::LoadedRole).toBool());
        QVERIFY(model.index(900, RunListModel::Input).data().toString().isEmpty());
        QVERIFY(!model.index(900, RunListModel::Number).data().toString().isEmpty()); // its number is known
        model.look(400, 440); // goes on before that is there
        model.look(900, 940);
        QTRY_VERIFY_WITH_TIMEOUT(model.index(900, 0).data(RunListModel::LoadedRole).toBool(), 30'000);
        for (int row = 900; row <= 940; ++row)
            QVERIFY(model.infoAt(row));
        QVERIFY(!model.infoAt(420)); // that load ended
        Rating rating; // far below: shown where it is
        rating.run = RunId{1};
        rating.kind = QStringLiteral("stars");
        rating.value = 3;
        QVERIFY(test::await(f.session->rate(rating)));
        QTRY_COMPARE_WITH_TIMEOUT(model.index(model.rowOf(rating.run), RunListModel::Rating).data().toString(), QStringLiteral("3 of 5"), 30'000);
        const RunId middle = model.runAt(700);
        f.run(QStringLiteral("a"), QStringLiteral("meanwhile"));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 1501, 30'000);
        QCOMPARE(model.runAt(701), middle);
        model.setFilter(QStringLiteral("status:failed"));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 150, 30'000);
    }

    void sortsByColumns_data()
    {
        QTest::addColumn<int>("column");
        for (int column = 0; column < RunListModel::ColumnCount; ++column) {
            if (RunListModel::sortOf(column))
                QTest::addRow("%d", column) << column;
        }
    }
    void sortsByColumns()
    {
        QFETCH(int, column);
        test::ModelsFixture f;
        const ArtifactId agent = f.agent(QStringLiteral("a"));
        fill(f, agent, 260);
        RunListModel model(f.session.get());
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        const RunSort sort = *RunListModel::sortOf(column);
        QVERIFY(RunListModel::sortOf(RunListModel::columnOf(sort)) == sort);
        for (const bool ascending : {true, false}) {
            model.setAsk(asked(sort, ascending));
            QTRY_VERIFY_WITH_TIMEOUT(!model.isLoading() && model.isComplete(), 30'000);
            QCOMPARE(rows(model), stored(f, model.ask()));
        }
    }

    void runsWithoutAPlaceWait()
    {
        test::ModelsFixture f;
        const ArtifactId agent = f.agent(QStringLiteral("a"));
        fill(f, agent, 900); // more than are loaded at once
        RunListModel model(f.session.get());
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        model.setAsk(asked(RunSort::Tokens, true));
        QTRY_VERIFY_WITH_TIMEOUT(model.isComplete() && model.rowCount() == 900, 30'000);
        const RunId run = begin(f, agent, QStringLiteral("a"), 1);
        end(f, run, RunStatus::Done, 500);
        QTRY_COMPARE_WITH_TIMEOUT(model.waiting(), 1, 30'000); // what is around its place is not loaded
        QCOMPARE(model.rowCount(), 900);
        model.reload();
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 901, 30'000);
        QCOMPARE(model.waiting(), 0);
        QTRY_COMPARE_WITH_TIMEOUT(rows(model), stored(f, model.ask()), 30'000);
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
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 2, 30'000);
        model.setFilter(QStringLiteral("agent:a"));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 1, 30'000);
        f.run(QStringLiteral("b"), QStringLiteral("another")); // does not match: does not appear
        QTest::qWait(150);
        QCOMPARE(model.rowCount(), 1);
        f.run(QStringLiteral("a"), QStringLiteral("another"));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 2, 30'000);
        model.setFilter(QStringLiteral("invoice refund"));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 1, 30'000);
        // a filter by "running" loses a run that has ended
        model.setFilter(QStringLiteral("status:running"));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 0, 30'000);
        f.run(QStringLiteral("a"), QStringLiteral("x"));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 0, 30'000);
        model.setFilter(QStringLiteral("agent:a status:tired")); // what was understood counts
        QVERIFY(problem.last().first().toString().contains(QStringLiteral("tired")));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 3, 30'000);
        model.setFilter(QString());
        QVERIFY(problem.last().first().toString().isEmpty());
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 5, 30'000);
    }

    void groupsOpen()
    {
        test::ModelsFixture f;
        const ArtifactId a = f.agent(QStringLiteral("a"));
        const ArtifactId b = f.agent(QStringLiteral("b"));
        fill(f, a, 40);
        fill(f, b, 20, QStringLiteral("b"));
        RunListModel model(f.session.get());
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 60, 30'000);
        model.setAsk(asked(RunSort::Started, false, RunGrouping::Agent));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 2, 30'000);
        QCOMPARE(model.groupCount(), 2);
        QCOMPARE(model.total(), 60);
        QVERIFY(model.groupAt(0) && model.isGroup(1) && !model.isOpen(0));
        QCOMPARE(model.groupAt(0)->runs, 40);
        QCOMPARE(model.groupAt(0)->failed, 4);
        QVERIFY(!model.runAt(0).isValid());
        QVERIFY(!(model.index(0, 0).flags() & Qt::ItemIsSelectable));
        model.setOpen(0, true);
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 42, 30'000);
        QVERIFY(model.isOpen(0));
        QCOMPARE(rows(model), stored(f, asked(RunSort::Started, false, RunGrouping::None, QStringLiteral("agent:a"))));
        const RunId run = begin(f, a, QStringLiteral("a"), 99); // joins its group; the sums follow
        end(f, run, RunStatus::Failed);
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 43, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(model.groupAt(0)->failed, 5, 30'000);
        QCOMPARE(model.runAt(1), run);
        model.setOpen(0, false);
        QCOMPARE(model.rowCount(), 2);
        model.setOpen(1, true);
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 22, 30'000);
        model.setAsk(asked(RunSort::Started, false, RunGrouping::Agent, QStringLiteral("status:failed"))); // open groups stay open
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 2 + 2, 30'000);
        QVERIFY(model.isOpen(1));
        model.setAsk(asked(RunSort::Started, false, RunGrouping::Experiment)); // a group of those without one
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 1, 30'000);
        model.setOpen(0, true);
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 62, 30'000);
        model.setAsk(asked(RunSort::Started, false));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 61, 30'000);
    }

    void marksAndTheBin()
    {
        test::ModelsFixture f;
        const ArtifactId agent = f.agent(QStringLiteral("a"));
        fill(f, agent, 30);
        auto &runs = f.session->project().runs();
        RunListModel model(f.session.get());
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 30, 30'000);
        const Ids some{model.runAt(2), model.runAt(3), model.runAt(20)};
        QVERIFY(test::await(runs.addTag(some, QStringLiteral("odd"))));
        QTRY_COMPARE_WITH_TIMEOUT(model.index(3, 0).data(RunListModel::TagsRole).toStringList(), QStringList{QStringLiteral("odd")}, 30'000);
        QVERIFY(test::await(runs.setPinned({some[0]}, true, QStringLiteral("keep"))));
        QTRY_VERIFY_WITH_TIMEOUT(model.index(2, 0).data(RunListModel::PinnedRole).toBool(), 30'000);
        QVERIFY(test::await(runs.moveToBin(some)));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 27, 30'000);
        RunListModel bin(f.session.get());
        RunListModel::Ask ask;
        ask.bin = true;
        bin.setAsk(ask);
        QTRY_COMPARE_WITH_TIMEOUT(bin.rowCount(), 3, 30'000);
        QVERIFY(test::await(runs.restore({some[1]})));
        QTRY_COMPARE_WITH_TIMEOUT(bin.rowCount(), 2, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 28, 30'000);
        QCOMPARE(rows(model), stored(f, model.ask()));
        QCOMPARE(*test::await(runs.emptyBin()), 2);
        QTRY_COMPARE_WITH_TIMEOUT(bin.rowCount(), 0, 30'000);
        QCOMPARE(model.rowCount(), 28);
    }

    // Whatever happens in whatever order: no rule of item models is broken, and in the end the rows are what the file says.
    void randomStreams_data()
    {
        QTest::addColumn<quint32>("seed");
        for (quint32 seed = 1; seed <= 4; ++seed)
            QTest::addRow("%u", seed) << seed;
    }
    void randomStreams()
    {
        QFETCH(quint32, seed);
        QRandomGenerator random(seed);
        test::ModelsFixture f;
        const ArtifactId agent = f.agent(QStringLiteral("a"));
        fill(f, agent, 230);
        auto &runs = f.session->project().runs();
        RunListModel model(f.session.get());
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        const QStringList filters{QString(), QStringLiteral("status:failed"), QStringLiteral("tokens>300"), QStringLiteral("tag:x or input:7"),
                                  QStringLiteral("status:running")};
        Ids open;
        int number = 0;
        for (int i = 0; i < 160; ++i) {
            const auto any = [&] { return RunId{1 + random.bounded(200)}; };
            switch (random.bounded(10)) {
            case 0:
            case 1:
                open.push_back(begin(f, agent, random.bounded(2) ? QStringLiteral("a") : QStringLiteral("b"), ++number));
                break;
            case 2:
                if (!open.empty()) {
                    end(f, open.back(), random.bounded(2) ? RunStatus::Done : RunStatus::Failed, random.bounded(900));
                    open.pop_back();
                }
                break;
            case 3:
                QVERIFY(test::await(runs.addTag({any(), any()}, QStringLiteral("x"))));
                break;
            case 4:
                QVERIFY(test::await(runs.setInBin({any()}, random.bounded(3) > 0)));
                break;
            case 5: {
                RunListModel::Ask ask = asked(RunSort(random.bounded(int(RunSort::Steps) + 1)), random.bounded(2) == 0,
                                              random.bounded(3) ? RunGrouping::None : RunGrouping(random.bounded(int(RunGrouping::Source) + 1)),
                                              filters.at(random.bounded(int(filters.size()))));
                model.setAsk(ask);
                break;
            }
            case 6:
                if (model.rowCount() > 0)
                    model.setOpen(random.bounded(model.rowCount()), random.bounded(3) > 0);
                break;
            case 7: {
                const int from = random.bounded(std::max(1, model.rowCount()));
                model.look(from, from + 40);
                break;
            }
            default:
                QTest::qWait(random.bounded(25));
            }
        }
        model.setAsk(asked(RunSort::Started, seed % 2 == 0, RunGrouping::None, filters.at(qsizetype(seed) % filters.size())));
        QTRY_COMPARE_WITH_TIMEOUT(rows(model), stored(f, model.ask()), 30'000);
        const RunId last = begin(f, agent, QStringLiteral("a"), 1000);
        end(f, last, RunStatus::Failed, 800);
        QTRY_COMPARE_WITH_TIMEOUT(rows(model), stored(f, model.ask()), 30'000);
        QCOMPARE(resets.count(), 0);
        for (const RunId run : open)
            end(f, run, RunStatus::Cancelled);
        QTRY_COMPARE_WITH_TIMEOUT(rows(model), stored(f, model.ask()), 30'000);
    }

    void hostileFilters_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("quote") << "\"";
        QTest::newRow("operators") << "AND OR NOT ( ) * : ^";
        QTest::newRow("only key") << "agent: status:";
        QTest::newRow("nul") << QStringLiteral("a%1b").arg(QChar(0));
        QTest::newRow("long") << QString(20'000, QLatin1Char('x'));
        QTest::newRow("deep") << QString(500, QLatin1Char('('));
        QTest::newRow("many") << QStringLiteral("agent:a or ").repeated(300);
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
        QTRY_VERIFY_WITH_TIMEOUT(!model.isLoading(), 30'000);
    }
};

QTEST_GUILESS_MAIN(TestRunListModel)
#include "tst_RunListModel.moc"
