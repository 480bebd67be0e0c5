// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

class Button;
class Chip;
class ElidedLabel;
class IconButton;
class InlineMessage;
class LinkLabel;
class RatingBar;
class RevisionRow;
class StatusDot;
class StepTreeModel;
class Label;

// What a run was: agent and revisions as links, where it was recorded, what it was forked from, state, numbers; replay, resume, stop, fork,
// compare, export, copy, pin; the rating of the whole.
class TraceHeader : public QWidget
{
    Q_OBJECT
public:
    TraceHeader(Session *session, Theme *theme, RunId run, QWidget *parent = nullptr);
    ~TraceHeader() override;
    // Reads what the file knows of the run; the model has the live numbers.
    void refresh(const StepTreeModel &model);
    void tick(const StepTreeModel &model); // numbers only
    void setPast(qint64 nowUs) { m_pastUs = nowUs; } // counts to then instead of to the present; 0: to the present
    const RunInfo &info() const { return m_info; }
    void setReplaying(bool replaying);
    void showProof(const ReplayReport &report);
    void showError(const Error &error);
    void showNotice(const QString &text);
    RatingBar *rating() const { return m_rating; }

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void replayRequested();
    void resumeRequested();
    void stopRequested();
    void copyRequested(bool asJson);
    void forkRequested();
    void exportRequested();
    void statusMessage(const QString &text);

private:
    void showRevisions(const RunInfo &info);
    void showOrigin();
    void pin(bool on);
    void fillCompare(); // with which runs it can be compared
    Session *m_session;
    Theme *m_theme;
    RunId m_run;
    RunInfo m_info;
    StatusDot *m_dot;
    LinkLabel *m_agent;
    Label *m_status;
    ElidedLabel *m_numbers;
    RevisionRow *m_links;
    Chip *m_source;
    LinkLabel *m_forkOf;
    IconButton *m_pin;
    Button *m_fork;
    Button *m_compare;
    Button *m_replay;
    Button *m_resume;
    Button *m_stop;
    InlineMessage *m_message;
    RatingBar *m_rating;
    CancelSource m_cancel;
    bool m_originShown = false;
    qint64 m_pastUs = 0;
};

} // namespace lathe
