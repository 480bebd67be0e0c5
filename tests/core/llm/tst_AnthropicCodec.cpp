// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/AnthropicCodec.h"
#include "core/llm/CodecSupport.h"
#include "tests/core/llm/CodecTesting.h"

using namespace lathe;
using namespace lathe::test;

namespace {
const QByteArray thinkingAndTool = recorded("anthropic_thinkingAndTool.sse");

// llama-server's /v1/messages: ids of its own, no ping.
const QByteArray llamaServer = recorded("anthropic_llamaServer.sse");

const QByteArray fullBody = recorded("anthropic_fullBody.json");

const QByteArray wholeBody = recorded("anthropic_wholeBody.json");

QString thinkingSeal(const QString &model)
{
    return codec::seal(
        QStringLiteral("anthropic"), model,
        *json::parseObject(
            "{\"type\":\"thinking\",\"thinking\":\"Two cities.\",\"signature\":\"Sig==\"}"));
}

const QByteArray mendedMessages = recorded("anthropic_mendedMessages.json");
const QByteArray openSchema = recorded("anthropic_openSchema.json");
const QByteArray closedSchema = recorded("anthropic_closedSchema.json");
const QByteArray thinkingBlocks = recorded("anthropic_thinkingBlocks.json");
} // namespace

class TestAnthropicCodec : public QObject
{
    Q_OBJECT
private:
    AnthropicCodec m_codec;
    QJsonObject encoded(const ChatRequest &request)
    {
        return *json::parseObject(
            m_codec.encode(request, connection(QStringLiteral("anthropic")), QStringLiteral("k"))
                .body);
    }

private Q_SLOTS:
    void encodesEverything()
    {
        const QString model = QStringLiteral("claude-sonnet-4-5");
        const auto request =
            m_codec.encode(fullRequest(model, thinkingSeal(model)),
                           connection(QStringLiteral("anthropic")), QStringLiteral("sk-ant"));
        QCOMPARE(request.url, QStringLiteral("https://api.anthropic.com/v1/messages"));
        QCOMPARE(headerValue(request.headers, "x-api-key"), QByteArray("sk-ant"));
        QCOMPARE(headerValue(request.headers, "anthropic-version"), QByteArray("2023-06-01"));
        compareJson(request.body, fullBody);
    }
    void thinkingGoesBackOnlyToItsModel()
    {
        const QString sealed = thinkingSeal(QStringLiteral("claude-sonnet-4-5"));
        const auto body =
            json::compactString(encoded(fullRequest(QStringLiteral("claude-opus-5-5"), sealed)));
        QVERIFY(!body.contains(QStringLiteral("Sig==")));
        QVERIFY(!body.contains(QStringLiteral("Two cities.")));
    }
    void knowsWhatModelsTake()
    {
        const auto choice = [&](const char *model) {
            return encoded(fullRequest(QLatin1String(model)))
                .value(QLatin1String("tool_choice"))
                .toObject()
                .value(QLatin1String("type"))
                .toString();
        };
        QCOMPARE(choice("claude-opus-4-8"), QStringLiteral("any"));
        QCOMPARE(choice("claude-3-haiku-20240307"), QStringLiteral("any"));
        QCOMPARE(choice("claude-opus-5-5"), QString()); // it refuses "any"
        QCOMPARE(choice("claude-fable-5-1"), QString());
        QCOMPARE(choice("claude-fable-5"), QStringLiteral("any"));
        for (const char *model : {"claude-3-7-sonnet-latest", "claude-sonnet-4-20250514",
                                  "tiny.gguf", "claude", "claude--4"}) {
            const QJsonObject body = encoded(fullRequest(QLatin1String(model)));
            QVERIFY2(!body.contains(QLatin1String("output_config")), model);
            QVERIFY2(body.value(QLatin1String("system"))
                         .toString()
                         .contains(QStringLiteral("\"minimum\":1")),
                     model);
        }
        QVERIFY(encoded(fullRequest(QStringLiteral("claude-haiku-4-5-20251001")))
                    .contains(QLatin1String("output_config")));
    }
    void mendsWhatTheApiRefuses()
    {
        ChatRequest request;
        request.model = QStringLiteral("claude-sonnet-4-5");
        request.messages = {
            Message(Role::User, QStringLiteral(" ")), Message(Role::Assistant, QString()),
            Message(Role::User, QStringLiteral("a")), Message(Role::User, QStringLiteral("b"))};
        const QJsonObject body = encoded(request);
        QCOMPARE(body.value(QLatin1String("max_tokens")).toInt(), 4096);
        compareJson(json::compact(body.value(QLatin1String("messages"))), mendedMessages);
        // Names of properties are no keywords, and bounds inside enums are values.
        ChatRequest schema = plainRequest(QStringLiteral("claude-sonnet-4-5"));
        schema.outputSchema = *json::parseObject(openSchema);
        compareJson(json::compact(encoded(schema)
                                      .value(QLatin1String("output_config"))
                                      .toObject()
                                      .value(QLatin1String("format"))
                                      .toObject()
                                      .value(QLatin1String("schema"))),
                    closedSchema);
    }

    void decodesRecordings()
    {
        const ChatRequest request = plainRequest(QStringLiteral("claude-sonnet-4-5"));
        const Decoded decoded = decodeStream(m_codec, request, {thinkingAndTool});
        QVERIFY(decoded.response);
        const ChatResponse &response = *decoded.response;
        QCOMPARE(
            describe(response.message),
            QStringLiteral("reasoning:Look it up. | reasoning: | text:Okay | "
                           "call:toolu_01T1x1fJ34qAmk2tNTrN7Up6 weather({\"city\": \"Oslo\"}) | "
                           "call:toolu_02 now({})"));
        QCOMPARE(response.finishReason, FinishReason::ToolCalls);
        QCOMPARE(response.usage.inputTokens, 492);
        QCOMPARE(response.usage.cacheReadTokens, 400);
        QCOMPARE(response.usage.cacheWriteTokens, 20);
        QCOMPARE(response.usage.outputTokens, 89);
        QCOMPARE(response.model, QStringLiteral("claude-sonnet-4-5-20250929"));
        QCOMPARE(decoded.reasoning, QStringLiteral("Look it up."));
        QCOMPARE(decoded.calls, (QStringList{QStringLiteral("0 weather({\"city\": \"Oslo\"})"),
                                             QStringLiteral("1 now()")}));

        // What came back goes out again unchanged.
        ChatRequest next = request;
        next.messages.push_back(response.message);
        const QJsonArray content = encoded(next)
                                       .value(QLatin1String("messages"))
                                       .toArray()
                                       .at(1)
                                       .toObject()
                                       .value(QLatin1String("content"))
                                       .toArray();
        compareJson(json::compact(QJsonArray{content.at(0), content.at(1)}), thinkingBlocks);

        const Decoded llama = decodeStream(m_codec, request, {llamaServer});
        QCOMPARE(describe(llama.response->message), QStringLiteral("text:Hi"));
        QCOMPARE(llama.response->finishReason, FinishReason::Length);
        QCOMPARE(llama.response->usage.inputTokens, 15);
    }
    void everyCut()
    {
        checkEveryCut(m_codec, plainRequest(), thinkingAndTool);
        checkEveryCut(m_codec, plainRequest(), llamaServer);
    }
    void bodies()
    {
        const Decoded decoded = decodeBody(m_codec, plainRequest(), wholeBody);
        QVERIFY(decoded.response);
        QCOMPARE(describe(decoded.response->message),
                 QStringLiteral("reasoning:t | text:Hi | call:toolu_1 f({\"a\":[1,\"b\"]})"));
        QVERIFY(decoded.response->message.parts[0].signature.contains(
            QStringLiteral("\"signature\":\"S\"")));
        QCOMPARE(decoded.response->usage.inputTokens, 7);
        for (const char *bad : {"", "{}", "[]", "nonsense", "{\"content\":{}}"})
            QVERIFY2(decodeBody(m_codec, plainRequest(), bad).error, bad);
    }

    void stops_data()
    {
        QTest::addColumn<QString>("reason");
        QTest::addColumn<QString>("finish");
        for (const auto &[reason, finish] : {std::pair{"end_turn", "stop"},
                                             {"stop_sequence", "stop"},
                                             {"max_tokens", "length"},
                                             {"model_context_window_exceeded", "length"},
                                             {"refusal", "content_filter"},
                                             {"pause_turn", "other"}})
            QTest::newRow(reason) << QString::fromLatin1(reason) << QString::fromLatin1(finish);
    }
    void stops()
    {
        QFETCH(QString, reason);
        const QByteArray stream = "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\""
                                  + reason.toUtf8() + "\"}}\n\n";
        const Decoded decoded = decodeStream(m_codec, plainRequest(), {stream});
        QVERIFY(decoded.response);
        QTEST(finishReasonName(decoded.response->finishReason), "finish");
    }
    void failures_data()
    {
        QTest::addColumn<QByteArray>("stream");
        QTest::addColumn<int>("kind");
        QTest::newRow("empty") << QByteArray() << int(ErrorKind::Protocol);
        QTest::newRow("cut") << QByteArray(thinkingAndTool).left(2000) << int(ErrorKind::Protocol);
        QTest::newRow("overloaded")
            << QByteArray("event: error\ndata: "
                          "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
                          "\"message\":\"Overloaded\"}}\n\n")
            << int(ErrorKind::Provider);
        QTest::newRow("rate") << QByteArray("event: error\ndata: "
                                            "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_"
                                            "error\",\"message\":\"slow\"}}\n\n")
                              << int(ErrorKind::RateLimited);
        QTest::newRow("openai shape") << QByteArray(
            "data: {\"error\":{\"code\":500,\"message\":\"boom\",\"type\":\"server_error\"}}\n\n")
                                      << int(ErrorKind::Provider);
        QTest::newRow("nonsense") << QByteArray("event: content_block_delta\ndata: {\"type\":\n\n")
                                  << int(ErrorKind::Protocol);
    }
    void failures()
    {
        checkFailure(m_codec);
    }
    // Deltas for blocks that never began, wrong types, negative indices: no crash, no text lost that can be kept.
    void hostileEvents()
    {
        const QByteArray stream =
            "data: "
            "{\"type\":\"content_block_delta\",\"index\":7,\"delta\":{\"type\":\"text_delta\","
            "\"text\":\"kept\"}}\n\n"
            "data: "
            "{\"type\":\"content_block_delta\",\"index\":-3,\"delta\":{\"type\":\"input_json_"
            "delta\",\"partial_json\":\"{\"}}\n\n"
            "data: "
            "{\"type\":\"content_block_delta\",\"index\":9,\"delta\":{\"type\":\"signature_delta\","
            "\"signature\":\"x\"}}\n\n"
            "data: {\"type\":\"content_block_delta\",\"delta\":[]}\n\n"
            "data: {\"type\":\"content_block_start\",\"content_block\":\"no\"}\n\n"
            "data: {\"type\":\"what_is_this\"}\n\n"
            "data: {\"type\":\"message_stop\"}\n\n";
        const Decoded decoded = decodeStream(m_codec, plainRequest(), {stream});
        QVERIFY(decoded.response);
        QCOMPARE(describe(decoded.response->message), QStringLiteral("text:kept"));
    }
};

QTEST_GUILESS_MAIN(TestAnthropicCodec)
#include "tst_AnthropicCodec.moc"
