// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/TeamGraph.h"

namespace lathe {

// A node within its scope, with what the scheduler asks of it at every turn. `to` are places in ScopePlan::nodes.
struct ScopeNode {
    struct Out {
        QString fromPort;
        int to;
        QString toPort;
    };
    int node = -1;           // in TeamSpec::nodes
    std::vector<Out> out;    // edges to nodes of the scope, in edge order
    QStringList returnPorts; // output ports from which an edge leads back to the container
    int incoming = 0;        // edges that come in, those from the container's body port among them
    QStringList required;    // input ports that must get a value
    QSet<QString> many;      // input ports that take several
    bool takesFirst = false; // a join that does not wait for the rest
};

// The nodes of one scope in dependency order, ties by id.
struct ScopePlan {
    struct Entry {
        int to;
        QString toPort;
    };
    std::vector<ScopeNode> nodes;
    std::vector<Entry> entries; // edges from the container's body port, in edge order
};

// A team's scopes as the scheduler walks them, made once a run. Immutable; the graph must outlive it.
class TeamPlan
{
public:
    explicit TeamPlan(const TeamGraph &graph);
    const ScopePlan &scope(int container) const; // -1: the top scope
    // Some agent of the team wants to see what was said before.
    bool keepsConversation() const { return m_keepsConversation; }

private:
    QHash<int, ScopePlan> m_scopes;
    bool m_keepsConversation = false;
};

} // namespace lathe
