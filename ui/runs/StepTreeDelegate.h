// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/RowDelegate.h"

#include <functional>

namespace lathe {

// Rows of the step tree: kind icon in its colour, name, numbers, and a bar on the run's time axis.
class StepTreeDelegate : public RowDelegate
{
    Q_OBJECT
public:
    explicit StepTreeDelegate(Theme *theme, QObject *parent = nullptr);
    // The axis, microseconds; asked once per repaint of a row.
    void setAxis(std::function<std::pair<qint64, qint64>()> axis);
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    // Round steps of an axis of this length, at least some 64 px apart: where its grid lines stand.
    static qint64 gridStep(qint64 lengthUs, double width);

private:
    void paintName(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;
    void paintBar(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;
    Theme *m_theme;
    std::function<std::pair<qint64, qint64>()> m_axis;
};

} // namespace lathe
