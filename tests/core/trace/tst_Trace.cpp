// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/Trace.h"

#include "core/base/Json.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QTest>

using namespace lathe;

namespace {
constexpr qint64 t0 = 1'700'000'000'000'000;

QJsonObject object(const char *text)
{
    return *json::parseObject(text);
}

// Events written as in a log: kind, path, time after the start.
struct Script {
    std::vector<RunEvent> events;
    RunEvent &add(RunEventKind kind, const char *step, qint64 us)
    {
        RunEvent event;
        event.kind = kind;
        event.run = RunId{7};
        event.step = QString::fromLatin1(step);
        event.timeUs = t0 + us;
        events.push_back(event);
        return events.back();
    }
    void runStarted(const char *attributes = "{}") { add(RunEventKind::RunStarted, "", 0).attributes = object(attributes); }
    void started(const char *step, qint64 us, StepKind kind, const char *name, const char *attributes = "{}")
    {
        RunEvent &event = add(RunEventKind::StepStarted, step, us);
        event.stepKind = kind;
        event.name = QString::fromUtf8(name);
        event.attributes = object(attributes);
    }
    void delta(const char *step, qint64 us, const char *text, DeltaChannel channel = DeltaChannel::Text)
    {
        RunEvent &event = add(RunEventKind::StepDelta, step, us);
        event.text = QString::fromUtf8(text);
        event.channel = channel;
    }
    void note(const char *step, qint64 us, const char *name, const char *attributes = "{}")
    {
        RunEvent &event = add(RunEventKind::StepNote, step, us);
        event.name = QString::fromUtf8(name);
        event.attributes = object(attributes);
    }
    void ended(const char *step, qint64 us, StepStatus status = StepStatus::Ok, const char *attributes = "{}")
    {
        RunEvent &event = add(RunEventKind::StepEnded, step, us);
        event.stepStatus = status;
        event.attributes = object(attributes);
    }
    void runEnded(qint64 us, RunStatus status, const char *output = "")
    {
        RunEvent &event = add(RunEventKind::RunEnded, "", us);
        event.runStatus = status;
        event.text = QString::fromUtf8(output);
    }
};

Trace traceOf(const std::vector<RunEvent> &events)
{
    Trace trace;
    for (const RunEvent &event : events)
        trace.apply(event);
    return trace;
}

// Two model calls with a failed and a good tool call between them.
Script toolLoop()
{
    Script s;
    s.runStarted(R"({"agent":"triage","input":"Which area has the most complaints?"})");
    s.started("1", 10, StepKind::Agent, "invoke_agent triage", R"({"gen_ai.operation.name":"invoke_agent","gen_ai.agent.name":"triage"})");
    s.started("1.1", 20, StepKind::Model, "chat extractive",
              R"({"gen_ai.operation.name":"chat","gen_ai.request.model":"extractive","gen_ai.provider.name":"offline","gen_ai.request.temperature":1,"gen_ai.request.max_tokens":500})");
    s.note("1.1", 100'000, "retry", R"({"attempt":1,"status":503})");
    s.delta("1.1", 400'000, "Let me ", DeltaChannel::Reasoning);
    s.delta("1.1", 410'000, "look.", DeltaChannel::Reasoning);
    s.delta("1.1", 420'000, "{\"query\":", DeltaChannel::ToolArguments);
    s.delta("1.1", 430'000, "\"SELECT 1\"}", DeltaChannel::ToolArguments);
    s.ended("1.1", 500'000, StepStatus::Ok,
            R"({"gen_ai.usage.input_tokens":812,"gen_ai.usage.output_tokens":40,"gen_ai.usage.cache_read.input_tokens":100,"lathe.cost_usd":0.0012,"gen_ai.response.finish_reasons":["tool_calls"]})");
    s.started("1.2", 500'010, StepKind::Tool, "execute_tool sql", R"({"gen_ai.operation.name":"execute_tool","gen_ai.tool.name":"sql","gen_ai.tool.call.arguments":{"query":"SELECT 1"}})");
    s.ended("1.2", 512'010, StepStatus::Failed);
    s.events.back().error = Error(ErrorKind::Timeout, QStringLiteral("The query took over 30 s; ask for less."));
    s.started("1.3", 512'020, StepKind::Tool, "execute_tool sql");
    s.delta("1.3", 512'030, "billing | 41", DeltaChannel::ToolOutput);
    s.ended("1.3", 513'020);
    s.started("1.4", 513'030, StepKind::Model, "chat extractive", R"({"gen_ai.request.model":"extractive"})");
    s.delta("1.4", 700'000, "Billing, with ");
    s.delta("1.4", 710'000, "41.");
    s.ended("1.4", 900'000, StepStatus::Ok, R"({"gen_ai.usage.input_tokens":900,"gen_ai.usage.output_tokens":10,"lathe.cost_usd":0.0008})");
    s.ended("1", 900'010);
    s.runEnded(900'020, RunStatus::Done, "Billing, with 41.");
    return s;
}

// What two traces must agree on to be the same.
QStringList dump(const Trace &trace)
{
    QStringList lines;
    const auto error = [](const std::optional<Error> &e) { return e ? errorKindName(e->kind) + e->message : QString(); };
    lines << QStringLiteral("%1 %2 %3 %4 %5 %6 %7").arg(trace.run().value).arg(runStatusName(trace.status())).arg(trace.startUs()).arg(trace.endUs())
                 .arg(trace.output(), error(trace.error()), json::compactString(trace.startAttributes()));
    std::vector<int> order;
    for (int i = 0; i < int(trace.steps().size()); ++i)
        order.push_back(i);
    std::sort(order.begin(), order.end(), [&](int a, int b) { return stepPathLess(trace.steps()[size_t(a)].path, trace.steps()[size_t(b)].path); });
    for (const int i : order) {
        const Step &s = trace.steps()[size_t(i)];
        QString line = QStringLiteral("%1^%2 %3 %4 '%5' %6..%7 first %8 ").arg(s.path, s.parent, stepKindName(s.kind), stepStatusName(s.status), s.name)
                           .arg(s.startUs).arg(s.endUs).arg(s.firstDeltaUs);
        line += QStringLiteral("%1 [%2][%3][%4] %5 ").arg(json::compactString(s.attributes), s.text, s.reasoning, s.toolArguments, error(s.error));
        for (const StepNote &n : s.notes)
            line += QStringLiteral("<%1 %2 %3>").arg(n.timeUs).arg(n.name, json::compactString(n.attributes));
        lines << line;
    }
    return lines;
}

QJsonValue attribute(const QJsonObject &span, const char *key)
{
    const QJsonArray list = span.value(QStringLiteral("attributes")).toArray();
    for (const QJsonValue &item : list) {
        if (item[QStringLiteral("key")] == QString::fromLatin1(key))
            return item[QStringLiteral("value")];
    }
    return QJsonValue(QJsonValue::Undefined);
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
        QCOMPARE(trace.startAttributes().value(QStringLiteral("agent")).toString(), QStringLiteral("triage"));
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
        QCOMPARE(model.attributes.value(QStringLiteral("gen_ai.request.model")).toString(), QStringLiteral("extractive"));
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
        const auto row = [](const char *name, const char *attributes, qint64 total, double cost, bool known) {
            QTest::newRow(name) << QString::fromLatin1(attributes) << total << cost << known;
        };
        row("nothing", "{}", 0, 0, true);
        row("priced", R"({"gen_ai.usage.input_tokens":10,"gen_ai.usage.output_tokens":5,"lathe.cost_usd":0.5})", 15, 0.5, true);
        row("free", R"({"gen_ai.usage.input_tokens":10,"lathe.cost_usd":0})", 10, 0, true);
        row("no price", R"({"gen_ai.usage.input_tokens":10,"gen_ai.usage.output_tokens":5})", 15, 0, false);
        row("price said to be unknown", R"({"gen_ai.usage.input_tokens":10,"lathe.cost_usd":-1})", 10, 0, false);
        row("cost of a call without tokens", R"({"lathe.cost_usd":0.01})", 0, 0.01, true);
        row("wrong types", R"({"gen_ai.usage.input_tokens":"10","gen_ai.usage.output_tokens":-4,"lathe.cost_usd":"x"})", 0, 0, true);
        row("no whole numbers", R"({"gen_ai.usage.input_tokens":10.5,"gen_ai.usage.output_tokens":1e300})", 10, 0, false);
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
        step.attributes = object(R"({"gen_ai.usage.input_tokens":1,"gen_ai.usage.output_tokens":2,"gen_ai.usage.cache_read.input_tokens":3,
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
        QCOMPARE(trace.steps()[size_t(trace.indexOf(QStringLiteral("1")))].children.size(), size_t(1));
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
        QCOMPARE(trace.steps()[0].text + trace.steps()[0].reasoning + trace.steps()[0].toolArguments, QString());
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
                    const QByteArray parent = open.isEmpty() || pick(4) == 0 ? QByteArray() : open[pick(int(open.size()))];
                    QByteArray path;
                    for (int n = 1; path.isEmpty() || all.contains(path); ++n)
                        path = (parent.isEmpty() ? QByteArray() : parent + '.') + QByteArray::number(n);
                    s.started(path.constData(), now, StepKind(pick(6)), "step", R"({"k":1})");
                    open << path;
                    all << path;
                    continue;
                }
                const QByteArray path = open[pick(int(open.size()))];
                if (what < 5) {
                    s.delta(path.constData(), now, "ab", DeltaChannel(pick(4)));
                } else if (what < 7) {
                    s.note(path.constData(), now, std::array{"retry", "restart", "approval_requested", "approval_given"}[size_t(pick(4))], R"({"n":1})");
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
                events.push_back(*RunEvent::fromJson(*json::parseObject(json::compact(event.toJson()))));
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
        QVERIFY2(timer.elapsed() < 3000, qPrintable(QString::number(timer.elapsed())));
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
        QCOMPARE(trace.toEvents().size(), size_t(100'000 + 1)); // and the start of the run; "1" never began
        QVERIFY2(timer.elapsed() < 5000, qPrintable(QString::number(timer.elapsed())));
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
        QCOMPARE(trace.toOtlp(QStringLiteral("t"))[QStringLiteral("resourceSpans")][0][QStringLiteral("scopeSpans")][0][QStringLiteral("spans")].toArray().size(), 202);
    }

    void otlpHasTheShapeOfTheProtocol()
    {
        const QString traceId = QStringLiteral("0123456789abcdef0123456789abcdef");
        const Trace trace = traceOf(toolLoop().events);
        const QJsonObject otlp = trace.toOtlp(traceId);
        const QJsonValue resource = otlp[QStringLiteral("resourceSpans")][0];
        QCOMPARE(attribute(resource[QStringLiteral("resource")].toObject(), "service.name")[QStringLiteral("stringValue")].toString(), QStringLiteral("lathe"));
        const QJsonValue scope = resource[QStringLiteral("scopeSpans")][0];
        QCOMPARE(scope[QStringLiteral("scope")][QStringLiteral("name")].toString(), QStringLiteral("lathe"));
        QVERIFY(scope[QStringLiteral("schemaUrl")].toString().startsWith(QStringLiteral("https://opentelemetry.io/schemas/")));
        const QJsonArray spans = scope[QStringLiteral("spans")].toArray();
        QCOMPARE(spans.size(), 5);
        const QRegularExpression hex16(QStringLiteral("^[0-9a-f]{16}$"));
        QSet<QString> ids;
        for (const QJsonValue &span : spans) {
            QCOMPARE(span[QStringLiteral("traceId")].toString(), traceId);
            QVERIFY(hex16.match(span[QStringLiteral("spanId")].toString()).hasMatch());
            ids.insert(span[QStringLiteral("spanId")].toString());
        }
        QCOMPARE(ids.size(), 5);
        const QJsonObject root = spans[0].toObject(), model = spans[1].toObject(), failed = spans[2].toObject(), tool = spans[3].toObject();
        QVERIFY(!root.contains(QStringLiteral("parentSpanId")));
        QCOMPARE(root[QStringLiteral("kind")].toInt(), 1);
        QCOMPARE(attribute(root, "lathe.run.input")[QStringLiteral("stringValue")].toString(), QStringLiteral("Which area has the most complaints?"));
        QCOMPARE(attribute(root, "lathe.run.status")[QStringLiteral("stringValue")].toString(), QStringLiteral("done"));
        QCOMPARE(model[QStringLiteral("parentSpanId")], root[QStringLiteral("spanId")]);
        QCOMPARE(model[QStringLiteral("kind")].toInt(), 3);
        QCOMPARE(model[QStringLiteral("name")].toString(), QStringLiteral("chat extractive"));
        QCOMPARE(model[QStringLiteral("startTimeUnixNano")].toString(), QStringLiteral("1700000000000020000"));
        QCOMPARE(model[QStringLiteral("endTimeUnixNano")].toString(), QStringLiteral("1700000000500000000"));
        QCOMPARE(model[QStringLiteral("status")], QJsonValue(object(R"({"code":1})")));
        QCOMPARE(attribute(model, "gen_ai.usage.input_tokens"), QJsonValue(object(R"({"intValue":"812"})")));
        QCOMPARE(attribute(model, "gen_ai.request.temperature"), QJsonValue(object(R"({"doubleValue":1})")));
        QCOMPARE(attribute(model, "lathe.cost_usd"), QJsonValue(object(R"({"doubleValue":0.0012})")));
        QCOMPARE(attribute(model, "gen_ai.response.finish_reasons"), QJsonValue(object(R"({"arrayValue":{"values":[{"stringValue":"tool_calls"}]}})")));
        QCOMPARE(attribute(model, "gen_ai.response.time_to_first_chunk")[QStringLiteral("doubleValue")].toDouble(), 0.39998);
        const QJsonValue note = model[QStringLiteral("events")][0];
        QCOMPARE(note[QStringLiteral("name")].toString(), QStringLiteral("retry"));
        QCOMPARE(note[QStringLiteral("timeUnixNano")].toString(), QStringLiteral("1700000000100000000"));
        QCOMPARE(attribute(note.toObject(), "status"), QJsonValue(object(R"({"intValue":"503"})")));
        QCOMPARE(failed[QStringLiteral("status")][QStringLiteral("code")].toInt(), 2);
        QVERIFY(failed[QStringLiteral("status")][QStringLiteral("message")].toString().startsWith(QStringLiteral("The query took")));
        QCOMPARE(attribute(failed, "error.type")[QStringLiteral("stringValue")].toString(), QStringLiteral("timeout"));
        QCOMPARE(attribute(tool, "gen_ai.tool.call.result")[QStringLiteral("stringValue")].toString(), QStringLiteral("billing | 41"));
        QVERIFY(json::compact(attribute(spans[4].toObject(), "gen_ai.output.messages")).contains("Billing, with 41."));

        QCOMPARE(trace.toOtlp(traceId), otlp); // the same each time
        const QJsonValue other = trace.toOtlp(QStringLiteral("fffffffffffffffffffffffffffffff0"))[QStringLiteral("resourceSpans")][0][QStringLiteral("scopeSpans")][0];
        QVERIFY(other[QStringLiteral("spans")][0][QStringLiteral("spanId")] != root[QStringLiteral("spanId")]);
    }

    void otlpTypesItsValues()
    {
        Script s;
        s.started("1", 0, StepKind::Control, "c", R"({"b":true,"i":9007199254740993,"d":0.5,"n":null,"o":{"x":[1,"y"]},"gen_ai.input.messages":[{"role":"user","parts":[]}]})");
        const QJsonObject span =
            traceOf(s.events).toOtlp(QStringLiteral("nonsense"))[QStringLiteral("resourceSpans")][0][QStringLiteral("scopeSpans")][0][QStringLiteral("spans")][0].toObject();
        QCOMPARE(span[QStringLiteral("traceId")].toString().size(), 32);
        QCOMPARE(attribute(span, "b"), QJsonValue(object(R"({"boolValue":true})")));
        QCOMPARE(attribute(span, "i"), QJsonValue(object(R"({"intValue":"9007199254740993"})")));
        QCOMPARE(attribute(span, "d"), QJsonValue(object(R"({"doubleValue":0.5})")));
        QCOMPARE(attribute(span, "n"), QJsonValue(QJsonObject()));
        QCOMPARE(attribute(span, "o"), QJsonValue(object(
            R"({"kvlistValue":{"values":[{"key":"x","value":{"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"y"}]}}}]}})")));
        QVERIFY(attribute(span, "gen_ai.input.messages").toObject().contains(QStringLiteral("arrayValue")));
        QCOMPARE(span[QStringLiteral("status")], QJsonValue(QJsonObject())); // still running
        QVERIFY(span.contains(QStringLiteral("endTimeUnixNano")));
    }

    void textForATerminal()
    {
        Script s = toolLoop();
        const QString expected = QStringLiteral(
            "run 7  done  900 ms  1712 + 50 tokens  $0.002\n"
            "  1 invoke_agent triage  900 ms\n"
            "    1.1 chat extractive  499 ms  812 + 40 tokens  $0.0012\n"
            "      ~ Let me look.\n"
            "      > {\"query\":\"SELECT 1\"}\n"
            "      * retry {\"attempt\":1,\"status\":503}\n"
            "    1.2 execute_tool sql  12 ms  failed\n"
            "      > {\"query\":\"SELECT 1\"}\n"
            "      ! timeout: The query took over 30 s; ask for less.\n"
            "    1.3 execute_tool sql  1.0 ms\n"
            "      = billing | 41\n"
            "    1.4 chat extractive  386 ms  900 + 10 tokens  $0.0008\n"
            "      = Billing, with 41.\n"
            "output: Billing, with 41.\n");
        QCOMPARE(traceOf(s.events).toText(), expected);
    }

    void textForATerminalIsSafeAndShort()
    {
        Script s;
        s.started("1.10", 5, StepKind::Model, "chat \x1b[31mred");
        s.started("1.2", 0, StepKind::Model, "chat m");
        s.delta("1.2", 1, "a\n\n\tb\x1b]0;title\x07 \xc2\x9b" "2J \xe2\x80\xae" "x\r");
        s.delta("1.10", 6, QByteArray(5000, 'z').constData());
        const QString text = traceOf(s.events).toText();
        for (const QChar c : text)
            QVERIFY2(c == QLatin1Char('\n') || (c.category() != QChar::Other_Control && c != QChar(0x202E)), qPrintable(text));
        const QStringList lines = text.split(QLatin1Char('\n'));
        for (const QString &line : lines)
            QVERIFY(line.size() <= 112);
        QVERIFY(text.contains(QChar(0x2026)));
        QVERIFY2(text.indexOf(QStringLiteral("1.2 ")) < text.indexOf(QStringLiteral("1.10 ")), qPrintable(text));
        QVERIFY(text.contains(QStringLiteral("cost unknown")) == false);
        QVERIFY(text.contains(QStringLiteral("running")));
    }

    void unknownCostIsNotShownAsFree()
    {
        Script s;
        s.started("1", 0, StepKind::Model, "chat m", R"({"gen_ai.usage.input_tokens":5})");
        s.ended("1", 125'000'000);
        const QString text = traceOf(s.events).toText();
        QVERIFY2(text.contains(QStringLiteral("5 + 0 tokens  cost unknown")), qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("2 min 5 s")), qPrintable(text));
    }
};

QTEST_GUILESS_MAIN(TestTrace)
#include "tst_Trace.moc"
