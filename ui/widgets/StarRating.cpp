// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/StarRating.h"

#include "ui/theme/Paint.h"

#include <QAccessible>
#include <QKeyEvent>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

constexpr int Stars = 5;
constexpr int Cell = 22;
constexpr int Side = 4;

QPainterPath starPath(const QPointF &center, double radius)
{
    QPainterPath path;
    for (int i = 0; i < 10; ++i) {
        const double angle = -M_PI / 2 + i * M_PI / 5;
        const double r = i % 2 == 0 ? radius : radius * 0.46;
        const QPointF point = center + QPointF(std::cos(angle) * r, std::sin(angle) * r);
        if (i == 0)
            path.moveTo(point);
        else
            path.lineTo(point);
    }
    path.closeSubpath();
    return path;
}

void paintStar(QPainter &painter, const QPointF &center, double size, bool filled,
               const QColor &fill, const QColor &line)
{
    painter.setPen(QPen(filled ? fill : line, 1.25, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(filled ? fill : QColor(Qt::transparent));
    painter.drawPath(starPath(center + QPointF(0, size * 0.04), size / 2 - 0.5));
}

} // namespace

StarRating::StarRating(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    describe();
}

void StarRating::setValue(int stars)
{
    m_value = std::clamp(stars, 0, Stars);
    describe();
    update();
}

void StarRating::setReadOnly(bool readOnly)
{
    m_readOnly = readOnly;
    setFocusPolicy(readOnly ? Qt::NoFocus : Qt::StrongFocus);
    m_hover = 0;
    update();
}

QSize StarRating::sizeHint() const
{
    return QSize(Stars * Cell + 2 * Side, 28);
}

void StarRating::describe()
{
    setAccessibleName(m_value == 0 ? tr("Not rated") : tr("%1 of 5 stars").arg(m_value));
    QAccessibleEvent changed(this, QAccessible::NameChanged);
    QAccessible::updateAccessibility(&changed);
}

void StarRating::rate(int stars)
{
    stars = std::clamp(stars, 0, Stars);
    if (m_readOnly || stars == m_value)
        return;
    setValue(stars);
    Q_EMIT rated(m_value);
}

int StarRating::starAt(const QPointF &pos) const
{
    return std::clamp(static_cast<int>((pos.x() - Side) / Cell) + 1, 1, Stars);
}

void StarRating::mouseMoveEvent(QMouseEvent *event)
{
    if (m_readOnly)
        return;
    m_hover = rect().contains(event->position().toPoint()) ? starAt(event->position()) : 0;
    update();
}

void StarRating::mousePressEvent(QMouseEvent *event)
{
    if (m_readOnly || event->button() != Qt::LeftButton)
        return QWidget::mousePressEvent(event);
    const int star = starAt(event->position());
    rate(star == m_value ? 0 : star);
    m_hover = 0;
    update();
}

void StarRating::leaveEvent(QEvent *event)
{
    m_hover = 0;
    update();
    QWidget::leaveEvent(event);
}

void StarRating::keyPressEvent(QKeyEvent *event)
{
    const int key = event->key();
    if (m_readOnly)
        return QWidget::keyPressEvent(event);
    if (key == Qt::Key_Right || key == Qt::Key_Up)
        rate(m_value + 1);
    else if (key == Qt::Key_Left || key == Qt::Key_Down)
        rate(m_value - 1);
    else if (key >= Qt::Key_0 && key <= Qt::Key_5)
        rate(key - Qt::Key_0);
    else if (key == Qt::Key_Delete || key == Qt::Key_Backspace)
        rate(0);
    else
        QWidget::keyPressEvent(event);
}

void StarRating::paintStars(QPainter &painter, const QRectF &rect, int stars, const Tokens &tokens,
                            int size)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    for (int i = 0; i < Stars; ++i)
        paintStar(painter, QPointF(rect.left() + (size + 2) * i + size / 2.0, rect.center().y()),
                  size, i < stars, tokens.human, tokens.text3);
    painter.restore();
}

void StarRating::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens &t = m_theme->tokens();
    const int shown = m_hover > 0 ? m_hover : m_value;
    const QColor fill = !isEnabled()  ? t.text3
                        : m_hover > 0 ? mix(t.human, t.surface, 0.25)
                                      : t.human;
    for (int i = 0; i < Stars; ++i)
        paintStar(painter, QPointF(Side + Cell * i + Cell / 2.0, height() / 2.0), 16, i < shown,
                  fill, t.text3);
    if (hasFocus())
        paint::focusRing(painter, rect(), 6, t.accent);
}

} // namespace lathe
