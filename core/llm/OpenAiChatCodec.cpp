// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OpenAiChatCodec.h"

#include "core/base/Json.h"
#include "core/llm/AnswerBuilder.h"
#include "core/llm/CodecSupport.h"
#include "core/llm/ConnectionRules.h"

#include <QHash>

namespace lathe {

namespace {
using Type = MessagePart::Type;
using L = QLatin1String;

HttpHeaders authorization(const QString &secret)
{
    HttpHeaders headers;
    if (!secret.isEmpty())
        headers.emplace_back("Authorization", "Bearer " + secret.toUtf8());
    return headers;
}

QJsonValue userContent(const Message &message)
{
    const bool onlyText =
        std::all_of(message.parts.begin(), message.parts.end(),
                    [](const MessagePart &part) { return part.type != Type::Image; });
    if (onlyText)
        return message.text();
    QJsonArray content;
    for (const MessagePart &part : message.parts) {
        if (part.type == Type::Text) {
            content.append(QJsonObject{{L("type"), L("text")}, {L("text"), part.text}});
        } else if (part.type == Type::Image) {
            const QString url = QStringLiteral("data:%1;base64,%2")
                                    .arg(part.mimeType, QString::fromLatin1(part.bytes.toBase64()));
            content.append(QJsonObject{{L("type"), L("image_url")},
                                       {L("image_url"), QJsonObject{{L("url"), url}}}});
        }
    }
    return content;
}

QJsonObject assistantMessage(const Message &message, bool withReasoning)
{
    QJsonObject out{{L("role"), L("assistant")}};
    QJsonArray calls;
    QString reasoning;
    for (const MessagePart &part : message.parts) {
        if (part.type == Type::Reasoning)
            reasoning += part.text;
        if (part.type != Type::ToolCall)
            continue;
        // What the model wrote is kept byte for byte unless it is broken: llama-server answers such a history with 500.
        const bool valid = json::parseObject(part.argumentsText.toUtf8()).ok();
        const QString arguments =
            valid ? part.argumentsText
                  : json::compactString(codec::argumentsObject(part.argumentsText));
        calls.append(QJsonObject{
            {L("id"), part.id},
            {L("type"), L("function")},
            {L("function"), QJsonObject{{L("name"), part.name}, {L("arguments"), arguments}}}});
    }
    const QString text = message.text();
    out.insert(L("content"), text.isEmpty() && !calls.isEmpty() ? QJsonValue(QJsonValue::Null)
                                                                : QJsonValue(text));
    if (!calls.isEmpty())
        out.insert(L("tool_calls"), calls);
    if (withReasoning && !reasoning.isEmpty())
        out.insert(L("reasoning_content"), reasoning);
    return out;
}

QJsonArray encodeMessages(const ChatRequest &request, const QString &provider)
{
    // DeepSeek and Moonshot want a thinking model's reasoning back within a turn, and refuse that of earlier turns.
    const bool wantsReasoning = provider == L("deepseek") || provider == L("moonshot_ai");
    const size_t turn = codec::turnStart(request);
    QJsonArray out;
    for (size_t i = 0; i < request.messages.size(); ++i) {
        const Message &message = request.messages[i];
        switch (message.role) {
        case Role::System:
            out.append(QJsonObject{{L("role"), L("system")}, {L("content"), message.text()}});
            break;
        case Role::User:
            out.append(QJsonObject{{L("role"), L("user")}, {L("content"), userContent(message)}});
            break;
        case Role::Assistant:
            out.append(assistantMessage(message, wantsReasoning && i >= turn));
            break;
        case Role::Tool:
            for (const MessagePart &part : message.parts) {
                if (part.type == Type::ToolResult)
                    out.append(QJsonObject{{L("role"), L("tool")},
                                           {L("tool_call_id"), part.id},
                                           {L("content"), part.text}});
            }
            break;
        }
    }
    return out;
}

FinishReason finishReason(const QString &name)
{
    if (name == L("stop") || name == L("eos") || name == L("stop_sequence"))
        return FinishReason::Stop;
    if (name == L("length") || name == L("max_tokens"))
        return FinishReason::Length;
    if (name == L("tool_calls") || name == L("function_call"))
        return FinishReason::ToolCalls;
    return name == L("content_filter") ? FinishReason::ContentFilter : FinishReason::Other;
}

class Reader : public AnswerReader
{
public:
    explicit Reader(const ChatRequest &request) : m_model(request.model), m_answer(request) {}

    Result<void> event(const SseEvent &event, const AnswerBuilder::Sink &sink) override
    {
        if (event.data == "[DONE]") {
            m_done = true;
            return {};
        }
        const auto object = codec::parseObject(event.data, m_model);
        if (!object)
            return object.error();
        return read(*object, L("delta"), sink);
    }

    Result<void> body(const QByteArray &body, const AnswerBuilder::Sink &sink) override
    {
        const auto object = codec::parseObject(body, m_model);
        if (!object)
            return object.error();
        if (!object->value(L("choices")).isArray() && !object->contains(L("error")))
            return codec::malformed(m_model, QStringLiteral("no chat completion"), body);
        m_done = true;
        return read(*object, L("message"), sink);
    }

    Result<ChatResponse> finish() override
    {
        if (!m_done && !m_finished)
            return codec::incomplete(m_model);
        ChatResponse response;
        response.finishReason = codec::withCalls(m_finish, m_answer.hasCalls());
        response.message = m_answer.takeMessage();
        response.usage = m_usage;
        response.id = m_id;
        response.model = m_answeringModel;
        return response;
    }

private:
    Result<void> read(const QJsonObject &object, QLatin1String key, const AnswerBuilder::Sink &sink)
    {
        const QJsonValue error = object.value(L("error"));
        if (!error.isUndefined() && !error.isNull())
            return codec::streamError(object, m_model);
        if (m_id.isEmpty()) {
            m_id = object.value(L("id")).toString();
            m_answeringModel = object.value(L("model")).toString();
        }
        const QJsonValue usage = object.value(L("usage"));
        if (usage.isObject())
            readUsage(usage.toObject());
        const QJsonArray choices = object.value(L("choices")).toArray();
        for (const QJsonValue &value : choices) {
            const QJsonObject choice = value.toObject();
            if (choice.value(L("index")).toInt() != 0) // n > 1 was not asked for
                continue;
            auto result = readMessage(choice.value(key).toObject(), sink);
            if (!result)
                return result;
            const QJsonValue finish = choice.value(L("finish_reason"));
            if (finish.isString() && !finish.toString().isEmpty()) {
                m_finished = true;
                if (!m_refused)
                    m_finish = finishReason(finish.toString());
            }
        }
        return {};
    }

    Result<void> readMessage(const QJsonObject &message, const AnswerBuilder::Sink &sink)
    {
        // DeepSeek, llama-server and vLLM say reasoning_content, OpenRouter, Ollama and newer vLLM say reasoning.
        QJsonValue reasoning = message.value(L("reasoning_content"));
        if (!reasoning.isString())
            reasoning = message.value(L("reasoning"));
        if (reasoning.isString())
            append(Type::Reasoning, reasoning.toString(), sink);
        const QJsonValue content = message.value(L("content"));
        if (content.isString())
            append(Type::Text, content.toString(), sink);
        else if (content.isArray())
            readContentParts(content.toArray(), sink);
        const QJsonValue refusal = message.value(L("refusal"));
        if (refusal.isString() && !refusal.toString().isEmpty()) {
            append(Type::Text, refusal.toString(), sink);
            m_refused = true;
            m_finish = FinishReason::ContentFilter;
        }
        const QJsonArray calls = message.value(L("tool_calls")).toArray();
        for (const QJsonValue &call : calls) {
            auto result = readCall(call.toObject(), sink);
            if (!result)
                return result;
        }
        return {};
    }

    // Mistral: [{"type":"thinking","thinking":[{"type":"text","text":...}]},{"type":"text","text":...}]
    void readContentParts(const QJsonArray &parts, const AnswerBuilder::Sink &sink)
    {
        for (const QJsonValue &value : parts) {
            const QJsonObject part = value.toObject();
            if (part.value(L("type")) == QJsonValue(L("text"))) {
                append(Type::Text, part.value(L("text")).toString(), sink);
                continue;
            }
            const QJsonValue thinking = part.value(L("thinking"));
            if (thinking.isString())
                append(Type::Reasoning, thinking.toString(), sink);
            const QJsonArray pieces = thinking.toArray();
            for (const QJsonValue &piece : pieces)
                append(Type::Reasoning, piece.toObject().value(L("text")).toString(), sink);
        }
    }

    void append(Type type, const QString &piece, const AnswerBuilder::Sink &sink)
    {
        if (!piece.isEmpty())
            m_answer.append(m_answer.lastPart(type), piece, sink);
    }

    Result<void> readCall(const QJsonObject &call, const AnswerBuilder::Sink &sink)
    {
        const QJsonObject function = call.value(L("function")).toObject();
        const QString id = call.value(L("id")).toString();
        const QString name = function.value(L("name")).toString();
        const QJsonValue indexValue = call.value(L("index"));
        // Without an index a fragment with an id or a name begins a call, any other goes on with the last one.
        int index = indexValue.isDouble() ? indexValue.toInt() : -1;
        int part = index >= 0 ? m_callParts.value(index, -1) : m_lastCall;
        if (part >= 0) {
            const QString known = m_answer.part(part).id;
            // Some servers give every parallel call the index 0; a new id with a name tells them apart.
            const bool another = !name.isEmpty()
                                 && (index < 0 ? id.isEmpty() || id != known
                                               : !id.isEmpty() && !known.isEmpty() && id != known);
            if (another)
                part = -1;
        }
        if (part < 0) {
            const auto added = m_answer.addCall(id, name, sink);
            if (!added)
                return added.error();
            part = *added;
            if (index >= 0)
                m_callParts.insert(index, part);
        } else {
            if (!id.isEmpty() && m_answer.part(part).id.isEmpty())
                m_answer.part(part).id = id;
            if (m_answer.part(part).name.isEmpty())
                m_answer.setCallName(part, name, sink);
        }
        m_lastCall = part;
        const QJsonValue arguments = function.value(L("arguments"));
        m_answer.appendArguments(
            part, arguments.isObject() ? json::compactString(arguments) : arguments.toString(),
            sink);
        return {};
    }

    void readUsage(const QJsonObject &usage)
    {
        const QJsonObject input = usage.value(L("prompt_tokens_details")).toObject();
        const QJsonObject output = usage.value(L("completion_tokens_details")).toObject();
        m_usage.inputTokens = usage.value(L("prompt_tokens")).toInteger();
        m_usage.outputTokens = usage.value(L("completion_tokens")).toInteger();
        m_usage.reasoningTokens = output.value(L("reasoning_tokens")).toInteger();
        m_usage.cacheReadTokens =
            input.value(L("cached_tokens"))
                .toInteger(usage.value(L("prompt_cache_hit_tokens")).toInteger());
        m_usage.cacheWriteTokens = input.value(L("cache_write_tokens")).toInteger();
        // xAI leaves the reasoning out of completion_tokens, but not out of the total.
        const qint64 total = usage.value(L("total_tokens")).toInteger();
        if (m_usage.reasoningTokens > 0
            && total == m_usage.inputTokens + m_usage.outputTokens + m_usage.reasoningTokens)
            m_usage.outputTokens += m_usage.reasoningTokens;
    }

    QString m_model;
    AnswerBuilder m_answer;
    QHash<int, int> m_callParts; // index on the wire -> part
    int m_lastCall = -1;
    Usage m_usage;
    QString m_id;
    QString m_answeringModel;
    FinishReason m_finish = FinishReason::Stop;
    bool m_refused = false;
    bool m_finished = false; // a finish_reason came
    bool m_done = false;     // [DONE] came
};
} // namespace

HttpRequest OpenAiChatCodec::encode(const ChatRequest &request, const ConnectionSpec &connection,
                                    const QString &secret) const
{
    const QString provider = rules::providerId(connection);
    QJsonObject body{{L("model"), request.model},
                     {L("messages"), encodeMessages(request, provider)}};
    if (!request.tools.empty()) {
        QJsonArray tools;
        for (const ToolDescription &tool : request.tools) {
            tools.append(QJsonObject{
                {L("type"), L("function")},
                {L("function"), QJsonObject{{L("name"), tool.name},
                                            {L("description"), tool.description},
                                            {L("parameters"), codec::objectSchema(tool.schema)}}}});
        }
        body.insert(L("tools"), tools);
        if (request.toolChoice != ChatRequest::ToolChoice::Auto)
            body.insert(L("tool_choice"), request.toolChoice == ChatRequest::ToolChoice::None
                                              ? L("none")
                                              : L("required"));
    }
    if (request.outputSchema) {
        // strict: false, because strict mode refuses most hand-written schemas (every property required, no defaults);
        // the runtime checks the answer against the schema anyway.
        const QJsonObject schema{
            {L("name"), codec::cleanName(request.outputName, QStringLiteral("output"))},
            {L("schema"), *request.outputSchema},
            {L("strict"), false}};
        body.insert(L("response_format"),
                    QJsonObject{{L("type"), L("json_schema")}, {L("json_schema"), schema}});
    }
    if (request.temperature)
        body.insert(L("temperature"), *request.temperature);
    if (request.topP)
        body.insert(L("top_p"), *request.topP);
    if (request.maxTokens) {
        // OpenAI's newer models refuse max_tokens, most other servers know nothing else.
        const bool newName = provider == L("openai") ? rules::isProvidersOwn(connection)
                                                     : provider == L("azure.ai.openai");
        body.insert(newName ? L("max_completion_tokens") : L("max_tokens"), *request.maxTokens);
    }
    if (request.seed)
        body.insert(provider == L("mistral_ai") ? L("random_seed") : L("seed"), *request.seed);
    if (!request.stop.isEmpty())
        body.insert(L("stop"), json::fromStringList(request.stop));
    body.insert(L("stream"), request.stream);
    if (request.stream
        && provider
               != L("mistral_ai")) // Mistral always sends the usage and refuses unknown members
        body.insert(L("stream_options"), QJsonObject{{L("include_usage"), true}});
    HttpHeaders headers = authorization(secret);
    headers.emplace_back("Accept", request.stream ? "text/event-stream, application/json"
                                                  : "application/json");
    return rules::makeRequest(connection, "POST", QStringLiteral("/chat/completions"),
                              std::move(headers), json::compact(body));
}

std::unique_ptr<AnswerReader> OpenAiChatCodec::makeReader(const ChatRequest &request) const
{
    return std::make_unique<Reader>(request);
}

Error OpenAiChatCodec::decodeError(const HttpResponse &response, const ConnectionSpec &connection,
                                   const QString &model) const
{
    return codec::decodeHttpError(response, connection, model);
}

HttpRequest OpenAiChatCodec::encodeListModels(const ConnectionSpec &connection,
                                              const QString &secret) const
{
    return rules::makeRequest(connection, "GET", QStringLiteral("/models"), authorization(secret));
}

Result<QStringList> OpenAiChatCodec::decodeListModels(const QByteArray &body) const
{
    return codec::modelIds(body);
}

} // namespace lathe
