// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/canvas/TeamRunView.h"
#include "ui/itemmodels/Location.h"

#include <QTimer>
#include <QWidget>

class QComboBox;
class QSlider;

namespace lathe {

class ElidedLabel;
class IconButton;
class Label;
class LinkLabel;
class StatusDot;
class Theme;

// Which run of the team is drawn over the canvas, and which moment of it: the newest ones to choose from, several at once while they
// run, a slider over the steps of the shown one. Follows the session; a run that begins is shown unless another is still under way.
class TeamRunBar : public QWidget
{
    Q_OBJECT
public:
    TeamRunBar(Session *session, Theme *theme, ArtifactId team, QWidget *parent = nullptr);
    const TeamRunView *view() const { return m_view; }
    TeamRunView *view() { return m_view; }
    RunId shown() const { return m_shown; } // invalid: none
    void showRun(RunId run);                // an invalid one: none
    void setTeam(const QJsonObject &body) { m_view->setTeam(body); }
    // The run waits at a breakpoint: said in the list.
    void setPaused(const QList<RunId> &runs);

Q_SIGNALS:
    void shownChanged(lathe::RunId run);
    void viewChanged(); // its nodes and edges stand otherwise
    void openRequested(const lathe::Location &location);
    void errorRaised(const lathe::Error &error);

private:
    struct Entry {
        RunId run;
        RunStatus status = RunStatus::Running;
        qint64 startUs = 0;
        qint64 endUs = 0;
        QString input;
    };
    void refresh();
    void fill(const std::vector<RunInfo> &stored);
    void note(RunId run);
    void fillBox();
    void showState();
    QString titleOf(const Entry &entry) const;
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_team;
    TeamRunView *m_view;
    RunId m_shown;
    std::vector<Entry> m_entries; // newest first
    QList<RunId> m_paused;
    bool m_wasOver = true; // the shown one
    StatusDot *m_dot;
    QComboBox *m_box;
    ElidedLabel *m_totals;
    QWidget *m_player;
    IconButton *m_back;
    IconButton *m_next;
    QSlider *m_slider;
    ElidedLabel *m_moment;
    LinkLabel *m_trace;
    Label *m_hint;
    QTimer m_refresh, m_tick;
};

} // namespace lathe
