// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/TimeAxis.h"
#include "ui/theme/Theme.h"

#include <QWidget>

#include <optional>

namespace lathe {

// Draws the ticks of a time axis with their times, from `rect`'s left to its right edge.
void paintTicks(QPainter &painter, const QRectF &rect, const TimeAxis &axis, const Theme &theme);

// The time axis above a picture. A drag chooses a range, a double click shows all.
class FlameRuler : public QWidget
{
    Q_OBJECT
public:
    static constexpr int Height = 26;
    FlameRuler(Theme *theme, TimeAxis *axis, int side, QWidget *parent);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;

private:
    Theme *m_theme;
    TimeAxis *m_axis;
    int m_side;
    std::optional<int> m_from;
    int m_to = 0;
};

} // namespace lathe
