// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/TeamResolver.h"

namespace lathe {

namespace {
// An agent a node needs: a reference to an artifact, or a body that the node holds.
struct AgentNeed {
    QString key; // the reference, or "node:ID"
    QString reference;
    QJsonObject body;
    bool merger = false;
};

QJsonObject inlineAgent(const QJsonObject &settings, const QString &job)
{
    return QJsonObject{{QStringLiteral("job"), job},
                       {QStringLiteral("pattern"), QStringLiteral("direct")},
                       {QStringLiteral("model"), settings.value(QStringLiteral("model"))}};
}

std::vector<AgentNeed> agentNeeds(const TeamNode &node)
{
    std::vector<AgentNeed> needs;
    const QJsonObject &settings = node.settings;
    const auto need = [&](const QString &job) {
        AgentNeed agent;
        agent.reference = settings.value(QStringLiteral("agent")).toString();
        if (agent.reference.isEmpty()) {
            agent.body = settings.value(QStringLiteral("inline")).toObject();
            if (agent.body.isEmpty() && !job.isEmpty())
                agent.body = inlineAgent(settings, job);
        }
        agent.key = agent.reference.isEmpty() ? QStringLiteral("node:") + node.id : agent.reference;
        needs.push_back(agent);
    };
    const QString mode = settings.value(QStringLiteral("mode")).toString();
    const bool byModel = mode == QLatin1String("model");
    switch (node.kind) {
    case NodeKind::Agent:
        need(QString());
        break;
    case NodeKind::Coordinator: {
        need(QString());
        const QString merger = settings.value(QStringLiteral("merger")).toString();
        if (!merger.isEmpty()) {
            AgentNeed agent;
            agent.key = agent.reference = merger;
            agent.merger = true;
            needs.push_back(agent);
        }
        break;
    }
    case NodeKind::Router:
        if (byModel)
            need(QStringLiteral("Choose the route that fits the input."));
        break;
    case NodeKind::Check:
        if (byModel)
            need(QStringLiteral("Say whether the text keeps the rule."));
        break;
    case NodeKind::Join:
        if (mode == QLatin1String("agent") || (mode == QLatin1String("best") && settings.contains(QStringLiteral("agent"))))
            need(QString());
        break;
    default:
        break;
    }
    return needs;
}

Error atNode(const TeamNode &node, const Error &error)
{
    Error named = error;
    named.message = QStringLiteral("Node \"%1\": %2").arg(node.name, error.message);
    return named;
}
}

std::shared_ptr<PreparedTeam> TeamBlueprint::instantiate() const
{
    auto prepared = std::make_shared<PreparedTeam>();
    prepared->name = artifact.name;
    prepared->graph = graph;
    for (auto it = agents.begin(); it != agents.end(); ++it)
        prepared->agents.insert(it.key(), it.value()->instantiate());
    for (auto it = mergers.begin(); it != mergers.end(); ++it)
        prepared->mergers.insert(it.key(), it.value()->instantiate());
    for (auto it = tools.begin(); it != tools.end(); ++it)
        prepared->tools.insert(it.key(), it->gate());
    for (auto it = teams.begin(); it != teams.end(); ++it)
        prepared->teams.insert(it.key(), it.value()->instantiate());
    return prepared;
}

RunBlueprint::Execution TeamBlueprint::prepare() const
{
    return [prepared = instantiate()](RunContext *context, RunInput input, TeamRunOptions options) {
        return runTeam(context, prepared, std::move(input), QString(), std::move(options));
    };
}

TeamResolver::TeamResolver(Project *project, AgentResolver *agents) : m_project(project), m_agents(agents) {}

Task<Result<std::shared_ptr<const TeamBlueprint>>> TeamResolver::resolve(QString reference, std::optional<ModelChoice> model)
{
    return resolveWithin(std::move(reference), std::move(model), QStringList());
}

Task<Result<std::shared_ptr<const TeamBlueprint>>> TeamResolver::resolveWithin(QString reference, std::optional<ModelChoice> model,
                                                                               QStringList above)
{
    auto team = m_project->artifacts().resolve(ArtifactKind::Team, reference);
    if (!team)
        co_return team.error();
    if (above.contains(team->name)) {
        above.append(team->name);
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The teams use each other in a circle: %1. Take one of the uses out.")
                                                     .arg(above.join(QStringLiteral(" -> "))));
    }
    above.append(team->name);
    team->body = TeamSpec::executable(team->body);
    const auto spec = TeamSpec::fromJson(team->body);
    if (!spec)
        co_return spec.error();
    const auto asked = ArtifactRef::parse(reference);
    const bool draft = team->number == 0 || (asked && asked->label == QLatin1String("draft"));
    const auto wanted = [draft](const QString &ref) {
        return draft && !ref.contains(QLatin1Char('@')) ? ref + QStringLiteral("@draft") : ref;
    };
    auto parts = std::make_shared<Parts>();
    for (const TeamNode &node : spec->nodes) {
        const auto needs = agentNeeds(node);
        for (const AgentNeed &need : needs) {
            if (parts->agents.contains(need.key))
                continue;
            if (need.reference.isEmpty() && need.body.isEmpty()) {
                co_return Error(ErrorKind::InvalidInput,
                                QStringLiteral("The node \"%1\" has no agent; choose one in its settings.").arg(node.name));
            }
            Result<std::shared_ptr<const AgentBlueprint>> agent = Error();
            if (need.reference.isEmpty())
                agent = co_await m_agents->resolveInline(node.name, need.body, draft, model, above);
            else
                agent = co_await m_agents->resolveWithin(wanted(need.reference), model, above);
            if (!agent)
                co_return atNode(node, agent.error());
            parts->agents.insert(need.key, *agent);
        }
        if (node.kind == NodeKind::Tool) {
            const QString ref = node.settings.value(QStringLiteral("tool")).toString();
            if (ref.isEmpty()) {
                co_return Error(ErrorKind::InvalidInput,
                                QStringLiteral("The node \"%1\" has no tool; choose one in its settings.").arg(node.name));
            }
            const auto tool = m_project->artifacts().resolve(ArtifactKind::Tool, wanted(ref));
            if (!tool)
                co_return atNode(node, tool.error());
            QJsonObject stub{{QStringLiteral("name"), tool->name},
                             {QStringLiteral("reference"), tool->reference()},
                             {QStringLiteral("body"), tool->body}};
            const auto inner = co_await m_agents->innerSnapshot(tool->name, tool->body, draft, model, above);
            if (!inner)
                co_return atNode(node, inner.error());
            if (!inner->isEmpty())
                stub.insert(QStringLiteral("inner"), *inner);
            parts->tools.insert(ref, stub);
        } else if (node.kind == NodeKind::Team) {
            const QString ref = node.settings.value(QStringLiteral("team")).toString();
            if (ref.isEmpty()) {
                co_return Error(ErrorKind::InvalidInput,
                                QStringLiteral("The node \"%1\" has no team; choose one in its settings.").arg(node.name));
            }
            if (!parts->teams.contains(ref)) {
                auto inner = co_await resolveWithin(wanted(ref), model, above);
                if (!inner)
                    co_return atNode(node, inner.error());
                parts->teams.insert(ref, *inner);
            }
        }
    }
    auto blueprint = co_await assemble(std::move(*team), parts);
    co_return blueprint;
}

Task<Result<std::shared_ptr<const TeamBlueprint>>> TeamResolver::fromSnapshot(QJsonObject snapshot)
{
    ResolvedArtifact team;
    team.kind = ArtifactKind::Team;
    const QJsonObject stored = snapshot.value(QStringLiteral("team")).toObject();
    team.name = stored.value(QStringLiteral("name")).toString();
    team.body = stored.value(QStringLiteral("body")).toObject();
    team.number = stored.value(QStringLiteral("number")).toInt();
    if (team.name.isEmpty()) {
        co_return Error(ErrorKind::ProjectFile,
                        QStringLiteral("The run holds no snapshot of its team, so it cannot be executed again."));
    }
    auto parts = std::make_shared<Parts>();
    parts->revisions = snapshot.value(QStringLiteral("tool_revisions")).toBool();
    const QJsonObject agents = snapshot.value(QStringLiteral("agents")).toObject();
    for (auto it = agents.begin(); it != agents.end(); ++it) {
        auto agent = co_await m_agents->fromSnapshot(it.value().toObject());
        if (!agent)
            co_return agent.error();
        parts->agents.insert(it.key(), *agent);
    }
    const QJsonObject tools = snapshot.value(QStringLiteral("tools")).toObject();
    for (auto it = tools.begin(); it != tools.end(); ++it)
        parts->tools.insert(it.key(), it.value().toObject());
    const QJsonObject teams = snapshot.value(QStringLiteral("teams")).toObject();
    for (auto it = teams.begin(); it != teams.end(); ++it) {
        auto inner = co_await fromSnapshot(it.value().toObject());
        if (!inner)
            co_return inner.error();
        parts->teams.insert(it.key(), *inner);
    }
    auto blueprint = co_await assemble(std::move(team), parts);
    co_return blueprint;
}

Task<Result<std::shared_ptr<const TeamBlueprint>>> TeamResolver::assemble(ResolvedArtifact team, std::shared_ptr<Parts> parts)
{
    auto spec = TeamSpec::fromJson(team.body);
    if (!spec)
        co_return spec.error();
    auto blueprint = std::make_shared<TeamBlueprint>();
    blueprint->limits = spec->limits;
    blueprint->graph = std::make_shared<const TeamGraph>(std::move(*spec));
    QStringList models;
    for (const TeamNode &node : blueprint->graph->spec().nodes) {
        const auto needs = agentNeeds(node);
        for (const AgentNeed &need : needs) {
            const auto agent = parts->agents.value(need.key);
            if (!agent) {
                co_return Error(ErrorKind::ProjectFile,
                                QStringLiteral("The run's snapshot lacks the agent of node \"%1\".").arg(node.name));
            }
            (need.merger ? blueprint->mergers : blueprint->agents).insert(node.id, agent);
            if (!models.contains(agent->models))
                models.append(agent->models);
        }
        if (node.kind == NodeKind::Tool) {
            const QJsonObject stub = parts->tools.value(node.settings.value(QStringLiteral("tool")).toString());
            ToolAttachment attachment;
            attachment.tool = stub.value(QStringLiteral("reference")).toString();
            attachment.approval = node.settings.value(QStringLiteral("approval")).toString();
            const QString function = node.settings.value(QStringLiteral("function")).toString();
            if (!function.isEmpty())
                attachment.only.append(function);
            const QJsonObject inner = stub.value(QStringLiteral("inner")).toObject();
            auto tools = co_await m_agents->makeAttached(stub, attachment, inner, parts->revisions);
            if (!tools)
                co_return atNode(node, tools.error());
            if (tools->size() > 1) {
                co_return Error(ErrorKind::InvalidInput, QStringLiteral("The node \"%1\" uses the tool \"%2\", which has %3 functions; choose one in "
                                                                        "its settings.")
                                                             .arg(node.name, stub.value(QStringLiteral("name")).toString())
                                                             .arg(tools->size()));
            }
            blueprint->tools.insert(node.id, std::move(tools->front()));
        } else if (node.kind == NodeKind::Team) {
            const auto inner = parts->teams.value(node.settings.value(QStringLiteral("team")).toString());
            if (!inner) {
                co_return Error(ErrorKind::ProjectFile,
                                QStringLiteral("The run's snapshot lacks the team of node \"%1\".").arg(node.name));
            }
            blueprint->teams.insert(node.id, inner);
        }
    }
    QJsonObject agentSnapshots, agentRevisions, toolSnapshots, toolRevisions, teamSnapshots, teamRevisions;
    for (auto it = parts->agents.begin(); it != parts->agents.end(); ++it) {
        agentSnapshots.insert(it.key(), it.value()->snapshot);
        agentRevisions.insert(it.key(), it.value()->revisions);
    }
    for (auto it = parts->tools.begin(); it != parts->tools.end(); ++it) {
        toolSnapshots.insert(it.key(), it.value());
        toolRevisions.insert(it.key(), it->value(QStringLiteral("reference")));
    }
    for (auto it = parts->teams.begin(); it != parts->teams.end(); ++it) {
        teamSnapshots.insert(it.key(), it.value()->snapshot);
        teamRevisions.insert(it.key(), it.value()->revisions);
    }
    blueprint->snapshot = QJsonObject{{QStringLiteral("team"), QJsonObject{{QStringLiteral("name"), team.name},
                                                                           {QStringLiteral("number"), team.number},
                                                                           {QStringLiteral("body"), team.body}}},
                                      {QStringLiteral("agents"), agentSnapshots},
                                      {QStringLiteral("tools"), toolSnapshots},
                                      {QStringLiteral("teams"), teamSnapshots}};
    if (parts->revisions)
        blueprint->snapshot.insert(QStringLiteral("tool_revisions"), true);
    blueprint->revisions = QJsonObject{{QStringLiteral("team"), team.reference()},
                                       {QStringLiteral("agents"), agentRevisions},
                                       {QStringLiteral("tools"), toolRevisions},
                                       {QStringLiteral("teams"), teamRevisions}};
    blueprint->models = models.join(QStringLiteral(", "));
    blueprint->artifact = std::move(team);
    co_return std::shared_ptr<const TeamBlueprint>(blueprint);
}

} // namespace lathe
