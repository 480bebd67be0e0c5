// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QApplication>
#include <QVBoxLayout>
#include <QWidget>

namespace lathe {

// The theme that all tests of one program share; made after the application, so not a static value.
inline Theme *testTheme()
{
    static Theme *theme = [] {
        auto *made = new Theme(qApp);
        made->setMode(Theme::Mode::Dark);
        made->install();
        return made;
    }();
    return theme;
}

// A window around some widgets.
class TestWindow : public QWidget
{
public:
    explicit TestWindow(std::initializer_list<QWidget *> widgets, QSize size = QSize(600, 400))
    {
        auto *layout = new QVBoxLayout(this);
        for (QWidget *widget : widgets)
            layout->addWidget(widget);
        resize(size);
    }
};

} // namespace lathe
