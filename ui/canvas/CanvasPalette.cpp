// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/CanvasPalette.h"

#include "ui/canvas/QuickAdd.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/RowDelegate.h"

#include <QVBoxLayout>

namespace lathe {

CanvasPalette::CanvasPalette(Theme *theme, QWidget *parent)
    : QWidget(parent), m_list(new FilterableList(theme, tr("Filter nodes"), this))
{
    NodeKindModel::Kinds kinds;
    for (const NodeKindInfo &info : nodeKinds())
        kinds.emplace_back(info.kind, QString());
    auto *model = m_model = new NodeKindModel(std::move(kinds), this);
    m_list->setModel(model);
    m_list->setFilterRole(NodeKindModel::SearchRole);
    m_list->view()->setDragEnabled(true);
    m_list->view()->setDragDropMode(QAbstractItemView::DragOnly);
    m_list->view()->setDefaultDropAction(Qt::CopyAction);
    m_list->view()->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_list);
    connect(m_list, &FilterableList::activated, this, [this, model](const QModelIndex &index) {
        if (index.isValid())
            Q_EMIT chosen(model->at(index).first);
    });
}

void CanvasPalette::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_model->setBrief(width() < 240); // half a word of each would help nobody
}

} // namespace lathe
