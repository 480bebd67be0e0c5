// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QIconEngine>
#include <QPointer>

namespace lathe {

// A one-coloured icon that asks the theme for its colour whenever it is drawn, so icons follow a
// theme change.
class IconEngine : public QIconEngine
{
public:
    IconEngine(const Theme *theme, QString name, ColorToken token, ColorToken checked);
    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override;
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override;
    QPixmap scaledPixmap(const QSize &size, QIcon::Mode mode, QIcon::State state,
                         qreal scale) override;
    QIconEngine *clone() const override;
    QString iconName() override { return m_name; }
    bool isNull() override { return m_theme.isNull(); }

private:
    QColor color(QIcon::Mode mode, QIcon::State state) const;

    QPointer<const Theme> m_theme;
    QString m_name;
    ColorToken m_token;
    ColorToken m_checked;
};

} // namespace lathe
