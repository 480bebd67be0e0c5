// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/RowPickModel.h"

#include "core/evaluation/ExperimentSpec.h"
#include "ui/widgets/RowDelegate.h"

namespace lathe {

RowPickModel::RowPickModel(Dataset dataset, int most, QObject *parent)
    : QAbstractTableModel(parent),
      m_dataset(std::move(dataset)),
      m_picked(m_dataset.rows.size(), false),
      m_most(most)
{
}

bool RowPickModel::setPicked(int row, bool picked)
{
    if (row < 0 || row >= rowCount() || m_picked[size_t(row)] == picked)
        return true;
    if (picked && m_count >= m_most)
        return false;
    m_picked[size_t(row)] = picked;
    m_count += picked ? 1 : -1;
    Q_EMIT dataChanged(index(row, 0), index(row, columnCount() - 1));
    Q_EMIT pickedChanged();
    return true;
}

void RowPickModel::clear()
{
    if (m_count == 0)
        return;
    std::fill(m_picked.begin(), m_picked.end(), false);
    m_count = 0;
    Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    Q_EMIT pickedChanged();
}

QString RowPickModel::text() const
{
    QStringList parts;
    for (size_t first = 0; first < m_picked.size(); ++first) {
        if (!m_picked[first])
            continue;
        size_t last = first;
        while (last + 1 < m_picked.size() && m_picked[last + 1])
            ++last;
        parts.append(first == last ? QString::number(first + 1)
                                   : QStringLiteral("%1-%2").arg(first + 1).arg(last + 1));
        first = last;
    }
    return parts.join(QStringLiteral(", "));
}

void RowPickModel::setText(const QString &rows)
{
    std::vector<bool> picked(m_picked.size(), false);
    int count = 0;
    if (const auto selected = rows.trimmed().isEmpty() ? Result<std::vector<int>>(std::vector<int>())
                                                       : rowSelection(rows, rowCount())) {
        for (int row : *selected) {
            if (count < m_most && !picked[size_t(row)]) {
                picked[size_t(row)] = true;
                ++count;
            }
        }
    }
    if (picked == m_picked)
        return;
    m_picked = std::move(picked);
    m_count = count;
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    Q_EMIT pickedChanged();
}

int RowPickModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_dataset.rows.size());
}

int RowPickModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_dataset.columns.size()) + 1;
}

QVariant RowPickModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const bool picked = m_picked[size_t(index.row())];
    if (role == PickedRole)
        return picked;
    if (role == rowrole::Dimmed)
        return false;
    if (index.column() == 0) {
        if (role == SearchRole) {
            QStringList cells;
            for (const QJsonValue &value : m_dataset.rows[size_t(index.row())])
                cells.append(value.isString() ? value.toString() : value.toVariant().toString());
            return cells.join(QLatin1Char('\n'));
        }
        if (role == Qt::DisplayRole)
            return QString::number(index.row() + 1);
        if (role == rowrole::Icon)
            return picked ? QStringLiteral("check") : QStringLiteral("plus");
        if (role == rowrole::Color)
            return int(picked ? ColorToken::Accent : ColorToken::Text3);
        if (role == Qt::AccessibleTextRole)
            return picked ? tr("Row %1, picked").arg(index.row() + 1) : tr("Row %1").arg(index.row() + 1);
        return {};
    }
    const auto &row = m_dataset.rows[size_t(index.row())];
    const size_t column = size_t(index.column()) - 1;
    const QJsonValue value = column < row.size() ? row[column] : QJsonValue();
    if (role == Qt::DisplayRole)
        return value.isDouble() ? QString::number(value.toDouble(), 'g', 15)
                                : value.toVariant().toString().left(400).simplified();
    if (role == Qt::ToolTipRole && value.isString() && value.toString().size() > 40)
        return value.toString().left(2000).toHtmlEscaped();
    return {};
}

QVariant RowPickModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal)
        return {};
    return section == 0 ? tr("Row") : m_dataset.columns.value(section - 1);
}

} // namespace lathe
