// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/KeyHint.h"

#include "ui/theme/Paint.h"

namespace lathe {

namespace {

constexpr int CapHeight = 18;
constexpr int CapGap = 3;

QStringList caps(const QString &shortcut)
{
    // "Ctrl++" is Ctrl and the plus key.
    QStringList parts = shortcut.split(QLatin1Char('+'), Qt::SkipEmptyParts);
    if (shortcut.endsWith(QLatin1String("++")) || shortcut == QLatin1String("+"))
        parts.append(QStringLiteral("+"));
    return parts;
}

int capWidth(const QFontMetrics &fontMetrics, const QString &cap)
{
    return std::max(fontMetrics.horizontalAdvance(cap) + 10, CapHeight);
}

} // namespace

KeyHint::KeyHint(Theme *theme, const QKeySequence &key, QWidget *parent)
    : QWidget(parent), m_theme(theme)
{
    QFont small = theme->smallFont();
    small.setPixelSize(11);
    setFont(small);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    setKey(key);
}

void KeyHint::setKey(const QKeySequence &key)
{
    m_text = key.toString(QKeySequence::NativeText);
    setAccessibleName(m_text);
    updateGeometry();
    update();
}

int KeyHint::capsWidth(const QFont &font, const QString &shortcut)
{
    const QFontMetrics fontMetrics(font);
    int width = 0;
    const auto parts = caps(shortcut);
    for (const QString &cap : parts)
        width += capWidth(fontMetrics, cap) + CapGap;
    return std::max(0, width - CapGap);
}

void KeyHint::paintCaps(QPainter &painter, const QRectF &rect, const QFont &font,
                        const QString &shortcut, const Tokens &tokens)
{
    const QFontMetrics fontMetrics(font);
    painter.setFont(font);
    double x = rect.right() - capsWidth(font, shortcut);
    const double y = qRound(rect.center().y() - CapHeight / 2.0);
    const auto parts = caps(shortcut);
    for (const QString &cap : parts) {
        const QRectF box(x, y, capWidth(fontMetrics, cap), CapHeight);
        paint::roundedBox(painter, box, 4, withAlpha(tokens.text, 0.05), tokens.lineStrong);
        painter.setPen(tokens.text2);
        painter.drawText(box, Qt::AlignCenter, cap);
        x += box.width() + CapGap;
    }
}

QSize KeyHint::sizeHint() const
{
    return QSize(capsWidth(font(), m_text), CapHeight);
}

void KeyHint::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintCaps(painter, rect(), font(), m_text, m_theme->tokens());
}

} // namespace lathe
