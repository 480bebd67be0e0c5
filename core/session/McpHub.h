// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mcp/McpConnector.h"
#include "core/project/ProjectTypes.h"
#include "core/tool/Tool.h"

#include <QObject>

#include <memory>

namespace lathe {

class AgentResolver;
class OauthTokenStore;

// A server that a tool artifact names, as the window shows it. A value.
struct McpServerState {
    ArtifactId artifact;
    QString name;
    McpClient::State state = McpClient::State::Idle;
    std::optional<Error> error;
    McpServerInfo info;
    int tools = 0, resources = 0, prompts = 0; // as last listed; -1: never
    // Functions that are not, or no longer, what the artifact's newest body holds: added, changed, gone.
    QStringList added, changed, removed;
};

// A server asks the person something outside of a run (a try, a listing), or wants the person's consent for OAuth.
struct McpQuestion {
    quint64 id = 0;
    QString server;
    PersonRequest request;
};

// The MCP servers of one open project: one connection for each, shared by runs, tries and the window. Main thread; owned by the Session.
class McpHub : public QObject, public McpConnector
{
    Q_OBJECT
public:
    // Options: http, clock and version; the rest the hub sets itself (an authorizer that is given is kept). http, clock and tokens must
    // outlive it; the resolver may go first. `tokens` null: sign-ins last as long as the hub.
    McpHub(McpClientOptions options, AgentResolver *resolver, OauthTokenStore *tokens, QObject *parent = nullptr);
    ~McpHub() override; // every server of it ends

    std::shared_ptr<McpClient> client(const McpServerConfig &config) override;
    Task<Result<std::vector<McpTool>>> currentTools(std::shared_ptr<McpClient> client, CancelToken cancel) override;
    // The model of the configuration answers (sampling/createMessage: params in, result out). Ask the person before.
    Task<Result<McpSampled>> sampled(McpServerConfig config, QJsonObject request, CancelToken cancel) override;

    // By the body of a tool artifact of the type "mcp" (reads the secrets it names first).
    Task<Result<std::shared_ptr<McpClient>>> open(QString name, QJsonObject body, CancelToken cancel);
    McpServerState stateOf(ArtifactId artifact, const QString &name, const QJsonObject &body) const;
    // The newest lines of its connection, without the secrets it was given; at most 2,000.
    std::vector<McpLogLine> log(const QString &name, const QJsonObject &body) const;
    // Connects when needed, lists everything, and gives the config with `tools` and `server` as the server has them now. A function that
    // was there keeps its enabled and policy members; a new one is enabled, a changed one is what it is now: a person commits that.
    Task<Result<QJsonObject>> refreshed(QString name, QJsonObject body, CancelToken cancel);
    Task<> reconnect(QString name, QJsonObject body);
    Task<> disconnect(QString name, QJsonObject body);
    Task<> closeAll();

    // Waiting for an answer, oldest first. While nobody is connected to questionsChanged(), what would be asked is declined at once. Of a
    // sign-in (Url): open `url`, then answer Accept; or Accept with content {"redirect": ADDRESS} when the browser could not come back to this
    // computer and the person pasted where it was sent.
    std::vector<McpQuestion> questions() const;
    // Asks by itself, for a tool that is tried. Cancelled: the token.
    Task<Result<PersonReply>> ask(QString server, PersonRequest request, CancelToken cancel);
    void answer(quint64 id, const PersonReply &reply);
    // Ends the sign-in at a remote server: its tokens are forgotten, and revoked where that server can (OauthAuthorizer::forget()).
    Task<Result<void>> signOut(QString name, QJsonObject body);

Q_SIGNALS:
    // State, lists or tools of a server changed; `name` is that of each artifact (or sheet) that asked for it. From the first moment on.
    void serverChanged(const QString &name);
    void serverLogged(const QString &name, const lathe::McpLogLine &line);
    void questionsChanged();

private:
    class Private;
    std::shared_ptr<Private> d; // shared with what is under way
};

// The usual `{"mcpServers": {NAME: {command, args, env} | {type, url, headers}}}` of other programs (also "servers", and the inner object
// alone), a command line, or a URL, as bodies of tools of the type "mcp" by name. What looks like a secret in env and headers is not kept: it
// becomes {{secret:NAME}} and is given back to be stored.
struct McpServersImport {
    struct Server {
        QString name;
        QJsonObject body;
        QList<std::pair<QString, QString>> secrets; // name, value
    };
    std::vector<Server> servers;
    QStringList notes; // what was left out and why
};
Result<McpServersImport> parseMcpServers(const QString &text);

} // namespace lathe
