// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/AnthropicCodec.h"

#include "core/base/Json.h"
#include "core/llm/AnswerBuilder.h"
#include "core/llm/CodecSupport.h"
#include "core/llm/ConnectionRules.h"

#include <QHash>

#include <algorithm>
#include <array>

namespace lathe {

namespace {
using Type = MessagePart::Type;
using L = QLatin1String;
constexpr QLatin1String sealName("anthropic");
constexpr qint64 defaultMaxTokens = 4096; // the API insists on a number

HttpHeaders baseHeaders(const QString &secret)
{
    HttpHeaders headers{{"anthropic-version", "2023-06-01"}};
    if (!secret.isEmpty())
        headers.emplace_back("x-api-key", secret.toUtf8());
    return headers;
}

// 45 for claude-sonnet-4-5-20250929, 40 for claude-opus-4-20250514, 0 for claude-3-7-sonnet and other makers' models.
int generation(const QString &model)
{
    const QStringList words = model.split(QLatin1Char('-'));
    if (words.size() < 3 || words[0] != L("claude") || words[1].isEmpty()
        || words[1].at(0).isDigit())
        return 0;
    const int minor = words.size() > 3 && words[3].size() <= 2 ? words[3].toInt() : 0;
    return words[2].toInt() * 10 + minor;
}

// Structured output (output_config.format) came with the models 4.5.
bool hasStructuredOutput(const QString &model)
{
    return generation(model) >= 45;
}

// The models 5.5, and Fable and Mythos from 5.1, always think and refuse tool_choice "any" with a 400.
bool refusesForcedTools(const QString &model)
{
    const bool early = model.startsWith(L("claude-fable")) || model.startsWith(L("claude-mythos"));
    return generation(model) >= (early ? 51 : 55);
}

// Structured output takes a subset of JSON Schema: objects must be closed, and bounds are refused. What is dropped
// here is checked on the answer by the runtime.
QJsonValue closedSchema(const QJsonValue &value)
{
    if (value.isArray()) {
        QJsonArray out;
        const QJsonArray array = value.toArray();
        for (const QJsonValue &item : array)
            out.append(closedSchema(item));
        return out;
    }
    if (!value.isObject())
        return value;
    constexpr std::array<const char *, 15> refused{
        "minimum",       "maximum",       "exclusiveMinimum", "exclusiveMaximum",  "multipleOf",
        "minLength",     "maxLength",     "minItems",         "maxItems",          "uniqueItems",
        "minProperties", "maxProperties", "pattern",          "patternProperties", "$schema"};
    QJsonObject out;
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        if (std::any_of(refused.begin(), refused.end(),
                        [&it](const char *key) { return it.key() == L(key); }))
            continue;
        const bool isMap =
            it.key() == L("properties") || it.key() == L("$defs") || it.key() == L("definitions");
        if (isMap && it.value().isObject()) { // names of the user's own, never keywords
            QJsonObject map;
            const QJsonObject members = it.value().toObject();
            for (auto member = members.begin(); member != members.end(); ++member)
                map.insert(member.key(), closedSchema(member.value()));
            out.insert(it.key(), map);
        } else if (it.key() == L("enum") || it.key() == L("const") || it.key() == L("default")
                   || it.key() == L("examples")) {
            out.insert(it.key(), it.value());
        } else {
            out.insert(it.key(), closedSchema(it.value()));
        }
    }
    if (out.value(L("type")) == QJsonValue(L("object")) || out.contains(L("properties")))
        out.insert(L("additionalProperties"), false);
    return out;
}

QJsonObject encodePart(const MessagePart &part, const QString &model)
{
    switch (part.type) {
    case Type::Text:
        // The API refuses texts that are empty or blank.
        return part.text.trimmed().isEmpty()
                   ? QJsonObject()
                   : QJsonObject{{L("type"), L("text")}, {L("text"), part.text}};
    case Type::Reasoning:
        return codec::unseal(part.signature, sealName, model);
    case Type::ToolCall:
        return {{L("type"), L("tool_use")},
                {L("id"), codec::cleanName(part.id, QStringLiteral("call"))},
                {L("name"), part.name},
                {L("input"), codec::argumentsObject(part.argumentsText)}};
    case Type::ToolResult: {
        QJsonObject out{{L("type"), L("tool_result")},
                        {L("tool_use_id"), codec::cleanName(part.id, QStringLiteral("call"))},
                        {L("content"), part.text}};
        if (part.isError)
            out.insert(L("is_error"), true);
        return out;
    }
    case Type::Image:
        return {
            {L("type"), L("image")},
            {L("source"), QJsonObject{{L("type"), L("base64")},
                                      {L("media_type"), part.mimeType},
                                      {L("data"), QString::fromLatin1(part.bytes.toBase64())}}}};
    }
    return {};
}

// Roles must alternate: neighbours of one role share a message. Results of parallel calls thus stand together, first.
QJsonArray encodeMessages(const ChatRequest &request)
{
    QJsonArray out;
    QString lastRole;
    QJsonArray content;
    const auto flush = [&] {
        if (content.isEmpty() && lastRole == L("user"))
            content.append(QJsonObject{{L("type"), L("text")}, {L("text"), L("(empty)")}});
        if (!content.isEmpty())
            out.append(QJsonObject{{L("role"), lastRole}, {L("content"), content}});
        content = QJsonArray();
    };
    for (const Message &message : request.messages) {
        if (message.role == Role::System)
            continue;
        const QString role =
            message.role == Role::Assistant ? QStringLiteral("assistant") : QStringLiteral("user");
        if (role != lastRole) {
            if (!lastRole.isEmpty())
                flush();
            lastRole = role;
        }
        for (const MessagePart &part : message.parts) {
            const QJsonObject block = encodePart(part, request.model);
            if (!block.isEmpty())
                content.append(block);
        }
    }
    if (!lastRole.isEmpty())
        flush();
    return out;
}

FinishReason finishReason(const QString &name)
{
    if (name == L("end_turn") || name == L("stop_sequence"))
        return FinishReason::Stop;
    if (name == L("max_tokens") || name == L("model_context_window_exceeded"))
        return FinishReason::Length;
    if (name == L("tool_use"))
        return FinishReason::ToolCalls;
    return name == L("refusal") ? FinishReason::ContentFilter : FinishReason::Other;
}

class Reader : public AnswerReader
{
public:
    explicit Reader(const ChatRequest &request) : m_model(request.model), m_answer(request) {}

    Result<void> event(const SseEvent &event, const AnswerBuilder::Sink &sink) override
    {
        if (event.data == "[DONE]") // llama-server ends so
            return {};
        const auto parsed = codec::parseObject(event.data, m_model);
        if (!parsed)
            return parsed.error();
        const QJsonObject &object = *parsed;
        const QString type = object.value(L("type")).toString();
        if (type == L("content_block_delta"))
            return readDelta(object.value(L("delta")).toObject(), object.value(L("index")).toInt(),
                             sink);
        if (type == L("content_block_start"))
            return startBlock(object.value(L("content_block")).toObject(),
                              object.value(L("index")).toInt(), sink);
        if (type == L("message_start")) {
            readMessage(object.value(L("message")).toObject());
        } else if (type == L("message_delta")) {
            readStop(object.value(L("delta")).toObject());
            readUsage(object.value(L("usage")).toObject());
        } else if (type == L("message_stop")) {
            m_done = true;
        } else if (type == L("error") || object.value(L("error")).isObject()) {
            return codec::streamError(object, m_model);
        }
        return {}; // ping, content_block_stop and what may come one day
    }

    Result<void> body(const QByteArray &body, const AnswerBuilder::Sink &sink) override
    {
        const auto object = codec::parseObject(body, m_model);
        if (!object)
            return object.error();
        if (object->value(L("error")).isObject())
            return codec::streamError(*object, m_model);
        if (!object->value(L("content")).isArray())
            return codec::malformed(m_model, QStringLiteral("no message"), body);
        readMessage(*object);
        readStop(*object);
        const QJsonArray content = object->value(L("content")).toArray();
        for (int i = 0; i < content.size(); ++i) {
            const QJsonObject block = content[i].toObject();
            const auto result = startBlock(block, i, sink);
            if (!result)
                return result;
            const QString signature = block.value(L("signature")).toString();
            if (!signature.isEmpty())
                addSignature(m_blocks.value(i, -1), signature);
        }
        m_done = true;
        return {};
    }

    Result<ChatResponse> finish() override
    {
        if (!m_done)
            return codec::incomplete(m_model);
        for (const auto &[part, input] : std::as_const(m_inputs)) {
            if (m_answer.part(part).argumentsText.isEmpty())
                m_answer.part(part).argumentsText = json::compactString(input);
        }
        for (auto it = m_signatures.constBegin(); it != m_signatures.constEnd(); ++it) {
            MessagePart &part = m_answer.part(it.key());
            part.signature = codec::seal(sealName, m_model,
                                         QJsonObject{{L("type"), L("thinking")},
                                                     {L("thinking"), part.text},
                                                     {L("signature"), it.value()}});
        }
        ChatResponse response;
        response.finishReason = codec::withCalls(m_finish, m_answer.hasCalls());
        response.message = m_answer.takeMessage();
        response.usage = m_usage;
        response.usage.inputTokens +=
            m_usage.cacheReadTokens + m_usage.cacheWriteTokens; // Anthropic leaves them out
        response.id = m_id;
        response.model = m_answeringModel;
        return response;
    }

private:
    Result<void> startBlock(const QJsonObject &block, int index, const AnswerBuilder::Sink &sink)
    {
        const QString type = block.value(L("type")).toString();
        if (type == L("text")) {
            m_blocks.insert(index, m_answer.addPart(Type::Text));
            m_answer.append(m_blocks.value(index), block.value(L("text")).toString(), sink);
        } else if (type == L("thinking")) {
            m_blocks.insert(index, m_answer.addPart(Type::Reasoning));
            m_answer.append(m_blocks.value(index), block.value(L("thinking")).toString(), sink);
        } else if (type == L("redacted_thinking")) {
            const int part = m_answer.addPart(Type::Reasoning);
            m_blocks.insert(index, part);
            m_answer.part(part).signature = codec::seal(sealName, m_model, block);
        } else if (type == L("tool_use")) {
            const auto part = m_answer.addCall(block.value(L("id")).toString(),
                                               block.value(L("name")).toString(), sink);
            if (!part)
                return part.error();
            m_blocks.insert(index, *part);
            const QJsonObject input = block.value(L("input")).toObject();
            if (!input.isEmpty()) // whole bodies, and servers that do not stream arguments
                m_inputs.push_back({*part, input});
        }
        return {}; // blocks of server-side tools are not asked for
    }

    Result<void> readDelta(const QJsonObject &delta, int index, const AnswerBuilder::Sink &sink)
    {
        int part = m_blocks.value(index, -1);
        const QString type = delta.value(L("type")).toString();
        if (type == L("text_delta") || type == L("thinking_delta")) {
            const bool text = type == L("text_delta");
            if (part < 0) { // a start was left out
                part = m_answer.addPart(text ? Type::Text : Type::Reasoning);
                m_blocks.insert(index, part);
            }
            m_answer.append(part, delta.value(text ? L("text") : L("thinking")).toString(), sink);
        } else if (type == L("input_json_delta")) {
            if (part >= 0 && m_answer.part(part).type == Type::ToolCall)
                m_answer.appendArguments(part, delta.value(L("partial_json")).toString(), sink);
        } else if (type == L("signature_delta")) {
            addSignature(part, delta.value(L("signature")).toString());
        }
        return {};
    }

    void addSignature(int part, const QString &signature)
    {
        if (part >= 0 && m_answer.part(part).type == Type::Reasoning)
            m_signatures[part] += signature;
        if (part >= 0 && m_answer.part(part).signature.isEmpty())
            m_answer.part(part).signature =
                signature; // keeps an empty thinking block alive; sealed at the end
    }

    void readMessage(const QJsonObject &message)
    {
        m_id = message.value(L("id")).toString();
        m_answeringModel = message.value(L("model")).toString();
        readUsage(message.value(L("usage")).toObject());
    }

    void readStop(const QJsonObject &delta)
    {
        const QJsonValue reason = delta.value(L("stop_reason"));
        if (!reason.isString())
            return;
        m_finish = finishReason(reason.toString());
        m_done = true;
    }

    // Counts are totals so far; the last ones are right.
    void readUsage(const QJsonObject &usage)
    {
        const auto take = [&usage](const char *key, qint64 &target) {
            const QJsonValue value = usage.value(L(key));
            if (value.isDouble())
                target = value.toInteger();
        };
        take("input_tokens", m_usage.inputTokens);
        take("output_tokens", m_usage.outputTokens);
        take("cache_read_input_tokens", m_usage.cacheReadTokens);
        take("cache_creation_input_tokens", m_usage.cacheWriteTokens);
        const QJsonObject details = usage.value(L("output_tokens_details")).toObject();
        m_usage.reasoningTokens =
            details.value(L("thinking_tokens")).toInteger(m_usage.reasoningTokens);
    }

    QString m_model;
    AnswerBuilder m_answer;
    QHash<int, int> m_blocks;         // block index -> part
    QHash<int, QString> m_signatures; // of thinking parts
    std::vector<std::pair<int, QJsonObject>> m_inputs;
    Usage m_usage;
    QString m_id;
    QString m_answeringModel;
    FinishReason m_finish = FinishReason::Stop;
    bool m_done = false;
};
} // namespace

HttpRequest AnthropicCodec::encode(const ChatRequest &request, const ConnectionSpec &connection,
                                   const QString &secret) const
{
    QJsonObject body{{L("model"), request.model},
                     {L("messages"), encodeMessages(request)},
                     {L("max_tokens"), request.maxTokens.value_or(defaultMaxTokens)}};
    QString system = codec::systemText(request);
    QByteArray schemaText;
    if (request.outputSchema) {
        // Structured output where the model has it. Older models and other makers' servers get the schema as words: the
        // old trick, one forced tool, is refused by the newest models and shuts out the agent's own tools.
        if (hasStructuredOutput(request.model)) {
            const QJsonValue schema = closedSchema(request.outputSchema->object());
            schemaText = request.outputSchema->compact(schema);
            const QJsonObject format{{L("type"), L("json_schema")}, {L("schema"), schema}};
            body.insert(L("output_config"), QJsonObject{{L("format"), format}});
        } else {
            system += (system.isEmpty() ? QString() : QStringLiteral("\n\n"))
                      + codec::schemaInstruction(*request.outputSchema);
        }
    }
    if (!system.isEmpty())
        body.insert(L("system"), system);
    if (!request.tools.empty()) {
        QJsonArray tools;
        for (const ToolDescription &tool : request.tools) {
            tools.append(QJsonObject{{L("name"), tool.name},
                                     {L("description"), tool.description},
                                     {L("input_schema"), codec::objectSchema(tool.schema)}});
        }
        body.insert(L("tools"), tools);
        if (request.toolChoice == ChatRequest::ToolChoice::None)
            body.insert(L("tool_choice"), QJsonObject{{L("type"), L("none")}});
        else if (request.toolChoice == ChatRequest::ToolChoice::Required
                 && !refusesForcedTools(request.model))
            body.insert(L("tool_choice"), QJsonObject{{L("type"), L("any")}});
    }
    if (request.temperature)
        body.insert(L("temperature"), *request.temperature);
    if (request.topP)
        body.insert(L("top_p"), *request.topP);
    if (!request.stop.isEmpty())
        body.insert(L("stop_sequences"), json::fromStringList(request.stop));
    body.insert(L("stream"), request.stream); // the API has no seed
    HttpHeaders headers = baseHeaders(secret);
    headers.emplace_back("Accept", request.stream ? "text/event-stream, application/json"
                                                  : "application/json");
    return rules::makeRequest(connection, "POST", QStringLiteral("/messages"), std::move(headers),
                              codec::withText(body, {L("output_config"), L("format"), L("schema")}, schemaText));
}

std::unique_ptr<AnswerReader> AnthropicCodec::makeReader(const ChatRequest &request) const
{
    return std::make_unique<Reader>(request);
}

Error AnthropicCodec::decodeError(const HttpResponse &response, const ConnectionSpec &connection,
                                  const QString &model) const
{
    return codec::decodeHttpError(response, connection, model);
}

HttpRequest AnthropicCodec::encodeListModels(const ConnectionSpec &connection,
                                             const QString &secret) const
{
    return rules::makeRequest(connection, "GET", QStringLiteral("/models?limit=1000"),
                              baseHeaders(secret));
}

Result<QStringList> AnthropicCodec::decodeListModels(const QByteArray &body) const
{
    return codec::modelIds(body);
}

} // namespace lathe
