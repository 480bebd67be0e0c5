// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QAction>

#include <functional>

namespace lathe {

// The commands of a canvas as actions of its widget: keys, menu and command palette all use these.
class CanvasActions : public QObject
{
    Q_OBJECT
public:
    CanvasActions(Theme *theme, QWidget *canvas);
    // The key works while the canvas or something in it has the focus. `edits`: off while read
    // only.
    QAction *add(const QString &id, const QString &text, const QList<QKeySequence> &keys,
                 const QString &icon, bool edits, std::function<void()> run);
    QAction *action(const QString &id) const { return m_byId.value(id); }
    QList<QAction *> all() const { return m_all; }
    void setReadOnly(bool readOnly);

private:
    Theme *m_theme;
    QWidget *m_canvas;
    QList<QAction *> m_all;
    QList<QAction *> m_editing;
    QHash<QString, QAction *> m_byId;
};

} // namespace lathe
