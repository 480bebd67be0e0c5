// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/WebhookTool.h"

#include "core/design/ToolPolicyRules.h"
#include "core/tool/RequestTemplate.h"
#include "core/tool/ToolSchema.h"

namespace lathe {

namespace {
enum class Kind { Generic, Slack, Discord, Teams };

struct WebhookSetup {
    QString name;
    QString description;
    Kind kind = Kind::Generic;
    QString url; // with {{secret:NAME}}
    RequestTemplate message; // its own URL is replaced
    SecretSource source;
    bool allowPrivateNetwork = false;
    double seconds = 30;
    std::optional<bool> idempotent;
    HttpClient *http = nullptr;
};
using SetupPtr = std::shared_ptr<const WebhookSetup>;
constexpr qint64 maxAnswer = 64 * 1024;

// The body of each service. Mentions of everybody stay text: Discord is told so, Slack by its escapes, Teams knows none in cards.
QJsonObject messageConfig(Kind kind, const QJsonObject &config)
{
    QString body = config.value(QLatin1String("body")).toString();
    QJsonValue parameters = config.value(QLatin1String("parameters"));
    const auto text = [](int most, const char *about) {
        return QJsonObject{{QStringLiteral("name"), QStringLiteral("text")},
                           {QStringLiteral("schema"), QJsonObject{{QStringLiteral("type"), QStringLiteral("string")},
                                                                  {QStringLiteral("minLength"), 1},
                                                                  {QStringLiteral("maxLength"), most},
                                                                  {QStringLiteral("description"), QLatin1String(about)}}}};
    };
    if (kind == Kind::Slack) {
        body = QStringLiteral("{\"text\": {{text}}}");
        parameters = QJsonArray{text(39'000, "The message; Slack's *bold*, _italic_ and `code` are understood.")};
    } else if (kind == Kind::Discord) {
        body = QStringLiteral("{\"content\": {{text}}, \"allowed_mentions\": {\"parse\": []}}");
        parameters = QJsonArray{text(2000, "The message, in Markdown; at most 2,000 characters.")};
    } else if (kind == Kind::Teams) {
        body = QStringLiteral(
            "{\"type\": \"message\", \"attachments\": [{\"contentType\": \"application/vnd.microsoft.card.adaptive\", \"content\": "
            "{\"type\": \"AdaptiveCard\", \"version\": \"1.4\", \"body\": ["
            "{\"type\": \"TextBlock\", \"text\": {{title}}, \"weight\": \"Bolder\", \"size\": \"Medium\", \"wrap\": true}, "
            "{\"type\": \"TextBlock\", \"text\": {{text}}, \"wrap\": true}]}}]}");
        parameters = QJsonArray{QJsonObject{{QStringLiteral("name"), QStringLiteral("title")},
                                            {QStringLiteral("schema"),
                                             QJsonObject{{QStringLiteral("type"), QStringLiteral("string")},
                                                         {QStringLiteral("minLength"), 1},
                                                         {QStringLiteral("maxLength"), 200},
                                                         {QStringLiteral("description"), QStringLiteral("The heading of the card.")}}}},
                                text(20'000, "The message, in Markdown.")};
    }
    return {{QStringLiteral("method"), QStringLiteral("POST")},
            {QStringLiteral("url"), QStringLiteral("https://webhook.invalid/")},
            {QStringLiteral("headers"), config.value(QLatin1String("headers")).toObject()},
            {QStringLiteral("body_type"), QStringLiteral("json")},
            {QStringLiteral("body"), body},
            {QStringLiteral("parameters"), parameters}};
}

Result<HttpToolCall> prepare(const WebhookSetup &setup, QJsonObject arguments)
{
    if (setup.kind == Kind::Slack) { // <!channel>, <@U1> and the like are made of these
        QString text = arguments.value(QLatin1String("text")).toString();
        text.replace(u'&', QLatin1String("&amp;")).replace(u'<', QLatin1String("&lt;")).replace(u'>', QLatin1String("&gt;"));
        arguments.insert(QStringLiteral("text"), text);
    }
    auto call = setup.message.render(arguments, setup.source);
    if (!call)
        return call.error();
    auto text = setup.source.filled(setup.url, &call->secrets);
    if (!text)
        return text.error();
    const auto url = parseHttpUrl(*text);
    if (!url) // its message shows the URL
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The webhook of the tool %1 is no http or https URL; a person must mend the secret.").arg(setup.name));
    QString host = url->host(QUrl::FullyEncoded);
    if (host.contains(u':'))
        host = u'[' + host + u']';
    call->hosts = HostAllowList({host});
    call->methods = QStringList{QStringLiteral("POST")};
    call->allowPrivateNetwork = setup.allowPrivateNetwork;
    call->bodyIsSecret = true; // meant for this service alone
    call->secrets.add(QStringLiteral("webhook"), url->path(QUrl::FullyEncoded)); // the part that is told in echoes
    call->aim(*url);
    call->limit(setup.seconds, maxAnswer);
    return call;
}

Task<Result<ToolOutcome>> perform(const SetupPtr &setup, QJsonObject arguments, CancelToken cancel)
{
    const auto outcomeOf = [](const HttpToolAnswer &answer) {
        ToolOutcome outcome = answer.outcome(false);
        outcome.text = (outcome.isError ? QStringLiteral("The message was not taken. ") : QStringLiteral("The message was sent. ")) + outcome.text;
        return outcome;
    };
    return performToolCall(setup->http, prepare(*setup, std::move(arguments)), outcomeOf, std::move(cancel));
}

class WebhookTool : public Tool
{
public:
    explicit WebhookTool(SetupPtr setup) : m_setup(std::move(setup)) {}
    QString name() const override { return m_setup->name; }
    QString description() const override { return m_setup->description; }
    QJsonObject schema() const override { return m_setup->message.schema(); }
    SideEffect sideEffect(const QJsonObject &) const override { return SideEffect::External; }
    bool idempotent(const QJsonObject &) const override { return m_setup->idempotent.value_or(false); }
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override
    {
        return perform(m_setup, std::move(arguments), std::move(cancel));
    }

private:
    SetupPtr m_setup; // shared with calls under way
};
} // namespace

Result<std::shared_ptr<Tool>> makeWebhookTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment)
{
    const auto invalid = [&name](const QString &what) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("The tool %1 cannot be used: %2").arg(name, what));
    };
    static const QHash<QString, Kind> kinds{{QStringLiteral("generic"), Kind::Generic},
                                            {QStringLiteral("slack"), Kind::Slack},
                                            {QStringLiteral("discord"), Kind::Discord},
                                            {QStringLiteral("teams"), Kind::Teams}};
    static const QHash<QString, QString> services{{QStringLiteral("slack"), QStringLiteral("Slack")},
                                                  {QStringLiteral("discord"), QStringLiteral("Discord")},
                                                  {QStringLiteral("teams"), QStringLiteral("Teams")}};
    const QString kind = spec.config.value(QLatin1String("kind")).toString(QStringLiteral("generic"));
    if (!kinds.contains(kind))
        return invalid(QStringLiteral("\"%1\" is no kind of webhook.").arg(kind.left(40)));
    auto setup = std::make_shared<WebhookSetup>();
    setup->kind = kinds.value(kind);
    setup->url = spec.config.value(QLatin1String("url")).toString().trimmed();
    if (setup->url.isEmpty())
        return invalid(QStringLiteral("it has no webhook; put the URL into the keychain and write {{secret:NAME}}."));
    auto message = RequestTemplate::fromConfig(messageConfig(setup->kind, spec.config));
    if (!message)
        return invalid(message.error().message);
    if (!environment.http)
        return Error(ErrorKind::Internal, QStringLiteral("The tool %1 was given no HTTP client.").arg(name));
    setup->name = name;
    setup->message = std::move(*message);
    setup->description = joinedSentences(
        spec.purpose, services.contains(kind) ? QStringLiteral("Posts one message to a channel of %1.").arg(services.value(kind))
                                              : QStringLiteral("Posts one message to a webhook."));
    setup->source.tool = name;
    setup->source.secret = environment.secret;
    setup->allowPrivateNetwork = spec.config.value(QLatin1String("allow_private_network")).toBool();
    setup->seconds = keptLimits(spec.limits).seconds;
    setup->idempotent = spec.idempotent;
    setup->http = environment.http;
    return std::shared_ptr<Tool>(std::make_shared<WebhookTool>(std::move(setup)));
}

} // namespace lathe
