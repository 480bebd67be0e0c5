// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mcp/OauthAuthorizer.h"
#include "core/mcp/OauthMetadata.h"
#include "core/mcp/OauthRecord.h"

// The exchanges that a sign-in is made of. They keep nothing; the options' http, clock and store must outlive them. Main thread.
namespace lathe::oauth {

using Options = std::shared_ptr<const OauthOptions>;

// A step of the sign-in, for the server's log.
void tell(const Options &options, const McpServerConfig &config, const QString &text);

// Who guards a server, as found out now.
struct Discovered {
    QString resource; // indicator to ask tokens for
    std::optional<QStringList> resourceScopes;
    ServerMetadata server;
    Discovered() = default;
};
// `knownIssuer` is preferred when the server names several.
Task<Result<Discovered>> discover(Options options, McpServerConfig config, Challenge challenge, QString knownIssuer, CancelToken cancel);

// A new token for a refresh token. Denied with cause "invalid_grant" or "invalid_client" when the sign-in is over.
Task<Result<Record>> refreshed(Options options, McpServerConfig config, Settings settings, Record record, CancelToken cancel);

// Tells the authorization server that the tokens of the record are void. Waits options->revokeSeconds for each answer. An error says that at
// least one may live on; nothing to do when the record has none, or the server no revocation endpoint.
Task<Result<void>> revoked(Options options, McpServerConfig config, Settings settings, Record record, CancelToken cancel);

// A token for Lathe's own account (the grant client_credentials); asks nobody.
Task<Result<Record>> ownAccount(Options options, McpServerConfig config, Settings settings, Discovered found, QStringList scopes, Record former,
                                CancelToken cancel);

// The way through the browser; gives the record to keep. `scopes`: to ask for. `former`: its registration is used when it is of the same issuer.
Task<Result<Record>> signedIn(Options options, McpServerConfig config, Settings settings, Discovered found, QStringList scopes, Record former,
                              CancelToken cancel);

} // namespace lathe::oauth
