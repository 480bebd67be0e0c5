// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/QuickAdd.h"

#include "ui/canvas/CanvasTypes.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/RowDelegate.h"

#include <QMimeData>

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
    : ListPopover(theme, anchor, tr("Add a node"), new NodeKindModel(std::move(kinds)))
{
    list()->setFilterRole(NodeKindModel::SearchRole);
    list()->setEmptyText(tr("No such node fits here."));
    connect(this, &ListPopover::picked, this, [this](const QModelIndex &index) {
        const auto choice = static_cast<const NodeKindModel *>(index.model())->at(index);
        Q_EMIT chosen(choice.first, choice.second);
    });
}

} // namespace lathe
