// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"

#include "core/session/Session.h"
#include "ui/runs/RunMarks.h"
#include "ui/runs/RunViews.h"
#include "ui/theme/Theme.h"

#include <QAction>
#include <QPointer>
#include <QWidget>

class QMenu;
class QTreeView;

namespace lathe {

class BusyBar;
class Button;
class EmptyState;
class RunBulkBar;
class RunColumns;
class RunListDelegate;
class RunListModel;
class RunPickButton;
class RunQueryBar;
class RunTable;
class SectionHeader;
class Toast;
class ToastHost;

// The run log: every run of the project, found by a query, sorted by any column, grouped with sums, kept as views; several at once are
// compared, rated, tagged, pinned, made examples of, exported or put into the bin.
class RunListView : public QWidget
{
    Q_OBJECT
public:
    RunListView(Session *session, Theme *theme, QWidget *parent);
    ~RunListView() override;
    void setQuery(const QString &query); // of all runs: the bin is left
    void setView(const RunView &view);
    void setSort(RunSort sort, bool ascending);
    void setGrouping(RunGrouping grouping);
    QTreeView *view() const;
    RunListModel *model() const { return m_model; }
    QList<QAction *> commands() const { return m_commands; } // for the command palette

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QAction *addCommand(const QString &id, const QString &text, const QString &shortText, const QString &icon, const QList<QKeySequence> &keys,
                        std::function<void()> run, bool inTable = true);
    void makeCommands();
    void makeTop();
    void applyState(); // the model, the pickers and the arrow follow m_state
    void showViewName();
    void restoreState();
    void saveState();
    void showState();
    void showSelection();
    void showHint();
    void explainEmpty();
    void headerClicked(int column);
    void open(const QModelIndex &index);
    std::vector<RunId> selected() const; // else the current one
    QWidget *anchorOf(QAction *action) const; // where its popover opens
    void compare();
    void copyRows();
    void tag();
    void exportRuns();
    void deleteForGood(bool all); // asks first
    void showDatasets();
    void showViews();
    void showGroupings();
    void showMenu(const QPoint &pos);
    void addTermMenu(QMenu *menu, const QModelIndex &index);
    void addDatasets(QMenu *menu, const std::vector<RunId> &runs);
    void replay(RunId run);
    void resume(RunId run);
    void said(const QString &sentence, const RunMarks::Undo &undo);
    void undo();
    Session *m_session;
    Theme *m_theme;
    RunListModel *m_model;
    RunMarks *m_marks;
    SectionHeader *m_header;
    RunQueryBar *m_bar;
    RunPickButton *m_views;
    RunPickButton *m_groupings;
    BusyBar *m_busy;
    RunTable *m_table;
    RunListDelegate *m_delegate;
    RunColumns *m_columns;
    Button *m_hint; // "12 new runs", over the table
    EmptyState *m_empty;
    RunBulkBar *m_bulk;
    ToastHost *m_toasts;
    SavedView m_state;
    bool m_bin = false;
    QString m_withoutPart; // what the empty screen's button asks for
    bool m_explained = false;
    RunMarks::Undo m_undo; // of the newest
    int m_undoNumber = 0;
    QPointer<Toast> m_undoToast;
    QList<QAction *> m_commands;
    QHash<QString, QAction *> m_actions;
    CancelSource m_cancel;        // of a replay
    CancelSource m_explainCancel;
};

} // namespace lathe
