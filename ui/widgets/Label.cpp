// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/Label.h"

namespace lathe {

Label::Label(Theme *theme, const QString &text, Style style, QWidget *parent)
    : QLabel(text, parent), m_theme(theme), m_style(style)
{
    setTextFormat(Qt::PlainText); // what others wrote is never markup
    connect(theme, &Theme::changed, this, &Label::applyTheme);
    setStyle(style);
}

void Label::setStyle(Style style)
{
    m_style = style;
    switch (style) {
    case Style::Body:
    case Style::Secondary:
        setFont(m_theme->uiFont());
        break;
    case Style::Strong:
        setFont(m_theme->strongFont());
        break;
    case Style::Hint:
    case Style::Caption:
        setFont(m_theme->smallFont());
        break;
    case Style::Heading:
        setFont(m_theme->headingFont());
        break;
    case Style::Title:
        setFont(m_theme->titleFont());
        break;
    case Style::Code:
        setFont(m_theme->codeFont());
        break;
    }
    const bool quiet = style == Style::Secondary || style == Style::Caption;
    setColor(style == Style::Hint ? ColorToken::Text3
             : quiet              ? ColorToken::Text2
                                  : ColorToken::Text);
}

void Label::setColor(ColorToken token)
{
    m_color = token;
    applyTheme();
}

void Label::applyTheme()
{
    QPalette own;
    own.setColor(QPalette::WindowText, m_theme->color(m_color));
    own.setColor(QPalette::Disabled, QPalette::WindowText, m_theme->tokens().text3);
    setPalette(own);
}

} // namespace lathe
