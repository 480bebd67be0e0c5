// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/TeamChecks.h"

#include <algorithm>

namespace lathe {

TeamChecks::TeamChecks(const TeamGraph &graph, const TeamLookup &lookup, ProblemList *list)
    : m_graph(graph), m_spec(graph.spec()), m_lookup(lookup), m_list(list)
{
}

QString TeamChecks::pointer(int node, const QString &key) const
{
    const QString start = nodePointer(at(node).id);
    return key.isEmpty() ? start : start + QStringLiteral("/settings/") + key;
}

QString TeamChecks::setting(int node, const char *key, const char *absent) const
{
    return at(node).settings.value(QLatin1String(key)).toString(QString::fromLatin1(absent));
}

void TeamChecks::run(const QJsonObject &body)
{
    checkTeam(body);
    checkState();
    for (const TeamNode &node : m_spec.nodes) {
        if (node.kind != NodeKind::Input)
            continue;
        for (const QJsonValue &field : node.settings.value(QStringLiteral("fields")).toArray())
            m_variables.insert(field.toObject().value(QStringLiteral("name")).toString());
    }
    findWhere();
    findApproved();
    checkReached();
    checkTypes();
    checkLooseEnds();
    for (int node = 0; node < int(m_spec.nodes.size()); ++node)
        checkNode(node);
    checkDangers();
}

void TeamChecks::checkTeam(const QJsonObject &body)
{
    if (body.value(QStringLiteral("job")).toString().trimmed().isEmpty()) {
        m_list->hint(QStringLiteral("/job"), "job.missing", QStringLiteral("Nothing says what the team is for."),
                     QStringLiteral("Write its job in one sentence."));
    }
    const Limits &limits = m_spec.limits;
    if (limits.steps < 1) {
        m_list->error(QStringLiteral("/limits/steps"), "limits.steps",
                      QStringLiteral("The number of steps must have a bound of 1 or more."),
                      QStringLiteral("24 suits small teams; use 100 or more when it maps over a list."));
    }
    if (limits.seconds <= 0 && limits.tokens <= 0 && limits.costUsd <= 0) {
        m_list->warning(QStringLiteral("/limits"), "limits.none",
                        QStringLiteral("Neither time, tokens nor money of a run have a bound."),
                        QStringLiteral("Bound at least one of them."));
    }
}

void TeamChecks::checkState()
{
    static const QSet<QString> reducers{QStringLiteral("replace"), QStringLiteral("append"), QStringLiteral("add"),
                                        QStringLiteral("merge"),   QStringLiteral("max"),    QStringLiteral("min")};
    for (size_t i = 0; i < m_spec.state.size(); ++i) {
        const StateKey &key = m_spec.state[i];
        const QString pointerOfKey = QStringLiteral("/state/%1").arg(i);
        if (key.name.trimmed().isEmpty()) {
            m_list->error(pointerOfKey, "state.no_name", QStringLiteral("A key of the state has no name."),
                          QStringLiteral("Give it a name, or remove it."));
        } else if (m_stateKeys.contains(key.name)) {
            m_list->error(pointerOfKey, "state.twice",
                          QStringLiteral("The state has the key %1 twice.").arg(quoted(key.name)),
                          QStringLiteral("Remove one of the two."));
        }
        m_stateKeys.insert(key.name);
        if (!reducers.contains(key.reducer)) {
            m_list->error(pointerOfKey, "state.reducer",
                          QStringLiteral("%1 is no way to merge what is written to the key %2.")
                              .arg(quoted(key.reducer), quoted(key.name)),
                          QStringLiteral("Use replace, append, add, merge, max or min."));
            continue;
        }
        const bool list = key.reducer == QLatin1String("append");
        const bool number = key.reducer == QLatin1String("add");
        const bool object = key.reducer == QLatin1String("merge");
        if (!key.initial.isNull()
            && ((list && !key.initial.isArray()) || (number && !key.initial.isDouble())
                || (object && !key.initial.isObject()))) {
            m_list->error(pointerOfKey, "state.initial",
                          QStringLiteral("The key %1 begins with a value that \"%2\" cannot be done with.")
                              .arg(quoted(key.name), key.reducer),
                          list     ? QStringLiteral("Let it begin with a list, such as [].")
                          : number ? QStringLiteral("Let it begin with a number, such as 0.")
                                   : QStringLiteral("Let it begin with an object, such as {}."));
        }
    }
}

void TeamChecks::findWhere()
{
    const int count = int(m_spec.nodes.size());
    m_where.assign(size_t(count), Where());
    std::vector<bool> known(size_t(count), false);
    std::vector<int> chain;
    for (int node = 0; node < count; ++node) {
        for (int up = node; up >= 0 && !known[size_t(up)]; up = m_graph.scopeOf(up))
            chain.push_back(up);
        for (; !chain.empty(); chain.pop_back()) {
            const int inner = chain.back();
            known[size_t(inner)] = true;
            const int scope = m_graph.scopeOf(inner);
            if (scope < 0)
                continue;
            Where &where = m_where[size_t(inner)];
            where = m_where[size_t(scope)];
            const bool map = at(scope).kind == NodeKind::Map, loop = at(scope).kind == NodeKind::Loop;
            where.map = where.map || map;
            where.loop = where.loop || loop;
            where.coordinator = where.coordinator || at(scope).kind == NodeKind::Coordinator;
            if (map || loop)
                where.repeats = scope;
        }
    }
}

// A node is approved when a person was asked on every way to it within the body that repeats it: an approval before
// the loop is given once, not for each round.
void TeamChecks::findApproved()
{
    const int count = int(m_spec.nodes.size());
    m_approved.assign(size_t(count), false);
    // A container stands before its body in no particular order of indices, so scopes are taken from the outside in.
    std::vector<int> scopes{-1};
    for (size_t i = 0; i < scopes.size(); ++i) {
        const int scope = scopes[i];
        const bool repeats = scope >= 0
                             && (at(scope).kind == NodeKind::Map || at(scope).kind == NodeKind::Loop);
        const bool before = scope >= 0 && !repeats && m_approved[size_t(scope)];
        for (const int node : m_graph.scopeOrder(scope)) {
            const auto &edges = m_graph.inEdges(node);
            const bool approved = std::all_of(edges.begin(), edges.end(), [&](int edge) {
                const int from = m_graph.indexOf(m_spec.edges[size_t(edge)].from);
                const bool asks = at(from).kind == NodeKind::Human
                                  && m_spec.edges[size_t(edge)].fromPort == QLatin1String("approved");
                return asks || m_approved[size_t(from)];
            });
            m_approved[size_t(node)] = edges.empty() ? before : approved;
            if (!m_graph.bodyEntries(node).empty())
                scopes.push_back(node);
        }
    }
}

void TeamChecks::checkReached()
{
    const int count = int(m_spec.nodes.size());
    m_reached.assign(size_t(count), false);
    std::vector<std::vector<int>> next(static_cast<size_t>(count));
    std::vector<int> arriving(size_t(count), 0);
    // Edges that are wrong have been named; here they lead on as they were meant to.
    for (const TeamEdge &edge : m_spec.edges) {
        const int from = m_graph.indexOf(edge.from), to = m_graph.indexOf(edge.to);
        if (from < 0 || to < 0)
            continue;
        next[size_t(from)].push_back(to);
        const Port *port = findPort(m_graph.inputs(to), edge.toPort);
        arriving[size_t(to)] += port && port->returns ? 0 : 1;
    }
    std::vector<int> open;
    bool input = false;
    for (int node = 0; node < count; ++node) {
        const bool begins = at(node).kind == NodeKind::Input;
        input = input || begins;
        if (begins || (at(node).kind == NodeKind::MemoryRead && arriving[size_t(node)] == 0)) {
            m_reached[size_t(node)] = true;
            open.push_back(node);
        }
    }
    while (!open.empty()) {
        const int node = open.back();
        open.pop_back();
        for (const int to : next[size_t(node)]) {
            if (!m_reached[size_t(to)]) {
                m_reached[size_t(to)] = true;
                open.push_back(to);
            }
        }
    }
    if (!input)
        return; // said already
    bool answer = false;
    for (int node = 0; node < count; ++node)
        answer = answer || (at(node).kind == NodeKind::Output && m_reached[size_t(node)]);
    for (int node = 0; node < count; ++node) {
        if (m_reached[size_t(node)] || m_graph.inCircle(node))
            continue;
        if (at(node).kind == NodeKind::Output && !answer) {
            m_list->error(pointer(node), "team.no_answer",
                          QStringLiteral("No way leads from the input to %1, so a run would give no answer.")
                              .arg(name(node)),
                          QStringLiteral("Connect the last node to it."));
        } else if (arriving[size_t(node)] == 0) {
            m_list->warning(pointer(node), "node.unreachable",
                            QStringLiteral("Nothing leads to %1, so it never runs.").arg(name(node)),
                            QStringLiteral("Connect the node that is to run before it, or remove it."));
        } else {
            m_list->warning(pointer(node), "node.unreachable",
                            QStringLiteral("No way leads from the input to %1, so it never runs.").arg(name(node)),
                            QStringLiteral("Connect the input to the nodes before it, or remove it."));
        }
    }
}

void TeamChecks::checkTypes()
{
    for (size_t i = 0; i < m_spec.edges.size(); ++i) {
        if (m_graph.roleOf(int(i)) == TeamGraph::EdgeRole::Broken)
            continue;
        const TeamEdge &edge = m_spec.edges[i];
        const int from = m_graph.indexOf(edge.from), to = m_graph.indexOf(edge.to);
        const Port *source = findPort(m_graph.outputs(from), edge.fromPort);
        const Port *target = findPort(m_graph.inputs(to), edge.toPort);
        if (!source || !target || portsFit(source->type, target->type))
            continue;
        const bool list = at(to).kind == NodeKind::Map;
        m_list->error(edgePointer(edge.id), "edge.type",
                      QStringLiteral("%1 gives %2, but %3 takes %4.")
                          .arg(name(from), portTypeName(source->type), name(to), portTypeName(target->type)),
                      list ? QStringLiteral("Write an expression that makes a list in the map's \"List\", such as "
                                            "input.split(\"\\n\"), or put a Transform between.")
                           : QStringLiteral("Put a Transform between that makes the right value."));
    }
}

void TeamChecks::checkLooseEnds()
{
    std::vector<QSet<QString>> used(m_spec.nodes.size());
    for (const TeamEdge &edge : m_spec.edges) {
        const int from = m_graph.indexOf(edge.from);
        if (from >= 0)
            used[size_t(from)].insert(edge.fromPort);
    }
    for (int node = 0; node < int(m_spec.nodes.size()); ++node) {
        const NodeKind kind = at(node).kind;
        // In a body what leads nowhere comes back; and some nodes are there for what they do.
        if (m_graph.scopeOf(node) >= 0 || !m_reached[size_t(node)] || kind == NodeKind::MemoryWrite
            || kind == NodeKind::Tool || kind == NodeKind::Human || kind == NodeKind::Output)
            continue;
        QStringList open;
        qsizetype ports = 0;
        for (const Port &port : m_graph.outputs(node)) {
            if (port.body)
                continue;
            ++ports;
            if (!used[size_t(node)].contains(port.id))
                open.append(quoted(port.title));
        }
        if (open.isEmpty())
            continue;
        if (open.size() == ports) {
            m_list->hint(pointer(node), "node.unused",
                         QStringLiteral("What %1 gives is not used.").arg(name(node)),
                         QStringLiteral("Connect it to the next node or to an output, or remove it."));
        } else {
            m_list->hint(pointer(node), "port.unused",
                         QStringLiteral("What leaves %1 by %2 is lost.")
                             .arg(name(node), open.mid(0, 4).join(QStringLiteral(", "))),
                         QStringLiteral("Connect it, or leave it so when nothing is to happen then."));
        }
    }
}

std::vector<Problem> validateTeam(const QJsonObject &body, const TeamLookup &lookup)
{
    ProblemList list;
    QSet<QString> unreadable;
    TeamSpec spec = readTeam(body, &list.problems, &unreadable);
    // What hangs on a node that cannot be read is not to blame.
    if (!unreadable.isEmpty()) {
        std::erase_if(spec.edges, [&](const TeamEdge &edge) {
            return unreadable.contains(edge.from) || unreadable.contains(edge.to);
        });
    }
    const TeamGraph graph(std::move(spec));
    list.problems.insert(list.problems.end(), graph.problems().begin(), graph.problems().end());
    TeamChecks(graph, lookup, &list).run(body);
    std::stable_sort(list.problems.begin(), list.problems.end(),
                     [](const Problem &a, const Problem &b) { return a.severity > b.severity; });
    return std::move(list.problems);
}

} // namespace lathe
