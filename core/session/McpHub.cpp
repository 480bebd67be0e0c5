// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/McpHub.h"

#include "core/base/Json.h"
#include "core/session/McpHubPrivate.h"
#include "core/tool/McpQuestions.h"
#include "core/tool/McpTool.h"

#include <QDir>
#include <QMetaMethod>

namespace lathe {

namespace {
constexpr int maxListings = 3; // at a time, of a server whose tools change all the while
}

// --- The parts

McpServerConfig McpHub::Private::whole(McpServerConfig config) const
{
    const QString project = resolver ? resolver->toolEnvironment().projectFolder : QDir::currentPath();
    config.folder = config.folder.isEmpty() ? project : QDir(project).absoluteFilePath(config.folder);
    for (QString &root : config.roots)
        root = QDir(project).absoluteFilePath(root);
    return config;
}

Result<McpServerConfig> McpHub::Private::configOf(const QString &name, const QJsonObject &body) const
{
    auto config = McpServerConfig::fromJson(name, body.value(QLatin1String("config")).toObject());
    if (!config)
        return config.error();
    return whole(std::move(*config));
}

std::shared_ptr<McpHub::Private::Server> McpHub::Private::find(const QByteArray &key) const
{
    const auto found = servers.find(key);
    return found == servers.end() ? nullptr : found->second;
}

std::shared_ptr<McpHub::Private::Server> McpHub::Private::find(const McpClient *client) const
{
    for (const auto &[key, server] : servers) {
        if (server->client.get() == client)
            return server;
    }
    return nullptr;
}

std::shared_ptr<McpHub::Private::Server> McpHub::Private::server(const McpServerConfig &config)
{
    McpServerConfig used = whole(config);
    const QByteArray key = used.key();
    auto known = find(key);
    if (known && known->client->state() != McpClient::State::Closed) {
        known->names.insert(config.name);
        return known;
    }
    if (!known) {
        known = std::make_shared<Server>();
        known->key = key;
        servers[key] = known;
    }
    known->names.insert(config.name);
    known->listed.reset();
    ++known->epoch;

    McpClientOptions own = options;
    if (const auto era = eras.find(key); era != eras.end())
        own.knownEra = era->second;
    const std::weak_ptr<Private> weak = weak_from_this();
    const QString name = config.name;
    own.handlers.elicit = [weak, name](QJsonObject request, CancelToken cancel) -> Task<Result<QJsonObject>> {
        if (const auto held = weak.lock())
            return mcpElicited(asker(held, name), name, std::move(request), std::move(cancel));
        return []() -> Task<Result<QJsonObject>> { co_return Error::cancelled(); }();
    };
    if (!config.samplingModel.isEmpty()) {
        own.handlers.sample = [weak, used](QJsonObject request, CancelToken cancel) -> Task<Result<QJsonObject>> {
            if (const auto held = weak.lock()) {
                const McpSampler model = [held](McpServerConfig server, QJsonObject params, CancelToken token) {
                    return sampledOutside(held, std::move(server), std::move(params), std::move(token));
                };
                return mcpSampled(asker(held, used.name), used, std::move(request), model, std::move(cancel));
            }
            return []() -> Task<Result<QJsonObject>> { co_return Error::cancelled(); }();
        };
    }
    known->client = std::make_shared<McpClient>(std::move(used), std::move(own));
    watch(known);
    return known;
}

void McpHub::Private::watch(const std::shared_ptr<Server> &server)
{
    const McpClient *watched = server->client.get();
    // The hub is the context: nothing comes after it. The server is found again by its client, which may have been replaced since.
    const auto on = [this, watched] { return find(watched); };
    QObject::connect(watched, &McpClient::stateChanged, hub, [this, on, watched] {
        const auto of = on();
        if (!of)
            return;
        if (watched->state() == McpClient::State::Ready) {
            eras[of->key] = watched->server().era;
        } else {
            of->listed.reset();
        }
        changed(of);
    });
    QObject::connect(watched, &McpClient::toolsChanged, hub, [this, on] {
        if (const auto of = on()) {
            of->listed.reset();
            ++of->epoch;
            changed(of);
        }
    });
    const auto shows = [this, on] {
        if (const auto of = on())
            changed(of);
    };
    QObject::connect(watched, &McpClient::resourcesChanged, hub, shows);
    QObject::connect(watched, &McpClient::promptsChanged, hub, shows);
    QObject::connect(watched, &McpClient::logged, hub, [this, on](const McpLogLine &line) {
        const auto of = on();
        static const QMetaMethod logged = QMetaMethod::fromSignal(&McpHub::serverLogged);
        if (!of || !hub->isSignalConnected(logged))
            return;
        const McpLogLine clean = redacted(line);
        const QSet<QString> names = of->names;
        for (const QString &name : names)
            Q_EMIT hub->serverLogged(name, clean);
    });
}

void McpHub::Private::changed(const std::shared_ptr<Server> &server)
{
    const QSet<QString> names = server->names;
    for (const QString &name : names) {
        if (hub)
            Q_EMIT hub->serverChanged(name);
    }
}

McpLogLine McpHub::Private::redacted(McpLogLine line) const
{
    line.text = redactor.redact(line.text);
    return line;
}

// Lists the tools once for all that wait for them; again when they changed meanwhile, or the connection was made anew.
Task<> McpHub::Private::list(std::shared_ptr<Private> d, std::shared_ptr<Server> server)
{
    server->listing = true;
    const CancelToken cancel = d->ending.token();
    Result<std::vector<McpTool>> tools = Error::cancelled();
    for (int round = 0; round < maxListings; ++round) {
        const std::shared_ptr<McpClient> client = server->client;
        const int epoch = server->epoch;
        tools = co_await client->listTools(cancel);
        const bool sameClient = server->client == client, sameTools = epoch == server->epoch;
        if (tools && sameClient) {
            server->lastListed = *tools;
            server->tools = int(tools->size());
            if (sameTools && client->state() == McpClient::State::Ready)
                server->listed = *tools;
        }
        if (cancel.isCancelled() || (sameClient && (sameTools || !tools)))
            break;
    }
    server->listing = false;
    if (tools)
        d->changed(server);
    const auto waiting = std::exchange(server->waiting, {});
    for (const auto &one : waiting)
        one.complete(tools);
}

// --- The hub

Task<Result<PersonReply>> McpHub::ask(QString server, PersonRequest request, CancelToken cancel)
{
    return Private::ask(d, std::move(server), std::move(request), std::move(cancel));
}

McpHub::McpHub(McpClientOptions options, AgentResolver *resolver, OauthTokenStore *tokens, QObject *parent)
    : QObject(parent), d(std::make_shared<Private>())
{
    d->hub = this;
    d->options = std::move(options);
    d->resolver = resolver;
    const std::weak_ptr<Private> weak = d;
    // Values come from what the resolver has read before; they are hidden in everything a server writes from then on.
    d->options.secret = [weak](const QString &name) {
        const auto held = weak.lock();
        if (!held || !held->resolver)
            return QString();
        const QString value = held->resolver->toolEnvironment().secret(name);
        held->redactor.addSecret(value);
        return value;
    };
    if (!d->options.authorizer) {
        OauthOptions oauth;
        oauth.http = d->options.http;
        oauth.clock = d->options.clock;
        oauth.store = tokens;
        oauth.secret = d->options.secret;
        oauth.log = [weak](const McpServerConfig &config, const QString &text) {
            const auto held = weak.lock();
            if (const auto server = held ? held->find(config.key()) : nullptr)
                server->client->note(text);
        };
        oauth.browser = [weak](OauthSignIn wanted, CancelToken cancel) -> Task<Result<QUrl>> {
            if (const auto held = weak.lock())
                return Private::signIn(held, std::move(wanted), std::move(cancel));
            return []() -> Task<Result<QUrl>> { co_return Error::cancelled(); }();
        };
        d->authorizer = std::make_unique<OauthAuthorizer>(std::move(oauth));
        d->options.authorizer = d->authorizer.get();
    }
}

McpHub::~McpHub()
{
    const std::shared_ptr<Private> held = std::exchange(d, nullptr);
    const auto servers = std::exchange(held->servers, {});
    for (const auto &[key, server] : servers)
        QObject::disconnect(server->client.get(), nullptr, this, nullptr);
    held->hub.clear();
    held->ending.cancel();
    // Questions end with a Cancel; then the connections, also of those who still hold them: clock and HTTP client go next.
    const auto asked = std::exchange(held->asked, {});
    for (const Private::Asked &one : asked)
        one.reply.complete(PersonReply());
    for (const auto &[key, server] : servers)
        server->client->shutDown();
    held->options = McpClientOptions();
    held->authorizer.reset();
}

std::shared_ptr<McpClient> McpHub::client(const McpServerConfig &config)
{
    return d->server(config)->client;
}

Task<Result<std::vector<McpTool>>> McpHub::currentTools(std::shared_ptr<McpClient> client, CancelToken cancel)
{
    using Tools = Result<std::vector<McpTool>>;
    const auto held = d;
    const auto server = held->find(client.get());
    if (!server) { // replaced meanwhile: it can still answer
        auto tools = co_await client->listTools(cancel);
        co_return tools;
    }
    if (server->listed)
        co_return std::vector<McpTool>(*server->listed);
    Completion<Tools> done;
    server->waiting.push_back(done);
    if (!server->listing)
        Private::list(held, server);
    const auto registered = cancel.onCancelled([done] { done.complete(Tools(Error::cancelled())); });
    auto tools = co_await done;
    co_return tools;
}

Task<Result<std::shared_ptr<McpClient>>> McpHub::open(QString name, QJsonObject body, CancelToken cancel)
{
    const auto held = d;
    const auto config = held->configOf(name, body);
    if (!config)
        co_return config.error();
    if (held->resolver) {
        const auto read = co_await held->resolver->readToolSecrets(body.value(QLatin1String("config")).toObject());
        Q_UNUSED(read) // what is missing the client names when it needs it
    }
    if (!held->hub || cancel.isCancelled())
        co_return Error::cancelled();
    const std::shared_ptr<McpClient> client = held->server(*config)->client;
    const auto connected = co_await client->connectNow(cancel);
    if (!connected)
        co_return connected.error();
    co_return std::shared_ptr<McpClient>(client);
}

McpServerState McpHub::stateOf(ArtifactId artifact, const QString &name, const QJsonObject &body) const
{
    McpServerState state;
    state.artifact = artifact;
    state.name = name;
    const auto config = d->configOf(name, body);
    if (!config) {
        state.state = McpClient::State::Failed;
        state.error = config.error();
        return state;
    }
    const auto server = d->find(config->key());
    if (!server)
        return state;
    state.state = server->client->state();
    state.error = server->client->error();
    state.info = server->client->server();
    state.tools = server->tools;
    state.resources = server->resources;
    state.prompts = server->prompts;
    if (!server->lastListed)
        return state;
    QHash<QString, QByteArray> approved;
    for (const ToolFunction &function : toolFunctions(body.value(QLatin1String("config")).toObject()))
        approved.insert(function.name, function.fingerprint());
    for (const McpTool &tool : *server->lastListed) {
        const auto known = approved.constFind(tool.name);
        if (known == approved.constEnd())
            state.added.append(tool.name);
        else if (*known != toolFunctionOf(tool).fingerprint())
            state.changed.append(tool.name);
        approved.remove(tool.name);
    }
    state.removed = approved.keys();
    state.removed.sort();
    return state;
}

std::vector<McpLogLine> McpHub::log(const QString &name, const QJsonObject &body) const
{
    const auto config = d->configOf(name, body);
    const auto server = config ? d->find(config->key()) : nullptr;
    if (!server)
        return {};
    std::vector<McpLogLine> lines = server->client->log();
    for (McpLogLine &line : lines)
        line = d->redacted(std::move(line));
    return lines;
}

Task<Result<QJsonObject>> McpHub::refreshed(QString name, QJsonObject body, CancelToken cancel)
{
    const auto held = d;
    const auto opened = co_await open(name, body, cancel);
    if (!opened)
        co_return opened.error();
    const std::shared_ptr<McpClient> client = *opened;
    const auto server = held->find(client.get());
    if (!server || !held->hub)
        co_return Error::cancelled();
    server->listed.reset(); // as they are now, not as they were
    const QJsonObject offers = client->server().capabilities;
    std::vector<McpTool> tools;
    if (offers.contains(QLatin1String("tools"))) {
        const auto listed = co_await held->hub->currentTools(client, cancel);
        if (!listed)
            co_return listed.error();
        tools = *listed;
    } else {
        server->tools = 0;
        server->listed.emplace();
        server->lastListed.emplace();
    }
    // What it has besides its tools is only counted: a failure there keeps nobody from using them, and stands in the log.
    if (offers.contains(QLatin1String("resources"))) {
        const auto resources = co_await client->listResources(cancel);
        server->resources = resources ? int(resources->size()) : -1;
    } else {
        server->resources = 0;
    }
    if (offers.contains(QLatin1String("prompts"))) {
        const auto prompts = co_await client->listPrompts(cancel);
        server->prompts = prompts ? int(prompts->size()) : -1;
    } else {
        server->prompts = 0;
    }
    if (cancel.isCancelled() || !held->hub)
        co_return Error::cancelled();

    QJsonObject config = body.value(QLatin1String("config")).toObject();
    std::map<QString, ToolFunction> before;
    for (const ToolFunction &function : toolFunctions(config))
        before[function.name] = function;
    QJsonArray functions;
    for (const McpTool &tool : tools) {
        ToolFunction function = toolFunctionOf(tool);
        if (const auto known = before.find(tool.name); known != before.end()) {
            function.enabled = known->second.enabled;
            function.policy = known->second.policy;
        }
        functions.append(function.toJson());
    }
    config.insert(QStringLiteral("tools"), functions);
    const McpServerInfo &info = client->server();
    QJsonObject said{{QStringLiteral("name"), info.name},
                     {QStringLiteral("version"), info.version},
                     {QStringLiteral("protocol"), info.protocolVersion},
                     {QStringLiteral("capabilities"), info.capabilities}};
    if (!info.title.isEmpty())
        said.insert(QStringLiteral("title"), info.title);
    if (!info.instructions.isEmpty())
        said.insert(QStringLiteral("instructions"), info.instructions);
    config.insert(QStringLiteral("server"), said);
    held->changed(server);
    co_return config;
}

Task<> McpHub::reconnect(QString name, QJsonObject body)
{
    const auto held = d;
    co_await disconnect(name, body);
    if (!held->hub)
        co_return;
    const CancelToken cancel = held->ending.token();
    const auto opened = co_await held->hub->open(name, body, cancel);
    Q_UNUSED(opened) // the state says how it went
}

Task<> McpHub::disconnect(QString name, QJsonObject body)
{
    const auto held = d;
    const auto config = held->configOf(name, body);
    const auto server = config ? held->find(config->key()) : nullptr;
    if (!server)
        co_return;
    const std::shared_ptr<McpClient> client = server->client;
    co_await client->close();
}

Task<> McpHub::closeAll()
{
    const auto held = d;
    const auto asked = std::exchange(held->asked, {});
    for (const Private::Asked &one : asked)
        one.reply.complete(PersonReply());
    if (!asked.empty() && held->hub)
        Q_EMIT held->hub->questionsChanged();
    std::vector<std::shared_ptr<McpClient>> clients;
    std::vector<Task<>> ends; // at once, not one after the other
    for (const auto &[key, server] : held->servers)
        clients.push_back(server->client);
    for (const std::shared_ptr<McpClient> &client : clients)
        ends.push_back(client->close());
    for (Task<> &end : ends)
        co_await end;
}

Task<Result<void>> McpHub::signOut(QString name, QJsonObject body)
{
    const auto held = d;
    const auto config = held->configOf(name, body);
    if (!config)
        co_return config.error();
    if (!held->authorizer)
        co_return Error(ErrorKind::NotFound, QStringLiteral("There is no sign-in at %1.").arg(name));
    auto forgetting = held->authorizer->forget(*config); // which may wait for the other side, while the connection ends
    if (held->hub)
        co_await held->hub->disconnect(name, body);
    auto forgotten = co_await forgetting;
    co_return forgotten;
}

} // namespace lathe
