// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/McpHttpTransport.h"

#include "core/base/Json.h"
#include "core/http/HttpClient.h"
#include "core/mcp/McpAuthorizer.h"
#include "core/mcp/McpWire.h"

#include <QPointer>
#include <QUrl>

namespace lathe {

namespace {
constexpr qint64 maxAnswerBytes = JsonRpcFramer::defaultMaxLineBytes;
constexpr qint64 maxStreamBytes = qint64(1) << 30;
constexpr int maxRedirects = 3;
constexpr int maxChallenges = 6;
constexpr int maxResumes = 8;     // in a row that bring nothing
constexpr int maxUnreadable = 100;
constexpr qint64 usualRetryMs = 1000;
constexpr qint64 maxRetryMs = 5 * 60'000;
constexpr qint64 maxListenRetryMs = 60'000;
constexpr qint64 letEndMs = 2000; // for a stream whose answer has come, so that the connection can be kept
constexpr qsizetype maxLogged = 64 * 1024;

bool isSession(const QByteArray &id)
{
    return !id.isEmpty() && id.size() <= 4096 && std::all_of(id.begin(), id.end(), [](char c) { return c >= 0x21 && c <= 0x7e; });
}

int portOf(const QUrl &url)
{
    return url.port(url.scheme() == QLatin1String("https") ? 443 : 80);
}

bool isRedirect(int status)
{
    return status == 301 || status == 302 || status == 307 || status == 308;
}

bool isEventStream(const HttpResponse &response)
{
    return headerValue(response.headers, "content-type").trimmed().toLower().startsWith("text/event-stream");
}
}

struct McpHttpTransport::Exchange {
    QByteArray key; // of the request; empty: a notification, an answer or the stream of the server's own messages
    bool isInitialize = false;
    bool answered = false;
    bool streamed = false;
    QByteArray lastEventId;
    qint64 retryMs = -1;
    int events = 0;
    int unreadable = 0;
    std::optional<Error> failure;
    CancelSource stop;
    explicit Exchange(const CancelToken &parent) : stop(parent) {}

    // Ends what still waits for the exchange when it is over.
    struct Over {
        const std::shared_ptr<Exchange> exchange;
        explicit Over(std::shared_ptr<Exchange> what) : exchange(std::move(what)) {}
        ~Over() { exchange->stop.cancel(); }
        Q_DISABLE_COPY_MOVE(Over)
    };
};

McpHttpTransport::McpHttpTransport(Setup setup, Events events)
    : m_setup(std::move(setup)),
      m_name(m_setup.config.name),
      m_shownUrl(mcpwire::shownUrl(m_setup.config.url)),
      m_events(std::make_shared<Events>(std::move(events)))
{
}

Task<Result<void>> McpHttpTransport::open(CancelToken cancel)
{
    if (cancel.isCancelled() || !m_events)
        co_return Error::cancelled();
    if (!m_setup.http)
        co_return Error(ErrorKind::Unreachable, QStringLiteral("The MCP server %1 cannot be reached: there is no network here.").arg(m_name));
    co_return Result<void>();
}

void McpHttpTransport::agreed(McpEra era, const QString &version)
{
    m_era = era;
    m_version = version.toLatin1();
    if (era == McpEra::Legacy && !std::exchange(m_listening, true))
        listen(shared_from_this());
}

void McpHttpTransport::log(McpLogLine::Source source, const QString &text)
{
    if (const auto events = m_events)
        events->log(source, text);
}

void McpHttpTransport::deliver(JsonRpcMessage message, const QByteArray &about)
{
    if (const auto events = m_events)
        events->message(std::move(message), about);
}

// --- Requests

Task<Result<HttpRequest>> McpHttpTransport::request(QByteArray method, HttpHeaders headers, CancelToken cancel)
{
    HttpRequest request;
    request.method = std::move(method);
    request.url = m_setup.url;
    request.headers = m_setup.headers;
    request.headers.insert(request.headers.end(), headers.begin(), headers.end());
    if (!m_session.isEmpty())
        request.headers.emplace_back("Mcp-Session-Id", m_session);
    request.connectTimeoutMs = std::min<qint64>(30'000, qint64(m_setup.config.connectSeconds) * 1000);
    // How long an answer may take is the caller's business.
    request.firstByteTimeoutMs = 0;
    request.idleTimeoutMs = 0;
    request.maxBodyBytes = maxAnswerBytes;
    request.maxStreamBytes = maxStreamBytes;
    if (m_setup.authorizer && headerValue(m_setup.headers, "authorization").isEmpty()) {
        McpServerConfig config = m_setup.config;
        ++m_asking;
        auto value = co_await m_setup.authorizer->authorization(std::move(config), std::move(cancel));
        --m_asking;
        if (!value)
            co_return value.error();
        if (!value->isEmpty())
            request.headers.emplace_back("Authorization", *value);
        if (const auto events = m_events; events && events->token && !value->isEmpty())
            events->token(QString::fromLatin1(value->mid(value->indexOf(' ') + 1)));
    }
    co_return request;
}

// Where the answer sends the request to, as the same request (libcurl would make a GET of it). Only within the server: what is sent may hold
// secrets.
Result<QString> McpHttpTransport::redirected(const HttpResponse &response) const
{
    const QUrl home(m_setup.url);
    const QUrl target = home.resolved(QUrl(QString::fromUtf8(headerValue(response.headers, "location").trimmed())));
    if (target.scheme() == home.scheme() && target.host() == home.host() && portOf(target) == portOf(home) && target != home)
        return target.toString(QUrl::FullyEncoded);
    return Error(ErrorKind::Denied, QStringLiteral("The MCP server at %1 sends requests on to %2, which is not followed; if that is right, enter its "
                                                   "new address.")
                                        .arg(m_shownUrl, mcpwire::clean(mcpwire::shownUrl(target.toString()), 200)));
}

// Sends it, and again where the server moved it within itself, or after a sign-in that it asked for.
Task<Result<HttpResponse>> McpHttpTransport::authorized(QByteArray method, HttpHeaders headers, QByteArray body, std::shared_ptr<Exchange> exchange,
                                                        CancelToken cancel)
{
    const auto self = shared_from_this();
    int redirects = 0;
    for (int challenge = 0;; ++challenge) {
        auto made = co_await request(method, headers, cancel);
        if (!made)
            co_return made.error();
        if (!m_events || cancel.isCancelled())
            co_return Error::cancelled();
        made->body = body;
        HttpClient::HeadSink head = [self, exchange](const HttpResponse &response) { self->takeHead(exchange, response); };
        HttpClient::SseSink sink = [self, exchange](std::vector<SseEvent> events) { self->takeEvents(exchange, std::move(events)); };
        auto response = co_await m_setup.http->stream(std::move(*made), std::move(head), std::move(sink), cancel);
        if (response && isRedirect(response->status) && redirects < maxRedirects && m_events) {
            const auto target = redirected(*response);
            if (!target)
                co_return target.error();
            m_setup.url = *target;
            ++redirects;
            --challenge;
            continue;
        }
        if (!response || !m_setup.authorizer || method != "POST" || (response->status != 401 && response->status != 403)
            || !headerValue(m_setup.headers, "authorization").isEmpty() || !m_events)
            co_return response;
        if (challenge >= maxChallenges)
            co_return Error(ErrorKind::Denied,
                            QStringLiteral("The MCP server %1 asks for a sign-in again and again, and accepts none; look at its settings.").arg(m_name));
        McpServerConfig config = m_setup.config;
        HttpResponse answer = *response;
        ++m_asking;
        const auto again = co_await m_setup.authorizer->challenged(std::move(config), std::move(answer), cancel);
        --m_asking;
        if (!again)
            co_return again.error();
        if (!*again)
            co_return response;
    }
}

Task<Result<void>> McpHttpTransport::send(JsonRpcMessage message, HttpHeaders headers, CancelToken cancel)
{
    const auto self = shared_from_this();
    if (!m_events)
        co_return Error::cancelled();
    const auto exchange = std::make_shared<Exchange>(cancel);
    const auto registration = m_stop.token().onCancelled([exchange] { exchange->stop.cancel(); });
    const Exchange::Over over(exchange);
    const bool isRequest = message.kind == JsonRpcMessage::Kind::Request;
    if (isRequest)
        exchange->key = jsonRpcIdKey(message.id);
    exchange->isInitialize = message.method == QLatin1String("initialize");
    QByteArray body = message.toText();
    log(McpLogLine::Source::Sent, QString::fromUtf8(body.left(maxLogged)));
    headers.emplace_back("Content-Type", "application/json");
    headers.emplace_back("Accept", "application/json, text/event-stream");
    auto response = co_await authorized("POST", std::move(headers), std::move(body), exchange, exchange->stop.token());
    if (exchange->answered)
        co_return Result<void>();
    if (exchange->failure)
        co_return Error(*exchange->failure);
    if (!response && !(exchange->streamed && response.error().kind == ErrorKind::Unreachable))
        co_return response.error();
    if (exchange->streamed) { // it ended without the answer
        if (!isRequest)
            co_return Result<void>();
        if (m_era != McpEra::Modern && !exchange->lastEventId.isEmpty()) {
            auto resumed = co_await resume(exchange, exchange->stop.token());
            co_return resumed;
        }
        co_return Error(ErrorKind::Unreachable, QStringLiteral("The MCP server %1 ended the stream before it had answered.").arg(m_name));
    }
    const bool good = response->status >= 200 && response->status < 300;
    if (exchange->isInitialize && good)
        takeHead(exchange, *response);
    if (!isRequest) {
        if (good)
            co_return Result<void>();
        co_return refusal(*response);
    }
    co_return takeAnswer(exchange, *response);
}

void McpHttpTransport::takeHead(const std::shared_ptr<Exchange> &exchange, const HttpResponse &head)
{
    exchange->streamed = isEventStream(head);
    if (!exchange->isInitialize)
        return;
    const QByteArray session = headerValue(head.headers, "mcp-session-id").trimmed();
    if (isSession(session))
        m_session = session;
    else if (!session.isEmpty())
        log(McpLogLine::Source::Client, QStringLiteral("The server gave a session id that the protocol does not allow; it is left out."));
}

void McpHttpTransport::takeEvents(const std::shared_ptr<Exchange> &exchange, std::vector<SseEvent> events)
{
    exchange->streamed = true;
    for (const SseEvent &event : events) {
        if (!m_events)
            return;
        if (!event.id.isEmpty())
            exchange->lastEventId = event.id;
        if (event.retryMs >= 0)
            exchange->retryMs = std::min(event.retryMs, maxRetryMs);
        ++exchange->events;
        if (event.data.trimmed().isEmpty()) // only says its id, so that the stream can be taken up again
            continue;
        log(McpLogLine::Source::Received, json::fromUtf8Lossy(QByteArrayView(event.data).first(std::min(event.data.size(), maxLogged))));
        auto message = JsonRpcMessage::parse(event.data);
        if (!message) {
            if (++exchange->unreadable > maxUnreadable) {
                exchange->failure = Error(ErrorKind::Protocol, QStringLiteral("The MCP server %1 keeps sending events that are no messages.").arg(m_name));
                exchange->stop.cancel();
                return;
            }
            const QJsonValue id = JsonRpcMessage::idOfBroken(event.data);
            if (!exchange->key.isEmpty() && (id.isUndefined() || jsonRpcIdKey(id) == exchange->key)) {
                exchange->failure = Error(ErrorKind::Protocol, QStringLiteral("The MCP server %1 gave an answer that cannot be read. %2")
                                                                   .arg(m_name, message.error().message));
                exchange->stop.cancel();
                return;
            }
            if (const auto now = m_events)
                now->unreadable(event.data, message.error());
            continue;
        }
        const bool answers = message->kind == JsonRpcMessage::Kind::Answer && !exchange->key.isEmpty() && jsonRpcIdKey(message->id) == exchange->key;
        if (answers && !std::exchange(exchange->answered, true))
            letEnd(shared_from_this(), exchange);
        deliver(std::move(*message), exchange->key);
    }
}

// The server should end the stream after the answer. When it does not, we do.
Task<> McpHttpTransport::letEnd(std::shared_ptr<McpHttpTransport> self, std::shared_ptr<Exchange> exchange)
{
    const CancelToken stop = exchange->stop.token();
    const auto slept = co_await self->m_setup.clock->sleep(letEndMs, stop);
    if (slept)
        exchange->stop.cancel();
}

Result<void> McpHttpTransport::takeAnswer(const std::shared_ptr<Exchange> &exchange, const HttpResponse &response)
{
    const bool good = response.status >= 200 && response.status < 300;
    if (response.status == 404 && m_era == McpEra::Legacy && !m_session.isEmpty()) {
        m_sessionEnded = true;
        Error error(ErrorKind::Unreachable, QStringLiteral("The MCP server %1 has ended the session; try again.").arg(m_name));
        error.httpStatus = 404;
        return error;
    }
    const QByteArray type = headerValue(response.headers, "content-type").trimmed().toLower();
    const bool isJson = type.startsWith("application/json") || (type.isEmpty() && response.body.trimmed().startsWith('{'));
    if (!response.body.trimmed().isEmpty() && isJson && response.status != 401 && response.status != 403) {
        auto message = JsonRpcMessage::parse(response.body);
        const bool answer = message && message->kind == JsonRpcMessage::Kind::Answer;
        const bool ours = answer && (jsonRpcIdKey(message->id) == exchange->key || (message->id.isNull() && message->error));
        if (good || (ours && message->error))
            log(McpLogLine::Source::Received, json::fromUtf8Lossy(QByteArrayView(response.body).first(std::min(response.body.size(), maxLogged))));
        if (ours && (good || message->error)) {
            exchange->answered = true;
            message->id = json::parse(exchange->key).valueOr(QJsonValue());
            deliver(std::move(*message), exchange->key);
            return {};
        }
        if (good) {
            if (!message)
                return Error(ErrorKind::Protocol, QStringLiteral("The MCP server %1 gave an answer that cannot be read. %2").arg(m_name, message.error().message));
            return Error(ErrorKind::Protocol, QStringLiteral("The MCP server %1 answered another request than the one it was asked (a wrong id).").arg(m_name));
        }
    }
    if (!good)
        return refusal(response);
    if (response.body.trimmed().isEmpty())
        return Error(ErrorKind::Protocol, QStringLiteral("The MCP server %1 took the request (HTTP %2) and gave no answer.").arg(m_name).arg(response.status));
    return Error(ErrorKind::Protocol,
                 QStringLiteral("What answers at %1 is no MCP server: it sent %2 in place of JSON; check the address.")
                     .arg(m_shownUrl, type.isEmpty() ? QStringLiteral("an unknown type") : mcpwire::clean(QString::fromLatin1(type), 60)));
}

Error McpHttpTransport::refusal(const HttpResponse &response) const
{
    const int status = response.status;
    QString words = mcpwire::clean(json::fromUtf8Lossy(QByteArrayView(response.body).first(std::min<qsizetype>(response.body.size(), 2000))), 200);
    if (words.startsWith(u'<')) // a page for people
        words.clear();
    const QString said = words.isEmpty() ? QString() : QStringLiteral(" It says: ") + words;
    const auto make = [&](ErrorKind kind, const QString &text) {
        Error error(kind, text + said);
        error.httpStatus = status;
        return error;
    };
    if (status == 401)
        return make(ErrorKind::Denied, QStringLiteral("The MCP server %1 wants a sign-in or a key that it was not given (HTTP 401).").arg(m_name));
    if (status == 403)
        return make(ErrorKind::Denied, QStringLiteral("The MCP server %1 does not allow this (HTTP 403).").arg(m_name));
    if (status == 404 || status == 405)
        return make(ErrorKind::Unreachable, QStringLiteral("No MCP server answers at %1 (HTTP %2); check the address.").arg(m_shownUrl).arg(status));
    if (status == 429) {
        Error error = make(ErrorKind::RateLimited, QStringLiteral("The MCP server %1 has had too many requests (HTTP 429); wait a while.").arg(m_name));
        bool number = false;
        const qint64 seconds = headerValue(response.headers, "retry-after").trimmed().toLongLong(&number);
        if (number && seconds >= 0 && seconds < 86'400)
            error.retryAfterMs = seconds * 1000;
        return error;
    }
    if (status >= 300 && status < 400)
        return make(ErrorKind::Unreachable, QStringLiteral("The MCP server at %1 has moved (HTTP %2); enter its new address.").arg(m_shownUrl).arg(status));
    return make(ErrorKind::Provider, QStringLiteral("The MCP server %1 answered with HTTP %2.").arg(m_name).arg(status));
}

// --- Legacy: streams that go on after a cut, and the one for the server's own messages

Task<Result<void>> McpHttpTransport::resume(std::shared_ptr<Exchange> exchange, CancelToken cancel)
{
    const auto self = shared_from_this();
    for (int without = 0; without < maxResumes;) {
        const qint64 wait = exchange->retryMs >= 0 ? exchange->retryMs : usualRetryMs;
        log(McpLogLine::Source::Client, QStringLiteral("The stream was cut; it is taken up again in %1 ms.").arg(wait));
        const auto slept = co_await m_setup.clock->sleep(wait, cancel);
        if (!slept || !m_events)
            co_return Error::cancelled();
        const int before = exchange->events;
        exchange->streamed = false;
        HttpHeaders headers{{"Accept", "text/event-stream"}, {"Last-Event-ID", exchange->lastEventId}};
        if (!m_version.isEmpty())
            headers.emplace_back("MCP-Protocol-Version", m_version);
        const auto response = co_await authorized("GET", std::move(headers), QByteArray(), exchange, cancel);
        if (exchange->answered)
            co_return Result<void>();
        if (exchange->failure)
            co_return Error(*exchange->failure);
        if (!m_events || cancel.isCancelled())
            co_return Error::cancelled();
        if (response && !exchange->streamed) // refused
            break;
        without = exchange->events > before + 1 ? 0 : without + 1; // one is the greeting
    }
    co_return Error(ErrorKind::Unreachable,
                    QStringLiteral("The connection to the MCP server %1 was cut before it had answered, and could not be taken up again.").arg(m_name));
}

Task<> McpHttpTransport::listen(std::shared_ptr<McpHttpTransport> self)
{
    const CancelToken stop = self->m_stop.token();
    const auto exchange = std::make_shared<Exchange>(stop);
    qint64 backOff = usualRetryMs;
    while (self->m_events && !stop.isCancelled() && !self->m_sessionEnded) {
        HttpHeaders headers{{"Accept", "text/event-stream"}};
        if (!self->m_version.isEmpty())
            headers.emplace_back("MCP-Protocol-Version", self->m_version);
        if (!exchange->lastEventId.isEmpty())
            headers.emplace_back("Last-Event-ID", exchange->lastEventId);
        const int before = exchange->events;
        exchange->streamed = false;
        const auto response = co_await self->authorized("GET", std::move(headers), QByteArray(), exchange, stop);
        if (!self->m_events || stop.isCancelled() || exchange->failure)
            co_return;
        if (response && !exchange->streamed) {
            if (response->status != 405)
                self->log(McpLogLine::Source::Client,
                          QStringLiteral("The server has no stream for messages of its own (HTTP %1).").arg(response->status));
            co_return;
        }
        backOff = exchange->events > before ? usualRetryMs : std::min(backOff * 2, maxListenRetryMs);
        const auto slept = co_await self->m_setup.clock->sleep(std::max(backOff, exchange->retryMs), stop);
        if (!slept)
            co_return;
    }
}

// --- The end

Task<> McpHttpTransport::endSession(std::shared_ptr<McpHttpTransport> self)
{
    HttpHeaders headers;
    if (!self->m_version.isEmpty())
        headers.emplace_back("MCP-Protocol-Version", self->m_version);
    auto made = co_await self->request("DELETE", std::move(headers), CancelToken());
    self->m_session.clear();
    if (!made)
        co_return;
    made->totalTimeoutMs = 3000;
    const auto response = co_await self->m_setup.http->fetch(std::move(*made), CancelToken());
    Q_UNUSED(response); // a server may refuse it (405); the session is over for us all the same
}

Task<> McpHttpTransport::close()
{
    const auto self = shared_from_this();
    m_events.reset();
    m_stop.cancel();
    if (!m_session.isEmpty() && !m_sessionEnded)
        co_await endSession(self);
}

void McpHttpTransport::abort()
{
    const auto self = weak_from_this().lock();
    m_events.reset();
    m_stop.cancel();
    if (self && !m_session.isEmpty() && !m_sessionEnded)
        endSession(self);
    m_session.clear();
}

} // namespace lathe
