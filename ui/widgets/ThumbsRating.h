// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

class IconButton;

// Thumb up, thumb down, or neither. Pressing the chosen one again takes it back.
class ThumbsRating : public QWidget
{
    Q_OBJECT
public:
    explicit ThumbsRating(Theme *theme, QWidget *parent = nullptr);
    int value() const { return m_value; }
    void setValue(int value); // -1 down, 0 none, 1 up

Q_SIGNALS:
    // By a person, not by setValue().
    void rated(int value);

private:
    void pressed(int value);
    void show(int value);

    int m_value = 0;
    IconButton *m_up;
    IconButton *m_down;
};

} // namespace lathe
