// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

class QMenu;
class QTreeView;

namespace lathe {

class BusyBar;
class EmptyState;
class ProblemLine;
class RunListModel;
class SearchField;
class SectionHeader;

// The run log: every run of the project, newest first, found by agent, status and words.
class RunListView : public QWidget
{
    Q_OBJECT
public:
    RunListView(Session *session, Theme *theme, QWidget *parent);
    ~RunListView() override;
    void setQuery(const QString &query);
    QTreeView *view() const { return m_view; }

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void applyQuery(const QString &query);
    void showState();
    void restoreColumns();
    void spreadColumns(); // until the person sets widths: texts take what is left
    void saveColumns();
    void open(const QModelIndex &index);
    void showMenu(const QPoint &pos);
    void addDatasetMenu(QMenu *menu); // of the selected runs
    void replay(RunId run);
    void resume(RunId run);
    void copyRow();
    Session *m_session;
    Theme *m_theme;
    RunListModel *m_model;
    SectionHeader *m_header;
    SearchField *m_field;
    ProblemLine *m_problem;
    BusyBar *m_busy;
    QTreeView *m_view;
    EmptyState *m_empty;
    bool m_spread = true;
    bool m_spreading = false;
    QTimer m_columns; // widths are kept once dragging rests
    CancelSource m_cancel;
};

} // namespace lathe
