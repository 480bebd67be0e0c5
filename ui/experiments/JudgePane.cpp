// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/JudgePane.h"

#include "ui/experiments/OutputText.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/KeyHint.h"

#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int CapHeight = 40;
}

JudgePane::JudgePane(Theme *theme, const QString &key, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_key(key), m_text(new OutputText(theme, this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::GapSmall, CapHeight, metrics::GapSmall, metrics::GapSmall);
    layout->addWidget(m_text);
    m_text->setFocusPolicy(Qt::NoFocus);
    m_text->setReading(true);
    m_text->setAccessibleName(tr("Output %1").arg(key));
    setCursor(Qt::PointingHandCursor);
    m_text->viewport()->setCursor(Qt::ArrowCursor);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void JudgePane::setKey(const QString &key)
{
    m_key = key;
    layout()->setContentsMargins(metrics::GapSmall, key.isEmpty() ? metrics::GapSmall : CapHeight, metrics::GapSmall, metrics::GapSmall);
    update();
}

void JudgePane::setClickable(bool clickable)
{
    m_clickable = clickable;
    setCursor(clickable ? Qt::PointingHandCursor : Qt::ArrowCursor);
    update();
}

void JudgePane::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    const bool lit = m_clickable && m_hover;
    paint::roundedBox(painter, rect(), metrics::Radius, m_pressed && lit ? mix(t.surface, t.accent, 0.12) : t.surface, lit ? t.accent : t.line, lit ? 1.5 : 1);
    if (!m_key.isEmpty())
        KeyHint::paintCaps(painter, QRectF(14, 8, KeyHint::capsWidth(m_theme->uiFont(), m_key), 26), m_theme->uiFont(), m_key, t);
}

void JudgePane::enterEvent(QEnterEvent *)
{
    m_hover = true;
    update();
}

void JudgePane::leaveEvent(QEvent *)
{
    m_hover = false;
    m_pressed = false;
    update();
}

void JudgePane::mousePressEvent(QMouseEvent *event)
{
    m_pressed = event->button() == Qt::LeftButton;
    update();
}

void JudgePane::mouseReleaseEvent(QMouseEvent *event)
{
    const bool chosen = m_pressed && m_clickable && rect().contains(event->position().toPoint());
    m_pressed = false;
    update();
    if (chosen)
        Q_EMIT clicked();
}

JudgeProgress::JudgeProgress(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setFixedHeight(6);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void JudgeProgress::setShare(int done, int total)
{
    m_done = done;
    m_total = total;
    setAccessibleName(tr("%1 of %2 judged").arg(done).arg(total));
    update();
}

void JudgeProgress::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    paint::roundedBox(painter, rect(), 3, withAlpha(t.text, 0.10));
    if (m_total > 0 && m_done > 0)
        paint::roundedBox(painter, QRectF(0, 0, std::max(6.0, width() * double(m_done) / m_total), height()), 3, t.accent);
}

} // namespace lathe
