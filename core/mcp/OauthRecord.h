// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mcp/McpTypes.h"

#include <QStringList>

#include <functional>

// What is kept of a sign-in, and what config.auth says. Values; they hold secrets and never reach a log.
namespace lathe::oauth {

// How Lathe is known to one authorization server.
struct Registration {
    enum class Kind { None, Configured, MetadataDocument, Dynamic };
    Kind kind = Kind::None;
    QString id, secret;
    QString authMethod;    // of the token endpoint; empty: by what the server supports
    int redirectPort = 0;  // registered with it
    qint64 secretExpiresUs = 0; // 0: never
    Registration() = default;
};

// The sign-in at one MCP server. Everything in it belongs to `issuer` and is never shown to another.
struct Record {
    QString issuer;
    QString tokenEndpoint;
    QString revocationEndpoint; // empty: it has none
    QString resource; // indicator that the tokens were asked for
    Registration registration;
    QStringList requested; // scopes of the last sign-in
    QStringList granted;
    QString access, refresh;
    qint64 expiresUs = 0; // 0: unknown

    Record() = default;
    QByteArray toJson() const;
    // An empty record when the text is not one of ours.
    static Record fromJson(const QByteArray &text);
    void dropTokens();
};

// config.auth with its secrets put in.
struct Settings {
    QString clientId, clientSecret, issuer, metadataUrl, authMethod;
    QStringList scopes;
    int redirectPort = 0;
    bool ownAccount = false; // the grant "client_credentials": Lathe acts for itself, nobody signs in
    Settings() = default;
    // InvalidInput: a member of the wrong kind, or a secret that is not there.
    static Result<Settings> of(const McpServerConfig &config, const std::function<QString(const QString &)> &secret);
};

// The name of the secret that keeps the record of a server.
QString recordName(const McpServerConfig &config);

} // namespace lathe::oauth
