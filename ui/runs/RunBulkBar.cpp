// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunBulkBar.h"

#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/StarRating.h"

#include <QAction>
#include <QHBoxLayout>
#include <QPainter>

namespace lathe {

RunBulkBar::RunBulkBar(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_line(new QHBoxLayout(this)), m_count(new Label(theme, QString(), Label::Style::Strong, this)),
      m_stars(new StarRating(theme, this))
{
    setObjectName(QStringLiteral("run-bulk-bar"));
    setAccessibleName(tr("What to do with the selected runs"));
    m_line->setContentsMargins(metrics::PageMargin, 6, metrics::GapLarge, 6);
    m_line->setSpacing(metrics::GapSmall);
    m_line->addWidget(m_count);
    m_line->addSpacing(metrics::Gap);
    m_line->addWidget(m_stars);
    m_line->addSpacing(metrics::Gap);
    m_line->addStretch(1);
    auto *close = new IconButton(theme, QStringLiteral("close"), tr("Select none (Esc)"), this);
    close->setObjectName(QStringLiteral("run-bulk-clear"));
    close->setCompact(true);
    m_line->addWidget(close);
    m_stars->setAccessibleName(tr("Rate the selected runs"));
    m_stars->setToolTip(tr("Rate the selected runs (1 to 5)"));
    connect(m_stars, &StarRating::rated, this, [this](int stars) {
        m_stars->setValue(0); // a tool, not a state
        if (stars > 0)
            Q_EMIT rated(stars);
    });
    connect(close, &QAbstractButton::clicked, this, &RunBulkBar::cleared);
    hide();
}

void RunBulkBar::addButton(QAction *action)
{
    auto *button = new Button(action->iconText(), ButtonRole::Ghost, this);
    button->setObjectName(action->objectName() + QStringLiteral("-button"));
    const auto follow = [button, action] {
        button->setText(action->iconText());
        button->setIcon(action->icon());
        button->setEnabled(action->isEnabled());
        button->setVisible(action->isVisible());
        button->setToolTip(withShortcut(action->text(), action->shortcut()));
    };
    follow();
    connect(action, &QAction::changed, button, follow);
    connect(button, &QPushButton::clicked, action, &QAction::trigger);
    m_line->insertWidget(m_line->count() - 2, button);
    m_buttons.append({action, button});
}

QWidget *RunBulkBar::buttonOf(QAction *action) const
{
    for (const auto &[known, button] : m_buttons) {
        if (known == action)
            return button;
    }
    return nullptr;
}

void RunBulkBar::setSelected(int count)
{
    m_count->setText(count == 0 ? tr("No run selected") : tr("%1 selected").arg(format::count(count, tr("run"), tr("runs"))));
}

void RunBulkBar::setRatable(bool ratable)
{
    m_stars->setVisible(ratable);
}

void RunBulkBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    painter.fillRect(rect(), t.dark ? t.raised : t.surface);
    painter.fillRect(QRect(0, 0, width(), 1), t.line);
}

} // namespace lathe
