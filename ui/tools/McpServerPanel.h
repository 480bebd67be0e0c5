// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QWidget>

#include <memory>

namespace lathe {

// The server of a tool artifact of the type "mcp": how it stands (state, era, version, capabilities), its log, its tools with what changed
// since a person approved them, its prompts and resources. Connects only when asked to (Connect, Refresh, or looking into a resource). All
// edits go into the artifact's draft; the person commits them. It follows drafts and the hub by itself.
class McpServerPanel : public QWidget
{
    Q_OBJECT
public:
    McpServerPanel(Session *session, Theme *theme, ArtifactId tool, QWidget *parent = nullptr);
    ~McpServerPanel() override; // stops what it has under way; the connection is the session's and stays
    enum class Part { Tools, Prompts, Resources, Log, Server };
    void showPart(Part part);
    Part part() const;
    void connectOrRefresh(); // F5 or the palette

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);
    void tryRequested(const QString &function); // a tool of the server is to be tried: its own name

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    class Parts;
    std::unique_ptr<Parts> d;
};

} // namespace lathe
