// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/BandTree.h"

#include "ui/widgets/RowDelegate.h"

#include <QStyleOptionViewItem>

namespace lathe {

BandTree::BandTree(Theme *theme, QWidget *parent) : QTreeView(parent), m_theme(theme) {}

void BandTree::drawBranches(QPainter *painter, const QRect &rect, const QModelIndex &index) const
{
    QStyleOptionViewItem option;
    initViewItemOption(&option);
    option.widget = this;
    option.rect = rect;
    option.state.setFlag(QStyle::State_Selected, selectionModel() && selectionModel()->isSelected(index));
    const QPoint mouse = viewport()->mapFromGlobal(QCursor::pos());
    option.state.setFlag(QStyle::State_MouseOver,
                         viewport()->underMouse() && mouse.y() >= rect.top() && mouse.y() <= rect.bottom());
    RowDelegate::paintBand(*painter, option, index, m_theme->tokens());
    QTreeView::drawBranches(painter, rect, index);
}

} // namespace lathe
