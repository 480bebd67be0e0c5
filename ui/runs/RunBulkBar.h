// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QWidget>

class QAction;
class QHBoxLayout;

namespace lathe {

class Label;
class StarRating;

// What can be done to the runs that are selected, below the table: how many, stars, one button for each action. Buttons follow their
// actions (hidden, disabled, text).
class RunBulkBar : public QWidget
{
    Q_OBJECT
public:
    RunBulkBar(Theme *theme, QWidget *parent);
    void addButton(QAction *action); // Qt's addAction() makes no button
    void setSelected(int count);
    void setRatable(bool ratable);
    QWidget *buttonOf(QAction *action) const; // null: none

Q_SIGNALS:
    void rated(int stars);
    void cleared();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Theme *m_theme;
    QHBoxLayout *m_line;
    Label *m_count;
    StarRating *m_stars;
    QList<std::pair<QAction *, QWidget *>> m_buttons;
};

} // namespace lathe
