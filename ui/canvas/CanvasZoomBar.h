// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QFrame>

class QAction;

namespace lathe {

class Button;

// Minus, the zoom (a click: 100 %), plus, fit, and the small map's switch, in the lower left
// corner.
class ZoomBar : public QFrame
{
    Q_OBJECT
public:
    ZoomBar(Theme *theme, QAction *out, QAction *reset, QAction *in, QAction *fit, QAction *map,
            QWidget *parent);
    void setZoom(double zoom);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Theme *m_theme;
    Button *m_percent = nullptr;
};

} // namespace lathe
