// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/WaterfallHeader.h"

#include "ui/itemmodels/StepTreeModel.h"
#include "ui/runs/FlameRuler.h"

#include <QMouseEvent>
#include <QPainter>

namespace lathe {

WaterfallHeader::WaterfallHeader(Theme *theme, TimeAxis *axis, QWidget *parent)
    : QHeaderView(Qt::Horizontal, parent), m_theme(theme), m_axis(axis)
{
    setSectionsMovable(false);
    setHighlightSections(false);
    const auto repaint = [this] { viewport()->update(); };
    connect(theme, &Theme::changed, this, repaint);
    connect(axis, &TimeAxis::changed, this, repaint);
}

QRect WaterfallHeader::axisRect() const
{
    const int left = sectionViewportPosition(StepTreeModel::Waterfall);
    return QRect(left, 0, viewport()->width() - left, height()).adjusted(Side, 0, -Side, 0);
}

void WaterfallHeader::paintSection(QPainter *painter, const QRect &rect, int section) const
{
    QHeaderView::paintSection(painter, rect, section);
    if (section != StepTreeModel::Waterfall)
        return;
    painter->save();
    painter->setClipRect(rect);
    painter->fillRect(rect.adjusted(1, 0, 0, -1), palette().color(QPalette::Base));
    if (m_from)
        painter->fillRect(QRect(QPoint(std::min(*m_from, m_to), rect.top()), QPoint(std::max(*m_from, m_to), rect.bottom())),
                          withAlpha(m_theme->tokens().accent, 0.3));
    paintTicks(*painter, QRectF(rect).adjusted(Side, 0, -Side, -1), *m_axis, *m_theme);
    painter->restore();
}

bool WaterfallHeader::viewportEvent(QEvent *event)
{
    const bool press = event->type() == QEvent::MouseButtonPress;
    const QRect axis = axisRect();
    if (press || event->type() == QEvent::MouseMove || event->type() == QEvent::MouseButtonRelease
        || event->type() == QEvent::MouseButtonDblClick) {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        const int x = mouse->pos().x();
        if (event->type() == QEvent::MouseButtonDblClick && x > axis.left()) {
            m_from.reset();
            m_axis->fitAll();
            return true;
        }
        if (press && mouse->button() == Qt::LeftButton && x > axis.left()) { // its left edge still resizes
            m_from = x;
            m_to = x;
            return true;
        }
        if (m_from && event->type() == QEvent::MouseMove) {
            m_to = x;
            viewport()->update();
            return true;
        }
        if (m_from && event->type() == QEvent::MouseButtonRelease) {
            const int left = std::min(*m_from, x) - axis.left();
            const int right = std::max(*m_from, x) - axis.left();
            m_from.reset();
            viewport()->update();
            const double width = std::max(1, axis.width());
            if (right - left > 3)
                m_axis->setVisible({timeaxis::timeAt(left, m_axis->visible(), width), timeaxis::timeAt(right, m_axis->visible(), width)});
            return true;
        }
    }
    return QHeaderView::viewportEvent(event);
}

} // namespace lathe
