// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/ScriptedHttpServer.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QThread>
#include <QTimer>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <sys/socket.h>

namespace lathe::test {

namespace {
using Headers = std::vector<std::pair<QByteArray, QByteArray>>;

QByteArray find(const Headers &headers, QByteArrayView name)
{
    for (const auto &[key, value] : headers) {
        if (key.compare(name, Qt::CaseInsensitive) == 0)
            return value;
    }
    return {};
}

QByteArray reasonOf(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 204:
        return "No Content";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Found";
    case 303:
        return "See Other";
    case 307:
        return "Temporary Redirect";
    case 308:
        return "Permanent Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 429:
        return "Too Many Requests";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    default:
        return "Status";
    }
}

// What goes over the wire, in order, and how it ends.
struct Plan {
    std::vector<HttpReply::Piece> pieces;
    qint64 generate = 0; // bytes made up after the pieces
    HttpReply::Ending ending = HttpReply::Ending::KeepAlive;
};

void cut(Plan &plan, qint64 bytes)
{
    qint64 left = bytes;
    for (size_t i = 0; i < plan.pieces.size(); ++i) {
        QByteArray &piece = plan.pieces[i].bytes;
        if (piece.size() >= left) {
            piece.truncate(left);
            plan.pieces.resize(left == 0 ? i : i + 1);
            plan.generate = 0;
            return;
        }
        left -= piece.size();
    }
    plan.generate = std::min(plan.generate, left);
}

QByteArray headOf(const HttpReply &reply, bool chunked, qint64 length)
{
    QByteArray head =
        "HTTP/1.1 " + QByteArray::number(reply.status) + ' ' + reasonOf(reply.status) + "\r\n";
    for (const auto &[name, value] : reply.headers)
        head += name + ": " + value + "\r\n";
    if (chunked)
        head += "Transfer-Encoding: chunked\r\n";
    else if (reply.status != 204 && reply.status != 304)
        head += "Content-Length: " + QByteArray::number(length) + "\r\n";
    return head + "\r\n";
}

Plan planOf(const HttpReply &reply, const HttpSeen &request)
{
    Plan plan;
    plan.ending = reply.ending;
    if (!reply.raw.isEmpty()) {
        plan.pieces.push_back({reply.raw, reply.headDelayMs});
    } else {
        const bool chunked = reply.chunked || !reply.pieces.empty();
        const bool withBody =
            request.method != "HEAD" && reply.status != 204 && reply.status != 304;
        qint64 length = reply.generated >= 0 ? reply.generated : reply.body.size();
        if (reply.contentLength >= 0)
            length = reply.contentLength;
        const QByteArray head = headOf(reply, chunked, length);
        if (reply.headByteDelayMs > 0) {
            for (qsizetype i = 0; i < head.size(); ++i)
                plan.pieces.push_back({head.mid(i, 1), reply.headByteDelayMs});
            plan.pieces.front().delayMs += reply.headDelayMs;
        } else {
            plan.pieces.push_back({head, reply.headDelayMs});
        }
        if (withBody && reply.generated >= 0) {
            plan.generate = reply.generated;
        } else if (withBody && !chunked) {
            plan.pieces.back().bytes += reply.body;
        } else if (withBody) {
            int sent = 0;
            const auto add = [&](const QByteArray &bytes, int delayMs) {
                if (bytes.isEmpty() || (reply.cutPieces >= 0 && sent >= reply.cutPieces))
                    return;
                ++sent;
                const QByteArray size =
                    reply.badChunkSizes ? QByteArray("zz~") : QByteArray::number(bytes.size(), 16);
                plan.pieces.push_back({size + "\r\n" + bytes + "\r\n", delayMs});
            };
            add(reply.body, 0);
            for (const auto &piece : reply.pieces)
                add(piece.bytes, piece.delayMs);
            if (reply.cutPieces < 0)
                plan.pieces.push_back({"0\r\n\r\n", 0});
        }
    }
    if (reply.cutBytes >= 0)
        cut(plan, reply.cutBytes);
    if (plan.ending == HttpReply::Ending::KeepAlive
        && find(request.headers, "Connection").compare("close", Qt::CaseInsensitive) == 0)
        plan.ending = HttpReply::Ending::Close;
    return plan;
}
} // namespace

// State shared by the owner's and the server's thread.
struct ScriptedHttpServer::Private {
    class Listener;
    class Connection;

    mutable std::mutex mutex;
    mutable std::condition_variable changed;
    std::deque<HttpReply> queue;
    std::shared_ptr<const Handler> handler;
    std::vector<HttpSeen> seen;
    bool recording = true;
    qint64 requestCount = 0;
    int open = 0;
    int accepted = 0;
    int disconnects = 0;
    quint16 port = 0;

    QThread thread;
    std::unique_ptr<Listener> listener; // lives on `thread`

    HttpReply answer(const HttpSeen &request);
};

HttpReply ScriptedHttpServer::Private::answer(const HttpSeen &request)
{
    std::shared_ptr<const Handler> use;
    std::unique_lock lock(mutex);
    std::optional<HttpReply> queued;
    if (!queue.empty()) {
        queued = std::move(queue.front());
        queue.pop_front();
    } else {
        use = handler;
    }
    ++requestCount;
    if (recording)
        seen.push_back(request);
    lock.unlock();
    changed.notify_all();
    if (queued)
        return std::move(*queued);
    return use ? (*use)(request)
               : HttpReply::text(500, "ScriptedHttpServer: no reply was scripted");
}

// One accepted socket. Reads a request, plays the plan of its reply, reads the next.
class ScriptedHttpServer::Private::Connection : public QObject
{
public:
    Connection(Private *owner, qintptr descriptor, int number)
        : m_owner(owner), m_number(number), m_socket(this), m_timer(this)
    {
        m_socket.setSocketDescriptor(descriptor);
        m_socket.setSocketOption(QAbstractSocket::LowDelayOption, 1);
        m_timer.setSingleShot(true);
        m_timer.setTimerType(Qt::PreciseTimer);
        connect(&m_timer, &QTimer::timeout, this, [this] { sendPiece(); });
        connect(&m_socket, &QTcpSocket::readyRead, this, [this] { read(); });
        connect(&m_socket, &QTcpSocket::bytesWritten, this, [this] { generate(); });
        connect(&m_socket, &QTcpSocket::disconnected, this, [this] { gone(); });
    }
    ~Connection() override
    {
        m_socket.disconnect(this);
    } // an open socket says so when it is deleted

private:
    void read()
    {
        m_in += m_socket.readAll();
        if (!m_busy)
            parse();
    }

    void parse()
    {
        const qsizetype headEnd = m_in.indexOf("\r\n\r\n");
        if (headEnd < 0)
            return;
        HttpSeen request;
        request.connection = m_number;
        const QByteArray head = m_in.left(headEnd);
        qsizetype lineEnd = head.indexOf("\r\n");
        const QByteArray first = lineEnd < 0 ? head : head.left(lineEnd);
        const qsizetype space = first.indexOf(' ');
        const qsizetype lastSpace = first.lastIndexOf(' ');
        request.method = first.left(space);
        request.path = first.mid(space + 1, lastSpace - space - 1);
        while (lineEnd >= 0) {
            const qsizetype begin = lineEnd + 2;
            lineEnd = head.indexOf("\r\n", begin);
            const QByteArray text = head.mid(begin, lineEnd < 0 ? -1 : lineEnd - begin);
            const qsizetype colon = text.indexOf(':');
            if (colon > 0)
                request.headers.emplace_back(text.left(colon), text.mid(colon + 1).trimmed());
        }
        qsizetype used = headEnd + 4;
        if (find(request.headers, "Transfer-Encoding").toLower() == "chunked") {
            if (!takeChunks(used, request.body))
                return;
        } else {
            const qsizetype length = find(request.headers, "Content-Length").toLongLong();
            if (m_in.size() - used < length)
                return;
            request.body = m_in.mid(used, length);
            used += length;
        }
        m_in.remove(0, used);
        m_busy = true;
        m_plan = planOf(m_owner->answer(request), request);
        m_next = 0;
        sendPiece();
    }

    // Decodes a chunked body from `position`; false when it is not all there yet.
    bool takeChunks(qsizetype &position, QByteArray &body) const
    {
        qsizetype at = position;
        for (;;) {
            const qsizetype end = m_in.indexOf("\r\n", at);
            if (end < 0)
                return false;
            const qsizetype size = m_in.mid(at, end - at).toLongLong(nullptr, 16);
            at = end + 2;
            if (m_in.size() < at + size + 2)
                return false;
            body += m_in.mid(at, size);
            at += size + 2;
            if (size == 0)
                break;
        }
        position = at;
        return true;
    }

    void sendPiece()
    {
        if (!m_waited && m_next < m_plan.pieces.size() && m_plan.pieces[m_next].delayMs > 0) {
            m_waited = true;
            m_timer.start(m_plan.pieces[m_next].delayMs);
            return;
        }
        QByteArray out;
        while (m_next < m_plan.pieces.size() && (m_waited || m_plan.pieces[m_next].delayMs <= 0)) {
            out += m_plan.pieces[m_next++].bytes;
            m_waited = false;
        }
        if (!out.isEmpty()) {
            m_socket.write(out);
            m_socket.flush(); // now, not at the next turn of the loop
        }
        if (m_socket.state() != QAbstractSocket::ConnectedState)
            return;
        if (m_next < m_plan.pieces.size())
            sendPiece();
        else if (m_plan.generate > 0)
            startGenerating();
        else
            finish();
    }

    void startGenerating()
    {
        m_generating = true;
        generate();
    }

    // Keeps at most some 256 KB of the made-up body in memory.
    void generate()
    {
        if (!m_generating)
            return;
        static const QByteArray block(64 * 1024, 'x');
        while (m_plan.generate > 0 && m_socket.bytesToWrite() < 256 * 1024) {
            const qint64 size = std::min<qint64>(block.size(), m_plan.generate);
            m_socket.write(block.constData(), size);
            m_plan.generate -= size;
        }
        if (m_plan.generate > 0)
            return;
        m_generating = false;
        finish();
    }

    void finish()
    {
        switch (m_plan.ending) {
        case HttpReply::Ending::KeepAlive:
            m_busy = false;
            if (!m_in.isEmpty())
                QMetaObject::invokeMethod(
                    this, [this] { read(); }, Qt::QueuedConnection);
            break;
        case HttpReply::Ending::Stall:
            break;
        case HttpReply::Ending::Close:
            m_closing = true;
            m_socket.disconnectFromHost();
            break;
        case HttpReply::Ending::Reset: {
            m_closing = true;
            m_socket.flush();
            const linger now{1, 0}; // close() then sends RST
            setsockopt(int(m_socket.socketDescriptor()), SOL_SOCKET, SO_LINGER, &now, sizeof now);
            m_socket.abort();
            break;
        }
        }
    }

    void gone()
    {
        m_timer.stop();
        {
            const std::scoped_lock lock(m_owner->mutex);
            --m_owner->open;
            m_owner->disconnects += m_closing ? 0 : 1;
        }
        m_owner->changed.notify_all();
        deleteLater();
    }

    Private *m_owner;
    int m_number;
    QTcpSocket m_socket;
    QTimer m_timer;
    QByteArray m_in;
    Plan m_plan;
    size_t m_next = 0;
    bool m_busy = false;
    bool m_waited = false; // the delay before piece m_next is over
    bool m_generating = false;
    bool m_closing = false;
};

class ScriptedHttpServer::Private::Listener : public QTcpServer
{
public:
    explicit Listener(Private *owner) : m_owner(owner) {}
    void incomingConnection(qintptr descriptor) override
    {
        int number = 0;
        {
            const std::scoped_lock lock(m_owner->mutex);
            ++m_owner->open;
            number = ++m_owner->accepted;
        }
        auto *connection = new Connection(m_owner, descriptor, number);
        m_connections.push_back(connection);
        connect(connection, &QObject::destroyed, this,
                [this, connection] { std::erase(m_connections, connection); });
    }
    void closeAll()
    {
        close();
        for (Connection *connection : std::exchange(m_connections, {}))
            delete connection;
        const std::scoped_lock lock(m_owner->mutex);
        m_owner->open = 0;
    }

private:
    Private *m_owner;
    std::vector<Connection *> m_connections;
};

ScriptedHttpServer::ScriptedHttpServer() : d(std::make_unique<Private>())
{
    d->listener = std::make_unique<Private::Listener>(d.get());
    d->listener->setListenBacklogSize(1024);
    d->listener->moveToThread(&d->thread);
    d->thread.setObjectName(QStringLiteral("scripted-http"));
    d->thread.start();
}

ScriptedHttpServer::~ScriptedHttpServer()
{
    QMetaObject::invokeMethod(
        d->listener.get(), [this] { d->listener->closeAll(); }, Qt::BlockingQueuedConnection);
    d->thread.quit();
    d->thread.wait();
    // The listener has no sockets left and is deleted here, after its thread.
}

quint16 ScriptedHttpServer::start(quint16 port)
{
    quint16 got = 0;
    QMetaObject::invokeMethod(
        d->listener.get(),
        [this, port, &got] {
            if (d->listener->isListening() || d->listener->listen(QHostAddress::LocalHost, port))
                got = d->listener->serverPort();
        },
        Qt::BlockingQueuedConnection);
    const std::scoped_lock lock(d->mutex);
    d->port = got;
    return got;
}

void ScriptedHttpServer::stop()
{
    QMetaObject::invokeMethod(
        d->listener.get(), [this] { d->listener->closeAll(); }, Qt::BlockingQueuedConnection);
}

quint16 ScriptedHttpServer::port() const
{
    const std::scoped_lock lock(d->mutex);
    return d->port;
}

QString ScriptedHttpServer::url(const QString &path) const
{
    return QStringLiteral("http://127.0.0.1:%1%2").arg(port()).arg(path);
}

void ScriptedHttpServer::enqueue(HttpReply reply)
{
    const std::scoped_lock lock(d->mutex);
    d->queue.push_back(std::move(reply));
}

void ScriptedHttpServer::setHandler(Handler handler)
{
    const std::scoped_lock lock(d->mutex);
    d->handler = handler ? std::make_shared<const Handler>(std::move(handler)) : nullptr;
}

void ScriptedHttpServer::setRecording(bool on)
{
    const std::scoped_lock lock(d->mutex);
    d->recording = on;
}

std::vector<HttpSeen> ScriptedHttpServer::requests() const
{
    const std::scoped_lock lock(d->mutex);
    return d->seen;
}

qint64 ScriptedHttpServer::requestCount() const
{
    const std::scoped_lock lock(d->mutex);
    return d->requestCount;
}

bool ScriptedHttpServer::waitForRequests(qint64 count, int ms) const
{
    std::unique_lock lock(d->mutex);
    return d->changed.wait_for(lock, std::chrono::milliseconds(ms),
                               [&] { return d->requestCount >= count; });
}

bool ScriptedHttpServer::waitForDisconnects(int count, int ms) const
{
    std::unique_lock lock(d->mutex);
    return d->changed.wait_for(lock, std::chrono::milliseconds(ms),
                               [&] { return d->disconnects >= count; });
}

int ScriptedHttpServer::openConnections() const
{
    const std::scoped_lock lock(d->mutex);
    return d->open;
}

int ScriptedHttpServer::connections() const
{
    const std::scoped_lock lock(d->mutex);
    return d->accepted;
}

int ScriptedHttpServer::disconnects() const
{
    const std::scoped_lock lock(d->mutex);
    return d->disconnects;
}

QByteArray HttpSeen::header(QByteArrayView name) const
{
    return find(headers, name);
}

} // namespace lathe::test
