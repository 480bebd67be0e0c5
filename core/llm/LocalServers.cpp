// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/LocalServers.h"

#include "core/base/Json.h"

#include <QUrl>

namespace lathe {

namespace {
using L = QLatin1String;
constexpr qint64 probeMs = 500;
constexpr qint64 mostBytes = 4 * 1024 * 1024; // whatever listens there need not be a model server

// Scheme, host and port of a probe's address.
QString rootOf(const QString &baseUrl)
{
    QUrl url(baseUrl);
    url.setPath(QString());
    url.setQuery(QString());
    return url.toString(QUrl::FullyEncoded);
}

QStringList names(const QJsonArray &models, const char *key)
{
    QStringList out;
    for (const QJsonValue &model : models) {
        const QString name = model.toObject().value(L(key)).toString();
        if (!name.isEmpty() && !out.contains(name))
            out.append(name);
    }
    out.sort();
    return out;
}

// GET /api/tags of Ollama: {"models":[{"name":"llama3.2:3b","size":...,"digest":...}]}
std::optional<LocalServer> fromOllama(const LocalServerProbe &probe, const QJsonObject &body)
{
    const QJsonValue models = body.value(L("models"));
    if (!models.isArray())
        return std::nullopt;
    LocalServer server;
    server.product = QStringLiteral("Ollama");
    server.baseUrl = rootOf(probe.baseUrl) + L("/v1");
    server.models = names(models.toArray(), "name");
    return server;
}

// GET /v1/models: {"object":"list","data":[{"id":...,"owned_by":...}]}; owned_by tells the product.
std::optional<LocalServer> fromOpenAi(const LocalServerProbe &probe, const QJsonObject &body)
{
    const QJsonValue data = body.value(L("data"));
    if (!data.isArray())
        return std::nullopt;
    const QJsonArray models = data.toArray();
    LocalServer server;
    server.product = probe.product;
    server.baseUrl = rootOf(probe.baseUrl) + L("/v1");
    server.models = names(models, "id");
    const QString owner = models.first().toObject().value(L("owned_by")).toString();
    if (owner == L("llamacpp"))
        server.product = QStringLiteral("llama-server");
    else if (owner == L("vllm"))
        server.product = QStringLiteral("vLLM");
    else if (owner == L("library"))
        server.product = QStringLiteral("Ollama");
    else if (owner == L("organization_owner"))
        server.product = QStringLiteral("LM Studio");
    return server;
}

Task<std::optional<QJsonObject>> ask(HttpClient *http, QString url, qint64 limitMs,
                                     CancelToken cancel)
{
    HttpRequest request;
    request.url = url;
    request.connectTimeoutMs = limitMs;
    request.totalTimeoutMs = limitMs;
    request.maxBodyBytes = mostBytes;
    const auto response = co_await http->fetch(std::move(request), cancel);
    if (!response || response->status != 200)
        co_return std::nullopt;
    auto object = json::parseObject(response->body);
    if (!object)
        co_return std::nullopt;
    co_return std::move(*object);
}

Task<std::optional<LocalServer>> probeOne(HttpClient *http, LocalServerProbe probe,
                                          CancelToken cancel)
{
    if (probe.product == L("Ollama")) {
        const QString url = rootOf(probe.baseUrl) + L("/api/tags");
        const auto tags = co_await ask(http, url, probeMs, cancel);
        if (tags)
            co_return fromOllama(probe, *tags);
        co_return std::nullopt;
    }
    const QString url = rootOf(probe.baseUrl) + L("/v1/models");
    const auto models = co_await ask(http, url, probeMs, cancel);
    if (models)
        co_return fromOpenAi(probe, *models);
    co_return std::nullopt;
}

LocalServerProbe probeFor(const char *product, const QString &baseUrl)
{
    LocalServerProbe probe;
    probe.product = QString::fromLatin1(product);
    probe.baseUrl = baseUrl;
    return probe;
}

// OLLAMA_HOST: "127.0.0.1", "0.0.0.0:11434", ":8000", "http://box:11434", "[::1]:11434".
QString ollamaUrl(const QString &setting)
{
    QString text = setting.trimmed();
    if (text.startsWith(QLatin1Char(':')))
        text.prepend(L("127.0.0.1"));
    const bool hasScheme = text.contains(L("://"));
    QUrl url(hasScheme ? text : L("http://") + text);
    const bool web = url.scheme() == L("http") || url.scheme() == L("https");
    if (text.isEmpty() || !url.isValid() || url.host().isEmpty() || !web)
        return QStringLiteral("http://127.0.0.1:11434/v1");
    if (url.host() == L("0.0.0.0")
        || url.host() == L("::")) // where it listens, not where to reach it
        url.setHost(QStringLiteral("127.0.0.1"));
    if (url.port() < 0 && !hasScheme)
        url.setPort(11434);
    return rootOf(url.toString()) + L("/v1");
}
} // namespace

std::vector<LocalServerProbe> usualLocalServers(const QString &ollamaHost)
{
    return {probeFor("Ollama", ollamaUrl(ollamaHost)),
            probeFor("LM Studio", QStringLiteral("http://127.0.0.1:1234/v1")),
            probeFor("llama-server", QStringLiteral("http://127.0.0.1:8080/v1")),
            probeFor("vLLM", QStringLiteral("http://127.0.0.1:8000/v1"))};
}

Task<std::vector<LocalServer>> findLocalServers(HttpClient *http,
                                                std::vector<LocalServerProbe> probes,
                                                CancelToken cancel)
{
    std::vector<Task<std::optional<LocalServer>>> tasks;
    tasks.reserve(probes.size());
    for (const LocalServerProbe &probe : probes)
        tasks.push_back(probeOne(http, probe, cancel));
    const auto answers = co_await whenAll(std::move(tasks));
    std::vector<LocalServer> found;
    for (const auto &answer : answers) {
        if (!answer)
            continue;
        const bool seen =
            std::any_of(found.begin(), found.end(), [&answer](const LocalServer &server) {
                return server.baseUrl == answer->baseUrl;
            });
        if (!seen)
            found.push_back(*answer);
    }
    co_return found;
}

} // namespace lathe
