// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "ui/itemmodels/StepTreeModel.h"
#include "ui/theme/Theme.h"

#include <QPersistentModelIndex>
#include <QTimer>
#include <QWidget>

class QTreeView;

namespace lathe {

class Label;
class SearchField;
class StepTreeDelegate;

// The steps of a run as a tree with a waterfall, filtered as one types. J and K go to the next and previous step.
class StepTreeView : public QWidget
{
    Q_OBJECT
public:
    StepTreeView(Theme *theme, StepTreeModel *model, const Clock *clock, QWidget *parent = nullptr);
    QTreeView *view() const { return m_view; }
    SearchField *field() const { return m_field; }
    QString currentStep() const;
    void select(const QString &path);
    void setLive(bool live); // the time axis grows
    // Column widths, to be remembered.
    QList<int> columns() const;
    void setColumns(const QList<int> &widths);
    void move(int rows); // among the rows that are shown

Q_SIGNALS:
    void currentChanged(const QString &path, bool byPerson);
    void columnsChanged();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    bool filterBranch(const QModelIndex &parent, const QStringList &words);
    void setFilter(const QString &text);
    void onInserted(const QModelIndex &parent, int first, int last);
    bool matches(const QModelIndex &index, const QStringList &words) const;
    StepTreeModel *m_model;
    const Clock *m_clock;
    SearchField *m_field;
    Label *m_status;
    QTreeView *m_view;
    StepTreeDelegate *m_delegate;
    QTimer m_grow;
    QStringList m_words;
    int m_found = 0;
    bool m_selecting = false; // by us, not by the person
};

} // namespace lathe
