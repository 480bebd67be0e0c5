// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/ConnectionsPage.h"

#include "ui/itemmodels/UiTask.h"
#include "ui/settings/ConnectionEditor.h"
#include "ui/settings/LocalServersPanel.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/StatusDot.h"

#include <QHBoxLayout>
#include <QPointer>
#include <QVBoxLayout>

namespace lathe {

ConnectionsPage::ConnectionsPage(Session *session, Theme *theme, QWidget *parent) : QWidget(parent), m_session(session), m_theme(theme)
{
    setObjectName(QStringLiteral("settings-connections"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    auto *header = new SectionHeader(theme, tr("Connections"), SectionHeader::Level::Page, this);
    auto *add = new PrimaryButton(tr("New connection"), header);
    add->setObjectName(QStringLiteral("settings-new-connection"));
    add->setToolTip(tr("Make a connection to a model provider"));
    add->setEnabled(!session->project().isReadOnly());
    header->addAction(add);
    layout->addWidget(header);
    m_rows = new QVBoxLayout;
    m_rows->setSpacing(metrics::Gap);
    layout->addLayout(m_rows);
    layout->addSpacing(metrics::GapLarge);
    auto *servers = new LocalServersPanel(session, theme, this);
    layout->addWidget(servers);
    layout->addStretch(1);
    connect(add, &QAbstractButton::clicked, this, &ConnectionsPage::create);
    connect(servers, &LocalServersPanel::openRequested, this, &ConnectionsPage::openRequested);
    connect(servers, &LocalServersPanel::statusMessage, this, &ConnectionsPage::statusMessage);
    connect(servers, &LocalServersPanel::errorRaised, this, &ConnectionsPage::errorRaised);
    auto *artifacts = &session->project().artifacts();
    connect(artifacts, &ArtifactRepository::added, this, &ConnectionsPage::rebuild);
    connect(artifacts, &ArtifactRepository::changed, this, &ConnectionsPage::rebuild);
    connect(artifacts, &ArtifactRepository::draftChanged, this, [this](ArtifactId id) {
        const auto info = m_session->project().artifacts().info(id);
        if (info && info->kind == ArtifactKind::Connection)
            rebuild();
    });
    rebuild();
}

void ConnectionsPage::rebuild()
{
    while (QLayoutItem *item = m_rows->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    const auto connections = m_session->project().artifacts().list(ArtifactKind::Connection);
    for (const ArtifactInfo &info : connections)
        addConnection(info);
    if (connections.empty())
        m_rows->addWidget(new EmptyState(m_theme, QStringLiteral("connection"),
                                         tr("A connection says how to reach a model provider; keys stay in the system keychain."), this));
}

void ConnectionsPage::addConnection(const ArtifactInfo &info)
{
    const auto draft = m_session->draft(info.id);
    const QJsonObject body = draft ? draft->body : QJsonObject();
    const auto spec = ConnectionSpec::fromJson(info.name, body);
    auto *card = new Card(m_theme, this);
    card->setStripe(ColorToken::Model);
    card->body()->setContentsMargins(12, 6, 12, 6);
    card->body()->setSpacing(2);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    auto *dot = new StatusDot(m_theme, Status::Idle, card);
    auto *name = new LinkLabel(m_theme, info.name, card);
    name->setObjectName(QStringLiteral("settings-open-") + info.name);
    connect(name, &QAbstractButton::clicked, this, [this, id = info.id] { Q_EMIT openRequested(Location::ofArtifact(id)); });
    line->addWidget(dot);
    line->addWidget(name);
    if (info.hasDraft)
        line->addWidget(new Chip(m_theme, tr("draft"), ColorToken::Warning, card));
    line->addStretch();
    auto *state = new Label(m_theme, QString(), Label::Style::Secondary, card);
    state->setObjectName(QStringLiteral("settings-state-") + info.name);
    line->addWidget(state);
    card->body()->addLayout(line);
    const QString api = body.value(QStringLiteral("api")).toString();
    QString where = ConnectionEditor::apiTitle(api);
    if (spec && api != QLatin1String("offline"))
        where += QStringLiteral("   ") + (spec->baseUrl.isEmpty() ? ConnectionSpec::defaultBaseUrl(api) : spec->baseUrl);
    if (spec && spec->price)
        where += QStringLiteral("   ") + tr("$%1 in, $%2 out for a million tokens").arg(spec->price->input).arg(spec->price->output);
    else if (spec && spec->local)
        where += QStringLiteral("   ") + tr("free");
    auto *detail = new ElidedLabel(m_theme, where, Qt::ElideMiddle, card);
    detail->setObjectName(QStringLiteral("settings-detail-") + info.name);
    detail->setColor(ColorToken::Text2);
    auto *below = new QHBoxLayout;
    below->setContentsMargins(dot->width() + metrics::Gap + 3, 0, 0, 0); // under the name, whose link keeps 3 for its focus ring
    below->addWidget(detail);
    card->body()->addLayout(below);
    m_rows->addWidget(card);

    const auto show = [dot, state](Status status, const QString &text) {
        dot->setStatus(status);
        state->setText(text);
    };
    if (!spec)
        return show(Status::Error, tr("cannot be used; open it to see why"));
    if (api == QLatin1String("offline"))
        return show(Status::Ok, tr("always there"));
    if (spec->secretName.isEmpty())
        return show(Status::Ok, tr("needs no key"));
    const QString secret = spec->secretName;
    if (!qEnvironmentVariable(secret.toUtf8().constData()).isEmpty())
        return show(Status::Ok, tr("key from the environment"));
    show(Status::Running, tr("looking for the key"));
    const QPointer<StatusDot> alive(dot); // rows are made anew when something changes
    runTask(card, m_session->hasSecret(secret), [show, alive, secret](bool has) {
        if (alive)
            show(has ? Status::Ok : Status::Warning, has ? tr("key in the keychain") : tr("key %1 is not set").arg(secret));
    }, [show, alive](const Error &) {
        if (alive)
            show(Status::Warning, tr("the keychain cannot be read"));
    });
}

void ConnectionsPage::create()
{
    ConnectionSpec spec;
    spec.api = QStringLiteral("openai_chat");
    spec.secretName = ConnectionSpec::conventionalSecret(spec.api);
    runTask(this, m_session->createArtifact(ArtifactKind::Connection, m_session->freeName(ArtifactKind::Connection, tr("connection")), spec.toJson()),
            [this](ArtifactId id) { Q_EMIT openRequested(Location::ofArtifact(id)); }, [this](const Error &error) { Q_EMIT errorRaised(error); });
}

} // namespace lathe
