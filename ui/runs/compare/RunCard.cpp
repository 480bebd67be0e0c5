// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/compare/RunCard.h"

#include "ui/itemmodels/Format.h"
#include "ui/runs/StepStyle.h"
#include "ui/runs/compare/CompareDelegate.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/StatusDot.h"

#include <QContextMenuEvent>
#include <QHBoxLayout>
#include <QMenu>
#include <QPainter>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int narrowest = 100;
constexpr int agentFrom = 200; // narrower, the agent is in the tool tip only
}

RunCard::RunCard(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_dot(new StatusDot(theme, Status::None, this)), m_name(new LinkLabel(theme, QString(), this)),
      m_agent(new ElidedLabel(theme, QString(), Qt::ElideRight, this)), m_baseline(new LinkLabel(theme, tr("Make baseline"), this)),
      m_remove(new IconButton(theme, QStringLiteral("close"), tr("Take out of the comparison"), this)),
      m_numbers(new ElidedLabel(theme, QString(), Qt::ElideRight, this)), m_rating(new ElidedLabel(theme, QString(), Qt::ElideRight, this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 8, 6, 8);
    layout->setSpacing(3);
    auto *top = new QHBoxLayout;
    top->setSpacing(6);
    top->addWidget(m_dot);
    top->addWidget(m_name);
    top->addWidget(m_agent, 1);
    top->addStretch(0); // instead of it on a narrow card
    top->addWidget(m_remove);
    layout->addLayout(top);
    layout->addWidget(m_numbers);
    auto *last = new QHBoxLayout;
    last->setSpacing(8);
    last->addWidget(m_rating, 1);
    last->addWidget(m_baseline);
    layout->addLayout(last);
    m_remove->setCompact(true);
    setMinimumWidth(narrowest); // six of them must not push the window's other parts away
    m_agent->setColor(ColorToken::Text2);
    m_numbers->setColor(ColorToken::Text2);
    m_numbers->setTabular(true);
    m_rating->setColor(ColorToken::Text2);
    m_rating->setTextFont(theme->smallFont());
    m_baseline->setQuiet(true);
    m_name->setObjectName(QStringLiteral("compare-open"));
    m_baseline->setObjectName(QStringLiteral("compare-baseline"));
    m_remove->setObjectName(QStringLiteral("compare-remove"));
    m_numbers->setObjectName(QStringLiteral("compare-numbers"));
    m_rating->setObjectName(QStringLiteral("compare-rating"));
    connect(m_name, &LinkLabel::clicked, this, &RunCard::opened);
    connect(m_baseline, &LinkLabel::clicked, this, &RunCard::baselineRequested);
    connect(m_remove, &IconButton::clicked, this, &RunCard::removeRequested);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void RunCard::show(const RunInfo &info, const RunInfo *baseline, bool removable)
{
    m_isBaseline = !baseline;
    m_dot->setStatus(stepstyle::status(info.status));
    m_name->setText(tr("Run %1").arg(info.id.value));
    m_name->setMinimumWidth(m_name->sizeHint().width());
    const QString version = info.revisionNumber > 0 ? QStringLiteral("@%1").arg(info.revisionNumber) : info.source.isEmpty() ? QStringLiteral("@draft") : QString();
    m_agent->setText(info.agentName + version);
    m_remove->setVisible(removable);
    m_baseline->setText(m_isBaseline ? tr("Baseline") : tr("Make baseline"));
    m_baseline->setEnabled(!m_isBaseline);
    m_baseline->setToolTip(m_isBaseline ? tr("The others are compared with this run") : tr("Compare the others with this run"));
    const auto with = [](const QString &text, const QString &delta) { return delta.isEmpty() ? text : QStringLiteral("%1 (%2)").arg(text, delta); };
    QStringList parts;
    const qint64 us = info.endUs > info.startUs ? info.endUs - info.startUs : 0;
    const qint64 baseUs = baseline && baseline->endUs > baseline->startUs ? baseline->endUs - baseline->startUs : 0;
    if (us > 0)
        parts.append(with(format::duration(us), baseUs > 0 ? CompareDelegate::deltaText(us - baseUs, baseUs) : QString()));
    if (info.usage.totalTokens() > 0 || (baseline && baseline->usage.totalTokens() > 0)) {
        parts.append(with(tr("%1 tok").arg(format::number(info.usage.totalTokens())),
                          baseline ? CompareDelegate::countDelta(info.usage.totalTokens() - baseline->usage.totalTokens()) : QString()));
        const bool known = baseline && info.usage.costKnown && baseline->usage.costKnown;
        if (info.usage.costKnown)
            parts.append(with(format::cost(info.usage), known ? CompareDelegate::costDelta(info.usage.costUsd - baseline->usage.costUsd) : QString()));
    }
    m_numbers->setText(parts.join(QStringLiteral("  \u00b7  ")));
    m_shortRating = info.rating < 0 ? QString() : format::rating(info.rating);
    QString rating = info.rating < 0 ? QString() : tr("rated %1").arg(m_shortRating);
    if (!info.ratingNote.isEmpty())
        rating += QStringLiteral(": ") + format::oneLine(info.ratingNote, 200);
    m_longRating = rating;
    setToolTip(QStringLiteral("<p><b>%1</b></p><p>%2</p>")
                   .arg((info.agentName + version).toHtmlEscaped(), format::oneLine(info.input, 800).toHtmlEscaped()));
    fit();
    setAccessibleName(tr("Run %1, %2").arg(info.id.value).arg(format::statusText(info.status)));
    update();
}

void RunCard::fit()
{
    const bool wide = width() >= agentFrom;
    m_agent->setVisible(wide);
    m_rating->setText(wide ? m_longRating : m_shortRating);
    m_rating->setMinimumWidth(wide ? 0 : m_rating->sizeHint().width()); // the link has a tool tip
}

void RunCard::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fit();
}

void RunCard::paintEvent(QPaintEvent *)
{
    const Tokens &t = m_theme->tokens();
    QPainter painter(this);
    painter.fillRect(rect(), t.surface);
    painter.fillRect(QRect(0, 0, 1, height()), t.line);
    if (m_isBaseline)
        painter.fillRect(QRect(1, height() - 2, width() - 1, 2), t.accent);
}

void RunCard::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Open the run"), this, &RunCard::opened);
    if (!m_isBaseline)
        menu->addAction(tr("Make it the baseline"), this, &RunCard::baselineRequested);
    if (m_remove->isVisibleTo(this))
        menu->addAction(tr("Take it out"), this, &RunCard::removeRequested);
    menu->popup(event->globalPos());
}

} // namespace lathe
