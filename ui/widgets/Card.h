// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QWidget>

class QVBoxLayout;

namespace lathe {

// A frame of surface colour with a 1 px line; its content goes into body().
class Card : public QWidget
{
    Q_OBJECT
public:
    explicit Card(Theme *theme, QWidget *parent = nullptr);
    QVBoxLayout *body() const { return m_body; }
    // A border of this colour instead of the line, such as the kind of step it shows.
    void setBorder(ColorToken token);
    // A 3 px stripe at the left edge, the kind colour.
    void setStripe(ColorToken token);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Theme *m_theme;
    QVBoxLayout *m_body;
    ColorToken m_border = ColorToken::Line;
    ColorToken m_stripe = ColorToken::Count;
};

} // namespace lathe
