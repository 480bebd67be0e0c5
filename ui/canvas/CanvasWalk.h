// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QRectF>
#include <QString>

namespace lathe {

class CanvasScene;
class NodeItem;

// Where the keyboard goes from a node. Empty: nowhere.
class CanvasWalk
{
public:
    explicit CanvasWalk(const CanvasScene &scene) : m_scene(scene) {}
    // `way` is one of the four unit vectors. Right and left follow edges, up and down go among the
    // nodes that share a neighbour; without such it is the nearest node that way. From nothing: the
    // node nearest to the middle of `seen`.
    QString next(const QString &from, QPointF way, const QRectF &seen) const;
    // By edges only; back into a container is not forward
    QString along(const QString &from, bool forward) const;
    // Of a node, or of the same source as an edge
    QString nextEdge(const QString &from, bool forward) const;

private:
    QString nearest(const NodeItem &from, QPointF way) const;
    QString sibling(const NodeItem &from, bool down) const;
    const CanvasScene &m_scene;
};

} // namespace lathe
