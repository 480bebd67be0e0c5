// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/CanvasScene.h"

namespace lathe {

class CanvasArea;

// What a drag of the mouse does until the button is let go. It shows what would be; finish() asks
// for the change, cancel() puts everything back.
class CanvasGesture
{
public:
    virtual ~CanvasGesture() = default;
    virtual void move(QPointF scenePos, QPoint at, Qt::KeyboardModifiers modifiers) = 0;
    virtual void finish() = 0;
    virtual void cancel() {}
    virtual void paint(QPainter &) const {} // in scene coordinates, over everything
    virtual Qt::CursorShape cursor() const { return Qt::ArrowCursor; }
    virtual bool scrollsAtEdge() const { return true; }

    static std::unique_ptr<CanvasGesture> pan(CanvasArea *area, QPoint at);
    static std::unique_ptr<CanvasGesture> band(CanvasArea *area, QPointF from, bool adds);
    // Moves the selection (frames with what is in them); `lead` is the item that snaps.
    static std::unique_ptr<CanvasGesture> moveItems(CanvasArea *area, const QString &lead,
                                                    QPointF from);
    static std::unique_ptr<CanvasGesture> resize(CanvasArea *area, const QString &box,
                                                 QPointF from);
    // Draws an edge from a port; from an input that is taken it picks that edge up.
    static std::unique_ptr<CanvasGesture> connect(CanvasArea *area, const QString &node,
                                                  PortRef port);
};

// Moves items for the keys: visible at once, asked for by finish().
class KeyMove
{
public:
    explicit KeyMove(CanvasArea *area);
    void by(QPointF delta);
    void finish();

private:
    CanvasArea *m_area;
    QHash<QString, QPointF> m_start;
    QPointF m_delta;
};

} // namespace lathe
