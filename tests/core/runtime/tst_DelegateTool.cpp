// SPDX-License-Identifier: GPL-3.0-or-later
// Tools that are agents: their calls are containers, and what happens beneath is recorded.
#include "tests/core/runtime/ToolCallTesting.h"

using namespace lathe;
using namespace lathe::test;

class TestDelegateTool : public ToolCallFixture
{
    Q_OBJECT

    // A helper that calls the tool.
    struct Nested {
        explicit Nested(const TestDelegateTool &test) : inner(test.m_tool, test.m_spec, ToolAttachment()) { helper->inner = &inner; }
        const std::shared_ptr<NestingTool> helper = std::make_shared<NestingTool>();
        ToolGate inner;
    };
    // The same calls of another helper, out of what was recorded.
    struct Replay {
        Replay(TestDelegateTool &test, const CallRig &run, const ToolSpec &spec, const QStringList &calls) : nested(test)
        {
            load(&recorded, test.m_journal, run.trace);
            rig = std::make_unique<CallRig>(&test.m_clock, nested.helper, spec, &recorded, RunMode::Replay, nullptr);
            rig->calls(calls);
        }
        const Nested nested;
        MemoryJournal recorded;
        std::unique_ptr<CallRig> rig;
    };

private Q_SLOTS:
    void init() { start(); }
    void cleanup() { m_rigs.clear(); }

    // --- Tools that are agents.
    void delegates_data()
    {
        QTest::addColumn<int>("approval");
        QTest::newRow("always") << int(Approval::Always);
        QTest::newRow("ask") << int(Approval::Ask);
    }
    void delegates()
    {
        QFETCH(int, approval);
        ToolSpec outerSpec;
        outerSpec.approval = Approval(approval);
        const auto helper = std::make_shared<NestingTool>();
        m_tool->harmless = true;
        const auto start = [&](Journal *journal, RunMode mode, ToolGate *inner, bool attended) {
            helper->inner = inner;
            auto made = std::make_unique<CallRig>(&m_clock, helper, outerSpec, journal, mode, attended ? &m_desk : nullptr);
            made->call(QStringLiteral("{\"n\":1}"));
            return made;
        };
        ToolGate inner(m_tool, m_spec, ToolAttachment());
        auto run = start(&m_journal, RunMode::Live, &inner, true);
        if (Approval(approval) == Approval::Ask) {
            QCOMPARE(helper->runs, 0);
            m_desk.answer(0, true);
        }
        QCOMPARE(run->said(0), QStringLiteral("did {\"n\":1};did {\"n\":1};"));
        run->end();
        const QString first = Approval(approval) == Approval::Ask ? QStringLiteral("1.1.2") : QStringLiteral("1.1.1");
        QVERIFY(run->trace.indexOf(first) >= 0);
        for (const JournalEntry &entry : m_journal.written())
            QVERIFY(entry.step != QLatin1String("1.1")); // not as one
        const size_t entries = m_journal.written().size();
        QCOMPARE(run->attributes(QStringLiteral("1.1")).value(QLatin1String("lathe.policy")).toString(),
                 Approval(approval) == Approval::Ask ? QStringLiteral("approved") : QStringLiteral("always"));
        // Replays through it.
        {
            MemoryJournal recorded;
            load(&recorded, m_journal, run->trace);
            ToolGate again(m_tool, m_spec, ToolAttachment());
            const size_t called = m_tool->given.size();
            const auto replay = start(&recorded, RunMode::Replay, &again, false);
            replay->end();
            QCOMPARE(firstDifference(run->trace, replay->trace, true), QString());
            QCOMPARE(m_tool->given.size(), called);
        }
        // Resumes inside.
        for (size_t cut = 0; cut <= entries; ++cut) {
            MemoryJournal partial;
            load(&partial, m_journal, Trace(), cut);
            ToolGate again(m_tool, m_spec, ToolAttachment());
            m_tool->given.clear();
            m_desk.asked.clear();
            m_desk.open.clear();
            const auto resumed = start(&partial, RunMode::Live, &again, true);
            if (!m_desk.open.empty())
                m_desk.answer(0, true);
            QCOMPARE(resumed->said(0), QStringLiteral("did {\"n\":1};did {\"n\":1};"));
            const size_t before = entries - 2; // the answer
            QCOMPARE(m_tool->given.size(), size_t(2 - (cut > before ? cut - before : 0)));
        }
        // Nobody there: it does not begin.
        if (Approval(approval) == Approval::Ask) {
            MemoryJournal other;
            const int runs = helper->runs;
            const auto refused = start(&other, RunMode::Live, &inner, false);
            QVERIFY((*refused->outcomes[0])->isError);
            QCOMPARE(helper->runs, runs);
        }
    }

    void delegatesEndInTime()
    {
        ToolSpec spec;
        spec.limits.seconds = 5;
        const Nested nested(*this);
        m_tool->harmless = true;
        m_tool->acts = [](ToolCallScope, CancelToken cancel) -> Task<Result<ToolOutcome>> {
            co_await untilCancelled(cancel);
            co_return Error::cancelled();
        };
        CallRig run(&m_clock, nested.helper, spec, &m_journal, RunMode::Live, &m_desk);
        run.call(QStringLiteral("{}"));
        m_clock.advance(4999);
        QCOMPARE(run.said(0), QStringLiteral("waits"));
        m_clock.advance(1);
        QVERIFY2(run.said(0).contains(QLatin1String("did not finish within 5 s")), qPrintable(run.said(0)));
        run.end();
        const Replay replay(*this, run, spec, {QStringLiteral("{}")});
        replay.rig->end();
        QCOMPARE(firstDifference(run.trace, replay.rig->trace, true), QString());
    }

    // Calls a minute hold for agents as for every tool.
    void turnsOfTheMinute()
    {
        ToolSpec spec;
        spec.limits.callsPerMinute = 1;
        const Nested nested(*this);
        CallRig run(&m_clock, nested.helper, spec, &m_journal, RunMode::Live, &m_desk);
        run.calls({QStringLiteral("{}"), QStringLiteral("{}")});
        QCOMPARE(nested.helper->runs, 1);
        m_clock.advance(59'999);
        QCOMPARE(run.said(1), QStringLiteral("waits"));
        m_clock.advance(1);
        QCOMPARE(nested.helper->runs, 2);
        QCOMPARE(run.said(1), run.said(0));
        run.call(QStringLiteral("{}"));
        run.cancel.cancel(); // while it waits
        QCOMPARE(run.said(2), QStringLiteral("error cancelled"));
        QCOMPARE(nested.helper->runs, 2);
        run.end();
        const Replay replay(*this, run, spec, {QStringLiteral("{}"), QStringLiteral("{}")}); // it does not wait again
        QCOMPARE(replay.rig->said(1), run.said(1));
    }

    void delegatesWaitForPersons()
    {
        ToolSpec spec;
        spec.limits.seconds = 5;
        m_spec.approval = Approval::Ask;
        const Nested nested(*this);
        CallRig run(&m_clock, nested.helper, spec, &m_journal, RunMode::Live, &m_desk);
        run.call(QStringLiteral("{}"));
        m_clock.advance(600'000);
        QCOMPARE(run.said(0), QStringLiteral("waits"));
        m_desk.answer(0, true, QString(), {}, true);
        QVERIFY((*run.outcomes[0])->text.startsWith(QLatin1String("did")));
    }

    // Agents that call each other without end are stopped.
    void delegatesAreNotDeep()
    {
        const auto helper = std::make_shared<NestingTool>();
        ToolGate itself(helper, ToolSpec(), ToolAttachment());
        helper->inner = &itself;
        ToolSpec few;
        CallRig run(&m_clock, helper, few, &m_journal, RunMode::Live, &m_desk);
        // Each calls twice: bound the breadth, the depth is what is looked at.
        run.call(QStringLiteral("{}"));
        int deepest = 0;
        for (const Step &step : run.trace.steps())
            deepest = std::max<int>(deepest, int(step.path.count(QLatin1Char('.'))));
        QCOMPARE(deepest, DelegateTool::maxDepth + 1);
        QVERIFY(helper->runs > DelegateTool::maxDepth);
    }
};

QTEST_GUILESS_MAIN(TestDelegateTool)
#include "tst_DelegateTool.moc"
