// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/TeamSpec.h"

#include <QHash>
#include <QSet>

namespace lathe {

// The structure of a team, worked out once: which nodes form the body of which container, and in which order nodes of a scope depend on
// each other. Indices are into TeamSpec::nodes and ::edges. Building is linear in nodes and edges and works for any input,
// however broken; what is wrong is in `problems` (without what needs a DesignLookup).
class TeamGraph
{
public:
    explicit TeamGraph(TeamSpec spec);
    const TeamSpec &spec() const { return m_spec; }
    int indexOf(const QString &nodeId) const { return m_index.value(nodeId, -1); }

    // Edges that carry a value from one node to another in the same scope; return edges and edges out of body ports are not among them.
    const std::vector<int> &inEdges(int node) const { return m_in[size_t(node)]; }
    const std::vector<int> &outEdges(int node) const { return m_out[size_t(node)]; }
    // The container in whose body the node is, -1: the top scope.
    int scopeOf(int node) const { return m_scope[size_t(node)]; }
    // Nodes of a scope (-1: top) in dependency order, ties by id; nodes in a cycle are not among them.
    const std::vector<int> &scopeOrder(int container) const;
    // Edges that leave the container's body port (the entries of its body), in id order.
    std::vector<int> bodyEntries(int container) const;
    // Edges that return to the container; a body node without outgoing edges returns too ("implicit return").
    std::vector<int> bodyReturns(int container) const;
    // The ports of a node, worked out once.
    const std::vector<Port> &inputs(int node) const { return m_inputs[size_t(node)]; }
    const std::vector<Port> &outputs(int node) const { return m_outputs[size_t(node)]; }
    // What an edge is for. Broken: it carries nothing (dangling, no such port, taken, across the border of a body...).
    enum class EdgeRole { Broken, Flow, Body, Return };
    EdgeRole roleOf(int edge) const { return m_roles[size_t(edge)]; }
    // The node stands in a circle that no container bounds.
    bool inCircle(int node) const { return m_circle[size_t(node)]; }
    bool sound() const { return !m_broken; } // it can be executed as far as structure goes
    const std::vector<Problem> &problems() const { return m_problems; } // pointers like "/nodes/n1", "/edges/e3"

private:
    void checkNodes();
    void readEdges();
    void findCircles();
    void findScopes();
    void settleEdges();
    void order();
    void breakEdge(int edge, const char *code, const QString &message, const QString &fix);
    QString nameOf(int node) const;
    TeamSpec m_spec;
    QHash<QString, int> m_index;
    std::vector<std::vector<int>> m_in, m_out;
    std::vector<int> m_scope, m_depth; // depth: how many containers stand around the node
    std::vector<std::vector<Port>> m_inputs, m_outputs;
    std::vector<EdgeRole> m_roles;
    std::vector<std::pair<int, int>> m_ends; // of each edge, -1: there is no such node
    std::vector<int> m_group;                // strongly connected nodes have the same; successors have smaller ones
    std::vector<bool> m_circle;
    QHash<int, std::vector<int>> m_order;
    QHash<int, std::vector<int>> m_entries, m_returns;
    std::vector<Problem> m_problems;
    bool m_broken = false;
};

// What a team's problems are looked up in, besides what agents need.
struct TeamLookup {
    DesignLookup design;
    std::function<QJsonObject(ArtifactKind, const QString &ref)> body; // empty when unknown
    QString self; // name of the team, to find cyclic use; may be empty
};

// All problems of a team body: TeamGraph's, type mismatches, unreachable nodes, missing references and models, undefined variables in
// templates, loops without a bound, routes that no description covers, side effects inside of loops without approval, cyclic use of
// teams, expressions that do not parse. Pointers begin with /nodes/ID or /edges/ID. Under 50 ms for 5,000 nodes without references.
std::vector<Problem> validateTeam(const QJsonObject &body, const TeamLookup &lookup);

} // namespace lathe
