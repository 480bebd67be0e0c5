// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunListDelegate.h"

#include "ui/itemmodels/RunListModel.h"
#include "ui/runs/StepStyle.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/StarRating.h"

#include <QPainter>

#include <algorithm>

namespace lathe {

namespace {
constexpr int side = 8;
constexpr int badgeHeight = 18;
constexpr int badgePadding = 6;
constexpr int badgeGap = 4;
constexpr int mostTags = 4;
constexpr int longestTag = 120; // px
}

RunListDelegate::RunListDelegate(Theme *theme, QObject *parent)
    : RowDelegate(theme, parent), m_theme(theme), m_font(theme->uiFont()), m_small(theme->smallFont()), m_smallMetrics(m_small)
{
}

void RunListDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const int column = index.column();
    const Tokens &t = m_theme->tokens();
    const QRect rect = option.rect.adjusted(side, 0, -side, 0);
    if (column == RunListModel::Number)
        return paintNumber(*painter, option, index);
    if (!index.data(RunListModel::LoadedRole).toBool()) {
        paintBand(*painter, option, index, t);
        if (column == RunListModel::Agent || column == RunListModel::Input || column == RunListModel::Output) {
            const int width = rect.width() * (5 + int((index.row() * 7 + column * 3) % 4)) / 10;
            paint::roundedBox(*painter, QRectF(rect.left(), rect.center().y() - 3, width, 8), 4, withAlpha(t.text, 0.07));
        }
        return;
    }
    switch (column) {
    case RunListModel::Status:
        return paintStatusCell(*painter, option, index);
    case RunListModel::Rating:
        paintBand(*painter, option, index, t);
        return paintRating(*painter, rect, index.data(RunListModel::RatingRole).toInt());
    case RunListModel::Tags:
        paintBand(*painter, option, index, t);
        paintTags(*painter, rect, index.data(RunListModel::TagsRole).toStringList(), false);
        return;
    case RunListModel::Agent: {
        const QString source = index.data(RunListModel::SourceRole).toString();
        if (source.isEmpty())
            break;
        paintBand(*painter, option, index, t);
        const int used = paintBadge(*painter, rect, source, t.color(ColorToken::Control), true);
        QStyleOptionViewItem rest(option);
        rest.rect.setRight(option.rect.right() - used - badgeGap);
        rest.state &= ~(QStyle::State_Selected | QStyle::State_MouseOver); // the band is there
        return RowDelegate::paint(painter, rest, index);
    }
    case RunListModel::Input: {
        const QStringList tags = m_tagsInInput ? index.data(RunListModel::TagsRole).toStringList() : QStringList();
        if (tags.isEmpty())
            break;
        paintBand(*painter, option, index, t);
        const QRect place = rect.adjusted(rect.width() * 2 / 5, 0, 0, 0); // the text has its share
        const int used = paintTags(*painter, place, tags, true);
        QStyleOptionViewItem rest(option);
        rest.rect.setRight(option.rect.right() - used - badgeGap);
        rest.state &= ~(QStyle::State_Selected | QStyle::State_MouseOver);
        return RowDelegate::paint(painter, rest, index);
    }
    default:
        break;
    }
    RowDelegate::paint(painter, option, index);
}

void RunListDelegate::paintStatusCell(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Tokens &t = m_theme->tokens();
    paintBand(painter, option, index, t);
    const QRect rect = option.rect.adjusted(side, 0, -side, 0);
    const Status status = stepstyle::status(RunStatus(index.data(RunListModel::StatusRole).toInt()));
    paintStatus(painter, QRectF(rect.left(), rect.top(), 16, rect.height()), status, t);
    const bool plain = status == Status::Ok || status == Status::Cancelled;
    painter.setFont(m_font);
    painter.setPen(plain ? t.text2 : t.color(statusColor(status)));
    painter.drawText(rect.adjusted(24, 0, 0, 0), Qt::AlignVCenter | Qt::TextSingleLine, index.data().toString());
}

void RunListDelegate::paintNumber(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Tokens &t = m_theme->tokens();
    paintBand(painter, option, index, t);
    QRect rect = option.rect.adjusted(side, 0, -4, 0);
    const auto mark = [&](const QString &icon, ColorToken color) {
        if (rect.width() < 40)
            return;
        m_theme->paintIcon(painter, QRectF(rect.right() - 13, rect.top(), 14, rect.height()), icon, t.color(color), 13);
        rect.setRight(rect.right() - 17);
    };
    if (index.data(RunListModel::PinnedRole).toBool())
        mark(QStringLiteral("pin"), ColorToken::Accent);
    if (index.data(RunListModel::ForkRole).toBool())
        mark(QStringLiteral("fork"), ColorToken::Text2);
    painter.setFont(m_font);
    painter.setPen(option.state & QStyle::State_Selected ? mix(t.text2, t.text, 0.3) : t.text2);
    painter.drawText(rect, Qt::AlignVCenter | Qt::TextSingleLine, index.data().toString());
}

void RunListDelegate::paintRating(QPainter &painter, const QRect &rect, int rating) const
{
    const Tokens &t = m_theme->tokens();
    if (rating >= 1 && rating <= 5) {
        StarRating::paintStars(painter, QRectF(rect), rating, t, 12);
    } else if (rating == 0 || rating == 6) {
        const bool up = rating == 6;
        m_theme->paintIcon(painter, QRectF(rect.left(), rect.top(), 16, rect.height()),
                           up ? QStringLiteral("thumb-up") : QStringLiteral("thumb-down"),
                           t.color(up ? ColorToken::Ok : ColorToken::Error), 14);
    }
}

int RunListDelegate::paintBadge(QPainter &painter, const QRect &rect, const QString &text, const QColor &color, bool right) const
{
    const int most = std::min(longestTag, rect.width());
    const QString shown = m_smallMetrics.elidedText(text, Qt::ElideRight, most - 2 * badgePadding);
    const int width = m_smallMetrics.horizontalAdvance(shown) + 2 * badgePadding;
    if (width > rect.width() || shown.isEmpty())
        return 0;
    const QRectF box(right ? rect.right() + 1 - width : rect.left(), rect.center().y() + 1 - badgeHeight / 2, width, badgeHeight);
    const Tokens &t = m_theme->tokens();
    paint::roundedBox(painter, box, 4, withAlpha(color, t.dark ? 0.16 : 0.10), withAlpha(color, 0.35));
    painter.setFont(m_small);
    painter.setPen(mix(color, t.text, 0.5));
    painter.drawText(box, Qt::AlignCenter | Qt::TextSingleLine, shown);
    return width;
}

int RunListDelegate::paintTags(QPainter &painter, const QRect &rect, const QStringList &tags, bool right) const
{
    const QColor color = m_theme->tokens().text2;
    QRect left = rect;
    int used = 0;
    // From the right the last comes first, so that they read in order.
    for (int i = 0; i < int(tags.size()); ++i) {
        const int remaining = int(tags.size()) - i;
        const bool rest = i == mostTags - 1 && remaining > 1;
        const QString text = rest ? QStringLiteral("+%1").arg(remaining) : right ? tags.at(tags.size() - 1 - i) : tags.at(i);
        const int width = paintBadge(painter, left, text, color, right);
        if (width == 0)
            break;
        used += width + badgeGap;
        if (right)
            left.setRight(left.right() - width - badgeGap);
        else
            left.setLeft(left.left() + width + badgeGap);
        if (rest)
            break;
    }
    return used;
}

} // namespace lathe
