// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/CanvasScene.h"

#include <algorithm>

namespace lathe {

CanvasScene::CanvasScene(Theme *theme, std::unique_ptr<NodeGeometry> nodeGeometry,
                         std::unique_ptr<NodePainter> nodePainter,
                         std::unique_ptr<EdgeGeometry> edgeGeometry)
    : m_theme(theme),
      m_nodeGeometry(std::move(nodeGeometry)),
      m_nodePainter(std::move(nodePainter)),
      m_edgeGeometry(std::move(edgeGeometry))
{
    setSceneRect(-2000, -2000, 4000, 4000);
    connect(theme, &Theme::changed, this, [this] {
        update();
        Q_EMIT contentChanged();
    });
}

CanvasScene::~CanvasScene() = default;

std::unique_ptr<CanvasScene> CanvasScene::make(Theme *theme)
{
    auto geometry = std::make_unique<NodeCardGeometry>();
    auto painter = std::make_unique<NodeCardPainter>(theme, geometry.get());
    return std::make_unique<CanvasScene>(theme, std::move(geometry), std::move(painter),
                                         std::make_unique<EdgeGeometry>());
}

QPointF CanvasScene::bounded(QPointF at)
{
    const auto within = [](double v) { return v == v ? std::clamp(v, -extent, extent) : 0.0; };
    return QPointF(within(at.x()), within(at.y()));
}

QGraphicsItem *CanvasScene::item(const QString &id) const
{
    if (NodeItem *found = node(id))
        return found;
    if (EdgeItem *found = edge(id))
        return found;
    return box(id);
}

QRectF CanvasScene::contentRect() const
{
    QRectF all;
    for (const NodeItem *n : m_nodes)
        all |= n->cardRect();
    for (const CanvasBox *b : m_boxes)
        all |= b->boxRect();
    return all;
}

QRectF CanvasScene::rectOf(const QString &id) const
{
    if (const NodeItem *n = node(id))
        return n->cardRect();
    if (const EdgeItem *e = edge(id))
        return e->isVisible() ? e->path().controlPointRect() : QRectF();
    const CanvasBox *b = box(id);
    return b ? b->boxRect() : QRectF();
}

CanvasHit CanvasScene::hit(QPointF at, double pixel) const
{
    const double reach = std::clamp(10 * pixel, 8.0, 24.0);
    const auto near = items(QRectF(at - QPointF(reach, reach), QSizeF(2 * reach, 2 * reach)),
                            Qt::IntersectsItemBoundingRect);
    CanvasHit card, line, boxed;
    double nearest = std::max(6 * pixel, 4.0);
    for (QGraphicsItem *item : near) { // the topmost comes first
        if (auto *n = qgraphicsitem_cast<NodeItem *>(item)) {
            if (card.what != CanvasHit::What::Nothing)
                continue;
            const PortRef port = pixel < 2 ? m_nodeGeometry->portAt(n->model(), n->visual().inRun,
                                                                    at - n->pos(), reach)
                                           : PortRef();
            if (port.isValid())
                card = {CanvasHit::What::Port, n->id(), port};
            else if (n->cardRect().contains(at))
                card = {CanvasHit::What::Node, n->id(), {}};
        } else if (auto *e = qgraphicsitem_cast<EdgeItem *>(item)) {
            if (const double distance = e->distance(at); distance <= nearest) {
                nearest = distance;
                line = {CanvasHit::What::Edge, e->id(), {}};
            }
        } else if (auto *b = qgraphicsitem_cast<CanvasBox *>(item)) {
            if (boxed.what == CanvasHit::What::Nothing && b->takes(at, pixel))
                boxed = {b->isHandle(at, pixel) ? CanvasHit::What::BoxHandle : CanvasHit::What::Box,
                         b->id(),
                         {}};
        }
    }
    if (card.what != CanvasHit::What::Nothing)
        return card;
    return line.what != CanvasHit::What::Nothing ? line : boxed;
}

QStringList CanvasScene::within(const QRectF &band) const
{
    QStringList ids;
    const auto found = items(band, Qt::IntersectsItemBoundingRect);
    for (QGraphicsItem *item : found) {
        if (const auto *n = qgraphicsitem_cast<NodeItem *>(item)) {
            if (n->cardRect().intersects(band))
                ids.append(n->id());
        } else if (const auto *b = qgraphicsitem_cast<CanvasBox *>(item)) {
            if (band.contains(b->boxRect()))
                ids.append(b->id());
        } else if (const auto *e = qgraphicsitem_cast<EdgeItem *>(item)) {
            if (band.contains(e->path().controlPointRect()))
                ids.append(e->id());
        }
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

QStringList CanvasScene::insideFrame(const CanvasBox *frame) const
{
    QStringList ids;
    const QRectF rect = frame->boxRect();
    for (const NodeItem *n : m_nodes) {
        if (rect.contains(n->cardRect()))
            ids.append(n->id());
    }
    for (const CanvasBox *b : m_boxes) {
        if (b != frame && rect.contains(b->boxRect()))
            ids.append(b->id());
    }
    return ids;
}

void CanvasScene::markItem(const QString &id, bool selected)
{
    if (NodeItem *n = node(id)) {
        n->changeVisual([selected](NodeVisual &v) {
            v.selected = selected;
            v.current = false;
        });
        n->setZValue(selected ? 1 : 0);
    } else if (EdgeItem *e = edge(id)) {
        e->changeVisual([selected](EdgeItem::Visual &v) { v.selected = selected; });
        e->setZValue(selected ? -5 : -10);
    } else if (CanvasBox *b = box(id)) {
        b->setSelected(selected);
    }
}

void CanvasScene::setSelection(const QStringList &ids)
{
    QStringList now;
    QSet<QString> seen;
    for (const QString &id : ids) {
        if (!seen.contains(id) && item(id)) {
            seen.insert(id);
            now.append(id);
        }
    }
    if (now == m_selection)
        return;
    const QStringList before = std::exchange(m_selection, now);
    const QSet<QString> was(before.begin(), before.end());
    for (const QString &id : before) {
        if (!seen.contains(id))
            markItem(id, false);
    }
    for (const QString &id : std::as_const(now)) {
        if (!was.contains(id))
            markItem(id, true);
    }
    for (const QString &id : {before.isEmpty() ? QString() : before.last(), current()}) {
        if (NodeItem *n = node(id))
            n->changeVisual([this, &id](NodeVisual &v) { v.current = id == current(); });
    }
    if ((before.size() > 1) != (m_selection.size() > 1)) {
        if (NodeItem *n = node(current()))
            n->update();
    }
    Q_EMIT selectionMoved();
}

void CanvasScene::moveItem(const QString &id, QPointF to)
{
    if (NodeItem *n = node(id)) {
        n->setPos(bounded(to));
        for (EdgeItem *e : n->edges)
            e->reroute();
    } else if (CanvasBox *b = box(id)) {
        b->setPos(bounded(to));
    }
}

void CanvasScene::resizeBox(const QString &id, QSizeF size)
{
    if (CanvasBox *b = box(id))
        b->setBoxSize(size);
}

void CanvasScene::setFocused(bool focused)
{
    if (focused == m_focused)
        return;
    m_focused = focused;
    for (const QString &id : std::as_const(m_selection)) {
        if (NodeItem *n = node(id))
            n->update();
    }
}

void CanvasScene::beat(double pulse)
{
    m_pulse = pulse;
    for (const QString &id : std::as_const(m_live)) {
        if (NodeItem *n = node(id))
            n->update();
    }
    for (const QString &id : std::as_const(m_liveEdges)) {
        if (EdgeItem *e = edge(id))
            e->update();
    }
}

QString CanvasScene::toolTipOf(const QString &id) const
{
    if (const NodeItem *n = node(id))
        return n->toolTipText();
    if (const EdgeItem *e = edge(id))
        return e->toolTipText();
    const CanvasBox *b = box(id);
    return b ? QStringLiteral("<p>%1</p>").arg(b->text().left(300).toHtmlEscaped()) : QString();
}

void CanvasScene::setHovered(const CanvasHit &hit)
{
    if (hit == m_hovered)
        return;
    const CanvasHit before = std::exchange(m_hovered, hit);
    for (const QString &id : {before.id, hit.id}) {
        const bool on = id == hit.id;
        if (NodeItem *n = node(id)) {
            n->changeVisual([&](NodeVisual &v) {
                v.hovered = on;
                v.hot = on ? hit.port : PortRef();
            });
        } else if (EdgeItem *e = edge(id)) {
            e->changeVisual([on](EdgeItem::Visual &v) { v.hovered = on; });
        }
    }
}

void CanvasScene::setFitting(const QHash<QString, std::vector<PortRef>> *fitting)
{
    for (NodeItem *n : std::as_const(m_nodes)) {
        if (!fitting && !n->visual().connecting)
            continue;
        n->changeVisual([&](NodeVisual &v) {
            v.connecting = fitting != nullptr;
            v.fitting = fitting ? fitting->value(n->id()) : std::vector<PortRef>();
        });
    }
}

} // namespace lathe
