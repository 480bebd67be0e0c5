// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the tests of the HTTP client share.

#include "core/http/HttpClient.h"
#include "tests/support/Await.h"
#include "tests/support/ScriptedHttpServer.h"

#include <QTest>

namespace lathe::test {

inline HttpRequest requestFor(const QString &url, const QByteArray &method = "GET",
                              const QByteArray &body = QByteArray())
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

inline Task<> noteStream(HttpClient *client, HttpRequest request, Streamed *out, CancelToken cancel)
{
    auto result = co_await client->stream(std::move(request), out->sink(), std::move(cancel));
    out->result = std::move(result);
}

inline Task<> noteFetch(HttpClient *client, HttpRequest request,
                        std::optional<Result<HttpResponse>> *out, CancelToken cancel)
{
    auto result = co_await client->fetch(std::move(request), std::move(cancel));
    *out = std::move(result);
}

inline QByteArray sseEvent(int number)
{
    return "data: " + QByteArray::number(number) + "\n\n";
}

inline quint32 crc32(const QByteArray &bytes)
{
    quint32 crc = ~0u;
    for (const char c : bytes) {
        crc ^= quint8(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0u);
    }
    return ~crc;
}

inline QByteArray gzip(const QByteArray &bytes)
{
    const QByteArray zlib =
        qCompress(bytes, 9); // 4 bytes length, 2 bytes head, deflate, 4 bytes sum
    QByteArray out("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
    out += zlib.mid(6, zlib.size() - 10);
    for (const quint32 value : {crc32(bytes), quint32(bytes.size())}) {
        for (int shift = 0; shift < 32; shift += 8)
            out += char(value >> shift);
    }
    return out;
}

// A server and a client, made anew for each test function.
class HttpFixture : public QObject
{
protected:
    std::unique_ptr<ScriptedHttpServer> server;
    std::unique_ptr<HttpClient> client;

    Result<HttpResponse> fetch(HttpRequest request)
    {
        return await(client->fetch(std::move(request), CancelToken()));
    }
    Result<HttpResponse> get(const QString &path = QStringLiteral("/"))
    {
        return fetch(requestFor(server->url(path)));
    }
    void setUp()
    {
        server = std::make_unique<ScriptedHttpServer>();
        QVERIFY(server->start() > 0);
        client = std::make_unique<HttpClient>();
    }
    void tearDown()
    {
        if (client)
            QCOMPARE(client->active(), 0);
        client.reset();
        server.reset();
    }
};

} // namespace lathe::test
