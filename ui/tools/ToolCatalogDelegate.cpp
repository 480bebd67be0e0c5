// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolCatalogDelegate.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/ToolCatalogModel.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/tools/McpWords.h"
#include "ui/tools/ToolWords.h"

#include <QPainter>

namespace lathe {

namespace {
constexpr int CardHeight = 52;
constexpr int CardGap = 6;
constexpr int HeadHeight = 34;
constexpr int Pad = 14;
constexpr int PolicyWidth = 190;
constexpr int UseWidth = 170;
constexpr int LeastText = 260; // what name and purpose keep
}

ToolCatalogDelegate::ToolCatalogDelegate(Theme *theme, QObject *parent)
    : QStyledItemDelegate(parent), m_theme(theme), m_numbers(theme->smallFont())
{
}

QSize ToolCatalogDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &index) const
{
    return QSize(200, index.data(ToolCatalogModel::IsHeadRole).toBool() ? HeadHeight : CardHeight + CardGap);
}

void ToolCatalogDelegate::paintHead(QPainter &painter, const QRect &rect, const QModelIndex &index) const
{
    const Tokens &t = m_theme->tokens();
    const QRect line = rect.adjusted(2, 8, 0, 0);
    painter.setFont(m_theme->strongFont());
    painter.setPen(t.text2);
    painter.drawText(line, Qt::AlignVCenter, index.data().toString());
    const int width = painter.fontMetrics().horizontalAdvance(index.data().toString());
    painter.setFont(m_theme->smallFont());
    painter.setPen(t.text2);
    painter.drawText(line.adjusted(width + 8, 0, 0, 0), Qt::AlignVCenter, QString::number(index.data(ToolCatalogModel::CountRole).toInt()));
}

int ToolCatalogDelegate::paintBadge(QPainter &painter, const QRect &rect, const QString &text, const QColor &color) const
{
    const Tokens &t = m_theme->tokens();
    painter.setFont(m_theme->smallFont());
    const int width = painter.fontMetrics().horizontalAdvance(text) + 12;
    if (width > rect.width())
        return 0;
    const QRectF box(rect.left(), rect.center().y() - 8.5, width, 18);
    paint::roundedBox(painter, box, 4, withAlpha(color, t.dark ? 0.16 : 0.10), withAlpha(color, 0.35));
    painter.setPen(mix(color, t.text, 0.5));
    painter.drawText(box, Qt::AlignCenter | Qt::TextSingleLine, text);
    return width + 6;
}

void ToolCatalogDelegate::paintPolicy(QPainter &painter, const QRect &rect, const QModelIndex &index) const
{
    const Tokens &t = m_theme->tokens();
    const QRect top(rect.left(), rect.top() + 7, rect.width(), 18), bottom(rect.left(), rect.top() + 27, rect.width(), 18);
    const auto effect = SideEffect(index.data(ToolCatalogModel::EffectRole).toInt());
    const QColor color = t.color(toolwords::effectColor(effect));
    // A dot for reading, a bolt for acting: shape as well as colour.
    if (effect == SideEffect::Read)
        paint::roundedBox(painter, QRectF(top.left() + 4, top.center().y() - 2.5, 7, 7), 3.5, color);
    else
        m_theme->paintIcon(painter, QRectF(top.left(), top.top(), 15, top.height()), QStringLiteral("bolt"), color, 14);
    painter.setFont(m_theme->smallFont());
    painter.setPen(t.text);
    painter.drawText(top.adjusted(20, 0, 0, 0), Qt::AlignVCenter | Qt::TextSingleLine, toolwords::effect(effect));
    const ToolPolicy policy = toolwords::policyOf(index.data(ToolCatalogModel::BodyRole).toJsonObject());
    painter.setPen(policy.approval == Approval::Never ? t.error : t.text2);
    const QRect words = bottom.adjusted(20, 0, 0, 0);
    painter.drawText(words, Qt::AlignVCenter | Qt::TextSingleLine, painter.fontMetrics().elidedText(toolwords::approval(policy), Qt::ElideRight, words.width()));
}

void ToolCatalogDelegate::paintUse(QPainter &painter, const QRect &rect, const QModelIndex &index) const
{
    const Tokens &t = m_theme->tokens();
    const QRect top(rect.left(), rect.top() + 7, rect.width(), 18), bottom(rect.left(), rect.top() + 27, rect.width(), 18);
    const QStringList users = index.data(ToolCatalogModel::UsersRole).toStringList();
    painter.setFont(m_theme->smallFont());
    painter.setPen(users.isEmpty() ? t.text3 : t.text);
    const QString names = users.isEmpty() ? tr("nobody uses it") : tr("used by %1").arg(users.join(QStringLiteral(", ")));
    painter.drawText(top, Qt::AlignVCenter | Qt::TextSingleLine, painter.fontMetrics().elidedText(names, Qt::ElideRight, top.width()));
    const int calls = index.data(ToolCatalogModel::CallsRole).toInt(), failed = index.data(ToolCatalogModel::FailedRole).toInt();
    const QString text = calls == 0 ? tr("no calls in 30 days") : format::count(calls, tr("call"), tr("calls"));
    painter.setPen(calls == 0 ? t.text3 : t.text2);
    m_numbers.draw(painter, bottom, Qt::AlignVCenter | Qt::AlignLeft, text);
    if (failed <= 0)
        return;
    const QRect rest = bottom.adjusted(int(m_numbers.width(text)) + 6, 0, 0, 0);
    painter.setPen(t.error);
    painter.setFont(m_theme->smallFont());
    painter.drawText(rest, Qt::AlignVCenter | Qt::TextSingleLine, tr("%1 failed").arg(failed));
}

void ToolCatalogDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (index.data(ToolCatalogModel::IsHeadRole).toBool()) {
        paintHead(*painter, option.rect, index);
        painter->restore();
        return;
    }
    const Tokens &t = m_theme->tokens();
    const QRect card = option.rect.adjusted(0, 0, 0, -CardGap);
    const bool selected = option.state & QStyle::State_Selected, focused = option.state & QStyle::State_HasFocus;
    const bool hovered = option.state & QStyle::State_MouseOver;
    paint::roundedBox(*painter, card, metrics::Radius, selected ? t.selectionInactive : t.surface, hovered || selected ? t.lineStrong : t.line);
    if (hovered && !selected)
        paint::roundedBox(*painter, card, metrics::Radius, t.hover);
    if (selected && focused)
        paint::focusRing(*painter, card, metrics::Radius, t.accent);
    const QString type = index.data(ToolCatalogModel::TypeRole).toString();
    const QColor kind = t.color(toolwords::color(type));
    const QRectF tile(card.left() + Pad, card.center().y() - 15, 32, 32);
    paint::roundedBox(*painter, tile, metrics::Radius, withAlpha(kind, t.dark ? 0.14 : 0.10));
    m_theme->paintIcon(*painter, tile, toolwords::icon(type), kind, 18);

    // The right columns, as many as fit.
    QRect inner(int(tile.right()) + 12, card.top(), card.right() - Pad - int(tile.right()) - 12, card.height());
    if (inner.width() >= LeastText + PolicyWidth + UseWidth) {
        paintUse(*painter, QRect(inner.right() + 1 - UseWidth, inner.top(), UseWidth, inner.height()), index);
        inner.setRight(inner.right() - UseWidth - 16);
    }
    if (inner.width() >= LeastText + PolicyWidth) {
        paintPolicy(*painter, QRect(inner.right() + 1 - PolicyWidth, inner.top(), PolicyWidth, inner.height()), index);
        inner.setRight(inner.right() - PolicyWidth - 16);
    }
    QRect top(inner.left(), inner.top() + 6, inner.width(), 20);
    const QRect bottom(inner.left(), inner.top() + 27, inner.width(), 18);
    painter->setFont(m_theme->strongFont());
    painter->setPen(t.text);
    const QString name = painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, top.width());
    painter->drawText(top, Qt::AlignVCenter | Qt::TextSingleLine, name);
    top.setLeft(top.left() + painter->fontMetrics().horizontalAdvance(name) + 10);
    if (const int server = index.data(ToolCatalogModel::ServerRole).toInt(); server >= 0 && top.width() > 120) {
        const auto state = McpClient::State(server);
        paintStatus(*painter, QRectF(top.left(), top.top(), 14, top.height()), mcp::status(state), t);
        painter->setFont(m_theme->smallFont());
        painter->setPen(t.text2);
        const QString word = mcp::stateWord(state);
        painter->drawText(top.adjusted(18, 0, 0, 0), Qt::AlignVCenter | Qt::TextSingleLine, word);
        top.setLeft(top.left() + 18 + painter->fontMetrics().horizontalAdvance(word) + 10);
    }
    if (const int errors = index.data(ToolCatalogModel::ErrorsRole).toInt(); errors > 0)
        top.setLeft(top.left() + paintBadge(*painter, top, format::count(errors, tr("problem"), tr("problems")), t.error));
    if (index.data(ToolCatalogModel::NumberRole).toInt() == 0)
        top.setLeft(top.left() + paintBadge(*painter, top, tr("never committed"), t.text2));
    else if (index.data(ToolCatalogModel::DraftRole).toBool())
        top.setLeft(top.left() + paintBadge(*painter, top, tr("draft"), t.warning));
    painter->setFont(m_theme->smallFont());
    painter->setPen(t.text2);
    QString about = index.data(ToolCatalogModel::TypeTitleRole).toString();
    if (const QVariant functions = index.data(ToolCatalogModel::FunctionsRole); functions.isValid()) {
        const QPoint counts = functions.toPoint();
        about += QStringLiteral(" \u00b7 ") + (counts.y() == 0 ? tr("no functions yet") : tr("%1 of %2 functions on").arg(counts.x()).arg(counts.y()));
    }
    const QString purpose = format::oneLine(index.data(ToolCatalogModel::PurposeRole).toString(), 300);
    if (!purpose.isEmpty())
        about += QStringLiteral(" \u00b7 ") + purpose;
    painter->drawText(bottom, Qt::AlignVCenter | Qt::TextSingleLine, painter->fontMetrics().elidedText(about, Qt::ElideRight, bottom.width()));
    painter->restore();
}

} // namespace lathe
