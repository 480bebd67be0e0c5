// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/http/HttpTesting.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <arpa/inet.h>
#include <mutex>
#include <sys/socket.h>
#include <unistd.h>

using namespace lathe;
using namespace lathe::test;

namespace {
// A port of 127.0.0.1 at which connecting never succeeds and never fails: its queue is full and nobody accepts.
struct FullPort {
    int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    std::vector<int> clients;
    quint16 port = 0;
    FullPort()
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address);
        ::listen(listener, 0);
        socklen_t size = sizeof address;
        ::getsockname(listener, reinterpret_cast<sockaddr *>(&address), &size);
        port = ntohs(address.sin_port);
        for (int i = 0; i < 4; ++i) {
            clients.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
            [[maybe_unused]] const int ignored =
                ::connect(clients.back(), reinterpret_cast<sockaddr *>(&address), sizeof address);
        }
    }
    ~FullPort()
    {
        for (const int fd : clients)
            ::close(fd);
        ::close(listener);
    }
};
} // namespace

// What goes wrong between HttpClient and a server, and what is refused.
class TestHttpClientFailures : public HttpFixture
{
    Q_OBJECT
private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }

    void timeouts_data()
    {
        QTest::addColumn<int>("row");
        QTest::addColumn<QString>("message");
        QTest::newRow("first byte") << 0 << QStringLiteral("did not answer within 100 ms.");
        QTest::newRow("first byte, cut status line")
            << 1 << QStringLiteral("did not answer within 100 ms.");
        QTest::newRow("idle after the head")
            << 2 << QStringLiteral("stopped in the middle of its answer: nothing came for 100 ms.");
        QTest::newRow("idle in the body")
            << 3 << QStringLiteral("stopped in the middle of its answer: nothing came for 100 ms.");
        QTest::newRow("total") << 4 << QStringLiteral("took longer than 150 ms.");
        QTest::newRow("total with drops of the head")
            << 5 << QStringLiteral("took longer than 150 ms.");
    }
    void timeouts()
    {
        QFETCH(int, row);
        QFETCH(QString, message);
        const QList<QByteArray> many(1000, "x");
        const std::vector<HttpReply> replies{
            HttpReply::never(),
            HttpReply::text(200, "x").cutAfterBytes(8, HttpReply::Ending::Stall),
            HttpReply::stallAfterHead(),
            HttpReply::text(200, "body").cutAfterBytes(66, HttpReply::Ending::Stall),
            HttpReply::chunks(many, 10),
            HttpReply::text(200, "x").slowHead(0, 10)};
        server->enqueue(replies[size_t(row)]);
        HttpRequest request = requestFor(server->url());
        request.firstByteTimeoutMs = row < 2 ? 100 : 10'000;
        request.idleTimeoutMs = row < 4 ? 100 : 10'000;
        request.totalTimeoutMs = row >= 4 ? 150 : 0;
        QElapsedTimer timer;
        timer.start();
        const auto result = fetch(request);
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Timeout);
        QVERIFY2(result.error().message.endsWith(message), qPrintable(result.error().message));
        QVERIFY2(
            result.error().message.contains(QStringLiteral("127.0.0.1:%1").arg(server->port())),
            qPrintable(result.error().message));
        QVERIFY2(timer.elapsed() >= 95 && timer.elapsed() < 120'000,
                 qPrintable(QString::number(timer.elapsed())));
        QVERIFY(server->waitForDisconnects(1));
    }
    void connectTimeout()
    {
        FullPort full;
        HttpRequest request = requestFor(QStringLiteral("http://127.0.0.1:%1/").arg(full.port));
        request.connectTimeoutMs = 150;
        QElapsedTimer timer;
        timer.start();
        const auto result = fetch(request);
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Timeout);
        QVERIFY2(
            result.error().message.contains(
                QStringLiteral("Could not connect to 127.0.0.1:%1 within 150 ms").arg(full.port)),
            qPrintable(result.error().message));
        QVERIFY(timer.elapsed() < 120'000);
    }
    void slowButSteadyIsNoTimeout()
    {
        server->enqueue(HttpReply::sse({sseEvent(1), sseEvent(2), sseEvent(3), sseEvent(4), sseEvent(5), sseEvent(6)}, 300));
        HttpRequest request = requestFor(server->url());
        request.idleTimeoutMs = request.firstByteTimeoutMs = 1400; // in all it takes longer
        Streamed streamed;
        QCoro::waitFor(noteStream(client.get(), request, &streamed, CancelToken()));
        QVERIFY(*streamed.result);
        QCOMPARE(streamed.data, (QByteArrayList{"1", "2", "3", "4", "5", "6"}));
    }
    void longUploadIsNoTimeout()
    {
        // The server reads at once, so this only shows that a large body does not confuse the limit.
        server->setHandler(
            [](const HttpSeen &) { return HttpReply::text(200, "ok").slowHead(150); });
        HttpRequest request = requestFor(server->url(), "POST", QByteArray(30'000'000, 'u'));
        request.firstByteTimeoutMs = 60'000;
        const auto result = fetch(request);
        QVERIFY2(result, qPrintable(result ? QString() : result.error().message));
        QCOMPARE(server->requests().at(0).body.size(), 30'000'000);
        request.firstByteTimeoutMs = 60;
        QVERIFY(!fetch(request));
    }

    void peerFails_data()
    {
        QTest::addColumn<int>("row");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("message");
        const auto row = [](int number, const char *name, ErrorKind kind, const QString &message) {
            QTest::newRow(name) << number << int(kind) << message;
        };
        row(0, "close before any byte", ErrorKind::Unreachable,
            QStringLiteral("HOST closed the connection without an answer."));
        row(1, "reset before any byte", ErrorKind::Unreachable,
            QStringLiteral("HOST closed the connection without an answer."));
        row(2, "close in the body", ErrorKind::Unreachable,
            QStringLiteral("HOST closed the connection in the middle of its answer."));
        row(3, "reset in the body", ErrorKind::Unreachable,
            QStringLiteral("HOST closed the connection in the middle of its answer."));
        row(4, "cut between chunks", ErrorKind::Unreachable,
            QStringLiteral("HOST closed the connection in the middle of its answer."));
        row(5, "claims more than it sends", ErrorKind::Unreachable,
            QStringLiteral("HOST closed the connection in the middle of its answer."));
        row(6, "malformed status line", ErrorKind::Protocol,
            QStringLiteral("The answer of HOST is not HTTP. Check the address and the port."));
        row(7, "garbage chunks", ErrorKind::Protocol,
            QStringLiteral("The answer of HOST is malformed: its pieces have no valid length."));
        row(8, "damaged gzip", ErrorKind::Protocol,
            QStringLiteral("The compressed answer of HOST is damaged."));
        row(9, "endless head", ErrorKind::Protocol,
            QStringLiteral("The head of the answer of HOST does not end within 256 KB."));
        row(10, "cut in the head", ErrorKind::Unreachable,
            QStringLiteral("HOST closed the connection in the middle of its answer."));
    }
    void peerFails()
    {
        QFETCH(int, row);
        QFETCH(int, kind);
        QFETCH(QString, message);
        const std::vector<HttpReply> replies{
            HttpReply::closeBeforeAnswer(),
            HttpReply::resetBeforeAnswer(),
            HttpReply::text(200, "long body").cutAfterBytes(68),
            HttpReply::text(200, "long body").cutAfterBytes(68, HttpReply::Ending::Reset),
            HttpReply::chunks({"a", "b"}, 5).cutAfterPieces(1),
            HttpReply::text(200, "short").claimingLength(100).thenClose(),
            HttpReply::malformedStatusLine(),
            HttpReply::garbageChunks(),
            HttpReply::text(200, "this is no gzip at all").withHeader("Content-Encoding", "gzip"),
            HttpReply::rawBytes("HTTP/1.1 200 OK\r\n"
                                + QByteArray("X-Header: value\r\n").repeated(40'000)),
            HttpReply::text(200, "x").cutAfterBytes(25),
        };
        server->enqueue(replies[size_t(row)]);
        HttpRequest request = requestFor(server->url(QStringLiteral("/?key=SECRET-1")));
        request.headers = {{"Authorization", "Bearer SECRET-2"}};
        const auto result = fetch(request);
        QVERIFY(!result);
        QCOMPARE(errorKindName(result.error().kind), errorKindName(ErrorKind(kind)));
        QString expected = message;
        QCOMPARE(result.error().message,
                 expected.replace(QStringLiteral("HOST"),
                                  QStringLiteral("127.0.0.1:%1").arg(server->port())));
        QVERIFY(!result.error().cause.contains(QStringLiteral("SECRET")));
    }
    void cannotConnect_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("part");
        const auto row = [](const char *name, const char *url, ErrorKind kind, const char *part) {
            QTest::newRow(name) << QString::fromLatin1(url) << int(kind)
                                << QString::fromLatin1(part);
        };
        row("refused", "http://localhost:1/?key=SECRET", ErrorKind::Unreachable,
            "Could not connect to localhost:1: connection refused. Is the server running?");
        row("no such name", "http://no-such-host.invalid/SECRET", ErrorKind::Unreachable,
            "Could not find no-such-host.invalid:");
        row("tls to a plain port", "https://127.0.0.1:PLAIN/?key=SECRET", ErrorKind::Unreachable,
            "Could not make a secure connection to 127.0.0.1:PLAIN.");
        row("tls without an answer", "https://127.0.0.1:PORT/?key=SECRET", ErrorKind::Timeout,
            "127.0.0.1:PORT did not begin a secure connection within 500 ms.");
        row("other scheme", "file:///etc/passwd", ErrorKind::InvalidInput,
            "must begin with http:// or https://");
        row("no scheme", "localhost:11434", ErrorKind::InvalidInput,
            "must begin with http:// or https://");
        row("empty", "", ErrorKind::InvalidInput, "must begin with http:// or https://");
        row("no host", "http://", ErrorKind::InvalidInput, "is not a valid URL");
        row("bad port", "http://localhost:99999/SECRET", ErrorKind::InvalidInput,
            "is not a valid URL");
        row("space", "http://local host/SECRET", ErrorKind::InvalidInput, "is not a valid URL");
        row("user info stays out", "http://SECRET:SECRET@localhost:1/", ErrorKind::Unreachable,
            "connect to localhost:1: ");
    }
    void cannotConnect()
    {
        QFETCH(QString, url);
        QFETCH(int, kind);
        QFETCH(QString, part);
        QTcpServer plain; // answers whatever comes
        QVERIFY(plain.listen(QHostAddress::LocalHost));
        connect(&plain, &QTcpServer::newConnection, &plain, [&plain] {
            QTcpSocket *socket = plain.nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, socket, [socket] {
                socket->write("HTTP/1.1 400 Bad Request\r\n\r\n");
                socket->disconnectFromHost();
            });
        });
        for (QString *text : {&url, &part}) {
            text->replace(QStringLiteral("PORT"), QString::number(server->port()));
            text->replace(QStringLiteral("PLAIN"), QString::number(plain.serverPort()));
        }
        HttpRequest request = requestFor(url);
        request.connectTimeoutMs = kind == int(ErrorKind::Timeout) ? 500 : 20'000;
        const auto result = fetch(request);
        QVERIFY(!result);
        QVERIFY2(result.error().message.contains(part),
                 qPrintable(result.error().message + result.error().cause));
        QCOMPARE(errorKindName(result.error().kind), errorKindName(ErrorKind(kind)));
        QVERIFY2(
            !(result.error().message + result.error().cause).contains(QStringLiteral("SECRET")),
            qPrintable(result.error().cause));
        QVERIFY(result.error().message.endsWith(QLatin1Char('.'))
                || result.error().message.endsWith(QLatin1Char('?')));
    }
    void headersCannotSmuggle()
    {
        for (const auto &header : HttpHeaders{{"X-A", "1\r\nX-B: 2"},
                                              {"X A", "1"},
                                              {"X-A\r\nX-B", "1"},
                                              {"", "1"},
                                              {"X-A", QByteArray("a\0b", 3)}}) {
            HttpRequest request = requestFor(server->url());
            request.headers = {header};
            const auto result = fetch(request);
            QVERIFY(!result);
            QCOMPARE(result.error().kind, ErrorKind::InvalidInput);
        }
        QVERIFY(!fetch(requestFor(server->url(), "GET / HTTP/1.1\r\nX")));
        QCOMPARE(server->requestCount(), 0);
    }

    void bodyLimit_data()
    {
        QTest::addColumn<int>("row");
        QTest::addColumn<bool>("fits");
        QTest::newRow("announced") << 0 << false;
        QTest::newRow("in chunks") << 1 << false;
        QTest::newRow("gzip bomb") << 2 << false;
        QTest::newRow("event stream") << 3 << false;
        QTest::newRow("exactly") << 4 << true;
    }
    void bodyLimit()
    {
        QFETCH(int, row);
        QFETCH(bool, fits);
        const QByteArray bomb = gzip(QByteArray(20'000'000, '\0'));
        QVERIFY(bomb.size() < 50'000);
        const std::vector<HttpReply> replies{
            HttpReply::huge(1LL << 40),
            HttpReply::chunks(QList<QByteArray>(100, QByteArray(1000, 'x'))),
            HttpReply::text(200, bomb).withHeader("Content-Encoding", "gzip"),
            HttpReply::sse(QList<QByteArray>(10'000, sseEvent(1))), HttpReply::huge(50'000)};
        server->enqueue(replies[size_t(row)]);
        HttpRequest request = requestFor(server->url());
        request.maxBodyBytes = 50'000;
        Streamed streamed;
        const auto result = row == 3 ? await(client->stream(request, streamed.sink(), CancelToken()))
                                     : fetch(request);
        QCOMPARE(result.ok(), fits);
        if (fits) {
            QCOMPARE(result->body.size(), 50'000);
            return;
        }
        QCOMPARE(result.error().kind, ErrorKind::LimitReached);
        QVERIFY2(result.error().message.contains(QStringLiteral("is larger than the limit of")),
                 qPrintable(result.error().message));
        QVERIFY(row != 3 || streamed.data.size() > 4000);
    }

    void redirects()
    {
        ScriptedHttpServer other;
        other.start();
        server->setHandler([&](const HttpSeen &request) {
            if (request.path == "/a")
                return HttpReply::redirect("/b?x=1", 307);
            if (request.path == "/b?x=1")
                return HttpReply::redirect(other.url(QStringLiteral("/c")).toUtf8(), 303);
            return HttpReply::redirect("/a");
        });
        other.setHandler([](const HttpSeen &) { return HttpReply::text(200, "there"); });
        HttpRequest request = requestFor(server->url(QStringLiteral("/a")), "POST", "body");
        request.maxRedirects = 2;
        request.headers = {{"Authorization", "k"},
                           {"x-api-key", "k"},
                           {"Content-Type", "text/plain"},
                           {"X-Keep", "1"}};
        std::mutex mutex;
        QStringList asked;
        request.allowRedirect = [&](const QString &url) {
            const std::scoped_lock lock(mutex);
            asked.append(url);
            return true;
        };
        const auto result = fetch(request);
        QVERIFY2(result, qPrintable(result ? QString() : result.error().message));
        QCOMPARE(result->body, "there");
        QCOMPARE(result->effectiveUrl, other.url(QStringLiteral("/c")));
        QCOMPARE(asked, (QStringList{server->url(QStringLiteral("/b?x=1")),
                                     other.url(QStringLiteral("/c"))}));
        const auto second = server->requests().at(1);
        QCOMPARE(second.method, "POST");
        QCOMPARE(second.body, "body");
        QCOMPARE(second.header("authorization"), "k"); // the same server
        const auto last = other.requests().at(0);
        QCOMPARE(last.method, "GET");
        QCOMPARE(last.body, "");
        QVERIFY(last.header("authorization").isEmpty());
        QVERIFY(last.header("x-api-key").isEmpty());
        QVERIFY(last.header("content-type").isEmpty());
        QCOMPARE(last.header("x-keep"), "1");

        request.allowRedirect = [](const QString &url) {
            return !url.endsWith(QStringLiteral("/c"));
        };
        const auto denied = fetch(request);
        QVERIFY(!denied);
        QCOMPARE(denied.error().kind, ErrorKind::Denied);
        QCOMPARE(other.requestCount(), 1);

        request.allowRedirect = nullptr;
        request.maxRedirects = 1;
        const auto tooMany = fetch(request);
        QVERIFY(!tooMany);
        QCOMPARE(tooMany.error().kind, ErrorKind::Protocol);
        QCOMPARE(other.requestCount(), 1);
    }
    void redirectToAnotherSchemeIsRefused()
    {
        server->enqueue(HttpReply::redirect("file:///etc/passwd"));
        HttpRequest request = requestFor(server->url());
        request.maxRedirects = 5;
        const auto result = fetch(request);
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Protocol);
    }
    // What is announced to be too large is not waited for.
    void announcedTooLarge()
    {
        HttpReply reply = HttpReply::text(200, "begins");
        reply.contentLength = 10'000'000;
        server->enqueue(std::move(reply).cutAfterBytes(200, HttpReply::Ending::Stall));
        HttpRequest request = requestFor(server->url());
        request.maxBodyBytes = 1'000'000;
        request.totalTimeoutMs = 60'000;
        const auto result = fetch(request);
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::LimitReached);
    }
    void noOtherProtocols_data()
    {
        QTest::addColumn<QString>("url");
        for (const char *url : {"file:///etc/hostname", "ftp://127.0.0.1:%1/x", "gopher://127.0.0.1:%1/_x", "dict://127.0.0.1:%1/x", "telnet://127.0.0.1:%1/",
                                "tftp://127.0.0.1:%1/x", "ldap://127.0.0.1:%1/x", "smtp://127.0.0.1:%1/"})
            QTest::newRow(url) << QString::fromLatin1(url);
    }
    void noOtherProtocols()
    {
        QFETCH(QString, url);
        HttpRequest request = requestFor(url.replace(QStringLiteral("%1"), QString::number(server->port())));
        request.totalTimeoutMs = 20'000;
        const auto result = fetch(request);
        QVERIFY(!result);
        QVERIFY2(result.error().kind != ErrorKind::Timeout && result.error().kind != ErrorKind::Unreachable, qPrintable(result.error().message));
        QCOMPARE(server->connections(), 0);
    }
    // The proxy is what is connected to; what it is asked for is judged all the same.
    void numericHostsAreGuardedBehindAProxy()
    {
        server->setHandler([](const HttpSeen &) { return HttpReply::text(200, "inside"); });
        qputenv("http_proxy", QByteArray("http://127.0.0.1:") + QByteArray::number(server->port()));
        HttpClient proxied;
        HttpRequest request = requestFor(QStringLiteral("http://169.254.169.254/latest/meta-data"));
        request.allowAddress = [](const QString &, const QString &ip) { return ip == QLatin1String("127.0.0.1"); };
        const auto denied = await(proxied.fetch(request, CancelToken()));
        request.allowAddress = nullptr;
        const auto passed = await(proxied.fetch(request, CancelToken()));
        qunsetenv("http_proxy");
        QVERIFY(!denied);
        QCOMPARE(denied.error().kind, ErrorKind::Denied);
        QVERIFY2(passed.ok(), passed.ok() ? "" : qPrintable(passed.error().message)); // so that the above is not refused for another reason
        QCOMPARE(server->requestCount(), 1);
    }
    void addressesAreGuarded()
    {
        server->setHandler([](const HttpSeen &) { return HttpReply::text(200, "ok"); });
        QVERIFY(get()); // leaves an open connection, which the guard must see as well
        std::mutex mutex;
        QStringList asked;
        HttpRequest request = requestFor(server->url(QStringLiteral("/guarded")));
        request.allowAddress = [&](const QString &host, const QString &ip) {
            const std::scoped_lock lock(mutex);
            asked.append(host + QLatin1Char('=') + ip);
            return false;
        };
        auto result = fetch(request);
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Denied);
        QCOMPARE(result.error().message,
                 QStringLiteral("Connecting to 127.0.0.1:%1 is not allowed.").arg(server->port()));

        // By name: asked with each address, before anything is sent; also for a kept connection.
        const QString byName = QStringLiteral("http://localhost:%1/").arg(server->port());
        for (const bool kept : {false, true}) {
            asked.clear();
            if (kept)
                QVERIFY(fetch(requestFor(byName)));
            request.url = byName + QStringLiteral("guarded");
            result = fetch(request);
            QVERIFY(!result);
            QCOMPARE(result.error().kind, ErrorKind::Denied);
            QVERIFY2(asked.contains(QStringLiteral("localhost=127.0.0.1")),
                     qPrintable(asked.join(QLatin1Char(' '))));
        }
        request.allowAddress = [](const QString &, const QString &ip) {
            return ip == QLatin1String("127.0.0.1");
        };
        QVERIFY(fetch(request));
        request.allowAddress = [](const QString &, const QString &) -> bool {
            throw std::runtime_error("guard");
        };
        QVERIFY(!fetch(request));
        int reached = 0;
        for (const auto &seen : server->requests())
            reached += seen.path.contains("guarded") ? 1 : 0;
        QCOMPARE(reached, 1);
    }
    void redirectIsGuardedByAddress()
    {
        ScriptedHttpServer other;
        other.start();
        server->enqueue(
            HttpReply::redirect("http://[::1]:" + QByteArray::number(other.port()) + "/inside"));
        HttpRequest request = requestFor(server->url());
        request.maxRedirects = 5;
        request.allowAddress = [](const QString &, const QString &ip) {
            return ip == QLatin1String("127.0.0.1");
        };
        const auto result = fetch(request);
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Denied);
    }
};

QTEST_GUILESS_MAIN(TestHttpClientFailures)
#include "tst_HttpClientFailures.moc"
