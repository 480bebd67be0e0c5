// SPDX-License-Identifier: GPL-3.0-or-later
// A team run in the hands of a person: stop, time limits, breakpoints, edits and forks; and bounds that hold over a whole run.
#include "tests/core/runtime/TeamTesting.h"

using namespace lathe;
using namespace lathe::test;

namespace {
// in -> A -> {B, C} -> join -> D -> out; all agents echo.
void diamond(TeamBench &b)
{
    b.node("n1", "input", "In").node("n2", "agent", "A").node("n3", "agent", "B").node("n4", "agent", "C");
    b.node("n5", "join", "Join", R"x({"mode": "expression", "expression": "values.join('&')"})x").node("n6", "agent", "D").node("n7", "output", "Out");
    b.edges_({"n1>n2", "n2>n3", "n2>n4", "n3>n5", "n4>n5", "n5>n6", "n6>n7"});
    for (const char *id : {"n2", "n3", "n4", "n6"})
        b.echo(id);
}
const QString diamondAnswer = QStringLiteral("D(B(A(hello))&C(A(hello)))");

void wideMap(TeamBench &b, int items, int atOnce)
{
    b.node("n1", "input", "In").node("n2", "map", "Each", qPrintable(QStringLiteral(R"x({"items": "Array(%1).fill(0).map((x, i) => i)", "at_once": %2})x").arg(items).arg(atOnce)));
    b.node("n3", "agent", "W").node("n4", "output", "Out", R"({"template": "{{input.length}}"})").edges_({"n1>n2", "n2.each>n3", "n2>n4"});
    b.node("n4", "transform", "Count", R"({"expression": "input.length"})").node("n5", "output", "Out").edge("n4>n5");
    b.echo("n3");
}

struct Recorded {
    MemoryJournal journal;
    TeamOutcome outcome;
};
std::unique_ptr<Recorded> record(const std::function<void(TeamBench &)> &setup)
{
    TeamBench bench;
    setup(bench);
    auto recorded = std::make_unique<Recorded>();
    recorded->outcome = execute(bench, &recorded->journal, RunMode::Live);
    return recorded;
}

QStringList asked(const TeamBench &bench)
{
    QStringList names;
    for (auto it = bench.agents.begin(); it != bench.agents.end(); ++it) {
        for (int i = 0; i < bench.models[it.key()]->calls; ++i)
            names.append(it.value()->name);
    }
    names.sort();
    return names;
}

QStringList writtenSteps(const MemoryJournal &journal)
{
    QStringList steps;
    for (const JournalEntry &entry : journal.written())
        steps.append(entry.step);
    std::sort(steps.begin(), steps.end(), stepPathLess);
    return steps;
}

// Holds the supersteps it is told to, and keeps what it was shown.
class Watcher : public TeamWatch
{
public:
    Task<Result<void>> beforeSuperstep(QString scope, std::vector<PendingNode> nodes, QJsonObject state, CancelToken cancel) override
    {
        for (const PendingNode &node : nodes)
            seen.append(scope + QLatin1Char('|') + node.step + QLatin1Char('|') + node.node + QLatin1Char('|') + json::compactString(node.inputs));
        states.append(state);
        if (nodes.front().node != holdAt)
            co_return Result<void>();
        Completion<bool> done;
        held = done;
        holds = true;
        const auto registration = cancel.onCancelled([done] { done.complete(false); });
        const bool on = co_await done;
        holds = false;
        if (!on)
            co_return Error::cancelled();
        co_return Result<void>();
    }
    QString holdAt;
    bool holds = false;
    Completion<bool> held;
    QStringList seen;
    QJsonArray states;
};
}

class TestTeamControl : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void stopInParallelBranches();
    void timeRunsOutInParallelBranches();
    void stopEndsAnEndlessExpression();
    void placesBoundTheWholeRun();
    void thousandsOfBranches();
    void breakpoints();
    void stopAtABreakpoint();
    void forkWithOtherInputs();
    void forkWithAnotherState();
    void runFromHere();
    void forkGoesOnWhereALimitEndedTheRun();
    void stoppedBranchesAreNoOutcomeForAFork();
    void unfinishedCallInABranch();
    void journalThatFails();
    void overridesAsJson();
};

void TestTeamControl::stopInParallelBranches()
{
    // A person stops the run while three branches are under way and more wait.
    TeamBench bench;
    wideMap(bench, 10, 3);
    MemoryJournal journal;
    Trace trace;
    CancelSource source;
    RunContext context(optionsOf(bench, &journal, &trace, RunMode::Live), source.token());
    auto task = runTeam(&context, bench.prepare(), bench.input, QString(), bench.teamOptions);
    while (bench.turns->underWay() < 3)
        QTest::qWait(1);
    bench.turns->next();
    while (bench.turns->underWay() < 3)
        QTest::qWait(1);
    QVERIFY(!task.isReady());
    QElapsedTimer timer;
    timer.start();
    source.cancel();
    QVERIFY(task.isReady()); // at once
    QVERIFY(timer.elapsed() < 120'000);
    const auto answer = lathe::test::await(std::move(task));
    QCOMPARE(answer.error().kind, ErrorKind::Cancelled);
    QCOMPARE(journal.written().size(), size_t(1)); // a person's stop is no outcome
    int cancelled = 0;
    for (const Step &step : trace.steps()) {
        QVERIFY2(step.status != StepStatus::Running && step.status != StepStatus::Failed, qPrintable(step.path));
        cancelled += step.status == StepStatus::Cancelled && step.kind == StepKind::Model;
    }
    QCOMPARE(cancelled, 3);

    // The replay of a stopped run tells the same, and a resume does what is left.
    TeamBench again;
    wideMap(again, 10, 3);
    MemoryJournal recorded;
    load(&recorded, journal.written(), 1, &trace);
    const TeamOutcome replayed = execute(again, &recorded, RunMode::Replay, answer.error());
    QCOMPARE(firstDifference(trace, replayed.trace, true), QString());
    QCOMPARE(replayed.answer.error().kind, ErrorKind::Cancelled);
    TeamBench resumed;
    wideMap(resumed, 10, 3);
    MemoryJournal rest;
    load(&rest, journal.written(), 1, &trace);
    QCOMPARE(execute(resumed, &rest, RunMode::Live, {}, 1).text(), QStringLiteral("10"));
    QCOMPARE(resumed.chats(), 9);
}

void TestTeamControl::timeRunsOutInParallelBranches()
{
    TeamBench bench;
    diamond(bench);
    bench.body.insert(QStringLiteral("limits"), QJsonObject{{QStringLiteral("seconds"), 10}, {QStringLiteral("steps"), 50}});
    MemoryJournal journal;
    Trace trace;
    RunContext context(optionsOf(bench, &journal, &trace, RunMode::Live), CancelToken());
    auto task = runTeam(&context, bench.prepare(), bench.input, QString(), bench.teamOptions);
    bench.turns->next(); // A
    QCOMPARE(bench.turns->underWay(), size_t(2));
    bench.clock.advance(10'000);
    QVERIFY(task.isReady());
    const auto answer = lathe::test::await(std::move(task));
    QCOMPARE(answer.error().kind, ErrorKind::LimitReached);
    QVERIFY2(answer.error().message.contains(QStringLiteral("10 seconds")), qPrintable(answer.error().message));
    QCOMPARE(journal.written().size(), size_t(3)); // a limit is an outcome
    TeamBench again;
    diamond(again);
    MemoryJournal recorded;
    load(&recorded, journal.written(), 3, &trace);
    const TeamOutcome replayed = execute(again, &recorded, RunMode::Replay, answer.error());
    QCOMPARE(firstDifference(trace, replayed.trace, true), QString());
}

void TestTeamControl::stopEndsAnEndlessExpression()
{
    TeamBench bench;
    bench.node("n1", "input", "In").node("n2", "transform", "Endless", R"({"expression": "for (;;) ; return 1"})").node("n3", "output", "Out").edges_({"n1>n2", "n2>n3"});
    MemoryJournal journal;
    Trace trace;
    CancelSource source;
    RunContext context(optionsOf(bench, &journal, &trace, RunMode::Live), source.token());
    auto task = runTeam(&context, bench.prepare(), bench.input, QString(), bench.teamOptions);
    QTest::qWait(20);
    QElapsedTimer timer;
    timer.start();
    source.cancel();
    const auto answer = lathe::test::await(std::move(task));
    QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    QCOMPARE(answer.error().kind, ErrorKind::Cancelled);
}

void TestTeamControl::placesBoundTheWholeRun()
{
    // Two maps of 20 branches, 10 at once each, in a team that allows 4: never more than 4 calls are under way.
    TeamBench bench;
    bench.body.insert(QStringLiteral("at_once"), 4);
    const char *settings = R"x({"items": "Array(20).fill(0).map((x, i) => i)", "at_once": 10})x";
    bench.node("n1", "input", "In").node("n2", "map", "One", settings).node("n3", "agent", "W").node("n4", "map", "Two", settings).node("n5", "agent", "V");
    bench.node("n6", "join", "Join", R"({"mode": "expression", "expression": "values[0].length + values[1].length"})").node("n7", "output", "Out");
    bench.edges_({"n1>n2", "n1>n4", "n2.each>n3", "n4.each>n5", "n2>n6", "n4>n6", "n6>n7"});
    bench.echo("n3");
    bench.echo("n5");
    *bench.turns = Turns(Turns::Random, 5);
    bench.body.insert(QStringLiteral("limits"), QJsonObject{{QStringLiteral("steps"), 100}, {QStringLiteral("seconds"), 100}});
    MemoryJournal journal;
    Trace trace;
    RunContext context(optionsOf(bench, &journal, &trace, RunMode::Live), CancelToken());
    size_t most = 0;
    const auto answer = drive(runTeam(&context, bench.prepare(), bench.input, QString(), bench.teamOptions), bench,
                              [&] { most = std::max(most, bench.turns->underWay()); });
    QCOMPARE(answer ? *answer : answer.error().message, QStringLiteral("40"));
    QCOMPARE(most, size_t(4));
}

void TestTeamControl::thousandsOfBranches()
{
    // All answered from the journal but the first few: the branches that wait for a place end one after the other, not one
    // inside the other.
    const auto setup = [](TeamBench &b) {
        wideMap(b, 5000, 64);
        b.body.insert(QStringLiteral("at_once"), 2);
        b.body.insert(QStringLiteral("limits"), QJsonObject{{QStringLiteral("steps"), 10000}, {QStringLiteral("tokens"), 0}, {QStringLiteral("seconds"), 0}});
    };
    const auto recorded = record(setup);
    QCOMPARE(recorded->outcome.text(), QStringLiteral("5000"));
    TeamBench bench;
    setup(bench);
    MemoryJournal journal;
    const auto &written = recorded->journal.written();
    for (size_t i = 4; i < written.size(); ++i)
        journal.add(written[i]);
    const TeamOutcome resumed = execute(bench, &journal, RunMode::Live);
    QCOMPARE(resumed.text(), QStringLiteral("5000"));
    QCOMPARE(bench.chats(), 4);
}

void TestTeamControl::breakpoints()
{
    TeamBench bench;
    diamond(bench);
    bench.state("k", "replace", 5);
    Watcher watcher;
    watcher.holdAt = QStringLiteral("n3");
    bench.teamOptions.watch = &watcher;
    MemoryJournal journal;
    Trace trace;
    RunContext context(optionsOf(bench, &journal, &trace, RunMode::Live), CancelToken());
    auto task = runTeam(&context, bench.prepare(), bench.input, QString(), bench.teamOptions);
    bench.turns->next(); // A
    QVERIFY(watcher.holds);
    QCOMPARE(bench.turns->underWay(), size_t(0));
    QCOMPARE(trace.indexOf(QStringLiteral("1.3")), -1); // not begun
    watcher.held.complete(true);
    QCOMPARE(bench.turns->underWay(), size_t(2));
    const auto answer = drive(std::move(task), bench);
    QCOMPARE(*answer, diamondAnswer);
    QCOMPARE(watcher.seen, QStringList({QStringLiteral(R"x(1|1.1|n1|{})x"), QStringLiteral(R"x(1|1.2|n2|{"in":"hello"})x"),
                                        QStringLiteral(R"x(1|1.3|n3|{"in":"A(hello)"})x"), QStringLiteral(R"x(1|1.4|n4|{"in":"A(hello)"})x"),
                                        QStringLiteral(R"x(1|1.5|n5|{"in":["B(A(hello))","C(A(hello))"]})x"),
                                        QStringLiteral(R"x(1|1.6|n6|{"in":"B(A(hello))&C(A(hello))"})x"),
                                        QStringLiteral(R"x(1|1.7|n7|{"in":["D(B(A(hello))&C(A(hello)))"]})x")}));
    for (const QString &line : watcher.seen) {
        const Step &step = trace.steps()[size_t(trace.indexOf(line.section(QLatin1Char('|'), 1, 1)))];
        QCOMPARE(step.attributes.value(QStringLiteral("lathe.node")).toString(), line.section(QLatin1Char('|'), 2, 2));
    }
    QCOMPARE(watcher.states.first().toObject().value(QStringLiteral("k")).toInt(), 5);
}

void TestTeamControl::stopAtABreakpoint()
{
    TeamBench bench;
    diamond(bench);
    Watcher watcher;
    watcher.holdAt = QStringLiteral("n3");
    bench.teamOptions.watch = &watcher;
    MemoryJournal journal;
    Trace trace;
    CancelSource source;
    RunContext context(optionsOf(bench, &journal, &trace, RunMode::Live), source.token());
    auto task = runTeam(&context, bench.prepare(), bench.input, QString(), bench.teamOptions);
    bench.turns->next();
    QVERIFY(watcher.holds);
    source.cancel();
    QVERIFY(task.isReady());
    QCOMPARE(lathe::test::await(std::move(task)).error().kind, ErrorKind::Cancelled);
    QCOMPARE(trace.steps().front().status, StepStatus::Cancelled);
}

void TestTeamControl::forkWithOtherInputs()
{
    const auto original = record(diamond);
    QCOMPARE(original->outcome.text(), diamondAnswer);
    TeamBench bench;
    diamond(bench);
    bench.teamOptions.overrides.inputs.insert(QStringLiteral("1.3"), QJsonObject{{QStringLiteral("in"), QStringLiteral("edited")}});
    MemoryJournal journal;
    load(&journal, original->journal.written(), 99);
    const TeamOutcome fork = execute(bench, &journal, RunMode::Fork);
    QCOMPARE(fork.text(), QStringLiteral("D(B(edited)&C(A(hello)))"));
    QCOMPARE(asked(bench), QStringList({QStringLiteral("B"), QStringLiteral("D")})); // live only where it must
    QCOMPARE(writtenSteps(journal), QStringList({QStringLiteral("1.3.1.1"), QStringLiteral("1.6.1.1")}));

    // The fork replays from what it wrote and what it took over.
    TeamBench again;
    diamond(again);
    again.teamOptions = bench.teamOptions;
    MemoryJournal both;
    load(&both, original->journal.written(), 99);
    for (const JournalEntry &entry : journal.written())
        both.add(entry);
    for (const Step &step : fork.trace.steps())
        both.addTimes(step.path, StepTimes{step.startUs, step.endUs});
    const TeamOutcome replayed = execute(again, &both, RunMode::Replay);
    QCOMPARE(firstDifference(fork.trace, replayed.trace, true), QString());
}

void TestTeamControl::forkWithAnotherState()
{
    const auto setup = [](TeamBench &b) {
        b.state("tone", "replace", QStringLiteral("plain")).state("n", "add", 0);
        b.node("n1", "input", "In").node("n2", "agent", "A").node("n3", "memory_write", "Keep", R"({"key": "n", "value": "1"})");
        b.node("n4", "agent", "B", R"({"message": "{{state.tone}} {{state.n}} {{input}}"})").node("n5", "output", "Out", R"({"template": "{{state.tone}}: {{input}}"})");
        b.edges_({"n1>n2", "n2>n3", "n3>n4", "n4>n5"});
        b.echo("n2");
        b.echo("n4");
    };
    const auto original = record(setup);
    QCOMPARE(original->outcome.text(), QStringLiteral("plain: B(plain 1 A(hello))"));
    TeamBench bench;
    setup(bench);
    bench.teamOptions.overrides.state.insert(QStringLiteral("1.4"), QJsonObject{{QStringLiteral("tone"), QStringLiteral("grand")}});
    MemoryJournal journal;
    load(&journal, original->journal.written(), 99);
    QCOMPARE(execute(bench, &journal, RunMode::Fork).text(), QStringLiteral("grand: B(grand 1 A(hello))"));
    QCOMPARE(asked(bench), QStringList({QStringLiteral("B")}));
}

void TestTeamControl::runFromHere()
{
    // A fork that forgets the outcomes of one node's step asks again there, and after it only what changed.
    const auto original = record(diamond);
    for (const bool other : {false, true}) {
        TeamBench bench;
        diamond(bench);
        if (other)
            bench.agent("n3", {Reply::say("something else")});
        MemoryJournal journal;
        for (const JournalEntry &entry : original->journal.written()) {
            if (!entry.step.startsWith(QLatin1String("1.3.")))
                journal.add(entry);
        }
        const TeamOutcome fork = execute(bench, &journal, RunMode::Fork);
        QCOMPARE(fork.text(), other ? QStringLiteral("D(something else&C(A(hello)))") : diamondAnswer);
        QCOMPARE(asked(bench), other ? QStringList({QStringLiteral("B"), QStringLiteral("D")}) : QStringList({QStringLiteral("B")}));
    }
}

void TestTeamControl::forkGoesOnWhereALimitEndedTheRun()
{
    const auto setup = [](int seconds) {
        return [seconds](TeamBench &b) {
            diamond(b);
            b.body.insert(QStringLiteral("limits"), QJsonObject{{QStringLiteral("seconds"), seconds}, {QStringLiteral("steps"), 50}});
        };
    };
    TeamBench bench;
    setup(10)(bench);
    MemoryJournal journal;
    Trace trace;
    RunContext context(optionsOf(bench, &journal, &trace, RunMode::Live), CancelToken());
    auto task = runTeam(&context, bench.prepare(), bench.input, QString(), bench.teamOptions);
    bench.turns->next(); // A
    bench.turns->next(); // B
    bench.clock.advance(10'000);
    QCOMPARE(lathe::test::await(std::move(task)).error().kind, ErrorKind::LimitReached);
    TeamBench more;
    setup(1000)(more);
    MemoryJournal recorded;
    load(&recorded, journal.written(), 99);
    QCOMPARE(execute(more, &recorded, RunMode::Fork).text(), diamondAnswer);
    QCOMPARE(asked(more), QStringList({QStringLiteral("C"), QStringLiteral("D")}));
}

void TestTeamControl::stoppedBranchesAreNoOutcomeForAFork()
{
    const auto setup = [](bool fails) {
        return [fails](TeamBench &b) {
            diamond(b);
            if (fails) {
                b.agent("n3", {Reply::fail(ErrorKind::Provider, "Broken.")});
                b.agent("n4", {Reply::hang()});
            }
        };
    };
    const auto original = record(setup(true));
    QCOMPARE(original->outcome.text(), QStringLiteral("provider: Node \"B\": Broken."));
    QCOMPARE(original->journal.written().size(), size_t(3)); // C's stop is recorded, too
    TeamBench bench;
    setup(false)(bench);
    MemoryJournal journal;
    for (const JournalEntry &entry : original->journal.written()) {
        if (!entry.step.startsWith(QLatin1String("1.3.")))
            journal.add(entry);
    }
    QCOMPARE(execute(bench, &journal, RunMode::Fork).text(), diamondAnswer);
    QCOMPARE(asked(bench), QStringList({QStringLiteral("B"), QStringLiteral("C"), QStringLiteral("D")}));
}

void TestTeamControl::unfinishedCallInABranch()
{
    // Killed while two external calls were under way in parallel branches: neither is repeated without being told to.
    const auto setup = [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "tool", "Send A").node("n3", "tool", "Send B").node("n4", "join", "Join").node("n5", "output", "Out");
        b.edges_({"n1>n2", "n1>n3", "n2>n4", "n3>n4", "n4>n5"});
        for (const char *id : {"n2", "n3"})
            b.tool(id, [](const QJsonObject &, int) { return TeamBench::gives(QStringLiteral("sent")); }, SideEffect::External);
    };
    const auto original = record(setup);
    std::vector<JournalEntry> begun;
    for (const JournalEntry &entry : original->journal.written()) {
        if (!entry.done)
            begun.push_back(entry);
    }
    QCOMPARE(begun.size(), size_t(2));
    for (const UnfinishedPolicy policy : {UnfinishedPolicy::Ask, UnfinishedPolicy::Repeat}) {
        TeamBench bench;
        setup(bench);
        MemoryJournal journal;
        load(&journal, begun, 2);
        Trace trace;
        RunOptions options = optionsOf(bench, &journal, &trace, RunMode::Live);
        options.unfinished = policy;
        RunContext context(std::move(options), CancelToken());
        const auto answer = drive(runTeam(&context, bench.prepare(), bench.input, QString(), bench.teamOptions), bench);
        QCOMPARE(answer.ok(), policy == UnfinishedPolicy::Repeat);
        if (!answer)
            QCOMPARE(answer.error().kind, ErrorKind::Denied);
        const int calls = bench.tools[QStringLiteral("n2")]->calls + bench.tools[QStringLiteral("n3")]->calls;
        QCOMPARE(calls, policy == UnfinishedPolicy::Repeat ? 2 : 0);
    }
}

namespace {
class FullDisk : public MemoryJournal
{
public:
    Task<Result<void>> finish(JournalEntry entry) override
    {
        if (++m_count == 2)
            co_return Error(ErrorKind::ProjectFile, QStringLiteral("The disk is full."));
        auto written = co_await MemoryJournal::finish(std::move(entry));
        co_return written;
    }

private:
    int m_count = 0;
};
}

void TestTeamControl::journalThatFails()
{
    // What cannot be recorded ends the run; no retry and no fallback is tried.
    TeamBench bench;
    diamond(bench);
    bench.onError("n3", 3, "fallback").onError("n4", 3, "fallback");
    FullDisk journal;
    const TeamOutcome outcome = execute(bench, &journal, RunMode::Live);
    QCOMPARE(outcome.text(), QStringLiteral("project_file: The disk is full."));
    QVERIFY(bench.chats() <= 3);
    for (const Step &step : outcome.trace.steps())
        QVERIFY(step.status != StepStatus::Running);
}

void TestTeamControl::overridesAsJson()
{
    TeamOverrides overrides;
    overrides.inputs.insert(QStringLiteral("1.3"), QJsonObject{{QStringLiteral("in"), 1}});
    overrides.state.insert(QStringLiteral("1.4.2"), QJsonObject{{QStringLiteral("k"), QJsonArray{1, 2}}});
    const TeamOverrides back = TeamOverrides::fromJson(overrides.toJson());
    QCOMPARE(back.inputs, overrides.inputs);
    QCOMPARE(back.state, overrides.state);
    QVERIFY(TeamOverrides().toJson().isEmpty());
}

QTEST_GUILESS_MAIN(TestTeamControl)
#include "tst_TeamControl.moc"
