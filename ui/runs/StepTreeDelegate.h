// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/FlameSource.h"
#include "ui/widgets/RowDelegate.h"

namespace lathe {

// Rows of the step tree: kind icon in its colour, name, numbers, and a bar with its marks on the shared time axis.
class StepTreeDelegate : public RowDelegate
{
    Q_OBJECT
public:
    StepTreeDelegate(Theme *theme, FlameSource *source, QObject *parent = nullptr);
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    void paintName(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;
    void paintBar(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;
    Theme *m_theme;
    FlameSource *m_source;
};

} // namespace lathe
