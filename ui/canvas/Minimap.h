// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QPixmap>
#include <QTimer>
#include <QWidget>

namespace lathe {

class CanvasArea;
class CanvasScene;

// The whole canvas small, with the part in view as a rectangle that can be dragged; the arrow keys
// move it. The picture is made anew at most a few times a second, and not at all while hidden.
class Minimap : public QWidget
{
    Q_OBJECT
public:
    Minimap(Theme *theme, CanvasScene *scene, CanvasArea *area, QWidget *parent);
    QSize sizeHint() const override { return QSize(200, 132); }
    QRectF viewRect() const; // in this widget

protected:
    void paintEvent(QPaintEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void stale();
    void redraw();
    void viewMoved();
    QTransform toMap() const; // from the scene

    Theme *m_theme;
    CanvasScene *m_scene;
    CanvasArea *m_area;
    QTimer m_timer;
    QPixmap m_picture;
    QRectF m_shown; // of the scene
    QPointF m_grip; // where in the view rectangle it is held
};

} // namespace lathe
