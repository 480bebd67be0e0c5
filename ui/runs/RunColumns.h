// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

#include <QTimer>

class QMenu;
class QTreeView;

namespace lathe {

// The columns of the run log: which are shown, in what order, how wide; remembered in the project. Until a person sets widths, the texts
// take what is left.
class RunColumns : public QObject
{
    Q_OBJECT
public:
    RunColumns(Session *session, QTreeView *view); // the view has its model; it owns this
    void keep(); // now, what still waits; before the view goes
    bool isShown(int column) const;
    void setShown(int column, bool shown);
    void reset();
    void fillMenu(QMenu *menu);
    QList<int> shown() const; // as they stand, from left to right

Q_SIGNALS:
    void changed(); // shown or moved

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void restore();
    void spread();
    void save();
    Session *m_session;
    QTreeView *m_view;
    bool m_spread = true;
    bool m_busy = false; // resizing by itself
    QTimer m_save;       // once dragging rests
};

} // namespace lathe
