// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/QuickAdd.h"

#include "ui/canvas/CanvasTypes.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SearchField.h"

#include <QMimeData>

#include <algorithm>

namespace lathe {

NodeKindModel::NodeKindModel(Kinds kinds, QObject *parent)
    : QAbstractListModel(parent), m_kinds(std::move(kinds))
{
}

int NodeKindModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_kinds.size());
}

QVariant NodeKindModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const NodeKindInfo &info = nodeKindInfo(at(index).first);
    switch (role) {
    case Qt::DisplayRole:
        return info.title;
    case SearchRole:
        return QString(info.title + QLatin1Char(' ') + info.group + QLatin1Char(' ')
                       + nodeKindName(info.kind));
    case Qt::ToolTipRole:
        return QStringLiteral("<p>%1</p>").arg(info.about.toHtmlEscaped());
    case rowrole::Detail:
        return m_brief ? QString() : info.about;
    case rowrole::Icon:
        return info.icon;
    case rowrole::Color:
        return int(colorTokenFromName(info.color));
    default:
        return {};
    }
}

void NodeKindModel::setBrief(bool brief)
{
    if (std::exchange(m_brief, brief) != brief && !m_kinds.empty())
        Q_EMIT dataChanged(index(0), index(rowCount() - 1), {rowrole::Detail});
}

Qt::ItemFlags NodeKindModel::flags(const QModelIndex &index) const
{
    return QAbstractListModel::flags(index) | Qt::ItemIsDragEnabled | Qt::ItemNeverHasChildren;
}

QStringList NodeKindModel::mimeTypes() const
{
    return {QLatin1String(canvasmime::type)};
}

QMimeData *NodeKindModel::mimeData(const QModelIndexList &indexes) const
{
    return indexes.isEmpty() ? nullptr : canvasmime::make(at(indexes.first()).first);
}

QuickAdd::QuickAdd(Theme *theme, QWidget *anchor, NodeKindModel::Kinds kinds)
    : Popover(theme, anchor),
      m_list(new FilterableList(theme, tr("Add a node"))),
      m_model(new NodeKindModel(std::move(kinds), this))
{
    setDeleteOnClose(true);
    m_list->setModel(m_model);
    m_list->setFilterRole(NodeKindModel::SearchRole);
    m_list->setEmptyText(tr("No such node fits here."));
    m_list->field()->setDelay(0);
    auto *rows = new RowDelegate(theme, m_list);
    rows->setTwoLines(true);
    m_list->view()->setItemDelegate(rows);
    m_list->view()->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    const int shown = std::clamp(m_model->rowCount(), 2, 7);
    m_list->setFixedSize(320, metrics::ControlHeight + metrics::Gap
                                  + shown * metrics::TwoLineRowHeight + 4);
    m_list->setCurrentIndex(m_model->index(0, 0));
    setContent(m_list);
    const auto take = [this](const QModelIndex &index) {
        if (!index.isValid() || !isOpen())
            return;
        const auto choice = m_model->at(index);
        dismiss();
        Q_EMIT chosen(choice.first, choice.second);
    };
    connect(m_list, &FilterableList::activated, this, take);
    connect(m_list->view(), &QListView::clicked, this,
            [this, take](const QModelIndex &) { take(m_list->currentIndex()); });
}

} // namespace lathe
