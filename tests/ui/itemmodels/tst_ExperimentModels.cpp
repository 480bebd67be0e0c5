// SPDX-License-Identifier: GPL-3.0-or-later
#include "ModelsFixture.h"
#include "core/evaluation/ExperimentSpec.h"
#include "ui/itemmodels/DatasetTableModel.h"
#include "ui/itemmodels/ExperimentListModel.h"
#include "ui/itemmodels/ExperimentLogModel.h"
#include "ui/itemmodels/TrialMatrixModel.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

using namespace lathe;

namespace {
TrialCell cell(bool passed, double score, const QString &output)
{
    TrialCell made;
    made.state = TrialCell::State::Done;
    made.trials = 1;
    made.checked = true;
    made.passed = passed;
    made.score = score;
    made.output = output;
    return made;
}

TrialRow row(int example, const QString &input, std::vector<TrialCell> cells)
{
    TrialRow made;
    made.example = example;
    made.input = input;
    made.cells = std::move(cells);
    return made;
}

std::vector<TrialRow> someRows()
{
    return {row(0, QStringLiteral("The invoice is wrong"), {cell(true, 1, QStringLiteral("Billing")), cell(true, 1, QStringLiteral("Billing"))}),
            row(1, QStringLiteral("Export fails"), {cell(false, 0, QStringLiteral("Other")), cell(true, 1, QStringLiteral("Export"))}),
            row(2, QStringLiteral("Slow search"), {cell(true, 0.9, QStringLiteral("Search")), cell(false, 0.2, QStringLiteral("Other"))}),
            row(3, QStringLiteral("Nothing yet"), {TrialCell(), TrialCell()})};
}

QStringList numbers(const TrialMatrixModel &model)
{
    QStringList list;
    for (int i = 0; i < model.rowCount(); ++i)
        list.append(model.index(i, 0).data().toString());
    return list;
}

Dataset rows(int count)
{
    Dataset dataset;
    dataset.columns = QStringList{QStringLiteral("input"), QStringLiteral("expected"), QStringLiteral("stars")};
    for (int i = 0; i < count; ++i)
        dataset.rows.push_back({QJsonValue(QStringLiteral("Message %1 about the %2").arg(i).arg(i % 3 ? QStringLiteral("export") : QStringLiteral("invoice"))),
                                QJsonValue(QStringLiteral("Area %1").arg(i % 5)), QJsonValue(i % 5 + 1)});
    return dataset;
}
}

class TestExperimentModels : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void matrixFiltersAndSorts()
    {
        TrialMatrixModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setTable({QStringLiteral("old"), QStringLiteral("new")}, someRows());
        QCOMPARE(model.rowCount(), 4);
        QCOMPARE(model.columnCount(), 5);
        QCOMPARE(model.headerData(2, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("A  old"));
        model.setFilter(QString(), TrialMatrixModel::Show::Failed);
        QCOMPARE(numbers(model), (QStringList{QStringLiteral("2"), QStringLiteral("3")}));
        model.setFilter(QString(), TrialMatrixModel::Show::Differs);
        QCOMPARE(numbers(model), (QStringList{QStringLiteral("2"), QStringLiteral("3")}));
        model.setFilter(QString(), TrialMatrixModel::Show::Missing);
        QCOMPARE(numbers(model), QStringList{QStringLiteral("4")});
        model.setFilter(QStringLiteral("EXPORT"), TrialMatrixModel::Show::All); // of input or output
        QCOMPARE(numbers(model), QStringList{QStringLiteral("2")});
        model.setFilter(QString(), TrialMatrixModel::Show::All);
        model.sort(model.differenceColumn(), Qt::DescendingOrder);
        QCOMPARE(numbers(model), (QStringList{QStringLiteral("2"), QStringLiteral("3"), QStringLiteral("1"), QStringLiteral("4")})); // not measured stands last
        model.sort(model.differenceColumn(), Qt::AscendingOrder);
        QCOMPARE(numbers(model).last(), QStringLiteral("4"));
        QCOMPARE(model.index(0, model.differenceColumn()).data().toString(), QStringLiteral("0.00"));
    }

    void cellThatArrivesKeepsSelection()
    {
        TrialMatrixModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setTable({QStringLiteral("old"), QStringLiteral("new")}, someRows());
        model.sort(TrialMatrixModel::InputColumn, Qt::AscendingOrder);
        const QPersistentModelIndex kept(model.index(model.rowOfPosition(3), 2));
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        model.setCell(3, 0, cell(false, 0.5, QStringLiteral("Late")));
        QCOMPARE(changed.count(), 1);
        QCOMPARE(changed.first().first().toModelIndex().row(), kept.row());
        QVERIFY(kept.data().toString().contains(QStringLiteral("not passed, 0.50, Late")));
        model.sort(TrialMatrixModel::NumberColumn, Qt::DescendingOrder);
        QCOMPARE(kept.row(), 0);
        // one that was filtered out joins when it fits
        model.setFilter(QString(), TrialMatrixModel::Show::Failed);
        const int before = model.rowCount();
        model.setCell(0, 1, cell(false, 0, QStringLiteral("Now wrong")));
        QCOMPARE(model.rowCount(), before + 1);
        model.refresh();
        QCOMPARE(model.rowCount(), before + 1);
    }

    void wordsOfACell()
    {
        TrialCell three;
        three.state = TrialCell::State::Done;
        three.trials = 3;
        three.checked = true;
        three.passed = 2;
        QCOMPARE(TrialMatrixModel::scoreText(three), QStringLiteral("2 of 3"));
        QCOMPARE(TrialMatrixModel::verdictWord(three), QStringLiteral("partly passed"));
        three.state = TrialCell::State::Failed;
        QCOMPARE(TrialMatrixModel::verdictWord(three), QStringLiteral("run failed"));
        QCOMPARE(TrialMatrixModel::verdictWord(TrialCell()), QStringLiteral("not run"));
    }

    void matrixOfHundredThousand()
    {
        std::vector<TrialRow> many;
        for (int i = 0; i < 100'000; ++i)
            many.push_back(row(i, QStringLiteral("Message %1 from a customer of the desk").arg(i),
                               {cell(i % 3, (i % 7) / 7.0, QStringLiteral("Answer %1").arg(i % 11)), cell(i % 4, (i % 5) / 5.0, QStringLiteral("Answer %1").arg(i % 13))}));
        TrialMatrixModel model;
        QElapsedTimer clock;
        clock.start();
        model.setTable({QStringLiteral("a"), QStringLiteral("b")}, std::move(many));
        const qint64 set = clock.restart();
        model.setFilter(QStringLiteral("message 77"), TrialMatrixModel::Show::All);
        const qint64 filter = clock.restart();
        QVERIFY(model.rowCount() > 1000);
        model.setFilter(QString(), TrialMatrixModel::Show::Differs);
        const qint64 differs = clock.restart();
        model.sort(model.differenceColumn(), Qt::DescendingOrder);
        const qint64 sort = clock.restart();
        for (int i = 0; i < 10'000; ++i)
            model.setCell(i, 1, cell(true, 1, QStringLiteral("again")));
        const qint64 cells = clock.restart();
        qInfo("100,000 rows: set %lld ms, filter %lld ms, differs %lld ms, sort %lld ms, 10,000 cells %lld ms", set, filter, differs, sort, cells);
        QVERIFY2(set + filter + differs + sort + cells < 120'000, "it hangs");
    }

    void datasetEditsFilterAppend()
    {
        DatasetTableModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setEditable(true);
        model.setDataset(rows(10));
        QSignalSpy edited(&model, &DatasetTableModel::edited);
        QVERIFY(model.setData(model.index(2, 3), QStringLiteral("4.5"), Qt::EditRole));
        QCOMPARE(model.dataset().rows[2][2], QJsonValue(4.5)); // a number stays one
        QVERIFY(model.setData(model.index(2, 3), QStringLiteral("many"), Qt::EditRole));
        QCOMPARE(model.dataset().rows[2][2], QJsonValue(QStringLiteral("many")));
        QCOMPARE(edited.count(), 2);
        QVERIFY(model.setData(model.index(2, 3), QStringLiteral("many"), Qt::EditRole)); // nothing new, nothing told
        QCOMPARE(edited.count(), 2);
        QVERIFY(!model.setData(model.index(2, 0), QStringLiteral("7"), Qt::EditRole)); // the row's number is no cell
        model.setFilter(QStringLiteral("invoice"));
        QCOMPARE(model.rowCount(), 4);
        QCOMPARE(model.rowOf(1), 3);
        QVERIFY(model.setData(model.index(1, 2), QStringLiteral("Area X"), Qt::EditRole));
        QCOMPARE(model.dataset().rows[3][1], QJsonValue(QStringLiteral("Area X")));
        model.setFilter(QString());
        Dataset more;
        more.columns = QStringList{QStringLiteral("expected"), QStringLiteral("note")};
        more.rows.push_back({QJsonValue(QStringLiteral("Area 9")), QJsonValue(QStringLiteral("new"))});
        QCOMPARE(model.append(more), 1);
        QCOMPARE(model.columnCount(), 5);
        QCOMPARE(model.dataset().rows.back()[1], QJsonValue(QStringLiteral("Area 9")));
        QCOMPARE(model.dataset().rows.back()[3], QJsonValue(QStringLiteral("new")));
        QCOMPARE(model.dataset().rows.front().size(), size_t(4));
        model.remove({0, 10});
        QCOMPARE(model.total(), 9);
        QCOMPARE(model.index(0, 1).data().toString(), QStringLiteral("Message 1 about the export"));
        model.appendEmpty();
        QCOMPARE(model.total(), 10);
    }

    void datasetOfHundredThousand()
    {
        DatasetTableModel model;
        model.setDataset(rows(100'000));
        QElapsedTimer clock;
        clock.start();
        model.setFilter(QStringLiteral("area 3"));
        const qint64 filter = clock.elapsed();
        QCOMPARE(model.rowCount(), 20'000);
        qInfo("filter of 100,000 rows: %lld ms", filter);
        QVERIFY(filter < 120'000);
    }

    void logKeepsPlaces()
    {
        ExperimentLogModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const auto entry = [](qint64 id, const QString &question) {
            ExperimentLogEntry made;
            made.id = LogEntryId{id};
            made.question = question;
            made.sentence = QStringLiteral("B beats A.");
            made.createdUs = id;
            return made;
        };
        model.setEntries({entry(3, QStringLiteral("three")), entry(1, QStringLiteral("one"))}, 10);
        const QPersistentModelIndex kept(model.index(1, 0));
        model.setEntries({entry(4, QStringLiteral("four")), entry(3, QStringLiteral("three")), entry(1, QStringLiteral("one"))}, 10);
        QCOMPARE(kept.row(), 2);
        model.setEntries({entry(1, QStringLiteral("one"))}, 10);
        QCOMPARE(kept.row(), 0);
        QCOMPARE(kept.data(ExperimentLogModel::DetailRole).toString(), QStringLiteral("B beats A."));
        QVERIFY(!model.setData(model.index(0, ExperimentLogModel::Conclusion), QStringLiteral("x"), Qt::EditRole));
        model.setConclusionsEditable(true);
        QSignalSpy edited(&model, &ExperimentLogModel::conclusionEdited);
        QVERIFY(model.setData(model.index(0, ExperimentLogModel::Conclusion), QStringLiteral("Take B"), Qt::EditRole));
        QCOMPARE(edited.count(), 1);
        QCOMPARE(edited.first().at(1).toString(), QStringLiteral("Take B"));
    }

    void listFollowsTheProject()
    {
        test::ModelsFixture f;
        ExperimentListModel model(f.session.get());
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(model.rowCount(), 0);
        ExperimentSpec spec;
        spec.question = QStringLiteral("Is shorter as good?");
        spec.variants.push_back(VariantSpec{QStringLiteral("a"), QStringLiteral("long"), {}, {}, {}, {}});
        const ArtifactId id = f.make(ArtifactKind::Experiment, QStringLiteral("short"), spec.toJson());
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 1, 30'000);
        QCOMPARE(model.index(0, 0).data().toString(), spec.question);
        QVERIFY(f.session->edit(id, QStringLiteral("/question"), QStringLiteral("Is longer better?"), QStringLiteral("Change question")));
        QTRY_COMPARE_WITH_TIMEOUT(model.index(0, 0).data().toString(), QStringLiteral("Is longer better?"), 30'000);
        model.setFilter(QStringLiteral("nowhere"));
        QCOMPARE(model.rowCount(), 0);
        model.setFilter(QStringLiteral("long better"));
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(model.idAt(0), id);
    }
};

QTEST_GUILESS_MAIN(TestExperimentModels)
#include "tst_ExperimentModels.moc"
