// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/AgentSpec.h"

#include <QJsonArray>

namespace lathe {

// What a node does. Semantics of each: core/runtime/TEAMS.md.
enum class NodeKind {
    Input, Output, Agent, Coordinator, Router, Parallel, Join, Map, Loop, Handoff,
    Tool, MemoryRead, MemoryWrite, Check, Human, Team, Transform
};
QString nodeKindName(NodeKind kind); // "input", "output", "agent", ..., "memory_read", ...
std::optional<NodeKind> nodeKindFromName(const QString &name);

// What flows through a port. Any fits with all; Json is any JSON value that has been parsed; a list fits Json.
enum class PortType { Any, Text, Json, List, Number, Boolean, Control };
QString portTypeName(PortType type);
bool portsFit(PortType from, PortType to);

struct Port {
    QString id;    // unique within the side of the node: "in", "out", "pass", "error", a route's id...
    QString title; // shown on the canvas
    PortType type = PortType::Any;
    bool required = false;  // an input that must be connected
    bool many = false;      // an input that takes several edges (join); outputs always may have several
    bool body = false;      // output: opens the body of a container (map each, loop body, coordinator workers, hand-off agents)
    bool returns = false;   // input: where a body's value comes back (drawn back to the container)
    bool operator==(const Port &) const = default;
};

// What happens when a node fails, after its own retries inside of agents and tools.
struct ErrorPolicy {
    enum class Then { Fail, Fallback }; // the run ends as failed; or {error, input} leaves by the port "error"
    int retries = 0;                    // whole-node repetitions before Then, 0-10
    Then then = Then::Fail;
    bool operator==(const ErrorPolicy &) const = default;
};

struct TeamNode {
    QString id; // "n1": unique, never shown
    NodeKind kind = NodeKind::Agent;
    QString name;         // shown, unique within the team
    QJsonObject settings; // by kind, see nodeForm()
    ErrorPolicy onError;
    bool operator==(const TeamNode &) const = default;
};

struct TeamEdge {
    QString id; // "e1"
    QString from, fromPort;
    QString to, toPort;
    QString label;
    bool operator==(const TeamEdge &) const = default;
};

// A key of the state all nodes of a run share. How values written in one superstep merge: replace (the last in node order), append
// (to a list), add (numbers), merge (objects, key by key), max, min.
struct StateKey {
    QString name;
    QString reducer = QStringLiteral("replace");
    QJsonValue initial = QJsonValue::Null;
    bool operator==(const StateKey &) const = default;
};

// A team as a value. Body JSON:
// {job, limits:{...as AgentSpec}, at_once, state:[{name,reducer,initial}],
//  nodes:{"n1":{kind,name,settings,on_error?:{retries,then}}}, edges:{"e1":{from,from_port,to,to_port,label?}},
//  layout:{nodes:{"n1":{x,y}}, frames:{"f1":{x,y,w,h,title,color}}, notes:{"t1":{x,y,w,h,text}}}}
// Nodes and edges are objects keyed by id, so that an edit's JSON pointer stays right whatever else is added or removed.
// `layout` is read by the canvas only: executable() drops it, and runs hash and record what executable() gives.
struct TeamSpec {
    QString job; // one sentence
    Limits limits; // of the whole run
    int atOnce = 8; // nodes and branches that run concurrently, 1-64
    std::vector<StateKey> state;
    std::vector<TeamNode> nodes; // by id, in natural order (n2 before n10)
    std::vector<TeamEdge> edges; // same
    // Errors: InvalidInput naming the first wrong field. Dangling edges are kept (a Problem says so, a run refuses).
    static Result<TeamSpec> fromJson(const QJsonObject &body);
    QJsonObject toJson() const; // without layout
    static QJsonObject executable(QJsonObject body);
    const TeamNode *node(const QString &id) const;
    bool operator==(const TeamSpec &) const = default;
};

// The ports a node has, from its kind and settings (a router has one output a route; a node whose errors go to a fallback has "error").
std::vector<Port> inputPorts(const TeamNode &node);
std::vector<Port> outputPorts(const TeamNode &node);
const Port *findPort(const std::vector<Port> &ports, const QString &id);

// How kinds look and read, as data; drawn by ui.
struct NodeKindInfo {
    NodeKind kind;
    QString title;  // "Coordinator"
    QString about;  // one sentence
    QString group;  // palette group: "Flow", "Agents", "Tools and memory", "People", "Ends"
    QString color;  // token of ux.md: "agent", "control", "tool", "memory", "human", "model"
    QString icon;   // resources/icons name
    QString naming; // stem of a new node's name: "Coordinator"
    QJsonObject settings; // of a new node
};
const std::vector<NodeKindInfo> &nodeKinds();
const NodeKindInfo &nodeKindInfo(NodeKind kind);

// A form for a node's settings (rule 3: described by core, drawn by ui).
struct FormFieldInfo {
    enum class Type { Line, Text, Expression, Template, Number, Choice, Flag, Json, Reference, ModelChoice, Routes, Fields, List };
    QString key;    // in settings; "a/b" reaches inside
    QString title;
    QString about;  // hint under the field; may be empty
    Type type = Type::Line;
    QStringList choices;       // Choice: values
    QStringList choiceTitles;  // shown for them
    ArtifactKind reference = ArtifactKind::Agent; // Reference
    QJsonValue absent;         // shown when not set
    double least = 0, most = 1e9; // Number
    QString onlyIfKey, onlyIfValue; // shown only when that setting has that value (values separated by '|')
};
std::vector<FormFieldInfo> nodeForm(NodeKind kind);

// One line for a node's card: "offline/extractive, 2 tools", "3 routes by rules", "until score > 0.8, at most 4".
QString nodeSummary(const TeamNode &node);

} // namespace lathe
