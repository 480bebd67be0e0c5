// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QStyledItemDelegate>

namespace lathe {

// A row of the palette: icon, title with the matched letters marked, section, key caps.
class CommandPaletteDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    explicit CommandPaletteDelegate(Theme *theme, QObject *parent = nullptr);
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    Theme *m_theme;
    QFont m_plain;
    QFont m_strong;
    QFont m_small;
    QFont m_caps;
};

} // namespace lathe
