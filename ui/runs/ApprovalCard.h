// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/AnswerCard.h"

class QLineEdit;
class QStackedWidget;

namespace lathe {

class Button;
class CallView;
class CodeEditor;
class ElidedLabel;
class Label;
class LinkLabel;
class ProblemLine;
class ValuesForm;

// "May the agent make this call?" with the exact call, what it does to the world, why it is asked and what the agent said: approve, change
// the arguments first (form or JSON, checked against the schema as one types), deny and say why, or approve all further calls of the tool in
// this run. Keys while the focus is inside: Ctrl+Return approves, Ctrl+E edits, Ctrl+Backspace denies, Escape takes back what was begun. Folded, it is one line without an
// Approve button: nobody approves what is not shown.
class ApprovalCard : public AnswerCard
{
    Q_OBJECT
public:
    ApprovalCard(Theme *theme, const PendingQuestion &pending, QWidget *parent = nullptr);
    void setFolded(bool folded);
    bool isFolded() const { return m_folded; }

Q_SIGNALS:
    void unfoldRequested();

protected:
    void mousePressEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void buildTop(const PendingQuestion &pending);
    void buildButtons();
    void approve(bool forRun);
    void edit();
    void endEdit();
    void editAsJson(bool json);
    std::optional<QJsonObject> edited(bool tell); // nothing: it does not fit
    void deny();
    void askReason(bool ask); // the buttons are those of a refusal, or those of the question
    HumanQuestion m_question;
    ElidedLabel *m_line = nullptr; // of the folded card
    QWidget *m_content = nullptr;  // all below the title
    Label *m_callTitle = nullptr;
    CallView *m_call = nullptr;
    QWidget *m_editing = nullptr;  // while the arguments are edited
    QStackedWidget *m_editPages = nullptr;
    ValuesForm *m_form = nullptr;  // null: the schema gives no form
    CodeEditor *m_editor = nullptr;
    LinkLabel *m_switch = nullptr; // form or JSON
    TextBlock *m_preview = nullptr; // of the edited call
    ProblemLine *m_problem = nullptr;
    QLineEdit *m_reason = nullptr;
    Button *m_approve = nullptr;
    Button *m_always = nullptr;
    Button *m_edit = nullptr;
    Button *m_deny = nullptr;
    Button *m_back = nullptr; // of a refusal that is not sent yet
    bool m_folded = false;
};

} // namespace lathe
