// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QAbstractButton>

namespace lathe {

// A name that leads somewhere: clicked() by mouse, Enter or Space. Cut at the right when there is
// no room.
class LinkLabel : public QAbstractButton
{
    Q_OBJECT
public:
    LinkLabel(Theme *theme, const QString &text, QWidget *parent = nullptr);
    // Quiet links have the colour of text until hovered: for names inside dense rows.
    void setQuiet(bool quiet);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    Theme *m_theme;
    bool m_quiet = false;
};

} // namespace lathe
