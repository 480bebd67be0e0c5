// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mcp/McpConnector.h"
#include "core/tool/Tool.h"

namespace lathe {

// What an MCP server may ask of a client, brought before a person: during a call of a run, during a try, or outside of any. `ask` empty:
// nobody is there. Params and results are those of the MCP requests. Main thread.

// elicitation/create: values for a form (its defaults are filled in where the person left them out), or an address to open. Nobody:
// declined. Errors: InvalidInput (an address that is no web address), those of `ask`.
Task<Result<QJsonObject>> mcpElicited(AskPerson ask, QString server, QJsonObject params, CancelToken cancel);

// sampling/createMessage: the person first, then `model`. Errors: Denied (nobody is there, or the person does not want it), those of `ask`
// and of the model.
using McpSampler = std::function<Task<Result<QJsonObject>>(McpServerConfig config, QJsonObject params, CancelToken cancel)>;
Task<Result<QJsonObject>> mcpSampled(AskPerson ask, McpServerConfig config, QJsonObject params, McpSampler model, CancelToken cancel);

} // namespace lathe
