// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"

#include "core/base/Task.h"
#include "core/session/Session.h"
#include "ui/runs/TraceBar.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

class QAction;
class QScrollArea;
class QStackedWidget;

namespace lathe {

class BusyBar;
class EmptyState;
class FlameSource;
class FlameView;
class HeaderedSplitter;
class LineageView;
class QuestionList;
class ReplayResult;
class StepDetail;
class StepTreeModel;
class StepTreeView;
class TimeAxisStrip;
class TimeTravelBar;
class TraceCostsPanel;
class TraceFilter;
class TraceHeader;
class TraceInsights;
class TraceLoader;

// One run from the first to the last step: as a tree with a waterfall, a waterfall over the whole width, or a flame graph, on one time axis,
// with the chosen step beside or below. Follows a live run until the person chooses a step.
// Keys: 1 2 3 the pictures, arrows and J K the choice, W S A D + - zoom and move, F fits the step, 0 all, C critical path, M costs,
// T time travel, F3 next hit, Ctrl+F filter.
class TraceView : public QWidget
{
    Q_OBJECT
public:
    TraceView(Session *session, Theme *theme, RunId run, QWidget *parent);
    ~TraceView() override;
    void selectStep(const QString &path);
    StepTreeModel *model() const { return m_model; }
    FlameSource *source() const { return m_source; }
    // What its buttons do, for the command palette.
    QList<QAction *> commands();

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override; // what no child took
    void resizeEvent(QResizeEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void construct();
    void connectParts();
    void connectSession();
    void load();
    void setTrace(Trace trace);
    void onLoaded();
    void chooseFirst();
    void onEvents(const std::vector<RunEvent> &events);
    void applyPending();
    void onEnded();
    void showStep(const QString &path, bool byPerson);
    void setCurrentRow(int row); // in all pictures
    void follow(const std::vector<RunEvent> &events);
    void setLive(bool live);
    void setMode(TraceBar::Mode mode);
    void rememberSizes();
    void keepSizes();
    // TraceViewActions.cpp
    bool handleKey(QKeyEvent *event);
    void nextHit(int direction);
    void showFilter();
    void updateLit();
    void fitStep();
    void replay();
    void resume();
    void copy(bool asJson);
    void fork(const QString &step);
    void setTravelling(bool on);
    Task<> beginTravel(std::shared_ptr<const Trace> trace);
    void travelTo(int position);
    void setPast(qint64 nowUs);
    void withTrace(std::function<void(const Trace &)> use); // with bodies; read when they are not here
    Session *m_session;
    Theme *m_theme;
    RunId m_run;
    StepTreeModel *m_model;
    TraceLoader *m_loader;
    FlameSource *m_source;
    TraceFilter *m_filter;
    TraceInsights *m_insights;
    TraceHeader *m_header;
    BusyBar *m_busy;
    ReplayResult *m_proof;
    LineageView *m_lineage;
    TraceBar *m_bar;
    TimeTravelBar *m_travel;
    TraceCostsPanel *m_costs;
    TimeAxisStrip *m_strip;
    HeaderedSplitter *m_splitter;
    QStackedWidget *m_pictures;
    StepTreeView *m_tree;
    FlameView *m_flame;
    QWidget *m_right;
    QScrollArea *m_asks; // long calls scroll by themselves
    QuestionList *m_questions;
    StepDetail *m_detail;
    EmptyState *m_failed;
    QTimer m_tick;
    QTimer m_show;    // details at most once a frame
    QTimer m_columns; // widths are kept once dragging rests
    QTimer m_apply;   // of large live runs events are taken in larger batches
    std::vector<RunEvent> m_pending;
    CancelSource m_cancel;
    QList<QAction *> m_commands;
    QString m_wanted; // to select once it is there
    std::optional<Trace> m_whole; // while one travels: the run as it is
    bool m_wasShown = false;
    int m_travelledTo = -1;       // the event up to which the model shows it
    bool m_synced = false;  // the model holds all that was signalled so far
    bool m_live = false;
    bool m_follow = true;
};

} // namespace lathe
