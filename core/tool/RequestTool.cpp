// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/RequestTool.h"

#include "core/design/ToolPolicyRules.h"
#include "core/tool/RequestTemplate.h"
#include "core/tool/ToolSchema.h"

namespace lathe {

namespace {
struct RequestSetup {
    QString name;
    QString description;
    RequestTemplate request;
    SecretSource source;
    bool allowPrivateNetwork = false;
    double seconds = 30;
    qint64 maxBodyBytes = 4 * 1024 * 1024;
    std::optional<bool> idempotent;
    HttpClient *http = nullptr;
};
using SetupPtr = std::shared_ptr<const RequestSetup>;

Task<Result<ToolOutcome>> perform(const SetupPtr &setup, QJsonObject arguments, CancelToken cancel)
{
    auto call = setup->request.render(arguments, setup->source);
    if (call) {
        call->allowPrivateNetwork = setup->allowPrivateNetwork;
        const QUrl target = call->url;
        call->aim(target); // with the guard for that network
        call->limit(setup->seconds, setup->maxBodyBytes);
    }
    const auto outcomeOf = [](const HttpToolAnswer &answer) { return answer.outcome(true); };
    return performToolCall(setup->http, std::move(call), outcomeOf, std::move(cancel));
}

class RequestTool : public Tool
{
public:
    explicit RequestTool(SetupPtr setup) : m_setup(std::move(setup)) {}
    QString name() const override { return m_setup->name; }
    QString description() const override { return m_setup->description; }
    QJsonObject schema() const override { return m_setup->request.schema(); }
    // The server is fixed, so reading tells nobody what they should not know.
    SideEffect sideEffect(const QJsonObject &) const override { return reads() ? SideEffect::Read : SideEffect::External; }
    bool idempotent(const QJsonObject &) const override
    {
        const QString &method = m_setup->request.method();
        return m_setup->idempotent.value_or(method != QLatin1String("POST") && method != QLatin1String("PATCH"));
    }
    QString preview(const QJsonObject &arguments) const override
    {
        const auto call = m_setup->request.render(arguments, m_setup->source.withoutValues());
        return call ? call->shown() : call.error().message;
    }
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override
    {
        return perform(m_setup, std::move(arguments), std::move(cancel));
    }

private:
    bool reads() const
    {
        const QString &method = m_setup->request.method();
        return method == QLatin1String("GET") || method == QLatin1String("HEAD") || method == QLatin1String("OPTIONS");
    }
    SetupPtr m_setup; // shared with calls under way
};
} // namespace

Result<std::shared_ptr<Tool>> makeRequestTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment)
{
    auto request = RequestTemplate::fromConfig(spec.config);
    if (!request)
        return Error(ErrorKind::InvalidInput, QStringLiteral("The tool %1 cannot be used: %2").arg(name, request.error().message));
    if (!environment.http)
        return Error(ErrorKind::Internal, QStringLiteral("The tool %1 was given no HTTP client.").arg(name));
    auto setup = std::make_shared<RequestSetup>();
    setup->name = name;
    setup->description =
        joinedSentences(spec.purpose, QStringLiteral("Sends one %1 request and returns status and body.").arg(request->method()));
    setup->request = std::move(*request);
    setup->source.tool = name;
    setup->source.secret = environment.secret;
    setup->allowPrivateNetwork = spec.config.value(QLatin1String("allow_private_network")).toBool();
    setup->seconds = keptLimits(spec.limits).seconds;
    setup->maxBodyBytes =
        std::clamp<qint64>(spec.config.value(QLatin1String("max_body_bytes")).toInteger(setup->maxBodyBytes), 1, 64 * 1024 * 1024);
    setup->idempotent = spec.idempotent;
    setup->http = environment.http;
    return std::shared_ptr<Tool>(std::make_shared<RequestTool>(std::move(setup)));
}

} // namespace lathe
