// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/AnswerCard.h"

class QLineEdit;

namespace lathe {

class Button;

// A question of a run to a person: choices as buttons, else a field. Also what to do with a call that may have taken effect.
class QuestionCard : public AnswerCard
{
    Q_OBJECT
public:
    QuestionCard(Theme *theme, const PendingQuestion &pending, QWidget *parent = nullptr);

private:
    QLineEdit *m_field = nullptr;
};

} // namespace lathe
