// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/CodecSupport.h"
#include "core/llm/GeminiCodec.h"
#include "tests/core/llm/CodecTesting.h"

using namespace lathe;
using namespace lathe::test;

namespace {
const QByteArray stream3 = recorded("gemini_stream3.sse");

const QByteArray fullBody = recorded("gemini_fullBody.json");

const QByteArray signedParts = recorded("gemini_signedParts.json");
const QByteArray namedResponse = recorded("gemini_namedResponse.json");
const QByteArray arrayBody = recorded("gemini_arrayBody.json");
const QByteArray arrayError = recorded("gemini_arrayError.json");
const QByteArray modelList = recorded("gemini_modelList.json");
}

class TestGeminiCodec : public QObject
{
    Q_OBJECT
private:
    GeminiCodec m_codec;
    QJsonObject encoded(const ChatRequest &request)
    {
        return *json::parseObject(
            m_codec.encode(request, connection(QStringLiteral("gemini")), QStringLiteral("k"))
                .body);
    }

private Q_SLOTS:
    void encodesEverything()
    {
        const auto request =
            m_codec.encode(fullRequest(QStringLiteral("gemini-3-pro-preview")),
                           connection(QStringLiteral("gemini")), QStringLiteral("AIza"));
        QCOMPARE(request.url,
                 QStringLiteral("https://generativelanguage.googleapis.com/v1beta/models/"
                                "gemini-3-pro-preview:streamGenerateContent?alt=sse"));
        QCOMPARE(headerValue(request.headers, "x-goog-api-key"), QByteArray("AIza"));
        QVERIFY(!request.url.contains(QStringLiteral("AIza")));
        compareJson(request.body, fullBody);
        ChatRequest once = plainRequest(QStringLiteral("models/gemini-2.5-flash"));
        once.stream = false;
        QCOMPARE(
            m_codec
                .encode(once,
                        connection(QStringLiteral("gemini"), QStringLiteral("http://127.0.0.1:9")),
                        QString())
                .url,
            QStringLiteral("http://127.0.0.1:9/v1beta/models/gemini-2.5-flash:generateContent"));
    }
    void knowsWhatModelsTake()
    {
        // Tools and structured output together came with Gemini 3; before, the schema is said in words.
        const QJsonObject older = encoded(fullRequest(QStringLiteral("gemini-2.5-flash")));
        QVERIFY(!json::at(older, QStringLiteral("/generationConfig"))
                     .toObject()
                     .contains(QLatin1String("responseJsonSchema")));
        QVERIFY(json::compactString(older.value(QLatin1String("systemInstruction")))
                    .contains(QStringLiteral("JSON Schema")));
        QVERIFY(!json::compactString(older).contains(QStringLiteral("skip_thought")));
        QVERIFY(!json::compactString(encoded(plainRequest(QStringLiteral("gemini-2.0-flash"))))
                     .contains(QStringLiteral("thinkingConfig")));
        ChatRequest bare = plainRequest(QStringLiteral("gemini-2.5-flash"));
        ToolDescription now;
        now.name = QStringLiteral("now");
        bare.tools = {now};
        QCOMPARE(json::compactString(encoded(bare).value(QLatin1String("tools"))),
                 QStringLiteral(
                     "[{\"functionDeclarations\":[{\"description\":\"\",\"name\":\"now\"}]}]"));
    }
    void decodesRecordings()
    {
        const ChatRequest request = plainRequest(QStringLiteral("gemini-3-pro-preview"));
        const Decoded decoded = decodeStream(m_codec, request, {stream3});
        QVERIFY(decoded.response);
        QCOMPARE(describe(decoded.response->message),
                 QStringLiteral("reasoning:**Finding** it | text:Sure, looking. | call:call_1 "
                                "weather({\"city\":\"Oslo\"}) | call:fn-2 now({})"));
        QCOMPARE(decoded.response->finishReason, FinishReason::ToolCalls);
        QCOMPARE(decoded.response->usage.inputTokens, 60);
        QCOMPARE(decoded.response->usage.outputTokens, 103);
        QCOMPARE(decoded.response->usage.reasoningTokens, 85);
        QCOMPARE(decoded.response->usage.cacheReadTokens, 32);
        QCOMPARE(decoded.response->id, QStringLiteral("abc"));
        QCOMPARE(decoded.response->model, QStringLiteral("gemini-3-pro-preview"));

        // The signature goes back on the part it came with; a made-up id does not go out.
        ChatRequest next = request;
        next.messages.push_back(decoded.response->message);
        Message results;
        results.role = Role::Tool;
        results.parts = {MessagePart::toolResult(QStringLiteral("call_1"), QString(),
                                                 QStringLiteral("3 C"), false)};
        next.messages.push_back(results);
        const QJsonArray contents = encoded(next).value(QLatin1String("contents")).toArray();
        compareJson(json::compact(contents.at(1).toObject().value(QLatin1String("parts"))),
                    signedParts);
        compareJson(json::compact(contents.at(2).toObject().value(QLatin1String("parts"))),
                    namedResponse);
    }
    void everyCut() { checkEveryCut(m_codec, plainRequest(), stream3); }

    void partsWithSignaturesStayApart()
    {
        const Decoded decoded =
            decodeStream(m_codec, plainRequest(QStringLiteral("gemini-3-flash")),
                         {"data: "
                          "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"},{\"text\":"
                          "\"b\",\"thoughtSignature\":\"S1\"},{\"text\":\"c\"}]}}]}\n\n"
                          "data: "
                          "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\","
                          "\"thoughtSignature\":\"S2\"}]},\"finishReason\":\"STOP\"}]}\n\n"});
        QVERIFY(decoded.response);
        QCOMPARE(describe(decoded.response->message), QStringLiteral("text:ab | text:c"));
        QCOMPARE(decoded.response->message.text(), QStringLiteral("abc"));
        QVERIFY(decoded.response->message.parts[0].signature.contains(QStringLiteral("S1")));
        QVERIFY(decoded.response->message.parts[1].signature.contains(QStringLiteral("S2")));
    }
    void finishReasons_data()
    {
        QTest::addColumn<QByteArray>("data");
        QTest::addColumn<QString>("finish");
        for (const auto &[reason, finish] : {std::pair{"STOP", "stop"},
                                             {"MAX_TOKENS", "length"},
                                             {"SAFETY", "content_filter"},
                                             {"RECITATION", "content_filter"},
                                             {"MALFORMED_FUNCTION_CALL", "other"},
                                             {"NEW", "other"}}) {
            QTest::newRow(reason) << QByteArray("{\"candidates\":[{\"finishReason\":\""
                                                + QByteArray(reason) + "\"}]}")
                                  << QString::fromLatin1(finish);
        }
        QTest::newRow("blocked prompt")
            << QByteArray("{\"promptFeedback\":{\"blockReason\":\"PROHIBITED_CONTENT\"}}")
            << QStringLiteral("content_filter");
    }
    void finishReasons()
    {
        QFETCH(QByteArray, data);
        QTEST(finishReasonName(decodeStream(m_codec, plainRequest(), {"data: " + data + "\n\n"})
                                   .response->finishReason),
              "finish");
        QTEST(finishReasonName(decodeBody(m_codec, plainRequest(), data).response->finishReason),
              "finish");
    }
    void bodies()
    {
        const Decoded array = decodeBody(m_codec, plainRequest(), arrayBody);
        QVERIFY(array.response);
        QCOMPARE(array.text, QStringLiteral("ab"));
        for (const char *bad : {"", "{}", "[", "[]", "x"}) {
            const Decoded broken = decodeBody(m_codec, plainRequest(), bad);
            QVERIFY2(broken.error && broken.error->kind == ErrorKind::Protocol, bad);
        }
        const Decoded error = decodeBody(m_codec, plainRequest(), arrayError);
        QCOMPARE(error.error->httpStatus, 503);
        QCOMPARE(decodeStream(m_codec, plainRequest(), {QByteArray(stream3).left(700)}).error->kind,
                 ErrorKind::Protocol);
    }
    void listsModels()
    {
        const auto names = m_codec.decodeListModels(modelList);
        QVERIFY(names.ok());
        QCOMPARE(*names, QStringList{QStringLiteral("gemini-2.5-pro")});
    }
};

QTEST_GUILESS_MAIN(TestGeminiCodec)
#include "tst_GeminiCodec.moc"
