// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/AnswerCard.h"

#include "ui/runs/TextBlock.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/FlowLayout.h"
#include "ui/widgets/Label.h"

#include <QPainter>
#include <QVBoxLayout>

namespace lathe {

AnswerCard::AnswerCard(Theme *theme, const PendingQuestion &pending, const QString &objectName, QWidget *parent) : Card(theme, parent), m_theme(theme)
{
    setObjectName(objectName);
    setAccessibleName(pending.question.text);
    setStripe(ColorToken::Human);
    setBorder(ColorToken::Human);
}

void AnswerCard::takesFocusItself()
{
    setFocusPolicy(Qt::TabFocus);
}

void AnswerCard::paintEvent(QPaintEvent *event)
{
    Card::paintEvent(event);
    if (focusProxy() || !hasFocus())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paint::focusRing(painter, rect(), metrics::Radius, m_theme->color(ColorToken::Accent));
}

QString AnswerCard::whoAsks(const PendingQuestion &pending)
{
    return (pending.question.who.isEmpty() ? pending.agent : pending.question.who).left(80);
}

Label *AnswerCard::makeTitle(const QString &text)
{
    auto *title = new Label(m_theme, text, Label::Style::Strong, this);
    title->setTextFormat(Qt::PlainText);
    title->setWordWrap(true);
    return title;
}

void AnswerCard::addTitle(const QString &text)
{
    body()->addWidget(makeTitle(text));
}

TextBlock *AnswerCard::addText(const QString &text, int limit)
{
    auto *block = new TextBlock(m_theme, TextBlock::Look::Plain, this);
    block->setLimit(limit);
    block->setText(text);
    body()->addWidget(block);
    return block;
}

void AnswerCard::addHint(const QString &text)
{
    auto *hint = new Label(m_theme, text, Label::Style::Hint, this);
    hint->setTextFormat(Qt::PlainText);
    hint->setWordWrap(true);
    body()->addWidget(hint);
}

void AnswerCard::addButtons(std::initializer_list<QWidget *> row, QWidget *atEnd)
{
    auto *flow = new FlowLayout(metrics::Gap);
    body()->addLayout(flow);
    for (QWidget *button : row)
        flow->addWidget(button);
    if (atEnd)
        flow->addAtEnd(atEnd);
}

void AnswerCard::approve(const QString &text, const std::optional<QJsonObject> &arguments)
{
    HumanAnswer answer;
    answer.approved = true;
    answer.text = text;
    answer.arguments = arguments;
    finish(answer);
}

void AnswerCard::refuse(const QString &text)
{
    HumanAnswer answer;
    answer.text = text;
    finish(answer);
}

void AnswerCard::finish(const HumanAnswer &answer)
{
    if (m_sent)
        return;
    m_sent = true;
    const QPointer<AnswerCard> alive(this);
    Q_EMIT answered(answer); // while the focus is still here: the next card takes it over
    if (alive)
        alive->setEnabled(false);
}

} // namespace lathe
