// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/canvas/TeamTesting.h"
#include "ui/canvas/TeamRunStyle.h"
#include "ui/canvas/TeamRunView.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

namespace {
QString s(const char *text)
{
    return QString::fromLatin1(text);
}

std::vector<TeamEdge> edgesOf(const QJsonObject &body)
{
    const auto spec = TeamSpec::fromJson(body);
    return spec ? spec->edges : std::vector<TeamEdge>();
}
}

class TestTeamRunView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sumsWhatLiesBelow()
    {
        TeamRunView view;
        view.setTeam(deskTeam());
        view.setTrace(deskRun().trace());
        const TeamNodeRun agent = view.nodes().value(s("n4"));
        QCOMPARE(agent.status, StepStatus::Ok);
        QCOMPARE(agent.calls, 3); // two model calls, one tool call
        QCOMPARE(agent.errors, 1); // the tool's; the node itself mended it
        QCOMPARE(agent.usage.totalTokens(), 1240);
        QCOMPARE(qRound(agent.usage.costUsd * 1000), 3);
        QCOMPARE(agent.steps, QStringList{s("1.3")});
        QVERIFY(agent.durationUs > 0);
        // The loop counts what its body did; the body ran twice.
        QCOMPARE(view.nodes().value(s("n8")).steps, (QStringList{s("1.5.1.1"), s("1.5.2.1")}));
        QCOMPARE(view.nodes().value(s("n7")).steps, QStringList{s("1.5")});
        QVERIFY(view.nodes().value(s("n7")).durationUs >= view.nodes().value(s("n8")).durationUs);
        // The other branch was skipped, which is no step.
        QVERIFY(view.nodes().value(s("n3")).skipped);
        QVERIFY(view.nodes().value(s("n3")).steps.isEmpty());
        QVERIFY(view.isOver());
    }

    void containersCountTheirBody()
    {
        RunScript script;
        script.node(s("1.1"), s("n7"), 1);
        script.begin(s("1.1.1"), StepKind::Control, {{s("lathe.iteration"), 0}});
        script.node(s("1.1.1.1"), s("n8"), 1).call(s("1.1.1.1.1"), 10, 5, 0).left(s("1.1.1.1"), 2);
        script.end(s("1.1.1")).left(s("1.1"), 2).end(s("1")).over();
        TeamRunView view;
        view.setTeam(deskTeam());
        view.setTrace(script.trace());
        QCOMPARE(view.nodes().value(s("n8")).usage.totalTokens(), 15);
        QCOMPARE(view.nodes().value(s("n7")).usage.totalTokens(), 15);
        QCOMPARE(view.nodes().value(s("n7")).calls, 1);
    }

    void edgesCarryWhatFlowed()
    {
        TeamRunView view;
        view.setTeam(deskTeam());
        view.setTrace(deskRun().trace());
        const auto &edges = view.edges();
        QCOMPARE(edges.value(s("e1")).values.size(), size_t(1));
        QCOMPARE(edges.value(s("e1")).values[0].value.toString(), s("The app crashes when I open a report."));
        QVERIFY(!edges.contains(s("e2"))); // the router chose the other route
        QCOMPARE(edges.value(s("e3")).values.size(), size_t(1));
        QCOMPARE(edges.value(s("e5")).values[0].value[QLatin1String("steps")].toArray().size(), 2);
        // Out of the body port: what each iteration began with. Back: what it ended with.
        QCOMPARE(edges.value(s("e7")).values.size(), size_t(2));
        QCOMPARE(edges.value(s("e7")).values[1].value.toString(), s("draft 1"));
        QCOMPARE(edges.value(s("e8")).values[1].value.toString(), s("shorter 1"));
        const auto flows = runstyle::edgeFlows(view, edgesOf(deskTeam()));
        QCOMPARE(flows.value(s("e2")).state, EdgeFlow::State::Dead);
        QCOMPARE(flows.value(s("e4")).state, EdgeFlow::State::Dead); // its source was skipped
        QCOMPARE(flows.value(s("e3")).state, EdgeFlow::State::Taken);
        QCOMPARE(flows.value(s("e8")).values, 2);
        QVERIFY(!flows.value(s("e3")).active);
    }

    void scrubsThroughAFinishedRun()
    {
        TeamRunView view;
        view.setTeam(deskTeam());
        view.setTrace(deskRun().trace());
        // Eight steps of nodes, each begins and ends.
        QCOMPARE(view.momentCount(), 16);
        QVERIFY(view.isAtEnd());
        view.setMoment(0);
        QVERIFY(view.nodes().isEmpty());
        QVERIFY(view.edges().isEmpty());
        QVERIFY(view.momentNode().isEmpty());
        view.setMoment(1);
        QCOMPARE(view.momentNode(), s("n1"));
        QCOMPARE(view.nodes().value(s("n1")).status, StepStatus::Running);
        view.setMoment(view.momentOf(s("1.3")));
        QCOMPARE(view.momentText(), s("Technician began"));
        QCOMPARE(view.nodes().value(s("n4")).status, StepStatus::Running);
        QCOMPARE(view.nodes().value(s("n4")).usage.totalTokens(), 0); // it has just begun
        QVERIFY(view.edges().value(s("e3")).active);
        QCOMPARE(view.nodes().value(s("n2")).status, StepStatus::Ok);
        QVERIFY(!view.nodes().contains(s("n5")));
        QVERIFY(view.outputOf(s("1.3")).isUndefined());
        QVERIFY(!view.outputOf(s("1.2")).isUndefined());
        view.setMoment(view.momentOf(s("1.5.2.1")));
        QCOMPARE(view.nodes().value(s("n8")).steps.size(), 2);
        QCOMPARE(view.edges().value(s("e8")).values.size(), size_t(1));
        QVERIFY(view.edges().value(s("e7")).active);
        view.setMoment(999);
        QVERIFY(view.isAtEnd());
        QCOMPARE(view.nodes().value(s("n4")).usage.totalTokens(), 1240);
    }

    // At the end of the way all that was seen step by step is what is seen at once, and nothing ever goes back.
    void everyMomentKnowsMoreThanTheOneBefore()
    {
        TeamRunView view;
        view.setTeam(deskTeam());
        view.setTrace(deskRun().trace());
        const auto whole = view.nodes();
        const auto wholeEdges = view.edges();
        int steps = 0, values = 0;
        for (int moment = 0; moment <= view.momentCount(); ++moment) {
            view.setMoment(moment);
            int nowSteps = 0, nowValues = 0;
            for (const TeamNodeRun &node : view.nodes())
                nowSteps += int(node.steps.size());
            for (const TeamEdgeRun &edge : view.edges())
                nowValues += int(edge.values.size());
            QVERIFY(nowSteps >= steps && nowValues >= values);
            steps = nowSteps;
            values = nowValues;
        }
        QVERIFY(view.nodes() == whole);
        QVERIFY(view.edges() == wholeEdges);
    }

    void stateIsMergedByItsReducers()
    {
        TeamRunView view;
        view.setTeam(deskTeam());
        view.setTrace(deskRun().trace());
        QCOMPARE(view.state().value(s("findings")).toArray(), (QJsonArray{s("cache"), s("round 0"), s("round 1")}));
        view.setMoment(view.momentOf(s("1.4")));
        QCOMPARE(view.state().value(s("findings")).toArray(), QJsonArray{s("cache")});
        view.setMoment(0);
        QCOMPARE(view.state().value(s("findings")).toArray(), QJsonArray());
    }

    // The same in one go and in batches of any size.
    void batchesGiveTheSame()
    {
        TeamRunView whole, live;
        whole.setTeam(deskTeam());
        live.setTeam(deskTeam());
        const RunScript script = deskRun();
        whole.setTrace(script.trace());
        QSignalSpy changed(&live, &TeamRunView::changed);
        QRandomGenerator random(4);
        const auto &events = script.events();
        for (size_t at = 0; at < events.size();) {
            const size_t count = std::min(events.size() - at, size_t(random.bounded(1, 6)));
            live.apply(std::vector<RunEvent>(events.begin() + qsizetype(at), events.begin() + qsizetype(at + count)));
            at += count;
        }
        QVERIFY(changed.size() > 5);
        QVERIFY(live.nodes() == whole.nodes());
        QVERIFY(live.edges() == whole.edges());
        QCOMPARE(live.momentCount(), whole.momentCount());
    }

    void aFormerMomentStaysWhileTheRunGoesOn()
    {
        TeamRunView view;
        view.setTeam(deskTeam());
        const RunScript script = deskRun();
        const auto &events = script.events();
        view.apply(std::vector<RunEvent>(events.begin(), events.begin() + 12));
        view.setMoment(2);
        const auto before = view.nodes();
        view.apply(std::vector<RunEvent>(events.begin() + 12, events.end()));
        QCOMPARE(view.moment(), 2);
        QVERIFY(view.nodes() == before);
        view.setMoment(view.momentCount());
        QVERIFY(view.isAtEnd());
    }

    void nodesOfATeamWithinAreNotOurs()
    {
        RunScript script;
        script.node(s("1.1"), s("n4"), s("x"));
        script.begin(s("1.1.1"), StepKind::Agent, {{s("gen_ai.operation.name"), s("invoke_workflow")}});
        script.node(s("1.1.1.1"), s("n1"), s("inner")).call(s("1.1.1.1.1"), 3, 4, 0).left(s("1.1.1.1"), s("inner"));
        script.end(s("1.1.1")).left(s("1.1"), s("y")).end(s("1")).over();
        TeamRunView view;
        view.setTeam(deskTeam());
        view.setTrace(script.trace());
        QVERIFY(!view.nodes().contains(s("n1")));
        QCOMPARE(view.nodes().value(s("n4")).usage.totalTokens(), 7); // but what they cost is
        QCOMPARE(view.momentCount(), 2);
    }

    void failuresAndStops()
    {
        RunScript failing;
        failing.node(s("1.1"), s("n4"), s("x"));
        failing.begin(s("1.1.1"), StepKind::Model, {}).end(s("1.1.1"), {}, StepStatus::Failed, s("No answer."));
        failing.end(s("1.1"), {}, StepStatus::Failed, s("The agent could not answer.")).end(s("1"), {}, StepStatus::Failed).over(RunStatus::Failed);
        TeamRunView view;
        view.setTeam(deskTeam());
        view.setTrace(failing.trace());
        QCOMPARE(view.nodes().value(s("n4")).status, StepStatus::Failed);
        QCOMPARE(view.nodes().value(s("n4")).errors, 1); // the call's failure is the node's
        const NodeRunState state = runstyle::nodeStates(view, {}).value(s("n4"));
        QCOMPARE(state.status, Status::Error);
        QCOMPARE(state.detail, s("The agent could not answer."));
        // The program was killed: nothing ended.
        RunScript cut;
        cut.node(s("1.1"), s("n4"), s("x")).over(RunStatus::Interrupted);
        view.setTrace(cut.trace());
        QCOMPARE(view.nodes().value(s("n4")).status, StepStatus::Interrupted);
    }

    void pendingNodesWait()
    {
        RunScript script;
        script.node(s("1.1"), s("n1"), s("x")).left(s("1.1"), s("x"));
        TeamRunView view;
        view.setTeam(deskTeam());
        view.setTrace(script.trace());
        const auto states = runstyle::nodeStates(view, {s("n2")});
        QCOMPARE(states.value(s("n2")).status, Status::Waiting);
        QCOMPARE(states.value(s("n1")).status, Status::Ok);
    }

    void hostileEventsDoNoHarm()
    {
        TeamRunView view;
        view.setTeam(deskTeam());
        RunScript script;
        script.begin(s("9.9.9"), StepKind::Control, {{s("lathe.node"), QJsonArray{1}}, {s("lathe.input"), s("no object")}});
        script.begin(s("..."), StepKind::Control, {{s("lathe.node"), s("n3")}}).end(s("..."), {{s("lathe.port"), 5}, {s("lathe.output"), 1}});
        script.end(s("1.7"), {{s("lathe.node"), s("n2")}, {s("lathe.port"), QJsonArray{s("r1"), s("r2")}}, {s("lathe.output"), s("both")}});
        script.note(s("1"), s("skipped"), {{s("nodes"), s("n5")}});
        view.setTrace(script.trace());
        for (int moment = view.momentCount(); moment >= 0; --moment) {
            view.setMoment(moment);
            view.nodes();
            view.edges();
            QVERIFY(!view.momentText().isEmpty());
        }
        view.setMoment(99);
        QCOMPARE(view.edges().value(s("e2")).values.size(), size_t(1)); // several ports at once are taken as they are
        QCOMPARE(view.edges().value(s("e3")).values.size(), size_t(1));
        view.setTeam(QJsonObject());
        QVERIFY(view.nodes().isEmpty());
        QCOMPARE(view.momentCount(), 0);
    }

    // A frame's worth of events in a long run: folding all of it again must stay well under a frame.
    void longRunsFoldQuickly()
    {
        RunScript script;
        script.node(s("1.1"), s("n7"), s("x"));
        for (int i = 0; i < 2000; ++i) {
            const QString at = QStringLiteral("1.1.%1").arg(i + 1);
            script.begin(at, StepKind::Control, {{s("lathe.iteration"), i}});
            script.node(at + s(".1"), s("n8"), i).call(at + s(".1.1"), 1, 1, 0).left(at + s(".1"), i).end(at);
        }
        TeamRunView view;
        view.setTeam(deskTeam());
        view.setTrace(script.trace());
        QElapsedTimer timer;
        timer.start();
        constexpr int rounds = 5;
        for (int i = 0; i < rounds; ++i) {
            view.setMoment(view.momentCount() / 2 + i);
            QVERIFY(view.nodes().contains(s("n8")));
            QVERIFY(!view.edges().isEmpty());
        }
        const double ms = double(timer.nsecsElapsed()) / 1e6 / rounds;
        qInfo("folding 6001 steps: %.1f ms", ms);
        QVERIFY2(ms < 20'000, qPrintable(QString::number(ms))); // it does not hang
        QCOMPARE(view.nodes().value(s("n7")).status, StepStatus::Running);
    }
};

QTEST_MAIN(TestTeamRunView)
#include "tst_TeamRunView.moc"
