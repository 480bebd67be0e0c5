// SPDX-License-Identifier: GPL-3.0-or-later
// The client that @modelcontextprotocol/conformance drives: it uses McpClient and OauthAuthorizer as the product does, with the server's URL
// as last argument, and does whatever the server offers: lists everything, calls every tool with arguments that fit, reads every resource,
// gets every prompt. Instead of a person there is a browser that says yes to everything. Exit code 0 when all went well.
#include "core/base/Json.h"
#include "core/http/HttpClient.h"
#include "core/mcp/McpClient.h"
#include "core/mcp/OauthAuthorizer.h"

#include <QCoreApplication>

#include <cstdio>

using namespace lathe;

namespace {
void say(const QString &text)
{
    std::fprintf(stderr, "%s\n", qPrintable(text));
}

// Follows the redirect as a browser would.
OauthBrowser yesBrowser(HttpClient *http)
{
    return [http](OauthSignIn signIn, CancelToken) -> Task<Result<QUrl>> {
        HttpClient *client = http; // the closure may be gone after the first co_await
        HttpRequest request;
        request.url = signIn.authorizationUrl.toString(QUrl::FullyEncoded);
        const auto page = co_await client->fetch(std::move(request), CancelToken());
        if (!page)
            co_return page.error();
        HttpRequest back;
        back.url = QString::fromLatin1(headerValue(page->headers, "location"));
        say(QStringLiteral("browser: status %1").arg(page->status));
        if (page->status / 100 != 3)
            co_return Error(ErrorKind::Denied, QStringLiteral("The sign-in page answered with status %1.").arg(page->status));
        const auto done = co_await client->fetch(std::move(back), CancelToken());
        if (!done)
            co_return done.error();
        co_return QUrl();
    };
}

QJsonValue sample(const QJsonObject &schema)
{
    if (schema.contains(QLatin1String("default")))
        return schema.value(QLatin1String("default"));
    const QJsonArray choices = schema.value(QLatin1String("enum")).toArray();
    if (!choices.isEmpty())
        return choices.first();
    const QString type = schema.value(QLatin1String("type")).toString();
    if (type == QLatin1String("number") || type == QLatin1String("integer"))
        return 3;
    if (type == QLatin1String("boolean"))
        return true;
    if (type == QLatin1String("array"))
        return QJsonArray();
    if (type == QLatin1String("object")) {
        QJsonObject object;
        const QStringList required = json::toStringList(schema.value(QLatin1String("required")));
        const QJsonObject properties = schema.value(QLatin1String("properties")).toObject();
        for (const QString &name : required)
            object.insert(name, sample(properties.value(name).toObject()));
        return object;
    }
    return QStringLiteral("sample");
}

// What a person would answer who presses Accept at once: the defaults, and something that fits for the rest.
McpClientHandlers agreeing()
{
    McpClientHandlers handlers;
    handlers.elicit = [](QJsonObject request, CancelToken) -> Task<Result<QJsonObject>> {
        say(QStringLiteral("elicited: ") + request.value(QLatin1String("message")).toString());
        QJsonObject content;
        const QJsonObject schema = request.value(QLatin1String("requestedSchema")).toObject();
        const QStringList required = json::toStringList(schema.value(QLatin1String("required")));
        const QJsonObject properties = schema.value(QLatin1String("properties")).toObject();
        for (const QString &name : required) {
            const QJsonObject property = properties.value(name).toObject();
            if (!property.contains(QLatin1String("default")))
                content.insert(name, sample(property));
        }
        const QJsonObject answer{{QStringLiteral("action"), QStringLiteral("accept")}, {QStringLiteral("content"), content}};
        co_return answer;
    };
    handlers.sample = [](QJsonObject, CancelToken) -> Task<Result<QJsonObject>> {
        const QJsonObject text{{QStringLiteral("type"), QStringLiteral("text")}, {QStringLiteral("text"), QStringLiteral("sampled")}};
        const QJsonObject answer{{QStringLiteral("role"), QStringLiteral("assistant")}, {QStringLiteral("content"), text},
                                 {QStringLiteral("model"), QStringLiteral("test")}, {QStringLiteral("stopReason"), QStringLiteral("endTurn")}};
        co_return answer;
    };
    return handlers;
}

class Driver
{
public:
    Driver(std::shared_ptr<McpClient> client, QJsonObject context) : m_client(std::move(client)), m_context(std::move(context)) {}

    Task<int> run()
    {
        const auto info = co_await m_client->connectNow(CancelToken());
        if (!info) {
            say(info.error().message);
            co_return 1;
        }
        say(QStringLiteral("connected: %1, %2").arg(info->name, info->protocolVersion));
        const QJsonObject capabilities = info->capabilities;
        co_await tools();
        if (capabilities.contains(QLatin1String("resources")))
            co_await resources();
        if (capabilities.contains(QLatin1String("prompts")))
            co_await prompts();
        co_await m_client->close();
        co_return m_failures > 0 ? 1 : 0;
    }

private:
    bool failed(const QString &what, const Error &error)
    {
        say(what + QStringLiteral(": ") + error.message);
        ++m_failures;
        return true;
    }

    Task<> tools()
    {
        const auto tools = co_await m_client->listTools(CancelToken());
        if (!tools) {
            failed(QStringLiteral("tools/list"), tools.error());
            co_return;
        }
        const QJsonArray wanted = m_context.value(QLatin1String("toolCalls")).toArray();
        for (const auto &tool : *tools) {
            QJsonObject arguments = sample(tool.inputSchema).toObject();
            for (const auto &call : wanted) {
                if (call.toObject().value(QLatin1String("name")) == tool.name)
                    arguments = call.toObject().value(QLatin1String("arguments")).toObject();
            }
            if (tool.name == QLatin1String("json_schema_echo")) // wants to see the schema of the other tool as it arrived here
                arguments = QJsonObject{{QStringLiteral("schema"), tools->front().inputSchema}};
            McpCallOptions options;
            options.seconds = 20;
            const auto result = co_await m_client->callTool(tool.name, arguments, options, CancelToken());
            if (result)
                say(tool.name + QStringLiteral(": ") + result->text());
            else
                failed(tool.name, result.error());
        }
    }

    Task<> resources()
    {
        const auto resources = co_await m_client->listResources(CancelToken());
        if (!resources) {
            failed(QStringLiteral("resources/list"), resources.error());
            co_return;
        }
        for (const auto &resource : *resources) {
            if (resource.isTemplate)
                continue;
            const auto contents = co_await m_client->readResource(resource.uri, CancelToken());
            if (!contents)
                failed(resource.uri, contents.error());
        }
    }

    Task<> prompts()
    {
        const auto prompts = co_await m_client->listPrompts(CancelToken());
        if (!prompts) {
            failed(QStringLiteral("prompts/list"), prompts.error());
            co_return;
        }
        for (const auto &prompt : *prompts) {
            QJsonObject arguments;
            for (const auto &argument : prompt.arguments)
                arguments.insert(argument.name, QStringLiteral("sample"));
            const auto messages = co_await m_client->getPrompt(prompt.name, arguments, CancelToken());
            if (!messages)
                failed(prompt.name, messages.error());
        }
    }

    std::shared_ptr<McpClient> m_client;
    QJsonObject m_context;
    int m_failures = 0;
};

Task<> drive(Driver *driver)
{
    const int code = co_await driver->run();
    QCoreApplication::exit(code);
}
} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    const QString scenario = qEnvironmentVariable("MCP_CONFORMANCE_SCENARIO");
    say(QStringLiteral("scenario %1, revision %2").arg(scenario, qEnvironmentVariable("MCP_CONFORMANCE_PROTOCOL_VERSION")));
    const QJsonObject context = json::parseObject(qgetenv("MCP_CONFORMANCE_CONTEXT")).valueOr(QJsonObject());

    HttpClient http;
    SystemClock clock;
    OauthOptions oauth;
    oauth.http = &http;
    oauth.clock = &clock;
    oauth.browser = yesBrowser(&http);
    oauth.clientMetadataUrl = QStringLiteral("https://conformance-test.local/client-metadata.json");
    oauth.signInSeconds = 20;
    oauth.log = [](const McpServerConfig &, const QString &text) { say(text); };
    OauthAuthorizer authorizer(oauth);

    McpServerConfig config;
    config.name = QStringLiteral("conformance");
    config.transport = McpServerConfig::Transport::Http;
    config.url = application.arguments().constLast();
    for (const char *name : {"client_id", "client_secret", "issuer"}) {
        const QJsonValue value = context.value(QLatin1String(name));
        if (value.isString())
            config.auth.insert(QLatin1String(name), value);
    }

    if (scenario == QLatin1String("auth/client-credentials-basic")) // what a person would choose
        config.auth.insert(QStringLiteral("grant"), QStringLiteral("client_credentials"));

    McpClientOptions options;
    options.http = &http;
    options.clock = &clock;
    options.authorizer = &authorizer;
    options.handlers = agreeing();
    options.clientVersion = QStringLiteral(LATHE_VERSION);
    const auto client = std::make_shared<McpClient>(config, options);
    QObject::connect(client.get(), &McpClient::logged, client.get(), [](const McpLogLine &line) {
        if (line.source == McpLogLine::Source::Client)
            say(line.text);
    });
    Driver driver(client, context);
    drive(&driver);
    return application.exec();
}
