// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever a guarded server and its sign-in server say: header, metadata, tokens. The first byte chooses which.
// fuzzed: core/mcp/OauthMetadata.cpp
#include "core/mcp/OauthMetadata.h"

#include <cstdint>
#include <cstdlib>

using namespace lathe;
using namespace lathe::oauth;

namespace {
void check(bool holds)
{
    if (!holds)
        std::abort();
}

void checkUrl(const QString &url)
{
    const QUrl parsed(url, QUrl::StrictMode);
    check(parsed.scheme() == QLatin1String("https") || (parsed.scheme() == QLatin1String("http") && isLoopbackHost(parsed.host())));
    check(parsed.userInfo().isEmpty());
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const QByteArray bytes(reinterpret_cast<const char *>(data + 1), qsizetype(size - 1));
    const QString text = QString::fromUtf8(bytes);
    switch (data[0] % 5) {
    case 0: {
        const Challenge challenge = parseChallenge(HttpHeaders{{"WWW-Authenticate", bytes}});
        for (const QString &scope : challenge.scopes)
            check(!scope.contains(QLatin1Char(' ')) && !scope.contains(QLatin1Char('"')) && !scope.isEmpty());
        check(challenge.present || (challenge.error.isEmpty() && challenge.resourceMetadata.isEmpty()));
        break;
    }
    case 1: {
        const QString issuer = QStringLiteral("https://as.example");
        const auto metadata = parseServerMetadata(bytes, QString(), issuer);
        if (metadata) {
            check(metadata->issuer == issuer || metadata->issuer == issuer + QLatin1Char('/'));
            checkUrl(metadata->authorizationEndpoint);
            checkUrl(metadata->tokenEndpoint);
            if (!metadata->registrationEndpoint.isEmpty())
                checkUrl(metadata->registrationEndpoint);
        }
        break;
    }
    case 2: {
        const auto metadata = parseResourceMetadata(bytes, QString());
        if (metadata && resourceCovers(metadata->resource, QStringLiteral("https://a.example/mcp")))
            check(origin(metadata->resource) == QLatin1String("https://a.example"));
        break;
    }
    case 3: {
        HttpResponse answer;
        answer.status = 200;
        answer.body = bytes;
        const auto tokens = parseTokens(answer, text);
        if (tokens) {
            check(!tokens->access.isEmpty() && !tokens->access.contains(QLatin1Char('\n')) && !tokens->access.contains(QLatin1Char('\r')));
            check(tokens->expiresInSeconds >= 0);
        } else {
            check(!tokens.error().message.contains(QLatin1Char('\n')));
        }
        break;
    }
    default:
        if (urlProblem(text, QString()).isEmpty())
            checkUrl(text);
        serverMetadataUrls(text);
        resourceMetadataUrls(text);
        resourceCovers(text, QStringLiteral("https://a.example/mcp"));
        canonicalResource(text);
        break;
    }
    return 0;
}
