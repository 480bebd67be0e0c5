// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunPickButton.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"

#include <QKeyEvent>

#include <algorithm>

namespace lathe {

namespace {
constexpr int padding = 8;
constexpr int iconPlace = 22;
constexpr int chevronPlace = 18;
constexpr int longest = 220;
}

RunPickButton::RunPickButton(Theme *theme, const QString &icon, QWidget *parent) : QAbstractButton(parent), m_theme(theme), m_icon(icon)
{
    setFocusPolicy(Qt::TabFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void RunPickButton::show(const QString &quiet, const QString &chosen)
{
    m_quiet = quiet;
    setText(chosen);
    setAccessibleName(quiet.isEmpty() ? chosen : QStringLiteral("%1: %2").arg(quiet, chosen));
    updateGeometry();
    update();
}

QSize RunPickButton::sizeHint() const
{
    const QFontMetrics metrics(m_theme->uiFont());
    const int words = metrics.horizontalAdvance(text()) + (m_quiet.isEmpty() ? 0 : metrics.horizontalAdvance(m_quiet) + 6);
    return QSize(std::min(2 * padding + iconPlace + words + chevronPlace + 2, longest), metrics::ControlHeight);
}

QSize RunPickButton::minimumSizeHint() const
{
    return QSize(std::min(sizeHint().width(), 96), metrics::ControlHeight);
}

void RunPickButton::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Down)
        click();
    else
        QAbstractButton::keyPressEvent(event);
}

void RunPickButton::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    paint::roundedBox(painter, rect(), metrics::Radius, t.dark ? t.raised : t.surface, t.lineStrong);
    if (isDown() || underMouse())
        paint::roundedBox(painter, rect(), metrics::Radius, isDown() ? t.pressed : t.hover);
    if (hasFocus())
        paint::focusRing(painter, rect(), metrics::Radius, t.accent);
    m_theme->paintIcon(painter, QRectF(padding, 0, 16, height()), m_icon, t.text2, 15);
    painter.setFont(m_theme->uiFont());
    const QFontMetrics metrics(m_theme->uiFont());
    QRect rest(padding + iconPlace, 0, width() - 2 * padding - iconPlace - chevronPlace, height());
    if (!m_quiet.isEmpty() && rest.width() > 90) {
        painter.setPen(t.text2);
        painter.drawText(rest, Qt::AlignVCenter | Qt::TextSingleLine, m_quiet);
        rest.setLeft(rest.left() + metrics.horizontalAdvance(m_quiet) + 6);
    }
    painter.setPen(t.text);
    painter.drawText(rest, Qt::AlignVCenter | Qt::TextSingleLine, metrics.elidedText(text(), Qt::ElideRight, rest.width()));
    paint::chevron(painter, QRectF(width() - padding - 12, 0, 12, height()), Qt::DownArrow, t.text2, 7);
}

} // namespace lathe
