// SPDX-License-Identifier: GPL-3.0-or-later
#include "ExperimentFixture.h"
#include "ui/experiments/DatasetPage.h"
#include "ui/experiments/ImportPanel.h"
#include "ui/itemmodels/DatasetTableModel.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/SearchField.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QDragEnterEvent>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QListView>
#include <QMimeData>
#include <QSignalSpy>
#include <QTableView>

using namespace lathe;
using test::child;

class TestDatasetPage : public QObject
{
    Q_OBJECT

    std::unique_ptr<DatasetPage> page(test::ExperimentFixture &f, ArtifactId id)
    {
        auto made = std::make_unique<DatasetPage>(f.session.get(), test::theme(), id);
        made->resize(1160, 760);
        made->show();
        connect(made.get(), &DatasetPage::errorRaised, this, [](const Error &error) { qWarning("%s", qPrintable(error.message)); });
        return made;
    }
    static void drop(QWidget *on, const QString &path)
    {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(path)});
        QDragEnterEvent enter(QPoint(40, 40), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(on, &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent dropped(QPointF(40, 40), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(on, &dropped);
    }

private Q_SLOTS:
    void initTestCase() { test::theme(); }

    void showsAndFilters()
    {
        test::ExperimentFixture f;
        auto p = page(f, f.id(ArtifactKind::Dataset, QStringLiteral("feedback")));
        QVERIFY(QTest::qWaitForWindowActive(p.get()));
        QAbstractItemModelTester tester(p->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(p->model()->rowCount(), 300);
        QVERIFY(child<Label>(p.get(), QStringLiteral("dataset-count"))->text().startsWith(QStringLiteral("300 rows")));
        test::shoot(p.get(), QStringLiteral("dataset"));
        p->view()->setFocus();
        QTest::keyClick(p->view(), Qt::Key_F, Qt::ControlModifier);
        auto *field = child<SearchField>(p.get(), QStringLiteral("dataset-filter"));
        QTRY_VERIFY_WITH_TIMEOUT(field->hasFocus(), 30'000);
        QTest::keyClicks(field, QStringLiteral("invoice"));
        QTRY_VERIFY_WITH_TIMEOUT(p->model()->rowCount() < 300, 30'000);
        QVERIFY(p->model()->rowCount() > 0);
        QVERIFY(child<Label>(p.get(), QStringLiteral("dataset-count"))->text().contains(QStringLiteral("of 300 rows")));
        QTest::keyClick(field, Qt::Key_Down);
        QTRY_VERIFY_WITH_TIMEOUT(p->view()->hasFocus(), 30'000);
        QTest::keyClick(p->view(), Qt::Key_C, Qt::ControlModifier);
        QVERIFY(!QGuiApplication::clipboard()->text().isEmpty());
    }

    void cellIsEditedAndUndone()
    {
        test::ExperimentFixture f;
        const ArtifactId id = f.id(ArtifactKind::Dataset, QStringLiteral("feedback"));
        auto p = page(f, id);
        QVERIFY(QTest::qWaitForWindowActive(p.get()));
        const QModelIndex cell = p->model()->index(2, 1);
        const QString before = cell.data(Qt::EditRole).toString();
        p->view()->setFocus();
        p->view()->setCurrentIndex(cell);
        QTest::keyClick(p->view(), Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(p->view()->findChild<QLineEdit *>(), 30'000);
        auto *editor = p->view()->findChild<QLineEdit *>();
        editor->selectAll();
        QTest::keyClicks(editor, QStringLiteral("changed by hand"));
        QTest::keyClick(editor, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(p->model()->index(2, 1).data().toString(), QStringLiteral("changed by hand"), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(!p->isSaving(), 30'000);
        auto stored = f.session->dataset(QStringLiteral("feedback@draft"));
        QVERIFY(stored);
        QCOMPARE(stored->rows[2][0].toVariant().toString(), QStringLiteral("changed by hand"));
        QVERIFY(f.session->dataset(QStringLiteral("feedback@1"))->rows[2][0].toVariant().toString() != QStringLiteral("changed by hand"));
        QTest::keyClick(p->view(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(p->model()->index(2, 1).data(Qt::EditRole).toString(), before, 30'000);
        QTest::keyClick(p->view(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_COMPARE_WITH_TIMEOUT(p->model()->index(2, 1).data().toString(), QStringLiteral("changed by hand"), 30'000);
        QCOMPARE(p->model()->total(), 300);
    }

    void goodFileIsImportedByDrop()
    {
        test::ExperimentFixture f{QString()};
        const ArtifactId id = f.make(ArtifactKind::Dataset, QStringLiteral("mine"), {});
        auto p = page(f, id);
        auto *empty = p->findChild<EmptyState *>();
        QVERIFY(empty->isVisible());
        test::shoot(p.get(), QStringLiteral("dataset-empty"));
        drop(p.get(), f.write(QStringLiteral("good.jsonl"), "{\"input\": \"a\", \"expected\": \"b\"}\n{\"input\": \"c\", \"expected\": \"d\"}\n"));
        QTRY_COMPARE_WITH_TIMEOUT(p->model()->total(), 2, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(!p->isSaving(), 30'000);
        QVERIFY(!empty->isVisible());
        QCOMPARE(f.session->dataset(QStringLiteral("mine@draft"))->rows.size(), size_t(2));
        QVERIFY(f.session->undo(id));
        QTRY_COMPARE_WITH_TIMEOUT(p->model()->total(), 0, 30'000);
    }

    void badRowsAreNamedAndTheRestImportedOnRequest()
    {
        test::ExperimentFixture f;
        auto p = page(f, f.id(ArtifactKind::Dataset, QStringLiteral("feedback")));
        const QString path = f.write(QStringLiteral("broken.csv"), "id,message\n1,fine\n2,too,many,values\n3,\"open quote\n4,also fine\n");
        drop(p.get(), path);
        auto *panel = p->findChild<ImportPanel *>();
        QTRY_VERIFY_WITH_TIMEOUT(panel->isVisible() && !panel->isBusy(), 30'000);
        auto *list = child<QListView>(panel, QStringLiteral("import-problems"));
        QVERIFY(list->model()->rowCount() >= 2);
        QVERIFY(list->model()->index(0, 0).data().toString().contains(QStringLiteral("Line 3 has 4 values")));
        test::shoot(p.get(), QStringLiteral("dataset-import"));
        QCOMPARE(p->model()->total(), 300); // nothing yet
        auto *accept = child<Button>(panel, QStringLiteral("import-accept"));
        QVERIFY(accept->text().startsWith(QStringLiteral("Import 2 rows")));
        QTest::mouseClick(accept, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(p->model()->total(), 302, 30'000);
        QVERIFY(!panel->isVisible());
        // and a file that is none at all
        drop(p.get(), f.write(QStringLiteral("none.csv"), QByteArray("\0\1\2\3\0\0", 6)));
        QTRY_COMPARE_WITH_TIMEOUT(child<Label>(panel, QStringLiteral("import-title"))->text(), QStringLiteral("The file could not be imported"), 30'000);
        QVERIFY(!accept->isVisible());
        QTest::mouseClick(child<Button>(panel, QStringLiteral("import-cancel")), Qt::LeftButton);
        QVERIFY(!panel->isVisible());
    }

    void rowsAreAddedAndRemoved()
    {
        test::ExperimentFixture f;
        auto p = page(f, f.id(ArtifactKind::Dataset, QStringLiteral("feedback")));
        QVERIFY(QTest::qWaitForWindowActive(p.get()));
        QTest::mouseClick(child<Button>(p.get(), QStringLiteral("dataset-add-row")), Qt::LeftButton);
        QCOMPARE(p->model()->total(), 301);
        QTRY_VERIFY_WITH_TIMEOUT(p->view()->findChild<QLineEdit *>(), 30'000);
        QTest::keyClicks(p->view()->findChild<QLineEdit *>(), QStringLiteral("9001"));
        QTest::keyClick(p->view()->findChild<QLineEdit *>(), Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!p->isSaving(), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(f.session->dataset(QStringLiteral("feedback@draft"))->rows.size(), size_t(301), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(f.session->dataset(QStringLiteral("feedback@draft"))->rows.back()[0].toVariant().toString(), QStringLiteral("9001"), 30'000);
        p->view()->setFocus();
        p->view()->setCurrentIndex(p->model()->index(0, 1));
        QTest::keyClick(p->view(), Qt::Key_Down, Qt::ShiftModifier);
        for (QAction *action : p->commands()) {
            if (action->objectName() == QLatin1String("dataset-remove-rows"))
                action->trigger();
        }
        QTRY_COMPARE_WITH_TIMEOUT(p->model()->total(), 299, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(!p->isSaving(), 30'000);
        QCOMPARE(f.session->dataset(QStringLiteral("feedback@draft"))->rows.size(), size_t(299));
    }

    void hundredThousandRowsImportAndScroll()
    {
        test::ExperimentFixture f{QString()};
        const ArtifactId id = f.make(ArtifactKind::Dataset, QStringLiteral("many"), {});
        auto p = page(f, id);
        QByteArray csv("input,expected,stars\n");
        for (int i = 0; i < 100'000; ++i)
            csv += "Message " + QByteArray::number(i) + " about the export of the product,Area " + QByteArray::number(i % 9) + ',' + QByteArray::number(i % 5 + 1) + '\n';
        QElapsedTimer clock;
        clock.start();
        p->importFile(f.write(QStringLiteral("many.csv"), csv));
        QTRY_COMPARE_WITH_TIMEOUT(p->model()->total(), 100'000, 60'000);
        const qint64 read = clock.restart();
        QTRY_VERIFY_WITH_TIMEOUT(!p->isSaving(), 60'000);
        const qint64 written = clock.restart();
        QImage image(p->size(), QImage::Format_RGB32);
        std::vector<qint64> frames;
        for (int i = 0; i < 30; ++i) {
            p->view()->scrollTo(p->model()->index(i * 3300, 1), QAbstractItemView::PositionAtTop);
            clock.restart();
            p->view()->viewport()->render(&image);
            frames.push_back(clock.nsecsElapsed() / 1000);
        }
        std::sort(frames.begin(), frames.end());
        qInfo("100,000 rows: read %lld ms, written %lld ms more, whole frame p50 %.1f ms", read, written, double(frames[15]) / 1000);
        p.reset();
        auto again = page(f, id);
        QTRY_COMPARE_WITH_TIMEOUT(again->model()->total(), 100'000, 60'000);
    }
};

QTEST_MAIN(TestDatasetPage)
#include "tst_DatasetPage.moc"
