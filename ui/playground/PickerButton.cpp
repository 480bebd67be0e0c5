// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/PickerButton.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"

#include <QKeyEvent>

namespace lathe {

namespace {
constexpr int Side = 8;
}

PickerButton::PickerButton(Theme *theme, QWidget *parent) : QAbstractButton(parent), m_theme(theme)
{
    setFont(theme->uiFont());
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void PickerButton::show(const QString &icon, const QString &chosen, const QString &hint)
{
    m_icon = icon;
    m_hint = hint;
    setText(chosen);
    update();
}

void PickerButton::setQuiet(bool quiet)
{
    m_quiet = quiet;
    update();
}

void PickerButton::setProblem(bool problem)
{
    m_problem = problem;
    update();
}

QSize PickerButton::sizeHint() const
{
    return QSize(160, metrics::ControlHeight);
}

QSize PickerButton::minimumSizeHint() const
{
    return QSize(64, metrics::ControlHeight);
}

void PickerButton::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens &t = m_theme->tokens();
    const bool hot = isEnabled() && underMouse();
    if (!m_quiet)
        paint::roundedBox(painter, rect(), metrics::Radius, t.field,
                          m_problem ? t.error
                          : hot     ? t.text3
                                    : t.lineStrong);
    else if (hot)
        paint::roundedBox(painter, rect(), metrics::Radius, t.hover);
    int left = Side;
    const QString shown = text().isEmpty() ? m_hint : text();
    const QColor ink = !isEnabled() || text().isEmpty() ? t.text3 : t.text;
    if (!m_icon.isEmpty()) {
        m_theme->paintIcon(painter, QRectF(left, 0, 16, height()), m_icon,
                           text().isEmpty() ? t.text3 : t.text2);
        left += 22;
    }
    painter.setFont(font());
    painter.setPen(ink);
    const int room = width() - left - Side - (isEnabled() ? 16 : 0);
    painter.drawText(QRect(left, 0, room, height()), Qt::AlignVCenter | Qt::TextSingleLine,
                     fontMetrics().elidedText(shown, Qt::ElideMiddle, room));
    if (isEnabled())
        paint::chevron(painter, QRectF(width() - Side - 12, 0, 12, height()), Qt::DownArrow,
                       hot ? t.text : t.text2, 7);
    if (hasFocus())
        paint::focusRing(painter, rect(), metrics::Radius, t.accent);
}

void PickerButton::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Down)
        return click();
    QAbstractButton::keyPressEvent(event);
}

} // namespace lathe
