// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/ConnectionRules.h"

#include <QUrl>

#include <array>

namespace lathe::rules {

namespace {
struct KnownHost {
    const char *suffix;
    const char *provider; // well-known values of gen_ai.provider.name where there is one
    const char *name;
};
constexpr std::array<KnownHost, 16> knownHosts{{
    {"api.openai.com", "openai", "OpenAI"},
    {"openai.azure.com", "azure.ai.openai", "Azure OpenAI"},
    {"api.anthropic.com", "anthropic", "Anthropic"},
    {"generativelanguage.googleapis.com", "gcp.gemini", "Google Gemini"},
    {"aiplatform.googleapis.com", "gcp.vertex_ai", "Google Vertex AI"},
    {"api.mistral.ai", "mistral_ai", "Mistral"},
    {"api.deepseek.com", "deepseek", "DeepSeek"},
    {"api.x.ai", "x_ai", "xAI"},
    {"api.groq.com", "groq", "Groq"},
    {"api.perplexity.ai", "perplexity", "Perplexity"},
    {"api.moonshot.ai", "moonshot_ai", "Moonshot AI"},
    {"api.moonshot.cn", "moonshot_ai", "Moonshot AI"},
    {"api.cohere.com", "cohere", "Cohere"},
    {"openrouter.ai", "openrouter", "OpenRouter"},
    {"api.together.xyz", "together_ai", "Together AI"},
    {"api.fireworks.ai", "fireworks_ai", "Fireworks AI"},
}};

const KnownHost *knownHost(const QString &name)
{
    for (const KnownHost &known : knownHosts) {
        const QLatin1String suffix(known.suffix);
        if (name == suffix
            || (name.endsWith(suffix)
                && name.at(name.size() - suffix.size() - 1) == QLatin1Char('.')))
            return &known;
    }
    return nullptr;
}

QUrl baseUrl(const ConnectionSpec &connection)
{
    QString text = connection.baseUrl.trimmed();
    if (text.isEmpty())
        text = ConnectionSpec::defaultBaseUrl(connection.api);
    if (!text.contains(QLatin1String("://")))
        text.prepend(QLatin1String("http://"));
    return QUrl(text);
}

QString versionPath(const QString &api)
{
    return api == QLatin1String("gemini") ? QStringLiteral("/v1beta") : QStringLiteral("/v1");
}

// Root and query apart, because a path goes between them (Azure: ?api-version=...).
std::pair<QString, QString> splitRoot(const ConnectionSpec &connection)
{
    QUrl url = baseUrl(connection);
    QString path = url.path();
    while (path.endsWith(QLatin1Char('/')))
        path.chop(1);
    // People paste the whole endpoint from a provider's documentation.
    for (const char *endpointPath : {"/chat/completions", "/responses", "/messages", "/models"}) {
        if (path.endsWith(QLatin1String(endpointPath)))
            path.chop(qsizetype(qstrlen(endpointPath)));
    }
    if (path.isEmpty())
        path = versionPath(connection.api);
    url.setPath(path);
    const QString query = url.query(QUrl::FullyEncoded);
    url.setQuery(QString());
    url.setFragment(QString());
    return {url.toString(QUrl::FullyEncoded), query};
}
} // namespace

QString apiRoot(const ConnectionSpec &connection)
{
    return splitRoot(connection).first;
}

QString endpoint(const ConnectionSpec &connection, const QString &path)
{
    const auto [root, query] = splitRoot(connection);
    if (query.isEmpty())
        return root + path;
    return root + path + (path.contains(QLatin1Char('?')) ? QLatin1Char('&') : QLatin1Char('?'))
           + query;
}

QString host(const ConnectionSpec &connection)
{
    return baseUrl(connection).host().toLower();
}

bool isProvidersOwn(const ConnectionSpec &connection)
{
    const QString own = QUrl(ConnectionSpec::defaultBaseUrl(connection.api)).host();
    return !own.isEmpty() && host(connection) == own;
}

bool isNearby(const ConnectionSpec &connection)
{
    const QString name = host(connection);
    if (name == QLatin1String("localhost") || name == QLatin1String("::1")
        || name.startsWith(QLatin1String("127.")) || name.startsWith(QLatin1String("10."))
        || name.startsWith(QLatin1String("192.168.")) || name.endsWith(QLatin1String(".local"))
        || name.endsWith(QLatin1String(".localhost"))
        || name == QLatin1String("host.docker.internal"))
        return true;
    if (!name.startsWith(QLatin1String("172.")))
        return false;
    const int second = name.section(QLatin1Char('.'), 1, 1).toInt(); // 172.16.0.0/12
    return second >= 16 && second <= 31;
}

QString providerId(const ConnectionSpec &connection)
{
    if (!connection.provider.isEmpty())
        return connection.provider;
    if (connection.api == QLatin1String("offline"))
        return QStringLiteral("lathe.offline");
    if (const KnownHost *known = knownHost(host(connection)))
        return QString::fromLatin1(known->provider);
    if (connection.local)
        return QStringLiteral("local");
    if (isNearby(connection))
        return QStringLiteral("custom");
    if (connection.api == QLatin1String("anthropic"))
        return QStringLiteral("anthropic");
    return connection.api == QLatin1String("gemini") ? QStringLiteral("gcp.gemini")
                                                     : QStringLiteral("openai");
}

QString displayName(const ConnectionSpec &connection)
{
    const QUrl url = baseUrl(connection);
    if (const KnownHost *known = knownHost(url.host().toLower()))
        return QString::fromLatin1(known->name);
    for (const KnownHost &known : knownHosts) {
        if (connection.provider == QLatin1String(known.provider))
            return QString::fromLatin1(known.name);
    }
    const QString name =
        url.host().contains(QLatin1Char(':')) ? QStringLiteral("[%1]").arg(url.host()) : url.host();
    return url.port() > 0 ? QStringLiteral("%1:%2").arg(name).arg(url.port()) : name;
}

HttpRequest makeRequest(const ConnectionSpec &connection, const QByteArray &method,
                        const QString &path, HttpHeaders headers, QByteArray body)
{
    HttpRequest request;
    request.method = method;
    request.url = endpoint(connection, path);
    request.body = std::move(body);
    request.connectTimeoutMs = connection.connectTimeoutMs;
    request.firstByteTimeoutMs = connection.firstByteTimeoutMs;
    request.idleTimeoutMs = connection.idleTimeoutMs;
    if (!request.body.isEmpty())
        headers.emplace_back("Content-Type", "application/json");
    for (const auto &[name, value] : connection.headers) {
        const QByteArray lower = name.toLower();
        headers.erase(std::remove_if(
                          headers.begin(), headers.end(),
                          [&lower](const auto &header) { return header.first.toLower() == lower; }),
                      headers.end());
    }
    headers.insert(headers.end(), connection.headers.begin(), connection.headers.end());
    request.headers = std::move(headers);
    return request;
}

} // namespace lathe::rules
