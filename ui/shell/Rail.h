// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"

#include <QHash>
#include <QWidget>

class QAbstractButton;
class QVBoxLayout;

namespace lathe {

class Theme;

// The narrow column at the left edge: one button per area of the program.
class Rail : public QWidget
{
    Q_OBJECT
public:
    explicit Rail(Theme *theme, QWidget *parent = nullptr);
    void setCurrent(Location::Kind kind); // Welcome: none

Q_SIGNALS:
    void chosen(lathe::Location::Kind kind);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void addItem(Location::Kind kind, const QString &name, const QString &icon, const QString &title, const QString &key);
    Theme *m_theme;
    QVBoxLayout *m_layout;
    QHash<int, QAbstractButton *> m_buttons;
};

} // namespace lathe
