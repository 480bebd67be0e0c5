// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/ToolFunctionModel.h"

#include <algorithm>

namespace lathe {

void ToolFunctionModel::setFunctions(std::vector<ToolFunction> functions)
{
    const bool sameRows = functions.size() == m_functions.size()
        && std::equal(functions.begin(), functions.end(), m_functions.begin(), [](const ToolFunction &a, const ToolFunction &b) { return a.name == b.name; });
    if (sameRows) {
        if (functions == m_functions)
            return;
        m_functions = std::move(functions);
        mark();
        return;
    }
    if (!m_functions.empty()) {
        beginRemoveRows({}, 0, int(m_functions.size()) - 1);
        m_functions.clear();
        m_marks.clear();
        endRemoveRows();
    }
    if (functions.empty())
        return;
    beginInsertRows({}, 0, int(functions.size()) - 1);
    m_functions = std::move(functions);
    m_marks.resize(m_functions.size());
    endInsertRows();
    mark();
}

void ToolFunctionModel::setApproved(std::optional<std::vector<ToolFunction>> approved, int revision)
{
    m_approved = std::move(approved);
    m_revision = revision;
    mark();
}

void ToolFunctionModel::setServer(const QStringList &changed, const QStringList &removed)
{
    m_serverChanged = changed;
    m_serverRemoved = removed;
    mark();
}

void ToolFunctionModel::mark()
{
    QHash<QString, const ToolFunction *> before;
    if (m_approved) {
        for (const ToolFunction &function : *m_approved)
            before.insert(function.name, &function);
    }
    m_marks.assign(m_functions.size(), {});
    for (size_t i = 0; i < m_functions.size(); ++i) {
        const ToolFunction &function = m_functions[i];
        if (m_serverRemoved.contains(function.name)) {
            m_marks[i] = {Mark::Removed, tr("The server no longer offers it.")};
        } else if (m_serverChanged.contains(function.name)) {
            m_marks[i] = {Mark::Changed, tr("The server describes it differently now than when it was approved; calls ask again until you approve it.")};
        } else if (m_approved) {
            const ToolFunction *old = before.value(function.name);
            if (!old)
                m_marks[i] = {Mark::Added, tr("New since revision %1.").arg(m_revision)};
            else if (old->fingerprint() != function.fingerprint())
                m_marks[i] = {Mark::Changed, tr("Its description or schema changed since revision %1; committing approves it.").arg(m_revision)};
        }
    }
    if (!m_functions.empty())
        Q_EMIT dataChanged(index(0), index(int(m_functions.size()) - 1));
}

int ToolFunctionModel::enabledCount() const
{
    return int(std::count_if(m_functions.begin(), m_functions.end(), [](const ToolFunction &one) { return one.enabled; }));
}

int ToolFunctionModel::markedCount() const
{
    return int(std::count_if(m_marks.begin(), m_marks.end(), [](const Marked &one) { return one.mark != Mark::None; }));
}

int ToolFunctionModel::rowOf(const QString &name) const
{
    const auto found = std::find_if(m_functions.begin(), m_functions.end(), [&](const ToolFunction &one) { return one.name == name; });
    return found == m_functions.end() ? -1 : int(found - m_functions.begin());
}

int ToolFunctionModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_functions.size());
}

QVariant ToolFunctionModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || size_t(index.row()) >= m_functions.size())
        return {};
    const ToolFunction &function = m_functions[size_t(index.row())];
    const Marked &marked = m_marks[size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return function.name;
    case Qt::CheckStateRole:
        return function.enabled ? Qt::Checked : Qt::Unchecked;
    case Qt::ToolTipRole:
        return !marked.text.isEmpty() ? marked.text : function.enabled ? function.description.left(600) : tr("Switched off: no agent gets it.");
    case Qt::AccessibleTextRole:
        return QStringLiteral("%1, %2. %3 %4").arg(function.name, function.enabled ? tr("on") : tr("off"), marked.text, function.description.left(200));
    case DescriptionRole:
        return function.description;
    case TitleRole:
        return function.title;
    case OwnPolicyRole:
        return !function.policy.isEmpty();
    case MarkRole:
        return int(marked.mark);
    case MarkTextRole:
        return marked.text;
    case SearchRole:
        return QStringLiteral("%1 %2 %3").arg(function.name, function.title, function.description.left(2000));
    default:
        return {};
    }
}

bool ToolFunctionModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (!index.isValid() || role != Qt::CheckStateRole)
        return false;
    Q_EMIT switched(index.row(), value.toInt() == Qt::Checked);
    return true;
}

Qt::ItemFlags ToolFunctionModel::flags(const QModelIndex &index) const
{
    return index.isValid() ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable : Qt::NoItemFlags;
}

} // namespace lathe
