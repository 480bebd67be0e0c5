// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/FormViewKeys.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>

namespace lathe {

void FormViewKeys::watch(QWidget *field)
{
    field->removeEventFilter(this); // twice would ask twice
    field->installEventFilter(this);
}

void FormViewKeys::watchAll(QWidget *parent)
{
    for (QLineEdit *field : parent->findChildren<QLineEdit *>())
        watch(field);
    for (QPlainTextEdit *field : parent->findChildren<QPlainTextEdit *>())
        watch(field);
}

bool FormViewKeys::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::ShortcutOverride && event->type() != QEvent::KeyPress)
        return QObject::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool undo = key->matches(QKeySequence::Undo), redo = key->matches(QKeySequence::Redo);
    if (!undo && !redo)
        return QObject::eventFilter(watched, event);
    if (event->type() == QEvent::ShortcutOverride) {
        event->ignore(); // the window's shortcut wins, when it has one
        return true;
    }
    if (undo)
        Q_EMIT undoRequested();
    else
        Q_EMIT redoRequested();
    return true;
}

} // namespace lathe
