// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/McpClient.h"

#include "core/base/Json.h"
#include "core/mcp/McpClientPrivate.h"

namespace lathe {

namespace {
constexpr int readSeconds = 120;
constexpr int completeSeconds = 20; // somebody is typing
constexpr qsizetype maxCompletions = 100;
constexpr qsizetype maxMessages = 1000;

McpRequestOptions requestFor(const QString &what, int seconds)
{
    McpRequestOptions request;
    request.what = what;
    request.call.seconds = seconds;
    return request;
}

QString quoted(const QString &name)
{
    return QStringLiteral("\"%1\"").arg(mcpwire::clean(name, 100));
}
}

McpClient::McpClient(McpServerConfig config, McpClientOptions options)
    : d(std::make_shared<Private>(std::move(config), std::move(options)))
{
    d->q = this;
}

McpClient::~McpClient()
{
    d->shutDown();
}

void McpClient::shutDown()
{
    d->shutDown();
}

const McpServerConfig &McpClient::config() const
{
    return d->config;
}

McpClient::State McpClient::state() const
{
    return d->state;
}

std::optional<Error> McpClient::error() const
{
    return d->error;
}

const McpServerInfo &McpClient::server() const
{
    return d->info;
}

void McpClient::note(const QString &text)
{
    d->note(text);
}

std::vector<McpLogLine> McpClient::log() const
{
    return {d->lines.begin(), d->lines.end()};
}

Task<Result<McpServerInfo>> McpClient::connectNow(CancelToken cancel)
{
    const auto held = d;
    const auto used = co_await held->use(true, std::move(cancel));
    if (!used)
        co_return used.error();
    McpServerInfo info = held->info;
    co_return info;
}

Task<> McpClient::close()
{
    return d->close();
}

void McpClient::setRoots(QStringList folders)
{
    d->roots = std::move(folders);
    if (d->connection)
        d->connection->setRoots(d->roots);
}

// --- Lists

Task<Result<std::vector<McpTool>>> McpClient::listTools(CancelToken cancel)
{
    const auto held = d;
    std::vector<McpTool> tools;
    auto list = co_await held->pages(QStringLiteral("tools/list"), QStringLiteral("tools"), QStringLiteral("the list of tools"), std::move(cancel));
    if (!list) {
        if (list.error().kind == ErrorKind::Provider && held->state == State::Ready && !held->offers("tools"))
            co_return tools;
        co_return list.error();
    }
    QHash<QString, McpConnection::ToolFacts> facts;
    const bool http = held->connection && held->connection->isHttp() && held->info.era == McpEra::Modern;
    for (const QJsonValue &entry : std::as_const(*list)) {
        auto tool = mcpwire::toolOf(entry.toObject());
        if (!tool || facts.contains(tool->name)) {
            held->note(tool ? QStringLiteral("The server lists the tool %1 twice; the second is left out.").arg(quoted(tool->name))
                            : QStringLiteral("The server lists a tool without a name; it is left out."));
            continue;
        }
        McpConnection::ToolFacts fact;
        fact.taskRequired = tool->taskRequired;
        if (http)
            fact.headers = mcpwire::paramHeaders(tool->inputSchema);
        if (!fact.headers.problem.isEmpty()) {
            held->note(QStringLiteral("The tool %1 is left out: %2.").arg(quoted(tool->name), fact.headers.problem));
            continue;
        }
        facts.insert(tool->name, std::move(fact));
        tools.push_back(std::move(*tool));
    }
    if (held->connection) {
        held->connection->toolFacts = std::move(facts);
        held->connection->toolsListed = true;
    }
    co_return tools;
}

Task<Result<std::vector<McpResource>>> McpClient::listResources(CancelToken cancel)
{
    const auto held = d;
    std::vector<McpResource> resources;
    const auto used = co_await held->use(false, cancel);
    if (!used)
        co_return used.error();
    if (!held->offers("resources"))
        co_return resources;
    auto list = co_await held->pages(QStringLiteral("resources/list"), QStringLiteral("resources"), QStringLiteral("the list of resources"), cancel);
    if (!list)
        co_return list.error();
    for (const QJsonValue &entry : std::as_const(*list)) {
        if (auto resource = mcpwire::resourceOf(entry.toObject(), false))
            resources.push_back(std::move(*resource));
    }
    auto templates = co_await held->pages(QStringLiteral("resources/templates/list"), QStringLiteral("resourceTemplates"),
                                          QStringLiteral("the list of resource templates"), cancel);
    if (!templates) {
        if (templates.error().kind != ErrorKind::Provider) // servers without templates refuse the request
            co_return templates.error();
        co_return resources;
    }
    for (const QJsonValue &entry : std::as_const(*templates)) {
        if (auto resource = mcpwire::resourceOf(entry.toObject(), true))
            resources.push_back(std::move(*resource));
    }
    co_return resources;
}

Task<Result<std::vector<McpPrompt>>> McpClient::listPrompts(CancelToken cancel)
{
    const auto held = d;
    std::vector<McpPrompt> prompts;
    const auto used = co_await held->use(false, cancel);
    if (!used)
        co_return used.error();
    if (!held->offers("prompts"))
        co_return prompts;
    auto list = co_await held->pages(QStringLiteral("prompts/list"), QStringLiteral("prompts"), QStringLiteral("the list of prompts"), std::move(cancel));
    if (!list)
        co_return list.error();
    for (const QJsonValue &entry : std::as_const(*list)) {
        if (auto prompt = mcpwire::promptOf(entry.toObject()))
            prompts.push_back(std::move(*prompt));
    }
    co_return prompts;
}

// --- Calls

Task<Result<McpToolResult>> McpClient::callTool(QString tool, QJsonObject arguments, McpCallOptions options, CancelToken cancel)
{
    const auto held = d;
    const QPointer<McpClient> self = this;
    const QString what = QStringLiteral("the tool ") + quoted(tool);
    for (int attempt = 0;; ++attempt) {
        const auto used = co_await held->use(false, cancel);
        if (!used)
            co_return used.error();
        std::shared_ptr<McpConnection> connection = *used;
        // Some arguments travel as headers too, which only the list tells.
        if (connection->isHttp() && held->info.era == McpEra::Modern && !connection->toolsListed) {
            if (!self)
                co_return Error::cancelled();
            const auto listed = co_await self->listTools(cancel);
            if (!listed)
                co_return listed.error();
            if (held->connection)
                connection = held->connection;
        }
        McpRequestOptions request = requestFor(what, options.seconds);
        const auto fact = connection->toolFacts.constFind(tool);
        if (fact != connection->toolFacts.constEnd()) {
            if (fact->taskRequired)
                co_return Error(ErrorKind::InvalidInput,
                                QStringLiteral("The tool %1 of the MCP server %2 runs only as a background task, which Lathe cannot do yet; "
                                               "use another tool.")
                                    .arg(quoted(tool), held->config.name));
            request.headers = mcpwire::paramHeaderLines(fact->headers, arguments);
        }
        request.call = options;
        request.progress = true;
        const QJsonObject params{{QStringLiteral("name"), tool}, {QStringLiteral("arguments"), arguments}};
        auto result = co_await held->ask(QStringLiteral("tools/call"), params, std::move(request), cancel);
        if (!result) {
            // The headers were those of a former list.
            const bool mismatch = result.error().cause.contains(QStringLiteral("error %1:").arg(jsonrpc::headerMismatch));
            if (mismatch && attempt == 0 && held->connection) {
                held->connection->toolsListed = false;
                continue;
            }
            co_return result.error();
        }
        auto parsed = mcpwire::toolResultOf(*result);
        if (!parsed)
            co_return Error(ErrorKind::Protocol, QStringLiteral("The MCP server %1 answered %2 with what is no result: %3.")
                                                     .arg(held->config.name, what, parsed.error().message));
        co_return parsed;
    }
}

Task<Result<std::vector<McpResourceContent>>> McpClient::readResource(QString uri, CancelToken cancel)
{
    const auto held = d;
    const QString what = QStringLiteral("the resource ") + quoted(uri);
    McpRequestOptions request = requestFor(what, readSeconds);
    const QJsonObject params{{QStringLiteral("uri"), uri}};
    auto result = co_await held->ask(QStringLiteral("resources/read"), params, std::move(request), std::move(cancel));
    if (!result)
        co_return result.error();
    const QJsonValue contents = result->value(QLatin1String("contents"));
    if (!contents.isArray())
        co_return Error(ErrorKind::Protocol, QStringLiteral("The MCP server %1 gave no contents for %2.").arg(held->config.name, what));
    co_return mcpwire::contentsOf(contents.toArray());
}

Task<Result<std::vector<McpPromptMessage>>> McpClient::getPrompt(QString prompt, QJsonObject arguments, CancelToken cancel)
{
    const auto held = d;
    const QString what = QStringLiteral("the prompt ") + quoted(prompt);
    McpRequestOptions request = requestFor(what, readSeconds);
    const QJsonObject params{{QStringLiteral("name"), prompt}, {QStringLiteral("arguments"), arguments}};
    auto result = co_await held->ask(QStringLiteral("prompts/get"), params, std::move(request), std::move(cancel));
    if (!result)
        co_return result.error();
    const QJsonValue messages = result->value(QLatin1String("messages"));
    if (!messages.isArray() || messages.toArray().size() > maxMessages)
        co_return Error(ErrorKind::Protocol, QStringLiteral("The MCP server %1 gave no messages for %2.").arg(held->config.name, what));
    std::vector<McpPromptMessage> out;
    const QJsonArray list = messages.toArray();
    for (const QJsonValue &item : list) {
        const QJsonObject json = item.toObject();
        McpPromptMessage message;
        message.role = json.value(QLatin1String("role")).toString();
        message.content = json.value(QLatin1String("content")).toObject();
        if (message.role != QLatin1String("user") && message.role != QLatin1String("assistant"))
            co_return Error(ErrorKind::Protocol, QStringLiteral("The MCP server %1 gave a message of nobody for %2.").arg(held->config.name, what));
        out.push_back(std::move(message));
    }
    co_return out;
}

Task<Result<QStringList>> McpClient::complete(QJsonObject reference, QString argument, QString typed, CancelToken cancel)
{
    const auto held = d;
    const auto used = co_await held->use(false, cancel);
    if (!used)
        co_return used.error();
    if (!held->offers("completions"))
        co_return QStringList();
    McpRequestOptions request = requestFor(QStringLiteral("values for %1").arg(quoted(argument)), completeSeconds);
    const QJsonObject params{{QStringLiteral("ref"), reference},
                             {QStringLiteral("argument"), QJsonObject{{QStringLiteral("name"), argument}, {QStringLiteral("value"), typed}}}};
    auto result = co_await held->ask(QStringLiteral("completion/complete"), params, std::move(request), std::move(cancel));
    if (!result)
        co_return result.error();
    QStringList values = json::toStringList(json::at(*result, QStringLiteral("/completion/values"))).mid(0, maxCompletions);
    co_return values;
}

Task<Result<void>> McpClient::subscribeResource(QString uri, bool on, CancelToken cancel)
{
    const auto held = d;
    const auto used = co_await held->use(false, cancel);
    if (!used)
        co_return used.error();
    if (!held->info.capabilities.value(QLatin1String("resources")).toObject().value(QLatin1String("subscribe")).toBool())
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The MCP server %1 does not tell when a resource changes.").arg(held->config.name));
    const std::shared_ptr<McpConnection> connection = *used;
    if (held->info.era == McpEra::Modern) {
        if (on)
            held->subscribed.insert(uri);
        else
            held->subscribed.erase(uri);
        connection->setSubscriptions(held->subscribed);
        co_return Result<void>();
    }
    McpRequestOptions request = requestFor(QStringLiteral("news of the resource ") + quoted(uri), readSeconds);
    const QString method = on ? QStringLiteral("resources/subscribe") : QStringLiteral("resources/unsubscribe");
    const QJsonObject params{{QStringLiteral("uri"), uri}};
    const auto result = co_await held->ask(method, params, std::move(request), std::move(cancel));
    if (!result)
        co_return result.error();
    co_return Result<void>();
}

} // namespace lathe
