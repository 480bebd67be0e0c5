// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/HttpChatModel.h"
#include "tests/core/llm/HttpChatTesting.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTimer>

using namespace lathe;
using namespace lathe::test;

class TestHttpChatModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void plain_data() { formats(); }
    void plain()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        bench.server.enqueue(
            ScriptedAnswer::say(QStringLiteral("It is cold in Oslo.")).usage(40, 9, 30));
        const auto response = bench.chat(request(false));
        QVERIFY2(response.ok(), response.ok() ? "" : qPrintable(response.error().message));
        QCOMPARE(response->message.text(), QStringLiteral("It is cold in Oslo."));
        QCOMPARE(bench.text, QStringLiteral("It is cold in Oslo."));
        QCOMPARE(response->finishReason, FinishReason::Stop);
        QCOMPARE(response->usage.inputTokens, 40);
        QCOMPARE(response->usage.cacheReadTokens, 30);
        QCOMPARE(response->usage.outputTokens, 9);
        QCOMPARE(response->model, modelName);
        QVERIFY(!response->id.isEmpty());
        const SeenChat seen = bench.server.chats().at(0);
        QVERIFY(!seen.stream);
        QCOMPARE(seen.system, QStringLiteral("Be brief."));
        QCOMPARE(seen.lastUserText, QStringLiteral("Hello"));
        QCOMPARE(seen.model, modelName);
    }
    // A server of one's own is free only where the connection says so; a connection may name its price.
    void costs_data()
    {
        QTest::addColumn<QString>("settings");
        QTest::addColumn<QString>("provider");
        QTest::addColumn<double>("cost"); // of 1000 tokens in and 100 out; -1: not known
        QTest::newRow("unknown server") << QStringLiteral("{}") << QStringLiteral("custom") << -1.0;
        QTest::newRow("marked") << QStringLiteral("{\"local\":true}") << QStringLiteral("local") << 0.0;
        QTest::newRow("priced") << QStringLiteral("{\"price\":{\"input\":3,\"output\":10}}") << QStringLiteral("custom") << 0.004;
    }
    void costs()
    {
        QFETCH(QString, settings);
        QFETCH(QString, provider);
        QFETCH(double, cost);
        Bench bench(WireFormat::OpenAiChat);
        QJsonObject body = bench.spec.toJson();
        const QJsonObject more = *json::parseObject(settings.toUtf8());
        for (auto it = more.begin(); it != more.end(); ++it)
            body.insert(it.key(), it.value());
        bench.spec = *ConnectionSpec::fromJson(QStringLiteral("c"), body);
        bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("Yes.")).usage(1000, 100));
        auto response = bench.chat(request());
        QVERIFY(response.ok());
        QCOMPARE(bench.model()->providerName(), provider);
        QFile file(QStringLiteral(":/data/prices.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const Prices prices = *Prices::fromJson(*json::parseObject(file.readAll()));
        prices.price(provider, response->model, response->usage); // as the runtime does
        QCOMPARE(response->usage.costKnown, cost >= 0);
        QVERIFY(qAbs(response->usage.costUsd - std::max(cost, 0.0)) < 1e-12);
    }
    void streams_data() { formats(); }
    void streams()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("It is cold in Oslo."))
                                 .thinking(QStringLiteral("Look outside."))
                                 .usage(40, 20, 30, 11)
                                 .paced(3));
        const auto response = bench.chat(request());
        QVERIFY2(response.ok(), response.ok() ? "" : qPrintable(response.error().message));
        QVERIFY(bench.server.chats().at(0).stream);
        QCOMPARE(response->message.text(), QStringLiteral("It is cold in Oslo."));
        QCOMPARE(bench.text, response->message.text());
        QCOMPARE(bench.reasoning, QStringLiteral("Look outside."));
        QCOMPARE(bench.deltas, 7);
        QCOMPARE(response->usage.inputTokens, 40);
        QCOMPARE(response->usage.outputTokens, 20);
        QCOMPARE(response->usage.cacheReadTokens, 30);
        QVERIFY(response->timeToFirstTokenUs > 0);
        QVERIFY(bench.notices.empty());
        QCOMPARE(bench.restarts, 0);
    }
    // The loop of an agent: two calls at once, their results, the answer. The second request is understood by the server.
    void tools_data()
    {
        QTest::addColumn<WireFormat>("format");
        QTest::addColumn<bool>("stream");
        for (const bool stream : {true, false}) {
            for (const auto &[name, format] : {std::pair{"openai_chat", WireFormat::OpenAiChat},
                                               {"openai_responses", WireFormat::OpenAiResponses},
                                               {"anthropic", WireFormat::Anthropic},
                                               {"gemini", WireFormat::Gemini}})
                QTest::addRow("%s %s", name, stream ? "stream" : "body") << format << stream;
        }
    }
    void tools()
    {
        QFETCH(WireFormat, format);
        QFETCH(bool, stream);
        Bench bench(format);
        bench.server.enqueue(
            ScriptedAnswer::call(QStringLiteral("weather"), QStringLiteral("{\"city\":\"Oslo\"}"))
                .thinking(QStringLiteral("Both cities."))
                .andCall(QStringLiteral("weather"), QStringLiteral("{\"city\":\"Bergen\"}")));
        bench.server.setResponder([](const SeenChat &seen) {
            return ScriptedAnswer::say(seen.toolResults.join(QStringLiteral(" and ")));
        });
        ChatRequest ask = request(stream);
        ask.tools = {weatherTool()};
        const auto first = bench.chat(ask);
        QVERIFY2(first.ok(), first.ok() ? "" : qPrintable(first.error().message));
        QCOMPARE(first->finishReason, FinishReason::ToolCalls);
        const auto calls = first->message.toolCalls();
        QCOMPARE(calls.size(), size_t(2));
        QCOMPARE(calls[0].name, QStringLiteral("weather"));
        QCOMPARE(calls[1].argumentsText, QStringLiteral("{\"city\":\"Bergen\"}"));
        QVERIFY(!calls[0].id.isEmpty() && calls[0].id != calls[1].id);
        QCOMPARE(bench.calls, (QStringList{QStringLiteral("weather"), QStringLiteral("weather")}));
        QCOMPARE(bench.server.chats().at(0).toolNames, QStringList{QStringLiteral("weather")});

        ask.messages.push_back(first->message);
        Message results;
        results.role = Role::Tool;
        results.parts = {
            MessagePart::toolResult(calls[0].id, calls[0].name, QStringLiteral("3 C"), false),
            MessagePart::toolResult(calls[1].id, calls[1].name, QStringLiteral("no such city"),
                                    true)};
        ask.messages.push_back(results);
        const auto second = bench.chat(ask);
        QVERIFY2(second.ok(), second.ok() ? "" : qPrintable(second.error().message));
        QCOMPARE(second->message.text(), QStringLiteral("3 C and no such city"));
    }
    void structured_data() { formats(); }
    void structured()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        bench.server.setResponder([](const SeenChat &seen) {
            const bool asked =
                QString::fromUtf8(seen.http.body).contains(QStringLiteral("temperature_c"));
            return ScriptedAnswer::say(asked ? QStringLiteral("{\"temperature_c\": 3}")
                                             : QStringLiteral("not asked"));
        });
        ChatRequest ask = request();
        ask.outputSchema = *json::parseObject(
            "{\"type\":\"object\",\"properties\":{\"temperature_c\":{\"type\":\"number\"}}}");
        const auto response = bench.chat(ask);
        QVERIFY(response.ok());
        QCOMPARE(json::parseObject(response->message.text().toUtf8())
                     ->value(QLatin1String("temperature_c"))
                     .toInt(),
                 3);
    }
    void lengthLimit_data() { formats(); }
    void lengthLimit()
    {
        QFETCH(WireFormat, format);
        for (const bool stream : {true, false}) {
            Bench bench(format);
            bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("Half of")).lengthLimited());
            const auto response = bench.chat(request(stream));
            QVERIFY(response.ok());
            QCOMPARE(response->finishReason, FinishReason::Length);
        }
    }
    void listsModels_data() { formats(); }
    void listsModels()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        bench.server.setModels({QStringLiteral("b"), QStringLiteral("a")});
        const auto names = await(bench.model()->listModels(CancelToken()));
        QVERIFY(names.ok());
        QCOMPARE(*names, (QStringList{QStringLiteral("a"), QStringLiteral("b")}));
        const auto unknown = bench.chat(request());
        QVERIFY(!unknown.ok());
        QCOMPARE(unknown.error().kind, ErrorKind::NotFound);
        QVERIFY(unknown.error().message.contains(modelName));
        const auto refused = makeChatModel(bench.spec, QStringLiteral("sk-other-key"), &bench.http,
                                           &bench.systemClock);
        const auto list = await((*refused)->listModels(CancelToken()));
        QCOMPARE(list.error().kind, ErrorKind::Auth);
    }

    // --- The asynchronous contract: already cancelled, cancelled at each stage, time-outs, nobody there.

    void alreadyCancelled()
    {
        Bench bench(WireFormat::Anthropic);
        CancelSource cancel;
        cancel.cancel();
        const auto response = bench.chat(request(), cancel.token());
        QCOMPARE(response.error().kind, ErrorKind::Cancelled);
        QCOMPARE(bench.server.http().requestCount(), 0);
    }
    void cancelled_data()
    {
        QTest::addColumn<int>("stage");
        QTest::newRow("waiting for the head") << 0;
        QTest::newRow("in the stream") << 1;
        QTest::newRow("in the back-off") << 2;
    }
    void cancelled()
    {
        QFETCH(int, stage);
        Bench bench(WireFormat::OpenAiChat);
        if (stage == 0)
            bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("late")).slowHead(600'000));
        else if (stage == 1)
            bench.server.enqueue(
                ScriptedAnswer::say(QStringLiteral("one two three")).stallAfter(3));
        else
            bench.server.enqueue(ScriptedAnswer::rateLimited(60));
        CancelSource cancel;
        QElapsedTimer sinceCancel;
        QTimer look; // for the stage, however long a busy machine takes to it
        connect(&look, &QTimer::timeout, this, [&] {
            const bool there = stage == 0 ? bench.server.http().requestCount() == 1 : stage == 1 ? bench.deltas > 0 : !bench.notices.empty();
            if (there && !sinceCancel.isValid()) {
                sinceCancel.start();
                cancel.cancel();
            }
        });
        look.start(5);
        const auto response = bench.chat(request(), cancel.token());
        QVERIFY(sinceCancel.isValid());
        QVERIFY2(sinceCancel.elapsed() < 120'000, qPrintable(QString::number(sinceCancel.elapsed())));
        QCOMPARE(response.error().kind, ErrorKind::Cancelled);
        QCOMPARE(bench.notices.size(), size_t(stage == 2 ? 1 : 0));
        QCOMPARE(bench.restarts, 0);
        QCOMPARE(bench.http.active(), 0);
        if (stage < 2)
            QVERIFY(bench.server.http().waitForDisconnects(1));
    }
    // The task is over in the middle of a batch: the sink is not called once more.
    void cancelledByItsSink()
    {
        for (const bool stream : {true, false}) {
            Bench bench(WireFormat::OpenAiChat);
            const ScriptedAnswer answer = ScriptedAnswer::say(QStringLiteral("one two three four"))
                                              .thinking(QStringLiteral("hm"));
            const QByteArray events = wireEvents(WireFormat::OpenAiChat, answer, modelName).join();
            bench.server.http().setHandler([&](const HttpSeen &) {
                return stream
                           ? HttpReply::sse({events})
                           : HttpReply::json(wireBody(WireFormat::OpenAiChat, answer, modelName));
            });
            CancelSource cancel;
            int calls = 0;
            ChatSinks sinks;
            sinks.delta = [&](const ChatDelta &) {
                ++calls;
                cancel.cancel();
            };
            const auto response = await(bench.model()->chat(request(stream), sinks, cancel.token()));
            QCOMPARE(response.error().kind, ErrorKind::Cancelled);
            QCOMPARE(calls, 1);
        }
    }
    void timeouts()
    {
        Bench first(WireFormat::Gemini);
        first.spec.firstByteTimeoutMs = 80;
        first.spec.retry.maxAttempts = 2;
        first.server.setResponder([](const SeenChat &) {
            return ScriptedAnswer::say(QStringLiteral("late")).slowHead(5000);
        });
        const auto late = first.chat(request());
        QCOMPARE(late.error().kind, ErrorKind::Timeout);
        QCOMPARE(first.notices.size(), size_t(1));

        Bench idle(WireFormat::OpenAiResponses);
        idle.spec.idleTimeoutMs = 1000; // short enough to wait for, long enough for the answer that comes
        idle.spec.retry.maxAttempts = 2;
        idle.server.enqueue(ScriptedAnswer::say(QStringLiteral("one two three")).stallAfter(6));
        idle.server.enqueue(ScriptedAnswer::say(QStringLiteral("one two three")));
        const auto stalled = idle.chat(request());
        QVERIFY(stalled.ok());
        QCOMPARE(idle.restarts, 1);
        QCOMPARE(idle.text, QStringLiteral("one two three"));
    }
    // A server that keeps the connection open after the last event does not make the answer wait longer than the time-out,
    // nor fail.
    void stallsAfterTheEnd()
    {
        Bench bench(WireFormat::Anthropic);
        bench.spec.idleTimeoutMs = 1000;
        const ScriptedAnswer answer = ScriptedAnswer::say(QStringLiteral("done"));
        bench.server.enqueue(ScriptedAnswer(answer).stallAfter(
            int(wireEvents(WireFormat::Anthropic, answer, modelName).size())));
        const auto response = bench.chat(request());
        QVERIFY(response.ok());
        QVERIFY(bench.notices.empty());
    }
    void nobodyThere()
    {
        Bench bench(WireFormat::OpenAiChat);
        bench.server.http().stop();
        bench.spec.retry.maxAttempts = 2;
        const auto response = bench.chat(request());
        QCOMPARE(response.error().kind, ErrorKind::Unreachable);
        QCOMPARE(bench.notices.size(), size_t(1));
    }
    // The model may go while it is asked; the answer comes all the same.
    void outlivedByItsChat()
    {
        Bench bench(WireFormat::OpenAiChat);
        bench.server.enqueue(ScriptedAnswer::rateLimited());
        bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("still here")));
        auto model = bench.model();
        auto task = model->chat(request(), ChatSinks(), CancelToken());
        model.reset();
        const auto response = await(std::move(task));
        QVERIFY(response.ok());
        QCOMPARE(response->message.text(), QStringLiteral("still here"));
    }
    void manyAtOnce()
    {
        Bench bench(WireFormat::Anthropic);
        bench.server.setResponder([](const SeenChat &seen) {
            return ScriptedAnswer::say(seen.lastUserText + QStringLiteral(" back"));
        });
        auto model = bench.model();
        std::vector<Task<Result<ChatResponse>>> tasks;
        for (int i = 0; i < 100; ++i) {
            ChatRequest ask = request();
            ask.messages[1] = Message(Role::User, QString::number(i));
            tasks.push_back(model->chat(ask, ChatSinks(), CancelToken()));
        }
        for (int i = 0; i < 100; ++i) {
            const auto response = await(std::move(tasks[size_t(i)]));
            QVERIFY(response.ok());
            QCOMPARE(response->message.text(), QString::number(i) + QStringLiteral(" back"));
        }
    }
    // From the socket to the sink. All threads count, the test server's too.
    void costOfAStreamedToken()
    {
        constexpr int count = 20000;
        Bench bench(WireFormat::OpenAiChat);
        ScriptedAnswer answer;
        answer.text = QStringList(count, QStringLiteral(" token"));
        const QByteArray body = wireEvents(WireFormat::OpenAiChat, answer, modelName).join();
        bench.server.http().setHandler([body](const HttpSeen &) {
            QList<QByteArray> pieces;
            for (qsizetype at = 0; at < body.size(); at += 16 * 1024)
                pieces.append(body.mid(at, 16 * 1024));
            return HttpReply::sse(pieces);
        });
        int seen = 0;
        ChatSinks sinks;
        sinks.delta = [&seen](const ChatDelta &) { ++seen; };
        timespec begin{}, end{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
        const auto response = await(bench.model()->chat(request(), sinks, CancelToken()));
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
        QVERIFY(response.ok());
        QCOMPARE(seen, count);
        const double us =
            (double(end.tv_sec - begin.tv_sec) * 1e6 + double(end.tv_nsec - begin.tv_nsec) / 1e3)
            / count;
        qInfo("%.2f us of CPU per streamed token, all threads with the test server's", us);
        QVERIFY(us < 3000); // a minute for them all: the work does not grow with what came already
    }
};

QTEST_GUILESS_MAIN(TestHttpChatModel)
#include "tst_HttpChatModel.moc"
