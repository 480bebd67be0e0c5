// SPDX-License-Identifier: GPL-3.0-or-later
// Private to the hub's own sources. Main thread.
#pragma once

#include "core/design/ToolSpec.h"
#include "core/mcp/OauthAuthorizer.h"
#include "core/session/AgentResolver.h"
#include "core/session/McpHub.h"

#include <QPointer>
#include <QSet>

#include <map>

namespace lathe {

// Everything the hub holds. Coroutines keep it and look at `hub`, which is null once the hub is gone.
class McpHub::Private : public std::enable_shared_from_this<McpHub::Private>
{
public:
    struct Server {
        QByteArray key;
        std::shared_ptr<McpClient> client;
        QSet<QString> names; // who asked for it
        int tools = -1, resources = -1, prompts = -1;
        // The server's tools as last listed; empty after a loss or a list_changed. `epoch` counts those, so that a listing under way is not kept.
        std::optional<std::vector<McpTool>> listed;
        std::optional<std::vector<McpTool>> lastListed; // kept for what the window shows
        int epoch = 0;
        bool listing = false;
        std::vector<Completion<Result<std::vector<McpTool>>>> waiting;
    };
    struct Asked {
        McpQuestion question;
        Completion<PersonReply> reply;
    };

    QPointer<McpHub> hub;
    McpClientOptions options;
    QPointer<AgentResolver> resolver;
    std::unique_ptr<OauthAuthorizer> authorizer; // null: another one was given
    std::map<QByteArray, std::shared_ptr<Server>> servers;
    std::map<QByteArray, McpEra> eras; // former verdicts
    Redactor redactor;                 // of what was given to servers
    std::vector<Asked> asked;
    quint64 lastId = 0;
    CancelSource ending; // everything that waits in here ends with the hub

    // As it stands for one connection: with its folders where they are.
    McpServerConfig whole(McpServerConfig config) const;
    Result<McpServerConfig> configOf(const QString &name, const QJsonObject &body) const;
    std::shared_ptr<Server> find(const QByteArray &key) const;
    std::shared_ptr<Server> find(const McpClient *client) const;
    std::shared_ptr<Server> server(const McpServerConfig &config);
    void watch(const std::shared_ptr<Server> &server);
    void changed(const std::shared_ptr<Server> &server);
    McpLogLine redacted(McpLogLine line) const;
    static Task<> list(std::shared_ptr<Private> d, std::shared_ptr<Server> server);

    // Puts a question and waits for its answer. Cancelled: the token; a reply of Cancel when nobody is there.
    static Task<Result<PersonReply>> ask(std::shared_ptr<Private> d, QString server, PersonRequest request, CancelToken cancel);
    static AskPerson asker(std::shared_ptr<Private> d, const QString &server);
    static Task<Result<McpSampled>> sample(std::shared_ptr<Private> d, McpServerConfig config, QJsonObject request, CancelToken cancel);
    // Of a server that asks while no call is under way: nobody counts what it takes.
    static Task<Result<QJsonObject>> sampledOutside(std::shared_ptr<Private> d, McpServerConfig config, QJsonObject request, CancelToken cancel);
    static Task<Result<QUrl>> signIn(std::shared_ptr<Private> d, OauthSignIn wanted, CancelToken cancel);
    bool somebodyListens() const;
};

} // namespace lathe
