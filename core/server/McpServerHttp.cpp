// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/McpServerHttp.h"

#include "core/base/Json.h"
#include "core/session/Session.h"

#include <QPointer>
#include <QRandomGenerator>

namespace lathe {

namespace {
const QByteArray path = "/mcp";
constexpr int headerMismatch = -32020;
constexpr int keepAliveMs = 2000; // also how soon a client that left is noticed
constexpr int answerSoonMs = 1000; // what takes longer becomes a stream
const QString metaVersion = QStringLiteral("io.modelcontextprotocol/protocolVersion");

QByteArray eventText(const QJsonObject &message)
{
    return "event: message\ndata: " + json::compact(message) + "\n\n";
}

// Header values that are no plain ASCII come as "=?base64?...?=".
QString decoded(const QByteArray &value)
{
    if (value.startsWith("=?base64?") && value.endsWith("?="))
        return QString::fromUtf8(QByteArray::fromBase64(value.mid(9, value.size() - 11)));
    return QString::fromUtf8(value);
}

// What the headers of a modern request say must be what its body says. Empty: it is.
QString mismatch(const HttpServerRequest &request, const QJsonObject &message)
{
    const QString method = message.value(QLatin1String("method")).toString();
    const QJsonObject params = message.value(QLatin1String("params")).toObject();
    const QJsonValue version = params.value(QLatin1String("_meta")).toObject().value(metaVersion);
    if (version.isString() && decoded(request.header("mcp-protocol-version")) != version.toString())
        return QStringLiteral("The header MCP-Protocol-Version is not the version in _meta.");
    if (decoded(request.header("mcp-method")) != method)
        return QStringLiteral("The header Mcp-Method is not the method of the body.");
    const char *named = method == QLatin1String("resources/read") ? "uri"
                        : method == QLatin1String("tools/call") || method == QLatin1String("prompts/get") ? "name" : nullptr;
    if (named && decoded(request.header("mcp-name")) != params.value(QLatin1String(named)).toString())
        return QStringLiteral("The header Mcp-Name is not the %1 of the body.").arg(QLatin1String(named));
    return QString();
}
}

// What one POST is answered with: a JSON text, or a stream when something comes before the answer.
struct McpServerHttp::Reply {
    quint64 id = 0;
    bool streaming = false;
    bool done = false;
    QByteArray sessionId; // told with the answer
    std::optional<QString> key;
    std::unique_ptr<McpServerPeer> own; // of a modern request
    QPointer<McpServerPeer> peer;
};

McpServerHttp::McpServerHttp(McpServerOffer *offer, McpServerRuns *runs, QObject *parent)
    : QObject(parent), m_offer(offer), m_runs(runs), m_clock(&offer->session()->clock())
{
    m_keepAlive.setInterval(keepAliveMs);
    connect(&m_keepAlive, &QTimer::timeout, this, [this] { keepAlive(); });
}

McpServerHttp::~McpServerHttp()
{
    m_http.stop();
}

Result<void> McpServerHttp::start(const McpServerHttpOptions &options)
{
    HttpServerOptions http;
    http.host = options.address.host;
    http.port = options.address.port;
    http.token = options.token;
    http.paths = {path};
    http.methods = {"POST", "GET", "DELETE"};
    http.contentTypes = {"application/json"};
    http.headers = {"mcp-protocol-version", "mcp-session-id", "mcp-method", "mcp-name", "accept"};
    http.checkOrigin = true;
    http.maxBodyBytes = 32ll << 20;
    http.refuse = [](int status, const QString &message, const QByteArray &) {
        return HttpServerAnswer(status, "application/json", json::compact(McpServerPeer::errorMessage(QJsonValue(), -32600, message)));
    };
    m_host = options.address.host;
    auto started = m_http.start(std::move(http), [this](quint64 id, HttpServerRequest request) {
        m_mailbox.post([this, id, request = std::move(request)]() mutable { take(id, std::move(request)); });
    });
    if (started)
        m_keepAlive.start();
    return started;
}

QUrl McpServerHttp::url() const
{
    QUrl url;
    url.setScheme(QStringLiteral("http"));
    url.setHost(m_host);
    url.setPort(m_http.port());
    url.setPath(QString::fromLatin1(path));
    return url;
}

Task<> McpServerHttp::stop()
{
    m_http.refuseNew();
    const auto replies = m_replies;
    for (const auto &[id, reply] : replies) {
        if (reply->own)
            reply->own->finish();
    }
    for (const auto &[id, session] : m_sessions) {
        if (session->stream)
            m_http.finish(session->stream);
    }
    const auto slept = co_await m_clock->sleep(100, CancelToken()); // for the last words to leave
    Q_UNUSED(slept)
    m_sessions.clear();
    m_replies.clear();
    m_keepAlive.stop();
    m_http.stop();
}

void McpServerHttp::refuse(quint64 id, int status, int code, const QString &message, const QJsonValue &rpcId)
{
    HttpServerAnswer answer(status, "application/json", json::compact(McpServerPeer::errorMessage(rpcId, code, message)));
    if (status == 405)
        answer.allow = "POST";
    m_http.answer(id, std::move(answer));
}

void McpServerHttp::take(quint64 id, HttpServerRequest request)
{
    if (request.method == "POST")
        return post(id, request);
    const QString session = QString::fromLatin1(request.header("mcp-session-id"));
    if (session.isEmpty())
        return refuse(id, 405, -32600, QStringLiteral("Without a session only POST is understood."));
    if (m_sessions.count(session) == 0)
        return refuse(id, 404, -32600, QStringLiteral("There is no such session; begin with initialize."));
    if (request.method == "GET")
        return openStream(id, request);
    const std::shared_ptr<HttpSession> ended = m_sessions[session];
    m_sessions.erase(session);
    if (ended->stream)
        m_http.finish(ended->stream);
    m_http.answer(id, HttpServerAnswer(204, QByteArray(), QByteArray()));
}

void McpServerHttp::openStream(quint64 id, const HttpServerRequest &request)
{
    if (!request.header("accept").contains("text/event-stream") && !request.header("accept").contains("*/*"))
        return refuse(id, 406, -32600, QStringLiteral("A stream is of the type text/event-stream; say so in Accept."));
    const std::shared_ptr<HttpSession> session = m_sessions[QString::fromLatin1(request.header("mcp-session-id"))];
    if (session->stream)
        m_http.finish(session->stream); // the newer one is the one that is read
    session->stream = id;
    HttpServerAnswer answer(200, "text/event-stream", ":\n\n");
    answer.stream = true;
    answer.headers = {{"Cache-Control", "no-cache"}};
    m_http.answer(id, std::move(answer));
}

QString McpServerHttp::newSession()
{
    if (m_sessions.size() >= size_t(maxSessions)) {
        auto oldest = m_sessions.begin();
        for (auto it = m_sessions.begin(); it != m_sessions.end(); ++it) {
            if (it->second->usedUs < oldest->second->usedUs)
                oldest = it;
        }
        if (oldest->second->stream)
            m_http.finish(oldest->second->stream);
        m_sessions.erase(oldest);
    }
    quint32 random[4];
    QRandomGenerator::system()->fillRange(random);
    const QString id = QString::fromLatin1(QByteArray(reinterpret_cast<const char *>(random), sizeof random).toHex());
    auto session = std::make_shared<HttpSession>();
    const std::weak_ptr<HttpSession> weak = session;
    session->peer = std::make_unique<McpServerPeer>(m_offer, m_runs, McpServerPeer::Kind::Session, [this, weak](const QJsonObject &message, int) {
        const auto of = weak.lock();
        if (of && of->stream && !m_http.write(of->stream, eventText(message)))
            of->stream = 0;
    });
    m_sessions[id] = session;
    return id;
}

void McpServerHttp::post(quint64 id, const HttpServerRequest &request)
{
    const auto parsed = json::parse(request.body);
    if (!parsed)
        return refuse(id, 400, -32700, parsed.error().message);
    const QJsonObject message = parsed->toObject();
    const QString method = message.value(QLatin1String("method")).toString();
    const bool isRequest = message.contains(QLatin1String("method")) && message.contains(QLatin1String("id"));
    const QJsonValue rpcId = message.value(QLatin1String("id"));
    QString sessionId = QString::fromLatin1(request.header("mcp-session-id"));
    const QString version = decoded(request.header("mcp-protocol-version"));

    auto reply = std::make_shared<Reply>();
    reply->id = id;
    std::shared_ptr<HttpSession> session;
    const bool opens = method == QLatin1String("initialize") && sessionId.isEmpty() && !McpServerPeer::modernVersions().contains(version)
                       && !message.value(QLatin1String("params")).toObject().value(QLatin1String("_meta")).toObject().contains(metaVersion);
    if (opens) {
        sessionId = newSession();
        reply->sessionId = sessionId.toLatin1();
    }
    if (!sessionId.isEmpty()) {
        const auto found = m_sessions.find(sessionId);
        if (found == m_sessions.end())
            return refuse(id, 404, -32600, QStringLiteral("There is no such session; begin with initialize."), rpcId);
        if (!opens && !version.isEmpty() && !McpServerPeer::legacyVersions().contains(version))
            return refuse(id, 400, -32600, QStringLiteral("The protocol version %1 is not one of sessions.").arg(version.left(40)), rpcId);
        session = found->second;
        session->usedUs = m_clock->nowUs();
        reply->peer = session->peer.get();
    } else {
        if (isRequest) {
            const QString wrong = mismatch(request, message);
            if (!wrong.isEmpty())
                return refuse(id, 400, headerMismatch, wrong, rpcId);
        }
        // By itself: ids of several clients may be alike.
        reply->own = std::make_unique<McpServerPeer>(m_offer, m_runs, McpServerPeer::Kind::Stateless, McpServerSend());
        reply->peer = reply->own.get();
    }
    m_replies[id] = reply;
    const std::weak_ptr<Reply> weak = reply;
    reply->key = reply->peer->receive(*parsed, [this, weak](const QJsonObject &sent, int status) {
        if (const auto to = weak.lock())
            send(to, sent, status);
    });
    if (reply->done)
        return;
    if (!isRequest) { // a notification or an answer of the client
        reply->done = true;
        m_http.answer(id, HttpServerAnswer(202, QByteArray(), QByteArray()));
        return over(reply);
    }
    // A stream shows whether the client is still there.
    QTimer::singleShot(answerSoonMs, this, [this, weak] {
        if (const auto to = weak.lock(); to && !to->done && !to->streaming)
            beginStream(to);
    });
}

void McpServerHttp::beginStream(const std::shared_ptr<Reply> &reply)
{
    reply->streaming = true;
    HttpServerAnswer answer(200, "text/event-stream", ":\n\n");
    answer.stream = true;
    answer.headers = {{"Cache-Control", "no-cache"}};
    if (!reply->sessionId.isEmpty())
        answer.headers.emplace_back("Mcp-Session-Id", reply->sessionId);
    m_http.answer(reply->id, std::move(answer));
}

void McpServerHttp::send(const std::shared_ptr<Reply> &reply, const QJsonObject &message, int status)
{
    if (reply->done)
        return;
    const bool isAnswer = !message.contains(QLatin1String("method"));
    if (!isAnswer && !reply->streaming)
        beginStream(reply);
    if (reply->streaming) {
        m_http.write(reply->id, eventText(message));
        if (isAnswer)
            m_http.finish(reply->id);
    } else {
        HttpServerAnswer answer(status, "application/json", json::compact(message));
        if (!reply->sessionId.isEmpty())
            answer.headers.emplace_back("Mcp-Session-Id", reply->sessionId);
        m_http.answer(reply->id, std::move(answer));
    }
    if (!isAnswer)
        return;
    reply->done = true;
    over(reply);
}

// Later, since its peer may be in the middle of sending.
void McpServerHttp::over(const std::shared_ptr<Reply> &reply)
{
    QMetaObject::invokeMethod(this, [this, id = reply->id] { m_replies.erase(id); }, Qt::QueuedConnection);
}

void McpServerHttp::keepAlive()
{
    const auto replies = m_replies;
    for (const auto &[id, reply] : replies) {
        if (reply->streaming && !reply->done && !reply->peer) { // its session has ended: nothing comes any more
            reply->done = true;
            m_http.finish(id);
            over(reply);
            continue;
        }
        if (!reply->streaming || reply->done || m_http.write(id, ":\n\n"))
            continue;
        reply->done = true; // the client has gone
        if (reply->peer && reply->key)
            reply->peer->drop(*reply->key);
        over(reply);
    }
    for (const auto &[id, session] : m_sessions) {
        if (session->stream && !m_http.write(session->stream, ":\n\n"))
            session->stream = 0;
    }
}

} // namespace lathe
