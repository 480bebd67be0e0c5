// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/HttpChatModel.h"
#include "tests/core/llm/HttpChatTesting.h"

using namespace lathe;
using namespace lathe::test;

// What goes wrong at real providers, and what the user and the trace get of it.
class TestHttpChatModelFailures : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void wrongKey_data() { formats(); }
    void wrongKey()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        const auto model = *makeChatModel(bench.spec, QStringLiteral("sk-secret-of-mine"),
                                          &bench.http, &bench.systemClock);
        const auto response = await(model->chat(request(), bench.sinks(), CancelToken()));
        QVERIFY(!response.ok());
        QCOMPARE(response.error().kind, ErrorKind::Auth);
        QVERIFY2(response.error().message.contains(
                     QStringLiteral("refused the key (401) for connection test. Check the secret "
                                    "TEST_API_KEY in Connections.")),
                 qPrintable(response.error().message));
        QVERIFY(bench.notices.empty());
        QCOMPARE(bench.server.http().requestCount(), 1);
    }
    void keyIsNeverRepeated()
    {
        Bench bench(WireFormat::OpenAiChat);
        bench.server.enqueue(ScriptedAnswer::refusal(
            400, "bad", "Your header was Bearer " + bench.server.secret().toUtf8()));
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
        QVERIFY2(response.error().message.contains(QStringLiteral("too long for test-model")),
                 qPrintable(response.error().message));
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
        QCOMPARE(first.value(QLatin1String("error.type")).toString(),
                 QStringLiteral("rate_limited"));
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
        bench.server.setResponder(
            [](const SeenChat &) { return ScriptedAnswer::serverError(503); });
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
            for (const auto &[name, format] : {std::pair{"openai_chat", WireFormat::OpenAiChat},
                                               {"openai_responses", WireFormat::OpenAiResponses},
                                               {"anthropic", WireFormat::Anthropic},
                                               {"gemini", WireFormat::Gemini}})
                QTest::addRow("%s %s", name, hows[how]) << format << how;
        }
    }
    void cutMidStream()
    {
        QFETCH(WireFormat, format);
        QFETCH(int, how);
        Bench bench(format);
        const QString words = QStringLiteral("one two three four five six seven");
        const int events =
            format == WireFormat::OpenAiResponses || format == WireFormat::Anthropic ? 7 : 4;
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
        bench.server.enqueue(
            ScriptedAnswer::say(QStringLiteral("one two three")).malformedAfter(3).paced(1));
        const auto response = bench.chat(request());
        QVERIFY(!response.ok());
        QCOMPARE(response.error().kind, ErrorKind::Protocol);
        QVERIFY2(response.error().message.contains(QStringLiteral("oops")),
                 qPrintable(response.error().message));
        QVERIFY(response.error().message.size() < 450);
        QCOMPARE(bench.server.chats().size(), size_t(1));
        QCOMPARE(bench.http.active(), 0);
    }
    void brokenToolJson_data() { formats(); }
    void brokenToolJson()
    {
        QFETCH(WireFormat, format);
        Bench bench(format);
        bench.server.enqueue(
            ScriptedAnswer::call(QStringLiteral("weather"), QStringLiteral("{\"city\": \"Os")));
        const auto response = bench.chat(request());
        QVERIFY(response.ok());
        if (format == WireFormat::Gemini) { // it never sends broken arguments
            QCOMPARE(response->finishReason, FinishReason::Other);
            return;
        }
        QCOMPARE(response->message.toolCalls().at(0).argumentsText,
                 QStringLiteral("{\"city\": \"Os"));
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
        bench.server.http().setHandler([](const HttpSeen &) {
            return HttpReply::huge(80 * 1024 * 1024).withHeader("Content-Type", "application/json");
        });
        const auto response = bench.chat(request());
        QVERIFY(!response.ok());
        QCOMPARE(response.error().kind, ErrorKind::LimitReached);
        // A stream that never ends is stopped too.
        Bench stream(WireFormat::OpenAiChat);
        const QByteArray event = "data: {\"choices\":[{\"delta\":{\"content\":\""
                                 + QByteArray(1024 * 1024, 'x') + "\"}}]}\n\n";
        stream.server.http().setHandler(
            [event](const HttpSeen &) { return HttpReply::sse(QList<QByteArray>(70, event)); });
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
        const QByteArray body =
            wireEvents(format, ScriptedAnswer::say(QStringLiteral("a b c")), modelName).join();
        bench.server.http().setHandler(
            [body](const HttpSeen &) { return HttpReply::text(200, body.trimmed()); });
        const auto response = bench.chat(request());
        QVERIFY2(response.ok(), response.ok() ? "" : qPrintable(response.error().message));
        QCOMPARE(bench.text, QStringLiteral("a b c"));
    }
    void refusedFeaturesAreDoneWithout()
    {
        Bench bench(WireFormat::OpenAiChat);
        bench.server.setResponder([](const SeenChat &seen) {
            if (seen.stream)
                return ScriptedAnswer::refusal(
                    400, "unsupported_value",
                    "Your organization must be verified to stream this model.");
            if (seen.body.contains(QLatin1String("response_format")))
                return ScriptedAnswer::refusal(400, "invalid_request_error",
                                               "This response_format type is unavailable now");
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
        QTest::newRow("web page") << HttpReply::text(200, "<!doctype html><title>Router</title>",
                                                     "text/html")
                                  << int(ErrorKind::Protocol);
        QTest::newRow("empty") << HttpReply::text(200, "") << int(ErrorKind::Protocol);
        QTest::newRow("other JSON") << HttpReply::json("{\"hello\":1}") << int(ErrorKind::Protocol);
        QTest::newRow("empty stream") << HttpReply::sse({}) << int(ErrorKind::Protocol);
        QTest::newRow("endless event")
            << HttpReply::sse({"data: " + QByteArray(17 * 1024 * 1024, 'x')})
            << int(ErrorKind::Protocol);
        QTest::newRow("not found page")
            << HttpReply::text(404, "<h1>Not found</h1>", "text/html") << int(ErrorKind::NotFound);
        QTest::newRow("redirect") << HttpReply::redirect("https://example.org/")
                                  << int(ErrorKind::Protocol);
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
        QVERIFY2(response.error().message.size() < 600 && response.error().message.size() > 20,
                 qPrintable(response.error().message));
    }
};

QTEST_GUILESS_MAIN(TestHttpChatModelFailures)
#include "tst_HttpChatModelFailures.moc"
