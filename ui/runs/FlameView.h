// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/FlameSource.h"
#include "ui/theme/Theme.h"

#include <QAbstractScrollArea>
#include <QCache>
#include <QStaticText>

#include <optional>

namespace lathe {

class FlameRuler;

// A run as bars over the whole width: stacked below their callers (flame graph), or one step a line (waterfall). Only what is seen is
// painted, and steps too narrow to tell apart become one bar, so that 100 000 steps scroll as easily as ten.
// Ctrl+wheel zooms at the pointer, Shift+wheel moves, a drag chooses a range, a double click fits a step.
class FlameView : public QAbstractScrollArea
{
    Q_OBJECT
public:
    enum class Mode { Flame, Waterfall };
    FlameView(Theme *theme, FlameSource *source, QWidget *parent = nullptr);
    void setMode(Mode mode);
    Mode mode() const { return m_mode; }
    int current() const { return m_current; }
    void setCurrent(int row); // makes it visible; tells nobody
    // Moves the choice: in the waterfall by lines; in the flame graph to the parent, the first child, the neighbours.
    void move(Qt::Key key);
    int rowAt(const QPoint &position) const; // of the viewport, -1: none
    // Where a step is drawn, in the viewport; empty when it is out of sight.
    QRectF rectOf(int row) const;

Q_SIGNALS:
    void currentChanged(int row); // by the person

protected:
    bool viewportEvent(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    void refresh(); // order of lines and scroll bar
    void paintFlame(QPainter &painter);
    void paintWaterfall(QPainter &painter);
    void paintLabel(QPainter &painter, const QRectF &box, const QString &text, const QColor &color);
    void paintMarks(QPainter &painter, const TraceRow &row, double y);
    double textWidth(const QString &text) const;
    double xOf(qint64 us) const;
    double axisWidth() const;
    int lineOf(int row) const;
    void choose(int row);
    Theme *m_theme;
    FlameSource *m_source;
    FlameRuler *m_ruler;
    Mode m_mode = Mode::Flame;
    std::vector<int> m_order; // of the waterfall: rows by line
    std::vector<int> m_line;  // by row, -1: filtered out
    int m_current = -1;
    int m_hover = -1;
    std::optional<int> m_dragFrom; // x
    int m_dragTo = 0;
    std::optional<QPoint> m_panFrom;
    mutable QCache<QString, QStaticText> m_texts;
    mutable QCache<QString, double> m_widths;
    friend class FlameRuler;
};

} // namespace lathe
