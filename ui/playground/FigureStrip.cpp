// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/FigureStrip.h"

#include <QPainter>

namespace lathe {

namespace {
constexpr double leastCell = 54; // pixels: "$0.0021"
}

FigureStrip::FigureStrip(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_font(theme->uiFont())
{
    setObjectName(QStringLiteral("figures"));
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void FigureStrip::show(std::vector<Figure> figures)
{
    const auto same = [](const Figure &a, const Figure &b) {
        return a.word == b.word && a.value == b.value;
    };
    if (std::equal(figures.begin(), figures.end(), m_figures.begin(), m_figures.end(), same))
        return;
    m_figures = std::move(figures);
    QStringList words;
    for (const Figure &figure : m_figures)
        words.append(QStringLiteral("%1: %2").arg(figure.word, figure.value.isEmpty() ? QStringLiteral("-")
                                                                                      : figure.value));
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
    const QFontMetrics small(m_theme->smallFont());
    std::vector<double> widths; // by the words alone, so that they are the same on every card
    double rest = width();
    for (const Figure &figure : m_figures) {
        widths.push_back(std::max(leastCell, small.horizontalAdvance(figure.word) + 6.0));
        rest -= widths.back();
    }
    double left = 0;
    for (size_t i = 0; i < m_figures.size(); ++i) {
        const double each = widths[i] + rest / double(m_figures.size());
        const QRectF cell(left, 0, each - 4, height());
        left += each;
        painter.setFont(m_theme->smallFont());
        painter.setPen(t.text3);
        painter.drawText(cell.adjusted(0, 1, 0, -19), Qt::AlignLeft | Qt::AlignVCenter,
                         small.elidedText(m_figures[i].word, Qt::ElideRight, int(cell.width())));
        painter.setPen(m_figures[i].value.isEmpty() ? t.text3 : t.text);
        m_font.draw(painter, cell.adjusted(0, 17, 0, -1), Qt::AlignLeft | Qt::AlignVCenter,
                    m_figures[i].value.isEmpty() ? QString(QChar(0x2013)) : m_figures[i].value);
    }
}

} // namespace lathe
