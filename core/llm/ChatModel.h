// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "core/http/HttpClient.h"
#include "core/http/RetryPolicy.h"
#include "core/llm/ChatTypes.h"
#include "core/llm/Embeddings.h"
#include "core/llm/Prices.h"

#include <memory>

namespace lathe {

// Something that answers chats. Main thread. Errors: Auth (401/403), NotFound (unknown model), RateLimited, Provider,
// Unreachable, Timeout, Protocol, Cancelled; each message says provider, reason and remedy.
class ChatModel
{
public:
    virtual ~ChatModel() = default;
    // Sinks are called on the main thread until the task ends. The request's `model` names the model.
    virtual Task<Result<ChatResponse>> chat(ChatRequest request, ChatSinks sinks, CancelToken cancel) = 0;
    // Value of gen_ai.provider.name: "openai", "anthropic", "gcp.gemini", "lathe.offline", ...
    virtual QString providerName() const = 0;
    // Names of the models it offers, as far as it can say.
    virtual Task<Result<QStringList>> listModels(CancelToken cancel) = 0;
    // One vector for each text; `model` empty: the usual one. NotFound when the provider has none here.
    virtual Task<Result<std::vector<Embedding>>> embed(QString model, QStringList texts, CancelToken cancel);
};

// How to reach a provider. The secret's value is resolved by the caller and never stored.
struct ConnectionSpec {
    QString name;    // artifact name, for messages
    QString api;     // "offline", "openai_chat", "openai_responses", "anthropic", "gemini"
    QString baseUrl; // e.g. https://api.openai.com/v1; empty: the provider's own
    QString secretName; // e.g. OPENAI_API_KEY; empty: none
    HttpHeaders headers;
    qint64 connectTimeoutMs = 10'000;
    qint64 firstByteTimeoutMs = 120'000;
    qint64 idleTimeoutMs = 60'000;
    RetryPolicy retry;
    QString provider; // gen_ai.provider.name override
    bool local = false; // a model server of one's own (Ollama, llama-server, ...): its answers cost nothing
    std::optional<TokenPrice> price; // of all its models, instead of the price table's
    ConnectionSpec() = default;
    static Result<ConnectionSpec> fromJson(const QString &name, const QJsonObject &body);
    QJsonObject toJson() const;
    // Whether the server is on this machine or its network.
    bool isNearby() const;
    static QStringList knownApis();
    static QString defaultBaseUrl(const QString &api);
    // The conventional environment variable of the API ("OPENAI_API_KEY", ...), empty for offline.
    static QString conventionalSecret(const QString &api);
};

// Makes the model for a connection. `http` and `clock` must outlive it. For api "offline" neither is used.
Result<std::shared_ptr<ChatModel>> makeChatModel(const ConnectionSpec &connection, const QString &secret, HttpClient *http,
                                                 Clock *clock);

} // namespace lathe
