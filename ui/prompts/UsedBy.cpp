// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/UsedBy.h"

#include "core/session/PromptBench.h"
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
    // A moment later, and once for many changes: every design is looked at.
    m_soon.setSingleShot(true);
    m_soon.setInterval(250);
    connect(&m_soon, &QTimer::timeout, this, &UsedBy::refresh);
    connect(artifacts, &ArtifactRepository::changed, &m_soon, qOverload<>(&QTimer::start));
    connect(artifacts, &ArtifactRepository::added, &m_soon, qOverload<>(&QTimer::start));
    connect(artifacts, &ArtifactRepository::draftChanged, this, [this](ArtifactId id) {
        if (id != m_prompt) // not at each key press in this prompt
            m_soon.start();
    });
    refresh();
}

void UsedBy::refresh()
{
    QStringList lines;
    std::vector<std::pair<QString, ArtifactId>> users;
    for (const PromptUser &user : promptUsers(*m_session, m_prompt, false)) {
        QString text = user.name;
        if (user.kind != ArtifactKind::Agent)
            text += user.kind == ArtifactKind::Team ? tr(" (team)") : tr(" (prompt)");
        else if (user.reference.contains(QLatin1Char('@')))
            text += QStringLiteral("  @") + user.reference.section(QLatin1Char('@'), 1);
        users.emplace_back(text, user.id);
        lines.append(text);
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
        link->setToolTip(tr("Open it"));
        connect(link, &QAbstractButton::clicked, this, [this, agent = id] { Q_EMIT openRequested(Location::ofArtifact(agent)); });
        m_links->addWidget(link, 0, Qt::AlignLeft);
    }
    if (users.empty()) {
        auto *none = new Label(m_theme, tr("Nobody uses this prompt yet."), Label::Style::Hint, this);
        none->setContentsMargins(Ring, 0, 0, 0);
        m_links->addWidget(none);
    }
}

} // namespace lathe
