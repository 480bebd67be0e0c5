// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/Popover.h"

#include "ui/theme/Metrics.h"

#include <algorithm>

namespace lathe {

namespace {
constexpr int Padding = metrics::Margin;
constexpr int Gap = 4;
}

Popover::Popover(Theme *theme, QWidget *anchor) : Overlay(theme, anchor), m_target(anchor) {}

void Popover::setContent(QWidget *content)
{
    delete m_content;
    m_content = content;
    m_content->setParent(this);
    m_content->show();
    if (isOpen())
        arrange();
}

QRect Popover::panelRect() const
{
    return m_content ? m_content->geometry().adjusted(-Padding, -Padding, Padding, Padding)
                     : QRect();
}

void Popover::arrange()
{
    if (!m_content || !m_target)
        return;
    QSize size = m_content->sizeHint()
                     .expandedTo(m_content->minimumSize())
                     .boundedTo(m_content->maximumSize());
    if (m_content->hasHeightForWidth())
        size.setHeight(m_content->heightForWidth(size.width()));
    const QSize box =
        (size + QSize(2 * Padding, 2 * Padding)).boundedTo(rect().size() - QSize(16, 16));
    const QRect local = m_anchorRect.isValid() ? m_anchorRect : m_target->rect();
    const QRect target(m_target->mapTo(m_target->window(), local.topLeft()), local.size());
    int y = target.bottom() + 1 + Gap;
    if (y + box.height() > rect().height() - 8 && target.top() > rect().height() - target.bottom())
        y = target.top() - Gap - box.height();
    const int x = std::clamp(target.left(), 8, std::max(8, rect().width() - box.width() - 8));
    y = std::clamp(y, 8, std::max(8, rect().height() - box.height() - 8));
    m_content->setGeometry(QRect(QPoint(x, y), box).adjusted(Padding, Padding, -Padding, -Padding));
    update();
}

QWidget *Popover::firstFocus() const
{
    if (!m_content)
        return nullptr;
    if (m_content->focusPolicy() & Qt::TabFocus)
        return m_content;
    const auto children = m_content->findChildren<QWidget *>();
    for (QWidget *child : children) {
        if (child->focusPolicy() & Qt::TabFocus && child->isEnabled() && !child->focusProxy())
            return child;
    }
    return nullptr;
}

} // namespace lathe
