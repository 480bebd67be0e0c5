// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/design/ToolSpec.h"

namespace lathe {

// An OpenAPI 3.0 or 3.1 (or Swagger 2.0) document as tools: what a person chooses from before anything is called. Values only; nothing here reaches the
// network, a $ref outside of the document is refused.

struct OpenApiServer {
    QString url; // variables filled by their defaults; resolved against where the document came from when that is known
    QString description;
    bool operator==(const OpenApiServer &) const = default;
};

struct OpenApiSecurity {
    QString id;     // its name in the document
    QString type;   // "apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"
    QString in;     // of apiKey: "header", "query", "cookie"
    QString name;   // of apiKey: of the header, parameter or cookie
    QString scheme; // of http: "bearer", "basic", ...
    QString description;
    bool operator==(const OpenApiSecurity &) const = default;
};

// How calls prove who they are. Goes into the tool's config.
struct OpenApiAuth {
    QString kind = QStringLiteral("none"); // "none", "bearer", "basic", "header", "query", "cookie"
    QString name;                          // of the header, parameter or cookie
    QString value;                         // holds {{secret:NAME}}; of basic "user:{{secret:NAME}}"
    bool operator==(const OpenApiAuth &) const = default;
};

struct OpenApiOperation {
    ToolFunction function; // name, description, schemas, request; enabled unless deprecated or it cannot be called
    QString method;        // "GET"
    QString path;          // "/pets/{id}"
    QString summary;
    QStringList tags;
    bool deprecated = false;
    QString problem;  // why it cannot be called; empty: it can
    QStringList notes; // what of it was simplified or left out
    bool operator==(const OpenApiOperation &) const = default;
};

struct OpenApiDocument {
    QString title;
    QString version;     // of the API
    QString description; // written by a stranger
    QString openapi;     // "3.0.3", "Swagger 2.0"
    std::vector<OpenApiServer> servers;
    std::vector<OpenApiSecurity> security; // what the document offers, those it asks for by default first
    std::vector<OpenApiOperation> operations; // in the order of their paths
    QStringList notes;
    bool operator==(const OpenApiDocument &) const = default;
};

constexpr qsizetype maxOpenApiBytes = 32 * 1024 * 1024;

// `source`: URL the document came from, for relative servers; may be empty. Errors: InvalidInput (no OpenAPI document, of another
// version, too large). Single operations that cannot be used do not fail the document: OpenApiOperation::problem says why.
Result<OpenApiDocument> parseOpenApi(const QJsonObject &document, const QString &source = QString());
// The same from JSON bytes. YAML: core/session/ToolImports.h.
Result<OpenApiDocument> parseOpenApi(const QByteArray &json, const QString &source = QString());

// The way of auth that the document asks for, with a secret named after the API: {"header", "X-API-Key", "{{secret:PETSTORE_KEY}}"}.
OpenApiAuth suggestedAuth(const OpenApiDocument &document);

// The config of an "openapi" tool with the chosen operations (names of functions; empty: all that can be called). Others are kept out.
// `baseUrl` empty: the document's first server.
QJsonObject openApiConfig(const OpenApiDocument &document, const QStringList &chosen, const QString &baseUrl, const OpenApiAuth &auth);

} // namespace lathe
