// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/IntervalPlot.h"

#include "ui/theme/Paint.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>

#include <cmath>

namespace lathe {

namespace {
constexpr int RowHeight = 26;
constexpr int AxisHeight = 18;
constexpr int Gap = 12;

int textWidth(int width)
{
    return std::clamp(width * 36 / 100, 150, 360);
}

int nameWidth(int width)
{
    return std::clamp(width * 19 / 100, 96, 220);
}
}

IntervalPlot::IntervalPlot(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme), m_numbers(theme->uiFont())
{
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void IntervalPlot::setMarks(std::vector<IntervalMark> marks, bool zero, double low, double high)
{
    m_marks = std::move(marks);
    m_zero = zero;
    double least = std::numeric_limits<double>::infinity(), most = -least;
    for (const IntervalMark &mark : m_marks) {
        if (!mark.known)
            continue;
        for (const double one : {mark.value, mark.low, mark.high}) {
            if (!std::isfinite(one))
                continue;
            least = std::min(least, one);
            most = std::max(most, one);
        }
    }
    if (least > most) {
        least = 0;
        most = 1;
    }
    if (zero) {
        const double reach = std::max({std::abs(least), std::abs(most), 1e-9}) * 1.12;
        m_low = std::isnan(low) ? -reach : low;
        m_high = std::isnan(high) ? reach : high;
    } else {
        const double room = std::max((most - least) * 0.12, std::abs(most) * 0.02 + 1e-9);
        m_low = std::isnan(low) ? (least >= 0 ? std::max(0.0, least - room) : least - room) : low;
        m_high = std::isnan(high) ? most + room : high;
    }
    m_current = -1;
    setAccessibleDescription(inWords());
    updateGeometry();
    update();
}

void IntervalPlot::setAxisText(const QString &low, const QString &middle, const QString &high)
{
    m_lowText = low;
    m_middleText = middle;
    m_highText = high;
    updateGeometry();
    update();
}

QString IntervalPlot::inWords() const
{
    QStringList lines;
    for (const IntervalMark &mark : m_marks)
        lines.append(QStringLiteral("%1: %2%3").arg(mark.name, mark.text, mark.note.isEmpty() ? QString() : QStringLiteral(", ") + mark.note));
    return lines.join(QLatin1Char('\n'));
}

QSize IntervalPlot::sizeHint() const
{
    const bool axis = !m_lowText.isEmpty() || !m_middleText.isEmpty();
    return QSize(620, RowHeight * int(m_marks.size()) + (axis ? AxisHeight : 0) + 2);
}

QRectF IntervalPlot::plotRect() const
{
    const double left = nameWidth(width()) + Gap;
    return QRectF(left, 0, std::max(60.0, width() - left - Gap - textWidth(width())), RowHeight * double(m_marks.size()));
}

QRectF IntervalPlot::rowRect(int row) const
{
    return QRectF(0, RowHeight * row, width(), RowHeight);
}

double IntervalPlot::toX(double value) const
{
    const QRectF plot = plotRect();
    const double share = m_high > m_low ? (std::clamp(value, m_low, m_high) - m_low) / (m_high - m_low) : 0.5;
    return plot.left() + share * plot.width();
}

void IntervalPlot::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens &t = m_theme->tokens();
    const QRectF plot = plotRect();
    const QFontMetrics metrics(m_theme->uiFont());
    const double ratio = devicePixelRatioF();
    const auto crisp = [ratio](double x) { return std::round(x * ratio) / ratio; };
    for (int i = 0; i < int(m_marks.size()); ++i) {
        const QRectF row = rowRect(i);
        painter.fillRect(QRectF(plot.left(), crisp(row.center().y()), plot.width(), 1 / ratio), withAlpha(t.line, 0.9));
    }
    if (m_zero) {
        painter.setPen(QPen(t.text3, 1, Qt::DashLine));
        painter.drawLine(QPointF(crisp(toX(0)) + 0.5, 0), QPointF(crisp(toX(0)) + 0.5, plot.bottom()));
    }
    for (int i = 0; i < int(m_marks.size()); ++i) {
        const IntervalMark &mark = m_marks[size_t(i)];
        const QRectF row = rowRect(i);
        painter.setFont(m_theme->uiFont());
        painter.setPen(t.text);
        painter.drawText(QRectF(0, row.top(), nameWidth(width()), row.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(mark.name, Qt::ElideRight, nameWidth(width())));
        const QRectF words(plot.right() + Gap, row.top(), width() - plot.right() - Gap, row.height());
        painter.setPen(mark.known ? t.text : t.text3);
        const double wide = m_numbers.width(mark.text);
        m_numbers.draw(painter, words, Qt::AlignLeft, metrics.elidedText(mark.text, Qt::ElideRight, int(words.width())));
        if (!mark.note.isEmpty() && wide + 60 < words.width()) {
            const QFontMetrics small(m_theme->smallFont());
            painter.setFont(m_theme->smallFont());
            painter.setPen(mark.color == ColorToken::Text ? t.text2 : t.color(mark.color));
            painter.drawText(words.adjusted(wide + 10, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                             small.elidedText(mark.note, Qt::ElideRight, int(words.width() - wide - 10)));
        }
        if (!mark.known)
            continue;
        const QColor color = t.color(mark.color);
        const double y = row.center().y(), from = toX(mark.low), to = toX(mark.high);
        if (to - from > 1) {
            paint::roundedBox(painter, QRectF(from, y - 5, to - from, 10), 3, withAlpha(color, t.dark ? 0.28 : 0.22));
            painter.setPen(QPen(color, 1.5, Qt::SolidLine, Qt::FlatCap));
            for (const double end : {from, to})
                painter.drawLine(QPointF(end, y - 5), QPointF(end, y + 5));
        }
        painter.setPen(QPen(t.surface, 1.5));
        painter.setBrush(color);
        painter.drawEllipse(QPointF(toX(mark.value), y), 4.5, 4.5);
        if (i == m_current && hasFocus())
            paint::focusRing(painter, row.adjusted(0, 1, 0, -1), 4, t.accent);
    }
    if (!m_lowText.isEmpty() || !m_middleText.isEmpty()) {
        painter.setFont(m_theme->smallFont());
        painter.setPen(t.text3);
        const QRectF axis(plot.left(), plot.bottom() + 1, plot.width(), AxisHeight);
        painter.drawText(QRectF(plot.left(), axis.top(), 160, AxisHeight), Qt::AlignLeft | Qt::AlignVCenter, m_lowText);
        painter.drawText(QRectF(plot.right() - 160, axis.top(), 160, AxisHeight), Qt::AlignRight | Qt::AlignVCenter, m_highText);
        const QFontMetrics small(m_theme->smallFont());
        const int ends = small.horizontalAdvance(m_lowText) + small.horizontalAdvance(m_highText);
        if (!m_middleText.isEmpty() && ends + small.horizontalAdvance(m_middleText) + 24 < plot.width()) {
            const double x = m_zero ? toX(0) : plot.center().x();
            painter.drawText(QRectF(x - 90, axis.top(), 180, AxisHeight), Qt::AlignCenter, m_middleText);
        }
    }
    if (hasFocus() && m_current < 0)
        paint::focusRing(painter, QRectF(rect()), 4, t.accent);
}

void IntervalPlot::keyPressEvent(QKeyEvent *event)
{
    const int step = event->key() == Qt::Key_Down || event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Up || event->key() == Qt::Key_Left ? -1 : 0;
    if (step == 0 || m_marks.empty())
        return QWidget::keyPressEvent(event);
    m_current = std::clamp(m_current + step, 0, int(m_marks.size()) - 1);
    const IntervalMark &mark = m_marks[size_t(m_current)];
    QToolTip::showText(mapToGlobal(rowRect(m_current).bottomLeft().toPoint()), QStringLiteral("%1: %2").arg(mark.name, mark.text), this);
    update();
}

void IntervalPlot::focusOutEvent(QFocusEvent *event)
{
    m_current = -1;
    QWidget::focusOutEvent(event);
}

bool IntervalPlot::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const int row = help->pos().y() / RowHeight;
        if (row >= 0 && row < int(m_marks.size())) {
            const IntervalMark &mark = m_marks[size_t(row)];
            QToolTip::showText(help->globalPos(), QStringLiteral("%1: %2%3").arg(mark.name, mark.text, mark.note.isEmpty() ? QString() : QStringLiteral("\n") + mark.note), this);
        }
        return true;
    }
    return QWidget::event(event);
}

} // namespace lathe
