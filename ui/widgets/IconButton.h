// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QKeySequence>
#include <QToolButton>

namespace lathe {

// A square button with an icon. The tooltip is also its accessible name and tells of the shortcut.
class IconButton : public QToolButton
{
    Q_OBJECT
public:
    IconButton(Theme *theme, const QString &iconName, const QString &tooltip,
               QWidget *parent = nullptr);
    void setIconName(const QString &iconName, ColorToken token = ColorToken::Text2);
    QString iconName() const { return m_iconName; }
    void setTip(const QString &tooltip);
    void setKey(const QKeySequence &key);
    // 24 px instead of 28, for rows and headers.
    void setCompact(bool compact);

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    Theme *m_theme;
    QString m_iconName;
    QString m_tip;
};

} // namespace lathe
