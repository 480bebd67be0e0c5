// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CommandPaletteDelegate.h"

#include "ui/theme/Paint.h"
#include "ui/widgets/CommandPaletteModel.h"
#include "ui/widgets/KeyHint.h"

#include <QTextLayout>

namespace lathe {

CommandPaletteDelegate::CommandPaletteDelegate(Theme *theme, QObject *parent)
    : QStyledItemDelegate(parent),
      m_theme(theme),
      m_plain(theme->uiFont()),
      m_strong(theme->strongFont()),
      m_small(theme->smallFont()),
      m_caps(theme->smallFont())
{
    m_caps.setPixelSize(11);
}

QSize CommandPaletteDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return QSize(200, 34);
}

void CommandPaletteDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                                   const QModelIndex &index) const
{
    const auto *model = qobject_cast<const CommandPaletteModel *>(index.model());
    if (!model)
        return;
    const PaletteCommand &command = model->command(index.row());
    const Tokens &t = m_theme->tokens();
    const QRect row = option.rect.adjusted(6, 0, -6, 0);
    const bool selected = option.state & QStyle::State_Selected;
    if (selected)
        paint::roundedBox(*painter, row, 6, t.selection);
    else if (option.state & QStyle::State_MouseOver && command.enabled)
        paint::roundedBox(*painter, row, 6, t.hover);
    m_theme->paintIcon(*painter, QRectF(row.left() + 10, row.top(), 16, row.height()), command.icon,
                       command.enabled ? t.text2 : t.text3);
    int right = row.right() - 10;
    const QString keys = command.shortcut.toString(QKeySequence::NativeText);
    if (!keys.isEmpty()) {
        KeyHint::paintCaps(*painter,
                           QRectF(row.left(), row.top(), right - row.left(), row.height()), m_caps,
                           keys, t);
        right -= KeyHint::capsWidth(m_caps, keys) + 12;
    }
    const QFontMetrics small(m_small);
    const QString section = small.elidedText(command.section, Qt::ElideRight, 140);
    if (!section.isEmpty()) {
        const int width = small.horizontalAdvance(section);
        painter->setFont(m_small);
        painter->setPen(selected          ? t.text2
                        : command.enabled ? mix(t.text3, t.text2, 0.4)
                                          : t.text3);
        painter->drawText(QRect(right - width, row.top(), width + 1, row.height()),
                          Qt::AlignVCenter, section);
        right -= width + 16;
    }
    const int left = row.left() + 36;
    const QFontMetrics plain(m_plain);
    const QString title = plain.elidedText(command.title, Qt::ElideRight, right - left - 6);
    QTextLayout layout(title, m_plain);
    QList<QTextLayout::FormatRange> ranges;
    const auto positions = index.data(CommandPaletteModel::PositionsRole).value<QList<int>>();
    for (const int at : positions) {
        if (at >= title.size())
            break;
        QTextLayout::FormatRange range;
        range.start = at;
        range.length = 1;
        range.format.setFont(m_strong, QTextCharFormat::FontPropertiesSpecifiedOnly);
        range.format.setForeground(command.enabled ? t.accent : t.text3);
        ranges.append(range);
    }
    layout.setFormats(ranges);
    layout.beginLayout();
    QTextLine line = layout.createLine();
    line.setLineWidth(10'000);
    layout.endLayout();
    painter->setPen(command.enabled ? t.text : t.text3);
    layout.draw(painter, QPointF(left, row.top() + qRound((row.height() - line.height()) / 2)));
}

} // namespace lathe
