// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OpenAiChatCodec.h"

#include "core/base/Json.h"
#include "core/base/JsonView.h"
#include "core/base/JsonWriter.h"
#include "core/llm/AnswerBuilder.h"
#include "core/llm/CodecSupport.h"
#include "core/llm/ConnectionRules.h"

#include <QHash>

namespace lathe {

namespace {
using Type = MessagePart::Type;
using L = QLatin1String;
using json::View;

HttpHeaders authorization(const QString &secret)
{
    HttpHeaders headers;
    if (!secret.isEmpty())
        headers.emplace_back("Authorization", "Bearer " + secret.toUtf8());
    return headers;
}

void writeUserContent(json::Writer &out, const Message &message)
{
    const bool onlyText =
        std::all_of(message.parts.begin(), message.parts.end(),
                    [](const MessagePart &part) { return part.type != Type::Image; });
    if (onlyText) {
        out.string(message.text());
        return;
    }
    out.beginArray();
    for (const MessagePart &part : message.parts) {
        if (part.type == Type::Text) {
            out.beginObject().key(L("type")).string(L("text")).key(L("text")).string(part.text).endObject();
        } else if (part.type == Type::Image) {
            const QString url = QStringLiteral("data:%1;base64,%2")
                                    .arg(part.mimeType, QString::fromLatin1(part.bytes.toBase64()));
            out.beginObject().key(L("type")).string(L("image_url")).key(L("image_url"));
            out.beginObject().key(L("url")).string(url).endObject().endObject();
        }
    }
    out.endArray();
}

void writeAssistantMessage(json::Writer &out, const Message &message, bool withReasoning)
{
    QString reasoning;
    bool calls = false;
    for (const MessagePart &part : message.parts) {
        if (part.type == Type::Reasoning)
            reasoning += part.text;
        calls = calls || part.type == Type::ToolCall;
    }
    const QString text = message.text();
    out.beginObject().key(L("role")).string(L("assistant")).key(L("content"));
    if (text.isEmpty() && calls)
        out.null();
    else
        out.string(text);
    if (withReasoning && !reasoning.isEmpty())
        out.key(L("reasoning_content")).string(reasoning);
    if (calls) {
        out.key(L("tool_calls")).beginArray();
        for (const MessagePart &part : message.parts) {
            if (part.type != Type::ToolCall)
                continue;
            // What the model wrote is kept byte for byte unless it is broken: llama-server answers such a history with 500.
            const auto parsed = json::Document::parse(part.argumentsText.toUtf8());
            const bool valid = parsed && parsed->root().isObject();
            const QString arguments =
                valid ? part.argumentsText
                      : json::compactString(codec::argumentsObject(part.argumentsText));
            out.beginObject().key(L("id")).string(part.id).key(L("type")).string(L("function"));
            out.key(L("function")).beginObject().key(L("name")).string(part.name);
            out.key(L("arguments")).string(arguments).endObject().endObject();
        }
        out.endArray();
    }
    out.endObject();
}

void writeMessages(json::Writer &out, const ChatRequest &request, const QString &provider)
{
    // DeepSeek and Moonshot want a thinking model's reasoning back within a turn, and refuse that of earlier turns.
    const bool wantsReasoning = provider == L("deepseek") || provider == L("moonshot_ai");
    const size_t turn = codec::turnStart(request);
    out.beginArray();
    for (size_t i = 0; i < request.messages.size(); ++i) {
        const Message &message = request.messages[i];
        switch (message.role) {
        case Role::System:
            out.beginObject().key(L("role")).string(L("system")).key(L("content")).string(message.text()).endObject();
            break;
        case Role::User:
            out.beginObject().key(L("role")).string(L("user")).key(L("content"));
            writeUserContent(out, message);
            out.endObject();
            break;
        case Role::Assistant:
            writeAssistantMessage(out, message, wantsReasoning && i >= turn);
            break;
        case Role::Tool:
            for (const MessagePart &part : message.parts) {
                if (part.type == Type::ToolResult)
                    out.beginObject().key(L("role")).string(L("tool")).key(L("tool_call_id")).string(part.id)
                        .key(L("content")).string(part.text).endObject();
            }
            break;
        }
    }
    out.endArray();
}

void writeTools(json::Writer &out, const ChatRequest &request)
{
    out.beginArray();
    for (const ToolDescription &tool : request.tools) {
        out.beginObject().key(L("type")).string(L("function")).key(L("function")).beginObject();
        out.key(L("name")).string(tool.name).key(L("description")).string(tool.description).key(L("parameters"));
        if (tool.schemaText.isEmpty() || tool.schema.isEmpty())
            out.value(codec::objectSchema(tool.schema));
        else
            out.raw(tool.schemaText);
        out.endObject().endObject();
    }
    out.endArray();
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
        const auto document = codec::parseDocument(event.data, m_model);
        if (!document)
            return document.error();
        return read(document->root(), L("delta"), sink);
    }

    Result<void> body(const QByteArray &body, const AnswerBuilder::Sink &sink) override
    {
        const auto document = codec::parseDocument(body, m_model);
        if (!document)
            return document.error();
        const View object = document->root();
        if (!object.value(L("choices")).isArray() && !object.contains(L("error")))
            return codec::malformed(m_model, QStringLiteral("no chat completion"), body);
        m_done = true;
        return read(object, L("message"), sink);
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
    Result<void> read(View object, QLatin1String key, const AnswerBuilder::Sink &sink)
    {
        const View error = object.value(L("error"));
        if (!error.isUndefined() && !error.isNull())
            return codec::streamError(object.toJson().toObject(), m_model);
        if (m_id.isEmpty()) {
            m_id = object.value(L("id")).toString();
            m_answeringModel = object.value(L("model")).toString();
        }
        const View usage = object.value(L("usage"));
        if (usage.isObject())
            readUsage(usage);
        const View choices = object.value(L("choices"));
        if (!choices.isArray())
            return {};
        for (const View choice : choices) {
            if (choice.value(L("index")).toInt() != 0) // n > 1 was not asked for
                continue;
            auto result = readMessage(choice.value(key), sink);
            if (!result)
                return result;
            const View finish = choice.value(L("finish_reason"));
            if (finish.isString() && !finish.toString().isEmpty()) {
                m_finished = true;
                if (!m_refused)
                    m_finish = finishReason(finish.toString());
            }
        }
        return {};
    }

    Result<void> readMessage(View message, const AnswerBuilder::Sink &sink)
    {
        // DeepSeek, llama-server and vLLM say reasoning_content, OpenRouter, Ollama and newer vLLM say reasoning.
        View reasoning = message.value(L("reasoning_content"));
        if (!reasoning.isString())
            reasoning = message.value(L("reasoning"));
        if (reasoning.isString())
            append(Type::Reasoning, reasoning.toString(), sink);
        const View content = message.value(L("content"));
        if (content.isString())
            append(Type::Text, content.toString(), sink);
        else if (content.isArray())
            readContentParts(content, sink);
        const View refusal = message.value(L("refusal"));
        if (refusal.isString() && !refusal.toString().isEmpty()) {
            append(Type::Text, refusal.toString(), sink);
            m_refused = true;
            m_finish = FinishReason::ContentFilter;
        }
        const View calls = message.value(L("tool_calls"));
        if (!calls.isArray())
            return {};
        for (const View call : calls) {
            auto result = readCall(call, sink);
            if (!result)
                return result;
        }
        return {};
    }

    // Mistral: [{"type":"thinking","thinking":[{"type":"text","text":...}]},{"type":"text","text":...}]
    void readContentParts(View parts, const AnswerBuilder::Sink &sink)
    {
        for (const View part : parts) {
            if (part.value(L("type")) == L("text")) {
                append(Type::Text, part.value(L("text")).toString(), sink);
                continue;
            }
            const View thinking = part.value(L("thinking"));
            if (thinking.isString())
                append(Type::Reasoning, thinking.toString(), sink);
            if (!thinking.isArray())
                continue;
            for (const View piece : thinking)
                append(Type::Reasoning, piece.value(L("text")).toString(), sink);
        }
    }

    void append(Type type, const QString &piece, const AnswerBuilder::Sink &sink)
    {
        if (!piece.isEmpty())
            m_answer.append(m_answer.lastPart(type), piece, sink);
    }

    Result<void> readCall(View call, const AnswerBuilder::Sink &sink)
    {
        const View function = call.value(L("function"));
        const QString id = call.value(L("id")).toString();
        const QString name = function.value(L("name")).toString();
        const View indexValue = call.value(L("index"));
        // Without an index a fragment with an id or a name begins a call, any other goes on with the last one.
        int index = indexValue.isNumber() ? indexValue.toInt() : -1;
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
        const View arguments = function.value(L("arguments"));
        m_answer.appendArguments(
            part, arguments.isObject() ? json::compactString(arguments.toJson()) : arguments.toString(),
            sink);
        return {};
    }

    void readUsage(View usage)
    {
        const View input = usage.value(L("prompt_tokens_details"));
        const View output = usage.value(L("completion_tokens_details"));
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
    json::Writer body;
    body.beginObject().key(L("model")).string(request.model).key(L("messages"));
    writeMessages(body, request, provider);
    if (!request.tools.empty()) {
        body.key(L("tools"));
        writeTools(body, request);
        if (request.toolChoice != ChatRequest::ToolChoice::Auto)
            body.key(L("tool_choice")).string(request.toolChoice == ChatRequest::ToolChoice::None ? L("none") : L("required"));
    }
    if (request.outputSchema) {
        // strict: false, because strict mode refuses most hand-written schemas (every property required, no defaults);
        // the runtime checks the answer against the schema anyway.
        body.key(L("response_format")).beginObject().key(L("type")).string(L("json_schema")).key(L("json_schema")).beginObject();
        body.key(L("name")).string(codec::cleanName(request.outputName, QStringLiteral("output")));
        body.key(L("schema")).raw(request.outputSchema->compact()).key(L("strict")).boolean(false).endObject().endObject();
    }
    if (request.temperature)
        body.key(L("temperature")).value(*request.temperature);
    if (request.topP)
        body.key(L("top_p")).value(*request.topP);
    if (request.maxTokens) {
        // OpenAI's newer models refuse max_tokens, most other servers know nothing else.
        const bool newName = provider == L("openai") ? rules::isProvidersOwn(connection)
                                                     : provider == L("azure.ai.openai");
        body.key(newName ? L("max_completion_tokens") : L("max_tokens")).number(*request.maxTokens);
    }
    if (request.seed)
        body.key(provider == L("mistral_ai") ? L("random_seed") : L("seed")).number(*request.seed);
    if (!request.stop.isEmpty())
        body.key(L("stop")).value(json::fromStringList(request.stop));
    body.key(L("stream")).boolean(request.stream);
    if (request.stream
        && provider
               != L("mistral_ai")) // Mistral always sends the usage and refuses unknown members
        body.key(L("stream_options")).beginObject().key(L("include_usage")).boolean(true).endObject();
    body.endObject();
    HttpHeaders headers = authorization(secret);
    headers.emplace_back("Accept", request.stream ? "text/event-stream, application/json"
                                                  : "application/json");
    return rules::makeRequest(connection, "POST", QStringLiteral("/chat/completions"),
                              std::move(headers), body.take());
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
