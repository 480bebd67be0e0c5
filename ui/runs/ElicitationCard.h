// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/SessionTypes.h"
#include "ui/widgets/Card.h"

namespace lathe {

class Button;
class ValuesForm;

// An MCP server wants values from the person: its message, a form made of its schema with the defaults filled in, and Send, Decline or
// Cancel. What is typed goes to that server, which the card says.
class ElicitationCard : public Card
{
    Q_OBJECT
public:
    ElicitationCard(Theme *theme, const PendingQuestion &pending, QWidget *parent = nullptr);

Q_SIGNALS:
    void answered(const lathe::HumanAnswer &answer);

private:
    void accept();
    void refuse(const QString &how); // "decline" or "cancel"
    void finish(const HumanAnswer &answer);
    ValuesForm *m_form;
    bool m_sent = false;
};

} // namespace lathe
