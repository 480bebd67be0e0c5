// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/ExperimentLogModel.h"

#include "ui/itemmodels/Format.h"

#include <QJsonArray>

namespace lathe {

void ExperimentLogModel::setEntries(std::vector<ExperimentLogEntry> entries, qint64 nowUs)
{
    m_nowUs = nowUs;
    // Both lists fall in the same order, so one walk finds what went and what came.
    size_t row = 0;
    const auto has = [&entries](LogEntryId id) { return std::any_of(entries.begin(), entries.end(), [id](const ExperimentLogEntry &e) { return e.id == id; }); };
    while (row < m_entries.size()) {
        if (has(m_entries[row].id)) {
            ++row;
            continue;
        }
        beginRemoveRows({}, int(row), int(row));
        m_entries.erase(m_entries.begin() + qsizetype(row));
        endRemoveRows();
    }
    for (row = 0; row < entries.size(); ++row) {
        if (row < m_entries.size() && m_entries[row].id == entries[row].id) {
            m_entries[row] = std::move(entries[row]);
            continue;
        }
        beginInsertRows({}, int(row), int(row));
        m_entries.insert(m_entries.begin() + qsizetype(row), std::move(entries[row]));
        endInsertRows();
    }
    while (m_entries.size() > row) { // entries that came in another order
        beginRemoveRows({}, int(m_entries.size()) - 1, int(m_entries.size()) - 1);
        m_entries.pop_back();
        endRemoveRows();
    }
    if (!m_entries.empty())
        Q_EMIT dataChanged(index(0, 0), index(int(m_entries.size()) - 1, ColumnCount - 1));
}

const ExperimentLogEntry *ExperimentLogModel::entryAt(int row) const
{
    return row >= 0 && size_t(row) < m_entries.size() ? &m_entries[size_t(row)] : nullptr;
}

int ExperimentLogModel::rowOf(LogEntryId id) const
{
    for (size_t row = 0; row < m_entries.size(); ++row) {
        if (m_entries[row].id == id)
            return int(row);
    }
    return -1;
}

QString ExperimentLogModel::variantsOf(const ExperimentLogEntry &entry)
{
    QStringList names;
    const QJsonArray variants = entry.result.value(QStringLiteral("variants")).toArray();
    for (const QJsonValue &variant : variants)
        names.append(variant.isString() ? variant.toString() : variant[QLatin1String("name")].toString());
    return names.join(QStringLiteral(", "));
}

QVariant ExperimentLogModel::data(const QModelIndex &index, int role) const
{
    const ExperimentLogEntry *entry = index.isValid() ? entryAt(index.row()) : nullptr;
    if (!entry)
        return {};
    const QString headline = entry->question.isEmpty() ? entry->name : entry->question;
    if (role == Qt::ToolTipRole) {
        const QString text = index.column() == Question ? headline + QLatin1Char('\n') + entry->sentence : index.column() == Conclusion ? entry->conclusion : index.column() == Date ? format::dateTime(entry->createdUs) : QString();
        return text.isEmpty() ? QVariant() : QVariant(QStringLiteral("<p style='white-space:pre-wrap'>%1</p>").arg(text.toHtmlEscaped()));
    }
    if (role == DetailRole)
        return index.column() == Question ? entry->sentence : index.column() == Date ? entry->author : index.column() == Variants ? QStringLiteral("%1@%2").arg(entry->name).arg(entry->revision) : QString();
    if (role == Qt::EditRole && index.column() == Conclusion)
        return entry->conclusion;
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Question:
        return headline;
    case Variants:
        return variantsOf(*entry);
    case Conclusion:
        return format::oneLine(entry->conclusion, 300);
    case Date:
        return format::ago(entry->createdUs, m_nowUs);
    default:
        return {};
    }
}

bool ExperimentLogModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (!m_editable || role != Qt::EditRole || !index.isValid() || index.column() != Conclusion)
        return false;
    ExperimentLogEntry &entry = m_entries[size_t(index.row())];
    if (entry.conclusion == value.toString())
        return true;
    entry.conclusion = value.toString();
    Q_EMIT dataChanged(index, index);
    Q_EMIT conclusionEdited(entry.id, entry.conclusion);
    return true;
}

QVariant ExperimentLogModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    static const QStringList titles{tr("Question and result"), tr("Variants"), tr("Conclusion"), tr("When")};
    return titles.value(section);
}

Qt::ItemFlags ExperimentLogModel::flags(const QModelIndex &index) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (m_editable && index.isValid() && index.column() == Conclusion)
        flags |= Qt::ItemIsEditable;
    return flags;
}

} // namespace lathe
