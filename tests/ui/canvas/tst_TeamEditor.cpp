// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/TeamEditor.h"

#include "tests/ui/canvas/TeamTesting.h"
#include "ui/canvas/CanvasView.h"
#include "ui/canvas/FormView.h"
#include "ui/canvas/FormViewJson.h"
#include "ui/canvas/NodeInspector.h"
#include "ui/canvas/TeamDiffPage.h"
#include "ui/canvas/TeamPausePanel.h"
#include "ui/canvas/TeamProblems.h"
#include "ui/canvas/TeamRunBar.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/HeaderedSplitter.h"
#include "ui/widgets/SectionHeader.h"

#include <QAction>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>

using namespace lathe;
using namespace lathe::test;

namespace {
QString s(const char *text)
{
    return QString::fromLatin1(text);
}
}

class TestTeamEditor : public QObject
{
    Q_OBJECT

    std::unique_ptr<UiFixture> m_project;
    ArtifactId m_team;
    std::unique_ptr<TeamEditor> m_editor;

    Session *session() { return m_project->session.get(); }
    QJsonObject body() { return m_project->body(m_team); }
    QJsonValue at(const char *pointer) { return json::at(QJsonValue(body()), s(pointer)); }
    CanvasView *canvas() { return m_editor->canvas(); }
    int latest() { return session()->project().artifacts().info(m_team)->latestNumber; }
    void open(const QJsonObject &team)
    {
        m_editor.reset();
        static int number = 0;
        m_team = m_project->make(ArtifactKind::Team, QStringLiteral("desk-%1").arg(++number), team);
        show();
    }
    void show()
    {
        m_editor = std::make_unique<TeamEditor>(session(), UiFixture::theme(), m_team);
        m_editor->resize(1440, 860);
        m_editor->show();
        QVERIFY(QTest::qWaitForWindowActive(m_editor.get()));
        canvas()->setFocus();
    }
    void commit()
    {
        const int before = latest();
        QTest::mouseClick(find<QPushButton>(m_editor.get(), "team-commit"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(latest(), before + 1, 30'000);
    }
    RunId makeRun(RunStatus status = RunStatus::Running)
    {
        RunInfo info;
        info.artifact = m_team;
        info.agentName = session()->project().artifacts().info(m_team)->name;
        info.status = status;
        info.input = s("The app crashes when I open a report.");
        info.startUs = session()->clock().nowUs();
        const auto run = await(session()->project().runs().create(info));
        return run ? *run : RunId();
    }

private Q_SLOTS:
    void init()
    {
        m_project = std::make_unique<UiFixture>();
        open(deskTeam());
    }
    void cleanup()
    {
        m_editor.reset();
        m_project.reset();
    }

    void showsTheTeam()
    {
        QCOMPARE(find<QLabel>(m_editor.get(), "team-revision")->text(), s("not committed yet"));
        QCOMPARE(canvas()->body(), body());
        QTest::qWait(250);
        UiFixture::shoot(m_editor.get(), s("team"));
        canvas()->setSelection({s("n2")});
        QTest::qWait(20);
        UiFixture::shoot(m_editor.get(), s("team-router"));
    }

    void everyChangeOfTheCanvasIsOneUndo()
    {
        const QJsonObject start = body();
        canvas()->addNodeOfKind(NodeKind::Human);
        QVERIFY(at("/nodes/n9/kind").toString() == s("human"));
        const QJsonObject withNode = body();
        canvas()->setSelection({s("n3"), s("n4"), s("n5")});
        canvas()->setFocus();
        QVERIFY(canvas()->command(s("delete")));
        canvas()->command(s("delete"))->trigger();
        QVERIFY(at("/nodes/n3").isUndefined() && at("/nodes/n5").isUndefined());
        QVERIFY(at("/edges/e4").isUndefined());
        QCOMPARE(canvas()->body(), body());
        QTest::keyClick(m_editor.get(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(body(), withNode); // three nodes and their edges came back at once
        QCOMPARE(canvas()->body(), withNode);
        QTest::mouseClick(find<QAbstractButton>(m_editor.get(), "team-undo"), Qt::LeftButton);
        QCOMPARE(body(), start);
        QVERIFY(!find<QAbstractButton>(m_editor.get(), "team-undo")->isEnabled());
        QTest::mouseClick(find<QAbstractButton>(m_editor.get(), "team-redo"), Qt::LeftButton);
        QCOMPARE(body(), withNode);
    }

    void theInspectorEditsWhatIsSelected()
    {
        canvas()->setSelection({s("n4")});
        auto *form = find<FormView>(m_editor->inspector(), "name-form");
        auto *name = find<QLineEdit>(form, "field-name");
        QCOMPARE(name->text(), s("Technician"));
        name->setFocus();
        name->selectAll();
        QTest::keyClicks(name, s("Engineer"));
        QCOMPARE(at("/nodes/n4/name").toString(), s("Engineer"));
        QCOMPARE(canvas()->body(), body());
        QTest::keyClick(name, Qt::Key_Z, Qt::ControlModifier);
        QTest::keyClick(name, Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(at("/nodes/n4/name").toString(), s("Technician"), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(name->text(), s("Technician"), 30'000);
    }

    void alignIsOneUndo()
    {
        canvas()->setSelection({s("n3"), s("n2")});
        const QJsonObject before = body();
        QTest::mouseClick(find<QPushButton>(m_editor->inspector(), "align-top"), Qt::LeftButton);
        QCOMPARE(at("/layout/nodes/n2/y").toDouble(), at("/layout/nodes/n3/y").toDouble());
        QTest::keyClick(m_editor.get(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(body(), before);
    }

    void anEmptyTeamTeaches()
    {
        open({{s("job"), QString()}, {s("nodes"), QJsonObject()}, {s("edges"), QJsonObject()}});
        auto *start = find<QAbstractButton>(m_editor.get(), "team-start");
        QVERIFY(start->isVisible());
        UiFixture::shoot(m_editor.get(), s("team-empty"));
        QTest::mouseClick(start, Qt::LeftButton);
        QCOMPARE(body().value(s("nodes")).toObject().size(), 3);
        QCOMPARE(body().value(s("edges")).toObject().size(), 2);
        QVERIFY(!start->isVisible());
        QTest::keyClick(m_editor.get(), Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(body().value(s("nodes")).toObject().isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(start->isVisible(), 30'000);
    }

    void problemsLeadToTheirNode()
    {
        QJsonObject team = deskTeam();
        team = applyChanges(team, {{s("/nodes/n3/settings/agent"), s("nobody")}, {s("/edges/e5"), QJsonValue(QJsonValue::Undefined)}});
        open(team);
        auto *list = find<QListView>(m_editor.get(), "team-problems");
        QTRY_VERIFY_WITH_TIMEOUT(list->isVisible() && list->model()->rowCount() > 0, 30'000);
        UiFixture::shoot(m_editor.get(), s("team-problems"));
        int row = -1;
        for (int i = 0; i < list->model()->rowCount(); ++i) {
            if (list->model()->index(i, 0).data().toString().contains(s("nobody")))
                row = i;
        }
        QVERIFY(row >= 0);
        QTest::mouseClick(list->viewport(), Qt::LeftButton, Qt::NoModifier, list->visualRect(list->model()->index(row, 0)).center());
        QCOMPARE(canvas()->selection(), QStringList{s("n3")});
        QTest::keyClick(m_editor.get(), Qt::Key_F8);
        QVERIFY(list->currentIndex().isValid());
    }

    void commitsAndComparesRevisions()
    {
        commit();
        canvas()->setSelection({s("n5")});
        canvas()->setFocus();
        canvas()->command(s("delete"))->trigger();
        QVERIFY(session()->edit(m_team, s("/nodes/n4/settings/agent"), s("triage"), s("Change agent")).ok());
        canvas()->addNodeOfKind(NodeKind::Human);
        QTRY_COMPARE_WITH_TIMEOUT(at("/nodes/n4/settings/agent").toString(), s("triage"), 30'000);
        commit();
        QTest::mouseClick(find<QPushButton>(m_editor.get(), "team-compare"), Qt::LeftButton);
        auto *diff = find<TeamDiffPage>(m_editor.get(), "team-diff");
        QVERIFY(diff && diff->isVisible());
        QCOMPARE(find<QComboBox>(diff, "diff-older")->currentData().toInt(), 1);
        QCOMPARE(find<QComboBox>(diff, "diff-newer")->currentData().toInt(), 2);
        // What was removed is drawn too.
        const QJsonObject drawn = diff->canvas()->body();
        QVERIFY(drawn.value(s("nodes")).toObject().contains(s("n5")) || at("/nodes/n5/kind").toString() == s("human"));
        QVERIFY(find<QWidget>(diff, "diff-item-n4"));
        QVERIFY(find<QLabel>(diff, "diff-counts")->text().contains(s("changed")));
        QVERIFY(diff->canvas()->isReadOnly());
        QTest::qWait(50);
        UiFixture::shoot(m_editor.get(), s("team-diff"));
        // The other way round by the box.
        auto *newer = find<QComboBox>(diff, "diff-newer");
        newer->setFocus();
        QTest::keyClick(newer, Qt::Key_End);
        QCOMPARE(newer->currentData().toInt(), 1);
        QVERIFY(diff->differences().empty());
        QVERIFY(find<QLabel>(diff, "diff-counts")->text().startsWith(s("No difference")));
        QTest::keyClick(diff, Qt::Key_Escape);
        QVERIFY(canvas()->isVisible());
    }

    void anOldRevisionIsReadOnlyAndRestored()
    {
        commit();
        const QJsonObject first = body();
        canvas()->addNodeOfKind(NodeKind::Transform);
        commit();
        m_editor->showRevision(1);
        QVERIFY(canvas()->isReadOnly());
        QCOMPARE(canvas()->body(), first);
        QVERIFY(find<QWidget>(m_editor.get(), "team-banner")->isVisible());
        UiFixture::shoot(m_editor.get(), s("team-revision"));
        QTest::mouseClick(find<QPushButton>(m_editor.get(), "team-restore"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(body(), first, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(!canvas()->isReadOnly(), 30'000);
        QSignalSpy errors(m_editor.get(), &TeamEditor::errorRaised);
        m_editor->showRevision(99);
        QCOMPARE(errors.size(), 1);
    }

    void breakpointsAreKept()
    {
        FakeRunControl control;
        m_editor->setRunControl(&control);
        canvas()->setSelection({s("n4")});
        canvas()->setFocus();
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_F9);
        QCOMPARE(m_editor->breakpoints(), QSet<QString>{s("n4")});
        QCOMPARE(control.breakpoints.value(m_team.value), QStringList{s("n4")});
        show(); // opened again
        QCOMPARE(m_editor->breakpoints(), QSet<QString>{s("n4")});
        FakeRunControl second;
        m_editor->setRunControl(&second);
        QCOMPARE(second.breakpoints.value(m_team.value), QStringList{s("n4")});
        canvas()->setSelection({s("n4")});
        canvas()->setFocus();
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_F9);
        QVERIFY(m_editor->breakpoints().isEmpty());
        QVERIFY(second.breakpoints.value(m_team.value).isEmpty());
    }

    void runsAreDrawnAndScrubbed()
    {
        const RunId run = makeRun();
        RunScript script = deskRun(run);
        Q_EMIT session()->runStarted(run);
        QCOMPARE(m_editor->runBar()->shown(), run);
        const auto &events = script.events();
        Q_EMIT session()->runEvents(run, std::vector<RunEvent>(events.begin(), events.begin() + 10));
        canvas()->setZoom(0.85);
        canvas()->reveal(s("n4"));
        QTest::qWait(30);
        UiFixture::shoot(m_editor.get(), s("team-running"));
        Q_EMIT session()->runEvents(run, std::vector<RunEvent>(events.begin() + 10, events.end()));
        auto *slider = find<QSlider>(m_editor.get(), "run-slider");
        QVERIFY(slider->isVisible());
        QCOMPARE(slider->maximum(), 16);
        QCOMPARE(slider->value(), 16);
        slider->setFocus();
        QTest::keyClick(slider, Qt::Key_Left);
        QCOMPARE(m_editor->runBar()->view()->moment(), 15);
        QTest::keyClick(slider, Qt::Key_Home);
        QCOMPARE(find<ElidedLabel>(m_editor.get(), "run-moment")->text(), s("0/16 Before the first step"));
        for (int i = 0; i < 5; ++i)
            QTest::keyClick(slider, Qt::Key_Right);
        QVERIFY2(find<ElidedLabel>(m_editor.get(), "run-moment")->text().contains(s("Technician began")), qPrintable(find<ElidedLabel>(m_editor.get(), "run-moment")->text()));
        QTest::qWait(30);
        UiFixture::shoot(m_editor.get(), s("team-scrubbed"));
        QTest::keyClick(slider, Qt::Key_End);
        QVERIFY(m_editor->runBar()->view()->isAtEnd());
        canvas()->setSelection({s("e5")});
        QTest::qWait(30);
        UiFixture::shoot(m_editor.get(), s("team-ran"));
    }

    void severalRunsAtOnceAndStoredOnes()
    {
        // A stored one, from the file.
        const RunId old = makeRun();
        const RunScript stored = deskRun(old);
        for (const RunEvent &event : stored.events())
            session()->project().runs().record(event);
        QVERIFY(await(session()->project().runs().end(old, RunStatus::Done, s("shorter 1"), std::nullopt, Usage())).ok());
        show();
        auto *choice = find<QComboBox>(m_editor.get(), "run-choice");
        QTRY_COMPARE_WITH_TIMEOUT(choice->count(), 2, 30'000);
        QVERIFY(!m_editor->runBar()->shown().isValid());
        choice->setFocus();
        QTest::keyClick(choice, Qt::Key_Down);
        QCOMPARE(m_editor->runBar()->shown(), old);
        QTRY_COMPARE_WITH_TIMEOUT(m_editor->runBar()->view()->momentCount(), 16, 30'000);
        QCOMPARE(m_editor->runBar()->view()->nodes().value(s("n4")).usage.totalTokens(), 1240);
        // One that begins is shown; the next waits its turn while that goes on.
        const RunId first = makeRun(), second = makeRun();
        Q_EMIT session()->runStarted(first);
        QCOMPARE(m_editor->runBar()->shown(), first);
        RunScript running = deskRun(first);
        Q_EMIT session()->runEvents(first, std::vector<RunEvent>(running.events().begin(), running.events().begin() + 6));
        Q_EMIT session()->runStarted(second);
        QCOMPARE(m_editor->runBar()->shown(), first);
        QCOMPARE(choice->count(), 4);
        RunScript other(second);
        Q_EMIT session()->runEvents(second, other.events()); // not shown: does not disturb
        QCOMPARE(m_editor->runBar()->view()->trace().run(), first);
        // A run of somebody else is none of ours.
        Q_EMIT session()->runStarted(RunId{987654});
        QCOMPARE(choice->count(), 4);
        choice->setFocus();
        QTest::keyClick(choice, Qt::Key_Home);
        QVERIFY(!m_editor->runBar()->shown().isValid());
        QVERIFY(!find<QSlider>(m_editor.get(), "run-slider")->isVisible());
    }

    void aPauseShowsAndChanges()
    {
        FakeRunControl control;
        m_editor->setRunControl(&control);
        const RunId run = makeRun(), fork = makeRun();
        control.forked = fork;
        RunScript script = deskRun(run);
        Q_EMIT session()->runStarted(run);
        Q_EMIT session()->runEvents(run, std::vector<RunEvent>(script.events().begin(), script.events().begin() + 7));
        PausedTeam at;
        at.run = run;
        at.nodes.push_back({s("n4"), s("1.3"), {{s("in"), s("The app crashes.")}}});
        at.state = {{s("findings"), QJsonArray()}};
        control.pause(at);
        auto *panel = find<TeamPausePanel>(m_editor.get(), "pause-panel");
        QVERIFY(panel->isVisible());
        QCOMPARE(find<QLabel>(panel, "pause-title")->text(), s("Paused before Technician"));
        QTest::qWait(30);
        UiFixture::shoot(m_editor.get(), s("team-paused"));
        auto *go = find<QPushButton>(panel, "pause-continue");
        auto *change = find<QPushButton>(panel, "pause-fork");
        QVERIFY(go->isEnabled() && !change->isEnabled());
        auto *state = find<FormViewJson>(panel, "pause-state");
        state->editor()->setFocus();
        state->editor()->selectAll();
        QTest::keyClicks(state->editor(), s("{\"findings\": [\"seen before\""));
        QVERIFY(!go->isEnabled() && !change->isEnabled()); // no JSON yet
        QTest::keyClicks(state->editor(), s("]}"));
        QVERIFY(!go->isEnabled() && change->isEnabled());
        // Asked again about the same pause, what is typed stays.
        Q_EMIT control.pausedChanged(run);
        QCOMPARE(find<FormViewJson>(panel, "pause-state"), state);
        UiFixture::shoot(m_editor.get(), s("team-paused-changed"));
        control.refusal = Error(ErrorKind::InvalidInput, s("The run is over."));
        QSignalSpy errors(m_editor.get(), &TeamEditor::errorRaised);
        QTest::mouseClick(change, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(errors.size(), 1, 30'000);
        QCOMPARE(m_editor->runBar()->shown(), run);
        control.refusal.reset();
        QTest::mouseClick(change, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(m_editor->runBar()->shown(), fork, 30'000);
        QCOMPARE(control.forks.size(), size_t(2));
        const TeamForkRequest &asked = control.forks.back();
        QCOMPARE(asked.run, run);
        QCOMPARE(asked.step, s("1.3"));
        QVERIFY(!asked.again && asked.inputs.isEmpty());
        QCOMPARE(asked.state.value(s("1.3")).value(s("findings")).toArray(), QJsonArray{s("seen before")});
        QVERIFY(control.continued.isEmpty());
        // Back at the first run it can still go on.
        m_editor->showRun(run);
        QVERIFY(panel->isVisible());
        go = find<QPushButton>(panel, "pause-continue");
        QTest::mouseClick(go, Qt::LeftButton);
        QCOMPARE(control.continued, QList<RunId>{run});
        QVERIFY(!panel->isVisible());
    }

    void runFromHere()
    {
        FakeRunControl control;
        m_editor->setRunControl(&control);
        const RunId run = makeRun();
        control.forked = makeRun();
        const auto menuAction = [&]() -> QAction * {
            Q_EMIT canvas()->contextMenuRequested(s("n4"), m_editor->mapToGlobal(QPoint(300, 300)));
            auto *menu = m_editor->findChild<QMenu *>(s("team-menu"));
            return menu ? menu->findChild<QAction *>(s("menu-run-from")) : nullptr;
        };
        QAction *action = menuAction();
        QVERIFY(action && !action->isEnabled()); // nothing ran yet
        delete m_editor->findChild<QMenu *>(s("team-menu"));
        Q_EMIT session()->runStarted(run);
        Q_EMIT session()->runEvents(run, deskRun(run).events());
        action = menuAction();
        QVERIFY(action && action->isEnabled());
        action->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(m_editor->runBar()->shown(), control.forked, 30'000);
        QCOMPARE(control.forks.front().run, run);
        QCOMPARE(control.forks.front().step, s("1.3"));
        QVERIFY(control.forks.front().again);
    }

    void activatingANodeOpensWhatItRefersTo()
    {
        QSignalSpy opened(m_editor.get(), &TeamEditor::openRequested);
        Q_EMIT canvas()->activated(s("n3"));
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened.first().first().value<Location>().artifact, m_project->id(ArtifactKind::Agent, s("triage")));
        canvas()->setSelection({s("n5")});
        Q_EMIT canvas()->activated(s("n5"));
        QCOMPARE(opened.size(), 1);
        QVERIFY(find<QLineEdit>(find<FormView>(m_editor->inspector(), "name-form"), "field-name")->hasFocus());
    }

    void sizesAreRemembered()
    {
        auto *splitter = find<HeaderedSplitter>(m_editor.get(), "team-splitter");
        QWidget *handle = splitter->handle(2);
        const QPoint from = handle->rect().center();
        QTest::mousePress(handle, Qt::LeftButton, Qt::NoModifier, from);
        QTest::mouseMove(handle, from - QPoint(60, 0));
        QTest::mouseRelease(handle, Qt::LeftButton, Qt::NoModifier, from - QPoint(60, 0));
        const int wide = splitter->panelSizes().value(s("inspector"));
        QTRY_COMPARE_WITH_TIMEOUT(session()->project().setting(s("ui/team/panels")).toObject().value(s("inspector")).toInt(), wide, 30'000);
        show();
        QCOMPARE(find<HeaderedSplitter>(m_editor.get(), "team-splitter")->panelSizes().value(s("inspector")), wide);
    }

    // Opening, and a key press in the inspector, on the largest team there may be.
    void fiveThousandNodes()
    {
        QJsonObject nodes, edges, places;
        for (int i = 1; i <= 5000; ++i) {
            const QString id = QStringLiteral("n%1").arg(i);
            nodes.insert(id, QJsonObject{{s("kind"), i == 1 ? s("input") : i == 5000 ? s("output") : s("transform")}, {s("name"), QStringLiteral("Node %1").arg(i)},
                                         {s("settings"), i == 1 || i == 5000 ? QJsonObject() : QJsonObject{{s("expression"), s("input")}}}});
            places.insert(id, QJsonObject{{s("x"), i % 100 * 280}, {s("y"), i / 100 * 120}});
            if (i > 1)
                edges.insert(QStringLiteral("e%1").arg(i - 1), QJsonObject{{s("from"), QStringLiteral("n%1").arg(i - 1)}, {s("from_port"), s("out")}, {s("to"), id}, {s("to_port"), s("in")}});
        }
        m_editor.reset();
        m_team = m_project->make(ArtifactKind::Team, s("vast"), {{s("job"), s("Count.")}, {s("nodes"), nodes}, {s("edges"), edges}, {s("layout"), QJsonObject{{s("nodes"), places}}}});
        QElapsedTimer timer;
        timer.start();
        m_editor = std::make_unique<TeamEditor>(session(), UiFixture::theme(), m_team);
        m_editor->resize(1440, 860);
        m_editor->show();
        const double opened = double(timer.nsecsElapsed()) / 1e6;
        QVERIFY(QTest::qWaitForWindowExposed(m_editor.get()));
        canvas()->setSelection({s("n777")});
        auto *name = find<QLineEdit>(find<FormView>(m_editor->inspector(), "name-form"), "field-name");
        name->setFocus();
        QTest::keyClick(name, Qt::Key_End);
        timer.restart();
        constexpr int keys = 40;
        for (int i = 0; i < keys; ++i)
            QTest::keyClick(name, Qt::Key_X);
        const double key = double(timer.nsecsElapsed()) / 1e6 / keys;
        QCOMPARE(at("/nodes/n777/name").toString(), s("Node 777") + QString(keys, QLatin1Char('x')));
        qInfo("5000 nodes: open %.0f ms, a key %.1f ms", opened, key);
        QVERIFY2(opened < 120'000, qPrintable(QString::number(opened))); // it does not hang
        QVERIFY2(key < 10'000, qPrintable(QString::number(key)));
    }

    void renamesAndFollowsOthers()
    {
        auto *name = find<QLineEdit>(m_editor.get(), "team-name");
        name->setFocus();
        name->selectAll();
        QTest::keyClicks(name, s("help desk"));
        QTest::keyClick(name, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(session()->project().artifacts().info(m_team)->name, s("help desk"), 30'000);
        QVERIFY(session()->edit(m_team, s("/nodes/n4/name"), s("Elsewhere"), s("Rename")).ok());
        QTRY_COMPARE_WITH_TIMEOUT(canvas()->body().value(s("nodes"))[s("n4")][s("name")].toString(), s("Elsewhere"), 30'000);
    }
};

QTEST_MAIN(TestTeamEditor)
#include "tst_TeamEditor.moc"
