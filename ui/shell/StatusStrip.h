// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

#include <QTimer>
#include <QWidget>

namespace lathe {

class BusyBar;
class Label;
class LinkLabel;
class Theme;

// The bottom line: runs under way, tokens and money of today, whether all is saved, short messages.
class StatusStrip : public QWidget
{
    Q_OBJECT
public:
    StatusStrip(Session *session, Theme *theme, QWidget *parent = nullptr);
    void showMessage(const QString &text); // for six seconds
    void setSaved(bool saved);
    void setConsents(int count); // how many questions of MCP servers wait
    void setSourceHint(const QString &text); // what listens: "OTLP 4318, 12 spans/s"; empty: nothing

Q_SIGNALS:
    void sourcesRequested();
    void consentsRequested();
    void waitingRequested(); // a run waits for an answer

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void refresh();
    void refreshSoon(); // many runs may end within a moment
    Session *m_session;
    Theme *m_theme;
    Label *m_running;
    Label *m_tokens;
    Label *m_cost;
    Label *m_message;
    Label *m_saved;
    LinkLabel *m_waiting;
    LinkLabel *m_sources;
    LinkLabel *m_consents;
    BusyBar *m_busy;
    QTimer m_tick; // while runs are under way
    QTimer m_soon;
    QTimer m_midnight;
    QTimer m_clear;
};

} // namespace lathe
