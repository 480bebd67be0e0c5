// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QHash>
#include <QWidget>

class QVBoxLayout;

namespace lathe {

// The open questions of one run, as cards; answers go to the session. Takes no room while there is none.
class QuestionList : public QWidget
{
    Q_OBJECT
public:
    QuestionList(Session *session, Theme *theme, QWidget *parent = nullptr);
    void setRun(RunId run);
    int count() const { return int(m_cards.size()); }

Q_SIGNALS:
    void asked(); // a new question stands here
    void changed(); // one came or went

private:
    void refresh();
    Session *m_session;
    Theme *m_theme;
    QVBoxLayout *m_layout;
    RunId m_run;
    QHash<QString, QWidget *> m_cards; // by step
};

} // namespace lathe
