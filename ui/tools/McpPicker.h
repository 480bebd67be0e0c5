// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/widgets/Sheet.h"

class QComboBox;
class QStackedWidget;

namespace lathe {

class Label;
class McpPromptsPage;
class McpResourcesPage;

// From a prompt's side: attach a resource of one of the project's MCP servers to it, or begin with the text of a server's prompt. The server
// is connected when it is chosen. Make it, connect, open(); it deletes itself when it closes.
//     auto *picker = new McpPicker(session, theme, anchor, McpPicker::What::Resource, promptId);
//     connect(picker, &McpPicker::openRequested, ...); // only with an invalid prompt id: the one that was made
//     picker->open();
class McpPicker : public Sheet
{
    Q_OBJECT
public:
    enum class What { Resource, Prompt };
    // `prompt` invalid: a new prompt is made.
    McpPicker(Session *session, Theme *theme, QWidget *anchor, What what, ArtifactId prompt);

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);

private:
    void showServer();
    Session *m_session;
    What m_what;
    QComboBox *m_servers;
    QStackedWidget *m_pages;
    Label *m_none;
    McpResourcesPage *m_resources = nullptr;
    McpPromptsPage *m_prompts = nullptr;
};

} // namespace lathe
