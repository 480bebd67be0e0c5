// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/SessionTypes.h"
#include "ui/widgets/Card.h"

#include <QTimer>

namespace lathe {

class Label;
class TextBlock;

// What all cards share that a person answers: their look, their first lines, and that one answer is given, once.
class AnswerCard : public Card
{
    Q_OBJECT

Q_SIGNALS:
    void answered(const lathe::HumanAnswer &answer);

protected:
    AnswerCard(Theme *theme, const PendingQuestion &pending, const QString &objectName, QWidget *parent);
    static QString whoAsks(const PendingQuestion &pending); // the server's name, else the agent's; never long
    Label *makeTitle(const QString &text);                   // plain text, whatever stands in it
    void addTitle(const QString &text);
    TextBlock *addText(const QString &text, int limit);
    void addHint(const QString &text);
    void addButtons(std::initializer_list<QWidget *> row, QWidget *atEnd = nullptr); // breaks where the card is narrow
    // The card has the focus first, not its main button: a key pressed for what was there before answers nothing.
    void takesFocusItself();
    // What has just come under the pointer or the focus takes no click and no key that answers, for as long as a double click may
    // take and half as long again: it was meant for what was there before. Called by itself when the card appears or moves.
    void rest();
    void reveal(QWidget *from); // scrolls what is around so that this stands at the top, and what has the focus can be seen
    void showEvent(QShowEvent *event) override;
    void moveEvent(QMoveEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override; // of the application, while it rests
    void paintEvent(QPaintEvent *event) override;
    bool isSent() const { return m_sent; }
    void approve(const QString &text = {}, const std::optional<QJsonObject> &arguments = {});
    void refuse(const QString &text); // why, or how ("decline", "cancel")
    void finish(const HumanAnswer &answer);
    Theme *theme() const { return m_theme; }

private:
    bool isOurs(QObject *object) const;

    Theme *m_theme;
    QTimer m_rest;
    bool m_sent = false;
};

} // namespace lathe
