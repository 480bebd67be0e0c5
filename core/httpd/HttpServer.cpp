// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/httpd/HttpServerPrivate.h"

#include "core/httpd/HttpListen.h"

#include <sys/socket.h>
#include <unistd.h>

namespace lathe {

QString httpRefusalText(HttpRefusal refusal)
{
    switch (refusal) {
    case HttpRefusal::Host:
        return QStringLiteral("wrong host name");
    case HttpRefusal::Token:
        return QStringLiteral("not authorised");
    case HttpRefusal::Path:
        return QStringLiteral("unknown path");
    case HttpRefusal::Method:
        return QStringLiteral("wrong method");
    case HttpRefusal::ContentType:
        return QStringLiteral("wrong content type");
    case HttpRefusal::Encoding:
        return QStringLiteral("unknown compression");
    case HttpRefusal::TooLarge:
        return QStringLiteral("too large");
    case HttpRefusal::BombGuard:
        return QStringLiteral("expands too far");
    case HttpRefusal::Damaged:
        return QStringLiteral("damaged");
    case HttpRefusal::Busy:
        return QStringLiteral("busy");
    case HttpRefusal::CutOff:
        return QStringLiteral("cut off");
    }
    return QString();
}

QByteArray HttpServerRequest::header(const char *name) const
{
    for (const auto &[known, value] : headers) {
        if (known == name)
            return value;
    }
    return QByteArray();
}

bool HttpServerRequest::hasHeader(const char *name) const
{
    for (const auto &[known, value] : headers) {
        if (known == name)
            return true;
    }
    return false;
}

HttpServer::HttpServer() : d(std::make_unique<Private>()) {}

HttpServer::~HttpServer()
{
    stop();
}

Result<void> HttpServer::start(HttpServerOptions options, Handler handler)
{
    stop();
    const auto listening = listenOn(options.host, options.port);
    if (!listening)
        return listening.error();
    d->options = std::move(options);
    d->handler = std::move(handler);
    d->port = listening->port;
    d->stopping = false;
    d->closing = false;
    d->requests = d->bytes = d->queuedBytes = d->queuedPeak = 0;
    d->queuedRequests = 0;
    for (auto &count : d->refused)
        count = 0;
    Private *self = d.get();
    d->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr, &Private::onRequest, self,
        MHD_OPTION_LISTEN_SOCKET, MHD_socket(listening->fd), MHD_OPTION_NOTIFY_COMPLETED, &Private::onCompleted, self,
        MHD_OPTION_NOTIFY_CONNECTION, &Private::onConnection, self, MHD_OPTION_CONNECTION_LIMIT,
        unsigned(d->options.maxConnections), MHD_OPTION_CONNECTION_TIMEOUT, unsigned(d->options.idleTimeoutSeconds),
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_EXTERNAL_LOGGER, &Private::ignoreLog, nullptr, MHD_OPTION_END);
    if (!d->daemon) {
        ::close(listening->fd);
        return Error(ErrorKind::Internal, QStringLiteral("The HTTP server could not be started on port %1.").arg(listening->port),
                     QStringLiteral("MHD_start_daemon"));
    }
    d->watchdog.start();
    return Result<void>();
}

void HttpServer::stop()
{
    if (!d->daemon)
        return;
    d->watchdog.stop();
    {
        // MHD wants nothing suspended when it stops.
        const std::scoped_lock lock(d->mutex);
        d->stopping = true;
        for (const auto &[id, exchange] : d->waiting)
            MHD_resume_connection(exchange->connection);
        d->waiting.clear();
        for (const auto &[id, stream] : d->streams) {
            stream->ended = true;
            if (std::exchange(stream->suspended, false))
                MHD_resume_connection(stream->connection);
        }
        d->streams.clear();
    }
    MHD_stop_daemon(d->daemon); // joins; closes the listening socket
    d->daemon = nullptr;
    d->handler = nullptr;
    d->port = 0;
}

void HttpServer::refuseNew()
{
    d->closing = true;
}

bool HttpServer::isListening() const
{
    return d->daemon != nullptr;
}

quint16 HttpServer::port() const
{
    return d->port;
}

void HttpServer::answer(quint64 id, HttpServerAnswer answer)
{
    const std::scoped_lock lock(d->mutex);
    const auto found = d->waiting.find(id);
    if (found == d->waiting.end())
        return;
    Exchange *exchange = found->second;
    d->waiting.erase(found);
    if (answer.stream) { // write() may follow at once
        exchange->stream = std::make_shared<AnswerStream>();
        exchange->stream->mutex = &d->mutex;
        exchange->stream->stopping = &d->stopping;
        exchange->stream->id = id;
        exchange->stream->connection = exchange->connection;
        exchange->stream->waiting = std::move(answer.body);
        d->streams.emplace(id, exchange->stream);
    }
    exchange->answer = std::move(answer);
    d->release(exchange);
    MHD_resume_connection(exchange->connection);
}

bool HttpServer::write(quint64 id, const QByteArray &bytes)
{
    const std::scoped_lock lock(d->mutex);
    const auto found = d->streams.find(id);
    if (found == d->streams.end() || found->second->ended)
        return false;
    AnswerStream &stream = *found->second;
    const bool tooSlow = stream.waiting.size() + bytes.size() > maxStreamBytes;
    if (tooSlow)
        stream.ended = true;
    else
        stream.waiting += bytes;
    if (std::exchange(stream.suspended, false))
        MHD_resume_connection(stream.connection);
    return !tooSlow;
}

void HttpServer::finish(quint64 id)
{
    const std::scoped_lock lock(d->mutex);
    const auto found = d->streams.find(id);
    if (found == d->streams.end())
        return;
    found->second->ended = true;
    if (std::exchange(found->second->suspended, false))
        MHD_resume_connection(found->second->connection);
}

HttpServer::Counters HttpServer::counters() const
{
    Counters counters;
    counters.requests = d->requests;
    counters.bytes = d->bytes;
    for (int i = 0; i < httpRefusalKinds; ++i)
        counters.refused[i] = d->refused[i];
    counters.queuedBytes = d->queuedBytes;
    counters.queuedPeak = d->queuedPeak;
    counters.connections = d->connectionCount;
    return counters;
}

HttpServer::Private::Private()
{
    watchdog.setInterval(500);
    QObject::connect(&watchdog, &QTimer::timeout, &watchdog, [this] { cutOverdue(); });
}

// Whoever sends a byte now and then is never idle, so libmicrohttpd lets it stay: this does not.
void HttpServer::Private::cutOverdue()
{
    const auto now = SteadyClock::now();
    const std::scoped_lock lock(connectionsMutex);
    for (const auto &[connection, state] : connections) {
        if (!state->waits && now - state->since > std::chrono::seconds(options.requestTimeoutSeconds))
            ::shutdown(state->fd, SHUT_RDWR);
    }
}

void HttpServer::Private::onConnection(void *self, MHD_Connection *connection, void **context, MHD_ConnectionNotificationCode code)
{
    auto *server = static_cast<Private *>(self);
    const std::scoped_lock lock(server->connectionsMutex);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const auto *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        auto state = std::make_unique<Connection>();
        state->fd = info ? info->connect_fd : -1;
        *context = state.get();
        server->connections.emplace(connection, std::move(state));
    } else {
        server->connections.erase(connection);
        *context = nullptr;
    }
    server->connectionCount = int(server->connections.size());
}

void HttpServer::Private::onCompleted(void *self, MHD_Connection *connection, void **context, MHD_RequestTerminationCode code)
{
    auto *server = static_cast<Private *>(self);
    const std::unique_ptr<Exchange> exchange(static_cast<Exchange *>(*context));
    *context = nullptr;
    if (!exchange)
        return;
    {
        const std::scoped_lock lock(server->mutex);
        server->waiting.erase(exchange->id);
        server->streams.erase(exchange->id);
        server->release(exchange.get());
    }
    {
        const std::scoped_lock lock(server->connectionsMutex);
        if (const auto found = server->connections.find(connection); found != server->connections.end()) {
            found->second->since = SteadyClock::now();
            found->second->waits = false;
        }
    }
    ++server->requests;
    server->bytes += exchange->request.wireBytes;
    if (exchange->refusal)
        ++server->refused[int(*exchange->refusal)];
    else if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK && !exchange->complete)
        ++server->refused[int(HttpRefusal::CutOff)];
}

MHD_Result HttpServer::Private::onRequest(void *self, MHD_Connection *connection, const char *url, const char *method, const char *,
                                          const char *data, size_t *size, void **context)
{
    auto *server = static_cast<Private *>(self);
    try {
        if (!*context) {
            auto exchange = std::make_unique<Exchange>();
            exchange->connection = connection;
            exchange->id = server->nextId++;
            Exchange *raw = exchange.release();
            *context = raw; // freed by onCompleted()
            return server->begin(raw, url, method);
        }
        auto *exchange = static_cast<Exchange *>(*context);
        if (*size > 0) {
            const size_t got = std::exchange(*size, 0);
            return server->receive(exchange, data, got);
        }
        return server->finish(exchange);
    } catch (const std::exception &) { // out of memory: this client is let down, the others are not
        return MHD_NO;
    }
}

} // namespace lathe
