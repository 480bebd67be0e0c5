// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/ChatTypes.h"

#include "core/base/Json.h"
#include "core/base/JsonWriter.h"

#include <array>

namespace lathe {

namespace {
using Type = MessagePart::Type;

constexpr std::array<const char *, 4> roleNames{"system", "user", "assistant", "tool"};
constexpr std::array<const char *, 5> finishNames{"stop", "length", "tool_calls", "content_filter",
                                                  "other"};

template<typename Enum, size_t n>
std::optional<Enum> fromName(const std::array<const char *, n> &names, const QString &name)
{
    for (size_t i = 0; i < n; ++i) {
        if (name == QLatin1String(names[i]))
            return Enum(i);
    }
    return std::nullopt;
}

// Arguments are shown as JSON when that loses nothing; broken or oddly spaced text stays text, so that reading it
// back gives exactly what the model wrote.
QJsonValue argumentsToJson(const QString &text)
{
    const auto value = json::parse(text.toUtf8());
    if (value && (value->isObject() || value->isArray()) && json::compactString(*value) == text)
        return *value;
    return text;
}

QJsonObject partToJson(const MessagePart &part)
{
    QJsonObject out;
    const auto set = [&out](const char *key, const QString &value) {
        if (!value.isEmpty())
            out.insert(QLatin1String(key), value);
    };
    switch (part.type) {
    case Type::Text:
        out = {{QStringLiteral("type"), QStringLiteral("text")},
               {QStringLiteral("content"), part.text}};
        break;
    case Type::Reasoning:
        out = {{QStringLiteral("type"), QStringLiteral("reasoning")},
               {QStringLiteral("content"), part.text}};
        break;
    case Type::ToolCall:
        out = {{QStringLiteral("type"), QStringLiteral("tool_call")},
               {QStringLiteral("name"), part.name},
               {QStringLiteral("arguments"), argumentsToJson(part.argumentsText)}};
        set("id", part.id);
        break;
    case Type::ToolResult:
        out = {{QStringLiteral("type"), QStringLiteral("tool_call_response")},
               {QStringLiteral("response"), part.text}};
        set("id", part.id);
        set("name", part.name);
        if (part.isError)
            out.insert(QStringLiteral("is_error"), true);
        break;
    case Type::Image:
        out = {{QStringLiteral("type"), QStringLiteral("blob")},
               {QStringLiteral("modality"), QStringLiteral("image")},
               {QStringLiteral("mime_type"), part.mimeType},
               {QStringLiteral("content"), QString::fromLatin1(part.bytes.toBase64())}};
        break;
    }
    set("signature", part.signature);
    return out;
}

// As partToJson(), the members in the order of their names.
void writePart(json::Writer &out, const MessagePart &part)
{
    using L = QLatin1String;
    const auto set = [&out](L key, const QString &value) {
        if (!value.isEmpty())
            out.key(key).string(value);
    };
    out.beginObject();
    switch (part.type) {
    case Type::Text:
    case Type::Reasoning:
        out.key(L("content")).string(part.text);
        set(L("signature"), part.signature);
        out.key(L("type")).string(part.type == Type::Text ? L("text") : L("reasoning"));
        break;
    case Type::ToolCall:
        out.key(L("arguments"));
        if (argumentsToJson(part.argumentsText).isString())
            out.string(part.argumentsText);
        else
            out.raw(part.argumentsText.toUtf8()); // compact as it is
        set(L("id"), part.id);
        out.key(L("name")).string(part.name);
        set(L("signature"), part.signature);
        out.key(L("type")).string(L("tool_call"));
        break;
    case Type::ToolResult:
        set(L("id"), part.id);
        if (part.isError)
            out.key(L("is_error")).boolean(true);
        set(L("name"), part.name);
        out.key(L("response")).string(part.text);
        set(L("signature"), part.signature);
        out.key(L("type")).string(L("tool_call_response"));
        break;
    case Type::Image:
        out.key(L("content")).string(QString::fromLatin1(part.bytes.toBase64()));
        out.key(L("mime_type")).string(part.mimeType);
        out.key(L("modality")).string(L("image"));
        set(L("signature"), part.signature);
        out.key(L("type")).string(L("blob"));
        break;
    }
    out.endObject();
}

Result<MessagePart> partFromJson(const QJsonObject &json)
{
    const QString type = json.value(QLatin1String("type")).toString();
    MessagePart part;
    part.signature = json.value(QLatin1String("signature")).toString();
    part.text = json.value(QLatin1String("content")).toString();
    part.id = json.value(QLatin1String("id")).toString();
    part.name = json.value(QLatin1String("name")).toString();
    if (type == QLatin1String("text")) {
        part.type = Type::Text;
    } else if (type == QLatin1String("reasoning")) {
        part.type = Type::Reasoning;
    } else if (type == QLatin1String("tool_call")) {
        part.type = Type::ToolCall;
        const QJsonValue arguments = json.value(QLatin1String("arguments"));
        part.argumentsText =
            arguments.isString() ? arguments.toString() : json::compactString(arguments);
    } else if (type == QLatin1String("tool_call_response")) {
        part.type = Type::ToolResult;
        const QJsonValue response = json.value(QLatin1String("response"));
        part.text = response.isString() ? response.toString() : json::compactString(response);
        part.isError = json.value(QLatin1String("is_error")).toBool();
    } else if (type == QLatin1String("blob")) {
        part.type = Type::Image;
        part.mimeType = json.value(QLatin1String("mime_type")).toString();
        part.bytes = QByteArray::fromBase64(part.text.toLatin1());
        part.text.clear();
    } else {
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("A message has a part of unknown type \"%1\".").arg(type.left(60)));
    }
    return part;
}
} // namespace

QString roleName(Role role)
{
    return QString::fromLatin1(roleNames[size_t(role)]);
}

QString finishReasonName(FinishReason reason)
{
    return QString::fromLatin1(finishNames[size_t(reason)]);
}

MessagePart MessagePart::fromText(QString text)
{
    MessagePart part;
    part.text = std::move(text);
    return part;
}

MessagePart MessagePart::toolCall(QString id, QString name, QString argumentsText)
{
    MessagePart part;
    part.type = Type::ToolCall;
    part.id = std::move(id);
    part.name = std::move(name);
    part.argumentsText = std::move(argumentsText);
    return part;
}

MessagePart MessagePart::toolResult(QString id, QString name, QString text, bool isError)
{
    MessagePart part;
    part.type = Type::ToolResult;
    part.id = std::move(id);
    part.name = std::move(name);
    part.text = std::move(text);
    part.isError = isError;
    return part;
}

Message::Message(Role role_, QString text) : role(role_)
{
    parts.push_back(MessagePart::fromText(std::move(text)));
}

QString Message::text() const
{
    QString joined;
    for (const MessagePart &part : parts) {
        if (part.type == Type::Text)
            joined += part.text;
    }
    return joined;
}

std::vector<MessagePart> Message::toolCalls() const
{
    std::vector<MessagePart> calls;
    for (const MessagePart &part : parts) {
        if (part.type == Type::ToolCall)
            calls.push_back(part);
    }
    return calls;
}

QJsonObject Message::toJson() const
{
    QJsonArray array;
    for (const MessagePart &part : parts)
        array.append(partToJson(part));
    return {{QStringLiteral("role"), roleName(role)}, {QStringLiteral("parts"), array}};
}

Result<Message> Message::fromJson(const QJsonObject &json)
{
    const QString name = json.value(QLatin1String("role")).toString();
    const auto role = fromName<Role>(roleNames, name);
    if (!role)
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("A message has the unknown role \"%1\".").arg(name.left(60)));
    Message message;
    message.role = *role;
    const QJsonArray parts = json.value(QLatin1String("parts")).toArray();
    for (const QJsonValue &value : parts) {
        auto part = partFromJson(value.toObject());
        if (!part)
            return part.error();
        message.parts.push_back(std::move(*part));
    }
    return message;
}

// `stream` is left out: it changes how the answer travels, not what is asked, so a streamed and an unstreamed request
// share one journal entry.
QJsonObject ChatRequest::toJson() const
{
    QJsonObject out;
    out.insert(QStringLiteral("model"), model);
    QJsonArray messageArray;
    for (const Message &message : messages)
        messageArray.append(message.toJson());
    out.insert(QStringLiteral("messages"), messageArray);
    if (!tools.empty()) {
        QJsonArray toolArray;
        for (const ToolDescription &tool : tools) {
            toolArray.append(QJsonObject{{QStringLiteral("name"), tool.name},
                                         {QStringLiteral("description"), tool.description},
                                         {QStringLiteral("parameters"), tool.schema}});
        }
        out.insert(QStringLiteral("tools"), toolArray);
    }
    if (toolChoice != ToolChoice::Auto) {
        out.insert(QStringLiteral("tool_choice"), toolChoice == ToolChoice::None
                                                      ? QStringLiteral("none")
                                                      : QStringLiteral("required"));
    }
    if (outputSchema) {
        out.insert(QStringLiteral("output_schema"), *outputSchema);
        if (!outputName.isEmpty())
            out.insert(QStringLiteral("output_name"), outputName);
    }
    if (temperature)
        out.insert(QStringLiteral("temperature"), *temperature);
    if (topP)
        out.insert(QStringLiteral("top_p"), *topP);
    if (maxTokens)
        out.insert(QStringLiteral("max_tokens"), *maxTokens);
    if (seed)
        out.insert(QStringLiteral("seed"), *seed);
    if (!stop.isEmpty())
        out.insert(QStringLiteral("stop"), json::fromStringList(stop));
    return out;
}

namespace {
void writeMessage(json::Writer &out, const Message &message)
{
    using L = QLatin1String;
    out.beginObject().key(L("parts")).beginArray();
    for (const MessagePart &part : message.parts)
        writePart(out, part);
    out.endArray().key(L("role")).string(L(roleNames[size_t(message.role)])).endObject();
}

void writeUsage(json::Writer &out, const Usage &usage)
{
    using L = QLatin1String;
    out.beginObject().key(L("cache_read_tokens")).number(usage.cacheReadTokens);
    out.key(L("cache_write_tokens")).number(usage.cacheWriteTokens);
    if (usage.costKnown)
        out.key(L("cost_usd")).value(usage.costUsd);
    out.key(L("input_tokens")).number(usage.inputTokens).key(L("output_tokens")).number(usage.outputTokens);
    out.key(L("reasoning_tokens")).number(usage.reasoningTokens).endObject();
}
} // namespace

QByteArray ChatRequest::toCanonicalText() const
{
    using L = QLatin1String;
    json::Writer out;
    out.beginObject();
    if (maxTokens)
        out.key(L("max_tokens")).number(*maxTokens);
    out.key(L("messages")).beginArray();
    for (const Message &message : messages)
        writeMessage(out, message);
    out.endArray().key(L("model")).string(model);
    if (outputSchema) {
        if (!outputName.isEmpty())
            out.key(L("output_name")).string(outputName);
        out.key(L("output_schema")).value(outputSchema->object());
    }
    if (seed)
        out.key(L("seed")).number(*seed);
    if (!stop.isEmpty())
        out.key(L("stop")).value(json::fromStringList(stop));
    if (temperature)
        out.key(L("temperature")).value(*temperature);
    if (toolChoice != ToolChoice::Auto)
        out.key(L("tool_choice")).string(toolChoice == ToolChoice::None ? L("none") : L("required"));
    if (!tools.empty()) {
        out.key(L("tools")).beginArray();
        for (const ToolDescription &tool : tools) {
            out.beginObject().key(L("description")).string(tool.description).key(L("name")).string(tool.name);
            out.key(L("parameters"));
            if (tool.schemaText.isEmpty())
                out.value(tool.schema);
            else
                out.raw(tool.schemaText);
            out.endObject();
        }
        out.endArray();
    }
    if (topP)
        out.key(L("top_p")).value(*topP);
    return out.endObject().take();
}

bool sameButForLive(const QByteArray &recorded, const QByteArray &asked, const std::vector<LiveText> &live)
{
    if (live.empty())
        return false;
    const auto inText = [](const QString &text) { return json::compact(QJsonValue(text)).mid(1).chopped(1); };
    qsizetype at = 0, was = 0;
    for (bool first = true;; first = false) {
        // What stands between the last live text and the next one must be the same.
        const LiveText *next = nullptr;
        qsizetype begin = asked.size(), length = 0;
        for (const LiveText &one : live) {
            const QByteArray text = inText(one.text);
            const qsizetype found = text.isEmpty() ? -1 : asked.indexOf(text, at);
            if (found < 0 || found > begin || (next && found == begin && text.size() <= length))
                continue;
            next = &one;
            begin = found;
            length = text.size();
        }
        const QByteArrayView same = QByteArrayView(asked).sliced(at, begin - at);
        // A live text ends with the JSON text around it at the latest.
        qsizetype end = was;
        while (!first && end < recorded.size() && recorded[end] != '"')
            end += recorded[end] == '\\' ? 2 : 1;
        const qsizetype place = !next ? recorded.size() - same.size() : first || same.startsWith('"') ? end : QByteArrayView(recorded).indexOf(same, was);
        if (place < was || place > end || !QByteArrayView(recorded).sliced(place).startsWith(same))
            return false;
        was = place + same.size();
        if (!next)
            return true;
        const QByteArray designed = inText(next->text.left(next->designed));
        if (!QByteArrayView(recorded).sliced(was).startsWith(designed))
            return false;
        was += designed.size();
        at = begin + length;
    }
}

QJsonObject ChatResponse::toJson() const
{
    QJsonObject out{{QStringLiteral("message"), message.toJson()},
                    {QStringLiteral("finish_reason"), finishReasonName(finishReason)},
                    {QStringLiteral("usage"), usage.toJson()}};
    if (!id.isEmpty())
        out.insert(QStringLiteral("id"), id);
    if (!model.isEmpty())
        out.insert(QStringLiteral("model"), model);
    if (timeToFirstTokenUs > 0)
        out.insert(QStringLiteral("time_to_first_token_us"), timeToFirstTokenUs);
    return out;
}

QByteArray ChatResponse::toCanonicalText() const
{
    using L = QLatin1String;
    json::Writer out;
    out.beginObject().key(L("finish_reason")).string(L(finishNames[size_t(finishReason)]));
    if (!id.isEmpty())
        out.key(L("id")).string(id);
    out.key(L("message"));
    writeMessage(out, message);
    if (!model.isEmpty())
        out.key(L("model")).string(model);
    if (timeToFirstTokenUs > 0)
        out.key(L("time_to_first_token_us")).number(timeToFirstTokenUs);
    out.key(L("usage"));
    writeUsage(out, usage);
    return out.endObject().take();
}

Result<ChatResponse> ChatResponse::fromJson(const QJsonObject &json)
{
    auto message = Message::fromJson(json.value(QLatin1String("message")).toObject());
    if (!message)
        return message.error();
    const QString finish = json.value(QLatin1String("finish_reason")).toString();
    const auto reason = fromName<FinishReason>(finishNames, finish);
    if (!reason) {
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("An answer has the unknown finish reason \"%1\".").arg(finish.left(60)));
    }
    ChatResponse response;
    response.message = std::move(*message);
    response.finishReason = *reason;
    response.usage = Usage::fromJson(json.value(QLatin1String("usage")).toObject());
    response.id = json.value(QLatin1String("id")).toString();
    response.model = json.value(QLatin1String("model")).toString();
    response.timeToFirstTokenUs = json.value(QLatin1String("time_to_first_token_us")).toInteger();
    return response;
}

} // namespace lathe
