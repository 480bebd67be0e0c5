// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/Watcher.h"

#include "core/base/Json.h"
#include "core/server/RemoteMessages.h"

#include <QPointer>
#include <QWebSocket>

#include <algorithm>

namespace lathe {

namespace {
constexpr qint64 pieceBytes = 128 << 10;   // of events in one message
constexpr qint64 highWaterBytes = 512 << 10; // in the socket; more waits here as numbers only
constexpr qsizetype mostFollowed = 4096;   // runs at a time
constexpr int pingMs = 10'000;             // no sign of life for two of these: the watcher has gone
}

Watcher::Watcher(WatcherHost *host, QWebSocket *socket, QString epoch, qint64 maxBacklogBytes, QObject *parent)
    : QObject(parent), m_host(host), m_socket(socket), m_epoch(std::move(epoch)), m_maxBacklog(maxBacklogBytes)
{
    m_socket->setParent(this);
    m_socket->setMaxAllowedIncomingMessageSize(remote::maxCommandBytes);
    m_socket->setMaxAllowedIncomingFrameSize(remote::maxCommandBytes);
    connect(m_socket, &QWebSocket::textMessageReceived, this, &Watcher::onMessage);
    connect(m_socket, &QWebSocket::pong, this, [this] { m_heard = true; });
    connect(m_socket, &QWebSocket::disconnected, this, &Watcher::leave);
    connect(m_socket, &QWebSocket::bytesWritten, this, [this](qint64) {
        m_heard = true;
        pump();
        Q_EMIT progress();
    });
    connect(&m_ping, &QTimer::timeout, this, &Watcher::onSilence);
    m_ping.start(pingMs);
}

Watcher::~Watcher()
{
    disconnect(m_socket, nullptr, this, nullptr);
}

void Watcher::leave()
{
    if (std::exchange(m_gone, true))
        return;
    m_ping.stop();
    m_streams.clear();
    m_toLoad.clear();
    Q_EMIT gone();
}

void Watcher::cutOff()
{
    // The socket later: this may be called by one of its signals.
    QTimer::singleShot(0, m_socket, [socket = m_socket] { socket->abort(); });
    leave();
}

void Watcher::onSilence()
{
    if (!std::exchange(m_heard, false)) {
        cutOff();
        return;
    }
    m_socket->ping();
}

void Watcher::send(const QByteArray &message)
{
    if (m_gone)
        return;
    if (m_socket->bytesToWrite() + message.size() > m_maxBacklog && m_socket->bytesToWrite() > 0) {
        cutOff(); // too slow: it comes again and goes on where it left
        return;
    }
    m_socket->sendTextMessage(QString::fromUtf8(message));
}

void Watcher::close(bool ended)
{
    if (m_gone)
        return;
    if (ended)
        send(remote::message("bye", QJsonObject()));
    m_socket->flush();
    m_socket->close(QWebSocketProtocol::CloseCodeGoingAway);
}

bool Watcher::hasAll() const
{
    if (m_gone)
        return true;
    if (m_socket->bytesToWrite() > 0 || !m_expected.isEmpty())
        return false;
    for (auto it = m_streams.begin(); it != m_streams.end(); ++it) {
        const PublishedRun *run = m_host->published(it.key());
        if (it->waiting || it->whole || (run && it->next < run->log.end()))
            return false;
    }
    return true;
}

void Watcher::expectFollow(RunId run)
{
    if (!m_streams.contains(run))
        m_expected.insert(run);
}

void Watcher::pump()
{
    if (m_gone || std::exchange(m_pumping, true))
        return;
    bool some = true;
    while (some && !m_gone) {
        some = false;
        const auto runs = m_streams.keys(); // one piece of each in turn
        for (const RunId run : runs) {
            if (m_gone || m_socket->bytesToWrite() >= highWaterBytes)
                break;
            if (const auto stream = m_streams.find(run); stream != m_streams.end())
                some = sendSome(run, &*stream) || some;
        }
        if (m_gone || m_socket->bytesToWrite() >= highWaterBytes)
            break;
    }
    m_pumping = false;
    loadNext();
}

bool Watcher::sendSome(RunId run, Stream *stream)
{
    if (stream->waiting)
        return false;
    if (stream->whole) {
        qint64 bytes = 0;
        std::vector<RunEvent> events;
        const auto &all = *stream->whole;
        const bool first = stream->wholeAt == 0;
        while (stream->wholeAt < all.size() && bytes < pieceBytes) {
            bytes += eventBytes(all[stream->wholeAt]);
            events.push_back(all[stream->wholeAt++]);
        }
        QJsonObject fields{{QStringLiteral("run"), run.value}, {QStringLiteral("events"), remote::eventsToJson(events)}};
        if (first)
            fields.insert(QStringLiteral("first"), true);
        if (stream->wholeAt == all.size()) {
            fields.insert(QStringLiteral("next"), stream->wholeNext);
            stream->next = stream->wholeNext;
            stream->whole.reset();
            const PublishedRun *published = m_host->published(run);
            if (!published || (!published->underWay && stream->next >= published->log.end()))
                m_streams.remove(run);
        }
        send(remote::message("trace", fields));
        return true;
    }
    const PublishedRun *published = m_host->published(run);
    if (!published || !published->log.has(stream->next)) {
        startWhole(run); // it fell behind what is kept
        return false;
    }
    const EventLog::Piece piece = published->log.read(stream->next, pieceBytes);
    if (piece.events.empty()) {
        if (!published->underWay)
            m_streams.remove(run);
        return false;
    }
    const qint64 from = std::exchange(stream->next, piece.next);
    send(remote::message("events", QJsonObject{{QStringLiteral("run"), run.value},
                                               {QStringLiteral("from"), from},
                                               {QStringLiteral("next"), piece.next},
                                               {QStringLiteral("events"), remote::eventsToJson(piece.events)}}));
    return true;
}

void Watcher::startWhole(RunId run)
{
    Stream &stream = m_streams[run];
    if (stream.waiting)
        return;
    stream = Stream();
    stream.waiting = true;
    m_toLoad.push_back(run);
}

void Watcher::loadNext()
{
    const auto holdsOne = [](const Stream &stream) { return stream.whole != nullptr; };
    if (m_gone || m_loading || m_toLoad.empty() || std::any_of(m_streams.cbegin(), m_streams.cend(), holdsOne))
        return;
    const RunId run = m_toLoad.front();
    m_toLoad.pop_front();
    m_loading = true;
    const QPointer<Watcher> self(this);
    m_host->wholeRun(run, [self, run](std::shared_ptr<const std::vector<RunEvent>> events, qint64 next) {
        if (!self)
            return;
        self->m_loading = false;
        // Later: the host may call back at once, for one run after the other.
        QMetaObject::invokeMethod(self.data(), &Watcher::pump, Qt::QueuedConnection);
        const auto wanted = self->m_streams.constFind(run);
        if (wanted == self->m_streams.cend() || !wanted->waiting)
            return;
        if (!events) {
            self->m_streams.remove(run);
            const QJsonObject fields{{QStringLiteral("run"), run.value},
                                     {QStringLiteral("gone"), true},
                                     {QStringLiteral("message"), QStringLiteral("There is no run %1.").arg(run.value)}};
            self->send(remote::message("failed", fields));
            return;
        }
        Stream &stream = self->m_streams[run];
        stream.waiting = false;
        stream.whole = std::move(events);
        stream.wholeAt = 0;
        stream.wholeNext = next;
    });
}

void Watcher::follow(const QJsonObject &message)
{
    const RunId run{remote::number(message, QLatin1String("run"))};
    const qint64 have = remote::number(message, QLatin1String("have"));
    if (!run.isValid())
        return;
    m_expected.remove(run);
    const auto known = m_streams.constFind(run);
    if (known != m_streams.cend() && known->waiting)
        return; // gets all of it
    if ((known == m_streams.cend() && m_streams.size() >= mostFollowed) || m_toLoad.size() >= size_t(2 * mostFollowed)) {
        const QJsonObject fields{{QStringLiteral("run"), run.value},
                                 {QStringLiteral("message"), QStringLiteral("No more than %1 runs can be followed at a time.").arg(mostFollowed)}};
        send(remote::message("failed", fields));
        return;
    }
    const PublishedRun *published = m_host->published(run);
    const bool sameCount = have == 0 || message.value(QLatin1String("epoch")).toString() == m_epoch;
    Stream stream;
    stream.next = have;
    m_streams.insert(run, stream);
    if (have < 0 || !sameCount || !published || !published->log.has(have))
        startWhole(run);
    pump();
}

void Watcher::onMessage(const QString &text)
{
    m_heard = true;
    const auto message = json::parseObject(text.toUtf8());
    if (!message) {
        m_socket->close(QWebSocketProtocol::CloseCodeProtocolError);
        return;
    }
    const QString type = remote::typeOf(*message);
    if (type == QLatin1String("follow")) {
        follow(*message);
    } else if (type == QLatin1String("unfollow")) {
        const RunId run{remote::number(*message, QLatin1String("run"))};
        m_streams.remove(run);
        m_expected.remove(run);
    } else {
        const QPointer<Watcher> self(this);
        const qint64 run = remote::number(*message, QLatin1String("run"));
        m_host->command(this, *message, [self, run](const QString &problem) {
            if (self)
                self->send(remote::message("failed", QJsonObject{{QStringLiteral("run"), run}, {QStringLiteral("message"), problem}}));
        });
    }
}

} // namespace lathe
