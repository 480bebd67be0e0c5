// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/AgentSpec.h"
#include "core/llm/ChatModel.h"
#include "core/llm/Prices.h"

namespace lathe {

// A model an agent may use. The adapter is made when first needed, so that a missing key of a fallback hurts nobody.
struct ModelBinding {
    ModelChoice choice;
    QString provider; // gen_ai.provider.name; empty: the adapter says it
    std::function<Result<std::shared_ptr<ChatModel>>()> make;
};

// One chat over the chain: the first model, then the fallbacks when a model fails in a way another may not.
struct ChainAnswer {
    std::optional<ChatResponse> response;
    std::optional<Error> error; // set when response is not
    ModelChoice used;
    QString provider;
    std::vector<ChatNotice> notices;
    QString partialText; // of a failure: what had streamed before it
    QJsonObject toJson() const; // for the journal
    QByteArray toText() const;  // json::compact(toJson()), without making the object
    static ChainAnswer fromJson(const QJsonObject &json);
};
Task<ChainAnswer> chatOverChain(std::vector<ModelBinding> chain, ChatRequest request, ChatSinks sinks, CancelToken cancel);

QJsonArray noticesToJson(const std::vector<ChatNotice> &notices);
std::vector<ChatNotice> noticesFromJson(const QJsonArray &json);
// How many of them say that a call was tried again.
int retriesIn(const std::vector<ChatNotice> &notices);

// Errors in the journal and the trace.
QJsonObject errorToJson(const Error &error);
Error errorFromJson(const QJsonObject &json);

} // namespace lathe
