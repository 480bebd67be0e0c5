// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/SessionTypes.h"
#include "ui/widgets/Card.h"

class QLineEdit;

namespace lathe {

class Button;

// A question of a run to a person: choices as buttons, else a field. Also what to do with a call that may have taken effect.
class QuestionCard : public Card
{
    Q_OBJECT
public:
    QuestionCard(Theme *theme, const PendingQuestion &pending, QWidget *parent = nullptr);

Q_SIGNALS:
    void answered(const lathe::HumanAnswer &answer);

private:
    void send(const QString &text);
    QLineEdit *m_field = nullptr;
    bool m_sent = false;
};

} // namespace lathe
