// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/OpenApiImport.h"

#include "core/base/Json.h"
#include "core/design/SecretLook.h"
#include "core/tool/HttpGuard.h"
#include "core/tool/OpenApiOperations.h"
#include "core/tool/OpenApiSwagger.h"
#include "core/tool/RequestTemplate.h"

#include <QSet>
#include <QUrl>

#include <algorithm>

namespace lathe {

namespace {
constexpr qsizetype maxOperations = 5000;

Error invalid(const QString &message)
{
    return Error(ErrorKind::InvalidInput, message);
}

// "https://{region}.example.com/{version}" with the defaults of its variables.
QString serverUrl(const QJsonObject &server, const QString &source)
{
    QString url = server.value(QLatin1String("url")).toString();
    const QJsonObject variables = server.value(QLatin1String("variables")).toObject();
    for (auto it = variables.begin(); it != variables.end(); ++it)
        url.replace(u'{' + it.key() + u'}', textOfValue(it.value().toObject().value(QLatin1String("default"))));
    if (url.contains(QLatin1String("://")) || url.isEmpty() || source.isEmpty())
        return url.left(2000);
    const QUrl base(source);
    if (base.scheme() != QLatin1String("http") && base.scheme() != QLatin1String("https"))
        return url.left(2000);
    return base.resolved(QUrl(url)).toString(QUrl::FullyEncoded).left(2000);
}

std::vector<OpenApiServer> readServers(const QJsonObject &document, const QString &source)
{
    std::vector<OpenApiServer> servers;
    for (const QJsonValue &item : document.value(QLatin1String("servers")).toArray()) {
        if (servers.size() >= 50)
            break;
        const QString url = serverUrl(item.toObject(), source);
        if (!url.isEmpty())
            servers.push_back({url, item.toObject().value(QLatin1String("description")).toString().left(500)});
    }
    // The specification: without any, the server is "/" of where the document lies.
    const QUrl from(source);
    if (servers.empty() && from.scheme().startsWith(QLatin1String("http")) && !from.host().isEmpty())
        servers.push_back({from.resolved(QUrl(QStringLiteral("/"))).toString(QUrl::FullyEncoded | QUrl::StripTrailingSlash), QString()});
    return servers;
}

std::vector<OpenApiSecurity> readSecurity(const QJsonObject &document, const OpenApiSchemas &schemas)
{
    std::vector<OpenApiSecurity> all;
    const QJsonObject schemes = document.value(QLatin1String("components")).toObject().value(QLatin1String("securitySchemes")).toObject();
    for (auto it = schemes.begin(); it != schemes.end() && all.size() < 50; ++it) {
        const QJsonObject scheme = schemas.follow(it.value()).toObject();
        const auto text = [&scheme](const char *key) { return scheme.value(QLatin1String(key)).toString().left(500); };
        OpenApiSecurity security;
        security.id = it.key();
        security.type = text("type");
        security.in = text("in");
        security.name = text("name");
        security.scheme = text("scheme").toLower();
        security.description = text("description");
        if (!security.type.isEmpty())
            all.push_back(std::move(security));
    }
    // Those it asks for first.
    QStringList wanted;
    for (const QJsonValue &requirement : document.value(QLatin1String("security")).toArray())
        wanted += requirement.toObject().keys();
    std::stable_sort(all.begin(), all.end(), [&wanted](const OpenApiSecurity &a, const OpenApiSecurity &b) {
        const auto place = [&wanted](const OpenApiSecurity &s) { return wanted.contains(s.id) ? wanted.indexOf(s.id) : wanted.size(); };
        return place(a) < place(b);
    });
    return all;
}

Result<void> checkVersion(const QJsonObject &document)
{
    const QString version = textOfValue(document.value(QLatin1String("openapi")));
    if (version.isEmpty())
        return invalid(QStringLiteral("This is no OpenAPI document: it has no member \"openapi\" with the version, such as 3.1.0."));
    if (version != QLatin1String("3") && !version.startsWith(QLatin1String("3.")))
        return invalid(QStringLiteral("This document is OpenAPI %1; versions 3.0 and 3.1 can be imported.").arg(version.left(20)));
    if (!document.value(QLatin1String("paths")).isObject() || document.value(QLatin1String("paths")).toObject().isEmpty())
        return invalid(QStringLiteral("The document describes no paths, so there is nothing to call."));
    return {};
}

bool isLocal(const QString &url)
{
    const QString host = QUrl(url).host().toLower();
    if (host == QLatin1String("localhost") || host.endsWith(QLatin1String(".localhost")))
        return true;
    const bool address = host.contains(u':') || std::all_of(host.begin(), host.end(), [](QChar c) { return c.isDigit() || c == u'.'; });
    return !host.isEmpty() && address && !isPublicAddress(host);
}
} // namespace

Result<OpenApiDocument> parseOpenApi(const QJsonObject &given, const QString &source)
{
    QJsonObject document = given;
    if (const QString swagger = textOfValue(given.value(QLatin1String("swagger"))); !swagger.isEmpty()) {
        if (swagger != QLatin1String("2") && swagger != QLatin1String("2.0"))
            return invalid(QStringLiteral("This is a Swagger %1 document; Swagger 2.0 and OpenAPI 3 can be imported. Convert it first, for example at "
                                          "editor.swagger.io.")
                               .arg(swagger.left(10)));
        document = openApiFromSwagger2(given);
    }
    if (auto checked = checkVersion(document); !checked)
        return checked.error();
    const auto schemas = std::make_shared<OpenApiSchemas>(document);
    OpenApiDocument out;
    const QJsonObject info = document.value(QLatin1String("info")).toObject();
    out.title = textOfValue(info.value(QLatin1String("title"))).simplified().left(200);
    out.version = textOfValue(info.value(QLatin1String("version"))).left(100);
    out.description = info.value(QLatin1String("description")).toString().left(10'000);
    const QString swagger = textOfValue(given.value(QLatin1String("swagger")));
    out.openapi = swagger.isEmpty() ? textOfValue(document.value(QLatin1String("openapi"))).left(20) : QStringLiteral("Swagger 2.0");
    out.servers = readServers(document, source);
    out.security = readSecurity(document, *schemas);
    OpenApiOperationReader reader(schemas.get(), out.security, out.servers.empty() ? QString() : out.servers.front().url);
    const QJsonObject paths = document.value(QLatin1String("paths")).toObject();
    for (auto it = paths.begin(); it != paths.end(); ++it) {
        if (it.key().startsWith(QLatin1String("x-")))
            continue;
        reader.readPath(it.key(), schemas->follow(it.value()).toObject(), &out.operations);
        if (qsizetype(out.operations.size()) > maxOperations) {
            out.operations.resize(maxOperations);
            out.notes += QStringLiteral("The document has more than %1 operations; the rest was left out.").arg(maxOperations);
            break;
        }
    }
    if (out.operations.empty())
        return invalid(QStringLiteral("The document describes no operations, so there is nothing to call."));
    if (out.servers.empty())
        out.notes += QStringLiteral("The document does not say where the API is; enter its base URL.");
    return out;
}

Result<OpenApiDocument> parseOpenApi(const QByteArray &bytes, const QString &source)
{
    if (bytes.size() > maxOpenApiBytes)
        return invalid(QStringLiteral("The document is larger than 32 MB."));
    const QByteArray start = bytes.left(500).trimmed();
    if (start.startsWith('<'))
        return invalid(
            QStringLiteral("This is a web page, not an OpenAPI document. Look on it for a link to openapi.json or openapi.yaml."));
    auto document = json::parseObject(bytes);
    if (!document)
        return document.error();
    return parseOpenApi(*document, source);
}

OpenApiAuth suggestedAuth(const OpenApiDocument &document)
{
    OpenApiAuth auth;
    const QString owner = document.title.left(40);
    for (const OpenApiSecurity &security : document.security) {
        const auto reference = [&owner](const char *what) { return secretReference(secretNameFor(owner, QLatin1String(what))); };
        if (security.type == QLatin1String("apiKey")
            && (security.in == QLatin1String("header") || security.in == QLatin1String("query")
                || security.in == QLatin1String("cookie"))) {
            auth.kind = security.in;
            auth.name = security.name;
            auth.value = reference("API_KEY");
        } else if (security.type == QLatin1String("http") && security.scheme == QLatin1String("basic")) {
            auth.kind = QStringLiteral("basic");
            auth.value = QStringLiteral("user:") + reference("PASSWORD");
        } else if (security.type == QLatin1String("oauth2") || security.type == QLatin1String("openIdConnect")
                   || (security.type == QLatin1String("http") && security.scheme == QLatin1String("bearer"))) {
            auth.kind = QStringLiteral("bearer");
            auth.value = reference("TOKEN");
        } else {
            continue;
        }
        return auth;
    }
    return auth;
}

QJsonObject openApiConfig(const OpenApiDocument &document, const QStringList &chosen, const QString &baseUrl, const OpenApiAuth &auth)
{
    QString base = baseUrl.trimmed();
    if (base.isEmpty() && !document.servers.empty())
        base = document.servers.front().url;
    while (base.endsWith(u'/'))
        base.chop(1);
    std::vector<ToolFunction> functions;
    const QSet<QString> wanted(chosen.begin(), chosen.end());
    for (const OpenApiOperation &operation : document.operations) {
        if (!operation.problem.isEmpty() || (!wanted.isEmpty() && !wanted.contains(operation.function.name)))
            continue;
        ToolFunction function = operation.function;
        function.enabled = wanted.isEmpty() ? !operation.deprecated : true; // what a person chose is meant
        functions.push_back(std::move(function));
    }
    QJsonObject config{
        {QStringLiteral("title"), document.title},
        {QStringLiteral("version"), document.version},
        {QStringLiteral("base_url"), base},
        {QStringLiteral("auth"), auth.kind},
        {QStringLiteral("auth_name"), auth.name},
        {QStringLiteral("auth_value"), auth.value},
        {QStringLiteral("headers"), QJsonObject()},
        {QStringLiteral("query"), QJsonObject()},
        {QStringLiteral("check_answers"), false},
        {QStringLiteral("max_body_bytes"), 4 * 1024 * 1024},
        {QStringLiteral("allow_private_network"), isLocal(base)},
    };
    setToolFunctions(&config, functions);
    return config;
}

} // namespace lathe
