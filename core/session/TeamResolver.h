// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/AgentResolver.h"

namespace lathe {

// A team with every reference resolved; immutable and shared by runs.
struct TeamBlueprint : RunBlueprint {
    std::shared_ptr<const TeamGraph> graph;
    // By node id.
    QHash<QString, std::shared_ptr<const AgentBlueprint>> agents;
    QHash<QString, std::shared_ptr<const AgentBlueprint>> mergers;
    QHash<QString, AgentBlueprint::AttachedTool> tools;
    QHash<QString, std::shared_ptr<const TeamBlueprint>> teams;
    std::shared_ptr<PreparedTeam> instantiate() const;
    Execution prepare() const override;
};

// Turns references to teams into blueprints, from the project or from the snapshot of a recorded run. Main thread.
class TeamResolver
{
public:
    TeamResolver(Project *project, AgentResolver *agents);
    // `model` replaces the models of all agents. Errors name the node that cannot run.
    Task<Result<std::shared_ptr<const TeamBlueprint>>> resolve(QString reference, std::optional<ModelChoice> model);
    // The same, within others that use it; `above`: their names, so that a circle is found.
    Task<Result<std::shared_ptr<const TeamBlueprint>>> resolveWithin(QString reference, std::optional<ModelChoice> model, QStringList above);
    Task<Result<std::shared_ptr<const TeamBlueprint>>> fromSnapshot(QJsonObject snapshot);

private:
    // What a team's nodes need, as snapshots by key: a reference, or "node:ID" for what a node holds inline.
    struct Parts {
        QHash<QString, std::shared_ptr<const AgentBlueprint>> agents;
        QHash<QString, QJsonObject> tools; // {name, reference, body, inner?}
        QHash<QString, std::shared_ptr<const TeamBlueprint>> teams;
        bool revisions = true; // steps say which revision of a tool they called; not in runs recorded before that
    };
    Task<Result<std::shared_ptr<const TeamBlueprint>>> assemble(ResolvedArtifact team, std::shared_ptr<Parts> parts);

    Project *m_project;
    AgentResolver *m_agents;
};

} // namespace lathe
