// SPDX-License-Identifier: GPL-3.0-or-later
// Steps in any order become runs whose paths never change.
#include "core/trace/import/TraceAssembler.h"

#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <random>

using namespace lathe;

namespace {
constexpr qint64 s = 1'000'000;
constexpr qint64 t0 = 1'700'000'000 * s;

ForeignStep step(const char *id, const char *parent, qint64 fromS, qint64 toS, const char *trace = "t")
{
    ForeignStep made;
    made.traceId = QString::fromLatin1(trace);
    made.id = QString::fromLatin1(id);
    made.parentId = QString::fromLatin1(parent);
    made.name = made.id;
    made.kind = StepKind::Control;
    made.dialect = QStringLiteral("other");
    made.startUs = t0 + fromS * s;
    made.endUs = toS < 0 ? 0 : t0 + toS * s;
    made.status = toS < 0 ? StepStatus::Running : StepStatus::Ok;
    return made;
}

// What came out, by trace; checks what must hold for every stream of updates.
struct Sink {
    QHash<QString, Trace> traces;
    QHash<QString, TraceFacts> facts;
    QSet<QString> open, ended;
    int events = 0;
    void take(const std::vector<TraceUpdate> &updates)
    {
        for (const TraceUpdate &update : updates) {
            QVERIFY(!update.events.empty());
            QCOMPARE(update.isNew, !traces.contains(update.traceId));
            QCOMPARE(update.events.front().kind == RunEventKind::RunStarted, update.isNew);
            QCOMPARE(update.events.back().kind == RunEventKind::RunEnded, update.hasEnded);
            QCOMPARE(update.reopens, ended.contains(update.traceId));
            ended.remove(update.traceId);
            if (update.hasEnded)
                ended.insert(update.traceId);
            QVERIFY(!update.facts.agent.isEmpty());
            facts[update.traceId] = update.facts;
            Trace &trace = traces[update.traceId];
            for (const RunEvent &event : update.events) {
                ++events;
                if (event.kind == RunEventKind::StepStarted && !parentStep(event.step).isEmpty())
                    QVERIFY2(trace.indexOf(parentStep(event.step)) >= 0, qPrintable(event.step)); // parents first
                trace.apply(event);
            }
        }
    }
    QString tree(const char *traceId = "t") const
    {
        QStringList lines;
        const Trace trace = traces.value(QString::fromLatin1(traceId));
        for (const Step &of : trace.steps())
            lines.append(of.path + u'=' + of.name);
        std::sort(lines.begin(), lines.end(),
                  [](const QString &a, const QString &b) { return stepPathLess(a.section('=', 0, 0), b.section('=', 0, 0)); });
        return lines.join(u' ');
    }
    QStringList notes(const char *path) const
    {
        QStringList names;
        const Trace trace = traces.value("t");
        for (const StepNote &note : trace.steps()[size_t(trace.indexOf(path))].notes)
            names.append(note.attributes.value("about").toString());
        return names;
    }
};
} // namespace

class TestImportAssembler : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void parentsAndChildrenTogether()
    {
        TraceAssembler assembler;
        Sink sink;
        sink.take(assembler.add({step("c", "b", 2, 3), step("b", "a", 1, 4), step("d", "a", 0, 1), step("a", "", 0, 5)}, 1));
        QCOMPARE(sink.tree(), QString("1=a 1.1=d 1.2=b 1.2.1=c"));
        QVERIFY(assembler.expire(1 + 4 * s).empty());
        sink.take(assembler.expire(1 + 6 * s));
        QVERIFY(sink.ended.contains("t"));
        QVERIFY(sink.traces["t"].status() == RunStatus::Done);
        QCOMPARE(sink.traces["t"].endUs(), t0 + 5 * s);
        QCOMPARE(assembler.openTraces(), 0);
    }

    // As exporters send: what ends first comes first. The root comes last and nothing has moved.
    void childrenBeforeTheirParents()
    {
        TraceAssembler assembler;
        Sink sink;
        sink.take(assembler.add({step("chat", "turn", 1, 2)}, 1));
        QVERIFY(sink.traces.isEmpty()); // waits
        sink.take(assembler.add({step("turn", "agent", 1, 3)}, 3 * s));
        sink.take(assembler.expire(9 * s));
        QVERIFY(sink.traces.isEmpty());
        sink.take(assembler.expire(13 * s)); // `agent` did not come: a placeholder
        QCOMPARE(sink.tree(), QString("1=(not told yet) 1.1=turn 1.1.1=chat"));
        QVERIFY(sink.traces["t"].status() == RunStatus::Running);
        sink.take(assembler.add({step("tool", "agent", 4, 5)}, 14 * s)); // shown at once now
        sink.take(assembler.add({step("agent", "", 0, 20)}, 20 * s));
        QCOMPARE(sink.tree(), QString("1=agent 1.1=turn 1.1.1=chat 1.2=tool"));
        QCOMPARE(sink.facts["t"].agent, QString("agent"));
        sink.take(assembler.expire(26 * s));
        QVERIFY(sink.ended.contains("t"));
        QCOMPARE(sink.traces["t"].steps()[0].startUs, t0);
        QCOMPARE(sink.notes("1"), QStringList());
    }

    void parentNeverComes()
    {
        TraceAssembler assembler;
        Sink sink;
        sink.take(assembler.add({step("x", "gone", 1, 2), step("y", "x", 1, 2)}, 1));
        sink.take(assembler.finish(2));
        QCOMPARE(sink.tree(), QString("1=x 1.1=y"));
        QCOMPARE(sink.notes("1"), QStringList{"Its parent was not recorded."});
        QCOMPARE(assembler.odd().count("parent never came"), 1);
        // Live: the placeholder stays, and the trace ends without its root.
        Sink live;
        TraceAssembler second;
        live.take(second.add({step("x", "gone", 1, 2)}, 1));
        live.take(second.expire(11 * s));
        QCOMPARE(live.tree(), QString("1=(not told yet) 1.1=x"));
        live.take(second.expire(62 * s));
        QVERIFY(live.ended.contains("t"));
        QVERIFY(live.traces["t"].steps()[0].status == StepStatus::Ok);
    }

    void ringsAndSelfReferences()
    {
        TraceAssembler assembler;
        Sink sink;
        sink.take(assembler.add(
            {step("self", "self", 0, 9), step("b", "c", 2, 3), step("c", "a", 3, 4), step("a", "b", 1, 5), step("leaf", "c", 3, 4)}, 1));
        QCOMPARE(sink.tree(), QString("1=self"));
        sink.take(assembler.finish(2));
        QCOMPARE(sink.tree(), QString("1=self 2=a 2.1=c 2.1.1=b 2.1.2=leaf"));
        QCOMPARE(sink.notes("1"), QStringList{"step that names itself as its parent"});
        QVERIFY(sink.notes("2").first().contains("ring"));
        QCOMPARE(assembler.heldBytes(), 0);
        // The same while live
        TraceAssembler second;
        Sink live;
        live.take(second.add({step("a", "b", 1, 2), step("b", "a", 1, 2)}, 1));
        live.take(second.expire(20 * s));
        QCOMPARE(live.tree(), QString("1=a 1.1=b"));
    }

    void sameStepAgain()
    {
        TraceAssembler assembler;
        Sink sink;
        sink.take(assembler.add({step("a", "", 0, 5), step("a", "", 0, 5)}, 1)); // while it waits
        sink.take(assembler.add({step("a", "", 0, 5)}, 2));
        QCOMPARE(sink.tree(), QString("1=a"));
        QCOMPARE(assembler.odd().count("step sent twice"), 2);
        // Told as begun first, then whole.
        ForeignStep begun = step("b", "a", 1, -1);
        sink.take(assembler.add({begun}, 3));
        QVERIFY(sink.traces["t"].steps()[1].status == StepStatus::Running);
        ForeignStep whole = step("b", "a", 1, 4);
        whole.text = "answer";
        whole.status = StepStatus::Failed;
        whole.error = Error(ErrorKind::Timeout, "late");
        whole.attributes.insert("k", 1);
        sink.take(assembler.add({whole}, 4));
        const Step &got = sink.traces["t"].steps()[1];
        QVERIFY(got.status == StepStatus::Failed);
        QCOMPARE(got.text, QString("answer"));
        QCOMPARE(got.attributes.value("k").toInt(), 1);
        QVERIFY(got.error->kind == ErrorKind::Timeout);
        sink.take(assembler.finish(9));
        QVERIFY(sink.traces["t"].status() == RunStatus::Done); // the root went well
    }

    void clocksApart()
    {
        TraceAssembler assembler;
        Sink sink;
        sink.take(
            assembler.add({step("a", "", 10, 20), step("early", "a", 5, 12), step("late", "a", 19, 30), step("inside", "a", 11, 12)}, 1));
        QCOMPARE(sink.tree(), QString("1=a 1.1=early 1.2=inside 1.3=late"));
        QCOMPARE(assembler.odd().count("step outside the time of its parent"), 2);
        QVERIFY(sink.notes("1.1").first().contains("before its parent"));
        QVERIFY(sink.notes("1.3").first().contains("after its parent"));
        sink.take(assembler.finish(1));
        QCOMPARE(sink.traces["t"].startUs(), t0 + 5 * s);
        QCOMPARE(sink.traces["t"].endUs(), t0 + 30 * s);
    }

    void lateStepsOpenTheTraceAgain()
    {
        TraceAssembler assembler;
        Sink sink;
        sink.take(assembler.add({step("a", "", 0, 5)}, 1));
        sink.take(assembler.expire(6 * s));
        QVERIFY(sink.ended.contains("t"));
        sink.take(assembler.add({step("b", "a", 1, 2)}, 7 * s));
        QVERIFY(!sink.ended.contains("t"));
        QCOMPARE(sink.tree(), QString("1=a 1.1=b"));
        sink.take(assembler.expire(13 * s));
        QVERIFY(sink.ended.contains("t"));
    }

    void failedRootFailsTheRun()
    {
        TraceAssembler assembler;
        Sink sink;
        ForeignStep root = step("a", "", 0, 5);
        root.status = StepStatus::Failed;
        root.error = Error(ErrorKind::RateLimited, "slow down");
        root.kind = StepKind::Agent;
        root.agent = "triage";
        root.input = "in";
        root.output = "out";
        root.tags = QStringList{"z", "b"};
        sink.take(assembler.add({root}, 1));
        sink.take(assembler.finish(2));
        QVERIFY(sink.traces["t"].status() == RunStatus::Failed);
        QCOMPARE(sink.traces["t"].error()->message, QString("slow down"));
        QCOMPARE(sink.traces["t"].output(), QString("out"));
        QCOMPARE(sink.facts["t"].agent, QString("triage"));
        QCOMPARE(sink.facts["t"].input, QString("in"));
        QCOMPARE(sink.facts["t"].tags, QStringList({"b", "z"}));
        // The agent's name beats the service's, and that the name of a plain root.
        ForeignStep http = step("h", "", 0, 5, "u");
        http.service = "shop";
        ForeignStep model = step("m", "h", 1, 2, "u");
        model.kind = StepKind::Model;
        model.input = "question";
        model.output = "answer";
        model.attributes.insert("lathe.model", "gpt-5");
        sink.take(assembler.add({http, model}, 3));
        QCOMPARE(sink.facts["u"].agent, QString("shop"));
        QCOMPARE(sink.facts["u"].input, QString("question"));
        QCOMPARE(sink.facts["u"].models, QString("gpt-5"));
    }

    // Any order of arrival, in any pieces, gives the same tree when all is known before anything is placed.
    void orderDoesNotMatterForFiles()
    {
        std::mt19937 random(7);
        QString expected;
        for (int round = 0; round < 50; ++round) {
            std::vector<ForeignStep> steps;
            for (int i = 0; i < 60; ++i)
                steps.push_back(
                    step(QByteArray::number(i).constData(), i == 0 ? "" : QByteArray::number(i * 7 % i).constData(), i, 100 + i));
            std::shuffle(steps.begin(), steps.end(), random);
            AssemblerOptions options;
            options.placeAtEnd = true;
            TraceAssembler assembler(options);
            Sink sink;
            while (!steps.empty()) {
                std::vector<ForeignStep> piece;
                for (size_t n = 1 + random() % 20; n > 0 && !steps.empty(); --n) {
                    piece.push_back(steps.back());
                    steps.pop_back();
                }
                sink.take(assembler.add(piece, round));
            }
            QVERIFY(sink.traces.isEmpty());
            sink.take(assembler.finish(round));
            if (expected.isEmpty())
                expected = sink.tree();
            QCOMPARE(sink.tree(), expected);
        }
        QCOMPARE(expected.count('='), 60);
    }

    // Live, in any order and with gaps of time: nothing is lost, nothing is told twice, paths are those first given.
    void nothingIsLostLive()
    {
        std::mt19937 random(99);
        for (int round = 0; round < 200; ++round) {
            std::vector<ForeignStep> steps;
            const int count = 1 + int(random() % 40);
            for (int i = 0; i < count; ++i) {
                const int parent = int(random() % quint32(count + 3)) - 3; // negative: none; some come later, some are rings
                steps.push_back(step(QByteArray::number(i).constData(),
                                     parent < 0 ? (parent == -1 ? "gone" : "") : QByteArray::number(parent).constData(), i % 10, 10 + i));
            }
            std::shuffle(steps.begin(), steps.end(), random);
            TraceAssembler assembler;
            Sink sink;
            qint64 now = 1;
            for (const ForeignStep &of : steps) {
                sink.take(assembler.add({of}, now));
                now += qint64(random() % 8) * s;
                sink.take(assembler.expire(now));
            }
            sink.take(assembler.finish(now));
            QCOMPARE(assembler.heldBytes(), 0);
            QHash<QString, int> seen;
            for (const Step &of : sink.traces["t"].steps()) {
                if (!of.attributes.contains("lathe.placeholder") || of.name != "(not told yet)")
                    ++seen[of.name];
                QVERIFY(of.status == StepStatus::Ok);
            }
            QCOMPARE(seen.size(), count);
            for (const int times : seen)
                QCOMPARE(times, 1);
        }
    }

    void deepTracesAreFlattened()
    {
        std::vector<ForeignStep> steps;
        for (int i = 0; i < 5000; ++i)
            steps.push_back(step(QByteArray::number(i).constData(), i ? QByteArray::number(i - 1).constData() : "", i, 9000));
        std::reverse(steps.begin(), steps.end());
        TraceAssembler assembler;
        Sink sink;
        sink.take(assembler.add(steps, 1));
        const Trace &trace = sink.traces["t"];
        QCOMPARE(trace.steps().size(), size_t(5000));
        for (const Step &of : trace.steps())
            QVERIFY(of.path.count('.') <= 200);
        QCOMPARE(assembler.odd().count("step deeper than 200 levels, shown higher up"), 4799);
    }

    // None of 100,000 steps is lost, in either order. The times are printed; they should grow tenfold, not a hundredfold.
    void largeTraces()
    {
        const auto time = [](int count, bool rootLast) {
            std::vector<ForeignStep> steps;
            for (int i = 0; i < count; ++i)
                steps.push_back(step(QByteArray::number(i).constData(), i ? QByteArray::number(i / 3).constData() : "", i % 1000, 2000));
            steps[0].parentId.clear();
            if (rootLast)
                std::reverse(steps.begin(), steps.end());
            QElapsedTimer timer;
            timer.start();
            TraceAssembler assembler;
            size_t events = 0;
            for (int from = 0; from < count; from += 500) {
                std::vector<ForeignStep> piece(steps.begin() + from, steps.begin() + std::min(from + 500, count));
                for (const TraceUpdate &update : assembler.add(std::move(piece), from))
                    events += update.events.size();
            }
            for (const TraceUpdate &update : assembler.finish(count))
                events += update.events.size();
            if (events < size_t(count) * 2)
                qFatal("steps were lost");
            return timer.nsecsElapsed() / 1e6;
        };
        for (const bool rootLast : {false, true}) {
            time(1000, rootLast);
            const double small = time(10'000, rootLast);
            const double large = time(100'000, rootLast);
            qInfo("%s: 10,000 steps %.0f ms, 100,000 steps %.0f ms", rootLast ? "root last" : "root first", small, large);
        }
    }

    void memoryIsBounded()
    {
        AssemblerOptions options;
        options.heldBytes = 1 << 20;
        options.openTraces = 100;
        TraceAssembler assembler(options);
        Sink sink;
        const QString text(10'000, 'x');
        for (int i = 0; i < 3000; ++i) {
            ForeignStep orphan = step(QByteArray::number(i).constData(), "gone", 0, 1, QByteArray::number(i % 700).constData());
            orphan.text = text;
            sink.take(assembler.add({orphan}, i));
            QVERIFY(assembler.heldBytes() <= options.heldBytes);
            QVERIFY(assembler.openTraces() <= 100);
        }
        sink.take(assembler.finish(5000));
        int found = 0;
        for (const Trace &trace : sink.traces) {
            for (const Step &of : trace.steps())
                found += of.text == text ? 1 : 0;
        }
        QCOMPARE(found, 3000);
        QVERIFY(assembler.odd().count("traces ended early because too many were open") > 0);
    }

    // Messages told as log records join their span whenever they come.
    void logRecordsJoinTheirSpan_data()
    {
        QTest::addColumn<int>("order"); // of the logs: 0 before, 1 with, 2 after
        for (const int order : {0, 1, 2})
            QTest::addRow("%d", order) << order;
    }
    void logRecordsJoinTheirSpan()
    {
        QFETCH(int, order);
        OtlpSpan span;
        span.traceId = QString(32, '1');
        span.spanId = QString(16, '2');
        span.name = "chat small";
        span.startNs = t0 * 1000;
        span.endNs = (t0 + s) * 1000;
        span.attributes = {{"gen_ai.system", "openai"}, {"gen_ai.operation.name", "chat"}, {"gen_ai.request.model", "small"}};
        OtlpLogRecord asked, answered;
        asked.traceId = answered.traceId = span.traceId;
        asked.spanId = answered.spanId = span.spanId;
        asked.timeNs = answered.timeNs = span.startNs;
        asked.eventName = "gen_ai.user.message";
        asked.body = QJsonObject{{"content", "hi"}};
        answered.eventName = "gen_ai.choice";
        answered.body =
            QJsonObject{{"index", 0}, {"finish_reason", "stop"}, {"message", QJsonObject{{"role", "assistant"}, {"content", "hello"}}}};
        OtlpBatch spans, logs;
        spans.spans = {span};
        logs.logs = {asked, answered};
        TraceAssembler assembler;
        Trace trace;
        const auto take = [&](OtlpBatch batch) {
            for (const TraceUpdate &update : assembler.add(std::move(batch), 1)) {
                for (const RunEvent &event : update.events)
                    trace.apply(event);
            }
        };
        if (order == 1)
            spans.logs = logs.logs;
        if (order == 0)
            take(logs);
        take(spans);
        if (order == 2)
            take(logs);
        for (const TraceUpdate &update : assembler.finish(2)) {
            for (const RunEvent &event : update.events)
                trace.apply(event);
        }
        QCOMPARE(trace.steps().size(), size_t(1));
        const Step &got = trace.steps().front();
        QCOMPARE(got.text, QString("hello"));
        QCOMPARE(got.attributes.value("gen_ai.input.messages")[0]["parts"][0]["content"].toString(), QString("hi"));
        QCOMPARE(got.attributes.value("gen_ai.output.messages")[0]["finish_reason"].toString(), QString("stop"));
        QCOMPARE(got.attributes.value("gen_ai.request.model").toString(), QString("small"));
        QVERIFY(got.status == StepStatus::Ok);
        QVERIFY(got.kind == StepKind::Model);
        QCOMPARE(assembler.heldBytes(), 0);
    }
};

QTEST_GUILESS_MAIN(TestImportAssembler)
#include "tst_ImportAssembler.moc"
