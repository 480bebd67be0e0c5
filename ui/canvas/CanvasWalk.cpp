// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/CanvasWalk.h"

#include "ui/canvas/CanvasScene.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
double dot(QPointF a, QPointF b)
{
    return a.x() * b.x() + a.y() * b.y();
}

std::vector<EdgeItem *> sorted(std::vector<EdgeItem *> edges)
{
    std::sort(edges.begin(), edges.end(), [](const EdgeItem *a, const EdgeItem *b) {
        const double ya = a->target() ? a->target()->y() : 0,
                     yb = b->target() ? b->target()->y() : 0;
        return ya != yb ? ya < yb : a->id() < b->id();
    });
    return edges;
}
} // namespace

QString CanvasWalk::next(const QString &from, QPointF way, const QRectF &seen) const
{
    const NodeItem *node = m_scene.node(from);
    if (!node) {
        if (const EdgeItem *edge = m_scene.edge(from))
            node = dot(way, QPointF(1, 1)) > 0 ? edge->target() : edge->source();
        if (node)
            return node->id();
        const NodeItem *best = nullptr;
        double least = 0;
        for (const NodeItem *n : m_scene.nodes()) {
            const double away = QLineF(n->cardRect().center(), seen.center()).length();
            if (!best || away < least || (away == least && n->id() < best->id())) {
                best = n;
                least = away;
            }
        }
        return best ? best->id() : QString();
    }
    QString id;
    if (way.x() != 0)
        id = along(from, way.x() > 0);
    else
        id = sibling(*node, way.y() > 0);
    return id.isEmpty() ? nearest(*node, way) : id;
}

QString CanvasWalk::along(const QString &from, bool forward) const
{
    const NodeItem *node = m_scene.node(from);
    const NodeItem *best = nullptr;
    if (!node)
        return {};
    for (const EdgeItem *e : node->edges) {
        const NodeItem *other = forward ? e->target() : e->source();
        if (!other || other == node || (forward ? e->source() : e->target()) != node
            || e->returns())
            continue;
        if (!best || other->y() < best->y()
            || (other->y() == best->y() && other->id() < best->id()))
            best = other;
    }
    return best ? best->id() : QString();
}

QString CanvasWalk::sibling(const NodeItem &from, bool down) const
{
    const NodeItem *best = nullptr;
    const auto look = [&](const NodeItem *other) {
        if (!other || other == &from || (down ? other->y() <= from.y() : other->y() >= from.y()))
            return;
        if (!best || std::abs(other->y() - from.y()) < std::abs(best->y() - from.y()))
            best = other;
    };
    for (const EdgeItem *e : from.edges) {
        const NodeItem *hub = e->source() == &from ? e->target() : e->source();
        if (!hub)
            continue;
        for (const EdgeItem *o : hub->edges) {
            if (e->source() == hub && o->source() == hub)
                look(o->target());
            else if (e->target() == hub && o->target() == hub)
                look(o->source());
        }
    }
    return best ? best->id() : QString();
}

QString CanvasWalk::nearest(const NodeItem &from, QPointF way) const
{
    const NodeItem *best = nullptr;
    double least = 0;
    const QPointF here = from.cardRect().center(), across(way.y(), way.x());
    for (const NodeItem *n : m_scene.nodes()) {
        const QPointF d = n->cardRect().center() - here;
        const double ahead = dot(d, way), aside = std::abs(dot(d, across));
        if (n == &from || ahead <= 1)
            continue;
        const double cost = ahead + 2 * aside;
        if (!best || cost < least) {
            best = n;
            least = cost;
        }
    }
    return best ? best->id() : QString();
}

QString CanvasWalk::nextEdge(const QString &from, bool forward) const
{
    const EdgeItem *at = m_scene.edge(from);
    const NodeItem *node = at ? (forward ? at->source() : at->target()) : m_scene.node(from);
    if (!node)
        return {};
    std::vector<EdgeItem *> edges;
    for (EdgeItem *e : node->edges) {
        if ((forward ? e->source() : e->target()) == node && e->isVisible())
            edges.push_back(e);
    }
    edges = sorted(std::move(edges));
    if (edges.empty())
        return {};
    const auto found = std::find(edges.begin(), edges.end(), at);
    return (found == edges.end() || found + 1 == edges.end() ? edges.front() : *(found + 1))->id();
}

} // namespace lathe
