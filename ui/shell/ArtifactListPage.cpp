// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/ArtifactListPage.h"

#include "core/design/AgentSpec.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/SectionHeader.h"

#include <QHBoxLayout>
#include <QScrollArea>
#include <QVBoxLayout>

namespace lathe {

namespace {
QString aboutKind(ArtifactKind kind)
{
    switch (kind) {
    case ArtifactKind::Agent:
        return QObject::tr("An agent has a job, instructions, a model and tools. Create one and press F5.");
    case ArtifactKind::Team:
        return QObject::tr("A team is a graph of agents: draw one, or start from a pattern.");
    case ArtifactKind::Prompt:
        return QObject::tr("Prompts are the versioned instructions of agents.");
    case ArtifactKind::Tool:
        return QObject::tr("Tools let agents look things up and act, under limits you set.");
    default:
        return QObject::tr("A connection says how to reach a model provider; keys stay in the system keychain.");
    }
}

QString patternTitle(const QString &id)
{
    for (const AgentSpec::PatternInfo &pattern : AgentSpec::patterns()) {
        if (pattern.id == id)
            return pattern.title;
    }
    return id;
}

ColorToken kindColor(ArtifactKind kind)
{
    switch (kind) {
    case ArtifactKind::Agent:
    case ArtifactKind::Team:
        return ColorToken::Agent;
    case ArtifactKind::Tool:
        return ColorToken::Tool;
    case ArtifactKind::Connection:
        return ColorToken::Model;
    default:
        return ColorToken::Text3;
    }
}
}

ArtifactListPage::ArtifactListPage(Session *session, Theme *theme, std::vector<ArtifactKind> kinds, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme)
{
    setObjectName(QStringLiteral("list-") + artifactKindName(kinds.front()));
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    auto *scroll = new QScrollArea(this);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    auto *content = new QWidget(scroll);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(metrics::PageMargin, 16, metrics::PageMargin, metrics::PageMargin);
    layout->setSpacing(8);
    for (const ArtifactKind kind : kinds) {
        if (kind != kinds.front())
            layout->addSpacing(16);
        auto *header = new SectionHeader(theme, ArtifactTreeModel::kindTitle(kind), SectionHeader::Level::Page, content);
        auto *create = new PrimaryButton(tr("New %1").arg(artifactKindName(kind)), content);
        create->setObjectName(QStringLiteral("create-") + artifactKindName(kind));
        header->addAction(create);
        layout->addWidget(header);
        auto *list = new QVBoxLayout;
        list->setSpacing(8);
        layout->addLayout(list);
        m_sections.push_back({kind, list});
        connect(create, &QAbstractButton::clicked, this, [this, kind] { Q_EMIT createRequested(kind); });
    }
    layout->addStretch();
    scroll->setWidget(content);
    outer->addWidget(scroll);
    auto *artifacts = &session->project().artifacts();
    connect(artifacts, &ArtifactRepository::added, this, &ArtifactListPage::rebuild);
    connect(artifacts, &ArtifactRepository::changed, this, &ArtifactListPage::rebuild);
    rebuild();
}

QString ArtifactListPage::summary(ArtifactKind kind, const QJsonObject &body) const
{
    switch (kind) {
    case ArtifactKind::Agent:
    case ArtifactKind::Team:
        return body.value(QStringLiteral("job")).toString();
    case ArtifactKind::Prompt:
        return format::oneLine(body.value(QStringLiteral("text")).toString(), 200);
    case ArtifactKind::Tool:
        return body.value(QStringLiteral("purpose")).toString();
    default: {
        const QString url = body.value(QStringLiteral("base_url")).toString();
        const QString api = body.value(QStringLiteral("api")).toString();
        return api == QLatin1String("offline") ? tr("Offline model: no weights, no network, deterministic") : api + QStringLiteral("  ") + url;
    }
    }
}

void ArtifactListPage::rebuild()
{
    for (const Section &section : m_sections)
        fill(section.kind, section.list);
}

void ArtifactListPage::fill(ArtifactKind kind, QVBoxLayout *list)
{
    while (QLayoutItem *item = list->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const auto artifacts = m_session->project().artifacts().list(kind);
    for (const ArtifactInfo &info : artifacts) {
        const auto draft = m_session->draft(info.id);
        const QJsonObject body = draft ? draft->body : QJsonObject();
        auto *card = new Card(m_theme, this);
        card->setStripe(kindColor(kind));
        auto *line = new QHBoxLayout;
        line->setSpacing(8);
        auto *name = new LinkLabel(m_theme, info.name, card);
        name->setObjectName(QStringLiteral("open-") + info.name);
        connect(name, &QAbstractButton::clicked, this, [this, id = info.id] { Q_EMIT openRequested(Location::ofArtifact(id)); });
        line->addWidget(name);
        line->addWidget(new Label(m_theme, info.latestNumber > 0 ? QStringLiteral("@%1").arg(info.latestNumber) : tr("never committed"),
                                  Label::Style::Caption, card));
        for (const auto &[label, number] : info.labels)
            line->addWidget(new Chip(m_theme, QStringLiteral("%1 @%2").arg(label).arg(number), ColorToken::Accent, card));
        if (info.hasDraft)
            line->addWidget(new Chip(m_theme, tr("draft"), ColorToken::Warning, card));
        line->addStretch();
        if (kind == ArtifactKind::Agent) {
            const QJsonObject model = body.value(QStringLiteral("model")).toObject();
            line->addWidget(new Chip(m_theme, model.value(QStringLiteral("model")).toString(), ColorToken::Model, card));
            line->addWidget(new Chip(m_theme, patternTitle(body.value(QStringLiteral("pattern")).toString()), ColorToken::Control, card));
            const qsizetype tools = body.value(QStringLiteral("tools")).toArray().size();
            if (tools > 0)
                line->addWidget(new Chip(m_theme, format::count(tools, tr("tool"), tr("tools")), ColorToken::Tool, card));
        } else if (kind == ArtifactKind::Team) {
            const qsizetype nodes = body.value(QStringLiteral("nodes")).toObject().size();
            line->addWidget(new Chip(m_theme, format::count(nodes, tr("node"), tr("nodes")), ColorToken::Control, card));
        } else if (kind == ArtifactKind::Tool) {
            line->addWidget(new Chip(m_theme, body.value(QStringLiteral("type")).toString(), ColorToken::Tool, card));
        }
        line->addWidget(new Label(m_theme, format::ago(info.changedUs, m_session->clock().nowUs()), Label::Style::Caption, card));
        card->body()->setSpacing(4);
        card->body()->addLayout(line);
        auto *text = new ElidedLabel(m_theme, summary(kind, body), Qt::ElideRight, card);
        text->setColor(ColorToken::Text2);
        text->setContentsMargins(3, 0, 0, 0); // under the name, whose link has room for its focus ring
        card->body()->addWidget(text);
        list->addWidget(card);
    }
    if (artifacts.empty()) {
        auto *empty = new EmptyState(m_theme, artifactKindName(kind), aboutKind(kind), this);
        empty->setAction(tr("New %1").arg(artifactKindName(kind)));
        connect(empty, &EmptyState::actionTriggered, this, [this, kind] { Q_EMIT createRequested(kind); });
        list->addWidget(empty);
    }
}

} // namespace lathe
