// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/UsedBy.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"

#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int Ring = 3; // a link keeps that much for its focus ring; its text stands under the heading all the same
}

UsedBy::UsedBy(Session *session, Theme *theme, ArtifactId prompt, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_prompt(prompt)
{
    setObjectName(QStringLiteral("prompt-used-by"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::Margin - Ring, metrics::Gap, metrics::Margin, metrics::Margin);
    layout->setSpacing(metrics::GapSmall);
    auto *caption = new Label(theme, tr("Used by"), Label::Style::Caption, this);
    caption->setContentsMargins(Ring, 0, 0, 0);
    layout->addWidget(caption);
    m_links = new QVBoxLayout;
    m_links->setSpacing(2);
    layout->addLayout(m_links);
    auto *artifacts = &session->project().artifacts();
    connect(artifacts, &ArtifactRepository::changed, this, &UsedBy::refresh);
    connect(artifacts, &ArtifactRepository::added, this, &UsedBy::refresh);
    connect(artifacts, &ArtifactRepository::draftChanged, this, [this](ArtifactId id) {
        if (id != m_prompt) // not at each key press in this prompt
            refresh();
    });
    refresh();
}

void UsedBy::refresh()
{
    const auto own = m_session->project().artifacts().info(m_prompt);
    if (!own)
        return;
    QStringList lines;
    std::vector<std::pair<QString, ArtifactId>> users;
    for (const ArtifactInfo &agent : m_session->project().artifacts().list(ArtifactKind::Agent)) {
        const auto draft = m_session->draft(agent.id);
        const auto reference = draft ? ArtifactRef::parse(draft->body.value(QStringLiteral("prompt")).toString()) : Error();
        if (!reference || reference->name != own->name)
            continue;
        const QString which = !reference->label.isEmpty() ? QLatin1Char('@') + reference->label
                              : reference->number > 0     ? QStringLiteral("@%1").arg(reference->number)
                                                          : QString();
        users.emplace_back(agent.name + (which.isEmpty() ? QString() : QStringLiteral("  ") + which), agent.id);
        lines.append(users.back().first);
    }
    if (lines == m_shown && m_links->count() > 0)
        return;
    m_shown = lines;
    while (QLayoutItem *item = m_links->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (const auto &[text, id] : users) {
        auto *link = new LinkLabel(m_theme, text, this);
        link->setObjectName(QStringLiteral("used-by-") + text.section(QLatin1Char(' '), 0, 0));
        link->setToolTip(tr("Open the agent"));
        connect(link, &QAbstractButton::clicked, this, [this, agent = id] { Q_EMIT openRequested(Location::ofArtifact(agent)); });
        m_links->addWidget(link, 0, Qt::AlignLeft);
    }
    if (users.empty()) {
        auto *none = new Label(m_theme, tr("No agent uses this prompt."), Label::Style::Hint, this);
        none->setContentsMargins(Ring, 0, 0, 0);
        m_links->addWidget(none);
    }
}

} // namespace lathe
