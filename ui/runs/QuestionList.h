// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QHash>
#include <QWidget>

#include <functional>

class QVBoxLayout;

namespace lathe {

class ApprovalCard;
class Label;

// The card of a question, whatever its type; `answered` is called once. The card is shown by whoever puts it into a layout.
QWidget *makeQuestionCard(Theme *theme, const PendingQuestion &pending, QWidget *parent, std::function<void(const HumanAnswer &)> answered);

// The open questions of one run, as cards; answers go to the session. Of several calls that wait for approval one is unfolded; when it is
// answered, the next one is. Takes no room while there is none.
class QuestionList : public QWidget
{
    Q_OBJECT
public:
    QuestionList(Session *session, Theme *theme, QWidget *parent = nullptr);
    void setRun(RunId run);
    int count() const { return int(m_cards.size()); }
    void setTabAnchor(QWidget *before) { m_anchor = before; } // Tab goes from there to the questions; must live as long as this

Q_SIGNALS:
    void asked(); // a new question stands here
    void changed(); // one came or went
    void left();    // the last one went with the focus in it, which has no place now

private:
    void refresh();
    static bool hasKeyboard(const QWidget *card);
    void unfold(ApprovalCard *card); // null: the first that waits, if none is unfolded
    Session *m_session;
    Theme *m_theme;
    QVBoxLayout *m_layout;
    Label *m_title; // "3 calls wait for you"
    QWidget *m_anchor = nullptr;
    bool m_handsOn = false; // the last question was answered with the focus in it: the next one gets it
    RunId m_run;
    QHash<QString, QWidget *> m_cards; // by step
    QList<ApprovalCard *> m_approvals; // those of the cards, in the order they were asked
};

} // namespace lathe
