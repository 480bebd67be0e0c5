// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/GeminiCodec.h"

#include "core/base/Json.h"
#include "core/llm/AnswerBuilder.h"
#include "core/llm/CodecSupport.h"
#include "core/llm/ConnectionRules.h"

#include <QHash>
#include <QJsonDocument>
#include <QUrl>

namespace lathe {

namespace {
using Type = MessagePart::Type;
using L = QLatin1String;
constexpr QLatin1String sealName("gemini");

HttpHeaders baseHeaders(const QString &secret)
{
    HttpHeaders headers;
    if (!secret.isEmpty())
        headers.emplace_back("x-goog-api-key",
                             secret.toUtf8()); // never in the URL, which ends up in logs
    return headers;
}

// 25 for gemini-2.5-flash, 30 for gemini-3-pro-preview, 0 for others.
int generation(const QString &model)
{
    QString name = model;
    if (name.startsWith(L("models/")))
        name.remove(0, 7);
    if (!name.startsWith(L("gemini-")))
        return 0;
    const QString version = name.section(QLatin1Char('-'), 1, 1);
    return version.section(QLatin1Char('.'), 0, 0).toInt() * 10
           + version.section(QLatin1Char('.'), 1, 1).toInt();
}

bool isMadeUp(const QString &id)
{
    return id.isEmpty() || (id.startsWith(L("call_")) && id.size() < 10);
}

QJsonObject withSignature(QJsonObject part, const QString &signature, const QString &model)
{
    const QJsonObject sealed = codec::unseal(signature, sealName, model);
    if (!sealed.isEmpty())
        part.insert(L("thoughtSignature"), sealed.value(L("signature")));
    return part;
}

QJsonArray assistantParts(const Message &message, const QString &model)
{
    QJsonArray parts;
    bool firstCall = true;
    for (const MessagePart &part : message.parts) {
        if (part.type == Type::Text && (!part.text.isEmpty() || !part.signature.isEmpty())) {
            parts.append(withSignature(QJsonObject{{L("text"), part.text}}, part.signature, model));
        } else if (part.type == Type::ToolCall) {
            QJsonObject call{{L("name"), part.name},
                             {L("args"), codec::argumentsObject(part.argumentsText)}};
            if (!isMadeUp(part.id))
                call.insert(L("id"), part.id);
            QJsonObject out =
                withSignature(QJsonObject{{L("functionCall"), call}}, part.signature, model);
            // Gemini 3 refuses calls without a signature; this documented value stands for calls of other models.
            if (firstCall && generation(model) >= 30 && !out.contains(L("thoughtSignature")))
                out.insert(L("thoughtSignature"), L("skip_thought_signature_validator"));
            firstCall = false;
            parts.append(out);
        }
        // Thoughts are summaries for people; Gemini wants only the signatures back.
    }
    return parts;
}

QJsonArray encodeContents(const ChatRequest &request)
{
    QHash<QString, QString> callNames;
    QJsonArray contents;
    QString lastRole;
    QJsonArray parts;
    const auto flush = [&] {
        if (!parts.isEmpty())
            contents.append(QJsonObject{{L("role"), lastRole}, {L("parts"), parts}});
        parts = QJsonArray();
    };
    for (const Message &message : request.messages) {
        if (message.role == Role::System)
            continue;
        const QString role =
            message.role == Role::Assistant ? QStringLiteral("model") : QStringLiteral("user");
        if (role != lastRole) {
            flush();
            lastRole = role;
        }
        if (message.role == Role::Assistant) {
            for (const MessagePart &call : message.toolCalls())
                callNames.insert(call.id, call.name);
            const QJsonArray own = assistantParts(message, request.model);
            for (const QJsonValue &part : own)
                parts.append(part);
            continue;
        }
        for (const MessagePart &part : message.parts) {
            if (part.type == Type::Text) {
                parts.append(QJsonObject{{L("text"), part.text}});
            } else if (part.type == Type::Image) {
                parts.append(QJsonObject{
                    {L("inlineData"),
                     QJsonObject{{L("mimeType"), part.mimeType},
                                 {L("data"), QString::fromLatin1(part.bytes.toBase64())}}}});
            } else if (part.type == Type::ToolResult) {
                QJsonObject response{
                    {L("name"), part.name.isEmpty() ? callNames.value(part.id) : part.name},
                    {L("response"),
                     QJsonObject{{part.isError ? L("error") : L("output"), part.text}}}};
                if (!isMadeUp(part.id))
                    response.insert(L("id"), part.id);
                parts.append(QJsonObject{{L("functionResponse"), response}});
            }
        }
    }
    flush();
    return contents;
}

FinishReason finishReason(const QString &name)
{
    if (name == L("STOP"))
        return FinishReason::Stop;
    if (name == L("MAX_TOKENS"))
        return FinishReason::Length;
    for (const char *filter : {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
                               "IMAGE_SAFETY", "LANGUAGE"}) {
        if (name == L(filter))
            return FinishReason::ContentFilter;
    }
    return FinishReason::Other;
}

class Reader : public AnswerReader
{
public:
    explicit Reader(const ChatRequest &request) : m_model(request.model), m_answer(request) {}

    Result<void> event(const SseEvent &event, const AnswerBuilder::Sink &sink) override
    {
        if (event.data == "[DONE]") // gateways add it
            return {};
        const auto object = codec::parseObject(event.data, m_model);
        if (!object)
            return object.error();
        return read(*object, sink);
    }

    Result<void> body(const QByteArray &body, const AnswerBuilder::Sink &sink) override
    {
        if (body.trimmed().startsWith(
                '[')) { // gateways that ignore alt=sse send one array of chunks
            const QJsonDocument document = QJsonDocument::fromJson(body);
            if (!document.isArray())
                return codec::malformed(m_model, QStringLiteral("not valid JSON"), body);
            const QJsonArray chunks = document.array();
            for (const QJsonValue &chunk : chunks) {
                const auto result = read(chunk.toObject(), sink);
                if (!result)
                    return result;
            }
            return {};
        }
        const auto object = codec::parseObject(body, m_model);
        if (!object)
            return object.error();
        if (!object->contains(L("candidates")) && !object->contains(L("promptFeedback"))
            && !object->contains(L("error")))
            return codec::malformed(m_model, QStringLiteral("no candidates"), body);
        return read(*object, sink);
    }

    Result<ChatResponse> finish() override
    {
        if (!m_done)
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
    Result<void> read(const QJsonObject &object, const AnswerBuilder::Sink &sink)
    {
        if (object.value(L("error")).isObject())
            return codec::streamError(object, m_model);
        if (m_id.isEmpty()) {
            m_id = object.value(L("responseId")).toString();
            m_answeringModel = object.value(L("modelVersion")).toString();
        }
        const QJsonValue usage = object.value(L("usageMetadata"));
        if (usage.isObject())
            readUsage(usage.toObject());
        const QJsonObject feedback = object.value(L("promptFeedback")).toObject();
        if (!feedback.value(L("blockReason")).toString().isEmpty()) {
            m_finish = FinishReason::ContentFilter;
            m_done = true;
        }
        const QJsonObject candidate = object.value(L("candidates")).toArray().first().toObject();
        const QJsonArray parts =
            candidate.value(L("content")).toObject().value(L("parts")).toArray();
        for (const QJsonValue &part : parts) {
            const auto result = readPart(part.toObject(), sink);
            if (!result)
                return result;
        }
        const QJsonValue finish = candidate.value(L("finishReason"));
        if (finish.isString()) {
            m_finish = finishReason(finish.toString());
            m_done = true;
        }
        return {};
    }

    Result<void> readPart(const QJsonObject &part, const AnswerBuilder::Sink &sink)
    {
        const QString signature = part.value(L("thoughtSignature")).toString();
        const QJsonValue call = part.value(L("functionCall"));
        int number = -1;
        if (call.isObject()) {
            const QJsonObject function = call.toObject();
            const auto added = m_answer.addCall(function.value(L("id")).toString(),
                                                function.value(L("name")).toString(), sink);
            if (!added)
                return added.error();
            number = *added;
            m_answer.appendArguments(
                number, json::compactString(function.value(L("args")).toObject()), sink);
            m_openPart = -1;
        } else if (part.value(L("text")).isString()) {
            const Type type = part.value(L("thought")).toBool() ? Type::Reasoning : Type::Text;
            const QString text = part.value(L("text")).toString();
            // A part with a signature is closed: pieces after it must not be joined to it.
            if (m_openPart < 0 || m_answer.part(m_openPart).type != type
                || !m_answer.part(m_openPart).signature.isEmpty()) {
                if (text.isEmpty() && signature.isEmpty())
                    return {};
                m_openPart = m_answer.addPart(type);
            }
            number = m_openPart;
            m_answer.append(number, text, sink);
        }
        if (number >= 0 && !signature.isEmpty())
            m_answer.part(number).signature =
                codec::seal(sealName, m_model, QJsonObject{{L("signature"), signature}});
        return {};
    }

    void readUsage(const QJsonObject &usage)
    {
        m_usage.inputTokens = usage.value(L("promptTokenCount")).toInteger()
                              + usage.value(L("toolUsePromptTokenCount")).toInteger();
        m_usage.reasoningTokens = usage.value(L("thoughtsTokenCount")).toInteger();
        m_usage.outputTokens =
            usage.value(L("candidatesTokenCount")).toInteger() + m_usage.reasoningTokens;
        m_usage.cacheReadTokens = usage.value(L("cachedContentTokenCount")).toInteger();
    }

    QString m_model;
    AnswerBuilder m_answer;
    int m_openPart = -1; // text goes on here
    Usage m_usage;
    QString m_id;
    QString m_answeringModel;
    FinishReason m_finish = FinishReason::Stop;
    bool m_done = false;
};

QJsonObject generationConfig(const ChatRequest &request, bool structured)
{
    QJsonObject out;
    if (request.temperature)
        out.insert(L("temperature"), *request.temperature);
    if (request.topP)
        out.insert(L("topP"), *request.topP);
    if (request.maxTokens)
        out.insert(L("maxOutputTokens"), *request.maxTokens);
    if (request.seed)
        out.insert(L("seed"), *request.seed);
    if (!request.stop.isEmpty())
        out.insert(L("stopSequences"), json::fromStringList(request.stop));
    if (structured) {
        out.insert(L("responseMimeType"), L("application/json"));
        out.insert(L("responseJsonSchema"),
                   request.outputSchema->object()); // real JSON Schema; responseSchema is OpenAPI's dialect
    }
    if (generation(request.model) >= 25) // older models refuse it
        out.insert(L("thinkingConfig"), QJsonObject{{L("includeThoughts"), true}});
    return out;
}
} // namespace

HttpRequest GeminiCodec::encode(const ChatRequest &request, const ConnectionSpec &connection,
                                const QString &secret) const
{
    QJsonObject body{{L("contents"), encodeContents(request)}};
    QString system = codec::systemText(request);
    // Before Gemini 3, structured output together with tools is refused: then the schema is said in words.
    const int version = generation(request.model);
    const bool structured =
        request.outputSchema && version >= 20 && (request.tools.empty() || version >= 30);
    if (request.outputSchema && !structured)
        system += (system.isEmpty() ? QString() : QStringLiteral("\n\n"))
                  + codec::schemaInstruction(*request.outputSchema);
    if (!system.isEmpty())
        body.insert(L("systemInstruction"),
                    QJsonObject{{L("parts"), QJsonArray{QJsonObject{{L("text"), system}}}}});
    if (!request.tools.empty()) {
        QJsonArray functions;
        for (const ToolDescription &tool : request.tools) {
            QJsonObject function{{L("name"), tool.name}, {L("description"), tool.description}};
            if (!tool.schema.value(L("properties"))
                     .toObject()
                     .isEmpty()) // an object without properties is refused
                function.insert(L("parametersJsonSchema"), tool.schema);
            functions.append(function);
        }
        body.insert(L("tools"), QJsonArray{QJsonObject{{L("functionDeclarations"), functions}}});
        if (request.toolChoice != ChatRequest::ToolChoice::Auto) {
            const L mode =
                request.toolChoice == ChatRequest::ToolChoice::None ? L("NONE") : L("ANY");
            body.insert(L("toolConfig"),
                        QJsonObject{{L("functionCallingConfig"), QJsonObject{{L("mode"), mode}}}});
        }
    }
    const QJsonObject config = generationConfig(request, structured);
    if (!config.isEmpty())
        body.insert(L("generationConfig"), config);

    const QString name =
        request.model.contains(QLatin1Char('/')) ? request.model : L("models/") + request.model;
    const QString path =
        QLatin1Char('/') + QString::fromLatin1(QUrl::toPercentEncoding(name, "/"))
        + (request.stream ? L(":streamGenerateContent?alt=sse") : L(":generateContent"));
    HttpHeaders headers = baseHeaders(secret);
    headers.emplace_back("Accept", request.stream ? "text/event-stream, application/json"
                                                  : "application/json");
    const QByteArray schema = request.outputSchema ? request.outputSchema->compact() : QByteArray();
    return rules::makeRequest(connection, "POST", path, std::move(headers),
                              codec::withText(body, {L("generationConfig"), L("responseJsonSchema")}, schema));
}

std::unique_ptr<AnswerReader> GeminiCodec::makeReader(const ChatRequest &request) const
{
    return std::make_unique<Reader>(request);
}

Error GeminiCodec::decodeError(const HttpResponse &response, const ConnectionSpec &connection,
                               const QString &model) const
{
    return codec::decodeHttpError(response, connection, model);
}

HttpRequest GeminiCodec::encodeListModels(const ConnectionSpec &connection,
                                          const QString &secret) const
{
    return rules::makeRequest(connection, "GET", QStringLiteral("/models?pageSize=1000"),
                              baseHeaders(secret));
}

Result<QStringList> GeminiCodec::decodeListModels(const QByteArray &body) const
{
    const auto object = codec::parseObject(body, QStringLiteral("the model list"));
    if (!object)
        return object.error();
    if (!object->value(L("models")).isArray())
        return codec::malformed(QStringLiteral("the model list"),
                                QStringLiteral("no list of models"), body);
    QStringList names;
    const QJsonArray models = object->value(L("models")).toArray();
    for (const QJsonValue &value : models) {
        const QJsonObject model = value.toObject();
        const QJsonValue methods = model.value(L("supportedGenerationMethods"));
        if (methods.isArray() && !json::toStringList(methods).contains(L("generateContent")))
            continue; // embeddings, images
        QString name = model.value(L("name")).toString();
        if (name.startsWith(L("models/")))
            name.remove(0, 7);
        if (!name.isEmpty())
            names.append(name);
    }
    names.sort();
    return names;
}

} // namespace lathe
