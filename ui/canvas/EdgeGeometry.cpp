// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/EdgeGeometry.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
// A chain of straight lines with rounded corners.
QPainterPath rounded(const QPolygonF &points, double radius)
{
    QPainterPath path(points.first());
    for (qsizetype i = 1; i + 1 < points.size(); ++i) {
        const QPointF back = points[i - 1] - points[i], on = points[i + 1] - points[i];
        const double before = std::hypot(back.x(), back.y()), after = std::hypot(on.x(), on.y());
        if (before < 0.5 || after < 0.5)
            continue;
        const double r = std::min({radius, before / 2, after / 2});
        path.lineTo(points[i] + back / before * r);
        path.quadTo(points[i], points[i] + on / after * r);
    }
    path.lineTo(points.last());
    return path;
}
} // namespace

EdgeRoute EdgeGeometry::route(const EdgeEnd &from, const EdgeEnd &to) const
{
    EdgeRoute made;
    const QPointF a = from.at, b = to.at;
    made.tip = b;
    if (to.side == NodeGeometry::Side::Bottom) {
        // Back into a container, from below.
        made.tipDirection = QPointF(0, -1);
        const double below =
            std::max(std::max(from.card.bottom(), to.card.bottom()) + 32, b.y() + 32);
        const double out = std::max(a.x() + 24, b.x() + 24);
        made.path = rounded(
            QPolygonF({a, QPointF(out, a.y()), QPointF(out, below), QPointF(b.x(), below), b}), 14);
        made.label = QPointF((out + b.x()) / 2, below);
        return made;
    }
    made.tipDirection = QPointF(1, 0);
    if (b.x() >= a.x() + 24) {
        const double reach = std::clamp((b.x() - a.x()) * 0.5, 24.0, 160.0);
        made.path = QPainterPath(a);
        made.path.cubicTo(a + QPointF(reach, 0), b - QPointF(reach, 0), b);
        made.label = (a + b) / 2;
        return made;
    }
    // The target lies behind: between the cards if there is room, else below both.
    double y = std::max(from.card.bottom(), to.card.bottom()) + 32;
    if (to.card.top() - from.card.bottom() >= 32)
        y = (to.card.top() + from.card.bottom()) / 2;
    else if (from.card.top() - to.card.bottom() >= 32)
        y = (from.card.top() + to.card.bottom()) / 2;
    const double right = a.x() + 24, left = b.x() - 24;
    made.path = rounded(QPolygonF({a, QPointF(right, a.y()), QPointF(right, y), QPointF(left, y),
                                   QPointF(left, b.y()), b}),
                        14);
    made.label = QPointF((right + left) / 2, y);
    return made;
}

QPolygonF sampled(const QPainterPath &path)
{
    QPolygonF points;
    for (int i = 0; i < path.elementCount(); ++i) {
        const QPainterPath::Element e = path.elementAt(i);
        if (e.type != QPainterPath::CurveToElement) {
            points.append(e);
            continue;
        }
        const QPointF p0 = points.isEmpty() ? QPointF(e) : points.last(), p1 = e,
                      p2 = path.elementAt(i + 1), p3 = path.elementAt(i + 2);
        i += 2;
        for (int step = 1; step <= 16; ++step) {
            const double t = step / 16.0, u = 1 - t;
            points.append(p0 * (u * u * u) + p1 * (3 * u * u * t) + p2 * (3 * u * t * t)
                          + p3 * (t * t * t));
        }
    }
    return points;
}

double distanceTo(const QPolygonF &line, QPointF at)
{
    double best = 1e18;
    for (qsizetype i = 0; i + 1 < line.size(); ++i) {
        const QPointF d = line[i + 1] - line[i], v = at - line[i];
        const double length = d.x() * d.x() + d.y() * d.y();
        const double t =
            length > 0 ? std::clamp((v.x() * d.x() + v.y() * d.y()) / length, 0.0, 1.0) : 0;
        const QPointF away = v - d * t;
        best = std::min(best, std::hypot(away.x(), away.y()));
    }
    return best;
}

} // namespace lathe
