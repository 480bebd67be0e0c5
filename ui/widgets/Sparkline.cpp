// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/Sparkline.h"

#include "ui/theme/Paint.h"

#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

struct Range {
    double low = 0;
    double high = 0;
    bool any = false;
};

Range rangeOf(const std::vector<double> &values)
{
    Range range;
    for (const double value : values) {
        if (!std::isfinite(value))
            continue;
        range.low = range.any ? std::min(range.low, value) : value;
        range.high = range.any ? std::max(range.high, value) : value;
        range.any = true;
    }
    return range;
}

// At most one value per pixel: the largest of those that fall together, so that spikes stay seen.
std::vector<double> reduced(const std::vector<double> &values, int most)
{
    if (most < 1 || values.size() <= static_cast<size_t>(most))
        return values;
    std::vector<double> result(static_cast<size_t>(most), std::nan(""));
    for (size_t i = 0; i < values.size(); ++i) {
        double &slot = result[i * static_cast<size_t>(most) / values.size()];
        if (std::isfinite(values[i]) && !(slot >= values[i]))
            slot = values[i];
    }
    return result;
}

} // namespace

Sparkline::Sparkline(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setMinimumSize(24, 20);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Sparkline::setValues(std::vector<double> values)
{
    m_values = std::move(values);
    const Range range = rangeOf(m_values);
    const QString words = range.any ? tr("%1 values, %2 to %3, last %4")
                                          .arg(m_values.size())
                                          .arg(range.low)
                                          .arg(range.high)
                                          .arg(m_values.back())
                                    : tr("No values yet");
    setAccessibleDescription(words);
    setToolTip(words);
    update();
}

void Sparkline::setShape(Shape shape)
{
    m_shape = shape;
    update();
}

void Sparkline::setColor(ColorToken color)
{
    m_color = color;
    update();
}

void Sparkline::paintInto(QPainter &painter, const QRectF &rect, const std::vector<double> &all,
                          Shape shape, const QColor &color)
{
    const QRectF area = rect.adjusted(2, 3, -4, -3);
    const bool bars = shape == Shape::Bars;
    const std::vector<double> values =
        reduced(all, static_cast<int>(area.width()) / (bars ? 3 : 1));
    Range range = rangeOf(values);
    if (!range.any || area.width() < 4)
        return;
    if (bars) {
        range.low = std::min(range.low, 0.0);
        range.high = std::max(range.high, 0.0);
    }
    const double span = range.high / 2 - range.low / 2; // halves: the whole could be infinite
    const auto y = [&](double value) {
        return span > 0 ? area.bottom() - (value / 2 - range.low / 2) / span * area.height()
                        : area.center().y();
    };
    const auto count = static_cast<double>(values.size());
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    if (bars) {
        const double step = area.width() / count;
        const double zero = span > 0 ? y(0) : area.bottom();
        for (size_t i = 0; i < values.size(); ++i) {
            if (!std::isfinite(values[i]))
                continue;
            const double top = y(values[i]);
            const QRectF bar(area.left() + static_cast<double>(i) * step, std::min(top, zero),
                             std::max(1.0, step - 1), std::max(1.0, std::abs(zero - top)));
            painter.fillRect(bar, i + 1 == values.size() ? color : withAlpha(color, 0.6));
        }
        painter.restore();
        return;
    }
    painter.setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    QPolygonF piece;
    QPointF last;
    const auto flush = [&] {
        if (piece.size() == 1)
            painter.drawPoint(piece.first());
        else if (piece.size() > 1)
            painter.drawPolyline(piece);
        piece.clear();
    };
    for (size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            flush();
            continue;
        }
        const double x = count > 1
                             ? area.left() + static_cast<double>(i) / (count - 1) * area.width()
                             : area.center().x();
        last = QPointF(x, y(values[i]));
        piece.append(last);
    }
    flush();
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(last, 2.25, 2.25);
    painter.restore();
}

void Sparkline::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintInto(painter, rect(), m_values, m_shape, m_theme->color(m_color));
}

} // namespace lathe
