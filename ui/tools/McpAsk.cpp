// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpAsk.h"

#include <QPointer>

namespace lathe::mcp {

Task<Result<std::vector<McpResource>>> listResources(McpHub *hub, QString name, QJsonObject body, CancelToken cancel)
{
    const auto client = co_await hub->open(name, body, cancel);
    if (!client)
        co_return client.error();
    auto list = co_await (*client)->listResources(cancel);
    co_return list;
}

Task<Result<std::vector<McpPrompt>>> listPrompts(McpHub *hub, QString name, QJsonObject body, CancelToken cancel)
{
    const auto client = co_await hub->open(name, body, cancel);
    if (!client)
        co_return client.error();
    auto list = co_await (*client)->listPrompts(cancel);
    co_return list;
}

Task<Result<std::vector<McpResourceContent>>> readResource(McpHub *hub, QString name, QJsonObject body, QString uri, CancelToken cancel)
{
    const auto client = co_await hub->open(name, body, cancel);
    if (!client)
        co_return client.error();
    auto contents = co_await (*client)->readResource(uri, cancel);
    co_return contents;
}

Task<Result<std::vector<McpPromptMessage>>> getPrompt(McpHub *hub, QString name, QJsonObject body, QString prompt, QJsonObject arguments, CancelToken cancel)
{
    const auto client = co_await hub->open(name, body, cancel);
    if (!client)
        co_return client.error();
    auto messages = co_await (*client)->getPrompt(prompt, arguments, cancel);
    co_return messages;
}

} // namespace lathe::mcp
