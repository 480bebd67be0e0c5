// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

class QScrollArea;

namespace lathe {

class AnswerPanel;
class BusyBar;
class EmptyState;
class HeaderedSplitter;
class QuestionList;
class StepDetail;
class StepTreeModel;
class StepTreeView;
class TraceHeader;

// One run from the first to the last step: tree and waterfall left, the chosen step right. Follows a live run until the
// person chooses a step.
class TraceView : public QWidget
{
    Q_OBJECT
public:
    TraceView(Session *session, Theme *theme, RunId run, QWidget *parent);
    ~TraceView() override;
    void selectStep(const QString &path);
    StepTreeModel *model() const { return m_model; }

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override; // what no child took: Ctrl+F

private:
    void load();
    void setTrace(Trace trace);
    void onEvents(const std::vector<RunEvent> &events);
    void onEnded();
    void showStep(const QString &path);
    void follow(const std::vector<RunEvent> &events);
    void setLive(bool live);
    void replay();
    void resume();
    void copy(bool asJson);
    void rememberSizes();
    Session *m_session;
    Theme *m_theme;
    RunId m_run;
    StepTreeModel *m_model;
    TraceHeader *m_header;
    BusyBar *m_busy;
    HeaderedSplitter *m_splitter;
    StepTreeView *m_tree;
    QWidget *m_right;
    QScrollArea *m_asks; // long calls scroll by themselves
    QuestionList *m_questions;
    StepDetail *m_detail;
    EmptyState *m_failed;
    QTimer m_tick;
    QTimer m_show;    // details at most once a frame
    QTimer m_columns; // widths are kept once dragging rests
    CancelSource m_cancel;
    QString m_wanted; // to select once it is there
    bool m_synced = false;  // the model holds all that was signalled so far
    bool m_live = false;
    bool m_follow = true;
};

} // namespace lathe
