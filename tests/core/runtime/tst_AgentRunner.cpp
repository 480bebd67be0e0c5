// SPDX-License-Identifier: GPL-3.0-or-later
// The runner as a table: design + scripted replies -> expected story, and the same story on replay.
#include "core/runtime/AgentTurn.h"
#include "tests/core/runtime/RuntimeTesting.h"
#include "tests/support/Await.h"

using namespace lathe;
using namespace lathe::test;

namespace {
using Setup = std::function<void(Bench &)>;

struct Outcome {
    Result<QString> answer = Error();
    Trace trace;
};

Outcome execute(Bench &bench, Journal *journal, RunMode mode, std::optional<Error> recordedEnd = {})
{
    Outcome outcome;
    RunOptions options = bench.options(journal, &outcome.trace, mode);
    options.recordedEnd = recordedEnd;
    RunContext context(std::move(options), CancelToken());
    RunInput input;
    input.text = bench.input;
    input.variables = bench.variables;
    outcome.answer = lathe::test::await(runAgent(&context, bench.prepare(), input, QString()));
    return outcome;
}

void replayInto(MemoryJournal *recorded, const MemoryJournal &live, const Trace &trace)
{
    for (const JournalEntry &entry : live.written()) {
        if (entry.done || !recorded->find(entry.step))
            recorded->add(entry);
    }
    for (const Step &step : trace.steps())
        recorded->addTimes(step.path, StepTimes{step.startUs, step.endUs});
}
}
Q_DECLARE_METATYPE(Setup)

class TestAgentRunner : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void stories_data()
    {
        QTest::addColumn<Setup>("setup");
        QTest::addColumn<QString>("answer"); // or "kind: message" of the error
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, Setup setup, const char *answer, const char *expected) {
            QTest::newRow(name) << setup << QString::fromUtf8(answer) << QString::fromUtf8(expected);
        };
        row("direct", [](Bench &b) { b.script({Reply::say("All is well.")}); }, "All is well.",
            "invoke_agent tester ok\n chat m1 ok | All is well.");
        row("tool loop", [](Bench &b) {
            b.spec.pattern = QStringLiteral("tool_loop");
            b.tool("look");
            b.script({Reply::call("look", R"({"q":"x"})"), Reply::say("Found x.")});
        }, "Found x.",
            "invoke_agent tester ok\n chat m1 ok\n execute_tool look ok | look{\"q\":\"x\"}\n chat m1 ok | Found x.");
        row("parallel calls keep their order", [](Bench &b) {
            b.spec.pattern = QStringLiteral("tool_loop");
            b.tool("a");
            b.tool("b");
            b.script({Reply::calls_({{"b", R"({"q":"1"})"}, {"a", R"({"q":"2"})"}}), Reply::say("Both.")});
        }, "Both.",
            "invoke_agent tester ok\n chat m1 ok\n execute_tool b ok | b{\"q\":\"1\"}\n execute_tool a ok | a{\"q\":\"2\"}\n chat m1 ok | Both.");
        row("broken arguments and an unknown tool are told to the model", [](Bench &b) {
            b.spec.pattern = QStringLiteral("tool_loop");
            b.tool("look");
            b.script({Reply::calls_({{"look", R"({"q":)"}, {"nope", "{}"}}), Reply::call("look", R"({"x":1})"), Reply::say("Sorry.")});
        }, "Sorry.", nullptr);
        row("approval nobody can give", [](Bench &b) {
            b.spec.pattern = QStringLiteral("tool_loop");
            b.tool("send", Approval::Ask, SideEffect::External);
            b.script({Reply::call("send", R"({"q":"x"})"), Reply::say("Not sent.")});
        }, "Not sent.", nullptr);
        row("approval given with edited arguments", [](Bench &b) {
            b.spec.pattern = QStringLiteral("tool_loop");
            b.tool("send", Approval::Ask, SideEffect::External);
            b.attended = true;
            HumanAnswer yes;
            yes.approved = true;
            yes.arguments = QJsonObject{{QStringLiteral("q"), QStringLiteral("safe")}};
            b.human.answers = {yes};
            b.script({Reply::call("send", R"({"q":"x"})"), Reply::say("Sent.")});
        }, "Sent.",
            "invoke_agent tester ok\n chat m1 ok\n execute_tool send ok !arguments_edited | send{\"q\":\"safe\"}\n"
            "  approve send ok !approval_requested\n chat m1 ok | Sent.");
        row("fallback to the second model", [](Bench &b) {
            b.script({Reply::fail(ErrorKind::Auth, "Refused.")});
            b.script({Reply::say("From the second.")});
        }, "From the second.", "invoke_agent tester ok\n chat m1 ok !fallback | From the second.");
        row("all models fail", [](Bench &b) {
            b.script({Reply::fail(ErrorKind::Provider, "Broken.")});
            b.script({Reply::fail(ErrorKind::Unreachable, "Gone.")});
        }, "unreachable: Gone.", "invoke_agent tester failed\n chat m1 failed !fallback");
        row("endless tool loop hits the limit of steps", [](Bench &b) {
            b.spec.pattern = QStringLiteral("tool_loop");
            b.spec.limits.steps = 5;
            b.tool("look");
            b.script({Reply::call("look", R"({"q":"1"})"), Reply::call("look", R"({"q":"2"})"), Reply::call("look", R"({"q":"3"})")});
        }, "limit_reached: The run reached its limit of 5 steps. Raise it in the settings, or make the task smaller.", nullptr);
        row("token limit", [](Bench &b) {
            b.spec.pattern = QStringLiteral("tool_loop");
            b.spec.limits.tokens = 20;
            b.tool("look");
            b.script({Reply::call("look", R"({"q":"1"})"), Reply::call("look", R"({"q":"2"})")});
        }, "limit_reached: The run reached its limit of 20 tokens. Raise it in the settings, or make the task smaller.", nullptr);
        row("an answer that breaks the schema is mended", [](Bench &b) {
            b.prompt.outputFormat = QStringLiteral("json_schema");
            b.prompt.outputSchema = *json::parseObject(R"({"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]})");
            b.script({Reply::say("It is three."), Reply::say("```json\n{\"n\": 3}\n```")});
        }, "{\n    \"n\": 3\n}", "invoke_agent tester ok !output_invalid\n chat m1 ok | It is three.\n chat m1 ok | ```json {\"n\": 3} ```");
        row("an answer that stays broken fails the run", [](Bench &b) {
            b.prompt.outputFormat = QStringLiteral("json_schema");
            b.prompt.outputSchema = *json::parseObject(R"({"type":"object"})");
            b.script({Reply::say("No."), Reply::say("Still no.")});
        }, "protocol: The model's answer does not follow the prompt's output format after 2 attempt(s): The answer is not JSON.", nullptr);
        row("react", [](Bench &b) {
            b.spec.pattern = QStringLiteral("react");
            b.tool("look");
            b.script({Reply::say("Thought: I need to look.\nAction: look\nAction Input: {\"q\": \"x\"}\nObservation: made up"),
                      Reply::say("Thought: enough.\nFinal Answer: It is x.")});
        }, "It is x.", nullptr);
        row("plan and execute", [](Bench &b) {
            b.spec.pattern = QStringLiteral("plan_execute");
            b.tool("look");
            b.script({Reply::say("1. Look for x\n2. Tell"), Reply::call("look", R"({"q":"x"})"), Reply::say("x is here"),
                      Reply::say("DONE"), Reply::say("The answer is x.")});
        }, "The answer is x.", nullptr);
        row("reflexion", [](Bench &b) {
            b.spec.pattern = QStringLiteral("reflexion");
            b.script({Reply::say("Draft."), Reply::say("VERDICT: revise\n- say more"), Reply::say("Better draft."), Reply::say("VERDICT: pass")});
        }, "Better draft.",
            "invoke_agent tester ok\n draft ok\n  chat m1 ok | Draft.\n critique 1 ok\n  chat m1 ok | VERDICT: revise - say more\n"
            " revise 1 ok\n  chat m1 ok | Better draft.\n critique 2 ok\n  chat m1 ok | VERDICT: pass");
        row("a missing variable keeps the run from starting", [](Bench &b) {
            b.prompt.text = QStringLiteral("Help {{customer}}.");
            PromptVariable variable;
            variable.name = QStringLiteral("customer");
            b.prompt.variables = {variable};
            b.script({Reply::say("x")});
        }, "invalid_input: The prompt of agent \"tester\" needs a value for: customer.", "invoke_agent tester failed");
    }

    void stories()
    {
        QFETCH(Setup, setup);
        QFETCH(QString, answer);
        QFETCH(QString, expected);
        Bench bench;
        setup(bench);
        MemoryJournal journal;
        const Outcome live = execute(bench, &journal, RunMode::Live);
        QCOMPARE(live.answer ? *live.answer : errorKindName(live.answer.error().kind) + QStringLiteral(": ") + live.answer.error().message,
                 answer);
        if (!expected.isEmpty())
            QCOMPARE(story(live.trace), expected);
        for (const Step &step : live.trace.steps())
            QVERIFY2(step.status != StepStatus::Running, qPrintable(step.path));

        // The same code over the journal: no model or tool is asked, and the story is the same.
        MemoryJournal recorded;
        replayInto(&recorded, journal, live.trace);
        for (auto &model : bench.models)
            model->next = model->replies.size();
        bench.human.next = 0;
        bench.human.answers.clear();
        bench.clock.advance(1000);
        std::optional<Error> end;
        if (!live.answer)
            end = live.answer.error();
        const Outcome replayed = execute(bench, &recorded, RunMode::Replay, end);
        QCOMPARE(firstDifference(live.trace, replayed.trace, true), QString());
        QCOMPARE(replayed.answer.ok(), live.answer.ok());
        if (live.answer)
            QCOMPARE(*replayed.answer, *live.answer);
        QVERIFY(recorded.written().empty());
    }

    void toolErrorsReachTheModel()
    {
        Bench bench;
        bench.spec.pattern = QStringLiteral("tool_loop");
        const auto tool = bench.tool("look");
        bench.script({Reply::calls_({{"look", R"({"q":)"}, {"nope", "{}"}}), Reply::call("look", R"({"q":"now"})"), Reply::say("Done.")});
        MemoryJournal journal;
        QVERIFY(execute(bench, &journal, RunMode::Live).answer.ok());
        QCOMPARE(tool->calls, 1);
        const auto &second = bench.models.front()->requests.at(1).messages;
        const MessagePart broken = second.at(second.size() - 2).parts.front();
        const MessagePart unknown = second.back().parts.front();
        QVERIFY(broken.isError && unknown.isError);
        QVERIFY2(broken.text.contains(QStringLiteral("JSON")), qPrintable(broken.text));
        QVERIFY2(unknown.text.contains(QStringLiteral("look")), qPrintable(unknown.text));
    }

    void resumeGoesOnWhereTheJournalEnds()
    {
        // Cut the recorded run after every entry; the resumed run asks only for what is missing and ends the same.
        const auto setup = [](Bench &bench) {
            bench.spec.pattern = QStringLiteral("tool_loop");
            bench.tool("look");
        };
        const std::vector<Reply> script{Reply::calls_({{"look", R"({"q":"1"})"}, {"look", R"({"q":"2"})"}}),
                                        Reply::call("look", R"({"q":"3"})"), Reply::say("End.")};
        Bench whole;
        setup(whole);
        whole.script(script);
        MemoryJournal journal;
        const Outcome full = execute(whole, &journal, RunMode::Live);
        QVERIFY(full.answer.ok());
        const auto &entries = journal.written();
        QCOMPARE(entries.size(), size_t(6));
        for (size_t cut = 0; cut <= entries.size(); ++cut) {
            Bench bench;
            setup(bench);
            MemoryJournal partial;
            size_t chats = 0, calls = 0;
            for (size_t i = 0; i < cut; ++i) {
                partial.add(entries[i]);
                ++(entries[i].kind == QLatin1String("chat") ? chats : calls);
            }
            bench.script(std::vector<Reply>(script.begin() + qsizetype(chats), script.end()));
            const Outcome resumed = execute(bench, &partial, RunMode::Live);
            QVERIFY(resumed.answer.ok());
            QCOMPARE(*resumed.answer, QStringLiteral("End."));
            QCOMPARE(bench.models.front()->requests.size(), 3 - chats);
            QCOMPARE(static_cast<EchoTool *>(bench.tools.front().first.get())->calls, int(3 - calls));
            QCOMPARE(story(resumed.trace), story(full.trace));
        }
    }

    void unfinishedSideEffectIsNeverRepeatedSilently()
    {
        const auto build = [](Bench &bench) {
            bench.spec.pattern = QStringLiteral("tool_loop");
            bench.script({Reply::call("send", R"({"q":"x"})"), Reply::say("End.")});
            return bench.tool("send", Approval::Always, SideEffect::External);
        };
        Bench first;
        build(first);
        MemoryJournal journal;
        QVERIFY(execute(first, &journal, RunMode::Live).answer.ok());
        // chat, begin of send, send, chat; the program died after "begin"
        QCOMPARE(journal.written().size(), size_t(4));
        const auto resume = [&](Bench &bench, UnfinishedPolicy policy) {
            MemoryJournal partial;
            partial.add(journal.written()[0]);
            partial.add(journal.written()[1]);
            bench.models.front()->next = 1;
            Trace trace;
            RunOptions options = bench.options(&partial, &trace, RunMode::Live);
            options.unfinished = policy;
            RunContext context(std::move(options), CancelToken());
            RunInput input;
            input.text = bench.input;
            return lathe::test::await(runAgent(&context, bench.prepare(), input, QString()));
        };
        Bench undecided;
        const auto untouched = build(undecided);
        const auto refused = resume(undecided, UnfinishedPolicy::Ask);
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Denied);
        QCOMPARE(untouched->calls, 0);
        Bench repeating;
        const auto repeated = build(repeating);
        QVERIFY(resume(repeating, UnfinishedPolicy::Repeat).ok());
        QCOMPARE(repeated->calls, 1);
        Bench skipping;
        const auto skipped = build(skipping);
        QVERIFY(resume(skipping, UnfinishedPolicy::Skip).ok());
        QCOMPARE(skipped->calls, 0);
        Bench asking;
        const auto asked = build(asking);
        asking.attended = true;
        HumanAnswer repeat;
        repeat.text = QStringLiteral("repeat");
        asking.human.answers = {repeat};
        QVERIFY(resume(asking, UnfinishedPolicy::Ask).ok());
        QCOMPARE(asked->calls, 1);
        QCOMPARE(asking.human.asked.size(), size_t(1));
    }

    void anotherDesignDiverges()
    {
        Bench bench;
        bench.script({Reply::say("One.")});
        MemoryJournal journal;
        const Outcome live = execute(bench, &journal, RunMode::Live);
        MemoryJournal recorded;
        replayInto(&recorded, journal, live.trace);
        bench.prompt.text = QStringLiteral("Be long.");
        const Outcome other = execute(bench, &recorded, RunMode::Replay);
        QVERIFY(!other.answer);
        QCOMPARE(other.answer.error().kind, ErrorKind::Diverged);
        QVERIFY2(other.answer.error().message.contains(QStringLiteral("step 1.1")), qPrintable(other.answer.error().message));
    }

    void cancelAndDeadline_data()
    {
        QTest::addColumn<bool>("deadline");
        QTest::addColumn<bool>("inTool");
        QTest::newRow("cancel a model call") << false << false;
        QTest::newRow("cancel a tool call") << false << true;
        QTest::newRow("time runs out in a model call") << true << false;
        QTest::newRow("time runs out in a tool call") << true << true;
    }

    void cancelAndDeadline()
    {
        QFETCH(bool, deadline);
        QFETCH(bool, inTool);
        Bench bench;
        bench.spec.pattern = QStringLiteral("tool_loop");
        bench.spec.limits.seconds = 10;
        const auto tool = bench.tool("look");
        tool->hangs = true;
        if (inTool)
            bench.script({Reply::call("look", R"({"q":"x"})")});
        else
            bench.script({Reply::hang()});
        MemoryJournal journal;
        Trace trace;
        CancelSource source;
        RunContext context(bench.options(&journal, &trace, RunMode::Live), source.token());
        RunInput input;
        input.text = bench.input;
        auto task = runAgent(&context, bench.prepare(), input, QString());
        QVERIFY(!task.isReady());
        if (deadline)
            bench.clock.advance(10'000);
        else
            source.cancel();
        QVERIFY(task.isReady());
        const auto answer = lathe::test::await(std::move(task));
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, deadline ? ErrorKind::LimitReached : ErrorKind::Cancelled);
        // A person's stop leaves nothing in the journal, so that a resume asks again; a deadline is an outcome.
        QCOMPARE(journal.written().size(), size_t((inTool ? 1 : 0) + (deadline ? 1 : 0)));
        for (const Step &step : trace.steps()) {
            const bool ended = inTool && step.kind == StepKind::Model; // before it was stopped
            QCOMPARE(step.status, ended ? StepStatus::Ok : deadline ? StepStatus::Failed : StepStatus::Cancelled);
        }
    }

    // The limit of seconds is of work: a person may think for an hour, and nothing of the run is lost.
    void thePersonsTimeIsNotTheRuns()
    {
        Bench bench;
        bench.spec.pattern = QStringLiteral("tool_loop");
        bench.spec.limits.seconds = 10;
        const auto tool = bench.tool("send", Approval::Ask, SideEffect::External);
        tool->hangs = true;
        bench.script({Reply::call("send", R"({"q":"x"})")});
        struct SlowHuman : HumanDesk {
            Completion<bool> decided;
            Task<Result<HumanAnswer>> ask(HumanQuestion, CancelToken) override
            {
                co_await decided;
                HumanAnswer answer;
                answer.approved = true;
                co_return answer;
            }
        } slow;
        MemoryJournal journal;
        Trace trace;
        RunOptions options = bench.options(&journal, &trace, RunMode::Live);
        options.human = &slow;
        RunContext context(std::move(options), CancelToken());
        RunInput input;
        input.text = bench.input;
        auto task = runAgent(&context, bench.prepare(), input, QString());
        bench.clock.advance(3'600'000);
        QVERIFY(!task.isReady());
        slow.decided.complete(true); // the tool begins, and hangs
        bench.clock.advance(9'000);
        QVERIFY(!task.isReady());
        bench.clock.advance(1'000);
        QVERIFY(task.isReady());
        const auto answer = lathe::test::await(std::move(task));
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::LimitReached);
    }

    // Containers (agent, plan, critique...) end as what stopped them says, not as failures of their own.
    void stoppedContainersAreCancelled_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<int>("answersBefore");
        for (const char *pattern : {"direct", "tool_loop", "react", "plan_execute", "reflexion"}) {
            for (int before = 0; before < 2; ++before)
                QTest::addRow("%s after %d answers", pattern, before) << QString::fromLatin1(pattern) << before;
        }
    }

    void stoppedContainersAreCancelled()
    {
        QFETCH(QString, pattern);
        QFETCH(int, answersBefore);
        Bench bench;
        bench.spec.pattern = pattern;
        bench.tool("look");
        std::vector<Reply> replies;
        for (int i = 0; i < answersBefore; ++i)
            replies.push_back(pattern == QLatin1String("plan_execute") ? Reply::say(R"({"steps":["Look it up.","Say it."]})")
                              : pattern == QLatin1String("tool_loop")  ? Reply::call("look", R"({"q":"x"})")
                                                                       : Reply::say("Thought: look.\nAction: look\nAction Input: {\"q\":\"x\"}"));
        replies.push_back(Reply::hang());
        bench.script(replies);
        MemoryJournal journal;
        Trace trace;
        CancelSource source;
        RunContext context(bench.options(&journal, &trace, RunMode::Live), source.token());
        RunInput input;
        input.text = bench.input;
        auto task = runAgent(&context, bench.prepare(), input, QString());
        if (task.isReady()) // "direct" asks only once
            return;
        source.cancel();
        const auto answer = lathe::test::await(std::move(task));
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Cancelled);
        QVERIFY(trace.steps().size() >= 2);
        for (const Step &step : trace.steps()) {
            QVERIFY2(step.status != StepStatus::Failed && step.status != StepStatus::Running,
                     qPrintable(step.name + QLatin1Char(' ') + stepStatusName(step.status)));
        }
        QCOMPARE(trace.steps().front().status, StepStatus::Cancelled);
    }

    void aCallLeftUnfinishedWaitsForThePerson()
    {
        Bench bench;
        bench.spec.pattern = QStringLiteral("tool_loop");
        const auto tool = bench.tool("send", Approval::Always, SideEffect::Write);
        tool->hangs = true;
        bench.script({Reply::call("send", R"({"q":"x"})"), Reply::say("Sent.")});
        MemoryJournal first;
        Trace firstTrace;
        RunInput input;
        input.text = bench.input;
        {
            CancelSource source;
            RunContext context(bench.options(&first, &firstTrace, RunMode::Live), source.token());
            auto task = runAgent(&context, bench.prepare(), input, QString());
            source.cancel();
            QVERIFY(!lathe::test::await(std::move(task)));
        }
        MemoryJournal recorded;
        for (const JournalEntry &entry : first.written())
            recorded.add(entry);
        tool->hangs = false;
        struct SlowHuman : HumanDesk {
            Completion<bool> decided;
            Task<Result<HumanAnswer>> ask(HumanQuestion, CancelToken) override
            {
                co_await decided;
                HumanAnswer answer;
                answer.text = QStringLiteral("repeat");
                co_return answer;
            }
        } human;
        Trace trace;
        RunOptions options = bench.options(&recorded, &trace, RunMode::Live);
        options.human = &human;
        RunContext context(std::move(options), CancelToken());
        auto task = runAgent(&context, bench.prepare(), input, QString());
        QVERIFY(!task.isReady());
        const int index = trace.indexOf(QStringLiteral("1.2"));
        QVERIFY(index >= 0);
        QCOMPARE(trace.steps()[size_t(index)].status, StepStatus::Waiting);
        QCOMPARE(trace.status(), RunStatus::Waiting);
        human.decided.complete(true);
        const auto answer = lathe::test::await(std::move(task));
        QVERIFY(answer.ok());
        QCOMPARE(tool->calls, 2);
        QCOMPARE(trace.steps()[size_t(index)].status, StepStatus::Ok);
        QCOMPARE(trace.steps()[size_t(index)].notes.size(), size_t(2));
        // A replay shows the same.
        MemoryJournal all;
        replayInto(&all, first, firstTrace);
        replayInto(&all, recorded, trace);
        const Outcome replayed = execute(bench, &all, RunMode::Replay);
        QVERIFY2(replayed.answer.ok(), qPrintable(replayed.answer ? QString() : replayed.answer.error().message));
        QCOMPARE(firstDifference(trace, replayed.trace, false), QString());
    }

    void secretsNeverReachJournalOrEvents()
    {
        Bench bench;
        bench.script({Reply::say("The key is sk-secret-123456.")});
        MemoryJournal journal;
        QByteArray seen;
        Redactor redactor;
        redactor.addSecret(QStringLiteral("sk-secret-123456"));
        Trace trace;
        RunOptions options = bench.options(&journal, &trace, RunMode::Live);
        options.redactor = &redactor;
        options.sink = [&](const RunEvent &event) {
            if (event.kind != RunEventKind::StepDelta) // pieces may split a key; they are not kept
                seen += json::compact(event.toJson());
        };
        RunContext context(std::move(options), CancelToken());
        RunInput input;
        input.text = bench.input;
        const auto answer = lathe::test::await(runAgent(&context, bench.prepare(), input, QString()));
        QVERIFY(answer.ok());
        QVERIFY(!answer->contains(QStringLiteral("sk-secret")));
        QVERIFY(!seen.contains("sk-secret"));
        for (const JournalEntry &entry : journal.written())
            QVERIFY(!json::compact(entry.outcome).contains("sk-secret"));
    }

    void findsJsonInAnswers()
    {
        QCOMPARE(findJson(QStringLiteral("{\"a\":1}"))->toObject().value(QStringLiteral("a")).toInt(), 1);
        QCOMPARE(findJson(QStringLiteral("Sure:\n```json\n[1,2]\n```"))->toArray().size(), 2);
        QCOMPARE(findJson(QStringLiteral("I think {\"a\": \"}\"} fits"))->toObject().value(QStringLiteral("a")).toString(), QStringLiteral("}"));
        QVERIFY(!findJson(QStringLiteral("no json here")));
        QVERIFY(!findJson(QStringLiteral("{broken")));
        QVERIFY(!findJson(QString(200'000, QLatin1Char('{'))));
    }
};

QTEST_GUILESS_MAIN(TestAgentRunner)
#include "tst_AgentRunner.moc"
