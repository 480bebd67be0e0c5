// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/DatasetTableModel.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"

#include <algorithm>
#include <numeric>

namespace lathe {

QString DatasetTableModel::text(const QJsonValue &value)
{
    if (value.isString())
        return value.toString();
    if (value.isDouble())
        return QString::number(value.toDouble(), 'g', 15);
    return value.isNull() || value.isUndefined() ? QString() : json::compactString(value);
}

QJsonValue DatasetTableModel::parsed(const QString &text, const QJsonValue &before)
{
    if (before.isDouble()) {
        bool good = false;
        const double number = text.trimmed().toDouble(&good);
        if (good)
            return number;
    }
    if (before.isBool() && (text == QLatin1String("true") || text == QLatin1String("false")))
        return text == QLatin1String("true");
    if (before.isObject() || before.isArray()) {
        if (const auto value = json::parse(text.toUtf8()); value && (value->isObject() || value->isArray()))
            return *value;
    }
    return text;
}

void DatasetTableModel::setDataset(Dataset dataset)
{
    if (dataset.columns != m_dataset.columns) {
        // Another shape: nothing of what was shown stays.
        beginResetModel();
        m_dataset = std::move(dataset);
        m_order = found();
        endResetModel();
        return;
    }
    const bool sameRows = dataset.rows.size() == m_dataset.rows.size() && m_filter.isEmpty();
    if (sameRows) {
        m_dataset = std::move(dataset);
        if (!m_order.empty())
            Q_EMIT dataChanged(index(0, 0), index(int(m_order.size()) - 1, columnCount() - 1));
        return;
    }
    show({});
    m_dataset = std::move(dataset);
    show(found());
}

bool DatasetTableModel::matches(const std::vector<QJsonValue> &row) const
{
    return std::any_of(row.begin(), row.end(), [this](const QJsonValue &value) { return text(value).contains(m_filter, Qt::CaseInsensitive); });
}

std::vector<int> DatasetTableModel::found() const
{
    std::vector<int> order;
    order.reserve(m_dataset.rows.size());
    for (int row = 0; row < total(); ++row) {
        if (m_filter.isEmpty() || matches(m_dataset.rows[size_t(row)]))
            order.push_back(row);
    }
    return order;
}

void DatasetTableModel::show(std::vector<int> order)
{
    if (!m_order.empty()) {
        beginRemoveRows({}, 0, int(m_order.size()) - 1);
        m_order.clear();
        endRemoveRows();
    }
    if (order.empty())
        return;
    beginInsertRows({}, 0, int(order.size()) - 1);
    m_order = std::move(order);
    endInsertRows();
}

void DatasetTableModel::setFilter(const QString &text)
{
    if (text.trimmed() == m_filter)
        return;
    m_filter = text.trimmed();
    show(found());
}

int DatasetTableModel::append(const Dataset &more)
{
    Dataset joined = m_dataset;
    for (const QString &column : more.columns) {
        if (!joined.columns.contains(column))
            joined.columns.append(column);
    }
    const size_t width = size_t(joined.columns.size());
    for (auto &row : joined.rows)
        row.resize(width, QJsonValue(QString()));
    std::vector<size_t> places;
    for (const QString &column : more.columns)
        places.push_back(size_t(joined.columns.indexOf(column)));
    for (const auto &row : more.rows) {
        std::vector<QJsonValue> made(width, QJsonValue(QString()));
        for (size_t i = 0; i < row.size() && i < places.size(); ++i)
            made[places[i]] = row[i];
        joined.rows.push_back(std::move(made));
    }
    const int added = int(more.rows.size());
    setDataset(std::move(joined));
    return added;
}

void DatasetTableModel::appendEmpty()
{
    m_dataset.rows.emplace_back(size_t(m_dataset.columns.size()), QJsonValue(QString()));
    const int at = int(m_order.size());
    beginInsertRows({}, at, at); // shown whatever the filter says: it is about to be filled
    m_order.push_back(total() - 1);
    endInsertRows();
}

void DatasetTableModel::remove(std::vector<int> rows)
{
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    show({});
    std::vector<std::vector<QJsonValue>> kept;
    kept.reserve(m_dataset.rows.size());
    size_t next = 0;
    for (size_t i = 0; i < m_dataset.rows.size(); ++i) {
        if (next < rows.size() && size_t(rows[next]) == i)
            ++next;
        else
            kept.push_back(std::move(m_dataset.rows[i]));
    }
    m_dataset.rows = std::move(kept);
    show(found());
}

QVariant DatasetTableModel::data(const QModelIndex &index, int role) const
{
    const int at = index.isValid() ? rowOf(index.row()) : -1;
    if (at < 0)
        return {};
    if (index.column() == 0) {
        if (role == Qt::DisplayRole)
            return QString::number(at + 1);
        return role == Qt::TextAlignmentRole ? QVariant(int(Qt::AlignRight | Qt::AlignVCenter)) : QVariant();
    }
    const auto &row = m_dataset.rows[size_t(at)];
    const size_t column = size_t(index.column() - 1);
    const QJsonValue value = column < row.size() ? row[column] : QJsonValue();
    switch (role) {
    case Qt::DisplayRole:
        return format::oneLine(text(value), 400);
    case Qt::EditRole:
        return text(value);
    case Qt::ToolTipRole: {
        const QString whole = value.isDouble() ? QString() : text(value);
        return whole.size() > 40 ? QVariant(QStringLiteral("<p style='white-space:pre-wrap'>%1</p>").arg(whole.left(2000).toHtmlEscaped())) : QVariant();
    }
    case Qt::TextAlignmentRole:
        return int((value.isDouble() ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    default:
        return {};
    }
}

bool DatasetTableModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    const int at = index.isValid() ? rowOf(index.row()) : -1;
    if (!m_editable || role != Qt::EditRole || at < 0 || index.column() == 0)
        return false;
    auto &row = m_dataset.rows[size_t(at)];
    const size_t column = size_t(index.column() - 1);
    if (column >= row.size())
        row.resize(column + 1, QJsonValue(QString()));
    const QJsonValue now = parsed(value.toString(), row[column]);
    if (now == row[column])
        return true;
    row[column] = now;
    Q_EMIT dataChanged(index, index);
    Q_EMIT edited(at, int(column));
    return true;
}

QVariant DatasetTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((section == 0 ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    return section == 0 ? tr("Row") : m_dataset.columns.value(section - 1);
}

Qt::ItemFlags DatasetTableModel::flags(const QModelIndex &index) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (m_editable && index.isValid() && index.column() > 0)
        flags |= Qt::ItemIsEditable;
    return flags;
}

} // namespace lathe
