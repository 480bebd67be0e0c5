// SPDX-License-Identifier: GPL-3.0-or-later
// The MCP server over HTTP, byte by byte.
#include "core/server/McpServerHttp.h"
#include "tests/core/httpd/HttpdTesting.h"
#include "tests/core/server/McpServerTesting.h"

#include <QTcpServer>

using namespace lathe;
using namespace lathe::test;

namespace {
QJsonObject legacyRequest(const char *method, const QJsonObject &params = {})
{
    return rpcMessage(QLatin1String(method), params, 1);
}
QJsonObject modernRequest(const char *method, const QJsonObject &params = {})
{
    return legacyRequest(method, modern(params));
}

QJsonObject jsonOf(const HttpReplySeen &answer)
{
    return json::parseObject(answer.body).valueOr(QJsonObject());
}

// A port that takes connections and never says a word.
class Stall
{
public:
    Stall()
    {
        if (!m_server.listen(QHostAddress::LocalHost))
            qFatal("cannot listen");
    }
    QString url() const { return QStringLiteral("http://127.0.0.1:%1/v1").arg(m_server.serverPort()); }

private:
    QTcpServer m_server;
};
}

class TestMcpServerHttp : public McpServerFixture
{
    Q_OBJECT
    std::unique_ptr<McpServerHttp> m_server;

    void start(const QString &token = QString())
    {
        McpServerHttpOptions options;
        options.token = token;
        const auto started = m_server->start(options);
        QVERIFY2(started.ok(), started ? "" : qPrintable(started.error().message));
    }
    std::unique_ptr<QTcpSocket> begin(const QByteArray &method, const QByteArray &headers, const QByteArray &body) const
    {
        auto socket = std::make_unique<QTcpSocket>();
        socket->connectToHost(QStringLiteral("127.0.0.1"), quint16(m_server->url().port()));
        socket->write(method + " /mcp HTTP/1.1\r\n" + (headers.contains("\nHost:") ? QByteArray() : QByteArray("Host: 127.0.0.1\r\n"))
                      + "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n" + headers + "\r\n" + body);
        return socket;
    }
    static HttpReplySeen read(QTcpSocket *socket)
    {
        QByteArray bytes;
        const auto whole = [&] {
            bytes += socket->readAll();
            const qsizetype head = bytes.indexOf("\r\n\r\n");
            if (head < 0)
                return false;
            if (bytes.mid(9, 3) == "204") // has no body
                return true;
            const QByteArray lower = bytes.left(head).toLower();
            const qsizetype at = lower.indexOf("content-length:");
            return at >= 0 && bytes.size() >= head + 4 + lower.mid(at + 15, lower.indexOf('\r', at) < 0 ? -1 : lower.indexOf('\r', at) - at - 15).trimmed().toInt();
        };
        if (!QTest::qWaitFor([&] { return whole() || socket->state() == QAbstractSocket::UnconnectedState; }, 30'000))
            qFatal("no whole answer: %s", bytes.constData());
        HttpReplySeen answer;
        const qsizetype head = bytes.indexOf("\r\n\r\n");
        answer.head = bytes.left(head);
        answer.body = bytes.mid(head + 4);
        answer.status = answer.head.mid(9, 3).toInt();
        return answer;
    }
    HttpReplySeen ask(const QByteArray &method, const QByteArray &headers, const QByteArray &body = {}) const
    {
        const auto socket = begin(method, headers, body);
        return read(socket.get());
    }
    // Reads on until it has come.
    static bool hears(QTcpSocket *socket, QByteArray *heard, const QByteArray &what)
    {
        return QTest::qWaitFor([&] {
            *heard += socket->readAll();
            return heard->contains(what);
        }, 30'000);
    }
    HttpReplySeen post(const QByteArray &headers, const QJsonObject &message) const { return ask("POST", headers, json::compact(message)); }
    static QByteArray standard(const QJsonObject &message)
    {
        QByteArray headers = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " + message.value(QStringLiteral("method")).toString().toUtf8() + "\r\n";
        const QJsonObject params = message.value(QStringLiteral("params")).toObject();
        const QString name = params.value(QStringLiteral("name")).toString(params.value(QStringLiteral("uri")).toString());
        return name.isEmpty() ? headers : headers + "Mcp-Name: " + name.toUtf8() + "\r\n";
    }

private Q_SLOTS:
    void init()
    {
        openProject();
        if (m_runs)
            m_server = std::make_unique<McpServerHttp>(m_offer.get(), m_runs.get());
    }
    void cleanup()
    {
        m_server.reset();
        closeProject();
    }

    void checksTheHeaders_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("headers");
        QTest::addColumn<QJsonObject>("message");
        QTest::addColumn<int>("status");
        QTest::addColumn<int>("code");
        const QJsonObject list = modernRequest("tools/list");
        const QJsonObject call = modernRequest("tools/call", object("{\"name\":\"list_runs\",\"arguments\":{}}"));
        const QByteArray version = "MCP-Protocol-Version: 2026-07-28\r\n";
        QTest::newRow("right") << QByteArray("POST") << standard(list) << list << 200 << 0;
        QTest::newRow("right call") << QByteArray("POST") << standard(call) << call << 200 << 0;
        QTest::newRow("name in base64") << QByteArray("POST") << QByteArray(version + "Mcp-Method: tools/call\r\nMcp-Name: =?base64?bGlzdF9ydW5z?=\r\n") << call << 200 << 0;
        QTest::newRow("no method header") << QByteArray("POST") << version << list << 400 << -32020;
        QTest::newRow("other method") << QByteArray("POST") << QByteArray(version + "Mcp-Method: tools/List\r\n") << list << 400 << -32020;
        QTest::newRow("no name header") << QByteArray("POST") << QByteArray(version + "Mcp-Method: tools/call\r\n") << call << 400 << -32020;
        QTest::newRow("other version") << QByteArray("POST") << QByteArray("MCP-Protocol-Version: 2025-11-25\r\nMcp-Method: tools/list\r\n") << list << 400 << -32020;
        QTest::newRow("unknown session") << QByteArray("POST") << QByteArray("Mcp-Session-Id: abc\r\n") << legacyRequest("tools/list") << 404 << -32600;
        QTest::newRow("stream without session") << QByteArray("GET") << QByteArray() << QJsonObject() << 405 << -32600;
        QTest::newRow("unknown session's stream") << QByteArray("GET") << QByteArray("Mcp-Session-Id: abc\r\n") << QJsonObject() << 404 << -32600;
        QTest::newRow("another method") << QByteArray("PUT") << QByteArray() << QJsonObject() << 405 << -32600;
        QTest::newRow("a page of elsewhere") << QByteArray("POST") << QByteArray(standard(list) + "Origin: https://evil.example\r\n") << list << 403 << -32600;
        QTest::newRow("a page without origin") << QByteArray("POST") << QByteArray(standard(list) + "Origin: null\r\n") << list << 403 << -32600;
        QTest::newRow("a rebound name") << QByteArray("POST") << QByteArray(standard(list) + "Host: evil.example\r\n") << list << 403 << -32600;
        QTest::newRow("a page of here") << QByteArray("POST") << QByteArray(standard(list) + "Origin: http://localhost:3000\r\n") << list << 200 << 0;
    }
    void checksTheHeaders()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, headers);
        QFETCH(QJsonObject, message);
        QFETCH(int, status);
        QFETCH(int, code);
        start();
        const HttpReplySeen answer = ask(method, headers, message.isEmpty() ? QByteArray() : json::compact(message));
        QVERIFY2(answer.status == status, (answer.head + '\n' + answer.body).constData());
        QCOMPARE(errorCode(jsonOf(answer)), code);
        if (status == 200)
            QVERIFY(jsonOf(answer).contains(QStringLiteral("result")));
    }

    void asksForTheToken()
    {
        start(QStringLiteral("s3cret-token"));
        const QJsonObject list = modernRequest("tools/list");
        QCOMPARE(post(standard(list), list).status, 401);
        QCOMPARE(post(standard(list) + "Authorization: Bearer wrong\r\n", list).status, 401);
        QCOMPARE(post(standard(list) + "Authorization: Bearer s3cret-token\r\n", list).status, 200);
    }

    void brokenBodiesAreRefused()
    {
        start();
        for (const QByteArray &body : {QByteArray("{"), QByteArray("\xff\xfe"), QByteArray()})
            QCOMPARE(errorCode(jsonOf(ask("POST", "", body))), -32700);
        QCOMPARE(ask("POST", "", "[]").status, 400);
        QCOMPARE(ask("POST", "", QByteArray(200'000, '[')).status, 400);
    }

    void sessionsLiveAndDie()
    {
        start();
        const HttpReplySeen opened = post("", legacyRequest("initialize", object("{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{}}")));
        QCOMPARE(opened.status, 200);
        const QByteArray session = "Mcp-Session-Id: " + opened.header("mcp-session-id") + "\r\nMCP-Protocol-Version: 2025-11-25\r\n";
        QVERIFY(opened.header("mcp-session-id").size() >= 32);
        QCOMPARE(post(session, object("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}")).status, 202);
        QVERIFY(jsonOf(post(session, legacyRequest("tools/list"))).contains(QStringLiteral("result")));
        QCOMPARE(post("Mcp-Session-Id: " + opened.header("mcp-session-id") + "\r\nMCP-Protocol-Version: 2019-01-01\r\n", legacyRequest("tools/list")).status, 400);
        // What changes comes on the session's stream.
        const auto stream = begin("GET", session, {});
        QByteArray heard;
        QVERIFY(hears(stream.get(), &heard, "text/event-stream") && hears(stream.get(), &heard, ":\n\n"));
        addPrompt(QStringLiteral("fresh"));
        QVERIFY(hears(stream.get(), &heard, "notifications/prompts/list_changed"));
        QCOMPARE(ask("DELETE", session).status, 204);
        QCOMPARE(post(session, legacyRequest("tools/list")).status, 404);
        QVERIFY(QTest::qWaitFor([&] { // its end
            heard += stream->readAll();
            return heard.endsWith("0\r\n\r\n") || stream->state() == QAbstractSocket::UnconnectedState;
        }, 30'000));
        // There is room for so many; the one unused longest goes.
        QByteArray first;
        for (int i = 0; i <= McpServerHttp::maxSessions; ++i) {
            const HttpReplySeen one = post("", legacyRequest("initialize", object("{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{}}")));
            if (i == 0)
                first = "Mcp-Session-Id: " + one.header("mcp-session-id") + "\r\n";
        }
        QCOMPARE(post(first, legacyRequest("tools/list")).status, 404);
    }

    void whoeverLeavesAModernRequestStopsItsRun()
    {
        // A model that never answers keeps the run going.
        Stall stall;
        const QJsonObject connection{{QStringLiteral("api"), QStringLiteral("openai_chat")}, {QStringLiteral("base_url"), stall.url()}};
        QVERIFY(await(m_session->createArtifact(ArtifactKind::Connection, QStringLiteral("stalls"), connection)).ok());
        const QJsonObject agent = object("{\"job\":\"Wait.\",\"instructions\":\"Wait.\",\"model\":{\"connection\":\"stalls\",\"model\":\"m\"},\"pattern\":\"direct\"}");
        QVERIFY(await(m_session->createArtifact(ArtifactKind::Agent, QStringLiteral("waiter"), agent)).ok());
        start();
        const QJsonObject call = modernRequest("tools/call", object("{\"name\":\"waiter\",\"arguments\":{\"input\":\"x\"}}"));
        auto socket = begin("POST", standard(call), json::compact(call));
        QVERIFY(QTest::qWaitFor([&] { return !m_session->running().empty(); }, 30'000));
        QByteArray heard;
        QVERIFY(hears(socket.get(), &heard, "text/event-stream")); // it became a stream
        socket->abort();
        QVERIFY(QTest::qWaitFor([&] { return m_session->running().empty(); }, 30'000));
    }

    void endsInOrder()
    {
        start();
        const QJsonObject listen = modernRequest("subscriptions/listen", object("{\"notifications\":{\"toolsListChanged\":true}}"));
        const auto socket = begin("POST", standard(listen), json::compact(listen));
        QByteArray heard;
        QVERIFY(hears(socket.get(), &heard, "notifications/subscriptions/acknowledged"));
        await(m_server->stop());
        QVERIFY(hears(socket.get(), &heard, "\"resultType\":\"complete\""));
    }
};

QTEST_GUILESS_MAIN(TestMcpServerHttp)
#include "tst_McpServerHttp.moc"
