// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JsonView.h"
#include "core/llm/ProviderCodec.h"

// What the four codecs share. Pure functions, any thread.
namespace lathe::codec {

// JSON object of one event or body. Invalid UTF-8 is mended; other nonsense is a Protocol error that quotes at most 200
// characters of it. `model` is for the message.
Result<QJsonObject> parseObject(const QByteArray &data, const QString &model);
// The same for reading only, many times as quick.
Result<json::Document> parseDocument(const QByteArray &data, const QString &model);
Error malformed(const QString &model, const QString &what, QByteArrayView data);
// The stream ended before the answer was complete.
Error incomplete(const QString &model);
// At most `max` characters, line breaks as blanks, "..." when cut.
QString excerpt(QByteArrayView bytes, int max);

// What an error body says, whichever of the usual shapes it has. `code` is code, type or status joined by blanks.
struct ErrorBody {
    QString message;
    QString code;
    qint64 retryAfterMs = -1; // Google puts it into the body
    qint64 promptTokens = 0;  // llama-server, when the context is too small
    qint64 contextTokens = 0;
};
ErrorBody parseErrorBody(const QByteArray &body);
// A sentence for the user about a non-2xx answer.
Error decodeHttpError(const HttpResponse &response, const ConnectionSpec &connection,
                      const QString &model);
// An error object that came inside an answer whose status was 2xx (a stream that had begun).
Error streamError(const QJsonObject &object, const QString &model);

// All system messages, joined by blank lines.
QString systemText(const ChatRequest &request);
// Text that asks for JSON by a schema, for models without structured output: prompts/parts/output_schema.md.
QString schemaInstruction(const OrderedObject &schema);
// Compact text of `body` in which `text` stands for the value at `path`; an empty one or no such value: just the text. Keeps an
// order of members that QJsonObject would lose.
QByteArray withText(const QJsonObject &body, const std::vector<QLatin1String> &path, const QByteArray &text);
// A call's arguments as an object; text that is none becomes {"invalid_json": text}, because every provider refuses
// a conversation with broken arguments in it.
QJsonObject argumentsObject(const QString &text);
// [a-zA-Z0-9_-]{1,64}, `fallback` when nothing is left.
QString cleanName(const QString &name, const QString &fallback);
// The schema of a tool or output; an empty one as an object without properties.
QJsonObject objectSchema(const QJsonObject &schema);
// Index of the first message after the last one of the user: what belongs to the current turn.
size_t turnStart(const ChatRequest &request);

// Opaque provider data in MessagePart::signature, marked with who may have it back.
QString seal(const QString &api, const QString &model, const QJsonObject &data);
// The data, when it came from this API and model; else empty.
QJsonObject unseal(const QString &signature, const QString &api, const QString &model);

FinishReason withCalls(FinishReason reason, bool hasCalls);
// "id" of each element of `data` (OpenAI and Anthropic), sorted.
Result<QStringList> modelIds(const QByteArray &body);

} // namespace lathe::codec
