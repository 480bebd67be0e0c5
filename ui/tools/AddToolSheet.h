// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/widgets/Sheet.h"

#include <memory>

namespace lathe {

// The one place where a tool is attached to the project. Whatever is pasted or typed is recognised (AddToolInput): the command line, URL or
// mcpServers JSON of MCP servers, an OpenAPI document, its file or URL, a curl command; else a type is picked from the catalogue. Each kind
// has a step of its own that shows what was understood before anything is made. Make it, connect, open(); it deletes itself when it
// closes, and what is under way (a server that starts, a download) stops then.
//     auto *sheet = new AddToolSheet(m_session, m_theme, this);
//     connect(sheet, &AddToolSheet::openRequested, this, &ToolCatalogPage::openRequested);
//     connect(sheet, &AddToolSheet::statusMessage, this, &ToolCatalogPage::statusMessage);
//     sheet->open();
class AddToolSheet : public Sheet
{
    Q_OBJECT
public:
    AddToolSheet(Session *session, Theme *theme, QWidget *anchor);
    ~AddToolSheet() override;
    // As if pasted: text of the clipboard, a file's path or URL that was dropped.
    void setInput(const QString &text);

Q_SIGNALS:
    void created(const QList<lathe::ArtifactId> &tools);
    void openRequested(const lathe::Location &location); // the (first) new tool; the sheet is closed by then
    void statusMessage(const QString &text);             // "Added github with 14 tools"

protected:
    QWidget *firstFocus() const override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override; // a click beside it does not throw away what was begun

private:
    class Parts;
    std::unique_ptr<Parts> d;
};

} // namespace lathe
