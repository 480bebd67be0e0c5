// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpPicker.h"

#include "ui/theme/Metrics.h"
#include "ui/tools/McpPromptsPage.h"
#include "ui/tools/McpResourcesPage.h"
#include "ui/widgets/Label.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int sheetWidth = 820;
constexpr int leastHeight = 560;
}

McpPicker::McpPicker(Session *session, Theme *theme, QWidget *anchor, What what, ArtifactId prompt)
    : Sheet(theme, anchor, what == What::Resource ? tr("Attach a resource") : tr("Begin with a server's prompt"), sheetWidth), m_session(session), m_what(what)
{
    setObjectName(QStringLiteral("mcp-picker"));
    setDeleteOnClose(true);
    auto *content = new QWidget;
    content->setMinimumHeight(leastHeight);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    auto *row = new QHBoxLayout;
    row->setSpacing(metrics::Gap);
    row->addWidget(new Label(theme, tr("Server"), Label::Style::Secondary, content));
    m_servers = new QComboBox(content);
    m_servers->setObjectName(QStringLiteral("mcp-picker-server"));
    m_servers->setAccessibleName(tr("Server"));
    m_servers->setMinimumWidth(220);
    for (const ArtifactInfo &info : session->project().artifacts().list(ArtifactKind::Tool)) {
        const auto draft = session->draft(info.id);
        if (draft && draft->body.value(QStringLiteral("type")).toString() == QLatin1String("mcp"))
            m_servers->addItem(info.name, info.id.value);
    }
    row->addWidget(m_servers);
    row->addStretch(1);
    layout->addLayout(row);
    m_pages = new QStackedWidget(content);
    m_none = new Label(theme, tr("This project has no MCP server yet. Add one under Tools, with New tool."), Label::Style::Secondary, m_pages);
    m_none->setAlignment(Qt::AlignCenter);
    m_pages->addWidget(m_none);
    if (what == What::Resource) {
        m_resources = new McpResourcesPage(session, theme, m_pages);
        if (prompt.isValid())
            m_resources->setPrompt(prompt);
        m_pages->addWidget(m_resources);
        connect(m_resources, &McpResourcesPage::connectRequested, m_resources, &McpResourcesPage::load);
        connect(m_resources, &McpResourcesPage::statusMessage, this, &McpPicker::statusMessage);
        connect(m_resources, &McpResourcesPage::openRequested, this, &McpPicker::openRequested);
        connect(m_resources, &McpResourcesPage::attached, this, &Overlay::dismiss);
    } else {
        m_prompts = new McpPromptsPage(session, theme, m_pages);
        if (prompt.isValid())
            m_prompts->setPrompt(prompt);
        m_pages->addWidget(m_prompts);
        connect(m_prompts, &McpPromptsPage::connectRequested, m_prompts, &McpPromptsPage::load);
        connect(m_prompts, &McpPromptsPage::statusMessage, this, &McpPicker::statusMessage);
        connect(m_prompts, &McpPromptsPage::openRequested, this, &McpPicker::openRequested);
        connect(m_prompts, &McpPromptsPage::used, this, &Overlay::dismiss);
    }
    layout->addWidget(m_pages, 1);
    setContent(content);
    addCancel(tr("Close"));
    connect(m_servers, &QComboBox::activated, this, &McpPicker::showServer);
    showServer();
}

void McpPicker::showServer()
{
    const bool any = m_servers->count() > 0;
    m_pages->setCurrentIndex(any ? 1 : 0);
    if (!any)
        return;
    ArtifactId id;
    id.value = m_servers->currentData().value<decltype(id.value)>();
    const auto draft = m_session->draft(id);
    if (!draft)
        return;
    // Choosing a server is asking for what it has.
    if (m_what == What::Resource) {
        m_resources->setServer(m_servers->currentText(), draft->body);
        m_resources->clear();
        m_resources->load();
    } else {
        m_prompts->setServer(m_servers->currentText(), draft->body);
        m_prompts->clear();
        m_prompts->load();
    }
}

} // namespace lathe
