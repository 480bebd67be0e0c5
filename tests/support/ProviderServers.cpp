// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/ProviderServers.h"

#include "core/base/Json.h"

#include <QJsonArray>

#include <deque>
#include <mutex>

namespace lathe::test {

namespace {
using L = QLatin1String;

QString joinText(const QJsonValue &content)
{
    if (content.isString())
        return content.toString();
    QString out;
    const QJsonArray parts = content.toArray();
    for (const QJsonValue &part : parts)
        out += part.toObject().value(L("text")).toString();
    return out;
}

void readOpenAiChat(SeenChat &seen)
{
    const QJsonArray messages = seen.body.value(L("messages")).toArray();
    seen.messages = int(messages.size());
    for (const QJsonValue &value : messages) {
        const QJsonObject message = value.toObject();
        const QString role = message.value(L("role")).toString();
        const QString text = joinText(message.value(L("content")));
        if (role == L("system"))
            seen.system += text;
        else if (role == L("user"))
            seen.lastUserText = text;
        else if (role == L("tool"))
            seen.toolResults.append(text);
    }
    const QJsonArray tools = seen.body.value(L("tools")).toArray();
    for (const QJsonValue &tool : tools)
        seen.toolNames.append(
            tool.toObject().value(L("function")).toObject().value(L("name")).toString());
}

void readOpenAiResponses(SeenChat &seen)
{
    const QJsonArray items = seen.body.value(L("input")).toArray();
    seen.messages = int(items.size());
    seen.system = seen.body.value(L("instructions")).toString();
    for (const QJsonValue &value : items) {
        const QJsonObject item = value.toObject();
        if (item.value(L("role")) == QJsonValue(L("user")))
            seen.lastUserText = joinText(item.value(L("content")));
        else if (item.value(L("type")) == QJsonValue(L("function_call_output")))
            seen.toolResults.append(item.value(L("output")).toString());
    }
    const QJsonArray tools = seen.body.value(L("tools")).toArray();
    for (const QJsonValue &tool : tools)
        seen.toolNames.append(tool.toObject().value(L("name")).toString());
}

void readAnthropic(SeenChat &seen)
{
    const QJsonArray messages = seen.body.value(L("messages")).toArray();
    seen.messages = int(messages.size());
    seen.system = joinText(seen.body.value(L("system")));
    for (const QJsonValue &value : messages) {
        const QJsonObject message = value.toObject();
        if (message.value(L("role")) != QJsonValue(L("user")))
            continue;
        const QString text = joinText(message.value(L("content")));
        if (!text.isEmpty())
            seen.lastUserText = text;
        const QJsonArray blocks = message.value(L("content")).toArray();
        for (const QJsonValue &block : blocks) {
            if (block.toObject().value(L("type")) == QJsonValue(L("tool_result")))
                seen.toolResults.append(joinText(block.toObject().value(L("content"))));
        }
    }
    const QJsonArray tools = seen.body.value(L("tools")).toArray();
    for (const QJsonValue &tool : tools)
        seen.toolNames.append(tool.toObject().value(L("name")).toString());
}

void readGemini(SeenChat &seen)
{
    const QJsonArray contents = seen.body.value(L("contents")).toArray();
    seen.messages = int(contents.size());
    seen.system = joinText(seen.body.value(L("systemInstruction")).toObject().value(L("parts")));
    for (const QJsonValue &value : contents) {
        const QJsonObject content = value.toObject();
        if (content.value(L("role")) != QJsonValue(L("user")))
            continue;
        const QString text = joinText(content.value(L("parts")));
        if (!text.isEmpty())
            seen.lastUserText = text;
        const QJsonArray parts = content.value(L("parts")).toArray();
        for (const QJsonValue &part : parts) {
            const QJsonObject response = part.toObject()
                                             .value(L("functionResponse"))
                                             .toObject()
                                             .value(L("response"))
                                             .toObject();
            if (!response.isEmpty())
                seen.toolResults.append(response.begin().value().toString());
        }
    }
    const QJsonArray functions = seen.body.value(L("tools"))
                                     .toArray()
                                     .first()
                                     .toObject()
                                     .value(L("functionDeclarations"))
                                     .toArray();
    for (const QJsonValue &function : functions)
        seen.toolNames.append(function.toObject().value(L("name")).toString());
}

// .../models/NAME:streamGenerateContent?alt=sse
QString geminiModel(const QByteArray &path)
{
    const qsizetype begin = path.indexOf("/models/") + 8;
    return QString::fromUtf8(
        QByteArray::fromPercentEncoding(path.mid(begin, path.indexOf(':', begin) - begin)));
}

// The provider's words for a failure: type and message.
std::pair<QByteArray, QByteArray> failureWords(WireFormat format, const ScriptedAnswer &answer,
                                               const QString &model)
{
    if (!answer.errorType.isEmpty() || !answer.errorMessage.isEmpty())
        return {answer.errorType, answer.errorMessage};
    const QByteArray name = model.toUtf8();
    switch (format) {
    case WireFormat::OpenAiChat:
    case WireFormat::OpenAiResponses:
        switch (answer.status) {
        case 400:
            return {"context_length_exceeded",
                    "This model's maximum context length is 128000 tokens. However, your messages "
                    "resulted in 210043 tokens."};
        case 401:
            return {"invalid_api_key", "Incorrect API key provided: sk-wrong. You can find your "
                                       "API key at https://platform.openai.com/account/api-keys."};
        case 404:
            return {"model_not_found",
                    "The model `" + name + "` does not exist or you do not have access to it."};
        case 429:
            return {"rate_limit_exceeded",
                    "Rate limit reached for " + name
                        + " on requests per min (RPM): Limit 3, Used 3, Requested 1."};
        default:
            return {"server_error",
                    "The server had an error while processing your request. Sorry about that!"};
        }
    case WireFormat::Anthropic:
        switch (answer.status) {
        case 400:
            return {"invalid_request_error", "prompt is too long: 210043 tokens > 200000 maximum"};
        case 401:
            return {"authentication_error", "invalid x-api-key"};
        case 404:
            return {"not_found_error", "model: " + name};
        case 429:
            return {"rate_limit_error", "This request would exceed your organization's rate limit "
                                        "of 50 requests per minute."};
        case 529:
            return {"overloaded_error", "Overloaded"};
        default:
            return {"api_error", "Internal server error"};
        }
    case WireFormat::Gemini:
        switch (answer.status) {
        case 400:
            return {"INVALID_ARGUMENT", "The input token count (1210043) exceeds the maximum "
                                        "number of tokens allowed (1048576)."};
        case 401:
            return {"UNAUTHENTICATED", "Request had invalid authentication credentials."};
        case 404:
            return {"NOT_FOUND", "models/" + name
                                     + " is not found for API version v1beta, or is not supported "
                                       "for generateContent."};
        case 429:
            return {"RESOURCE_EXHAUSTED",
                    "You exceeded your current quota, please check your plan and billing details."};
        default:
            return {"INTERNAL", "An internal error has occurred."};
        }
    }
    return {};
}

QByteArray errorEvent(WireFormat format)
{
    const QByteArray words = "Overloaded";
    switch (format) {
    case WireFormat::OpenAiChat:
        return "data: {\"error\":{\"message\":\"" + words
               + "\",\"type\":\"server_error\",\"code\":503}}\n\n";
    case WireFormat::OpenAiResponses:
        return "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\""
               + words + "\",\"param\":null,\"sequence_number\":9}\n\n";
    case WireFormat::Anthropic:
        return "event: error\ndata: "
               "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\""
               + words + "\"}}\n\n";
    case WireFormat::Gemini:
        return "data: {\"error\":{\"code\":503,\"message\":\"" + words
               + "\",\"status\":\"UNAVAILABLE\"}}\n\n";
    }
    return {};
}
} // namespace

// --- Requests and replies

SeenChat readRequest(WireFormat format, const HttpSeen &request)
{
    SeenChat seen;
    seen.http = request;
    const auto body = json::parseObject(request.body);
    if (body)
        seen.body = *body;
    seen.model = seen.body.value(L("model")).toString();
    seen.stream = seen.body.value(L("stream")).toBool();
    switch (format) {
    case WireFormat::OpenAiChat:
        readOpenAiChat(seen);
        break;
    case WireFormat::OpenAiResponses:
        readOpenAiResponses(seen);
        break;
    case WireFormat::Anthropic:
        readAnthropic(seen);
        break;
    case WireFormat::Gemini:
        readGemini(seen);
        seen.model = geminiModel(request.path);
        seen.stream = request.path.contains(":streamGenerateContent");
        break;
    }
    return seen;
}

namespace {
HttpReply withHeadDelay(HttpReply reply, int ms)
{
    reply.headDelayMs = ms;
    return reply;
}

HttpReply replyTo(WireFormat format, const ScriptedAnswer &answer, const SeenChat &seen)
{
    if (answer.status != 200) {
        const auto [type, message] = failureWords(format, answer, seen.model);
        HttpReply reply =
            HttpReply::json(wireError(format, answer.status, type, message), answer.status);
        if (answer.retryAfterSeconds >= 0)
            reply.headers.emplace_back("Retry-After", QByteArray::number(answer.retryAfterSeconds));
        return withHeadDelay(std::move(reply), answer.headDelayMs);
    }
    const auto ending = answer.stalls  ? HttpReply::Ending::Stall
                        : answer.reset ? HttpReply::Ending::Reset
                                       : HttpReply::Ending::Close;
    // Two bytes that never stand in UTF-8, put in where the text says so.
    ScriptedAnswer marked = answer;
    if (answer.invalidUtf8) {
        for (QString &piece : marked.text)
            piece += QStringLiteral("@@bad@@");
    }
    const auto spoil = [&answer](QByteArray bytes) {
        return answer.invalidUtf8 ? bytes.replace("@@bad@@", "\xff\xfe") : bytes;
    };
    if (!seen.stream || answer.plainBody) {
        HttpReply reply = HttpReply::json(spoil(wireBody(format, marked, seen.model)));
        if (answer.cutAfterEvents >= 0) {
            reply.cutBytes = 300;
            reply.ending = ending;
        }
        return withHeadDelay(std::move(reply), answer.headDelayMs);
    }
    QList<QByteArray> events = wireEvents(format, marked, seen.model);
    for (QByteArray &event : events)
        event = spoil(event);
    if (answer.malformedAfterEvents >= 0)
        events.insert(std::min<qsizetype>(answer.malformedAfterEvents, events.size()),
                      "data: {\"choices\": [{\"delta\": oops\n\n");
    if (answer.errorAfterEvents >= 0) {
        events = events.mid(0, answer.errorAfterEvents);
        events.append(errorEvent(format));
    }
    if (answer.withoutEnd) // whatever marks the end comes in the last three events
        events = events.mid(0, std::max<qsizetype>(1, events.size() - 3));
    HttpReply reply = HttpReply::sse(events, answer.delayMs);
    if (answer.cutAfterEvents >= 0) {
        reply.cutPieces = answer.cutAfterEvents;
        reply.ending = ending;
    }
    return withHeadDelay(std::move(reply), answer.headDelayMs);
}
} // namespace

// --- ProviderServer

struct ProviderServer::State {
    mutable std::mutex mutex;
    std::deque<ScriptedAnswer> queue;
    std::function<ScriptedAnswer(const SeenChat &)> responder;
    QStringList models;
    std::vector<SeenChat> chats;
};

ProviderServer::ProviderServer(WireFormat format)
    : m_format(format),
      m_state(std::make_shared<State>()),
      m_http(std::make_unique<ScriptedHttpServer>())
{
    m_http->setHandler([this](const HttpSeen &request) { return answer(request); });
    m_http->start();
}

void ProviderServer::enqueue(ScriptedAnswer answer)
{
    const std::lock_guard lock(m_state->mutex);
    m_state->queue.push_back(std::move(answer));
}

void ProviderServer::setResponder(std::function<ScriptedAnswer(const SeenChat &)> responder)
{
    const std::lock_guard lock(m_state->mutex);
    m_state->responder = std::move(responder);
}

void ProviderServer::setModels(const QStringList &models)
{
    const std::lock_guard lock(m_state->mutex);
    m_state->models = models;
}

QString ProviderServer::api() const
{
    switch (m_format) {
    case WireFormat::OpenAiChat:
        return QStringLiteral("openai_chat");
    case WireFormat::OpenAiResponses:
        return QStringLiteral("openai_responses");
    case WireFormat::Anthropic:
        return QStringLiteral("anthropic");
    case WireFormat::Gemini:
        return QStringLiteral("gemini");
    }
    return {};
}

QString ProviderServer::secret() const
{
    return QStringLiteral("sk-test-7f3a9c");
}

ConnectionSpec ProviderServer::connectionSpec() const
{
    ConnectionSpec spec;
    spec.name = QStringLiteral("test");
    spec.api = api();
    spec.baseUrl = m_http->url(m_format == WireFormat::Gemini ? QStringLiteral("/v1beta")
                                                              : QStringLiteral("/v1"));
    spec.secretName = QStringLiteral("TEST_API_KEY");
    spec.retry.baseDelayMs = 4;
    spec.retry.maxDelayMs = 20;
    return spec;
}

std::vector<SeenChat> ProviderServer::chats() const
{
    const std::lock_guard lock(m_state->mutex);
    return m_state->chats;
}

ScriptedHttpServer &ProviderServer::http()
{
    return *m_http;
}

HttpReply ProviderServer::answer(const HttpSeen &request)
{
    const auto fail = [this](int status, const QByteArray &type, const QByteArray &message) {
        return HttpReply::json(wireError(m_format, status, type, message), status);
    };
    const QByteArray key = secret().toUtf8();
    const QByteArray path = request.path.left(
        request.path.indexOf('?') < 0 ? request.path.size() : request.path.indexOf('?'));
    QByteArray given;
    QByteArray chatPath;
    switch (m_format) {
    case WireFormat::OpenAiChat:
        given = request.header("authorization").mid(7);
        chatPath = "/v1/chat/completions";
        break;
    case WireFormat::OpenAiResponses:
        given = request.header("authorization").mid(7);
        chatPath = "/v1/responses";
        break;
    case WireFormat::Anthropic:
        given = request.header("x-api-key");
        chatPath = "/v1/messages";
        break;
    case WireFormat::Gemini:
        given = request.header("x-goog-api-key");
        break;
    }
    if (given != key) {
        const auto [type, message] = failureWords(m_format, ScriptedAnswer::wrongKey(), QString());
        return fail(401, type, message);
    }

    std::unique_lock lock(m_state->mutex);
    if (request.method == "GET" && path.endsWith("/models")) {
        const QStringList names =
            m_state->models.isEmpty() ? QStringList{QStringLiteral("test-model")} : m_state->models;
        QJsonArray list;
        for (const QString &name : names) {
            if (m_format == WireFormat::Gemini) {
                list.append(QJsonObject{
                    {L("name"), L("models/") + name},
                    {L("supportedGenerationMethods"), QJsonArray{L("generateContent")}}});
            } else {
                list.append(QJsonObject{
                    {L("id"), name}, {L("object"), L("model")}, {L("owned_by"), L("tests")}});
            }
        }
        return HttpReply::json(json::compact(
            QJsonObject{{m_format == WireFormat::Gemini ? L("models") : L("data"), list}}));
    }
    const bool isChat = m_format == WireFormat::Gemini
                            ? path.startsWith("/v1beta/models/") && path.endsWith("enerateContent")
                            : path == chatPath;
    if (request.method != "POST" || !isChat)
        return fail(404, "not_found", "Unknown request URL: " + request.method + ' ' + path + '.');
    const SeenChat seen = readRequest(m_format, request);
    if (seen.body.isEmpty())
        return fail(400, "invalid_request_error",
                    "We could not parse the JSON body of your request.");
    if (m_format == WireFormat::Anthropic
        && (request.header("anthropic-version").isEmpty() || !seen.body.contains(L("max_tokens"))))
        return fail(400, "invalid_request_error", "max_tokens: Field required");
    m_state->chats.push_back(seen);
    if (!m_state->models.isEmpty() && !m_state->models.contains(seen.model))
        return replyTo(m_format, ScriptedAnswer::unknownModel(), seen);
    if (!m_state->queue.empty()) {
        const ScriptedAnswer next = std::move(m_state->queue.front());
        m_state->queue.pop_front();
        return replyTo(m_format, next, seen);
    }
    const auto responder = m_state->responder;
    lock.unlock(); // it may ask this server
    if (responder)
        return replyTo(m_format, responder(seen), seen);
    return fail(501, "not_scripted", "The test did not script an answer for this request.");
}

} // namespace lathe::test
