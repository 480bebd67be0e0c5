// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/runs/RunViews.h"
#include "ui/widgets/Popover.h"

class QLineEdit;
class QListView;
class QStandardItemModel;

namespace lathe {

class Button;
class ProblemLine;

// The views of the run log to choose from: those that are always there, then a person's own. What is shown now can be kept under a name;
// F2 renames an own view, Delete deletes it. Deletes itself when closed.
class RunViewPopover : public Popover
{
    Q_OBJECT
public:
    // `now`: what is shown, to be saved; `inBin`: it is the bin, which cannot.
    RunViewPopover(Session *session, Theme *theme, QWidget *anchor, SavedView now, bool inBin);
    QListView *list() const { return m_list; }
    QLineEdit *nameField() const { return m_name; }

Q_SIGNALS:
    void chosen(const lathe::RunView &view); // the popover is closed already
    void saved(const QString &name);
    void deleted(const lathe::SavedView &view); // so that it can be brought back
    void errorRaised(const lathe::Error &error);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    QWidget *firstFocus() const override;

private:
    void fill();
    void choose(const QModelIndex &index);
    void keep();
    void rename(const RunView &view);
    void remove(const RunView &view);
    void showMenu(const QPoint &at);
    void describe();
    Session *m_session;
    SavedView m_now;
    bool m_inBin;
    std::vector<RunView> m_views;
    QStandardItemModel *m_model;
    QListView *m_list;
    QLineEdit *m_name;
    Button *m_save;
    ProblemLine *m_problem;
    QString m_renaming; // the view whose name is being written
    bool m_done = false;
};

} // namespace lathe
