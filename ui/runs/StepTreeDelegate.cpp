// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/StepTreeDelegate.h"

#include "ui/itemmodels/StepTreeModel.h"
#include "ui/runs/StepStyle.h"
#include "ui/runs/WaterfallHeader.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/DurationBar.h"

#include <QPainter>

#include <cmath>

namespace lathe {

StepTreeDelegate::StepTreeDelegate(Theme *theme, FlameSource *source, QObject *parent)
    : RowDelegate(theme, parent), m_theme(theme), m_source(source)
{
}

void StepTreeDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    if (index.column() == StepTreeModel::Name)
        paintName(*painter, option, index);
    else if (index.column() == StepTreeModel::Waterfall)
        paintBar(*painter, option, index);
    else
        RowDelegate::paint(painter, option, index);
}

void StepTreeDelegate::paintName(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const TraceRow *row = m_source->model()->row(index);
    const Tokens &t = m_theme->tokens();
    // Of a top step the accent's edge stands left of the arrow (drawn with the branch), not between arrow and icon.
    paintBand(painter, option, index.parent().isValid() ? index : index.siblingAtColumn(StepTreeModel::Duration), t);
    if (!row)
        return;
    const bool lit = m_source->isLit(int(index.internalId()));
    QRect rect = option.rect.adjusted(4, 0, -4, 0);
    m_theme->paintIcon(painter, QRectF(rect.left(), rect.top(), 16, rect.height()), stepstyle::icon(row->kind),
                       lit ? t.color(stepstyle::color(row->kind)) : t.text3);
    rect.setLeft(rect.left() + 22);
    const Status status = stepstyle::status(*row);
    if (status != Status::Ok) {
        paintStatus(painter, QRectF(rect.left(), rect.top(), 16, rect.height()), status, t);
        rect.setLeft(rect.left() + 20);
    }
    const QFont font = m_theme->uiFont();
    const QFontMetrics metrics(font);
    const QString title = metrics.elidedText(row->title.left(300), Qt::ElideRight, rect.width());
    painter.setFont(font);
    painter.setPen(lit ? t.text : t.text3);
    painter.drawText(rect, Qt::AlignVCenter | Qt::TextSingleLine, title);
    rect.setLeft(rect.left() + metrics.horizontalAdvance(title) + 8);
    if (row->untrusted) {
        painter.setFont(m_theme->smallFont());
        const int width = painter.fontMetrics().horizontalAdvance(stepstyle::strangersWord()) + 18;
        if (rect.width() > width) {
            m_theme->paintIcon(painter, QRectF(rect.left(), rect.top(), 12, rect.height()), QStringLiteral("warning"), t.color(ColorToken::Warning), 12);
            painter.setPen(t.color(ColorToken::Warning));
            painter.drawText(rect.adjusted(16, 0, 0, 0), Qt::AlignVCenter | Qt::TextSingleLine, stepstyle::strangersWord());
            rect.setLeft(rect.left() + width + 6);
        }
    }
    QString detail = row->summary;
    if (!row->children.empty() && !(option.state & QStyle::State_Open))
        detail.prepend(QStringLiteral("%1   ").arg(row->children.size()));
    if (detail.isEmpty() || rect.width() < 40)
        return;
    painter.setFont(m_theme->smallFont());
    painter.setPen(option.state & QStyle::State_Selected ? mix(t.text2, t.text, 0.3) : status == Status::Error ? t.error : t.text3);
    painter.drawText(rect, Qt::AlignVCenter | Qt::TextSingleLine,
                     QFontMetrics(m_theme->smallFont()).elidedText(detail, Qt::ElideRight, rect.width()));
}

void StepTreeDelegate::paintBar(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const TraceRow *row = m_source->model()->row(index);
    const Tokens &t = m_theme->tokens();
    paintBand(painter, option, index, t);
    if (!row)
        return;
    const QRectF rect = QRectF(option.rect).adjusted(WaterfallHeader::Side, 0, -WaterfallHeader::Side, 0);
    const TimeRange seen = m_source->axis()->visible();
    const TimeRange whole = m_source->axis()->whole();
    const double width = rect.width();
    const qint64 step = timeaxis::tickStep(seen.length(), width);
    qint64 at = (seen.startUs - whole.startUs) / step * step + whole.startUs;
    for (; at <= seen.endUs; at += step) {
        if (at >= seen.startUs)
            painter.fillRect(QRectF(std::round(rect.left() + timeaxis::position(at, seen, width)), rect.top(), 1, rect.height()),
                             withAlpha(t.line, 0.6));
    }
    const qint64 end = m_source->endOf(*row);
    if (end < seen.startUs || row->startUs > seen.endUs) { // an arrow says on which side it is
        const bool before = end < seen.startUs;
        painter.setPen(t.text3);
        painter.setFont(m_theme->smallFont());
        painter.drawText(rect, int(before ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, before ? QStringLiteral("\u2039") : QStringLiteral("\u203a"));
        return;
    }
    const double length = double(std::max<qint64>(1, seen.length()));
    DurationBar bar;
    bar.start = double(row->startUs - seen.startUs) / length;
    bar.end = double(end - seen.startUs) / length;
    bar.color = m_source->isLit(int(index.internalId())) ? stepstyle::color(row->kind) : ColorToken::Line;
    bar.running = !row->isOver();
    bar.failed = row->isFailed();
    painter.save();
    painter.setClipRect(option.rect, Qt::IntersectClip);
    painter.setRenderHint(QPainter::Antialiasing);
    paintDurationBar(painter, rect, bar, m_theme->smallFont(), t);
    double free = -1e9;
    for (const TraceMark &mark : row->marks) {
        const qint64 us = mark.timeUs > 0 ? mark.timeUs : row->startUs;
        const double x = rect.left() + timeaxis::position(us, seen, width);
        if (us < seen.startUs || us > seen.endUs || x < free)
            continue;
        stepstyle::paintMark(painter, QPointF(x, rect.center().y()), mark.kind, *m_theme);
        free = x + 13;
    }
    painter.restore();
}

} // namespace lathe
