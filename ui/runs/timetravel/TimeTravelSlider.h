// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/timetravel/TraceHistory.h"
#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

// The track of the time travel bar: one place per event, steps as marks in the colour of their kind, failures in red, the part that is
// past in brass. Dragging scrubs; it knows nothing of what is shown.
class TimeTravelSlider : public QWidget
{
    Q_OBJECT
public:
    explicit TimeTravelSlider(Theme *theme, QWidget *parent = nullptr);
    void setTrace(const TraceHistory *history, const Trace &trace); // kept until the next call
    void setPosition(int position);
    QSize sizeHint() const override { return {320, 28}; }

Q_SIGNALS:
    void dragged(int position);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    bool event(QEvent *event) override; // what happened there, as a tooltip

private:
    int positionAt(double x) const;
    double xOf(int position) const;
    void buildMarks();
    Theme *m_theme;
    const TraceHistory *m_history = nullptr;
    struct Mark {
        int position = 0;
        StepKind kind = StepKind::Control;
        bool failed = false;
    };
    std::vector<Mark> m_begins;
    struct Column { // one pixel
        int steps = 0, failed = 0;
        StepKind kind = StepKind::Control;
    };
    std::vector<Column> m_columns;
    int m_position = 0;
};

} // namespace lathe
