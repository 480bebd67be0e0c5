// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunListView.h"

#include "RunsFixture.h"
#include "ui/itemmodels/RunListModel.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/runs/RunBulkBar.h"
#include "ui/runs/RunColumns.h"
#include "ui/runs/RunPickButton.h"
#include "ui/runs/RunTable.h"
#include "ui/runs/RunTagPopover.h"
#include "ui/runs/RunViewPopover.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/ConfirmPopover.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/SearchField.h"
#include "ui/widgets/Toast.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QHeaderView>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTreeView>

using namespace lathe;
using test::child;

class TestRunListView : public QObject
{
    Q_OBJECT
    Theme m_theme;

    std::unique_ptr<RunListView> view(test::RunsFixture &f)
    {
        auto made = std::make_unique<RunListView>(f.session.get(), &m_theme, nullptr);
        made->resize(1240, 700);
        made->show();
        return made;
    }

    // Ended runs written straight to the file.
    static std::vector<RunId> fill(test::RunsFixture &f, int count, const QString &name = QStringLiteral("triage"))
    {
        auto &runs = f.session->project().runs();
        std::vector<RunId> made;
        for (int i = 0; i < count; ++i) {
            RunInfo info;
            info.artifact = f.agent(name);
            info.agentName = name;
            info.revisionNumber = 1;
            info.input = QStringLiteral("Question %1 about an invoice that shows too many seats").arg(i);
            info.startUs = f.session->clock().nowUs() - 60'000'000;
            info.models = QStringLiteral("offline/extractive");
            const auto id = test::await(runs.create(info));
            if (!id)
                qFatal("%s", qPrintable(id.error().message));
            Usage usage;
            usage.inputTokens = 100 + (i * 37) % 900;
            const auto ended = test::await(runs.end(*id, i % 7 == 0 ? RunStatus::Failed : RunStatus::Done, QStringLiteral("Answer %1").arg(i), std::nullopt, usage));
            if (!ended)
                qFatal("%s", qPrintable(ended.error().message));
            made.push_back(*id);
        }
        return made;
    }
    static QAction *command(RunListView *v, const char *id)
    {
        const auto all = v->commands();
        for (QAction *action : all) {
            if (action->objectName() == QLatin1String(id))
                return action;
        }
        qWarning("no command %s", id);
        return nullptr;
    }
    static void selectRows(RunListView *v, int first, int last)
    {
        QItemSelection rows(v->model()->index(first, 0), v->model()->index(last, v->model()->columnCount() - 1));
        v->view()->selectionModel()->setCurrentIndex(v->model()->index(first, 0), QItemSelectionModel::NoUpdate);
        v->view()->selectionModel()->select(rows, QItemSelectionModel::ClearAndSelect);
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme.install();
        m_theme.setMode(Theme::Mode::Dark);
    }

    void emptyTeaches()
    {
        test::RunsFixture f;
        auto v = view(f);
        auto *button = child<PrimaryButton>(v.get(), "open-first-agent");
        QTRY_VERIFY_WITH_TIMEOUT(button->isVisible(), 30'000);
        test::shoot(v.get(), &m_theme, QStringLiteral("runs-empty"));
        QSignalSpy opened(v.get(), &RunListView::openRequested);
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(opened.count(), 1);
        QCOMPARE(opened.first().first().value<Location>().kind, Location::Kind::Artifact);
    }

    void listFilterOpenCopy()
    {
        test::RunsFixture f;
        f.run(QStringLiteral("triage"), QStringLiteral("The export is broken"));
        const RunId rated = f.run(QStringLiteral("triage@1"), QStringLiteral("The invoice shows too many seats"));
        f.run(QStringLiteral("analyst"), QStringLiteral("Which product area has the lowest average rating?"));
        Rating rating;
        rating.run = rated;
        rating.kind = QStringLiteral("stars");
        rating.value = 4;
        QVERIFY(test::await(f.session->rate(rating)));
        auto v = view(f);
        QTRY_COMPARE_WITH_TIMEOUT(v->view()->model()->rowCount(), 3, 30'000);
        // a run that starts now appears at the top
        const RunId last = f.run(QStringLiteral("digest"), QStringLiteral("Good.\nBad.\nSlow."));
        QTRY_COMPARE_WITH_TIMEOUT(v->view()->model()->rowCount(), 4, 30'000);
        QCOMPARE(v->view()->model()->index(0, 0).data(RunListModel::IdRole).value<RunId>(), last);
        v->view()->setCurrentIndex(v->view()->model()->index(1, 0));
        test::shoot(v.get(), &m_theme, QStringLiteral("runs"));
        QSignalSpy opened(v.get(), &RunListView::openRequested);
        QVERIFY(QTest::qWaitForWindowActive(v.get()));
        v->view()->setFocus();
        QTest::keyClick(v->view(), Qt::Key_Return);
        QCOMPARE(opened.count(), 1);
        QTest::keyClick(v->view(), Qt::Key_C, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(QGuiApplication::clipboard()->text().contains(QStringLiteral("analyst")), 30'000);
        const QPoint at = v->view()->visualRect(v->view()->model()->index(0, 3)).center();
        QTest::mouseClick(v->view()->viewport(), Qt::LeftButton, {}, at);
        QTest::mouseDClick(v->view()->viewport(), Qt::LeftButton, {}, at);
        QCOMPARE(opened.count(), 2);
        QCOMPARE(opened.last().first().value<Location>(), Location::ofRun(last));

        auto *field = child<SearchField>(v.get(), "run-query");
        QTest::keyClick(v->view(), Qt::Key_Slash);
        QVERIFY(field->hasFocus());
        QTest::keyClicks(field, QStringLiteral("agent:triage"));
        QTRY_COMPARE_WITH_TIMEOUT(v->view()->model()->rowCount(), 2, 30'000);
        field->clear();
        QTest::keyClicks(field, QStringLiteral("invoice"));
        QTRY_COMPARE_WITH_TIMEOUT(v->view()->model()->rowCount(), 1, 30'000);
        field->clear();
        v->setQuery(QStringLiteral("status:sleepy"));
        QTRY_VERIFY_WITH_TIMEOUT(child<ProblemLine>(v.get(), "run-query-problem")->hasProblem(), 30'000);
        test::shoot(v.get(), &m_theme, QStringLiteral("runs-problem"));
        v->setQuery(QStringLiteral("nothinglikethis"));
        QTRY_COMPARE_WITH_TIMEOUT(v->view()->model()->rowCount(), 0, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(child<PrimaryButton>(v.get(), "open-first-agent")->isVisible(), 30'000);
        QTest::mouseClick(child<PrimaryButton>(v.get(), "open-first-agent"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(v->view()->model()->rowCount(), 4, 30'000);
        QVERIFY(field->text().isEmpty());
    }

    void columnsAreRemembered()
    {
        test::RunsFixture f;
        {
            auto v = view(f);
            QHeaderView *header = v->view()->header();
            header->resizeSection(RunListModel::Input, 411);
            header->moveSection(header->visualIndex(RunListModel::Cost), 1);
            auto *columns = v->findChild<RunColumns *>();
            columns->setShown(RunListModel::Tags, true);
            columns->setShown(RunListModel::Rating, false);
            columns->setShown(RunListModel::Number, false); // something always stays
        } // at once: what was still waiting to be kept is kept
        auto v = view(f);
        QHeaderView *header = v->view()->header();
        QCOMPARE(header->sectionSize(RunListModel::Input), 411);
        QCOMPARE(header->visualIndex(RunListModel::Cost), 1);
        auto *columns = v->findChild<RunColumns *>();
        QVERIFY(columns->isShown(RunListModel::Tags));
        QVERIFY(!columns->isShown(RunListModel::Rating));
        QVERIFY(columns->isShown(RunListModel::Number));
        columns->reset();
        QCOMPARE(header->visualIndex(RunListModel::Cost), int(RunListModel::Cost));
        QVERIFY(columns->isShown(RunListModel::Rating));
    }

    void headersSort()
    {
        test::RunsFixture f;
        fill(f, 40);
        auto v = view(f);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 40, 30'000);
        QHeaderView *header = v->view()->header();
        QTRY_VERIFY_WITH_TIMEOUT(v->view()->verticalScrollBar()->isVisible(), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(v->view()->horizontalScrollBar()->maximum(), 0, 30'000); // texts take what is left
        const auto click = [&](int column) {
            QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, QPoint(header->sectionViewportPosition(column) + 20, header->height() / 2));
            QTRY_VERIFY_WITH_TIMEOUT(!v->model()->isLoading() && v->model()->isComplete(), 30'000);
        };
        const auto tokens = [&](int row) { return v->model()->infoAt(row)->usage.inputTokens; };
        click(RunListModel::Tokens);
        QCOMPARE(header->sortIndicatorSection(), int(RunListModel::Tokens));
        QVERIFY(header->sortIndicatorOrder() == Qt::DescendingOrder); // numbers from the top
        QTRY_VERIFY_WITH_TIMEOUT(v->model()->infoAt(39), 30'000);
        for (int row = 1; row < 40; ++row)
            QVERIFY(tokens(row - 1) >= tokens(row));
        click(RunListModel::Tokens);
        for (int row = 1; row < 40; ++row)
            QVERIFY(tokens(row - 1) <= tokens(row));
        test::shoot(v.get(), &m_theme, QStringLiteral("runs-sorted"));
        v.reset();
        v = view(f); // remembered
        QCOMPARE(v->view()->header()->sortIndicatorSection(), int(RunListModel::Tokens));
        QVERIFY(v->view()->header()->sortIndicatorOrder() == Qt::AscendingOrder);
    }

    void newRunsDoNotMoveThePlace()
    {
        test::RunsFixture f;
        fill(f, 600);
        auto v = view(f);
        auto *table = child<RunTable>(v.get(), "run-table");
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 600, 30'000);
        selectRows(v.get(), 310, 312);
        const std::vector<RunId> chosen = table->selectedRuns();
        table->verticalScrollBar()->setValue(300 * 28 + 11);
        const int top = table->indexAt(QPoint(10, 4)).row();
        const RunId topRun = v->model()->runAt(top);
        QTRY_VERIFY_WITH_TIMEOUT(v->model()->infoAt(top), 30'000); // what is looked at is loaded
        auto *hint = child<QWidget>(v.get(), "run-new-hint");
        QVERIFY(!hint->isVisible());
        fill(f, 12);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 612, 30'000);
        QCOMPARE(v->model()->runAt(table->indexAt(QPoint(10, 4)).row()), topRun);
        QCOMPARE(table->visualRect(v->model()->index(v->model()->rowOf(topRun), 0)).top(), -11);
        QCOMPARE(table->selectedRuns(), chosen);
        QTRY_VERIFY_WITH_TIMEOUT(hint->isVisible(), 30'000);
        QCOMPARE(table->newAbove(), 12);
        test::shoot(v.get(), &m_theme, QStringLiteral("runs-new"));
        QTest::mouseClick(hint, Qt::LeftButton);
        QCOMPARE(table->verticalScrollBar()->value(), 0);
        QTRY_VERIFY_WITH_TIMEOUT(!hint->isVisible(), 30'000);
        fill(f, 1); // at the top one sees it come
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 613, 30'000);
        QCOMPARE(table->verticalScrollBar()->value(), 0);
        QCOMPARE(table->selectedRuns(), chosen);
        // a query that keeps them keeps the selection
        v->setQuery(QStringLiteral("agent:triage"));
        QTRY_VERIFY_WITH_TIMEOUT(!v->model()->isLoading() && v->model()->isComplete(), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(table->selectedRuns(), chosen, 30'000);
    }

    void groupsOpenByKeyAndClick()
    {
        test::RunsFixture f;
        fill(f, 30);
        fill(f, 12, QStringLiteral("digest"));
        auto v = view(f);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 42, 30'000);
        v->setGrouping(RunGrouping::Agent);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 2, 30'000);
        QVERIFY(QTest::qWaitForWindowActive(v.get()));
        v->view()->setFocus();
        v->view()->setCurrentIndex(v->model()->index(0, 0));
        QTest::keyClick(v->view(), Qt::Key_Right);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 32, 30'000);
        test::shoot(v.get(), &m_theme, QStringLiteral("runs-grouped"));
        QTest::keyClick(v->view(), Qt::Key_Down);
        QVERIFY(v->model()->runAt(v->view()->currentIndex().row()).isValid());
        QTest::keyClick(v->view(), Qt::Key_Left); // to the header
        QVERIFY(v->model()->isGroup(v->view()->currentIndex().row()));
        QTest::keyClick(v->view(), Qt::Key_Left);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 2, 30'000);
        QTest::mouseClick(v->view()->viewport(), Qt::LeftButton, {}, v->view()->visualRect(v->model()->index(1, 3)).center());
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 14, 30'000);
        v->setGrouping(RunGrouping::None);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 42, 30'000);
    }

    void severalAtOnce()
    {
        test::RunsFixture f;
        fill(f, 20);
        auto v = view(f);
        auto *table = child<RunTable>(v.get(), "run-table");
        auto *bar = child<RunBulkBar>(v.get(), "run-bulk-bar");
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 20, 30'000);
        QVERIFY(QTest::qWaitForWindowActive(v.get()));
        table->setFocus();
        selectRows(v.get(), 3, 3);
        QTest::qWait(20);
        QVERIFY(!bar->isVisible()); // one alone is moved through, not worked on
        selectRows(v.get(), 3, 5);
        QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), 30'000);
        const std::vector<RunId> chosen = table->selectedRuns();
        QCOMPARE(chosen.size(), size_t(3));
        test::shoot(v.get(), &m_theme, QStringLiteral("runs-selected"));

        QSignalSpy opened(v.get(), &RunListView::openRequested);
        QTest::keyClick(table, Qt::Key_C);
        QCOMPARE(opened.count(), 1);
        QCOMPARE(opened.last().first().value<Location>(), Location::ofComparison(chosen));
        selectRows(v.get(), 0, 8);
        QTRY_VERIFY_WITH_TIMEOUT(!command(v.get(), "runs-compare")->isEnabled(), 30'000); // more than 6
        selectRows(v.get(), 3, 5);
        QTest::keyClick(table, Qt::Key_4);
        for (const RunId run : chosen)
            QTRY_COMPARE_WITH_TIMEOUT(f.session->project().runs().run(run)->rating, 4, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(v->findChildren<Toast *>().size(), 1, 30'000);

        QTRY_VERIFY_WITH_TIMEOUT(command(v.get(), "runs-tag")->isEnabled(), 30'000);
        QTest::keyClick(table, Qt::Key_T);
        auto *tags = v->findChild<RunTagPopover *>();
        QVERIFY(tags && tags->isVisible());
        QTest::keyClicks(tags->field(), QStringLiteral("odd one"));
        test::shoot(v.get(), &m_theme, QStringLiteral("runs-tagging"));
        QTest::keyClick(tags->field(), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(f.session->project().runs().run(chosen[0])->tags, QStringList{QStringLiteral("odd one")}, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->index(4, 0).data(RunListModel::TagsRole).toStringList(), QStringList{QStringLiteral("odd one")}, 30'000);
        test::shoot(v.get(), &m_theme, QStringLiteral("runs-tagged"));
        QTest::keyClick(table, Qt::Key_Z, Qt::ControlModifier); // takes the tag back
        QTRY_VERIFY_WITH_TIMEOUT(f.session->project().runs().run(chosen[0])->tags.isEmpty(), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(!v->findChildren<Toast *>().isEmpty(), 30'000);
        for (const Toast *toast : v->findChildren<Toast *>()) // its button would do it again
            QVERIFY2(!toast->isVisible() || !toast->accessibleName().contains(QStringLiteral("tagged")), qPrintable(toast->accessibleName()));

        QTest::keyClick(table, Qt::Key_C, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(QGuiApplication::clipboard()->text().count(QLatin1Char('\n')), 3, 30'000); // headings and three rows
        QVERIFY(QGuiApplication::clipboard()->text().startsWith(QStringLiteral("Status\tRun\t")));

        QTest::keyClick(table, Qt::Key_Delete);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 17, 30'000);
        QTest::keyClick(table, Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 20, 30'000);
        QTest::keyClick(table, Qt::Key_Escape);
        QTRY_VERIFY_WITH_TIMEOUT(!bar->isVisible(), 30'000);
    }

    void theBin()
    {
        test::RunsFixture f;
        const std::vector<RunId> runs = fill(f, 6);
        auto v = view(f);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 6, 30'000);
        QVERIFY(test::await(f.session->project().runs().moveToBin({runs[0], runs[1], runs[2]})));
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 3, 30'000);
        v->setView(builtInRunViews().back());
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 3, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(child<RunBulkBar>(v.get(), "run-bulk-bar")->isVisible(), 30'000);
        test::shoot(v.get(), &m_theme, QStringLiteral("runs-bin"));
        selectRows(v.get(), 0, 0);
        QTRY_VERIFY_WITH_TIMEOUT(command(v.get(), "runs-restore")->isEnabled(), 30'000);
        QVERIFY(!command(v.get(), "runs-bin")->isEnabled());
        command(v.get(), "runs-restore")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 2, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(command(v.get(), "runs-empty-bin")->isEnabled(), 30'000);
        command(v.get(), "runs-empty-bin")->trigger();
        auto *sure = v->findChild<ConfirmPopover *>();
        QVERIFY(sure && sure->isVisible());
        QTest::mouseClick(sure->confirmButton(), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 0, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(child<PrimaryButton>(v.get(), "open-first-agent")->isVisible(), 30'000);
        QVERIFY(!f.session->project().runs().run(runs[0]));
        QVERIFY(f.session->project().runs().run(runs[2])); // the newest in the bin was restored
        v->setQuery(QString());
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 4, 30'000);
    }

    void viewsAreKept()
    {
        test::RunsFixture f;
        fill(f, 21);
        auto v = view(f);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 21, 30'000);
        auto *button = child<RunPickButton>(v.get(), "run-views-button");
        QCOMPARE(button->text(), QStringLiteral("All runs"));
        v->setQuery(QStringLiteral("status:failed tokens>200"));
        v->setSort(RunSort::Tokens, false);
        QTRY_VERIFY_WITH_TIMEOUT(!v->model()->isLoading(), 30'000);
        const int failed = v->model()->rowCount();
        button->click();
        auto *popover = v->findChild<RunViewPopover *>();
        QVERIFY(popover && popover->isVisible());
        QTest::keyClicks(popover->nameField(), QStringLiteral("Dear failures"));
        test::shoot(v.get(), &m_theme, QStringLiteral("runs-views"));
        QTest::keyClick(popover->nameField(), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(button->text(), QStringLiteral("Dear failures"), 30'000);
        v->setView(builtInRunViews().front());
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 21, 30'000);
        QCOMPARE(button->text(), QStringLiteral("All runs"));
        QTRY_VERIFY_WITH_TIMEOUT(!v->findChild<RunViewPopover *>(), 30'000);
        button->click();
        popover = v->findChild<RunViewPopover *>();
        const int last = popover->list()->model()->rowCount() - 1;
        QCOMPARE(popover->list()->model()->index(last, 0).data().toString(), QStringLiteral("Dear failures"));
        popover->list()->setCurrentIndex(popover->list()->model()->index(last, 0));
        QTest::keyClick(popover->list(), Qt::Key_F2);
        QTest::keyClicks(popover->nameField(), QStringLiteral("Failures")); // over the old name
        QTest::keyClick(popover->nameField(), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(popover->list()->model()->index(last, 0).data().toString(), QStringLiteral("Failures"), 30'000);
        QTest::keyClick(popover->list(), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), failed, 30'000);
        QCOMPARE(button->text(), QStringLiteral("Failures"));
        QVERIFY(v->model()->ask().sort == RunSort::Tokens);
        QTRY_VERIFY_WITH_TIMEOUT(!v->findChild<RunViewPopover *>(), 30'000);
        button->click();
        popover = v->findChild<RunViewPopover *>();
        popover->list()->setCurrentIndex(popover->list()->model()->index(last, 0));
        QTest::keyClick(popover->list(), Qt::Key_Delete);
        QTRY_COMPARE_WITH_TIMEOUT(popover->list()->model()->rowCount(), last, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(v->findChildren<Toast *>().size(), 1, 30'000); // it can be brought back
        QTRY_COMPARE_WITH_TIMEOUT(button->text(), QStringLiteral("Custom view"), 30'000);
    }

    void whatKeepsAllOutIsNamed()
    {
        test::RunsFixture f;
        fill(f, 21);
        auto v = view(f);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 21, 30'000);
        v->setQuery(QStringLiteral("status:failed agent:nobody"));
        auto *button = child<PrimaryButton>(v.get(), "open-first-agent");
        QTRY_VERIFY_WITH_TIMEOUT(button->isVisible(), 30'000);
        QTRY_VERIFY2_WITH_TIMEOUT(button->text().contains(QStringLiteral("agent:nobody")), qPrintable(button->text()), 30'000);
        test::shoot(v.get(), &m_theme, QStringLiteral("runs-excluded"));
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 3, 30'000);
        QCOMPARE(child<SearchField>(v.get(), "run-query")->text(), QStringLiteral("status:failed"));
    }

    void cellsNarrow()
    {
        test::RunsFixture f;
        fill(f, 10);
        fill(f, 5, QStringLiteral("digest"));
        auto v = view(f);
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 15, 30'000);
        const QPoint at = v->view()->visualRect(v->model()->index(0, RunListModel::Agent)).center();
        Q_EMIT v->view()->customContextMenuRequested(at);
        auto *menu = child<QMenu>(v.get(), "run-menu");
        auto *only = menu->findChild<QAction *>(QStringLiteral("run-only"));
        QVERIFY(only && only->text().contains(QStringLiteral("agent:digest")));
        only->trigger();
        menu->close();
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->rowCount(), 5, 30'000);
        QCOMPARE(child<SearchField>(v.get(), "run-query")->text(), QStringLiteral("agent:digest"));
    }

    void menuOffersWhatFits()
    {
        test::RunsFixture f;
        const RunId run = f.run(QStringLiteral("triage"), QStringLiteral("The export is broken"));
        auto v = view(f);
        QTRY_COMPARE_WITH_TIMEOUT(v->view()->model()->rowCount(), 1, 30'000);
        const QPoint at = v->view()->visualRect(v->view()->model()->index(0, 0)).center();
        Q_EMIT v->view()->customContextMenuRequested(at);
        auto *menu = child<QMenu>(v.get(), "run-menu");
        QStringList titles;
        for (QAction *action : menu->actions())
            titles.append(action->text());
        QVERIFY(titles.contains(QStringLiteral("Replay")));
        QVERIFY(!titles.contains(QStringLiteral("Resume")));
        QSignalSpy said(v.get(), &RunListView::statusMessage);
        menu->actions().at(int(titles.indexOf(QStringLiteral("Copy input"))))->trigger();
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("The export is broken"));
        menu->actions().at(int(titles.indexOf(QStringLiteral("Replay"))))->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(said.count() >= 3, 30'000);
        QVERIFY2(said.last().first().toString().contains(QStringLiteral("nothing was sent")), qPrintable(said.last().first().toString()));
        menu->close();
        Q_UNUSED(run)
    }
};

QTEST_MAIN(TestRunListView)
#include "tst_RunListView.moc"
