// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/Overlay.h"

#include "ui/theme/Paint.h"

#include <QAction>
#include <QApplication>
#include <QKeyEvent>
#include <QShortcut>

#include <algorithm>

namespace lathe {

Overlay::Overlay(Theme *theme, QWidget *anchor)
    : QWidget(anchor->window()), m_theme(theme), m_anchor(anchor)
{
    hide();
    setFocusPolicy(Qt::StrongFocus);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

namespace {
const char above[] = "lathe-above-overlays";
}

void Overlay::keepAbove(QWidget *floating)
{
    floating->setProperty(above, true);
}

void Overlay::cover()
{
    setGeometry(parentWidget()->rect());
    arrange();
}

void Overlay::open()
{
    if (m_open)
        return;
    m_open = true;
    QWidget *window = m_anchor->window();
    if (parentWidget() != window) // the anchor was put into a window only later
        setParent(window);
    window->installEventFilter(this);
    m_focusBefore = QApplication::focusWidget();
    cover();
    show();
    raise();
    const auto siblings = window->findChildren<QWidget *>(Qt::FindDirectChildrenOnly);
    for (QWidget *sibling : siblings) {
        if (sibling->property(above).toBool())
            sibling->raise();
    }
    QWidget *first = firstFocus();
    (first ? first : this)->setFocus(Qt::PopupFocusReason);
}

void Overlay::dismiss()
{
    if (!m_open)
        return;
    m_open = false;
    parentWidget()->removeEventFilter(this);
    const bool hadFocus = isAncestorOf(QApplication::focusWidget()) || hasFocus();
    hide();
    if (hadFocus && m_focusBefore)
        m_focusBefore->setFocus(Qt::PopupFocusReason);
    Q_EMIT closed();
    if (m_deleteOnClose)
        deleteLater();
}

void Overlay::leave()
{
    dismiss();
}

bool Overlay::isBehindAnother() const
{
    const QWidget *at = QApplication::focusWidget();
    while (at && !qobject_cast<const Overlay *>(at) && !at->property(above).toBool())
        at = at->parentWidget();
    return at && at != this;
}

bool Overlay::hasOwnShortcut(const QKeySequence &keys) const
{
    const auto shortcuts = findChildren<QShortcut *>();
    if (std::any_of(shortcuts.begin(), shortcuts.end(), [&keys](const QShortcut *own) { return own->isEnabled() && own->keys().contains(keys); }))
        return true;
    auto widgets = findChildren<QWidget *>();
    widgets.append(const_cast<Overlay *>(this));
    for (const QWidget *widget : std::as_const(widgets)) {
        const auto actions = widget->actions();
        if (std::any_of(actions.begin(), actions.end(), [&keys](const QAction *own) { return own->isEnabled() && own->shortcuts().contains(keys); }))
            return true;
    }
    return false;
}

void Overlay::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    if (m_scrim)
        painter.fillRect(rect(), t.scrim);
    const QRect panel = panelRect();
    paint::shadow(painter, panel, 8, t.shadow, 20);
    paint::roundedBox(painter, panel, 8, t.raised, t.lineStrong);
}

void Overlay::mousePressEvent(QMouseEvent *event)
{
    if (!panelRect().contains(event->position().toPoint()))
        leave();
    event->accept();
}

void Overlay::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        leave();
    event->accept(); // nothing behind hears keys meant for the panel
}

bool Overlay::focusNextPrevChild(bool next)
{
    // Qt's chain runs through the whole window: follow it, but stay inside.
    QWidget *start = QApplication::focusWidget();
    if (!start || !isAncestorOf(start))
        start = this;
    for (QWidget *w = next ? start->nextInFocusChain() : start->previousInFocusChain();
         w && w != start; w = next ? w->nextInFocusChain() : w->previousInFocusChain()) {
        if (w != this && isAncestorOf(w) && w->isVisible() && w->isEnabled()
            && w->focusPolicy() & Qt::TabFocus && !w->focusProxy()) {
            w->setFocus(next ? Qt::TabFocusReason : Qt::BacktabFocusReason);
            return true;
        }
    }
    return true;
}

// What the window's keys do (Ctrl+S commits, Ctrl+K searches, F5 runs) is not meant for the page behind.
bool Overlay::event(QEvent *event)
{
    if (event->type() == QEvent::ShortcutOverride) {
        const QKeySequence keys(static_cast<QKeyEvent *>(event)->keyCombination());
        const bool rests = !hasOwnShortcut(keys) && !QKeySequence::keyBindings(QKeySequence::Quit).contains(keys);
        event->setAccepted(rests);
        return rests;
    }
    return QWidget::event(event);
}

bool Overlay::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == parentWidget() && event->type() == QEvent::Resize)
        cover();
    // The focus may be nowhere for a moment, or in a notice above.
    if (watched == parentWidget() && event->type() == QEvent::ShortcutOverride && !isBehindAnother())
        return Overlay::event(event);
    return QWidget::eventFilter(watched, event);
}

} // namespace lathe
