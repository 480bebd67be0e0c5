// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunListView.h"

#include "RunsFixture.h"
#include "ui/itemmodels/RunListModel.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/SearchField.h"

#include <QClipboard>
#include <QHeaderView>
#include <QMenu>
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
        QTRY_VERIFY(button->isVisible());
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
        QTRY_COMPARE(v->view()->model()->rowCount(), 3);
        // a run that starts now appears at the top
        const RunId last = f.run(QStringLiteral("digest"), QStringLiteral("Good.\nBad.\nSlow."));
        QTRY_COMPARE(v->view()->model()->rowCount(), 4);
        QCOMPARE(v->view()->model()->index(0, 0).data(RunListModel::IdRole).value<RunId>(), last);
        v->view()->setCurrentIndex(v->view()->model()->index(1, 0));
        test::shoot(v.get(), &m_theme, QStringLiteral("runs"));
        QSignalSpy opened(v.get(), &RunListView::openRequested);
        QVERIFY(QTest::qWaitForWindowActive(v.get()));
        v->view()->setFocus();
        QTest::keyClick(v->view(), Qt::Key_Return);
        QCOMPARE(opened.count(), 1);
        QTest::keyClick(v->view(), Qt::Key_C, Qt::ControlModifier);
        QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("analyst")));
        const QPoint at = v->view()->visualRect(v->view()->model()->index(0, 3)).center();
        QTest::mouseClick(v->view()->viewport(), Qt::LeftButton, {}, at);
        QTest::mouseDClick(v->view()->viewport(), Qt::LeftButton, {}, at);
        QCOMPARE(opened.count(), 2);
        QCOMPARE(opened.last().first().value<Location>(), Location::ofRun(last));

        auto *field = child<SearchField>(v.get(), "run-query");
        QTest::keyClicks(field, QStringLiteral("agent:triage"));
        QTRY_COMPARE(v->view()->model()->rowCount(), 2);
        field->clear();
        QTest::keyClicks(field, QStringLiteral("invoice"));
        QTRY_COMPARE(v->view()->model()->rowCount(), 1);
        field->clear();
        v->setQuery(QStringLiteral("status:sleepy"));
        QTRY_VERIFY(child<ProblemLine>(v.get(), "run-query-problem")->hasProblem());
        test::shoot(v.get(), &m_theme, QStringLiteral("runs-problem"));
        v->setQuery(QStringLiteral("nothinglikethis"));
        QTRY_COMPARE(v->view()->model()->rowCount(), 0);
        QTRY_VERIFY(child<PrimaryButton>(v.get(), "open-first-agent")->isVisible());
        QTest::mouseClick(child<PrimaryButton>(v.get(), "open-first-agent"), Qt::LeftButton);
        QTRY_COMPARE(v->view()->model()->rowCount(), 4);
        QVERIFY(field->text().isEmpty());
    }

    void columnsAreRemembered()
    {
        test::RunsFixture f;
        {
            auto v = view(f);
            v->view()->header()->resizeSection(RunListModel::Input, 411);
            QTest::qWait(650);
        }
        auto v = view(f);
        QCOMPARE(v->view()->header()->sectionSize(RunListModel::Input), 411);
    }

    void menuOffersWhatFits()
    {
        test::RunsFixture f;
        const RunId run = f.run(QStringLiteral("triage"), QStringLiteral("The export is broken"));
        auto v = view(f);
        QTRY_COMPARE(v->view()->model()->rowCount(), 1);
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
        QTRY_VERIFY(said.count() >= 3);
        QVERIFY2(said.last().first().toString().contains(QStringLiteral("nothing was sent")), qPrintable(said.last().first().toString()));
        menu->close();
        Q_UNUSED(run)
    }
};

QTEST_MAIN(TestRunListView)
#include "tst_RunListView.moc"
