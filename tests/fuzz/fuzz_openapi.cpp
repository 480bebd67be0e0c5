// SPDX-License-Identifier: GPL-3.0-or-later
// The import of an OpenAPI document: no crash, no endless work, small results that the schema checker takes, and calls that can be made.
// fuzzed: core/tool/OpenApiImport.cpp
// fuzzed: core/tool/OpenApiOperations.cpp
// fuzzed: core/tool/OpenApiSchema.cpp
// fuzzed: core/tool/OpenApiSwagger.cpp
#include "core/base/Json.h"
#include "core/tool/OpenApiImport.h"
#include "core/tool/SchemaNormalizer.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    using namespace lathe;
    const QByteArray bytes(reinterpret_cast<const char *>(data), qsizetype(size));
    const auto document = parseOpenApi(bytes, QStringLiteral("https://a.example/openapi.json"));
    if (!document)
        return 0;
    const QJsonObject config = openApiConfig(*document, {}, QString(), suggestedAuth(*document));
    for (const ToolFunction &function : toolFunctions(config)) {
        for (const QJsonObject &schema : {function.inputSchema, function.outputSchema}) {
            // Far more than what is in the document: a reference was followed once too often.
            if (json::compact(schema).size() > 16 * 1024 * 1024)
                std::abort();
            if (!schema.isEmpty() && !normalizeSchema(schema))
                std::abort();
        }
        if (ToolFunction::fromJson(function.toJson()).fingerprint() != function.fingerprint())
            std::abort();
    }
    return 0;
}
