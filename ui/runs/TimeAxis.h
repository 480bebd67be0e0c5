// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

#include <vector>

namespace lathe {

// A span of time, microseconds; never empty where it is drawn.
struct TimeRange {
    qint64 startUs = 0;
    qint64 endUs = 1;
    qint64 length() const { return endUs - startUs; }
    bool operator==(const TimeRange &) const = default;
};

struct TimeTick {
    double x = 0; // pixels from the left edge
    QString text;
};

// Pure arithmetic of axes.
namespace timeaxis {
// The range that was asked for, at least `leastUs` long and inside `whole` as far as it fits.
TimeRange clamped(TimeRange wanted, TimeRange whole, qint64 leastUs = 20);
// `factor` below 1 zooms in; the time at `share` (0..1 of the range) stays where it is.
TimeRange zoomed(TimeRange visible, double factor, double share);
// Round distance of ticks, at least `leastPx` apart: 1, 2 or 5 times a power of ten; above five seconds what clocks have (10, 15, 30 s,
// 1, 2, 5, 10, 15, 30 m, 1, 2, 5, 10 h).
qint64 tickStep(qint64 lengthUs, double width, double leastPx = 72);
// The ticks inside the visible range; texts count from `originUs`, in one unit and with as many digits as the step asks for.
std::vector<TimeTick> ticks(TimeRange visible, qint64 originUs, double width, double leastPx = 72);
QString tickText(qint64 us, qint64 stepUs);
double position(qint64 us, TimeRange visible, double width); // pixels
qint64 timeAt(double x, TimeRange visible, double width);
}

// The time axis that all views of a trace share: the whole run and the part of it that is seen. While everything is seen it stays so as
// the run grows.
class TimeAxis : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    TimeRange whole() const { return m_whole; }
    TimeRange visible() const { return m_visible; }
    bool isFitted() const { return m_visible == m_whole; }
    void setWhole(TimeRange whole);
    void setVisible(TimeRange range);
    void fitAll() { setVisible(m_whole); }
    void fit(qint64 startUs, qint64 endUs); // with a little room on both sides
    void zoom(double factor, double share = 0.5);
    void pan(double share); // of the visible length, to the right
    // Shows the time without changing the scale; nothing when it is seen already.
    void reveal(qint64 startUs, qint64 endUs);

Q_SIGNALS:
    void changed();

private:
    TimeRange m_whole;
    TimeRange m_visible;
};

} // namespace lathe
