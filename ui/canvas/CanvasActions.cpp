// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/CanvasActions.h"

namespace lathe {

CanvasActions::CanvasActions(Theme *theme, QWidget *canvas)
    : QObject(canvas), m_theme(theme), m_canvas(canvas)
{
}

QAction *CanvasActions::add(const QString &id, const QString &text, const QList<QKeySequence> &keys,
                            const QString &icon, bool edits, std::function<void()> run)
{
    auto *action = new QAction(text, m_canvas);
    action->setObjectName(id);
    action->setShortcuts(keys);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    if (!icon.isEmpty())
        action->setIcon(m_theme->icon(icon));
    connect(action, &QAction::triggered, this, std::move(run));
    m_canvas->addAction(action);
    m_all.append(action);
    m_byId.insert(id, action);
    if (edits)
        m_editing.append(action);
    return action;
}

void CanvasActions::setReadOnly(bool readOnly)
{
    for (QAction *action : std::as_const(m_editing))
        action->setEnabled(!readOnly);
}

} // namespace lathe
