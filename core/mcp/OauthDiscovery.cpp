// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/OauthHttp.h"
#include "core/mcp/OauthSteps.h"

namespace lathe::oauth {

namespace {
// The body of a document, nothing when it is not there (any 4xx or a redirect), or what is wrong.
Task<Result<std::optional<QByteArray>>> document(Options options, McpServerConfig config, QString url, CancelToken cancel)
{
    const QString problem = urlProblem(url, QStringLiteral("The address of the sign-in of %1").arg(config.name));
    if (!problem.isEmpty())
        co_return Error(ErrorKind::Denied, problem);
    HttpRequest request = oauthRequest(config, url);
    request.headers.push_back({"Accept", "application/json"});
    request.headers.push_back({"MCP-Protocol-Version", mcpModernVersion});
    const auto answer = co_await options->http->fetch(std::move(request), std::move(cancel));
    if (!answer)
        co_return answer.error();
    if (answer->status >= 500) {
        Error error(ErrorKind::Unreachable, QStringLiteral("%1 answered with status %2 when asked who guards %3. Try again later.")
                                                .arg(quotable(url), QString::number(answer->status), config.name));
        error.httpStatus = answer->status;
        co_return error;
    }
    if (answer->status != 200)
        co_return std::optional<QByteArray>();
    std::optional<QByteArray> body(answer->body);
    co_return body;
}

struct Document {
    QString url;
    QByteArray body;
    Document() = default;
};

// The first of them that is there.
Task<Result<std::optional<Document>>> firstDocument(Options options, McpServerConfig config, QStringList urls, CancelToken cancel)
{
    for (const QString &url : urls) {
        auto body = co_await document(options, config, url, cancel);
        if (!body)
            co_return body.error();
        if (!*body)
            continue;
        std::optional<Document> found(std::in_place);
        found->url = url;
        found->body = std::move(**body);
        co_return found;
    }
    co_return std::optional<Document>();
}

Task<Result<std::optional<ResourceMetadata>>> resourceMetadata(Options options, McpServerConfig config, QString named, CancelToken cancel)
{
    QStringList urls = named.isEmpty() ? resourceMetadataUrls(config.url) : QStringList(named);
    const auto found = co_await firstDocument(options, config, std::move(urls), cancel);
    if (!found)
        co_return found.error();
    if (*found) {
        const QString url = (*found)->url;
        auto metadata = parseResourceMetadata((*found)->body, url);
        if (!metadata)
            co_return metadata.error();
        if (!resourceCovers(metadata->resource, config.url)) {
            co_return Error(ErrorKind::Denied, QStringLiteral("%1 asks for a sign-in for another server (%2). Nothing was sent; check the "
                                                              "address or tell whoever runs it.")
                                                   .arg(config.name, metadata->resource.isEmpty() ? QStringLiteral("it names none")
                                                                                                  : quotable(metadata->resource)));
        }
        tell(options, config, QStringLiteral("Who guards it is said at %1: %2.")
                                  .arg(quotable(url), metadata->authorizationServers.isEmpty() ? QStringLiteral("itself")
                                                                                               : quotable(metadata->authorizationServers.first())));
        std::optional<ResourceMetadata> taken(std::move(*metadata));
        co_return taken;
    }
    if (!named.isEmpty()) {
        co_return Error(ErrorKind::Protocol, QStringLiteral("%1 asks for a sign-in, but its description at %2 cannot be read.")
                                                 .arg(config.name, quotable(named)));
    }
    co_return std::optional<ResourceMetadata>();
}

Task<Result<ServerMetadata>> serverMetadata(Options options, McpServerConfig config, QString issuer, CancelToken cancel)
{
    const QString problem = urlProblem(issuer, QStringLiteral("The sign-in server that %1 names").arg(config.name));
    if (!problem.isEmpty())
        co_return Error(ErrorKind::Denied, problem);
    QStringList urls = serverMetadataUrls(issuer);
    const auto found = co_await firstDocument(options, config, std::move(urls), cancel);
    if (!found)
        co_return found.error();
    if (*found) {
        const QString url = (*found)->url;
        auto metadata = parseServerMetadata((*found)->body, url, issuer);
        if (metadata)
            tell(options, config, QStringLiteral("How to sign in at %1 is said at %2.").arg(quotable(issuer), quotable(url)));
        co_return metadata;
    }
    co_return Error(ErrorKind::Denied, QStringLiteral("%1 wants a sign-in at %2, which does not describe how. If it wants a key instead, put it "
                                                      "into the headers of the tool.").arg(config.name, quotable(issuer)));
}
} // namespace

void tell(const Options &options, const McpServerConfig &config, const QString &text)
{
    if (options->log)
        options->log(config, text);
}

Task<Result<Discovered>> discover(Options options, McpServerConfig config, Challenge challenge, QString knownIssuer, CancelToken cancel)
{
    auto resource = co_await resourceMetadata(options, config, challenge.resourceMetadata, cancel);
    if (!resource)
        co_return resource.error();
    Discovered found;
    QString issuer = origin(config.url); // revision 2025-03-26: the server itself
    found.resource = canonicalResource(config.url);
    if (*resource) {
        const ResourceMetadata &metadata = **resource;
        found.resource = metadata.resource;
        found.resourceScopes = metadata.scopes;
        if (!metadata.authorizationServers.isEmpty()) {
            const bool known = !knownIssuer.isEmpty() && metadata.authorizationServers.contains(knownIssuer);
            issuer = known ? knownIssuer : metadata.authorizationServers.first();
        }
    }
    auto server = co_await serverMetadata(options, config, issuer, cancel);
    if (!server)
        co_return server.error();
    found.server = std::move(*server);
    co_return found;
}

} // namespace lathe::oauth
