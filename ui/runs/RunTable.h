// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Id.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QTreeView>

namespace lathe {

class RunListModel;

// The rows of the run log. Keeps its place and its selection while rows come and go, tells the model what is visible, draws headers of
// groups over the whole row. Rows that came above while one looks further down are counted.
class RunTable : public QTreeView
{
    Q_OBJECT
public:
    RunTable(Theme *theme, RunListModel *model, QWidget *parent);
    std::vector<RunId> selectedRuns() const; // from top to bottom
    RunId currentRun() const;
    void selectRuns(const std::vector<RunId> &runs); // those with a row
    int newAbove() const { return m_newAbove; }
    void keyboardSearch(const QString &) override {} // letters are commands here

public Q_SLOTS:
    void toTop();

Q_SIGNALS:
    void opened(const QModelIndex &index); // a run: Enter or double click
    void newAboveChanged();
    void selectedChanged(); // also when the rows under it changed; once per turn of the loop

protected:
    void drawRow(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    void resizeEvent(QResizeEvent *event) override;
    void selectionChanged(const QItemSelection &selected, const QItemSelection &deselected) override;

private:
    int rowPixels() const;
    void drawGroup(QPainter &painter, const QStyleOptionViewItem &option, int row) const;
    void keepPlace(bool fresh);
    void findPlace(bool fresh);
    void setNewAbove(int count);
    void look();
    Theme *m_theme;
    RunListModel *m_model;
    int m_depth = 0; // of changes
    bool m_atTop = true;
    RunId m_anchor;    // the topmost visible run, its row and pixels above the top edge
    int m_anchorRow = 0;
    int m_anchorPixels = 0;
    std::vector<RunId> m_selected;
    std::vector<RunId> m_late; // selected before a new query, whose rows are still to come
    RunId m_current;
    int m_newAbove = 0;
    QTimer m_look;
    QTimer m_selectedTimer;
};

} // namespace lathe
