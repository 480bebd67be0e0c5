// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/McpHub.h"

// What the panel asks of a server by the body of its artifact: connects when needed. The hub may go meanwhile: then Cancelled.
namespace lathe::mcp {

Task<Result<std::vector<McpResource>>> listResources(McpHub *hub, QString name, QJsonObject body, CancelToken cancel);
Task<Result<std::vector<McpPrompt>>> listPrompts(McpHub *hub, QString name, QJsonObject body, CancelToken cancel);
Task<Result<std::vector<McpResourceContent>>> readResource(McpHub *hub, QString name, QJsonObject body, QString uri, CancelToken cancel);
Task<Result<std::vector<McpPromptMessage>>> getPrompt(McpHub *hub, QString name, QJsonObject body, QString prompt, QJsonObject arguments, CancelToken cancel);

} // namespace lathe::mcp
