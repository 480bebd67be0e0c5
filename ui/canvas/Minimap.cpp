// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/Minimap.h"

#include "ui/canvas/CanvasArea.h"
#include "ui/canvas/CanvasOverview.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"

#include <QMouseEvent>
#include <QPainter>

namespace lathe {

namespace {
constexpr int redrawMs = 150;
}

Minimap::Minimap(Theme *theme, CanvasScene *scene, CanvasArea *area, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_scene(scene), m_area(area)
{
    setAccessibleName(tr("Small map of the canvas"));
    setToolTip(tr("Drag to move over the canvas"));
    setCursor(Qt::ArrowCursor);
    setFocusPolicy(Qt::TabFocus);
    m_timer.setSingleShot(true);
    m_timer.setInterval(redrawMs);
    connect(&m_timer, &QTimer::timeout, this, &Minimap::redraw);
    connect(scene, &CanvasScene::contentChanged, this, &Minimap::stale);
    connect(scene, &CanvasScene::selectionMoved, this, &Minimap::stale);
    connect(area, &CanvasArea::viewChanged, this, &Minimap::viewMoved);
}

void Minimap::stale()
{
    if (isVisible() && !m_timer.isActive())
        m_timer.start();
}

void Minimap::viewMoved()
{
    // The map shows all content and at least some of the view; it is drawn anew only when that
    // needs another scale.
    if (!m_shown.contains(m_area->visibleRect()))
        stale();
    update();
}

void Minimap::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    redraw();
}

void Minimap::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    redraw();
}

QTransform Minimap::toMap() const
{
    const QRectF room = QRectF(rect()).adjusted(6, 6, -6, -6);
    if (m_shown.isEmpty() || room.isEmpty())
        return QTransform();
    const double scale = std::min(room.width() / m_shown.width(), room.height() / m_shown.height());
    QTransform t = QTransform::fromTranslate(room.center().x(), room.center().y());
    t.scale(scale, scale);
    t.translate(-m_shown.center().x(), -m_shown.center().y());
    return t;
}

void Minimap::redraw()
{
    m_timer.stop();
    const QRectF content = m_scene->contentRect(), seen = m_area->visibleRect();
    // Looking far away does not shrink the content to nothing.
    const QRectF reach =
        content.adjusted(-content.width(), -content.height(), content.width(), content.height());
    m_shown = content.isEmpty() ? seen : content | (seen & reach);
    const double dpr = devicePixelRatioF();
    m_picture = QPixmap(size() * dpr);
    m_picture.setDevicePixelRatio(dpr);
    m_picture.fill(Qt::transparent);
    QPainter painter(&m_picture);
    CanvasOverview::Options options;
    options.toPixels = toMap();
    options.exposed = rect();
    options.edges = m_scene->edges().size() < 3000;
    options.smooth = true;
    CanvasOverview::paint(painter, *m_scene, options);
    painter.end();
    update();
}

QRectF Minimap::viewRect() const
{
    return toMap().mapRect(m_area->visibleRect());
}

void Minimap::paintEvent(QPaintEvent *)
{
    const Tokens &t = m_theme->tokens();
    QPainter painter(this);
    paint::roundedBox(painter, rect(), metrics::Radius, t.raised,
                      hasFocus() ? t.accent : t.lineStrong, hasFocus() ? metrics::FocusRing : 1);
    painter.setClipRect(rect().adjusted(2, 2, -2, -2));
    painter.drawPixmap(0, 0, m_picture);
    const QRectF view = viewRect().intersected(QRectF(rect()).adjusted(3, 3, -3, -3));
    painter.fillRect(view, withAlpha(t.text, 0.07));
    painter.setPen(QPen(t.text2, 1));
    painter.drawRect(view.toAlignedRect().adjusted(0, 0, -1, -1));
}

void Minimap::mousePressEvent(QMouseEvent *event)
{
    const QRectF view = viewRect();
    m_grip = view.contains(event->position()) ? event->position() - view.center() : QPointF();
    mouseMoveEvent(event);
}

void Minimap::mouseMoveEvent(QMouseEvent *event)
{
    if (event->buttons() & Qt::LeftButton)
        m_area->centreOn(toMap().inverted().map(event->position() - m_grip));
}

void Minimap::wheelEvent(QWheelEvent *event)
{
    m_area->setZoom(m_area->zoom() * (event->angleDelta().y() > 0 ? 1.2 : 1 / 1.2),
                    QPointF(m_area->viewport()->rect().center()));
    event->accept();
}

void Minimap::keyPressEvent(QKeyEvent *event)
{
    constexpr int step = 64;
    switch (event->key()) {
    case Qt::Key_Left:
        return m_area->panBy(QPoint(step, 0));
    case Qt::Key_Right:
        return m_area->panBy(QPoint(-step, 0));
    case Qt::Key_Up:
        return m_area->panBy(QPoint(0, step));
    case Qt::Key_Down:
        return m_area->panBy(QPoint(0, -step));
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace lathe
