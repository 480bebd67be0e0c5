// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/Button.h"

namespace lathe {

// The one brass button of a view: what a person most likely wants to do next.
class PrimaryButton : public Button
{
    Q_OBJECT
public:
    explicit PrimaryButton(const QString &text, QWidget *parent = nullptr)
        : Button(text, ButtonRole::Primary, parent)
    {
    }
};

} // namespace lathe
