// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/FlameSource.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QTreeView;

namespace lathe {

class StepTreeDelegate;

// The steps of a run as a tree with a waterfall beside it. J and K go to the next and previous step. Of large runs only the upper levels
// are open at first.
class StepTreeView : public QWidget
{
    Q_OBJECT
public:
    StepTreeView(Theme *theme, FlameSource *source, QWidget *parent = nullptr);
    QTreeView *view() const { return m_view; }
    QString currentStep() const;
    void select(const QString &path); // tells nobody that a person did it
    // Column widths, to be remembered.
    QList<int> columns() const;
    void setColumns(const QList<int> &widths);
    void move(int rows); // among the rows that are shown

Q_SIGNALS:
    void currentChanged(const QString &path, bool byPerson);
    void columnsChanged();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void fitColumns(); // where there is no room for the bars, cost and tokens give way
    bool axisEvent(QEvent *event); // over the waterfall: zoom, move, fit
    void openFirst();
    void onInserted(const QModelIndex &parent, int first, int last);
    StepTreeModel *m_model;
    FlameSource *m_source;
    QTreeView *m_view;
    StepTreeDelegate *m_delegate;
    QList<int> m_widths; // of columns, hidden ones too
    int m_open = 0; // rows opened by themselves
    bool m_selecting = false; // by us, not by the person
};

} // namespace lathe
