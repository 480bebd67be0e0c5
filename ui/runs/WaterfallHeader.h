// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/TimeAxis.h"
#include "ui/theme/Theme.h"

#include <QHeaderView>

#include <optional>

namespace lathe {

// The step tree's header: over the waterfall it shows the time axis instead of a title. A drag there chooses a range, a double click
// shows all.
class WaterfallHeader : public QHeaderView
{
    Q_OBJECT
public:
    static constexpr int Side = 10; // free on both sides of the axis, in the rows as well
    WaterfallHeader(Theme *theme, TimeAxis *axis, QWidget *parent = nullptr);

protected:
    void paintSection(QPainter *painter, const QRect &rect, int section) const override;
    bool viewportEvent(QEvent *event) override;

private:
    QRect axisRect() const; // of the waterfall's section
    Theme *m_theme;
    TimeAxis *m_axis;
    std::optional<int> m_from;
    int m_to = 0;
};

} // namespace lathe
