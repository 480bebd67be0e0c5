// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/McpConnection.h"

#include "core/base/Json.h"

#include <QTimer>

namespace lathe {

namespace {
constexpr int usualSeconds = 300;
constexpr size_t maxFinished = 1000;
constexpr int maxRounds = 10;          // of questions within one request
constexpr qint64 stateOnlyPaceMs = 250; // before a request is repeated that asked nothing of us

std::string tableKey(const QByteArray &key)
{
    return key.toStdString();
}
}

McpConnection::McpConnection(Setup setup, Events events)
    : m_setup(std::move(setup)), m_name(m_setup.config.name), m_events(std::move(events))
{
}

McpTransport::Events McpConnection::transportEvents()
{
    const std::weak_ptr<McpConnection> weak = weak_from_this();
    McpTransport::Events events;
    events.message = [weak](JsonRpcMessage message, const QByteArray &about) {
        if (const auto self = weak.lock())
            self->onMessage(std::move(message), about);
    };
    events.unreadable = [weak](const QByteArray &text, const Error &why) {
        if (const auto self = weak.lock())
            self->onUnreadable(text, why);
    };
    events.log = [weak](McpLogLine::Source source, const QString &text) {
        if (const auto self = weak.lock())
            self->log(source, text);
    };
    events.token = [weak](const QString &token) {
        if (const auto self = weak.lock(); self && self->m_events.token)
            self->m_events.token(token);
    };
    events.lost = [weak](Error error) {
        if (const auto self = weak.lock())
            self->onLost(std::move(error));
    };
    return events;
}

void McpConnection::log(McpLogLine::Source source, const QString &text, const QString &level)
{
    if (m_events.log)
        m_events.log(source, level, text);
}

// --- One request

McpConnection::PendingPtr McpConnection::begin(const QString &method, QJsonObject params, McpRequestOptions options, McpEra era, const QString &version,
                                               bool isListen)
{
    auto pending = std::make_shared<Pending>();
    pending->id = isListen ? QJsonValue(QStringLiteral("listen-%1").arg(++m_lastListen)) : QJsonValue(++m_lastId);
    pending->key = jsonRpcIdKey(pending->id);
    pending->method = method;
    pending->lifeUs = m_setup.clock->nowUs();
    QJsonObject meta = params.value(QLatin1String("_meta")).toObject();
    if (options.progress)
        meta.insert(QStringLiteral("progressToken"), pending->id);
    if (!options.call.traceparent.isEmpty())
        meta.insert(QStringLiteral("traceparent"), options.call.traceparent);
    HttpHeaders headers;
    if (era == McpEra::Modern) {
        meta.insert(QStringLiteral("io.modelcontextprotocol/protocolVersion"), version);
        meta.insert(QStringLiteral("io.modelcontextprotocol/clientInfo"), clientInfo());
        meta.insert(QStringLiteral("io.modelcontextprotocol/clientCapabilities"), capabilities(options.call.handlers));
        if (m_info.capabilities.contains(QLatin1String("logging")))
            meta.insert(QStringLiteral("io.modelcontextprotocol/logLevel"), QStringLiteral("info"));
    }
    if (!meta.isEmpty())
        params.insert(QStringLiteral("_meta"), meta);
    JsonRpcMessage message = JsonRpcMessage::request(pending->id, method, params);
    if (era == McpEra::Modern) {
        headers = mcpwire::standardHeaders(message);
        headers.insert(headers.end(), options.headers.begin(), options.headers.end());
    }
    if (!version.isEmpty() && method != QLatin1String("initialize"))
        headers.emplace_back("MCP-Protocol-Version", version.toLatin1());
    pending->options = std::move(options);
    m_pending.emplace(tableKey(pending->key), pending);
    m_order.push_back(pending);
    deliver(shared_from_this(), pending, std::move(message), std::move(headers));
    return pending;
}

Task<> McpConnection::deliver(Self self, PendingPtr pending, JsonRpcMessage message, HttpHeaders headers)
{
    const auto transport = self->m_transport;
    const CancelToken stop = pending->stop.token();
    auto sent = co_await transport->send(std::move(message), std::move(headers), stop);
    if (!sent)
        self->finish(pending, sent.error());
    else if (transport->isHttp() && !pending->isDone)
        self->finish(pending, Error(ErrorKind::Protocol, QStringLiteral("The MCP server %1 gave no answer.").arg(self->m_name)));
}

Task<McpConnection::Answer> McpConnection::exchange(QString method, QJsonObject params, McpRequestOptions options, CancelToken cancel)
{
    const auto self = shared_from_this();
    if (m_lost)
        co_return Error(*m_lost);
    if (cancel.isCancelled())
        co_return Error::cancelled();
    const auto pending = begin(method, std::move(params), std::move(options), m_era, m_version);
    const std::weak_ptr<McpConnection> weak = self;
    const auto registration = cancel.onCancelled([weak, pending] {
        if (const auto alive = weak.lock())
            alive->withdraw(pending, QStringLiteral("The user cancelled it."), Error::cancelled());
    });
    watch(self, pending);
    Answer answer = co_await pending->done;
    co_return answer;
}

Task<> McpConnection::watch(Self self, PendingPtr pending)
{
    const qint64 seconds = pending->options.call.seconds > 0 ? pending->options.call.seconds : usualSeconds;
    while (!pending->isDone) {
        const qint64 now = self->m_setup.clock->nowUs();
        if (self->m_questions > 0 || self->isAsking()) // a person is not to be hurried
            pending->lifeUs = now;
        const qint64 leftUs = pending->lifeUs + seconds * 1'000'000 - now;
        if (leftUs <= 0) {
            self->withdraw(pending, QStringLiteral("It took too long."),
                           Error(ErrorKind::Timeout, QStringLiteral("The MCP server %1 gave no sign of life for %2 s at %3.")
                                                         .arg(self->m_name)
                                                         .arg(seconds)
                                                         .arg(pending->options.what)));
            co_return;
        }
        const CancelToken over = pending->over.token();
        const auto slept = co_await self->m_setup.clock->sleep(leftUs / 1000 + 1, over);
        if (!slept)
            co_return;
    }
}

// `ownStream`: the answer came on the request's own stream, which the server then ends.
void McpConnection::finish(const PendingPtr &pending, Answer answer, bool ownStream)
{
    if (std::exchange(pending->isDone, true))
        return;
    const auto self = shared_from_this();
    m_pending.erase(tableKey(pending->key));
    std::erase(m_order, pending);
    m_finished.push_back(pending->key);
    if (m_finished.size() > maxFinished)
        m_finished.pop_front();
    pending->over.cancel();
    if (!ownStream)
        pending->stop.cancel();
    pending->done.complete(std::move(answer));
}

// Tells the server that its answer is not wanted any more. Closing the stream of the answer says it over HTTP of the modern era.
void McpConnection::withdraw(const PendingPtr &pending, const QString &reason, Error error)
{
    if (pending->isDone)
        return;
    const bool byStream = m_transport && m_transport->isHttp() && m_era == McpEra::Modern;
    if (!byStream && pending->method != QLatin1String("initialize") && !m_lost)
        notify(QStringLiteral("notifications/cancelled"),
               {{QStringLiteral("requestId"), pending->id}, {QStringLiteral("reason"), reason}});
    finish(pending, std::move(error));
}

void McpConnection::notify(const QString &method, const QJsonObject &params)
{
    if (!m_lost)
        post(shared_from_this(), JsonRpcMessage::notification(method, params));
}

Task<> McpConnection::post(Self self, JsonRpcMessage message)
{
    const auto transport = self->m_transport;
    if (!transport)
        co_return;
    HttpHeaders headers;
    if (self->m_era == McpEra::Modern && message.kind == JsonRpcMessage::Kind::Notification)
        headers = mcpwire::standardHeaders(message);
    if (!self->m_version.isEmpty())
        headers.emplace_back("MCP-Protocol-Version", self->m_version.toLatin1());
    const QString method = message.method;
    const CancelToken over = self->m_over.token();
    const auto sent = co_await transport->send(std::move(message), std::move(headers), over);
    if (!sent && sent.error().kind != ErrorKind::Cancelled)
        self->note(QStringLiteral("%1 could not be sent. %2").arg(method.isEmpty() ? QStringLiteral("An answer") : method, sent.error().message));
}

// --- A request with all its rounds (input_required of 2026-07-28)

Task<Result<QJsonObject>> McpConnection::ask(QString method, QJsonObject params, McpRequestOptions options, CancelToken cancel)
{
    const auto self = shared_from_this();
    const QJsonObject original = params;
    for (int round = 0;; ++round) {
        auto answer = co_await exchange(method, params, options, cancel);
        if (!answer)
            co_return answer.error();
        if (answer->error) {
            Error error = mcpwire::errorOf(*answer->error, m_name, options.what);
            if (answer->error->code == jsonrpc::urlElicitationRequired && round == 0) {
                // Legacy: pages to be visited before the call is repeated.
                QJsonObject requests;
                const QJsonArray pages = answer->error->data.toObject().value(QLatin1String("elicitations")).toArray();
                for (qsizetype i = 0; i < std::min<qsizetype>(pages.size(), 5); ++i)
                    requests.insert(QString::number(i), QJsonObject{{QStringLiteral("method"), QStringLiteral("elicitation/create")},
                                                                    {QStringLiteral("params"), pages[i]}});
                auto visited = co_await inputResponses(requests, options.call.handlers, options.what, cancel);
                if (!visited)
                    co_return visited.error();
                const bool all = !visited->isEmpty() && std::all_of(visited->begin(), visited->end(), [](const QJsonValue &reply) {
                    return reply.toObject().value(QLatin1String("action")) == QJsonValue(QStringLiteral("accept"));
                });
                if (all)
                    continue;
            }
            co_return error;
        }
        QJsonObject result = std::move(answer->result);
        const QJsonValue type = result.value(QLatin1String("resultType"));
        if (m_era != McpEra::Modern || type.isUndefined() || type == QJsonValue(QStringLiteral("complete")))
            co_return result;
        if (type != QJsonValue(QStringLiteral("input_required")))
            co_return Error(ErrorKind::Protocol,
                            QStringLiteral("The MCP server %1 gave a result of the type \"%2\" for %3, which Lathe does not know.")
                                .arg(m_name, mcpwire::clean(type.toString(), 60), options.what));
        const QJsonObject requests = result.value(QLatin1String("inputRequests")).toObject();
        const QJsonValue state = result.value(QLatin1String("requestState"));
        if (requests.isEmpty() && !state.isString())
            co_return Error(ErrorKind::Protocol,
                            QStringLiteral("The MCP server %1 wants more for %2 and does not say what.").arg(m_name, options.what));
        if (round >= maxRounds)
            co_return Error(ErrorKind::Protocol,
                            QStringLiteral("The MCP server %1 still asks for more after %2 rounds at %3, so it was given up.")
                                .arg(m_name)
                                .arg(maxRounds)
                                .arg(options.what));
        params = original;
        if (requests.isEmpty()) {
            const auto slept = co_await m_setup.clock->sleep(stateOnlyPaceMs, cancel);
            if (!slept)
                co_return slept.error();
        } else {
            auto responses = co_await inputResponses(requests, options.call.handlers, options.what, cancel);
            if (!responses)
                co_return responses.error();
            params.insert(QStringLiteral("inputResponses"), *responses);
        }
        if (state.isString())
            params.insert(QStringLiteral("requestState"), state);
    }
}

// --- The end

void McpConnection::onLost(Error error)
{
    if (m_lost)
        return;
    const auto self = shared_from_this();
    m_diedOfProbe = m_probing;
    abort(error);
    if (m_events.lost)
        m_events.lost(error);
}

void McpConnection::settle()
{
    if (const auto transport = m_transport)
        transport->settle();
}

void McpConnection::abort(const Error &why)
{
    const auto self = shared_from_this();
    const Error error = why; // may belong to what ends here
    if (!m_lost)
        m_lost = error;
    const auto pending = m_order;
    for (const PendingPtr &one : pending)
        finish(one, error); // before the transport ends: that would only say Cancelled
    if (m_transport)
        m_transport->abort();
    m_over.cancel();
    const auto serving = std::exchange(m_serving, {});
    for (CancelSource source : serving)
        source.cancel();
}

Task<> McpConnection::close()
{
    const auto self = shared_from_this();
    if (!m_lost)
        m_lost = Error::cancelled();
    const auto transport = m_transport;
    m_over.cancel();
    const auto pending = m_order;
    for (const PendingPtr &one : pending)
        finish(one, Error::cancelled());
    const auto serving = std::exchange(m_serving, {});
    for (CancelSource source : serving)
        source.cancel();
    if (transport)
        co_await transport->close();
}

void McpConnection::setRoots(const QStringList &roots)
{
    m_setup.roots = roots;
    if (m_toldRoots && m_era == McpEra::Legacy)
        notify(QStringLiteral("notifications/roots/list_changed"), {});
}

} // namespace lathe
