// SPDX-License-Identifier: GPL-3.0-or-later
// The MCP server over HTTP, byte by byte.
#include "core/server/McpServerHttp.h"

#include "core/base/Json.h"
#include "core/session/Session.h"
#include "tests/support/Await.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
QJsonObject parsed(const char *text)
{
    const auto object = json::parseObject(text);
    if (!object)
        qFatal("bad JSON in a test: %s", qPrintable(object.error().message));
    return *object;
}

QJsonObject modern(const char *method, QJsonObject params = {}, const QJsonObject &capabilities = {})
{
    params.insert(QStringLiteral("_meta"), QJsonObject{{QStringLiteral("io.modelcontextprotocol/protocolVersion"), QStringLiteral("2026-07-28")},
                                                       {QStringLiteral("io.modelcontextprotocol/clientCapabilities"), capabilities}});
    return QJsonObject{{QStringLiteral("jsonrpc"), QStringLiteral("2.0")}, {QStringLiteral("id"), 1}, {QStringLiteral("method"), QLatin1String(method)}, {QStringLiteral("params"), params}};
}

QJsonObject legacy(const char *method, const QJsonObject &params = {}, int id = 1)
{
    return QJsonObject{{QStringLiteral("jsonrpc"), QStringLiteral("2.0")}, {QStringLiteral("id"), id}, {QStringLiteral("method"), QLatin1String(method)}, {QStringLiteral("params"), params}};
}

struct Answer {
    int status = 0;
    QByteArray head, body;
    QByteArray header(const QByteArray &name) const
    {
        for (const QByteArray &line : head.split('\n')) {
            if (line.toLower().startsWith(name.toLower() + ':'))
                return line.mid(name.size() + 1).trimmed();
        }
        return QByteArray();
    }
    QJsonObject json() const { return json::parseObject(body).valueOr(QJsonObject()); }
    int code() const { return json().value(QStringLiteral("error")).toObject().value(QStringLiteral("code")).toInt(); }
};

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

class TestMcpServerHttp : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    int m_number = 0;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<McpServerOffer> m_offer;
    std::unique_ptr<McpServerRuns> m_runs;
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
    static Answer read(QTcpSocket *socket)
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
        Answer answer;
        const qsizetype head = bytes.indexOf("\r\n\r\n");
        answer.head = bytes.left(head);
        answer.body = bytes.mid(head + 4);
        answer.status = answer.head.mid(9, 3).toInt();
        return answer;
    }
    Answer ask(const QByteArray &method, const QByteArray &headers, const QByteArray &body = {}) const
    {
        const auto socket = begin(method, headers, body);
        return read(socket.get());
    }
    Answer post(const QByteArray &headers, const QJsonObject &message) const { return ask("POST", headers, json::compact(message)); }
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
        const QString path = m_folder.filePath(QStringLiteral("p%1.lathe").arg(++m_number));
        QVERIFY(await(Session::createProject(path, QStringLiteral("feedback-desk"))).ok());
        auto session = Session::open(path, SessionOptions());
        QVERIFY(session.ok());
        m_session = std::move(*session);
        m_offer = std::make_unique<McpServerOffer>(m_session.get());
        m_runs = std::make_unique<McpServerRuns>(m_offer.get());
        m_server = std::make_unique<McpServerHttp>(m_offer.get(), m_runs.get());
    }
    void cleanup()
    {
        m_server.reset();
        m_runs.reset();
        m_offer.reset();
        m_session.reset();
    }

    void checksTheHeaders_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("headers");
        QTest::addColumn<QJsonObject>("message");
        QTest::addColumn<int>("status");
        QTest::addColumn<int>("code");
        const QJsonObject list = modern("tools/list");
        const QJsonObject call = modern("tools/call", parsed("{\"name\":\"list_runs\",\"arguments\":{}}"));
        const QByteArray version = "MCP-Protocol-Version: 2026-07-28\r\n";
        QTest::newRow("right") << QByteArray("POST") << standard(list) << list << 200 << 0;
        QTest::newRow("right call") << QByteArray("POST") << standard(call) << call << 200 << 0;
        QTest::newRow("name in base64") << QByteArray("POST") << QByteArray(version + "Mcp-Method: tools/call\r\nMcp-Name: =?base64?bGlzdF9ydW5z?=\r\n") << call << 200 << 0;
        QTest::newRow("no method header") << QByteArray("POST") << version << list << 400 << -32020;
        QTest::newRow("other method") << QByteArray("POST") << QByteArray(version + "Mcp-Method: tools/List\r\n") << list << 400 << -32020;
        QTest::newRow("no name header") << QByteArray("POST") << QByteArray(version + "Mcp-Method: tools/call\r\n") << call << 400 << -32020;
        QTest::newRow("other version") << QByteArray("POST") << QByteArray("MCP-Protocol-Version: 2025-11-25\r\nMcp-Method: tools/list\r\n") << list << 400 << -32020;
        QTest::newRow("unknown session") << QByteArray("POST") << QByteArray("Mcp-Session-Id: abc\r\n") << legacy("tools/list") << 404 << -32600;
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
        const Answer answer = ask(method, headers, message.isEmpty() ? QByteArray() : json::compact(message));
        QVERIFY2(answer.status == status, (answer.head + '\n' + answer.body).constData());
        QCOMPARE(answer.code(), code);
        if (status == 200)
            QVERIFY(answer.json().contains(QStringLiteral("result")));
    }

    void asksForTheToken()
    {
        start(QStringLiteral("s3cret-token"));
        const QJsonObject list = modern("tools/list");
        QCOMPARE(post(standard(list), list).status, 401);
        QCOMPARE(post(standard(list) + "Authorization: Bearer wrong\r\n", list).status, 401);
        QCOMPARE(post(standard(list) + "Authorization: Bearer s3cret-token\r\n", list).status, 200);
    }

    void brokenBodiesAreRefused()
    {
        start();
        for (const QByteArray &body : {QByteArray("{"), QByteArray("\xff\xfe"), QByteArray()})
            QCOMPARE(ask("POST", "", body).code(), -32700);
        QCOMPARE(ask("POST", "", "[]").status, 400);
        QCOMPARE(ask("POST", "", QByteArray(200'000, '[')).status, 400);
    }

    void sessionsLiveAndDie()
    {
        start();
        const Answer opened = post("", legacy("initialize", parsed("{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{}}")));
        QCOMPARE(opened.status, 200);
        const QByteArray session = "Mcp-Session-Id: " + opened.header("mcp-session-id") + "\r\nMCP-Protocol-Version: 2025-11-25\r\n";
        QVERIFY(opened.header("mcp-session-id").size() >= 32);
        QCOMPARE(post(session, parsed("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}")).status, 202);
        QVERIFY(post(session, legacy("tools/list")).json().contains(QStringLiteral("result")));
        QCOMPARE(post("Mcp-Session-Id: " + opened.header("mcp-session-id") + "\r\nMCP-Protocol-Version: 2019-01-01\r\n", legacy("tools/list")).status, 400);
        // What changes comes on the session's stream.
        const auto stream = begin("GET", session, {});
        QByteArray heard;
        QVERIFY(QTest::qWaitFor([&] {
            heard += stream->readAll();
            return heard.contains("text/event-stream") && heard.contains(":\n\n");
        }, 30'000));
        QVERIFY(await(m_session->createArtifact(ArtifactKind::Prompt, QStringLiteral("fresh"), parsed("{\"text\":\"x\"}"))).ok());
        QVERIFY(QTest::qWaitFor([&] {
            heard += stream->readAll();
            return heard.contains("notifications/prompts/list_changed");
        }, 30'000));
        QCOMPARE(ask("DELETE", session).status, 204);
        QCOMPARE(post(session, legacy("tools/list")).status, 404);
        QVERIFY(QTest::qWaitFor([&] { // its end
            heard += stream->readAll();
            return heard.endsWith("0\r\n\r\n") || stream->state() == QAbstractSocket::UnconnectedState;
        }, 30'000));
        // There is room for so many; the one unused longest goes.
        QByteArray first;
        for (int i = 0; i <= McpServerHttp::maxSessions; ++i) {
            const Answer one = post("", legacy("initialize", parsed("{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{}}")));
            if (i == 0)
                first = "Mcp-Session-Id: " + one.header("mcp-session-id") + "\r\n";
        }
        QCOMPARE(post(first, legacy("tools/list")).status, 404);
    }

    void whoeverLeavesAModernRequestStopsItsRun()
    {
        // A model that never answers keeps the run going.
        Stall stall;
        const QJsonObject connection{{QStringLiteral("api"), QStringLiteral("openai_chat")}, {QStringLiteral("base_url"), stall.url()}};
        QVERIFY(await(m_session->createArtifact(ArtifactKind::Connection, QStringLiteral("stalls"), connection)).ok());
        const QJsonObject agent = parsed("{\"job\":\"Wait.\",\"instructions\":\"Wait.\",\"model\":{\"connection\":\"stalls\",\"model\":\"m\"},\"pattern\":\"direct\"}");
        QVERIFY(await(m_session->createArtifact(ArtifactKind::Agent, QStringLiteral("waiter"), agent)).ok());
        start();
        const QJsonObject call = modern("tools/call", parsed("{\"name\":\"waiter\",\"arguments\":{\"input\":\"x\"}}"));
        auto socket = begin("POST", standard(call), json::compact(call));
        QVERIFY(QTest::qWaitFor([&] { return !m_session->running().empty(); }, 30'000));
        QByteArray heard;
        QVERIFY(QTest::qWaitFor([&] { // it became a stream
            heard += socket->readAll();
            return heard.contains("text/event-stream");
        }, 30'000));
        socket->abort();
        QVERIFY(QTest::qWaitFor([&] { return m_session->running().empty(); }, 30'000));
    }

    void endsInOrder()
    {
        start();
        const QJsonObject listen = modern("subscriptions/listen", parsed("{\"notifications\":{\"toolsListChanged\":true}}"));
        const auto socket = begin("POST", standard(listen), json::compact(listen));
        QByteArray heard;
        QVERIFY(QTest::qWaitFor([&] {
            heard += socket->readAll();
            return heard.contains("notifications/subscriptions/acknowledged");
        }, 30'000));
        const auto stopped = [&]() -> Task<bool> {
            co_await m_server->stop();
            co_return true;
        };
        QVERIFY(await(stopped()));
        QVERIFY(QTest::qWaitFor([&] {
            heard += socket->readAll();
            return heard.contains("\"resultType\":\"complete\"");
        }, 30'000));
    }
};

QTEST_GUILESS_MAIN(TestMcpServerHttp)
#include "tst_McpServerHttp.moc"
