// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

class QBoxLayout;
class QMenu;

namespace lathe {

class AnswerPanel;
class BusyBar;
class ElidedLabel;
class EmptyState;
class InlineMessage;
class Label;
class LinkLabel;
class QuestionList;
class RunConversation;
class RunInputBox;
class StatusDot;

// The run panel beside an agent's editor: give an input, run the draft, watch it work, answer its questions, judge it.
class RunDrawer : public QWidget
{
    Q_OBJECT
public:
    RunDrawer(Session *session, Theme *theme, QWidget *parent);
    void setAgent(ArtifactId agent); // or team
    void setWide(bool wide);         // what is given beside what comes, for a low place under a canvas
    void run();  // runs the draft on what the input box holds
    void stop(); // the run under way, if any
    RunId currentRun() const { return m_run; }

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    struct Recent {
        RunId run;
        QString text;
    };
    void refreshAgent();
    void refreshRecent();
    void fillMenu(QMenu *menu);
    void useInput(const QString &text, const QJsonObject &variables);
    void useExample(const QJsonValue &example);
    void showState();
    void showTotals();
    void begin(RunId run);
    void ended(RunId run);
    void showEnd(Trace trace);
    void failedToStart(const Error &error);
    const Trace *trace() const;
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_agent;
    QString m_agentName;
    RunId m_run;
    Trace m_ended;          // of m_run, once it is over
    bool m_answered = false; // the last question went with the focus in it
    bool m_starting = false;
    bool m_stopWhenStarted = false;
    std::vector<Recent> m_recent;
    QBoxLayout *m_halves;
    QWidget *m_giving; // input, totals
    Label *m_reference;
    RunInputBox *m_input;
    BusyBar *m_busy;
    QWidget *m_totals;
    StatusDot *m_dot;
    ElidedLabel *m_totalsText;
    LinkLabel *m_traceLink;
    InlineMessage *m_startError;
    RunConversation *m_conversation;
    QuestionList *m_questions;
    AnswerPanel *m_answer;
    EmptyState *m_empty;
    QTimer m_tick;    // the running time
    QTimer m_refresh; // the agent's draft changed
};

} // namespace lathe
