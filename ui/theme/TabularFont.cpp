// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/TabularFont.h"

#include <QFontMetricsF>
#include <QGlyphRun>
#include <QPainter>
#include <QVarLengthArray>

#include <algorithm>

namespace lathe {

TabularFont::TabularFont(const QFont &font) : m_font(font), m_raw(QRawFont::fromFont(font))
{
    const QFontMetricsF fontMetrics(font);
    m_ascent = fontMetrics.ascent();
    m_descent = fontMetrics.descent();
    if (!m_raw.isValid())
        return;
    QString all;
    for (int code = 0x20; code < 0x7f; ++code)
        all.append(QChar(code));
    const auto glyphs = m_raw.glyphIndexesForString(all);
    const auto advances = m_raw.advancesForGlyphIndexes(glyphs);
    for (int i = 0; i < glyphs.size() && i < advances.size(); ++i) {
        m_glyphs[0x20 + i] = glyphs[i];
        m_advances[0x20 + i] = static_cast<float>(advances[i].x());
    }
    for (int digit = '0'; digit <= '9'; ++digit)
        m_digit = std::max(m_digit, static_cast<double>(m_advances[digit]));
}

bool TabularFont::canDraw(const QString &text) const
{
    return m_digit > 0 && std::all_of(text.begin(), text.end(), [this](QChar c) {
               return c.unicode() >= 0x20 && c.unicode() < 0x7f && m_glyphs[c.unicode()] != 0;
           });
}

double TabularFont::width(const QString &text) const
{
    if (!canDraw(text))
        return QFontMetricsF(m_font).horizontalAdvance(text);
    double total = 0;
    for (const QChar c : text)
        total += c.isDigit() ? m_digit : static_cast<double>(m_advances[c.unicode()]);
    return total;
}

void TabularFont::draw(QPainter &painter, const QRectF &rect, Qt::Alignment alignment,
                       const QString &text) const
{
    if (text.isEmpty())
        return;
    if (!canDraw(text)) {
        painter.setFont(m_font);
        painter.drawText(
            rect, static_cast<int>((alignment & Qt::AlignHorizontal_Mask) | Qt::AlignVCenter),
            text);
        return;
    }
    QList<quint32> glyphs;
    QList<QPointF> positions;
    glyphs.reserve(text.size());
    positions.reserve(text.size());
    double x = 0;
    for (const QChar c : text) {
        const double own = static_cast<double>(m_advances[c.unicode()]);
        const double cell = c.isDigit() ? m_digit : own;
        glyphs.append(m_glyphs[c.unicode()]);
        positions.append(QPointF(x + (cell - own) / 2, 0));
        x += cell;
    }
    double left = rect.left();
    if (alignment & Qt::AlignRight)
        left = rect.right() - x;
    else if (alignment & Qt::AlignHCenter)
        left = rect.center().x() - x / 2;
    QGlyphRun run;
    run.setRawFont(m_raw);
    run.setGlyphIndexes(glyphs);
    run.setPositions(positions);
    // The baseline on a whole pixel, as drawText would put it.
    const double baseline = qRound(rect.center().y() + (m_ascent - m_descent) / 2);
    painter.drawGlyphRun(QPointF(qRound(left), baseline), run);
}

} // namespace lathe
