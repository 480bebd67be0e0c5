// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/OauthRedirect.h"

#include <QCoreApplication>
#include <QSocketNotifier>
#include <QUrlQuery>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>

namespace lathe {

namespace {
constexpr int maxConnections = 8;
constexpr qsizetype maxHeadBytes = 16 * 1024;
constexpr qint64 maxHeadMs = 10'000;

QByteArray page(const char *status, const char *title, const char *text)
{
    const QByteArray body = QByteArray("<!doctype html><meta charset=\"utf-8\"><title>Lathe</title><body style=\"font-family:sans-serif;"
                                       "max-width:36em;margin:4em auto\"><h1>")
                            + title + "</h1><p>" + text + "</p></body>\n";
    return QByteArray("HTTP/1.1 ") + status
           + "\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
             "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nConnection: close\r\nContent-Length: "
           + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

Task<> timeOut(Completion<Result<QUrl>> done, Clock *clock, qint64 ms, CancelToken cancel)
{
    const auto elapsed = co_await clock->sleep(ms, cancel);
    if (elapsed)
        done.complete(Error(ErrorKind::Timeout, QStringLiteral("The browser did not come back from the sign-in in time.")));
}

// A file descriptor that is closed with its owner.
class Socket
{
public:
    explicit Socket(int fd) : m_fd(fd) {}
    ~Socket()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Q_DISABLE_COPY_MOVE(Socket)
    int fd() const { return m_fd; }

private:
    int m_fd;
};
} // namespace

class OauthRedirect::Private : public std::enable_shared_from_this<OauthRedirect::Private>
{
public:
    struct Connection {
        explicit Connection(int fd) : socket(fd), readable(fd, QSocketNotifier::Read) {}
        Socket socket; // closed after its notifier is gone
        QSocketNotifier readable;
        QByteArray head;
        CancelSource patience;
    };

    explicit Private(int fd) : listener(fd), incoming(fd, QSocketNotifier::Read) {}
    ~Private()
    {
        for (auto &[id, connection] : connections)
            connection->patience.cancel();
    }

    void accept();
    void read(quint64 id);
    void close(quint64 id);
    QByteArray answer(const QByteArray &head, std::optional<QUrl> &came) const;
    static Task<> giveUp(std::weak_ptr<Private> weak, quint64 id, Clock *clock, CancelToken cancel);

    Socket listener;
    QSocketNotifier incoming;
    quint16 port = 0;
    QByteArray state; // empty: nobody waits
    Clock *clock = nullptr;
    Completion<Result<QUrl>> done;
    bool waited = false;
    quint64 lastId = 0;
    std::map<quint64, std::unique_ptr<Connection>> connections;
};

void OauthRedirect::Private::accept()
{
    while (true) {
        const int fd = ::accept4(listener.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (int(connections.size()) >= maxConnections)
            close(connections.begin()->first); // the oldest; browsers open some that they never use
        const quint64 id = ++lastId;
        auto connection = std::make_unique<Connection>(fd);
        QObject::connect(&connection->readable, &QSocketNotifier::activated, &connection->readable, [this, id] { read(id); });
        const CancelToken patience = connection->patience.token();
        connections.emplace(id, std::move(connection));
        giveUp(weak_from_this(), id, clock, patience);
    }
}

Task<> OauthRedirect::Private::giveUp(std::weak_ptr<Private> weak, quint64 id, Clock *clock, CancelToken cancel)
{
    const auto elapsed = co_await clock->sleep(maxHeadMs, cancel);
    const auto self = weak.lock();
    if (elapsed && self)
        self->close(id);
}

void OauthRedirect::Private::close(quint64 id)
{
    const auto it = connections.find(id);
    if (it == connections.end())
        return;
    const std::shared_ptr<Connection> connection = std::move(it->second);
    connections.erase(it);
    connection->readable.setEnabled(false);
    connection->patience.cancel();
    // Not inside its own signal.
    QMetaObject::invokeMethod(QCoreApplication::instance(), [connection] {}, Qt::QueuedConnection);
}

void OauthRedirect::Private::read(quint64 id)
{
    const auto self = shared_from_this();
    const auto it = connections.find(id);
    if (it == connections.end())
        return;
    Connection &connection = *it->second;
    char buffer[4096];
    const ssize_t count = ::recv(connection.socket.fd(), buffer, sizeof buffer, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0) {
        close(id);
        return;
    }
    connection.head.append(buffer, count);
    const bool complete = connection.head.contains("\r\n\r\n") || connection.head.contains("\n\n");
    if (!complete && connection.head.size() <= maxHeadBytes)
        return;
    std::optional<QUrl> came;
    const QByteArray reply = complete && connection.head.size() <= maxHeadBytes
                                 ? answer(connection.head, came)
                                 : page("431 Request Header Fields Too Large", "Too much", "This request is too long.");
    // Fits any socket's buffer; a browser that does not take it has gone.
    [[maybe_unused]] const ssize_t sent = ::send(connection.socket.fd(), reply.constData(), size_t(reply.size()), MSG_NOSIGNAL);
    ::shutdown(connection.socket.fd(), SHUT_WR);
    close(id);
    if (came) {
        state.clear();
        done.complete(std::move(*came));
    }
}

QByteArray OauthRedirect::Private::answer(const QByteArray &head, std::optional<QUrl> &came) const
{
    const QByteArray line = head.left(head.indexOf('\n')).trimmed();
    const QList<QByteArray> words = line.split(' ');
    if (words.size() != 3 || !words[2].startsWith("HTTP/1."))
        return page("400 Bad Request", "Not understood", "This is no HTTP request.");
    if (words[0] != "GET")
        return page("405 Method Not Allowed", "Not allowed", "Only the browser's way back from a sign-in is taken here.");
    // The host must be ours: a page elsewhere must not reach this by a name that it makes point here.
    bool ours = false;
    const QList<QByteArray> lines = head.split('\n');
    for (const QByteArray &header : lines) {
        if (header.toLower().startsWith("host:"))
            ours = header.mid(5).trimmed() == "127.0.0.1:" + QByteArray::number(port);
    }
    if (!ours)
        return page("403 Forbidden", "Not here", "This address belongs to a sign-in under way.");
    const QUrl url(QStringLiteral("http://127.0.0.1:%1").arg(port) + QString::fromLatin1(words[1]), QUrl::StrictMode);
    if (!url.isValid() || url.path() != QLatin1String("/callback"))
        return page("404 Not Found", "Nothing here", "Only the browser's way back from a sign-in is taken here.");
    const QString given = QUrlQuery(url).queryItemValue(QStringLiteral("state"), QUrl::FullyDecoded);
    if (state.isEmpty() || given.toUtf8() != state)
        return page("403 Forbidden", "Not this sign-in", "This answer does not belong to the sign-in that Lathe is waiting for.");
    came = url;
    const bool refused = QUrlQuery(url).hasQueryItem(QStringLiteral("error"));
    return refused ? page("200 OK", "Not signed in", "The sign-in was refused. You can close this page and go back to Lathe.")
                   : page("200 OK", "Signed in", "You can close this page and go back to Lathe.");
}

OauthRedirect::OauthRedirect() = default;

OauthRedirect::~OauthRedirect()
{
    d->incoming.setEnabled(false);
    for (auto &[id, connection] : d->connections)
        connection->readable.setEnabled(false);
    d->done.complete(Error::cancelled());
}

Result<std::unique_ptr<OauthRedirect>> OauthRedirect::listen(quint16 port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    socklen_t size = sizeof address;
    const int on = 1;
    // A fixed port may still have connections of an earlier sign-in in TIME_WAIT.
    const bool ok = fd >= 0 && ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
                    && ::bind(fd, reinterpret_cast<const sockaddr *>(&address), size) == 0 && ::listen(fd, maxConnections) == 0
                    && ::getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size) == 0;
    if (!ok) {
        const int reason = errno;
        if (fd >= 0)
            ::close(fd);
        return Error(ErrorKind::Unreachable,
                     port == 0 ? QStringLiteral("No port of this machine is free for the browser's way back from a sign-in.")
                               : QStringLiteral("The port %1, where the browser comes back to after a sign-in, is taken by another program.").arg(port),
                     QString::fromLocal8Bit(std::strerror(reason)));
    }
    std::unique_ptr<OauthRedirect> redirect(new OauthRedirect);
    redirect->d = std::make_shared<Private>(fd);
    redirect->d->port = ntohs(address.sin_port);
    Private *raw = redirect->d.get(); // the notifier is a part of it
    raw->incoming.setEnabled(false);
    QObject::connect(&raw->incoming, &QSocketNotifier::activated, &raw->incoming, [raw] { raw->accept(); });
    return redirect;
}

quint16 OauthRedirect::port() const
{
    return d->port;
}

QUrl OauthRedirect::uri() const
{
    return QUrl(QStringLiteral("http://127.0.0.1:%1/callback").arg(d->port));
}

Task<Result<QUrl>> OauthRedirect::wait(QString state, qint64 ms, Clock *clock, CancelToken cancel)
{
    const auto self = d;
    if (self->waited || state.isEmpty())
        co_return Error(ErrorKind::Internal, QStringLiteral("A sign-in was awaited twice."));
    self->waited = true;
    self->state = state.toUtf8();
    self->clock = clock;
    self->incoming.setEnabled(true);
    const auto done = self->done;
    CancelSource timer(cancel);
    const auto registration = cancel.onCancelled([done] { done.complete(Error::cancelled()); });
    timeOut(done, clock, ms, timer.token());
    auto result = co_await done;
    timer.cancel();
    self->state.clear();
    self->incoming.setEnabled(false);
    co_return result;
}

} // namespace lathe
