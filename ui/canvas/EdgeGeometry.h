// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/NodeGeometry.h"

#include <QPainterPath>

namespace lathe {

// One end of an edge: where, and which way the edge leaves the card there. `card` is what the edge
// goes around.
struct EdgeEnd {
    QPointF at;
    NodeGeometry::Side side = NodeGeometry::Side::Right;
    QRectF card;
};

struct EdgeRoute {
    QPainterPath path;
    QPointF label;             // where a label is centred
    QPointF tip, tipDirection; // of the arrow head; a unit vector
};

// How edges run. A strategy of the scene.
class EdgeGeometry
{
public:
    virtual ~EdgeGeometry() = default;
    // A smooth curve where the target lies ahead; else around below both cards with round corners.
    virtual EdgeRoute route(const EdgeEnd &from, const EdgeEnd &to) const;
};

// The path as a chain of points, close enough to tell how far the mouse is from it.
QPolygonF sampled(const QPainterPath &path);
double distanceTo(const QPolygonF &line, QPointF at);

} // namespace lathe
