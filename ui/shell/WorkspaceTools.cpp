// SPDX-License-Identifier: GPL-3.0-or-later
// Attaching tools, and what MCP servers ask outside of runs: commands and notices of the window.
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/QuestionList.h"
#include "ui/shell/StatusStrip.h"
#include "ui/shell/Workspace.h"
#include "ui/tools/AddToolSheet.h"
#include "ui/tools/ConsentHost.h"
#include "ui/tools/McpPicker.h"
#include "ui/widgets/ToastHost.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>

namespace lathe {

void Workspace::buildToolCommands()
{
    const auto writable = [this] { return !m_session->project().isReadOnly(); };
    addCommand(QStringLiteral("new-tool-clipboard"), tr("Add a tool from the clipboard"), tr("New"), QKeySequence(), QStringLiteral("import"),
               [this] { addTool(QGuiApplication::clipboard()->text()); },
               [writable] { return writable() && !QGuiApplication::clipboard()->text().trimmed().isEmpty(); });
    addCommand(QStringLiteral("new-prompt-mcp"), tr("New prompt from an MCP server"), tr("New"), QKeySequence(), QStringLiteral("prompt"), [this] {
        complete();
        auto *picker = new McpPicker(m_session, m_theme, this, McpPicker::What::Prompt, ArtifactId());
        connect(picker, &McpPicker::openRequested, this, &Workspace::go);
        connect(picker, &McpPicker::statusMessage, m_status, &StatusStrip::showMessage);
        picker->open();
    }, writable);
    addCommand(QStringLiteral("show-consents"), tr("Show what MCP servers ask"), tr("View"), QKeySequence(), QStringLiteral("help"),
               [this] { m_consents->raiseAndFocus(); }, [this] { return m_consents && m_consents->count() > 0; });
}

void Workspace::addTool(const QString &input)
{
    complete();
    auto *sheet = new AddToolSheet(m_session, m_theme, this);
    connect(sheet, &AddToolSheet::openRequested, this, &Workspace::go);
    connect(sheet, &AddToolSheet::statusMessage, this, [this](const QString &text) { m_toasts->show(Severity::Info, text); });
    sheet->open();
    if (!input.trimmed().isEmpty())
        sheet->setInput(input);
}

void Workspace::watchConsents()
{
    m_consents = new ConsentHost(m_session, m_theme, this, &makeQuestionCard);
    connect(m_consents, &ConsentHost::countChanged, m_status, &StatusStrip::setConsents);
    connect(m_status, &StatusStrip::consentsRequested, m_consents, &ConsentHost::raiseAndFocus);
    m_status->setConsents(m_consents->count());
}

void Workspace::tellBinned(ArtifactId id, const QString &name)
{
    m_documents->closePage(PageFactory::key(Location::ofArtifact(id)));
    m_toasts->show(Severity::Info, tr("Moved \"%1\" to the bin.").arg(name), tr("Undo"), [this, id] {
        runTask(this, m_session->project().artifacts().moveToBin(id, false), [] {}, [this](const Error &error) { notify(error); });
    });
}

} // namespace lathe
