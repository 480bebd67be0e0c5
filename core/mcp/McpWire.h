// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/http/HttpTypes.h"
#include "core/mcp/JsonRpc.h"
#include "core/mcp/McpTypes.h"

// What stands in MCP messages, read with suspicion and without state. Any thread.
namespace lathe::mcpwire {

// A stranger's words as one line of at most `max` characters, without control characters.
QString clean(const QString &text, qsizetype max = 500);

// Entries of lists; nullopt: it has no name (uri).
std::optional<McpTool> toolOf(const QJsonObject &entry);
std::optional<McpResource> resourceOf(const QJsonObject &entry, bool isTemplate);
std::optional<McpPrompt> promptOf(const QJsonObject &entry);
std::vector<McpResourceContent> contentsOf(const QJsonArray &contents);
// Protocol when `content` is missing or no list.
Result<McpToolResult> toolResultOf(const QJsonObject &result);
// Of initialize or server/discover.
McpServerInfo serverOf(const QJsonObject &result);

// The error for the caller of a request that the server refused. `what`: "the tool echo", "the list of prompts".
Error errorOf(const JsonRpcError &error, const QString &server, const QString &what);
// The versions that an error -32022 says are supported; empty when it says none.
QStringList supportedVersions(const JsonRpcError &error);

// The accepted answer to a form, with the defaults of its schema where a member was left out.
QJsonObject withDefaults(const QJsonObject &schema, QJsonObject content);

// Arguments of a tool that travel as headers too (x-mcp-header of 2026-07-28).
struct ParamHeaders {
    struct Param {
        QStringList path; // into the arguments
        QByteArray name;  // without Mcp-Param-
    };
    std::vector<Param> params;
    QString problem; // not empty: the annotations are invalid, the tool must not be used
};
ParamHeaders paramHeaders(const QJsonObject &inputSchema);
HttpHeaders paramHeaderLines(const ParamHeaders &headers, const QJsonObject &arguments);
// As a header's value: itself where it is plain ASCII, else "=?base64?...?=".
QByteArray headerText(const QString &text);
// Mcp-Method and Mcp-Name, which repeat what the body says.
HttpHeaders standardHeaders(const JsonRpcMessage &message);

// A URL for an error text: scheme, host, port and path; never user, query or fragment.
QString shownUrl(const QString &url);

} // namespace lathe::mcpwire
