// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/ProviderCodec.h"

namespace lathe {

// A model behind HTTP, whatever its wire format: asks, reads the stream, tries again as the connection's retry policy
// says. It may be dropped while a chat is under way; `http` and `clock` must outlive the chat. Main thread.
// Notices: "retry" with attempt (the one to come), delay_ms, reason, error.type, http.response.status_code, and
// `adapted` when the request was changed because the server refused something in it.
class HttpChatModel : public ChatModel
{
public:
    HttpChatModel(ConnectionSpec connection, QString secret, std::unique_ptr<ProviderCodec> codec,
                  HttpClient *http, Clock *clock);
    Task<Result<ChatResponse>> chat(ChatRequest request, ChatSinks sinks,
                                    CancelToken cancel) override;
    QString providerName() const override;
    Task<Result<QStringList>> listModels(CancelToken cancel) override;
    Task<Result<std::vector<Embedding>>> embed(QString model, QStringList texts, CancelToken cancel) override;

private:
    struct Shared;
    struct Attempt;
    static Task<Result<ChatResponse>> run(std::shared_ptr<const Shared> shared, ChatRequest request,
                                          ChatSinks sinks, CancelToken cancel);
    static Task<Result<ChatResponse>> once(std::shared_ptr<const Shared> shared, HttpRequest http,
                                           QString model, std::shared_ptr<Attempt> attempt,
                                           CancelToken cancel);
    static Task<Result<std::vector<Embedding>>> embedTexts(std::shared_ptr<const Shared> shared, QString model, QStringList texts,
                                                          CancelToken cancel);
    static Task<Result<QStringList>> list(std::shared_ptr<const Shared> shared, CancelToken cancel);

    std::shared_ptr<const Shared> m_shared;
};

} // namespace lathe
