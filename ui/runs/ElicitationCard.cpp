// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/ElicitationCard.h"

#include "ui/runs/TextBlock.h"
#include "ui/runs/ValuesForm.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/ControlReturn.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/ProblemLine.h"

#include <QVBoxLayout>

namespace lathe {

ElicitationCard::ElicitationCard(Theme *theme, const PendingQuestion &pending, QWidget *parent)
    : AnswerCard(theme, pending, QStringLiteral("elicitation-card"), parent), m_form(new ValuesForm(theme, pending.question.schema, this))
{
    const HumanQuestion &question = pending.question;
    const QString who = whoAsks(pending);
    addTitle(tr("The server %1 asks you").arg(who));
    addText(question.text, 2000)->setObjectName(QStringLiteral("elicitation-text"));
    body()->addWidget(m_form);
    m_problem = new ProblemLine(theme, this);
    m_problem->setObjectName(QStringLiteral("elicitation-problem"));
    body()->addWidget(m_problem);
    addHint(tr("What you fill in is sent to the server \u201c%1\u201d. Do not enter passwords or keys.").arg(who));
    auto *send = new PrimaryButton(tr("Send"), this);
    send->setObjectName(QStringLiteral("elicitation-accept"));
    send->setToolTip(withShortcut(tr("Give these values to the server"), QKeySequence(Qt::CTRL | Qt::Key_Return)));
    auto *decline = new Button(tr("Decline"), ButtonRole::Secondary, this);
    decline->setObjectName(QStringLiteral("elicitation-decline"));
    decline->setToolTip(tr("Tell the server that you do not give them"));
    auto *cancel = new Button(tr("Cancel"), ButtonRole::Ghost, this);
    cancel->setObjectName(QStringLiteral("elicitation-cancel"));
    cancel->setToolTip(tr("Leave the question without an answer"));
    addButtons({send, decline}, cancel);
    if (m_form->first())
        setFocusProxy(m_form->first());
    else
        takesFocusItself();
    connect(send, &Button::clicked, this, &ElicitationCard::accept);
    connect(m_form, &ValuesForm::submitted, this, &ElicitationCard::accept);
    connect(decline, &Button::clicked, this, [this] { refuse(QStringLiteral("decline")); });
    connect(cancel, &Button::clicked, this, [this] { refuse(QStringLiteral("cancel")); });
    onControlReturn(this, [this] { accept(); });
}

void ElicitationCard::accept()
{
    const bool good = m_form->check(true);
    m_problem->setProblem(Severity::Error, good ? QString() : tr("Not sent: a field above needs a look."));
    if (!good)
        return;
    approve({}, m_form->values());
}

} // namespace lathe
