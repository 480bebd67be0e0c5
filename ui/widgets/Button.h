// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/ButtonRole.h"

#include <QKeySequence>
#include <QPushButton>

namespace lathe {

// A push button of a role. Enter presses it as Space does.
class Button : public QPushButton
{
    Q_OBJECT
public:
    explicit Button(const QString &text, ButtonRole role = ButtonRole::Secondary,
                    QWidget *parent = nullptr);
    // Sets the shortcut and tells of it in the tooltip.
    void setKey(const QKeySequence &key);

protected:
    void keyPressEvent(QKeyEvent *event) override;
};

// "Run (F5)": the tooltip of something that has a shortcut.
QString withShortcut(const QString &text, const QKeySequence &key);

} // namespace lathe
