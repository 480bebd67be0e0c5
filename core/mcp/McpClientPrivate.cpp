// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/McpClientPrivate.h"

#include "core/base/Json.h"
#include "core/mcp/McpHttpTransport.h"
#include "core/mcp/McpStdioTransport.h"

#include <QRegularExpression>
#include <QSet>

namespace lathe {

namespace {
constexpr size_t maxLines = 2000;
constexpr qint64 maxLogged = 8 * 1024 * 1024; // characters of all lines together
constexpr qsizetype maxLine = 64 * 1024;
constexpr qsizetype minRedacted = 4; // shorter "secrets" would black out ordinary words
constexpr size_t maxTokens = 5; // the newest of the sign-in
constexpr int maxPages = 1000;
constexpr qsizetype maxEntries = 20'000;
constexpr qint64 maxListBytes = 64 * 1024 * 1024; // of all pages
constexpr int listSeconds = 120;
constexpr qint64 tickMs = 1000;
constexpr int tellEvery = 10; // seconds

const QRegularExpression &secretMark()
{
    static const QRegularExpression mark(QStringLiteral("\\{\\{\\s*secret:([^{}]{1,200}?)\\s*\\}\\}"));
    return mark;
}
}

McpClient::Private::Private(McpServerConfig serverConfig, McpClientOptions clientOptions)
    : config(std::move(serverConfig)), options(std::move(clientOptions)), roots(config.roots), clock(options.clock), m_known(options.knownEra)
{
    if (!clock) {
        m_ownClock = std::make_unique<SystemClock>();
        clock = m_ownClock.get();
    }
}

void McpClient::Private::setState(State next, std::optional<Error> why)
{
    if (state == next && error == why)
        return;
    state = next;
    error = std::move(why);
    if (q)
        Q_EMIT q->stateChanged();
}

QString McpClient::Private::redacted(QString text) const
{
    for (const auto &[name, value] : m_secrets)
        text.replace(value, QStringLiteral("[secret %1]").arg(name));
    for (const QString &token : m_tokens)
        text.replace(token, QStringLiteral("[token of the sign-in]"));
    return text;
}

void McpClient::Private::hide(const QString &token)
{
    if (token.size() < minRedacted || std::find(m_tokens.begin(), m_tokens.end(), token) != m_tokens.end())
        return;
    m_tokens.push_back(token);
    if (m_tokens.size() > maxTokens)
        m_tokens.pop_front();
}

void McpClient::Private::log(McpLogLine::Source source, const QString &level, const QString &text)
{
    McpLogLine line;
    line.timeUs = clock->nowUs();
    line.source = source;
    line.level = level;
    line.text = redacted(text).left(maxLine);
    m_logged += line.text.size();
    lines.push_back(line);
    while (lines.size() > maxLines || (m_logged > maxLogged && lines.size() > 1)) {
        m_logged -= lines.front().text.size();
        lines.pop_front();
    }
    if (q)
        Q_EMIT q->logged(line);
}

// --- Connecting

Result<QString> McpClient::Private::filled(const QString &text)
{
    QString out;
    qsizetype from = 0;
    auto marks = secretMark().globalMatch(text);
    while (marks.hasNext()) {
        const auto mark = marks.next();
        const QString name = mark.captured(1);
        const QString value = options.secret ? options.secret(name).trimmed() : QString();
        if (value.isEmpty())
            return Error(ErrorKind::Auth, QStringLiteral("The MCP server %1 needs the secret \"%2\", which is not stored; enter it in the settings.")
                                              .arg(config.name, name));
        if (value.size() >= minRedacted && std::find(m_secrets.begin(), m_secrets.end(), std::pair(name, value)) == m_secrets.end())
            m_secrets.emplace_back(name, value);
        out += text.mid(from, mark.capturedStart() - from) + value;
        from = mark.capturedEnd();
    }
    return out + text.mid(from);
}

Result<std::shared_ptr<McpConnection>> McpClient::Private::make()
{
    McpConnection::Setup setup;
    setup.config = config;
    setup.handlers = options.handlers;
    setup.clientVersion = options.clientVersion;
    setup.clock = clock;
    setup.roots = roots;
    const std::weak_ptr<Private> weak = weak_from_this();
    const auto which = std::make_shared<const McpConnection *>(nullptr);
    McpConnection::Events events;
    events.log = [weak](McpLogLine::Source source, const QString &level, const QString &text) {
        if (const auto self = weak.lock())
            self->log(source, level, text);
    };
    events.changed = [weak](McpConnection::List list) {
        const auto self = weak.lock();
        if (!self || !self->q)
            return;
        switch (list) {
        case McpConnection::List::Tools: Q_EMIT self->q->toolsChanged(); break;
        case McpConnection::List::Resources: Q_EMIT self->q->resourcesChanged(); break;
        case McpConnection::List::Prompts: Q_EMIT self->q->promptsChanged(); break;
        }
    };
    events.resourceChanged = [weak](const QString &uri) {
        if (const auto self = weak.lock(); self && self->q)
            Q_EMIT self->q->resourceChanged(uri);
    };
    events.token = [weak](const QString &token) {
        if (const auto self = weak.lock())
            self->hide(token);
    };
    events.lost = [weak, which](const Error &why) {
        if (const auto self = weak.lock())
            self->lost(*which, why);
    };
    auto made = std::make_shared<McpConnection>(std::move(setup), std::move(events));
    *which = made.get();

    if (config.transport == McpServerConfig::Transport::Stdio) {
        ProcessSpec spec;
        spec.program = config.command;
        spec.arguments = config.args;
        spec.folder = config.folder;
        for (auto it = config.env.begin(); it != config.env.end(); ++it) {
            const auto value = filled(it.value().toString());
            if (!value)
                return value.error();
            spec.environment.insert(it.key(), *value);
        }
        for (QString &argument : spec.arguments) {
            const auto value = filled(argument);
            if (!value)
                return value.error();
            argument = *value;
        }
        made->setTransport(std::make_shared<McpStdioTransport>(config.name, std::move(spec), made->transportEvents()));
        return made;
    }
    McpHttpTransport::Setup http;
    http.config = config;
    const auto url = filled(config.url);
    if (!url)
        return url.error();
    http.url = *url;
    http.http = options.http;
    http.clock = clock;
    http.authorizer = options.authorizer;
    for (auto it = config.headers.begin(); it != config.headers.end(); ++it) {
        const auto value = filled(it.value().toString());
        if (!value)
            return value.error();
        http.headers.emplace_back(it.key().toUtf8(), value->toUtf8());
    }
    made->setTransport(std::make_shared<McpHttpTransport>(std::move(http), made->transportEvents()));
    return made;
}

qint64 McpClient::Private::backOffMs() const
{
    if (m_failures == 0)
        return 0;
    const qint64 waitMs = std::min<qint64>(30'000, 500 * (qint64(1) << std::min(m_failures - 1, 6)));
    return std::max<qint64>(0, waitMs - (clock->nowUs() - m_failedUs) / 1000);
}

Task<Result<std::shared_ptr<McpConnection>>> McpClient::Private::use(bool now, CancelToken cancel)
{
    const auto self = shared_from_this();
    if (!q || cancel.isCancelled())
        co_return Error::cancelled();
    if (const auto held = connection; held && state == State::Ready) {
        held->settle();
        if (!q)
            co_return Error::cancelled();
    }
    if (connection && state == State::Ready)
        co_return std::shared_ptr<McpConnection>(connection);
    const qint64 wait = now || m_connecting ? 0 : backOffMs();
    if (wait > 0) {
        const auto slept = co_await clock->sleep(wait, cancel);
        if (!slept || !q || state == State::Closed) // what a person closed meanwhile stays closed
            co_return Error::cancelled();
        if (connection && state == State::Ready)
            co_return std::shared_ptr<McpConnection>(connection);
    }
    const Completion<Result<std::shared_ptr<McpConnection>>> done;
    m_waiting.push_back(done);
    const auto registration = cancel.onCancelled([done] { done.complete(Error::cancelled()); });
    if (!m_connecting)
        connect(self);
    auto result = co_await done;
    co_return result;
}

Task<> McpClient::Private::connect(Self self)
{
    self->m_connecting = true;
    self->m_stop = CancelSource();
    self->m_timedOut = false;
    const CancelSource stop = self->m_stop;
    const CancelToken token = stop.token();
    self->setState(State::Connecting);
    self->note(self->config.transport == McpServerConfig::Transport::Stdio
                   ? QStringLiteral("Starting %1.").arg((QStringList(self->config.command) + self->config.args).join(u' ').left(500))
                   : QStringLiteral("Connecting to %1.").arg(mcpwire::shownUrl(self->config.url)));
    Result<std::shared_ptr<McpConnection>> outcome = Error::cancelled();
    std::optional<McpEra> known = self->m_known;
    for (int attempt = 0; attempt < 2; ++attempt) {
        auto made = self->make();
        if (!made) {
            outcome = made.error();
            break;
        }
        const std::shared_ptr<McpConnection> connection = *made;
        self->connection = connection;
        CancelSource over;
        watchConnecting(self, connection, stop, over.token());
        const auto opened = co_await connection->open(known, token);
        over.cancel();
        if (opened && self->connection == connection && self->state == State::Connecting) {
            self->info = *opened;
            outcome = connection;
            break;
        }
        Error why = opened ? Error::cancelled() : opened.error(); // else closed in the meantime
        if (self->m_timedOut)
            why = Error(ErrorKind::Timeout, QStringLiteral("The MCP server %1 was not ready within %2 s; its log says what it was doing. Allow it more "
                                                           "time to connect if it had to fetch packages.")
                                                .arg(self->config.name)
                                                .arg(self->config.connectSeconds));
        const bool again = attempt == 0 && connection->diedOfProbe() && !stop.isCancelled();
        connection->abort(why);
        if (self->connection == connection)
            self->connection.reset();
        outcome = why;
        if (!again)
            break;
        self->note(QStringLiteral("The server ended at server/discover; it is started again in the older way."));
        known = McpEra::Legacy;
    }
    self->m_connecting = false;
    if (outcome) {
        self->m_failures = 0;
        self->m_known = self->info.era;
        if (self->info.era == McpEra::Modern && !self->subscribed.empty())
            self->connection->setSubscriptions(self->subscribed);
        self->note(QStringLiteral("Connected: %1 %2, protocol %3.").arg(self->info.name, self->info.version, self->info.protocolVersion));
        self->setState(State::Ready);
    } else {
        Error why = outcome.error();
        why.message = self->redacted(why.message);
        outcome = why;
        if (why.kind != ErrorKind::Cancelled) {
            ++self->m_failures;
            self->m_failedUs = self->clock->nowUs();
            self->note(why.message);
        }
        // close() has said so already
        if (self->state == State::Connecting)
            self->setState(why.kind == ErrorKind::Cancelled ? State::Idle : State::Failed,
                           why.kind == ErrorKind::Cancelled ? std::nullopt : std::optional<Error>(why));
    }
    const auto waiting = std::exchange(self->m_waiting, {});
    for (const auto &one : waiting)
        one.complete(outcome);
}

// Says in the log that it still takes its time, and ends it when that is up. A person who signs in is not hurried.
Task<> McpClient::Private::watchConnecting(Self self, std::shared_ptr<McpConnection> made, CancelSource stop, CancelToken over)
{
    for (int seconds = 0; seconds < self->config.connectSeconds;) {
        const auto slept = co_await self->clock->sleep(tickMs, over);
        if (!slept)
            co_return;
        if (made->isAsking())
            continue;
        if (++seconds % tellEvery == 0 && seconds < self->config.connectSeconds)
            self->note(QStringLiteral("Still connecting: %1 s of at most %2 s.").arg(seconds).arg(self->config.connectSeconds));
    }
    self->m_timedOut = true;
    stop.cancel();
}

void McpClient::Private::lost(const McpConnection *which, const Error &why)
{
    if (!connection || connection.get() != which || state != State::Ready)
        return;
    const auto self = shared_from_this();
    connection.reset();
    Error shown = why;
    shown.message = redacted(shown.message);
    ++m_failures;
    m_failedUs = clock->nowUs();
    note(shown.message);
    setState(State::Failed, shown);
}

Task<> McpClient::Private::close()
{
    const auto self = shared_from_this();
    const auto ending = std::exchange(connection, nullptr);
    m_failures = 0;
    setState(State::Closed);
    m_stop.cancel();
    if (ending)
        co_await ending->close();
}

void McpClient::Private::shutDown()
{
    const auto self = shared_from_this();
    q.clear();
    const auto ending = std::exchange(connection, nullptr);
    m_stop.cancel();
    if (ending)
        ending->abort(Error::cancelled());
    const auto waiting = std::exchange(m_waiting, {});
    for (const auto &one : waiting)
        one.complete(Error::cancelled());
}

// --- Requests

Task<Result<QJsonObject>> McpClient::Private::ask(QString method, QJsonObject params, McpRequestOptions request, CancelToken cancel)
{
    const auto self = shared_from_this();
    for (int attempt = 0;; ++attempt) {
        auto used = co_await use(false, cancel);
        if (!used)
            co_return used.error();
        const std::shared_ptr<McpConnection> held = *used;
        auto result = co_await held->ask(method, params, request, cancel);
        if (result)
            co_return result;
        // Only the request that was refused itself (404) is repeated: another one may be half done there.
        if (held->sessionEnded() && result.error().httpStatus == 404 && attempt == 0 && !cancel.isCancelled()) {
            if (connection == held) {
                note(QStringLiteral("The server has ended the session; a new one is begun."));
                connection.reset();
                held->abort(Error(ErrorKind::Unreachable, QStringLiteral("The MCP server %1 has ended the session before it had answered; whether it "
                                                                         "did what it was asked is not known.")
                                                              .arg(config.name)));
                setState(State::Idle);
            }
            continue;
        }
        Error why = result.error();
        why.message = redacted(why.message);
        why.cause = redacted(why.cause);
        co_return why;
    }
}

Task<Result<QJsonArray>> McpClient::Private::pages(QString method, QString member, QString what, CancelToken cancel)
{
    const auto self = shared_from_this();
    const auto wrong = [this](const QString &how) {
        return Error(ErrorKind::Protocol, QStringLiteral("The MCP server %1 %2.").arg(config.name, how));
    };
    QJsonArray all;
    QSet<QString> cursors;
    QJsonObject params;
    qint64 bytes = 0;
    for (int page = 0; page < maxPages; ++page) {
        McpRequestOptions request;
        request.call.seconds = listSeconds;
        request.what = what;
        auto result = co_await ask(method, params, std::move(request), cancel);
        if (!result)
            co_return result.error();
        const QJsonValue entries = result->value(member);
        if (!entries.isArray())
            co_return wrong(QStringLiteral("gave no list for %1").arg(what));
        const QJsonArray list = entries.toArray();
        if (all.size() + list.size() > maxEntries)
            co_return wrong(QStringLiteral("lists more than %L1 entries in %2").arg(maxEntries).arg(what));
        bytes += json::compact(list).size();
        if (bytes > maxListBytes)
            co_return wrong(QStringLiteral("sends more than %1 MB for %2").arg(maxListBytes >> 20).arg(what));
        for (const QJsonValue &entry : list)
            all.append(entry);
        const QJsonValue next = result->value(QLatin1String("nextCursor"));
        if (next.toString().isEmpty()) // also of servers that send "" at the end
            co_return all;
        if (cursors.contains(next.toString()))
            co_return wrong(QStringLiteral("repeats a page of %1 without end").arg(what));
        cursors.insert(next.toString());
        params.insert(QStringLiteral("cursor"), next);
    }
    co_return wrong(QStringLiteral("has more than %1 pages of %2").arg(maxPages).arg(what));
}

} // namespace lathe
