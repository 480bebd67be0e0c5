// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mcp/McpClient.h"
#include "core/mcp/McpConnection.h"

#include <QPointer>

#include <deque>

namespace lathe {

// What McpClient is beyond its face: the connection of the moment, how it is made and made again, and the log. Held by the calls under way, so
// it may outlive the client.
class McpClient::Private : public std::enable_shared_from_this<McpClient::Private>
{
public:
    using Self = std::shared_ptr<Private>;
    Private(McpServerConfig config, McpClientOptions options);

    // The connection, made when there is none. `now`: without waiting after a failure.
    Task<Result<std::shared_ptr<McpConnection>>> use(bool now, CancelToken cancel);
    // One request, over a new session when the server has forgotten ours.
    Task<Result<QJsonObject>> ask(QString method, QJsonObject params, McpRequestOptions options, CancelToken cancel);
    // All entries of a list, page by page.
    Task<Result<QJsonArray>> pages(QString method, QString member, QString what, CancelToken cancel);
    Task<> close();
    void shutDown(); // at once

    void setState(State next, std::optional<Error> why = std::nullopt);
    void log(McpLogLine::Source source, const QString &level, const QString &text);
    void hide(const QString &token);
    void note(const QString &text) { log(McpLogLine::Source::Client, QString(), text); }
    QString redacted(QString text) const;
    bool offers(const char *capability) const { return info.capabilities.contains(QLatin1String(capability)); }

    QPointer<McpClient> q;
    const McpServerConfig config;
    McpClientOptions options;
    State state = State::Idle;
    std::optional<Error> error;
    McpServerInfo info;
    std::deque<McpLogLine> lines;
    std::shared_ptr<McpConnection> connection;
    QStringList roots;
    std::set<QString> subscribed;
    Clock *clock = nullptr;

private:
    static Task<> connect(Self self);
    static Task<> watchConnecting(Self self, std::shared_ptr<McpConnection> made, CancelSource stop, CancelToken over);
    Result<std::shared_ptr<McpConnection>> make();
    Result<QString> filled(const QString &text);
    qint64 backOffMs() const;
    void lost(const McpConnection *which, const Error &why);

    std::unique_ptr<Clock> m_ownClock;
    std::optional<McpEra> m_known;
    std::vector<Completion<Result<std::shared_ptr<McpConnection>>>> m_waiting;
    bool m_connecting = false;
    bool m_timedOut = false;
    CancelSource m_stop; // of connecting
    int m_failures = 0;
    qint64 m_failedUs = 0;
    qint64 m_logged = 0; // characters
    std::vector<std::pair<QString, QString>> m_secrets; // name, value: hidden in whatever is shown
    std::deque<QString> m_tokens;                       // same
};

} // namespace lathe
