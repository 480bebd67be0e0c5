// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/HttpTool.h"

#include "core/base/Json.h"
#include "core/design/ToolPolicyRules.h"
#include "core/tool/HttpToolCall.h"
#include "core/tool/ToolSchema.h"

#include <QUrlQuery>

#include <algorithm>

namespace lathe {

namespace {
using SetupPtr = std::shared_ptr<const HttpTool::Setup>;

QString methodOf(const QJsonObject &arguments, const HttpTool::Setup &setup)
{
    const QString given = arguments.value(QLatin1String("method")).toString().toUpper();
    return given.isEmpty() ? setup.methods.value(0) : given;
}

Error refused(const QString &message)
{
    return Error(ErrorKind::Denied, message);
}

Result<void> addModelHeaders(const QJsonObject &headers, const HttpTool::Setup &setup, HttpToolCall &out)
{
    for (auto it = headers.begin(); it != headers.end(); ++it) {
        const QByteArray name = it.key().toUtf8();
        const QByteArray lower = name.toLower();
        const QString value =
            it.value().isString() ? it.value().toString() : json::compactString(it.value());
        if (!isHeaderName(name) || !isHeaderValue(value))
            return refused(
                QStringLiteral("The header \"%1\" has a name or value that HTTP does not allow.")
                    .arg(it.key().left(60)));
        if (isConnectionHeader(lower))
            return refused(QStringLiteral("The header %1 is set by the connection; leave it out.")
                               .arg(it.key()));
        const bool configured =
            std::any_of(setup.headers.begin(), setup.headers.end(),
                        [&lower](const auto &header) { return header.name.toLower() == lower; });
        if (configured)
            return refused(QStringLiteral("The header %1 is set by the tool itself; leave it out.")
                               .arg(it.key()));
        out.request.headers.emplace_back(name, value.toUtf8());
    }
    return {};
}

Result<HttpToolCall> prepare(const HttpTool::Setup &setup, const QJsonObject &arguments)
{
    auto url = parseHttpUrl(arguments.value(QLatin1String("url")).toString());
    if (!url)
        return url.error();
    const QJsonObject query = arguments.value(QLatin1String("query")).toObject();
    if (!query.isEmpty()) {
        QUrlQuery items(*url);
        for (auto it = query.begin(); it != query.end(); ++it) {
            QString value =
                it.value().isString() ? it.value().toString() : json::compactString(it.value());
            // QUrlQuery leaves "+", which servers read as a space.
            items.addQueryItem(QString::fromLatin1(QUrl::toPercentEncoding(it.key())),
                               QString::fromLatin1(QUrl::toPercentEncoding(value)));
        }
        url->setQuery(items);
    }
    HttpToolCall out;
    out.hosts = setup.hosts;
    out.policyHosts = setup.policyHosts;
    out.methods = setup.methods;
    out.allowPrivateNetwork = setup.allowPrivateNetwork;
    if (auto allowed = out.checkTarget(*url); !allowed)
        return allowed.error();
    const QString method = methodOf(arguments, setup);
    if (!setup.methods.contains(method)) {
        return refused(
            QStringLiteral("The method %1 is not allowed for this tool; allowed are: %2.")
                .arg(method.left(20), setup.methods.join(QStringLiteral(", "))));
    }
    out.aim(*url);
    HttpRequest &request = out.request;
    request.method = method.toLatin1();
    if (auto added =
            addModelHeaders(arguments.value(QLatin1String("headers")).toObject(), setup, out);
        !added)
        return added.error();
    SecretSource source;
    source.tool = setup.name;
    source.secret = setup.secret;
    for (const HttpTool::Header &header : setup.headers) {
        if (header.hasSecret && !setup.secretHosts.allows(out.url))
            continue;
        if (auto added = out.addHeader(header.name, header.value, source); !added)
            return added.error();
    }
    const QJsonValue body = arguments.value(QLatin1String("body"));
    const QByteArray bytes = body.isString()                       ? body.toString().toUtf8()
                             : body.isUndefined() || body.isNull() ? QByteArray()
                                                                   : json::compact(body);
    if (!bytes.isEmpty()) {
        if (method == QLatin1String("GET") || method == QLatin1String("HEAD"))
            return Error(
                ErrorKind::InvalidInput,
                QStringLiteral("A %1 request carries no body; use \"query\" or another method.")
                    .arg(method));
        request.body = bytes;
        if (headerValue(request.headers, "content-type").trimmed().isEmpty()) {
            const bool isJson =
                json::parseObject(bytes).ok() || (bytes.startsWith('[') && json::parse(bytes).ok());
            request.headers.emplace_back("Content-Type",
                                         isJson ? "application/json" : "text/plain; charset=utf-8");
        }
    }
    out.limit(setup.seconds, setup.maxBodyBytes);
    return out;
}

Task<Result<ToolOutcome>> perform(const SetupPtr &setup, QJsonObject arguments, CancelToken cancel)
{
    const auto outcomeOf = [](const HttpToolAnswer &answer) { return answer.outcome(true); };
    return performToolCall(setup->http, prepare(*setup, arguments), outcomeOf, std::move(cancel));
}
} // namespace

HttpTool::HttpTool(Setup setup) : m_setup(std::make_shared<const Setup>(std::move(setup))) {}

QString HttpTool::description() const
{
    return joinedSentences(
        m_setup->purpose,
        QStringLiteral(
            "Sends one HTTP request (%1) to an allowed host (%2) and returns status and body.")
            .arg(m_setup->methods.join(QStringLiteral(", ")),
                 m_setup->hosts.texts().mid(0, 20).join(QStringLiteral(", "))));
}

QJsonObject HttpTool::schema() const
{
    QJsonObject url = schemaProperty("string", QStringLiteral("The whole URL, http or https."));
    url.insert(QStringLiteral("minLength"), 1);
    QJsonObject method = schemaProperty(
        "string", QStringLiteral("%1 when left out.").arg(m_setup->methods.value(0)));
    method.insert(QStringLiteral("enum"), json::fromStringList(m_setup->methods));
    QJsonObject query =
        schemaProperty("object", QStringLiteral("Parameters added to the URL, encoded for you."));
    query.insert(QStringLiteral("additionalProperties"),
                 QJsonObject{{QStringLiteral("type"),
                              QJsonArray{QStringLiteral("string"), QStringLiteral("number"),
                                         QStringLiteral("boolean")}}});
    QJsonObject headers = schemaProperty("object", QStringLiteral("Further request headers."));
    headers.insert(QStringLiteral("additionalProperties"),
                   QJsonObject{{QStringLiteral("type"), QStringLiteral("string")}});
    QJsonObject properties{{QStringLiteral("url"), url},
                           {QStringLiteral("method"), method},
                           {QStringLiteral("query"), query},
                           {QStringLiteral("headers"), headers}};
    const bool takesBody =
        std::any_of(m_setup->methods.begin(), m_setup->methods.end(), [](const QString &name) {
            return name != QLatin1String("GET") && name != QLatin1String("HEAD");
        });
    if (takesBody)
        properties.insert(
            QStringLiteral("body"),
            schemaProperty("string", QStringLiteral("The body; JSON is recognised.")));
    return objectSchema(properties, {QStringLiteral("url")});
}

bool HttpTool::idempotent(const QJsonObject &arguments) const
{
    const QString method = methodOf(arguments, *m_setup);
    return m_setup->isIdempotent.value_or(method != QLatin1String("POST")
                                          && method != QLatin1String("PATCH"));
}

Task<Result<ToolOutcome>> HttpTool::call(QJsonObject arguments, CancelToken cancel)
{
    return perform(m_setup, std::move(arguments), std::move(cancel));
}

Result<std::shared_ptr<Tool>> makeHttpTool(const QString &name, const ToolSpec &spec,
                                           const ToolEnvironment &environment)
{
    const auto invalid = [&name](const QString &what) {
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The tool %1 cannot be used: %2").arg(name, what));
    };
    HttpTool::Setup setup;
    setup.name = name;
    setup.purpose = spec.purpose;
    const QStringList hosts = json::toStringList(spec.config.value(QLatin1String("allowed_hosts")));
    setup.hosts = HostAllowList(hosts);
    setup.policyHosts = HostAllowList(spec.allowedHosts);
    if (setup.hosts.isEmpty())
        return invalid(
            QStringLiteral("no host is allowed; add one such as api.example.com in its settings."));
    if (qsizetype(setup.hosts.texts().size()) != hosts.size())
        return invalid(QStringLiteral(
            "an allowed host is no host name; write api.example.com or *.example.com."));
    const QStringList secretHosts =
        json::toStringList(spec.config.value(QLatin1String("secret_hosts")));
    setup.secretHosts = HostAllowList(secretHosts.isEmpty() ? hosts.mid(0, 1) : secretHosts);
    for (const QString &text :
         json::toStringList(spec.config.value(QLatin1String("allowed_methods")))) {
        const QString method = text.trimmed().toUpper();
        if (!httpToolMethods().contains(method))
            return invalid(QStringLiteral("the method \"%1\" is unknown; there are %2.")
                               .arg(text.left(20), httpToolMethods().join(QStringLiteral(", "))));
        if (!setup.methods.contains(method))
            setup.methods += method;
    }
    if (setup.methods.isEmpty())
        setup.methods = QStringList{QStringLiteral("GET")};
    const QJsonObject headers = spec.config.value(QLatin1String("headers")).toObject();
    for (auto it = headers.begin(); it != headers.end(); ++it) {
        HttpTool::Header header{it.key().trimmed().toUtf8(), it.value().toString(), false};
        if (!isHeaderName(header.name) || !isHeaderValue(header.value)
            || isConnectionHeader(header.name.toLower()))
            return invalid(
                QStringLiteral("the header \"%1\" cannot be sent; change its name or value.")
                    .arg(it.key().left(60)));
        header.hasSecret = mentionsSecret(header.value);
        setup.headers.push_back(std::move(header));
    }
    const bool hasSecret = std::any_of(setup.headers.begin(), setup.headers.end(),
                                       [](const auto &header) { return header.hasSecret; });
    if (hasSecret && setup.secretHosts.texts().contains(QStringLiteral("*")))
        return invalid(QStringLiteral("a header holds a secret, but every host is allowed; put the "
                                      "host the secret is for first."));
    if (!environment.http)
        return Error(ErrorKind::Internal,
                     QStringLiteral("The tool %1 was given no HTTP client.").arg(name));
    setup.allowPrivateNetwork = spec.config.value(QLatin1String("allow_private_network")).toBool();
    setup.seconds = keptLimits(spec.limits).seconds;
    const qint64 shown = keptLimits(spec.limits).maxBytes;
    const qint64 byDefault = std::max<qint64>(4 * shown, 1024 * 1024);
    setup.maxBodyBytes =
        std::clamp<qint64>(spec.config.value(QLatin1String("max_body_bytes")).toInteger(byDefault),
                           1, 64 * 1024 * 1024);
    setup.isIdempotent = spec.idempotent;
    setup.http = environment.http;
    setup.secret = environment.secret;
    return std::shared_ptr<Tool>(std::make_shared<HttpTool>(std::move(setup)));
}

} // namespace lathe
