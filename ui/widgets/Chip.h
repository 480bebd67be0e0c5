// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QAbstractButton>

namespace lathe {

// A small label with a coloured dot or an icon: a revision's label, a tag, a filter. Plain by
// default; clickable when asked; removable chips have a cross, and Delete removes them.
class Chip : public QAbstractButton
{
    Q_OBJECT
public:
    Chip(Theme *theme, const QString &text, ColorToken color = ColorToken::Text3,
         QWidget *parent = nullptr);
    void setColor(ColorToken color);
    // An icon in place of the dot; an empty name brings the dot back.
    void setIconName(const QString &name);
    void setRemovable(bool removable);
    void setClickable(bool clickable);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void removeRequested();

protected:
    void paintEvent(QPaintEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool hitButton(const QPoint &pos) const override;

private:
    QRect crossRect() const;

    Theme *m_theme;
    ColorToken m_color;
    QString m_iconName;
    bool m_removable = false;
    bool m_clickable = false;
    bool m_overCross = false;
};

} // namespace lathe
