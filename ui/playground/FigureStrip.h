// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/TabularFont.h"
#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

// A few small figures side by side, each under its word, in the same places on every card so that cards compare at a glance.
class FigureStrip : public QWidget
{
    Q_OBJECT
public:
    struct Figure {
        QString word;
        QString value; // empty: a dash
    };
    FigureStrip(Theme *theme, QWidget *parent = nullptr);
    void show(std::vector<Figure> figures);
    const std::vector<Figure> &figures() const { return m_figures; }
    QSize sizeHint() const override { return QSize(220, 36); }
    QSize minimumSizeHint() const override { return QSize(160, 36); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Theme *m_theme;
    TabularFont m_font;
    std::vector<Figure> m_figures;
};

} // namespace lathe
