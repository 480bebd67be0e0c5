// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/TraceView.h"

#include "core/session/ForeignRuns.h"
#include "RunsFixture.h"
#include "ui/itemmodels/StepTreeModel.h"
#include "ui/runs/StepDetail.h"
#include "ui/runs/FlameView.h"
#include "ui/runs/timetravel/ForkEditor.h"
#include "ui/runs/timetravel/ReplayResult.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/JsonTree.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/SearchField.h"

#include <QAction>
#include <QClipboard>
#include <QMenu>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTabBar>
#include <QTreeView>
#include <QWheelEvent>

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
        QTRY_VERIFY_WITH_TIMEOUT(v->model()->trace().steps().size() > 4, 30'000);
        QVERIFY(!current(v.get()).isEmpty());
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-agent"));
        // the first model and the first tool step
        for (const Step &step : v->model()->trace().steps()) {
            if (step.kind == StepKind::Model) {
                v->selectStep(step.path);
                test::shoot(v.get(), &m_theme, QStringLiteral("trace-model"));
                auto *tabs = child<QTabBar>(v.get(), "step-tabs");
                QCOMPARE(tabs->count(), 5);
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
        QVERIFY(v->model()->isFiltered());
        QVERIFY(v->model()->isShown(v->model()->rowIndex(QStringLiteral("1")))); // leads to a match
        QVERIFY(v->model()->isShown(v->model()->rowIndex(QStringLiteral("1.2"))));
        QVERIFY(!v->model()->isShown(v->model()->rowIndex(QStringLiteral("1.1"))));
        QCOMPARE(current(v.get()), QStringLiteral("1.2")); // Enter goes to the first hit
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-filter"));
        field->clear();
        QTRY_VERIFY_WITH_TIMEOUT(!v->model()->isFiltered(), 30'000);
        auto *tabs = child<QTabBar>(v.get(), "step-tabs");
        tabs->setFocus();
        QTest::keyClick(tabs, Qt::Key_F, Qt::ControlModifier); // from anywhere in the page
        QVERIFY(field->hasFocus());
    }

    void pictures()
    {
        test::RunsFixture f;
        const RunId run = f.run(QStringLiteral("planner"), QStringLiteral("Find the product area with the most complaints, then compare "
                                                                          "its complaints by tier, and list three of its worst messages."));
        auto v = view(f, run);
        QVERIFY(QTest::qWaitForWindowActive(v.get()));
        auto *tree = child<QTreeView>(v.get(), "step-tree");
        auto *flame = child<FlameView>(v.get(), "flame-view");
        v->selectStep(QStringLiteral("1"));
        tree->setFocus();
        QTest::keyClick(tree, Qt::Key_3);
        QVERIFY(flame->isVisible() && flame->hasFocus());
        QCOMPARE(flame->current(), 0); // the same step is chosen
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-flame"));
        QTest::keyClick(flame, Qt::Key_Down);
        QCOMPARE(v->model()->rows()[size_t(flame->current())].parent, 0);
        const int child1 = flame->current();
        // A click on a bar chooses its step, everywhere.
        const QRectF first = flame->rectOf(child1);
        QVERIFY(!first.isEmpty());
        QCOMPARE(flame->rowAt(first.center().toPoint()), child1);
        QTest::mouseClick(flame->viewport(), Qt::LeftButton, {}, flame->rectOf(0).center().toPoint());
        QCOMPARE(flame->current(), 0);
        QCOMPARE(current(v.get()), QStringLiteral("1"));
        // Zoom to a step and back.
        QTest::keyClick(flame, Qt::Key_Down);
        TimeAxis *axis = v->source()->axis();
        QTest::keyClick(flame, Qt::Key_F);
        const TraceRow &shown = v->model()->rows()[size_t(flame->current())];
        QVERIFY(!axis->isFitted());
        QVERIFY(axis->visible().startUs <= shown.startUs && axis->visible().endUs >= shown.endUs);
        QTest::keyClick(flame, Qt::Key_S);
        QTest::keyClick(flame, Qt::Key_D);
        QTest::keyClick(flame, Qt::Key_0);
        QVERIFY(axis->isFitted());
        // A drag chooses a range, Ctrl and the wheel zoom at the pointer, the strip shows all again.
        const TimeRange whole = axis->whole();
        QTest::mousePress(flame->viewport(), Qt::LeftButton, {}, QPoint(300, 200));
        QTest::mouseMove(flame->viewport(), QPoint(500, 210));
        QTest::mouseRelease(flame->viewport(), Qt::LeftButton, {}, QPoint(600, 210));
        QVERIFY(!axis->isFitted());
        const double share = double(axis->visible().length()) / double(whole.length());
        QVERIFY2(std::abs(share - 300.0 / (flame->viewport()->width() - 24)) < 0.01, qPrintable(QString::number(share)));
        const TimeRange chosen = axis->visible();
        QWheelEvent wheel(QPointF(400, 100), flame->viewport()->mapToGlobal(QPointF(400, 100)), {}, QPoint(0, 120), Qt::NoButton,
                          Qt::ControlModifier, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(flame->viewport(), &wheel);
        QVERIFY(axis->visible().length() < chosen.length());
        QVERIFY(axis->visible().startUs > chosen.startUs && axis->visible().endUs < chosen.endUs);
        auto *strip = child<QWidget>(v.get(), "time-strip");
        const TimeRange before = axis->visible();
        const auto stripX = [&](qint64 us) { return int(12 + timeaxis::position(us, whole, strip->width() - 24)); };
        const int middle = stripX((before.startUs + before.endUs) / 2);
        QTest::mousePress(strip, Qt::LeftButton, {}, QPoint(middle, 20));
        QTest::mouseMove(strip, QPoint(middle - 60, 20));
        QTest::mouseRelease(strip, Qt::LeftButton, {}, QPoint(middle - 60, 20));
        QVERIFY(axis->visible().startUs < before.startUs);
        QVERIFY(std::abs(axis->visible().length() - before.length()) <= 1); // moved, not zoomed
        const int edge = stripX(axis->visible().endUs);
        QTest::mousePress(strip, Qt::LeftButton, {}, QPoint(edge, 20));
        QTest::mouseMove(strip, QPoint(edge + 50, 20));
        QTest::mouseRelease(strip, Qt::LeftButton, {}, QPoint(edge + 50, 20));
        QVERIFY(axis->visible().length() > before.length());
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-flame-zoomed"));
        QTest::mouseDClick(strip, Qt::LeftButton, {}, QPoint(40, 20));
        QVERIFY(axis->isFitted());
        QTest::keyClick(flame, Qt::Key_2);
        QCOMPARE(flame->mode(), FlameView::Mode::Waterfall);
        QTest::keyClick(flame, Qt::Key_Home);
        QTest::keyClick(flame, Qt::Key_Down);
        QCOMPARE(current(v.get()), QStringLiteral("1.1"));
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-waterfall"));
        QTest::keyClick(flame, Qt::Key_C);
        QTRY_VERIFY_WITH_TIMEOUT(v->source()->hasLit(), 30'000);
        QTest::keyClick(flame, Qt::Key_M);
        QTRY_VERIFY_WITH_TIMEOUT(v->findChild<QWidget *>(QStringLiteral("cost-model")), 30'000);
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-costs"));
        QTest::keyClick(flame, Qt::Key_1);
        QVERIFY(tree->isVisible());
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-critical"));
    }

    void replayProves()
    {
        test::RunsFixture f;
        const RunId run = f.run(QStringLiteral("analyst"), QStringLiteral("Which product area has the lowest average rating?"));
        auto v = view(f, run);
        const size_t steps = v->model()->trace().steps().size();
        QTest::mouseClick(child<Button>(v.get(), "replay-button"), Qt::LeftButton);
        auto *message = v->findChild<ReplayResult *>();
        QTRY_VERIFY_WITH_TIMEOUT(message->isVisible(), 30'000);
        QVERIFY2(message->severity() == Severity::Success, qPrintable(message->text()));
        QVERIFY(steps > 2);
        QVERIFY(child<Button>(v.get(), "replay-button")->isEnabled());
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-replayed"));
    }

    // What another Lathe runs has no journal here, and its names mean other artifacts.
    void watchedFromAfarIsNotOurs()
    {
        test::RunsFixture f;
        RunInfo info;
        info.source = QStringLiteral("remote");
        info.sourceId = QStringLiteral("there/7");
        info.agentName = QStringLiteral("triage");
        const QJsonObject inner{{QStringLiteral("agent"), QStringLiteral("helper@2")},
                                {QStringLiteral("prompt"), QStringLiteral("triage-prompt@1")},
                                {QStringLiteral("tools"), QJsonArray{QStringLiteral("clock@1")}},
                                {QStringLiteral("agents"), QJsonObject{{QStringLiteral("node:n2"), // no artifact: it stands in the team
                                    QJsonObject{{QStringLiteral("agent"), QStringLiteral("Complaints@draft")}}}}}};
        info.revisions = QJsonObject{{QStringLiteral("agent"), QStringLiteral("triage@1")},
                                     {QStringLiteral("prompt"), QStringLiteral("triage-prompt@1")},
                                     {QStringLiteral("tools"), QJsonArray{QStringLiteral("ask-helper@1"), QStringLiteral("clock@1")}},
                                     {QStringLiteral("delegates"), QJsonObject{{QStringLiteral("ask-helper@1"), inner}}}};
        const auto begun = test::await(f.session->foreignRuns().begin(std::move(info), true));
        QVERIFY(begun);
        RunEvent event;
        event.kind = RunEventKind::StepStarted;
        event.step = QStringLiteral("1");
        event.stepKind = StepKind::Model;
        event.timeUs = f.session->clock().nowUs();
        RunEvent stepOver = event;
        stepOver.kind = RunEventKind::StepEnded;
        stepOver.stepStatus = StepStatus::Ok;
        RunEvent over = event;
        over.kind = RunEventKind::RunEnded;
        over.step.clear();
        over.runStatus = RunStatus::Interrupted;
        f.session->foreignRuns().record(*begun, {event, stepOver, over});
        auto v = view(f, *begun);
        QCOMPARE(child<LinkLabel>(v.get(), "run-agent")->text(), QStringLiteral("triage"));
        QVERIFY(!child<LinkLabel>(v.get(), "run-agent")->isEnabled());
        QVERIFY(!child<LinkLabel>(v.get(), "revision-prompt-triage-prompt")->isEnabled());
        // Also what an agent that stands as a tool used; each once, and not the run's own agent.
        QStringList links;
        for (const LinkLabel *link : v->findChildren<LinkLabel *>(QRegularExpression(QStringLiteral("^revision-"))))
            links.append(link->text());
        QCOMPARE(links, QStringList({QStringLiteral("helper@2"), QStringLiteral("triage-prompt@1"), QStringLiteral("ask-helper@1"), QStringLiteral("clock@1")}));
        for (const char *name : {"replay-button", "fork-run", "pin-run", "fork-step"})
            QVERIFY2(!v->findChild<QWidget *>(QLatin1String(name))->isVisible(), name);
        for (const QAction *action : v->commands())
            QVERIFY2(!action->isEnabled() || !action->text().startsWith(QStringLiteral("Fork")), qPrintable(action->text()));
    }

    // A question in a trace scrolls: a long mail to be approved makes no window taller, and its buttons can be reached.
    void longQuestionKeepsTheWindowLow()
    {
        test::RunsFixture f;
        RunInfo info;
        info.agentName = QStringLiteral("support");
        info.source = QStringLiteral("remote");
        info.status = RunStatus::Running;
        info.startUs = f.session->clock().nowUs();
        const auto run = test::await(f.session->foreignRuns().begin(std::move(info), true));
        QVERIFY(run);
        auto v = view(f, *run);
        HumanQuestion question;
        question.type = HumanQuestion::Type::Approval;
        question.step = QStringLiteral("1.1");
        question.text = QStringLiteral("May support call send_mail?");
        question.tool = QStringLiteral("send_mail");
        question.sideEffect = SideEffect::External;
        question.preview = QStringLiteral("To: ann@example.com\nSubject: Your invoice\n\n") + QStringLiteral("One more line of a long letter.\n").repeated(200);
        question.arguments = QJsonObject{{QStringLiteral("to"), QStringLiteral("ann@example.com")}};
        f.session->foreignRuns().ask(*run, question, [](const HumanAnswer &) {});
        auto *area = child<QScrollArea>(v.get(), "trace-asks");
        QTRY_VERIFY_WITH_TIMEOUT(area->isVisible() && area->verticalScrollBar()->maximum() > 0, 30'000);
        for (const int height : {1400, 820, 560}) { // also after it was taller
            v->resize(1240, height);
            QTest::qWait(50);
            QVERIFY2(v->minimumSizeHint().height() < 500, qPrintable(QString::number(v->minimumSizeHint().height())));
            QVERIFY2(area->height() <= std::max(120, height / 2) && area->height() >= 120, qPrintable(QString::number(area->height())));
            QVERIFY(child<StepDetail>(v.get(), "step-detail")->height() > 0);
        }
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-asks-low"));
        v->resize(1240, 1000);
        QTRY_VERIFY_WITH_TIMEOUT(area->height() > 400, 30'000); // takes its half again
        auto *approve = child<Button>(v.get(), "approve-button");
        area->ensureWidgetVisible(approve);
        QVERIFY(area->viewport()->rect().contains(QRect(approve->mapTo(area->viewport(), QPoint()), approve->size())));
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-asks"));
    }

    // What the buttons of the page do stands in the palette, and only while they are there.
    void commandsDoWhatTheButtonsDo()
    {
        test::RunsFixture f;
        const RunId run = f.run(QStringLiteral("analyst"), QStringLiteral("What share of the feedback in October is negative?"));
        auto v = view(f, run);
        const auto command = [&](const char *name) {
            const auto all = v->commands();
            const auto found = std::find_if(all.begin(), all.end(), [&](const QAction *one) { return one->objectName() == QLatin1String(name); });
            return found == all.end() ? nullptr : *found;
        };
        QTRY_VERIFY_WITH_TIMEOUT(command("fork-step")->isEnabled(), 30'000);
        QVERIFY(!command("stop-run-button")->isEnabled()); // it is over
        QVERIFY(command("replay-button")->isEnabled());
        QCOMPARE(command("fork-step"), command("fork-step")); // the palette asks again when one is chosen
        command("trace-mode-2")->trigger();
        QVERIFY(v->findChild<FlameView *>()->isVisible());
        command("copy-trace-text")->trigger();
        QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("October")));
        command("fork-step")->trigger();
        QVERIFY(v->window()->findChild<ForkEditor *>());
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
        QTRY_VERIFY_WITH_TIMEOUT(current(v.get()).count(QLatin1Char('.')) >= 1, 30'000); // a step below the agent
        QTest::qWait(500);
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-live"));
        // The streamed text equals the session's, nothing twice.
        const Trace *live = f.session->liveTrace(*run);
        QVERIFY(live);
        for (size_t i = 0; i < v->model()->trace().steps().size(); ++i)
            QTRY_COMPARE_WITH_TIMEOUT(v->model()->trace().steps()[i].text, f.session->liveTrace(*run)->steps()[i].text, 30'000);
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
        QTRY_VERIFY_WITH_TIMEOUT(stop->isVisible(), 30'000);
        QTest::qWait(200);
        QTest::mouseClick(stop, Qt::LeftButton);
        auto *resume = child<Button>(v.get(), "resume-button");
        QTRY_VERIFY_WITH_TIMEOUT(resume->isVisible(), 30'000);
        QVERIFY(!stop->isVisible());
        test::shoot(v.get(), &m_theme, QStringLiteral("trace-stopped"));
        QTest::mouseClick(resume, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(stop->isVisible(), 30'000);
        QVERIFY(test::await(f.session->finished(*run)));
        QTRY_COMPARE_WITH_TIMEOUT(v->model()->trace().status(), RunStatus::Done, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(!stop->isVisible(), 30'000);
        QVERIFY(!resume->isVisible());
    }

    void unknownRunSaysSo()
    {
        test::RunsFixture f;
        TraceView v(f.session.get(), &m_theme, RunId{4711}, nullptr);
        QSignalSpy raised(&v, &TraceView::errorRaised);
        v.resize(900, 600);
        v.show();
        QTRY_COMPARE_WITH_TIMEOUT(raised.count(), 1, 30'000);
        test::shoot(&v, &m_theme, QStringLiteral("trace-unknown"));
    }
};

QTEST_MAIN(TestTraceView)
#include "tst_TraceView.moc"
