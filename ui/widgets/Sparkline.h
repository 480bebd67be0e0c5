// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QWidget>

#include <vector>

namespace lathe {

// A word-sized line or bar chart without axes. NaN is a gap. The last value ends in a dot; the
// tooltip and the accessible description name count, range and last value.
class Sparkline : public QWidget
{
    Q_OBJECT
public:
    enum class Shape { Line, Bars };
    explicit Sparkline(Theme *theme, QWidget *parent = nullptr);
    void setValues(std::vector<double> values);
    void setShape(Shape shape);
    void setColor(ColorToken color);
    QSize sizeHint() const override { return QSize(96, 24); }

    // For delegates. Zero is always in the range of bars; lines use the range of the values.
    static void paintInto(QPainter &painter, const QRectF &rect, const std::vector<double> &values,
                          Shape shape, const QColor &color);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Theme *m_theme;
    std::vector<double> m_values;
    Shape m_shape = Shape::Line;
    ColorToken m_color = ColorToken::Text2;
};

} // namespace lathe
