// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/HttpChatModel.h"

#include "core/http/SseParser.h"
#include "core/llm/CodecSupport.h"
#include "core/llm/ConnectionRules.h"
#include "core/llm/RequestFallback.h"

#include <QRandomGenerator>

namespace lathe {

// Outlives the model when a chat is still under way.
struct HttpChatModel::Shared {
    ConnectionSpec connection;
    QString secret;
    std::unique_ptr<ProviderCodec> codec;
    HttpClient *http;
    Clock *clock;

    // Some servers repeat the key in their refusal; it must not get into the trace.
    Error withoutSecret(Error error) const
    {
        if (secret.size() >= 6) {
            error.message.replace(secret, QLatin1String("[secret]"));
            error.cause.replace(secret, QLatin1String("[secret]"));
        }
        return error;
    }
};

// What is known of one try, shared with the sink that the HTTP client keeps.
struct HttpChatModel::Attempt {
    std::unique_ptr<AnswerReader> reader;
    std::function<void(const ChatDelta &)> sink;
    std::optional<Error> failure; // of the reader; the stream is stopped then
    CancelSource stop;
    qint64 firstDeltaUs = 0; // 0: none yet
    bool incomplete = false; // the stream ended too early: as good as a lost connection

    explicit Attempt(const CancelToken &cancel) : stop(cancel) {}
    void take(const std::vector<SseEvent> &events)
    {
        for (const SseEvent &event : events) {
            if (failure || stop.isCancelled())
                return;
            auto result = reader->event(event, sink);
            if (!result) {
                failure = result.error();
                stop.cancel();
            }
        }
    }
};

namespace {
// A stream in a body whose content type hides it.
bool looksLikeSse(const QByteArray &body)
{
    const QByteArrayView start =
        QByteArrayView(body).first(std::min<qsizetype>(body.size(), 64)).trimmed();
    return start.startsWith("data:") || start.startsWith("event:") || start.startsWith(':');
}

QJsonObject retryAttributes(const Error &error, int attempt, qint64 delayMs)
{
    QJsonObject out{{QStringLiteral("attempt"), attempt},
                    {QStringLiteral("delay_ms"), delayMs},
                    {QStringLiteral("reason"), error.message},
                    {QStringLiteral("error.type"), errorKindName(error.kind)}};
    if (error.httpStatus > 0)
        out.insert(QStringLiteral("http.response.status_code"), error.httpStatus);
    return out;
}
} // namespace

HttpChatModel::HttpChatModel(ConnectionSpec connection, QString secret,
                             std::unique_ptr<ProviderCodec> codec, HttpClient *http, Clock *clock)
{
    auto shared = std::make_shared<Shared>();
    shared->connection = std::move(connection);
    shared->secret = std::move(secret);
    shared->codec = std::move(codec);
    shared->http = http;
    shared->clock = clock;
    m_shared = std::move(shared);
}

QString HttpChatModel::providerName() const
{
    return rules::providerId(m_shared->connection);
}

Task<Result<ChatResponse>> HttpChatModel::chat(ChatRequest request, ChatSinks sinks,
                                               CancelToken cancel)
{
    return run(m_shared, std::move(request), std::move(sinks), std::move(cancel));
}

Task<Result<QStringList>> HttpChatModel::listModels(CancelToken cancel)
{
    return list(m_shared, std::move(cancel));
}

Task<Result<ChatResponse>> HttpChatModel::run(std::shared_ptr<const Shared> shared,
                                              ChatRequest request, ChatSinks sinks,
                                              CancelToken cancel)
{
    HttpRequest http = shared->codec->encode(request, shared->connection, shared->secret);
    for (int number = 1;; ++number) {
        if (cancel.isCancelled())
            co_return Error::cancelled();
        const qint64 startUs = shared->clock->nowUs();
        const auto attempt = std::make_shared<Attempt>(cancel);
        attempt->reader = shared->codec->makeReader(request);
        // The attempt owns its sink, so the sink must not own the attempt.
        attempt->sink = [raw = attempt.get(), clock = shared->clock,
                         delta = sinks.delta](const ChatDelta &piece) {
            // A sink may cancel the chat, which then is over at once: what else the batch holds must not reach it.
            if (raw->stop.isCancelled())
                return;
            if (raw->firstDeltaUs == 0)
                raw->firstDeltaUs = clock->nowUs();
            if (delta)
                delta(piece);
        };
        auto result = co_await once(shared, http, request.model, attempt, cancel);
        if (cancel.isCancelled())
            co_return Error::cancelled();
        if (result) {
            const qint64 firstUs =
                attempt->firstDeltaUs > 0 ? attempt->firstDeltaUs : shared->clock->nowUs();
            result->timeToFirstTokenUs = firstUs - startUs;
            if (result->model.isEmpty())
                result->model = request.model;
            if (shared->connection.price)
                shared->connection.price->price(result->usage);
            co_return std::move(*result);
        }
        const Error error = shared->withoutSecret(std::move(result.error()));
        const bool shown = attempt->firstDeltaUs > 0;

        qint64 delayMs = 0;
        QJsonObject attributes;
        if (const auto adapted = adaptRequest(request, error)) {
            http = shared->codec->encode(request, shared->connection, shared->secret);
            attributes = retryAttributes(error, number + 1, 0);
            attributes.insert(QStringLiteral("adapted"), *adapted);
            --number; // not a try of the same request
        } else {
            Error judged = error;
            if (attempt->incomplete)
                judged.kind = ErrorKind::Unreachable;
            const double random = QRandomGenerator::global()->generateDouble();
            const auto delay = shared->connection.retry.delayMs(number + 1, judged, random);
            if (!delay)
                co_return error;
            delayMs = *delay;
            attributes = retryAttributes(error, number + 1, delayMs);
        }
        if (shown && sinks.restart)
            sinks.restart();
        if (sinks.notice) {
            ChatNotice notice;
            notice.name = QStringLiteral("retry");
            notice.attributes = attributes;
            sinks.notice(notice);
        }
        if (delayMs > 0) {
            const auto slept = co_await shared->clock->sleep(delayMs, cancel);
            if (!slept)
                co_return Error::cancelled();
        }
    }
}

Task<Result<ChatResponse>> HttpChatModel::once(std::shared_ptr<const Shared> shared,
                                               HttpRequest http, QString model,
                                               std::shared_ptr<Attempt> attempt, CancelToken cancel)
{
    const HttpClient::SseSink sink = [attempt](std::vector<SseEvent> events) {
        attempt->take(events);
    };
    auto response = co_await shared->http->stream(std::move(http), sink, attempt->stop.token());
    if (cancel.isCancelled())
        co_return Error::cancelled();
    if (attempt->failure)
        co_return *attempt->failure;
    if (!response) {
        // A connection that breaks after the end of the answer does no harm.
        auto complete = attempt->reader->finish();
        if (complete)
            co_return std::move(*complete);
        co_return std::move(response.error());
    }
    if (response->status < 200 || response->status >= 300)
        co_return shared->codec->decodeError(*response, shared->connection, model);
    if (looksLikeSse(response->body)) {
        SseParser parser;
        std::vector<SseEvent> events;
        const auto parsed = parser.feed(response->body, events);
        if (!parsed)
            co_return parsed.error();
        if (parser.hasPartialEvent()) {
            const auto rest = parser.feed("\n\n", events);
            if (!rest)
                co_return rest.error();
        }
        attempt->take(events);
    } else if (!response->body.isEmpty()) {
        auto read = attempt->reader->body(response->body, attempt->sink);
        if (!read)
            co_return std::move(read.error());
    }
    if (attempt->failure)
        co_return *attempt->failure;
    auto complete = attempt->reader->finish();
    attempt->incomplete = !complete;
    co_return complete;
}

Task<Result<std::vector<Embedding>>> HttpChatModel::embed(QString model, QStringList texts, CancelToken cancel)
{
    return embedTexts(m_shared, std::move(model), std::move(texts), std::move(cancel));
}

Task<Result<std::vector<Embedding>>> HttpChatModel::embedTexts(std::shared_ptr<const Shared> shared, QString model, QStringList texts,
                                                               CancelToken cancel)
{
    const ConnectionSpec &connection = shared->connection;
    if (!connection.api.startsWith(QLatin1String("openai")))
        co_return Error(ErrorKind::NotFound, QStringLiteral("Embeddings of %1 are not known here; use a connection with OpenAI's API, or the offline one.")
                                                 .arg(rules::displayName(connection)));
    if (model.isEmpty())
        model = connection.isNearby() ? QStringLiteral("nomic-embed-text") : QStringLiteral("text-embedding-3-small");
    HttpHeaders headers{{QByteArrayLiteral("Content-Type"), QByteArrayLiteral("application/json")}};
    if (!shared->secret.isEmpty())
        headers.push_back({QByteArrayLiteral("Authorization"), "Bearer " + shared->secret.toUtf8()});
    const HttpRequest request =
        rules::makeRequest(connection, "POST", QStringLiteral("/embeddings"), headers, embeddings::requestBody(model, texts));
    for (int number = 1;; ++number) {
        auto response = co_await shared->http->fetch(request, cancel);
        if (cancel.isCancelled())
            co_return Error::cancelled();
        if (response && response->status >= 200 && response->status < 300)
            co_return embeddings::read(response->body, texts.size());
        const Error error = shared->withoutSecret(response ? shared->codec->decodeError(*response, connection, model) : response.error());
        const auto delay = connection.retry.delayMs(number + 1, error, QRandomGenerator::global()->generateDouble());
        if (!delay)
            co_return error;
        const auto slept = co_await shared->clock->sleep(*delay, cancel);
        if (!slept)
            co_return Error::cancelled();
    }
}

Task<Result<QStringList>> HttpChatModel::list(std::shared_ptr<const Shared> shared,
                                              CancelToken cancel)
{
    HttpRequest http = shared->codec->encodeListModels(shared->connection, shared->secret);
    auto response = co_await shared->http->fetch(std::move(http), cancel);
    if (!response)
        co_return shared->withoutSecret(std::move(response.error()));
    if (response->status == 404) {
        Error error(ErrorKind::NotFound,
                    QStringLiteral("%1 has no list of models for connection %2. Check the base "
                                   "URL, or type the model's name.")
                        .arg(rules::displayName(shared->connection), shared->connection.name));
        error.httpStatus = 404;
        co_return error;
    }
    if (response->status < 200 || response->status >= 300)
        co_return shared->withoutSecret(shared->codec->decodeError(
            *response, shared->connection, QStringLiteral("the list of models")));
    co_return shared->codec->decodeListModels(response->body);
}

} // namespace lathe
