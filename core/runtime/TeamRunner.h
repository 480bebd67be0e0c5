// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/TeamGraph.h"
#include "core/runtime/AgentRunner.h"

namespace lathe {

// What a team run executes: an immutable snapshot with every reference resolved.
struct PreparedTeam {
    QString name;
    std::shared_ptr<const TeamGraph> graph;
    // By node id. Agents of agent, coordinator (planner), router and check with a model, join by an agent, workers...; tools of tool nodes.
    QHash<QString, std::shared_ptr<const PreparedAgent>> agents;
    QHash<QString, std::shared_ptr<const PreparedAgent>> mergers; // coordinator's merger
    QHash<QString, std::shared_ptr<ToolGate>> tools;
    QHash<QString, std::shared_ptr<const PreparedTeam>> teams;
};

// A node that is about to run, for breakpoints.
struct PendingNode {
    QString node;      // id
    QString step;      // path that its step will have
    QJsonObject inputs; // by port
};

// Asked before each superstep of each scope. Main thread. A null watcher: never asked.
class TeamWatch
{
public:
    virtual ~TeamWatch() = default;
    // `scope`: step path of the scope. Ends when the run may go on. Cancelled when it must not.
    virtual Task<Result<void>> beforeSuperstep(QString scope, std::vector<PendingNode> nodes, QJsonObject state, CancelToken cancel) = 0;
};

// For forks: what a node's inputs or the state at a superstep are replaced with. By the step path of the node.
struct TeamOverrides {
    QHash<QString, QJsonObject> inputs; // node's step path -> values by port
    QHash<QString, QJsonObject> state;  // node's step path -> state from that superstep on
    QJsonObject toJson() const; // stored with the fork, so that it replays
    static TeamOverrides fromJson(const QJsonObject &json);
};

struct TeamRunOptions {
    TeamWatch *watch = nullptr;
    TeamOverrides overrides;
    TeamRunOptions() = default;
};

// Executes the team under `parent` ("" for a run of its own) and gives its answer. Semantics: core/runtime/TEAMS.md. `context` and the
// watcher must outlive the task. Main thread; expressions run in a thread of their own.
Task<Result<QString>> runTeam(RunContext *context, std::shared_ptr<const PreparedTeam> team, RunInput input, QString parent,
                              TeamRunOptions options);

} // namespace lathe
