// SPDX-License-Identifier: GPL-3.0-or-later
// CanvasArea: mouse, wheel, drag and drop, tooltips.
#include "ui/canvas/CanvasArea.h"
#include "ui/canvas/CanvasEditing.h"
#include "ui/canvas/CanvasGesture.h"

#include <QHelpEvent>
#include <QMimeData>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <cmath>

namespace lathe {

namespace {
constexpr int dragDistance = 4; // pixels before a press becomes a drag
}

void CanvasArea::wheelEvent(QWheelEvent *event)
{
    const QPoint angle = event->angleDelta(), pixels = event->pixelDelta();
    if (event->modifiers() & Qt::ControlModifier) {
        const double steps = angle.y() != 0 ? angle.y() / 120.0 : angle.x() / 120.0;
        setZoom(zoom() * std::pow(1.2, std::clamp(steps, -5.0, 5.0)), event->position());
    } else {
        QPoint by = !pixels.isNull() ? pixels : angle * 2 / 3;
        if (event->modifiers() & Qt::ShiftModifier && by.x() == 0)
            by = by.transposed();
        panBy(by);
    }
    event->accept();
}

void CanvasArea::setGesture(std::unique_ptr<CanvasGesture> gesture)
{
    m_gesture = std::move(gesture);
    updateCursor();
}

void CanvasArea::mousePressEvent(QMouseEvent *event)
{
    const QPoint at = event->position().toPoint();
    m_mouse = at;
    setFocus(Qt::MouseFocusReason);
    if (m_gesture) { // another button stops it
        m_gesture->cancel();
        setGesture(nullptr);
        m_press.reset();
        return;
    }
    if (event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && m_space)) {
        setGesture(CanvasGesture::pan(this, at));
        return;
    }
    const QPointF scenePos = mapToScene(at);
    const CanvasHit hit = m_scene->hit(scenePos, pixel());
    const bool wasSelected = m_scene->selection().contains(hit.id);
    if (event->button() == Qt::RightButton) {
        if (!wasSelected)
            m_scene->setSelection(hit.id.isEmpty() ? QStringList() : QStringList(hit.id));
        return;
    }
    if (event->button() != Qt::LeftButton)
        return;
    m_press = Press{hit, at, scenePos, event->modifiers(), wasSelected};
    const bool adds = event->modifiers() & (Qt::ShiftModifier | Qt::ControlModifier);
    if (hit.id.isEmpty() || hit.what == CanvasHit::What::Port)
        return;
    if (!wasSelected)
        m_scene->setSelection(adds ? m_scene->selection() + QStringList(hit.id)
                                   : QStringList(hit.id));
}

void CanvasArea::beginGesture(QPointF)
{
    const Press press = *m_press;
    const bool adds = press.modifiers & (Qt::ShiftModifier | Qt::ControlModifier);
    const bool locked = m_editing->isReadOnly();
    switch (press.hit.what) {
    case CanvasHit::What::Nothing:
    case CanvasHit::What::Edge:
        setGesture(CanvasGesture::band(this, press.scenePos, adds));
        break;
    case CanvasHit::What::Port:
        if (!locked)
            setGesture(CanvasGesture::connect(this, press.hit.id, press.hit.port));
        break;
    case CanvasHit::What::BoxHandle:
        if (!locked)
            setGesture(CanvasGesture::resize(this, press.hit.id, press.scenePos));
        break;
    case CanvasHit::What::Node:
    case CanvasHit::What::Box:
        if (!locked)
            setGesture(CanvasGesture::moveItems(this, press.hit.id, press.scenePos));
        break;
    }
}

void CanvasArea::mouseMoveEvent(QMouseEvent *event)
{
    const QPoint at = event->position().toPoint();
    m_mouse = at;
    if (m_press && !m_gesture && (at - m_press->at).manhattanLength() >= dragDistance)
        beginGesture(mapToScene(at));
    if (!m_gesture) {
        if (!m_press)
            hover(at);
        return;
    }
    m_gesture->move(mapToScene(at), at, event->modifiers());
    updateCursor();
    if (m_gesture->scrollsAtEdge() && !viewport()->rect().adjusted(24, 24, -24, -24).contains(at))
        m_edgeScroll.start(16, this);
}

void CanvasArea::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() == Qt::RightButton)
        return;
    release(event->position().toPoint(), event->modifiers());
}

void CanvasArea::release(QPoint at, Qt::KeyboardModifiers)
{
    m_mouse = at;
    m_edgeScroll.stop();
    const std::optional<Press> press = std::exchange(m_press, std::nullopt);
    if (m_gesture) {
        const auto gesture = std::move(m_gesture); // it may open something that starts another
        gesture->finish();
        updateCursor();
        hover(at);
        return;
    }
    if (!press)
        return;
    const bool adds = press->modifiers & (Qt::ShiftModifier | Qt::ControlModifier);
    const QString id = press->hit.id;
    if (id.isEmpty()) {
        if (!adds)
            m_scene->setSelection({});
    } else if (adds && press->wasSelected) {
        QStringList ids = m_scene->selection();
        ids.removeAll(id);
        m_scene->setSelection(ids);
    } else if (!adds) {
        m_scene->setSelection({id});
        if (press->hit.what == CanvasHit::What::Edge)
            Q_EMIT m_editing->edgeClicked(id);
    }
}

void CanvasArea::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    const QPointF scenePos = mapToScene(event->position().toPoint());
    const CanvasHit hit = m_scene->hit(scenePos, pixel());
    m_press.reset();
    if (hit.id.isEmpty()) {
        m_scene->setSelection({});
        m_editing->quickAdd();
    } else {
        m_editing->activate(hit.id);
    }
}

void CanvasArea::contextMenuEvent(QContextMenuEvent *event)
{
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    const QString current = m_scene->current();
    const QPoint where = byKey
                             ? (current.isEmpty() ? viewport()->rect().center()
                                                  : mapFromScene(m_scene->rectOf(current).center()))
                             : event->pos();
    Q_EMIT menuRequested(byKey ? current : m_scene->hit(mapToScene(where), pixel()).id,
                         viewport()->mapToGlobal(where));
    event->accept();
}

void CanvasArea::hover(QPoint at)
{
    m_scene->setHovered(viewport()->rect().contains(at) ? m_scene->hit(mapToScene(at), pixel())
                                                        : CanvasHit());
    updateCursor();
}

void CanvasArea::updateCursor()
{
    Qt::CursorShape shape = m_space ? Qt::OpenHandCursor : Qt::ArrowCursor;
    if (m_gesture) {
        shape = m_gesture->cursor();
    } else if (!m_space) {
        const CanvasHit hit = m_scene->hit(mapToScene(m_mouse), pixel());
        const bool locked = m_editing && m_editing->isReadOnly();
        if (hit.what == CanvasHit::What::Port && !locked)
            shape = Qt::CrossCursor;
        else if (hit.what == CanvasHit::What::BoxHandle && !locked)
            shape = Qt::SizeFDiagCursor;
        else if (hit.what == CanvasHit::What::Edge)
            shape = Qt::PointingHandCursor;
    }
    if (viewport()->cursor().shape() != shape)
        viewport()->setCursor(shape);
}

bool CanvasArea::viewportEvent(QEvent *event)
{
    switch (event->type()) {
    case QEvent::ToolTip: {
        const auto *help = static_cast<QHelpEvent *>(event);
        const QString text =
            m_gesture ? QString()
                      : m_scene->toolTipOf(m_scene->hit(mapToScene(help->pos()), pixel()).id);
        if (text.isEmpty())
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(), text, viewport());
        return true;
    }
    case QEvent::Leave:
        m_scene->setHovered(CanvasHit());
        return QAbstractScrollArea::viewportEvent(event);
    default:
        return QGraphicsView::viewportEvent(event);
    }
}

void CanvasArea::dragEnterEvent(QDragEnterEvent *event)
{
    if (m_editing->isReadOnly() || !canvasmime::read(event->mimeData())) {
        event->ignore();
        return;
    }
    m_dropping = true;
    refresh();
    event->acceptProposedAction();
}

void CanvasArea::dragMoveEvent(QDragMoveEvent *event)
{
    event->setAccepted(m_dropping);
}

void CanvasArea::dragLeaveEvent(QDragLeaveEvent *)
{
    m_dropping = false;
    refresh();
}

void CanvasArea::dropEvent(QDropEvent *event)
{
    m_dropping = false;
    refresh();
    const auto node = canvasmime::read(event->mimeData());
    if (!node)
        return;
    event->acceptProposedAction();
    setFocus(Qt::OtherFocusReason);
    m_editing->dropNode(node->first, node->second, mapToScene(event->position().toPoint()));
}

} // namespace lathe
