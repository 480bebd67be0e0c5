// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/TabularFont.h"
#include "ui/theme/Theme.h"

#include <QStyledItemDelegate>

namespace lathe {

// A tool of the catalogue as a card: glyph of its type, name and purpose; at the right what it may do, who uses it, how it went. Columns give
// way from the right when there is little room.
class ToolCatalogDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    explicit ToolCatalogDelegate(Theme *theme, QObject *parent = nullptr);
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    void paintHead(QPainter &painter, const QRect &rect, const QModelIndex &index) const;
    int paintBadge(QPainter &painter, const QRect &rect, const QString &text, const QColor &color) const;
    void paintPolicy(QPainter &painter, const QRect &rect, const QModelIndex &index) const;
    void paintUse(QPainter &painter, const QRect &rect, const QModelIndex &index) const;
    Theme *m_theme;
    TabularFont m_numbers;
};

} // namespace lathe
