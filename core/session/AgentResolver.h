// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/ChatModel.h"
#include "core/llm/Prices.h"
#include "core/project/Project.h"
#include "core/session/DescribedFiles.h"
#include "core/session/RunBlueprint.h"
#include "core/session/SecretStore.h"

namespace lathe {

class ToolCache; // core/tool/ToolBudget.h

// An agent with every reference resolved; immutable and shared by runs. instantiate() gives each run its own call counters.
struct AgentBlueprint : RunBlueprint {
    AgentSpec spec;
    PromptSpec prompt;
    std::vector<ModelBinding> bindings;
    std::optional<double> topP; // of the body, which no form of an agent has: a variant's
    std::optional<qint64> seed;
    struct AttachedTool {
        std::shared_ptr<Tool> tool;
        ToolSpec spec;
        ToolAttachment attachment;
        QString revision; // "NAME@3", for the trace; empty: of a run that was recorded before traces said so
        std::shared_ptr<ToolCache> cache;
        std::shared_ptr<ToolGate> gate() const; // a new one
    };
    std::vector<AttachedTool> tools;
    std::shared_ptr<PreparedAgent> instantiate() const;
    Execution prepare() const override;
};

// Turns references into blueprints, from the project or from the snapshot of a recorded run. Main thread. Caches adapters per
// connection and blueprints until the project's artifacts change, or a file that their tools describe.
class AgentResolver : public QObject
{
public:
    AgentResolver(Project *project, HttpClient *http, Clock *clock, SecretStore *secrets, Redactor *redactor,
                  int offlineTokensPerSecond);

    Task<Result<std::shared_ptr<const AgentBlueprint>>> resolve(QString reference, std::optional<ModelChoice> model);
    // An agent that a team's node holds inline: a body as AgentSpec's, with "instructions" (text, or a body as PromptSpec's)
    // instead of "prompt". `draft`: what it refers to is taken as drafts.
    Task<Result<std::shared_ptr<const AgentBlueprint>>> resolveInline(QString name, QJsonObject body, bool draft, std::optional<ModelChoice> model,
                                                                      QStringList above);
    // An agent whose body is no artifact's, or was changed: a variant of an experiment. Besides AgentSpec's members the body may
    // have "top_p" and "seed". `draftRun` as `draft` above.
    Task<Result<std::shared_ptr<const AgentBlueprint>>> resolveBody(ResolvedArtifact agent, bool draftRun, std::optional<ModelChoice> model);
    // The same, within others that use it; `above`: their names, so that a circle is found.
    Task<Result<std::shared_ptr<const AgentBlueprint>>> resolveWithin(QString reference, std::optional<ModelChoice> model, QStringList above);
    Task<Result<std::shared_ptr<const AgentBlueprint>>> resolveBodyWithin(ResolvedArtifact agent, bool draftRun, std::optional<ModelChoice> model,
                                                                          QStringList above);
    // A tool artifact's functions with what they need to run, from what a snapshot keeps of it ({name, reference, body}): those that the
    // attachment gives, at least one. `inner`: of a tool that is an agent or a team, what innerSnapshot() gave.
    Task<Result<std::vector<AgentBlueprint::AttachedTool>>> makeAttached(QJsonObject stub, ToolAttachment attachment, QJsonObject inner,
                                                                         bool withRevision);
    // The agent or team that a tool stands for, as {body: snapshot, revisions}; an empty object for other tools.
    Task<Result<QJsonObject>> innerSnapshot(QString name, QJsonObject body, bool draftRun, std::optional<ModelChoice> model, QStringList above);
    // For replay and resume: from what the run recorded.
    Task<Result<std::shared_ptr<const AgentBlueprint>>> fromSnapshot(QJsonObject snapshot);
    Task<Result<std::shared_ptr<ChatModel>>> model(QString connection);
    // For a fork with another model: the connection as it is now, {name, reference, body}, and the model over such a one.
    Result<QJsonObject> namedConnection(const QString &reference) const;
    Task<ModelBinding> bindModel(ModelChoice choice, QJsonObject connectionBody);
    // Reads the secrets that "{{secret:NAME}}" in a tool's configuration names, so that the tool can ask for them.
    Task<bool> readToolSecrets(QJsonObject config);
    ToolEnvironment toolEnvironment() const;
    // How tools reach MCP servers; must outlive them.
    void useMcp(McpConnector *mcp) { m_mcp = mcp; }
    Result<Dataset> dataset(const QString &reference) const;

private:
    struct Connection {
        ConnectionSpec spec;
        QString secret;
        std::shared_ptr<ChatModel> model;
        std::optional<Error> problem;
    };
    Task<Result<std::shared_ptr<const AgentBlueprint>>> build(ResolvedArtifact agent, QJsonObject bodies, bool sampling);
    Task<std::shared_ptr<Connection>> connection(QString name, QJsonObject body);
    void forget();

    Project *m_project;
    HttpClient *m_http;
    Clock *m_clock;
    SecretStore *m_secrets;
    Redactor *m_redactor;
    int m_offlineTokensPerSecond;
    McpConnector *m_mcp = nullptr;
    std::shared_ptr<ToolCache> m_toolCache;
    struct Kept {
        std::shared_ptr<const AgentBlueprint> blueprint;
        DescribedFiles files;
    };
    QHash<QString, Kept> m_blueprints;
    QHash<QByteArray, std::shared_ptr<Connection>> m_connections; // by hash of name and body
    QHash<QString, QString> m_toolSecrets;                        // values tools may ask for, by name
};

} // namespace lathe
