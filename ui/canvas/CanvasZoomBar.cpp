// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/CanvasZoomBar.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/Button.h"

#include <QAction>
#include <QHBoxLayout>
#include <QPainter>

#include <cmath>

namespace lathe {

ZoomBar::ZoomBar(Theme *theme, QAction *out, QAction *reset, QAction *in, QAction *fit,
                 QAction *map, QWidget *parent)
    : QFrame(parent), m_theme(theme)
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(4, 4, 4, 4);
    layout->setSpacing(2);
    const auto button = [&](QAction *action, const QString &text, int width) {
        auto *made = new Button(text, ButtonRole::Ghost);
        made->setFocusPolicy(Qt::NoFocus); // all of it has keys
        made->setFixedSize(width, 24);
        made->setToolTip(withShortcut(action->text(), action->shortcut()));
        made->setAccessibleName(action->text());
        made->setCheckable(action->isCheckable());
        made->setChecked(action->isChecked());
        connect(made, &Button::clicked, action, &QAction::trigger);
        if (action->isCheckable())
            connect(action, &QAction::toggled, made, &Button::setChecked);
        layout->addWidget(made);
        return made;
    };
    button(out, QString(QChar(0x2212)), 24);
    m_percent = button(reset, QStringLiteral("100 %"), 58);
    button(in, QStringLiteral("+"), 24);
    button(fit, tr("Fit"), 36);
    button(map, tr("Map"), 44);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void ZoomBar::setZoom(double zoom)
{
    m_percent->setText(QStringLiteral("%1 %").arg(int(std::round(zoom * 100))));
}

void ZoomBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paint::roundedBox(painter, rect(), metrics::Radius, m_theme->tokens().raised,
                      m_theme->tokens().lineStrong);
}

} // namespace lathe
