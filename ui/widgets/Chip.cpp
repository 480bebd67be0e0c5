// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/Chip.h"

#include "ui/theme/Paint.h"

#include <QKeyEvent>

namespace lathe {

namespace {
constexpr int Height = 20;
constexpr int Radius = 4;
}

Chip::Chip(Theme *theme, const QString &text, ColorToken color, QWidget *parent)
    : QAbstractButton(parent), m_theme(theme), m_color(color)
{
    setFont(theme->smallFont());
    setText(text);
    setFocusPolicy(Qt::NoFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAttribute(Qt::WA_Hover);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Chip::setColor(ColorToken color)
{
    m_color = color;
    update();
}

void Chip::setIconName(const QString &name)
{
    m_iconName = name;
    updateGeometry();
    update();
}

void Chip::setRemovable(bool removable)
{
    m_removable = removable;
    setMouseTracking(removable);
    setFocusPolicy(m_removable || m_clickable ? Qt::TabFocus : Qt::NoFocus);
    setAccessibleDescription(removable ? tr("Press Delete to remove") : QString());
    updateGeometry();
}

void Chip::setClickable(bool clickable)
{
    m_clickable = clickable;
    setFocusPolicy(m_removable || m_clickable ? Qt::TabFocus : Qt::NoFocus);
    setCursor(clickable ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

QRect Chip::crossRect() const
{
    return m_removable ? QRect(width() - 18, (height() - 16) / 2, 16, 16) : QRect();
}

QSize Chip::sizeHint() const
{
    const int lead = m_iconName.isEmpty() ? 18 : 22;
    return QSize(lead + fontMetrics().horizontalAdvance(text()) + (m_removable ? 20 : 8), Height);
}

bool Chip::hitButton(const QPoint &pos) const
{
    return m_clickable && rect().contains(pos) && !crossRect().contains(pos);
}

void Chip::mouseMoveEvent(QMouseEvent *event)
{
    const bool over = crossRect().contains(event->position().toPoint());
    if (over != m_overCross) {
        m_overCross = over;
        update();
    }
    QAbstractButton::mouseMoveEvent(event);
}

void Chip::leaveEvent(QEvent *event)
{
    m_overCross = false;
    update();
    QAbstractButton::leaveEvent(event);
}

void Chip::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton && crossRect().contains(event->position().toPoint())) {
        event->accept();
        Q_EMIT removeRequested();
        return; // the chip may be gone
    }
    QAbstractButton::mouseReleaseEvent(event);
}

void Chip::keyPressEvent(QKeyEvent *event)
{
    if (m_removable && (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace)) {
        Q_EMIT removeRequested();
        return;
    }
    if (m_clickable && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)) {
        click();
        return;
    }
    QAbstractButton::keyPressEvent(event);
}

void Chip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    const QColor color = isEnabled() ? t.color(m_color) : t.text3;
    const QRectF box = rect();
    const double wash = t.dark ? 0.14 : 0.10;
    paint::roundedBox(painter, box, Radius, withAlpha(color, isChecked() ? wash * 2.2 : wash),
                      isChecked() ? color : withAlpha(color, 0.30));
    if (m_clickable && underMouse() && isEnabled() && !m_overCross)
        paint::roundedBox(painter, box, Radius, t.hover);
    int x = 18;
    if (m_iconName.isEmpty()) {
        paint::roundedBox(painter, QRectF(7, height() / 2.0 - 3, 6, 6), 3, color);
    } else {
        m_theme->paintIcon(painter, QRectF(6, 0, 12, height()), m_iconName, color, 12);
        x = 22;
    }
    painter.setFont(font());
    painter.setPen(isEnabled() ? t.text : t.text3);
    painter.drawText(QRect(x, 0, width() - x, height()), Qt::AlignVCenter | Qt::TextSingleLine,
                     text());
    if (m_removable) {
        if (m_overCross)
            paint::roundedBox(painter, crossRect(), 3, t.pressed);
        paint::cross(painter, crossRect(), m_overCross ? t.text : t.text2, 6, 1.25);
    }
    if (hasFocus())
        paint::focusRing(painter, box, Radius, t.accent);
}

} // namespace lathe
