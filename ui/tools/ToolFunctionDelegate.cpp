// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolFunctionDelegate.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/ToolFunctionModel.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/RowDelegate.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

namespace lathe {

namespace {
constexpr int Side = 10;
constexpr int Box = 16;
}

ToolFunctionDelegate::ToolFunctionDelegate(Theme *theme, QObject *parent) : QStyledItemDelegate(parent), m_theme(theme) {}

QRect ToolFunctionDelegate::switchRect(const QRect &row)
{
    return QRect(row.left() + Side, row.top() + 6, Box, Box);
}

QSize ToolFunctionDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return QSize(160, metrics::TwoLineRowHeight);
}

void ToolFunctionDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Tokens &t = m_theme->tokens();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    RowDelegate::paintBand(*painter, option, index, t);
    const bool on = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
    const QRect box = switchRect(option.rect);
    paint::roundedBox(*painter, box, 4, on ? t.accent : t.field, on ? t.accent : t.lineStrong);
    if (on)
        paint::tick(*painter, box, t.onAccent);
    QRect top(box.right() + 10, option.rect.top() + 4, option.rect.right() - box.right() - 10 - Side, 20);
    const QRect bottom(top.left(), option.rect.top() + 23, top.width(), 18);

    // At the right: what is special about it, in words.
    const auto mark = ToolFunctionModel::Mark(index.data(ToolFunctionModel::MarkRole).toInt());
    painter->setFont(m_theme->smallFont());
    const auto badge = [&](const QString &text, const QColor &color) {
        const int width = painter->fontMetrics().horizontalAdvance(text) + 12;
        if (width > top.width() / 2)
            return;
        const QRectF at(top.right() + 1 - width, top.top() + 1, width, 18);
        paint::roundedBox(*painter, at, 4, withAlpha(color, t.dark ? 0.16 : 0.10), withAlpha(color, 0.35));
        painter->setPen(mix(color, t.text, 0.5));
        painter->drawText(at, Qt::AlignCenter | Qt::TextSingleLine, text);
        top.setRight(top.right() - width - 6);
    };
    if (mark == ToolFunctionModel::Mark::Added)
        badge(tr("new"), t.ok);
    else if (mark == ToolFunctionModel::Mark::Changed)
        badge(tr("changed"), t.warning);
    else if (mark == ToolFunctionModel::Mark::Removed)
        badge(tr("gone"), t.error);
    if (index.data(ToolFunctionModel::OwnPolicyRole).toBool())
        badge(tr("own policy"), t.accent);

    painter->setFont(m_theme->codeFont());
    painter->setPen(on ? t.text : t.text3);
    painter->drawText(top, Qt::AlignVCenter | Qt::TextSingleLine, painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, top.width()));
    painter->setFont(m_theme->smallFont());
    painter->setPen(on ? t.text2 : t.text3);
    const QString about = format::oneLine(index.data(ToolFunctionModel::DescriptionRole).toString(), 300);
    painter->drawText(bottom, Qt::AlignVCenter | Qt::TextSingleLine,
                      painter->fontMetrics().elidedText(about.isEmpty() ? tr("no description") : about, Qt::ElideRight, bottom.width()));
    painter->restore();
}

bool ToolFunctionDelegate::editorEvent(QEvent *event, QAbstractItemModel *model, const QStyleOptionViewItem &option, const QModelIndex &index)
{
    const bool pressed = event->type() == QEvent::MouseButtonRelease
        && switchRect(option.rect).adjusted(-Side, -6, 4, 6).contains(static_cast<QMouseEvent *>(event)->position().toPoint());
    const bool key = event->type() == QEvent::KeyPress && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Space;
    if (!pressed && !key)
        return false;
    const bool on = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
    return model->setData(index, on ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
}

} // namespace lathe
