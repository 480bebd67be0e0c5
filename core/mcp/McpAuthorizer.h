// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"
#include "core/http/HttpTypes.h"
#include "core/mcp/McpTypes.h"

namespace lathe {

// OAuth for remote MCP servers: gives the Authorization header, and gets a token when a server asks for one. Main thread.
class McpAuthorizer
{
public:
    virtual ~McpAuthorizer() = default;
    // The value of the Authorization header for a request to the server; empty: none yet (ask the server without).
    virtual Task<Result<QByteArray>> authorization(McpServerConfig config, CancelToken cancel) = 0;
    // After a 401 or 403: discovers, registers, refreshes or asks the person, as the answer demands. True: try the request again.
    // Errors: Denied with what the person can do.
    virtual Task<Result<bool>> challenged(McpServerConfig config, HttpResponse answer, CancelToken cancel) = 0;
};

} // namespace lathe
