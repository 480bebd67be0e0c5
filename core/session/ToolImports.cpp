// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/ToolImports.h"

#include "core/base/Json.h"
#include "core/evaluation/PromptfooNode.h"
#include "core/http/HttpClient.h"
#include "core/tool/HttpGuard.h"

#include <QRegularExpression>

#include <memory>

namespace lathe {

namespace {
constexpr int documentTimeoutMs = 60'000;

// How a redirect is judged on the http thread: what a person typed may lie in the local network, what a server sends on to may not, unless
// it is the same host.
struct RedirectGuard {
    QString host; // that was typed, in lower case
    bool allows(const QString &asked, const QString &ip) const { return asked.toLower() == host || isPublicAddress(ip); }
};

Error withoutFile(Error error)
{
    error.message = QStringLiteral("The document cannot be read. %1").arg(error.message);
    return error;
}
}

QJsonObject ApiImport::toolBody(const QStringList &chosen, const QString &baseUrl, const OpenApiAuth &how) const
{
    QJsonObject body = toolType(QStringLiteral("openapi"))->defaultBody;
    QString purpose =
        document.title.isEmpty() ? QStringLiteral("Call the API.") : QStringLiteral("Call the API \"%1\".").arg(document.title);
    body.insert(QStringLiteral("purpose"), purpose);
    body.insert(QStringLiteral("config"), openApiConfig(document, chosen, baseUrl, how));
    return body;
}

Result<ApiImport> importOpenApi(const QByteArray &bytes, const QString &source)
{
    if (bytes.size() > maxOpenApiBytes)
        return Error(ErrorKind::InvalidInput, QStringLiteral("The document is larger than 32 MB."));
    const QByteArray start = bytes.left(2000).trimmed();
    Result<OpenApiDocument> document = Error();
    if (start.isEmpty()) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("The document is empty."));
    } else if (start.startsWith('{') || start.startsWith('<')) {
        document = parseOpenApi(bytes, source);
    } else {
        // The bounded YAML reader of evaluation configurations: aliases are counted, so that none can grow without end.
        auto node = PromptfooNode::fromYaml(bytes, QStringLiteral("document"));
        if (!node)
            return withoutFile(node.error());
        const QJsonValue value = node->toJson();
        if (!value.isObject())
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("This is no OpenAPI document: it is neither a JSON object nor a YAML mapping."));
        document = parseOpenApi(value.toObject(), source);
    }
    if (!document)
        return document.error();
    ApiImport import;
    import.auth = suggestedAuth(*document);
    import.name = document->title.isEmpty() ? QStringLiteral("API") : document->title.left(60);
    import.document = std::move(*document);
    return import;
}

bool looksLikeOpenApi(const QString &text)
{
    static const QRegularExpression member(QStringLiteral("(\\A|[\\n{,])\\s*[\"']?(openapi|swagger)[\"']?\\s*:\\s*[\"']?[0-9]"));
    const QString start = text.left(20'000);
    if (member.match(start).hasMatch())
        return true;
    // JSON whose members are sorted has it behind all its components.
    return text.size() > start.size() && text.trimmed().startsWith(u'{') && member.match(text).hasMatch();
}

Result<CurlImport> importCurl(const QString &text)
{
    auto command = parseCurlCommand(text);
    if (!command)
        return command.error();
    CurlImport import;
    import.name = command->suggestedName();
    import.secrets = command->secrets;
    import.notes = command->notes;
    import.body = toolType(QStringLiteral("request"))->defaultBody;
    QJsonObject config = import.body.value(QLatin1String("config")).toObject();
    const QJsonObject own = command->toConfig();
    for (auto it = own.begin(); it != own.end(); ++it)
        config.insert(it.key(), it.value());
    import.body.insert(QStringLiteral("config"), config);
    const QString shown = command->url.section(u'?', 0, 0);
    import.body.insert(QStringLiteral("purpose"), QStringLiteral("Send %1 %2 and read the answer.").arg(command->method, shown.left(200)));
    return import;
}

Task<Result<QByteArray>> fetchDocument(HttpClient *http, QString url, CancelToken cancel)
{
    if (cancel.isCancelled())
        co_return Error::cancelled();
    const auto parsed = parseHttpUrl(url);
    if (!parsed)
        co_return parsed.error();
    HttpRequest request;
    request.url = QString::fromLatin1(parsed->toEncoded(QUrl::FullyEncoded));
    request.headers.emplace_back("Accept", "application/json, application/yaml, application/vnd.oai.openapi+json, text/yaml, */*;q=0.5");
    request.totalTimeoutMs = documentTimeoutMs;
    request.maxBodyBytes = maxOpenApiBytes;
    request.maxRedirects = 5;
    const auto guard = std::make_shared<const RedirectGuard>(RedirectGuard{parsed->host(QUrl::FullyEncoded).toLower()});
    request.allowAddress = [guard](const QString &host, const QString &ip) { return guard->allows(host, ip); };
    const auto response = co_await http->fetch(std::move(request), cancel);
    if (!response)
        co_return response.error();
    if (response->status >= 400) {
        Error error(ErrorKind::Provider, QStringLiteral("%1 answered with status %2 instead of a document. Check the address.")
                                             .arg(parsed->host())
                                             .arg(response->status));
        error.httpStatus = response->status;
        co_return error;
    }
    co_return response->body;
}

} // namespace lathe
