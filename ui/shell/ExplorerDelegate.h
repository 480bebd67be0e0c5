// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace lathe {

class Theme;

// Rows of the explorer: kinds as quiet captions with a plus, artifacts with icon, name, draft mark, labels and revision.
class ExplorerDelegate : public QStyledItemDelegate
{
public:
    explicit ExplorerDelegate(Theme *theme, QObject *parent = nullptr);
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QRect plusRect(const QRect &row) const;

private:
    Theme *m_theme;
};

} // namespace lathe
