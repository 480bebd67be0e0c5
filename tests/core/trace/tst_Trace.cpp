// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/trace/Trace.h"
#include "tests/core/trace/TraceScript.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
// What two traces must agree on to be the same.
QStringList dump(const Trace &trace)
{
    QStringList lines;
    const auto error = [](const std::optional<Error> &e) {
        return e ? errorKindName(e->kind) + e->message : QString();
    };
    lines << QStringLiteral("%1 %2 %3 %4 %5 %6 %7")
                 .arg(trace.run().value)
                 .arg(runStatusName(trace.status()))
                 .arg(trace.startUs())
                 .arg(trace.endUs())
                 .arg(trace.output(), error(trace.error()),
                      json::compactString(trace.startAttributes()));
    std::vector<int> order;
    for (int i = 0; i < int(trace.steps().size()); ++i)
        order.push_back(i);
    std::sort(order.begin(), order.end(), [&](int a, int b) {
        return stepPathLess(trace.steps()[size_t(a)].path, trace.steps()[size_t(b)].path);
    });
    for (const int i : order) {
        const Step &s = trace.steps()[size_t(i)];
        QString line =
            QStringLiteral("%1^%2 %3 %4 '%5' %6..%7 first %8 ")
                .arg(s.path, s.parent, stepKindName(s.kind), stepStatusName(s.status), s.name)
                .arg(s.startUs)
                .arg(s.endUs)
                .arg(s.firstDeltaUs);
        line += QStringLiteral("%1 [%2][%3][%4] %5 ")
                    .arg(json::compactString(s.attributes), s.text, s.reasoning, s.toolArguments,
                         error(s.error));
        for (const StepNote &n : s.notes)
            line += QStringLiteral("<%1 %2 %3>")
                        .arg(n.timeUs)
                        .arg(n.name, json::compactString(n.attributes));
        lines << line;
    }
    return lines;
}
} // namespace

class TestTrace : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void buildsTheTree()
    {
        const Trace trace = traceOf(toolLoop().events);
        QCOMPARE(trace.run().value, 7);
        QCOMPARE(trace.status(), RunStatus::Done);
        QCOMPARE(trace.output(), QStringLiteral("Billing, with 41."));
        QCOMPARE(trace.startUs(), t0);
        QCOMPARE(trace.endUs(), t0 + 900'020);
        QCOMPARE(trace.startAttributes().value(QStringLiteral("agent")).toString(),
                 QStringLiteral("triage"));
        QCOMPARE(trace.steps().size(), size_t(5));
        QCOMPARE(trace.roots(), std::vector<int>{0});
        QCOMPARE(trace.steps()[0].children, (std::vector<int>{1, 2, 3, 4}));
        const Step &model = trace.steps()[size_t(trace.indexOf(QStringLiteral("1.1")))];
        QCOMPARE(model.parent, QStringLiteral("1"));
        QCOMPARE(model.reasoning, QStringLiteral("Let me look."));
        QCOMPARE(model.toolArguments, QStringLiteral("{\"query\":\"SELECT 1\"}"));
        QCOMPARE(model.text, QString());
        QCOMPARE(model.firstDeltaUs, t0 + 400'000);
        QCOMPARE(model.endUs, t0 + 500'000);
        QCOMPARE(model.attributes.value(QStringLiteral("gen_ai.request.model")).toString(),
                 QStringLiteral("extractive"));
        QCOMPARE(model.attributes.value(QStringLiteral("gen_ai.usage.output_tokens")).toInt(), 40);
        QCOMPARE(model.notes.size(), size_t(1));
        QCOMPARE(trace.steps()[2].error->kind, ErrorKind::Timeout);
        QCOMPARE(trace.steps()[3].text, QStringLiteral("billing | 41"));
        QCOMPARE(trace.indexOf(QStringLiteral("9")), -1);
        const Usage usage = trace.usage();
        QCOMPARE(usage.inputTokens, 1712);
        QCOMPARE(usage.outputTokens, 50);
        QCOMPARE(usage.cacheReadTokens, 100);
        QVERIFY(qFuzzyCompare(usage.costUsd, 0.0020));
        QVERIFY(usage.costKnown);
    }

    void applyTellsTheStep()
    {
        Trace trace;
        Script s = toolLoop();
        QCOMPARE(trace.apply(s.events[0]), -1);
        QCOMPARE(trace.apply(s.events[1]), 0);
        QCOMPARE(trace.apply(s.events[2]), 1);
        QCOMPARE(trace.apply(s.events[3]), 1);
        QCOMPARE(trace.apply(s.events.back()), -1);
    }

    void usageOfAStep_data()
    {
        QTest::addColumn<QString>("attributes");
        QTest::addColumn<qint64>("total");
        QTest::addColumn<double>("cost");
        QTest::addColumn<bool>("known");
        const auto row = [](const char *name, const char *attributes, qint64 total, double cost,
                            bool known) {
            QTest::newRow(name) << QString::fromLatin1(attributes) << total << cost << known;
        };
        row("nothing", "{}", 0, 0, true);
        row("priced",
            R"({"gen_ai.usage.input_tokens":10,"gen_ai.usage.output_tokens":5,"lathe.cost_usd":0.5})",
            15, 0.5, true);
        row("free", R"({"gen_ai.usage.input_tokens":10,"lathe.cost_usd":0})", 10, 0, true);
        row("no price", R"({"gen_ai.usage.input_tokens":10,"gen_ai.usage.output_tokens":5})", 15, 0,
            false);
        row("price said to be unknown", R"({"gen_ai.usage.input_tokens":10,"lathe.cost_usd":-1})",
            10, 0, false);
        row("cost of a call without tokens", R"({"lathe.cost_usd":0.01})", 0, 0.01, true);
        row("wrong types",
            R"({"gen_ai.usage.input_tokens":"10","gen_ai.usage.output_tokens":-4,"lathe.cost_usd":"x"})",
            0, 0, true);
        row("no whole numbers",
            R"({"gen_ai.usage.input_tokens":10.5,"gen_ai.usage.output_tokens":1e300})", 10, 0,
            false);
    }
    void usageOfAStep()
    {
        QFETCH(QString, attributes);
        QFETCH(qint64, total);
        QFETCH(double, cost);
        QFETCH(bool, known);
        Step step;
        step.attributes = *json::parseObject(attributes.toUtf8());
        QCOMPARE(step.usage().totalTokens(), total);
        QCOMPARE(step.usage().costUsd, cost);
        QCOMPARE(step.usage().costKnown, known);
    }

    void allUsageAttributesAreRead()
    {
        Step step;
        step.attributes = object(
            R"({"gen_ai.usage.input_tokens":1,"gen_ai.usage.output_tokens":2,"gen_ai.usage.cache_read.input_tokens":3,
            "gen_ai.usage.cache_creation.input_tokens":4,"gen_ai.usage.reasoning.output_tokens":5,"lathe.cost_usd":6})");
        QCOMPARE(step.usage(), (Usage{1, 2, 3, 4, 5, 6, true}));
    }

    void unknownStepsAreMade()
    {
        Script s;
        s.delta("1.2.3", 50, "lost");
        s.note("2", 60, "odd");
        const Trace trace = traceOf(s.events);
        QCOMPARE(trace.steps().size(), size_t(4));
        QCOMPARE(trace.roots().size(), size_t(2));
        const Step &deep = trace.steps()[size_t(trace.indexOf(QStringLiteral("1.2.3")))];
        QCOMPARE(deep.parent, QStringLiteral("1.2"));
        QCOMPARE(deep.text, QStringLiteral("lost"));
        QCOMPARE(trace.steps()[size_t(trace.indexOf(QStringLiteral("1")))].children.size(),
                 size_t(1));
    }

    void aLateStartKeepsWhatCameBefore()
    {
        Script s;
        s.delta("1", 50, "early");
        s.note("1", 60, "odd");
        s.ended("1", 70, StepStatus::Ok, R"({"a":2,"c":3})");
        s.started("1", 40, StepKind::Model, "chat m", R"({"a":1,"b":1})");
        const Trace trace = traceOf(s.events);
        const Step &step = trace.steps()[0];
        QCOMPARE(step.text, QStringLiteral("early"));
        QCOMPARE(step.notes.size(), size_t(1));
        QCOMPARE(step.kind, StepKind::Model);
        QCOMPARE(step.startUs, t0 + 40);
        QCOMPARE(step.status, StepStatus::Ok);
        QCOMPARE(step.attributes, object(R"({"a":2,"b":1,"c":3})"));
    }

    void restartClearsWhatStreamed()
    {
        Script s;
        s.started("1", 0, StepKind::Model, "chat m");
        s.delta("1", 10, "half an ans");
        s.delta("1", 11, "hmm", DeltaChannel::Reasoning);
        s.delta("1", 12, "{", DeltaChannel::ToolArguments);
        s.note("1", 20, "restart");
        Trace trace = traceOf(s.events);
        QCOMPARE(trace.steps()[0].text + trace.steps()[0].reasoning
                     + trace.steps()[0].toolArguments,
                 QString());
        QCOMPARE(trace.steps()[0].firstDeltaUs, 0);
        s.delta("1", 20, "whole answer");
        trace = traceOf(s.events);
        QCOMPARE(trace.steps()[0].text, QStringLiteral("whole answer"));
        QCOMPARE(trace.steps()[0].firstDeltaUs, t0 + 20);
        QCOMPARE(dump(traceOf(trace.toEvents())), dump(trace));
    }

    void theFinalTextReplacesTheStreamedOne()
    {
        Script s;
        s.started("1", 0, StepKind::Model, "chat m");
        s.delta("1", 10, "draft");
        s.ended("1", 20);
        s.events.back().text = QStringLiteral("final");
        QCOMPARE(traceOf(s.events).steps()[0].text, QStringLiteral("final"));
    }

    void waitingShowsAndEnds()
    {
        Script s;
        s.runStarted();
        s.started("1", 10, StepKind::Tool, "execute_tool http");
        s.note("1", 20, "approval_requested");
        Trace trace = traceOf(s.events);
        QCOMPARE(trace.status(), RunStatus::Waiting);
        QCOMPARE(trace.steps()[0].status, StepStatus::Waiting);
        QCOMPARE(dump(traceOf(trace.toEvents())), dump(trace));
        s.note("1", 30, "approval_given");
        trace = traceOf(s.events);
        QCOMPARE(trace.status(), RunStatus::Running);
        QCOMPARE(trace.steps()[0].status, StepStatus::Running);
        s.note("1", 40, "question");
        s.events.back().stepStatus = StepStatus::Waiting;
        QCOMPARE(traceOf(s.events).status(), RunStatus::Waiting);
        s.ended("1", 50);
        QCOMPARE(traceOf(s.events).status(), RunStatus::Running);
    }

    void runEndClosesRunningSteps_data()
    {
        QTest::addColumn<int>("run");
        QTest::addColumn<int>("step");
        QTest::newRow("cancelled") << int(RunStatus::Cancelled) << int(StepStatus::Cancelled);
        QTest::newRow("failed") << int(RunStatus::Failed) << int(StepStatus::Cancelled);
        QTest::newRow("interrupted") << int(RunStatus::Interrupted) << int(StepStatus::Interrupted);
    }
    void runEndClosesRunningSteps()
    {
        QFETCH(int, run);
        QFETCH(int, step);
        Script s;
        s.runStarted();
        s.started("1", 10, StepKind::Agent, "invoke_agent a");
        s.started("1.1", 20, StepKind::Model, "chat m");
        s.ended("1.1", 30);
        s.started("1.2", 40, StepKind::Tool, "execute_tool t");
        s.note("1.2", 45, "approval_requested");
        s.runEnded(50, RunStatus(run));
        s.events.back().error = Error(ErrorKind::LimitReached, QStringLiteral("Enough."));
        const Trace trace = traceOf(s.events);
        QCOMPARE(trace.status(), RunStatus(run));
        QCOMPARE(trace.error()->kind, ErrorKind::LimitReached);
        QCOMPARE(int(trace.steps()[0].status), step);
        QCOMPARE(int(trace.steps()[2].status), step);
        QCOMPARE(trace.steps()[2].endUs, t0 + 50);
        QCOMPARE(trace.steps()[1].status, StepStatus::Ok);
        QCOMPARE(trace.steps()[1].endUs, t0 + 30);
        QCOMPARE(dump(traceOf(trace.toEvents())), dump(trace));
    }

    void aResumedRunGoesThroughItsStepsAgain()
    {
        Script s;
        s.runStarted();
        s.started("1", 10, StepKind::Agent, "invoke_agent a");
        s.started("1.1", 20, StepKind::Model, "chat m");
        s.delta("1.1", 30, "half");
        s.note("1.1", 31, "retry");
        s.runEnded(50, RunStatus::Interrupted);
        s.add(RunEventKind::RunStarted, "", 100);
        s.started("1", 110, StepKind::Agent, "invoke_agent a");
        s.started("1.1", 120, StepKind::Model, "chat m");
        Trace trace = traceOf(s.events);
        QCOMPARE(trace.status(), RunStatus::Running);
        QCOMPARE(trace.endUs(), 0);
        QCOMPARE(trace.steps().size(), size_t(2));
        QCOMPARE(trace.steps()[1].text, QString());
        QCOMPARE(trace.steps()[1].status, StepStatus::Running);
        QVERIFY(trace.steps()[1].notes.empty());
        s.delta("1.1", 130, "whole");
        s.ended("1.1", 140);
        s.ended("1", 150);
        s.runEnded(160, RunStatus::Done, "whole");
        trace = traceOf(s.events);
        QCOMPARE(trace.steps()[1].text, QStringLiteral("whole"));
        QCOMPARE(trace.status(), RunStatus::Done);
    }

    void eventsRebuildTheTrace()
    {
        const Trace trace = traceOf(toolLoop().events);
        const std::vector<RunEvent> events = trace.toEvents();
        QCOMPARE(dump(traceOf(events)), dump(trace));
        QCOMPARE(events.front().kind, RunEventKind::RunStarted);
        QCOMPARE(events.back().kind, RunEventKind::RunEnded);
        int deltas = 0;
        for (size_t i = 1; i < events.size(); ++i) {
            QVERIFY(events[i - 1].timeUs <= events[i].timeUs);
            deltas += events[i].kind == RunEventKind::StepDelta;
            QCOMPARE(events[i].run.value, 7);
        }
        QCOMPARE(deltas, 4); // reasoning, arguments, tool output, text
        QVERIFY(Trace().toEvents().empty());
    }

    // Also through JSON, from any point where a run was cut off, and with concurrent branches.
    void randomRunsAreRebuilt()
    {
        QRandomGenerator random(5);
        const auto pick = [&random](int count) { return int(random.bounded(quint32(count))); };
        for (int round = 0; round < 200; ++round) {
            Script s;
            s.runStarted(R"({"input":"x"})");
            QList<QByteArray> open, all;
            qint64 now = 1;
            for (int i = 0; i < 60; ++i) {
                now += pick(3); // equal times too
                const int what = pick(8);
                if (what < 2 || open.isEmpty()) {
                    const QByteArray parent = open.isEmpty() || pick(4) == 0
                                                  ? QByteArray()
                                                  : open[pick(int(open.size()))];
                    QByteArray path;
                    for (int n = 1; path.isEmpty() || all.contains(path); ++n)
                        path = (parent.isEmpty() ? QByteArray() : parent + '.')
                               + QByteArray::number(n);
                    s.started(path.constData(), now, StepKind(pick(6)), "step", R"({"k":1})");
                    open << path;
                    all << path;
                    continue;
                }
                const QByteArray path = open[pick(int(open.size()))];
                if (what < 5) {
                    s.delta(path.constData(), now, "ab", DeltaChannel(pick(4)));
                } else if (what < 7) {
                    s.note(path.constData(), now,
                           std::array{"retry", "restart", "approval_requested",
                                      "approval_given"}[size_t(pick(4))],
                           R"({"n":1})");
                } else {
                    s.ended(path.constData(), now, StepStatus(2 + pick(3)), R"({"k":2,"m":3})");
                    if (pick(2))
                        s.events.back().text = QStringLiteral("final");
                    open.removeAll(path);
                }
            }
            if (pick(2))
                s.runEnded(now + 1, RunStatus(2 + pick(4)), "out");
            const Trace trace = traceOf(s.events);
            std::vector<RunEvent> events;
            for (const RunEvent &event : trace.toEvents())
                events.push_back(
                    *RunEvent::fromJson(*json::parseObject(json::compact(event.toJson()))));
            QCOMPARE(dump(traceOf(events)), dump(trace));
        }
    }

    void manyDeltasAreCheap()
    {
        Trace trace;
        Script s;
        s.started("1", 0, StepKind::Model, "chat m");
        s.delta("1", 1, "token ");
        trace.apply(s.events[0]);
        QElapsedTimer timer;
        timer.start();
        for (int i = 0; i < 1'000'000; ++i)
            trace.apply(s.events[1]);
        QCOMPARE(trace.steps()[0].text.size(), 6'000'000);
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }

    void manyStepsAreCheap()
    {
        Trace trace;
        RunEvent event;
        event.kind = RunEventKind::StepStarted;
        QElapsedTimer timer;
        timer.start();
        for (int i = 1; i <= 100'000; ++i) {
            event.step = QStringLiteral("1.%1").arg(i);
            event.timeUs = i;
            QCOMPARE(trace.apply(event), i);
        }
        QCOMPARE(trace.toEvents().size(),
                 size_t(100'000 + 1)); // and the start of the run; "1" never began
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }

    void aVeryDeepPathIsKept()
    {
        const QString path = QStringLiteral("1") + QStringLiteral(".1").repeated(200'000);
        RunEvent event;
        event.kind = RunEventKind::StepDelta;
        event.step = path;
        event.text = QStringLiteral("x");
        Trace trace;
        trace.apply(event);
        QCOMPARE(trace.steps().size(), size_t(1));
        QCOMPARE(trace.steps()[size_t(trace.indexOf(path))].text, QStringLiteral("x"));
        event.step = QStringLiteral("1") + QStringLiteral(".1").repeated(200);
        trace.apply(event);
        QVERIFY(!trace.toText().isEmpty());
        QCOMPARE(trace
                     .toOtlp(QStringLiteral(
                         "t"))[QStringLiteral("resourceSpans")][0][QStringLiteral("scopeSpans")][0]
                              [QStringLiteral("spans")]
                     .toArray()
                     .size(),
                 202);
    }
};

QTEST_GUILESS_MAIN(TestTrace)
#include "tst_Trace.moc"
