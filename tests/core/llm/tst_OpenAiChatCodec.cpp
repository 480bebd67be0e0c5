// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OpenAiChatCodec.h"
#include "tests/core/llm/CodecTesting.h"
#include "tests/support/ProviderServers.h"

using namespace lathe;
using namespace lathe::test;

namespace {
// llama-server: null content, timings, ids without prefix, fragments with only an index, arguments with line breaks.
const QByteArray llamaServer = recorded("chat_llamaServer.sse");

// gpt-5 with two parallel calls, obfuscation padding and reasoning tokens.
const QByteArray openAi = recorded("chat_openAi.sse");

const QByteArray fullBody = recorded("chat_fullBody.json");

QByteArray chunk(const QByteArray &delta, const QByteArray &finish = "null")
{
    return "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":" + delta
           + ",\"finish_reason\":" + finish + "}]}\n\n";
}

const QByteArray localBody = recorded("chat_localBody.json");
const QByteArray wholeBody = recorded("chat_wholeBody.json");
const QByteArray modelList = recorded("chat_modelList.json");
const QByteArray oneToken = recorded("chat_oneToken.json");
} // namespace

class TestOpenAiChatCodec : public QObject
{
    Q_OBJECT
private:
    OpenAiChatCodec m_codec;

private Q_SLOTS:
    void encodesEverything()
    {
        const auto request =
            m_codec.encode(fullRequest(QStringLiteral("gpt-5")),
                           connection(QStringLiteral("openai_chat")), QStringLiteral("sk-1"));
        QCOMPARE(request.url, QStringLiteral("https://api.openai.com/v1/chat/completions"));
        QCOMPARE(request.method, QByteArray("POST"));
        QCOMPARE(headerValue(request.headers, "authorization"), QByteArray("Bearer sk-1"));
        QCOMPARE(headerValue(request.headers, "content-type"), QByteArray("application/json"));
        compareJson(request.body, fullBody);
    }
    void encodesForOthers()
    {
        ChatRequest request = plainRequest();
        request.maxTokens = 5;
        request.stream = false;
        request.seed = 3;
        const auto local = m_codec.encode(
            request, connection(QStringLiteral("openai_chat"), QStringLiteral("localhost:8080")),
            QString());
        QCOMPARE(local.url, QStringLiteral("http://localhost:8080/v1/chat/completions"));
        QVERIFY(headerValue(local.headers, "authorization").isEmpty());
        compareJson(local.body, localBody);
        request.stream = true;
        const auto mistral = m_codec.encode(
            request,
            connection(QStringLiteral("openai_chat"), QStringLiteral("https://api.mistral.ai/v1")),
            QString());
        const QJsonObject body = *json::parseObject(mistral.body);
        QCOMPARE(body.value(QLatin1String("random_seed")).toInt(), 3);
        QVERIFY(!body.contains(QLatin1String("stream_options")));
    }
    // DeepSeek wants the reasoning of this turn back, nobody else.
    void reasoningGoesBackWhereWanted()
    {
        const ChatRequest request = fullRequest(QStringLiteral("deepseek-v4-pro"));
        const auto body = [&](const char *url) {
            const auto http = m_codec.encode(
                request, connection(QStringLiteral("openai_chat"), QLatin1String(url)), QString());
            return QString::fromUtf8(http.body);
        };
        QVERIFY(body("https://api.deepseek.com")
                    .contains(QStringLiteral("\"reasoning_content\":\"Two cities.\"")));
        QVERIFY(!body("http://127.0.0.1:8080").contains(QStringLiteral("reasoning_content")));
    }
    void ownHeadersReplace()
    {
        ConnectionSpec spec =
            connection(QStringLiteral("openai_chat"),
                       QStringLiteral("https://x.openai.azure.com/openai/v1?api-version=1"));
        spec.headers = {{"authorization", "Other"}, {"api-key", "k"}};
        const auto request = m_codec.encode(plainRequest(), spec, QStringLiteral("sk"));
        QCOMPARE(
            request.url,
            QStringLiteral("https://x.openai.azure.com/openai/v1/chat/completions?api-version=1"));
        int count = 0;
        for (const auto &header : request.headers)
            count += header.first.toLower() == "authorization" ? 1 : 0;
        QCOMPARE(count, 1);
        QCOMPARE(headerValue(request.headers, "Authorization"), QByteArray("Other"));
        QCOMPARE(headerValue(request.headers, "api-key"), QByteArray("k"));
    }

    void decodesRecordings()
    {
        const Decoded llama = decodeStream(m_codec, plainRequest(), {llamaServer});
        QVERIFY(llama.response);
        QCOMPARE(describe(llama.response->message),
                 QStringLiteral("reasoning:Hm, Oslo. | call:0NuZ0vCwjkWdLJW9ESVQyd3cVv4oXHbd "
                                "weather({\n\t\"city\": \"Oslo\"})"));
        QCOMPARE(llama.response->finishReason, FinishReason::ToolCalls);
        QCOMPARE(llama.response->usage.inputTokens, 143);
        QCOMPARE(llama.response->usage.cacheReadTokens, 120);
        QCOMPARE(llama.response->usage.outputTokens, 14);
        QCOMPARE(llama.response->model, QStringLiteral("tiny.gguf"));
        QCOMPARE(llama.response->id, QStringLiteral("chatcmpl-ZXzd"));
        QCOMPARE(llama.reasoning, QStringLiteral("Hm, Oslo."));
        QCOMPARE(llama.calls, QStringList{QStringLiteral("0 weather({\n\t\"city\": \"Oslo\"})")});

        const Decoded gpt = decodeStream(m_codec, plainRequest(), {openAi});
        QVERIFY(gpt.response);
        QCOMPARE(
            describe(gpt.response->message),
            QStringLiteral("call:call_Nq1 weather({\"city\":\"Zürich\"}) | call:call_Nq2 now({})"));
        QCOMPARE(gpt.response->usage.reasoningTokens, 128);
        QCOMPARE(gpt.response->usage.outputTokens, 182);
    }
    void everyCut()
    {
        checkEveryCut(m_codec, plainRequest(), llamaServer);
        checkEveryCut(m_codec, plainRequest(), openAi);
    }

    void tolerates_data()
    {
        QTest::addColumn<QByteArray>("stream");
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("finish");
        const QByteArray stop = chunk("{}", "\"stop\"");
        const QByteArray done = "data: [DONE]\n\n";
        const auto row = [](const char *name, const QByteArray &stream, const char *message,
                            const char *finish) {
            QTest::newRow(name) << stream << QString::fromUtf8(message)
                                << QString::fromLatin1(finish);
        };
        row("no [DONE]", chunk("{\"content\":\"a\"}") + stop, "text:a", "stop");
        row("no finish reason", chunk("{\"content\":\"a\"}") + done, "text:a", "stop");
        row("role only",
            chunk("{\"role\":\"assistant\"}") + chunk("{\"content\":\"a\"}") + stop + done,
            "text:a", "stop");
        row("empty answer", stop + done, "", "stop");
        row("reasoning field", chunk("{\"reasoning\":\"r\"}") + chunk("{\"content\":\"a\"}") + stop,
            "reasoning:r | text:a", "stop");
        row("mistral thinking",
            chunk("{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":"
                  "\"r\"}]}]}")
                + chunk("{\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}") + stop,
            "reasoning:r | text:a", "stop");
        row("no id, no index",
            chunk("{\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}")
                + chunk("{\"tool_calls\":[{\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]}")
                + stop,
            "call:call_1 f({}) | call:call_2 g({})", "tool_calls");
        row("same index, other ids",
            chunk("{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\","
                  "\"arguments\":\"{}\"}}]}")
                + chunk("{\"tool_calls\":[{\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"f\","
                        "\"arguments\":\"{}\"}}]}")
                + stop,
            "call:a f({}) | call:b f({})", "tool_calls");
        row("id in each fragment",
            chunk("{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\","
                  "\"arguments\":\"{\"}}]}")
                + chunk("{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\","
                        "\"arguments\":\"}\"}}]}")
                + stop,
            "call:a f({})", "tool_calls");
        row("arguments as object",
            chunk("{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\","
                  "\"arguments\":{\"b\":1}}}]}")
                + stop,
            "call:a f({\"b\":1})", "tool_calls");
        row("no arguments",
            chunk("{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\"}}]}")
                + stop,
            "call:a f({})", "tool_calls");
        row("interleaved",
            chunk("{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\","
                  "\"arguments\":\"{\"}},{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\","
                  "\"arguments\":\"{\"}}]}")
                + chunk("{\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"}\"}},{"
                        "\"index\":0,\"function\":{\"arguments\":\"}\"}}]}")
                + stop,
            "call:a f({}) | call:b g({})", "tool_calls");
        row("runaway call",
            chunk("{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\","
                  "\"arguments\":\"{\\\"x\"}}]}")
                + chunk("{}", "\"length\""),
            "call:a f({\"x)", "length");
        row("refusal", chunk("{\"refusal\":\"No.\"}") + stop, "text:No.", "content_filter");
        row("second choice",
            "data: "
            "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}},{\"index\":0,\"delta\":{"
            "\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n",
            "text:a", "stop");
        row("extra fields",
            "data: "
            "{\"x\":[1,{}],\"choices\":[{\"delta\":{\"content\":\"a\",\"y\":{}},\"logprobs\":{},"
            "\"finish_reason\":\"stop\"}],\"timings\":{}}\n\n",
            "text:a", "stop");
        row("wrong types",
            "data: "
            "{\"choices\":[{\"delta\":{\"content\":5,\"tool_calls\":{},\"reasoning\":[]},\"finish_"
            "reason\":\"stop\"}],\"usage\":\"no\"}\n\n",
            "", "stop");
        row("unknown reason", chunk("{\"content\":\"a\"}", "\"weird\""), "text:a", "other");
        row("comments and CRLF",
            ": hi\r\ndata: "
            "{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\r\n\r\n",
            "text:a", "stop");
        row("invalid utf-8", chunk("{\"content\":\"a\xff\xfe\"}") + stop,
            "text:a\xef\xbf\xbd\xef\xbf\xbd", "stop");
        row("split surrogates",
            chunk("{\"content\":\"\\ud83d\"}") + chunk("{\"content\":\"\\ude00\"}") + stop,
            "text:\xf0\x9f\x98\x80", "stop");
    }
    void tolerates()
    {
        QFETCH(QByteArray, stream);
        const Decoded decoded = decodeStream(m_codec, plainRequest(), {stream});
        QVERIFY2(decoded.response, decoded.error ? qPrintable(decoded.error->message) : "");
        QTEST(describe(decoded.response->message), "message");
        QTEST(finishReasonName(decoded.response->finishReason), "finish");
    }
    void madeUpIdsAreNewInTheConversation()
    {
        const Decoded decoded =
            decodeStream(m_codec, fullRequest(QStringLiteral("m")),
                         {chunk("{\"tool_calls\":[{\"function\":{\"name\":\"f\"}}]}")
                          + chunk("{}", "\"stop\"")});
        QCOMPARE(describe(decoded.response->message), QStringLiteral("call:call_3 f({})"));
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("stream");
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("status");
        QTest::newRow("nothing") << QByteArray() << int(ErrorKind::Protocol) << 0;
        QTest::newRow("cut") << chunk("{\"content\":\"a\"}") << int(ErrorKind::Protocol) << 0;
        QTest::newRow("no json") << QByteArray("data: {\"choices\": [{\"delta\""
                                               + QByteArray(5000, 'x') + "\n\n")
                                 << int(ErrorKind::Protocol) << 0;
        QTest::newRow("an array") << QByteArray("data: [1]\n\n") << int(ErrorKind::Protocol) << 0;
        QTest::newRow("error object")
            << QByteArray("data: {\"error\":{\"message\":\"no "
                          "slot\",\"type\":\"server_error\",\"code\":503}}\n\n")
            << int(ErrorKind::Provider) << 503;
        QTest::newRow("error text") << QByteArray("data: {\"error\":\"out of memory\"}\n\n")
                                    << int(ErrorKind::Provider) << 500;
        QTest::newRow("context in stream")
            << QByteArray("data: "
                          "{\"error\":{\"code\":400,\"type\":\"exceed_context_size_error\","
                          "\"message\":\"too big\",\"n_prompt_tokens\":900,\"n_ctx\":512}}\n\n")
            << int(ErrorKind::InvalidInput) << 400;
    }
    void refuses()
    {
        QFETCH(QByteArray, stream);
        QFETCH(int, kind);
        const Decoded decoded = decodeStream(m_codec, plainRequest(), {stream});
        QVERIFY(decoded.error);
        QCOMPARE(int(decoded.error->kind), kind);
        QTEST(decoded.error->httpStatus, "status");
        QVERIFY2(decoded.error->message.size() < 500, qPrintable(decoded.error->message));
    }
    void limitsTheNumberOfCalls()
    {
        QByteArray stream;
        for (int i = 0; i < 5000; ++i)
            stream += chunk("{\"tool_calls\":[{\"index\":" + QByteArray::number(i)
                            + ",\"function\":{\"name\":\"f\"}}]}");
        const Decoded decoded = decodeStream(m_codec, plainRequest(), {stream});
        QVERIFY(decoded.error);
        QCOMPARE(decoded.error->kind, ErrorKind::Protocol);
    }

    void bodies()
    {
        const Decoded decoded = decodeBody(m_codec, plainRequest(), wholeBody);
        QVERIFY(decoded.response);
        QCOMPARE(describe(decoded.response->message),
                 QStringLiteral("reasoning:r | text:Hi | call:a f({})"));
        QCOMPARE(decoded.text, QStringLiteral("Hi"));
        QCOMPARE(decoded.response->usage.outputTokens, 10); // xAI's way of counting
        for (const char *bad :
             {"", "<html>", "[]", "{}", "{\"choices\":3}", "{\"choices\":[", "null"}) {
            const Decoded broken = decodeBody(m_codec, plainRequest(), bad);
            QVERIFY2(broken.error && broken.error->kind == ErrorKind::Protocol, bad);
        }
        const Decoded error =
            decodeBody(m_codec, plainRequest(), "{\"error\":{\"message\":\"boom\",\"code\":500}}");
        QCOMPARE(error.error->kind, ErrorKind::Provider);
    }
    void listsModels()
    {
        const auto names = m_codec.decodeListModels(modelList);
        QVERIFY(names.ok());
        QCOMPARE(*names, (QStringList{QStringLiteral("a"), QStringLiteral("b")}));
        QVERIFY(!m_codec.decodeListModels("[]").ok());
        QVERIFY(!m_codec.decodeListModels("{}").ok());
    }
    // The hot path: a person's machine reads 100 streams of 100 tokens a second and hardly notices.
    void costOfAToken()
    {
        constexpr int count = 20000;
        std::vector<SseEvent> events;
        for (int i = 0; i < count; ++i) {
            SseEvent event;
            event.data = oneToken;
            events.push_back(event);
        }
        const auto reader = m_codec.makeReader(plainRequest());
        qsizetype characters = 0;
        const std::function<void(const ChatDelta &)> sink = [&](const ChatDelta &delta) {
            characters += delta.text.size();
        };
        timespec begin{}, end{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
        for (const SseEvent &event : events)
            QVERIFY(reader->event(event, sink).ok());
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
        const double us =
            (double(end.tv_sec - begin.tv_sec) * 1e6 + double(end.tv_nsec - begin.tv_nsec) / 1e3)
            / count;
        QCOMPARE(characters, qsizetype(count) * 6);
        qInfo("%.2f us of CPU per token event", us);
        QVERIFY(us < 3000); // a minute for them all: the work does not grow with what came already
    }
};

QTEST_GUILESS_MAIN(TestOpenAiChatCodec)
#include "tst_OpenAiChatCodec.moc"
