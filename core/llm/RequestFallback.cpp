// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/RequestFallback.h"

#include "core/llm/CodecSupport.h"

#include <algorithm>

namespace lathe {

namespace {
bool has(const QString &text, std::initializer_list<const char *> words)
{
    return std::any_of(words.begin(), words.end(), [&text](const char *word) {
        return text.contains(QLatin1String(word), Qt::CaseInsensitive);
    });
}

void sayInSystem(ChatRequest &request, const QString &text)
{
    auto at = request.messages.begin();
    while (at != request.messages.end() && at->role == Role::System)
        ++at;
    request.messages.insert(at, Message(Role::System, text));
}

bool dropSignatures(ChatRequest &request)
{
    bool dropped = false;
    for (Message &message : request.messages) {
        for (MessagePart &part : message.parts) {
            dropped |= !part.signature.isEmpty();
            part.signature.clear();
        }
    }
    return dropped;
}
} // namespace

std::optional<QString> adaptRequest(ChatRequest &request, const Error &refusal)
{
    const int status = refusal.httpStatus;
    if (refusal.kind != ErrorKind::InvalidInput && status != 501)
        return std::nullopt;
    if (status != 400 && status != 422 && status != 501)
        return std::nullopt;
    const QString text = refusal.message + QLatin1Char('\n') + refusal.cause;
    const bool aboutTools = has(text, {"function", "tools"});
    if (request.outputSchema && !aboutTools
        && has(text,
               {"response_format", "json_schema", "output_config", "output_format",
                "responseJsonSchema", "response_json_schema", "responseSchema", "response_schema",
                "response_mime_type", "text.format", "structured output", "grammar", "schema"})) {
        sayInSystem(request, codec::schemaInstruction(*request.outputSchema));
        request.outputSchema.reset();
        return QStringLiteral(
            "Structured output was refused; the schema is given in words instead.");
    }
    if ((request.temperature || request.topP) && has(text, {"temperature", "top_p", "topP"})) {
        request.temperature.reset();
        request.topP.reset();
        return QStringLiteral(
            "The model takes no sampling settings; temperature and top_p are left out.");
    }
    if (has(text, {"thinking", "signature", "reasoning", "encrypted_content"})
        && dropSignatures(request))
        return QStringLiteral("The earlier reasoning was refused; it is left out.");
    if (request.stream && has(text, {"stream"})) {
        request.stream = false;
        return QStringLiteral("Streaming was refused; the answer comes in one piece.");
    }
    return std::nullopt;
}

} // namespace lathe
