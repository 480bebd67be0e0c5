// SPDX-License-Identifier: GPL-3.0-or-later
// The project as an MCP server, message by message, in both eras: what opens a conversation and what is refused.
#include "tests/core/server/McpServerTesting.h"

using namespace lathe;
using namespace lathe::test;

class TestMcpServerPeer : public McpServerFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init() { openProject(); }
    void cleanup() { closeProject(); }

    void opensInTheLegacyEra()
    {
        auto client = newClient();
        QCOMPARE(client.refusal(QStringLiteral("tools/list")), -32600);
        QVERIFY(client.answerTo(client.ask(QStringLiteral("ping")))->contains(QStringLiteral("result")));
        const QJsonObject opened = client.call(QStringLiteral("initialize"), object("{\"protocolVersion\":\"1999-01-01\",\"capabilities\":{}}"));
        QCOMPARE(opened.value(QStringLiteral("protocolVersion")).toString(), QStringLiteral("2025-11-25"));
        QCOMPARE(opened.value(QStringLiteral("serverInfo")).toObject().value(QStringLiteral("name")).toString(), QStringLiteral("lathe"));
        QVERIFY(opened.value(QStringLiteral("capabilities")).toObject().contains(QStringLiteral("tools")));
        QVERIFY(!opened.contains(QStringLiteral("resultType")));
        QCOMPARE(client.refusal(QStringLiteral("initialize"), object("{\"protocolVersion\":\"2025-11-25\"}")), -32600);
        QCOMPARE(client.refusal(QStringLiteral("no/such")), -32601);
        auto older = newClient();
        QCOMPARE(older.call(QStringLiteral("initialize"), object("{\"protocolVersion\":\"2024-11-05\"}")).value(QStringLiteral("protocolVersion")).toString(), QStringLiteral("2024-11-05"));
    }

    void refusesWhatIsNoModernRequest_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QJsonObject>("params");
        QTest::addColumn<int>("code");
        QTest::addColumn<int>("status");
        const QString discover = QStringLiteral("server/discover");
        QTest::newRow("no _meta") << discover << QJsonObject() << -32602 << 400;
        QTest::newRow("no capabilities") << discover << object("{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}") << -32602 << 400;
        QTest::newRow("unknown version") << discover
                                         << object("{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"v9\",\"io.modelcontextprotocol/clientCapabilities\":{}}}") << -32022 << 400;
        for (const char *removed : {"initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe", "unknown/method"})
            QTest::newRow(removed) << QString::fromLatin1(removed) << modern() << -32601 << 404;
        QTest::newRow("no filter") << QStringLiteral("subscriptions/listen") << modern() << -32602 << 400;
        QTest::newRow("a cursor of nobody") << QStringLiteral("tools/list") << modern(object("{\"cursor\":\"abc\"}")) << -32602 << 200;
        QTest::newRow("no such resource") << QStringLiteral("resources/read") << modern(object("{\"uri\":\"lathe://runs/999999\"}")) << -32602 << 200;
        QTest::newRow("no such prompt") << QStringLiteral("prompts/get") << modern(object("{\"name\":\"none\"}")) << -32602 << 200;
        QTest::newRow("no such tool") << QStringLiteral("tools/call") << modern(object("{\"name\":\"none\"}")) << -32602 << 200;
        QTest::newRow("a state of nobody") << QStringLiteral("tools/call") << modern(object("{\"name\":\"triage\",\"arguments\":{},\"requestState\":\"abc\"}")) << -32602 << 200;
    }
    void refusesWhatIsNoModernRequest()
    {
        QFETCH(QString, method);
        QFETCH(QJsonObject, params);
        QFETCH(int, code);
        QFETCH(int, status);
        auto client = newClient(McpServerPeer::Kind::Stateless);
        const QJsonObject error = client.error(client.ask(method, params));
        QCOMPARE(error.value(QStringLiteral("code")).toInt(), code);
        QCOMPARE(client.statuses.back(), status);
        if (code == -32022)
            QCOMPARE(error.value(QStringLiteral("data")).toObject().value(QStringLiteral("requested")).toString(), QStringLiteral("v9"));
    }

    void noMessageBreaksIt_data()
    {
        QTest::addColumn<QJsonValue>("message");
        QTest::newRow("text") << QJsonValue(QStringLiteral("hello"));
        QTest::newRow("list") << QJsonValue(QJsonArray{1, 2});
        QTest::newRow("no version") << QJsonValue(object("{\"id\":1,\"method\":\"ping\"}"));
        QTest::newRow("method is a number") << QJsonValue(object("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}"));
        QTest::newRow("id is null") << QJsonValue(object("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}"));
        QTest::newRow("id is a list") << QJsonValue(object("{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"ping\"}"));
    }
    void noMessageBreaksIt()
    {
        QFETCH(QJsonValue, message);
        auto client = newClient();
        client.give(message);
        QCOMPARE(int(client.sent.size()), 1);
        QCOMPARE(client.sent.front().value(QStringLiteral("error")).toObject().value(QStringLiteral("code")).toInt(), -32600);
        // Answers to nothing and unknown notifications are passed over.
        client.give(object("{\"jsonrpc\":\"2.0\",\"id\":\"lathe-1\",\"result\":{}}"));
        client.give(object("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/nonsense\"}"));
        client.give(object("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":77}}"));
        QCOMPARE(int(client.sent.size()), 1);
    }

    void endsSubscriptionsInOrder()
    {
        auto client = newClient();
        const int id = client.ask(QStringLiteral("subscriptions/listen"), modern(object("{\"notifications\":{\"toolsListChanged\":true}}")));
        QVERIFY(!client.answerTo(id));
        client.peer.finish();
        QCOMPARE(client.result(id).value(QStringLiteral("resultType")).toString(), QStringLiteral("complete"));
        const int nothing = client.ask(QStringLiteral("subscriptions/listen"), modern(object("{\"notifications\":{}}")));
        QVERIFY(client.answerTo(nothing));
    }
};

QTEST_GUILESS_MAIN(TestMcpServerPeer)
#include "tst_McpServerPeer.moc"
