// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/TeamGraph.h"

#include "core/design/ProblemList.h"
#include "core/design/TeamReader.h"

#include <algorithm>
#include <queue>

namespace lathe {

// Nothing here recurses: a chain, a nest or a circle of any length takes no more stack than a short one.

namespace {
Problem fault(const QString &pointer, const char *code, const QString &message, const QString &fix)
{
    ProblemList list;
    list.error(pointer, code, message, fix);
    return list.problems.front();
}

const QString &bodyPortOf(const std::vector<Port> &outputs)
{
    static const QString none;
    const auto found = std::find_if(outputs.begin(), outputs.end(), [](const Port &port) { return port.body; });
    return found == outputs.end() ? none : found->id;
}

// The port by which a body comes back, "again" of a loop.
QString returnHint(const std::vector<Port> &inputs)
{
    for (const Port &port : inputs) {
        if (port.returns)
            return QStringLiteral("Connect it to the port \"%1\" of the container instead, and go on from the "
                                  "container's port \"out\".")
                .arg(port.id);
    }
    return QStringLiteral("Remove the edge, and go on from the container's port \"out\".");
}
} // namespace

TeamGraph::TeamGraph(TeamSpec spec) : m_spec(std::move(spec))
{
    const size_t count = m_spec.nodes.size();
    m_in.resize(count);
    m_out.resize(count);
    m_scope.assign(count, -1);
    m_inputs.reserve(count);
    m_outputs.reserve(count);
    m_index.reserve(qsizetype(count));
    for (size_t i = 0; i < count; ++i) {
        m_inputs.push_back(inputPorts(m_spec.nodes[i]));
        m_outputs.push_back(outputPorts(m_spec.nodes[i]));
        if (!m_index.contains(m_spec.nodes[i].id))
            m_index.insert(m_spec.nodes[i].id, int(i));
    }
    checkNodes();
    readEdges();
    findCircles();
    findScopes();
    settleEdges();
    order();
    m_broken = std::any_of(m_problems.begin(), m_problems.end(), [](const Problem &problem) {
        return problem.severity == Problem::Severity::Error;
    });
}

const std::vector<int> &TeamGraph::scopeOrder(int container) const
{
    static const std::vector<int> none;
    const auto found = m_order.constFind(container);
    return found == m_order.constEnd() ? none : *found;
}

std::vector<int> TeamGraph::bodyEntries(int container) const
{
    return m_entries.value(container);
}

std::vector<int> TeamGraph::bodyReturns(int container) const
{
    return m_returns.value(container);
}

QString TeamGraph::nameOf(int node) const
{
    return quoted(m_spec.nodes[size_t(node)].name);
}

void TeamGraph::breakEdge(int edge, const char *code, const QString &message, const QString &fix)
{
    m_roles[size_t(edge)] = EdgeRole::Broken;
    m_problems.push_back(fault(edgePointer(m_spec.edges[size_t(edge)].id), code, message, fix));
}

void TeamGraph::checkNodes()
{
    QSet<QString> names;
    const TeamNode *input = nullptr;
    bool output = false;
    for (const TeamNode &node : m_spec.nodes) {
        output = output || node.kind == NodeKind::Output;
        if (node.kind == NodeKind::Input && input) {
            m_problems.push_back(
                fault(nodePointer(node.id), "team.two_inputs",
                      QStringLiteral("%1 is a second input besides %2; a team begins at one place.")
                          .arg(quoted(node.name), quoted(input->name)),
                      QStringLiteral("Remove one of them, and connect what follows to the other.")));
        } else if (node.kind == NodeKind::Input) {
            input = &node;
        }
        const QString name = node.name.trimmed();
        if (names.contains(name)) {
            m_problems.push_back(fault(
                nodePointer(node.id), "node.name_twice",
                QStringLiteral("Two nodes are called %1, so models, results and people cannot tell them apart.")
                    .arg(quoted(name)),
                QStringLiteral("Give one of them another name.")));
        }
        names.insert(name);
    }
    if (m_spec.nodes.empty()) {
        m_problems.push_back(fault(QStringLiteral("/nodes"), "team.empty", QStringLiteral("The team has no nodes."),
                                   QStringLiteral("Add an Input, an Agent and an Output, or begin with a pattern.")));
        return;
    }
    if (!input)
        m_problems.push_back(fault(QStringLiteral("/nodes"), "team.no_input",
                                   QStringLiteral("The team has no input, so nothing of it can begin."),
                                   QStringLiteral("Add an Input node and connect it to the first node.")));
    if (!output)
        m_problems.push_back(fault(QStringLiteral("/nodes"), "team.no_output",
                                   QStringLiteral("The team has no output, so a run would give no answer."),
                                   QStringLiteral("Add an Output node and connect the last node to it.")));
}

void TeamGraph::readEdges()
{
    m_roles.assign(m_spec.edges.size(), EdgeRole::Broken);
    m_ends.assign(m_spec.edges.size(), {-1, -1});
    QHash<std::pair<int, QString>, int> taken; // the edge that a port for one has
    QSet<std::pair<std::pair<int, int>, std::pair<QString, QString>>> seen;
    for (int i = 0; i < int(m_spec.edges.size()); ++i) {
        const TeamEdge &edge = m_spec.edges[size_t(i)];
        const int from = indexOf(edge.from);
        const int to = indexOf(edge.to);
        m_ends[size_t(i)] = {from, to};
        if (from < 0 || to < 0) {
            const QString message =
                from < 0 && to < 0
                    ? QStringLiteral("An edge connects two nodes that there are not.")
                : from < 0 ? QStringLiteral("An edge to %1 comes from a node that there is not.").arg(nameOf(to))
                           : QStringLiteral("An edge from %1 leads to a node that there is not.").arg(nameOf(from));
            breakEdge(i, "edge.dangling", message, QStringLiteral("Remove the edge, or draw it anew."));
            continue;
        }
        const Port *source = findPort(outputs(from), edge.fromPort);
        const Port *target = findPort(inputs(to), edge.toPort);
        if (!source || !target) {
            breakEdge(i, "edge.port",
                      QStringLiteral("The edge from %1 to %2 uses the port %3 of %4, which there is not.")
                          .arg(nameOf(from), nameOf(to), quoted(source ? edge.toPort : edge.fromPort),
                               nameOf(source ? to : from)),
                      QStringLiteral("Remove the edge, or draw it anew."));
            continue;
        }
        if (source->body && target->returns) {
            breakEdge(i, "edge.return",
                      QStringLiteral("The edge from %1 leads from a body straight back, with nothing in between.")
                          .arg(nameOf(from)),
                      QStringLiteral("Put the node that is to run again in between."));
            continue;
        }
        bool twice = false;
        if (target->many) {
            const std::pair<std::pair<int, int>, std::pair<QString, QString>> all{{from, to},
                                                                                  {edge.fromPort, edge.toPort}};
            twice = seen.contains(all);
            seen.insert(all);
        } else {
            const int first = taken.value({to, edge.toPort}, -1);
            const TeamEdge *other = first < 0 ? nullptr : &m_spec.edges[size_t(first)];
            twice = other && other->from == edge.from && other->fromPort == edge.fromPort;
            if (other && !twice) {
                breakEdge(i, "edge.taken",
                          QStringLiteral("The port \"%1\" of %2 takes one edge and has several; the one from %3 is "
                                         "too many.")
                              .arg(shortened(edge.toPort), nameOf(to), nameOf(from)),
                          QStringLiteral("Bring the branches together in a Join node, or remove the edge."));
                continue;
            }
            taken.insert({to, edge.toPort}, i);
        }
        if (twice) {
            ProblemList list;
            list.warning(edgePointer(edge.id), "edge.twice",
                         QStringLiteral("%1 and %2 are connected twice by the same ports; it counts once.")
                             .arg(nameOf(from), nameOf(to)),
                         QStringLiteral("Remove one of the two edges."));
            m_problems.push_back(list.problems.front());
            continue;
        }
        m_roles[size_t(i)] = source->body      ? EdgeRole::Body
                             : target->returns ? EdgeRole::Return
                                               : EdgeRole::Flow;
    }
}

// Tarjan's algorithm with a stack of its own, over what leads on: flow and body edges.
void TeamGraph::findCircles()
{
    const int count = int(m_spec.nodes.size());
    std::vector<std::vector<int>> next(static_cast<size_t>(count));
    m_circle.assign(size_t(count), false);
    for (size_t i = 0; i < m_ends.size(); ++i) {
        const auto [from, to] = m_ends[i];
        if (m_roles[i] != EdgeRole::Flow && m_roles[i] != EdgeRole::Body)
            continue;
        next[size_t(from)].push_back(to);
        if (from == to)
            m_circle[size_t(from)] = true;
    }
    std::vector<int> number(size_t(count), -1), low(size_t(count), 0), open, path;
    std::vector<size_t> done(size_t(count), 0);
    std::vector<bool> isOpen(size_t(count), false);
    m_group.assign(size_t(count), -1);
    int counter = 0, groups = 0;
    for (int root = 0; root < count; ++root) {
        if (number[size_t(root)] >= 0)
            continue;
        path.push_back(root);
        while (!path.empty()) {
            const size_t node = size_t(path.back());
            if (number[node] < 0) {
                number[node] = low[node] = counter++;
                open.push_back(int(node));
                isOpen[node] = true;
            }
            if (done[node] < next[node].size()) {
                const int to = next[node][done[node]++];
                if (number[size_t(to)] < 0)
                    path.push_back(to);
                else if (isOpen[size_t(to)])
                    low[node] = std::min(low[node], number[size_t(to)]);
                continue;
            }
            path.pop_back();
            if (!path.empty())
                low[size_t(path.back())] = std::min(low[size_t(path.back())], low[node]);
            if (low[node] != number[node])
                continue;
            const auto first = std::find(open.rbegin(), open.rend(), int(node)).base() - 1;
            for (auto it = first; it != open.end(); ++it) {
                m_group[size_t(*it)] = groups;
                isOpen[size_t(*it)] = false;
                if (open.end() - first > 1)
                    m_circle[size_t(*it)] = true;
            }
            open.erase(first, open.end());
            ++groups;
        }
    }
    // One problem for each circle, at its first node.
    std::vector<std::vector<int>> members(static_cast<size_t>(groups));
    for (int node = 0; node < count; ++node) {
        if (m_circle[size_t(node)])
            members[size_t(m_group[size_t(node)])].push_back(node);
    }
    for (int node = 0; node < count; ++node) {
        if (!m_circle[size_t(node)])
            continue;
        const std::vector<int> &circle = members[size_t(m_group[size_t(node)])];
        if (circle.front() != node)
            continue;
        QStringList others;
        for (size_t i = 1; i < circle.size() && i <= 3; ++i)
            others.append(nameOf(circle[i]));
        if (circle.size() > 4)
            others.append(QStringLiteral("%1 more").arg(circle.size() - 4));
        const QString through =
            others.isEmpty() ? QString() : QStringLiteral(" through ") + others.join(QStringLiteral(", "));
        m_problems.push_back(
            fault(nodePointer(m_spec.nodes[size_t(node)].id), "loop.unbounded",
                  QStringLiteral("%1 leads back to itself%2 with no loop around it, so it would never end.")
                      .arg(nameOf(node), through),
                  QStringLiteral("Add a Loop node: connect its port \"body\" to the first of these nodes, and the "
                                 "last of them to its port \"again\".")));
    }
}

// Nodes in dependency order, so that all that leads to a node is known when its turn comes. A node with a body edge is in that
// body; others are where the nodes before them are: the innermost, when these differ. Edges within circles count for
// nothing here, which is why no container can come to stand within itself.
void TeamGraph::findScopes()
{
    const int count = int(m_spec.nodes.size());
    std::vector<std::vector<int>> before(static_cast<size_t>(count));
    for (int i = 0; i < int(m_ends.size()); ++i) {
        const auto [from, to] = m_ends[size_t(i)];
        const EdgeRole role = m_roles[size_t(i)];
        if ((role == EdgeRole::Flow || role == EdgeRole::Body) && m_group[size_t(from)] != m_group[size_t(to)])
            before[size_t(to)].push_back(i);
    }
    std::vector<int> nodes(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i)
        nodes[size_t(i)] = i;
    std::sort(nodes.begin(), nodes.end(), [this](int a, int b) {
        return std::pair(-m_group[size_t(a)], a) < std::pair(-m_group[size_t(b)], b);
    });
    m_depth.assign(size_t(count), 0);
    for (const int node : nodes) {
        if (m_spec.nodes[size_t(node)].kind == NodeKind::Output)
            continue; // an answer is given once, so an output is never in a body
        int scope = -1;
        int deepest = 0;
        bool entered = false;
        QSet<int> fedBy; // containers whose own output leads here: their body does not
        for (const int edge : before[size_t(node)]) {
            if (before[size_t(node)].size() > 1 && m_roles[size_t(edge)] == EdgeRole::Flow)
                fedBy.insert(m_ends[size_t(edge)].first);
        }
        for (const int edge : before[size_t(node)]) {
            const int from = m_ends[size_t(edge)].first;
            const bool enters = m_roles[size_t(edge)] == EdgeRole::Body;
            const int candidate = enters ? from : m_scope[size_t(from)];
            if (candidate < 0 || (entered && !enters) || (!enters && fedBy.contains(candidate)))
                continue;
            const int level = m_depth[size_t(candidate)] + 1;
            if (enters ? !entered : level > deepest) {
                scope = candidate;
                deepest = level;
            }
            entered = entered || enters;
        }
        m_scope[size_t(node)] = scope;
        m_depth[size_t(node)] = deepest;
    }
}

// With the scopes known, edges go into the lists or turn out to be broken. What touches a circle is not blamed again.
void TeamGraph::settleEdges()
{
    const auto container = [this](int node) { return nameOf(m_scope[size_t(node)]); };
    for (int i = 0; i < int(m_ends.size()); ++i) {
        const EdgeRole role = m_roles[size_t(i)];
        if (role == EdgeRole::Broken)
            continue;
        const auto [from, to] = m_ends[size_t(i)];
        const int inner = m_scope[size_t(from)], outer = m_scope[size_t(to)];
        const bool circle = m_circle[size_t(from)] || m_circle[size_t(to)];
        const bool right = role == EdgeRole::Flow ? inner == outer
                           : role == EdgeRole::Body ? outer == from
                                                    : inner == to;
        if (right) {
            if (role == EdgeRole::Body) {
                m_entries[from].push_back(i);
            } else if (role == EdgeRole::Return) {
                m_returns[to].push_back(i);
            } else {
                m_out[size_t(from)].push_back(i);
                m_in[size_t(to)].push_back(i);
            }
        } else if (circle) {
            m_roles[size_t(i)] = EdgeRole::Broken;
        } else if (role == EdgeRole::Body) {
            const bool output = m_spec.nodes[size_t(to)].kind == NodeKind::Output;
            breakEdge(i, "edge.body",
                      output ? QStringLiteral("The output %1 hangs on the body of %2, but an answer is given once.")
                                   .arg(nameOf(to), nameOf(from))
                             : QStringLiteral("%1 cannot be in the body of %2: it is in that of another container.")
                                   .arg(nameOf(to), nameOf(from)),
                      output ? QStringLiteral("Connect the port \"out\" of the container to it.")
                             : QStringLiteral("Remove one of the two edges, or make a copy of the node."));
        } else if (role == EdgeRole::Return) {
            breakEdge(i, "edge.return",
                      QStringLiteral("%1 leads back to %2 but is not in its body.").arg(nameOf(from), nameOf(to)),
                      QStringLiteral("Connect the port \"%1\" of the container to the first node of its body, or "
                                     "use its port \"in\".")
                          .arg(bodyPortOf(outputs(to))));
        } else if (inner >= 0 && m_depth[size_t(from)] >= m_depth[size_t(to)]) {
            breakEdge(i, "edge.leaves_body",
                      QStringLiteral("The edge from %1 to %2 leaves the body of %3.")
                          .arg(nameOf(from), nameOf(to), container(from)),
                      returnHint(inputs(inner)));
        } else {
            breakEdge(i, "edge.enters_body",
                      QStringLiteral("The edge from %1 to %2 enters the body of %3 from outside.")
                          .arg(nameOf(from), nameOf(to), container(to)),
                      QStringLiteral("Give the value to the container, or write it to the state before and read it "
                                     "in the body."));
        }
    }
    for (int node = 0; node < int(m_spec.nodes.size()); ++node) {
        const QString &port = bodyPortOf(outputs(node));
        if (port.isEmpty() || m_entries.contains(node) || m_circle[size_t(node)])
            continue;
        m_problems.push_back(fault(nodePointer(m_spec.nodes[size_t(node)].id), "container.empty",
                                   QStringLiteral("Nothing hangs on the port \"%1\" of %2, so it has nothing to run.")
                                       .arg(port, nameOf(node)),
                                   QStringLiteral("Connect that port to the node, or nodes, it is to run.")));
    }
}

void TeamGraph::order()
{
    std::vector<int> waiting(m_spec.nodes.size(), 0);
    std::priority_queue<int, std::vector<int>, std::greater<int>> ready; // ties by id
    for (int node = 0; node < int(m_spec.nodes.size()); ++node) {
        for (const int edge : m_in[size_t(node)])
            waiting[size_t(node)] += m_circle[size_t(m_ends[size_t(edge)].first)] ? 0 : 1;
        if (waiting[size_t(node)] == 0 && !m_circle[size_t(node)])
            ready.push(node);
    }
    // All scopes at once: an edge never leads from one to another here.
    while (!ready.empty()) {
        const int node = ready.top();
        ready.pop();
        m_order[m_scope[size_t(node)]].push_back(node);
        for (const int edge : m_out[size_t(node)]) {
            const int to = m_ends[size_t(edge)].second;
            if (--waiting[size_t(to)] == 0 && !m_circle[size_t(to)])
                ready.push(to);
        }
    }
}

} // namespace lathe
