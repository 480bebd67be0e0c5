// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/BusyBar.h"

#include <QPainter>

#include <algorithm>

namespace lathe {

namespace {
constexpr int FrameMs = 33;
constexpr int CycleFrames = 48;
}

BusyBar::BusyBar(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setFixedHeight(2);
    m_timer.setInterval(FrameMs);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        m_phase = (m_phase + 1) % CycleFrames;
        update();
    });
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    setAccessibleName(tr("Progress"));
}

void BusyBar::setBusy(bool busy)
{
    m_busy = busy;
    m_share = -1;
    setAccessibleDescription(busy ? tr("busy") : tr("idle"));
    updateTimer();
    update();
}

void BusyBar::setProgress(double share)
{
    m_busy = true;
    m_share = share < 0 ? -1 : std::min(share, 1.0);
    setAccessibleDescription(m_share < 0 ? tr("busy") : tr("%1 %").arg(qRound(m_share * 100)));
    updateTimer();
    update();
}

void BusyBar::updateTimer()
{
    if (m_busy && m_share < 0 && isVisible())
        m_timer.start();
    else
        m_timer.stop();
}

void BusyBar::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    updateTimer();
}

void BusyBar::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    m_timer.stop();
}

void BusyBar::paintEvent(QPaintEvent *)
{
    if (!m_busy)
        return;
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    painter.fillRect(rect(), withAlpha(t.accent, 0.18));
    if (m_share >= 0) {
        painter.fillRect(QRectF(0, 0, width() * m_share, height()), t.accent);
        return;
    }
    const double at = static_cast<double>(m_phase) / CycleFrames;
    const double piece = width() * 0.28;
    painter.fillRect(QRectF(at * (width() + piece) - piece, 0, piece, height()), t.accent);
}

} // namespace lathe
