// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/http/HttpTesting.h"

#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
Task<int> fetchMany(HttpClient *client, QString url, int count)
{
    int good = 0;
    for (int i = 0; i < count; ++i) {
        const auto result = co_await client->fetch(requestFor(url), CancelToken());
        good += result && result->status == 200 ? 1 : 0;
    }
    co_return good;
}
} // namespace

class TestHttpClient : public HttpFixture
{
    Q_OBJECT
private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }

    void done()
    {
        server->enqueue(HttpReply::text(200, "hello").withHeader("X-Mixed", " a b "));
        HttpRequest request =
            requestFor(server->url(QStringLiteral("/p?q=1")), "POST", "{\"a\":1}");
        request.headers = {
            {"Content-Type", "application/json"}, {"X-Empty", ""}, {"Authorization", "Bearer k"}};
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
        server->enqueue(
            HttpReply::rawBytes("HTTP/1.1 103 Early Hints\r\nX-A: 1\r\n\r\n"
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
        const auto result = await(client->fetch(requestFor(server->url()), source.token()));
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Cancelled);
        QVERIFY(!server->waitForRequests(1, 50));
    }
    void cancelReturnsAtOnce()
    {
        server->enqueue(HttpReply::never());
        CancelSource source;
        std::optional<Result<HttpResponse>> result;
        const auto task =
            noteFetch(client.get(), requestFor(server->url()), &result, source.token());
        QVERIFY(server->waitForRequests(1));
        QVERIFY(!result);
        QCOMPARE(client->active(), 1);
        source.cancel();
        QVERIFY(result); // without a turn of the event loop
        QCOMPARE(result->error().kind, ErrorKind::Cancelled);
        QCOMPARE(client->active(), 0);
        QVERIFY(server->waitForDisconnects(1));
    }
    void cancelBeforeTheThreadSawIt()
    {
        server->setHandler([](const HttpSeen &) { return HttpReply::text(200, "ok"); });
        for (int i = 0; i < 200; ++i) {
            CancelSource source;
            std::optional<Result<HttpResponse>> result;
            const auto task =
                noteFetch(client.get(), requestFor(server->url()), &result, source.token());
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
        const auto task =
            noteStream(client.get(), requestFor(server->url()), &streamed, source.token());
        QTRY_VERIFY_WITH_TIMEOUT(streamed.data.size() >= 3, 30'000);
        QElapsedTimer timer;
        timer.start();
        source.cancel();
        QVERIFY(streamed.result && !*streamed.result);
        QCOMPARE(streamed.result->error().kind, ErrorKind::Cancelled);
        const auto count = streamed.data.size();
        QVERIFY(server->waitForDisconnects(1));
        QVERIFY(timer.elapsed() < 120'000);
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
        const auto result = await(client->stream(requestFor(server->url()), sink, source.token()));
        QCOMPARE(result.error().kind, ErrorKind::Cancelled);
        QTest::qWait(30);
        QCOMPARE(calls, 1);
    }

    // Status and headers of a stream come before its first event, and before there is one.
    void headOfAStream()
    {
        server->enqueue(HttpReply::sse({": nothing yet\n\n", sseEvent(1), sseEvent(2)}, 40).withHeader("X-Session", "s1"));
        QStringList seen;
        const auto head = [&](const HttpResponse &response) {
            seen.append(QStringLiteral("%1 %2").arg(response.status).arg(QString::fromLatin1(headerValue(response.headers, "x-session"))));
        };
        const auto sink = [&](std::vector<SseEvent> events) { seen.append(QString::number(events.size())); };
        QVERIFY(await(client->stream(requestFor(server->url()), head, sink, {})));
        QCOMPARE(seen.size() > 1 ? seen.front() : QString(), QStringLiteral("200 s1"));
        QCOMPARE(seen.count(QStringLiteral("200 s1")), 1);
        // Of an answer that is no stream nothing is said before its end.
        seen.clear();
        server->enqueue(HttpReply::json("{}"));
        QVERIFY(await(client->stream(requestFor(server->url()), head, sink, {})));
        QCOMPARE(seen, QStringList());
        // Cancelled at the head, no event comes.
        server->enqueue(HttpReply::sse({sseEvent(1), sseEvent(2)}, 5));
        CancelSource source;
        const auto stop = [&](const HttpResponse &) { source.cancel(); };
        const auto result = await(client->stream(requestFor(server->url()), stop, sink, source.token()));
        QCOMPARE(result.error().kind, ErrorKind::Cancelled);
        QTest::qWait(30);
        QCOMPARE(seen, QStringList());
    }

    void limitOfAStream()
    {
        for (const bool allowed : {false, true}) {
            server->enqueue(HttpReply::sse({sseEvent(1), sseEvent(2), sseEvent(3)}));
            HttpRequest request = requestFor(server->url());
            request.maxBodyBytes = 4;
            request.maxStreamBytes = allowed ? 1000 : 0;
            const auto result = await(client->stream(std::move(request), HttpClient::SseSink(), {}));
            QCOMPARE(result.ok(), allowed);
            if (!allowed)
                QCOMPARE(result.error().kind, ErrorKind::LimitReached);
        }
    }

    void streams()
    {
        server->enqueue(
            HttpReply::sse({"event: a\nid: 1\nda", "ta: x\n\n: ping\n\n", sseEvent(2)}, 5));
        std::vector<SseEvent> events;
        const auto sink = [&](std::vector<SseEvent> more) {
            events.insert(events.end(), more.begin(), more.end());
        };
        const auto result =
            await(client->stream(requestFor(server->url(), "POST", "{}"), sink, CancelToken()));
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
        auto result =
            await(client->stream(requestFor(server->url()), streamed.sink(), CancelToken()));
        QVERIFY(result);
        QCOMPARE(result->status, 400);
        QCOMPARE(result->body, "{\"error\":1}");
        QVERIFY(streamed.data.isEmpty());
        result = fetch(requestFor(server->url())); // a fetch takes events as they are
        QCOMPARE(result->body, "data: 1\n\n");
        result =
            await(client->stream(requestFor(server->url()), HttpClient::SseSink(), CancelToken()));
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
        QTest::newRow("cut within an event, unmarked end")
            << 4 << 1 << QStringLiteral("unreachable");
        QTest::newRow("no event at all") << 5 << 0 << QString();
        QTest::newRow("endless event") << 6 << 1 << QStringLiteral("protocol");
    }
    void streamEnds()
    {
        QFETCH(int, row);
        QFETCH(int, events);
        QFETCH(QString, error);
        const QByteArray head =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n";
        QList<QByteArray> endless{sseEvent(1)};
        endless += QList<QByteArray>(300, QByteArray(64 * 1024, 'x'));
        const std::vector<HttpReply> replies{
            HttpReply::sse({sseEvent(1), sseEvent(2), sseEvent(3)}, 3).cutAfterPieces(2),
            HttpReply::sse({sseEvent(1), sseEvent(2), sseEvent(3)}, 3)
                .cutAfterPieces(2, HttpReply::Ending::Reset),
            HttpReply::sse({sseEvent(1), "data: [DONE]"}, 3),
            HttpReply::rawBytes(head + sseEvent(1)),
            HttpReply::rawBytes(head + sseEvent(1) + "data: {\"half"),
            HttpReply::sse({": only a comment\n\n"}),
            HttpReply::sse(endless),
        };
        server->enqueue(replies[size_t(row)]);
        Streamed streamed;
        QCoro::waitFor(
            noteStream(client.get(), requestFor(server->url()), &streamed, CancelToken()));
        const auto &result = *streamed.result;
        QCOMPARE(result ? QString() : errorKindName(result.error().kind), error);
        QCOMPARE(streamed.data.size(), events);
        if (!result && row < 2)
            QCOMPARE(
                result.error().message,
                QStringLiteral("127.0.0.1:%1 closed the connection in the middle of its answer.")
                    .arg(server->port()));
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
            tasks.push_back(
                noteStream(client.get(), requestFor(server->url()), &stream, CancelToken()));
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
        QCoro::waitFor(
            noteStream(client.get(), requestFor(server->url()), &streamed, CancelToken()));
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
        const auto task =
            noteStream(client.get(), requestFor(server->url()), &streamed, CancelToken());
        QTRY_COMPARE_WITH_TIMEOUT(streamed.data.size(), 1, 30'000);
        QVERIFY(timer.elapsed() < 120'000);
        QTRY_VERIFY_WITH_TIMEOUT(streamed.result.has_value(), 30'000);
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
            tasks.push_back(
                noteFetch(client.get(), requestFor(server->url()), &result, CancelToken()));
        // A name that takes its time to resolve must not hold up the end.
        Streamed streamed;
        tasks.push_back(noteStream(client.get(),
                                   requestFor(QStringLiteral("http://slow-name.invalid/")),
                                   &streamed, CancelToken()));
        QVERIFY(server->waitForRequests(20));
        QElapsedTimer timer;
        timer.start();
        client.reset();
        QVERIFY(timer.elapsed() < 120'000);
        for (const auto &result : results) {
            QVERIFY(result && !*result);
            QCOMPARE(result->error().kind, ErrorKind::Cancelled);
        }
        QVERIFY(streamed.result && !*streamed.result);
        QVERIFY(server->waitForDisconnects(20));
    }
    void destroyedFromWithin()
    {
        server->enqueue(HttpReply::sse({sseEvent(1) + sseEvent(2), sseEvent(3)}, 5));
        std::optional<Result<HttpResponse>> ended;
        auto own = std::make_unique<HttpClient>();
        const auto sink = [&](std::vector<SseEvent>) { own.reset(); };
        auto task = own->stream(requestFor(server->url()), sink, CancelToken());
        const auto result = await(std::move(task));
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
        const auto task =
            noteFetch(&shortLived, requestFor(server->url()), &result, source.token());
        source.cancel();
        QVERIFY(result);
    }
};

QTEST_GUILESS_MAIN(TestHttpClient)
#include "tst_HttpClient.moc"
