// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QTreeView>

namespace lathe {

// A tree whose selected and hovered rows are one band from edge to edge, the indentation included.
class BandTree : public QTreeView
{
    Q_OBJECT
public:
    explicit BandTree(Theme *theme, QWidget *parent = nullptr);

protected:
    void drawBranches(QPainter *painter, const QRect &rect, const QModelIndex &index) const override;

private:
    Theme *m_theme;
};

} // namespace lathe
