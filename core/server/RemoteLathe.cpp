// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/RemoteLathePrivate.h"

#include "core/base/Json.h"
#include "core/server/RemoteMessages.h"
#include "core/session/ForeignRuns.h"

#include <QNetworkRequest>
#include <QRandomGenerator>
#include <QUrlQuery>
#include <QTimer>
#include <QWebSocket>

namespace lathe {

namespace {
constexpr int firstRetryMs = 250;
constexpr int lastRetryMs = 30'000;
constexpr int pingMs = 10'000; // no sign of life for two of these: the connection is lost
constexpr int openMs = 10'000; // for the connection and the hello
constexpr size_t outboxMax = 200;
constexpr int tryAgainLater = 1013; // close code of RFC 6455's registry

QString placeOf(const QUrl &url)
{
    return QStringLiteral("%1:%2").arg(url.host()).arg(url.port(80));
}
} // namespace

RemoteLathe::RemoteLathe(Session *session, QObject *parent) : QObject(parent), d(std::make_shared<Private>(this, session))
{
    d->retry.setSingleShot(true);
    d->second.setInterval(1000);
    connect(&d->retry, &QTimer::timeout, this, [this] { d->open(); });
    connect(&d->second, &QTimer::timeout, this, [this] { d->onSecond(); });
    connect(&d->ping, &QTimer::timeout, this, [this] {
        // Also when it never answered: an address that swallows everything.
        if (std::exchange(d->heard, false) && d->socket) {
            if (d->ping.interval() == pingMs && d->greeted)
                d->nonsense = 0; // it lasts
            d->socket->ping();
            d->ping.start(pingMs);
            return;
        }
        d->retryLater(Error(ErrorKind::Timeout, QStringLiteral("%1 does not answer.").arg(placeOf(d->url))));
    });
}

RemoteLathe::~RemoteLathe()
{
    d->dropSocket();
    d->interruptAll();
    d->q = nullptr;
}

void RemoteLathe::connectTo(const QUrl &url, const QString &token)
{
    d->dropSocket();
    d->interruptAll();
    ++d->round;
    QUrlQuery query(url);
    d->token = token.isEmpty() ? query.queryItemValue(QStringLiteral("token"), QUrl::FullyDecoded) : token;
    d->url = url;
    d->url.setQuery(QString());
    d->url.setScheme(url.scheme() == QLatin1String("wss") || url.scheme() == QLatin1String("https") ? QStringLiteral("wss")
                                                                                                   : QStringLiteral("ws"));
    d->runs.clear();
    d->questions = QJsonArray();
    d->outbox.clear();
    d->publisher.clear();
    d->project.clear();
    d->version.clear();
    d->attempts = 0;
    d->nonsense = 0;
    d->error.reset();
    if (!url.isValid() || d->url.host().isEmpty()) {
        d->refuse(Error(ErrorKind::InvalidInput,
                        QStringLiteral("This is no address of a Lathe; use the one that `lathe-cli run --publish` prints (ws://...).")));
        return;
    }
    d->open();
}

void RemoteLathe::setLimits(Limits limits)
{
    d->limits = limits;
}

void RemoteLathe::disconnectFrom()
{
    d->dropSocket();
    d->interruptAll();
    ++d->round;
    d->error.reset();
    d->setState(State::Off);
    Q_EMIT runsChanged();
}

void RemoteLathe::Private::interrupt(Run *run, std::optional<Error> why)
{
    if (!run->told.local.isValid() || !session->foreignRuns().isUnderWay(run->told.local))
        return;
    RunEvent over;
    over.kind = RunEventKind::RunEnded;
    over.runStatus = RunStatus::Interrupted;
    over.error = std::move(why);
    over.timeUs = session->clock().nowUs();
    session->foreignRuns().record(run->told.local, {over});
    run->told.status = RunStatus::Interrupted; // until it is told of again
    run->told.paused = false;
    run->bytes = 0;
}

void RemoteLathe::Private::interruptAll()
{
    for (auto &[id, run] : runs) {
        run.following = false;
        run.wanted = false;
        interrupt(&run);
    }
}

void RemoteLathe::Private::setState(State next)
{
    state = next;
    if (next == State::Waiting)
        second.start();
    else
        second.stop();
    if (q)
        Q_EMIT q->stateChanged();
}

void RemoteLathe::Private::dropSocket()
{
    retry.stop();
    second.stop();
    ping.stop();
    greeted = false;
    for (auto &[id, run] : runs) {
        run.following = false;
        run.parts.reset();
        run.partBytes = 0;
    }
    if (!socket)
        return;
    QWebSocket *old = std::exchange(socket, nullptr);
    QObject::disconnect(old, nullptr, q, nullptr);
    old->close(QWebSocketProtocol::CloseCodeGoingAway);
    // Later: this may be called by one of its signals.
    QTimer::singleShot(0, old, [old] {
        old->abort();
        old->deleteLater();
    });
}

void RemoteLathe::Private::open()
{
    dropSocket();
    ++attempts;
    socket = new QWebSocket(QString(), QWebSocketProtocol::VersionLatest, q);
    socket->setMaxAllowedIncomingMessageSize(remote::maxMessageBytes);
    socket->setMaxAllowedIncomingFrameSize(remote::maxMessageBytes);
    QObject::connect(socket, &QWebSocket::textMessageReceived, q, [this](const QString &text) { onMessage(text); });
    QObject::connect(socket, &QWebSocket::pong, q, [this] { heard = true; });
    // Queued: the socket still uses itself when it says so.
    QObject::connect(socket, &QWebSocket::disconnected, q, [this, from = socket] {
        if (socket == from)
            onClosed();
    }, Qt::QueuedConnection);
    QObject::connect(socket, QOverload<QAbstractSocket::SocketError>::of(&QWebSocket::error), q, [this, from = socket] {
        if (socket == from)
            onClosed();
    }, Qt::QueuedConnection);
    heard = false;
    ping.setSingleShot(true);
    ping.start(openMs);
    QNetworkRequest request(url);
    request.setRawHeader("Authorization", "Bearer " + token.toUtf8());
    setState(State::Connecting);
    socket->open(request);
}

void RemoteLathe::Private::onClosed()
{
    const int code = int(socket->closeCode());
    if (code == QWebSocketProtocol::CloseCodePolicyViolated) {
        refuse(Error(ErrorKind::Auth,
                     QStringLiteral("%1 refused the token; use the address with the token that it printed.").arg(placeOf(url))));
        return;
    }
    if (code == tryAgainLater) {
        retryLater(Error(ErrorKind::RateLimited, QStringLiteral("%1 has too many watchers.").arg(placeOf(url))));
        return;
    }
    const QString cause = socket->errorString();
    // What this side closes a connection with.
    if (code == QWebSocketProtocol::CloseCodeTooMuchData || code == QWebSocketProtocol::CloseCodeProtocolError
        || code == QWebSocketProtocol::CloseCodeWrongDatatype || code == QWebSocketProtocol::CloseCodeDatatypeNotSupported) {
        retryLater(Error(ErrorKind::Protocol,
                         QStringLiteral("%1 told something this Lathe does not understand; use the same version on both sides.").arg(placeOf(url)),
                         cause));
        return;
    }
    retryLater(Error(ErrorKind::Unreachable,
                     greeted ? QStringLiteral("The connection to %1 was lost.").arg(placeOf(url))
                             : QStringLiteral("%1 cannot be reached; is it still running there?").arg(placeOf(url)),
                     cause));
}

void RemoteLathe::Private::refuse(Error why)
{
    dropSocket();
    interruptAll();
    error = std::move(why);
    setState(State::Refused);
}

void RemoteLathe::Private::retryLater(Error why)
{
    dropSocket();
    error = std::move(why);
    // Who greets and then talks nonsense is not asked four times a second.
    if (error->kind == ErrorKind::Protocol)
        attempts = std::max(attempts, ++nonsense);
    // Doubling, with some randomness so that many watchers do not come at once.
    const int waitMs = std::min(lastRetryMs, firstRetryMs << std::min(attempts > 0 ? attempts - 1 : 0, 7));
    retryMs = waitMs + int(QRandomGenerator::global()->bounded(waitMs / 4 + 1));
    retryAtUs = session->clock().nowUs() + qint64(retryMs) * 1000;
    retry.start(retryMs);
    setState(State::Waiting);
}

void RemoteLathe::Private::onSecond()
{
    if (q)
        Q_EMIT q->stateChanged();
}

void RemoteLathe::Private::send(const QByteArray &message, bool keep)
{
    if (socket && greeted)
        socket->sendTextMessage(QString::fromUtf8(message));
    else if (keep && outbox.size() < outboxMax)
        outbox.push_back(message);
}

void RemoteLathe::Private::command(const char *type, qint64 id, QJsonObject fields)
{
    fields.insert(QStringLiteral("run"), id);
    send(remote::message(type, std::move(fields)), true);
}

RemoteLathe::Private::Run *RemoteLathe::Private::byLocal(RunId local)
{
    for (auto &[id, run] : runs) {
        if (run.told.local == local && local.isValid())
            return &run;
    }
    return nullptr;
}

RemoteLathe::State RemoteLathe::state() const
{
    return d->state;
}

QString RemoteLathe::stateText() const
{
    switch (d->state) {
    case State::Off:
        return QStringLiteral("Not connected.");
    case State::Connecting:
        return QStringLiteral("Connecting to %1 ...").arg(placeOf(d->url));
    case State::Connected:
        return QStringLiteral("Connected to %1 (Lathe %2).").arg(d->project, d->version);
    case State::Waiting:
        return QStringLiteral("%1 Trying again in %2 s.").arg(d->error ? d->error->message : QString()).arg(waitSeconds());
    case State::Refused:
        return d->error ? d->error->message : QString();
    case State::Ended:
        return QStringLiteral("%1 has ended.").arg(d->project.isEmpty() ? placeOf(d->url) : d->project);
    }
    return QString();
}

int RemoteLathe::waitSeconds() const
{
    if (d->state != State::Waiting)
        return 0;
    return int(std::max<qint64>(1, (d->retryAtUs - d->session->clock().nowUs() + 999'999) / 1'000'000));
}

std::optional<Error> RemoteLathe::error() const
{
    return d->error;
}

QUrl RemoteLathe::url() const
{
    return d->url;
}

QString RemoteLathe::project() const
{
    return d->project;
}

QString RemoteLathe::version() const
{
    return d->version;
}

std::vector<RemoteRun> RemoteLathe::runs() const
{
    std::vector<RemoteRun> list;
    for (const auto &[id, run] : d->runs)
        list.push_back(run.told);
    return list;
}

std::optional<RemoteRun> RemoteLathe::remoteRun(RunId local) const
{
    const Private::Run *run = d->byLocal(local);
    return run ? std::optional<RemoteRun>(run->told) : std::nullopt;
}

void RemoteLathe::take(qint64 remoteRun)
{
    const auto found = d->runs.find(remoteRun);
    if (found == d->runs.end() || found->second.wanted)
        return;
    found->second.wanted = true;
    d->begin(remoteRun);
}

void RemoteLathe::pauseRun(RunId local)
{
    if (const auto *run = d->byLocal(local))
        d->command("pause", run->told.id, QJsonObject());
}

void RemoteLathe::continueRun(RunId local, bool untilNextNode)
{
    if (const auto *run = d->byLocal(local))
        d->command("continue", run->told.id, QJsonObject{{QStringLiteral("until_next"), untilNextNode}});
}

} // namespace lathe
