// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/ElicitationCard.h"

#include "ui/runs/TextBlock.h"
#include "ui/runs/ValuesForm.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/PrimaryButton.h"

#include <QHBoxLayout>
#include <QShortcut>
#include <QVBoxLayout>

namespace lathe {

ElicitationCard::ElicitationCard(Theme *theme, const PendingQuestion &pending, QWidget *parent)
    : Card(theme, parent), m_form(new ValuesForm(theme, pending.question.schema, this))
{
    const HumanQuestion &question = pending.question;
    const QString who = question.who.isEmpty() ? pending.agent : question.who;
    setObjectName(QStringLiteral("elicitation-card"));
    setAccessibleName(question.text);
    setStripe(ColorToken::Human);
    setBorder(ColorToken::Human);
    auto *title = new Label(theme, tr("The server %1 asks you").arg(who.left(80)), Label::Style::Strong, this);
    title->setTextFormat(Qt::PlainText);
    title->setWordWrap(true);
    body()->addWidget(title);
    auto *text = new TextBlock(theme, TextBlock::Look::Plain, this);
    text->setObjectName(QStringLiteral("elicitation-text"));
    text->setLimit(2000);
    text->setText(question.text);
    body()->addWidget(text);
    body()->addWidget(m_form);
    auto *hint = new Label(theme, tr("What you fill in is sent to %1. Do not enter passwords or keys.").arg(who.left(80)), Label::Style::Hint, this);
    hint->setTextFormat(Qt::PlainText);
    hint->setWordWrap(true);
    body()->addWidget(hint);
    auto *row = new QHBoxLayout;
    row->setSpacing(metrics::Gap);
    auto *send = new PrimaryButton(tr("Send"), this);
    send->setObjectName(QStringLiteral("elicitation-accept"));
    send->setToolTip(withShortcut(tr("Give these values to the server"), QKeySequence(Qt::CTRL | Qt::Key_Return)));
    auto *decline = new Button(tr("Decline"), ButtonRole::Secondary, this);
    decline->setObjectName(QStringLiteral("elicitation-decline"));
    decline->setToolTip(tr("Tell the server that you do not give them"));
    auto *cancel = new Button(tr("Cancel"), ButtonRole::Ghost, this);
    cancel->setObjectName(QStringLiteral("elicitation-cancel"));
    cancel->setToolTip(tr("Leave the question without an answer"));
    row->addWidget(send);
    row->addWidget(decline);
    row->addStretch(1);
    row->addWidget(cancel);
    body()->addLayout(row);
    setFocusProxy(m_form->first() ? m_form->first() : send);
    connect(send, &Button::clicked, this, &ElicitationCard::accept);
    connect(m_form, &ValuesForm::submitted, this, &ElicitationCard::accept);
    connect(decline, &Button::clicked, this, [this] { refuse(QStringLiteral("decline")); });
    connect(cancel, &Button::clicked, this, [this] { refuse(QStringLiteral("cancel")); });
    for (const Qt::Key key : {Qt::Key_Return, Qt::Key_Enter}) {
        auto *shortcut = new QShortcut(QKeySequence(int(Qt::CTRL) | int(key)), this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, &ElicitationCard::accept);
    }
}

void ElicitationCard::accept()
{
    if (!m_form->check(true))
        return;
    HumanAnswer answer;
    answer.approved = true;
    answer.arguments = m_form->values();
    finish(answer);
}

void ElicitationCard::refuse(const QString &how)
{
    HumanAnswer answer;
    answer.text = how;
    finish(answer);
}

void ElicitationCard::finish(const HumanAnswer &answer)
{
    if (m_sent)
        return;
    m_sent = true;
    setEnabled(false);
    Q_EMIT answered(answer);
}

} // namespace lathe
