// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QByteArray>
#include <QString>

#include <functional>
#include <memory>
#include <vector>

namespace lathe {

// A request, whole. A value.
struct HttpServerRequest {
    QByteArray method;        // "POST"
    QByteArray path;          // without query, as it came
    QByteArray contentType;   // lower case, without parameters: "application/json"
    QByteArray body;          // expanded
    qint64 wireBytes = 0;     // of the body as it came
    std::vector<std::pair<QByteArray, QByteArray>> headers; // those of HttpServerOptions::headers that came, named as there
    QByteArray header(const char *name) const;              // empty: did not come
    bool hasHeader(const char *name) const;
};

struct HttpServerAnswer {
    int status = 200;
    QByteArray contentType;
    QByteArray body;
    int retryAfterSeconds = 0; // > 0: header Retry-After
    QByteArray allow;          // header Allow, of a 405
    std::vector<std::pair<QByteArray, QByteArray>> headers; // more
    bool stream = false;       // `body` is only its beginning: more comes with write(), until finish()
    HttpServerAnswer() = default;
    HttpServerAnswer(int status_, QByteArray contentType_, QByteArray body_)
        : status(status_), contentType(std::move(contentType_)), body(std::move(body_))
    {
    }
};

// Why the server answered by itself, without telling the handler.
enum class HttpRefusal { Host, Token, Path, Method, ContentType, Encoding, TooLarge, BombGuard, Damaged, Busy, CutOff };
QString httpRefusalText(HttpRefusal refusal); // for counters: "too large", "busy", ...
constexpr int httpRefusalKinds = int(HttpRefusal::CutOff) + 1;

struct HttpServerOptions {
    QString host = QStringLiteral("127.0.0.1");
    quint16 port = 0;                    // 0: any free one
    QString token;                       // when set, "Authorization: Bearer TOKEN" is asked for
    std::vector<QByteArray> paths;       // others get 404
    std::vector<QByteArray> methods{"POST"}; // others get 405
    std::vector<QByteArray> contentTypes; // of POST; others get 415
    std::vector<QByteArray> headers;     // that the handler wants to see
    bool checkOrigin = false;            // requests of web pages that are not this machine's get 403
    qint64 maxBodyBytes = 64ll << 20;    // expanded
    qint64 maxRatio = 300;               // gzip may expand to so many times its size (plus 1 MB), else it is a bomb
    int maxConnections = 256;
    int idleTimeoutSeconds = 20;         // of a connection that sends nothing
    int requestTimeoutSeconds = 120;     // from the first byte of a body to its last
    // Bodies being received and waiting for their handler, together; beyond it: 503 at once.
    qint64 maxQueuedBytes = 128ll << 20;
    int maxQueuedRequests = 256;
    int retryAfterSeconds = 1;           // told with 503
    // The body of an answer the server gives by itself (404, 413, 503 ...) in the encoding the client speaks; any thread.
    std::function<HttpServerAnswer(int status, const QString &message, const QByteArray &requestContentType)> refuse;
    HttpServerOptions() = default;
};

// A small HTTP/1.1 server (libmicrohttpd) with a thread of its own. It hands whole requests over and answers when told to; everything that a
// hostile or slow client can do is dealt with on its thread. Created, started and destroyed on the main thread.
class HttpServer
{
public:
    // Called on the server's thread, which must not wait: hand the request to another thread. Answer once, from any thread, with answer().
    using Handler = std::function<void(quint64 id, HttpServerRequest request)>;

    HttpServer();
    ~HttpServer(); // stop()
    Q_DISABLE_COPY_MOVE(HttpServer)

    // Errors (kind Unreachable): the port is in use, the address is not this machine's.
    Result<void> start(HttpServerOptions options, Handler handler);
    // Within 100 ms. Requests under way are cut off; answers to them are dropped.
    void stop();
    // From now on new requests are refused as if it were busy; those handed over can still be answered.
    void refuseNew();
    bool isListening() const;
    quint16 port() const;

    // Any thread. An unknown id (the client has gone) is ignored. Frees the request's share of the queue.
    void answer(quint64 id, HttpServerAnswer answer);
    // Of an answer that is a stream; any thread. False: the client has gone, reads too slowly (over maxStreamBytes wait; it is cut off), or
    // it is over. A client that leaves is noticed with the writes, so a stream that can be silent wants a word now and then.
    bool write(quint64 id, const QByteArray &bytes);
    void finish(quint64 id); // after what was written
    static constexpr qint64 maxStreamBytes = 16ll << 20;

    struct Counters { // since start()
        qint64 requests = 0;  // answered in any way, and those cut off
        qint64 bytes = 0;     // of bodies, as they came
        qint64 refused[httpRefusalKinds] = {};
        qint64 queuedBytes = 0; // now
        qint64 queuedPeak = 0;
        int connections = 0;  // now
    };
    Counters counters() const; // any thread

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lathe
