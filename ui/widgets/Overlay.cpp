// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/Overlay.h"

#include "ui/theme/Paint.h"

#include <QApplication>
#include <QKeyEvent>

namespace lathe {

Overlay::Overlay(Theme *theme, QWidget *anchor)
    : QWidget(anchor->window()), m_theme(theme), m_anchor(anchor)
{
    hide();
    setFocusPolicy(Qt::StrongFocus);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
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
        dismiss();
    event->accept();
}

void Overlay::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        dismiss();
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

bool Overlay::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == parentWidget() && event->type() == QEvent::Resize)
        cover();
    return QWidget::eventFilter(watched, event);
}

} // namespace lathe
