// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/AnswerCard.h"

#include "ui/runs/TextBlock.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/FlowLayout.h"
#include "ui/widgets/Label.h"

#include <QAbstractButton>
#include <QApplication>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QShortcut>
#include <QVBoxLayout>

namespace lathe {

AnswerCard::AnswerCard(Theme *theme, const PendingQuestion &pending, const QString &objectName, QWidget *parent) : Card(theme, parent), m_theme(theme)
{
    setObjectName(objectName);
    setAccessibleName(pending.question.text);
    setStripe(ColorToken::Human);
    setBorder(ColorToken::Human);
    m_rest.setSingleShot(true);
    connect(&m_rest, &QTimer::timeout, this, [this] { qApp->removeEventFilter(this); });
}

void AnswerCard::rest()
{
    const int ms = QApplication::doubleClickInterval() * 3 / 2;
    if (ms <= 0 || !isVisible())
        return;
    qApp->removeEventFilter(this);
    qApp->installEventFilter(this);
    m_rest.start(ms);
}

void AnswerCard::showEvent(QShowEvent *event)
{
    Card::showEvent(event);
    if (!event->spontaneous())
        rest();
}

void AnswerCard::moveEvent(QMoveEvent *event)
{
    Card::moveEvent(event);
    rest();
}

void AnswerCard::reveal(QWidget *from)
{
    for (QWidget *at = parentWidget(); at; at = at->parentWidget()) {
        auto *area = qobject_cast<QScrollArea *>(at);
        if (!area || !area->widget())
            continue;
        const int top = from->mapTo(area->widget(), QPoint()).y();
        area->verticalScrollBar()->setValue(top - metrics::Margin);
        if (QWidget *focus = QApplication::focusWidget(); focus && isAncestorOf(focus))
            area->ensureWidgetVisible(focus);
        return;
    }
}

bool AnswerCard::isOurs(QObject *object) const
{
    const auto *shortcut = qobject_cast<QShortcut *>(object);
    const auto *widget = qobject_cast<QWidget *>(shortcut ? shortcut->parent() : object);
    return widget && (widget == this || isAncestorOf(widget));
}

bool AnswerCard::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::MouseButtonPress:
    case QEvent::MouseButtonDblClick:
        return qobject_cast<QAbstractButton *>(watched) && isOurs(watched);
    case QEvent::KeyPress: {
        const int key = static_cast<QKeyEvent *>(event)->key();
        const bool answers = key == Qt::Key_Return || key == Qt::Key_Enter || (key == Qt::Key_Space && qobject_cast<QAbstractButton *>(watched));
        return answers && isOurs(watched);
    }
    case QEvent::Shortcut:
        return isOurs(watched);
    default:
        return Card::eventFilter(watched, event);
    }
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
