// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QStringList>
#include <QUrl>

// Reading what people paste to name an MCP server (McpServersImport.cpp).
namespace lathe::mcptext {

// JSON with comments and trailing commas, as editors write it, to plain JSON. Line breaks stay, so that places in errors are right.
QString plainJson(const QString &text);
// Words of a command line, with quotes and backslashes as a POSIX shell reads them. Nothing is expanded, and nothing is run. InvalidInput:
// an open quote, or a sign that only a shell understands.
Result<QStringList> words(const QString &line);
// What to call the server that a command line starts, or that is at an address: "github" of "npx -y @modelcontextprotocol/server-github".
QString nameOfCommand(const QString &command, const QStringList &args);
QString nameOfUrl(const QUrl &url);

} // namespace lathe::mcptext
