// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/TeamPlan.h"

namespace lathe {

TeamPlan::TeamPlan(const TeamGraph &graph)
{
    const TeamSpec &spec = graph.spec();
    std::vector<int> places(spec.nodes.size(), -1);
    QSet<int> containers{-1};
    for (int node = 0; node < int(spec.nodes.size()); ++node) {
        containers.insert(graph.scopeOf(node));
        for (const Port &port : graph.outputs(node)) {
            if (port.body)
                containers.insert(node);
        }
    }
    for (const int container : std::as_const(containers)) {
        ScopePlan plan;
        for (const int node : graph.scopeOrder(container)) {
            places[size_t(node)] = int(plan.nodes.size());
            const TeamNode &from = spec.nodes[size_t(node)];
            ScopeNode made;
            made.node = node;
            made.incoming = int(graph.inEdges(node).size());
            for (const Port &port : graph.inputs(node)) {
                if (port.required && !port.returns)
                    made.required.append(port.id);
                if (port.many)
                    made.many.insert(port.id);
            }
            made.takesFirst =
                from.kind == NodeKind::Join
                && from.settings.value(QStringLiteral("mode")).toString() == QLatin1String("first");
            m_keepsConversation =
                m_keepsConversation || from.settings.value(QStringLiteral("conversation")).toBool();
            plan.nodes.push_back(std::move(made));
        }
        for (ScopeNode &made : plan.nodes) {
            for (const int edge : graph.outEdges(made.node)) {
                const TeamEdge &out = spec.edges[size_t(edge)];
                const int to = places[size_t(graph.indexOf(out.to))];
                if (to >= 0)
                    made.out.push_back({out.fromPort, to, out.toPort});
            }
        }
        if (container >= 0) {
            for (const int edge : graph.bodyEntries(container)) {
                const TeamEdge &entry = spec.edges[size_t(edge)];
                const int to = places[size_t(graph.indexOf(entry.to))];
                if (to < 0)
                    continue;
                plan.entries.push_back({to, entry.toPort});
                ++plan.nodes[size_t(to)].incoming;
            }
            for (const int edge : graph.bodyReturns(container)) {
                const TeamEdge &back = spec.edges[size_t(edge)];
                const int from = places[size_t(graph.indexOf(back.from))];
                if (from >= 0)
                    plan.nodes[size_t(from)].returnPorts.append(back.fromPort);
            }
        }
        m_scopes.insert(container, std::move(plan));
    }
}

const ScopePlan &TeamPlan::scope(int container) const
{
    static const ScopePlan none;
    const auto found = m_scopes.constFind(container);
    return found == m_scopes.constEnd() ? none : *found;
}

} // namespace lathe
