// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/FixDelegate.h"

#include "ui/theme/Paint.h"

#include <QMouseEvent>
#include <QPainter>

namespace lathe {

namespace {
constexpr int Height = 20;
constexpr int Padding = 8;
constexpr int Icon = 14;
}

FixDelegate::FixDelegate(Theme *theme, QObject *parent) : RowDelegate(theme, parent), m_theme(theme) {}

QRect FixDelegate::fixRect(const QRect &row, const QModelIndex &index) const
{
    const QString title = index.data(FixRole).toString();
    if (title.isEmpty() || !m_fixable)
        return {};
    const int wanted = QFontMetrics(m_theme->smallFont()).horizontalAdvance(title) + 2 * Padding + Icon + 4;
    const int width = std::min(wanted, row.width() * 2 / 5);
    return QRect(row.right() - width - 8, row.center().y() - Height / 2, width, Height);
}

void FixDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const QRect box = fixRect(option.rect, index);
    if (box.isEmpty())
        return RowDelegate::paint(painter, option, index);
    const Tokens &t = m_theme->tokens();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    paintBand(*painter, option, index, t);
    painter->restore();
    QStyleOptionViewItem text = option;
    text.rect.setRight(box.left() - 4);
    text.state &= ~(QStyle::State_Selected | QStyle::State_MouseOver | QStyle::State_HasFocus); // the band is there already
    RowDelegate::paint(painter, text, index);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const bool hovered = option.state & QStyle::State_MouseOver;
    paint::roundedBox(*painter, box, 4, mix(t.surface, t.accent, hovered ? 0.22 : 0.1), withAlpha(t.accent, 0.45));
    m_theme->paintIcon(*painter, QRectF(box.left() + Padding - 2, box.top(), Icon, box.height()), QStringLiteral("bolt"), t.accent, Icon - 2);
    painter->setFont(m_theme->smallFont());
    painter->setPen(t.text);
    const QRect inner = box.adjusted(Padding + Icon, 0, -Padding, 0);
    painter->drawText(inner, Qt::AlignVCenter | Qt::TextSingleLine,
                      painter->fontMetrics().elidedText(index.data(FixRole).toString(), Qt::ElideRight, inner.width()));
    painter->restore();
}

bool FixDelegate::editorEvent(QEvent *event, QAbstractItemModel *, const QStyleOptionViewItem &option, const QModelIndex &index)
{
    if (event->type() != QEvent::MouseButtonRelease)
        return false;
    const auto *mouse = static_cast<QMouseEvent *>(event);
    if (mouse->button() != Qt::LeftButton || !fixRect(option.rect, index).contains(mouse->position().toPoint()))
        return false;
    Q_EMIT fixClicked(index.row());
    return true;
}

} // namespace lathe
