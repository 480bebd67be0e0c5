// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/JsonSearch.h"
#include "ui/widgets/JsonTree.h"
#include "ui/widgets/JsonTreeModel.h"
#include "ui/widgets/SearchField.h"
#include "ui/widgets/TextWindow.h"
#include "WidgetTest.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QTest>
#include <QTreeView>

using namespace lathe;

class TestJsonTree : public QObject
{
    Q_OBJECT

private:
    static QJsonObject sample()
    {
        return QJsonDocument::fromJson(
                   R"({"a":{"b":[1,2.5,true,null,"text"]},"odd name":{"x":"y\nz"},"e":[],"big":9007199254740993})")
            .object();
    }
    static QString key(const QModelIndex &index)
    {
        return index.data(JsonTreeModel::KeyRole).toString();
    }
    static QString text(const QModelIndex &index)
    {
        return index.data(JsonTreeModel::ValueTextRole).toString();
    }
    // The tester opens every row at once; it cannot live across a reset of a model that fetches.
    static void checkModel(JsonTreeModel &model)
    {
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
    }
    static QJsonArray numbers(int count)
    {
        QJsonArray array;
        for (int i = 0; i < count; ++i)
            array.append(i);
        return array;
    }

private Q_SLOTS:
    void modelIsCorrect()
    {
        JsonTreeModel model;
        model.setValue(sample());
        QCOMPARE(model.rowCount(), 4);
        const QModelIndex a = model.index(0, 0);
        QCOMPARE(key(a), QStringLiteral("a"));
        QCOMPARE(text(a), QStringLiteral("1 member"));
        QCOMPARE(model.rowCount(a), 0); // not made yet
        QVERIFY(model.hasChildren(a));
        model.fetchMore(a);
        const QModelIndex b = model.index(0, 0, a);
        model.fetchMore(b);
        QCOMPARE(model.rowCount(b), 5);
        QCOMPARE(key(model.index(1, 0, b)), QStringLiteral("[1]"));
        QCOMPARE(text(model.index(1, 0, b)), QStringLiteral("2.5"));
        QCOMPARE(text(model.index(2, 0, b)), QStringLiteral("true"));
        QCOMPARE(text(model.index(3, 0, b)), QStringLiteral("null"));
        QCOMPARE(model.index(4, 0, b).data(JsonTreeModel::PathRole).toString(),
                 QStringLiteral("$.a.b[4]"));
        const QModelIndex odd = model.index(3, 0);
        model.fetchMore(odd);
        QCOMPARE(model.index(0, 0, odd).data(JsonTreeModel::PathRole).toString(),
                 QStringLiteral("$[\"odd name\"].x"));
        QVERIFY(!text(model.index(0, 0, odd)).contains(QLatin1Char('\n')));
        QCOMPARE(model.index(0, 0, odd).data(JsonTreeModel::TextRole).toString(),
                 QStringLiteral("y\nz"));
        QVERIFY(!model.hasChildren(model.index(2, 0)));                        // "e": []
        QCOMPARE(text(model.index(1, 0)), QStringLiteral("9007199254740993")); // no digit is lost
        checkModel(model);
        model.setValue(QJsonValue(QStringLiteral("only")));
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(text(model.index(0, 0)), QStringLiteral("only"));
        model.setValue(QJsonValue(QJsonValue::Undefined));
        QCOMPARE(model.rowCount(), 0);
    }

    void aMillionValuesCostNothing()
    {
        const QJsonArray array = numbers(1'000'000);
        JsonTreeModel model;
        QElapsedTimer clock;
        clock.start();
        model.setValue(array);
        QVERIFY(clock.elapsed() < 120'000);
        QCOMPARE(model.rowCount(), 1000);
        const QModelIndex range = model.index(999, 0);
        QCOMPARE(key(range), QStringLiteral("[999000 ... 999999]"));
        model.fetchMore(range);
        QCOMPARE(model.rowCount(range), 1000);
        const QModelIndex last = model.index(999, 0, range);
        QCOMPARE(key(last), QStringLiteral("[999999]"));
        QCOMPARE(text(last), QStringLiteral("999999"));
        QCOMPARE(last.data(JsonTreeModel::PathRole).toString(), QStringLiteral("$[999999]"));
    }

    void rangesCoverEverything()
    {
        for (const int count : {1000, 1001, 1050, 100'000, 100'001}) {
            JsonTreeModel model;
            model.setValue(numbers(count));
            int seen = 0;
            const std::function<void(const QModelIndex &)> walk = [&](const QModelIndex &parent) {
                model.fetchMore(parent);
                for (int row = 0; row < model.rowCount(parent); ++row) {
                    const QModelIndex index = model.index(row, 0, parent);
                    if (index.data(JsonTreeModel::TypeRole).toInt() == QJsonValue::Undefined) {
                        walk(index);
                    } else {
                        QCOMPARE(text(index), QString::number(seen));
                        ++seen;
                    }
                }
            };
            walk(QModelIndex());
            QCOMPARE(seen, count);
        }
    }

    void searchFindsAndStops()
    {
        JsonSearch search(sample(), QStringLiteral("TEXT"));
        QVERIFY(search.run(1000));
        QCOMPARE(search.matches().size(), size_t(1));
        QCOMPARE(search.matches().front(), (std::vector<int>{0, 0, 4}));
        JsonSearch names(sample(), QStringLiteral("odd"));
        QVERIFY(names.run(1000));
        QCOMPARE(names.matches().front(), (std::vector<int>{3}));
        JsonSearch none(sample(), QStringLiteral("nowhere"));
        QVERIFY(none.run(1000));
        QVERIFY(none.matches().empty());
        JsonSearch many(numbers(1'000'000), QStringLiteral("7"));
        QVERIFY(many.run(10'000));
        QCOMPARE(many.matches().size(), JsonSearch::MostMatches);
        // In slices.
        JsonSearch slow(numbers(1'000'000), QStringLiteral("not there"));
        QElapsedTimer clock;
        clock.start();
        QVERIFY(!slow.run(5));
        QVERIFY(clock.elapsed() < 120'000);
        int slices = 1;
        while (!slow.run(5))
            ++slices;
        QVERIFY(slices > 2);
        QVERIFY(slow.matches().empty());
    }

    void filterKeepsTheWayToTheMatches()
    {
        JsonTreeModel model;
        model.setValue(sample());
        model.setFilter({{0, 0, 1}, {0, 0, 4}, {3}});
        QCOMPARE(model.rowCount(), 2);
        const QModelIndex b = model.index(0, 0, model.index(0, 0));
        QCOMPARE(model.rowCount(b), 2);
        QCOMPARE(key(model.index(1, 0, b)), QStringLiteral("[4]"));
        // A container that matched by its name opens in full.
        const QModelIndex odd = model.index(1, 0);
        QVERIFY(model.hasChildren(odd));
        model.fetchMore(odd);
        QCOMPARE(model.rowCount(odd), 1);
        checkModel(model);
        model.clearFilter();
        QCOMPARE(model.rowCount(), 4);
        model.setFilter({});
        QCOMPARE(model.rowCount(), 0);
    }

    void worksByKeyboard()
    {
        auto *tree = new JsonTree(testTheme());
        TestWindow window({tree});
        tree->setValue(sample());
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        tree->setFocus();
        QVERIFY(tree->view()->hasFocus());
        tree->view()->setCurrentIndex(tree->model()->index(0, 0));
        QVERIFY(tree->view()->isExpanded(tree->model()->index(0, 0))); // small: open from the start
        QTest::keyClick(tree->view(), Qt::Key_C, Qt::ControlModifier);
        QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("2.5")));
        QTest::keyClick(tree->view(), Qt::Key_Down);
        QTest::keyClick(tree->view(), Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("$.a.b"));
        QTest::keyClick(tree->view(), Qt::Key_Return);
        QVERIFY(!tree->view()->isExpanded(tree->view()->currentIndex()));
        QSignalSpy filtered(tree, &JsonTree::filtered);
        QTest::keyClick(tree->view(), Qt::Key_F, Qt::ControlModifier);
        QVERIFY(tree->filterField()->hasFocus());
        QTest::keyClicks(tree->filterField(), QStringLiteral("text"));
        QTRY_COMPARE_WITH_TIMEOUT(filtered.count(), 1, 30'000);
        QCOMPARE(filtered.first().first().toInt(), 1);
        QCOMPARE(tree->model()->rowCount(), 1);
        QTest::keyClick(tree->filterField(), Qt::Key_Escape);
        QCOMPARE(tree->model()->rowCount(), 4);
    }

    void longStringsOpenInAWindow()
    {
        auto *tree = new JsonTree(testTheme());
        TestWindow window({tree});
        const QString longText = QStringLiteral("line of a long answer\n").repeated(1000);
        tree->setValue(QJsonObject{{QStringLiteral("answer"), longText},
                                   {QStringLiteral("short"), QStringLiteral("s")}});
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        const QModelIndex index = tree->model()->index(0, 0);
        QVERIFY(index.data(JsonTreeModel::CutRole).toBool());
        QCOMPARE(text(index).size(), JsonTreeModel::LongestShown);
        QVERIFY(!tree->model()->index(1, 0).data(JsonTreeModel::CutRole).toBool());
        // "show all" at the right end of the row.
        const QRect row = tree->view()->visualRect(index);
        QTest::mouseClick(tree->view()->viewport(), Qt::LeftButton, Qt::NoModifier,
                          QPoint(row.right() - 20, row.center().y()));
        auto *shown = tree->findChild<TextWindow *>();
        QVERIFY(shown);
        QVERIFY(shown->isVisible());
        QVERIFY(!shown->isModal());
        QCOMPARE(shown->editor()->text(), longText);
        QTest::keyClick(shown, Qt::Key_Escape);
        QTRY_VERIFY_WITH_TIMEOUT(!tree->findChild<TextWindow *>(), 30'000);
        tree->view()->setCurrentIndex(index);
        QTest::keyClick(tree->view(), Qt::Key_Return);
        QVERIFY(tree->findChild<TextWindow *>());
    }

    void deepJsonIsHarmless()
    {
        const QByteArray deep = QByteArray(1000, '[') + "\"bottom\"" + QByteArray(1000, ']');
        auto *tree = new JsonTree(testTheme());
        TestWindow window({tree});
        window.show();
        tree->setValue(QJsonDocument::fromJson(deep).array());
        QSignalSpy filtered(tree, &JsonTree::filtered);
        tree->filterField()->setText(QStringLiteral("bottom"));
        QTRY_COMPARE_WITH_TIMEOUT(filtered.count(), 1, 30'000);
        QCOMPARE(filtered.first().first().toInt(), 1);
        window.grab();
    }
};

QTEST_MAIN(TestJsonTree)
#include "tst_JsonTree.moc"
