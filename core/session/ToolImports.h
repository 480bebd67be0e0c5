// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"
#include "core/tool/CurlCommand.h"
#include "core/tool/OpenApiImport.h"

namespace lathe {

class HttpClient;

// What a person brings in to make tools of. Values; the project is not touched. Main thread.

// An API document and what it came from.
struct ApiImport {
    OpenApiDocument document;
    OpenApiAuth auth; // suggested
    QString name;     // suggested for the artifact: the title
    // The body of an "openapi" tool; arguments as openApiConfig()'s.
    QJsonObject toolBody(const QStringList &chosen, const QString &baseUrl, const OpenApiAuth &auth) const;
    ApiImport() = default;
};

struct CurlImport {
    QString name; // suggested for the artifact
    QJsonObject body; // of a "request" tool
    std::vector<CurlSecret> secrets; // to be written to the keychain when the person agrees
    QStringList notes;
    CurlImport() = default;
};

// JSON or YAML. `source`: the URL or file it was read from, may be empty. Errors: InvalidInput.
Result<ApiImport> importOpenApi(const QByteArray &bytes, const QString &source = QString());
// Whether the text may be an OpenAPI document, for a field where anything may be pasted. Cheap.
bool looksLikeOpenApi(const QString &text);

Result<CurlImport> importCurl(const QString &text);

// The bytes at an http(s) URL that a person typed; at most 32 MB. It may lie in the local network, but no other server may send on into it.
// Errors of the transport, and Provider for a status of 400 and above. `http` must outlive the task.
Task<Result<QByteArray>> fetchDocument(HttpClient *http, QString url, CancelToken cancel);

} // namespace lathe
