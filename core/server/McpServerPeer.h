// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/server/McpServerRuns.h"

#include <map>
#include <set>

namespace lathe {

// Takes a message of ours to the client. `httpStatus` says what an answer that refuses is in HTTP; other transports pass it over.
using McpServerSend = std::function<void(const QJsonObject &message, int httpStatus)>;

// One client: JSON-RPC of both wire eras (2026-07-28: each request tells its version and capabilities; before: initialize first). Main thread.
// Everything a client sends is untrusted: bounded in number by maxUnderWay, and answered with an error of JSON-RPC when it is not allowed.
class McpServerPeer : public QObject
{
public:
    enum class Kind {
        Stream,    // stdio: decides by the first message
        Session,   // HTTP after an initialize
        Stateless, // HTTP without a session: the modern era only
    };
    static constexpr int maxUnderWay = 64;
    static constexpr int maxSubscriptions = 1000;

    // `general`: for what answers nothing (notifications of the legacy era).
    McpServerPeer(McpServerOffer *offer, McpServerRuns *runs, Kind kind, McpServerSend general, QObject *parent = nullptr);
    ~McpServerPeer() override; // what is under way is cancelled

    // A parsed message; what belongs to it (answer, progress, questions, subscription) goes to `reply`. Gives a key for drop() when it is a
    // request that is not answered yet.
    std::optional<QString> receive(const QJsonValue &message, McpServerSend reply);
    // The client has gone away from a request (its stream was closed): of the modern era it is cancelled.
    void drop(const QString &key);
    // Subscriptions of the modern era end in order, with a result.
    void finish();
    bool isInitialized() const { return m_legacy; }
    int underWay() const { return int(m_underWay.size()); }
    static QStringList modernVersions();
    static QStringList legacyVersions();
    // A JSON-RPC error.
    static QJsonObject errorMessage(const QJsonValue &id, int code, const QString &message, const QJsonValue &data = QJsonValue(QJsonValue::Undefined));

private:
    struct Request;
    struct Listen {
        QJsonValue id;
        QJsonObject filter;
        std::set<QString> uris;
        McpServerSend send;
    };
    void request(const QJsonObject &message, McpServerSend reply, std::optional<QString> *key);
    void notification(const QJsonObject &message);
    void response(const QJsonObject &message);
    void initialize(const QJsonValue &id, const QJsonObject &params, const McpServerSend &reply);
    void listen(const QJsonValue &id, const QJsonObject &params, const McpServerSend &reply, const QString &key);
    void setLegacySubscription(const QJsonValue &id, const QString &uri, bool on, const McpServerSend &reply);
    Task<> serve(std::shared_ptr<Request> request);
    Task<Result<QJsonObject>> dispatch(std::shared_ptr<Request> request);
    Task<Result<QJsonObject>> callTool(std::shared_ptr<Request> request);
    Task<Result<QJsonObject>> askClient(std::shared_ptr<Request> request, QJsonObject params, CancelToken cancel);
    void changed(const char *method, const char *filter);
    void updated(const QString &uri);
    QJsonObject finished(const Request &request, QJsonObject result) const;

    McpServerOffer *m_offer;
    McpServerRuns *m_runs;
    Kind m_kind;
    McpServerSend m_general;
    bool m_legacy = false;
    QString m_version;          // of the legacy era
    QJsonObject m_capabilities; // same
    std::map<QString, std::shared_ptr<Request>> m_underWay; // by id
    std::map<QString, Completion<Result<QJsonObject>>> m_asked; // our own requests, by id
    int m_lastAsked = 0;
    std::map<QString, Listen> m_listens;
    std::set<QString> m_subscribed; // legacy era
};

} // namespace lathe
