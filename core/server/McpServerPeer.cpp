// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/McpServerPeer.h"

#include "core/base/Json.h"
#include "core/mcp/McpTypes.h"

#include <QPointer>

namespace lathe {

struct McpServerPeer::Request {
    QString key;
    QJsonValue id;
    QString method;
    QJsonObject params;
    QJsonObject capabilities;
    QString version;
    bool modern = false;
    QJsonValue progressToken = QJsonValue(QJsonValue::Undefined);
    McpServerSend send;
    CancelSource cancel;
};

namespace {
const QString metaVersion = QStringLiteral("io.modelcontextprotocol/protocolVersion");
const QString metaCapabilities = QStringLiteral("io.modelcontextprotocol/clientCapabilities");
const QString metaSubscription = QStringLiteral("io.modelcontextprotocol/subscriptionId");
const QString metaServer = QStringLiteral("io.modelcontextprotocol/serverInfo");

constexpr int invalidRequest = -32600;
constexpr int methodNotFound = -32601;
constexpr int invalidParams = -32602;
constexpr int internalProblem = -32603;
constexpr int resourceNotFound = -32002; // of the legacy era
constexpr int unsupportedVersion = -32022;
constexpr qint64 cacheMs = 0; // lists change whenever the person edits

// Ids are text or whole numbers; 1 and "1" differ.
QString keyOf(const QJsonValue &id)
{
    return json::compactString(id);
}

bool isId(const QJsonValue &id)
{
    return id.isString() || id.isDouble();
}

QJsonObject notificationOf(const QString &method, const QJsonObject &params = {})
{
    QJsonObject message{{QStringLiteral("jsonrpc"), QStringLiteral("2.0")}, {QStringLiteral("method"), method}};
    if (!params.isEmpty())
        message.insert(QStringLiteral("params"), params);
    return message;
}

QJsonObject resultMessage(const QJsonValue &id, const QJsonObject &result)
{
    return QJsonObject{{QStringLiteral("jsonrpc"), QStringLiteral("2.0")}, {QStringLiteral("id"), id}, {QStringLiteral("result"), result}};
}

// Lists and what is read tell how long they may be kept.
bool isCacheable(const QString &method)
{
    return method.endsWith(QLatin1String("/list")) || method == QLatin1String("resources/read") || method == QLatin1String("server/discover");
}

const QStringList &sharedMethods()
{
    static const QStringList methods{QStringLiteral("tools/list"),     QStringLiteral("tools/call"),    QStringLiteral("resources/list"),
                                     QStringLiteral("resources/read"), QStringLiteral("resources/templates/list"), QStringLiteral("prompts/list"),
                                     QStringLiteral("prompts/get"),    QStringLiteral("completion/complete")};
    return methods;
}
}

QStringList McpServerPeer::modernVersions()
{
    return {QString::fromLatin1(mcpModernVersion)};
}

QStringList McpServerPeer::legacyVersions()
{
    return {QString::fromLatin1(mcpLegacyVersion), QStringLiteral("2025-06-18"), QStringLiteral("2025-03-26"), QStringLiteral("2024-11-05")};
}

QJsonObject McpServerPeer::errorMessage(const QJsonValue &id, int code, const QString &message, const QJsonValue &data)
{
    QJsonObject error{{QStringLiteral("code"), code}, {QStringLiteral("message"), message}};
    if (!data.isUndefined())
        error.insert(QStringLiteral("data"), data);
    return QJsonObject{{QStringLiteral("jsonrpc"), QStringLiteral("2.0")}, {QStringLiteral("id"), id.isUndefined() ? QJsonValue() : id}, {QStringLiteral("error"), error}};
}

McpServerPeer::McpServerPeer(McpServerOffer *offer, McpServerRuns *runs, Kind kind, McpServerSend general, QObject *parent)
    : QObject(parent), m_offer(offer), m_runs(runs), m_kind(kind), m_general(std::move(general))
{
    connect(offer, &McpServerOffer::toolsChanged, this, [this] { changed("notifications/tools/list_changed", "toolsListChanged"); });
    connect(offer, &McpServerOffer::promptsChanged, this, [this] { changed("notifications/prompts/list_changed", "promptsListChanged"); });
    connect(offer, &McpServerOffer::resourcesChanged, this, [this] { changed("notifications/resources/list_changed", "resourcesListChanged"); });
    connect(offer, &McpServerOffer::resourceUpdated, this, &McpServerPeer::updated);
}

McpServerPeer::~McpServerPeer()
{
    const auto underWay = std::exchange(m_underWay, {});
    const auto asked = std::exchange(m_asked, {});
    m_listens.clear();
    for (const auto &[key, request] : underWay) {
        request->send = nullptr;
        request->cancel.cancel();
    }
    for (const auto &[id, waiting] : asked)
        waiting.complete(Result<QJsonObject>(Error::cancelled()));
}

std::optional<QString> McpServerPeer::receive(const QJsonValue &value, McpServerSend reply)
{
    std::optional<QString> key;
    const QJsonObject message = value.toObject();
    const QJsonValue id = message.value(QLatin1String("id"));
    if (!value.isObject() || message.value(QLatin1String("jsonrpc")).toString() != QLatin1String("2.0")) {
        reply(errorMessage(isId(id) ? id : QJsonValue(), invalidRequest, QStringLiteral("This is no message of JSON-RPC 2.0.")), 400);
        return key;
    }
    const QJsonValue method = message.value(QLatin1String("method"));
    if (method.isUndefined() && (message.contains(QLatin1String("result")) || message.contains(QLatin1String("error")))) {
        response(message);
    } else if (!method.isString()) {
        reply(errorMessage(isId(id) ? id : QJsonValue(), invalidRequest, QStringLiteral("The message has no method.")), 400);
    } else if (!message.contains(QLatin1String("id"))) {
        notification(message);
    } else if (!isId(id)) {
        reply(errorMessage(QJsonValue(), invalidRequest, QStringLiteral("The id must be text or a number.")), 400);
    } else {
        request(message, std::move(reply), &key);
    }
    return key;
}

void McpServerPeer::request(const QJsonObject &message, McpServerSend reply, std::optional<QString> *key)
{
    const QJsonValue id = message.value(QLatin1String("id"));
    const QString method = message.value(QLatin1String("method")).toString();
    const QJsonObject params = message.value(QLatin1String("params")).toObject();
    const QJsonObject meta = params.value(QLatin1String("_meta")).toObject();
    const auto refuse = [&](int code, const QString &text, int status, const QJsonValue &data = QJsonValue(QJsonValue::Undefined)) {
        reply(errorMessage(id, code, text, data), status);
    };

    auto made = std::make_shared<Request>();
    made->modern = m_kind == Kind::Stateless || (m_kind == Kind::Stream && (meta.contains(metaVersion) || (!m_legacy && method == QLatin1String("server/discover"))));
    if (made->modern) {
        // Every request says who asks and what it can do.
        const QJsonValue version = meta.value(metaVersion), capabilities = meta.value(metaCapabilities);
        if (!version.isString())
            return refuse(invalidParams, QStringLiteral("The request's _meta lacks %1.").arg(metaVersion), 400);
        if (!modernVersions().contains(version.toString()))
            return refuse(unsupportedVersion, QStringLiteral("This server does not speak the protocol version %1.").arg(version.toString().left(40)), 400,
                          QJsonObject{{QStringLiteral("supported"), json::fromStringList(modernVersions())}, {QStringLiteral("requested"), version}});
        if (!capabilities.isObject())
            return refuse(invalidParams, QStringLiteral("The request's _meta lacks %1.").arg(metaCapabilities), 400);
        made->capabilities = capabilities.toObject();
        made->version = version.toString();
        if (!sharedMethods().contains(method) && method != QLatin1String("server/discover") && method != QLatin1String("subscriptions/listen"))
            return refuse(methodNotFound, QStringLiteral("There is no method %1.").arg(method.left(100)), 404);
    } else {
        if (method == QLatin1String("initialize"))
            return initialize(id, params, reply);
        if (method == QLatin1String("ping"))
            return reply(resultMessage(id, {}), 200);
        if (!m_legacy)
            return refuse(invalidRequest, QStringLiteral("The first request must be initialize; or, since %1, each request tells its version in _meta.").arg(QLatin1String(mcpModernVersion)), 400);
        if (method == QLatin1String("resources/subscribe") || method == QLatin1String("resources/unsubscribe"))
            return setLegacySubscription(id, params.value(QLatin1String("uri")).toString(), method.endsWith(QLatin1String("/subscribe")), reply);
        if (!sharedMethods().contains(method))
            return refuse(methodNotFound, QStringLiteral("There is no method %1.").arg(method.left(100)), 200);
        made->capabilities = m_capabilities;
        made->version = m_version;
    }
    made->key = keyOf(id);
    if (m_underWay.count(made->key) > 0 || m_listens.count(made->key) > 0)
        return refuse(invalidRequest, QStringLiteral("A request with this id is under way."), 400);
    if (m_underWay.size() >= size_t(maxUnderWay))
        return refuse(internalProblem, QStringLiteral("%1 requests are under way; wait for one of them.").arg(maxUnderWay), 503);
    if (method == QLatin1String("subscriptions/listen")) {
        *key = made->key;
        return listen(id, params, reply, made->key);
    }
    made->id = id;
    made->method = method;
    made->params = params;
    made->send = std::move(reply);
    const QJsonValue token = meta.value(QLatin1String("progressToken"));
    if (isId(token))
        made->progressToken = token;
    m_underWay[made->key] = made;
    *key = made->key;
    serve(made);
}

void McpServerPeer::initialize(const QJsonValue &id, const QJsonObject &params, const McpServerSend &reply)
{
    if (m_kind == Kind::Stateless || m_legacy)
        return reply(errorMessage(id, invalidRequest, QStringLiteral("The connection is initialized already.")), 400);
    const QString wanted = params.value(QLatin1String("protocolVersion")).toString();
    if (wanted.isEmpty())
        return reply(errorMessage(id, invalidParams, QStringLiteral("initialize needs a protocolVersion.")), 400);
    m_legacy = true;
    m_version = legacyVersions().contains(wanted) ? wanted : legacyVersions().first(); // the client decides whether it can do that
    m_capabilities = params.value(QLatin1String("capabilities")).toObject();
    reply(resultMessage(id, QJsonObject{{QStringLiteral("protocolVersion"), m_version},
                                        {QStringLiteral("capabilities"), m_offer->capabilities()},
                                        {QStringLiteral("serverInfo"), m_offer->info()},
                                        {QStringLiteral("instructions"), m_offer->instructions()}}),
          200);
}

void McpServerPeer::notification(const QJsonObject &message)
{
    if (message.value(QLatin1String("method")).toString() != QLatin1String("notifications/cancelled"))
        return;
    const QString key = keyOf(message.value(QLatin1String("params")).toObject().value(QLatin1String("requestId")));
    m_listens.erase(key);
    const auto found = m_underWay.find(key);
    if (found == m_underWay.end())
        return; // answered meanwhile
    const std::shared_ptr<Request> request = found->second;
    request->send = nullptr; // no answer is wanted any more
    request->cancel.cancel();
}

void McpServerPeer::drop(const QString &key)
{
    m_listens.erase(key);
    const auto found = m_underWay.find(key);
    if (found == m_underWay.end())
        return;
    const std::shared_ptr<Request> request = found->second;
    request->send = nullptr;
    if (request->modern)
        request->cancel.cancel();
}

void McpServerPeer::response(const QJsonObject &message)
{
    const auto found = m_asked.find(keyOf(message.value(QLatin1String("id"))));
    if (found == m_asked.end())
        return; // to nothing we asked
    const Completion<Result<QJsonObject>> waiting = found->second;
    m_asked.erase(found);
    const QJsonValue error = message.value(QLatin1String("error"));
    if (error.isObject())
        waiting.complete(Result<QJsonObject>(Error(ErrorKind::Provider, error.toObject().value(QLatin1String("message")).toString().left(1000))));
    else
        waiting.complete(Result<QJsonObject>(message.value(QLatin1String("result")).toObject()));
}

// Of the legacy era.
Task<Result<QJsonObject>> McpServerPeer::askClient(std::shared_ptr<Request> request, QJsonObject params, CancelToken cancel)
{
    if (!request->send)
        co_return Error::cancelled();
    const QPointer<McpServerPeer> self(this);
    const QString id = QStringLiteral("lathe-%1").arg(++m_lastAsked);
    const QString key = keyOf(id);
    if (params.value(QLatin1String("mode")).toString() == QLatin1String("url"))
        params.insert(QStringLiteral("elicitationId"), QStringLiteral("%1-%2").arg(id).arg(reinterpret_cast<quintptr>(this), 0, 16));
    else if (m_version < QLatin1String("2025-11-25"))
        params.remove(QStringLiteral("mode"));
    const Completion<Result<QJsonObject>> waiting;
    m_asked.insert_or_assign(key, waiting);
    QJsonObject message = notificationOf(QStringLiteral("elicitation/create"), params);
    message.insert(QStringLiteral("id"), id);
    request->send(message, 200);
    const auto registered = cancel.onCancelled([waiting] { waiting.complete(Result<QJsonObject>(Error::cancelled())); });
    auto answer = co_await waiting;
    if (self && m_asked.erase(key) > 0 && request->send) // given up: the client may close its card
        request->send(notificationOf(QStringLiteral("notifications/cancelled"), QJsonObject{{QStringLiteral("requestId"), id}}), 200);
    co_return answer;
}

void McpServerPeer::listen(const QJsonValue &id, const QJsonObject &params, const McpServerSend &reply, const QString &key)
{
    const QJsonValue wanted = params.value(QLatin1String("notifications"));
    if (!wanted.isObject())
        return reply(errorMessage(id, invalidParams, QStringLiteral("subscriptions/listen needs \"notifications\", an object.")), 400);
    if (m_listens.size() >= size_t(maxSubscriptions))
        return reply(errorMessage(id, internalProblem, QStringLiteral("There are too many subscriptions.")), 503);
    Listen made;
    made.id = id;
    made.send = reply;
    for (const char *name : {"toolsListChanged", "promptsListChanged", "resourcesListChanged"}) {
        if (wanted.toObject().value(QLatin1String(name)).toBool())
            made.filter.insert(QLatin1String(name), true);
    }
    const QJsonArray uris = wanted.toObject().value(QLatin1String("resourceSubscriptions")).toArray();
    QJsonArray honoured;
    for (const QJsonValue &uri : uris) {
        if (made.uris.size() < size_t(maxSubscriptions) && m_offer->knowsUri(uri.toString()) && made.uris.insert(uri.toString()).second)
            honoured.append(uri);
    }
    if (!honoured.isEmpty())
        made.filter.insert(QStringLiteral("resourceSubscriptions"), honoured);
    const QJsonObject meta{{metaSubscription, id}};
    const QJsonObject filter = made.filter;
    if (!filter.isEmpty())
        m_listens[key] = made;
    reply(notificationOf(QStringLiteral("notifications/subscriptions/acknowledged"),
                         QJsonObject{{QStringLiteral("_meta"), meta}, {QStringLiteral("notifications"), filter}}),
          200);
    if (filter.isEmpty()) // nothing will ever come
        reply(resultMessage(id, QJsonObject{{QStringLiteral("resultType"), QStringLiteral("complete")},
                                            {QStringLiteral("_meta"), QJsonObject{{metaSubscription, id}, {metaServer, m_offer->info()}}}}),
              200);
}

void McpServerPeer::finish()
{
    const auto listens = std::exchange(m_listens, {});
    for (const auto &[key, listen] : listens)
        listen.send(resultMessage(listen.id, QJsonObject{{QStringLiteral("resultType"), QStringLiteral("complete")},
                                                         {QStringLiteral("_meta"), QJsonObject{{metaSubscription, listen.id}, {metaServer, m_offer->info()}}}}),
                    200);
}

void McpServerPeer::setLegacySubscription(const QJsonValue &id, const QString &uri, bool on, const McpServerSend &reply)
{
    if (!on) {
        m_subscribed.erase(uri);
        return reply(resultMessage(id, {}), 200);
    }
    if (!m_offer->knowsUri(uri))
        return reply(errorMessage(id, resourceNotFound, QStringLiteral("There is no resource %1.").arg(uri.left(200)), QJsonObject{{QStringLiteral("uri"), uri.left(200)}}), 200);
    if (m_subscribed.size() >= size_t(maxSubscriptions))
        return reply(errorMessage(id, internalProblem, QStringLiteral("There are too many subscriptions.")), 200);
    m_subscribed.insert(uri);
    reply(resultMessage(id, {}), 200);
}

void McpServerPeer::changed(const char *method, const char *filter)
{
    if (m_legacy && m_general)
        m_general(notificationOf(QLatin1String(method)), 200);
    const auto listens = m_listens; // sending may end one
    for (const auto &[key, listen] : listens) {
        if (listen.filter.value(QLatin1String(filter)).toBool())
            listen.send(notificationOf(QLatin1String(method), QJsonObject{{QStringLiteral("_meta"), QJsonObject{{metaSubscription, listen.id}}}}), 200);
    }
}

void McpServerPeer::updated(const QString &uri)
{
    const QString method = QStringLiteral("notifications/resources/updated");
    if (m_legacy && m_general && m_subscribed.count(uri) > 0)
        m_general(notificationOf(method, QJsonObject{{QStringLiteral("uri"), uri}}), 200);
    const auto listens = m_listens;
    for (const auto &[key, listen] : listens) {
        if (listen.uris.count(uri) > 0)
            listen.send(notificationOf(method, QJsonObject{{QStringLiteral("uri"), uri}, {QStringLiteral("_meta"), QJsonObject{{metaSubscription, listen.id}}}}), 200);
    }
}

QJsonObject McpServerPeer::finished(const Request &request, QJsonObject result) const
{
    if (!request.modern)
        return result;
    if (!result.contains(QLatin1String("resultType")))
        result.insert(QStringLiteral("resultType"), QStringLiteral("complete"));
    if (isCacheable(request.method)) {
        result.insert(QStringLiteral("ttlMs"), cacheMs);
        result.insert(QStringLiteral("cacheScope"), QStringLiteral("private"));
    }
    QJsonObject meta = result.value(QLatin1String("_meta")).toObject();
    meta.insert(metaServer, m_offer->info());
    result.insert(QStringLiteral("_meta"), meta);
    return result;
}

Task<> McpServerPeer::serve(std::shared_ptr<Request> request)
{
    const QPointer<McpServerPeer> self(this);
    const auto result = co_await dispatch(request);
    if (!self)
        co_return;
    m_underWay.erase(request->key);
    const McpServerSend send = std::exchange(request->send, nullptr);
    if (!send)
        co_return; // cancelled: no answer
    if (result)
        co_return send(resultMessage(request->id, finished(*request, *result)), 200);
    const Error &error = result.error();
    int code = internalProblem;
    QJsonValue data(QJsonValue::Undefined);
    if (error.kind == ErrorKind::InvalidInput)
        code = invalidParams;
    if (error.kind == ErrorKind::NotFound) {
        code = request->modern || request->method != QLatin1String("resources/read") ? invalidParams : resourceNotFound;
        if (request->method == QLatin1String("resources/read"))
            data = QJsonObject{{QStringLiteral("uri"), request->params.value(QLatin1String("uri")).toString().left(200)}};
    }
    send(errorMessage(request->id, code, error.message, data), 200);
}

Task<Result<QJsonObject>> McpServerPeer::dispatch(std::shared_ptr<Request> request)
{
    const QJsonObject params = request->params;
    const QString cursor = params.value(QLatin1String("cursor")).toString();
    const CancelToken cancel = request->cancel.token();
    if (params.contains(QLatin1String("cursor")) && !params.value(QLatin1String("cursor")).isString())
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The cursor must be text."));
    if (request->method == QLatin1String("server/discover"))
        co_return QJsonObject{{QStringLiteral("supportedVersions"), json::fromStringList(modernVersions())},
                              {QStringLiteral("capabilities"), m_offer->capabilities()},
                              {QStringLiteral("instructions"), m_offer->instructions()}};
    if (request->method == QLatin1String("tools/list"))
        co_return m_offer->tools(cursor);
    if (request->method == QLatin1String("prompts/list"))
        co_return m_offer->prompts(cursor);
    if (request->method == QLatin1String("resources/templates/list"))
        co_return m_offer->resourceTemplates();
    if (request->method == QLatin1String("prompts/get"))
        co_return m_offer->prompt(params.value(QLatin1String("name")).toString(), params.value(QLatin1String("arguments")).toObject());
    if (request->method == QLatin1String("resources/list")) {
        auto list = co_await m_offer->resources(cursor, cancel);
        co_return list;
    }
    if (request->method == QLatin1String("resources/read")) {
        auto read = co_await m_offer->read(params.value(QLatin1String("uri")).toString(), cancel);
        co_return read;
    }
    if (request->method == QLatin1String("completion/complete")) {
        auto completion = co_await m_offer->complete(params, cancel);
        co_return completion;
    }
    auto called = co_await callTool(request);
    co_return called;
}

Task<Result<QJsonObject>> McpServerPeer::callTool(std::shared_ptr<Request> request)
{
    const QString tool = request->params.value(QLatin1String("name")).toString();
    const QJsonValue given = request->params.value(QLatin1String("arguments"));
    const CancelToken cancel = request->cancel.token();
    if (tool.isEmpty() || (!given.isUndefined() && !given.isObject()))
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("tools/call needs a name, and arguments that are an object."));
    if (McpServerOffer::inspects(tool)) {
        auto looked = co_await m_offer->inspect(tool, given.toObject(), cancel);
        co_return looked;
    }
    McpServerCall call;
    call.modern = request->modern;
    call.capabilities = request->capabilities;
    call.inputResponses = request->params.value(QLatin1String("inputResponses")).toObject();
    call.requestState = request->params.value(QLatin1String("requestState")).toString();
    if (!request->progressToken.isUndefined()) {
        call.progress = [request, last = -1.0](double progress, const QString &message) mutable {
            if (!request->send || progress <= last) // must grow
                return;
            last = progress;
            request->send(notificationOf(QStringLiteral("notifications/progress"), QJsonObject{{QStringLiteral("progressToken"), request->progressToken},
                                                                                              {QStringLiteral("progress"), progress},
                                                                                              {QStringLiteral("message"), message}}),
                          200);
        };
    }
    const QPointer<McpServerPeer> self(this);
    call.elicit = [this, self, request](QJsonObject params, CancelToken token) -> Task<Result<QJsonObject>> {
        if (self)
            return askClient(request, std::move(params), std::move(token));
        return []() -> Task<Result<QJsonObject>> { co_return Error::cancelled(); }();
    };
    auto result = co_await m_runs->call(tool, given.toObject(), std::move(call), cancel);
    co_return result;
}

} // namespace lathe
