// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QLabel>

namespace lathe {

// A QLabel in one of the text styles; follows the theme.
class Label : public QLabel
{
    Q_OBJECT
public:
    enum class Style { Body, Strong, Secondary, Hint, Caption, Heading, Title, Code };
    Label(Theme *theme, const QString &text, Style style = Style::Body, QWidget *parent = nullptr);
    void setStyle(Style style);
    // Overrides the colour of the style.
    void setColor(ColorToken token);

private:
    void applyTheme();

    Theme *m_theme;
    Style m_style;
    ColorToken m_color = ColorToken::Text;
};

} // namespace lathe
