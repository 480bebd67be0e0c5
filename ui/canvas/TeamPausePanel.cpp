// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/TeamPausePanel.h"

#include "ui/canvas/FormViewJson.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/ScrollColumn.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QScrollArea>
#include <QVBoxLayout>

namespace lathe {

TeamPausePanel::TeamPausePanel(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme), m_layout(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("pause-panel"));
    m_layout->setContentsMargins(metrics::Margin, metrics::Gap, metrics::Margin, metrics::Margin);
    m_layout->setSpacing(metrics::Gap);
    auto *line = new QHBoxLayout;
    m_title = new Label(theme, QString(), Label::Style::Heading, this);
    m_title->setObjectName(QStringLiteral("pause-title"));
    m_title->setWordWrap(true);
    auto *stop = new IconButton(theme, QStringLiteral("stop"), tr("Stop the run"), this);
    stop->setObjectName(QStringLiteral("pause-stop"));
    stop->setCompact(true);
    line->addWidget(m_title, 1);
    line->addWidget(stop, 0, Qt::AlignTop);
    m_layout->addLayout(line);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(metrics::Gap);
    m_continue = new PrimaryButton(tr("Continue"), this);
    m_continue->setObjectName(QStringLiteral("pause-continue"));
    m_fork = new Button(tr("Continue with changes"), ButtonRole::Secondary, this);
    m_fork->setObjectName(QStringLiteral("pause-fork"));
    m_fork->setToolTip(tr("A new run that takes over what came before and goes on with the changed values; this one stays as it is"));
    buttons->addWidget(m_continue);
    buttons->addWidget(m_fork);
    buttons->addStretch();
    m_hint = new Label(theme, QString(), Label::Style::Hint, this);
    m_hint->setWordWrap(true);
    m_layout->addWidget(m_hint);
    m_layout->addLayout(buttons);
    connect(stop, &QAbstractButton::clicked, this, [this] { Q_EMIT stopRequested(m_paused->run); });
    connect(m_continue, &QAbstractButton::clicked, this, [this] { Q_EMIT continueRequested(m_paused->run); });
    connect(m_fork, &QAbstractButton::clicked, this, &TeamPausePanel::fork);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    hide();
}

void TeamPausePanel::setPaused(const std::optional<PausedTeam> &paused, const QHash<QString, QString> &names)
{
    const auto same = [](const std::optional<PausedTeam> &a, const std::optional<PausedTeam> &b) {
        if (!a || !b || a->run != b->run || a->nodes.size() != b->nodes.size() || a->state != b->state)
            return false;
        for (size_t i = 0; i < a->nodes.size(); ++i) {
            if (a->nodes[i].step != b->nodes[i].step || a->nodes[i].inputs != b->nodes[i].inputs)
                return false;
        }
        return true;
    };
    if (same(paused, m_paused))
        return;
    m_paused = paused;
    if (m_values) {
        m_values->hide();
        m_values->deleteLater();
        m_values = nullptr;
    }
    m_inputs.clear();
    m_state = nullptr;
    setVisible(paused.has_value());
    if (!paused)
        return;
    m_title->setText(paused->nodes.size() == 1
                         ? tr("Paused before %1").arg(names.value(paused->nodes.front().node, paused->nodes.front().node))
                         : tr("Paused before %1 nodes").arg(paused->nodes.size()));
    auto *scroll = new QScrollArea(this);
    scroll->setMaximumHeight(420);
    auto *content = new QWidget(scroll);
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::GapSmall);
    const auto json = [&](const QString &name, const QString &title, const QJsonObject &value) {
        auto *field = new FormViewJson(m_theme, content);
        field->setObjectName(name);
        field->setAccessibleName(title);
        field->editor()->setAccessibleName(title);
        field->setObjectsOnly(true);
        field->setValue(value);
        column->addWidget(field);
        connect(field, &FormViewJson::edited, this, &TeamPausePanel::showButtons);
        connect(field, &FormViewJson::validChanged, this, &TeamPausePanel::showButtons);
        return field;
    };
    for (const PausedTeam::Node &node : paused->nodes) {
        const QString name = names.value(node.node, node.node);
        auto *link = new LinkLabel(m_theme, tr("Input of %1").arg(name), content);
        connect(link, &QAbstractButton::clicked, this, [this, id = node.node] { Q_EMIT nodeChosen(id); });
        column->addWidget(link, 0, Qt::AlignLeft);
        m_inputs.push_back(json(QStringLiteral("pause-input-") + node.node, tr("Input of %1").arg(name), node.inputs));
    }
    column->addWidget(new Label(m_theme, tr("State"), Label::Style::Secondary, content));
    m_state = json(QStringLiteral("pause-state"), tr("State"), paused->state);
    column->addStretch(1);
    fillScrollColumn(scroll, content);
    m_values = scroll;
    m_layout->insertWidget(1, scroll);
    showButtons();
}

bool TeamPausePanel::hasChanges() const
{
    if (!m_paused)
        return false;
    bool changed = m_state->value().toObject() != m_paused->state;
    for (size_t i = 0; i < m_inputs.size(); ++i)
        changed = changed || m_inputs[i]->value().toObject() != m_paused->nodes[i].inputs;
    return changed;
}

void TeamPausePanel::showButtons()
{
    bool valid = m_state->isValid();
    for (const FormViewJson *field : m_inputs)
        valid = valid && field->isValid();
    const bool changed = hasChanges();
    m_fork->setEnabled(valid && changed);
    m_continue->setEnabled(valid && !changed);
    m_hint->setText(!valid  ? tr("What does not read as JSON cannot be used.")
                    : changed ? tr("Changes make a new run; this one stays as it is and can go on once they are undone.")
                              : tr("Change an input or the state to go on differently."));
}

void TeamPausePanel::fork()
{
    if (!m_paused || m_paused->nodes.empty())
        return;
    TeamForkRequest request;
    request.run = m_paused->run;
    request.step = m_paused->nodes.front().step;
    for (size_t i = 0; i < m_inputs.size(); ++i) {
        const QJsonObject value = m_inputs[i]->value().toObject();
        if (value != m_paused->nodes[i].inputs)
            request.inputs.insert(m_paused->nodes[i].step, value);
    }
    const QJsonObject state = m_state->value().toObject();
    if (state != m_paused->state)
        request.state.insert(request.step, state);
    Q_EMIT forkRequested(request);
}

void TeamPausePanel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    painter.fillRect(rect(), mix(t.surface, t.accent, t.dark ? 0.10 : 0.08));
    painter.fillRect(QRect(0, height() - 1, width(), 1), t.line);
    painter.fillRect(QRect(0, 0, 3, height()), t.accent);
}

} // namespace lathe
