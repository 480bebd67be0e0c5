// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/ChoiceModel.h"
#include "ui/playground/RowPickModel.h"
#include "ui/playground/SpreadFigures.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace lathe;

class TestPlaygroundModels : public QObject
{
    Q_OBJECT
    static Dataset rows(int count)
    {
        Dataset made;
        made.columns = {QStringLiteral("input"), QStringLiteral("n")};
        for (int i = 0; i < count; ++i)
            made.rows.push_back({QJsonValue(QStringLiteral("row %1").arg(i)), QJsonValue(i)});
        return made;
    }
    static PlaygroundAnswer answer(RunStatus status, const QString &output, qint64 totalUs, qint64 tokens,
                                   double cost)
    {
        PlaygroundAnswer made;
        made.status = status;
        made.output = output;
        made.totalUs = totalUs;
        made.firstTokenUs = totalUs / 4;
        made.usage.outputTokens = tokens;
        made.usage.costUsd = cost;
        return made;
    }

private Q_SLOTS:
    void choicesArriveBitByBit()
    {
        ChoiceModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        model.append({{QStringLiteral("a"), QStringLiteral("A"), {}, {}, {}},
                      {QStringLiteral("a"), QStringLiteral("again"), {}, {}, {}}});
        QCOMPARE(model.rowCount(), 1);
        model.append({{QStringLiteral("b"), QStringLiteral("B"), QStringLiteral("model"),
                       QStringLiteral("draft"), QStringLiteral("more words")}});
        QCOMPARE(model.rowCount(), 2);
        model.setOwn({QStringLiteral("x/y"), QStringLiteral("Use x/y"), {}, {}, {}});
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(model.index(0).data(ChoiceModel::ValueRole).toString(), QStringLiteral("x/y"));
        QCOMPARE(model.rowOf(QStringLiteral("b")), 2);
        model.append(
            {{QStringLiteral("c"), QStringLiteral("C"), {}, {}, {}}}); // while the own one is there
        QCOMPARE(model.index(3).data().toString(), QStringLiteral("C"));
        model.setOwn({QStringLiteral("x/z"), QStringLiteral("Use x/z"), {}, {}, {}});
        QCOMPARE(model.index(0).data().toString(), QStringLiteral("Use x/z"));
        QVERIFY(!model.has(QStringLiteral("x/z")));
        model.setOwn({});
        QCOMPARE(model.rowCount(), 3);
        QVERIFY(
            model.index(1).data(ChoiceModel::SearchRole).toString().contains(QStringLiteral("more words")));
    }

    void rowsArePickedAndWritten()
    {
        RowPickModel model(rows(12), 6);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        QSignalSpy spy(&model, &RowPickModel::pickedChanged);
        QCOMPARE(model.text(), QString());
        for (int row : {0, 1, 2, 8})
            QVERIFY(model.setPicked(row, true));
        QCOMPARE(spy.count(), 4);
        QCOMPARE(model.text(), QStringLiteral("1-3, 9"));
        QVERIFY(model.setPicked(1, false));
        QCOMPARE(model.text(), QStringLiteral("1, 3, 9"));
        model.setText(QStringLiteral("2-4, 12"));
        QCOMPARE(model.pickedCount(), 4);
        QCOMPARE(model.text(), QStringLiteral("2-4, 12"));
        QVERIFY(model.setPicked(5, true));
        QVERIFY(model.setPicked(6, true));
        QVERIFY(!model.setPicked(7, true)); // six at most
        QCOMPARE(model.pickedCount(), 6);
        QVERIFY(model.index(5, 0).data(RowPickModel::PickedRole).toBool());
        QVERIFY(!model.index(7, 0).data(RowPickModel::PickedRole).toBool());
        model.setText(QStringLiteral("1-12"));
        QCOMPARE(model.pickedCount(), 6);
        model.setText(QStringLiteral("nonsense"));
        QCOMPARE(model.pickedCount(), 0);
        model.setText(QStringLiteral("3"));
        model.clear();
        QCOMPARE(model.text(), QString());
    }

    void spreadOfNumbers()
    {
        const auto none = SpreadFigures::of({});
        QCOMPARE(none.count, 0);
        const auto odd = SpreadFigures::of({5, 1, 9});
        QCOMPARE(odd.low, 1.0);
        QCOMPARE(odd.median, 5.0);
        QCOMPARE(odd.high, 9.0);
        const auto even = SpreadFigures::of({4, 1, 2, 9});
        QCOMPARE(even.median, 3.0);
    }

    void spreadOfAnswers()
    {
        const std::vector<PlaygroundAnswer> answers{
            answer(RunStatus::Done, QStringLiteral("one"), 1000, 10, 0.1),
            answer(RunStatus::Done, QStringLiteral("two"), 3000, 30, 0.3),
            answer(RunStatus::Failed, QString(), 9000, 90, 0.9),
            answer(RunStatus::Done, QStringLiteral("two "), 2000, 20, 0.2),
            answer(RunStatus::Running, QStringLiteral("tw"), 0, 0, 0)};
        std::vector<const PlaygroundAnswer *> pointers;
        for (const auto &one : answers)
            pointers.push_back(&one);
        const auto spread = SpreadSummary::of(pointers);
        QCOMPARE(spread.answers, 3);
        QCOMPARE(spread.failed, 1);
        QCOMPARE(spread.running, 1);
        QCOMPARE(spread.totalUs.median, 2000.0);
        QCOMPARE(spread.tokens.high, 30.0);
        QCOMPARE(spread.costUsd.low, 0.1);
        QCOMPARE(spread.outputs.size(), size_t(2));
        QCOMPARE(spread.outputs.front().text, QStringLiteral("two")); // twice
        QCOMPARE(spread.outputs.front().count, 2);
        QCOMPARE(spread.outputs.back().text, QStringLiteral("one"));
    }
};

QTEST_MAIN(TestPlaygroundModels)
#include "tst_PlaygroundModels.moc"
