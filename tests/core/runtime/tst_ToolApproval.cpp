// SPDX-License-Identifier: GPL-3.0-or-later
// Who must be asked before a call, and that no way leads around it: at once, by a fork, by a resume, by edited arguments.
#include "tests/core/runtime/ToolCallTesting.h"

using namespace lathe;
using namespace lathe::test;

class TestToolApproval : public ToolCallFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init() { start(); }
    void cleanup() { m_rigs.clear(); }

    void theQuestionSaysAll()
    {
        m_spec.approval = Approval::Ask;
        m_tool->schemaText = "{\"type\":\"object\",\"properties\":{\"q\":{\"type\":\"integer\",\"maximum\":9}}}";
        CallRig &run = rig();
        const QString reason = QStringLiteral("I need to know q.");
        run.call(QStringLiteral("{\"q\":1}"), reason);
        QCOMPARE(run.said(0), QStringLiteral("waits"));
        QVERIFY(m_tool->given.empty());
        QVERIFY(m_journal.written().empty());
        const HumanQuestion &question = m_desk.asked.at(0);
        QCOMPARE(question.type, HumanQuestion::Type::Approval);
        QCOMPARE(question.purpose, m_spec.purpose);
        QCOMPARE(question.reason, reason);
        QVERIFY(question.why.contains(QLatin1String("Every call")));
        QCOMPARE(question.schema, m_tool->schema());
        QCOMPARE(question.preview, QStringLiteral("Would send {\"q\":1}"));
        QCOMPARE(question.sideEffect, SideEffect::External);
        m_desk.answer(0, true);
        QCOMPARE(run.said(0), QStringLiteral("did {\"q\":1}"));
        QCOMPARE(run.attributes(QStringLiteral("1.1")).value(QLatin1String("lathe.policy")).toString(), QStringLiteral("approved"));
        const Step &asked = run.trace.steps()[size_t(run.trace.indexOf(QStringLiteral("1.1.1")))];
        QCOMPARE(asked.notes.front().attributes.value(QLatin1String("reason")).toString(), reason);
        replays(run, [&](CallRig &r) { r.call(QStringLiteral("{\"q\":1}"), reason); });
    }

    void deniedWithReason()
    {
        m_spec.approval = Approval::Ask;
        CallRig &run = rig();
        run.call(QStringLiteral("{}"));
        m_desk.answer(0, false, QStringLiteral("Not today."));
        QCOMPARE(run.said(0), QStringLiteral("The call was not approved. Not today."));
        QVERIFY((*run.outcomes[0])->isError && !(*run.outcomes[0])->ran);
        QCOMPARE(run.notes(QStringLiteral("1.1")), QStringList{QStringLiteral("denied")});
        QVERIFY(m_tool->given.empty());
        replays(run, [](CallRig &r) { r.call(QStringLiteral("{}")); });
    }

    void editedArgumentsAreChecked_data()
    {
        QTest::addColumn<QByteArray>("edited");
        QTest::addColumn<QString>("code"); // empty: runs
        QTest::newRow("fine") << QByteArray("{\"q\":2}") << QString();
        QTest::newRow("schema") << QByteArray("{\"q\":\"x\"}") << QStringLiteral("invalid_arguments");
        QTest::newRow("host") << QByteArray("{\"url\":\"http:\\/\\/evil.example\"}") << QStringLiteral("host");
        QTest::newRow("path") << QByteArray("{\"path\":\"\\/etc\"}") << QStringLiteral("path");
    }
    void editedArgumentsAreChecked()
    {
        QFETCH(QByteArray, edited);
        QFETCH(QString, code);
        m_spec.approval = Approval::Ask;
        m_spec.allowedHosts = QStringList{QStringLiteral("api.example")};
        m_spec.allowedPaths = QStringList{QStringLiteral("/srv")};
        m_tool->schemaText = "{\"type\":\"object\",\"properties\":{\"q\":{\"type\":\"integer\"}}}";
        CallRig &run = rig();
        run.call(QStringLiteral("{\"q\":1}"));
        m_desk.answer(0, true, QString(), json::parseObject(edited).valueOr({}));
        QCOMPARE(m_tool->given.size(), size_t(code.isEmpty() ? 1 : 0));
        QCOMPARE(run.notes(QStringLiteral("1.1")), (code.isEmpty() ? QStringList{QStringLiteral("arguments_edited")} : QStringList{QStringLiteral("arguments_edited"), code}));
        if (code.isEmpty())
            QCOMPARE(m_tool->given.front(), json::parseObject(edited).valueOr({}));
        replays(run, [](CallRig &r) { r.call(QStringLiteral("{\"q\":1}")); });
    }

    void neverIsRefused()
    {
        m_spec.approval = Approval::Never;
        CallRig &run = rig();
        run.call(QStringLiteral("{}"));
        QCOMPARE(run.notes(QStringLiteral("1.1")), QStringList{QStringLiteral("denied")});
        QVERIFY(m_tool->given.empty() && m_desk.asked.empty());
    }

    void askFirstAsksOneAtATime()
    {
        m_spec.approval = Approval::AskFirst;
        const QStringList texts{QStringLiteral("{\"n\":1}"), QStringLiteral("{\"n\":2}"), QStringLiteral("{\"n\":3}")};
        CallRig &run = rig();
        run.calls(texts);
        QCOMPARE(m_desk.asked.size(), size_t(1)); // the others wait for the answer
        QVERIFY(m_tool->given.empty());
        m_desk.answer(0, false);
        QCOMPARE(m_desk.asked.size(), size_t(2)); // the first was denied, so the next asks
        QVERIFY(m_tool->given.empty());
        m_desk.answer(1, true);
        QCOMPARE(m_desk.asked.size(), size_t(2));
        QCOMPARE(m_tool->given.size(), size_t(2));
        QCOMPARE(run.attributes(QStringLiteral("1.2")).value(QLatin1String("lathe.policy")).toString(), QStringLiteral("approved"));
        QCOMPARE(run.attributes(QStringLiteral("1.3")).value(QLatin1String("lathe.policy")).toString(), QStringLiteral("approved before"));
        replays(run, [&](CallRig &r) { r.calls(texts); });
    }

    void askFirstAndTheRunIsStopped()
    {
        m_spec.approval = Approval::AskFirst;
        CallRig &run = rig();
        run.calls({QStringLiteral("{}"), QStringLiteral("{}")});
        run.cancel.cancel();
        QCOMPARE(run.said(0), QStringLiteral("error cancelled"));
        QCOMPARE(run.said(1), QStringLiteral("error cancelled"));
        QVERIFY(m_tool->given.empty() && m_journal.written().empty());
    }

    void askWhen()
    {
        m_spec.approval = Approval::AskWhen;
        ArgumentRule rule;
        rule.pointer = QStringLiteral("/items/*/price");
        rule.op = QStringLiteral("greater");
        rule.value = 100;
        m_spec.askWhen = {rule};
        const QStringList texts{QStringLiteral("{\"items\":[{\"price\":5}]}"), QStringLiteral("{\"items\":[{\"price\":5},{\"price\":500}]}")};
        CallRig &run = rig();
        run.calls(texts);
        QCOMPARE(m_tool->given.size(), size_t(1));
        QCOMPARE(m_desk.asked.size(), size_t(1));
        QCOMPARE(m_desk.asked.front().why, QStringLiteral("/items/*/price is greater than 100."));
        QCOMPARE(run.attributes(QStringLiteral("1.1")).value(QLatin1String("lathe.policy")).toString(), QStringLiteral("no rule matched"));
        m_desk.answer(0, true);
        QCOMPARE(m_tool->given.size(), size_t(2));
        replays(run, [&](CallRig &r) { r.calls(texts); });
    }

    void alwaysForThisRun()
    {
        m_spec.approval = Approval::Ask;
        CallRig &run = rig();
        run.call(QStringLiteral("{\"n\":1}"));
        m_desk.answer(0, true, QString(), {}, true);
        run.call(QStringLiteral("{\"n\":2}"));
        QCOMPARE(m_desk.asked.size(), size_t(1));
        QCOMPARE(run.said(1), QStringLiteral("did {\"n\":2}"));
        QCOMPARE(run.attributes(QStringLiteral("1.2")).value(QLatin1String("lathe.policy")).toString(), QStringLiteral("approved for this run"));
        replays(run, [](CallRig &r) { r.calls({QStringLiteral("{\"n\":1}"), QStringLiteral("{\"n\":2}")}); });
        // Another run knows nothing of it.
        MemoryJournal other;
        CallRig &next = rig(RunMode::Live, &other);
        next.call(QStringLiteral("{\"n\":2}"));
        QCOMPARE(next.said(0), QStringLiteral("waits"));
        m_desk.answer(m_desk.asked.size() - 1, false);
        QVERIFY(next.isDone(0));
    }

    // A replay of a recording that was cut calls nothing, asks nobody and writes nothing; it says where it ends.
    void replaysCallNothing_data()
    {
        QTest::addColumn<int>("approval");
        QTest::addColumn<bool>("harmless");
        QTest::addColumn<bool>("attended");
        for (const auto &[approval, name] : {std::pair(Approval::Always, "always"), std::pair(Approval::Ask, "ask"), std::pair(Approval::AskFirst, "first")}) {
            for (const bool harmless : {false, true}) {
                for (const bool attended : {false, true})
                    QTest::addRow("%s %s %s", name, harmless ? "harmless" : "acts", attended ? "attended" : "alone") << int(approval) << harmless << attended;
            }
        }
    }
    void replaysCallNothing()
    {
        QFETCH(int, approval);
        QFETCH(bool, harmless);
        QFETCH(bool, attended);
        m_spec.approval = Approval(approval);
        m_tool->harmless = harmless;
        CallRig &run = rig();
        run.call(QStringLiteral("{\"n\":1}"));
        if (!m_desk.open.empty())
            m_desk.answer(0, true);
        QCOMPARE(run.said(0), QStringLiteral("did {\"n\":1}"));
        const size_t asked = m_desk.asked.size(), entries = m_journal.written().size();
        QVERIFY(entries > 0);
        for (size_t kept = 0; kept < entries; ++kept) {
            MemoryJournal cut;
            load(&cut, m_journal, run.trace, kept);
            CallRig &replay = rig(RunMode::Replay, &cut, {}, attended);
            replay.call(QStringLiteral("{\"n\":1}"));
            QCOMPARE(replay.said(0), QStringLiteral("error diverged"));
            QVERIFY(replay.context->divergence());
            QVERIFY(cut.written().empty());
            replay.end();
        }
        QCOMPARE(m_tool->given.size(), size_t(1));
        QCOMPARE(m_desk.asked.size(), asked);
    }

    // What a person allowed in a run holds for what was recorded there, and in a fork of it for nothing new.
    void forksAskAgain_data()
    {
        QTest::addColumn<int>("approval");
        QTest::addColumn<bool>("forRun");
        QTest::newRow("each") << int(Approval::Ask) << false;
        QTest::newRow("for the run") << int(Approval::Ask) << true;
        QTest::newRow("the first") << int(Approval::AskFirst) << false;
    }
    void forksAskAgain()
    {
        QFETCH(int, approval);
        QFETCH(bool, forRun);
        m_spec.approval = Approval(approval);
        const auto program = [](CallRig &r) {
            r.call(QStringLiteral("{\"n\":1}"));
            r.call(QStringLiteral("{\"n\":2}"));
            r.call(QStringLiteral("{\"n\":3}"));
        };
        CallRig &run = rig();
        run.call(QStringLiteral("{\"n\":1}"));
        m_desk.answer(0, true, QString(), {}, forRun);
        run.call(QStringLiteral("{\"n\":2}"));
        if (m_desk.asked.size() > 1)
            m_desk.answer(1, true);
        run.end();
        QCOMPARE(m_tool->given.size(), size_t(2));
        // The fork makes the second call with other arguments, and one more.
        ForkLayer layer;
        layer.parent = RunId{7};
        layer.step = QStringLiteral("1.2");
        layer.changes.argumentsText = QStringLiteral("{\"n\":99}");
        MemoryJournal inherited;
        load(&inherited, m_journal, run.trace);
        m_desk.asked.clear();
        m_desk.open.clear();
        CallRig &fork = rig(RunMode::Fork, &inherited, {layer});
        program(fork);
        QCOMPARE(fork.said(0), QStringLiteral("did {\"n\":1}"));
        QCOMPARE(fork.said(1), QStringLiteral("waits"));
        QCOMPARE(fork.said(2), QStringLiteral("waits"));
        QCOMPARE(m_tool->given.size(), size_t(2)); // nothing has been called
        QCOMPARE(m_desk.asked.front().arguments, (QJsonObject{{QStringLiteral("n"), 99}}));
        m_desk.answer(0, true);
        if (m_desk.asked.size() > 1)
            m_desk.answer(1, true);
        QCOMPARE(fork.said(1), QStringLiteral("did {\"n\":99}"));
        QCOMPARE(fork.said(2), QStringLiteral("did {\"n\":3}"));
        fork.end();
        // And the fork replays.
        MemoryJournal recorded;
        load(&recorded, m_journal, run.trace);
        load(&recorded, inherited, fork.trace);
        CallRig &replay = rig(RunMode::Replay, &recorded, {layer}, false);
        program(replay);
        replay.end();
        QCOMPARE(firstDifference(fork.trace, replay.trace, true), QString());
        QCOMPARE(m_tool->given.size(), size_t(4));
    }

    // Cut after every entry: nothing runs twice, nothing runs without the approval that was recorded or a new one.
    void resumesAskOnlyWhatWasNotAnswered()
    {
        m_spec.approval = Approval::Ask;
        m_tool->harmless = true;
        const auto program = [this](CallRig &r) {
            r.call(QStringLiteral("{\"n\":1}"));
            if (!m_desk.open.empty())
                m_desk.answer(m_desk.open.size() - 1, true);
            r.call(QStringLiteral("{\"n\":2}"));
            if (!m_desk.open.empty())
                m_desk.answer(m_desk.open.size() - 1, true);
        };
        CallRig &run = rig();
        program(run);
        QCOMPARE(m_journal.written().size(), size_t(4)); // answer, call, answer, call
        for (size_t cut = 0; cut <= 4; ++cut) {
            MemoryJournal partial;
            load(&partial, m_journal, Trace(), cut);
            m_desk.asked.clear();
            m_desk.open.clear();
            m_tool->given.clear();
            CallRig &resumed = rig(RunMode::Live, &partial);
            program(resumed);
            QCOMPARE(resumed.said(1), QStringLiteral("did {\"n\":2}"));
            QCOMPARE(m_desk.asked.size(), size_t(2 - (cut + 1) / 2));
            QCOMPARE(m_tool->given.size(), size_t(2 - cut / 2));
        }
    }

    void unattended_data()
    {
        QTest::addColumn<int>("policy");
        QTest::addColumn<QString>("said");
        QTest::addColumn<QString>("why");
        QTest::newRow("deny") << int(Unattended::Deny) << QStringLiteral("The call was not approved. Nobody is attending this run to approve it.") << QString();
        QTest::newRow("allow") << int(Unattended::Allow) << QStringLiteral("did {}") << QStringLiteral("unattended: allowed");
        QTest::newRow("stop") << int(Unattended::Stop) << QStringLiteral("error denied") << QString();
    }
    void unattended()
    {
        QFETCH(int, policy);
        QFETCH(QString, said);
        QFETCH(QString, why);
        m_spec.approval = Approval::Ask;
        m_spec.unattended = Unattended(policy);
        CallRig &run = rig(RunMode::Live, nullptr, {}, false);
        run.call(QStringLiteral("{}"));
        QCOMPARE(run.said(0), said);
        QCOMPARE(m_tool->given.size(), size_t(Unattended(policy) == Unattended::Allow ? 1 : 0));
        QCOMPARE(run.attributes(QStringLiteral("1.1.1")).value(QLatin1String("unattended")).toString(), unattendedName(Unattended(policy)));
        QCOMPARE(run.attributes(QStringLiteral("1.1")).value(QLatin1String("lathe.policy")).toString(), why);
        replays(run, [](CallRig &r) { r.call(QStringLiteral("{}")); });
        // A person cannot claim that nobody is there.
        HumanAnswer claimed = yes();
        claimed.unattended = QStringLiteral("stop");
        MemoryJournal other;
        CallRig &attended = rig(RunMode::Live, &other);
        attended.call(QStringLiteral("{}"));
        m_desk.open.back().complete(claimed);
        QCOMPARE(attended.said(0), QStringLiteral("did {}"));
    }

    void questionsAndAnswersAsJson()
    {
        using Type = HumanQuestion::Type;
        for (const Type type : {Type::Approval, Type::Question, Type::Unfinished, Type::Form, Type::Elicitation, Type::OpenUrl, Type::Sampling}) {
            HumanQuestion question;
            question.type = type;
            question.text = QStringLiteral("May it?");
            QCOMPARE(question.toJson(), question.identity()); // what is not set is not written
            question.tool = type == Type::Sampling ? QString() : QStringLiteral("spy");
            question.arguments = {{QStringLiteral("a"), 1}};
            question.sideEffect = type == Type::Sampling ? SideEffect::Read : SideEffect::External;
            question.purpose = QStringLiteral("p");
            question.reason = QStringLiteral("r");
            question.why = QStringLiteral("w");
            question.preview = QStringLiteral("v");
            question.who = QStringLiteral("server");
            question.url = QStringLiteral("https://a.example");
            question.schema = {{QStringLiteral("type"), QStringLiteral("object")}};
            const auto read = HumanQuestion::fromJson(question.toJson());
            QVERIFY(read.ok());
            QCOMPARE(read->type, type);
            QCOMPARE(read->toJson(), question.toJson());
            QCOMPARE(read->sideEffect, question.sideEffect);
        }
        QVERIFY(!HumanQuestion::fromJson({{QStringLiteral("type"), QStringLiteral("other")}}).ok());
        HumanAnswer answer;
        QCOMPARE(answer.toJson().keys().size(), 2);
        answer.forRun = true;
        answer.unattended = QStringLiteral("allow");
        answer.arguments = QJsonObject();
        QCOMPARE(HumanAnswer::fromJson(answer.toJson()).toJson(), answer.toJson());
    }
};

QTEST_GUILESS_MAIN(TestToolApproval)
#include "tst_ToolApproval.moc"
