// SPDX-License-Identifier: GPL-3.0-or-later
// CanvasScene: how items follow the body and what is shown over it.
#include "ui/canvas/CanvasScene.h"

#include <algorithm>

namespace lathe {

namespace {
// Where nodes without a place are put: rows of six, in the order of the body.
QPointF spare(int index)
{
    return QPointF((index % 6) * 288, (index / 6) * 160);
}

// The items of `items` whose id `json` no longer has.
template<typename Item>
std::vector<Item *> gone(const QHash<QString, Item *> &items, const QJsonObject &json)
{
    std::vector<Item *> found;
    for (auto it = items.cbegin(); it != items.cend(); ++it) {
        if (!json.contains(it.key()))
            found.push_back(it.value());
    }
    return found;
}
} // namespace

void CanvasScene::mirror(const QJsonObject &body)
{
    const QJsonObject before = std::exchange(m_body, body);
    ++m_version;
    setHovered(CanvasHit());
    follow(before, false);
}

void CanvasScene::restore()
{
    ++m_version;
    setHovered(CanvasHit());
    follow(m_body, true);
}

void CanvasScene::follow(const QJsonObject &before, bool placeAll)
{
    // Values share what they have in common, so most of these comparisons look at two pointers.
    const auto part = [](const QJsonObject &of, const char *key) {
        return of.value(QLatin1String(key)).toObject();
    };
    const QJsonObject layout = part(m_body, "layout"), oldLayout = part(before, "layout");
    const QJsonObject nodes = part(m_body, "nodes"), places = part(layout, "nodes");
    const bool moved = placeAll || places != part(oldLayout, "nodes");
    const bool others =
        (moved || nodes != part(before, "nodes")) && mirrorNodes(nodes, places, moved);
    if (const QJsonObject edges = part(m_body, "edges"); others || edges != part(before, "edges"))
        mirrorEdges(edges);
    if (placeAll || layout != oldLayout) {
        mirrorBoxes(part(layout, "frames"), CanvasBox::Kind::Frame);
        mirrorBoxes(part(layout, "notes"), CanvasBox::Kind::Note);
    }
    settle();
    if (moved || others)
        growSceneRect();
    QStringList left;
    for (const QString &id : std::as_const(m_selection)) {
        if (item(id))
            left.append(id);
    }
    for (const QString &id : std::as_const(left)) {
        if (NodeItem *n = node(id); !n || !n->visual().selected)
            markItem(id, true); // it was made anew under the same id
    }
    setSelection(left);
    Q_EMIT contentChanged();
}

void CanvasScene::dropNode(NodeItem *n)
{
    for (EdgeItem *e : std::exchange(n->edges, {})) {
        NodeItem *from = e->source() == n ? nullptr : e->source(),
                 *to = e->target() == n ? nullptr : e->target();
        for (NodeItem *other : {from, to}) {
            if (other)
                touched(other);
        }
        e->attach(from, to);
    }
    m_dirty.remove(n);
    m_nodes.remove(n->id());
    delete n;
}

bool CanvasScene::mirrorNodes(const QJsonObject &nodes, const QJsonObject &places, bool moved)
{
    const qsizetype before = m_nodes.size();
    m_nodes.reserve(nodes.size());
    int unplaced = 0;
    auto next = places.begin(); // both are sorted by id: mostly the place is the next one
    for (auto it = nodes.begin(); it != nodes.end(); ++it) {
        const QString id = it.key();
        const QJsonObject json = it.value().toObject();
        NodeItem *&slot = m_nodes[id];
        NodeItem *n = slot;
        const bool fresh = !n;
        if (fresh) {
            n = slot = new NodeItem(this, id, json);
            n->changeVisual([&](NodeVisual &v) {
                v.breakpoint = m_breakpoints.contains(id);
                v.diff = m_marks.value(id);
                if (const auto run = m_runState.constFind(id); run != m_runState.cend()) {
                    v.inRun = true;
                    v.run = *run;
                }
            });
            touched(n);
        } else if (n->json() != json) {
            n->setJson(json);
            touched(n);
        }
        if (fresh || moved) {
            if (next == places.end() || next.key() != id)
                next = places.constFind(id);
            const QJsonObject place =
                next == places.end() ? QJsonObject() : next.value().toObject();
            if (next != places.end())
                ++next;
            const QPointF at = place.isEmpty()
                                   ? spare(unplaced++)
                                   : bounded(QPointF(place.value(QLatin1String("x")).toDouble(),
                                                     place.value(QLatin1String("y")).toDouble()));
            if (n->pos() != at) {
                n->setPos(at);
                touched(n);
            }
        }
        if (fresh)
            addItem(n); // placed first: the index need not move it
    }
    const bool made = m_nodes.size() != before;
    if (m_nodes.size() == nodes.size())
        return made;
    for (NodeItem *n : gone(m_nodes, nodes))
        dropNode(n);
    return true;
}

void CanvasScene::detach(EdgeItem *e)
{
    for (NodeItem *n : {e->source(), e->target()}) {
        if (n) {
            std::erase(n->edges, e);
            touched(n);
        }
    }
}

void CanvasScene::mirrorEdges(const QJsonObject &edges)
{
    m_edges.reserve(edges.size());
    for (auto it = edges.begin(); it != edges.end(); ++it) {
        const QString id = it.key();
        const QJsonObject json = it.value().toObject();
        EdgeItem *&slot = m_edges[id];
        if (slot && slot->json() != json) {
            detach(slot);
            delete slot;
            slot = nullptr;
        }
        const bool made = !slot;
        if (made) {
            slot = new EdgeItem(this, id, json);
            slot->setZValue(-10);
            slot->changeVisual([&](EdgeItem::Visual &v) {
                v.diff = m_marks.value(id);
                v.inRun = m_flowShown;
                v.flow = m_flows.value(id);
            });
        }
        EdgeItem *e = slot;
        NodeItem *from = node(e->edge().from), *to = node(e->edge().to);
        if (made || from != e->source() || to != e->target()) {
            if (!made)
                detach(e);
            for (NodeItem *n : {from, to}) {
                if (n && (n->edges.empty() || n->edges.back() != e)) {
                    n->edges.push_back(e);
                    touched(n);
                }
            }
            e->attach(from, to);
            if (made)
                addItem(e);
        }
    }
    if (m_edges.size() == edges.size())
        return;
    for (EdgeItem *e : gone(m_edges, edges)) {
        detach(e);
        m_edges.remove(e->id());
        delete e;
    }
}

void CanvasScene::mirrorBoxes(const QJsonObject &boxes, CanvasBox::Kind kind)
{
    for (CanvasBox *b : gone(m_boxes, boxes)) {
        if (b->kind() == kind) {
            m_boxes.remove(b->id());
            delete b;
        }
    }
    for (auto it = boxes.begin(); it != boxes.end(); ++it) {
        CanvasBox *b = box(it.key());
        if (!b) {
            b = new CanvasBox(this, kind, it.key(), it.value().toObject());
            m_boxes.insert(it.key(), b);
            addItem(b);
        } else if (b->kind() == kind) {
            b->setJson(it.value().toObject()); // also after a gesture that moved it
        }
    }
}

void CanvasScene::settle()
{
    QSet<EdgeItem *> stale;
    for (NodeItem *n : std::as_const(m_dirty)) {
        quint64 in = 0, out = 0;
        for (EdgeItem *e : n->edges) {
            stale.insert(e);
            const bool outgoing = e->source() == n;
            if (const int i = n->model().find(e->edge().fromPort, true).index;
                outgoing && i >= 0 && i < 64)
                out |= quint64(1) << i;
            if (const int i = n->model().find(e->edge().toPort, false).index;
                e->target() == n && i >= 0 && i < 64)
                in |= quint64(1) << i;
        }
        n->changeVisual([&](NodeVisual &v) {
            v.connectedInputs = in;
            v.connectedOutputs = out;
        });
    }
    m_dirty.clear();
    for (EdgeItem *e : std::as_const(stale)) {
        if (!e->source() || !e->target())
            continue;
        e->reroute();
        if (!e->opensBody() && !e->returns())
            continue;
        const NodeItem *container = e->opensBody() ? e->source() : e->target();
        const auto same =
            std::count_if(container->edges.begin(), container->edges.end(), [e](const EdgeItem *o) {
                return e->opensBody()
                           ? o->source() == e->source() && o->edge().fromPort == e->edge().fromPort
                           : o->target() == e->target() && o->edge().toPort == e->edge().toPort;
            });
        if ((same == 1) != e->visual().alone)
            e->changeVisual([same](EdgeItem::Visual &v) { v.alone = same == 1; });
    }
    if (!m_problems.empty()) { // badges of items that are new
        const auto problems = std::exchange(m_problems, {});
        setProblems(problems);
    }
}

void CanvasScene::growSceneRect()
{
    // The index divides this rectangle, so it must not be much larger than the content.
    const QRectF content = contentRect().adjusted(-1000, -1000, 1000, 1000);
    const QRectF now = sceneRect();
    if (!now.contains(content) || now.width() > 4 * content.width() + 4000
        || now.height() > 4 * content.height() + 4000)
        setSceneRect(content.adjusted(-1000, -1000, 1000, 1000));
}

void CanvasScene::setProblems(const std::vector<Problem> &problems)
{
    if (problems == m_problems && !m_problems.empty())
        return;
    m_problems = problems;
    QHash<QString, std::vector<Problem>> byItem;
    for (const Problem &problem : problems) {
        const QStringList parts = problem.pointer.split(QLatin1Char('/'));
        if (parts.size() >= 3
            && (parts[1] == QLatin1String("nodes") || parts[1] == QLatin1String("edges")))
            byItem[QString(parts[2])
                       .replace(QLatin1String("~1"), QLatin1String("/"))
                       .replace(QLatin1String("~0"), QLatin1String("~"))]
                .push_back(problem);
    }
    QSet<QString> now;
    const auto set = [this](const QString &id, std::vector<Problem> list) {
        if (NodeItem *n = node(id))
            n->setProblems(std::move(list));
        else if (EdgeItem *e = edge(id))
            e->setProblems(std::move(list));
    };
    for (auto it = byItem.begin(); it != byItem.end(); ++it) {
        now.insert(it.key());
        set(it.key(), std::move(it.value()));
    }
    for (const QString &id : std::as_const(m_withProblems)) {
        if (!now.contains(id))
            set(id, {});
    }
    m_withProblems = now;
    Q_EMIT contentChanged();
}

void CanvasScene::setRunState(const QHash<QString, NodeRunState> &states)
{
    const QHash<QString, NodeRunState> before = std::exchange(m_runState, states);
    m_live.clear();
    bool changed = false;
    for (auto it = states.cbegin(); it != states.cend(); ++it) {
        NodeItem *n = node(it.key());
        if (!n)
            continue;
        if (it->status == Status::Running)
            m_live.insert(it.key());
        if (n->visual().inRun && n->visual().run == *it)
            continue;
        changed = true;
        const bool grown = n->changeVisual([&](NodeVisual &v) {
            v.inRun = true;
            v.run = *it;
        });
        for (EdgeItem *e : n->edges) {
            if (grown)
                e->reroute();
        }
    }
    for (auto it = before.cbegin(); it != before.cend(); ++it) {
        NodeItem *n = states.contains(it.key()) ? nullptr : node(it.key());
        if (!n)
            continue;
        changed = true;
        n->changeVisual([](NodeVisual &v) {
            v.inRun = false;
            v.run = NodeRunState();
        });
        for (EdgeItem *e : n->edges)
            e->reroute();
    }
    if (changed)
        Q_EMIT contentChanged();
}

void CanvasScene::setEdgeFlow(const QHash<QString, EdgeFlow> &flows)
{
    m_flows = flows;
    const bool shown = !flows.isEmpty();
    const bool toggled = shown != m_flowShown;
    m_flowShown = shown;
    m_liveEdges.clear();
    for (EdgeItem *e : std::as_const(m_edges)) {
        const EdgeFlow flow = flows.value(e->id());
        if (flow.active)
            m_liveEdges.insert(e->id());
        if (toggled || e->visual().flow != flow) {
            e->changeVisual([&](EdgeItem::Visual &v) {
                v.inRun = shown;
                v.flow = flow;
            });
        }
    }
}

void CanvasScene::setBreakpoints(const QSet<QString> &nodes)
{
    const QSet<QString> before = std::exchange(m_breakpoints, nodes);
    for (const QString &id : before + nodes) {
        NodeItem *n = node(id);
        if (n && n->visual().breakpoint != nodes.contains(id))
            n->changeVisual([&](NodeVisual &v) { v.breakpoint = nodes.contains(id); });
    }
}

void CanvasScene::setDifference(const QHash<QString, DiffMark> &marks)
{
    m_marks = marks;
    for (NodeItem *n : std::as_const(m_nodes)) {
        if (n->visual().diff != marks.value(n->id()))
            n->changeVisual([&](NodeVisual &v) { v.diff = marks.value(n->id()); });
    }
    for (EdgeItem *e : std::as_const(m_edges)) {
        if (e->visual().diff != marks.value(e->id()))
            e->changeVisual([&](EdgeItem::Visual &v) { v.diff = marks.value(e->id()); });
    }
    Q_EMIT contentChanged();
}

} // namespace lathe
