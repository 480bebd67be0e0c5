// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/ScriptedHttpServer.h"

#include <QTcpSocket>
#include <QTest>

using namespace lathe::test;

namespace {
// A blocking client that shows the raw bytes.
struct Client {
    QTcpSocket socket;
    explicit Client(const ScriptedHttpServer &server)
    {
        socket.connectToHost(QStringLiteral("127.0.0.1"), server.port());
        socket.waitForConnected(2000);
    }
    // Sends and reads until `end` came or the server closed or 2 s passed.
    QByteArray ask(const QByteArray &request, const QByteArray &end)
    {
        socket.write(request);
        QByteArray got;
        while (end.isEmpty() || !got.endsWith(end)) {
            if (!socket.waitForReadyRead(2000))
                break;
            got += socket.readAll();
        }
        return got;
    }
};
const QByteArray get = "GET /x?q=1 HTTP/1.1\r\nHost: a\r\nX-Two: b\r\n\r\n";
} // namespace

class TestScriptedHttpServer : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void answersInOrderOnOneConnection()
    {
        ScriptedHttpServer server;
        QVERIFY(server.start() > 0);
        server.enqueue(HttpReply::text(200, "first"));
        server.setHandler(
            [](const HttpSeen &request) { return HttpReply::json('"' + request.body + '"', 201); });
        Client client(server);
        QCOMPARE(client.ask(get, "first"),
                 "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nfirst");
        const QByteArray second =
            client.ask("POST /p HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc", "\"abc\"");
        QVERIFY(second.startsWith("HTTP/1.1 201 Created\r\n"));
        const QByteArray third = client.ask(
            "POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n",
            "\"def\"");
        QVERIFY(third.endsWith("\r\n\r\n\"def\""));
        const auto seen = server.requests();
        QCOMPARE(seen.size(), size_t(3));
        QCOMPARE(seen[0].method, "GET");
        QCOMPARE(seen[0].path, "/x?q=1");
        QCOMPARE(seen[0].header("x-two"), "b");
        QCOMPARE(seen[2].body, "def");
        QCOMPARE(seen[2].connection, 1);
        QCOMPARE(server.connections(), 1);
    }
    void requestCutIntoPieces()
    {
        ScriptedHttpServer server;
        server.start();
        server.enqueue(HttpReply::text(200, "ok"));
        Client client(server);
        for (const char c : QByteArray("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nh")) {
            client.socket.write(&c, 1);
            client.socket.waitForBytesWritten();
        }
        QCOMPARE(server.requestCount(), 0);
        QVERIFY(client.ask("i", "ok").endsWith("ok"));
        QCOMPARE(server.requests().at(0).body, "hi");
    }
    void chunksComeWithTheirDelays()
    {
        ScriptedHttpServer server;
        server.start();
        server.enqueue(HttpReply::sse({"data: 1\n\n", "data: 2\n\n"}, 60));
        Client client(server);
        QElapsedTimer timer;
        timer.start();
        const QByteArray got = client.ask(get, "0\r\n\r\n");
        QVERIFY(timer.elapsed() >= 115);
        QVERIFY(got.contains("text/event-stream"));
        QVERIFY(got.endsWith("\r\n\r\n9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n"));
    }
    void misbehaves_data()
    {
        QTest::addColumn<int>("row");
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("close before any byte") << 0 << QByteArray();
        QTest::newRow("cut after 20 bytes") << 1 << QByteArray("HTTP/1.1 200 OK\r\nCon");
        QTest::newRow("cut after one piece")
            << 2 << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
        QTest::newRow("wrong length")
            << 3
            << QByteArray(
                   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nab");
        QTest::newRow("garbage chunks")
            << 4
            << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz~\r\nsome "
                          "bytes\r\n0\r\n\r\n");
        QTest::newRow("malformed") << 5 << QByteArray("HELO there, this is no HTTP\r\n\r\nbody");
        QTest::newRow("cut within a made-up body")
            << 6 << "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + QByteArray(300, 'x');
    }
    void misbehaves()
    {
        QFETCH(int, row);
        QFETCH(QByteArray, bytes);
        ScriptedHttpServer server;
        server.start();
        const std::vector<HttpReply> replies{
            HttpReply::closeBeforeAnswer(),
            HttpReply::text(200, "body").cutAfterBytes(20),
            HttpReply::chunks({"a", "b"}).cutAfterPieces(1),
            HttpReply::text(200, "ab").claimingLength(9).thenClose(),
            HttpReply::garbageChunks(),
            HttpReply::malformedStatusLine(),
            HttpReply::huge(900'000).cutAfterBytes(43 + 300),
        };
        server.enqueue(replies[size_t(row)]);
        Client client(server);
        QCOMPARE(client.ask(get, QByteArray()), bytes);
        QCOMPARE(client.socket.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(server.disconnects(), 0); // the server closed, not the peer
    }
    void resets()
    {
        ScriptedHttpServer server;
        server.start();
        server.enqueue(HttpReply::resetBeforeAnswer());
        Client client(server);
        client.ask(get, QByteArray());
        QCOMPARE(client.socket.error(), QAbstractSocket::RemoteHostClosedError);
        QTRY_COMPARE_WITH_TIMEOUT(server.openConnections(), 0, 30'000);
    }
    void neverAnswersAndSeesThePeerGo()
    {
        ScriptedHttpServer server;
        server.start();
        server.enqueue(HttpReply::never());
        {
            Client client(server);
            client.socket.write(get);
            client.socket.flush();
            QVERIFY(server.waitForRequests(1));
            QVERIFY(!client.socket.waitForReadyRead(100));
            QCOMPARE(server.openConnections(), 1);
            QVERIFY(!server.waitForDisconnects(1, 1));
        }
        QVERIFY(server.waitForDisconnects(1));
        QCOMPARE(server.openConnections(), 0);
    }
    void hugeBodyIsWhole()
    {
        ScriptedHttpServer server;
        server.start();
        server.enqueue(HttpReply::huge(20'000'000).thenClose());
        Client client(server);
        QCOMPARE(client.ask(get, QByteArray()).size(),
                 20'000'000
                     + QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n").size());
    }
    void stopsAndListensAgain()
    {
        ScriptedHttpServer server;
        const quint16 port = server.start();
        Client client(server);
        server.enqueue(HttpReply::text(200, "ok"));
        client.ask(get, "ok");
        server.stop();
        QCOMPARE(client.ask(get, QByteArray()), QByteArray());
        QCOMPARE(server.start(port), port);
        server.enqueue(HttpReply::text(200, "again"));
        Client other(server);
        QVERIFY(other.ask(get, "again").endsWith("again"));
    }
};

QTEST_GUILESS_MAIN(TestScriptedHttpServer)
#include "tst_ScriptedHttpServer.moc"
