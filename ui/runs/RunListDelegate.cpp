// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunListDelegate.h"

#include "ui/itemmodels/RunListModel.h"
#include "ui/runs/StepStyle.h"
#include "ui/widgets/StarRating.h"

#include <QPainter>

namespace lathe {

RunListDelegate::RunListDelegate(Theme *theme, QObject *parent)
    : RowDelegate(theme, parent), m_theme(theme), m_font(theme->uiFont())
{
}

void RunListDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const int column = index.column();
    if (column != RunListModel::Status && column != RunListModel::Rating) {
        RowDelegate::paint(painter, option, index);
        return;
    }
    const Tokens &t = m_theme->tokens();
    paintBand(*painter, option, index, t);
    const QRect rect = option.rect.adjusted(8, 0, -8, 0);
    if (column == RunListModel::Status) {
        const Status status = stepstyle::status(RunStatus(index.data(RunListModel::StatusRole).toInt()));
        paintStatus(*painter, QRectF(rect.left(), rect.top(), 16, rect.height()), status, t);
        const bool plain = status == Status::Ok || status == Status::Cancelled;
        painter->setFont(m_font);
        painter->setPen(plain ? t.text2 : t.color(statusColor(status)));
        painter->drawText(rect.adjusted(24, 0, 0, 0), Qt::AlignVCenter | Qt::TextSingleLine, index.data().toString());
        return;
    }
    const int rating = index.data(RunListModel::RatingRole).toInt();
    if (rating >= 1 && rating <= 5) {
        StarRating::paintStars(*painter, QRectF(rect), rating, t, 12);
    } else if (rating == 0 || rating == 6) {
        const bool up = rating == 6;
        m_theme->paintIcon(*painter, QRectF(rect.left(), rect.top(), 16, rect.height()),
                           up ? QStringLiteral("thumb-up") : QStringLiteral("thumb-down"),
                           t.color(up ? ColorToken::Ok : ColorToken::Error), 14);
    }
}

} // namespace lathe
