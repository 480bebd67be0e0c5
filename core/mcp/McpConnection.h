// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "core/mcp/McpClient.h"
#include "core/mcp/McpTransport.h"
#include "core/mcp/McpWire.h"

#include <QHash>

#include <deque>
#include <set>
#include <unordered_map>

namespace lathe {

// What a request to the server needs beyond method and params.
struct McpRequestOptions {
    McpCallOptions call;
    HttpHeaders headers; // HTTP of the modern era: Mcp-Param-*
    QString what;        // for messages: "the tool echo"
    bool progress = false; // ask for progress
    McpRequestOptions() = default;
};

// The protocol over one transport, from the first message to the loss: finds the era out, matches answers with requests, and does what the
// server may ask of a client. Internal to this folder; McpClient makes a new one after each loss. Main thread; held by shared_ptr.
class McpConnection : public std::enable_shared_from_this<McpConnection>
{
public:
    enum class List { Tools, Resources, Prompts };
    struct Events {
        std::function<void(McpLogLine::Source source, const QString &level, const QString &text)> log;
        std::function<void(List list)> changed;
        std::function<void(const QString &uri)> resourceChanged;
        std::function<void(const Error &error)> lost;
        std::function<void(const QString &token)> token; // see McpTransport
    };
    struct Setup {
        McpServerConfig config;
        McpClientHandlers handlers;
        QString clientVersion;
        Clock *clock = nullptr;
        QStringList roots;
        Setup() = default;
    };
    McpConnection(Setup setup, Events events);
    // Before open(). The transport's events go to this connection.
    McpTransport::Events transportEvents();
    void setTransport(std::shared_ptr<McpTransport> transport) { m_transport = std::move(transport); }

    // Starts it and agrees on the era. The caller limits the time.
    Task<Result<McpServerInfo>> open(std::optional<McpEra> known, CancelToken cancel);
    // Notices now when the server is about to be gone.
    void settle();
    // The program ended while server/discover was not answered: some servers do that at anything before initialize.
    bool diedOfProbe() const { return m_diedOfProbe; }
    bool isAsking() const { return m_transport && m_transport->isAsking(); }
    bool sessionEnded() const { return m_transport && m_transport->sessionEnded(); }
    bool isHttp() const { return m_transport && m_transport->isHttp(); }
    const McpServerInfo &info() const { return m_info; }

    // One request with all it brings: progress, time limit, questions to the person on the way. Gives the result object.
    Task<Result<QJsonObject>> ask(QString method, QJsonObject params, McpRequestOptions options, CancelToken cancel);
    void setRoots(const QStringList &roots);
    // Modern era; uris replace those of before.
    void setSubscriptions(std::set<QString> uris);

    Task<> close();
    void abort(const Error &why);

    // What is known of a tool from the server's list.
    struct ToolFacts {
        mcpwire::ParamHeaders headers;
        bool taskRequired = false;
    };
    QHash<QString, ToolFacts> toolFacts;
    bool toolsListed = false;

private:
    using Answer = Result<JsonRpcMessage>;
    struct Pending {
        QJsonValue id;
        QByteArray key;
        QString method;
        McpRequestOptions options;
        Completion<Answer> done;
        CancelSource stop; // of the sending
        CancelSource over; // ends its watch
        qint64 lifeUs = 0;
        bool isDone = false;
        bool answered = false; // by the server, not given up
    };
    using PendingPtr = std::shared_ptr<Pending>;
    using Self = std::shared_ptr<McpConnection>;
    struct ProbeEvent {
        enum class From { Discover, Initialize, Time } from = From::Time;
        Answer answer;
        ProbeEvent(From source, Answer what) : from(source), answer(std::move(what)) {}
    };
    enum class Verdict { Modern, Legacy, Again, Fail };

    PendingPtr begin(const QString &method, QJsonObject params, McpRequestOptions options, McpEra era, const QString &version, bool isListen = false);
    Task<Answer> exchange(QString method, QJsonObject params, McpRequestOptions options, CancelToken cancel);
    static Task<> deliver(Self self, PendingPtr pending, JsonRpcMessage message, HttpHeaders headers);
    static Task<> watch(Self self, PendingPtr pending);
    void finish(const PendingPtr &pending, Answer answer, bool ownStream = false);
    void withdraw(const PendingPtr &pending, const QString &reason, Error error);
    void notify(const QString &method, const QJsonObject &params);
    static Task<> post(Self self, JsonRpcMessage message);

    // McpProbe.cpp
    Task<Result<void>> negotiate(std::optional<McpEra> known, CancelToken cancel);
    static Task<> probe(Self self, PendingPtr pending, ProbeEvent::From from, AsyncQueue<ProbeEvent> events);
    static Task<> probeTime(Self self, AsyncQueue<ProbeEvent> events, CancelToken cancel);
    Verdict judge(const Answer &answer, Error *error);
    Result<void> adoptModern(const JsonRpcMessage &answer);
    Result<void> adoptLegacy(const JsonRpcMessage &answer);
    Task<Result<void>> startLegacy();
    QJsonObject capabilities(const McpClientHandlers &call) const;
    QJsonObject clientInfo() const;

    // McpServing.cpp: what the server asks and tells.
    void onMessage(JsonRpcMessage message, const QByteArray &about);
    void onUnreadable(const QByteArray &text, const Error &why);
    void onLost(Error error);
    void onAnswer(JsonRpcMessage message, const QByteArray &about);
    void onNotification(const JsonRpcMessage &message);
    void onProgress(const QJsonObject &params);
    void onChanged(List list);
    static Task<> serve(Self self, JsonRpcMessage request, QByteArray about);
    // A request of the server, in whichever era and way it came: its result, or what it is told.
    struct Served {
        std::optional<QJsonObject> result;
        JsonRpcError error;
        Served() = default;
    };
    Task<Served> handle(QString method, QJsonObject params, McpClientHandlers handlers, CancelToken cancel);
    Task<Served> elicit(QJsonObject params, McpClientHandlers handlers, CancelToken cancel);
    Task<Result<QJsonObject>> inputResponses(QJsonObject requests, McpClientHandlers handlers, QString what, CancelToken cancel);
    PendingPtr callFor(const QByteArray &about) const;
    QJsonObject rootsResult() const;
    static Task<> subscribe(Self self);
    QJsonObject subscriptionFilter() const;
    void resubscribe();

    void log(McpLogLine::Source source, const QString &text, const QString &level = QString());
    void note(const QString &text) { log(McpLogLine::Source::Client, text); }

    Setup m_setup;
    const QString m_name;
    Events m_events;
    std::shared_ptr<McpTransport> m_transport;
    std::optional<Error> m_lost;
    bool m_diedOfProbe = false;
    bool m_probing = false;
    bool m_toldRoots = false;
    McpEra m_era = McpEra::Unknown;
    QString m_version;
    McpServerInfo m_info;
    qint64 m_lastId = 0;
    qint64 m_lastListen = 0;
    std::unordered_map<std::string, PendingPtr> m_pending;
    std::vector<PendingPtr> m_order;   // oldest first
    std::deque<QByteArray> m_finished; // ids of the last answered ones
    QHash<QByteArray, CancelSource> m_serving;
    int m_questions = 0; // of the server, under way: no time counts
    std::set<QString> m_uris;
    PendingPtr m_listen;
    bool m_subscribing = false, m_resubscribe = false;
    CancelSource m_over;
    std::set<List> m_changed;
};

} // namespace lathe
