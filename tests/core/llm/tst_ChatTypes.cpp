// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/ChatTypes.h"
#include "tests/core/llm/CodecTesting.h"

using namespace lathe;
using namespace lathe::test;

class TestChatTypes : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void messagesSurviveJson()
    {
        const ChatRequest request = fullRequest(QStringLiteral("m"), QStringLiteral("sealed"));
        for (const Message &message : request.messages) {
            const auto again =
                Message::fromJson(*json::parseObject(json::compact(message.toJson())));
            QVERIFY(again.ok());
            QVERIFY(*again == message);
        }
    }
    // Arguments come back exactly as the model wrote them, however odd.
    void argumentsStayExact_data()
    {
        QTest::addColumn<QString>("arguments");
        for (const char *text :
             {"{}", "", "{\"a\":1}", "{ \"a\": 1 }", "{\"b\":1,\"a\":2}", "{\"a\":", "\"text\"",
              "[1,2]", "null", "12", "{\"a\":1.0}", "{\"a\":1e2}", "{\"a\":12345678901234567890}",
              "{\"a\":1,\"a\":2}", "{\"a\":\"\\u00e9\"}", " {\"a\":1}"})
            QTest::newRow(text) << QString::fromUtf8(text);
    }
    void argumentsStayExact()
    {
        QFETCH(QString, arguments);
        Message message;
        message.role = Role::Assistant;
        message.parts = {
            MessagePart::toolCall(QStringLiteral("i"), QStringLiteral("f"), arguments)};
        const auto again = Message::fromJson(*json::parseObject(json::compact(message.toJson())));
        QCOMPARE(again->parts[0].argumentsText, arguments);
    }
    void showsArgumentsAsJson()
    {
        Message message;
        message.role = Role::Assistant;
        message.parts = {MessagePart::toolCall(QStringLiteral("i"), QStringLiteral("f"),
                                               QStringLiteral("{\"a\":1}"))};
        compareJson(json::compact(message.toJson()),
                    "{\"role\":\"assistant\",\"parts\":[{\"type\":\"tool_call\",\"id\":\"i\","
                    "\"name\":\"f\",\"arguments\":{\"a\":1}}]}");
    }
    void responsesSurviveJson()
    {
        ChatResponse response;
        response.message = Message(Role::Assistant, QStringLiteral("Hi"));
        response.finishReason = FinishReason::Length;
        response.usage.inputTokens = 3;
        response.usage.reasoningTokens = 2;
        response.id = QStringLiteral("x");
        response.model = QStringLiteral("m");
        response.timeToFirstTokenUs = 1234;
        const auto again =
            ChatResponse::fromJson(*json::parseObject(json::compact(response.toJson())));
        QVERIFY(again.ok());
        QCOMPARE(again->toJson(), response.toJson());
        QVERIFY(again->usage == response.usage);
        QCOMPARE(again->timeToFirstTokenUs, 1234);
        QCOMPARE(response.toCanonicalText(), json::compact(response.toJson()));
        response.usage.costKnown = false;
        response.id.clear();
        response.model.clear();
        response.timeToFirstTokenUs = 0;
        response.message.parts.push_back(MessagePart::toolCall(QString(), QStringLiteral("t"), QStringLiteral("{\"b\": 1}")));
        response.message.parts.push_back(MessagePart::toolCall(QStringLiteral("2"), QStringLiteral("t"), QStringLiteral("{\"ä\":1.50}")));
        QCOMPARE(response.toCanonicalText(), json::compact(response.toJson()));
    }
    void refusesNonsense()
    {
        QVERIFY(!Message::fromJson({}).ok());
        QVERIFY(!Message::fromJson(*json::parseObject("{\"role\":\"oracle\"}")).ok());
        QVERIFY(!Message::fromJson(
                     *json::parseObject("{\"role\":\"user\",\"parts\":[{\"type\":\"smell\"}]}"))
                     .ok());
        QVERIFY(!Message::fromJson(*json::parseObject("{\"role\":\"user\",\"parts\":[5]}")).ok());
        QVERIFY(!ChatResponse::fromJson({}).ok());
        QVERIFY(!ChatResponse::fromJson(
                     *json::parseObject(
                         "{\"message\":{\"role\":\"assistant\"},\"finish_reason\":\"bored\"}"))
                     .ok());
    }
    // The journal finds a recorded answer by this form: everything that changes what is asked is in it, streaming is not.
    void requestsHaveACanonicalForm()
    {
        const QByteArray base = json::hash(fullRequest(QStringLiteral("m")).toJson());
        QCOMPARE(json::hash(fullRequest(QStringLiteral("m")).toJson()), base);
        const auto differs = [&base](const std::function<void(ChatRequest &)> &change) {
            ChatRequest request = fullRequest(QStringLiteral("m"));
            change(request);
            const QByteArray text = request.toCanonicalText();
            if (text != json::compact(request.toJson()))
                qFatal("the two forms differ: %s", text.constData());
            return json::sha256(text) != base;
        };
        QVERIFY(!differs([](ChatRequest &r) { r.stream = false; }));
        QVERIFY(differs([](ChatRequest &r) { r.model = QStringLiteral("n"); }));
        QVERIFY(differs([](ChatRequest &r) { r.messages[0].parts[0].text += QLatin1Char('!'); }));
        QVERIFY(differs([](ChatRequest &r) { r.messages[2].parts[1].bytes += 'x'; }));
        QVERIFY(differs([](ChatRequest &r) { r.messages[4].parts[1].isError = false; }));
        QVERIFY(differs([](ChatRequest &r) { r.tools[0].description.clear(); }));
        QVERIFY(differs([](ChatRequest &r) { r.tools[0].schema = QJsonObject(); }));
        QVERIFY(differs([](ChatRequest &r) { r.toolChoice = ChatRequest::ToolChoice::None; }));
        QVERIFY(differs([](ChatRequest &r) { r.outputSchema.reset(); }));
        QVERIFY(differs([](ChatRequest &r) { r.temperature = 0.5; }));
        QVERIFY(differs([](ChatRequest &r) { r.topP.reset(); }));
        QVERIFY(differs([](ChatRequest &r) { r.maxTokens = 1; }));
        QVERIFY(differs([](ChatRequest &r) { r.seed.reset(); }));
        QVERIFY(differs([](ChatRequest &r) { r.stop.clear(); }));
    }
};

QTEST_GUILESS_MAIN(TestChatTypes)
#include "tst_ChatTypes.moc"
