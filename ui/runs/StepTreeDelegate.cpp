// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/StepTreeDelegate.h"

#include "ui/itemmodels/StepTreeModel.h"
#include "ui/runs/StepStyle.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/DurationBar.h"

#include <QPainter>

namespace lathe {

namespace {
constexpr int sidePadding = 10;
}

StepTreeDelegate::StepTreeDelegate(Theme *theme, QObject *parent) : RowDelegate(theme, parent), m_theme(theme) {}

void StepTreeDelegate::setAxis(std::function<std::pair<qint64, qint64>()> axis)
{
    m_axis = std::move(axis);
}

qint64 StepTreeDelegate::gridStep(qint64 lengthUs, double width)
{
    const double least = double(lengthUs) * 64 / std::max(64.0, width);
    for (qint64 step = 1;; step *= 10) { // 1, 2, 5, 10, 20, ...
        for (const qint64 factor : {1, 2, 5}) {
            if (double(step * factor) >= least)
                return step * factor;
        }
    }
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
    const auto *model = qobject_cast<const StepTreeModel *>(index.model());
    const Step *step = model ? model->step(index) : nullptr;
    const Tokens &t = m_theme->tokens();
    paintBand(painter, option, index, t);
    if (!step)
        return;
    QRect rect = option.rect.adjusted(4, 0, -4, 0);
    m_theme->paintIcon(painter, QRectF(rect.left(), rect.top(), 16, rect.height()), stepstyle::icon(step->kind),
                       t.color(stepstyle::color(step->kind)));
    rect.setLeft(rect.left() + 22);
    const Status status = stepstyle::status(*step);
    if (status != Status::Ok) {
        paintStatus(painter, QRectF(rect.left(), rect.top(), 16, rect.height()), status, t);
        rect.setLeft(rect.left() + 20);
    }
    const QFont font = m_theme->uiFont();
    const QFontMetrics metrics(font);
    const QString title = metrics.elidedText(stepstyle::title(*step).left(300), Qt::ElideRight, rect.width());
    painter.setFont(font);
    painter.setPen(t.text);
    painter.drawText(rect, Qt::AlignVCenter | Qt::TextSingleLine, title);
    rect.setLeft(rect.left() + metrics.horizontalAdvance(title) + 8);
    const QString detail = index.data(StepTreeModel::SummaryRole).toString();
    if (detail.isEmpty() || rect.width() < 40)
        return;
    painter.setFont(m_theme->smallFont());
    painter.setPen(option.state & QStyle::State_Selected ? mix(t.text2, t.text, 0.3) : status == Status::Error ? t.error : t.text3);
    painter.drawText(rect, Qt::AlignVCenter | Qt::TextSingleLine,
                     QFontMetrics(m_theme->smallFont()).elidedText(detail, Qt::ElideRight, rect.width()));
}

void StepTreeDelegate::paintBar(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto *model = qobject_cast<const StepTreeModel *>(index.model());
    const Step *step = model ? model->step(index) : nullptr;
    const Tokens &t = m_theme->tokens();
    paintBand(painter, option, index, t);
    if (!step || !m_axis)
        return;
    const auto [startUs, endUs] = m_axis();
    const double length = double(std::max<qint64>(1, endUs - startUs));
    const QRectF rect = QRectF(option.rect).adjusted(sidePadding, 0, -sidePadding, 0);
    const qint64 grid = gridStep(qint64(length), rect.width());
    for (qint64 at = 0; double(at) <= length; at += grid)
        painter.fillRect(QRectF(std::round(rect.left() + rect.width() * double(at) / length), rect.top(), 1, rect.height()),
                         withAlpha(t.line, 0.6));
    const bool running = !stepstyle::isOver(step->status);
    DurationBar bar;
    bar.start = double(step->startUs - startUs) / length;
    bar.end = running ? 1 : double(std::max(step->endUs, step->startUs) - startUs) / length;
    bar.color = stepstyle::color(step->kind);
    bar.running = running;
    bar.failed = stepstyle::status(*step) == Status::Error;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    paintDurationBar(painter, rect, bar, m_theme->smallFont(), t);
    painter.restore();
}

} // namespace lathe
