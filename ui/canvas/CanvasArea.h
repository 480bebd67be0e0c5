// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/CanvasScene.h"

#include <QBasicTimer>
#include <QElapsedTimer>
#include <QGraphicsView>

#include <optional>

namespace lathe {

class CanvasEditing;
class CanvasGesture;
class KeyMove;

// The view on the scene: zoom and pan, and what the mouse and the keyboard mean. What they change
// goes through CanvasEditing. Nothing is left to QGraphicsView's own handling of events; it maps,
// culls and draws.
class CanvasArea : public QGraphicsView
{
    Q_OBJECT
public:
    static constexpr double leastZoom = 0.02, mostZoom = 4;
    static constexpr double overviewScale = 0.35, smallOverviewScale = 0.2; // see isOverview()
    static constexpr int smallTeam = 120; // nodes
    CanvasArea(Theme *theme, CanvasScene *scene, QWidget *parent);
    ~CanvasArea() override;
    void setEditing(CanvasEditing *editing) { m_editing = editing; }
    CanvasScene *canvas() const { return m_scene; }
    CanvasEditing *editing() const { return m_editing; }
    const Theme *theme() const { return m_theme; }

    double zoom() const { return transform().m11(); }
    double pixel() const { return 1 / zoom(); } // scene units of a pixel
    // Rectangles, no text: of a large team from afar, of any where a name would not fit.
    bool isOverview() const;
    QRectF visibleRect() const;               // of the scene
    void setZoom(double zoom, QPointF fixed); // `fixed`: viewport point that keeps its place
    void fit();
    void panBy(QPoint pixels);
    void centreOn(QPointF at);
    void ensureShown(const QRectF &rect);
    QPointF mouseScenePos() const; // the middle of the view when the mouse is elsewhere

    void setGesture(std::unique_ptr<CanvasGesture> gesture);
    bool hasGesture() const { return m_gesture != nullptr; }
    // A line from a port that waits for what it leads to, while quick add is open.
    void setPending(const QPainterPath &path);
    void refresh(); // all of it again

Q_SIGNALS:
    void viewChanged(); // another part of the scene, another zoom or size
    void message(const QString &sentence);
    void menuRequested(const QString &id, const QPoint &globalPos);

protected:
    void paintEvent(QPaintEvent *event) override;
    void drawBackground(QPainter *painter, const QRectF &rect) override;
    void drawForeground(QPainter *painter, const QRectF &rect) override;
    bool viewportEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    void wheelEvent(QWheelEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void keyReleaseEvent(QKeyEvent *event) override;
    bool focusNextPrevChild(bool next) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dragMoveEvent(QDragMoveEvent *event) override;
    void dragLeaveEvent(QDragLeaveEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    void timerEvent(QTimerEvent *event) override;

private:
    void paintOverview(const QRegion &region);
    void paintGesture(QPainter &painter);
    void beginGesture(QPointF scenePos);
    void release(QPoint at, Qt::KeyboardModifiers modifiers);
    void hover(QPoint at);
    void updateCursor();
    void moving(); // it is being panned or zoomed: draw roughly until it rests
    bool walkKey(QKeyEvent *event);
    void endKeyMove();
    void applyTheme();

    Theme *m_theme;
    CanvasScene *m_scene;
    CanvasEditing *m_editing = nullptr;
    std::unique_ptr<CanvasGesture> m_gesture;
    std::unique_ptr<KeyMove> m_keyMove;
    struct Press {
        CanvasHit hit;
        QPoint at;
        QPointF scenePos;
        Qt::KeyboardModifiers modifiers;
        bool wasSelected = false;
    };
    std::optional<Press> m_press;
    QPoint m_mouse;
    QPainterPath m_pending;
    bool m_space = false;
    bool m_mute = false; // the base class settles its accounts, nothing is to be drawn
    bool m_dropping = false;
    bool m_ring = false; // the focus came by a key
    QBasicTimer m_rest, m_edgeScroll;
    double m_frameMs = 0; // of the last frame in full quality
};

} // namespace lathe
