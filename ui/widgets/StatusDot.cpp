// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/StatusDot.h"

#include <QPainter>

namespace lathe {

StatusDot::StatusDot(Theme *theme, Status status, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setFixedSize(16, 16);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    setStatus(status);
}

void StatusDot::setStatus(Status status)
{
    if (m_status == status)
        return;
    m_status = status;
    setAccessibleName(statusWord(status));
    setToolTip(statusWord(status));
    update();
}

void StatusDot::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintStatus(painter, rect(), m_status, m_theme->tokens());
}

} // namespace lathe
