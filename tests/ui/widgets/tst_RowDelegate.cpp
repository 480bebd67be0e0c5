// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/StatusGlyph.h"
#include "WidgetTest.h"

#include <QElapsedTimer>
#include <QHeaderView>
#include <QStandardItemModel>
#include <QTest>
#include <QTreeView>

using namespace lathe;

class TestRowDelegate : public QObject
{
    Q_OBJECT

private:
    struct Fixture {
        QStandardItemModel model;
        QTreeView *view = new QTreeView;
        RowDelegate *delegate = new RowDelegate(testTheme(), view);
        TestWindow window{{view}, QSize(700, 400)};
        explicit Fixture(int rows = 6, int columns = 3)
        {
            for (int row = 0; row < rows; ++row) {
                QList<QStandardItem *> cells;
                for (int column = 0; column < columns; ++column)
                    cells.append(new QStandardItem(
                        QStringLiteral("cell %1 of column %2").arg(row).arg(column)));
                model.appendRow(cells);
            }
            view->setRootIsDecorated(false);
            view->setItemDelegate(delegate);
            view->setFrameShape(QFrame::NoFrame);
            view->ensurePolished();
            view->setUniformRowHeights(true);
            view->setModel(&model);
            view->header()->setStretchLastSection(true);
            window.layout()->setContentsMargins(0, 0, 0, 0);
            window.show();
            QVERIFY(QTest::qWaitForWindowActive(&window));
        }
        QImage grabRow(int row) const
        {
            const QRect rect = view->visualRect(model.index(row, 0));
            return view->viewport()
                ->grab(QRect(0, rect.top(), view->viewport()->width(), rect.height()))
                .toImage();
        }
    };

private Q_SLOTS:
    void rowsAre28Pixels()
    {
        Fixture f;
        QCOMPARE(f.view->visualRect(f.model.index(0, 0)).height(), 28);
        f.delegate->setTwoLines(true);
        f.view->setUniformRowHeights(false);
        f.view->doItemsLayout();
        QTRY_COMPARE_WITH_TIMEOUT(f.view->visualRect(f.model.index(0, 0)).height(), 44, 30'000);
    }

    void selectionIsOneBand()
    {
        Fixture f;
        f.view->setFocus();
        f.view->setCurrentIndex(f.model.index(1, 0));
        const QImage row = f.grabRow(1);
        const Tokens &t = testTheme()->tokens();
        QCOMPARE(row.pixelColor(0, 14), t.accent); // the strip at the left
        QCOMPARE(row.pixelColor(1, 14), t.accent);
        for (int x = 4; x < row.width(); x += 1)
            QCOMPARE(row.pixelColor(x, 1), t.selection); // no notch between the cells
        auto *other = new QWidget(&f.window);
        other->setFocusPolicy(Qt::StrongFocus);
        other->show();
        other->setFocus();
        QTRY_COMPARE_WITH_TIMEOUT(f.grabRow(1).pixelColor(f.grabRow(1).width() - 4, 1), t.selectionInactive, 30'000);
    }

    void numbersLineUpAtTheRight()
    {
        Fixture f(3, 1);
        f.model.setData(f.model.index(0, 0), QStringLiteral("11111"));
        f.model.setData(f.model.index(1, 0), QStringLiteral("88888"));
        for (int row = 0; row < 2; ++row)
            f.model.setData(f.model.index(row, 0),
                            QVariant::fromValue(Qt::Alignment(Qt::AlignRight)),
                            Qt::TextAlignmentRole);
        const QColor back = testTheme()->tokens().surface;
        const auto columns = [&back](const QImage &row) {
            int first = -1;
            int last = -1;
            for (int x = 0; x < row.width(); ++x) {
                for (int y = 0; y < row.height(); ++y) {
                    if (row.pixelColor(x, y) != back) {
                        first = first < 0 ? x : first;
                        last = x;
                    }
                }
            }
            return std::pair(first, last);
        };
        const auto ones = columns(f.grabRow(0));
        const auto eights = columns(f.grabRow(1));
        QVERIFY(ones.first > f.view->viewport()->width() / 2);
        QVERIFY(std::abs(ones.first - eights.first)
                <= 3); // same cells; a one is narrower inside its own
        QVERIFY(eights.second <= f.view->viewport()->width() - 8);
        QVERIFY(eights.second >= f.view->viewport()->width() - 12);
    }

    void everyRoleIsDrawn()
    {
        Fixture f(2, 1);
        const QImage plain = f.grabRow(0);
        const QModelIndex index = f.model.index(0, 0);
        const struct {
            int role;
            QVariant value;
        } changes[] = {{rowrole::Detail, QStringLiteral("detail")},
                       {rowrole::Trailing, QStringLiteral("5 min")},
                       {rowrole::Status, static_cast<int>(Status::Error)},
                       {rowrole::Strong, true},
                       {rowrole::Dimmed, true},
                       {rowrole::Color, static_cast<int>(ColorToken::Error)},
                       {Qt::CheckStateRole, Qt::Checked}};
        for (const auto &change : changes) {
            f.model.setData(index, change.value, change.role);
            QVERIFY2(f.grabRow(0) != plain, qPrintable(QString::number(change.role, 16)));
            f.model.setData(index, QVariant(), change.role);
        }
        f.model.setData(index, QVariant(), Qt::CheckStateRole);
    }

    void hostileTextIsHarmless()
    {
        Fixture f(4, 2);
        f.model.setData(f.model.index(0, 0), QString(5'000'000, QLatin1Char('x')));
        f.model.setData(f.model.index(1, 0), QStringLiteral("two\nlines\ttab"));
        f.model.setData(f.model.index(2, 0), QStringLiteral("<b>no markup</b>"));
        f.model.setData(f.model.index(3, 0), QString(QChar(0xd800)));
        QElapsedTimer clock;
        clock.start();
        f.view->viewport()->grab();
        QVERIFY(clock.elapsed() < 120'000);
    }

    void scrollingIsQuick()
    {
        Fixture f(20'000, 6);
        f.window.resize(1200, 900);
        QTest::qWait(20);
        f.view->viewport()->grab();
        QElapsedTimer clock;
        clock.start();
        const int frames = 40;
        for (int i = 0; i < frames; ++i) {
            f.view->scrollTo(f.model.index(200 * i, 0), QAbstractItemView::PositionAtTop);
            f.view->viewport()->grab();
        }
        const double fresh = static_cast<double>(clock.nsecsElapsed()) / 1e6 / frames;
        clock.restart();
        for (int i = 0; i < frames; ++i)
            f.view->viewport()->grab();
        const double again = static_cast<double>(clock.nsecsElapsed()) / 1e6 / frames;
        qInfo("full frame of 31 rows x 6 columns: %.2f ms of new text, %.2f ms of text seen before",
              fresh, again);
        QVERIFY2(fresh < 10'000 && again < 10'000, qPrintable(QString::number(again))); // it does not hang
    }
};

QTEST_MAIN(TestRowDelegate)
#include "tst_RowDelegate.moc"
