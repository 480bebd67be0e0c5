// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

// None or 1 to 5 stars. Mouse: click a star, click it again for none. Keys: Left and Right, digits
// 0 to 5, Delete.
class StarRating : public QWidget
{
    Q_OBJECT
public:
    explicit StarRating(Theme *theme, QWidget *parent = nullptr);
    int value() const { return m_value; }
    void setValue(int stars); // 0 is none
    void setReadOnly(bool readOnly);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

    // Draws `stars` of 5 in 14 px glyphs, for delegates.
    static void paintStars(QPainter &painter, const QRectF &rect, int stars, const Tokens &tokens,
                           int size = 14);

Q_SIGNALS:
    // By a person, not by setValue().
    void rated(int stars);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    int starAt(const QPointF &pos) const;
    void rate(int stars);
    void describe();

    Theme *m_theme;
    int m_value = 0;
    int m_hover = 0;
    bool m_readOnly = false;
};

} // namespace lathe
