// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/Paint.h"

#include "ui/theme/Metrics.h"

#include <QPainterPath>

namespace lathe::paint {

namespace {

bool visible(const QColor &color)
{
    return color.isValid() && color.alpha() > 0;
}

class Saved
{
public:
    explicit Saved(QPainter &painter) : m_painter(painter)
    {
        painter.save();
        painter.setRenderHint(QPainter::Antialiasing);
    }
    ~Saved() { m_painter.restore(); }
    Q_DISABLE_COPY_MOVE(Saved)

private:
    QPainter &m_painter;
};

QPen stroke(const QColor &color, double width)
{
    return QPen(color, width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
}

} // namespace

void roundedBox(QPainter &painter, const QRectF &rect, double radius, const QColor &fill,
                const QColor &border, double borderWidth)
{
    const Saved saved(painter);
    const bool bordered = visible(border);
    if (visible(fill)) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(fill);
        // The fill ends under the middle of the border, or its colour would fringe the outer edge.
        const double inset = bordered ? borderWidth / 2 : 0;
        painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius - inset,
                                radius - inset);
    }
    if (bordered) {
        const double half = borderWidth / 2;
        painter.setPen(QPen(border, borderWidth));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius - half,
                                radius - half);
    }
}

void focusRing(QPainter &painter, const QRectF &rect, double radius, const QColor &accent)
{
    roundedBox(painter, rect, radius, QColor(), accent, metrics::FocusRing);
}

void chevron(QPainter &painter, const QRectF &box, Qt::ArrowType direction, const QColor &color,
             double size, double pen)
{
    const Saved saved(painter);
    painter.translate(box.center());
    switch (direction) {
    case Qt::UpArrow:
        painter.rotate(180);
        break;
    case Qt::LeftArrow:
        painter.rotate(90);
        break;
    case Qt::RightArrow:
        painter.rotate(-90);
        break;
    default:
        break;
    }
    painter.setPen(stroke(color, pen));
    const double half = size / 2;
    const QPointF points[] = {{-half, -half / 2}, {0, half / 2}, {half, -half / 2}};
    painter.drawPolyline(points, 3);
}

void tick(QPainter &painter, const QRectF &box, const QColor &color, double pen)
{
    const Saved saved(painter);
    painter.setPen(stroke(color, pen));
    const auto at = [&box](double x, double y) {
        return QPointF(box.left() + box.width() * x, box.top() + box.height() * y);
    };
    const QPointF points[] = {at(0.24, 0.53), at(0.42, 0.71), at(0.77, 0.31)};
    painter.drawPolyline(points, 3);
}

void cross(QPainter &painter, const QRectF &box, const QColor &color, double size, double pen)
{
    const Saved saved(painter);
    painter.setPen(stroke(color, pen));
    const double half = size / 2;
    const QPointF c = box.center();
    painter.drawLine(c + QPointF(-half, -half), c + QPointF(half, half));
    painter.drawLine(c + QPointF(-half, half), c + QPointF(half, -half));
}

void shadow(QPainter &painter, const QRectF &rect, double radius, const QColor &color, int extent)
{
    const Saved saved(painter);
    // Stacked translucent outlines: cheap, no blur pass, and drawn only when a panel opens.
    painter.setBrush(Qt::NoBrush);
    QPainterPath outside;
    outside.addRect(rect.adjusted(-2 * extent, -2 * extent, 2 * extent, 2 * extent));
    QPainterPath inside;
    inside.addRoundedRect(rect, radius, radius);
    painter.setClipPath(outside.subtracted(inside));
    for (int i = extent; i > 0; --i) {
        const double falloff = 1.0 - static_cast<double>(i) / extent;
        QColor ring = color;
        ring.setAlphaF(color.alphaF() * static_cast<float>(0.18 * falloff * falloff));
        painter.setPen(Qt::NoPen);
        painter.setBrush(ring);
        painter.drawRoundedRect(rect.adjusted(-i, -i + extent / 4.0, i, i + extent / 4.0),
                                radius + i, radius + i);
    }
}

} // namespace lathe::paint
