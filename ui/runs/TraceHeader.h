// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QHBoxLayout;

namespace lathe {

class Button;
class ElidedLabel;
class InlineMessage;
class LinkLabel;
class RatingBar;
class StatusDot;
class Label;

// What a run was: agent and revisions as links, state, numbers; replay, resume, stop, copy; the rating of the whole.
class TraceHeader : public QWidget
{
    Q_OBJECT
public:
    TraceHeader(Session *session, Theme *theme, RunId run, QWidget *parent = nullptr);
    // Reads what the file knows of the run; `trace` has the live numbers.
    void refresh(const Trace &trace);
    void tick(const Trace &trace); // numbers only
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

private:
    void showRevisions(const RunInfo &info);
    void addLink(ArtifactKind kind, const QString &reference);
    Session *m_session;
    Theme *m_theme;
    RunId m_run;
    RunInfo m_info;
    StatusDot *m_dot;
    LinkLabel *m_agent;
    Label *m_status;
    ElidedLabel *m_numbers;
    QWidget *m_links;
    QHBoxLayout *m_linksLayout;
    Button *m_replay;
    Button *m_resume;
    Button *m_stop;
    InlineMessage *m_message;
    RatingBar *m_rating;
};

} // namespace lathe
