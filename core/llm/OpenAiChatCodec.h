// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/ProviderCodec.h"

namespace lathe {

// OpenAI Chat Completions, and the many servers that speak it: llama-server, Ollama, vLLM, LM Studio, OpenRouter, Mistral,
// DeepSeek, xAI. https://platform.openai.com/docs/api-reference/chat
class OpenAiChatCodec : public ProviderCodec
{
public:
    QString providerName() const override { return QStringLiteral("openai"); }
    HttpRequest encode(const ChatRequest &request, const ConnectionSpec &connection,
                       const QString &secret) const override;
    std::unique_ptr<AnswerReader> makeReader(const ChatRequest &request) const override;
    Error decodeError(const HttpResponse &response, const ConnectionSpec &connection,
                      const QString &model) const override;
    HttpRequest encodeListModels(const ConnectionSpec &connection,
                                 const QString &secret) const override;
    Result<QStringList> decodeListModels(const QByteArray &body) const override;
};

} // namespace lathe
