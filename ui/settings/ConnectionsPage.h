// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QVBoxLayout;

namespace lathe {

// All connections of the project with how they stand, and the servers found on this machine.
class ConnectionsPage : public QWidget
{
    Q_OBJECT
public:
    ConnectionsPage(Session *session, Theme *theme, QWidget *parent = nullptr);

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

private:
    void rebuild();
    void addConnection(const ArtifactInfo &info);
    void create();
    Session *m_session;
    Theme *m_theme;
    QVBoxLayout *m_rows;
};

} // namespace lathe
