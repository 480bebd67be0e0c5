// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mcp/McpTypes.h"
#include "core/tool/Tool.h"

namespace lathe {

// The functions of an MCP server that the specification lists (config.tools, as a person approved them) and that are switched on, one tool
// each. Reaches nobody: the server is started or asked with the first call. Before the first call on a connection the server's own list is
// looked at: a function that is gone or is no longer what was approved is not called (an outcome with isError, and a note "changed").
// Errors: InvalidInput (how to reach the server is not said, no environment for MCP).
Result<std::vector<std::shared_ptr<Tool>>> makeMcpTools(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment);

// What a person approves of a tool that a server lists; its fingerprint tells a changed one. A tool that can only be called as a task is
// not enabled.
ToolFunction toolFunctionOf(const McpTool &tool);

} // namespace lathe
