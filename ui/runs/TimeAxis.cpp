// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/TimeAxis.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace timeaxis {

TimeRange clamped(TimeRange wanted, TimeRange whole, qint64 leastUs)
{
    const qint64 least = std::min(leastUs, std::max<qint64>(1, whole.length()));
    qint64 length = std::clamp(wanted.length(), least, std::max(least, whole.length()));
    TimeRange range{wanted.startUs, wanted.startUs + length};
    if (wanted.length() < least) // grown around its middle
        range.startUs = wanted.startUs - (length - std::max<qint64>(0, wanted.length())) / 2;
    range.startUs = std::clamp(range.startUs, whole.startUs, std::max(whole.startUs, whole.endUs - length));
    range.endUs = range.startUs + length;
    return range;
}

TimeRange zoomed(TimeRange visible, double factor, double share)
{
    const double length = double(visible.length());
    const double fixed = double(visible.startUs) + length * share;
    const double now = std::max(1.0, length * factor);
    TimeRange range;
    range.startUs = qint64(std::llround(fixed - now * share));
    range.endUs = range.startUs + std::max<qint64>(1, qint64(std::llround(now)));
    return range;
}

qint64 tickStep(qint64 lengthUs, double width, double leastPx)
{
    const double least = double(std::max<qint64>(1, lengthUs)) * leastPx / std::max(leastPx, width);
    constexpr qint64 minute = 60'000'000;
    if (least > 5'000'000) {
        for (const qint64 seconds : {10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18'000, 36'000, 86'400}) {
            if (double(seconds * 1'000'000) >= least)
                return seconds * 1'000'000;
        }
        constexpr qint64 day = 1440 * minute;
        qint64 step = day;
        while (double(step) < least)
            step *= 2;
        return step;
    }
    for (qint64 step = 1;; step *= 10) {
        for (const qint64 factor : {1, 2, 5}) {
            if (double(step * factor) >= least)
                return step * factor;
        }
    }
}

namespace {
// "05.25 s", as many digits as the step needs.
QString secondsText(qint64 us, qint64 stepUs)
{
    int digits = 0;
    for (qint64 part = 1'000'000; stepUs < part && digits < 6; part /= 10)
        ++digits;
    QString text = QString::number(double(us) / 1e6, 'f', digits);
    if (us < 10'000'000)
        text.prepend(QLatin1Char('0'));
    return text + QStringLiteral(" s");
}
}

QString tickText(qint64 us, qint64 stepUs)
{
    if (us == 0)
        return QStringLiteral("0");
    const bool negative = us < 0;
    const qint64 value = negative ? -us : us;
    const QString sign = negative ? QStringLiteral("-") : QString();
    const auto fraction = [&](qint64 unit, const char *name) {
        int digits = 0; // as many as the step needs
        for (qint64 part = unit; stepUs < part && digits < 3; part /= 10)
            ++digits;
        return sign + QString::number(double(value) / double(unit), 'f', digits) + QLatin1Char(' ') + QLatin1String(name);
    };
    constexpr qint64 second = 1'000'000;
    if (value >= 3600 * second) {
        const qint64 minutes = value / (60 * second) % 60;
        const QString text = sign + QStringLiteral("%1 h %2 m").arg(value / (3600 * second)).arg(minutes, 2, 10, QLatin1Char('0'));
        return stepUs >= 60 * second ? text : text + QLatin1Char(' ') + secondsText(value % (60 * second), stepUs);
    }
    if (value >= 60 * second) {
        const qint64 rest = value % (60 * second);
        const QString minutes = sign + QStringLiteral("%1 m").arg(value / (60 * second));
        if (rest == 0 && stepUs >= 60 * second)
            return minutes;
        return minutes + QLatin1Char(' ') + secondsText(rest, stepUs);
    }
    // The unit is the step's, so that neighbours read alike.
    if (value >= second) {
        int digits = 0;
        for (qint64 part = second; stepUs < part && digits < 6; part /= 10)
            ++digits;
        return sign + QString::number(double(value) / 1e6, 'f', digits) + QStringLiteral(" s");
    }
    if (value >= 1000)
        return fraction(1000, "ms");
    return sign + QStringLiteral("%1 \u00b5s").arg(value);
}

double position(qint64 us, TimeRange visible, double width)
{
    return double(us - visible.startUs) * width / double(std::max<qint64>(1, visible.length()));
}

qint64 timeAt(double x, TimeRange visible, double width)
{
    return visible.startUs + qint64(std::llround(x * double(visible.length()) / std::max(1.0, width)));
}

std::vector<TimeTick> ticks(TimeRange visible, qint64 originUs, double width, double leastPx)
{
    std::vector<TimeTick> made;
    if (width < 1 || visible.length() < 1)
        return made;
    const qint64 step = tickStep(visible.length(), width, leastPx);
    const qint64 from = visible.startUs - originUs;
    qint64 at = from / step * step;
    if (at < from)
        at += step;
    for (; at <= visible.endUs - originUs && made.size() < 1000; at += step)
        made.push_back({position(originUs + at, visible, width), tickText(at, step)});
    return made;
}

} // namespace timeaxis

void TimeAxis::setWhole(TimeRange whole)
{
    whole.endUs = std::max(whole.endUs, whole.startUs + 1);
    if (whole == m_whole)
        return;
    const bool fitted = isFitted();
    m_whole = whole;
    m_visible = fitted ? whole : timeaxis::clamped(m_visible, whole);
    Q_EMIT changed();
}

void TimeAxis::setVisible(TimeRange range)
{
    range = timeaxis::clamped(range, m_whole);
    if (range == m_visible)
        return;
    m_visible = range;
    Q_EMIT changed();
}

void TimeAxis::fit(qint64 startUs, qint64 endUs)
{
    const qint64 room = std::max<qint64>(10, (endUs - startUs) / 20);
    setVisible({startUs - room, std::max(endUs, startUs) + room});
}

void TimeAxis::zoom(double factor, double share)
{
    setVisible(timeaxis::zoomed(m_visible, factor, share));
}

void TimeAxis::pan(double share)
{
    const qint64 by = qint64(std::llround(double(m_visible.length()) * share));
    setVisible({m_visible.startUs + by, m_visible.endUs + by});
}

void TimeAxis::reveal(qint64 startUs, qint64 endUs)
{
    if (startUs < m_visible.endUs && endUs > m_visible.startUs)
        return;
    const qint64 middle = startUs + std::min(endUs - startUs, m_visible.length()) / 2;
    setVisible({middle - m_visible.length() / 2, middle - m_visible.length() / 2 + m_visible.length()});
}

} // namespace lathe
