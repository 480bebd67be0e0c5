// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/ProviderCodec.h"

#include "core/llm/AnthropicCodec.h"
#include "core/llm/GeminiCodec.h"
#include "core/llm/OpenAiChatCodec.h"
#include "core/llm/OpenAiResponsesCodec.h"

namespace lathe {

std::unique_ptr<ProviderCodec> makeProviderCodec(const QString &api)
{
    if (api == QLatin1String("openai_chat"))
        return std::make_unique<OpenAiChatCodec>();
    if (api == QLatin1String("openai_responses"))
        return std::make_unique<OpenAiResponsesCodec>();
    if (api == QLatin1String("anthropic"))
        return std::make_unique<AnthropicCodec>();
    if (api == QLatin1String("gemini"))
        return std::make_unique<GeminiCodec>();
    return nullptr;
}

} // namespace lathe
