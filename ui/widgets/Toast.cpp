// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/Toast.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"

#include <QAccessible>
#include <QHBoxLayout>

namespace lathe {

namespace {
constexpr int Shadow = 12; // margin of the widget around its box
constexpr int MaxTextWidth = 420;
}

Toast::Toast(Theme *theme, Severity severity, const QString &text, const QString &action,
             std::function<void()> run, int msecs, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_severity(severity)
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(Shadow + 38, Shadow + 8, Shadow + 8, Shadow + 8);
    layout->setSpacing(metrics::Gap);
    auto *label = new Label(theme, text);
    const int oneLine = label->fontMetrics().horizontalAdvance(text) + 4;
    label->setWordWrap(oneLine > MaxTextWidth);
    label->setMinimumWidth(std::min(oneLine, MaxTextWidth));
    label->setMaximumWidth(MaxTextWidth);
    layout->addWidget(label);
    if (!action.isEmpty()) {
        auto *button = new Button(action, ButtonRole::Secondary);
        layout->addWidget(button);
        connect(button, &Button::clicked, this, [this, run = std::move(run)] {
            if (run)
                run();
            Q_EMIT finished();
        });
    }
    auto *close = new IconButton(theme, QStringLiteral("close"), tr("Dismiss"));
    layout->addWidget(close);
    connect(close, &IconButton::clicked, this, &Toast::finished);
    m_timer.setSingleShot(true);
    m_timer.setInterval(msecs);
    connect(&m_timer, &QTimer::timeout, this, &Toast::finished);
    if (msecs > 0)
        m_timer.start();
    setAccessibleName(QStringLiteral("%1: %2").arg(severityWord(severity), text));
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Toast::enterEvent(QEnterEvent *event)
{
    m_timer.stop();
    QWidget::enterEvent(event);
}

void Toast::leaveEvent(QEvent *event)
{
    if (m_timer.interval() > 0)
        m_timer.start();
    QWidget::leaveEvent(event);
}

void Toast::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    const QRectF box = QRectF(rect()).adjusted(Shadow, Shadow, -Shadow, -Shadow);
    paint::shadow(painter, box, 8, t.shadow, Shadow);
    paint::roundedBox(painter, box, 8, t.raised, t.lineStrong);
    m_theme->paintIcon(painter, QRectF(box.left() + 14, box.top(), 16, box.height()),
                       severityIcon(m_severity), m_theme->color(severityColor(m_severity)));
}

} // namespace lathe
