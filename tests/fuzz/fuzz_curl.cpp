// SPDX-License-Identifier: GPL-3.0-or-later
// The parser of curl commands: no crash, and what it takes makes a request that can be rendered.
// fuzzed: core/tool/CurlCommand.cpp
// fuzzed: core/tool/CurlReader.cpp
// fuzzed: core/tool/CurlWords.cpp
// fuzzed: core/tool/RequestTemplate.cpp
#include "core/tool/CurlCommand.h"
#include "core/tool/RequestTemplate.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    using namespace lathe;
    const QString text = QString::fromUtf8(reinterpret_cast<const char *>(data), qsizetype(size));
    looksLikeCurlCommand(text);
    const auto command = parseCurlCommand(text);
    if (!command)
        return 0;
    command->suggestedName();
    const auto request = RequestTemplate::fromConfig(command->toConfig());
    if (!request)
        std::abort(); // what the import offers must be usable
    SecretSource source;
    source.secret = [](const QString &) { return QStringLiteral("value\" & ../ \\"); };
    QJsonObject arguments;
    for (const QString &name : request->schema().value(QLatin1String("properties")).toObject().keys())
        arguments.insert(name, QStringLiteral("a/../b\r\nX: y&z=\"%00"));
    if (const auto call = request->render(arguments, source)) {
        for (const auto &[name, value] : call->request.headers) {
            if (name.contains('\n') || value.contains('\n') || value.contains('\r'))
                std::abort();
        }
        if (call->request.url.contains(QLatin1String("a/../b")))
            std::abort();
    }
    return 0;
}
