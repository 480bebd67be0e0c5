// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/FlameRuler.h"

#include <QMouseEvent>
#include <QPainter>

#include <cmath>

namespace lathe {

void paintTicks(QPainter &painter, const QRectF &rect, const TimeAxis &axis, const Theme &theme)
{
    const Tokens &t = theme.tokens();
    const QFont font = theme.smallFont();
    const QFontMetricsF metrics(font);
    painter.setFont(font);
    double free = rect.left() - 8;
    for (const TimeTick &tick : timeaxis::ticks(axis.visible(), axis.whole().startUs, rect.width())) {
        const double x = std::round(rect.left() + tick.x);
        painter.fillRect(QRectF(x, rect.bottom() - 5, 1, 5), t.lineStrong);
        const double width = metrics.horizontalAdvance(tick.text);
        const double left = std::clamp(x - width / 2, rect.left() - 6, std::max(rect.left(), rect.right() + 6 - width));
        if (left < free)
            continue;
        painter.setPen(t.text2);
        painter.drawText(QRectF(left, rect.top(), width + 2, rect.height() - 4), Qt::AlignVCenter, tick.text);
        free = left + width + 10;
    }
}

FlameRuler::FlameRuler(Theme *theme, TimeAxis *axis, int side, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_axis(axis), m_side(side)
{
    setCursor(Qt::IBeamCursor);
    setToolTip(tr("Drag to choose a range, double click to see all"));
    connect(axis, &TimeAxis::changed, this, qOverload<>(&QWidget::update));
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void FlameRuler::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    painter.fillRect(rect(), t.base);
    if (m_from)
        painter.fillRect(QRectF(QPointF(std::min(*m_from, m_to), 0), QPointF(std::max(*m_from, m_to), height())), withAlpha(t.accent, 0.3));
    paintTicks(painter, QRectF(rect()).adjusted(m_side, 0, -m_side, 0), *m_axis, *m_theme);
    painter.fillRect(QRectF(0, height() - 1, width(), 1), t.line);
}

void FlameRuler::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_from = event->pos().x();
    m_to = *m_from;
}

void FlameRuler::mouseMoveEvent(QMouseEvent *event)
{
    if (!m_from)
        return;
    m_to = event->pos().x();
    update();
}

void FlameRuler::mouseReleaseEvent(QMouseEvent *)
{
    if (!m_from)
        return;
    const int from = std::min(*m_from, m_to) - m_side;
    const int to = std::max(*m_from, m_to) - m_side;
    m_from.reset();
    update();
    const double axis = std::max(1, width() - 2 * m_side);
    if (to - from > 3)
        m_axis->setVisible({timeaxis::timeAt(from, m_axis->visible(), axis), timeaxis::timeAt(to, m_axis->visible(), axis)});
}

void FlameRuler::mouseDoubleClickEvent(QMouseEvent *)
{
    m_from.reset();
    m_axis->fitAll();
}

} // namespace lathe
