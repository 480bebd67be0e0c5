// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/CodecSupport.h"
#include "core/llm/OpenAiResponsesCodec.h"
#include "tests/core/llm/CodecTesting.h"

using namespace lathe;
using namespace lathe::test;

namespace {
const QByteArray openAi = recorded("responses_openAi.sse");

// llama-server: no sequence numbers and indices, no arguments.done, all output_item.done at the end.
const QByteArray llamaServer = recorded("responses_llamaServer.sse");

const QByteArray fullBody = recorded("responses_fullBody.json");

const QByteArray incompleteBody = recorded("responses_incompleteBody.json");

const QByteArray reasoningItem = recorded("responses_reasoningItem.json");
}

class TestOpenAiResponsesCodec : public QObject
{
    Q_OBJECT
private:
    OpenAiResponsesCodec m_codec;

private Q_SLOTS:
    void encodesEverything()
    {
        const QString sealed =
            codec::seal(QStringLiteral("openai_responses"), QStringLiteral("gpt-5"),
                        *json::parseObject(reasoningItem));
        const auto request =
            m_codec.encode(fullRequest(QStringLiteral("gpt-5"), sealed),
                           connection(QStringLiteral("openai_responses")), QStringLiteral("sk-1"));
        QCOMPARE(request.url, QStringLiteral("https://api.openai.com/v1/responses"));
        QCOMPARE(headerValue(request.headers, "authorization"), QByteArray("Bearer sk-1"));
        compareJson(request.body, fullBody);
    }
    void asksForReasoningOnlyOfReasoningModels()
    {
        const auto asks = [&](const char *model) {
            const auto request =
                m_codec.encode(plainRequest(QLatin1String(model)),
                               connection(QStringLiteral("openai_responses")), QString());
            return request.body.contains("encrypted_content");
        };
        for (const char *model : {"o3", "o4-mini", "gpt-5", "gpt-5.4-mini", "gpt-6-luna"})
            QVERIFY2(asks(model), model);
        for (const char *model :
             {"gpt-4o", "gpt-4.1", "gpt-5-chat-latest", "ollama", "tiny.gguf", "gpt-oss:20b", "o"})
            QVERIFY2(!asks(model), model);
    }
    void decodesRecordings()
    {
        const ChatRequest request = plainRequest(QStringLiteral("gpt-5"));
        const Decoded decoded = decodeStream(m_codec, request, {openAi});
        QVERIFY(decoded.response);
        QCOMPARE(describe(decoded.response->message),
                 QStringLiteral("reasoning:**Look up**\n\nThen answer | text:One moment | "
                                "call:call_A weather({\"city\":\"Oslo\"}) | call:call_B now({})"));
        QCOMPARE(decoded.response->finishReason, FinishReason::ToolCalls);
        QCOMPARE(decoded.response->usage.inputTokens, 97);
        QCOMPARE(decoded.response->usage.cacheReadTokens, 64);
        QCOMPARE(decoded.response->usage.outputTokens, 210);
        QCOMPARE(decoded.response->usage.reasoningTokens, 192);
        QCOMPARE(decoded.response->id, QStringLiteral("resp_68"));
        QCOMPARE(decoded.text, QStringLiteral("One moment"));
        QCOMPARE(decoded.calls, (QStringList{QStringLiteral("0 weather({\"city\":\"Oslo\"})"),
                                             QStringLiteral("1 now({})")}));
        const QJsonObject item =
            codec::unseal(decoded.response->message.parts[0].signature,
                          QStringLiteral("openai_responses"), QStringLiteral("gpt-5"));
        QCOMPARE(item.value(QLatin1String("encrypted_content")).toString(),
                 QStringLiteral("gAAAA="));

        const Decoded llama = decodeStream(m_codec, request, {llamaServer});
        QVERIFY(llama.response);
        QCOMPARE(describe(llama.response->message),
                 QStringLiteral("text:Hi | call:fc_R weather({\"city\":\"Oslo\"})"));
        QCOMPARE(llama.response->usage.inputTokens, 20);
    }
    void everyCut()
    {
        checkEveryCut(m_codec, plainRequest(), openAi);
        checkEveryCut(m_codec, plainRequest(), llamaServer);
    }
    void bodies()
    {
        const Decoded decoded = decodeBody(m_codec, plainRequest(), incompleteBody);
        QVERIFY(decoded.response);
        QCOMPARE(describe(decoded.response->message), QStringLiteral("reasoning:s | text:Hal"));
        QCOMPARE(decoded.response->finishReason, FinishReason::Length);
        for (const char *bad : {"", "{}", "[]", "{\"output\":1}", "<html>"}) {
            const Decoded broken = decodeBody(m_codec, plainRequest(), bad);
            QVERIFY2(broken.error && broken.error->kind == ErrorKind::Protocol, bad);
        }
    }
    void failures_data()
    {
        QTest::addColumn<QByteArray>("stream");
        QTest::addColumn<int>("kind");
        QTest::newRow("empty") << QByteArray() << int(ErrorKind::Protocol);
        QTest::newRow("cut") << QByteArray(openAi).left(3000) << int(ErrorKind::Protocol);
        QTest::newRow("failed") << QByteArray(
            "data: "
            "{\"type\":\"response.failed\",\"response\":{\"id\":\"r\",\"status\":\"failed\","
            "\"error\":{\"code\":\"server_error\",\"message\":\"sorry\"}}}\n\n")
                                << int(ErrorKind::Provider);
        QTest::newRow("rate") << QByteArray(
            "data: "
            "{\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":"
            "\"rate_limit_exceeded\",\"message\":\"slow\"}}}\n\n")
                              << int(ErrorKind::RateLimited);
        QTest::newRow("error event") << QByteArray(
            "event: error\ndata: "
            "{\"type\":\"error\",\"code\":\"server_error\",\"message\":\"x\",\"param\":null}\n\n")
                                     << int(ErrorKind::Provider);
        QTest::newRow("nonsense") << QByteArray("event: response.output_text.delta\ndata: }{\n\n")
                                  << int(ErrorKind::Protocol);
    }
    void failures()
    {
        checkFailure(m_codec);
    }
    // The least stream that satisfies other clients, types only in the SSE field, refusals.
    void odd()
    {
        const Decoded decoded = decodeStream(
            m_codec, plainRequest(),
            {"event: response.refusal.delta\ndata: {\"delta\":\"No.\"}\n\n"
             "event: something.new\ndata: {}\n\n"
             "event: response.completed\ndata: {\"response\":{\"status\":\"completed\"}}\n\n"});
        QVERIFY(decoded.response);
        QCOMPARE(describe(decoded.response->message), QStringLiteral("text:No."));
        QCOMPARE(decoded.response->finishReason, FinishReason::ContentFilter);
    }
};

QTEST_GUILESS_MAIN(TestOpenAiResponsesCodec)
#include "tst_OpenAiResponsesCodec.moc"
