// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OpenAiResponsesCodec.h"

#include "core/base/Json.h"
#include "core/llm/AnswerBuilder.h"
#include "core/llm/CodecSupport.h"
#include "core/llm/ConnectionRules.h"

#include <QHash>

namespace lathe {

namespace {
using Type = MessagePart::Type;
using L = QLatin1String;
constexpr QLatin1String sealName("openai_responses");

HttpHeaders authorization(const QString &secret)
{
    HttpHeaders headers;
    if (!secret.isEmpty())
        headers.emplace_back("Authorization", "Bearer " + secret.toUtf8());
    return headers;
}

// OpenAI refuses to encrypt the reasoning of models that have none.
bool isReasoningModel(const QString &model)
{
    if (model.size() > 1 && model.startsWith(QLatin1Char('o')) && model.at(1).isDigit())
        return true;
    return model.startsWith(L("gpt-"))
           && model.mid(4).section(QLatin1Char('.'), 0, 0).section(QLatin1Char('-'), 0, 0).toInt()
                  >= 5
           && !model.contains(L("-chat"));
}

void encodeAssistant(const Message &message, const QString &model, QJsonArray &input)
{
    for (const MessagePart &part : message.parts) {
        if (part.type == Type::Text && !part.text.isEmpty()) {
            const QJsonObject text{{L("type"), L("output_text")},
                                   {L("text"), part.text},
                                   {L("annotations"), QJsonArray()}};
            input.append(QJsonObject{{L("type"), L("message")},
                                     {L("role"), L("assistant")},
                                     {L("content"), QJsonArray{text}}});
        } else if (part.type == Type::Reasoning) {
            const QJsonObject item = codec::unseal(part.signature, sealName, model);
            if (!item.isEmpty())
                input.append(item);
        } else if (part.type == Type::ToolCall) {
            input.append(
                QJsonObject{{L("type"), L("function_call")},
                            {L("call_id"), part.id},
                            {L("name"), part.name},
                            {L("arguments"), part.argumentsText.isEmpty() ? QStringLiteral("{}")
                                                                          : part.argumentsText}});
        }
    }
}

QJsonArray encodeInput(const ChatRequest &request)
{
    QJsonArray input;
    for (const Message &message : request.messages) {
        if (message.role == Role::Assistant) {
            encodeAssistant(message, request.model, input);
        } else if (message.role == Role::User) {
            QJsonArray content;
            for (const MessagePart &part : message.parts) {
                if (part.type == Type::Text) {
                    content.append(
                        QJsonObject{{L("type"), L("input_text")}, {L("text"), part.text}});
                } else if (part.type == Type::Image) {
                    const QString url =
                        QStringLiteral("data:%1;base64,%2")
                            .arg(part.mimeType, QString::fromLatin1(part.bytes.toBase64()));
                    content.append(QJsonObject{{L("type"), L("input_image")},
                                               {L("image_url"), url},
                                               {L("detail"), L("auto")}});
                }
            }
            input.append(QJsonObject{
                {L("type"), L("message")}, {L("role"), L("user")}, {L("content"), content}});
        } else if (message.role == Role::Tool) {
            for (const MessagePart &part : message.parts) {
                if (part.type == Type::ToolResult)
                    input.append(QJsonObject{{L("type"), L("function_call_output")},
                                             {L("call_id"), part.id},
                                             {L("output"), part.text}});
            }
        }
    }
    return input;
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
        const auto parsed = codec::parseObject(event.data, m_model);
        if (!parsed)
            return parsed.error();
        const QJsonObject &object = *parsed;
        QString type = object.value(L("type")).toString();
        if (type.isEmpty()) // the name is in the SSE field at least
            type = QString::fromUtf8(event.event);
        if (type == L("response.output_text.delta") || type == L("response.refusal.delta")) {
            if (type == L("response.refusal.delta"))
                m_refused = true;
            m_answer.append(partOf(object, Type::Text), object.value(L("delta")).toString(), sink);
        } else if (type == L("response.reasoning_summary_text.delta")
                   || type == L("response.reasoning_text.delta")) {
            m_answer.append(partOf(object, Type::Reasoning), object.value(L("delta")).toString(),
                            sink);
        } else if (type == L("response.reasoning_summary_part.added")) {
            const int part = partOf(object, Type::Reasoning);
            if (!m_answer.part(part).text.isEmpty())
                m_answer.append(part, QStringLiteral("\n\n"), sink);
        } else if (type == L("response.function_call_arguments.delta")) {
            const auto part = callOf(object, QString(), QString(), sink);
            if (!part)
                return part.error();
            m_answer.appendArguments(*part, object.value(L("delta")).toString(), sink);
        } else if (type == L("response.output_item.added")
                   || type == L("response.output_item.done")) {
            return readItem(object.value(L("item")).toObject(), object, sink);
        } else if (type == L("response.completed") || type == L("response.incomplete")
                   || type == L("response.failed")) {
            return readResponse(object.value(L("response")).toObject(), sink);
        } else if (type == L("response.created") || type == L("response.in_progress")) {
            const QJsonObject response = object.value(L("response")).toObject();
            m_id = response.value(L("id")).toString();
            m_answeringModel = response.value(L("model")).toString();
        } else if (type == L("error") || object.value(L("error")).isObject()) {
            return codec::streamError(object, m_model);
        }
        return {};
    }

    Result<void> body(const QByteArray &body, const AnswerBuilder::Sink &sink) override
    {
        const auto object = codec::parseObject(body, m_model);
        if (!object)
            return object.error();
        if (object->value(L("error")).isObject() && !object->value(L("output")).isArray())
            return codec::streamError(*object, m_model);
        if (!object->value(L("output")).isArray())
            return codec::malformed(m_model, QStringLiteral("no response object"), body);
        return readResponse(*object, sink);
    }

    Result<ChatResponse> finish() override
    {
        if (!m_done)
            return codec::incomplete(m_model);
        ChatResponse response;
        response.finishReason = m_refused ? FinishReason::ContentFilter
                                          : codec::withCalls(m_finish, m_answer.hasCalls());
        response.message = m_answer.takeMessage();
        response.usage = m_usage;
        response.id = m_id;
        response.model = m_answeringModel;
        return response;
    }

private:
    // llama-server leaves output_index out, so the item's id is asked first.
    int known(const QJsonObject &object, const QString &itemId) const
    {
        const auto byId = m_byId.constFind(itemId);
        if (!itemId.isEmpty() && byId != m_byId.constEnd())
            return *byId;
        const QJsonValue index = object.value(L("output_index"));
        return index.isDouble() && itemId.isEmpty() ? m_byIndex.value(index.toInt(), -1) : -1;
    }
    void remember(const QJsonObject &object, const QString &itemId, int part)
    {
        if (!itemId.isEmpty())
            m_byId.insert(itemId, part);
        const QJsonValue index = object.value(L("output_index"));
        if (index.isDouble())
            m_byIndex.insert(index.toInt(), part);
    }
    int partOf(const QJsonObject &object, Type type)
    {
        const QString itemId = object.value(L("item_id")).toString();
        int part = known(object, itemId);
        if (part < 0 || m_answer.part(part).type != type) {
            part = itemId.isEmpty() ? m_answer.lastPart(type) : m_answer.addPart(type);
            remember(object, itemId, part);
        }
        return part;
    }
    Result<int> callOf(const QJsonObject &object, const QString &callId, const QString &name,
                       const AnswerBuilder::Sink &sink)
    {
        QString itemId = object.value(L("item_id")).toString();
        if (itemId.isEmpty())
            itemId = object.value(L("item")).toObject().value(L("id")).toString();
        int part = known(object, itemId);
        if (part >= 0 && m_answer.part(part).type == Type::ToolCall)
            return part;
        // llama-server's items have no id, its fragments name the call's; else a fragment belongs to the last call.
        for (part = m_answer.partCount() - 1; part >= 0; --part) {
            const MessagePart &call = m_answer.part(part);
            const bool same = callId.isEmpty() ? name.isEmpty() : call.id == callId;
            if (call.type == Type::ToolCall && (same || (!itemId.isEmpty() && call.id == itemId)))
                return part;
        }
        auto added = m_answer.addCall(callId, name, sink);
        if (added)
            remember(object, itemId, *added);
        return added;
    }

    // An item begun (some fields still empty) or done (all there); nothing is taken twice.
    Result<void> readItem(const QJsonObject &item, const QJsonObject &event,
                          const AnswerBuilder::Sink &sink)
    {
        const QString type = item.value(L("type")).toString();
        QJsonObject key = event;
        key.insert(L("item_id"), item.value(L("id")).toString());
        if (type == L("function_call")) {
            const QString callId = item.value(L("call_id")).toString();
            const QString name = item.value(L("name")).toString();
            const auto part = callOf(key, callId, name, sink);
            if (!part)
                return part.error();
            if (!callId.isEmpty())
                m_answer.part(*part).id = callId;
            m_answer.setCallName(*part, name, sink);
            if (m_answer.part(*part).argumentsText.isEmpty())
                m_answer.appendArguments(*part, item.value(L("arguments")).toString(), sink);
        } else if (type == L("message")) {
            const int part = partOf(key, Type::Text);
            if (m_answer.part(part).text.isEmpty())
                readContent(item.value(L("content")).toArray(), part, sink);
        } else if (type == L("reasoning")) {
            readReasoning(item, partOf(key, Type::Reasoning), sink);
        }
        return {};
    }

    void readContent(const QJsonArray &content, int part, const AnswerBuilder::Sink &sink)
    {
        for (const QJsonValue &value : content) {
            const QJsonObject piece = value.toObject();
            if (piece.value(L("type")) == QJsonValue(L("refusal"))) {
                m_refused = true;
                m_answer.append(part, piece.value(L("refusal")).toString(), sink);
            } else {
                m_answer.append(part, piece.value(L("text")).toString(), sink);
            }
        }
    }

    void readReasoning(const QJsonObject &item, int part, const AnswerBuilder::Sink &sink)
    {
        if (m_answer.part(part).text.isEmpty()) {
            readContent(item.value(L("summary")).toArray(), part, sink);
            if (m_answer.part(part).text.isEmpty())
                readContent(item.value(L("content")).toArray(), part, sink);
        }
        // Only encrypted reasoning may be sent back when nothing is stored at the provider.
        const QString encrypted = item.value(L("encrypted_content")).toString();
        if (encrypted.isEmpty())
            return;
        m_answer.part(part).signature =
            codec::seal(sealName, m_model,
                        QJsonObject{{L("type"), L("reasoning")},
                                    {L("id"), item.value(L("id"))},
                                    {L("summary"), item.value(L("summary")).toArray()},
                                    {L("encrypted_content"), encrypted}});
    }

    Result<void> readResponse(const QJsonObject &response, const AnswerBuilder::Sink &sink)
    {
        const QString status = response.value(L("status")).toString();
        if (status == L("failed")
            || (response.value(L("error")).isObject() && status != L("completed")))
            return codec::streamError(response, m_model);
        m_id = response.value(L("id")).toString();
        m_answeringModel = response.value(L("model")).toString();
        const QJsonArray output = response.value(L("output")).toArray();
        for (int i = 0; i < output.size(); ++i) {
            const auto result =
                readItem(output[i].toObject(), QJsonObject{{L("output_index"), i}}, sink);
            if (!result)
                return result;
        }
        const QJsonObject usage = response.value(L("usage")).toObject();
        m_usage.inputTokens = usage.value(L("input_tokens")).toInteger();
        m_usage.outputTokens = usage.value(L("output_tokens")).toInteger();
        const QJsonObject input = usage.value(L("input_tokens_details")).toObject();
        m_usage.cacheReadTokens = input.value(L("cached_tokens")).toInteger();
        m_usage.cacheWriteTokens = input.value(L("cache_write_tokens")).toInteger();
        m_usage.reasoningTokens = usage.value(L("output_tokens_details"))
                                      .toObject()
                                      .value(L("reasoning_tokens"))
                                      .toInteger();
        const QString reason =
            response.value(L("incomplete_details")).toObject().value(L("reason")).toString();
        if (status == L("incomplete"))
            m_finish =
                reason == L("content_filter") ? FinishReason::ContentFilter : FinishReason::Length;
        m_done = true;
        return {};
    }

    QString m_model;
    AnswerBuilder m_answer;
    QHash<QString, int> m_byId;
    QHash<int, int> m_byIndex;
    Usage m_usage;
    QString m_id;
    QString m_answeringModel;
    FinishReason m_finish = FinishReason::Stop;
    bool m_refused = false;
    bool m_done = false;
};
} // namespace

HttpRequest OpenAiResponsesCodec::encode(const ChatRequest &request,
                                         const ConnectionSpec &connection,
                                         const QString &secret) const
{
    // Lathe keeps the conversation itself; nothing is left at the provider. The API has no seed and no stop sequences.
    QJsonObject body{
        {L("model"), request.model}, {L("input"), encodeInput(request)}, {L("store"), false}};
    const QString system = codec::systemText(request);
    if (!system.isEmpty())
        body.insert(L("instructions"), system);
    if (isReasoningModel(request.model))
        body.insert(L("include"), QJsonArray{L("reasoning.encrypted_content")});
    if (!request.tools.empty()) {
        QJsonArray tools;
        for (const ToolDescription &tool : request.tools) {
            tools.append(QJsonObject{
                {L("type"), L("function")},
                {L("name"), tool.name},
                {L("description"), tool.description},
                {L("parameters"), codec::objectSchema(tool.schema)},
                {L("strict"), false}}); // true is the default here and refuses most schemas
        }
        body.insert(L("tools"), tools);
        if (request.toolChoice != ChatRequest::ToolChoice::Auto)
            body.insert(L("tool_choice"), request.toolChoice == ChatRequest::ToolChoice::None
                                              ? L("none")
                                              : L("required"));
    }
    if (request.outputSchema) {
        body.insert(
            L("text"),
            QJsonObject{
                {L("format"), QJsonObject{{L("type"), L("json_schema")},
                                          {L("name"), codec::cleanName(request.outputName,
                                                                       QStringLiteral("output"))},
                                          {L("schema"), request.outputSchema->object()},
                                          {L("strict"), false}}}});
    }
    if (request.temperature)
        body.insert(L("temperature"), *request.temperature);
    if (request.topP)
        body.insert(L("top_p"), *request.topP);
    if (request.maxTokens)
        body.insert(L("max_output_tokens"), *request.maxTokens);
    body.insert(L("stream"), request.stream);
    HttpHeaders headers = authorization(secret);
    headers.emplace_back("Accept", request.stream ? "text/event-stream, application/json"
                                                  : "application/json");
    const QByteArray schema = request.outputSchema ? request.outputSchema->compact() : QByteArray();
    return rules::makeRequest(connection, "POST", QStringLiteral("/responses"), std::move(headers),
                              codec::withText(body, {L("text"), L("format"), L("schema")}, schema));
}

std::unique_ptr<AnswerReader> OpenAiResponsesCodec::makeReader(const ChatRequest &request) const
{
    return std::make_unique<Reader>(request);
}

Error OpenAiResponsesCodec::decodeError(const HttpResponse &response,
                                        const ConnectionSpec &connection,
                                        const QString &model) const
{
    return codec::decodeHttpError(response, connection, model);
}

HttpRequest OpenAiResponsesCodec::encodeListModels(const ConnectionSpec &connection,
                                                   const QString &secret) const
{
    return rules::makeRequest(connection, "GET", QStringLiteral("/models"), authorization(secret));
}

Result<QStringList> OpenAiResponsesCodec::decodeListModels(const QByteArray &body) const
{
    return codec::modelIds(body);
}

} // namespace lathe
