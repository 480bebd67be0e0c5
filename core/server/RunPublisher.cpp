// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/RunPublisherPrivate.h"

#include "core/httpd/HttpListen.h"

#include <QCoreApplication>
#include <QRandomGenerator>
#include <QUrlQuery>
#include <QWebSocket>
#include <QWebSocketCorsAuthenticator>

#include <unistd.h>

namespace lathe {

namespace {
QString randomToken()
{
    quint32 words[4];
    QRandomGenerator::system()->fillRange(words);
    return QString::fromLatin1(QByteArray(reinterpret_cast<const char *>(words), sizeof words).toHex());
}
} // namespace

RunPublisher::RunPublisher(Session *session, QObject *parent) : QObject(parent), d(std::make_shared<Private>(this, session)) {}

RunPublisher::~RunPublisher()
{
    stop();
    d->q = nullptr;
}

Result<void> RunPublisher::start(PublisherOptions options)
{
    stop();
    const auto listening = listenOn(options.address.host, options.address.port);
    if (!listening)
        return listening.error();
    d->options = options;
    d->options.address.port = listening->port;
    if (d->options.token.isEmpty())
        d->options.token = randomToken();
    d->epoch = randomToken();
    d->refused = 0;
    d->server = std::make_unique<QWebSocketServer>(QStringLiteral("Lathe"), QWebSocketServer::NonSecureMode);
    d->server->setHandshakeTimeout(std::chrono::seconds(5));
    // Programs send no Origin; a web page that found the port does.
    connect(d->server.get(), &QWebSocketServer::originAuthenticationRequired, this, [this](QWebSocketCorsAuthenticator *authenticator) {
        const bool program = authenticator->origin().isEmpty();
        authenticator->setAllowed(program);
        if (!program)
            ++d->refused;
    });
    connect(d->server.get(), &QWebSocketServer::newConnection, this, [this] { d->accept(); });
    if (!d->server->setSocketDescriptor(listening->fd)) {
        ::close(listening->fd);
        d->server.reset();
        return Error(ErrorKind::Internal, QStringLiteral("Runs cannot be published on port %1.").arg(listening->port));
    }
    d->watchSession();
    Q_EMIT stateChanged();
    return Result<void>();
}

void RunPublisher::stop()
{
    if (!d->server)
        return;
    disconnect(d->session, nullptr, d->context.get(), nullptr);
    d->context.reset();
    d->server->close();
    const auto watchers = std::exchange(d->watchers, {});
    for (Watcher *watcher : watchers) {
        disconnect(watcher, nullptr, this, nullptr);
        watcher->close(true);
        watcher->deleteLater(); // with its socket, when the closing has been sent as far as it goes now
    }
    d->server.release()->deleteLater();
    d->restoreBreakpoints();
    d->runs.clear();
    d->ended.clear();
    d->told();
    if (!watchers.empty())
        Q_EMIT watchersChanged();
    Q_EMIT stateChanged();
}

Task<> RunPublisher::finish(qint64 maxMs)
{
    const auto self = d;
    CancelSource expired;
    const qint64 untilUs = self->session->clock().nowUs() + maxMs * 1000;
    while (self->q && self->server && !self->delivered()) {
        const qint64 leftMs = (untilUs - self->session->clock().nowUs()) / 1000;
        if (leftMs <= 0)
            break;
        // progress() of a watcher comes earlier than this.
        const CancelSource wait(expired.token());
        self->progressWaiter = wait;
        const auto slept = co_await self->session->clock().sleep(std::min<qint64>(leftMs, 100), wait.token());
        Q_UNUSED(slept)
    }
    if (self->q)
        stop();
}

Task<bool> RunPublisher::watcherCame(CancelToken cancel)
{
    const auto self = d;
    if (!self->watchers.empty())
        co_return true;
    Completion<bool> came;
    self->watcherWaiters.push_back(came);
    const auto registration = cancel.onCancelled([came] { came.complete(false); });
    const bool result = co_await came;
    co_return result;
}

bool RunPublisher::isListening() const
{
    return d->server != nullptr;
}

QUrl RunPublisher::url() const
{
    if (!d->server)
        return QUrl();
    QUrl url;
    url.setScheme(QStringLiteral("ws"));
    url.setHost(d->options.address.host);
    url.setPort(d->options.address.port);
    url.setPath(QStringLiteral("/"));
    QUrlQuery query;
    query.addQueryItem(QStringLiteral("token"), d->options.token);
    url.setQuery(query);
    return url;
}

QString RunPublisher::token() const
{
    return d->options.token;
}

ServerAddress RunPublisher::address() const
{
    return d->options.address;
}

int RunPublisher::watchers() const
{
    return int(d->watchers.size());
}

qint64 RunPublisher::refused() const
{
    return d->refused;
}

} // namespace lathe
