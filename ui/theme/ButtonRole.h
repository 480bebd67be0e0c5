// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace lathe {

// How loud a button is. At most one Primary per view; Ghost buttons show no box until hovered.
enum class ButtonRole { Secondary, Primary, Ghost, Danger };

void setButtonRole(QWidget *button, ButtonRole role);
ButtonRole buttonRole(const QWidget *button);

} // namespace lathe
