// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Tokens.h"

#include <QRectF>
#include <QString>

class QFont;
class QPainter;

namespace lathe {

// One bar of a waterfall: where a step lies within the whole, 0..1.
struct DurationBar {
    double start = 0;
    double end = 1;
    ColorToken color = ColorToken::Model;
    bool running = false; // open at the right
    bool failed = false;  // ends in a red edge
    QString label;        // beside the bar, inside when there is room: "1.2 s"
};

// Draws the bar on `rect`, the row's whole time axis. A bar is never thinner than 2 px.
void paintDurationBar(QPainter &painter, const QRectF &rect, const DurationBar &bar,
                      const QFont &font, const Tokens &tokens);
// 950 us, 12 ms, 1.2 s, 2 min 05 s.
QString durationText(qint64 microseconds);

} // namespace lathe
