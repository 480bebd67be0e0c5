// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/LocalServersPanel.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/SectionHeader.h"

#include <QHBoxLayout>
#include <QPointer>
#include <QVBoxLayout>

namespace lathe {

namespace {
// findServers() cannot fail; runTask() wants a result.
Task<Result<std::vector<LocalServer>>> asResult(Task<std::vector<LocalServer>> task)
{
    auto servers = co_await task;
    co_return servers;
}
}

LocalServersPanel::LocalServersPanel(Session *session, Theme *theme, QWidget *parent) : QWidget(parent), m_session(session), m_theme(theme)
{
    setObjectName(QStringLiteral("local-servers"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    auto *header = new SectionHeader(theme, tr("Servers running on this machine"), SectionHeader::Level::Section, this);
    m_search = new Button(tr("Search"), ButtonRole::Secondary, header);
    m_search->setObjectName(QStringLiteral("local-search"));
    m_search->setToolTip(tr("Ask the usual ports of Ollama, LM Studio, llama-server and vLLM"));
    header->addAction(m_search);
    layout->addWidget(header);
    m_busy = new BusyBar(theme, this);
    layout->addWidget(m_busy);
    m_words = new Label(theme, QString(), Label::Style::Hint, this);
    m_words->setObjectName(QStringLiteral("local-words"));
    m_words->setWordWrap(true);
    layout->addWidget(m_words);
    m_rows = new QVBoxLayout;
    m_rows->setSpacing(metrics::Gap);
    layout->addLayout(m_rows);
    connect(m_search, &QAbstractButton::clicked, this, &LocalServersPanel::search);
    const auto again = [this] {
        if (!m_servers.empty())
            showServers(std::vector<LocalServer>(m_servers));
    };
    connect(&session->project().artifacts(), &ArtifactRepository::added, this, again);
    connect(&session->project().artifacts(), &ArtifactRepository::changed, this, again);
}

LocalServersPanel::~LocalServersPanel()
{
    if (!m_cancel)
        return;
    CancelSource source = *m_cancel;
    m_cancel.reset();
    source.cancel();
}

void LocalServersPanel::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!m_searched)
        search();
}

void LocalServersPanel::search()
{
    if (m_cancel)
        return;
    m_searched = true;
    m_cancel.emplace();
    m_busy->setBusy(true);
    m_search->setEnabled(false);
    m_words->setText(tr("Asking the usual ports ..."));
    m_words->show();
    const auto done = [this](const std::vector<LocalServer> &servers) {
        if (!m_cancel)
            return; // the panel is going
        m_cancel.reset();
        m_busy->setBusy(false);
        m_search->setEnabled(true);
        m_search->setText(tr("Search again"));
        showServers(servers);
    };
    runTask(this, asResult(m_session->findServers(m_cancel->token())), done, [done](const Error &) { done({}); });
}

void LocalServersPanel::showServers(const std::vector<LocalServer> &servers)
{
    m_servers = servers;
    while (QLayoutItem *item = m_rows->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    m_words->setText(tr("None found. Start Ollama, LM Studio, llama-server or vLLM and search again."));
    m_words->setVisible(servers.empty());
    for (const LocalServer &server : servers)
        addServer(server);
}

std::optional<ArtifactId> LocalServersPanel::connectionTo(const QString &baseUrl) const
{
    for (const ArtifactInfo &info : m_session->project().artifacts().list(ArtifactKind::Connection)) {
        const auto draft = m_session->draft(info.id);
        if (draft && draft->body.value(QStringLiteral("base_url")).toString() == baseUrl)
            return info.id;
    }
    return std::nullopt;
}

void LocalServersPanel::addServer(const LocalServer &server)
{
    auto *card = new Card(m_theme, this);
    card->setStripe(ColorToken::Model);
    card->body()->setContentsMargins(12, 6, 8, 6);
    card->body()->setSpacing(2);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    line->addWidget(new Label(m_theme, server.product, Label::Style::Strong, card));
    auto *url = new ElidedLabel(m_theme, server.baseUrl, Qt::ElideMiddle, card);
    url->setColor(ColorToken::Text2);
    line->addWidget(url, 1);
    if (const auto known = connectionTo(server.baseUrl)) {
        const auto info = m_session->project().artifacts().info(*known);
        auto *link = new LinkLabel(m_theme, tr("Open %1").arg(info ? info->name : QString()), card);
        connect(link, &QAbstractButton::clicked, this, [this, id = *known] { Q_EMIT openRequested(Location::ofArtifact(id)); });
        line->addWidget(link);
    } else {
        auto *make = new Button(tr("Create connection"), ButtonRole::Secondary, card);
        make->setObjectName(QStringLiteral("local-create-") + server.product.toLower().replace(QLatin1Char(' '), QLatin1Char('-')));
        make->setToolTip(tr("Makes a connection to %1; no key is needed").arg(server.baseUrl));
        make->setEnabled(!m_session->project().isReadOnly());
        connect(make, &QAbstractButton::clicked, this, [this, server] { create(server); });
        line->addWidget(make);
    }
    card->body()->addLayout(line);
    const QString models = server.models.isEmpty() ? tr("no models loaded")
                                                   : format::count(server.models.size(), tr("model"), tr("models")) + QLatin1String(": ")
                                                         + format::oneLine(server.models.mid(0, 12).join(QLatin1String(", ")), 300);
    auto *names = new ElidedLabel(m_theme, models, Qt::ElideRight, card);
    names->setColor(ColorToken::Text2);
    card->body()->addWidget(names);
    m_rows->addWidget(card);
}

void LocalServersPanel::create(const LocalServer &server)
{
    ConnectionSpec spec;
    spec.api = QStringLiteral("openai_chat");
    spec.baseUrl = server.baseUrl;
    spec.local = true; // found to be a model server: it costs nothing
    const QString name = m_session->freeName(ArtifactKind::Connection, server.product);
    runTask(this, m_session->createArtifact(ArtifactKind::Connection, name, spec.toJson()), [this, name](ArtifactId id) {
        Q_EMIT statusMessage(tr("Made the connection %1.").arg(name));
        Q_EMIT openRequested(Location::ofArtifact(id));
    }, [this](const Error &error) { Q_EMIT errorRaised(error); });
}

} // namespace lathe
