// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/HttpClient.h"
#include "tests/support/ScriptedHttpServer.h"

#include <QTest>
#include <QTimer>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>

using namespace lathe;
using namespace lathe::test;

namespace {
HttpRequest requestFor(const QString &url, const QByteArray &method = "GET", const QByteArray &body = QByteArray())
{
    HttpRequest request;
    request.url = url;
    request.method = method;
    request.body = body;
    return request;
}

// What a stream gave: its events' data in order, and how it ended.
struct Streamed {
    QByteArrayList data;
    int batches = 0;
    std::optional<Result<HttpResponse>> result;
    bool eventAfterEnd = false;
    HttpClient::SseSink sink()
    {
        return [this](std::vector<SseEvent> events) {
            eventAfterEnd |= result.has_value();
            ++batches;
            for (auto &event : events)
                data.append(std::move(event.data));
        };
    }
};

Task<> noteStream(HttpClient *client, HttpRequest request, Streamed *out, CancelToken cancel)
{
    auto result = co_await client->stream(std::move(request), out->sink(), std::move(cancel));
    out->result = std::move(result);
}

Task<> noteFetch(HttpClient *client, HttpRequest request, std::optional<Result<HttpResponse>> *out, CancelToken cancel)
{
    auto result = co_await client->fetch(std::move(request), std::move(cancel));
    *out = std::move(result);
}

Task<int> fetchMany(HttpClient *client, QString url, int count)
{
    int good = 0;
    for (int i = 0; i < count; ++i) {
        const auto result = co_await client->fetch(requestFor(url), CancelToken());
        good += result && result->status == 200 ? 1 : 0;
    }
    co_return good;
}

QByteArray sseEvent(int number)
{
    return "data: " + QByteArray::number(number) + "\n\n";
}

quint32 crc32(const QByteArray &bytes)
{
    quint32 crc = ~0u;
    for (const char c : bytes) {
        crc ^= quint8(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0u);
    }
    return ~crc;
}

QByteArray gzip(const QByteArray &bytes)
{
    const QByteArray zlib = qCompress(bytes, 9); // 4 bytes length, 2 bytes head, deflate, 4 bytes sum
    QByteArray out("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
    out += zlib.mid(6, zlib.size() - 10);
    for (const quint32 value : {crc32(bytes), quint32(bytes.size())}) {
        for (int shift = 0; shift < 32; shift += 8)
            out += char(value >> shift);
    }
    return out;
}

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
}

class TestHttpClient : public QObject
{
    Q_OBJECT
    std::unique_ptr<ScriptedHttpServer> server;
    std::unique_ptr<HttpClient> client;

    Result<HttpResponse> fetch(HttpRequest request)
    {
        return QCoro::waitFor(client->fetch(std::move(request), CancelToken()));
    }
    Result<HttpResponse> get(const QString &path = QStringLiteral("/")) { return fetch(requestFor(server->url(path))); }

private Q_SLOTS:
    void init()
    {
        server = std::make_unique<ScriptedHttpServer>();
        QVERIFY(server->start() > 0);
        client = std::make_unique<HttpClient>();
    }
    void cleanup()
    {
        if (client)
            QCOMPARE(client->active(), 0);
        client.reset();
        server.reset();
    }

    void done()
    {
        server->enqueue(HttpReply::text(200, "hello").withHeader("X-Mixed", " a b "));
        HttpRequest request = requestFor(server->url(QStringLiteral("/p?q=1")), "POST", "{\"a\":1}");
        request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}, {"Authorization", "Bearer k"}};
        const auto result = fetch(request);
        QVERIFY2(result, qPrintable(result ? QString() : result.error().message));
        QCOMPARE(result->status, 200);
        QCOMPARE(result->body, "hello");
        QCOMPARE(headerValue(result->headers, "x-mixed"), "a b");
        QCOMPARE(result->effectiveUrl, request.url);
        QVERIFY(result->firstByteUs > 0 && result->firstByteUs <= result->totalUs);
        const auto seen = server->requests().at(0);
        QCOMPARE(seen.method, "POST");
        QCOMPARE(seen.path, "/p?q=1");
        QCOMPARE(seen.body, "{\"a\":1}");
        QCOMPARE(seen.header("content-type"), "application/json");
        QCOMPARE(seen.header("authorization"), "Bearer k");
        QCOMPARE(seen.header("user-agent"), "Lathe/" LATHE_VERSION);
        QVERIFY(seen.header("expect").isEmpty());
        bool empty = false;
        for (const auto &[name, value] : seen.headers)
            empty |= name == "X-Empty" && value.isEmpty();
        QVERIFY(empty);
    }
    void methods_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("body");
        for (const char *method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
            QTest::newRow(method) << QByteArray(method) << QByteArray();
            QTest::addRow("%s with body", method) << QByteArray(method) << QByteArray("abc");
        }
        QTest::newRow("HEAD") << QByteArray("HEAD") << QByteArray();
        QTest::newRow("big POST") << QByteArray("POST") << QByteArray(3'000'000, 'b');
    }
    void methods()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, body);
        server->setHandler([](const HttpSeen &) { return HttpReply::text(200, "answer"); });
        for (int i = 0; i < 2; ++i) { // a used handle keeps nothing of the request before
            const auto result = fetch(requestFor(server->url(), method, body));
            QVERIFY(result);
            QCOMPARE(result->body, method == "HEAD" ? "" : "answer");
            const auto seen = server->requests().back();
            QCOMPARE(seen.method, method);
            QCOMPARE(seen.body, body);
            QVERIFY(seen.header("content-type").isEmpty());
            const auto plain = get();
            QVERIFY(plain);
            QCOMPARE(server->requests().back().method, "GET");
        }
        QCOMPARE(server->connections(), 1);
    }
    void anyStatusIsAResponse_data()
    {
        QTest::addColumn<int>("status");
        for (const int status : {201, 204, 302, 304, 400, 401, 404, 429, 500, 503})
            QTest::addRow("%d", status) << status;
    }
    void anyStatusIsAResponse()
    {
        QFETCH(int, status);
        server->enqueue(HttpReply::text(status, "why").withHeader("Location", "/elsewhere"));
        const auto result = get();
        QVERIFY(result);
        QCOMPARE(result->status, status);
        QCOMPARE(result->body, status == 204 || status == 304 ? "" : "why");
        QCOMPARE(server->requestCount(), 1);
    }
    void interimAnswersAreSkipped()
    {
        server->enqueue(HttpReply::rawBytes("HTTP/1.1 103 Early Hints\r\nX-A: 1\r\n\r\n"
                                            "HTTP/1.1 200 OK\r\nX-B: 2\r\nContent-Length: 2\r\n\r\nok"));
        const auto result = get();
        QVERIFY(result);
        QCOMPARE(result->status, 200);
        QCOMPARE(result->headers, (HttpHeaders{{"X-B", "2"}, {"Content-Length", "2"}}));
        QCOMPARE(result->body, "ok");
    }
    void compressedAnswerIsUnpacked()
    {
        const QByteArray text = QByteArray("lathe ").repeated(10'000);
        server->enqueue(HttpReply::text(200, gzip(text)).withHeader("Content-Encoding", "gzip"));
        const auto result = get();
        QVERIFY(result);
        QCOMPARE(result->body, text);
        QVERIFY(server->requests().at(0).header("accept-encoding").contains("gzip"));
    }

    void alreadyCancelled()
    {
        CancelSource source;
        source.cancel();
        const auto result = QCoro::waitFor(client->fetch(requestFor(server->url()), source.token()));
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Cancelled);
        QVERIFY(!server->waitForRequests(1, 50));
    }
    void cancelReturnsAtOnce()
    {
        server->enqueue(HttpReply::never());
        CancelSource source;
        std::optional<Result<HttpResponse>> result;
        const auto task = noteFetch(client.get(), requestFor(server->url()), &result, source.token());
        QVERIFY(server->waitForRequests(1));
        QVERIFY(!result);
        QCOMPARE(client->active(), 1);
        source.cancel();
        QVERIFY(result); // without a turn of the event loop
        QCOMPARE(result->error().kind, ErrorKind::Cancelled);
        QCOMPARE(client->active(), 0);
        QVERIFY(server->waitForDisconnects(1, 1000));
    }
    void cancelBeforeTheThreadSawIt()
    {
        server->setHandler([](const HttpSeen &) { return HttpReply::text(200, "ok"); });
        for (int i = 0; i < 200; ++i) {
            CancelSource source;
            std::optional<Result<HttpResponse>> result;
            const auto task = noteFetch(client.get(), requestFor(server->url()), &result, source.token());
            if (i % 2)
                QTest::qSleep(0);
            source.cancel();
            QVERIFY(result && !*result);
        }
        QVERIFY(get()); // the client is still of use
    }
    void cancelMidStream()
    {
        QList<QByteArray> pieces;
        for (int i = 0; i < 1000; ++i)
            pieces.append(sseEvent(i));
        server->enqueue(HttpReply::sse(pieces, 5));
        CancelSource source;
        Streamed streamed;
        const auto task = noteStream(client.get(), requestFor(server->url()), &streamed, source.token());
        QTRY_VERIFY(streamed.data.size() >= 3);
        QElapsedTimer timer;
        timer.start();
        source.cancel();
        QVERIFY(streamed.result && !*streamed.result);
        QCOMPARE(streamed.result->error().kind, ErrorKind::Cancelled);
        const auto count = streamed.data.size();
        QVERIFY(server->waitForDisconnects(1, 100));
        QVERIFY(timer.elapsed() < 100);
        QTest::qWait(50);
        QCOMPARE(streamed.data.size(), count);
        QVERIFY(!streamed.eventAfterEnd);
    }
    void cancelWithinTheSink()
    {
        server->enqueue(HttpReply::sse({sseEvent(1) + sseEvent(2), sseEvent(3)}, 5));
        CancelSource source;
        int calls = 0;
        const auto sink = [&](std::vector<SseEvent>) {
            ++calls;
            source.cancel();
        };
        const auto result = QCoro::waitFor(client->stream(requestFor(server->url()), sink, source.token()));
        QCOMPARE(result.error().kind, ErrorKind::Cancelled);
        QTest::qWait(30);
        QCOMPARE(calls, 1);
    }

    void timeouts_data()
    {
        QTest::addColumn<int>("row");
        QTest::addColumn<QString>("message");
        QTest::newRow("first byte") << 0 << QStringLiteral("did not answer within 100 ms.");
        QTest::newRow("first byte, cut status line") << 1 << QStringLiteral("did not answer within 100 ms.");
        QTest::newRow("idle after the head") << 2 << QStringLiteral("stopped in the middle of its answer: nothing came for 100 ms.");
        QTest::newRow("idle in the body") << 3 << QStringLiteral("stopped in the middle of its answer: nothing came for 100 ms.");
        QTest::newRow("total") << 4 << QStringLiteral("took longer than 150 ms.");
        QTest::newRow("total with drops of the head") << 5 << QStringLiteral("took longer than 150 ms.");
    }
    void timeouts()
    {
        QFETCH(int, row);
        QFETCH(QString, message);
        const QList<QByteArray> many(1000, "x");
        const std::vector<HttpReply> replies{HttpReply::never(),
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
        QVERIFY2(result.error().message.contains(QStringLiteral("127.0.0.1:%1").arg(server->port())),
                 qPrintable(result.error().message));
        QVERIFY2(timer.elapsed() >= 95 && timer.elapsed() < 2000, qPrintable(QString::number(timer.elapsed())));
        QVERIFY(server->waitForDisconnects(1, 1000));
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
        QVERIFY2(result.error().message.contains(QStringLiteral("Could not connect to 127.0.0.1:%1 within 150 ms").arg(full.port)),
                 qPrintable(result.error().message));
        QVERIFY(timer.elapsed() < 2000);
    }
    void slowButSteadyIsNoTimeout()
    {
        server->enqueue(HttpReply::sse({sseEvent(1), sseEvent(2), sseEvent(3), sseEvent(4)}, 70));
        HttpRequest request = requestFor(server->url());
        request.idleTimeoutMs = request.firstByteTimeoutMs = 200; // in all it takes longer
        Streamed streamed;
        QCoro::waitFor(noteStream(client.get(), request, &streamed, CancelToken()));
        QVERIFY(*streamed.result);
        QCOMPARE(streamed.data, (QByteArrayList{"1", "2", "3", "4"}));
    }
    void longUploadIsNoTimeout()
    {
        // The server reads at once, so this only shows that a large body does not confuse the limit.
        server->setHandler([](const HttpSeen &) { return HttpReply::text(200, "ok").slowHead(150); });
        HttpRequest request = requestFor(server->url(), "POST", QByteArray(30'000'000, 'u'));
        request.firstByteTimeoutMs = 2000;
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
        row(0, "close before any byte", ErrorKind::Unreachable, QStringLiteral("HOST closed the connection without an answer."));
        row(1, "reset before any byte", ErrorKind::Unreachable, QStringLiteral("HOST closed the connection without an answer."));
        row(2, "close in the body", ErrorKind::Unreachable, QStringLiteral("HOST closed the connection in the middle of its answer."));
        row(3, "reset in the body", ErrorKind::Unreachable, QStringLiteral("HOST closed the connection in the middle of its answer."));
        row(4, "cut between chunks", ErrorKind::Unreachable, QStringLiteral("HOST closed the connection in the middle of its answer."));
        row(5, "claims more than it sends", ErrorKind::Unreachable, QStringLiteral("HOST closed the connection in the middle of its answer."));
        row(6, "malformed status line", ErrorKind::Protocol, QStringLiteral("The answer of HOST is not HTTP. Check the address and the port."));
        row(7, "garbage chunks", ErrorKind::Protocol, QStringLiteral("The answer of HOST is malformed: its pieces have no valid length."));
        row(8, "damaged gzip", ErrorKind::Protocol, QStringLiteral("The compressed answer of HOST is damaged."));
        row(9, "endless head", ErrorKind::Protocol, QStringLiteral("The head of the answer of HOST does not end within 256 KB."));
        row(10, "cut in the head", ErrorKind::Unreachable, QStringLiteral("HOST closed the connection in the middle of its answer."));
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
            HttpReply::rawBytes("HTTP/1.1 200 OK\r\n" + QByteArray("X-Header: value\r\n").repeated(40'000)),
            HttpReply::text(200, "x").cutAfterBytes(25),
        };
        server->enqueue(replies[size_t(row)]);
        HttpRequest request = requestFor(server->url(QStringLiteral("/?key=SECRET-1")));
        request.headers = {{"Authorization", "Bearer SECRET-2"}};
        const auto result = fetch(request);
        QVERIFY(!result);
        QCOMPARE(errorKindName(result.error().kind), errorKindName(ErrorKind(kind)));
        QString expected = message;
        QCOMPARE(result.error().message, expected.replace(QStringLiteral("HOST"), QStringLiteral("127.0.0.1:%1").arg(server->port())));
        QVERIFY(!result.error().cause.contains(QStringLiteral("SECRET")));
    }
    void cannotConnect_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("part");
        const auto row = [](const char *name, const char *url, ErrorKind kind, const char *part) {
            QTest::newRow(name) << QString::fromLatin1(url) << int(kind) << QString::fromLatin1(part);
        };
        row("refused", "http://localhost:1/?key=SECRET", ErrorKind::Unreachable,
            "Could not connect to localhost:1: connection refused. Is the server running?");
        row("no such name", "http://no-such-host.invalid/SECRET", ErrorKind::Unreachable, "Could not find no-such-host.invalid:");
        row("tls to a plain port", "https://127.0.0.1:PORT/?key=SECRET", ErrorKind::Unreachable,
            "Could not make a secure connection to 127.0.0.1:PORT.");
        row("other scheme", "file:///etc/passwd", ErrorKind::InvalidInput, "must begin with http:// or https://");
        row("no scheme", "localhost:11434", ErrorKind::InvalidInput, "must begin with http:// or https://");
        row("empty", "", ErrorKind::InvalidInput, "must begin with http:// or https://");
        row("no host", "http://", ErrorKind::InvalidInput, "is not a valid URL");
        row("bad port", "http://localhost:99999/SECRET", ErrorKind::InvalidInput, "is not a valid URL");
        row("space", "http://local host/SECRET", ErrorKind::InvalidInput, "is not a valid URL");
        row("user info stays out", "http://SECRET:SECRET@localhost:1/", ErrorKind::Unreachable, "connect to localhost:1: ");
    }
    void cannotConnect()
    {
        QFETCH(QString, url);
        QFETCH(int, kind);
        QFETCH(QString, part);
        for (QString *text : {&url, &part})
            text->replace(QStringLiteral("PORT"), QString::number(server->port()));
        const auto result = fetch(requestFor(url));
        QVERIFY(!result);
        QVERIFY2(result.error().message.contains(part), qPrintable(result.error().message + result.error().cause));
        QCOMPARE(errorKindName(result.error().kind), errorKindName(ErrorKind(kind)));
        QVERIFY2(!(result.error().message + result.error().cause).contains(QStringLiteral("SECRET")),
                 qPrintable(result.error().cause));
        QVERIFY(result.error().message.endsWith(QLatin1Char('.')) || result.error().message.endsWith(QLatin1Char('?')));
    }
    void headersCannotSmuggle()
    {
        for (const auto &header : HttpHeaders{{"X-A", "1\r\nX-B: 2"}, {"X A", "1"}, {"X-A\r\nX-B", "1"}, {"", "1"}, {"X-A", QByteArray("a\0b", 3)}}) {
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
        const std::vector<HttpReply> replies{HttpReply::huge(1LL << 40), HttpReply::chunks(QList<QByteArray>(100, QByteArray(1000, 'x'))),
                                             HttpReply::text(200, bomb).withHeader("Content-Encoding", "gzip"),
                                             HttpReply::sse(QList<QByteArray>(10'000, sseEvent(1))), HttpReply::huge(50'000)};
        server->enqueue(replies[size_t(row)]);
        HttpRequest request = requestFor(server->url());
        request.maxBodyBytes = 50'000;
        Streamed streamed;
        const auto result = row == 3 ? QCoro::waitFor(client->stream(request, streamed.sink(), CancelToken())) : fetch(request);
        QCOMPARE(result.ok(), fits);
        if (fits) {
            QCOMPARE(result->body.size(), 50'000);
            return;
        }
        QCOMPARE(result.error().kind, ErrorKind::LimitReached);
        QVERIFY2(result.error().message.contains(QStringLiteral("is larger than the limit of")), qPrintable(result.error().message));
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
        request.headers = {{"Authorization", "k"}, {"x-api-key", "k"}, {"Content-Type", "text/plain"}, {"X-Keep", "1"}};
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
        QCOMPARE(asked, (QStringList{server->url(QStringLiteral("/b?x=1")), other.url(QStringLiteral("/c"))}));
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

        request.allowRedirect = [](const QString &url) { return !url.endsWith(QStringLiteral("/c")); };
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
        QCOMPARE(result.error().message, QStringLiteral("Connecting to 127.0.0.1:%1 is not allowed.").arg(server->port()));

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
            QVERIFY2(asked.contains(QStringLiteral("localhost=127.0.0.1")), qPrintable(asked.join(QLatin1Char(' '))));
        }
        request.allowAddress = [](const QString &, const QString &ip) { return ip == QLatin1String("127.0.0.1"); };
        QVERIFY(fetch(request));
        request.allowAddress = [](const QString &, const QString &) -> bool { throw std::runtime_error("guard"); };
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
        server->enqueue(HttpReply::redirect("http://[::1]:" + QByteArray::number(other.port()) + "/inside"));
        HttpRequest request = requestFor(server->url());
        request.maxRedirects = 5;
        request.allowAddress = [](const QString &, const QString &ip) { return ip == QLatin1String("127.0.0.1"); };
        const auto result = fetch(request);
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Denied);
    }

    void streams()
    {
        server->enqueue(HttpReply::sse({"event: a\nid: 1\nda", "ta: x\n\n: ping\n\n", sseEvent(2)}, 5));
        std::vector<SseEvent> events;
        const auto sink = [&](std::vector<SseEvent> more) { events.insert(events.end(), more.begin(), more.end()); };
        const auto result = QCoro::waitFor(client->stream(requestFor(server->url(), "POST", "{}"), sink, CancelToken()));
        QVERIFY(result);
        QCOMPARE(result->status, 200);
        QCOMPARE(result->body, "");
        QCOMPARE(events.size(), size_t(2));
        QCOMPARE(events[0].event + '|' + events[0].data + '|' + events[0].id, "a|x|1");
        QCOMPARE(events[1].data, "2");
    }
    void otherAnswersToAStreamAreCollected()
    {
        server->enqueue(HttpReply::json("{\"error\":1}", 400));
        server->enqueue(HttpReply::sse({"data: 1\n\n"}).withHeader("X", "y"));
        server->enqueue(HttpReply::json("{}"));
        Streamed streamed;
        auto result = QCoro::waitFor(client->stream(requestFor(server->url()), streamed.sink(), CancelToken()));
        QVERIFY(result);
        QCOMPARE(result->status, 400);
        QCOMPARE(result->body, "{\"error\":1}");
        QVERIFY(streamed.data.isEmpty());
        result = fetch(requestFor(server->url())); // a fetch takes events as they are
        QCOMPARE(result->body, "data: 1\n\n");
        result = QCoro::waitFor(client->stream(requestFor(server->url()), HttpClient::SseSink(), CancelToken()));
        QCOMPARE(result->body, "{}");
    }
    void streamEnds_data()
    {
        QTest::addColumn<int>("row");
        QTest::addColumn<int>("events");
        QTest::addColumn<QString>("error");
        QTest::newRow("cut between events") << 0 << 2 << QStringLiteral("unreachable");
        QTest::newRow("reset") << 1 << 2 << QStringLiteral("unreachable");
        QTest::newRow("no blank line at a marked end") << 2 << 2 << QString();
        QTest::newRow("ends with the connection") << 3 << 1 << QString();
        QTest::newRow("cut within an event, unmarked end") << 4 << 1 << QStringLiteral("unreachable");
        QTest::newRow("no event at all") << 5 << 0 << QString();
        QTest::newRow("endless event") << 6 << 1 << QStringLiteral("protocol");
    }
    void streamEnds()
    {
        QFETCH(int, row);
        QFETCH(int, events);
        QFETCH(QString, error);
        const QByteArray head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n";
        QList<QByteArray> endless{sseEvent(1)};
        endless += QList<QByteArray>(300, QByteArray(64 * 1024, 'x'));
        const std::vector<HttpReply> replies{
            HttpReply::sse({sseEvent(1), sseEvent(2), sseEvent(3)}, 3).cutAfterPieces(2),
            HttpReply::sse({sseEvent(1), sseEvent(2), sseEvent(3)}, 3).cutAfterPieces(2, HttpReply::Ending::Reset),
            HttpReply::sse({sseEvent(1), "data: [DONE]"}, 3),
            HttpReply::rawBytes(head + sseEvent(1)),
            HttpReply::rawBytes(head + sseEvent(1) + "data: {\"half"),
            HttpReply::sse({": only a comment\n\n"}),
            HttpReply::sse(endless),
        };
        server->enqueue(replies[size_t(row)]);
        Streamed streamed;
        QCoro::waitFor(noteStream(client.get(), requestFor(server->url()), &streamed, CancelToken()));
        const auto &result = *streamed.result;
        QCOMPARE(result ? QString() : errorKindName(result.error().kind), error);
        QCOMPARE(streamed.data.size(), events);
        if (!result && row < 2)
            QCOMPARE(result.error().message,
                     QStringLiteral("127.0.0.1:%1 closed the connection in the middle of its answer.").arg(server->port()));
        QTest::qWait(5);
        QVERIFY(!streamed.eventAfterEnd);
    }
    void manyStreamsLoseNothing()
    {
        QList<QByteArray> pieces;
        QByteArrayList expected;
        for (int i = 0; i < 40; ++i) {
            pieces.append(sseEvent(i));
            expected.append(QByteArray::number(i));
        }
        server->setHandler([&](const HttpSeen &) { return HttpReply::sse(pieces, 5); });
        std::vector<Streamed> streams(200);
        std::vector<Task<>> tasks;
        for (auto &stream : streams)
            tasks.push_back(noteStream(client.get(), requestFor(server->url()), &stream, CancelToken()));
        QCOMPARE(client->active(), 200);
        for (auto &task : tasks)
            QCoro::waitFor(task);
        for (auto &stream : streams) {
            QVERIFY(*stream.result);
            QCOMPARE(stream.data, expected);
            QVERIFY(!stream.eventAfterEnd);
        }
    }
    void fastStreamComesInBatches()
    {
        QByteArray text;
        for (int i = 0; i < 50'000; ++i)
            text += sseEvent(i);
        QList<QByteArray> pieces;
        for (qsizetype at = 0; at < text.size(); at += 1000)
            pieces.append(text.mid(at, 1000));
        server->enqueue(HttpReply::sse(pieces));
        Streamed streamed;
        QCoro::waitFor(noteStream(client.get(), requestFor(server->url()), &streamed, CancelToken()));
        QVERIFY(*streamed.result);
        QCOMPARE(streamed.data.size(), 50'000);
        for (int i = 0; i < 50'000; ++i)
            QCOMPARE(streamed.data[i], QByteArray::number(i));
        QVERIFY2(streamed.batches < 500, qPrintable(QString::number(streamed.batches)));
    }
    void firstEventIsNotHeldBack()
    {
        server->enqueue(HttpReply::sse({sseEvent(1), sseEvent(2)}, 300));
        Streamed streamed;
        QElapsedTimer timer;
        timer.start();
        const auto task = noteStream(client.get(), requestFor(server->url()), &streamed, CancelToken());
        QTRY_COMPARE(streamed.data.size(), 1);
        QVERIFY(timer.elapsed() < 500);
        QTRY_VERIFY(streamed.result.has_value());
    }

    void sequentialRequestsUseOneConnection()
    {
        server->setHandler([](const HttpSeen &) { return HttpReply::json("{}"); });
        QCOMPARE(QCoro::waitFor(fetchMany(client.get(), server->url(), 1000)), 1000);
        QCOMPARE(server->connections(), 1);
        QCOMPARE(server->requestCount(), 1000);
    }
    void closedKeptConnectionIsReplaced()
    {
        const quint16 port = server->port();
        server->setHandler([](const HttpSeen &) { return HttpReply::text(200, "ok"); });
        for (int i = 0; i < 5; ++i) {
            QVERIFY(get());
            server->stop();
            QCOMPARE(server->start(port), port);
            QTest::qWait(5);
        }
        QVERIFY(get());
    }
    void destructionEndsAll()
    {
        server->setHandler([](const HttpSeen &) { return HttpReply::never(); });
        std::vector<std::optional<Result<HttpResponse>>> results(20);
        std::vector<Task<>> tasks;
        for (auto &result : results)
            tasks.push_back(noteFetch(client.get(), requestFor(server->url()), &result, CancelToken()));
        // A name that takes its time to resolve must not hold up the end.
        Streamed streamed;
        tasks.push_back(noteStream(client.get(), requestFor(QStringLiteral("http://slow-name.invalid/")), &streamed, CancelToken()));
        QVERIFY(server->waitForRequests(20));
        QElapsedTimer timer;
        timer.start();
        client.reset();
        QVERIFY(timer.elapsed() < 1000);
        for (const auto &result : results) {
            QVERIFY(result && !*result);
            QCOMPARE(result->error().kind, ErrorKind::Cancelled);
        }
        QVERIFY(streamed.result && !*streamed.result);
        QVERIFY(server->waitForDisconnects(20, 1000));
    }
    void destroyedFromWithin()
    {
        server->enqueue(HttpReply::sse({sseEvent(1) + sseEvent(2), sseEvent(3)}, 5));
        std::optional<Result<HttpResponse>> ended;
        auto own = std::make_unique<HttpClient>();
        const auto sink = [&](std::vector<SseEvent>) { own.reset(); };
        auto task = own->stream(requestFor(server->url()), sink, CancelToken());
        const auto result = QCoro::waitFor(task);
        QVERIFY(!own);
        QCOMPARE(result.error().kind, ErrorKind::Cancelled);
    }
    void unusedClientHasNoThread()
    {
        for (int i = 0; i < 100; ++i) {
            HttpClient unused;
            QCOMPARE(unused.active(), 0);
        }
        HttpClient shortLived; // started and ended at once
        CancelSource source;
        std::optional<Result<HttpResponse>> result;
        const auto task = noteFetch(&shortLived, requestFor(server->url()), &result, source.token());
        source.cancel();
        QVERIFY(result);
    }
};

QTEST_GUILESS_MAIN(TestHttpClient)
#include "tst_HttpClient.moc"
