// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/TraceBar.h"

#include "ui/itemmodels/Format.h"
#include "ui/runs/StepStyle.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/SearchField.h"

#include <QHBoxLayout>
#include <QTabBar>

namespace lathe {

TraceBar::TraceBar(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_modes(new QTabBar(this)), m_field(new SearchField(theme, tr("Filter steps"), this)),
      m_hits(new Label(theme, QString(), Label::Style::Caption, this)),
      m_previous(new IconButton(theme, QStringLiteral("chevron-up"), tr("Previous hit (Shift+F3)"), this)),
      m_next(new IconButton(theme, QStringLiteral("chevron-down"), tr("Next hit (F3)"), this)),
      m_critical(new Button(tr("Critical path"), ButtonRole::Ghost, this)), m_costs(new Button(tr("Where it went"), ButtonRole::Ghost, this)),
      m_travel(new Button(tr("Time travel"), ButtonRole::Ghost, this)),
      m_fit(new Button(tr("Fit"), ButtonRole::Ghost, this))
{
    setObjectName(QStringLiteral("trace-bar"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(metrics::GapLarge, metrics::GapSmall, metrics::GapLarge, metrics::GapSmall);
    layout->setSpacing(metrics::Gap);
    m_modes->setObjectName(QStringLiteral("trace-modes"));
    m_modes->setAccessibleName(tr("View"));
    m_modes->setDrawBase(false);
    m_modes->setExpanding(false);
    m_modes->setFocusPolicy(Qt::TabFocus);
    m_modes->addTab(tr("Tree"));
    m_modes->addTab(tr("Waterfall"));
    m_modes->addTab(tr("Flame"));
    m_modes->setTabToolTip(0, tr("Steps as a tree with bars beside (1)"));
    m_modes->setTabToolTip(1, tr("One step a line over the whole width (2)"));
    m_modes->setTabToolTip(2, tr("Steps stacked below what called them (3)"));
    m_field->setObjectName(QStringLiteral("step-filter"));
    m_field->setAccessibleName(tr("Filter steps by name or text"));
    m_field->setToolTip(withShortcut(tr("Filter steps by name or text"), QKeySequence::Find));
    m_field->setMaximumWidth(320);
    m_field->setMinimumWidth(120);
    m_hits->setObjectName(QStringLiteral("filter-hits"));
    for (IconButton *of : {m_previous, m_next})
        of->setCompact(true);
    m_previous->setObjectName(QStringLiteral("previous-hit"));
    m_next->setObjectName(QStringLiteral("next-hit"));
    m_critical->setObjectName(QStringLiteral("critical-path-button"));
    m_critical->setCheckable(true);
    m_critical->setAccessibleName(tr("Critical path"));
    m_costs->setAccessibleName(tr("Where it went"));
    m_travel->setAccessibleName(tr("Time travel"));
    m_critical->setIcon(theme->icon(QStringLiteral("bolt"), ColorToken::Text2, ColorToken::Accent));
    m_critical->setToolTip(tr("Highlight the steps that decided when the run ended (C)"));
    m_costs->setObjectName(QStringLiteral("costs-button"));
    m_costs->setCheckable(true);
    m_costs->setIcon(theme->icon(QStringLiteral("coin"), ColorToken::Text2, ColorToken::Accent));
    m_costs->setToolTip(tr("Where time, tokens and money went (M)"));
    m_travel->setObjectName(QStringLiteral("time-travel-button"));
    m_travel->setCheckable(true);
    m_travel->setIcon(theme->icon(QStringLiteral("history"), ColorToken::Text2, ColorToken::Accent));
    m_travel->setToolTip(tr("Step through the run forwards and backwards (T)"));
    auto *out = new Button(QStringLiteral("\u2212"), ButtonRole::Ghost, this);
    out->setToolTip(tr("Zoom out (-)"));
    out->setAccessibleName(tr("Zoom out"));
    out->setFixedWidth(28);
    auto *in = new IconButton(theme, QStringLiteral("plus"), tr("Zoom in (+, Ctrl+wheel)"), this);
    m_fit->setObjectName(QStringLiteral("fit-run"));
    m_fit->setToolTip(tr("Show the whole run (0)"));
    layout->addWidget(m_modes);
    layout->addSpacing(metrics::Gap);
    layout->addWidget(m_field, 1);
    layout->addWidget(m_hits);
    layout->addWidget(m_previous);
    layout->addWidget(m_next);
    layout->addStretch(1);
    layout->addWidget(m_critical);
    layout->addWidget(m_costs);
    layout->addWidget(m_travel);
    layout->addSpacing(metrics::Gap);
    layout->addWidget(out);
    layout->addSpacing(-metrics::Gap);
    layout->addWidget(in);
    layout->addSpacing(-metrics::Gap);
    layout->addWidget(m_fit);
    connect(m_modes, &QTabBar::currentChanged, this, [this] { Q_EMIT modeChanged(mode()); });
    connect(m_previous, &IconButton::clicked, this, [this] { Q_EMIT hitRequested(-1); });
    connect(m_next, &IconButton::clicked, this, [this] { Q_EMIT hitRequested(1); });
    connect(out, &Button::clicked, this, [this] { Q_EMIT zoomRequested(1.6); });
    connect(in, &IconButton::clicked, this, [this] { Q_EMIT zoomRequested(1 / 1.6); });
    connect(m_fit, &Button::clicked, this, [this] { Q_EMIT zoomRequested(0); });
    setHits(-1, -1, false);
    setFitted(true);
}

QSize TraceBar::minimumSizeHint() const
{
    return QSize(560, QWidget::minimumSizeHint().height());
}

void TraceBar::fitTexts()
{
    const bool narrow = width() < 960;
    m_critical->setText(narrow ? QString() : tr("Critical path"));
    m_costs->setText(narrow ? QString() : tr("Where it went"));
    m_travel->setText(narrow ? QString() : tr("Time travel"));
}

void TraceBar::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitTexts();
}

TraceBar::Mode TraceBar::mode() const
{
    return Mode(m_modes->currentIndex());
}

void TraceBar::setMode(Mode mode)
{
    m_modes->setCurrentIndex(int(mode));
}

void TraceBar::setHits(int position, int total, bool searching)
{
    m_hits->setVisible(total >= 0);
    m_previous->setVisible(total > 0);
    m_next->setVisible(total > 0);
    if (total < 0)
        return;
    QString text = total == 0 ? tr("No step matches.") : position >= 0 ? tr("%1 of %2").arg(format::number(position + 1), format::number(total))
                                                                       : stepstyle::stepCount(total);
    if (searching)
        text = total == 0 ? tr("Searching texts ...") : text + tr(", searching texts ...");
    m_hits->setText(text);
}

void TraceBar::setFitted(bool fitted)
{
    m_fit->setEnabled(!fitted);
}

} // namespace lathe
