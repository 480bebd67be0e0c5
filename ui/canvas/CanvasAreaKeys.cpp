// SPDX-License-Identifier: GPL-3.0-or-later
// CanvasArea: the keyboard. What has a command (CanvasActions) is not here.
#include "ui/canvas/CanvasArea.h"
#include "ui/canvas/CanvasEditing.h"
#include "ui/canvas/CanvasGesture.h"
#include "ui/canvas/CanvasWalk.h"

#include <QKeyEvent>

namespace lathe {

namespace {
QPointF arrow(int key)
{
    switch (key) {
    case Qt::Key_Left:
        return QPointF(-1, 0);
    case Qt::Key_Right:
        return QPointF(1, 0);
    case Qt::Key_Up:
        return QPointF(0, -1);
    case Qt::Key_Down:
        return QPointF(0, 1);
    default:
        return QPointF();
    }
}
} // namespace

void CanvasArea::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape && m_gesture) {
        m_gesture->cancel();
        m_press.reset();
        setGesture(nullptr);
        return;
    }
    if (event->key() == Qt::Key_Space && event->modifiers() == Qt::NoModifier) {
        if (!event->isAutoRepeat()) {
            m_space = true;
            updateCursor();
        }
        return;
    }
    if (!m_gesture && walkKey(event))
        return;
    QAbstractScrollArea::keyPressEvent(event);
    event->ignore(); // what is not ours goes on to the page
}

bool CanvasArea::walkKey(QKeyEvent *event)
{
    const QPointF way = arrow(event->key());
    const Qt::KeyboardModifiers modifiers = event->modifiers() & ~Qt::KeypadModifier;
    if (!way.isNull()) {
        const bool walks = modifiers == Qt::ControlModifier;
        if (!walks && modifiers != Qt::NoModifier && modifiers != Qt::ShiftModifier)
            return false; // Alt+Left is Back
        if (walks || m_scene->selection().isEmpty() || m_scene->edge(m_scene->current())) {
            const QString next = CanvasWalk(*m_scene).next(m_scene->current(), way, visibleRect());
            if (!next.isEmpty()) {
                m_scene->setSelection({next});
                ensureShown(m_scene->rectOf(next));
            }
            return true;
        }
        if (m_editing->isReadOnly())
            return true;
        if (!m_keyMove)
            m_keyMove = std::make_unique<KeyMove>(this);
        m_keyMove->by(way * (modifiers == Qt::ShiftModifier ? 1 : CanvasScene::grid));
        ensureShown(m_scene->rectOf(m_scene->current()));
        return true;
    }
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_scene->current().isEmpty())
            return false;
        m_editing->activate(m_scene->current());
        return true;
    case Qt::Key_Escape:
        if (m_scene->selection().isEmpty())
            return false;
        m_scene->setSelection({});
        return true;
    case Qt::Key_BracketRight:
    case Qt::Key_BracketLeft: { // the edges of the node, one after the other
        const QString next =
            CanvasWalk(*m_scene).nextEdge(m_scene->current(), event->key() == Qt::Key_BracketRight);
        if (!next.isEmpty())
            m_scene->setSelection({next});
        return !next.isEmpty();
    }
    default:
        return false;
    }
}

void CanvasArea::keyReleaseEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Space && !event->isAutoRepeat()) {
        m_space = false;
        updateCursor();
    }
    if (m_keyMove && !event->isAutoRepeat() && !arrow(event->key()).isNull())
        endKeyMove();
    QGraphicsView::keyReleaseEvent(event);
}

void CanvasArea::endKeyMove()
{
    if (const auto move = std::move(m_keyMove))
        move->finish();
}

bool CanvasArea::focusNextPrevChild(bool next)
{
    // Tab adds behind the current node, or walks on when nothing is free there. With nothing
    // selected, at the end of the walk and when nothing can be added it goes on to the next widget
    // as everywhere, so that the keyboard is never caught here.
    if (!hasFocus()) // it is about an editor inside of us
        return QGraphicsView::focusNextPrevChild(next);
    const bool locked = m_editing->isReadOnly();
    if (m_scene->node(m_scene->current())) {
        if (next && !locked && m_editing->hasFreeOutput()) {
            m_editing->quickAdd();
            return true;
        }
        const QString id = CanvasWalk(*m_scene).along(m_scene->current(), next);
        if (!id.isEmpty()) {
            m_scene->setSelection({id});
            ensureShown(m_scene->rectOf(id));
            return true;
        }
    }
    return QGraphicsView::focusNextPrevChild(next);
}

void CanvasArea::focusInEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusInEvent(event);
    m_scene->setFocused(true);
    m_ring = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason
             || event->reason() == Qt::ShortcutFocusReason;
    refresh();
}

void CanvasArea::focusOutEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusOutEvent(event);
    m_space = false;
    endKeyMove();
    m_scene->setFocused(false);
    refresh();
}

} // namespace lathe
