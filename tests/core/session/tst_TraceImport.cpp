// SPDX-License-Identifier: GPL-3.0-or-later
// Files of other recorders become runs of the project that can be searched, rated, asked again and collected.
#include "core/base/Json.h"
#include "core/prompt/PromptSpec.h"
#include "core/session/ExampleCollection.h"
#include "core/session/ForeignRuns.h"
#include "core/session/TraceImport.h"
#include "tests/support/Await.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

class TestTraceImport : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    int m_files = 0;

    static QString data(const char *name) { return QStringLiteral(LATHE_TEST_DATA "/traces/") + QString::fromLatin1(name); }
    QString write(const QByteArray &bytes)
    {
        const QString path = m_folder.filePath(QStringLiteral("f%1").arg(++m_files));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("cannot write");
        return path;
    }
    QString m_path;
    std::unique_ptr<Session> open(bool fresh = true)
    {
        if (fresh) {
            m_path = m_folder.filePath(QStringLiteral("p%1.lathe").arg(++m_files));
            if (const auto made = await(Session::createProject(m_path, QString())); !made)
                qFatal("%s", qPrintable(made.error().message));
        }
        auto session = Session::open(m_path, SessionOptions());
        if (!session)
            qFatal("%s", qPrintable(session.error().message));
        return std::move(*session);
    }
    static ImportReport take(Session &session, const QString &path, CancelToken cancel = CancelToken())
    {
        TraceImport import(&session);
        const auto report = await(import.importFile(path, TraceImport::Progress(), cancel));
        if (!report)
            qFatal("%s", qPrintable(report.error().message));
        return *report;
    }
    static Trace stored(Session &session, RunId run)
    {
        const auto loaded = await(session.project().runs().load(run, CancelToken()));
        if (!loaded)
            qFatal("%s", qPrintable(loaded.error().message));
        return loaded->trace;
    }
    static Task<Result<bool>> closing(Session *session)
    {
        co_await session->close();
        co_return true;
    }
    static void close(Session &session) { QVERIFY(await(closing(&session)).ok()); }
    static int step(const Trace &trace, StepKind kind)
    {
        for (size_t i = 0; i < trace.steps().size(); ++i) {
            if (trace.steps()[i].kind == kind)
                return int(i);
        }
        return -1;
    }

private Q_SLOTS:
    // What was imported is in the file as it was read, and a second import takes nothing.
    void everyFormatIsKept_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("source");
        QTest::addColumn<int>("traces");
        QTest::addColumn<int>("ratings");
        QTest::newRow("ai 6") << data("ai6.json") << "otlp" << 2 << 0;
        QTest::newRow("ai 7") << data("ai7.json") << "otlp" << 2 << 0;
        QTest::newRow("old dialect") << data("oldDialect.json") << "otlp" << 1 << 0;
        QTest::newRow("openinference") << data("openinference.json") << "otlp" << 1 << 0;
        QTest::newRow("langfuse") << data("langfuse-trace.json") << "langfuse" << 1 << 2;
        QTest::newRow("langsmith") << data("langsmith-tree.json") << "langsmith" << 1 << 1;
        QTest::newRow("langsmith lines") << data("langsmith-flat.jsonl") << "langsmith" << 1 << 0;
        QTest::newRow("chats") << data("openai-chat.jsonl") << "openai" << 3 << 0;
        QTest::newRow("batch") << data("openai-batch.jsonl") << "openai" << 2 << 0;
    }
    void everyFormatIsKept()
    {
        QFETCH(QString, file);
        QFETCH(QString, source);
        QFETCH(int, traces);
        QFETCH(int, ratings);
        auto session = open();
        const ImportReport report = take(*session, file);
        QCOMPARE(report.traces, traces);
        QCOMPARE(report.ratings, ratings);
        QCOMPARE(int(report.runs.size()), traces);
        qint64 steps = 0;
        for (const RunId run : report.runs) {
            const auto info = session->project().runs().run(run);
            QVERIFY(info.ok());
            QCOMPARE(info->source, source);
            QVERIFY(!info->agentName.isEmpty() && info->startUs > 0 && info->endUs >= info->startUs);
            QVERIFY(info->status == RunStatus::Done || info->status == RunStatus::Failed);
            steps += info->stepCount;
        }
        QCOMPARE(report.steps, steps);
        const Trace before = stored(*session, report.runs.front());
        const ImportReport again = take(*session, file);
        QCOMPARE(again.traces, 0);
        QCOMPARE(again.known, traces);
        QCOMPARE(session->project().runs().count(), traces);
        close(*session);
        session.reset();
        session = open(false);
        QCOMPARE(take(*session, file).known, traces);
        const Trace after = stored(*session, report.runs.front());
        QCOMPARE(after.steps().size(), before.steps().size());
        for (size_t i = 0; i < after.steps().size(); ++i) {
            QCOMPARE(after.steps()[i].path, before.steps()[i].path);
            QCOMPARE(after.steps()[i].attributes, before.steps()[i].attributes);
            QCOMPARE(after.steps()[i].text, before.steps()[i].text);
            QCOMPARE(after.steps()[i].toolArguments, before.steps()[i].toolArguments);
        }
        close(*session);
    }

    void foreignRunsAreUseful()
    {
        auto session = open();
        const ImportReport report = take(*session, data("langfuse-trace.json"));
        const RunId run = report.runs.front();
        const auto info = session->project().runs().run(run);
        QCOMPARE(info->agentName, QString("support-chat"));
        QCOMPARE(info->input, QString("Where is my order 4711?"));
        QCOMPARE(info->output, QString("It arrives on Friday."));
        QCOMPARE(info->models, QString("gpt-4o-mini, claude-sonnet-4-5"));
        QCOMPARE(info->tags, QStringList({"beta", "prod"}));
        QCOMPARE(info->usage.inputTokens, 320);
        QVERIFY(std::abs(info->usage.costUsd - 0.0005188) < 1e-9);
        QCOMPARE(info->rating, 4);
        const RunQuery query(readRunFilter("4711 source:langfuse agent:support-chat", 0).filter);
        const auto found = await(session->project().runs().query(query, CancelToken()));
        QVERIFY(found.ok() && found->size() == 1 && found->front().id == run);
        // As an example of a dataset
        const auto kept = await(collectRuns(session.get(), "orders", {run}));
        QVERIFY(kept.ok());
        const auto dataset = session->dataset("orders");
        QCOMPARE(dataset->rows.front()[size_t(dataset->columns.indexOf("input"))].toString(), QString("Where is my order 4711?"));
        QCOMPARE(dataset->rows.front()[size_t(dataset->columns.indexOf("expected"))].toString(), QString("It arrives on Friday."));
        // and its last model call
        const auto one = await(toDatasetExamples(session.get(), "calls", run, {"1.3.1"}, CancelToken()));
        QVERIFY(one.ok());
        QCOMPARE(session->dataset("calls")->rows.size(), size_t(1));
        QVERIFY(!await(toDatasetExamples(session.get(), "calls", run, {"1.2"}, CancelToken())).ok()); // a tool
        close(*session);
    }

    void modelCallCanBeAskedAgain()
    {
        auto session = open();
        const ImportReport report = take(*session, data("openai-chat.jsonl"));
        bool braces = false, tools = false;
        for (const RunId run : report.runs) {
            const Trace trace = stored(*session, run);
            const int at = step(trace, StepKind::Model);
            QVERIFY(at >= 0);
            const auto request = stepRequest(*session, run, trace.steps()[size_t(at)]);
            QVERIFY(request.ok());
            QVERIFY(request->response.has_value());
            QCOMPARE(request->response->message.text(), trace.steps()[size_t(at)].text);
            const PlaygroundSeed seed = playgroundSeed(*session, *request);
            const auto spec = PromptSpec::fromJson(seed.promptBody);
            QVERIFY(spec.ok());
            const auto rendered = renderPrompt(*spec, QJsonObject());
            QVERIFY2(rendered.ok(), "the text is no template any more");
            if (seed.input == "The app crashes.") {
                QVERIFY(rendered->system.startsWith("You sort feedback."));
                QVERIFY(seed.leftOut.isEmpty());
            }
            if (seed.input == "Look:") {
                braces = true;
                QCOMPARE(rendered->messages.size(), size_t(1));
                QCOMPARE(rendered->messages.front().text, QString("What is in {{this}} picture?"));
                QVERIFY(seed.leftOut.contains("Images are left out."));
                QCOMPARE(seed.model.model, QString("gpt-4o"));
                QCOMPARE(request->request.messages.back().parts.back().mimeType, QString("image/png"));
            }
            if (seed.input == "weather?") {
                tools = true;
                QCOMPARE(request->request.tools.size(), size_t(1));
                QCOMPARE(request->request.messages.size(), size_t(3));
                QCOMPARE(request->request.messages[1].toolCalls().size(), size_t(1));
                QVERIFY(!seed.leftOut.isEmpty());
            }
            QVERIFY(!seed.model.connection.isEmpty());
        }
        QVERIFY(braces && tools);
        // What was not recorded says so
        const ImportReport bare = take(*session, data("oldDialect.json"));
        const Trace trace = stored(*session, bare.runs.front());
        const auto none = stepRequest(*session, bare.runs.front(), trace.steps()[size_t(step(trace, StepKind::Model))]);
        QVERIFY(!none.ok() && none.error().message.contains("CAPTURE_MESSAGE_CONTENT"));
        close(*session);
    }

    // A run of Lathe's own, given out as OTLP, comes back as it was.
    void ownExportComesBack()
    {
        auto session = open();
        Trace own;
        const auto event = [](RunEventKind kind, const char *path, qint64 us) {
            RunEvent made;
            made.kind = kind;
            made.step = QString::fromLatin1(path);
            made.timeUs = 1'700'000'000'000'000 + us;
            return made;
        };
        RunEvent started = event(RunEventKind::StepStarted, "1", 0);
        started.stepKind = StepKind::Agent;
        started.name = "invoke_agent triage";
        started.attributes = {{"gen_ai.operation.name", "invoke_agent"}, {"gen_ai.agent.name", "triage"}};
        own.apply(started);
        RunEvent chat = event(RunEventKind::StepStarted, "1.1", 10);
        chat.stepKind = StepKind::Model;
        chat.name = "chat small";
        chat.attributes = {{"gen_ai.operation.name", "chat"}, {"gen_ai.request.model", "small"}};
        own.apply(chat);
        RunEvent delta = event(RunEventKind::StepDelta, "1.1", 500);
        delta.text = "bug";
        own.apply(delta);
        RunEvent note = event(RunEventKind::StepNote, "1.1", 600);
        note.name = "retry";
        note.attributes = {{"attempt", 2}};
        own.apply(note);
        RunEvent ended = event(RunEventKind::StepEnded, "1.1", 1000);
        ended.stepStatus = StepStatus::Ok;
        ended.attributes = {{"gen_ai.usage.input_tokens", 7}, {"lathe.cost_usd", 0.5}};
        own.apply(ended);
        ended = event(RunEventKind::StepEnded, "1", 1100);
        ended.stepStatus = StepStatus::Cancelled;
        ended.error = Error(ErrorKind::Cancelled, "stopped");
        own.apply(ended);
        const ImportReport report = take(*session, write(json::compact(own.toOtlp("0123456789abcdef0123456789abcdef"))));
        QCOMPARE(report.traces, 1);
        const Trace back = stored(*session, report.runs.front());
        QCOMPARE(back.steps().size(), size_t(2));
        QVERIFY(back.steps()[0].kind == StepKind::Agent && back.steps()[0].status == StepStatus::Cancelled);
        QCOMPARE(back.steps()[1].text, QString("bug"));
        QCOMPARE(back.steps()[1].firstDeltaUs, own.steps()[1].firstDeltaUs);
        QCOMPARE(back.steps()[1].notes.front().name, QString("retry"));
        QCOMPARE(back.steps()[1].usage(), own.steps()[1].usage());
        QCOMPARE(session->project().runs().run(report.runs.front())->agentName, QString("triage"));
        close(*session);
    }

    void errorsSayWhat()
    {
        auto session = open();
        TraceImport import(session.get());
        const auto error = [&](const QString &path) {
            const auto report = await(import.importFile(path, TraceImport::Progress(), CancelToken()));
            return report ? Error() : report.error();
        };
        QVERIFY(error("/nowhere/x.json").kind == ErrorKind::NotFound);
        QVERIFY(error(m_folder.path()).message.contains("folder"));
        const QString other = write("{\"a\":1}");
        QVERIFY(error(other).message.contains(other));
        QVERIFY(error(write(QByteArray())).kind == ErrorKind::InvalidInput);
        QCOMPARE(session->project().runs().count(), 0);
        // Bytes that were dropped, with progress
        QFile file(data("ai7.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        qint64 done = 0, total = 0;
        const TraceImport::Progress progress = [&](qint64 of, qint64 all) {
            done = of;
            total = all;
        };
        const auto report = await(import.importBytes(file.readAll(), "dropped", progress, CancelToken()));
        QVERIFY(report.ok());
        QCOMPARE(report->traces, 2);
        QCOMPARE(done, file.size());
        QCOMPARE(total, file.size());
        close(*session);
    }

    void cancelled()
    {
        auto session = open();
        TraceImport import(session.get());
        CancelSource before;
        before.cancel();
        const auto none = await(import.importFile(data("ai7.json"), TraceImport::Progress(), before.token()));
        QVERIFY(none.ok() && none->cancelled);
        QCOMPARE(session->project().runs().count(), 0);
        // In the middle of a file of several pieces: what was taken stays whole, the rest is not begun.
        QByteArray many;
        for (int i = 0; i < 4000; ++i)
            many += "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"" + QByteArray::number(i + 1).rightJustified(32, '0')
                    + "\",\"spanId\":\"0000000000000001\",\"name\":\"" + QByteArray(700, 'n')
                    + "\",\"startTimeUnixNano\":1700000000000000000,\"endTimeUnixNano\":1700000001000000000}]}]}]}\n";
        CancelSource during;
        QObject::connect(&session->project().runs(), &RunRepository::added, this, [&during] { during.cancel(); });
        const auto report = await(import.importFile(write(many), TraceImport::Progress(), during.token()));
        QVERIFY(report.ok() && report->cancelled);
        QVERIFY(report->traces > 0 && report->traces < 4000);
        QVERIFY(session->foreignRuns().underWay().empty());
        for (const RunId run : report->runs)
            QVERIFY(session->project().runs().run(run)->status != RunStatus::Running);
        close(*session);
    }

    // 30 MB in lines: all is taken while the window goes on.
    void largeFile()
    {
        auto session = open();
        QByteArray lines;
        for (int i = 0; i < 1500; ++i)
            lines += "{\"messages\":[{\"role\":\"user\",\"content\":\"question " + QByteArray::number(i) + ' ' + QByteArray(20'000, 'q')
                     + "\"},{\"role\":\"assistant\",\"content\":\"answer\"}]}\n";
        int turns = 0;
        QTimer timer;
        QObject::connect(&timer, &QTimer::timeout, this, [&turns] { ++turns; });
        timer.start(5);
        const ImportReport report = take(*session, write(lines));
        QCOMPARE(report.traces, 1500);
        QVERIFY(turns > 5);
        const auto info = session->project().runs().run(report.runs.back());
        QVERIFY(info->input.startsWith("question ") && info->input.size() > 20'000);
        close(*session);
    }

    // A trace that goes on after it seemed over is one run.
    void lateStepsJoinTheirRun()
    {
        auto session = open();
        TraceAssembler assembler;
        RunId run;
        const auto take = [&](const std::vector<TraceUpdate> &updates) {
            for (const TraceUpdate &update : updates) {
                if (update.isNew)
                    run = *await(session->foreignRuns().begin(foreignRunInfo(update.facts, "otlp"), true));
                if (update.reopens)
                    QVERIFY(await(session->foreignRuns().reopen(run, true)).ok());
                QVERIFY(session->foreignRuns().record(run, update.events));
            }
        };
        ForeignStep root;
        root.traceId = "t";
        root.id = "a";
        root.name = "root";
        root.startUs = 1'700'000'000'000'000;
        root.endUs = root.startUs + 1'000'000;
        ForeignStep late = root;
        late.id = "b";
        late.parentId = "a";
        late.kind = StepKind::Model;
        late.attributes = {{"gen_ai.usage.input_tokens", 5}};
        take(assembler.add({root}, 1));
        take(assembler.expire(6'000'000));
        QVERIFY(await(session->foreignRuns().flush()).ok());
        QVERIFY(session->project().runs().run(run)->status == RunStatus::Done);
        take(assembler.add({late}, 7'000'000));
        take(assembler.finish(8'000'000));
        QVERIFY(await(session->foreignRuns().flush()).ok());
        QCOMPARE(session->project().runs().count(), 1);
        const Trace trace = stored(*session, run);
        QCOMPARE(trace.steps().size(), size_t(2));
        QCOMPARE(session->project().runs().run(run)->usage.inputTokens, 5);
        QVERIFY(session->project().runs().run(run)->status == RunStatus::Done);
        close(*session);
    }
};

QTEST_GUILESS_MAIN(TestTraceImport)
#include "tst_TraceImport.moc"
