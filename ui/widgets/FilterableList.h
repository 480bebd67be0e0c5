// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QListView>
#include <QWidget>

class QSortFilterProxyModel;

namespace lathe {

class Label;
class SearchField;

// A list that filters as you type. Typing anywhere in it goes to the field, arrows move the
// selection, Enter activates. All words of the query must occur in the row's text, in any order and
// case.
class FilterableList : public QWidget
{
    Q_OBJECT
public:
    FilterableList(Theme *theme, const QString &placeholder, QWidget *parent = nullptr);
    void setModel(QAbstractItemModel *model);
    // The role that is searched; DisplayRole by default.
    void setFilterRole(int role);
    void setEmptyText(const QString &text);
    SearchField *field() const { return m_field; }
    QListView *view() const { return m_view; }
    // In the source model.
    QModelIndex currentIndex() const;
    void setCurrentIndex(const QModelIndex &source);

Q_SIGNALS:
    void currentChanged(const QModelIndex &source);
    void activated(const QModelIndex &source);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void setQuery(const QString &query);
    void move(int rows);
    void updateEmpty();

    SearchField *m_field;
    QListView *m_view;
    QSortFilterProxyModel *m_proxy;
    Label *m_empty;
};

} // namespace lathe
