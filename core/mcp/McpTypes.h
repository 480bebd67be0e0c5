// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QStringList>

#include <optional>
#include <vector>

// The Model Context Protocol as values (modelcontextprotocol.io, revisions 2025-11-25 and 2026-07-28).
namespace lathe {

// The two wire eras: with initialize and sessions, and stateless.
enum class McpEra { Unknown, Legacy, Modern };
inline constexpr const char *mcpLegacyVersion = "2025-11-25";
inline constexpr const char *mcpModernVersion = "2026-07-28";

// How to reach a server. Config JSON of a tool of the type "mcp": {transport, command?, args?, env?, folder?, url?, headers?, auth?,
// roots?, connect_seconds?, sampling_model?, tools:[ToolFunction], server?:{name,version,instructions,...as last seen}}.
struct McpServerConfig {
    enum class Transport { Stdio, Http };
    QString name; // the artifact's
    Transport transport = Transport::Stdio;
    // stdio: the program, its arguments and its folder. It gets PATH, HOME, LANG and the like, and what `env` names; nothing else of our
    // environment.
    QString command;
    QStringList args;
    QJsonObject env; // name -> value, with {{secret:NAME}}
    QString folder;
    // HTTP
    QString url;
    QJsonObject headers; // name -> value, with {{secret:NAME}}
    QJsonObject auth;    // OAuth: {client_id?, client_secret? ({{secret:NAME}}), scopes?, client_metadata_url?}; empty: discovered when asked
    QStringList roots;   // folders the server may be told of
    int connectSeconds = 120; // a first start may have to fetch packages
    QString samplingModel;    // "connection/model" for sampling requests; empty: refused
    static Result<McpServerConfig> fromJson(const QString &name, const QJsonObject &config);
    QJsonObject toJson() const; // without tools
    // Two with the same key share a connection; the name has no part in it.
    QByteArray key() const;
    bool operator==(const McpServerConfig &) const = default;
};

struct McpTool {
    QString name, title, description;
    QJsonObject inputSchema, outputSchema, annotations;
    bool taskRequired = false; // cannot be called as a plain request: refused with that sentence
};
struct McpResource {
    QString uri, name, title, description, mimeType;
    qint64 size = -1;
    bool isTemplate = false; // `uri` is a URI template (RFC 6570)
};
struct McpPromptArgument {
    QString name, title, description;
    bool required = false;
};
struct McpPrompt {
    QString name, title, description;
    std::vector<McpPromptArgument> arguments;
};
struct McpResourceContent {
    QString uri, mimeType, text;
    QByteArray blob; // decoded; empty for text
};
struct McpPromptMessage {
    QString role;    // "user" or "assistant"
    QJsonObject content; // one content block
};

// What tools/call gave. A tool's own failure is isError, not an Error.
struct McpToolResult {
    QJsonArray content; // content blocks as they came: text, image, audio, resource, resource_link
    QJsonValue structured = QJsonValue(QJsonValue::Undefined);
    bool isError = false;
    QJsonObject meta;
    QString text() const; // the content for a model: texts, and one line for whatever is no text
};

struct McpServerInfo {
    McpEra era = McpEra::Unknown;
    QString protocolVersion;
    QString name, title, version, instructions;
    QJsonObject capabilities;
};

struct McpLogLine {
    enum class Source { Stderr, Server, Client, Sent, Received }; // Sent and Received: JSON-RPC messages
    qint64 timeUs = 0;
    Source source = Source::Client;
    QString level; // "debug" ... "emergency" of MCP logging; empty else
    QString text;  // at most 64 KB
};

} // namespace lathe
