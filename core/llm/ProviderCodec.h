// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/ChatModel.h"

namespace lathe {

// Reads one answer, event by event, whatever the wire format. Made per request; main thread.
class AnswerReader
{
public:
    virtual ~AnswerReader() = default;
    // One SSE event; deltas it holds go to `sink`. A malformed or error event is an error.
    virtual Result<void> event(const SseEvent &event, const std::function<void(const ChatDelta &)> &sink) = 0;
    // The whole body of an answer that did not stream.
    virtual Result<void> body(const QByteArray &body, const std::function<void(const ChatDelta &)> &sink) = 0;
    // After the end: the response, or Protocol when the stream ended before it was complete.
    virtual Result<ChatResponse> finish() = 0;
};

// One provider wire format, pure: no I/O, so each is tested on recorded bytes.
class ProviderCodec
{
public:
    virtual ~ProviderCodec() = default;
    virtual QString providerName() const = 0;
    virtual HttpRequest encode(const ChatRequest &request, const ConnectionSpec &connection, const QString &secret) const = 0;
    virtual std::unique_ptr<AnswerReader> makeReader(const ChatRequest &request) const = 0;
    // A non-2xx answer as an error with a sentence for the user; understands the provider's error bodies.
    virtual Error decodeError(const HttpResponse &response, const ConnectionSpec &connection, const QString &model) const = 0;
    virtual HttpRequest encodeListModels(const ConnectionSpec &connection, const QString &secret) const = 0;
    virtual Result<QStringList> decodeListModels(const QByteArray &body) const = 0;
};

// "openai_chat", "openai_responses", "anthropic" or "gemini"; null for others.
std::unique_ptr<ProviderCodec> makeProviderCodec(const QString &api);

} // namespace lathe
