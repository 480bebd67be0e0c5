// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QShortcut>

namespace lathe {

// Ctrl+Return (and Ctrl+Enter) anywhere within `scope` calls `action`, also from fields that take Return for
// themselves; once for each press, however long the keys are held.
template<typename Action>
void onControlReturn(QWidget *scope, Action action)
{
    for (const Qt::Key key : {Qt::Key_Return, Qt::Key_Enter}) {
        auto *shortcut = new QShortcut(QKeySequence(int(Qt::CTRL) | int(key)), scope);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        shortcut->setAutoRepeat(false);
        QObject::connect(shortcut, &QShortcut::activated, scope, action);
    }
}

} // namespace lathe
