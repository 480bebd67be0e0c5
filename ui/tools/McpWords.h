// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/McpHub.h"
#include "ui/widgets/StatusGlyph.h"

// How servers and what they say of themselves read everywhere.
namespace lathe::mcp {

Status status(McpClient::State state);
QString stateWord(McpClient::State state);        // "connected", "starting", "failed", "not connected"
bool waitsForPerson(const McpHub &hub, const QString &server); // a sign-in, a question
QString eraText(const McpServerInfo &info);       // "2026-07-28, stateless"; empty while it is not known
QString capabilitiesText(const McpServerInfo &info); // "tools, prompts, resources, logging"
// What annotations claim: "reads only", "may delete", "idempotent", "reaches outside". The server's word, not to be trusted.
QStringList hints(const QJsonObject &annotations);
QString sourceWord(McpLogLine::Source source); // "stderr", "server", "Lathe", "sent", "received"

} // namespace lathe::mcp
