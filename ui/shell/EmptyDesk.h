// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QWidget>

#include <vector>

class QVBoxLayout;

namespace lathe {

class EmptyState;

// What stands where documents stand while none is open: a new agent, the search for everything, and what was closed last.
class EmptyDesk : public QWidget
{
    Q_OBJECT
public:
    struct Recent {
        Location location;
        QString title;
        QString icon;
    };
    explicit EmptyDesk(Theme *theme, QWidget *parent = nullptr);
    void setReadOnly(bool readOnly);
    void setRecent(const std::vector<Recent> &recent);

Q_SIGNALS:
    void newAgentRequested();
    void searchRequested();
    void openRequested(const lathe::Location &location);

private:
    Theme *m_theme;
    EmptyState *m_state;
    QWidget *m_box;
    QVBoxLayout *m_links;
};

} // namespace lathe
