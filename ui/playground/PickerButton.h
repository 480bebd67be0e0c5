// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QAbstractButton>

namespace lathe {

// Shows what is chosen and opens the choice: an icon, the name cut in the middle when there is no room, a quiet word, a chevron.
class PickerButton : public QAbstractButton
{
    Q_OBJECT
public:
    PickerButton(Theme *theme, QWidget *parent = nullptr);
    // `chosen` empty: `hint` stands in its place.
    void show(const QString &icon, const QString &chosen, const QString &hint);
    void setQuiet(bool quiet); // no box until hovered
    void setProblem(bool problem);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    Theme *m_theme;
    QString m_icon;
    QString m_hint;
    bool m_quiet = false;
    bool m_problem = false;
};

} // namespace lathe
