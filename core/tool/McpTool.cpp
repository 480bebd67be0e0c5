// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/McpTool.h"

#include "core/base/Json.h"
#include "core/design/ToolPolicyRules.h"
#include "core/tool/McpQuestions.h"
#include "core/tool/ToolText.h"

#include <QSet>

#include <cmath>

namespace lathe {

namespace {
constexpr qint64 maxStructured = 1024 * 1024;
constexpr int maxDescription = 8000;
constexpr qsizetype maxShownText = 50'000; // characters, of what a server asks a model, and of the answer

// The messages of a sampling request as the trace has them; what is no text by its kind.
QJsonArray messagesOf(const QJsonObject &params)
{
    QJsonArray messages;
    qsizetype left = maxShownText;
    const auto add = [&](const QString &role, const QJsonValue &content) {
        const QJsonArray blocks = content.isArray() ? content.toArray() : QJsonArray{content};
        QJsonArray parts;
        for (const QJsonValue &block : blocks) {
            const QString type = block[QLatin1String("type")].toString();
            QString text = type == QLatin1String("text") ? block[QLatin1String("text")].toString() : u'[' + type.left(40) + u']';
            text = cleanText(text.left(std::max<qsizetype>(left, 0)));
            left -= text.size() + 50;
            parts.append(QJsonObject{{QStringLiteral("type"), QStringLiteral("text")}, {QStringLiteral("content"), text}});
        }
        messages.append(QJsonObject{{QStringLiteral("role"), role}, {QStringLiteral("parts"), parts}});
    };
    if (const QString system = params.value(QLatin1String("systemPrompt")).toString(); !system.isEmpty())
        add(QStringLiteral("system"), QJsonObject{{QStringLiteral("type"), QStringLiteral("text")}, {QStringLiteral("text"), system}});
    const QJsonArray asked = params.value(QLatin1String("messages")).toArray();
    for (const QJsonValue &message : asked) {
        if (left <= 0)
            break;
        const bool assistant = message[QLatin1String("role")].toString() == QLatin1String("assistant");
        add(assistant ? QStringLiteral("assistant") : QStringLiteral("user"), message[QLatin1String("content")]);
    }
    return messages;
}

// The model that the server's settings name; what it took is told to whoever pays for the call.
Task<Result<QJsonObject>> sampled(McpConnector *mcp, std::function<void(const ModelUse &use)> used, McpServerConfig config, QJsonObject params,
                                  CancelToken cancel)
{
    const QJsonArray input = messagesOf(params);
    auto answer = co_await mcp->sampled(std::move(config), std::move(params), std::move(cancel));
    if (!answer)
        co_return answer.error();
    if (used) {
        ModelUse use;
        use.connection = answer->connection;
        use.provider = answer->provider;
        use.model = answer->model;
        use.usage = Usage::fromJson(answer->usage);
        use.startUs = answer->startUs;
        use.endUs = answer->endUs;
        use.input = input;
        use.answer = cleanText(answer->result.value(QLatin1String("content"))[QLatin1String("text")].toString().left(maxShownText));
        used(use);
    }
    co_return std::move(answer->result);
}

class McpFunctionTool : public Tool
{
public:
    McpFunctionTool(QString artifact, QString name, McpServerConfig config, ToolFunction function, const ToolPolicy &policy, McpConnector *mcp)
        : m_artifact(std::move(artifact)),
          m_name(std::move(name)),
          m_config(std::move(config)),
          m_function(std::move(function)),
          m_policy(policy.overriddenBy(m_function.policy)),
          m_fingerprint(m_function.fingerprint()),
          m_mcp(mcp)
    {
    }

    QString name() const override { return m_name; }
    QString description() const override
    {
        const QString said = m_function.description.isEmpty() ? m_function.title : m_function.description;
        return cleanText(said.left(maxDescription));
    }
    QJsonObject schema() const override
    {
        QJsonObject schema = m_function.inputSchema;
        if (!schema.contains(QLatin1String("type")))
            schema.insert(QStringLiteral("type"), QStringLiteral("object"));
        return schema;
    }
    // What the server says of itself (annotations) does not count: only the person's policy does.
    SideEffect sideEffect(const QJsonObject &) const override { return m_policy.sideEffect.value_or(SideEffect::External); }
    bool idempotent(const QJsonObject &) const override { return m_policy.idempotent.value_or(false); }
    QJsonObject outputSchema() const override { return m_function.outputSchema; }
    QString function() const override { return m_function.name; }
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override
    {
        return run(self(), std::move(arguments), ToolCallScope(), std::move(cancel));
    }
    Task<Result<ToolOutcome>> callWithin(QJsonObject arguments, ToolCallScope scope, CancelToken cancel) override
    {
        return run(self(), std::move(arguments), std::move(scope), std::move(cancel));
    }

    std::weak_ptr<McpFunctionTool> weakSelf; // set by who makes it

private:
    using Self = std::shared_ptr<const McpFunctionTool>;
    Self self() const { return weakSelf.lock(); }
    static Task<Result<ToolOutcome>> run(Self tool, QJsonObject arguments, ToolCallScope scope, CancelToken cancel);
    std::optional<ToolOutcome> changed(const std::vector<McpTool> &now, const ToolCallScope &scope) const;

    const QString m_artifact, m_name;
    const McpServerConfig m_config;
    const ToolFunction m_function;
    const ToolPolicy m_policy;
    const QByteArray m_fingerprint;
    McpConnector *const m_mcp;
};

Result<ToolOutcome> failed(const Error &error)
{
    if (error.kind == ErrorKind::Cancelled || error.kind == ErrorKind::Internal)
        return error;
    ToolOutcome outcome = ToolOutcome::failure(error.message);
    outcome.transient = error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::Timeout || error.kind == ErrorKind::RateLimited
                        || error.httpStatus >= 500;
    outcome.retryAfterMs = error.retryAfterMs;
    outcome.code = errorKindName(error.kind);
    return outcome;
}

// The rug-pull guard: a server may change what a tool is after a person approved it.
std::optional<ToolOutcome> McpFunctionTool::changed(const std::vector<McpTool> &now, const ToolCallScope &scope) const
{
    const auto found = std::find_if(now.begin(), now.end(), [this](const McpTool &tool) { return tool.name == m_function.name; });
    const bool gone = found == now.end();
    if (!gone && toolFunctionOf(*found).fingerprint() == m_fingerprint)
        return std::nullopt;
    if (scope.note)
        scope.note(QStringLiteral("changed"), {{QStringLiteral("function"), m_function.name},
                                               {QStringLiteral("server"), m_artifact},
                                               {QStringLiteral("how"), gone ? QStringLiteral("removed") : QStringLiteral("changed")}});
    ToolOutcome outcome = ToolOutcome::failure(
        gone ? QStringLiteral("The server of %1 does not offer the function %2 any more; a person must refresh the tool and commit it.")
                   .arg(m_artifact, m_function.name)
             : QStringLiteral("The function %2 of %1 has changed since it was approved, so it was not called; a person must look at the change, "
                              "refresh the tool and commit it.")
                   .arg(m_artifact, m_function.name));
    outcome.code = QStringLiteral("changed");
    return outcome;
}

Task<Result<ToolOutcome>> McpFunctionTool::run(Self tool, QJsonObject arguments, ToolCallScope scope, CancelToken cancel)
{
    McpConnector *const mcp = tool->m_mcp;
    const std::shared_ptr<McpClient> client = mcp->client(tool->m_config);
    if (!client)
        co_return failed(Error(ErrorKind::Unreachable, QStringLiteral("The MCP server %1 cannot be reached here.").arg(tool->m_artifact)));
    // A connection that a person closes under a call ends the call, not the run.
    const auto ended = [&](const Error &error) {
        if (error.kind == ErrorKind::Cancelled && !cancel.isCancelled() && client->state() == McpClient::State::Closed)
            return failed(Error(ErrorKind::Unreachable,
                                QStringLiteral("The connection to the MCP server %1 was closed before it had answered.").arg(tool->m_artifact)));
        return failed(error);
    };
    const auto now = co_await mcp->currentTools(client, cancel);
    if (!now)
        co_return ended(now.error());
    if (auto outcome = tool->changed(*now, scope))
        co_return *outcome;

    McpCallOptions options;
    options.traceparent = scope.traceparent;
    options.progress = scope.progress;
    // The gate keeps the time; this is only for a server that is gone.
    options.seconds = int(std::ceil(std::clamp(keptLimits(tool->m_policy.limits).seconds, 1.0, 86'400.0))) + 5;
    options.handlers.elicit = [ask = scope.ask, who = tool->m_artifact](QJsonObject request, CancelToken token) {
        return mcpElicited(ask, who, std::move(request), std::move(token));
    };
    const McpSampler model = [mcp, used = scope.used](McpServerConfig config, QJsonObject params, CancelToken token) {
        return sampled(mcp, used, std::move(config), std::move(params), std::move(token));
    };
    options.handlers.sample = [ask = scope.ask, model, config = tool->m_config](QJsonObject request, CancelToken token) {
        return mcpSampled(ask, config, std::move(request), model, std::move(token));
    };
    auto result = co_await client->callTool(tool->m_function.name, std::move(arguments), std::move(options), cancel);
    if (!result)
        co_return ended(result.error());
    ToolOutcome outcome;
    outcome.text = cleanText(result->text());
    outcome.isError = result->isError;
    if (!result->structured.isUndefined()) {
        if (jsonSizeExceeds(result->structured, std::max(maxStructured, tool->m_policy.limits.maxBytes)))
            outcome.truncated = true;
        else
            outcome.structured = result->structured;
    }
    if (outcome.isError && outcome.text.isEmpty())
        outcome.text = QStringLiteral("The function %1 failed and did not say why.").arg(tool->m_function.name);
    co_return outcome;
}
}

ToolFunction toolFunctionOf(const McpTool &tool)
{
    ToolFunction function;
    function.name = tool.name;
    function.title = tool.title;
    function.description = tool.description;
    function.inputSchema = tool.inputSchema;
    function.outputSchema = tool.outputSchema;
    function.annotations = tool.annotations;
    function.enabled = !tool.taskRequired;
    return function;
}

Result<std::vector<std::shared_ptr<Tool>>> makeMcpTools(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment)
{
    auto config = McpServerConfig::fromJson(name, spec.config);
    if (!config)
        return config.error();
    if (!environment.mcp)
        return Error(ErrorKind::InvalidInput, QStringLiteral("The tool %1 needs an MCP server, which cannot be reached from here.").arg(name));
    if (config->folder.isEmpty())
        config->folder = environment.projectFolder;
    std::vector<std::shared_ptr<Tool>> tools;
    QSet<QString> names;
    for (ToolFunction &function : toolFunctions(spec.config)) {
        if (!function.enabled || function.name.isEmpty())
            continue;
        QString shown = functionNameForModel(name, function.name);
        if (names.contains(shown)) // "a.b" after "a_b"
            shown = shown.left(55) + u'_' + QString::fromLatin1(json::sha256(function.name.toUtf8()).first(8));
        if (names.contains(shown))
            continue; // the same function twice
        names.insert(shown);
        auto tool = std::make_shared<McpFunctionTool>(name, shown, *config, std::move(function), spec, environment.mcp);
        tool->weakSelf = tool;
        tools.push_back(std::move(tool));
    }
    return tools;
}

} // namespace lathe
