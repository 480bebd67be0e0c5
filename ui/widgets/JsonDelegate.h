// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QStyledItemDelegate>

namespace lathe {

// "name: value" in code font, the value in the colour of its type, and "show all" behind a cut string.
class JsonDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    explicit JsonDelegate(Theme *theme, QObject *parent = nullptr);
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    // Where "show all" stands in the row; empty when the row has none.
    QRect showAllRect(const QRect &row, const QModelIndex &index) const;

private:
    Theme *m_theme;
    QFont m_font;
    QFont m_small;
};

} // namespace lathe
