// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/FlameView.h"

#include "ui/itemmodels/Format.h"
#include "ui/runs/FlameRuler.h"
#include "ui/runs/StepStyle.h"
#include "ui/theme/Paint.h"

#include <QHelpEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>

#include <cmath>

namespace lathe {

namespace {
constexpr int flameHeight = 20; // a lane, the gap included
constexpr int lineHeight = 22;
constexpr int side = 12; // free on both sides of the axis
constexpr int top = 4;
constexpr double leastLabel = 34;

QColor ink(const QColor &on, const Tokens &t)
{
    const QColor dark(0x15, 0x17, 0x1B);
    const QColor light(Qt::white);
    return contrastRatio(dark, on) >= contrastRatio(light, on) ? (t.dark ? t.base : dark) : light;
}
}

FlameView::FlameView(Theme *theme, FlameSource *source, QWidget *parent)
    : QAbstractScrollArea(parent), m_theme(theme), m_source(source), m_ruler(new FlameRuler(theme, source->axis(), side, this)),
      m_texts(3000), m_widths(6000)
{
    setObjectName(QStringLiteral("flame-view"));
    setAccessibleName(tr("Steps over time"));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setViewportMargins(0, FlameRuler::Height, 0, 0);
    viewport()->setMouseTracking(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    const auto repaint = [this] { viewport()->update(); };
    connect(source->axis(), &TimeAxis::changed, this, repaint);
    connect(source, &FlameSource::litChanged, this, repaint);
    connect(source, &FlameSource::ticked, this, repaint);
    connect(source, &FlameSource::layoutChanged, this, &FlameView::refresh);
    connect(source->model(), &QAbstractItemModel::modelReset, this, &FlameView::refresh);
    connect(source->model(), &QAbstractItemModel::dataChanged, this, repaint);
    connect(theme, &Theme::changed, this, [this] {
        m_texts.clear();
        viewport()->update();
    });
}

void FlameView::setMode(Mode mode)
{
    if (mode == m_mode)
        return;
    m_mode = mode;
    m_hover = -1;
    refresh();
    if (m_current >= 0)
        setCurrent(std::exchange(m_current, -1));
}

void FlameView::refresh()
{
    const auto &rows = m_source->model()->rows();
    if (m_current >= int(rows.size()))
        m_current = -1;
    m_hover = -1;
    int lines = 0;
    if (m_mode == Mode::Waterfall) {
        m_order.clear();
        m_order.reserve(rows.size());
        m_line.assign(rows.size(), -1);
        // Depth first without recursion: a damaged trace may be as deep as it likes.
        std::vector<int> stack(m_source->model()->roots().rbegin(), m_source->model()->roots().rend());
        while (!stack.empty()) {
            const int row = stack.back();
            stack.pop_back();
            if (!m_source->model()->isShown(row))
                continue;
            m_line[size_t(row)] = int(m_order.size());
            m_order.push_back(row);
            const auto &children = rows[size_t(row)].children;
            stack.insert(stack.end(), children.rbegin(), children.rend());
        }
        lines = int(m_order.size()) * lineHeight;
    } else {
        m_order = {};
        m_line = {};
        lines = int(m_source->layout().lanes().size()) * flameHeight;
    }
    verticalScrollBar()->setSingleStep(m_mode == Mode::Flame ? flameHeight : lineHeight);
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setRange(0, std::max(0, lines + 2 * top - viewport()->height()));
    viewport()->update();
}

double FlameView::axisWidth() const
{
    return std::max(1, viewport()->width() - 2 * side);
}

double FlameView::xOf(qint64 us) const
{
    return side + timeaxis::position(us, m_source->axis()->visible(), axisWidth());
}

int FlameView::lineOf(int row) const
{
    if (m_mode == Mode::Flame)
        return m_source->layout().laneOf(row);
    return row >= 0 && row < int(m_line.size()) ? m_line[size_t(row)] : -1;
}

QRectF FlameView::rectOf(int row) const
{
    const TraceRow *of = m_source->row(row);
    const int line = lineOf(row);
    if (!of || line < 0)
        return {};
    const int height = m_mode == Mode::Flame ? flameHeight : lineHeight;
    const double from = xOf(of->startUs);
    const double to = xOf(m_source->endOf(*of));
    const double edge = side + axisWidth();
    if (to < side || from > edge)
        return {};
    const double x0 = std::max(from, double(side));
    const double x1 = std::clamp(to, x0, edge);
    const QRectF rect(x0, top + double(line) * height - verticalScrollBar()->value(), std::max(2.0, x1 - x0), height - 2);
    return rect.intersects(QRectF(viewport()->rect())) ? rect : QRectF();
}

int FlameView::rowAt(const QPoint &position) const
{
    const int y = position.y() - top + verticalScrollBar()->value();
    if (y < 0)
        return -1;
    if (m_mode == Mode::Waterfall) {
        const int line = y / lineHeight;
        return line < int(m_order.size()) ? m_order[size_t(line)] : -1;
    }
    const TimeRange visible = m_source->axis()->visible();
    const qint64 slack = qint64(3 * double(visible.length()) / axisWidth());
    return m_source->layout().rowAt(y / flameHeight, timeaxis::timeAt(position.x() - side, visible, axisWidth()), slack);
}

void FlameView::setCurrent(int row)
{
    if (row == m_current || !m_source->row(row))
        return;
    m_current = row;
    const int line = lineOf(row);
    if (line >= 0) {
        const int height = m_mode == Mode::Flame ? flameHeight : lineHeight;
        const int y = top + line * height;
        const int room = m_mode == Mode::Waterfall ? 2 * height : 0;
        if (y - room < verticalScrollBar()->value())
            verticalScrollBar()->setValue(y - room);
        else if (y + height + room > verticalScrollBar()->value() + viewport()->height())
            verticalScrollBar()->setValue(y + height + room - viewport()->height());
    }
    viewport()->update();
}

void FlameView::choose(int row)
{
    if (row < 0)
        return;
    setCurrent(row);
    if (const TraceRow *of = m_source->row(row))
        m_source->axis()->reveal(of->startUs, m_source->endOf(*of));
    Q_EMIT currentChanged(row);
}

void FlameView::move(Qt::Key key)
{
    const auto &rows = m_source->model()->rows();
    if (rows.empty())
        return;
    if (m_current < 0) {
        choose(m_mode == Mode::Waterfall && !m_order.empty() ? m_order.front() : m_source->model()->roots().front());
        return;
    }
    const TraceRow &of = rows[size_t(m_current)];
    if (m_mode == Mode::Waterfall && (key == Qt::Key_Up || key == Qt::Key_Down || key == Qt::Key_PageUp || key == Qt::Key_PageDown
                                      || key == Qt::Key_Home || key == Qt::Key_End)) {
        const int page = std::max(1, viewport()->height() / lineHeight - 1);
        const int by = key == Qt::Key_Up ? -1 : key == Qt::Key_Down ? 1 : key == Qt::Key_PageUp ? -page : key == Qt::Key_PageDown ? page : 0;
        int line = std::max(0, lineOf(m_current)) + by;
        if (key == Qt::Key_Home || key == Qt::Key_End)
            line = key == Qt::Key_Home ? 0 : int(m_order.size()) - 1;
        line = std::clamp(line, 0, int(m_order.size()) - 1);
        if (!m_order.empty())
            choose(m_order[size_t(line)]);
        return;
    }
    if (key == Qt::Key_Up || (key == Qt::Key_Left && m_mode == Mode::Waterfall)) {
        choose(of.parent);
    } else if (key == Qt::Key_Down || (key == Qt::Key_Right && m_mode == Mode::Waterfall)) {
        if (!of.children.empty())
            choose(of.children.front());
    } else if (key == Qt::Key_Left || key == Qt::Key_Right) {
        // The neighbour in its lane, whoever called it.
        const int lane = m_source->layout().laneOf(m_current);
        if (lane < 0)
            return;
        const auto &in = m_source->layout().lanes()[size_t(lane)];
        auto at = std::lower_bound(in.startUs.begin(), in.startUs.end(), of.startUs) - in.startUs.begin();
        while (at < qsizetype(in.rows.size()) && in.rows[size_t(at)] != m_current)
            ++at;
        at += key == Qt::Key_Left ? -1 : 1;
        if (at >= 0 && at < qsizetype(in.rows.size()))
            choose(in.rows[size_t(at)]);
    }
}

double FlameView::textWidth(const QString &text) const
{
    if (const double *known = m_widths.object(text))
        return *known;
    const double width = QFontMetricsF(m_theme->smallFont()).horizontalAdvance(text);
    m_widths.insert(text, new double(width));
    return width;
}

void FlameView::paintLabel(QPainter &painter, const QRectF &box, const QString &text, const QColor &color)
{
    const QString source = text.left(120);
    QString shown = source;
    if (textWidth(source) > box.width()) {
        // Cut at steps of 6 px, so that zooming finds most texts made.
        const int room = int(box.width()) / 6 * 6;
        const QString key = source + QChar(0) + QString::number(room);
        QStaticText *made = m_texts.object(key);
        if (!made) {
            made = new QStaticText(QFontMetricsF(m_theme->smallFont()).elidedText(source, Qt::ElideRight, room));
            made->setTextFormat(Qt::PlainText);
            made->prepare(QTransform(), m_theme->smallFont());
            m_texts.insert(key, made);
        }
        painter.setPen(color);
        painter.drawStaticText(QPointF(box.left(), box.center().y() - made->size().height() / 2), *made);
        return;
    }
    QStaticText *made = m_texts.object(shown);
    if (!made) {
        made = new QStaticText(shown);
        made->setTextFormat(Qt::PlainText);
        made->prepare(QTransform(), m_theme->smallFont());
        m_texts.insert(shown, made);
    }
    painter.setPen(color);
    painter.drawStaticText(QPointF(box.left(), box.center().y() - made->size().height() / 2), *made);
}

void FlameView::paintMarks(QPainter &painter, const TraceRow &row, double y)
{
    double free = -1e9;
    for (const TraceMark &mark : row.marks) {
        const double x = xOf(mark.timeUs > 0 ? mark.timeUs : row.startUs);
        if (x < free || x < -8 || x > viewport()->width() + 8)
            continue;
        stepstyle::paintMark(painter, QPointF(x, y), mark.kind, *m_theme);
        free = x + 13;
    }
}

void FlameView::paintFlame(QPainter &painter)
{
    const Tokens &t = m_theme->tokens();
    const auto &rows = m_source->model()->rows();
    const auto &lanes = m_source->layout().lanes();
    const TimeRange visible = m_source->axis()->visible();
    const int scrolled = verticalScrollBar()->value();
    const int first = std::max(0, (scrolled - top) / flameHeight);
    const int last = std::min(int(lanes.size()) - 1, (scrolled + viewport()->height()) / flameHeight);
    std::array<QColor, FlameLayout::Kinds> fills, dims, inks;
    for (int kind = 0; kind < FlameLayout::Kinds; ++kind) {
        const QColor color = t.color(stepstyle::color(StepKind(kind)));
        fills[size_t(kind)] = mix(t.base, color, t.dark ? 0.72 : 0.82);
        dims[size_t(kind)] = mix(t.base, color, 0.16);
        inks[size_t(kind)] = ink(fills[size_t(kind)], t);
    }
    std::vector<std::pair<int, double>> marked; // drawn last, over the neighbours
    for (int lane = first; lane <= last; ++lane) {
        const double y = top + lane * flameHeight - scrolled;
        for (const FlameBar &bar : flameBars(lanes[size_t(lane)], rows, visible, axisWidth())) {
            const TraceRow &row = rows[size_t(bar.row)];
            const bool single = bar.count == 1;
            const bool lit = m_source->isLit(bar.row);
            const auto kind = size_t(bar.kind);
            const bool open = single && !row.isOver();
            // Whole pixels, so that what lies close leaves no stripes; a gap between neighbours that have room for it.
            const double left = std::round(bar.x0);
            const double wide = std::max(1.0, std::round(bar.x1) - left);
            const QRectF box(side + left, y, wide > 3 ? wide - 1 : wide, flameHeight - 2);
            QColor fill = lit ? fills[kind] : dims[kind];
            if (open)
                fill = mix(t.base, t.color(stepstyle::color(bar.kind)), 0.35);
            if (single && bar.row == m_hover)
                fill = mix(fill, t.text, 0.16);
            painter.fillRect(box, fill);
            if (bar.failed > 0) { // a foot in red, as wide as the bar
                painter.fillRect(QRectF(box.left(), box.bottom() - 4, box.width(), 4), t.error);
                if (wide > 6)
                    painter.fillRect(QRectF(box.left(), box.top(), 3, box.height()), t.error);
            }
            if (single && box.width() >= leastLabel) {
                QRectF label = box.adjusted(bar.failed > 0 ? 8 : 5, 0, -4, 0);
                const QColor color = lit && !open ? inks[kind] : t.text2;
                const qint64 us = m_source->endOf(row) - row.startUs;
                const QString time = format::duration(us);
                const double timeWidth = textWidth(time);
                if (label.width() > textWidth(row.title.left(120)) + timeWidth + 14) {
                    paintLabel(painter, QRectF(label.right() - timeWidth, label.top(), timeWidth + 1, label.height()), time, color);
                    label.setRight(label.right() - timeWidth - 10);
                }
                paintLabel(painter, label, row.title, color);
            }
            if (single && !row.marks.empty())
                marked.emplace_back(bar.row, box.center().y());
        }
    }
    for (const auto &[row, y] : marked)
        paintMarks(painter, rows[size_t(row)], y);
}

void FlameView::paintWaterfall(QPainter &painter)
{
    const Tokens &t = m_theme->tokens();
    const auto &rows = m_source->model()->rows();
    const int scrolled = verticalScrollBar()->value();
    const int first = std::max(0, (scrolled - top) / lineHeight);
    const int last = std::min(int(m_order.size()) - 1, (scrolled + viewport()->height()) / lineHeight);
    for (int line = first; line <= last; ++line) {
        const int index = m_order[size_t(line)];
        const TraceRow &row = rows[size_t(index)];
        const double y = top + double(line) * lineHeight - scrolled;
        const QRectF band(0, y, viewport()->width(), lineHeight);
        if (index == m_current)
            painter.fillRect(band, hasFocus() ? t.selection : t.selectionInactive);
        else if (index == m_hover)
            painter.fillRect(band, t.hover);
        const bool lit = m_source->isLit(index);
        const double left = xOf(row.startUs);
        const double right = xOf(m_source->endOf(row));
        const QRectF box = QRectF(std::clamp(left, 0.0, double(viewport()->width())), y + 4, 0, lineHeight - 8);
        const double shownRight = std::clamp(right, box.left(), double(viewport()->width()));
        QRectF bar(box.left(), box.top(), std::max(2.0, shownRight - box.left()), box.height());
        const QColor color = t.color(stepstyle::color(row.kind));
        const QColor fill = !lit ? mix(t.base, color, 0.2) : row.isOver() ? mix(t.base, color, t.dark ? 0.8 : 0.88) : mix(t.base, color, 0.35);
        const bool out = right < 0 || left > viewport()->width();
        if (!out)
            painter.fillRect(bar, fill);
        if (row.isFailed() && !out)
            painter.fillRect(QRectF(bar.right() - std::min(3.0, bar.width()), bar.top() - 2, 3, bar.height() + 4), t.error);
        // The label stands where there is room: after the bar, before it, else inside.
        const QString time = format::duration(m_source->endOf(row) - row.startUs);
        const QString label = QStringLiteral("%1   %2").arg(row.title.left(100), time);
        const double width = std::min(textWidth(label), 360.0);
        const QColor text = !lit ? t.text3 : row.isFailed() ? t.error : index == m_current ? t.text : t.text2;
        double at = bar.right() + 8;
        bool inside = false;
        if (left > viewport()->width() || at + width > viewport()->width() - 4) {
            at = bar.left() - 26 - width;
            if (at < 4) {
                at = std::max(bar.left(), 0.0) + 6;
                inside = true;
            }
        }
        if (inside) {
            paintLabel(painter, QRectF(at, y, std::max(20.0, bar.right() - at - 6), lineHeight), label, lit ? ink(fill, t) : t.text2);
        } else {
            m_theme->paintIcon(painter, QRectF(at, y, 14, lineHeight), stepstyle::icon(row.kind), lit ? color : t.text3, 13);
            paintLabel(painter, QRectF(at + 18, y, width + 1, lineHeight), label, text);
        }
        if (!row.marks.empty() && !out)
            paintMarks(painter, row, bar.center().y());
    }
}

void FlameView::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    const Tokens &t = m_theme->tokens();
    painter.fillRect(viewport()->rect(), t.base);
    painter.setFont(m_theme->smallFont());
    const TimeRange visible = m_source->axis()->visible();
    const QColor grid = withAlpha(t.line, 0.6);
    for (const TimeTick &tick : timeaxis::ticks(visible, m_source->axis()->whole().startUs, axisWidth()))
        painter.fillRect(QRectF(std::round(side + tick.x), 0, 1, viewport()->height()), grid);
    if (m_mode == Mode::Flame)
        paintFlame(painter);
    else
        paintWaterfall(painter);
    if (m_mode == Mode::Flame && m_current >= 0) {
        if (QRectF rect = rectOf(m_current); !rect.isEmpty()) {
            painter.setRenderHint(QPainter::Antialiasing);
            rect.setLeft(std::max(rect.left(), 1.0));
            rect.setRight(std::min(rect.right(), double(viewport()->width() - 1)));
            painter.setPen(QPen(t.base, 4));
            painter.drawRect(rect);
            painter.setPen(QPen(hasFocus() ? t.accent : t.text, 2));
            painter.drawRect(rect);
        }
    }
    if (m_dragFrom && std::abs(m_dragTo - *m_dragFrom) > 3) {
        const QRectF range(QPointF(std::min(*m_dragFrom, m_dragTo), 0), QPointF(std::max(*m_dragFrom, m_dragTo), viewport()->height()));
        painter.fillRect(range, withAlpha(t.accent, 0.16));
        painter.fillRect(QRectF(range.left(), 0, 1, range.height()), t.accent);
        painter.fillRect(QRectF(range.right(), 0, 1, range.height()), t.accent);
        const qint64 us = qint64(range.width() * double(visible.length()) / axisWidth());
        painter.setFont(m_theme->smallFont());
        painter.setPen(t.text);
        painter.drawText(range.adjusted(6, 4, 200, 0), Qt::AlignTop | Qt::AlignLeft, format::duration(us));
    }
}

bool FlameView::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const TraceRow *row = m_source->row(rowAt(help->pos()));
        if (!row) {
            QToolTip::hideText();
            return true;
        }
        QStringList lines{QStringLiteral("<b>%1</b>").arg(row->title.left(200).toHtmlEscaped()),
                          QStringLiteral("%1 \u00b7 %2 \u00b7 %3").arg(stepstyle::kindWord(row->kind), format::statusText(row->status),
                                                                   format::duration(m_source->endOf(*row) - row->startUs))};
        if (row->tokens > 0)
            lines.append(tr("%1 tokens").arg(format::number(row->tokens)));
        if (!row->summary.isEmpty())
            lines.append(row->summary.toHtmlEscaped());
        QToolTip::showText(help->globalPos(), lines.join(QStringLiteral("<br>")), viewport());
        return true;
    }
    if (event->type() == QEvent::Leave && m_hover >= 0) {
        m_hover = -1;
        viewport()->update();
    }
    return QAbstractScrollArea::viewportEvent(event);
}

void FlameView::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    m_ruler->setGeometry(0, 0, viewport()->width(), FlameRuler::Height);
    refresh();
}

void FlameView::scrollContentsBy(int, int)
{
    viewport()->update();
}

void FlameView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && event->modifiers() & Qt::ShiftModifier)) {
        m_panFrom = event->pos();
        viewport()->setCursor(Qt::ClosedHandCursor);
    } else if (event->button() == Qt::LeftButton) {
        m_dragFrom = event->pos().x();
        m_dragTo = *m_dragFrom;
    }
}

void FlameView::mouseMoveEvent(QMouseEvent *event)
{
    if (m_panFrom) {
        const QPoint by = event->pos() - *m_panFrom;
        m_panFrom = event->pos();
        m_source->axis()->pan(-by.x() / axisWidth());
        verticalScrollBar()->setValue(verticalScrollBar()->value() - by.y());
        return;
    }
    if (m_dragFrom) {
        m_dragTo = event->pos().x();
        viewport()->update();
        return;
    }
    const int hover = rowAt(event->pos());
    if (hover != m_hover) {
        m_hover = hover;
        viewport()->update();
    }
}

void FlameView::mouseReleaseEvent(QMouseEvent *event)
{
    if (m_panFrom) {
        m_panFrom.reset();
        viewport()->unsetCursor();
        return;
    }
    if (!m_dragFrom)
        return;
    const int from = *m_dragFrom;
    m_dragFrom.reset();
    viewport()->update();
    if (std::abs(event->pos().x() - from) > 3) {
        const TimeRange visible = m_source->axis()->visible();
        const int x0 = std::min(from, event->pos().x()) - side;
        const int x1 = std::max(from, event->pos().x()) - side;
        m_source->axis()->setVisible({timeaxis::timeAt(x0, visible, axisWidth()), timeaxis::timeAt(x1, visible, axisWidth())});
        return;
    }
    const int row = rowAt(event->pos());
    if (row >= 0) {
        setCurrent(row);
        Q_EMIT currentChanged(row);
    }
}

void FlameView::mouseDoubleClickEvent(QMouseEvent *event)
{
    m_dragFrom.reset();
    if (const TraceRow *row = m_source->row(rowAt(event->pos())))
        m_source->axis()->fit(row->startUs, m_source->endOf(*row));
}

void FlameView::wheelEvent(QWheelEvent *event)
{
    const QPoint delta = event->angleDelta();
    if (event->modifiers() & Qt::ControlModifier) {
        const double share = std::clamp((event->position().x() - side) / axisWidth(), 0.0, 1.0);
        m_source->axis()->zoom(std::pow(0.8, delta.y() / 120.0), share);
    } else if (event->modifiers() & Qt::ShiftModifier || std::abs(delta.x()) > std::abs(delta.y())) {
        m_source->axis()->pan(-(delta.x() != 0 ? delta.x() : delta.y()) / 1200.0);
    } else {
        QAbstractScrollArea::wheelEvent(event);
    }
    event->accept();
}

void FlameView::focusInEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void FlameView::focusOutEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

} // namespace lathe
