// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QRawFont>
#include <QRectF>
#include <QString>

#include <array>

class QPainter;

namespace lathe {

// Draws numbers with digits of one width, so that columns of them line up. Inter's digits are
// proportional and Qt 6.4 cannot switch a font's "tnum" feature on, so each digit is centred in a
// cell as wide as the widest. Text that is not plain ASCII is drawn as usual. Made once per font
// and kept by the painter that uses it.
class TabularFont
{
public:
    explicit TabularFont(const QFont &font = QFont());
    const QFont &font() const { return m_font; }
    double width(const QString &text) const;
    // In the painter's pen; vertically centred in `rect`.
    void draw(QPainter &painter, const QRectF &rect, Qt::Alignment alignment,
              const QString &text) const;

private:
    bool canDraw(const QString &text) const;

    QFont m_font;
    QRawFont m_raw;
    double m_digit = 0;
    double m_ascent = 0;
    double m_descent = 0;
    std::array<quint32, 128> m_glyphs{};
    std::array<float, 128> m_advances{};
};

} // namespace lathe
