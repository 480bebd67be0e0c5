// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/ChoiceModel.h"

#include "ui/widgets/RowDelegate.h"

#include <algorithm>

namespace lathe {

void ChoiceModel::append(const std::vector<Choice> &choices)
{
    std::vector<Choice> fresh;
    const auto known = [](const std::vector<Choice> &in, const QString &value) {
        return std::any_of(in.begin(), in.end(),
                           [&](const Choice &choice) { return choice.value == value; });
    };
    for (const Choice &choice : choices) {
        if (!known(m_choices, choice.value) && !known(fresh, choice.value))
            fresh.push_back(choice);
    }
    if (fresh.empty())
        return;
    const int first = rowCount();
    beginInsertRows({}, first, first + int(fresh.size()) - 1);
    m_choices.insert(m_choices.end(), fresh.begin(), fresh.end());
    endInsertRows();
}

void ChoiceModel::setOwn(const Choice &own)
{
    if (own == m_own)
        return;
    const bool had = !m_own.value.isEmpty();
    const bool has = !own.value.isEmpty();
    if (had && !has) {
        beginRemoveRows({}, 0, 0);
        m_own = own;
        endRemoveRows();
    } else if (!had && has) {
        beginInsertRows({}, 0, 0);
        m_own = own;
        endInsertRows();
    } else {
        m_own = own;
        if (has)
            Q_EMIT dataChanged(index(0), index(0));
    }
}

int ChoiceModel::rowOf(const QString &value) const
{
    for (int row = 0; row < rowCount(); ++row) {
        if (at(row).value == value)
            return row;
    }
    return -1;
}

bool ChoiceModel::has(const QString &value) const
{
    return std::any_of(m_choices.begin(), m_choices.end(),
                       [&](const Choice &choice) { return choice.value == value; });
}

int ChoiceModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_choices.size()) + (m_own.value.isEmpty() ? 0 : 1);
}

QVariant ChoiceModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const Choice &choice = at(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
        return choice.text;
    case ValueRole:
        return choice.value;
    case SearchRole:
        return QStringList{choice.text, choice.trailing, choice.search}.join(QLatin1Char(' '));
    case rowrole::Icon:
        return choice.icon;
    case rowrole::Trailing:
        return choice.trailing;
    default:
        return {};
    }
}

} // namespace lathe
