// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/CanvasArea.h"

#include "ui/canvas/CanvasEditing.h"
#include "ui/canvas/CanvasGesture.h"
#include "ui/canvas/CanvasOverview.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"

#include <QPaintEvent>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTimerEvent>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
constexpr double dotSpacing = 32;
// A frame that takes longer is drawn roughly while it is being moved
constexpr double slowFrameMs = 9;
constexpr int restMs = 140;
}

CanvasArea::CanvasArea(Theme *theme, CanvasScene *scene, QWidget *parent)
    : QGraphicsView(scene, parent), m_theme(theme), m_scene(scene)
{
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSceneRect(-2 * CanvasScene::extent, -2 * CanvasScene::extent, 4 * CanvasScene::extent,
                 4 * CanvasScene::extent);
    setTransformationAnchor(QGraphicsView::NoAnchor);
    setResizeAnchor(QGraphicsView::NoAnchor);
    setViewportUpdateMode(QGraphicsView::SmartViewportUpdate);
    setOptimizationFlags(QGraphicsView::DontSavePainterState
                         | QGraphicsView::DontAdjustForAntialiasing);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setMouseTracking(true);
    setAcceptDrops(true);
    viewport()->setAcceptDrops(true);
    setAccessibleName(tr("Canvas"));
    applyTheme();
    centreOn(QPointF(0, 0));
    connect(theme, &Theme::changed, this, &CanvasArea::applyTheme);
    connect(scene, &CanvasScene::contentChanged, this, [this] {
        if (isOverview())
            refresh();
    });
}

CanvasArea::~CanvasArea() = default;

bool CanvasArea::isOverview() const
{
    return zoom() < (m_scene->nodes().size() > smallTeam ? overviewScale : smallOverviewScale);
}

void CanvasArea::applyTheme()
{
    setBackgroundBrush(m_theme->tokens().base);
    refresh();
}

void CanvasArea::refresh()
{
    viewport()->update();
}

QRectF CanvasArea::visibleRect() const
{
    return mapToScene(viewport()->rect()).boundingRect();
}

void CanvasArea::centreOn(QPointF at)
{
    centerOn(at);
}

void CanvasArea::setZoom(double zoom, QPointF fixed)
{
    zoom = std::clamp(zoom, leastZoom, mostZoom);
    if (std::abs(zoom - 1) < 0.02)
        zoom = 1; // text is sharpest there
    if (qFuzzyCompare(zoom, this->zoom()))
        return;
    const QPointF before = viewportTransform().inverted().map(fixed);
    setTransform(QTransform::fromScale(zoom, zoom));
    const QPointF middle(viewport()->width() / 2.0, viewport()->height() / 2.0);
    centerOn(before + (middle - fixed) / zoom);
    moving();
    Q_EMIT viewChanged();
}

void CanvasArea::fit()
{
    const QRectF content = m_scene->contentRect();
    if (content.isEmpty()) {
        setTransform(QTransform());
        centerOn(QPointF(viewport()->width(), viewport()->height()) / 2);
    } else {
        const QRectF roomy = content.adjusted(-32, -32, 32, 32);
        const double zoom = std::min(
            {viewport()->width() / roomy.width(), viewport()->height() / roomy.height(), 1.0});
        setTransform(QTransform::fromScale(std::max(zoom, leastZoom), std::max(zoom, leastZoom)));
        centerOn(content.center());
    }
    Q_EMIT viewChanged();
}

void CanvasArea::panBy(QPoint pixels)
{
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() - pixels.x());
    verticalScrollBar()->setValue(verticalScrollBar()->value() - pixels.y());
}

void CanvasArea::ensureShown(const QRectF &rect)
{
    const double margin = std::min(48 * pixel(), visibleRect().width() / 8);
    const QRectF seen = visibleRect().adjusted(margin, margin, -margin, -margin);
    if (seen.contains(rect) || rect.isEmpty())
        return;
    if (rect.width() > seen.width() || rect.height() > seen.height()) {
        centerOn(rect.center());
        return;
    }
    QPointF by;
    if (rect.left() < seen.left())
        by.setX(rect.left() - seen.left());
    else if (rect.right() > seen.right())
        by.setX(rect.right() - seen.right());
    if (rect.top() < seen.top())
        by.setY(rect.top() - seen.top());
    else if (rect.bottom() > seen.bottom())
        by.setY(rect.bottom() - seen.bottom());
    centerOn(visibleRect().center() + by);
}

QPointF CanvasArea::mouseScenePos() const
{
    return viewport()->underMouse() && viewport()->rect().contains(m_mouse)
               ? mapToScene(m_mouse)
               : visibleRect().center();
}

void CanvasArea::setPending(const QPainterPath &path)
{
    m_pending = path;
    refresh();
}

void CanvasArea::moving()
{
    if (m_frameMs > slowFrameMs)
        m_scene->setQuick(true);
    m_rest.start(restMs, this);
}

void CanvasArea::timerEvent(QTimerEvent *event)
{
    if (event->timerId() == m_rest.timerId()) {
        m_rest.stop();
        if (m_scene->quick()) {
            m_scene->setQuick(false);
            refresh();
        }
    } else if (event->timerId() == m_edgeScroll.timerId()) {
        static constexpr int zone = 24, most = 18;
        const QRect inner = viewport()->rect().adjusted(zone, zone, -zone, -zone);
        const auto pull = [](int at, int low, int high) {
            return at < low ? std::min(most, low - at) : at > high ? -std::min(most, at - high) : 0;
        };
        const QPoint by(pull(m_mouse.x(), inner.left(), inner.right()),
                        pull(m_mouse.y(), inner.top(), inner.bottom()));
        if (!m_gesture || by.isNull()) {
            m_edgeScroll.stop();
            return;
        }
        panBy(by);
        m_gesture->move(mapToScene(m_mouse), m_mouse, Qt::NoModifier);
    } else {
        QGraphicsView::timerEvent(event);
    }
}

void CanvasArea::scrollContentsBy(int dx, int dy)
{
    QGraphicsView::scrollContentsBy(dx, dy);
    if (isOverview())
        refresh(); // what the base class would scroll was drawn by us
    const auto editors =
        viewport()->findChildren<QPlainTextEdit *>(QString(), Qt::FindDirectChildrenOnly);
    for (QPlainTextEdit *editor : editors)
        editor->move(editor->pos() + QPoint(dx, dy));
    moving();
    Q_EMIT viewChanged();
}

void CanvasArea::resizeEvent(QResizeEvent *event)
{
    QGraphicsView::resizeEvent(event);
    Q_EMIT viewChanged();
}

void CanvasArea::paintEvent(QPaintEvent *event)
{
    QElapsedTimer time;
    time.start();
    if (isOverview()) {
        // The base class keeps account of what is to be painted; it is told that all of it was,
        // without drawing anything.
        m_mute = true;
        QPaintEvent nothing(QRegion(-16, -16, 1, 1));
        QGraphicsView::paintEvent(&nothing);
        m_mute = false;
        paintOverview(event->region());
    } else {
        QGraphicsView::paintEvent(event);
    }
    const QRect whole = viewport()->rect();
    const QRect painted = event->rect();
    if (!m_scene->quick()
        && painted.width() * painted.height() * 2 > whole.width() * whole.height())
        m_frameMs = double(time.nsecsElapsed()) / 1e6;
}

void CanvasArea::paintOverview(const QRegion &region)
{
    QPainter painter(viewport());
    painter.setClipRegion(region);
    painter.fillRect(region.boundingRect(), m_theme->tokens().base);
    CanvasOverview::Options options;
    options.toPixels = viewportTransform();
    options.exposed = region.boundingRect();
    options.titles = true;
    options.smooth = !m_scene->quick() && m_scene->edges().size() < 1500;
    CanvasOverview::paint(painter, *m_scene, options);
    painter.setWorldTransform(viewportTransform());
    paintGesture(painter);
}

void CanvasArea::drawBackground(QPainter *painter, const QRectF &rect)
{
    if (m_mute)
        return;
    const Tokens &t = m_theme->tokens();
    painter->setRenderHint(QPainter::Antialiasing, false);
    painter->fillRect(rect, t.base);
    const double scale = zoom();
    if (scale < 0.5)
        return;
    const QTransform before = painter->worldTransform();
    painter->resetTransform();
    const QColor ink = mix(t.base, t.line, scale < 0.8 ? 0.6 : 1.0);
    const int size = scale > 1.5 ? 2 : 1;
    for (double y = std::floor(rect.top() / dotSpacing) * dotSpacing; y <= rect.bottom();
         y += dotSpacing) {
        for (double x = std::floor(rect.left() / dotSpacing) * dotSpacing; x <= rect.right();
             x += dotSpacing) {
            const QPointF at = before.map(QPointF(x, y));
            painter->fillRect(QRect(int(std::floor(at.x())), int(std::floor(at.y())), size, size),
                              ink);
        }
    }
    painter->setWorldTransform(before);
}

void CanvasArea::drawForeground(QPainter *painter, const QRectF &)
{
    if (!m_mute)
        paintGesture(*painter);
}

void CanvasArea::paintGesture(QPainter &painter)
{
    const Tokens &t = m_theme->tokens();
    if (!m_pending.isEmpty()) {
        QPen pen(t.accent, 2, Qt::DashLine);
        pen.setCosmetic(true);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(pen);
        painter.setBrush(Qt::NoBrush);
        painter.drawPath(m_pending);
        painter.setBrush(t.accent);
        painter.drawEllipse(m_pending.currentPosition(), 4 * pixel(), 4 * pixel());
    }
    if (m_gesture)
        m_gesture->paint(painter);
    if (m_dropping || (m_ring && hasFocus() && m_scene->selection().isEmpty())) {
        const QTransform before = painter.worldTransform();
        painter.resetTransform();
        paint::focusRing(painter, viewport()->rect(), 0, t.accent);
        painter.setWorldTransform(before);
    }
}

} // namespace lathe
