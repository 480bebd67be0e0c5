// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QApplication>
#include <QDir>
#include <QImage>
#include <QTest>
#include <QWidget>

namespace lathe::test {

// The theme of the program, dark at first.
inline Theme *theme()
{
    static Theme *made = [] {
        auto *one = new Theme(qApp);
        one->setMode(Theme::Mode::Dark);
        one->install();
        return one;
    }();
    return made;
}

// Pictures of a widget in both themes and sizes, when LATHE_SHOTS names a folder.
inline void shoot(QWidget *widget, const QString &name)
{
    const QString folder = qEnvironmentVariable("LATHE_SHOTS");
    if (folder.isEmpty())
        return;
    QDir().mkpath(folder);
    for (const auto mode : {Theme::Mode::Light, Theme::Mode::Dark}) {
        theme()->setMode(mode);
        QTest::qWait(60);
        for (const int scale : {1, 2}) {
            QImage image(widget->size() * scale, QImage::Format_RGB32);
            image.setDevicePixelRatio(scale);
            image.fill(theme()->tokens().base);
            widget->render(&image);
            image.save(QStringLiteral("%1/%2-%3-%4x.png").arg(folder, name, mode == Theme::Mode::Dark ? QStringLiteral("dark") : QStringLiteral("light")).arg(scale));
        }
    }
}

} // namespace lathe::test
