// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/ChatModel.h"

namespace lathe {

class WorkerThread;

// The offline model "extractive": no weights, no network, deterministic. It reads its input: follows format instructions
// (bullets, JSON by schema, word limits), picks tools by matching the request with their names, descriptions and schemas and
// fills arguments by rule, plans by splitting the task, routes, summarises by extraction, judges by overlap with criteria.
// Honest: it never pretends to know what is not in its input. Streams word by word. One token is counted per word or sign.
// Small requests are answered at once on the main thread, large ones on a thread of the model, which may be dropped meanwhile.
class OfflineModel : public ChatModel
{
public:
    // tokensPerSecond > 0 paces the stream (with `clock`); 0 streams at once.
    explicit OfflineModel(Clock *clock = nullptr, int tokensPerSecond = 0);
    Task<Result<ChatResponse>> chat(ChatRequest request, ChatSinks sinks, CancelToken cancel) override;
    QString providerName() const override { return QStringLiteral("lathe.offline"); }
    Task<Result<QStringList>> listModels(CancelToken cancel) override;
    Task<Result<std::vector<Embedding>>> embed(QString model, QStringList texts, CancelToken cancel) override;
    // The answer as a pure function of the request. Any thread.
    static ChatResponse answer(const ChatRequest &request);

private:
    Clock *m_clock;
    int m_tokensPerSecond;
    std::shared_ptr<WorkerThread> m_worker; // made with the first large request; chats under way share it
};

} // namespace lathe
