// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/McpServerStdio.h"

#include "core/base/Json.h"
#include "core/session/Session.h"

#include <QCoreApplication>
#include <QPointer>

#include <cerrno>
#include <climits>
#include <poll.h>
#include <unistd.h>

namespace lathe {

namespace {
bool canWrite(int fd)
{
    pollfd what{fd, POLLOUT, 0};
    return ::poll(&what, 1, 0) == 1 && (what.revents & (POLLOUT | POLLERR | POLLHUP));
}
}

McpServerStdio::McpServerStdio(McpServerOffer *offer, McpServerRuns *runs, int input, int output, QObject *parent)
    : QObject(parent), m_clock(&offer->session()->clock()), m_input(input), m_output(output), m_readable(input, QSocketNotifier::Read),
      m_writable(output, QSocketNotifier::Write)
{
    m_writable.setEnabled(false);
    const McpServerSend send = [this](const QJsonObject &message, int) { this->send(message); };
    m_peer = std::make_unique<McpServerPeer>(offer, runs, McpServerPeer::Kind::Stream, send);
    connect(&m_readable, &QSocketNotifier::activated, this, [this] { read(); });
    connect(&m_writable, &QSocketNotifier::activated, this, [this] { write(); });
}

McpServerStdio::~McpServerStdio()
{
    m_peer.reset();
    end();
}

Task<> McpServerStdio::serve(qint64 lingerMs, CancelToken cancel)
{
    const QPointer<McpServerStdio> self(this);
    const Completion<bool> ended = m_ended;
    const auto registered = cancel.onCancelled([ended] { ended.complete(false); });
    const bool closed = co_await ended;
    if (!self)
        co_return;
    m_readable.setEnabled(false);
    // What was asked before the end is still answered; and what is written, read.
    for (qint64 waited = 0; self && closed && waited < lingerMs && (m_peer->underWay() > 0 || !m_out.isEmpty()); waited += 20) {
        const auto slept = co_await m_clock->sleep(20, cancel);
        if (!slept)
            break;
    }
    if (!self)
        co_return;
    m_peer->finish();
    write();
}

// Whoever waits for the end destroys this, so it learns of it later: a peer may be in the middle of sending.
void McpServerStdio::end()
{
    m_readable.setEnabled(false);
    QMetaObject::invokeMethod(QCoreApplication::instance(), [ended = m_ended] { ended.complete(true); }, Qt::QueuedConnection);
}

void McpServerStdio::read()
{
    char bytes[65536];
    const ssize_t got = ::read(m_input, bytes, sizeof bytes); // there is something, so it does not wait
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        const QByteArray rest = std::exchange(m_in, QByteArray()).trimmed(); // a last line without its end
        if (!rest.isEmpty() && !m_skipping)
            take(rest);
        return end();
    }
    const QPointer<McpServerStdio> self(this);
    m_in.append(bytes, got);
    qsizetype from = 0;
    for (;;) {
        const qsizetype newline = m_in.indexOf('\n', from);
        if (newline < 0)
            break;
        const QByteArray line = m_in.mid(from, newline - from).trimmed();
        from = newline + 1;
        if (std::exchange(m_skipping, false) || line.isEmpty())
            continue;
        take(line);
        if (!self)
            return;
    }
    m_in.remove(0, from);
    if (m_in.size() > maxLine) {
        m_in.clear();
        if (!std::exchange(m_skipping, true))
            send(McpServerPeer::errorMessage(QJsonValue(), -32600, QStringLiteral("The message is over %1 MB.").arg(maxLine >> 20)));
    }
}

void McpServerStdio::take(QByteArrayView line)
{
    const auto parsed = json::parse(line);
    if (!parsed)
        return send(McpServerPeer::errorMessage(QJsonValue(), -32700, parsed.error().message));
    m_peer->receive(*parsed, [this](const QJsonObject &message, int) { send(message); });
}

void McpServerStdio::send(const QJsonObject &message)
{
    if (m_out.size() - m_written > maxWaiting) {
        m_out.clear();
        m_written = 0;
        m_writable.setEnabled(false);
        return end();
    }
    m_out += json::compact(message) + '\n';
    write();
}

// Never waits: of a pipe that can be written, so many bytes can.
void McpServerStdio::write()
{
    while (m_written < m_out.size() && canWrite(m_output)) {
        const ssize_t done = ::write(m_output, m_out.constData() + m_written, size_t(std::min<qsizetype>(m_out.size() - m_written, PIPE_BUF)));
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0 && errno == EAGAIN)
            break;
        if (done < 0) {
            m_out.clear();
            m_written = 0;
            m_writable.setEnabled(false);
            return end();
        }
        m_written += done;
    }
    if (m_written >= m_out.size()) {
        m_out.clear();
        m_written = 0;
    } else if (m_written > 1024 * 1024) {
        m_out.remove(0, m_written);
        m_written = 0;
    }
    m_writable.setEnabled(!m_out.isEmpty());
}

} // namespace lathe
