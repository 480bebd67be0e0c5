// SPDX-License-Identifier: GPL-3.0-or-later
// Private to the team runtime: what its sources share. Main thread.
#pragma once

#include "core/runtime/ExpressionEngine.h"
#include "core/runtime/TeamPlan.h"
#include "core/runtime/TeamRunner.h"
#include "core/runtime/TeamSlots.h"
#include "core/runtime/TeamState.h"

namespace lathe {

// What all teams of one run share, sub-teams too.
struct TeamShared {
    TeamShared(TeamRunOptions given, int atOnce) : options(std::move(given)), slots(atOnce) {}
    TeamRunOptions options;
    TeamSlots slots;
    ExpressionEngine expressions;
};

// One team while it runs. Outlives everything below it.
struct TeamRun {
    RunContext *context = nullptr;
    std::shared_ptr<const PreparedTeam> team;
    std::shared_ptr<TeamShared> shared;
    TeamPlan plan;
    RunInput input;
    int depth = 0; // of teams within teams
    explicit TeamRun(const TeamGraph &graph) : plan(graph) {}
    const TeamSpec &spec() const { return team->graph->spec(); }
};

// What an agent was sent and said, for agents that go on with the conversation.
struct Spoken {
    QString node;
    QString name;
    QString message;
    QString answer;
};
using Conversation = std::vector<Spoken>;

// What a node gave: a value that leaves by a port (empty: none), and what it wrote.
struct NodeOutcome {
    QString port = QStringLiteral("out");
    QJsonValue value;
    std::vector<StateWrite> writes;
    Conversation said;
    QJsonObject attributes; // for the node's step
    NodeOutcome() = default;
    explicit NodeOutcome(QJsonValue given) : value(std::move(given)) {}
    NodeOutcome(QString through, QJsonValue given) : port(std::move(through)), value(std::move(given)) {}
};

// One execution of a node. Nodes read it; only the scope that begins it and the attempts write it.
struct NodeCall {
    TeamRun *run = nullptr;
    int index = -1; // in TeamSpec::nodes
    QString nodeStep;
    QString step;              // parent of its effects: nodeStep, or its attempt's
    QJsonObject inputs;        // by port
    QJsonArray values;         // on a port of kind many: what came, in the order of the sources
    std::vector<int> arrivals; // superstep of each value
    QJsonObject state;         // at the begin of the superstep
    QJsonObject names;         // item, index, iteration, task, request: of this scope and those around it
    CancelToken stop;          // of its branch
    CancelSource superstep;    // stops the nodes beside it
    std::shared_ptr<const Conversation> heard;
    bool worker = false; // it is given a task by a coordinator

    const TeamNode &node() const { return run->spec().nodes[size_t(index)]; }
    RunContext &context() const { return *run->context; }
    const QJsonObject &settings() const { return node().settings; }
    QString setting(const char *key, const QString &absent = QString()) const;
    int number(const char *key, int absent, int least, int most) const;
    // The value on `in`: the only one, or the list of several.
    QJsonValue input() const;
    // What templates and expressions may name.
    QJsonObject scopeNames() const;
};
using Call = std::shared_ptr<const NodeCall>;

// A scope to be executed: the top one, or a body.
struct ScopeCall {
    TeamRun *run = nullptr;
    int container = -1;
    QString step;
    QJsonObject state;
    QJsonObject names;
    CancelToken stop;
    std::shared_ptr<const Conversation> heard;
    std::optional<QJsonValue> entry; // what goes in by the body port
    int onlyEntry = -1;              // a coordinator's task goes to one worker; -1: to all
    ScopeCall() = default;
    // The body of the node, with a value that goes in.
    ScopeCall(const NodeCall &call, QString under, QJsonValue value);
};
struct ScopeResult {
    QJsonValue
        value; // what came back: the value, or of several an object by node name; top scope: of the outputs
    bool given = false; // anything came back
    std::vector<StateWrite> writes;
    Conversation said;
};
Task<Result<ScopeResult>> runScope(std::shared_ptr<const ScopeCall> scope);

// A node with its attempts and what happens when they fail. Its step has begun.
Task<Result<NodeOutcome>> runNode(std::shared_ptr<NodeCall> call);

// A team under `parent`; JSON stays JSON.
Task<Result<QJsonValue>> runTeamUnder(RunContext *context, std::shared_ptr<const PreparedTeam> team,
                                      std::shared_ptr<TeamShared> shared, RunInput input, QString parent,
                                      CancelToken stop, int depth);

// The end of the run rather than of a node: no retry and no fallback helps.
bool endsRun(const Error &error);

// Tools of the nodes.
Task<Result<QJsonValue>> evaluate(Call call, QString source, QJsonObject extraNames);
// Whoever asks has a place (TeamSlots).
Task<Result<QString>> askAgent(Call call, std::shared_ptr<const PreparedAgent> agent, RunInput input,
                               QString under);
// A copy whose answers are JSON of this schema.
std::shared_ptr<const PreparedAgent> answering(const std::shared_ptr<const PreparedAgent> &agent,
                                               const QJsonObject &schema);
// The agent the design gives the node; InvalidInput when there is none.
Result<std::shared_ptr<const PreparedAgent>> agentOf(const NodeCall &call);

// The kinds.
Task<Result<NodeOutcome>> runAgentNode(Call call);
Task<Result<NodeOutcome>> runCoordinatorNode(Call call);
Task<Result<NodeOutcome>> runRouterNode(Call call);
Task<Result<NodeOutcome>> runJoinNode(Call call);
Task<Result<NodeOutcome>> runMapNode(Call call);
Task<Result<NodeOutcome>> runLoopNode(Call call);
Task<Result<NodeOutcome>> runHandoffNode(Call call);
Task<Result<NodeOutcome>> runToolNode(Call call);
Task<Result<NodeOutcome>> runMemoryNode(Call call);
Task<Result<NodeOutcome>> runCheckNode(Call call);
Task<Result<NodeOutcome>> runHumanNode(Call call);
Task<Result<NodeOutcome>> runTeamNode(Call call);
Task<Result<NodeOutcome>> runTransformNode(Call call);
Task<Result<NodeOutcome>> runEndNode(Call call); // input, output, parallel

} // namespace lathe
