// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/mcp/OauthHttp.h"
#include "core/mcp/OauthRedirect.h"
#include "core/mcp/OauthSteps.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QUrlQuery>

#include <algorithm>

namespace lathe::oauth {

namespace {
const QString basic = QStringLiteral("client_secret_basic");
const QString post = QStringLiteral("client_secret_post");
const QString none = QStringLiteral("none");

// How to prove who we are at the token endpoint.
QString authMethod(const Registration &registration, const ServerMetadata &server)
{
    const auto supported = [&](const QString &method) { return server.authMethods.isEmpty() || server.authMethods.contains(method); };
    if (registration.secret.isEmpty())
        return none;
    if (!registration.authMethod.isEmpty() && supported(registration.authMethod))
        return registration.authMethod;
    for (const QString &method : {basic, post, none}) {
        if (supported(method))
            return method;
    }
    return basic;
}

using Fields = std::vector<std::pair<QString, QString>>;

// A form for the authorization server, with the proof of who we are.
HttpRequest formRequest(const McpServerConfig &config, const QString &endpoint, const Registration &registration, Fields fields)
{
    HttpRequest request = oauthRequest(config, endpoint);
    request.method = "POST";
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
    if (registration.authMethod == basic) {
        const QByteArray pair = percentEncoded(registration.id) + ':' + percentEncoded(registration.secret);
        request.headers.push_back({"Authorization", "Basic " + pair.toBase64()});
    } else {
        fields.emplace_back(QStringLiteral("client_id"), registration.id);
        if (registration.authMethod == post)
            fields.emplace_back(QStringLiteral("client_secret"), registration.secret);
    }
    request.body = form(fields);
    return request;
}

Task<Result<Tokens>> askTokens(Options options, McpServerConfig config, QString endpoint, QString issuer, Registration registration,
                               Fields fields, CancelToken cancel)
{
    HttpRequest request = formRequest(config, endpoint, registration, std::move(fields));
    const auto answer = co_await options->http->fetch(std::move(request), std::move(cancel));
    if (!answer)
        co_return answer.error();
    auto tokens = parseTokens(*answer, issuer);
    if (tokens) {
        const QString lasts = tokens->expiresInSeconds > 0 ? QStringLiteral(" for %1 s").arg(tokens->expiresInSeconds) : QString();
        tell(options, config, QStringLiteral("%1 gave a token%2.").arg(quotable(issuer), lasts));
    } else {
        tell(options, config, QStringLiteral("%1 gave no token (status %2).").arg(quotable(issuer)).arg(answer->status));
    }
    co_return tokens;
}

void take(Record &record, const Tokens &tokens, qint64 nowUs)
{
    record.access = tokens.access;
    if (!tokens.refresh.isEmpty())
        record.refresh = tokens.refresh;
    // Renewed a little before it ends, so that no request meets its end.
    const qint64 margin = std::min<qint64>(30, tokens.expiresInSeconds / 4);
    record.expiresUs = tokens.expiresInSeconds > 0 ? nowUs + (tokens.expiresInSeconds - margin) * 1'000'000 : 0;
    record.granted = tokens.scopes ? *tokens.scopes : record.requested;
}

Record newRecord(const Discovered &found, const Registration &registration, const QStringList &scopes)
{
    Record record;
    record.issuer = found.server.issuer;
    record.tokenEndpoint = found.server.tokenEndpoint;
    record.revocationEndpoint = found.server.revocationEndpoint;
    record.resource = found.resource;
    record.registration = registration;
    record.requested = scopes;
    return record;
}

Task<Result<Registration>> registered(Options options, McpServerConfig config, ServerMetadata server, QUrl redirectUri, QStringList scopes,
                                      CancelToken cancel)
{
    QString method;
    for (const QString &candidate : {none, basic, post}) {
        if (method.isEmpty() && (server.authMethods.isEmpty() || server.authMethods.contains(candidate)))
            method = candidate;
    }
    if (method.isEmpty())
        method = none;
    QJsonArray grants{QStringLiteral("authorization_code")};
    if (server.refreshTokens)
        grants.append(QStringLiteral("refresh_token"));
    QJsonObject body{
        {QStringLiteral("client_name"), options->clientName},
        {QStringLiteral("redirect_uris"), QJsonArray{redirectUri.toString(QUrl::FullyEncoded)}},
        {QStringLiteral("grant_types"), grants},
        {QStringLiteral("response_types"), QJsonArray{QStringLiteral("code")}},
        {QStringLiteral("token_endpoint_auth_method"), method},
        {QStringLiteral("application_type"), QStringLiteral("native")},
    };
    if (!scopes.isEmpty())
        body.insert(QStringLiteral("scope"), scopes.join(QLatin1Char(' ')));
    HttpRequest request = oauthRequest(config, server.registrationEndpoint);
    request.method = "POST";
    request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    request.body = json::compact(body);
    const auto answer = co_await options->http->fetch(std::move(request), std::move(cancel));
    if (!answer)
        co_return answer.error();
    const auto object = json::parseObject(answer->body);
    const QString id = object ? object->value(QLatin1String("client_id")).toString() : QString();
    if (answer->status < 200 || answer->status > 299 || id.isEmpty() || id.size() > 4096) {
        const QString detail = object ? quotable(object->value(QLatin1String("error_description")).toString()) : QString();
        Error error(ErrorKind::Denied,
                    QStringLiteral("The sign-in server %1 did not register Lathe (status %2).%3 Register an application there by hand and put its "
                                   "client_id into the sign-in settings of %4.")
                        .arg(quotable(server.issuer), QString::number(answer->status),
                             detail.isEmpty() ? QString() : QStringLiteral(" It says: \"%1\".").arg(detail), config.name));
        error.httpStatus = answer->status;
        co_return error;
    }
    Registration registration;
    registration.kind = Registration::Kind::Dynamic;
    registration.id = id;
    registration.secret = object->value(QLatin1String("client_secret")).toString();
    registration.authMethod = object->value(QLatin1String("token_endpoint_auth_method")).toString();
    registration.redirectPort = redirectUri.port();
    registration.secretExpiresUs = object->value(QLatin1String("client_secret_expires_at")).toInteger() * 1'000'000;
    tell(options, config, QStringLiteral("Registered Lathe at %1.").arg(quotable(server.issuer)));
    co_return registration;
}

// Which way Lathe is known at the server without asking it; kind None: it must be registered.
Result<Registration> knownRegistration(const OauthOptions &options, const McpServerConfig &config, const Settings &settings,
                                       const ServerMetadata &server, const Record &former)
{
    Registration registration;
    if (!settings.clientId.isEmpty()) {
        const bool elsewhere = settings.issuer.isEmpty()
                                   ? former.registration.kind == Registration::Kind::Configured && former.issuer != server.issuer
                                   : settings.issuer != server.issuer;
        if (elsewhere) {
            return Error(ErrorKind::Denied,
                         QStringLiteral("%1 now wants a sign-in at %2, but its client_id was given for %3. When that is right, put the new client_id "
                                        "and \"issuer\" into its sign-in settings.")
                             .arg(config.name, quotable(server.issuer), quotable(settings.issuer.isEmpty() ? former.issuer : settings.issuer)));
        }
        registration.kind = Registration::Kind::Configured;
        registration.id = settings.clientId;
        registration.secret = settings.clientSecret;
        registration.authMethod = settings.authMethod;
        registration.redirectPort = settings.redirectPort;
        return registration;
    }
    const QString document = settings.metadataUrl.isEmpty() ? options.clientMetadataUrl : settings.metadataUrl;
    if (server.metadataDocuments && document.startsWith(QLatin1String("https://"))) {
        registration.kind = Registration::Kind::MetadataDocument;
        registration.id = document;
        registration.authMethod = none;
        registration.redirectPort = settings.redirectPort;
        return registration;
    }
    if (former.issuer == server.issuer && former.registration.kind == Registration::Kind::Dynamic && !former.registration.id.isEmpty()
        && (former.registration.secretExpiresUs == 0 || former.registration.secretExpiresUs > options.clock->nowUs()))
        return former.registration;
    if (server.registrationEndpoint.isEmpty()) {
        return Error(ErrorKind::Denied,
                     QStringLiteral("%1 wants a sign-in at %2, where Lathe is not known and cannot register itself. Register an application there "
                                    "(redirect address http://127.0.0.1/callback) and put its client_id into the sign-in settings of %1.")
                         .arg(config.name, quotable(server.issuer)));
    }
    registration.redirectPort = settings.redirectPort;
    return registration;
}

Task<> openBrowser(OauthBrowser browser, OauthSignIn signIn, Completion<Result<QUrl>> came, CancelToken cancel)
{
    auto pasted = co_await browser(std::move(signIn), std::move(cancel));
    if (!pasted || !pasted->isEmpty())
        came.complete(std::move(pasted));
}

Task<> awaitRedirect(std::shared_ptr<OauthRedirect> redirect, QString state, qint64 ms, Clock *clock, Completion<Result<QUrl>> came,
                     CancelToken cancel)
{
    auto url = co_await redirect->wait(std::move(state), ms, clock, std::move(cancel));
    came.complete(std::move(url));
}

// The code in what the browser was sent back with, after all checks of RFC 6749 4.1.2 and RFC 9207.
Result<QString> codeOf(const QUrl &back, const QByteArray &state, const ServerMetadata &server)
{
    QUrlQuery query(QString(back.query(QUrl::FullyEncoded)).replace(QLatin1Char('+'), QLatin1String("%20")));
    const auto value = [&](const char *name) { return query.queryItemValue(QLatin1String(name), QUrl::FullyDecoded); };
    const QString who = quotable(server.issuer);
    for (const char *name : {"state", "code", "iss", "error"}) {
        if (query.allQueryItemValues(QLatin1String(name)).size() > 1)
            return Error(ErrorKind::Denied, QStringLiteral("The answer of the sign-in at %1 is ambiguous and was not used.").arg(who));
    }
    if (value("state").toUtf8() != state)
        return Error(ErrorKind::Denied, QStringLiteral("The answer does not belong to this sign-in at %1 and was not used. Try again.").arg(who));
    const bool hasIssuer = query.hasQueryItem(QStringLiteral("iss"));
    if (hasIssuer ? value("iss") != server.issuer : server.issInAnswer) {
        return Error(ErrorKind::Denied, QStringLiteral("The answer of the sign-in at %1 %2 and was not used: somebody may be interfering.")
                                            .arg(who, hasIssuer ? QStringLiteral("comes from %1").arg(quotable(value("iss")))
                                                                : QStringLiteral("does not say where it comes from")));
    }
    if (query.hasQueryItem(QStringLiteral("error"))) {
        const QString detail = quotable(value("error_description"));
        return Error(ErrorKind::Denied, QStringLiteral("The sign-in at %1 was refused (%2).%3")
                                            .arg(who, quotable(value("error")),
                                                 detail.isEmpty() ? QString() : QStringLiteral(" It says: \"%1\"").arg(detail)));
    }
    const QString code = value("code");
    if (code.isEmpty())
        return Error(ErrorKind::Protocol, QStringLiteral("The answer of the sign-in at %1 holds no code.").arg(who));
    return code;
}

QUrl authorizationUrl(const Discovered &found, const Registration &registration, const QUrl &redirectUri, const QStringList &scopes,
                      const QByteArray &state, const QByteArray &verifier)
{
    std::vector<std::pair<QString, QString>> fields = {
        {QStringLiteral("response_type"), QStringLiteral("code")},
        {QStringLiteral("client_id"), registration.id},
        {QStringLiteral("redirect_uri"), redirectUri.toString(QUrl::FullyEncoded)},
        {QStringLiteral("code_challenge"), QString::fromLatin1(codeChallenge(verifier))},
        {QStringLiteral("code_challenge_method"), QStringLiteral("S256")},
        {QStringLiteral("state"), QString::fromLatin1(state)},
        {QStringLiteral("resource"), found.resource},
    };
    if (!scopes.isEmpty())
        fields.emplace_back(QStringLiteral("scope"), scopes.join(QLatin1Char(' ')));
    if (scopes.contains(QLatin1String("offline_access")))
        fields.emplace_back(QStringLiteral("prompt"), QStringLiteral("consent")); // else OpenID Connect ignores it
    QUrl url(found.server.authorizationEndpoint);
    const QString present = url.query(QUrl::FullyEncoded);
    url.setQuery((present.isEmpty() ? QString() : present + QLatin1Char('&')) + QString::fromLatin1(form(fields)), QUrl::StrictMode);
    return url;
}
} // namespace

Task<Result<Record>> refreshed(Options options, McpServerConfig config, Settings settings, Record record, CancelToken cancel)
{
    if (record.registration.kind == Registration::Kind::Configured)
        record.registration.secret = settings.clientSecret;
    Fields fields = {
        {QStringLiteral("grant_type"), QStringLiteral("refresh_token")},
        {QStringLiteral("refresh_token"), record.refresh},
        {QStringLiteral("resource"), record.resource},
    };
    auto tokens = co_await askTokens(options, config, record.tokenEndpoint, record.issuer, record.registration, std::move(fields), cancel);
    if (!tokens)
        co_return tokens.error();
    const QStringList granted = record.granted;
    take(record, *tokens, options->clock->nowUs());
    if (!tokens->scopes)
        record.granted = granted;
    co_return record;
}

Task<Result<void>> revoked(Options options, McpServerConfig config, Settings settings, Record record, CancelToken cancel)
{
    Result<void> result;
    if (!urlProblem(record.revocationEndpoint, QString()).isEmpty())
        co_return result;
    if (record.registration.kind == Registration::Kind::Configured)
        record.registration.secret = settings.clientSecret;
    // The refresh token first: it is the one that lives long.
    const QStringList tokens{record.refresh, record.access};
    for (qsizetype i = 0; i < tokens.size(); ++i) {
        if (tokens[i].isEmpty())
            continue;
        Fields fields{{QStringLiteral("token"), tokens[i]},
                      {QStringLiteral("token_type_hint"), i == 0 ? QStringLiteral("refresh_token") : QStringLiteral("access_token")}};
        HttpRequest request = formRequest(config, record.revocationEndpoint, record.registration, std::move(fields));
        request.totalTimeoutMs = options->revokeSeconds * 1000;
        const auto answer = co_await options->http->fetch(std::move(request), cancel);
        if (cancel.isCancelled()) // the HTTP client may be gone
            co_return Error::cancelled();
        if (!answer)
            result = answer.error();
        else if (answer->status != 200) // RFC 7009 2.2: also of a token that is void already
            result = Error(ErrorKind::Provider, QStringLiteral("It answered with status %1.").arg(answer->status));
    }
    co_return result;
}

Task<Result<Record>> ownAccount(Options options, McpServerConfig config, Settings settings, Discovered found, QStringList scopes, Record former,
                                CancelToken cancel)
{
    auto registration = knownRegistration(*options, config, settings, found.server, former);
    if (!registration)
        co_return registration.error();
    registration->authMethod = authMethod(*registration, found.server);
    Fields fields = {
        {QStringLiteral("grant_type"), QStringLiteral("client_credentials")},
        {QStringLiteral("resource"), found.resource},
    };
    if (!scopes.isEmpty())
        fields.emplace_back(QStringLiteral("scope"), scopes.join(QLatin1Char(' ')));
    auto tokens = co_await askTokens(options, config, found.server.tokenEndpoint, found.server.issuer, *registration, std::move(fields), cancel);
    if (!tokens)
        co_return tokens.error();
    tokens->refresh.clear(); // asked for anew as simply
    Record record = newRecord(found, *registration, scopes);
    take(record, *tokens, options->clock->nowUs());
    co_return record;
}

Task<Result<Record>> signedIn(Options options, McpServerConfig config, Settings settings, Discovered found, QStringList scopes, Record former,
                              CancelToken cancel)
{
    if (!options->browser) {
        co_return Error(ErrorKind::Denied, QStringLiteral("%1 wants a sign-in at %2, and there is nobody to do it here. Connect the tool once in "
                                                          "the window.").arg(config.name, quotable(found.server.issuer)));
    }
    auto registration = knownRegistration(*options, config, settings, found.server, former);
    if (!registration)
        co_return registration.error();

    auto listening = OauthRedirect::listen(quint16(registration->redirectPort));
    if (!listening && registration->kind == Registration::Kind::Dynamic) {
        registration = Registration(); // its port is taken: registered anew with another
        listening = OauthRedirect::listen(0);
    }
    if (!listening)
        co_return listening.error();
    const std::shared_ptr<OauthRedirect> redirect = std::move(*listening);
    if (registration->kind == Registration::Kind::None) {
        auto fresh = co_await registered(options, config, found.server, redirect->uri(), scopes, cancel);
        if (!fresh)
            co_return fresh.error();
        registration = std::move(*fresh);
    }
    registration->authMethod = authMethod(*registration, found.server);

    const QByteArray state = randomText();
    const QByteArray verifier = randomText();
    OauthSignIn signIn;
    signIn.server = config.name;
    signIn.serverUrl = config.url;
    signIn.issuer = found.server.issuer;
    signIn.scopes = scopes;
    signIn.redirectUri = redirect->uri();
    signIn.authorizationUrl = authorizationUrl(found, *registration, redirect->uri(), scopes, state, verifier);
    tell(options, config, QStringLiteral("The person is asked to sign in at %1; the browser comes back to %2.")
                              .arg(quotable(found.server.issuer), redirect->uri().toString()));
    const Completion<Result<QUrl>> came;
    CancelSource both(cancel);
    awaitRedirect(redirect, QString::fromLatin1(state), qint64(options->signInSeconds) * 1000, options->clock, came, both.token());
    if (!came.isDone())
        openBrowser(options->browser, std::move(signIn), came, both.token());
    const auto registrationOfCancel = cancel.onCancelled([came] { came.complete(Error::cancelled()); });
    auto back = co_await came;
    both.cancel();
    if (!back && back.error().kind == ErrorKind::Timeout) {
        co_return Error(ErrorKind::Timeout, QStringLiteral("Nobody finished the sign-in of %1 at %2 within %3 seconds. Try again.")
                                                .arg(config.name, quotable(found.server.issuer), QString::number(options->signInSeconds)));
    }
    if (!back)
        co_return back.error();
    const auto code = codeOf(*back, state, found.server);
    if (!code)
        co_return code.error();
    tell(options, config, QStringLiteral("The browser came back from %1 with a code.").arg(quotable(found.server.issuer)));

    Fields fields = {
        {QStringLiteral("grant_type"), QStringLiteral("authorization_code")},
        {QStringLiteral("code"), *code},
        {QStringLiteral("redirect_uri"), redirect->uri().toString(QUrl::FullyEncoded)},
        {QStringLiteral("code_verifier"), QString::fromLatin1(verifier)},
        {QStringLiteral("resource"), found.resource},
    };
    auto tokens = co_await askTokens(options, config, found.server.tokenEndpoint, found.server.issuer, *registration, std::move(fields), cancel);
    if (!tokens)
        co_return tokens.error();
    Record record = newRecord(found, *registration, scopes);
    take(record, *tokens, options->clock->nowUs());
    co_return record;
}

} // namespace lathe::oauth
