// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/LinkLabel.h"

#include "ui/theme/Paint.h"

#include <QKeyEvent>

#include <cmath>

namespace lathe {

namespace {
constexpr int Side = 3; // room for the focus ring
}

LinkLabel::LinkLabel(Theme *theme, const QString &text, QWidget *parent)
    : QAbstractButton(parent), m_theme(theme)
{
    setFont(theme->uiFont());
    setText(text);
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::TabFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void LinkLabel::setQuiet(bool quiet)
{
    m_quiet = quiet;
    update();
}

QSize LinkLabel::sizeHint() const
{
    // Rounded up: a fraction of a pixel too little would cut the last letters off.
    const int width =
        static_cast<int>(std::ceil(QFontMetricsF(font()).horizontalAdvance(text()))) + 1;
    return QSize(width + 2 * Side, fontMetrics().height() + 6);
}

QSize LinkLabel::minimumSizeHint() const
{
    return QSize(std::min(sizeHint().width(), 40), sizeHint().height());
}

void LinkLabel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    const bool active = underMouse() || hasFocus();
    QFont lineFont = font();
    lineFont.setUnderline(isEnabled() && underMouse());
    painter.setFont(lineFont);
    painter.setPen(!isEnabled() ? t.text3 : m_quiet && !active ? t.text : t.accent);
    const QString shown = fontMetrics().elidedText(text(), Qt::ElideRight, width() - 2 * Side);
    painter.drawText(rect().adjusted(Side, 0, -Side, 0), Qt::AlignVCenter | Qt::TextSingleLine,
                     shown);
    if (hasFocus())
        paint::focusRing(painter, rect(), 4, t.accent);
}

void LinkLabel::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        click();
        return;
    }
    QAbstractButton::keyPressEvent(event);
}

} // namespace lathe
