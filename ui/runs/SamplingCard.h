// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/AnswerCard.h"

namespace lathe {

// A server wants a model to answer: everything that would be sent, on the person's account, before it is.
class SamplingCard : public AnswerCard
{
    Q_OBJECT
public:
    SamplingCard(Theme *theme, const PendingQuestion &pending, QWidget *parent = nullptr);

};

} // namespace lathe
