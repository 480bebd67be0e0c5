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

    void sameButForLiveTexts_data()
    {
        QTest::addColumn<QStringList>("recorded");
        QTest::addColumn<QStringList>("asked");
        QTest::addColumn<bool>("same");
        const auto row = [](const char *name, const QStringList &recorded, const QStringList &asked, bool same) { QTest::newRow(name) << recorded << asked << same; };
        // Each: the live part of two tools, the designed part of the first, what stands behind them.
        const QString d = QStringLiteral("Tables:");
        row("both", {QStringLiteral("a"), QStringLiteral("b"), d, QStringLiteral("x")}, {QStringLiteral("cc\"\\"), QStringLiteral("\n"), d, QStringLiteral("x")}, true);
        row("grown", {QStringLiteral("\"\\"), QStringLiteral("b\\"), d, QStringLiteral("x")}, {QStringLiteral("a"), QStringLiteral("bb\"}],"), d, QStringLiteral("x")}, true);
        row("equal", {QStringLiteral("a"), QStringLiteral("b"), d, QStringLiteral("x")}, {QStringLiteral("a"), QStringLiteral("b"), d, QStringLiteral("x")}, true);
        row("designed", {QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("Rows:"), QStringLiteral("x")}, {QStringLiteral("c"), QStringLiteral("d"), d, QStringLiteral("x")}, false);
        row("behind", {QStringLiteral("a"), QStringLiteral("b"), d, QStringLiteral("x")}, {QStringLiteral("c"), QStringLiteral("d"), d, QStringLiteral("y")}, false);
        row("no way out of the text", {QStringLiteral("a"), QStringLiteral("b"), d, QStringLiteral("x\",\"name\":\"t0")}, {QStringLiteral("c"), QStringLiteral("d"), d, QStringLiteral("x")}, false);
    }
    void sameButForLiveTexts()
    {
        QFETCH(QStringList, recorded);
        QFETCH(QStringList, asked);
        QFETCH(bool, same);
        const auto made = [](const QStringList &of, bool asText) {
            ChatRequest request;
            request.model = QStringLiteral("m");
            const QString first = of[2] + of[0], second = QStringLiteral("Also: ") + of[1];
            if (asText)
                request.messages.push_back(Message(Role::System, QStringLiteral("Tools:\n- t0: %1 Arguments\n- t1: %2 Arguments: %3").arg(first, second, of[3])));
            else
                request.tools = {{QStringLiteral("t0"), first, QJsonObject()}, {QStringLiteral("t1"), second, QJsonObject()}};
            request.messages.push_back(Message(Role::User, of[3]));
            request.live = {{first, of[2].size()}, {second, 6}};
            return request;
        };
        for (const bool asText : {false, true}) {
            const ChatRequest now = made(asked, asText);
            const QByteArray was = made(recorded, asText).toCanonicalText();
            QCOMPARE(sameButForLive(was, now.toCanonicalText(), now.live), same);
            QVERIFY(!sameButForLive(was, now.toCanonicalText(), {}) || recorded == asked);
            for (qsizetype i = 0; i < was.size(); i += 3) // what is cut is no request
                QVERIFY(!sameButForLive(was.left(i), now.toCanonicalText(), now.live));
        }
    }
};

QTEST_GUILESS_MAIN(TestChatTypes)
#include "tst_ChatTypes.moc"
