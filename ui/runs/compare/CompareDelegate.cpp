// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/compare/CompareDelegate.h"

#include "ui/itemmodels/Format.h"
#include "ui/runs/StepStyle.h"
#include "ui/runs/compare/CompareModel.h"
#include "ui/theme/Paint.h"

#include <QPainter>

#include <cmath>

namespace lathe {

namespace {
constexpr int indent = 16;
constexpr int deepest = 12;

QString sign(double value)
{
    return value < 0 ? QStringLiteral("\u2212") : QStringLiteral("+");
}
}

CompareDelegate::CompareDelegate(Theme *theme, QObject *parent) : RowDelegate(theme, parent), m_theme(theme) {}

QString CompareDelegate::deltaText(qint64 deltaUs, qint64 baseUs)
{
    const qint64 size = std::abs(deltaUs);
    if (size < 1000 || double(size) < 0.02 * double(baseUs)) // clocks differ by as much
        return {};
    return sign(double(deltaUs)) + format::duration(size);
}

QString CompareDelegate::countDelta(qint64 delta)
{
    return delta == 0 ? QString() : sign(double(delta)) + format::number(std::abs(delta));
}

QString CompareDelegate::costDelta(double deltaUsd)
{
    if (std::abs(deltaUsd) < 5e-6)
        return {};
    Usage usage;
    usage.inputTokens = 1;
    usage.costUsd = std::abs(deltaUsd);
    return sign(deltaUsd) + format::cost(usage);
}

void CompareDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto *model = qobject_cast<const CompareModel *>(index.model());
    paintBand(*painter, option, index, m_theme->tokens());
    if (!model || !model->row(index.row()))
        return;
    if (index.column() == 0)
        paintName(*painter, option, *model, index);
    else
        paintRun(*painter, option, *model, index);
}

void CompareDelegate::paintName(QPainter &painter, const QStyleOptionViewItem &option, const CompareModel &model, const QModelIndex &index) const
{
    const Tokens &t = m_theme->tokens();
    const AlignedRow &row = *model.row(index.row());
    const bool selected = option.state & QStyle::State_Selected;
    QRect rect = option.rect.adjusted(10, 0, -8, 0);
    if (model.isFirstDivergence(index.row())) {
        painter.fillRect(QRect(option.rect.left(), option.rect.top(), 4, option.rect.height()), t.accent);
        if (!selected)
            painter.fillRect(option.rect, withAlpha(t.accent, t.dark ? 0.12 : 0.10));
    } else if (row.differences != 0) {
        painter.fillRect(QRect(option.rect.left(), option.rect.top() + 4, 2, option.rect.height() - 8), withAlpha(t.accent, 0.7));
    }
    rect.setLeft(rect.left() + std::min(row.depth, deepest) * indent);
    const Step *first = nullptr;
    for (int i = 0; i < model.runCount() && !first; ++i)
        first = model.step(index.row(), i);
    if (!first)
        return;
    m_theme->paintIcon(painter, QRectF(rect.left(), rect.top(), 16, rect.height()), stepstyle::icon(first->kind), t.color(stepstyle::color(first->kind)));
    rect.setLeft(rect.left() + 22);
    if (row.differences != 0) {
        const QString words = model.isFirstDivergence(index.row()) ? QObject::tr("first: %1").arg(CompareModel::differenceWords(row.differences))
                                                                   : CompareModel::differenceWords(row.differences);
        painter.setFont(m_theme->smallFont());
        const int width = std::min(painter.fontMetrics().horizontalAdvance(words), rect.width() / 2);
        painter.setPen(t.accent);
        painter.drawText(QRect(rect.right() - width, rect.top(), width + 1, rect.height()), Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine,
                         painter.fontMetrics().elidedText(words, Qt::ElideRight, width + 1));
        rect.setRight(rect.right() - width - 10);
    }
    painter.setFont(m_theme->uiFont());
    painter.setPen(row.differences != 0 || selected ? t.text : t.text2);
    painter.drawText(rect, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                     painter.fontMetrics().elidedText(index.data().toString().simplified(), Qt::ElideRight, rect.width()));
}

void CompareDelegate::paintRun(QPainter &painter, const QStyleOptionViewItem &option, const CompareModel &model, const QModelIndex &index) const
{
    const Tokens &t = m_theme->tokens();
    const int run = index.column() - 1;
    const AlignedRow &row = *model.row(index.row());
    const Step *step = model.step(index.row(), run);
    const bool selected = option.state & QStyle::State_Selected;
    painter.fillRect(QRect(option.rect.left(), option.rect.top(), 1, option.rect.height()), t.line);
    QRect rect = option.rect.adjusted(10, 0, -10, 0);
    if (!step) {
        if (!selected)
            painter.fillRect(option.rect.adjusted(1, 0, 0, 0), mix(t.surface, t.base, 0.8));
        painter.setFont(m_theme->smallFont());
        painter.setPen(t.text3);
        painter.drawText(rect, Qt::AlignLeft | Qt::AlignVCenter, index.data().toString());
        return;
    }
    const bool differs = row.differing & (1 << run);
    if (differs && !selected)
        painter.fillRect(option.rect.adjusted(1, 0, 0, 0), withAlpha(t.accent, t.dark ? 0.07 : 0.06));
    const Status status = stepstyle::status(*step);
    if (status != Status::Ok) {
        paintStatus(painter, QRectF(rect.left(), rect.top(), 16, rect.height()), status, t);
        rect.setLeft(rect.left() + 20);
    }
    // Numbers at the right, as many as there is room for; deltas to the first run behind them.
    const StepNumbers numbers = model.numbers(index.row(), run);
    const StepNumbers delta = model.delta(index.row(), run);
    painter.setFont(m_theme->smallFont());
    const QFontMetrics small = painter.fontMetrics();
    const auto put = [&](const QString &text, const QString &change, bool more, int column) {
        if (rect.width() < column + 40)
            return;
        QRect place(rect.right() - column, rect.top(), column + 1, rect.height());
        if (!change.isEmpty()) {
            painter.setPen(more ? t.warning : t.ok);
            painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, change);
            place.setRight(place.right() - small.horizontalAdvance(change) - 6);
        }
        painter.setPen(selected ? mix(t.text2, t.text, 0.3) : t.text2);
        painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, text);
        rect.setRight(rect.right() - column - 10);
    };
    const int wide = option.rect.width();
    const bool narrow = wide < 220; // the card above has the delta of the whole
    put(numbers.durationUs >= 0 ? format::duration(numbers.durationUs) : QString(),
        narrow ? QString() : deltaText(delta.durationUs, numbers.durationUs - delta.durationUs), delta.durationUs > 0, run == 0 || narrow ? 60 : 116);
    if (wide > 320 && step->kind == StepKind::Model && numbers.tokens > 0)
        put(QObject::tr("%1 tok").arg(format::number(numbers.tokens)), countDelta(delta.tokens), delta.tokens > 0, run == 0 ? 64 : 112);
    if (wide > 460 && step->kind == StepKind::Model && numbers.tokens > 0)
        put(format::cost(step->usage()), delta.costKnown ? costDelta(delta.costUsd) : QString(), delta.costUsd > 0, run == 0 ? 60 : 120);
    if (rect.width() < 24)
        return;
    const bool renamed = row.differences & RowName && differs;
    QString text = index.data().toString();
    if (renamed)
        text = text.isEmpty() ? stepstyle::title(*step).left(120) : QStringLiteral("%1: %2").arg(stepstyle::title(*step).left(120), text);
    painter.setFont(m_theme->uiFont());
    painter.setPen(differs || selected ? t.text : row.differences != 0 ? t.text2 : t.text3);
    painter.drawText(rect, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, painter.fontMetrics().elidedText(text, Qt::ElideRight, rect.width()));
}

} // namespace lathe
