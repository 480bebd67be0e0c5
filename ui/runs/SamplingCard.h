// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/SessionTypes.h"
#include "ui/widgets/Card.h"

namespace lathe {

// A server wants a model to answer: everything that would be sent, on the person's account, before it is.
class SamplingCard : public Card
{
    Q_OBJECT
public:
    SamplingCard(Theme *theme, const PendingQuestion &pending, QWidget *parent = nullptr);

Q_SIGNALS:
    void answered(const lathe::HumanAnswer &answer);

private:
    void finish(bool approved, const QString &text);
    bool m_sent = false;
};

} // namespace lathe
