// SPDX-License-Identifier: GPL-3.0-or-later
// The one way of a tool call: check, budget, journal, trace, and what a tool may use meanwhile.
#include "tests/core/runtime/ToolCallTesting.h"

using namespace lathe;
using namespace lathe::test;

class TestToolCalls : public ToolCallFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init() { start(); }
    void cleanup() { m_rigs.clear(); }

    // A tool that acts has begun in the journal before it is called, and is done in it before anybody hears of it.
    void journalBeforeAndAfter()
    {
        m_tool->acts = [this](ToolCallScope, CancelToken) -> Task<Result<ToolOutcome>> {
            ToolOutcome outcome;
            outcome.text = QString::number(m_journal.written().size()) + (m_journal.written().back().done ? QStringLiteral(" done") : QStringLiteral(" begun"));
            co_return outcome;
        };
        CallRig &run = rig();
        run.call(QStringLiteral("{}"));
        QCOMPARE(run.said(0), QStringLiteral("1 begun"));
        QCOMPARE(m_journal.written().size(), size_t(2));
        QVERIFY(m_journal.written().back().done);
        const QJsonObject attributes = run.attributes(QStringLiteral("1.1"));
        QCOMPARE(attributes.value(QLatin1String("lathe.policy")).toString(), QStringLiteral("always"));
        QCOMPARE(attributes.value(QLatin1String("gen_ai.tool.type")).toString(), QStringLiteral("function"));
        QCOMPARE(attributes.value(QLatin1String("lathe.side_effect")).toString(), QStringLiteral("external"));
        replays(run, [](CallRig &r) { r.call(QStringLiteral("{}")); });
    }

    // Runs of before there were attributes, purposes and reasons replay as they were.
    void oldRecordingsReplayWithoutNewThings()
    {
        m_spec.approval = Approval::Ask;
        m_spec.type = QStringLiteral("web_page"); // untrusted now
        JournalEntry asked;
        asked.step = QStringLiteral("1.1.1");
        asked.kind = QStringLiteral("human");
        asked.done = true;
        asked.request = "{\"arguments\":{\"q\":1},\"side_effect\":\"external\",\"text\":\"May the agent call spy?\",\"tool\":\"spy\",\"type\":\"approval\"}";
        asked.requestHash = json::sha256(asked.request);
        asked.outcome = json::parseObject("{\"answer\":{\"approved\":true,\"text\":\"\"}}").valueOr({});
        JournalEntry called;
        called.step = QStringLiteral("1.1");
        called.kind = QStringLiteral("execute_tool");
        called.done = true;
        called.request = "{\"arguments\":{\"q\":1},\"tool\":\"spy\"}";
        called.requestHash = json::sha256(called.request);
        called.outcome = json::parseObject("{\"outcome\":{\"text\":\"as it was\"}}").valueOr({});
        MemoryJournal old;
        old.add(asked);
        old.add(called);
        CallRig &run = rig(RunMode::Replay, &old, {}, false);
        run.gate.setRevision(QStringLiteral("spy@3"));
        run.call(QStringLiteral("{\"q\":1}"), QStringLiteral("because"));
        QCOMPARE(run.said(0), QStringLiteral("as it was"));
        const QStringList keys = run.attributes(QStringLiteral("1.1")).keys();
        QCOMPARE(keys.join(QLatin1Char(' ')), QStringLiteral("gen_ai.operation.name gen_ai.tool.call.arguments gen_ai.tool.call.id gen_ai.tool.name lathe.side_effect"));
        const Step &question = run.trace.steps()[size_t(run.trace.indexOf(QStringLiteral("1.1.1")))];
        QCOMPARE(question.notes.front().attributes, json::parseObject(asked.request).valueOr({}));
        QCOMPARE(question.attributes.keys().join(QLatin1Char(' ')), QStringLiteral("approved gen_ai.operation.name text"));
    }

    void refusals_data()
    {
        QTest::addColumn<QString>("arguments");
        QTest::addColumn<QString>("code");
        QTest::newRow("JSON") << QStringLiteral("{oops") << QStringLiteral("invalid_arguments");
        QTest::newRow("schema") << QStringLiteral("{\"q\":\"x\"}") << QStringLiteral("invalid_arguments");
        QTest::newRow("host") << QStringLiteral("{\"any\":[\"see https:/\")") .replace(QStringLiteral("\")"), QStringLiteral("/evil.example\"]}")) << QStringLiteral("host");
        QTest::newRow("path") << QStringLiteral("{\"file\":\"../../etc/passwd\"}") << QStringLiteral("path");
    }
    void refusals()
    {
        QFETCH(QString, arguments);
        QFETCH(QString, code);
        m_spec.allowedHosts = QStringList{QStringLiteral("api.example")};
        m_spec.allowedPaths = QStringList{QStringLiteral("/srv")};
        m_tool->schemaText = "{\"type\":\"object\",\"properties\":{\"q\":{\"type\":\"integer\"}}}";
        CallRig &run = rig();
        run.call(arguments);
        QCOMPARE(run.notes(QStringLiteral("1.1")), QStringList{code});
        QVERIFY((*run.outcomes[0])->isError);
        QVERIFY(m_tool->given.empty() && m_journal.written().empty());
        QCOMPARE(run.gate.budget().calls(), 0);
        replays(run, [&](CallRig &r) { r.call(arguments); });
    }

    // Calls made at once cannot slip past a bound together, whether they wait for a person or not.
    void limitsHoldForParallelCalls_data()
    {
        QTest::addColumn<int>("approval");
        QTest::addColumn<bool>("byCost");
        for (const Approval approval : {Approval::Always, Approval::Ask, Approval::AskFirst}) {
            QTest::addRow("%s, calls", qPrintable(approvalName(approval))) << int(approval) << false;
            QTest::addRow("%s, cost", qPrintable(approvalName(approval))) << int(approval) << true;
        }
    }
    void limitsHoldForParallelCalls()
    {
        QFETCH(int, approval);
        QFETCH(bool, byCost);
        m_spec.approval = Approval(approval);
        if (byCost) {
            m_spec.costPerCallUsd = 0.25;
            m_spec.limits.costUsd = 0.5;
        } else {
            m_spec.limits.callsPerRun = 2;
        }
        const QStringList texts{QStringLiteral("{\"n\":1}"), QStringLiteral("{\"n\":2}"), QStringLiteral("{\"n\":3}"), QStringLiteral("{\"n\":4}")};
        CallRig &run = rig();
        run.calls(texts);
        for (size_t i = 0; i < m_desk.open.size(); ++i)
            m_desk.answer(i, true);
        for (size_t i = 0; i < 4; ++i)
            QVERIFY(run.isDone(i));
        QCOMPARE(m_tool->given.size(), size_t(2));
        QVERIFY(m_desk.asked.size() <= 2);
        QCOMPARE(run.notes(QStringLiteral("1.3")), QStringList{QStringLiteral("limit")});
        QCOMPARE(run.notes(QStringLiteral("1.4")), QStringList{QStringLiteral("limit")});
        QCOMPARE(run.context->usage().costUsd, byCost ? 0.5 : 0.0);
        replays(run, [&](CallRig &r) { r.calls(texts); });
        QCOMPARE(m_rigs.back()->context->usage().costUsd, byCost ? 0.5 : 0.0);
    }

    // What its calls cost counts for the run's own bound; a replay ends where the run did.
    void costsCountForTheRun()
    {
        m_spec.costPerCallUsd = 1.2;
        m_spec.approval = Approval::Ask;
        CallRig &run = rig();
        run.calls({QStringLiteral("{}"), QStringLiteral("{oops")}); // begun at once, before the first has cost anything
        QCOMPARE(run.notes(QStringLiteral("1.2")), QStringList{QStringLiteral("invalid_arguments")});
        m_desk.answer(0, true);
        run.call(QStringLiteral("{}"));
        QCOMPARE(run.said(0), QStringLiteral("did {}"));
        QCOMPARE(run.said(2), QStringLiteral("error limit_reached"));
        QCOMPARE(m_tool->given.size(), size_t(1));
        replays(run, [](CallRig &r) {
            r.calls({QStringLiteral("{}"), QStringLiteral("{oops")});
            r.call(QStringLiteral("{}"));
        });
    }

    // A denied call was a call; what was refused in the recording is refused when it is executed again.
    void deniedCallsCount()
    {
        m_spec.approval = Approval::Ask;
        m_spec.limits.callsPerRun = 1;
        CallRig &run = rig();
        run.calls({QStringLiteral("{}"), QStringLiteral("{}")});
        m_desk.answer(0, false);
        QCOMPARE(m_desk.asked.size(), size_t(1));
        QCOMPARE(run.notes(QStringLiteral("1.2")), QStringList{QStringLiteral("limit")});
        replays(run, [](CallRig &r) { r.calls({QStringLiteral("{}"), QStringLiteral("{}")}); });
    }

    // A fork whose model was asked anew may get a call that looks like the recorded one and has something else where it is hidden: neither
    // what a person said then nor what the tool gave then answers it.
    void forksDoNotGuessWhatIsHidden()
    {
        m_spec.approval = Approval::Ask;
        m_spec.redact = QStringList{QStringLiteral("/arguments/pin")};
        CallRig &run = rig();
        run.call(QStringLiteral("{\"pin\":424242}"));
        m_desk.answer(0, true);
        run.end();
        QCOMPARE(m_tool->given.size(), size_t(1));
        for (const bool anew : {false, true}) {
            MemoryJournal parent;
            for (JournalEntry entry : m_journal.written()) {
                entry.late = true;
                if (entry.done)
                    parent.add(std::move(entry));
            }
            m_tool->given.clear();
            m_desk.asked.clear();
            m_desk.open.clear();
            CallRig &fork = rig(RunMode::Fork, &parent);
            fork.call(anew ? QStringLiteral("{\"pin\":777777}") : fork.gate.shownText(QStringLiteral("{\"pin\":424242}")));
            QCOMPARE(m_desk.asked.size(), size_t(anew));
            QCOMPARE(fork.isDone(0), !anew);
            if (anew) {
                QCOMPARE(m_desk.asked.front().arguments.value(QLatin1String("pin")).toInt(), 777777);
                m_desk.answer(0, true);
                QVERIFY(fork.isDone(0));
            }
            QCOMPARE(m_tool->given.size(), size_t(anew));
            QVERIFY(!fork.said(0).contains(QLatin1String("777777")));
        }
    }

    // Hidden values reach the tool and the person, and neither journal nor trace.
    void hiddenArguments_data()
    {
        QTest::addColumn<int>("approval");
        QTest::addColumn<QByteArray>("arguments");
        QTest::addColumn<bool>("runs");
        QTest::newRow("runs") << int(Approval::Always) << QByteArray("{\"pin\":424242,\"q\":1}") << true;
        QTest::newRow("approved") << int(Approval::Ask) << QByteArray("{\"pin\":424242,\"q\":1}") << true;
        QTest::newRow("approved with another") << int(Approval::Ask) << QByteArray("{\"pin\":424242,\"edit\":1}") << true;
        QTest::newRow("asked by a rule about it") << int(Approval::AskWhen) << QByteArray("{\"pin\":424242,\"q\":1}") << true;
        QTest::newRow("refused by the schema") << int(Approval::Ask) << QByteArray("{\"pin\":424242424242,\"q\":1}") << false;
        QTest::newRow("refused as no JSON") << int(Approval::Always) << QByteArray("{\"pin\":424242") << false;
    }
    void hiddenArguments()
    {
        QFETCH(int, approval);
        QFETCH(QByteArray, arguments);
        QFETCH(bool, runs);
        m_spec.approval = Approval(approval);
        m_spec.redact = QStringList{QStringLiteral("/arguments/pin")};
        ArgumentRule rule;
        rule.pointer = QStringLiteral("/pin");
        rule.op = QStringLiteral("greater");
        rule.value = 1e9;
        m_spec.askWhen = {rule};
        m_tool->schemaText = "{\"type\":\"object\",\"properties\":{\"pin\":{\"type\":\"integer\",\"maximum\":999999}}}";
        CallRig &run = rig();
        run.call(QString::fromUtf8(arguments));
        QCOMPARE(m_desk.asked.size(), size_t(runs && Approval(approval) != Approval::Always ? 1 : 0)); // what is hidden cannot be judged by a rule
        if (!m_desk.asked.empty()) {
            QVERIFY(m_desk.asked.front().arguments.value(QLatin1String("pin")) == QJsonValue(424242)); // the person sees what they decide on
            if (arguments.contains("edit"))
                m_desk.answer(0, true, QString(), QJsonObject{{QStringLiteral("pin"), 434242}});
            else
                m_desk.answer(0, true);
        }
        QCOMPARE(m_tool->given.size(), size_t(runs));
        if (runs)
            QCOMPARE(m_tool->given.front().value(QLatin1String("pin")).toInt(), arguments.contains("edit") ? 434242 : 424242);
        run.end();
        QByteArray kept;
        for (const JournalEntry &entry : m_journal.written())
            kept += entry.request + json::compact(entry.outcome);
        for (const RunEvent &event : run.trace.toEvents())
            kept += json::compact(event.toJson());
        QVERIFY2(!kept.contains("424242") && !kept.contains("434242"), kept.constData());
        QVERIFY(kept.contains("[redacted]"));
        // A replay has what the journal has of what the model wrote.
        replays(run, [&](CallRig &r) { r.call(r.gate.shownText(QString::fromUtf8(arguments))); });
        // And a resume that would have to make the call cannot.
        if (Approval(approval) == Approval::Always && runs) {
            MemoryJournal empty;
            m_tool->given.clear();
            CallRig &resumed = rig(RunMode::Live, &empty);
            resumed.call(resumed.gate.shownText(QString::fromUtf8(arguments)));
            QVERIFY(m_tool->given.empty());
            QVERIFY((*resumed.outcomes[0])->isError);
        }
    }

    void whatAToolMayUse()
    {
        m_spec.limits.seconds = 5;
        m_tool->acts = [](ToolCallScope scope, CancelToken cancel) -> Task<Result<ToolOutcome>> {
            scope.note(QStringLiteral("looked"), QJsonObject{{QStringLiteral("n"), 1}});
            for (int i = 0; i < 1000; ++i) {
                scope.progress(i, 1000.0, QStringLiteral("going"));
                scope.note(QStringLiteral("chatter"), {});
            }
            PersonRequest form;
            form.who = QStringLiteral("server");
            form.message = QStringLiteral("Your name?");
            auto first = co_await scope.ask(form, cancel);
            PersonRequest open;
            open.type = PersonRequest::Type::Url;
            open.url = QStringLiteral("https://a.example/pay?key=geheim");
            auto second = co_await scope.ask(open, cancel);
            ToolOutcome outcome;
            outcome.text = first->content.value(QLatin1String("name")).toString() + QLatin1Char(' ') + QString::number(int(second->action));
            co_return outcome;
        };
        CallRig &run = rig();
        run.call(QStringLiteral("{}"));
        QCOMPARE(m_desk.asked.size(), size_t(1));
        QCOMPARE(m_desk.asked[0].type, HumanQuestion::Type::Elicitation);
        QCOMPARE(m_desk.asked[0].who, QStringLiteral("server"));
        m_clock.advance(60'000); // a person takes their time
        m_desk.answer(0, true, QString(), QJsonObject{{QStringLiteral("name"), QStringLiteral("Ada")}});
        QCOMPARE(m_desk.asked.at(1).type, HumanQuestion::Type::OpenUrl);
        QVERIFY(m_desk.asked.at(1).url.contains(QLatin1String("geheim")));
        m_desk.answer(1, false, QStringLiteral("cancel"));
        QCOMPARE(run.said(0), QStringLiteral("Ada %1").arg(int(PersonReply::Action::Cancel)));
        const QStringList notes = run.notes(QStringLiteral("1.1"));
        QCOMPARE(notes.count(QStringLiteral("question_asked")), 2);
        QCOMPARE(notes.count(QStringLiteral("question_answered")), 2);
        QVERIFY(notes.contains(QStringLiteral("looked")));
        QVERIFY(notes.count(QStringLiteral("chatter")) < 300);
        QCOMPARE(notes.count(QStringLiteral("progress")), 1); // no time passed
        run.end();
        QByteArray kept;
        for (const RunEvent &event : run.trace.toEvents())
            kept += json::compact(event.toJson());
        QVERIFY(!kept.contains("geheim"));
        // The trace context is that of the run's export.
        const QRegularExpression form(QStringLiteral("\\A00-[0-9a-f]{32}-[0-9a-f]{16}-01\\z"));
        QVERIFY(form.match(m_tool->traceparents.front()).hasMatch());
        const QString trace = QString::fromLatin1(json::sha256("7:1790000000000000").left(32));
        QVERIFY(m_tool->traceparents.front().contains(trace));
        const QJsonObject otlp = run.trace.toOtlp(trace);
        QVERIFY(QString::fromUtf8(json::compact(otlp)).contains(m_tool->traceparents.front().section(u'-', 2, 2)));
        replays(run, [](CallRig &r) { r.call(QStringLiteral("{}")); });
    }

    // However often a tool asks, a person is not asked without end.
    void questionsAreBounded()
    {
        int refused = 0;
        m_tool->acts = [&refused](ToolCallScope scope, CancelToken cancel) -> Task<Result<ToolOutcome>> {
            for (int i = 0; i < 100; ++i) {
                PersonRequest form;
                form.message = QStringLiteral("And now?");
                auto reply = co_await scope.ask(form, cancel);
                refused += reply && reply->action == PersonReply::Action::Cancel ? 1 : 0;
            }
            co_return ToolOutcome();
        };
        CallRig &run = rig();
        run.call(QStringLiteral("{}"));
        for (size_t i = 0; i < 100 && i < m_desk.open.size(); ++i)
            m_desk.answer(i, true);
        QVERIFY(run.isDone(0));
        QCOMPARE(m_desk.asked.size(), size_t(20));
        QCOMPARE(refused, 80);
    }

    void nobodyToAsk()
    {
        bool mayAsk = true;
        m_tool->acts = [&mayAsk](ToolCallScope scope, CancelToken) -> Task<Result<ToolOutcome>> {
            mayAsk = bool(scope.ask);
            co_return ToolOutcome();
        };
        rig(RunMode::Live, nullptr, {}, false).call(QStringLiteral("{}"));
        QVERIFY(!mayAsk);
    }

    // A tool that goes on after its time can do nothing more to the run.
    void lateToolsAreNotHeard()
    {
        m_spec.limits.seconds = 1;
        Completion<bool> goOn;
        m_tool->acts = [goOn](ToolCallScope scope, CancelToken cancel) -> Task<Result<ToolOutcome>> {
            co_await goOn;
            scope.note(QStringLiteral("late"), {});
            scope.progress(1, std::nullopt, QString());
            PersonRequest form;
            auto reply = co_await scope.ask(form, cancel);
            co_return ToolOutcome();
        };
        CallRig &run = rig();
        run.call(QStringLiteral("{}"));
        m_clock.advance(1000);
        QVERIFY(run.said(0).contains(QLatin1String("did not answer")));
        m_rigs.clear(); // the run is gone
        goOn.complete(true);
        QVERIFY(m_desk.asked.empty());
    }

    void timeOutsAreToldApart()
    {
        m_spec.limits.seconds = 1;
        m_tool->acts = [](ToolCallScope, CancelToken cancel) -> Task<Result<ToolOutcome>> {
            co_await untilCancelled(cancel);
            co_return Error::cancelled();
        };
        CallRig &run = rig();
        run.call(QStringLiteral("{}"));
        m_clock.advance(1000);
        const Step &step = run.trace.steps()[size_t(run.trace.indexOf(QStringLiteral("1.1")))];
        QVERIFY(step.error && step.error->kind == ErrorKind::Timeout);
        QCOMPARE(step.attributes.value(QLatin1String("error.type")).toString(), QStringLiteral("timeout"));
        QVERIFY(run.notes(QStringLiteral("1.1")).isEmpty());
        replays(run, [](CallRig &r) { r.call(QStringLiteral("{}")); });
    }

    void codesOfToolsAreNoted()
    {
        m_tool->code = QStringLiteral("changed");
        CallRig &run = rig();
        run.call(QStringLiteral("{}"));
        QCOMPARE(run.notes(QStringLiteral("1.1")), QStringList{QStringLiteral("changed")});
        replays(run, [](CallRig &r) { r.call(QStringLiteral("{}")); });
    }
};

QTEST_GUILESS_MAIN(TestToolCalls)
#include "tst_ToolCalls.moc"
