// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Mailbox.h"
#include "core/httpd/HttpServer.h"
#include "core/server/McpServerPeer.h"
#include "core/server/ServerAddress.h"

#include <QUrl>

namespace lathe {

struct McpServerHttpOptions {
    ServerAddress address;
    QString token; // asked of clients when set
    McpServerHttpOptions() = default;
};

// The project over streamable HTTP at /mcp: requests of the modern era each by itself, those of the legacy era in sessions. Web pages of other
// hosts are refused. Main thread.
class McpServerHttp : public QObject
{
public:
    static constexpr int maxSessions = 64; // the one unused longest makes room
    McpServerHttp(McpServerOffer *offer, McpServerRuns *runs, QObject *parent = nullptr);
    ~McpServerHttp() override;
    Result<void> start(const McpServerHttpOptions &options); // errors as HttpServer's
    QUrl url() const;
    Task<> stop(); // streams end in order

private:
    struct Reply;
    struct HttpSession {
        std::unique_ptr<McpServerPeer> peer;
        quint64 stream = 0; // of its GET; 0: none
        qint64 usedUs = 0;
    };
    void take(quint64 id, HttpServerRequest request);
    void post(quint64 id, const HttpServerRequest &request);
    void openStream(quint64 id, const HttpServerRequest &request);
    void send(const std::shared_ptr<Reply> &reply, const QJsonObject &message, int status);
    void beginStream(const std::shared_ptr<Reply> &reply);
    void over(const std::shared_ptr<Reply> &reply);
    void keepAlive();
    void refuse(quint64 id, int status, int code, const QString &message, const QJsonValue &rpcId = QJsonValue());
    QString newSession();

    McpServerOffer *m_offer;
    McpServerRuns *m_runs;
    Clock *m_clock;
    HttpServer m_http;
    Mailbox m_mailbox;
    QTimer m_keepAlive;
    QString m_host;
    std::map<QString, std::shared_ptr<HttpSession>> m_sessions;
    std::map<quint64, std::shared_ptr<Reply>> m_replies; // not yet answered
};

} // namespace lathe
