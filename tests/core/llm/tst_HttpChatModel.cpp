// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/HttpChatModel.h"

#include "tests/core/http/HttpTesting.h"
#include "tests/core/llm/CodecTesting.h"
#include "tests/support/FakeClock.h"
#include "tests/support/ProviderServers.h"

#include <QElapsedTimer>
#include <QTimer>

using namespace lathe;
using namespace lathe::test;
Q_DECLARE_METATYPE(lathe::test::WireFormat)

namespace {
const QString modelName = QStringLiteral("test-model");

// A provider, a client and what the sinks saw.
struct Bench {
    ProviderServer server;
    HttpClient http;
    SystemClock systemClock;
    FakeClock fakeClock;
    ConnectionSpec spec;
    QString text; // deltas since the last restart
    QString reasoning;
    QStringList calls;
    int deltas = 0;
    int restarts = 0;
    std::vector<ChatNotice> notices;

    explicit Bench(WireFormat format) : server(format), spec(server.connectionSpec()) { fakeClock.autoAdvance = true; }

    std::shared_ptr<ChatModel> model(bool withFakeClock = false)
    {
        auto made = makeChatModel(spec, server.secret(), &http, withFakeClock ? static_cast<Clock *>(&fakeClock) : &systemClock);
        return made.ok() ? *made : nullptr;
    }
    ChatSinks sinks()
    {
        ChatSinks out;
        out.delta = [this](const ChatDelta &delta) {
            ++deltas;
            if (delta.channel == DeltaChannel::Text)
                text += delta.text;
            else if (delta.channel == DeltaChannel::Reasoning)
                reasoning += delta.text;
            else if (!delta.callName.isEmpty())
                calls.append(delta.callName);
        };
        out.notice = [this](const ChatNotice &notice) { notices.push_back(notice); };
        out.restart = [this] {
            ++restarts;
            text.clear();
            reasoning.clear();
            calls.clear();
        };
        return out;
    }
    Result<ChatResponse> chat(const ChatRequest &request, CancelToken cancel = CancelToken(), bool withFakeClock = false)
    {
        auto chatModel = model(withFakeClock);
        return wait(chatModel->chat(request, sinks(), cancel));
    }
};

void formats()
{
    QTest::addColumn<WireFormat>("format");
    QTest::newRow("openai_chat") << WireFormat::OpenAiChat;
    QTest::newRow("openai_responses") << WireFormat::OpenAiResponses;
    QTest::newRow("anthropic") << WireFormat::Anthropic;
    QTest::newRow("gemini") << WireFormat::Gemini;
}

ChatRequest request(bool stream = true)
{
    ChatRequest out = plainRequest(modelName);
    out.stream = stream;
    return out;
}
}

class TestHttpChatModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void plain_data() { formats(); }
    void plain()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("It is cold in Oslo.")).usage(40, 9, 30));
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
    void streams_data() { formats(); }
    void streams()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("It is cold in Oslo.")).thinking(QStringLiteral("Look outside.")).usage(40, 20, 30, 11).paced(3));
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
            for (const auto &[name, format] : {std::pair{"openai_chat", WireFormat::OpenAiChat}, {"openai_responses", WireFormat::OpenAiResponses},
                                               {"anthropic", WireFormat::Anthropic}, {"gemini", WireFormat::Gemini}})
                QTest::addRow("%s %s", name, stream ? "stream" : "body") << format << stream;
        }
    }
    void tools()
    {
        QFETCH(WireFormat, format);
        QFETCH(bool, stream);
        Bench bench(format);
        bench.server.enqueue(ScriptedAnswer::call(QStringLiteral("weather"), QStringLiteral("{\"city\":\"Oslo\"}"))
                                 .thinking(QStringLiteral("Both cities."))
                                 .andCall(QStringLiteral("weather"), QStringLiteral("{\"city\":\"Bergen\"}")));
        bench.server.setResponder([](const SeenChat &seen) { return ScriptedAnswer::say(seen.toolResults.join(QStringLiteral(" and "))); });
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
        results.parts = {MessagePart::toolResult(calls[0].id, calls[0].name, QStringLiteral("3 C"), false),
                         MessagePart::toolResult(calls[1].id, calls[1].name, QStringLiteral("no such city"), true)};
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
            const bool asked = QString::fromUtf8(seen.http.body).contains(QStringLiteral("temperature_c"));
            return ScriptedAnswer::say(asked ? QStringLiteral("{\"temperature_c\": 3}") : QStringLiteral("not asked"));
        });
        ChatRequest ask = request();
        ask.outputSchema = *json::parseObject("{\"type\":\"object\",\"properties\":{\"temperature_c\":{\"type\":\"number\"}}}");
        const auto response = bench.chat(ask);
        QVERIFY(response.ok());
        QCOMPARE(json::parseObject(response->message.text().toUtf8())->value(QLatin1String("temperature_c")).toInt(), 3);
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
        const auto names = wait(bench.model()->listModels(CancelToken()));
        QVERIFY(names.ok());
        QCOMPARE(*names, (QStringList{QStringLiteral("a"), QStringLiteral("b")}));
        const auto unknown = bench.chat(request());
        QVERIFY(!unknown.ok());
        QCOMPARE(unknown.error().kind, ErrorKind::NotFound);
        QVERIFY(unknown.error().message.contains(modelName));
        const auto refused = makeChatModel(bench.spec, QStringLiteral("sk-other-key"), &bench.http, &bench.systemClock);
        const auto list = wait((*refused)->listModels(CancelToken()));
        QCOMPARE(list.error().kind, ErrorKind::Auth);
    }

    // --- What goes wrong.

    void wrongKey_data() { formats(); }
    void wrongKey()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        const auto model = *makeChatModel(bench.spec, QStringLiteral("sk-secret-of-mine"), &bench.http, &bench.systemClock);
        const auto response = wait(model->chat(request(), bench.sinks(), CancelToken()));
        QVERIFY(!response.ok());
        QCOMPARE(response.error().kind, ErrorKind::Auth);
        QVERIFY2(response.error().message.contains(QStringLiteral("refused the key (401) for connection test. Check the secret TEST_API_KEY in Connections.")),
                 qPrintable(response.error().message));
        QVERIFY(bench.notices.empty());
        QCOMPARE(bench.server.http().requestCount(), 1);
    }
    void keyIsNeverRepeated()
    {
        Bench bench(WireFormat::OpenAiChat);
        bench.server.enqueue(ScriptedAnswer::refusal(400, "bad", "Your header was Bearer " + bench.server.secret().toUtf8()));
        const auto response = bench.chat(request());
        QVERIFY(!response.ok());
        QVERIFY(!response.error().message.contains(bench.server.secret()));
        QVERIFY(!response.error().cause.contains(bench.server.secret()));
        QVERIFY(response.error().message.contains(QStringLiteral("[secret]")));
    }
    void contextTooLong_data() { formats(); }
    void contextTooLong()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        bench.server.enqueue(ScriptedAnswer::contextTooLong());
        const auto response = bench.chat(request());
        QCOMPARE(response.error().kind, ErrorKind::InvalidInput);
        QVERIFY2(response.error().message.contains(QStringLiteral("too long for test-model")), qPrintable(response.error().message));
    }
    void rateLimitIsWaitedFor_data() { formats(); }
    void rateLimitIsWaitedFor()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        bench.server.enqueue(ScriptedAnswer::rateLimited(7));
        bench.server.enqueue(ScriptedAnswer::rateLimited());
        bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("Now.")));
        const auto response = bench.chat(request(), CancelToken(), true);
        QVERIFY(response.ok());
        QCOMPARE(bench.fakeClock.slept.size(), size_t(2));
        QVERIFY(bench.fakeClock.slept[0] >= 7000 && bench.fakeClock.slept[0] < 9000);
        QVERIFY(bench.fakeClock.slept[1] <= 20);
        QCOMPARE(bench.notices.size(), size_t(2));
        const QJsonObject first = bench.notices[0].attributes;
        QCOMPARE(bench.notices[0].name, QStringLiteral("retry"));
        QCOMPARE(first.value(QLatin1String("attempt")).toInt(), 2);
        QCOMPARE(first.value(QLatin1String("delay_ms")).toInteger(), bench.fakeClock.slept[0]);
        QCOMPARE(first.value(QLatin1String("error.type")).toString(), QStringLiteral("rate_limited"));
        QCOMPARE(first.value(QLatin1String("http.response.status_code")).toInt(), 429);
        QVERIFY(!first.value(QLatin1String("reason")).toString().isEmpty());
        QCOMPARE(bench.notices[1].attributes.value(QLatin1String("attempt")).toInt(), 3);
        QCOMPARE(bench.restarts, 0);
    }
    void serverErrorsAreRetriedOnlySoOften_data() { formats(); }
    void serverErrorsAreRetriedOnlySoOften()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        bench.server.setResponder([](const SeenChat &) { return ScriptedAnswer::serverError(503); });
        const auto response = bench.chat(request());
        QVERIFY(!response.ok());
        QCOMPARE(response.error().kind, ErrorKind::Provider);
        QCOMPARE(response.error().httpStatus, 503);
        QCOMPARE(bench.server.chats().size(), size_t(bench.spec.retry.maxAttempts));
        QCOMPARE(bench.notices.size(), size_t(bench.spec.retry.maxAttempts - 1));
    }
    // Text had been shown: it is void, and the whole answer comes again.
    void cutMidStream_data()
    {
        QTest::addColumn<WireFormat>("format");
        QTest::addColumn<int>("how");
        const char *hows[] = {"cut", "reset", "error event", "ends early"};
        for (int how = 0; how < 4; ++how) {
            for (const auto &[name, format] : {std::pair{"openai_chat", WireFormat::OpenAiChat}, {"openai_responses", WireFormat::OpenAiResponses},
                                               {"anthropic", WireFormat::Anthropic}, {"gemini", WireFormat::Gemini}})
                QTest::addRow("%s %s", name, hows[how]) << format << how;
        }
    }
    void cutMidStream()
    {
        QFETCH(WireFormat, format);
        QFETCH(int, how);
        Bench bench(format);
        const QString words = QStringLiteral("one two three four five six seven");
        const int events = format == WireFormat::OpenAiResponses || format == WireFormat::Anthropic ? 7 : 4;
        // Paced, so that the first words are read before the connection goes.
        ScriptedAnswer broken = ScriptedAnswer::say(words).paced(10);
        if (how == 0)
            broken = std::move(broken).cutAfter(events);
        else if (how == 1)
            broken = std::move(broken).cutAfter(events, true);
        else if (how == 2)
            broken = std::move(broken).failAfter(events);
        else
            broken = std::move(broken).noEnd();
        bench.server.enqueue(broken);
        bench.server.enqueue(ScriptedAnswer::say(words));
        const auto response = bench.chat(request());
        QVERIFY2(response.ok(), response.ok() ? "" : qPrintable(response.error().message));
        QCOMPARE(response->message.text(), words);
        QCOMPARE(bench.text, words); // nothing of the broken one is left
        QCOMPARE(bench.restarts, 1);
        QCOMPARE(bench.notices.size(), size_t(1));
    }
    void cutBody_data() { formats(); }
    void cutBody()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("lost")).cutAfter(0));
        bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("found")));
        const auto response = bench.chat(request(false));
        QVERIFY2(response.ok(), response.ok() ? "" : qPrintable(response.error().message));
        QCOMPARE(bench.text, QStringLiteral("found"));
        QCOMPARE(bench.restarts, 0);
    }
    void malformedStream_data() { formats(); }
    void malformedStream()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("one two three")).malformedAfter(3).paced(1));
        const auto response = bench.chat(request());
        QVERIFY(!response.ok());
        QCOMPARE(response.error().kind, ErrorKind::Protocol);
        QVERIFY2(response.error().message.contains(QStringLiteral("oops")), qPrintable(response.error().message));
        QVERIFY(response.error().message.size() < 450);
        QCOMPARE(bench.server.chats().size(), size_t(1));
        QCOMPARE(bench.http.active(), 0);
    }
    void brokenToolJson_data() { formats(); }
    void brokenToolJson()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        bench.server.enqueue(ScriptedAnswer::call(QStringLiteral("weather"), QStringLiteral("{\"city\": \"Os")));
        const auto response = bench.chat(request());
        QVERIFY(response.ok());
        if (format == WireFormat::Gemini) { // it never sends broken arguments
            QCOMPARE(response->finishReason, FinishReason::Other);
            return;
        }
        QCOMPARE(response->message.toolCalls().at(0).argumentsText, QStringLiteral("{\"city\": \"Os"));
    }
    void invalidUtf8_data() { formats(); }
    void invalidUtf8()
    {
        QFETCH(WireFormat, format);
        for (const bool stream : {true, false}) {
            Bench bench(format);
            bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("Grüße")).brokenUtf8());
            const auto response = bench.chat(request(stream));
            QVERIFY2(response.ok(), response.ok() ? "" : qPrintable(response.error().message));
            QVERIFY(response->message.text().startsWith(QStringLiteral("Grüße")));
            QVERIFY(response->message.text().contains(QChar(QChar::ReplacementCharacter)));
        }
    }
    void tenMegabytes_data() { formats(); }
    void tenMegabytes()
    {
        QFETCH(WireFormat, format);
        constexpr qint64 size = 10 * 1024 * 1024;
        for (const bool stream : {true, false}) {
            Bench bench(format);
            bench.server.enqueue(ScriptedAnswer::huge(size));
            const auto response = bench.chat(request(stream));
            QVERIFY2(response.ok(), response.ok() ? "" : qPrintable(response.error().message));
            QCOMPARE(response->message.text().size(), qsizetype(size));
            QCOMPARE(bench.text.size(), qsizetype(size));
        }
    }
    void moreThanTheLimit()
    {
        Bench bench(WireFormat::OpenAiChat);
        bench.server.http().setHandler([](const HttpSeen &) { return HttpReply::huge(80 * 1024 * 1024).withHeader("Content-Type", "application/json"); });
        const auto response = bench.chat(request());
        QVERIFY(!response.ok());
        QCOMPARE(response.error().kind, ErrorKind::LimitReached);
        // A stream that never ends is stopped too.
        Bench stream(WireFormat::OpenAiChat);
        const QByteArray event = "data: {\"choices\":[{\"delta\":{\"content\":\"" + QByteArray(1024 * 1024, 'x') + "\"}}]}\n\n";
        stream.server.http().setHandler([event](const HttpSeen &) { return HttpReply::sse(QList<QByteArray>(70, event)); });
        const auto endless = stream.chat(request());
        QVERIFY(!endless.ok());
        QCOMPARE(endless.error().kind, ErrorKind::LimitReached);
        QCOMPARE(stream.server.http().requestCount(), 1);
    }
    void unstreamedThoughAsked_data() { formats(); }
    void unstreamedThoughAsked()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("in one piece")).unstreamed());
        const auto response = bench.chat(request());
        QVERIFY(response.ok());
        QCOMPARE(bench.text, QStringLiteral("in one piece"));
        QVERIFY(bench.notices.empty());
    }
    void streamWithAWrongType_data() { formats(); }
    void streamWithAWrongType()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        const QByteArray body = wireEvents(format, ScriptedAnswer::say(QStringLiteral("a b c")), modelName).join();
        bench.server.http().setHandler([body](const HttpSeen &) { return HttpReply::text(200, body.trimmed()); });
        const auto response = bench.chat(request());
        QVERIFY2(response.ok(), response.ok() ? "" : qPrintable(response.error().message));
        QCOMPARE(bench.text, QStringLiteral("a b c"));
    }
    void refusedFeaturesAreDoneWithout()
    {
        Bench bench(WireFormat::OpenAiChat);
        bench.server.setResponder([](const SeenChat &seen) {
            if (seen.stream)
                return ScriptedAnswer::refusal(400, "unsupported_value", "Your organization must be verified to stream this model.");
            if (seen.body.contains(QLatin1String("response_format")))
                return ScriptedAnswer::refusal(400, "invalid_request_error", "This response_format type is unavailable now");
            return ScriptedAnswer::say(seen.system);
        });
        ChatRequest ask = request();
        ask.outputSchema = QJsonObject{{QStringLiteral("type"), QStringLiteral("object")}};
        const auto response = bench.chat(ask);
        QVERIFY2(response.ok(), response.ok() ? "" : qPrintable(response.error().message));
        QVERIFY(response->message.text().contains(QStringLiteral("{\"type\":\"object\"}")));
        QCOMPARE(bench.notices.size(), size_t(2));
        QVERIFY(bench.notices[0].attributes.contains(QLatin1String("adapted")));
        QCOMPARE(bench.notices[0].attributes.value(QLatin1String("delay_ms")).toInt(-1), 0);
    }
    void wrongServers_data()
    {
        QTest::addColumn<HttpReply>("reply");
        QTest::addColumn<int>("kind");
        QTest::newRow("web page") << HttpReply::text(200, "<!doctype html><title>Router</title>", "text/html") << int(ErrorKind::Protocol);
        QTest::newRow("empty") << HttpReply::text(200, "") << int(ErrorKind::Protocol);
        QTest::newRow("other JSON") << HttpReply::json("{\"hello\":1}") << int(ErrorKind::Protocol);
        QTest::newRow("empty stream") << HttpReply::sse({}) << int(ErrorKind::Protocol);
        QTest::newRow("endless event") << HttpReply::sse({"data: " + QByteArray(17 * 1024 * 1024, 'x')}) << int(ErrorKind::Protocol);
        QTest::newRow("not found page") << HttpReply::text(404, "<h1>Not found</h1>", "text/html") << int(ErrorKind::NotFound);
        QTest::newRow("redirect") << HttpReply::redirect("https://example.org/") << int(ErrorKind::Protocol);
        QTest::newRow("no HTTP") << HttpReply::malformedStatusLine() << int(ErrorKind::Protocol);
        QTest::newRow("closes") << HttpReply::closeBeforeAnswer() << int(ErrorKind::Unreachable);
    }
    void wrongServers()
    {
        QFETCH(HttpReply, reply);
        Bench bench(WireFormat::OpenAiChat);
        bench.spec.retry.maxAttempts = 2;
        bench.server.http().setHandler([reply](const HttpSeen &) { return reply; });
        const auto response = bench.chat(request());
        QVERIFY(!response.ok());
        QTEST(int(response.error().kind), "kind");
        QVERIFY2(response.error().message.size() < 600 && response.error().message.size() > 20, qPrintable(response.error().message));
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
            bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("late")).slowHead(20'000));
        else if (stage == 1)
            bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("one two three")).stallAfter(3));
        else
            bench.server.enqueue(ScriptedAnswer::rateLimited(60));
        CancelSource cancel;
        QElapsedTimer sinceCancel;
        QTimer::singleShot(150, this, [&] {
            sinceCancel.start();
            cancel.cancel();
        });
        const auto response = bench.chat(request(), cancel.token());
        QVERIFY(sinceCancel.isValid());
        QVERIFY2(sinceCancel.elapsed() < 100, qPrintable(QString::number(sinceCancel.elapsed())));
        QCOMPARE(response.error().kind, ErrorKind::Cancelled);
        QCOMPARE(bench.notices.size(), size_t(stage == 2 ? 1 : 0));
        QCOMPARE(bench.restarts, 0);
        QCOMPARE(bench.http.active(), 0);
        if (stage < 2)
            QVERIFY(bench.server.http().waitForDisconnects(1));
    }
    void cancelledByItsSink()
    {
        Bench bench(WireFormat::OpenAiChat);
        bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("one two three four")).paced(5));
        CancelSource cancel;
        ChatSinks sinks = bench.sinks();
        sinks.delta = [&](const ChatDelta &) { cancel.cancel(); };
        const auto response = wait(bench.model()->chat(request(), sinks, cancel.token()));
        QCOMPARE(response.error().kind, ErrorKind::Cancelled);
    }
    void timeouts()
    {
        Bench first(WireFormat::Gemini);
        first.spec.firstByteTimeoutMs = 80;
        first.spec.retry.maxAttempts = 2;
        first.server.setResponder([](const SeenChat &) { return ScriptedAnswer::say(QStringLiteral("late")).slowHead(5000); });
        const auto late = first.chat(request());
        QCOMPARE(late.error().kind, ErrorKind::Timeout);
        QCOMPARE(first.notices.size(), size_t(1));

        Bench idle(WireFormat::OpenAiResponses);
        idle.spec.idleTimeoutMs = 80;
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
        bench.spec.idleTimeoutMs = 100;
        const ScriptedAnswer answer = ScriptedAnswer::say(QStringLiteral("done"));
        bench.server.enqueue(ScriptedAnswer(answer).stallAfter(int(wireEvents(WireFormat::Anthropic, answer, modelName).size())));
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
        const auto response = wait(std::move(task));
        QVERIFY(response.ok());
        QCOMPARE(response->message.text(), QStringLiteral("still here"));
    }
    void manyAtOnce()
    {
        Bench bench(WireFormat::Anthropic);
        bench.server.setResponder([](const SeenChat &seen) { return ScriptedAnswer::say(seen.lastUserText + QStringLiteral(" back")); });
        auto model = bench.model();
        std::vector<Task<Result<ChatResponse>>> tasks;
        for (int i = 0; i < 100; ++i) {
            ChatRequest ask = request();
            ask.messages[1] = Message(Role::User, QString::number(i));
            tasks.push_back(model->chat(ask, ChatSinks(), CancelToken()));
        }
        for (int i = 0; i < 100; ++i) {
            const auto response = wait(std::move(tasks[size_t(i)]));
            QVERIFY(response.ok());
            QCOMPARE(response->message.text(), QString::number(i) + QStringLiteral(" back"));
        }
    }
};

QTEST_GUILESS_MAIN(TestHttpChatModel)
#include "tst_HttpChatModel.moc"
