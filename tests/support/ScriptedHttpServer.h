// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace lathe::test {

// A request as the server saw it.
struct HttpSeen {
    QByteArray method;
    QByteArray path; // with the query
    std::vector<std::pair<QByteArray, QByteArray>> headers;
    QByteArray body;
    int connection = 0; // 1 for the first connection accepted, 2 for the next, ...
    // By case-insensitive name, empty when absent.
    QByteArray header(QByteArrayView name) const;
};

// What the server does with one request: an answer, or a misbehaviour on the way. Start from a factory and refine it:
//     server.enqueue(HttpReply::sse({"data: 1\n\n", "data: 2\n\n"}, 10).cutAfterPieces(1));
struct HttpReply {
    struct Piece {
        QByteArray bytes;
        int delayMs = 0; // waited before the piece is sent
    };
    enum class Ending {
        KeepAlive, // as HTTP says
        Close,     // FIN after what is to be sent
        Reset,     // RST after what is to be sent
        Stall      // nothing more, the connection stays open
    };

    int status = 200;
    std::vector<std::pair<QByteArray, QByteArray>> headers;
    QByteArray body;           // sent with its Content-Length unless there are pieces
    std::vector<Piece> pieces; // sent as HTTP chunks, one each
    bool chunked = false;      // chunked although there are no pieces
    QByteArray raw;            // sent instead of head and body when not empty
    qint64 generated = -1;     // the body is that many bytes, made while sending
    qint64 contentLength = -1; // claimed instead of the true length
    int headDelayMs = 0;       // waited before the head
    int headByteDelayMs = 0;   // waited before each byte of the head
    qint64 cutBytes = -1;      // of head and body together; then `ending`
    int cutPieces = -1;        // so many pieces, no closing chunk; then `ending`
    bool badChunkSizes = false;
    Ending ending = Ending::KeepAlive;

    static HttpReply text(int status, QByteArray body, QByteArray type = "text/plain");
    static HttpReply json(QByteArray body, int status = 200);
    // text/event-stream in chunks, each sent `delayMs` after the one before. Pieces may cut events anywhere.
    static HttpReply sse(QList<QByteArray> pieces, int delayMs = 0);
    static HttpReply chunks(QList<QByteArray> pieces, int delayMs = 0);
    static HttpReply redirect(QByteArray location, int status = 302);
    static HttpReply huge(qint64 bytes);
    static HttpReply rawBytes(QByteArray bytes); // closes afterwards
    static HttpReply malformedStatusLine()
    {
        return rawBytes("HELO there, this is no HTTP\r\n\r\nbody");
    }
    static HttpReply garbageChunks();
    static HttpReply closeBeforeAnswer() { return HttpReply().cutAfterBytes(0); }
    static HttpReply resetBeforeAnswer() { return HttpReply().cutAfterBytes(0, Ending::Reset); }
    static HttpReply never() { return HttpReply().cutAfterBytes(0, Ending::Stall); }
    static HttpReply stallAfterHead();

    HttpReply &&withHeader(QByteArray name, QByteArray value) &&;
    HttpReply &&slowHead(int delayMs, int perByteMs = 0) &&;
    HttpReply &&claimingLength(qint64 bytes) &&;
    // Ends after `bytes` of head and body. Pieces before the cut keep their delays.
    HttpReply &&cutAfterBytes(qint64 bytes, Ending how = Ending::Close) &&;
    HttpReply &&cutAfterPieces(int count, Ending how = Ending::Close) &&;
    HttpReply &&thenClose() &&;
};

// A small HTTP/1.1 server on 127.0.0.1 with a thread of its own, so that blocking clients and other processes can talk to
// it. It answers each request with the next queued reply, else with what the handler returns, else with 500. Keep-alive;
// no pipelining. All members may be called from any thread.
class ScriptedHttpServer
{
public:
    using Request = HttpSeen;
    using Reply = HttpReply;
    using Handler = std::function<HttpReply(const HttpSeen &)>;

    ScriptedHttpServer();
    ~ScriptedHttpServer(); // closes all connections and joins the thread
    Q_DISABLE_COPY_MOVE(ScriptedHttpServer)

    // Listens and gives the port, 0 when that fails. Called twice it listens on the first port still.
    quint16 start(quint16 port = 0);
    // Refuses new connections and closes those there are; start(port) listens again.
    void stop();
    quint16 port() const;
    // http://127.0.0.1:PORT + path
    QString url(const QString &path = QStringLiteral("/")) const;

    void enqueue(HttpReply reply);
    // Called on the server's thread, one request at a time.
    void setHandler(Handler handler);
    // Off: requests are counted but not kept (benchmarks).
    void setRecording(bool on);

    std::vector<HttpSeen> requests() const;
    qint64 requestCount() const;
    // Blocks the calling thread until so many requests were read in all; false after `ms`.
    bool waitForRequests(qint64 count, int ms = 30'000) const;
    // Blocks until the peers closed so many connections.
    bool waitForDisconnects(int count, int ms = 30'000) const;
    int openConnections() const;
    // Connections accepted since the start.
    int connections() const;
    // Connections that the peer closed (not those closed by a reply).
    int disconnects() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace lathe::test
