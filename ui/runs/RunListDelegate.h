// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/RowDelegate.h"

namespace lathe {

// Rows of the run log: the status as glyph and word, the rating as a mark, long texts cut.
class RunListDelegate : public RowDelegate
{
    Q_OBJECT
public:
    explicit RunListDelegate(Theme *theme, QObject *parent = nullptr);
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    Theme *m_theme;
    QFont m_font;
};

} // namespace lathe
