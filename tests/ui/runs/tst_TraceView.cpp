// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/TraceView.h"

#include "RunsFixture.h"
#include "ui/itemmodels/StepTreeModel.h"
#include "ui/runs/StepDetail.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/JsonTree.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/SearchField.h"

#include <QClipboard>
#include <QMenu>
#include <QSignalSpy>
#include <QTabBar>
#include <QTreeView>

using namespace lathe;
using test::child;

class TestTraceView : public QObject
{
    Q_OBJECT
    Theme m_theme;

    std::unique_ptr<TraceView> view(test::RunsFixture &f, RunId run)
    {
        auto made = std::make_unique<TraceView>(f.session.get(), &m_theme, run, nullptr);
        made->resize(1240, 820);
        made->show();
        return made;
    }
    static QString current(TraceView *of)
    {
        return child<QTreeView>(of, "step-tree")->currentIndex().data(StepTreeModel::PathRole).toString();
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme.install();
        m_theme.setMode(Theme::Mode::Dark);
    }

    void storedRun()
    {
        test::RunsFixture f;
        const RunId run = f.run(QStringLiteral("planner"), QStringLiteral("Find the product area with the most complaints, then compare "
                                                                          "its complaints by tier, and list three of its worst messages."));
        f.close();
        f.session = std::move(*Session::open(f.path, SessionOptions()));
        auto v = view(f, run);
        QTRY_VERIFY(v->model()->trace().steps().size() > 4);
        QVERIFY(!current(v.get()).isEmpty());
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-agent"));
        // the first model and the first tool step
        for (const Step &step : v->model()->trace().steps()) {
            if (step.kind == StepKind::Model) {
                v->selectStep(step.path);
                test::shoot(v.get(), &m_theme, QStringLiteral("trace-model"));
                auto *tabs = child<QTabBar>(v.get(), "step-tabs");
                QCOMPARE(tabs->count(), 4);
                tabs->setCurrentIndex(1);
                test::shoot(v.get(), &m_theme, QStringLiteral("trace-model-details"));
                tabs->setCurrentIndex(2);
                QVERIFY(child<JsonTree>(v.get(), "step-json")->isVisible());
                test::shoot(v.get(), &m_theme, QStringLiteral("trace-model-request"));
                tabs->setCurrentIndex(0);
                QVERIFY(v->findChild<QWidget *>(QStringLiteral("message-user")));
                break;
            }
        }
        for (const Step &step : v->model()->trace().steps()) {
            if (step.kind == StepKind::Tool) {
                v->selectStep(step.path);
                test::shoot(v.get(), &m_theme, QStringLiteral("trace-tool"));
                break;
            }
        }
    }

    void keysMoveAndFilter()
    {
        test::RunsFixture f;
        const RunId run = f.run(QStringLiteral("analyst"), QStringLiteral("Which product area has the lowest average rating?"));
        auto v = view(f, run);
        QVERIFY(QTest::qWaitForWindowActive(v.get()));
        auto *tree = child<QTreeView>(v.get(), "step-tree");
        tree->setFocus();
        v->selectStep(QStringLiteral("1"));
        QTest::keyClick(tree, Qt::Key_J);
        QCOMPARE(current(v.get()), QStringLiteral("1.1"));
        QTest::keyClick(tree, Qt::Key_J);
        QCOMPARE(current(v.get()), QStringLiteral("1.2"));
        QTest::keyClick(tree, Qt::Key_K);
        QCOMPARE(current(v.get()), QStringLiteral("1.1"));
        QTest::keyClick(tree, Qt::Key_Down);
        QCOMPARE(current(v.get()), QStringLiteral("1.2"));
        QTest::keyClick(tree, Qt::Key_F, Qt::ControlModifier);
        auto *field = child<SearchField>(v.get(), "step-filter");
        QVERIFY(field->hasFocus());
        QTest::keyClicks(field, QStringLiteral("feedback_sql"));
        QTest::keyClick(field, Qt::Key_Return);
        const QModelIndex agent = v->model()->indexOf(QStringLiteral("1"));
        QVERIFY(!tree->isRowHidden(0, {})); // leads to a match
        QVERIFY(!tree->isRowHidden(v->model()->indexOf(QStringLiteral("1.2")).row(), agent));
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-filter"));
        field->clear();
        QVERIFY(!tree->isRowHidden(0, agent));
        auto *tabs = child<QTabBar>(v.get(), "step-tabs");
        tabs->setFocus();
        QTest::keyClick(tabs, Qt::Key_F, Qt::ControlModifier); // from anywhere in the page
        QVERIFY(field->hasFocus());
    }

    void replayProves()
    {
        test::RunsFixture f;
        const RunId run = f.run(QStringLiteral("analyst"), QStringLiteral("Which product area has the lowest average rating?"));
        auto v = view(f, run);
        const size_t steps = v->model()->trace().steps().size();
        QTest::mouseClick(child<Button>(v.get(), "replay-button"), Qt::LeftButton);
        auto *message = child<InlineMessage>(v.get(), "trace-message");
        QTRY_VERIFY(message->isVisible());
        QVERIFY2(message->text().contains(QStringLiteral("same %1 steps").arg(steps)), qPrintable(message->text()));
        QVERIFY(child<Button>(v.get(), "replay-button")->isEnabled());
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-replayed"));
    }

    void linksAndCopy()
    {
        test::RunsFixture f;
        const RunId run = f.run(QStringLiteral("analyst"), QStringLiteral("What share of the feedback in October is negative?"));
        auto v = view(f, run);
        QSignalSpy opened(v.get(), &TraceView::openRequested);
        QTest::mouseClick(child<LinkLabel>(v.get(), "run-agent"), Qt::LeftButton);
        QCOMPARE(opened.takeFirst().first().value<Location>().artifact, f.agent(QStringLiteral("analyst")));
        QTest::mouseClick(child<LinkLabel>(v.get(), "revision-prompt-analyst-prompt"), Qt::LeftButton);
        QCOMPARE(opened.takeFirst().first().value<Location>().kind, Location::Kind::Artifact);
        auto *menu = child<QMenu>(v.get(), "copy-trace-menu");
        menu->actions().at(0)->trigger();
        QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("analyst")));
        menu->actions().at(1)->trigger();
        QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("resourceSpans")));
    }

    void followsLiveUntilChosen()
    {
        test::RunsFixture f(QStringLiteral("feedback-desk"), 60);
        RunRequest request;
        request.agent = QStringLiteral("digest");
        request.attended = true;
        for (int i = 0; i < 12; ++i)
            request.input.text += QStringLiteral("The board loads slowly since the last update, please fix it number %1.\n").arg(i);
        const auto run = test::await(f.session->startRun(request));
        QVERIFY(run);
        auto v = view(f, *run);
        QTRY_VERIFY(current(v.get()).count(QLatin1Char('.')) >= 1); // a step below the agent
        QTest::qWait(500);
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-live"));
        // The streamed text equals the session's, nothing twice.
        const Trace *live = f.session->liveTrace(*run);
        QVERIFY(live);
        for (size_t i = 0; i < v->model()->trace().steps().size(); ++i)
            QTRY_COMPARE(v->model()->trace().steps()[i].text, f.session->liveTrace(*run)->steps()[i].text);
        v->findChild<QTreeView *>(QStringLiteral("step-tree"))->setCurrentIndex(v->model()->indexOf(QStringLiteral("1")));
        QVERIFY(test::await(f.session->finished(*run)));
        QTest::qWait(50);
        QCOMPARE(current(v.get()), QStringLiteral("1"));
        const Trace *done = f.session->liveTrace(*run);
        QCOMPARE(v->model()->trace().steps().size(), done->steps().size());
        for (size_t i = 0; i < done->steps().size(); ++i)
            QCOMPARE(v->model()->trace().steps()[i].text, done->steps()[i].text);
        QCOMPARE(v->model()->trace().status(), RunStatus::Done);
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-live-done"));
    }

    void stopThenResume()
    {
        test::RunsFixture f(QStringLiteral("feedback-desk"), 40);
        RunRequest request;
        request.agent = QStringLiteral("digest");
        request.attended = true;
        for (int i = 0; i < 8; ++i)
            request.input.text += QStringLiteral("The export stops without a word, number %1.\n").arg(i);
        const auto run = test::await(f.session->startRun(request));
        QVERIFY(run);
        auto v = view(f, *run);
        auto *stop = child<Button>(v.get(), "stop-run-button");
        QTRY_VERIFY(stop->isVisible());
        QTest::qWait(200);
        QTest::mouseClick(stop, Qt::LeftButton);
        auto *resume = child<Button>(v.get(), "resume-button");
        QTRY_VERIFY(resume->isVisible());
        QVERIFY(!stop->isVisible());
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-stopped"));
        QTest::mouseClick(resume, Qt::LeftButton);
        QTRY_VERIFY(stop->isVisible());
        QVERIFY(test::await(f.session->finished(*run)));
        QTRY_COMPARE(v->model()->trace().status(), RunStatus::Done);
        QTRY_VERIFY(!stop->isVisible());
        QVERIFY(!resume->isVisible());
    }

    void unknownRunSaysSo()
    {
        test::RunsFixture f;
        TraceView v(f.session.get(), &m_theme, RunId{4711}, nullptr);
        QSignalSpy raised(&v, &TraceView::errorRaised);
        v.resize(900, 600);
        v.show();
        QTRY_COMPARE(raised.count(), 1);
        test::shoot(&v, &m_theme, QStringLiteral("trace-unknown"));
    }
};

QTEST_MAIN(TestTraceView)
#include "tst_TraceView.moc"
