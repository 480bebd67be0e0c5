// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/import/MessageShapes.h"

#include "core/base/Json.h"

namespace lathe::shapes {

namespace {
using L = QLatin1String;
constexpr int depthMax = 8; // of lists in lists

QString first(const QJsonObject &object, std::initializer_list<const char *> keys)
{
    for (const char *key : keys) {
        const QJsonValue value = object.value(L(key));
        if (value.isString() && !value.toString().isEmpty())
            return value.toString();
    }
    return {};
}

QJsonValue firstValue(const QJsonObject &object, std::initializer_list<const char *> keys)
{
    for (const char *key : keys) {
        const QJsonValue value = object.value(L(key));
        if (!value.isUndefined() && !value.isNull())
            return value;
    }
    return QJsonValue(QJsonValue::Undefined);
}

QJsonObject reasoningPart(const QString &text, const QString &signature = QString())
{
    QJsonObject part{{QStringLiteral("type"), QStringLiteral("reasoning")}, {QStringLiteral("content"), text}};
    if (!signature.isEmpty())
        part.insert(QStringLiteral("signature"), signature);
    return part;
}

// A picture or file by address, or its bytes in a data: address.
QJsonObject mediaPart(const QString &address, QString mimeType)
{
    if (address.startsWith(L("data:"))) {
        const qsizetype comma = address.indexOf(u',');
        const QString head = address.mid(5, std::max<qsizetype>(comma - 5, 0));
        if (comma > 0 && head.endsWith(L(";base64"))) {
            return {{QStringLiteral("type"), QStringLiteral("blob")},
                    {QStringLiteral("mime_type"), head.chopped(7)},
                    {QStringLiteral("content"), address.mid(comma + 1)}};
        }
    }
    if (address.contains(L("://"))) {
        QJsonObject part{{QStringLiteral("type"), QStringLiteral("uri")}, {QStringLiteral("uri"), address}};
        if (!mimeType.isEmpty())
            part.insert(QStringLiteral("mime_type"), mimeType);
        return part;
    }
    if (mimeType.isEmpty())
        mimeType = QStringLiteral("application/octet-stream");
    return {
        {QStringLiteral("type"), QStringLiteral("blob")}, {QStringLiteral("mime_type"), mimeType}, {QStringLiteral("content"), address}};
}

// The result of a tool as text: AI SDK wraps it as {type: "text"|"json"|"error-text"|"content", value}.
QJsonValue unwrapped(const QJsonValue &result)
{
    const QJsonObject object = result.toObject();
    if (object.size() <= 3 && object.contains(L("value")) && object.value(L("type")).isString())
        return object.value(L("value"));
    return result;
}

// All texts of a content list joined; a content with other parts stays JSON.
QJsonValue joinedContent(const QJsonValue &content)
{
    if (!content.isArray())
        return content;
    QString joined;
    const QJsonArray list = content.toArray();
    for (const QJsonValue &item : list) {
        const QJsonObject part = item.toObject();
        if (!item.isString() && part.value(L("type")).toString() != L("text"))
            return content;
        joined += item.isString() ? item.toString() : first(part, {"text", "content"});
    }
    return joined;
}

QJsonObject toolCallOf(const QJsonObject &call)
{
    const QJsonObject function = call.value(L("function")).toObject();
    const QJsonObject &of = function.isEmpty() ? call : function;
    QJsonValue arguments = firstValue(of, {"arguments", "args", "input", "parameters"});
    QString id = first(call, {"id", "toolCallId", "call_id", "tool_call_id"});
    return toolCallPart(id, first(of, {"name", "toolName"}), arguments);
}

QJsonObject part(const QJsonValue &value)
{
    if (!value.isObject())
        return textPart(textOf(value));
    const QJsonObject object = value.toObject();
    const QString type = object.value(L("type")).toString();
    if (type == L("text") || type == L("input_text") || type == L("output_text") || type == L("refusal"))
        return textPart(first(object, {"content", "text", "refusal"}));
    if (type == L("tool_call") || type == L("tool-call") || type == L("tool_use") || type == L("function_call")
        || type == L("server_tool_use"))
        return toolCallOf(object);
    if (type == L("tool_call_response") || type == L("tool-result") || type == L("tool_result") || type == L("function_call_output")) {
        const QString id = first(object, {"id", "toolCallId", "tool_use_id", "call_id", "tool_call_id"});
        QJsonObject made = toolResultPart(id, first(object, {"name", "toolName"}),
                                          unwrapped(joinedContent(firstValue(object, {"response", "result", "output", "content"}))));
        if (object.value(L("is_error")).toBool() || object.value(L("isError")).toBool()
            || object.value(L("output"))[L("type")].toString().startsWith(L("error")))
            made.insert(QStringLiteral("is_error"), true);
        return made;
    }
    if (type == L("reasoning") || type == L("thinking") || type == L("redacted_thinking")) {
        QString text = first(object, {"content", "text", "thinking"});
        const QJsonArray summary = object.value(L("summary")).toArray();
        for (const QJsonValue &item : summary)
            text += (text.isEmpty() ? QString() : QStringLiteral("\n")) + item[L("text")].toString();
        return reasoningPart(text, object.value(L("signature")).toString());
    }
    if (type == L("image_url") || type == L("input_image")) {
        const QJsonValue image = object.value(L("image_url"));
        return mediaPart(image.isString() ? image.toString() : image[L("url")].toString(), QString());
    }
    if (type == L("image") || type == L("file") || type == L("media") || type == L("document")) {
        const QJsonObject source = object.value(L("source")).toObject(); // Anthropic
        const QJsonObject nested = object.value(L("image")).toObject();
        QString address = first(source, {"data", "url"});
        if (address.isEmpty())
            address = first(object, {"content", "image", "data", "url", "uri", "file_id"});
        if (address.isEmpty())
            address = first(nested, {"url"});
        const QString mime = first(object, {"mediaType", "mimeType", "mime_type", "media_type"});
        if (!address.isEmpty())
            return mediaPart(address, mime.isEmpty() ? first(source, {"media_type"}) : mime);
    }
    if (type.isEmpty()) { // Gemini has no types, and neither have OpenAI's calls in some logs
        if (object.value(L("text")).isString())
            return object.value(L("thought")).toBool() ? reasoningPart(object.value(L("text")).toString())
                                                       : textPart(object.value(L("text")).toString());
        for (const char *key : {"functionCall", "function_call"}) {
            if (const QJsonObject call = object.value(L(key)).toObject(); !call.isEmpty())
                return toolCallOf(call);
        }
        for (const char *key : {"functionResponse", "function_response"}) {
            if (const QJsonObject answer = object.value(L(key)).toObject(); !answer.isEmpty())
                return toolResultPart(first(answer, {"id"}), first(answer, {"name"}), answer.value(L("response")));
        }
        for (const char *key : {"inlineData", "inline_data"}) {
            if (const QJsonObject data = object.value(L(key)).toObject(); !data.isEmpty())
                return mediaPart(first(data, {"data"}), first(data, {"mimeType", "mime_type"}));
        }
        return textPart(json::compactString(object));
    }
    return object; // blob, uri, file by id, kinds to come
}

bool looksLikeMessage(const QJsonObject &object)
{
    return object.contains(L("role")) || object.contains(L("parts")) || object.contains(L("kwargs"))
           || (object.contains(L("content")) && (object.contains(L("type")) || object.size() <= 3));
}

bool isItemOfResponses(const QString &type)
{
    return type == L("function_call") || type == L("function_call_output") || type == L("reasoning");
}

void collect(const QJsonValue &value, const QString &fallback, int depth, QJsonArray *into)
{
    if (depth > depthMax || value.isNull() || value.isUndefined())
        return;
    if (value.isArray()) {
        const QJsonArray list = value.toArray();
        for (const QJsonValue &item : list)
            collect(item, fallback, depth + 1, into);
        return;
    }
    if (!value.isObject()) {
        into->append(textMessage(fallback, textOf(value)));
        return;
    }
    const QJsonObject object = value.toObject();
    if (object.contains(L("messages")) && !object.contains(L("role"))) {
        if (const QJsonValue system = object.value(L("system")); !system.isNull() && !system.isUndefined())
            into->append(message({{QStringLiteral("role"), QStringLiteral("system")}, {QStringLiteral("content"), system}}, fallback));
        return collect(unpacked(object.value(L("messages"))), fallback, depth + 1, into);
    }
    if (!object.contains(L("role")) && (object.contains(L("prompt")) || object.contains(L("system"))) && !object.contains(L("content"))) {
        if (const QJsonValue system = object.value(L("system")); system.isString())
            into->append(textMessage(QStringLiteral("system"), system.toString()));
        return collect(object.value(L("prompt")), fallback, depth + 1, into);
    }
    into->append(message(object, fallback));
}
} // namespace

QJsonValue unpacked(const QJsonValue &value)
{
    if (!value.isString())
        return value;
    const QString text = value.toString();
    const auto start = std::find_if(text.begin(), text.end(), [](QChar c) { return !c.isSpace(); });
    if (start == text.end() || (*start != u'{' && *start != u'['))
        return value;
    const auto parsed = json::parse(text.toUtf8());
    return parsed ? *parsed : value;
}

QString textOf(const QJsonValue &value)
{
    if (value.isNull() || value.isUndefined())
        return {};
    return value.isString() ? value.toString() : json::compactString(value);
}

QString role(const QString &name)
{
    static const QHash<QString, QString> names{{QStringLiteral("human"), QStringLiteral("user")},
                                               {QStringLiteral("ai"), QStringLiteral("assistant")},
                                               {QStringLiteral("aimessagechunk"), QStringLiteral("assistant")},
                                               {QStringLiteral("aimessage"), QStringLiteral("assistant")},
                                               {QStringLiteral("humanmessage"), QStringLiteral("user")},
                                               {QStringLiteral("systemmessage"), QStringLiteral("system")},
                                               {QStringLiteral("toolmessage"), QStringLiteral("tool")},
                                               {QStringLiteral("functionmessage"), QStringLiteral("tool")},
                                               {QStringLiteral("humanmessagechunk"), QStringLiteral("user")},
                                               {QStringLiteral("model"), QStringLiteral("assistant")},
                                               {QStringLiteral("developer"), QStringLiteral("system")},
                                               {QStringLiteral("function"), QStringLiteral("tool")}};
    const QString lower = name.toLower();
    return names.value(lower, lower);
}

QJsonObject textPart(const QString &text)
{
    return {{QStringLiteral("type"), QStringLiteral("text")}, {QStringLiteral("content"), text}};
}

QJsonObject toolCallPart(const QString &id, const QString &name, const QJsonValue &arguments)
{
    QJsonObject part{
        {QStringLiteral("type"), QStringLiteral("tool_call")},
        {QStringLiteral("name"), name},
        {QStringLiteral("arguments"), arguments.isUndefined() || arguments.isNull() ? QStringLiteral("{}") : textOf(arguments)}};
    if (!id.isEmpty())
        part.insert(QStringLiteral("id"), id);
    return part;
}

QJsonObject toolResultPart(const QString &id, const QString &name, const QJsonValue &result)
{
    QJsonObject part{{QStringLiteral("type"), QStringLiteral("tool_call_response")}, {QStringLiteral("response"), textOf(result)}};
    if (!id.isEmpty())
        part.insert(QStringLiteral("id"), id);
    if (!name.isEmpty())
        part.insert(QStringLiteral("name"), name);
    return part;
}

QJsonObject textMessage(const QString &roleName, const QString &text)
{
    return {{QStringLiteral("role"), roleName}, {QStringLiteral("parts"), QJsonArray{textPart(text)}}};
}

QJsonArray parts(const QJsonValue &content)
{
    QJsonArray made;
    if (content.isNull() || content.isUndefined())
        return made;
    if (content.isArray()) {
        const QJsonArray list = content.toArray();
        for (const QJsonValue &item : list)
            made.append(part(item));
        return made;
    }
    if (content.isString() && content.toString().isEmpty())
        return made;
    made.append(part(content));
    return made;
}

QJsonObject message(const QJsonObject &value, const QString &fallback)
{
    QJsonObject object = value;
    QString name = object.value(L("role")).toString();
    // LangChain: {lc, type: "constructor", id: [..., "HumanMessage"], kwargs}, and {type: "human", data: {content}}.
    if (const QJsonValue kwargs = object.value(L("kwargs")); kwargs.isObject()) {
        name = object.value(L("id")).toArray().last().toString();
        object = kwargs.toObject();
    } else if (const QJsonValue data = object.value(L("data")); name.isEmpty() && data.isObject() && object.value(L("type")).isString()) {
        name = object.value(L("type")).toString();
        object = data.toObject();
    } else if (name.isEmpty()) {
        const QString type = object.value(L("type")).toString();
        if (isItemOfResponses(type)) { // OpenAI responses: calls and their outputs stand beside messages
            name = type == L("function_call_output") ? QStringLiteral("tool") : QStringLiteral("assistant");
            return {{QStringLiteral("role"), name}, {QStringLiteral("parts"), QJsonArray{part(object)}}};
        }
        if (type != L("message"))
            name = type;
    }
    QString known = role(name);
    if (known != L("system") && known != L("user") && known != L("assistant") && known != L("tool"))
        known = name.isEmpty() || name == L("text") ? fallback : known;

    QJsonArray made;
    if (object.contains(L("parts"))) {
        made = parts(object.value(L("parts")));
    } else {
        QString thought = first(object, {"reasoning_content", "reasoning", "thinking"});
        if (!thought.isEmpty())
            made.append(reasoningPart(thought));
        QJsonValue content = firstValue(object, {"content", "text", "refusal"});
        const QString callId = first(object, {"tool_call_id", "toolCallId"});
        if (known == L("tool") && (!content.isArray() || !content.toArray().first()[L("type")].toString().startsWith(L("tool")))) {
            made.append(toolResultPart(callId, first(object, {"name", "toolName"}), joinedContent(content)));
        } else if (content.isUndefined() && !looksLikeMessage(object)) {
            made.append(textPart(json::compactString(object)));
        } else {
            const QJsonArray list = parts(content);
            for (const QJsonValue &item : list)
                made.append(item);
        }
    }
    const auto has = [&made](const QJsonObject &call) {
        for (const QJsonValue &item : std::as_const(made)) {
            if (item[L("type")].toString() == L("tool_call") && item[L("id")] == call.value(L("id"))
                && item[L("name")] == call.value(L("name")))
                return true;
        }
        return false;
    };
    QJsonValue calls = firstValue(object, {"tool_calls", "toolCalls"});
    if (!calls.isArray())
        calls = object.value(L("additional_kwargs"))[L("tool_calls")];
    const QJsonArray callList = unpacked(calls).toArray();
    for (const QJsonValue &item : callList) {
        QJsonObject call = item.toObject();
        if (call.value(L("tool_call")).isObject())
            call = call.value(L("tool_call")).toObject();
        const QJsonObject made1 = toolCallOf(call);
        if (!has(made1))
            made.append(made1);
    }
    if (const QJsonObject call = object.value(L("function_call")).toObject(); !call.isEmpty())
        made.append(toolCallOf(call));
    QJsonObject result{{QStringLiteral("role"), known.isEmpty() ? QStringLiteral("user") : known}, {QStringLiteral("parts"), made}};
    for (const char *key : {"finish_reason", "finishReason"}) {
        if (const QJsonValue reason = value.value(L(key)); reason.isString() && !reason.toString().isEmpty())
            result.insert(QStringLiteral("finish_reason"), reason);
    }
    if (known != L("tool")) {
        if (const QString who = object.value(L("name")).toString(); !who.isEmpty())
            result.insert(QStringLiteral("name"), who);
    }
    return result;
}

QJsonArray messages(const QJsonValue &value, const QString &fallback)
{
    QJsonArray list;
    collect(unpacked(value), fallback, 0, &list);
    return list;
}

QJsonArray toolDefinitions(const QJsonValue &value)
{
    QJsonArray made;
    const QJsonValue whole = unpacked(value);
    QJsonArray list = whole.toArray();
    if (whole.isObject()) { // by name
        const QJsonObject object = whole.toObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            QJsonObject tool = it.value().toObject();
            if (!tool.contains(L("name")))
                tool.insert(QStringLiteral("name"), it.key());
            list.append(tool);
        }
    }
    for (const QJsonValue &item : std::as_const(list)) {
        const QJsonObject tool = unpacked(item).toObject();
        const QJsonObject function = tool.value(L("function")).toObject();
        const QJsonObject &of = function.isEmpty() ? tool : function;
        const QString name = first(of, {"name", "toolName"});
        if (name.isEmpty() && tool.value(L("type")).toString().isEmpty())
            continue;
        QJsonObject definition{{QStringLiteral("type"), QStringLiteral("function")},
                               {QStringLiteral("name"), name.isEmpty() ? tool.value(L("type")).toString() : name}};
        if (const QString about = first(of, {"description"}); !about.isEmpty())
            definition.insert(QStringLiteral("description"), about);
        QJsonValue schema = unpacked(firstValue(of, {"parameters", "input_schema", "inputSchema", "schema"}));
        if (schema[L("jsonSchema")].isObject())
            schema = schema[L("jsonSchema")];
        if (schema.isObject())
            definition.insert(QStringLiteral("parameters"), schema);
        made.append(definition);
    }
    return made;
}

namespace {
QString joined(const QJsonObject &message, L type)
{
    QString text;
    const QJsonArray list = message.value(L("parts")).toArray();
    for (const QJsonValue &item : list) {
        if (item[L("type")].toString() == type)
            text += item[L("content")].toString();
    }
    return text;
}
} // namespace

QString text(const QJsonObject &message)
{
    return joined(message, L("text"));
}

QString reasoning(const QJsonObject &message)
{
    return joined(message, L("reasoning"));
}

QString callArguments(const QJsonObject &message)
{
    QStringList lines;
    const QJsonArray list = message.value(L("parts")).toArray();
    for (const QJsonValue &item : list) {
        if (item[L("type")].toString() == L("tool_call"))
            lines.append(textOf(item[L("arguments")]));
    }
    return lines.join(u'\n');
}

QStringList callNames(const QJsonObject &message)
{
    QStringList names;
    const QJsonArray list = message.value(L("parts")).toArray();
    for (const QJsonValue &item : list) {
        if (item[L("type")].toString() == L("tool_call"))
            names.append(item[L("name")].toString());
    }
    return names;
}

QString lastText(const QJsonArray &messages, const QString &roleName)
{
    for (qsizetype i = messages.size(); i-- > 0;) {
        const QJsonObject message = messages[i].toObject();
        if (message.value(L("role")).toString() != roleName)
            continue;
        if (const QString found = text(message); !found.isEmpty())
            return found;
    }
    return {};
}

} // namespace lathe::shapes
