// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/DatasetModel.h"

namespace lathe {

QVariant DatasetModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const auto &row = m_dataset.rows[size_t(index.row())];
    const QJsonValue value = size_t(index.column()) < row.size() ? row[size_t(index.column())] : QJsonValue();
    if (role == Qt::DisplayRole)
        return value.isDouble() ? QString::number(value.toDouble(), 'g', 15) : value.toVariant().toString().left(400).simplified();
    if (role == Qt::ToolTipRole)
        return value.isString() && value.toString().size() > 40 ? value.toString().left(2000) : QVariant();
    if (role == Qt::TextAlignmentRole && value.isDouble())
        return int(Qt::AlignRight | Qt::AlignVCenter);
    return {};
}

QVariant DatasetModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole)
        return {};
    return orientation == Qt::Horizontal ? QVariant(m_dataset.columns.value(section)) : QVariant(section + 1);
}

} // namespace lathe
