// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/StatusStrip.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QPainter>

#include <algorithm>

namespace lathe {

StatusStrip::StatusStrip(Session *session, Theme *theme, QWidget *parent) : QWidget(parent), m_session(session), m_theme(theme)
{
    setObjectName(QStringLiteral("status-strip"));
    setFixedHeight(26);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 0, 12, 0);
    layout->setSpacing(16);
    m_running = new Label(theme, QString(), Label::Style::Caption, this);
    m_running->setObjectName(QStringLiteral("status-running"));
    m_waiting = new LinkLabel(theme, QString(), this);
    m_waiting->setObjectName(QStringLiteral("status-waiting"));
    m_waiting->setToolTip(tr("Show what waits for your answer"));
    m_waiting->setFont(theme->smallFont());
    m_waiting->hide();
    connect(m_waiting, &LinkLabel::clicked, this, &StatusStrip::waitingRequested);
    m_busy = new BusyBar(theme, this);
    m_busy->setFixedWidth(60);
    m_tokens = new Label(theme, QString(), Label::Style::Caption, this);
    m_tokens->setObjectName(QStringLiteral("status-tokens"));
    m_cost = new Label(theme, QString(), Label::Style::Caption, this);
    m_cost->setObjectName(QStringLiteral("status-cost"));
    m_message = new Label(theme, QString(), Label::Style::Caption, this);
    m_message->setObjectName(QStringLiteral("status-message"));
    m_saved = new Label(theme, QString(), Label::Style::Caption, this);
    m_saved->setObjectName(QStringLiteral("status-saved"));
    layout->addWidget(m_running);
    layout->addWidget(m_waiting);
    layout->addWidget(m_busy);
    layout->addWidget(m_tokens);
    layout->addWidget(m_cost);
    layout->addWidget(m_message, 1);
    m_sources = new LinkLabel(theme, QString(), this);
    m_sources->setObjectName(QStringLiteral("status-sources"));
    m_sources->setToolTip(tr("Runs come in from elsewhere, or are published; click for Sources"));
    m_sources->setFont(theme->smallFont());
    m_sources->hide();
    connect(m_sources, &LinkLabel::clicked, this, &StatusStrip::sourcesRequested);
    layout->addWidget(m_sources);
    m_consents = new LinkLabel(theme, QString(), this);
    m_consents->setObjectName(QStringLiteral("status-consents"));
    m_consents->setToolTip(tr("MCP servers wait for an answer of yours"));
    m_consents->setFont(theme->smallFont());
    m_consents->hide();
    connect(m_consents, &LinkLabel::clicked, this, &StatusStrip::consentsRequested);
    layout->addWidget(m_consents);
    layout->addWidget(m_saved);
    connect(session, &Session::runStarted, this, &StatusStrip::refreshSoon);
    connect(session, &Session::runEnded, this, &StatusStrip::refreshSoon);
    connect(session, &Session::questionsChanged, this, &StatusStrip::refreshSoon);
    connect(&session->project().artifacts(), &ArtifactRepository::draftChanged, this, [this] {
        setSaved(false);
        runTask(this, m_session->project().flush(), [this] { setSaved(true); }, [](const Error &) {});
    });
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    m_tick.setInterval(500);
    connect(&m_tick, &QTimer::timeout, this, &StatusStrip::refresh);
    m_soon.setSingleShot(true);
    m_soon.setInterval(60);
    connect(&m_soon, &QTimer::timeout, this, &StatusStrip::refresh);
    m_midnight.setSingleShot(true);
    connect(&m_midnight, &QTimer::timeout, this, &StatusStrip::refresh);
    m_clear.setSingleShot(true);
    connect(&m_clear, &QTimer::timeout, this, [this] { m_message->clear(); });
    setSaved(true);
    refresh();
}

void StatusStrip::showMessage(const QString &text)
{
    m_message->setText(text);
    m_clear.start(6000);
}

void StatusStrip::setConsents(int count)
{
    m_consents->setText(count == 1 ? tr("1 question of a server") : tr("%1 questions of servers").arg(count));
    m_consents->setVisible(count > 0);
}

void StatusStrip::setSourceHint(const QString &text)
{
    if (m_sources->text() != text)
        m_sources->setText(text);
    m_sources->setVisible(!text.isEmpty());
}

void StatusStrip::setSaved(bool saved)
{
    if (m_session->project().isReadOnly())
        m_saved->setText(tr("read-only"));
    else
        m_saved->setText(saved ? tr("all changes saved") : tr("saving..."));
}

void StatusStrip::refreshSoon()
{
    if (!m_soon.isActive())
        m_soon.start();
}

void StatusStrip::refresh()
{
    m_soon.stop();
    const auto running = m_session->running();
    const size_t waiting = m_session->questions().size();
    m_running->setText(running.empty() ? tr("idle") : tr("%1 running").arg(running.size()));
    m_waiting->setText(tr("%1 waiting for you").arg(waiting));
    m_waiting->setVisible(waiting > 0);
    m_busy->setVisible(!running.empty());
    m_busy->setBusy(!running.empty());
    // The day of the person's clock, whichever program ran the runs.
    const QDateTime now = QDateTime::fromMSecsSinceEpoch(m_session->clock().nowUs() / 1000);
    const Usage usage = m_session->project().runs().usageSince(now.date().startOfDay().toMSecsSinceEpoch() * 1000);
    m_tokens->setText(tr("%1 tok").arg(format::number(usage.totalTokens())));
    // A run whose model has no price makes the sum a lower bound.
    m_cost->setText((usage.costKnown ? tr("$%1 today") : tr("at least $%1 today")).arg(usage.costUsd, 0, 'f', 3));
    m_midnight.start(int(std::clamp<qint64>(now.msecsTo(now.date().addDays(1).startOfDay()) + 50, 1000, 3'600'000)));
    if (running.empty())
        m_tick.stop();
    else if (!m_tick.isActive())
        m_tick.start();
}

void StatusStrip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().base);
    painter.fillRect(QRect(0, 0, width(), 1), m_theme->tokens().line);
}

} // namespace lathe
