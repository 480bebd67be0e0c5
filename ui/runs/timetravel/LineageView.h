// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

class QTreeView;

namespace lathe {

class LineageModel;
class SectionHeader;

// The forks of a run as a tree: the original on top, its forks indented below with the step where they part and what was changed,
// state, tokens and cost. A click (or Enter) opens; the run shown is marked. Hidden while the run has no relatives (see hasForks()).
class LineageView : public QWidget
{
    Q_OBJECT
public:
    LineageView(Session *session, Theme *theme, RunId run, QWidget *parent = nullptr);
    ~LineageView() override;
    bool hasForks() const;
    void refresh(); // by itself when a run of the project begins or ends

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void compareRequested(std::vector<lathe::RunId> runs); // a fork with the run it parted from
    void changed();  // hasForks() may be different now

private:
    Session *m_session;
    Theme *m_theme;
    RunId m_run;
    LineageModel *m_model;
    SectionHeader *m_header;
    QTreeView *m_view;
    QTimer m_soon;
};

} // namespace lathe
