// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QHeaderView>

#include <functional>

namespace lathe {

// The step tree's header: over the waterfall it shows the time axis instead of a title.
class WaterfallHeader : public QHeaderView
{
    Q_OBJECT
public:
    explicit WaterfallHeader(Theme *theme, QWidget *parent = nullptr);
    void setAxis(std::function<std::pair<qint64, qint64>()> axis) { m_axis = std::move(axis); }

protected:
    void paintSection(QPainter *painter, const QRect &rect, int section) const override;

private:
    Theme *m_theme;
    std::function<std::pair<qint64, qint64>()> m_axis;
};

} // namespace lathe
