// SPDX-License-Identifier: GPL-3.0-or-later
// What policies do to the conversation of an agent: hidden arguments, marked results, the reason given with a call.
#include "tests/core/runtime/ToolCallTesting.h"
#include "tests/support/Await.h"

using namespace lathe;
using namespace lathe::test;

namespace {
Result<QString> execute(Bench &bench, Journal *journal, RunMode mode, Trace *trace)
{
    RunContext context(bench.options(journal, trace, mode), CancelToken());
    RunInput input;
    input.text = bench.input;
    return lathe::test::await(runAgent(&context, bench.prepare(), input, QString()));
}

QByteArray everything(const MemoryJournal &journal, const Trace &trace)
{
    QByteArray all;
    for (const JournalEntry &entry : journal.written())
        all += entry.request + json::compact(entry.outcome);
    for (const RunEvent &event : trace.toEvents())
        all += json::compact(event.toJson());
    return all;
}
} // namespace

class TestToolCallsOfAgents : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // What a tool read from outside for its description (tables) may be another when the run is replayed or goes on; what was designed may not.
    void liveDescriptions_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("designed");
        QTest::addColumn<QString>("live");
        QTest::addColumn<bool>("same");
        for (const char *pattern : {"tool_loop", "react"}) {
            const auto row = [pattern](const char *name, const char *designed, const char *live, bool same) {
                QTest::addRow("%s: %s", pattern, name) << QString::fromLatin1(pattern) << QString::fromUtf8(designed) << QString::fromUtf8(live) << same;
            };
            row("as it was", "Asks. Tables:", "\norders (\"open\", 'paid')", true);
            row("other values", "Asks. Tables:", "\norders (\"a\\b\", 'c')\nmore: id INTEGER \xc3\xa4", true);
            row("fewer", "Asks. Tables:", "\n", true);
            row("another purpose", "Tells. Tables:", "\norders (\"open\", 'paid')", false);
        }
    }
    void liveDescriptions()
    {
        QFETCH(QString, pattern);
        QFETCH(QString, designed);
        QFETCH(QString, live);
        QFETCH(bool, same);
        const auto made = [&pattern](Bench &bench, const QString &begin, const QString &rest) {
            bench.spec.pattern = pattern;
            if (pattern == QLatin1String("react"))
                bench.script({Reply::say("Thought: look\nAction: look\nAction Input: {\"q\":\"x\"}"), Reply::say("Thought: done\nFinal Answer: Done.")});
            else
                bench.script({Reply::calls_({{"look", "{\"q\":\"x\"}"}}), Reply::say("Done.")});
            const auto tool = bench.tool("look");
            tool->designed = begin;
            tool->live = rest;
            bench.tool("other");
            return tool;
        };
        Bench bench;
        const auto tool = made(bench, QStringLiteral("Asks. Tables:"), QStringLiteral("\norders (\"open\", 'paid')"));
        MemoryJournal journal;
        Trace trace;
        QCOMPARE(execute(bench, &journal, RunMode::Live, &trace).valueOr(QString()), QStringLiteral("Done."));
        QCOMPARE(tool->calls, 1);
        for (const RunMode mode : {RunMode::Replay, RunMode::Live}) { // and a resume
            MemoryJournal recorded;
            load(&recorded, journal, trace);
            Bench later;
            const auto now = made(later, designed, live);
            Trace again;
            const auto answer = execute(later, &recorded, mode, &again);
            QCOMPARE(now->calls, 0);
            QVERIFY(later.models.front()->requests.empty());
            QCOMPARE(answer.ok(), same);
            if (same)
                QCOMPARE(*answer, QStringLiteral("Done."));
            else
                QCOMPARE(answer.error().kind, ErrorKind::Diverged);
        }
    }

    // The model writes a secret into a call: the tool gets it, and neither journal, trace nor the further conversation has it.
    void hiddenArguments()
    {
        Bench bench;
        bench.spec.pattern = QStringLiteral("tool_loop");
        const auto tool = bench.tool("look");
        bench.tools.front().second.redact = QStringList{QStringLiteral("/arguments/q")};
        bench.script({Reply::calls_({{"look", "{\"q\":\"geheim-1\"}"}, {"look", "{\"q\":\"geheim-2\"}"}, {"nope", "{\"q\":\"other\"}"}}), Reply::say("Done.")});
        MemoryJournal journal;
        Trace live;
        QCOMPARE(execute(bench, &journal, RunMode::Live, &live).valueOr(QString()), QStringLiteral("Done."));
        QCOMPARE(tool->calls, 2);
        QStringList texts;
        for (const Message &message : bench.models.front()->requests.at(1).messages) {
            for (const MessagePart &part : message.parts)
                texts.append(part.argumentsText + part.text);
        }
        const QString conversation = texts.join(QLatin1Char('\n'));
        QVERIFY2(!conversation.contains(QLatin1String("geheim")), qPrintable(conversation));
        QVERIFY(conversation.contains(QLatin1String("other"))); // of a tool that is not there
        const QByteArray kept = everything(journal, live);
        QVERIFY2(!kept.contains("geheim"), kept.constData());
        MemoryJournal recorded;
        load(&recorded, journal, live);
        Trace again;
        QCOMPARE(execute(bench, &recorded, RunMode::Replay, &again).valueOr(QString()), QStringLiteral("Done."));
        QCOMPARE(firstDifference(live, again, true), QString());
        QCOMPARE(tool->calls, 2);
        // Stopped between the model's answer and the call: the call cannot be made, and the model hears so.
        MemoryJournal partial;
        load(&partial, journal, Trace(), 1);
        bench.models.front()->next = 1;
        Trace resumed;
        QCOMPARE(execute(bench, &partial, RunMode::Live, &resumed).valueOr(QString()), QStringLiteral("Done."));
        QCOMPARE(tool->calls, 2);
        const auto &messages = bench.models.front()->requests.back().messages;
        QVERIFY(messages.at(messages.size() - 2).parts.front().isError);
    }

    void theRealArgumentsReachTheTool()
    {
        Bench bench;
        bench.spec.pattern = QStringLiteral("tool_loop");
        bench.tool("look", Approval::Ask);
        bench.tools.front().second.redact = QStringList{QStringLiteral("/arguments/q")};
        bench.attended = true;
        bench.script({Reply{QStringLiteral("I look it up."), Reply::call("look", "{\"q\":\"geheim\"}").calls, {}, false}, Reply::say("Done.")});
        HumanAnswer yes;
        yes.approved = true;
        bench.human.answers = {yes};
        MemoryJournal journal;
        Trace trace;
        QVERIFY(execute(bench, &journal, RunMode::Live, &trace).ok());
        QCOMPARE(bench.human.asked.front().arguments.value(QLatin1String("q")).toString(), QStringLiteral("geheim"));
        QCOMPARE(bench.human.asked.front().reason, QStringLiteral("I look it up."));
        QVERIFY(!everything(journal, trace).contains("geheim"));
    }

    void resultsAreDelimited()
    {
        Bench bench;
        bench.spec.pattern = QStringLiteral("tool_loop");
        bench.tool("look");
        bench.tools.front().second.results = ResultHandling::Delimited;
        bench.script({Reply::call("look", "{\"q\":\"x\"}"), Reply::call("look", "{}"), Reply::say("Done.")});
        MemoryJournal journal;
        Trace trace;
        QVERIFY(execute(bench, &journal, RunMode::Live, &trace).ok());
        const QString given = bench.models.front()->requests.at(1).messages.back().parts.front().text;
        QVERIFY2(given.startsWith(QLatin1String("<<<BEGIN RESULT OF look")), qPrintable(given));
        const QString refused = bench.models.front()->requests.at(2).messages.back().parts.front().text;
        QVERIFY2(!refused.contains(QLatin1String("<<<")), qPrintable(refused)); // said by Lathe
        MemoryJournal recorded;
        load(&recorded, journal, trace);
        Trace again;
        QVERIFY(execute(bench, &recorded, RunMode::Replay, &again).ok());
        QCOMPARE(firstDifference(trace, again, true), QString());
    }
};

QTEST_GUILESS_MAIN(TestToolCallsOfAgents)
#include "tst_ToolCallsOfAgents.moc"
