// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>

#include <vector>

namespace lathe {

// Something to choose from a list.
struct Choice {
    QString value; // handed back
    QString text;
    QString icon;
    QString trailing; // quiet, at the right: "draft", "production"
    QString search;   // more words to be found by
    bool operator==(const Choice &) const = default;
};

// Choices that may arrive bit by bit; above them the person's own text when it may be one.
class ChoiceModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role { ValueRole = Qt::UserRole, SearchRole };
    using QAbstractListModel::QAbstractListModel;
    void append(const std::vector<Choice> &choices); // values that are there already are left out
    // Shows `own` in the first row, an empty value removes it.
    void setOwn(const Choice &own);
    int rowOf(const QString &value) const;
    bool has(const QString &value) const; // besides the own one

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    const Choice &at(int row) const
    {
        return m_own.value.isEmpty() ? m_choices[size_t(row)]
               : row == 0            ? m_own
                                     : m_choices[size_t(row) - 1];
    }
    std::vector<Choice> m_choices;
    Choice m_own;
};

} // namespace lathe
