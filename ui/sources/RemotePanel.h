// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Card.h"

class QLineEdit;
class QVBoxLayout;

namespace lathe {

class Button;
class InlineMessage;
class Label;
class SourceHub;
class StatusDot;

// Attaches to another Lathe and shows its runs: those under way come in by themselves, ended ones on request.
class RemotePanel : public Card
{
    Q_OBJECT
public:
    RemotePanel(SourceHub *hub, Theme *theme, QWidget *parent = nullptr);
    void focusAddress();

Q_SIGNALS:
    void openRequested(const lathe::Location &location);

private:
    void connectOrNot();
    void refresh();
    void rebuildRuns();
    SourceHub *m_hub;
    Theme *m_theme;
    QLineEdit *m_url;
    QLineEdit *m_token;
    Button *m_switch;
    StatusDot *m_dot;
    Label *m_state;
    InlineMessage *m_problem;
    QWidget *m_runs;
    QVBoxLayout *m_runsLayout;
    QString m_shown; // what the list was made of
};

// Streams this project's runs to watchers.
class PublishPanel : public Card
{
    Q_OBJECT
public:
    PublishPanel(SourceHub *hub, Theme *theme, QWidget *parent = nullptr);

Q_SIGNALS:
    void statusMessage(const QString &text);

private:
    void refresh();
    SourceHub *m_hub;
    Button *m_switch;
    StatusDot *m_dot;
    Label *m_state;
    QLineEdit *m_url;
    Button *m_copy;
    QWidget *m_urlRow;
    InlineMessage *m_problem;
};

} // namespace lathe
