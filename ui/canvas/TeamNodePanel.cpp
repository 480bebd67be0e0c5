// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/TeamNodePanel.h"

#include "ui/canvas/TeamRunStyle.h"
#include "ui/canvas/TeamRunView.h"
#include "ui/canvas/TeamValueView.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/StatusDot.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QVBoxLayout>

namespace lathe {

TeamNodePanel::TeamNodePanel(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("node-run"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::Gap);
    auto *header = new SectionHeader(theme, tr("In this run"), SectionHeader::Level::Section, this);
    m_trace = new LinkLabel(theme, tr("Open in trace"), header);
    m_trace->setObjectName(QStringLiteral("node-run-trace"));
    header->addAction(m_trace);
    column->addWidget(header);
    auto *outer = column;
    m_content = new QWidget(this);
    outer->addWidget(m_content);
    column = new QVBoxLayout(m_content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::Gap);
    header->setCollapsible(true);
    connect(header, &SectionHeader::expandedChanged, m_content, &QWidget::setVisible);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::GapSmall);
    m_dot = new StatusDot(theme, Status::None, this);
    m_line = new ElidedLabel(theme, QString(), Qt::ElideRight, this);
    m_line->setObjectName(QStringLiteral("node-run-line"));
    m_line->setTabular(true);
    line->addWidget(m_dot);
    line->addWidget(m_line, 1);
    column->addLayout(line);
    m_steps = new QComboBox(this);
    m_steps->setObjectName(QStringLiteral("node-run-steps"));
    m_steps->setAccessibleName(tr("Which time"));
    m_steps->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_steps->setMinimumContentsLength(8);
    column->addWidget(m_steps);
    m_error = new Label(theme, QString(), Label::Style::Body, this);
    m_error->setColor(ColorToken::Error);
    m_error->setWordWrap(true);
    m_error->setTextFormat(Qt::PlainText);
    m_error->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(m_error);
    m_valueLayout = new QVBoxLayout;
    m_valueLayout->setSpacing(metrics::Gap);
    column->addLayout(m_valueLayout);
    m_again = new Button(tr("Run from here"), ButtonRole::Secondary, this);
    m_again->setObjectName(QStringLiteral("node-run-again"));
    m_again->setIcon(theme->icon(QStringLiteral("fork")));
    m_again->setToolTip(tr("A new run that takes over what came before this node and does it and all that follows again"));
    column->addWidget(m_again, 0, Qt::AlignLeft);
    connect(m_steps, &QComboBox::activated, this, [this](int row) {
        m_pinned = row != m_steps->count() - 1;
        refresh();
    });
    connect(m_trace, &QAbstractButton::clicked, this,
            [this] { Q_EMIT openRequested(Location::ofRun(m_id, m_steps->currentData().toString())); });
    connect(m_again, &QAbstractButton::clicked, this, [this] { Q_EMIT runFromRequested(m_steps->currentData().toString()); });
    refresh();
}

void TeamNodePanel::setRun(const TeamRunView *run, RunId id)
{
    m_run = run;
    m_id = id;
    m_pinned = false;
    refresh();
}

void TeamNodePanel::showNode(const QString &node)
{
    m_pinned = m_pinned && node == m_node;
    m_node = node;
    m_edge.clear();
    refresh();
}

void TeamNodePanel::showEdge(const QString &edge)
{
    m_pinned = m_pinned && edge == m_edge;
    m_edge = edge;
    m_node.clear();
    refresh();
}

void TeamNodePanel::refresh()
{
    const bool any = m_run && m_id.isValid() && !(m_node.isEmpty() && m_edge.isEmpty());
    setVisible(any);
    if (!any)
        return;
    if (m_edge.isEmpty())
        refreshNode();
    else
        refreshEdge();
}

void TeamNodePanel::choose(const QStringList &titles, const QStringList &steps)
{
    const QString current = m_pinned ? m_steps->currentData().toString() : QString();
    const QSignalBlocker blocker(m_steps);
    while (m_steps->count() > titles.size())
        m_steps->removeItem(m_steps->count() - 1);
    for (int row = 0; row < int(titles.size()); ++row) {
        if (row == m_steps->count())
            m_steps->addItem(titles[row], steps[row]);
        m_steps->setItemText(row, titles[row]);
        m_steps->setItemData(row, steps[row]);
    }
    const int row = m_pinned ? m_steps->findData(current) : -1;
    m_pinned = row >= 0;
    m_steps->setCurrentIndex(row >= 0 ? row : int(titles.size()) - 1);
    m_steps->setVisible(titles.size() > 1);
}

TeamValueView *TeamNodePanel::value(int index, const QString &caption)
{
    while (int(m_values.size()) <= index) {
        auto *view = new TeamValueView(m_theme, QString(), this);
        view->setObjectName(QStringLiteral("node-run-value-%1").arg(m_values.size()));
        m_valueLayout->addWidget(view);
        m_values.push_back(view);
    }
    m_values[size_t(index)]->setCaption(caption);
    return m_values[size_t(index)];
}

void TeamNodePanel::showValues(int count)
{
    for (int i = 0; i < int(m_values.size()); ++i)
        m_values[size_t(i)]->setVisible(i < count);
}

void TeamNodePanel::refreshNode()
{
    const TeamNodeRun node = m_run->nodes().value(m_node);
    const bool ran = !node.steps.isEmpty();
    m_dot->setStatus(runstyle::status(node));
    m_line->setText(ran ? runstyle::line(node) : node.skipped ? tr("Skipped: nothing reached it") : tr("Has not begun"));
    QStringList titles;
    for (qsizetype i = 0; i < node.steps.size(); ++i)
        titles.append(tr("%1 of %2: %3").arg(i + 1).arg(node.steps.size()).arg(runstyle::where(m_run->trace(), node.steps[i])));
    choose(titles, node.steps);
    m_trace->setVisible(ran);
    m_again->setVisible(ran);
    m_again->setEnabled(m_run->isOver());
    const QString step = m_steps->currentData().toString();
    int shown = 0;
    QString error;
    if (ran) {
        const int at = m_run->trace().indexOf(step);
        const Step &of = m_run->trace().steps()[size_t(at)];
        if (of.error)
            error = of.error->message;
        const QJsonObject inputs = m_run->inputOf(step);
        for (auto it = inputs.begin(); it != inputs.end(); ++it)
            value(shown++, inputs.size() == 1 ? tr("Input") : tr("Input, %1").arg(it.key()))->setValue(it.value());
        const QJsonValue out = m_run->outputOf(step);
        const QString port = of.attributes.value(QLatin1String("lathe.port")).toString();
        if (!out.isUndefined())
            value(shown++, port.isEmpty() || port == QLatin1String("out") ? tr("Output") : tr("Output, by %1").arg(port))->setValue(out);
        const QJsonObject state = m_run->stateOf(step);
        if (!state.isEmpty())
            value(shown++, tr("Written to the state"))->setValue(state);
    }
    m_error->setText(error);
    m_error->setVisible(!error.isEmpty());
    showValues(shown);
}

void TeamNodePanel::refreshEdge()
{
    const TeamEdgeRun edge = m_run->edges().value(m_edge);
    m_dot->setStatus(edge.values.empty() ? Status::Idle : edge.active ? Status::Running : Status::Ok);
    m_line->setText(edge.values.empty() ? tr("Nothing has come this way")
                                        : format::count(qint64(edge.values.size()), tr("value"), tr("values")));
    QStringList titles, steps;
    for (size_t i = 0; i < edge.values.size(); ++i) {
        titles.append(tr("%1 of %2: %3").arg(i + 1).arg(edge.values.size()).arg(runstyle::where(m_run->trace(), edge.values[i].step)));
        steps.append(edge.values[i].step);
    }
    choose(titles, steps);
    m_trace->setVisible(!edge.values.empty());
    m_again->hide();
    m_error->hide();
    if (!edge.values.empty())
        value(0, tr("Value"))->setValue(edge.values[size_t(std::max(0, m_steps->currentIndex()))].value);
    showValues(edge.values.empty() ? 0 : 1);
}

} // namespace lathe
