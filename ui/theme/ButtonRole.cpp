// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/ButtonRole.h"

#include <QVariant>
#include <QWidget>

namespace lathe {

namespace {
constexpr auto Property = "_lathe_buttonRole";
}

void setButtonRole(QWidget *button, ButtonRole role)
{
    button->setProperty(Property, static_cast<int>(role));
    button->update();
}

ButtonRole buttonRole(const QWidget *button)
{
    return button ? static_cast<ButtonRole>(button->property(Property).toInt())
                  : ButtonRole::Secondary;
}

} // namespace lathe
