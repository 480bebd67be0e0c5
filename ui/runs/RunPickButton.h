// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QAbstractButton>

namespace lathe {

// Shows what is chosen and opens the choice: an icon, a quiet word, the name, a chevron.
class RunPickButton : public QAbstractButton
{
    Q_OBJECT
public:
    RunPickButton(Theme *theme, const QString &icon, QWidget *parent);
    void show(const QString &quiet, const QString &chosen); // "Group", "Agent"
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    Theme *m_theme;
    QString m_icon;
    QString m_quiet;
};

} // namespace lathe
