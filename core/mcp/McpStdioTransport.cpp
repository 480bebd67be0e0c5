// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/McpStdioTransport.h"

#include "core/base/Json.h"
#include "core/mcp/McpWire.h"

#include <QTimer>

namespace lathe {

namespace {
constexpr int maxJunk = 500; // lines on standard output that are no messages; servers print banners there
constexpr size_t keptLines = 5;
constexpr qsizetype maxErrorLine = 64 * 1024;
constexpr qint64 turnBytes = 1024 * 1024;
constexpr int graceMs = 1500;

// A line of a terminal program without its colours.
QString plainText(const QByteArray &line)
{
    QByteArray plain;
    plain.reserve(line.size());
    for (qsizetype i = 0; i < line.size(); ++i) {
        if (line[i] == '\x1b' && i + 1 < line.size() && line[i + 1] == '[') {
            i += 2;
            while (i < line.size() && (line[i] < '@' || line[i] > '~'))
                ++i;
        } else if (uchar(line[i]) >= 0x20 || line[i] == '\t') {
            plain += line[i];
        }
    }
    return json::fromUtf8Lossy(plain);
}
}

Task<> nextTurn()
{
    Completion<bool> turn;
    QTimer::singleShot(0, [turn] { turn.complete(true); });
    co_await turn;
}

McpStdioTransport::McpStdioTransport(QString serverName, ProcessSpec spec, Events events)
    : m_name(std::move(serverName)), m_spec(std::move(spec)), m_events(std::make_shared<Events>(std::move(events)))
{
}

McpStdioTransport::~McpStdioTransport() = default;

Task<Result<void>> McpStdioTransport::open(CancelToken cancel)
{
    if (cancel.isCancelled() || !m_events)
        co_return Error::cancelled();
    auto child = ChildProcess::start(m_spec);
    if (!child) {
        Error error(ErrorKind::Unreachable, QStringLiteral("The MCP server %1 could not be started: %2").arg(m_name, child.error().message),
                    child.error().cause);
        co_return error;
    }
    m_child = std::move(*child);
    m_open = 3;
    const auto self = shared_from_this();
    readOutput(self);
    readErrors(self);
    awaitExit(self);
    co_return Result<void>();
}

Task<Result<void>> McpStdioTransport::send(JsonRpcMessage message, HttpHeaders, CancelToken)
{
    const auto self = shared_from_this();
    if (!m_child || !m_events)
        co_return Error(ErrorKind::Unreachable, QStringLiteral("The MCP server %1 is not running.").arg(m_name));
    QByteArray text = message.toText();
    if (const auto events = m_events; events->log)
        events->log(McpLogLine::Source::Sent, QString::fromUtf8(text.left(64 * 1024)));
    if (!m_child)
        co_return Error::cancelled();
    text += '\n';
    // Not to be cancelled: half a message would spoil all that follow.
    auto written = co_await m_child->write(std::move(text));
    if (written)
        co_return Result<void>();
    if (written.error().kind == ErrorKind::LimitReached)
        co_return Error(ErrorKind::Unreachable,
                        QStringLiteral("The MCP server %1 does not read what is sent to it; disconnect it and try again.").arg(m_name));
    co_return Error(ErrorKind::Unreachable, QStringLiteral("The MCP server %1 does not take requests any more.").arg(m_name) + lastWords(),
                    written.error().message);
}

Task<> McpStdioTransport::readOutput(std::shared_ptr<McpStdioTransport> self)
{
    JsonRpcFramer framer;
    std::vector<QByteArray> lines;
    qint64 sinceTurn = 0;
    while (self->m_child && self->m_events) {
        const QByteArray piece = co_await self->m_child->readOutput();
        if (piece.isEmpty())
            break;
        lines.clear();
        const auto framed = framer.feed(piece, lines);
        for (const QByteArray &line : lines) {
            if (!self->takeLine(line))
                co_return;
        }
        if (!framed) {
            self->lose(Error(ErrorKind::Protocol, QStringLiteral("The MCP server %1 was stopped: %2").arg(self->m_name, framed.error().message)));
            co_return;
        }
        sinceTurn += piece.size();
        if (sinceTurn >= turnBytes) {
            sinceTurn = 0;
            co_await nextTurn();
        }
    }
    const QByteArray rest = framer.takeRest(); // a last line without its end
    if (!rest.isEmpty() && self->m_events && !self->takeLine(rest))
        co_return;
    self->partEnded();
}

// False when nobody listens any more.
bool McpStdioTransport::takeLine(const QByteArray &line)
{
    const auto events = m_events;
    if (!events)
        return false;
    auto message = JsonRpcMessage::parse(line);
    if (message) {
        events->log(McpLogLine::Source::Received, json::fromUtf8Lossy(QByteArrayView(line).first(std::min<qsizetype>(line.size(), 64 * 1024))));
        if (m_events)
            events->message(std::move(*message), QByteArray());
        return m_events != nullptr;
    }
    if (++m_junk > maxJunk) {
        lose(Error(ErrorKind::Protocol,
                   QStringLiteral("The MCP server %1 was stopped: it keeps writing things to its standard output that are no messages.").arg(m_name)));
        return false;
    }
    events->unreadable(line, message.error());
    return m_events != nullptr;
}

Task<> McpStdioTransport::readErrors(std::shared_ptr<McpStdioTransport> self)
{
    QByteArray buffer;
    qint64 sinceTurn = 0;
    while (self->m_child && self->m_events) {
        const QByteArray piece = co_await self->m_child->readErrors();
        if (piece.isEmpty())
            break;
        buffer += piece;
        qsizetype from = 0;
        for (qsizetype end; (end = buffer.indexOf('\n', from)) >= 0; from = end + 1)
            self->errorLine(buffer.mid(from, end - from));
        buffer.remove(0, from);
        if (buffer.size() > maxErrorLine) {
            self->errorLine(buffer);
            buffer.clear();
        }
        sinceTurn += piece.size();
        if (sinceTurn >= turnBytes) {
            sinceTurn = 0;
            co_await nextTurn();
        }
    }
    self->errorLine(buffer);
    self->partEnded();
}

void McpStdioTransport::errorLine(const QByteArray &line)
{
    const QString text = plainText(line.left(maxErrorLine));
    if (text.trimmed().isEmpty())
        return;
    m_lastLines.push_back(text.simplified().left(300));
    if (m_lastLines.size() > keptLines)
        m_lastLines.pop_front();
    if (const auto events = m_events)
        events->log(McpLogLine::Source::Stderr, text);
}

Task<> McpStdioTransport::awaitExit(std::shared_ptr<McpStdioTransport> self)
{
    const ProcessExit exit = co_await self->m_child->exited();
    self->m_exit = exit;
    self->partEnded();
}

// The program is over when its output is at its end or it has ended; what the others still have to say is waited for a moment.
void McpStdioTransport::partEnded()
{
    if (!m_events)
        return;
    if (--m_open == 0) {
        finish();
        return;
    }
    if (m_grace)
        return;
    m_grace = std::make_unique<QTimer>();
    m_grace->setSingleShot(true);
    const std::weak_ptr<McpStdioTransport> weak = weak_from_this();
    QObject::connect(m_grace.get(), &QTimer::timeout, m_grace.get(), [weak] {
        if (const auto self = weak.lock())
            self->finish();
    });
    m_grace->start(graceMs);
}

void McpStdioTransport::settle()
{
    if (m_events && m_grace)
        finish();
}

void McpStdioTransport::finish()
{
    const QString how = m_exit ? m_exit->describe() : QStringLiteral("closed its output");
    lose(Error(ErrorKind::Unreachable, QStringLiteral("The MCP server %1 %2.").arg(m_name, how) + lastWords()));
}

QString McpStdioTransport::lastWords() const
{
    if (m_lastLines.empty())
        return {};
    QStringList lines(m_lastLines.begin(), m_lastLines.end());
    return QStringLiteral(" Its last lines: ") + mcpwire::clean(lines.join(QStringLiteral(" | ")), 1000);
}

void McpStdioTransport::lose(Error error)
{
    const auto events = std::exchange(m_events, nullptr);
    if (m_grace)
        m_grace.release()->deleteLater(); // this may be its own call
    if (m_child)
        m_child->kill();
    if (events && events->lost)
        events->lost(std::move(error));
}

Task<> McpStdioTransport::close()
{
    const auto self = shared_from_this();
    m_events.reset();
    if (!m_child)
        co_return;
    const ProcessExit exit = co_await m_child->stop();
    Q_UNUSED(exit);
    m_child.reset();
}

void McpStdioTransport::abort()
{
    const auto self = weak_from_this().lock(); // ends of reads let go of it
    m_events.reset();
    if (m_grace)
        m_grace.release()->deleteLater();
    m_child.reset();
}

} // namespace lathe
