// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/SessionTypes.h"
#include "ui/widgets/Card.h"

class QLineEdit;

namespace lathe {

class ArgumentsView;
class Button;
class CodeEditor;
class ProblemLine;

// "May the agent make this call?" with the exact arguments: approve, change them first, or deny and say why.
class ApprovalCard : public Card
{
    Q_OBJECT
public:
    ApprovalCard(Theme *theme, const PendingQuestion &pending, QWidget *parent = nullptr);

Q_SIGNALS:
    void answered(const lathe::HumanAnswer &answer);

private:
    void approve();
    void edit();
    void deny();
    void send(const HumanAnswer &answer);
    Theme *m_theme;
    QJsonObject m_arguments;
    ArgumentsView *m_call;
    CodeEditor *m_editor = nullptr;
    ProblemLine *m_problem;
    QLineEdit *m_reason;
    Button *m_approve;
    Button *m_edit;
    Button *m_deny;
    bool m_sent = false;
};

} // namespace lathe
