// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/IconEngine.h"

#include <QPainter>

namespace lathe {

IconEngine::IconEngine(const Theme *theme, QString name, ColorToken token, ColorToken checked)
    : m_theme(theme), m_name(std::move(name)), m_token(token), m_checked(checked)
{
}

QColor IconEngine::color(QIcon::Mode mode, QIcon::State state) const
{
    const Tokens &tokens = m_theme->tokens();
    if (mode == QIcon::Disabled)
        return withAlpha(tokens.text3, 0.7);
    return tokens.color(state == QIcon::On ? m_checked : m_token);
}

void IconEngine::paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state)
{
    if (m_theme)
        m_theme->paintIcon(*painter, rect, m_name, color(mode, state),
                           qMin(rect.width(), rect.height()));
}

QPixmap IconEngine::pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state)
{
    return scaledPixmap(size, mode, state, 1);
}

QPixmap IconEngine::scaledPixmap(const QSize &size, QIcon::Mode mode, QIcon::State state, qreal)
{
    // QIcon asks in device pixels and sets the ratio itself.
    return m_theme
               ? m_theme->pixmap(m_name, color(mode, state), qMin(size.width(), size.height()), 1)
               : QPixmap();
}

QIconEngine *IconEngine::clone() const
{
    return new IconEngine(m_theme, m_name, m_token, m_checked);
}

} // namespace lathe
