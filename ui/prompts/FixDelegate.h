// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/RowDelegate.h"

namespace lathe {

// A row of a problem with its quick fix as a small button at the right.
class FixDelegate : public RowDelegate
{
    Q_OBJECT
public:
    static constexpr int FixRole = Qt::UserRole + 40; // QString: what the button says, empty: none
    FixDelegate(Theme *theme, QObject *parent = nullptr);
    void setFixable(bool fixable) { m_fixable = fixable; }
    QRect fixRect(const QRect &row, const QModelIndex &index) const; // empty: none
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    bool editorEvent(QEvent *event, QAbstractItemModel *model, const QStyleOptionViewItem &option, const QModelIndex &index) override;

Q_SIGNALS:
    void fixClicked(int row);

private:
    Theme *m_theme;
    bool m_fixable = true;
};

} // namespace lathe
