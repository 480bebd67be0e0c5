// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/IconButton.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"

#include <QKeyEvent>

namespace lathe {

IconButton::IconButton(Theme *theme, const QString &iconName, const QString &tooltip,
                       QWidget *parent)
    : QToolButton(parent), m_theme(theme), m_tip(tooltip)
{
    setIconName(iconName);
    setIconSize(QSize(metrics::IconSize, metrics::IconSize));
    setFocusPolicy(Qt::TabFocus);
    setAutoRaise(true);
    setCompact(false);
    setTip(tooltip);
}

void IconButton::setIconName(const QString &iconName, ColorToken token)
{
    m_iconName = iconName;
    setIcon(m_theme->icon(iconName, token));
}

void IconButton::setTip(const QString &tooltip)
{
    m_tip = tooltip;
    setAccessibleName(tooltip);
    setToolTip(withShortcut(tooltip, shortcut()));
}

void IconButton::setKey(const QKeySequence &key)
{
    setShortcut(key);
    setToolTip(withShortcut(m_tip, key));
}

void IconButton::setCompact(bool compact)
{
    const int side = compact ? 24 : metrics::ControlHeight;
    setFixedSize(side, side);
}

void IconButton::keyPressEvent(QKeyEvent *event)
{
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        && !event->isAutoRepeat()) {
        click();
        return;
    }
    QToolButton::keyPressEvent(event);
}

} // namespace lathe
