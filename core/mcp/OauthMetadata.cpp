// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/OauthMetadata.h"

#include "core/base/Json.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonObject>
#include <QRandomGenerator>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

namespace lathe::oauth {

namespace {
constexpr qsizetype maxList = 200; // scopes and issuers of one document
constexpr qsizetype maxText = 4096;

Error protocol(const QString &from, const QString &what)
{
    return Error(ErrorKind::Protocol, QStringLiteral("%1 %2.").arg(quotable(from), what));
}

QString text(const QJsonObject &object, QLatin1String name)
{
    const QString value = object.value(name).toString();
    return value.size() <= maxText ? value : QString();
}

QStringList list(const QJsonObject &object, QLatin1String name)
{
    QStringList values;
    for (const QString &value : json::toStringList(object.value(name))) {
        if (values.size() < maxList && value.size() <= maxText)
            values.append(value);
    }
    return values;
}

bool isTokenChar(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) || (c != 0 && std::strchr("!#$%&'*+-.^_`|~", c));
}

// Reads one header value: a list of challenges, each a scheme with parameters or a token68.
class ChallengeReader
{
public:
    explicit ChallengeReader(QByteArrayView value) : m_text(value) {}

    // Calls back with the scheme of each parameter.
    template<typename F>
    void read(F &&parameter)
    {
        QByteArray scheme;
        while (m_at < m_text.size()) {
            skip(" \t,");
            const QByteArray word = token();
            if (word.isEmpty()) {
                ++m_at; // junk
                continue;
            }
            skip(" \t");
            if (!take('=')) {
                scheme = word.toLower();
                parameter(scheme, QByteArray(), QByteArray());
                continue;
            }
            skip(" \t");
            const QByteArray value = take('"') ? quoted() : token();
            parameter(scheme, word.toLower(), value);
        }
    }

private:
    void skip(const char *set)
    {
        while (m_at < m_text.size() && m_text[m_at] != 0 && std::strchr(set, m_text[m_at]))
            ++m_at;
    }
    bool take(char c)
    {
        if (m_at >= m_text.size() || m_text[m_at] != c)
            return false;
        ++m_at;
        return true;
    }
    QByteArray token()
    {
        const qsizetype start = m_at;
        while (m_at < m_text.size() && isTokenChar(m_text[m_at]))
            ++m_at;
        return m_text.sliced(start, m_at - start).toByteArray();
    }
    QByteArray quoted()
    {
        QByteArray value;
        while (m_at < m_text.size()) {
            char c = m_text[m_at++];
            if (c == '"')
                break;
            if (c == '\\' && m_at < m_text.size())
                c = m_text[m_at++];
            value.append(c);
        }
        return value;
    }

    QByteArrayView m_text;
    qsizetype m_at = 0;
};

bool sameIssuer(const QString &a, const QString &b)
{
    if (a == b)
        return true;
    // "https://host" and "https://host/" are one well-known URL; nothing else is normalised.
    const QUrl first(a), second(b);
    const auto bare = [](const QUrl &url) { return url.path().isEmpty() || url.path() == QLatin1String("/"); };
    return bare(first) && bare(second) && !first.hasQuery() && !second.hasQuery()
           && (a + QLatin1Char('/') == b || b + QLatin1Char('/') == a);
}

QString wellKnown(const QUrl &base, const QString &name, bool insert)
{
    QUrl url(base);
    QString path = base.path(QUrl::FullyEncoded);
    while (path.endsWith(QLatin1Char('/')))
        path.chop(1);
    const QString known = QStringLiteral("/.well-known/") + name;
    url.setPath(insert ? known + path : path + known, QUrl::StrictMode);
    url.setQuery(QString());
    url.setFragment(QString());
    return url.toString(QUrl::FullyEncoded);
}
} // namespace

Challenge parseChallenge(const HttpHeaders &headers)
{
    Challenge challenge;
    qsizetype budget = 64 * 1024;
    for (const auto &[name, value] : headers) {
        if (QByteArrayView(name).compare("www-authenticate", Qt::CaseInsensitive) != 0 || value.size() > budget)
            continue;
        budget -= value.size();
        ChallengeReader(value).read([&](const QByteArray &scheme, const QByteArray &key, const QByteArray &content) {
            if (scheme != "bearer")
                return;
            challenge.present = true;
            const QString content16 = json::fromUtf8Lossy(content).left(maxText);
            if (key == "error") {
                challenge.error = content16;
            } else if (key == "scope") {
                challenge.hasScope = true;
                challenge.scopes = scopeList(content16);
            } else if (key == "resource_metadata") {
                challenge.resourceMetadata = content16;
            }
        });
    }
    return challenge;
}

Result<ResourceMetadata> parseResourceMetadata(const QByteArray &body, const QString &from)
{
    const auto object = json::parseObject(body);
    if (!object)
        return protocol(from, QStringLiteral("should describe the protected server but is no JSON object"));
    ResourceMetadata metadata;
    metadata.resource = text(*object, QLatin1String("resource"));
    metadata.authorizationServers = list(*object, QLatin1String("authorization_servers"));
    if (object->value(QLatin1String("scopes_supported")).isArray())
        metadata.scopes = scopeList(list(*object, QLatin1String("scopes_supported")).join(QLatin1Char(' ')));
    return metadata;
}

Result<ServerMetadata> parseServerMetadata(const QByteArray &body, const QString &from, const QString &expectedIssuer)
{
    const auto object = json::parseObject(body);
    if (!object)
        return protocol(from, QStringLiteral("should describe the sign-in server but is no JSON object"));
    ServerMetadata metadata;
    metadata.issuer = text(*object, QLatin1String("issuer"));
    if (!sameIssuer(metadata.issuer, expectedIssuer)) {
        return Error(ErrorKind::Denied,
                     QStringLiteral("The sign-in server %1 calls itself %2. Nothing was sent to it; tell whoever runs the MCP server.")
                         .arg(quotable(expectedIssuer), metadata.issuer.isEmpty() ? QStringLiteral("nothing") : quotable(metadata.issuer)));
    }
    metadata.authorizationEndpoint = text(*object, QLatin1String("authorization_endpoint"));
    metadata.tokenEndpoint = text(*object, QLatin1String("token_endpoint"));
    metadata.registrationEndpoint = text(*object, QLatin1String("registration_endpoint"));
    const std::array<std::pair<const QString *, const char *>, 3> endpoints = {{
        {&metadata.authorizationEndpoint, "authorization endpoint"},
        {&metadata.tokenEndpoint, "token endpoint"},
        {&metadata.registrationEndpoint, "registration endpoint"},
    }};
    for (const auto &[url, what] : endpoints) {
        if (url == &metadata.registrationEndpoint && url->isEmpty())
            continue;
        const QString problem = urlProblem(*url, QStringLiteral("The %1 of %2").arg(QLatin1String(what), quotable(metadata.issuer)));
        if (!problem.isEmpty())
            return Error(ErrorKind::Denied, problem);
    }
    // No sign-in fails for it.
    const QString revocation = text(*object, QLatin1String("revocation_endpoint"));
    if (urlProblem(revocation, QString()).isEmpty())
        metadata.revocationEndpoint = revocation;
    if (!list(*object, QLatin1String("code_challenge_methods_supported")).contains(QLatin1String("S256"))) {
        return Error(ErrorKind::Denied, QStringLiteral("The sign-in server %1 does not say that it supports PKCE (S256), without which a "
                                                       "sign-in is not safe.").arg(quotable(metadata.issuer)));
    }
    metadata.scopes = list(*object, QLatin1String("scopes_supported"));
    metadata.authMethods = list(*object, QLatin1String("token_endpoint_auth_methods_supported"));
    metadata.issInAnswer = object->value(QLatin1String("authorization_response_iss_parameter_supported")).toBool();
    metadata.metadataDocuments = object->value(QLatin1String("client_id_metadata_document_supported")).toBool();
    const QJsonValue grants = object->value(QLatin1String("grant_types_supported"));
    metadata.refreshTokens = !grants.isArray() || json::toStringList(grants).contains(QLatin1String("refresh_token"));
    return metadata;
}

QStringList resourceMetadataUrls(const QString &serverUrl)
{
    const QUrl url(serverUrl);
    const QString name = QStringLiteral("oauth-protected-resource");
    QStringList urls{wellKnown(url, name, true)};
    QUrl root(url);
    root.setPath(QString());
    const QString atRoot = wellKnown(root, name, true);
    if (!urls.contains(atRoot))
        urls.append(atRoot);
    return urls;
}

QStringList serverMetadataUrls(const QString &issuer)
{
    const QUrl url(issuer);
    const QString oauth = QStringLiteral("oauth-authorization-server");
    const QString openId = QStringLiteral("openid-configuration");
    QStringList urls{wellKnown(url, oauth, true), wellKnown(url, openId, true)};
    const QString appended = wellKnown(url, openId, false);
    if (!urls.contains(appended))
        urls.append(appended);
    return urls;
}

bool isLoopbackHost(const QString &host)
{
    if (host.compare(QLatin1String("localhost"), Qt::CaseInsensitive) == 0)
        return true;
    const QByteArray text = host.toLatin1();
    in_addr four;
    if (inet_pton(AF_INET, text.constData(), &four) == 1)
        return (ntohl(four.s_addr) >> 24) == 127;
    in6_addr six;
    return inet_pton(AF_INET6, text.constData(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

QString urlProblem(const QString &url, const QString &what)
{
    if (url.isEmpty())
        return QStringLiteral("%1 is missing.").arg(what);
    const QUrl parsed(url, QUrl::StrictMode);
    const bool http = parsed.scheme() == QLatin1String("http");
    if (!parsed.isValid() || parsed.host().isEmpty() || (!http && parsed.scheme() != QLatin1String("https")))
        return QStringLiteral("%1 is not a web address.").arg(what);
    if (!parsed.userInfo().isEmpty() || parsed.hasFragment())
        return QStringLiteral("%1 holds a user name or a fragment, which is not allowed.").arg(what);
    if (http && !isLoopbackHost(parsed.host()))
        return QStringLiteral("%1 is not https, so that a sign-in would not be safe.").arg(what);
    return QString();
}

QString canonicalResource(const QString &serverUrl)
{
    QUrl url(serverUrl);
    url.setFragment(QString());
    url.setQuery(QString());
    QString text = url.toString(QUrl::FullyEncoded);
    while (text.endsWith(QLatin1Char('/')))
        text.chop(1);
    return text;
}

QString origin(const QString &url)
{
    const QUrl parsed(url);
    const QString host = parsed.host().contains(QLatin1Char(':')) ? QLatin1Char('[') + parsed.host() + QLatin1Char(']') : parsed.host();
    const int standard = parsed.scheme() == QLatin1String("https") ? 443 : 80;
    const int port = parsed.port(standard);
    QString text = parsed.scheme() + QStringLiteral("://") + host.toLower();
    if (port != standard)
        text += QLatin1Char(':') + QString::number(port);
    return text;
}

bool resourceCovers(const QString &resource, const QString &serverUrl)
{
    const QUrl parent(resource, QUrl::StrictMode), child(serverUrl);
    if (!parent.isValid() || parent.hasFragment() || parent.host().isEmpty() || origin(resource) != origin(serverUrl))
        return false;
    QString above = parent.path(QUrl::FullyEncoded), below = child.path(QUrl::FullyEncoded);
    for (QString *path : {&above, &below}) {
        if (!path->endsWith(QLatin1Char('/')))
            *path += QLatin1Char('/');
    }
    return below.startsWith(above) && !parent.hasQuery();
}

Result<Tokens> parseTokens(const HttpResponse &answer, const QString &issuer)
{
    const auto object = json::parseObject(answer.body);
    const QString who = quotable(issuer);
    if (answer.status < 200 || answer.status > 299 || (object && object->contains(QLatin1String("error")))) {
        const QString code = object ? text(*object, QLatin1String("error")) : QString();
        const QString detail = object ? quotable(text(*object, QLatin1String("error_description"))) : QString();
        const bool again = code == QLatin1String("invalid_grant") || code == QLatin1String("invalid_client")
                           || code == QLatin1String("unauthorized_client") || code == QLatin1String("invalid_scope");
        QString message = QStringLiteral("The sign-in server %1 gave no token (%2).")
                              .arg(who, code.isEmpty() ? QStringLiteral("status %1").arg(answer.status) : quotable(code));
        if (!detail.isEmpty())
            message += QStringLiteral(" It says: \"%1\"").arg(detail);
        Error error(again || answer.status == 400 || answer.status == 401 ? ErrorKind::Denied : ErrorKind::Provider, message, code);
        error.httpStatus = answer.status;
        return error;
    }
    if (!object)
        return protocol(issuer, QStringLiteral("answered a sign-in with something that is no JSON object"));
    Tokens tokens;
    tokens.access = object->value(QLatin1String("access_token")).toString();
    const auto printable = [](QChar c) { return c.unicode() > 0x20 && c.unicode() < 0x7f; };
    if (tokens.access.isEmpty() || tokens.access.size() > 64 * 1024 || !std::all_of(tokens.access.begin(), tokens.access.end(), printable))
        return protocol(issuer, QStringLiteral("answered a sign-in without a usable token"));
    const QString type = text(*object, QLatin1String("token_type"));
    if (!type.isEmpty() && type.compare(QLatin1String("bearer"), Qt::CaseInsensitive) != 0)
        return protocol(issuer, QStringLiteral("gave a token of the type %1, which Lathe cannot use").arg(quotable(type)));
    tokens.refresh = object->value(QLatin1String("refresh_token")).toString();
    if (tokens.refresh.size() > 64 * 1024)
        tokens.refresh.clear();
    const QJsonValue expires = object->value(QLatin1String("expires_in"));
    const double seconds = expires.isString() ? expires.toString().toDouble() : expires.toDouble();
    tokens.expiresInSeconds = qint64(std::clamp(seconds, 0.0, 10.0 * 365 * 86400));
    if (object->value(QLatin1String("scope")).isString())
        tokens.scopes = scopeList(text(*object, QLatin1String("scope")));
    return tokens;
}

QStringList scopeList(const QString &value)
{
    QStringList scopes;
    for (const QString &part : value.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        const bool fits = part.size() <= 500 && std::all_of(part.begin(), part.end(), [](QChar c) {
            return c.unicode() > 0x20 && c.unicode() < 0x7f && c != QLatin1Char('"') && c != QLatin1Char('\\'); // RFC 6749 3.3
        });
        if (fits && scopes.size() < maxList && !scopes.contains(part))
            scopes.append(part);
    }
    return scopes;
}

QStringList united(QStringList scopes, const QStringList &more)
{
    for (const QString &scope : more) {
        if (!scopes.contains(scope))
            scopes.append(scope);
    }
    return scopes;
}

QString quotable(const QString &value)
{
    QString out;
    for (const QChar c : value) {
        if (out.size() >= 200) {
            out += QChar(0x2026);
            break;
        }
        out += c.isPrint() ? c : QLatin1Char(' ');
    }
    return out.simplified();
}

QByteArray percentEncoded(const QString &value)
{
    return QUrl::toPercentEncoding(value);
}

QByteArray form(const std::vector<std::pair<QString, QString>> &fields)
{
    QByteArray body;
    for (const auto &[name, value] : fields) {
        if (!body.isEmpty())
            body += '&';
        body += percentEncoded(name) + '=' + percentEncoded(value);
    }
    return body;
}

QByteArray randomText()
{
    std::array<quint32, 8> words;
    QRandomGenerator::system()->fillRange(words.data(), qsizetype(words.size()));
    const QByteArray bytes(reinterpret_cast<const char *>(words.data()), qsizetype(sizeof words));
    return bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

QByteArray codeChallenge(const QByteArray &verifier)
{
    return QCryptographicHash::hash(verifier, QCryptographicHash::Sha256)
        .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

} // namespace lathe::oauth
