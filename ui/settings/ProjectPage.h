// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QGridLayout;

namespace lathe {

class BusyBar;
class Button;
class InlineMessage;
class Label;

// The project file: where, how large, what is in it, and whether it is sound.
class ProjectPage : public QWidget
{
    Q_OBJECT
public:
    ProjectPage(Session *session, Theme *theme, QWidget *parent = nullptr);

Q_SIGNALS:
    void errorRaised(const lathe::Error &error);

protected:
    void showEvent(QShowEvent *event) override;

private:
    void refresh();
    void check(bool repair);
    Label *addFact(const QString &name, const QString &objectName);
    Session *m_session;
    Theme *m_theme;
    QGridLayout *m_facts;
    Label *m_path;
    Label *m_size;
    Label *m_contents;
    Label *m_runs;
    Button *m_check;
    Button *m_compact;
    BusyBar *m_busy;
    InlineMessage *m_result;
    Label *m_findings;
};

} // namespace lathe
