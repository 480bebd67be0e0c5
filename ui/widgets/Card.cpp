// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/Card.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"

#include <QPainterPath>
#include <QVBoxLayout>

namespace lathe {

Card::Card(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_body(new QVBoxLayout(this))
{
    m_body->setContentsMargins(metrics::Margin, metrics::Margin, metrics::Margin, metrics::Margin);
    m_body->setSpacing(metrics::Gap);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Card::setBorder(ColorToken token)
{
    m_border = token;
    update();
}

void Card::setStripe(ColorToken token)
{
    m_stripe = token;
    update();
}

void Card::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paint::roundedBox(painter, rect(), metrics::Radius, m_theme->tokens().surface,
                      m_theme->color(m_border));
    if (m_stripe == ColorToken::Count)
        return;
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath inside;
    inside.addRoundedRect(rect(), metrics::Radius, metrics::Radius);
    painter.setClipPath(inside);
    painter.fillRect(QRect(0, 0, 3, height()), m_theme->color(m_stripe));
}

} // namespace lathe
