// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/McpConnection.h"

#include "core/base/Json.h"

#include <QFileInfo>
#include <QTimer>
#include <QUrl>

#include <cmath>

// What a server sends of its own: answers, notifications, and requests to the client.
namespace lathe {

namespace {
constexpr int maxServing = 32; // requests of the server at a time
constexpr int maxInputs = 16;  // of one round
constexpr qsizetype maxLogText = 64 * 1024;
constexpr int gatherMs = 50; // changes of lists that come in a burst are told of once
constexpr qint64 firstBackOffMs = 1000, maxBackOffMs = 60'000;
constexpr qsizetype maxRoots = 200;

QString shown(const QJsonValue &value, qsizetype max = 2000)
{
    return value.isString() ? value.toString().left(max) : json::compactString(value).left(max);
}
}

void McpConnection::onMessage(JsonRpcMessage message, const QByteArray &about)
{
    const auto self = shared_from_this();
    if (m_lost)
        return;
    switch (message.kind) {
    case JsonRpcMessage::Kind::Answer: onAnswer(std::move(message), about); break;
    case JsonRpcMessage::Kind::Notification: onNotification(message); break;
    case JsonRpcMessage::Kind::Request: serve(self, std::move(message), about); break;
    }
}

void McpConnection::onUnreadable(const QByteArray &text, const Error &why)
{
    const auto self = shared_from_this();
    note(QStringLiteral("The server sent what is no message (%1): %2")
             .arg(why.message, json::fromUtf8Lossy(QByteArrayView(text).first(std::min<qsizetype>(text.size(), 500)))));
    const Error error(ErrorKind::Protocol, QStringLiteral("The MCP server %1 gave an answer that cannot be read. %2").arg(m_name, why.message));
    const QJsonValue id = JsonRpcMessage::idOfBroken(text);
    if (!id.isUndefined()) {
        if (const auto it = m_pending.find(jsonRpcIdKey(id).toStdString()); it != m_pending.end()) {
            const PendingPtr pending = it->second;
            finish(pending, error);
        }
        return;
    }
    // JSON that is broken can only have been meant for the one request that waits.
    const QByteArrayView trimmed = QByteArrayView(text).trimmed();
    if (trimmed.startsWith('{') && !json::parse(trimmed) && m_order.size() == 1 && m_order.front() != m_listen) {
        const PendingPtr pending = m_order.front();
        finish(pending, error);
    }
}

void McpConnection::onAnswer(JsonRpcMessage message, const QByteArray &about)
{
    const QByteArray key = jsonRpcIdKey(message.id);
    const auto it = m_pending.find(key.toStdString());
    if (it != m_pending.end()) {
        const PendingPtr pending = it->second;
        pending->answered = true;
        finish(pending, std::move(message), key == about);
        return;
    }
    const QString id = QString::fromUtf8(key).left(100);
    if (message.id.isNull())
        note(QStringLiteral("The server reports an error that belongs to no request: %1").arg(mcpwire::clean(message.error ? message.error->message : QString())));
    else if (std::find(m_finished.begin(), m_finished.end(), key) != m_finished.end())
        note(QStringLiteral("The server answered the request %1 once more, or after it was given up; the answer is ignored.").arg(id));
    else
        note(QStringLiteral("The server answered a request that was never made (%1); the answer is ignored.").arg(id));
}

void McpConnection::onNotification(const JsonRpcMessage &message)
{
    const QString &method = message.method;
    const QJsonObject &params = message.params;
    if (method == QLatin1String("notifications/progress")) {
        onProgress(params);
    } else if (method == QLatin1String("notifications/message")) {
        const QString from = params.value(QLatin1String("logger")).toString().left(100);
        log(McpLogLine::Source::Server, (from.isEmpty() ? QString() : from + QStringLiteral(": ")) + shown(params.value(QLatin1String("data")), maxLogText),
            params.value(QLatin1String("level")).toString().left(20));
    } else if (method == QLatin1String("notifications/tools/list_changed")) {
        toolsListed = false;
        onChanged(List::Tools);
    } else if (method == QLatin1String("notifications/resources/list_changed")) {
        onChanged(List::Resources);
    } else if (method == QLatin1String("notifications/prompts/list_changed")) {
        onChanged(List::Prompts);
    } else if (method == QLatin1String("notifications/resources/updated")) {
        if (m_events.resourceChanged)
            m_events.resourceChanged(params.value(QLatin1String("uri")).toString().left(10'000));
    } else if (method == QLatin1String("notifications/cancelled")) {
        const QByteArray key = jsonRpcIdKey(params.value(QLatin1String("requestId")));
        if (const auto it = m_serving.find(key); it != m_serving.end()) {
            CancelSource source = *it;
            m_serving.erase(it);
            source.cancel();
        } else if (m_listen && m_listen->key == key) {
            const PendingPtr listen = m_listen;
            finish(listen, Error::cancelled());
        }
    } else if (method == QLatin1String("notifications/elicitation/complete")) {
        note(QStringLiteral("The server says that what it asked for on a page of its own is done."));
    } else if (method != QLatin1String("notifications/subscriptions/acknowledged")) {
        note(QStringLiteral("A notification that Lathe does not know: %1").arg(mcpwire::clean(method, 100)));
    }
}

void McpConnection::onProgress(const QJsonObject &params)
{
    const auto it = m_pending.find(jsonRpcIdKey(params.value(QLatin1String("progressToken"))).toStdString());
    if (it == m_pending.end())
        return;
    const PendingPtr pending = it->second;
    const QJsonValue progress = params.value(QLatin1String("progress"));
    if (!pending->options.progress || !progress.isDouble() || !std::isfinite(progress.toDouble()))
        return;
    pending->lifeUs = m_setup.clock->nowUs();
    std::optional<double> total;
    if (const QJsonValue value = params.value(QLatin1String("total")); value.isDouble() && std::isfinite(value.toDouble()))
        total = value.toDouble();
    if (pending->options.call.progress)
        pending->options.call.progress(progress.toDouble(), total, mcpwire::clean(params.value(QLatin1String("message")).toString(), 1000));
}

void McpConnection::onChanged(List list)
{
    const bool first = m_changed.empty();
    m_changed.insert(list);
    if (!first)
        return;
    const std::weak_ptr<McpConnection> weak = weak_from_this();
    QTimer::singleShot(gatherMs, [weak] {
        const auto self = weak.lock();
        if (!self)
            return;
        const auto changed = std::exchange(self->m_changed, {});
        for (const List one : changed) {
            if (!self->m_lost && self->m_events.changed)
                self->m_events.changed(one);
        }
    });
}

// --- Requests of the server

// The call that a request of the server belongs to; null when there is none. Over stdio nothing says which one it is: the newest that
// brought a person or a model, else the newest.
McpConnection::PendingPtr McpConnection::callFor(const QByteArray &about) const
{
    if (const auto it = m_pending.find(about.toStdString()); it != m_pending.end())
        return it->second;
    PendingPtr newest;
    for (auto it = m_order.rbegin(); it != m_order.rend(); ++it) {
        const McpClientHandlers &call = (*it)->options.call.handlers;
        if (call.elicit || call.sample)
            return *it;
        if (!newest && (*it)->method == QLatin1String("tools/call"))
            newest = *it;
    }
    return newest;
}

Task<> McpConnection::serve(Self self, JsonRpcMessage request, QByteArray about)
{
    const QJsonValue id = request.id;
    const QByteArray key = jsonRpcIdKey(id);
    if (self->m_era == McpEra::Modern) {
        self->note(QStringLiteral("The server sent the request %1, which servers of its era may not; it is refused.").arg(mcpwire::clean(request.method, 100)));
        if (!self->isHttp())
            post(self, JsonRpcMessage::failure(id, JsonRpcError(jsonrpc::methodNotFound, QStringLiteral("Not in this version of the protocol"))));
        co_return;
    }
    if (self->m_serving.contains(key)) {
        self->note(QStringLiteral("The server used the id %1 for two requests; the second is ignored.").arg(QString::fromUtf8(key).left(100)));
        co_return;
    }
    if (self->m_serving.size() >= maxServing) {
        post(self, JsonRpcMessage::failure(id, JsonRpcError(jsonrpc::internalError, QStringLiteral("Too many requests at once"))));
        co_return;
    }
    CancelSource source;
    self->m_serving.insert(key, source);
    const bool person = request.method == QLatin1String("elicitation/create") || request.method == QLatin1String("sampling/createMessage");
    self->m_questions += person ? 1 : 0;
    Served served;
    for (bool again = true; again;) {
        const PendingPtr call = self->callFor(about);
        CancelSource asking(source.token());
        CancelRegistration registration; // a call that is over asks nothing any more
        if (call)
            registration = call->over.token().onCancelled([asking]() mutable { asking.cancel(); });
        McpClientHandlers handlers = self->m_setup.handlers;
        if (call && call->options.call.handlers.elicit)
            handlers.elicit = call->options.call.handlers.elicit;
        if (call && call->options.call.handlers.sample)
            handlers.sample = call->options.call.handlers.sample;
        const CancelToken token = asking.token();
        served = co_await self->handle(request.method, request.params, std::move(handlers), token);
        // The server answered the call that was taken for the one that asks, so it is another one.
        const bool given = served.result && served.result->value(QLatin1String("action")) != QJsonValue(QStringLiteral("cancel"));
        const bool mistaken = person && !given && call && call->answered && about.isEmpty() && !source.isCancelled() && !self->m_lost;
        again = mistaken && self->callFor(about);
    }
    self->m_questions -= person ? 1 : 0;
    if (!self->m_serving.remove(key) || self->m_lost) // the server has taken it back
        co_return;
    if (served.result)
        post(self, JsonRpcMessage::answer(id, *served.result));
    else
        post(self, JsonRpcMessage::failure(id, served.error));
}

Task<McpConnection::Served> McpConnection::handle(QString method, QJsonObject params, McpClientHandlers handlers, CancelToken cancel)
{
    const auto self = shared_from_this();
    Served served;
    if (method == QLatin1String("ping")) {
        served.result = QJsonObject();
    } else if (method == QLatin1String("roots/list") && !m_setup.roots.isEmpty()) {
        served.result = rootsResult();
    } else if (method == QLatin1String("elicitation/create") && handlers.elicit) {
        served = co_await elicit(std::move(params), std::move(handlers), std::move(cancel));
    } else if (method == QLatin1String("sampling/createMessage") && handlers.sample && !m_setup.config.samplingModel.isEmpty()) {
        auto sampled = co_await handlers.sample(std::move(params), std::move(cancel));
        if (sampled)
            served.result = std::move(*sampled);
        else
            served.error = JsonRpcError(-1, sampled.error().message);
    } else {
        note(QStringLiteral("The server asked for %1, which is not offered to it here.").arg(mcpwire::clean(method, 100)));
        served.error = JsonRpcError(jsonrpc::methodNotFound, QStringLiteral("Not offered by this client"));
    }
    co_return served;
}

Task<McpConnection::Served> McpConnection::elicit(QJsonObject params, McpClientHandlers handlers, CancelToken cancel)
{
    const auto self = shared_from_this();
    Served served;
    const bool byUrl = params.value(QLatin1String("mode")) == QJsonValue(QStringLiteral("url"));
    const QJsonObject schema = params.value(QLatin1String("requestedSchema")).toObject();
    if (byUrl) {
        const QUrl url(params.value(QLatin1String("url")).toString(), QUrl::StrictMode);
        if (!url.isValid() || url.host().isEmpty() || (url.scheme() != QLatin1String("https") && url.scheme() != QLatin1String("http"))) {
            served.error = JsonRpcError(jsonrpc::invalidParams, QStringLiteral("The url must be of http or https"));
            co_return served;
        }
    } else if (schema.isEmpty()) {
        served.error = JsonRpcError(jsonrpc::invalidParams, QStringLiteral("requestedSchema is missing"));
        co_return served;
    }
    const auto reply = co_await handlers.elicit(std::move(params), std::move(cancel));
    QString action = QStringLiteral("cancel");
    QJsonObject result;
    if (reply) {
        const QString said = reply->value(QLatin1String("action")).toString();
        if (said == QLatin1String("accept") || said == QLatin1String("decline"))
            action = said;
        if (action == QLatin1String("accept") && !byUrl)
            result.insert(QStringLiteral("content"), mcpwire::withDefaults(schema, reply->value(QLatin1String("content")).toObject()));
    } else if (reply.error().kind == ErrorKind::Denied) {
        action = QStringLiteral("decline");
    }
    result.insert(QStringLiteral("action"), action);
    served.result = result;
    co_return served;
}

// One after the other: a person answers them.
Task<Result<QJsonObject>> McpConnection::inputResponses(QJsonObject requests, McpClientHandlers handlers, QString what, CancelToken cancel)
{
    const auto self = shared_from_this();
    if (requests.size() > maxInputs)
        co_return Error(ErrorKind::Protocol,
                        QStringLiteral("The MCP server %1 asks for %2 things at once at %3, which is too much.").arg(m_name).arg(requests.size()).arg(what));
    const CancelSource lost(cancel); // nobody need answer when the server is gone
    const auto registration = m_over.token().onCancelled([source = lost]() mutable { source.cancel(); });
    McpClientHandlers all = m_setup.handlers;
    if (handlers.elicit)
        all.elicit = handlers.elicit;
    if (handlers.sample)
        all.sample = handlers.sample;
    QJsonObject responses;
    for (auto it = requests.begin(); it != requests.end(); ++it) {
        const QString key = it.key();
        const QJsonObject request = it.value().toObject();
        const QString method = request.value(QLatin1String("method")).toString();
        McpClientHandlers own = all;
        const CancelToken until = lost.token();
        Served served = co_await handle(method, request.value(QLatin1String("params")).toObject(), std::move(own), until);
        if (m_lost)
            co_return Error(*m_lost);
        if (cancel.isCancelled())
            co_return Error::cancelled();
        if (!served.result)
            co_return Error(ErrorKind::Denied, QStringLiteral("The MCP server %1 needs %2 for %3, which it did not get: %4")
                                                   .arg(m_name, mcpwire::clean(method, 60), what, served.error.message));
        responses.insert(key, *served.result);
    }
    co_return responses;
}

QJsonObject McpConnection::rootsResult() const
{
    QJsonArray list;
    for (const QString &folder : m_setup.roots.mid(0, maxRoots))
        list.append(QJsonObject{{QStringLiteral("uri"), QUrl::fromLocalFile(folder).toString(QUrl::FullyEncoded)},
                                {QStringLiteral("name"), QFileInfo(folder).fileName()}});
    return {{QStringLiteral("roots"), list}};
}

// --- Changes, in the modern era

QJsonObject McpConnection::subscriptionFilter() const
{
    QJsonObject filter;
    const auto offers = [this](const char *list, const char *what) {
        return m_info.capabilities.value(QLatin1String(list)).toObject().value(QLatin1String(what)).toBool();
    };
    if (offers("tools", "listChanged"))
        filter.insert(QStringLiteral("toolsListChanged"), true);
    if (offers("prompts", "listChanged"))
        filter.insert(QStringLiteral("promptsListChanged"), true);
    if (offers("resources", "listChanged"))
        filter.insert(QStringLiteral("resourcesListChanged"), true);
    if (!m_uris.empty())
        filter.insert(QStringLiteral("resourceSubscriptions"), json::fromStringList(QStringList(m_uris.begin(), m_uris.end())));
    return filter;
}

Task<> McpConnection::subscribe(Self self)
{
    if (std::exchange(self->m_subscribing, true))
        co_return;
    const CancelToken over = self->m_over.token();
    qint64 backOff = firstBackOffMs;
    bool missed = false;
    while (!self->m_lost) {
        self->m_resubscribe = false;
        const QJsonObject filter = self->subscriptionFilter();
        if (filter.isEmpty())
            break;
        McpRequestOptions options;
        options.what = QStringLiteral("news of its lists");
        const QJsonObject params{{QStringLiteral("notifications"), filter}};
        const qint64 sinceUs = self->m_setup.clock->nowUs();
        const PendingPtr pending = self->begin(QStringLiteral("subscriptions/listen"), params, std::move(options), McpEra::Modern, self->m_version, true);
        self->m_listen = pending;
        if (std::exchange(missed, false)) {
            for (const List list : {List::Tools, List::Resources, List::Prompts})
                self->onChanged(list);
        }
        const Answer answer = co_await pending->done;
        self->m_listen.reset();
        if (self->m_lost)
            break;
        if (self->m_resubscribe)
            continue;
        const bool refused = (answer && answer->error) || (!answer && answer.error().httpStatus >= 400 && answer.error().httpStatus < 500);
        if (refused) {
            self->note(QStringLiteral("The server gives no news of its lists: %1")
                           .arg(answer ? mcpwire::clean(answer->error->message) : answer.error().message));
            break;
        }
        if (self->m_setup.clock->nowUs() - sinceUs > maxBackOffMs * 1000)
            backOff = firstBackOffMs;
        const auto slept = co_await self->m_setup.clock->sleep(backOff, over);
        if (!slept)
            break;
        backOff = std::min(backOff * 2, maxBackOffMs);
        missed = true;
    }
    self->m_subscribing = false;
}

void McpConnection::setSubscriptions(std::set<QString> uris)
{
    m_uris = std::move(uris);
    resubscribe();
}

void McpConnection::resubscribe()
{
    const auto self = shared_from_this();
    m_resubscribe = true;
    if (const PendingPtr listen = m_listen)
        withdraw(listen, QStringLiteral("Other news are wanted."), Error::cancelled());
    else
        subscribe(self);
}

} // namespace lathe
