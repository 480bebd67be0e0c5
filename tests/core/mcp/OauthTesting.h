// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A guarded MCP server and its authorization server, for tests of sign-ins. Both listen on loopback, each on a port of its own.

#include "core/base/Json.h"
#include "core/http/HttpClient.h"
#include "core/mcp/OauthAuthorizer.h"
#include "core/mcp/OauthMetadata.h"
#include "tests/support/Await.h"
#include "tests/support/FakeClock.h"
#include "tests/support/ScriptedHttpServer.h"

#include <QMutex>
#include <QTest>
#include <QUrlQuery>

namespace lathe::test {

class FakeAuthorizationServer
{
public:
    // How it misbehaves or what it offers; set before use.
    QJsonObject metadata;     // over the usual; null removes a member
    QString issInAnswer;      // sent as `iss`
    QString stateInAnswer;    // instead of the true one
    QString extraInAnswer;    // appended to the redirect's query
    QString answerError;      // instead of a code
    QByteArray tokenAnswer;   // instead of tokens
    int tokenStatus = 0;
    int expiresIn = 3600;
    bool givesRefresh = true;
    bool rotatesRefresh = true;
    bool knowsRefresh = true; // false: invalid_grant
    bool knowsOwnAccount = false; // the grant client_credentials
    bool knowsClient = true;  // false: invalid_client
    int revokeStatus = 200;   // of /revoke, which the metadata must name; 0: never answers
    QString registeredSecret;
    QString registeredMethod;
    QString grantedScope; // instead of what was asked

    FakeAuthorizationServer()
    {
        m_server.setHandler([this](const HttpSeen &request) { return answer(request); });
        m_server.start();
    }
    QString issuer() const { return QStringLiteral("http://127.0.0.1:%1").arg(m_server.port()); }
    int count(const QByteArray &path) const
    {
        int found = 0;
        for (const HttpSeen &request : m_server.requests())
            found += request.path.split('?').first() == path ? 1 : 0;
        return found;
    }
    HttpSeen last(const QByteArray &path) const
    {
        HttpSeen found;
        for (const HttpSeen &request : m_server.requests()) {
            if (request.path.split('?').first() == path)
                found = request;
        }
        return found;
    }
    static QString field(const QByteArray &formBody, const char *name)
    {
        return QUrlQuery(QString::fromLatin1(formBody)).queryItemValue(QLatin1String(name), QUrl::FullyDecoded);
    }
    QString asked(const char *name) const { return field(last("/authorize").path.split('?').value(1), name); }
    QString tokenField(const char *name) const { return field(last("/token").body, name); }
    // Tokens given out so far are called token-1, token-2, ...
    int tokens() const
    {
        const QMutexLocker lock(&m_mutex);
        return m_tokens;
    }
    ScriptedHttpServer &http() { return m_server; }

private:
    HttpReply answer(const HttpSeen &request)
    {
        const QMutexLocker lock(&m_mutex);
        const QByteArray path = request.path.split('?').first();
        if (path == "/.well-known/oauth-authorization-server") {
            QJsonObject document{
                {QStringLiteral("issuer"), issuer()},
                {QStringLiteral("authorization_endpoint"), issuer() + QStringLiteral("/authorize")},
                {QStringLiteral("token_endpoint"), issuer() + QStringLiteral("/token")},
                {QStringLiteral("registration_endpoint"), issuer() + QStringLiteral("/register")},
                {QStringLiteral("code_challenge_methods_supported"), QJsonArray{QStringLiteral("S256")}},
                {QStringLiteral("token_endpoint_auth_methods_supported"),
                 QJsonArray{QStringLiteral("none"), QStringLiteral("client_secret_basic"), QStringLiteral("client_secret_post")}},
            };
            for (auto it = metadata.begin(); it != metadata.end(); ++it) {
                if (it->isNull())
                    document.remove(it.key());
                else
                    document.insert(it.key(), it.value());
            }
            return HttpReply::json(json::compact(document));
        }
        if (path == "/register") {
            QJsonObject client{{QStringLiteral("client_id"), QStringLiteral("client-%1").arg(++m_clients)}};
            if (!registeredSecret.isEmpty())
                client.insert(QStringLiteral("client_secret"), registeredSecret);
            if (!registeredMethod.isEmpty())
                client.insert(QStringLiteral("token_endpoint_auth_method"), registeredMethod);
            return HttpReply::json(json::compact(client), 201);
        }
        if (path == "/authorize")
            return authorize(request.path.split('?').value(1));
        if (path == "/token")
            return token(request.body);
        if (path == "/revoke")
            return revokeStatus ? HttpReply::text(revokeStatus, "") : HttpReply::never();
        return HttpReply::text(404, "nothing here");
    }

    HttpReply authorize(const QByteArray &query)
    {
        m_challenge = field(query, "code_challenge");
        m_scope = field(query, "scope");
        m_redirect = field(query, "redirect_uri");
        const QString state = stateInAnswer.isEmpty() ? field(query, "state") : stateInAnswer;
        std::vector<std::pair<QString, QString>> fields{{QStringLiteral("state"), state}};
        if (answerError.isEmpty())
            fields.emplace_back(QStringLiteral("code"), QStringLiteral("code+/1"));
        else
            fields.emplace_back(QStringLiteral("error"), answerError);
        if (!issInAnswer.isEmpty())
            fields.emplace_back(QStringLiteral("iss"), issInAnswer);
        return HttpReply::redirect(m_redirect.toUtf8() + '?' + oauth::form(fields) + extraInAnswer.toUtf8());
    }

    HttpReply token(const QByteArray &body)
    {
        const auto refuse = [](const char *error) { return HttpReply::json(QByteArray("{\"error\":\"") + error + "\",\"error_description\":\"no\"}", 400); };
        if (tokenStatus)
            return HttpReply::json(tokenAnswer, tokenStatus);
        if (!knowsClient)
            return refuse("invalid_client");
        QString scope = m_scope;
        if (field(body, "grant_type") == QLatin1String("refresh_token")) {
            if (!knowsRefresh || field(body, "refresh_token") != m_refresh)
                return refuse("invalid_grant");
        } else if (!knowsOwnAccount || field(body, "grant_type") != QLatin1String("client_credentials")) {
            const bool proven = QString::fromLatin1(oauth::codeChallenge(field(body, "code_verifier").toLatin1())) == m_challenge;
            if (!proven || field(body, "code") != QLatin1String("code+/1") || field(body, "redirect_uri") != m_redirect)
                return refuse("invalid_grant");
        }
        if (!grantedScope.isEmpty())
            scope = grantedScope;
        const QString number = QString::number(++m_tokens);
        QJsonObject tokens{{QStringLiteral("access_token"), QStringLiteral("token-") + number}, {QStringLiteral("token_type"), QStringLiteral("Bearer")},
                           {QStringLiteral("expires_in"), expiresIn}};
        if (!scope.isEmpty())
            tokens.insert(QStringLiteral("scope"), scope);
        if (givesRefresh && (m_refresh.isEmpty() || rotatesRefresh)) {
            m_refresh = QStringLiteral("refresh-") + number;
            tokens.insert(QStringLiteral("refresh_token"), m_refresh);
        }
        return HttpReply::json(json::compact(tokens));
    }

    mutable QMutex m_mutex;
    QString m_challenge, m_scope, m_redirect, m_refresh;
    int m_tokens = 0, m_clients = 0;
    ScriptedHttpServer m_server; // stops first
};

// Serves the protected resource metadata of "/mcp"; anything else is 404.
class FakeGuardedServer
{
public:
    QJsonObject metadata; // whole; empty: none
    FakeGuardedServer()
    {
        m_server.setHandler([this](const HttpSeen &request) {
            const QMutexLocker lock(&mutex);
            if (request.path == "/.well-known/oauth-protected-resource/mcp" && !metadata.isEmpty())
                return HttpReply::json(json::compact(metadata));
            return HttpReply::text(404, "nothing here");
        });
        m_server.start();
    }
    void guardedBy(const QStringList &issuers, const QStringList &scopes = QStringList())
    {
        const QMutexLocker lock(&mutex);
        metadata = {{QStringLiteral("resource"), url()}, {QStringLiteral("authorization_servers"), json::fromStringList(issuers)}};
        if (!scopes.isEmpty())
            metadata.insert(QStringLiteral("scopes_supported"), json::fromStringList(scopes));
    }
    QString url() const { return QStringLiteral("http://127.0.0.1:%1/mcp").arg(m_server.port()); }
    McpServerConfig config(const QJsonObject &auth = QJsonObject()) const
    {
        McpServerConfig config;
        config.name = QStringLiteral("tracker");
        config.transport = McpServerConfig::Transport::Http;
        config.url = url();
        config.auth = auth;
        return config;
    }
    static HttpResponse refusal(int status, const QByteArray &challenge)
    {
        HttpResponse answer;
        answer.status = status;
        answer.headers = {{"WWW-Authenticate", challenge}};
        return answer;
    }
    ScriptedHttpServer &http() { return m_server; }
    QMutex mutex;

private:
    ScriptedHttpServer m_server;
};

// Keeps secrets in memory.
class MemoryTokens : public OauthTokenStore
{
public:
    std::map<QString, QString> values;
    bool refuses = false;
    Task<Result<QString>> read(QString name) override
    {
        const auto it = values.find(name);
        if (it == values.end())
            co_return Error(ErrorKind::NotFound, QStringLiteral("none"));
        co_return it->second;
    }
    Task<Result<void>> write(QString name, QString value) override
    {
        if (refuses)
            co_return Error(ErrorKind::Denied, QStringLiteral("no keychain"));
        values[name] = value;
        co_return Result<void>();
    }
};

inline const QByteArray plain = "Bearer";
inline const QByteArray withScope = "Bearer scope=\"a\"";

// What tests of the authorizer share: both servers, a person's browser, and the authorizer with a clock that stands still.
class OauthFixture : public QObject
{
protected:
    void setUp()
    {
        clock = std::make_unique<FakeClock>();
        http = std::make_unique<HttpClient>();
        as = std::make_unique<FakeAuthorizationServer>();
        server = std::make_unique<FakeGuardedServer>();
        server->guardedBy({as->issuer()});
        store = std::make_unique<MemoryTokens>();
        lines.clear();
        signIns.clear();
        mode = Browser::Follows;
        make();
    }
    void tearDown()
    {
        authorizer.reset();
        for (const QString &line : lines) {
            for (const char *secret : {"token-", "refresh-", "code+", "s3cret"})
                QVERIFY2(!line.contains(QLatin1String(secret)), qPrintable(line));
        }
        QTRY_COMPARE_WITH_TIMEOUT(http->active(), 0, 20'000); // the browser may still read its last page
    }

    enum class Browser { Follows, Pastes, Refuses, Waits, None };

    void make()
    {
        OauthOptions options;
        options.http = http.get();
        options.clock = clock.get();
        options.store = store.get();
        options.revokeSeconds = 1;
        options.secret = [this](const QString &name) { return secrets[name]; };
        options.log = [this](const McpServerConfig &, const QString &text) { lines.append(text); };
        if (mode != Browser::None)
            options.browser = [this](OauthSignIn signIn, CancelToken cancel) { return browse(std::move(signIn), std::move(cancel)); };
        authorizer = std::make_unique<OauthAuthorizer>(options);
        config = server->config();
        questionClosed = browserDone = false;
    }
    Task<Result<QUrl>> browse(OauthSignIn signIn, CancelToken cancel)
    {
        signIns.push_back(signIn);
        if (mode == Browser::Refuses)
            co_return Error(ErrorKind::Denied, QStringLiteral("not now"));
        if (mode == Browser::Waits) {
            const Completion<bool> over;
            const auto registration = cancel.onCancelled([over] { over.complete(true); });
            co_await over;
            questionClosed = true;
            co_return Error::cancelled();
        }
        HttpRequest request;
        request.url = signIn.authorizationUrl.toString(QUrl::FullyEncoded);
        const auto page = co_await http->fetch(std::move(request), CancelToken());
        if (!page)
            co_return page.error();
        const QByteArray back = headerValue(page->headers, "location");
        if (mode == Browser::Pastes)
            co_return QUrl::fromEncoded(back);
        HttpRequest home;
        home.url = QString::fromLatin1(back);
        const auto done = co_await http->fetch(std::move(home), CancelToken());
        browserDone = true;
        if (!done)
            co_return done.error();
        co_return QUrl();
    }
    QByteArray header()
    {
        const auto value = test::await(authorizer->authorization(config, CancelToken()));
        return value ? *value : QByteArray("error");
    }
    Result<bool> challenge(int status, const QByteArray &header)
    {
        auto done = test::await(authorizer->challenged(config, FakeGuardedServer::refusal(status, header), CancelToken()));
        // The browser still reads its last page.
        [[maybe_unused]] const bool quiet = QTest::qWaitFor([this] { return http->active() == 0; }, 20'000);
        return done;
    }

    Browser mode = Browser::Follows;
    bool questionClosed = false, browserDone = false;
    std::unique_ptr<FakeClock> clock;
    std::unique_ptr<HttpClient> http;
    std::unique_ptr<FakeAuthorizationServer> as;
    std::unique_ptr<FakeGuardedServer> server;
    std::unique_ptr<MemoryTokens> store;
    std::map<QString, QString> secrets;
    QStringList lines;
    std::vector<OauthSignIn> signIns;
    McpServerConfig config;
    std::unique_ptr<OauthAuthorizer> authorizer;
};

} // namespace lathe::test
