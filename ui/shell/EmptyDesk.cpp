// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/EmptyDesk.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/PrimaryButton.h"

#include <QVBoxLayout>

namespace lathe {

EmptyDesk::EmptyDesk(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_state(new EmptyState(theme, QStringLiteral("design"), tr("No document is open. Choose one at the left, or search for it."), this)),
      m_box(new QWidget(this)), m_links(new QVBoxLayout(m_box))
{
    setObjectName(QStringLiteral("empty-desk"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addStretch(2);
    layout->addWidget(m_state);
    layout->addWidget(m_box, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    m_links->setContentsMargins(0, 0, 0, 0);
    m_links->setSpacing(metrics::GapSmall);
    m_state->setAction(tr("New agent"));
    m_state->setLink(tr("Search or command (Ctrl+K)"));
    m_state->button()->setObjectName(QStringLiteral("desk-new-agent"));
    m_state->link()->setObjectName(QStringLiteral("desk-search"));
    setFocusProxy(m_state->button());
    connect(m_state, &EmptyState::actionTriggered, this, &EmptyDesk::newAgentRequested);
    connect(m_state, &EmptyState::linkTriggered, this, &EmptyDesk::searchRequested);
}

void EmptyDesk::setReadOnly(bool readOnly)
{
    m_state->setAction(readOnly ? QString() : tr("New agent"));
    setFocusProxy(readOnly ? static_cast<QWidget *>(m_state->link()) : m_state->button());
}

void EmptyDesk::setRecent(const std::vector<Recent> &recent)
{
    while (QLayoutItem *item = m_links->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater(); // its click may have led here
        delete item;
    }
    m_box->setVisible(!recent.empty());
    if (recent.empty())
        return;
    m_links->addWidget(new Label(m_theme, tr("Closed last"), Label::Style::Caption, m_box), 0, Qt::AlignHCenter);
    for (const Recent &one : recent) {
        auto *link = new LinkLabel(m_theme, one.title, m_box);
        link->setIcon(m_theme->icon(one.icon));
        link->setObjectName(QStringLiteral("desk-recent-%1").arg(m_links->count()));
        connect(link, &QAbstractButton::clicked, this, [this, location = one.location] { Q_EMIT openRequested(location); });
        m_links->addWidget(link, 0, Qt::AlignHCenter);
        link->show(); // at once
    }
}

} // namespace lathe
