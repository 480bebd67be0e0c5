// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mcp/McpClient.h"

namespace lathe {

// What a sampling request gave, and what it took: whoever lets a server use a model pays for it, and counts it.
struct McpSampled {
    QJsonObject result; // of sampling/createMessage
    QString connection, provider, model; // that answered; provider as gen_ai.provider.name
    QJsonObject usage;  // Usage::toJson() of core/trace, which this folder may not know
    qint64 startUs = 0, endUs = 0;
    McpSampled() = default;
};

// Gives the connection of a server, the same one to all that ask with the same configuration. Main thread.
class McpConnector
{
public:
    virtual ~McpConnector() = default;
    virtual std::shared_ptr<McpClient> client(const McpServerConfig &config) = 0;
    // The server's tools as it lists them now, at most once per connection and list_changed: for the check that a tool is still what a
    // person approved.
    virtual Task<Result<std::vector<McpTool>>> currentTools(std::shared_ptr<McpClient> client, CancelToken cancel) = 0;
    // Answers a sampling request of the server (params -> result of sampling/createMessage) by the model that its configuration names. The
    // person has agreed before. Denied when none is named.
    virtual Task<Result<McpSampled>> sampled(McpServerConfig config, QJsonObject request, CancelToken cancel) = 0;
};

} // namespace lathe
