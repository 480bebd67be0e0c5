// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sources/RemotePanel.h"

#include "ui/itemmodels/Format.h"
#include "ui/sources/SourceHub.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/StatusDot.h"
#include "ui/widgets/StatusOf.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLineEdit>
#include <QUrlQuery>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr size_t mostRows = 12;
}

RemotePanel::RemotePanel(SourceHub *hub, Theme *theme, QWidget *parent)
    : Card(theme, parent), m_hub(hub), m_theme(theme), m_url(new QLineEdit(this)), m_token(new QLineEdit(this)),
      m_switch(new Button(tr("Connect"), ButtonRole::Secondary, this)), m_dot(new StatusDot(theme, Status::Idle, this)),
      m_state(new Label(theme, QString(), Label::Style::Secondary, this)), m_problem(new InlineMessage(theme, Severity::Error, QString(), this)),
      m_runs(new QWidget(this)), m_runsLayout(new QVBoxLayout(m_runs))
{
    setObjectName(QStringLiteral("remote-panel"));
    body()->setContentsMargins(16, 12, 16, 14);
    body()->setSpacing(metrics::Gap);
    auto *top = new QHBoxLayout;
    top->addWidget(new Label(theme, tr("Another Lathe"), Label::Style::Heading, this));
    top->addStretch(1);
    top->addWidget(m_switch);
    body()->addLayout(top);
    auto *about = new Label(theme, tr("Watch its runs live, answer its questions, stop them. Its address is printed by lathe-cli run --publish, or shown there under Publish."), Label::Style::Secondary, this);
    about->setWordWrap(true);
    body()->addWidget(about);
    auto *fields = new QHBoxLayout;
    fields->addWidget(m_url, 3);
    fields->addWidget(m_token, 1);
    body()->addLayout(fields);
    auto *line = new QHBoxLayout;
    line->addWidget(m_dot);
    line->addWidget(m_state, 1);
    body()->addLayout(line);
    body()->addWidget(m_problem);
    body()->addWidget(m_runs);
    m_runsLayout->setContentsMargins(0, 0, 0, 0);
    m_runsLayout->setSpacing(2);
    m_url->setObjectName(QStringLiteral("remote-url"));
    m_url->setPlaceholderText(QStringLiteral("ws://127.0.0.1:8484/?token=..."));
    m_token->setObjectName(QStringLiteral("remote-token"));
    m_token->setPlaceholderText(tr("Token, if apart"));
    m_token->setEchoMode(QLineEdit::Password);
    m_switch->setObjectName(QStringLiteral("remote-switch"));
    m_state->setObjectName(QStringLiteral("remote-state"));
    m_state->setWordWrap(true);
    m_problem->setObjectName(QStringLiteral("remote-problem"));
    m_problem->hide();
    connect(m_switch, &Button::clicked, this, &RemotePanel::connectOrNot);
    connect(m_url, &QLineEdit::returnPressed, this, &RemotePanel::connectOrNot);
    connect(m_token, &QLineEdit::returnPressed, this, &RemotePanel::connectOrNot);
    connect(hub, &SourceHub::remoteChanged, this, &RemotePanel::refresh);
    refresh();
}

void RemotePanel::focusAddress()
{
    m_url->setFocus(Qt::ShortcutFocusReason);
    m_url->selectAll();
}

void RemotePanel::connectOrNot()
{
    m_problem->hide();
    if (m_hub->hasRemote()) {
        const auto state = m_hub->remote()->state();
        if (state == RemoteLathe::State::Connected || state == RemoteLathe::State::Connecting || state == RemoteLathe::State::Waiting) {
            m_hub->remote()->disconnectFrom();
            return refresh();
        }
    }
    QString text = m_url->text().trimmed();
    if (!text.isEmpty() && !text.contains(QLatin1String("://")))
        text.prepend(QLatin1String("ws://"));
    const QUrl url(text, QUrl::StrictMode);
    const bool fits = url.isValid() && !url.host().isEmpty() && (url.scheme() == QLatin1String("ws") || url.scheme() == QLatin1String("wss"));
    if (!fits) {
        m_problem->setMessage(Severity::Error, tr("That is no address of a Lathe; it looks like ws://HOST:PORT/?token=TOKEN."));
        m_problem->show();
        return;
    }
    // The token moves to its own field, where it is not shown.
    QUrl shown = url;
    QUrlQuery query(url);
    if (const QString token = query.queryItemValue(QStringLiteral("token"), QUrl::FullyDecoded); !token.isEmpty()) {
        m_token->setText(token);
        query.removeQueryItem(QStringLiteral("token"));
        shown.setQuery(query.isEmpty() ? QString() : query.toString());
        m_url->setText(shown.toString());
    }
    m_hub->remote()->connectTo(shown, m_token->text().trimmed());
    refresh();
}

void RemotePanel::refresh()
{
    const auto state = m_hub->hasRemote() ? m_hub->remote()->state() : RemoteLathe::State::Off;
    const bool on = state == RemoteLathe::State::Connected || state == RemoteLathe::State::Connecting || state == RemoteLathe::State::Waiting;
    m_switch->setText(on ? tr("Disconnect") : tr("Connect"));
    m_url->setEnabled(!on);
    m_token->setEnabled(!on);
    m_dot->setStatus(state == RemoteLathe::State::Connected    ? Status::Ok
                     : state == RemoteLathe::State::Connecting ? Status::Running
                     : state == RemoteLathe::State::Waiting    ? Status::Waiting
                     : state == RemoteLathe::State::Refused    ? Status::Error
                                                               : Status::Idle);
    m_state->setText(m_hub->hasRemote() && state != RemoteLathe::State::Off ? m_hub->remote()->stateText() : tr("Not connected."));
    if (state == RemoteLathe::State::Connected || state == RemoteLathe::State::Waiting || state == RemoteLathe::State::Refused)
        m_problem->hide(); // the line above says why
    rebuildRuns();
}

void RemotePanel::rebuildRuns()
{
    const std::vector<RemoteRun> runs = m_hub->hasRemote() ? m_hub->remote()->runs() : std::vector<RemoteRun>();
    const bool connected = m_hub->hasRemote() && m_hub->remote()->state() == RemoteLathe::State::Connected;
    QString now = connected ? QStringLiteral("on;") : QString();
    for (size_t i = 0; i < std::min(mostRows, runs.size()); ++i)
        now += QStringLiteral("%1/%2/%3/%4;").arg(runs[i].id).arg(runs[i].local.value).arg(int(runs[i].status)).arg(runs[i].paused);
    if (now == m_shown)
        return;
    m_shown = now;
    const auto old = m_runs->findChildren<QWidget *>(QString(), Qt::FindDirectChildrenOnly);
    for (QWidget *row : old) {
        m_runsLayout->removeWidget(row);
        row->hide();
        row->deleteLater(); // a button of it may be in its click
    }
    for (size_t i = 0; i < std::min(mostRows, runs.size()); ++i) {
        const RemoteRun &run = runs[i];
        auto *row = new QWidget(m_runs);
        auto *layout = new QHBoxLayout(row);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(metrics::Gap);
        layout->addWidget(new StatusDot(m_theme, run.paused ? Status::Waiting : statusOfRun(run.status), row));
        layout->addWidget(new Label(m_theme, run.agent.left(40), Label::Style::Body, row));
        auto *input = new ElidedLabel(m_theme, format::oneLine(run.input, 200), Qt::ElideRight, row);
        input->setColor(ColorToken::Text2);
        layout->addWidget(input, 1);
        if (run.local.isValid()) {
            if (run.paused && connected) {
                auto *go = new LinkLabel(m_theme, tr("Continue"), row);
                connect(go, &LinkLabel::clicked, this, [this, local = run.local] { m_hub->remote()->continueRun(local); });
                layout->addWidget(go);
            }
            auto *open = new LinkLabel(m_theme, tr("Run %1").arg(run.local.value), row);
            connect(open, &LinkLabel::clicked, this, [this, local = run.local] { Q_EMIT openRequested(Location::ofRun(local)); });
            layout->addWidget(open);
        } else if (connected) {
            auto *take = new LinkLabel(m_theme, tr("Take over"), row);
            take->setToolTip(tr("Record this run here, too"));
            connect(take, &LinkLabel::clicked, this, [this, id = run.id] { m_hub->remote()->take(id); });
            layout->addWidget(take);
        }
        m_runsLayout->addWidget(row);
    }
    m_runs->setVisible(!runs.empty());
}

PublishPanel::PublishPanel(SourceHub *hub, Theme *theme, QWidget *parent)
    : Card(theme, parent), m_hub(hub), m_switch(new Button(tr("Start"), ButtonRole::Secondary, this)), m_dot(new StatusDot(theme, Status::Idle, this)),
      m_state(new Label(theme, QString(), Label::Style::Secondary, this)), m_url(new QLineEdit(this)), m_copy(new Button(tr("Copy"), ButtonRole::Secondary, this)),
      m_urlRow(new QWidget(this)), m_problem(new InlineMessage(theme, Severity::Error, QString(), this))
{
    setObjectName(QStringLiteral("publish-panel"));
    body()->setContentsMargins(16, 12, 16, 14);
    body()->setSpacing(metrics::Gap);
    auto *top = new QHBoxLayout;
    top->addWidget(new Label(theme, tr("Publish this project's runs"), Label::Style::Heading, this));
    top->addStretch(1);
    top->addWidget(m_switch);
    body()->addLayout(top);
    auto *about = new Label(theme, tr("Another Lathe can watch the runs of this project. Whoever has the address with its token sees them, answers their questions and stops them."), Label::Style::Secondary, this);
    about->setWordWrap(true);
    body()->addWidget(about);
    auto *line = new QHBoxLayout;
    line->addWidget(m_dot);
    line->addWidget(m_state, 1);
    body()->addLayout(line);
    auto *row = new QHBoxLayout(m_urlRow);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_url, 1);
    row->addWidget(m_copy);
    body()->addWidget(m_urlRow);
    body()->addWidget(m_problem);
    m_problem->hide();
    m_url->setReadOnly(true);
    m_url->setFont(theme->codeFont());
    m_url->setObjectName(QStringLiteral("publish-url"));
    m_copy->setIcon(theme->icon(QStringLiteral("copy")));
    m_copy->setObjectName(QStringLiteral("publish-copy"));
    m_switch->setObjectName(QStringLiteral("publish-switch"));
    m_state->setObjectName(QStringLiteral("publish-state"));
    connect(m_switch, &Button::clicked, this, [this] {
        m_problem->hide();
        if (m_hub->isPublishing())
            return m_hub->publisher()->stop();
        if (const auto started = m_hub->publisher()->start(); !started) {
            m_problem->setMessage(Severity::Error, started.error().message);
            m_problem->show();
        }
    });
    connect(m_copy, &Button::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(m_url->text());
        Q_EMIT statusMessage(tr("The address is copied, with its token."));
    });
    connect(hub, &SourceHub::publisherChanged, this, &PublishPanel::refresh);
    refresh();
}

void PublishPanel::refresh()
{
    const bool on = m_hub->isPublishing();
    m_switch->setText(on ? tr("Stop") : tr("Start"));
    m_dot->setStatus(on ? Status::Running : Status::Idle);
    m_urlRow->setVisible(on);
    if (!on) {
        m_state->setText(tr("Off."));
        return;
    }
    RunPublisher *publisher = m_hub->publisher();
    QString text = publisher->watchers() == 0 ? tr("Nobody watches yet.") : tr("Watched by %1.").arg(publisher->watchers());
    if (publisher->refused() > 0)
        text += tr(" %1 turned away.").arg(format::number(publisher->refused()));
    m_state->setText(text);
    m_url->setText(publisher->url().toString());
    m_url->setCursorPosition(0);
}

} // namespace lathe
