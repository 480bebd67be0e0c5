// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

class QVBoxLayout;

namespace lathe {

// The agents, teams and other prompts that refer to a prompt, as links.
class UsedBy : public QWidget
{
    Q_OBJECT
public:
    UsedBy(Session *session, Theme *theme, ArtifactId prompt, QWidget *parent = nullptr);

Q_SIGNALS:
    void openRequested(const lathe::Location &location);

private:
    void refresh();
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_prompt;
    QVBoxLayout *m_links;
    QStringList m_shown;
    QTimer m_soon;
};

} // namespace lathe
