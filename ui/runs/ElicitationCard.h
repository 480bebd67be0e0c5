// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/AnswerCard.h"

namespace lathe {

class Button;
class ProblemLine;
class ValuesForm;

// An MCP server wants values from the person: its message, a form made of its schema with the defaults filled in, and Send, Decline or
// Cancel. What is typed goes to that server, which the card says.
class ElicitationCard : public AnswerCard
{
    Q_OBJECT
public:
    ElicitationCard(Theme *theme, const PendingQuestion &pending, QWidget *parent = nullptr);

private:
    void accept();
    ValuesForm *m_form;
    ProblemLine *m_problem = nullptr; // of what keeps it from being sent
};

} // namespace lathe
