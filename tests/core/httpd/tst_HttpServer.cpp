// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/httpd/HttpdTesting.h"

#include "core/httpd/BodyInflater.h"
#include "core/httpd/HttpListen.h"

#include <QElapsedTimer>
#include <QTest>

#include <mutex>
#include <thread>

using namespace lathe;
using namespace lathe::test;

namespace {
constexpr qint64 maxBody = 256 << 10;

HttpServerOptions smallServer()
{
    HttpServerOptions options;
    options.paths = {"/v1/traces", "/v1/logs"};
    options.contentTypes = {"application/json", "application/x-protobuf"};
    options.maxBodyBytes = maxBody;
    options.maxRatio = 100;
    return options;
}

QByteArray noise(qsizetype size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    quint32 state = 12345;
    for (char &byte : bytes) {
        state = state * 1664525 + 1013904223;
        byte = char(state >> 24);
    }
    return bytes;
}
} // namespace

class TestHttpServer : public QObject
{
    Q_OBJECT

    HttpServer m_server;
    std::mutex m_mutex;
    std::vector<std::pair<quint64, HttpServerRequest>> m_held; // not answered yet

    // Answers at once with the hash of the body.
    bool startEcho(HttpServerOptions options)
    {
        return bool(m_server.start(std::move(options), [this](quint64 id, HttpServerRequest request) {
            m_server.answer(id, HttpServerAnswer(200, "text/plain", request.path + ' ' + QByteArray::number(request.body.size()) + ' '
                                                                        + QByteArray::number(qHash(request.body))));
        }));
    }
    bool startHolding(HttpServerOptions options)
    {
        return bool(m_server.start(std::move(options), [this](quint64 id, HttpServerRequest request) {
            const std::scoped_lock lock(m_mutex);
            m_held.emplace_back(id, std::move(request));
        }));
    }
    size_t held()
    {
        const std::scoped_lock lock(m_mutex);
        return m_held.size();
    }
    int answerHeld()
    {
        const std::scoped_lock lock(m_mutex);
        const int count = int(m_held.size());
        for (const auto &[id, request] : m_held)
            m_server.answer(id, HttpServerAnswer(200, "text/plain", "late"));
        m_held.clear();
        return count;
    }
    qint64 refused(HttpRefusal refusal) const { return m_server.counters().refused[int(refusal)]; }

private Q_SLOTS:
    // A bomb is known by what it makes of what came, long before it is too large.
    void bombsByTheirRatio()
    {
        const QByteArray bomb = compressed(QByteArray(20 << 20, 'a'));
        QVERIFY(bomb.size() < (20 << 20) / 300);
        QByteArray out;
        BodyInflater small(64 << 20, 300);
        QCOMPARE(small.add(bomb.constData(), size_t(bomb.size()), &out), BodyInflater::Status::Bomb);
        QVERIFY(out.size() < (10 << 20));
        out.clear();
        BodyInflater lenient(64 << 20, 3000);
        QCOMPARE(lenient.add(bomb.constData(), size_t(bomb.size()), &out), BodyInflater::Status::Ok);
        QCOMPARE(out.size(), 20 << 20);
    }

    void cleanup()
    {
        m_server.stop();
        m_held.clear();
    }

    void answers_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body"); // what the handler saw (200), or what the answer says
        const QByteArray text = "{\"a\":[" + QByteArray("1,").repeated(5000) + "1]}";
        const QByteArray gz = compressed(text);
        const QByteArray chunked = "Transfer-Encoding: chunked\r\n";
        const QByteArray gzip = "Content-Encoding: gzip\r\n";
        const auto row = [](const char *name, const QByteArray &bytes, int status, const QByteArray &body = {}) {
            QTest::newRow(name) << bytes << status << body;
        };
        row("plain", post(text), 200, text);
        row("empty body", post(""), 200, "");
        row("with charset", post(text, {}, "Application/JSON; charset=utf-8"), 200, text);
        row("chunked", post(inChunks(text), chunked), 200, text);
        row("gzip", post(gz, gzip), 200, text);
        row("gzip in tiny chunks", post(inChunks(gz, 1), gzip + chunked), 200, text);
        row("gzip, two members", post(gz + gz, gzip), 200, text + text);
        row("deflate", post(compressed(text, 15), "Content-Encoding: deflate\r\n"), 200, text);
        row("identity", post(text, "Content-Encoding: identity\r\n"), 200, text);
        row("as large as allowed", post(noise(maxBody)), 200, noise(maxBody));
        row("gzip of as much as allowed", post(compressed(noise(maxBody)), gzip), 200, noise(maxBody));
        row("by localhost", post(text, {}, "application/json", "/v1/logs", "localhost:4318"), 200, text);
        row("by IPv6 address", post(text, {}, "application/json", "/v1/traces", "[::1]:4318"), 200, text);
        row("HTTP/1.0 without host", "POST /v1/traces HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", 200, "{}");

        row("a name that is not ours", post(text, {}, "application/json", "/v1/traces", "evil.example:4318"), 403, "host name");
        row("unknown path", post(text, {}, "application/json", "/v1/trace"), 404, "/v1/traces");
        row("path above", post(text, {}, "application/json", "/../v1/traces"), 404);
        row("GET", "GET /v1/traces HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, "POST");
        row("OPTIONS of a browser", "OPTIONS /v1/traces HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n", 405);
        row("form", post("a=b", {}, "application/x-www-form-urlencoded"), 415, "application/json");
        row("no content type", "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}", 415);
        row("brotli", post(text, "Content-Encoding: br\r\n"), 415, "gzip");
        row("two encodings", post(text, "Content-Encoding: gzip, gzip\r\n"), 415);
        row("one byte too large", post(noise(maxBody + 1)), 413, "smaller");
        row("too large in chunks", post(inChunks(noise(maxBody + 1)), chunked), 413);
        row("too large when expanded", post(compressed(noise(maxBody + 1)), gzip), 413);
        row("gzip bomb", post(compressed(QByteArray(50 << 20, 'a')), gzip), 413);
        row("gzip bomb in members", post(compressed(QByteArray(200 << 10, 'a')).repeated(500), gzip), 413);
        row("announced too large", post("", "Content-Length: 99999999999\r\n"), 413);
        row("asks before too large a body", post("", "Content-Length: 1000000\r\nExpect: 100-continue\r\n"), 413);
        row("not gzip", post(text, gzip), 400, "damaged");
        row("gzip cut short", post(gz.left(gz.size() - 5), gzip), 400, "incomplete");
        row("garbage after gzip", post(gz + "garbage", gzip), 400);
        row("gzip with a wrong checksum", post(gz.left(gz.size() - 8) + QByteArray(8, 'x'), gzip), 400);
        row("negative length", post("", "Content-Length: -5\r\n"), 400);
        row("no HTTP", "\x16\x03\x01\x02 hello\r\n\r\n", 400);
        row("endless header", "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nX: " + QByteArray(200'000, 'a') + "\r\n\r\n", 431);
    }
    void answers()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        HttpServerOptions options = smallServer();
        QVERIFY(startEcho(options));
        RawClient client(m_server.port());
        const HttpReplySeen reply = client.ask(bytes);
        if (status == 431) { // which of the two it is, is the library's business
            QVERIFY2(reply.status == 431 || reply.status == 413 || reply.status == 0, reply.head.constData());
        } else {
            QCOMPARE(reply.status, status);
        }
        if (status == 200)
            QCOMPARE(reply.body.mid(reply.body.indexOf(' ') + 1), QByteArray::number(body.size()) + ' ' + QByteArray::number(qHash(body)));
        else
            QVERIFY2(reply.body.contains(body), reply.body.constData());
        QCOMPARE(reply.header("Allow"), QByteArray(status == 405 ? "POST" : ""));
        // The next one is served, whatever came before.
        RawClient next(m_server.port());
        QCOMPARE(next.ask(post("{}")).status, 200);
        QCOMPARE(m_server.counters().queuedBytes, 0);
    }

    void keepsTheConnectionAfterRefusals()
    {
        QVERIFY(startEcho(smallServer()));
        RawClient client(m_server.port());
        QCOMPARE(client.ask(post("{}")).status, 200);
        QCOMPARE(client.ask(post(noise(maxBody + 1))).status, 413);
        QCOMPARE(client.ask(post("{}", {}, "text/plain")).status, 415);
        QCOMPARE(client.ask(post(compressed("{}"), "Content-Encoding: gzip\r\n")).status, 200);
        // Two at once, answered in their order.
        client.write(post("{}", {}, "application/json", "/v1/logs") + post("[]"));
        QVERIFY(client.read().body.startsWith("/v1/logs"));
        QVERIFY(client.read().body.startsWith("/v1/traces"));
        QTRY_COMPARE_WITH_TIMEOUT(m_server.counters().requests, 6, 30'000);
    }

    void token()
    {
        HttpServerOptions options = smallServer();
        options.token = QStringLiteral("s3cret");
        QVERIFY(startEcho(options));
        RawClient client(m_server.port());
        QCOMPARE(client.ask(post("{}")).status, 401);
        QCOMPARE(client.ask(post("{}", "Authorization: Bearer wrong\r\n")).status, 401);
        QCOMPARE(client.ask(post("{}", "Authorization: Bearer s3cret1\r\n")).status, 401);
        QCOMPARE(client.ask(post("{}", "Authorization: Bearer \r\n")).status, 401);
        QCOMPARE(client.ask(post("{}", "Authorization: Basic s3cret\r\n")).status, 401);
        QCOMPARE(client.ask(post("{}", "authorization: bearer s3cret\r\n")).status, 200);
        QCOMPARE(client.ask(post("{}", "Authorization: Bearer s3cret\r\n", "application/json", "/v1/traces", "host.example")).status, 200);
        QTRY_COMPARE_WITH_TIMEOUT(refused(HttpRefusal::Token), 5, 30'000);
    }

    // Ten times what it can hold, and nobody who takes it.
    void floodIsRefusedAtOnce()
    {
        HttpServerOptions options = smallServer();
        options.maxQueuedRequests = 8;
        QVERIFY(startHolding(options));
        std::vector<std::unique_ptr<RawClient>> clients;
        const QByteArray request = post(noise(10'000));
        for (int i = 0; i < 80; ++i) {
            clients.push_back(std::make_unique<RawClient>(m_server.port()));
            clients.back()->write(request);
        }
        QTRY_COMPARE_WITH_TIMEOUT(refused(HttpRefusal::Busy), 72, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(held(), size_t(8), 30'000);
        QVERIFY(m_server.counters().queuedBytes >= 8 * 10'000);
        QCOMPARE(answerHeld(), 8);
        int ok = 0, busy = 0;
        for (const auto &client : clients) {
            const HttpReplySeen reply = client->read();
            ok += reply.status == 200;
            busy += reply.status == 503 && reply.header("Retry-After") == "1";
        }
        QCOMPARE(ok, 8);
        QCOMPARE(busy, 72);
        QCOMPARE(m_server.counters().queuedBytes, 0);
        clients.back()->write(request); // the same connection, when it is free again
        QTRY_COMPARE_WITH_TIMEOUT(held(), size_t(1), 30'000);
        answerHeld();
        QCOMPARE(clients.back()->read().status, 200);
    }

    void queueIsBoundedInBytes_data()
    {
        QTest::addColumn<bool>("zipped");
        QTest::newRow("plain") << false;
        QTest::newRow("expanding") << true;
    }
    void queueIsBoundedInBytes()
    {
        QFETCH(bool, zipped);
        HttpServerOptions options = smallServer();
        options.maxBodyBytes = 4 << 20;
        options.maxQueuedBytes = 8 << 20;
        options.maxRatio = 10'000;
        QVERIFY(startHolding(options));
        const QByteArray body = zipped ? compressed(noise(1 << 10).repeated(3 << 10)) : noise(3 << 20);
        const QByteArray request = zipped ? post(inChunks(body), "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n")
                                          : post(inChunks(body, 60'000), "Transfer-Encoding: chunked\r\n");
        std::vector<std::unique_ptr<RawClient>> clients;
        for (int i = 0; i < 20; ++i) {
            clients.push_back(std::make_unique<RawClient>(m_server.port()));
            clients.back()->write(request);
        }
        QTRY_VERIFY_WITH_TIMEOUT(held() >= 1 && qint64(held()) + refused(HttpRefusal::Busy) == 20, 30'000);
        QVERIFY(held() <= 2);
        // A body grows by doubling, so the last step may be over before it is refused.
        QVERIFY2(m_server.counters().queuedPeak <= options.maxQueuedBytes + options.maxBodyBytes, QByteArray::number(m_server.counters().queuedPeak).constData());
        QVERIFY(m_server.counters().queuedBytes <= options.maxQueuedBytes);
        answerHeld();
        QCOMPARE(m_server.counters().queuedBytes, 0);
    }

    void slowClientsAreCut()
    {
        HttpServerOptions options = smallServer();
        options.idleTimeoutSeconds = 2;
        options.requestTimeoutSeconds = 3;
        QVERIFY(startEcho(options));
        // One sends nothing, one a byte of a header now and then, one a byte of a body.
        RawClient silent(m_server.port()), header(m_server.port()), body(m_server.port());
        header.write("POST /v1/traces HTTP/1.1\r\nX-Slow: ");
        body.write("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n");
        RawClient good(m_server.port());
        for (int i = 0; i < 300 && m_server.counters().connections > 1; ++i) {
            header.write("a");
            body.write("a");
            if (i % 10 == 0)
                QCOMPARE(good.ask(post("{}")).status, 200); // they harm nobody
            QTest::qWait(50);
        }
        QVERIFY(silent.isClosed());
        QVERIFY(header.isClosed());
        QVERIFY(body.isClosed());
        QTRY_COMPARE_WITH_TIMEOUT(refused(HttpRefusal::CutOff), 1, 30'000); // the one that had begun a request
        QCOMPARE(m_server.counters().queuedBytes, 0);
    }

    void cutInTheBody()
    {
        QVERIFY(startEcho(smallServer()));
        for (int i = 0; i < 10; ++i) {
            RawClient client(m_server.port());
            client.write("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n" + noise(50'000));
            QTRY_VERIFY_WITH_TIMEOUT(m_server.counters().queuedBytes > 0, 30'000);
            client.cut();
            QTRY_COMPARE_WITH_TIMEOUT(refused(HttpRefusal::CutOff), i + 1, 30'000);
            QCOMPARE(m_server.counters().queuedBytes, 0);
        }
        RawClient client(m_server.port());
        QCOMPARE(client.ask(post("{}")).status, 200);
    }

    // A client that goes while its request is with the handler.
    void cutWhileHandled()
    {
        QVERIFY(startHolding(smallServer()));
        {
            RawClient client(m_server.port());
            client.write(post("{}"));
            QTRY_COMPARE_WITH_TIMEOUT(held(), size_t(1), 30'000);
        }
        QCOMPARE(answerHeld(), 1);
        m_server.answer(12345, HttpServerAnswer(200, "text/plain", "nobody asked"));
        RawClient client(m_server.port());
        client.write(post("{}"));
        QTRY_COMPARE_WITH_TIMEOUT(held(), size_t(1), 30'000);
        answerHeld();
        QCOMPARE(client.read().body, "late");
    }

    void stopWithRequestsUnderWay()
    {
        QVERIFY(startHolding(smallServer()));
        RawClient waiting(m_server.port()), sending(m_server.port()), idle(m_server.port());
        waiting.write(post("{}"));
        sending.write("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
        QTRY_COMPARE_WITH_TIMEOUT(held(), size_t(1), 30'000);
        QElapsedTimer timer;
        timer.start();
        m_server.stop();
        qInfo("stopped in %lld ms", timer.elapsed());
        QVERIFY(!m_server.isListening());
        QVERIFY(waiting.isClosed() && sending.isClosed() && idle.isClosed());
        answerHeld(); // too late, harmless
        QVERIFY(startEcho(smallServer()));
        RawClient again(m_server.port());
        QCOMPARE(again.ask(post("{}")).status, 200);
    }

    void refuseNewLetsTheOthersEnd()
    {
        QVERIFY(startHolding(smallServer()));
        RawClient first(m_server.port()), second(m_server.port());
        first.write(post("{}"));
        QTRY_COMPARE_WITH_TIMEOUT(held(), size_t(1), 30'000);
        m_server.refuseNew();
        QCOMPARE(second.ask(post("{}")).status, 503);
        answerHeld();
        QCOMPARE(first.read().status, 200);
    }

    void addresses_data()
    {
        QTest::addColumn<QString>("host");
        QTest::addColumn<QString>("error"); // part of it; empty: works
        QTest::newRow("loopback") << "127.0.0.1" << "";
        QTest::newRow("localhost") << "localhost" << "";
        QTest::newRow("all") << "0.0.0.0" << "";
        QTest::newRow("not of this machine") << "192.0.2.1" << "no address of this machine";
        QTest::newRow("name") << "collector.example" << "no address to listen on";
        QTest::newRow("nothing") << "" << "no address to listen on";
    }
    void addresses()
    {
        QFETCH(QString, host);
        QFETCH(QString, error);
        HttpServerOptions options = smallServer();
        options.host = host;
        const auto started = m_server.start(options, [](quint64, HttpServerRequest) {});
        QCOMPARE(bool(started), error.isEmpty());
        QVERIFY(started || started.error().message.contains(error));
        QCOMPARE(m_server.port() != 0, error.isEmpty());
    }

    void portTaken()
    {
        QVERIFY(startEcho(smallServer()));
        HttpServer second;
        HttpServerOptions options = smallServer();
        options.port = m_server.port();
        const auto started = second.start(options, [](quint64, HttpServerRequest) {});
        QVERIFY(!started);
        QCOMPARE(started.error().message, QStringLiteral("Port %1 is in use by another program; choose another.").arg(m_server.port()));
        RawClient client(m_server.port());
        QCOMPARE(client.ask(post("{}")).status, 200);
        // Free again at once when the first has gone.
        m_server.stop();
        QVERIFY(second.start(options, [](quint64, HttpServerRequest) {}));
    }

    void constantTimeCompare()
    {
        QVERIFY(equalInConstantTime("abc", "abc"));
        QVERIFY(!equalInConstantTime("abc", "abd"));
        QVERIFY(!equalInConstantTime("abc", "abcabc"));
        QVERIFY(!equalInConstantTime("abcabc", "abc"));
        QVERIFY(!equalInConstantTime("", "abc"));
        QVERIFY(!equalInConstantTime("abc", ""));
        QVERIFY(equalInConstantTime("", ""));
    }
};

QTEST_GUILESS_MAIN(TestHttpServer)
#include "tst_HttpServer.moc"
