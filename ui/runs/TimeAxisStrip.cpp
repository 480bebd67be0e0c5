// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/TimeAxisStrip.h"

#include "ui/itemmodels/Format.h"
#include "ui/runs/StepStyle.h"
#include "ui/theme/Paint.h"

#include <QMouseEvent>
#include <QPainter>

#include <cmath>

namespace lathe {

namespace {
constexpr int side = 12;
constexpr int errors = 6;   // height of the ticks on top
constexpr int mostLanes = 9;
constexpr double least = 6; // px between the edges of the window
}

TimeAxisStrip::TimeAxisStrip(Theme *theme, FlameSource *source, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_source(source)
{
    setObjectName(QStringLiteral("time-strip"));
    setAccessibleName(tr("The whole run and the part that is seen"));
    setFixedHeight(Height);
    setMouseTracking(true);
    const auto stale = [this] {
        m_stale = true;
        update();
    };
    connect(source, &FlameSource::layoutChanged, this, stale);
    connect(theme, &Theme::changed, this, stale);
    connect(source->axis(), &TimeAxis::changed, this, qOverload<>(&QWidget::update));
}

void TimeAxisStrip::setCurrent(int row)
{
    m_current = row;
    update();
}

double TimeAxisStrip::xOf(qint64 us) const
{
    return side + timeaxis::position(us, m_source->axis()->whole(), std::max(1, width() - 2 * side));
}

qint64 TimeAxisStrip::timeAt(double x) const
{
    return timeaxis::timeAt(std::clamp(x - side, 0.0, double(width() - 2 * side)), m_source->axis()->whole(), std::max(1, width() - 2 * side));
}

void TimeAxisStrip::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_stale = true;
}

// The lanes in a few pixels each; when there are more lanes than room, several share a line.
void TimeAxisStrip::draw()
{
    m_stale = false;
    m_drawn = m_source->axis()->whole();
    const double dpr = devicePixelRatioF();
    m_picture = QPixmap(size() * dpr);
    m_picture.setDevicePixelRatio(dpr);
    const Tokens &t = m_theme->tokens();
    m_picture.fill(t.base);
    QPainter painter(&m_picture);
    const auto &lanes = m_source->layout().lanes();
    const auto &rows = m_source->model()->rows();
    const double axis = std::max(1, width() - 2 * side);
    const int shown = std::min(int(lanes.size()), 200); // beyond that a lane adds nothing one could see
    const double room = height() - errors - 8;
    const double each = std::min(6.0, room / std::max(1, std::min(shown, mostLanes)));
    std::vector<char> bad(size_t(axis) + 2, 0);
    for (int lane = 0; lane < int(lanes.size()); ++lane) {
        const bool drawn = lane < shown;
        const auto &of = lanes[size_t(lane)];
        if (!drawn && (of.failed.empty() || of.failed.back() == 0))
            continue;
        const double y = errors + 3 + (shown <= mostLanes ? lane : lane * mostLanes / double(shown)) * each;
        for (const FlameBar &bar : flameBars(of, rows, m_drawn, axis)) {
            if (drawn) {
                const double share = bar.count == 1 && bar.x1 - bar.x0 > 2 ? 0.62 : 0.5;
                painter.fillRect(QRectF(side + bar.x0, y, std::max(1.0, bar.x1 - bar.x0), std::max(1.0, each - 1)),
                                 mix(t.base, t.color(stepstyle::color(bar.kind)), share));
            }
            if (bar.failed > 0)
                bad[size_t(std::clamp(bar.count == 1 ? bar.x1 : bar.x0, 0.0, axis))] = 1;
        }
    }
    for (size_t x = 0; x < bad.size(); ++x) {
        if (bad[x])
            painter.fillRect(QRectF(side + double(x) - 0.5, 2, 2, errors), t.error);
    }
}

void TimeAxisStrip::paintEvent(QPaintEvent *)
{
    if (m_stale || m_picture.isNull() || !(m_drawn == m_source->axis()->whole())
        || !qFuzzyCompare(m_picture.devicePixelRatio(), devicePixelRatioF()))
        draw();
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    painter.drawPixmap(0, 0, m_picture);
    painter.fillRect(QRectF(0, height() - 1, width(), 1), t.line);
    if (const TraceRow *row = m_source->row(m_current)) {
        const double x = xOf(row->startUs);
        painter.fillRect(QRectF(x, height() - 4, std::max(2.0, xOf(m_source->endOf(*row)) - x), 2), t.accent);
    }
    const TimeRange seen = m_source->axis()->visible();
    if (m_source->axis()->isFitted())
        return;
    const double left = xOf(seen.startUs);
    const double right = std::max(xOf(seen.endUs), left + least);
    const QColor shade = withAlpha(t.base, 0.72);
    painter.fillRect(QRectF(0, 0, left, height() - 1), shade);
    painter.fillRect(QRectF(right, 0, width() - right, height() - 1), shade);
    painter.setRenderHint(QPainter::Antialiasing);
    paint::roundedBox(painter, QRectF(left, 1, right - left, height() - 3), 3, Qt::transparent, t.accent);
    const double apart = right - left < 16 ? 4 : 0; // close together they stand outside
    for (const double x : {left - apart, right + apart})
        paint::roundedBox(painter, QRectF(x - 3, height() / 2.0 - 8, 6, 16), 2, t.accent);
}

TimeAxisStrip::Grip TimeAxisStrip::gripAt(double x) const
{
    if (m_source->axis()->isFitted())
        return Grip::Fresh;
    const double left = xOf(m_source->axis()->visible().startUs);
    const double right = std::max(xOf(m_source->axis()->visible().endUs), left + least);
    if (std::abs(x - left) <= 6 && std::abs(x - left) <= std::abs(x - right))
        return Grip::Left;
    if (std::abs(x - right) <= 6)
        return Grip::Right;
    return x > left && x < right ? Grip::Inside : Grip::Fresh;
}

void TimeAxisStrip::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_grip = gripAt(event->position().x());
    m_anchorUs = timeAt(event->position().x());
    m_before = m_source->axis()->visible();
}

void TimeAxisStrip::mouseMoveEvent(QMouseEvent *event)
{
    const double x = event->position().x();
    if (m_grip == Grip::None) {
        const Grip grip = gripAt(x);
        setCursor(grip == Grip::Left || grip == Grip::Right ? Qt::SizeHorCursor : grip == Grip::Inside ? Qt::OpenHandCursor : Qt::IBeamCursor);
        setToolTip(format::duration(timeAt(x) - m_source->axis()->whole().startUs));
        return;
    }
    const qint64 at = timeAt(x);
    TimeRange wanted = m_before;
    if (m_grip == Grip::Left)
        wanted.startUs = std::min(at, m_before.endUs - 20);
    else if (m_grip == Grip::Right)
        wanted.endUs = std::max(at, m_before.startUs + 20);
    else if (m_grip == Grip::Inside)
        wanted = {m_before.startUs + at - m_anchorUs, m_before.endUs + at - m_anchorUs};
    else if (std::abs(xOf(at) - xOf(m_anchorUs)) > 3)
        wanted = {std::min(at, m_anchorUs), std::max(at, m_anchorUs)};
    m_source->axis()->setVisible(wanted);
}

void TimeAxisStrip::mouseReleaseEvent(QMouseEvent *event)
{
    // A click beside the window moves it there.
    const qint64 at = timeAt(event->position().x());
    if (m_grip == Grip::Fresh && !m_source->axis()->isFitted() && m_source->axis()->visible() == m_before)
        m_source->axis()->setVisible({at - m_before.length() / 2, at - m_before.length() / 2 + m_before.length()});
    m_grip = Grip::None;
}

void TimeAxisStrip::mouseDoubleClickEvent(QMouseEvent *)
{
    m_grip = Grip::None;
    m_source->axis()->fitAll();
}

void TimeAxisStrip::wheelEvent(QWheelEvent *event)
{
    const TimeRange seen = m_source->axis()->visible();
    const double share = double(timeAt(event->position().x()) - seen.startUs) / double(std::max<qint64>(1, seen.length()));
    m_source->axis()->zoom(std::pow(0.8, event->angleDelta().y() / 120.0), std::clamp(share, 0.0, 1.0));
    event->accept();
}

} // namespace lathe
