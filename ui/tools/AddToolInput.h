// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

namespace lathe {

// What a text that was pasted or typed into the add sheet stands for. A guess from the text alone (and, for a path, from the head of the
// file): nothing is started or fetched.
struct AddToolInput {
    enum class Kind {
        Nothing,     // empty
        Search,      // words: the catalogue is filtered
        McpServers,  // command line or mcpServers JSON; `text` for parseMcpServers
        McpUrl,      // URL of an MCP server; `text` for parseMcpServers
        OpenApiText, // an OpenAPI document: `text`
        OpenApiFile, // `text` is the path
        OpenApiUrl,
        Curl,        // a curl command
        Request,     // URL to be called as it is
    };
    Kind kind = Kind::Nothing;
    QString text;    // trimmed, without a prompt sign in front
    QString summary; // "MCP server: npx -y @modelcontextprotocol/server-github"
    QList<Kind> also; // other readings, likelier first
    static QString kindTitle(Kind kind);
};
AddToolInput recogniseTool(const QString &text);
// The same text read as another kind of `also`.
AddToolInput readAs(const AddToolInput &input, AddToolInput::Kind kind);

} // namespace lathe
