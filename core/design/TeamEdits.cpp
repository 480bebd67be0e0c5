// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/TeamEdits.h"

#include "core/design/TeamGraph.h"
#include "core/design/TeamParts.h"
#include "core/design/TeamReader.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
constexpr double furthest = 1e6; // scene units

QJsonObject section(const QJsonObject &body, const char *name)
{
    return body.value(QLatin1String(name)).toObject();
}

QSet<QString> idsOf(const QJsonObject &object)
{
    QSet<QString> ids;
    ids.reserve(object.size());
    for (auto it = object.begin(); it != object.end(); ++it)
        ids.insert(it.key());
    return ids;
}

QString elsewhere(const TeamGraph &graph, int node)
{
    const int scope = graph.scopeOf(node);
    return scope < 0 ? QStringLiteral("outside of it")
                     : QStringLiteral("in the body of ") + quoted(graph.spec().nodes[size_t(scope)].name);
}

struct Link {
    int from, to;
    bool body, returns;
};

// All edges whose ends there are, by what their ports are for: an edge that is wrong for now may come right when the next is drawn.
std::vector<Link> linksOf(const TeamGraph &graph)
{
    std::vector<Link> links;
    for (const TeamEdge &edge : graph.spec().edges) {
        const int from = graph.indexOf(edge.from), to = graph.indexOf(edge.to);
        if (from < 0 || to < 0)
            continue;
        const Port *source = findPort(graph.outputs(from), edge.fromPort);
        const Port *target = findPort(graph.inputs(to), edge.toPort);
        links.push_back({from, to, source && source->body, target && target->returns});
    }
    return links;
}

// The nodes that edges lead to from `start`, with itself. `within`: without going into bodies.
std::vector<bool> reachedFrom(const TeamGraph &graph, const std::vector<Link> &links, std::vector<int> start, bool within)
{
    std::vector<std::vector<int>> next(graph.spec().nodes.size());
    for (const Link &link : links) {
        if (!link.returns && !(link.body && within))
            next[size_t(link.from)].push_back(link.to);
    }
    std::vector<bool> reached(graph.spec().nodes.size(), false);
    for (const int node : start)
        reached[size_t(node)] = true;
    while (!start.empty()) {
        const int node = start.back();
        start.pop_back();
        for (const int to : next[size_t(node)]) {
            if (!reached[size_t(to)]) {
                reached[size_t(to)] = true;
                start.push_back(to);
            }
        }
    }
    return reached;
}

// Where nodes may stand: those of the top that the input does not lead to are not fixed yet, so that a body can be drawn in
// any order.
std::vector<bool> looseNodes(const TeamGraph &graph, const std::vector<Link> &links)
{
    std::vector<int> start;
    const auto &nodes = graph.spec().nodes;
    for (int node = 0; node < int(nodes.size()); ++node) {
        if (nodes[size_t(node)].kind == NodeKind::Input)
            start.push_back(node);
    }
    std::vector<bool> loose = reachedFrom(graph, links, start, true);
    loose.flip();
    for (int node = 0; node < int(nodes.size()); ++node) {
        if (graph.scopeOf(node) >= 0 || nodes[size_t(node)].kind == NodeKind::Output)
            loose[size_t(node)] = false;
    }
    return loose;
}

// Whether the edge keeps to the borders of bodies, with all that follows `to`: it would come along into the scope.
std::optional<QString> whyNotInScope(const TeamGraph &graph, const std::vector<Link> &links, int from, const Port &source,
                                     int to, const Port &target)
{
    const auto &nodes = graph.spec().nodes;
    const std::vector<bool> loose = looseNodes(graph, links);
    const auto name = [&](int node) { return quoted(nodes[size_t(node)].name); };
    if (target.returns) {
        if (graph.scopeOf(from) == to || loose[size_t(from)])
            return std::nullopt;
        return QStringLiteral("Only nodes of its body lead back to %1, and %2 stands %3.")
            .arg(name(to), name(from), elsewhere(graph, from));
    }
    if (source.body && nodes[size_t(to)].kind == NodeKind::Output)
        return QStringLiteral("%1 cannot be in the body of %2: an output is given once. Use the port \"out\".")
            .arg(name(to), name(from));
    if (source.body && nodes[size_t(from)].kind == NodeKind::Handoff && nodes[size_t(to)].kind != NodeKind::Agent)
        return QStringLiteral("%1 is no agent, so %2 cannot hand a conversation to it.").arg(name(to), name(from));
    if (!source.body && loose[size_t(from)])
        return std::nullopt;
    const int scope = source.body ? from : graph.scopeOf(from);
    const std::vector<bool> along = reachedFrom(graph, links, {to}, true);
    for (int node = 0; node < int(nodes.size()); ++node) {
        if (!along[size_t(node)] || loose[size_t(node)] || graph.scopeOf(node) == scope)
            continue;
        if (node != to)
            return QStringLiteral("%1 leads on to %2, which stands elsewhere; no edge may enter or leave a body.")
                .arg(name(to), name(node));
        if (source.body)
            return QStringLiteral("%1 cannot be in the body of %2: it stands %3.")
                .arg(name(to), name(from), elsewhere(graph, to));
        if (scope >= 0 && graph.scopeOf(to) < 0)
            return QStringLiteral("The body of %1 comes back by its own port; go on to %2 from the port \"out\" of %1.")
                .arg(name(scope), name(to));
        return QStringLiteral("%1 stands %2, and no edge may enter a body from outside.")
            .arg(name(to), elsewhere(graph, to));
    }
    for (const Link &link : links) {
        if (link.returns && along[size_t(link.from)] && loose[size_t(link.from)] && link.to != scope)
            return QStringLiteral("%1 leads back to %2, so only the body of that may lead to %3.")
                .arg(name(link.from), name(link.to), name(to));
    }
    return std::nullopt;
}
} // namespace

QString FreeIds::next(const QString &stem)
{
    int &number = m_next[stem];
    QString id;
    do
        id = stem + QString::number(++number);
    while (m_taken.contains(id));
    m_taken.insert(id);
    return id;
}

QString FreeNames::next(const QString &wish)
{
    const QString wanted = wish.trimmed().isEmpty() ? QStringLiteral("Node") : wish.trimmed();
    if (!m_taken.contains(wanted)) {
        m_taken.insert(wanted);
        return wanted;
    }
    // "Agent 2" goes on counting as "Agent 3".
    QString stem = wanted;
    const qsizetype space = wanted.lastIndexOf(QLatin1Char(' '));
    bool numbered = false;
    const int given = space > 0 ? wanted.mid(space + 1).toInt(&numbered) : 0;
    if (numbered && given > 0)
        stem = wanted.left(space);
    int &number = m_next.insert(stem, std::max(1, m_next.value(stem, 1))).value();
    QString name;
    do
        name = stem + QLatin1Char(' ') + QString::number(++number);
    while (m_taken.contains(name));
    m_taken.insert(name);
    return name;
}

// An id is also taken when an edge that dangles has it: a new node must not catch an edge that is not its own.
FreeIds freeNodeIds(const QJsonObject &body)
{
    QSet<QString> taken = idsOf(section(body, "nodes"));
    taken.unite(idsOf(section(section(body, "layout"), "nodes")));
    for (const QJsonValue &item : section(body, "edges")) {
        const QJsonObject edge = item.toObject();
        taken.insert(edge.value(QStringLiteral("from")).toString());
        taken.insert(edge.value(QStringLiteral("to")).toString());
    }
    return FreeIds(std::move(taken));
}

FreeIds freeIds(const QJsonObject &members)
{
    return FreeIds(idsOf(members));
}

FreeNames freeNames(const QJsonObject &body)
{
    QSet<QString> taken;
    const QJsonObject nodes = section(body, "nodes");
    for (auto it = nodes.begin(); it != nodes.end(); ++it)
        taken.insert(it.value().toObject().value(QStringLiteral("name")).toString().trimmed());
    return FreeNames(std::move(taken));
}

QJsonObject placed(QJsonObject item, QPointF at)
{
    const auto tame = [](double value) { return std::isfinite(value) ? std::clamp(value, -furthest, furthest) : 0.0; };
    item.insert(QStringLiteral("x"), tame(at.x()));
    item.insert(QStringLiteral("y"), tame(at.y()));
    return item;
}

QPointF placeOf(const QJsonObject &item)
{
    return {item.value(QStringLiteral("x")).toDouble(), item.value(QStringLiteral("y")).toDouble()};
}

AddedNode addNode(const QJsonObject &body, NodeKind kind, QPointF at, const QJsonObject &settings)
{
    const NodeKindInfo &info = nodeKindInfo(kind);
    QJsonObject all = info.settings;
    for (auto it = settings.begin(); it != settings.end(); ++it)
        all.insert(it.key(), it.value());
    AddedNode added;
    added.id = freeNodeIds(body).next(QStringLiteral("n"));
    added.changes = {{nodePointer(added.id),
                      QJsonObject{{QStringLiteral("kind"), nodeKindName(kind)},
                                  {QStringLiteral("name"), freeNames(body).next(info.naming)},
                                  {QStringLiteral("settings"), all}}},
                     {QStringLiteral("/layout/nodes/") + added.id, placed(QJsonObject(), at)}};
    return added;
}

std::optional<QString> whyNotConnect(const TeamGraph &graph, const QString &from, const QString &fromPort,
                                     const QString &to, const QString &toPort)
{
    const int source = graph.indexOf(from), target = graph.indexOf(to);
    if (source < 0 || target < 0)
        return QStringLiteral("There is no such node any more.");
    const QString fromName = quoted(graph.spec().nodes[size_t(source)].name);
    const QString toName = quoted(graph.spec().nodes[size_t(target)].name);
    const Port *out = findPort(graph.outputs(source), fromPort);
    const Port *in = findPort(graph.inputs(target), toPort);
    if (!out || !in)
        return QStringLiteral("%1 has no port %2.")
            .arg(out ? toName : fromName, quoted(out ? toPort : fromPort));
    if (source == target)
        return QStringLiteral("%1 cannot lead to itself; use a Loop to do something again.").arg(fromName);
    if (!portsFit(out->type, in->type))
        return QStringLiteral("%1 gives %2, but %3 takes %4.")
            .arg(fromName, portTypeName(out->type), toName, portTypeName(in->type));
    if (out->body && in->returns)
        return QStringLiteral("A body cannot lead straight back; put a node in between.");
    const std::vector<Link> links = linksOf(graph);
    if (!in->returns && reachedFrom(graph, links, {target}, false)[size_t(source)]) {
        for (const Port &port : graph.inputs(target)) {
            if (port.returns && graph.scopeOf(source) == target && !out->body)
                return QStringLiteral("That would go round for ever; the body of %1 comes back by its port \"%2\".")
                    .arg(toName, port.title);
        }
        return QStringLiteral("That would go round for ever, as %1 leads to %2; use a Loop.").arg(toName, fromName);
    }
    for (const TeamEdge &edge : graph.spec().edges) {
        if (edge.to != to || edge.toPort != toPort)
            continue;
        if (edge.from == from && edge.fromPort == fromPort)
            return QStringLiteral("%1 and %2 are connected already.").arg(fromName, toName);
        if (!in->many)
            return QStringLiteral("The port \"%1\" of %2 takes one edge; bring several together in a Join.")
                .arg(shortened(in->title), toName);
    }
    return whyNotInScope(graph, links, source, *out, target, *in);
}

std::optional<QString> whyNotConnect(const QJsonObject &body, const QString &from, const QString &fromPort,
                                     const QString &to, const QString &toPort)
{
    std::vector<Problem> problems;
    QSet<QString> unreadable;
    return whyNotConnect(TeamGraph(readTeam(body, &problems, &unreadable)), from, fromPort, to, toPort);
}

BodyChanges connectNodes(const QJsonObject &body, const QString &from, const QString &fromPort, const QString &to,
                         const QString &toPort)
{
    const QString id = freeIds(section(body, "edges")).next(QStringLiteral("e"));
    return {{edgePointer(id), QJsonObject{{QStringLiteral("from"), from},
                                          {QStringLiteral("from_port"), fromPort},
                                          {QStringLiteral("to"), to},
                                          {QStringLiteral("to_port"), toPort}}}};
}

BodyChanges renameNode(const QJsonObject &body, const QString &id, const QString &name)
{
    const QJsonObject nodes = section(body, "nodes");
    const QString before = nodes.value(id).toObject().value(QLatin1String("name")).toString();
    BodyChanges changes{{QStringLiteral("/nodes/%1/name").arg(escapedKey(id)), name}};
    for (auto it = nodes.begin(); it != nodes.end(); ++it) {
        const QJsonObject node = it.value().toObject();
        const QJsonValue start = node.value(QLatin1String("settings")).toObject().value(QLatin1String("start"));
        if (node.value(QLatin1String("kind")) == QLatin1String("handoff") && !before.isEmpty() && start == before)
            changes.push_back({QStringLiteral("/nodes/%1/settings/start").arg(escapedKey(it.key())), name});
    }
    return changes;
}

BodyChanges moveNodes(const QJsonObject &body, const QHash<QString, QPointF> &to)
{
    const QJsonObject layout = section(body, "layout");
    const QJsonObject nodes = section(body, "nodes"), places = section(layout, "nodes");
    const QJsonObject frames = section(layout, "frames"), notes = section(layout, "notes");
    QStringList ids = to.keys();
    std::sort(ids.begin(), ids.end(), naturalLess);
    BodyChanges changes;
    const auto move = [&](const char *kind, const QString &id, const QJsonObject &item) {
        const QJsonObject moved = placed(item, to.value(id));
        if (moved != item)
            changes.push_back({QStringLiteral("/layout/%1/").arg(QLatin1String(kind)) + escapedKey(id), moved});
    };
    for (const QString &id : ids) {
        if (nodes.contains(id))
            move("nodes", id, places.value(id).toObject());
        if (frames.contains(id))
            move("frames", id, frames.value(id).toObject());
        if (notes.contains(id))
            move("notes", id, notes.value(id).toObject());
    }
    return changes;
}

BodyChanges removeItems(const QJsonObject &body, const QStringList &ids)
{
    const QSet<QString> gone(ids.begin(), ids.end());
    BodyChanges changes;
    const auto remove = [&](const QJsonObject &members, const QString &parent) {
        QStringList keys;
        for (const QString &id : gone) {
            if (members.contains(id))
                keys.append(id);
        }
        std::sort(keys.begin(), keys.end(), naturalLess);
        for (const QString &id : keys)
            changes.push_back({parent + escapedKey(id)});
    };
    const QJsonObject nodes = section(body, "nodes"), edges = section(body, "edges");
    const QJsonObject layout = section(body, "layout");
    QStringList edgeIds;
    for (auto it = edges.begin(); it != edges.end(); ++it) {
        const QJsonObject edge = it.value().toObject();
        const QString from = edge.value(QStringLiteral("from")).toString();
        const QString to = edge.value(QStringLiteral("to")).toString();
        if (gone.contains(it.key()) || (gone.contains(from) && nodes.contains(from))
            || (gone.contains(to) && nodes.contains(to)))
            edgeIds.append(it.key());
    }
    std::sort(edgeIds.begin(), edgeIds.end(), naturalLess);
    for (const QString &id : edgeIds)
        changes.push_back({edgePointer(id)});
    remove(nodes, QStringLiteral("/nodes/"));
    for (const char *kind : {"nodes", "frames", "notes"})
        remove(section(layout, kind), QStringLiteral("/layout/%1/").arg(QLatin1String(kind)));
    return changes;
}

namespace {
BodyChanges addBox(const QJsonObject &body, const char *kind, const QString &stem, const QRectF &rect,
                   const QString &key, const QString &text, QString *id)
{
    const QString free = freeIds(section(section(body, "layout"), kind)).next(stem);
    if (id)
        *id = free;
    const QRectF tidy = rect.normalized();
    QJsonObject item = placed(QJsonObject{{key, text}}, tidy.topLeft());
    const QJsonObject size = placed(QJsonObject(), {tidy.width(), tidy.height()});
    item.insert(QStringLiteral("w"), size.value(QStringLiteral("x")));
    item.insert(QStringLiteral("h"), size.value(QStringLiteral("y")));
    return {{QStringLiteral("/layout/%1/%2").arg(QLatin1String(kind), free), item}};
}
} // namespace

BodyChanges addFrame(const QJsonObject &body, QRectF rect, const QString &title, QString *id)
{
    return addBox(body, "frames", QStringLiteral("f"), rect, QStringLiteral("title"), title, id);
}

BodyChanges addNote(const QJsonObject &body, QRectF rect, const QString &text, QString *id)
{
    return addBox(body, "notes", QStringLiteral("t"), rect, QStringLiteral("text"), text, id);
}

std::vector<std::pair<NodeKind, QString>> fittingKinds(const QJsonObject &body, const QString &node,
                                                       const QString &port, bool output)
{
    // By how often a person wants them there.
    static constexpr NodeKind usual[] = {
        NodeKind::Agent,  NodeKind::Tool,        NodeKind::Router,   NodeKind::Check,       NodeKind::Transform,
        NodeKind::Output, NodeKind::Coordinator, NodeKind::Map,      NodeKind::Loop,        NodeKind::Human,
        NodeKind::Join,   NodeKind::Parallel,    NodeKind::Handoff,  NodeKind::Team,        NodeKind::MemoryWrite,
        NodeKind::Input,  NodeKind::MemoryRead};
    std::vector<Problem> problems;
    QSet<QString> unreadable;
    const TeamGraph graph(readTeam(body, &problems, &unreadable));
    const int index = graph.indexOf(node);
    const Port *here = index < 0 ? nullptr : findPort(output ? graph.outputs(index) : graph.inputs(index), port);
    std::vector<std::pair<NodeKind, QString>> kinds;
    if (!here)
        return kinds;
    const bool inBody = here->body || here->returns || graph.scopeOf(index) >= 0;
    const bool handoff = here->body && graph.spec().nodes[size_t(index)].kind == NodeKind::Handoff;
    const bool hasInput = std::any_of(graph.spec().nodes.begin(), graph.spec().nodes.end(),
                                      [](const TeamNode &item) { return item.kind == NodeKind::Input; });
    std::vector<std::pair<int, std::pair<NodeKind, QString>>> ranked;
    for (const NodeKind kind : usual) {
        if ((kind == NodeKind::Input && (hasInput || inBody)) || (kind == NodeKind::Output && inBody)
            || (handoff && kind != NodeKind::Agent))
            continue;
        TeamNode fresh;
        fresh.kind = kind;
        fresh.settings = nodeKindInfo(kind).settings;
        for (const Port &other : output ? inputPorts(fresh) : outputPorts(fresh)) {
            // A new node hangs on by what it does first: not by a body it opens, nor by where one comes back.
            const bool fits = output ? portsFit(here->type, other.type) : portsFit(other.type, here->type);
            if (other.returns || other.body || !fits)
                continue;
            // The very type before any type.
            const bool exact = here->type == other.type && other.type != PortType::Any;
            ranked.push_back({exact ? 0 : 1, {kind, other.id}});
            break;
        }
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    for (auto &item : ranked)
        kinds.push_back(std::move(item.second));
    return kinds;
}

QPointF nodePosition(const QJsonObject &body, const QString &node)
{
    return placeOf(section(section(body, "layout"), "nodes").value(node).toObject());
}

BodyChanges alignNodes(const QJsonObject &body, const QStringList &ids, const QHash<QString, QSizeF> &sizes,
                       Alignment how)
{
    const QJsonObject nodes = section(body, "nodes");
    struct Item {
        QString id;
        QRectF rect;
    };
    std::vector<Item> items;
    QStringList sorted = ids;
    sorted.removeDuplicates();
    std::sort(sorted.begin(), sorted.end(), naturalLess);
    QRectF all;
    for (const QString &id : sorted) {
        if (!nodes.contains(id))
            continue;
        items.push_back({id, QRectF(nodePosition(body, id), sizes.value(id, QSizeF(0, 0)))});
        all = items.size() == 1 ? items.front().rect
                                : QRectF(QPointF(std::min(all.left(), items.back().rect.left()),
                                                 std::min(all.top(), items.back().rect.top())),
                                         QPointF(std::max(all.right(), items.back().rect.right()),
                                                 std::max(all.bottom(), items.back().rect.bottom())));
    }
    if (items.size() < 2)
        return {};
    const bool across = how == Alignment::DistributeH, down = how == Alignment::DistributeV;
    if (across || down) {
        std::stable_sort(items.begin(), items.end(), [&](const Item &a, const Item &b) {
            return across ? a.rect.center().x() < b.rect.center().x() : a.rect.center().y() < b.rect.center().y();
        });
        double used = 0;
        for (const Item &item : items)
            used += across ? item.rect.width() : item.rect.height();
        const double gap = ((across ? all.width() : all.height()) - used) / double(items.size() - 1);
        double at = across ? all.left() : all.top();
        for (Item &item : items) {
            if (across)
                item.rect.moveLeft(at);
            else
                item.rect.moveTop(at);
            at += (across ? item.rect.width() : item.rect.height()) + gap;
        }
    }
    QHash<QString, QPointF> to;
    for (Item &item : items) {
        switch (how) {
        case Alignment::Left:
            item.rect.moveLeft(all.left());
            break;
        case Alignment::HCenter:
            item.rect.moveLeft(all.center().x() - item.rect.width() / 2);
            break;
        case Alignment::Right:
            item.rect.moveRight(all.right());
            break;
        case Alignment::Top:
            item.rect.moveTop(all.top());
            break;
        case Alignment::VCenter:
            item.rect.moveTop(all.center().y() - item.rect.height() / 2);
            break;
        case Alignment::Bottom:
            item.rect.moveBottom(all.bottom());
            break;
        case Alignment::DistributeH:
        case Alignment::DistributeV:
            break;
        }
        to.insert(item.id, item.rect.topLeft());
    }
    return moveNodes(body, to);
}

QJsonObject applyChanges(const QJsonObject &body, const BodyChanges &changes)
{
    QJsonObject result = body;
    for (const BodyChange &change : gathered(body, changes))
        result = Edit::of(result, change.pointer, change.after, QString(), 0).applied(result);
    return result;
}

} // namespace lathe
