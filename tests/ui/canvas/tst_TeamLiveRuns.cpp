// SPDX-License-Identifier: GPL-3.0-or-later
// The editor over runs that really run, offline.
#include "tests/ui/canvas/TeamTesting.h"
#include "ui/canvas/CanvasView.h"
#include "ui/canvas/FormViewJson.h"
#include "ui/canvas/NodeInspector.h"
#include "ui/canvas/TeamEditor.h"
#include "ui/canvas/TeamNodePanel.h"
#include "ui/canvas/TeamPausePanel.h"
#include "ui/canvas/TeamRunBar.h"
#include "ui/canvas/TeamValueView.h"
#include "ui/widgets/CodeEditor.h"

#include <QComboBox>
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

// Number -> double -> (even, odd) -> loop that halves -> Out. The way of "odd" is never taken.
QJsonObject sums()
{
    return *json::parseObject(R"json({
      "job": "Double a number, then halve it twice.", "state": [{"name": "seen", "reducer": "append", "initial": []}],
      "nodes": {
        "n1": {"kind": "input", "name": "Number", "settings": {}},
        "n2": {"kind": "transform", "name": "Double", "settings": {"expression": "2 * Number(input)"}},
        "n3": {"kind": "router", "name": "Sort", "settings": {"mode": "rules", "routes": [
                 {"id": "r1", "title": "Even", "about": "Even numbers", "rule": "input % 2 == 0"}, {"id": "r2", "title": "Odd", "about": "Odd numbers", "rule": "true"}]}},
        "n4": {"kind": "memory_write", "name": "Note", "settings": {"key": "seen"}},
        "n5": {"kind": "transform", "name": "Never", "settings": {"expression": "0"}},
        "n6": {"kind": "join", "name": "Join", "settings": {"mode": "all"}},
        "n7": {"kind": "loop", "name": "Twice", "settings": {"until": "iteration >= 1", "at_most": 4}},
        "n8": {"kind": "transform", "name": "Halve", "settings": {"expression": "Number(input) / 2"}},
        "n9": {"kind": "output", "name": "Out", "settings": {}}
      },
      "edges": {
        "e1": {"from": "n1", "from_port": "out", "to": "n2", "to_port": "in"}, "e2": {"from": "n2", "from_port": "out", "to": "n3", "to_port": "in"},
        "e3": {"from": "n3", "from_port": "r1", "to": "n4", "to_port": "in"}, "e4": {"from": "n3", "from_port": "r2", "to": "n5", "to_port": "in"},
        "e5": {"from": "n4", "from_port": "out", "to": "n6", "to_port": "in"}, "e6": {"from": "n5", "from_port": "out", "to": "n6", "to_port": "in"},
        "e7": {"from": "n6", "from_port": "out", "to": "n7", "to_port": "in"}, "e8": {"from": "n7", "from_port": "body", "to": "n8", "to_port": "in"},
        "e9": {"from": "n8", "from_port": "out", "to": "n7", "to_port": "again"}, "e10": {"from": "n7", "from_port": "out", "to": "n9", "to_port": "in"}
      }})json");
}

// As the shell's.
class SessionControl : public TeamRunControl
{
public:
    explicit SessionControl(Session *session) : m_session(session) { connect(session, &Session::pausedChanged, this, &TeamRunControl::pausedChanged); }
    void setBreakpoints(ArtifactId team, const QStringList &nodes) override { m_session->setBreakpoints(team, nodes); }
    std::optional<PausedTeam> paused(RunId run) const override
    {
        const auto at = m_session->paused(run);
        if (!at)
            return std::nullopt;
        PausedTeam made;
        made.run = at->run;
        made.state = at->state;
        for (const PendingNode &node : at->nodes)
            made.nodes.push_back({node.node, node.step, node.inputs});
        return made;
    }
    void continueRun(RunId run) override { m_session->continueRun(run); }
    Task<Result<RunId>> fork(TeamForkRequest request) override
    {
        ForkRequest wanted;
        wanted.run = request.run;
        wanted.step = request.step;
        wanted.again = request.again;
        wanted.attended = true;
        wanted.overrides.inputs = request.inputs;
        wanted.overrides.state = request.state;
        return m_session->fork(std::move(wanted));
    }

private:
    Session *m_session;
};
}

class TestTeamLiveRuns : public QObject
{
    Q_OBJECT

    std::unique_ptr<UiFixture> m_project;
    ArtifactId m_team;
    std::unique_ptr<SessionControl> m_control;
    std::unique_ptr<TeamEditor> m_editor;

    Session *session() { return m_project->session.get(); }
    const TeamRunView &view() { return *m_editor->runBar()->view(); }
    void open(const QJsonObject &body)
    {
        m_editor.reset();
        static int number = 0;
        m_team = m_project->make(ArtifactKind::Team, QStringLiteral("live-%1").arg(++number), body);
        m_control = std::make_unique<SessionControl>(session());
        m_editor = std::make_unique<TeamEditor>(session(), UiFixture::theme(), m_team);
        m_editor->setRunControl(m_control.get());
        connect(m_editor.get(), &TeamEditor::errorRaised, this, [](const Error &error) { qWarning("%s", qPrintable(error.message)); });
        m_editor->resize(1500, 900);
        m_editor->show();
        QVERIFY(QTest::qWaitForWindowActive(m_editor.get()));
    }
    RunId start(const QString &input)
    {
        RunRequest request;
        request.agent = session()->project().artifacts().info(m_team)->name + s("@draft");
        request.kind = ArtifactKind::Team;
        request.input.text = input;
        request.attended = true;
        const auto run = await(session()->startRun(request));
        if (!run)
            qWarning("%s", qPrintable(run.error().message));
        return run ? *run : RunId();
    }
    QString outputOf(RunId run)
    {
        const auto result = await(session()->finished(run));
        return !result ? result.error().message : result->error ? result->error->message : result->output;
    }

private Q_SLOTS:
    void init() { m_project = std::make_unique<UiFixture>(); }
    void cleanup()
    {
        m_editor.reset();
        m_control.reset();
        QVERIFY(await(close()).ok());
        m_project.reset();
    }

    void aRunIsDrawnAsItWent()
    {
        open(sums());
        const RunId run = start(s("6"));
        QVERIFY(run.isValid());
        QCOMPARE(m_editor->runBar()->shown(), run);
        QCOMPARE(outputOf(run), s("3"));
        QTRY_VERIFY_WITH_TIMEOUT(view().isOver(), 30'000);
        for (const char *node : {"n1", "n2", "n3", "n4", "n6", "n7", "n8", "n9"})
            QVERIFY2(view().nodes().value(s(node)).status == StepStatus::Ok && !view().nodes().value(s(node)).steps.isEmpty(), node);
        QVERIFY(view().nodes().value(s("n5")).skipped);
        QCOMPARE(view().nodes().value(s("n8")).steps.size(), 2);
        const auto &edges = view().edges();
        for (const char *edge : {"e1", "e2", "e3", "e5", "e7", "e10"})
            QVERIFY2(edges.value(s(edge)).values.size() == 1, edge);
        QVERIFY(!edges.contains(s("e4")) && !edges.contains(s("e6")));
        QCOMPARE(edges.value(s("e2")).values[0].value, QJsonValue(12));
        QCOMPARE(edges.value(s("e8")).values.size(), size_t(2));
        QCOMPARE(edges.value(s("e9")).values.size(), size_t(2));
        QCOMPARE(edges.value(s("e9")).values[1].value, QJsonValue(3));
        QCOMPARE(view().state().value(s("seen")).toArray(), QJsonArray{12});
        // What flowed is shown for the chosen edge.
        m_editor->canvas()->setSelection({s("e9")});
        auto *flow = find<TeamNodePanel>(m_editor->inspector(), "edge-run");
        QCOMPARE(find<TeamValueView>(flow, "node-run-value-0")->text(), s("3"));
        QTest::qWait(30);
        UiFixture::shoot(m_editor.get(), s("live-done"));
        // Scrubbed by keys: nothing before the first step, the loop's first round in the middle.
        auto *slider = find<QSlider>(m_editor.get(), "run-slider");
        slider->setFocus();
        QTest::keyClick(slider, Qt::Key_Home);
        QVERIFY(view().nodes().isEmpty());
        for (int i = 0; i < slider->maximum(); ++i) {
            QTest::keyClick(slider, Qt::Key_Right);
            QVERIFY(!view().momentText().isEmpty());
        }
        QVERIFY(view().isAtEnd());
    }

    void pausedChangedAndForked()
    {
        open(sums());
        m_editor->canvas()->setSelection({s("n6")});
        m_editor->canvas()->setFocus();
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_F9);
        QCOMPARE(m_editor->breakpoints(), QSet<QString>{s("n6")});
        const RunId run = start(s("6"));
        auto *panel = find<TeamPausePanel>(m_editor.get(), "pause-panel");
        QTRY_VERIFY_WITH_TIMEOUT(panel->isVisible(), 30'000);
        QTest::qWait(30);
        UiFixture::shoot(m_editor.get(), s("live-paused"));
        auto *input = find<FormViewJson>(panel, "pause-input-n6");
        QVERIFY(input);
        const QJsonObject before = input->value().toObject();
        QVERIFY2(json::compactString(before).contains(s("12")), json::compact(before).constData());
        input->editor()->setFocus();
        input->editor()->selectAll();
        QTest::keyClicks(input->editor(), json::compactString(before).replace(s("12"), s("40")));
        QTest::mouseClick(find<QPushButton>(panel, "pause-fork"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(m_editor->runBar()->shown() != run, 30'000);
        const RunId fork = m_editor->runBar()->shown();
        QCOMPARE(outputOf(fork), s("10")); // it did not stop at the same place again
        QTRY_VERIFY_WITH_TIMEOUT(view().isOver(), 30'000);
        QVERIFY(!panel->isVisible());
        // The first one is as it was: it still waits, and goes on with its own value.
        m_editor->showRun(run);
        QVERIFY(panel->isVisible());
        QTest::mouseClick(find<QPushButton>(panel, "pause-continue"), Qt::LeftButton);
        QCOMPARE(outputOf(run), s("3"));
        QTRY_VERIFY_WITH_TIMEOUT(!panel->isVisible(), 30'000);
        // Run from here, at the loop.
        QTRY_VERIFY_WITH_TIMEOUT(view().isOver(), 30'000);
        m_editor->canvas()->setSelection({s("n7")});
        auto *again = find<QPushButton>(find<TeamNodePanel>(m_editor->inspector(), "node-run"), "node-run-again");
        QTRY_VERIFY_WITH_TIMEOUT(again->isEnabled(), 30'000);
        QTest::mouseClick(again, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(m_editor->runBar()->shown() != run, 30'000);
        QCOMPARE(outputOf(m_editor->runBar()->shown()), s("3"));
        QTRY_COMPARE_WITH_TIMEOUT(find<QComboBox>(m_editor.get(), "run-choice")->count(), 4, 30'000); // none and three
    }

private:
    QJsonObject tellsItsState()
    {
        return applyChanges(sums(), {{s("/nodes/n9/settings/template"), s("{{state.seen}}")}});
    }
    void breakAt(const char *node)
    {
        m_editor->canvas()->setSelection({s(node)});
        m_editor->canvas()->setFocus();
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_F9);
    }

private Q_SLOTS:
    void theStateIsChangedToo()
    {
        open(tellsItsState());
        breakAt("n9");
        const RunId run = start(s("6"));
        auto *panel = find<TeamPausePanel>(m_editor.get(), "pause-panel");
        QTRY_VERIFY_WITH_TIMEOUT(panel->isVisible(), 30'000);
        auto *state = find<FormViewJson>(panel, "pause-state");
        QCOMPARE(state->value().toObject().value(s("seen")).toArray(), QJsonArray{12});
        state->editor()->setFocus();
        state->editor()->selectAll();
        QTest::keyClicks(state->editor(), s("{\"seen\": [777]}"));
        QTest::mouseClick(find<QPushButton>(panel, "pause-fork"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(m_editor->runBar()->shown() != run, 30'000);
        const QString changed = outputOf(m_editor->runBar()->shown());
        QVERIFY2(changed.contains(s("777")) && !changed.contains(s("12")), qPrintable(changed));
        m_editor->showRun(run);
        QVERIFY(panel->isVisible());
        QTest::mouseClick(find<QPushButton>(panel, "pause-continue"), Qt::LeftButton);
        const QString kept = outputOf(run);
        QVERIFY2(kept.contains(s("12")) && !kept.contains(s("777")), qPrintable(kept));
    }

    void aPausedRunIsStopped()
    {
        open(tellsItsState());
        breakAt("n9");
        const RunId run = start(s("6"));
        auto *panel = find<TeamPausePanel>(m_editor.get(), "pause-panel");
        QTRY_VERIFY_WITH_TIMEOUT(panel->isVisible(), 30'000);
        QTest::mouseClick(find<QAbstractButton>(panel, "pause-stop"), Qt::LeftButton);
        const auto result = await(session()->finished(run));
        QVERIFY(result.ok());
        QCOMPARE(result->status, RunStatus::Cancelled);
        QTRY_VERIFY_WITH_TIMEOUT(!panel->isVisible(), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(view().isOver(), 30'000);
    }

    void agentsCountTheirCalls()
    {
        QJsonObject body = sums();
        body = applyChanges(body, {{s("/nodes/n2"), QJsonObject{{s("kind"), s("agent")}, {s("name"), s("Triage")}, {s("settings"), QJsonObject{{s("agent"), s("triage")}}}}},
                                   {s("/nodes/n3/settings/routes/0/rule"), s("true")}, {s("/nodes/n8/settings/expression"), s("input")}});
        open(body);
        const RunId run = start(s("The app crashes every time I export a report."));
        QVERIFY(!outputOf(run).isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(view().isOver(), 30'000);
        const TeamNodeRun node = view().nodes().value(s("n2"));
        QCOMPARE(node.status, StepStatus::Ok);
        QVERIFY(node.calls >= 1 && node.usage.totalTokens() > 0);
        QCOMPARE(view().trace().usage().totalTokens(), node.usage.totalTokens());
        m_editor->canvas()->setZoom(0.8);
        m_editor->canvas()->reveal(s("n2"));
        QTest::qWait(30);
        UiFixture::shoot(m_editor.get(), s("live-agent"));
    }

private:
    Task<Result<bool>> close()
    {
        co_await session()->close();
        co_return true;
    }
};

QTEST_MAIN(TestTeamLiveRuns)
#include "tst_TeamLiveRuns.moc"
