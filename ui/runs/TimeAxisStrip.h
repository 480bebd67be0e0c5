// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/FlameSource.h"
#include "ui/theme/Theme.h"

#include <QPixmap>
#include <QWidget>

namespace lathe {

// The whole run in small, with the part that is seen: drag its edges or all of it, drag beside it to choose another, double click for
// all. Failed steps are red ticks at the top.
class TimeAxisStrip : public QWidget
{
    Q_OBJECT
public:
    static constexpr int Height = 44;
    TimeAxisStrip(Theme *theme, FlameSource *source, QWidget *parent = nullptr);
    void setCurrent(int row);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;

private:
    enum class Grip { None, Left, Right, Inside, Fresh };
    Grip gripAt(double x) const;
    double xOf(qint64 us) const;
    qint64 timeAt(double x) const;
    void draw();
    Theme *m_theme;
    FlameSource *m_source;
    QPixmap m_picture; // all but the window
    TimeRange m_drawn; // what it shows
    bool m_stale = true;
    int m_current = -1;
    Grip m_grip = Grip::None;
    qint64 m_anchorUs = 0;
    TimeRange m_before;
};

} // namespace lathe
