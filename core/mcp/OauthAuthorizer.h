// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "core/mcp/McpAuthorizer.h"

#include <QStringList>
#include <QUrl>

#include <functional>
#include <memory>

namespace lathe {

class HttpClient;

// Where sign-ins are kept between two starts: one secret for each server (JSON of tokens and client registration). The session does it
// over its SecretStore. Names look like "mcp-oauth-HOST-0123456789abcdef"; a value may be some kilobytes. Main thread.
class OauthTokenStore
{
public:
    virtual ~OauthTokenStore() = default;
    virtual Task<Result<QString>> read(QString name) = 0; // NotFound when there is none
    virtual Task<Result<void>> write(QString name, QString value) = 0; // an empty value removes it
};

// One sign-in that a person is to do in a browser.
struct OauthSignIn {
    QString server;       // name of the tool artifact
    QString serverUrl;    // of the MCP server
    QString issuer;       // who asks for the password: its URL; show the host
    QStringList scopes;   // asked for; may be empty
    QUrl authorizationUrl; // to open
    QUrl redirectUri;     // where the browser comes back to: http://127.0.0.1:PORT/callback, which listens already
    OauthSignIn() = default;
};

// Brings a sign-in before the person (asking first is the callee's matter) and opens `authorizationUrl` in a browser. Gives an empty URL once
// that is done: the authorizer goes on waiting for the redirect. Or, when the browser runs elsewhere and cannot reach 127.0.0.1 here, the
// whole address it was sent back to, as the person pasted it. An error (Denied, Cancelled) ends the sign-in with its message. `cancel` is
// also cancelled when the redirect came in: whatever still asks the person then closes. May be dropped by the authorizer after that.
using OauthBrowser = std::function<Task<Result<QUrl>>(OauthSignIn signIn, CancelToken cancel)>;

struct OauthOptions {
    HttpClient *http = nullptr; // both must outlive the authorizer
    Clock *clock = nullptr;
    OauthTokenStore *store = nullptr; // null: kept in memory only; must outlive the authorizer
    OauthBrowser browser;             // empty: whatever needs a person is refused with that sentence
    // Value of a secret that config.auth.client_secret names; empty when unknown.
    std::function<QString(const QString &name)> secret;
    // Lathe's own client id metadata document (https URL), used where the authorization server supports it; config.auth wins.
    QString clientMetadataUrl;
    QString clientName = QStringLiteral("Lathe");
    int signInSeconds = 300;        // for the person; then Timeout
    int revokeSeconds = 5;          // for each token when the person signs out
    int maxSignInsPerServer = 3;    // in a row, without a token that stayed good for a minute
    // One line for the log of the server about each step of its sign-in; never holds a token, code, verifier or secret.
    std::function<void(const McpServerConfig &server, const QString &text)> log;
    OauthOptions() = default;
};

// OAuth 2.1 as MCP wants it (revisions 2025-11-25 and 2026-07-28): protected resource metadata (RFC 9728), authorization server metadata
// (RFC 8414, OpenID Connect discovery), PKCE S256 (required), resource indicators (RFC 8707), issuer check (RFC 9207); the client is
// pre-registered (config.auth.client_id), a client id metadata document, or registered dynamically (RFC 7591); refresh tokens, step-up of
// scopes. Everything a server says is untrusted: bounded in size, https only (http for loopback), no redirects. Main thread.
// config.auth: {client_id?, client_secret?: text with {{secret:NAME}}, scopes?: "a b" or [..], client_metadata_url?, redirect_port?: int,
// issuer?: the only one that may see client_id and client_secret, grant?: "authorization_code" or "client_credentials" (nobody signs in),
// token_endpoint_auth_method?: "none" | "client_secret_basic" | "client_secret_post"}.
class OauthAuthorizer : public McpAuthorizer
{
public:
    explicit OauthAuthorizer(OauthOptions options);
    ~OauthAuthorizer() override; // sign-ins under way are Cancelled
    Q_DISABLE_COPY_MOVE(OauthAuthorizer)

    // "Bearer ..." when there is a token; refreshes one that is about to end. Never asks the person.
    Task<Result<QByteArray>> authorization(McpServerConfig config, CancelToken cancel) override;
    // 401: refresh, else sign in. 403 with insufficient_scope: sign in with more scopes. Else false.
    // Two challenges of one server at once lead to one sign-in.
    Task<Result<bool>> challenged(McpServerConfig config, HttpResponse answer, CancelToken cancel) override;

    // Forgets tokens and registration of a server (the person signs out), also in the store. After that, where the authorization server has
    // a revocation endpoint (RFC 7009), the tokens are told to be void; that it cannot be reached or refuses is only logged.
    Task<Result<void>> forget(McpServerConfig config);
    // What the window shows. signedIn: a token is there (may have ended).
    struct Status {
        Status() = default;
        bool signedIn = false;
        QString issuer;
        QStringList scopes;
        qint64 expiresUs = 0; // 0: unknown
    };
    Task<Result<Status>> status(McpServerConfig config);

private:
    class Private;
    std::shared_ptr<Private> d; // shared with what is under way
};

} // namespace lathe
