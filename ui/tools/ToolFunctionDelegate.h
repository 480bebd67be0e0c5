// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QStyledItemDelegate>

namespace lathe {

// A function of a set: a switch, its name, what differs from what was approved, and the first line of its description.
class ToolFunctionDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    explicit ToolFunctionDelegate(Theme *theme, QObject *parent = nullptr);
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    bool editorEvent(QEvent *event, QAbstractItemModel *model, const QStyleOptionViewItem &option, const QModelIndex &index) override;
    static QRect switchRect(const QRect &row);

private:
    Theme *m_theme;
};

} // namespace lathe
