// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/FigureStrip.h"

#include <QPainter>

namespace lathe {

FigureStrip::FigureStrip(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme), m_font(theme->uiFont())
{
    setObjectName(QStringLiteral("figures"));
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void FigureStrip::show(std::vector<Figure> figures)
{
    const auto same = [](const Figure &a, const Figure &b) { return a.word == b.word && a.value == b.value; };
    if (std::equal(figures.begin(), figures.end(), m_figures.begin(), m_figures.end(), same))
        return;
    m_figures = std::move(figures);
    QStringList words;
    for (const Figure &figure : m_figures)
        words.append(QStringLiteral("%1: %2").arg(figure.word, figure.value.isEmpty() ? QStringLiteral("-") : figure.value));
    setAccessibleName(words.join(QStringLiteral(", ")));
    setToolTip(words.join(QLatin1Char('\n')));
    update();
}

void FigureStrip::paintEvent(QPaintEvent *)
{
    if (m_figures.empty())
        return;
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    const double each = double(width()) / double(m_figures.size());
    const QFontMetrics small(m_theme->smallFont());
    for (size_t i = 0; i < m_figures.size(); ++i) {
        const QRectF cell(double(i) * each, 0, each - 4, height());
        painter.setFont(m_theme->smallFont());
        painter.setPen(t.text3);
        painter.drawText(cell.adjusted(0, 1, 0, -19), Qt::AlignLeft | Qt::AlignVCenter, small.elidedText(m_figures[i].word, Qt::ElideRight, int(cell.width())));
        painter.setPen(m_figures[i].value.isEmpty() ? t.text3 : t.text);
        m_font.draw(painter, cell.adjusted(0, 17, 0, -1), Qt::AlignLeft | Qt::AlignVCenter,
                    m_figures[i].value.isEmpty() ? QString(QChar(0x2013)) : m_figures[i].value);
    }
}

} // namespace lathe
