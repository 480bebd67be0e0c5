// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/http/HttpTypes.h"

#include <QByteArray>
#include <QStringList>
#include <QUrl>

#include <optional>

// What OAuth servers say, read as untrusted text. Pure functions; any thread.
namespace lathe::oauth {

// The "Bearer" challenge of WWW-Authenticate headers (RFC 9110 11.6.1, RFC 6750 3).
struct Challenge {
    bool present = false; // there was a Bearer challenge
    QString error;        // "invalid_token", "insufficient_scope"
    QStringList scopes;
    bool hasScope = false;
    QString resourceMetadata; // URL, RFC 9728
    Challenge() = default;
};
Challenge parseChallenge(const HttpHeaders &headers);

// Protected resource metadata (RFC 9728).
struct ResourceMetadata {
    QString resource;
    QStringList authorizationServers; // issuers
    std::optional<QStringList> scopes;
    ResourceMetadata() = default;
};
Result<ResourceMetadata> parseResourceMetadata(const QByteArray &body, const QString &from);

// Authorization server metadata (RFC 8414, OpenID Connect Discovery).
struct ServerMetadata {
    QString issuer;
    QString authorizationEndpoint, tokenEndpoint, registrationEndpoint;
    QString revocationEndpoint; // RFC 7009; empty: none, or none that may be used
    QStringList scopes;      // supported
    QStringList authMethods; // of the token endpoint; empty: not said
    bool issInAnswer = false;       // RFC 9207
    bool metadataDocuments = false; // client id metadata documents
    bool refreshTokens = true;      // grant_types_supported is absent or lists refresh_token
    ServerMetadata() = default;
};
// Refuses metadata of another issuer, without PKCE S256, or with endpoints that are not https (http on loopback).
Result<ServerMetadata> parseServerMetadata(const QByteArray &body, const QString &from, const QString &expectedIssuer);

// Where to look, in the order of the specification.
QStringList resourceMetadataUrls(const QString &serverUrl);
QStringList serverMetadataUrls(const QString &issuer);

// https, or http to a loopback host; no user name, no fragment. The sentence of what is wrong, empty when fine.
QString urlProblem(const QString &url, const QString &what);
bool isLoopbackHost(const QString &host);
// The canonical form of a server's URL as a resource indicator: no fragment, no query, no slash at the end.
QString canonicalResource(const QString &serverUrl);
// The resource that metadata names is the server or a parent of it.
bool resourceCovers(const QString &resource, const QString &serverUrl);
// Scheme, host and port.
QString origin(const QString &url);

// Tokens as a token endpoint gave them.
struct Tokens {
    QString access, refresh;
    qint64 expiresInSeconds = 0; // 0: not said
    std::optional<QStringList> scopes;
    Tokens() = default;
};
Result<Tokens> parseTokens(const HttpResponse &answer, const QString &issuer);

QStringList scopeList(const QString &text);
QStringList united(QStringList scopes, const QStringList &more);
// Foreign text for one of our sentences: one line, at most 200 characters, nothing that is not printable.
QString quotable(const QString &text);
// `name=value` pairs as application/x-www-form-urlencoded.
QByteArray form(const std::vector<std::pair<QString, QString>> &fields);
QByteArray percentEncoded(const QString &text);
// 32 random bytes as base64url; the S256 challenge of a verifier.
QByteArray randomText();
QByteArray codeChallenge(const QByteArray &verifier);

} // namespace lathe::oauth
