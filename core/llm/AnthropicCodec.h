// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/ProviderCodec.h"

namespace lathe {

// Anthropic Messages. https://platform.claude.com/docs/en/api/messages
class AnthropicCodec : public ProviderCodec
{
public:
    QString providerName() const override { return QStringLiteral("anthropic"); }
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
