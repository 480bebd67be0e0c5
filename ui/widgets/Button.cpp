// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/Button.h"

#include <QKeyEvent>

namespace lathe {

QString withShortcut(const QString &text, const QKeySequence &key)
{
    return key.isEmpty()
               ? text
               : QStringLiteral("%1 (%2)").arg(text, key.toString(QKeySequence::NativeText));
}

Button::Button(const QString &text, ButtonRole role, QWidget *parent) : QPushButton(text, parent)
{
    setAutoDefault(false);
    setButtonRole(this, role);
}

void Button::setKey(const QKeySequence &key)
{
    setShortcut(key);
    setToolTip(withShortcut(text(), key));
}

void Button::keyPressEvent(QKeyEvent *event)
{
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        && !event->isAutoRepeat()) {
        click();
        return;
    }
    if (event->modifiers() & Qt::AltModifier) { // Alt+Left goes back; Qt would move the focus
        event->ignore();
        return;
    }
    QPushButton::keyPressEvent(event);
}

} // namespace lathe
