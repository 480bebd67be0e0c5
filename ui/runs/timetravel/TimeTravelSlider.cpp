// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/timetravel/TimeTravelSlider.h"

#include "ui/itemmodels/Format.h"
#include "ui/runs/StepStyle.h"
#include "ui/theme/Paint.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
constexpr int side = 8; // room for the handle at both ends

// What is shown when several steps begin in one pixel: the dearest first.
int weight(StepKind kind)
{
    switch (kind) {
    case StepKind::Model:
        return 5;
    case StepKind::Tool:
        return 4;
    case StepKind::Human:
        return 3;
    case StepKind::Memory:
        return 2;
    case StepKind::Agent:
        return 1;
    case StepKind::Control:
        return 0;
    }
    return 0;
}
}

TimeTravelSlider::TimeTravelSlider(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("time-slider"));
    setAccessibleName(tr("Time of the run"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFixedHeight(28);
    setMinimumWidth(80);
    setCursor(Qt::PointingHandCursor);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void TimeTravelSlider::setTrace(const TraceHistory *history, const Trace &trace)
{
    m_history = history;
    m_begins.clear();
    for (int at = 1; at <= history->count(); ++at) {
        const RunEvent &event = history->eventBefore(at);
        if (event.kind != RunEventKind::StepStarted)
            continue;
        const int index = trace.indexOf(event.step);
        const bool failed = index >= 0 && stepstyle::status(trace.steps()[size_t(index)]) == Status::Error;
        m_begins.push_back({at, event.stepKind, failed});
    }
    buildMarks();
    update();
}

void TimeTravelSlider::buildMarks()
{
    m_columns.assign(size_t(std::max(0, width())), Column());
    for (const Mark &mark : m_begins) {
        const int x = int(std::lround(xOf(mark.position)));
        if (x < 0 || x >= int(m_columns.size()))
            continue;
        Column &column = m_columns[size_t(x)];
        if (column.steps == 0 || weight(mark.kind) > weight(column.kind))
            column.kind = mark.kind;
        ++column.steps;
        column.failed += int(mark.failed);
    }
}

void TimeTravelSlider::setPosition(int position)
{
    m_position = position;
    update();
}

double TimeTravelSlider::xOf(int position) const
{
    const int count = m_history ? m_history->count() : 0;
    const double share = count > 0 ? double(position) / count : 1;
    return side + share * (width() - 2 * side);
}

int TimeTravelSlider::positionAt(double x) const
{
    const int count = m_history ? m_history->count() : 0;
    const double share = (x - side) / std::max(1, width() - 2 * side);
    return std::clamp(int(std::lround(share * count)), 0, count);
}

void TimeTravelSlider::paintEvent(QPaintEvent *)
{
    const Tokens &t = m_theme->tokens();
    QPainter painter(this);
    const double middle = height() / 2.0;
    const double here = xOf(m_position);
    const QRectF track(side, middle - 2, width() - 2 * side, 4);
    painter.setRenderHint(QPainter::Antialiasing);
    paint::roundedBox(painter, track, 2, t.line);
    paint::roundedBox(painter, QRectF(track.left(), track.top(), here - track.left(), track.height()), 2, withAlpha(t.accent, 0.75));
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (size_t x = 0; x < m_columns.size(); ++x) {
        const Column &column = m_columns[x];
        if (column.steps == 0)
            continue;
        // One step is a mark of its own. Of many in a pixel the red part is as long as the share that failed, at least a tick.
        const auto shade = [past = double(x) <= here](const QColor &color) { return past ? color : withAlpha(color, 0.4); };
        const bool single = column.steps == 1;
        const double height = single && column.failed > 0 ? 18 : 14;
        const double red = column.failed == 0 ? 0 : single ? height : std::max(3.0, height * column.failed / column.steps);
        const double top = middle - height / 2;
        painter.fillRect(QRectF(double(x), top, 1, red), shade(t.error));
        painter.fillRect(QRectF(double(x), top + red, 1, height - red), shade(t.color(stepstyle::color(column.kind))));
    }
    painter.setRenderHint(QPainter::Antialiasing);
    paint::roundedBox(painter, QRectF(here - 5, middle - 9, 10, 18), 3, t.raised, t.accent, 2);
}

void TimeTravelSlider::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    buildMarks();
}

void TimeTravelSlider::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        Q_EMIT dragged(positionAt(event->position().x()));
}

void TimeTravelSlider::mouseMoveEvent(QMouseEvent *event)
{
    if (event->buttons() & Qt::LeftButton)
        Q_EMIT dragged(positionAt(event->position().x()));
}

void TimeTravelSlider::wheelEvent(QWheelEvent *event)
{
    const int delta = event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
    if (m_history && delta != 0)
        Q_EMIT dragged(delta > 0 ? m_history->previousStop(m_position) : m_history->nextStop(m_position));
    event->accept();
}

bool TimeTravelSlider::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip || !m_history)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const int position = positionAt(help->pos().x());
    // Only the event itself: the state there would have to be built.
    QString what;
    if (position > 0) {
        const RunEvent &at = m_history->eventBefore(position);
        what = at.step.isEmpty() ? runEventKindName(at.kind) : tr("step %1").arg(at.step);
    }
    QToolTip::showText(help->globalPos(), what.isEmpty() ? format::duration(0) : tr("%1, %2").arg(format::duration(m_history->timeAt(position)), what), this);
    return true;
}

} // namespace lathe
