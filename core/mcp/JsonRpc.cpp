// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/JsonRpc.h"

#include "core/base/Json.h"

#include <cmath>
#include <cstring>

namespace lathe {

namespace {
constexpr qint64 maxValues = 2'000'000; // of one message: each costs tens of bytes once parsed
constexpr qsizetype maxErrorText = 4000;

Error protocolError(const QString &message)
{
    return Error(ErrorKind::Protocol, message);
}

// What parsing would cost, looked at before it is paid for.
std::optional<QString> tooCostly(QByteArrayView text)
{
    qint64 values = 0;
    int depth = 0;
    bool inString = false;
    for (const char *at = text.data(), *const end = at + text.size(); at < end; ++at) {
        if (inString) {
            if (*at == '\\')
                ++at;
            else if (*at == '"')
                inString = false;
            continue;
        }
        switch (*at) {
        case '"': inString = true; break;
        case '[':
        case '{':
            if (++depth > JsonRpcMessage::maxDepth)
                return QStringLiteral("it is nested deeper than %1").arg(JsonRpcMessage::maxDepth);
            ++values;
            break;
        case ']':
        case '}': --depth; break;
        case ',': ++values; break;
        default: break;
        }
        if (values > maxValues)
            return QStringLiteral("it holds more than %L1 values").arg(maxValues);
    }
    return std::nullopt;
}

bool isId(const QJsonValue &value)
{
    if (value.isString())
        return value.toString().size() <= 1000;
    return value.isDouble() && std::isfinite(value.toDouble());
}

Result<QJsonObject> objectMember(const QJsonObject &message, QLatin1String name)
{
    const QJsonValue value = message.value(name);
    if (value.isUndefined())
        return QJsonObject();
    if (!value.isObject())
        return protocolError(QStringLiteral("its \"%1\" is no object").arg(name));
    return value.toObject();
}

Result<JsonRpcError> errorOf(const QJsonValue &value)
{
    if (!value.isObject())
        return protocolError(QStringLiteral("its \"error\" is no object"));
    const QJsonObject object = value.toObject();
    const QJsonValue code = object.value(QLatin1String("code"));
    if (!code.isDouble() || std::abs(code.toDouble()) > 2e9)
        return protocolError(QStringLiteral("its error has no code"));
    JsonRpcError error;
    error.code = int(code.toDouble());
    error.message = object.value(QLatin1String("message")).toString().left(maxErrorText);
    error.data = object.value(QLatin1String("data"));
    return error;
}
}

JsonRpcFramer::JsonRpcFramer(qint64 maxLineBytes) : m_maxLineBytes(maxLineBytes) {}

Result<void> JsonRpcFramer::feed(QByteArrayView piece, std::vector<QByteArray> &out)
{
    const auto take = [&out](QByteArrayView line) {
        if (line.endsWith('\r'))
            line.chop(1);
        if (!line.trimmed().isEmpty())
            out.push_back(line.toByteArray());
    };
    while (!piece.isEmpty() && !m_tooLong) {
        const void *found = std::memchr(piece.data(), '\n', size_t(piece.size()));
        const qsizetype length = found ? static_cast<const char *>(found) - piece.data() : piece.size();
        if (m_buffer.size() + length > m_maxLineBytes) {
            m_tooLong = true;
            break;
        }
        if (!found) {
            m_buffer.append(piece);
            break;
        }
        if (m_buffer.isEmpty()) {
            take(piece.first(length));
        } else {
            m_buffer.append(piece.first(length));
            take(m_buffer);
            m_buffer = QByteArray(); // gives back what a long line took
        }
        piece = piece.sliced(length + 1);
    }
    if (!m_tooLong)
        return {};
    m_buffer = QByteArray();
    return protocolError(QStringLiteral("A line of more than %L1 bytes was sent.").arg(m_maxLineBytes));
}

QByteArray JsonRpcFramer::takeRest()
{
    QByteArray rest = std::exchange(m_buffer, QByteArray());
    return rest.trimmed().isEmpty() ? QByteArray() : rest;
}

QJsonObject JsonRpcError::toJson() const
{
    QJsonObject json{{QStringLiteral("code"), code}, {QStringLiteral("message"), message}};
    if (!data.isUndefined())
        json.insert(QStringLiteral("data"), data);
    return json;
}

Result<JsonRpcMessage> JsonRpcMessage::parse(QByteArrayView text, qint64 maxBytes)
{
    const auto wrong = [](const QString &what) {
        return protocolError(QStringLiteral("This is not a JSON-RPC message: %1.").arg(what));
    };
    if (text.size() > maxBytes)
        return wrong(QStringLiteral("it has more than %L1 bytes").arg(maxBytes));
    const QByteArrayView trimmed = text.trimmed();
    if (trimmed.startsWith('['))
        return wrong(QStringLiteral("it is a batch of several, which the protocol no longer has"));
    if (!trimmed.startsWith('{'))
        return wrong(QStringLiteral("it is no JSON object"));
    if (const auto problem = tooCostly(trimmed))
        return wrong(*problem);
    const auto parsed = json::parseObject(trimmed);
    if (!parsed) {
        QString reason = parsed.error().message;
        reason.chop(reason.endsWith(u'.') ? 1 : 0);
        return wrong(reason);
    }
    const QJsonObject &object = *parsed;
    if (object.value(QLatin1String("jsonrpc")) != QJsonValue(QStringLiteral("2.0")))
        return wrong(QStringLiteral("its \"jsonrpc\" is not \"2.0\""));

    JsonRpcMessage message;
    const QJsonValue method = object.value(QLatin1String("method"));
    const bool hasId = object.contains(QLatin1String("id"));
    message.id = object.value(QLatin1String("id"));
    if (!method.isUndefined()) {
        if (!method.isString() || method.toString().isEmpty() || method.toString().size() > 1000)
            return wrong(QStringLiteral("its \"method\" is no name"));
        if (hasId && !isId(message.id))
            return wrong(QStringLiteral("its \"id\" is neither a number nor a text"));
        message.kind = hasId ? Kind::Request : Kind::Notification;
        message.method = method.toString();
        auto params = objectMember(object, QLatin1String("params"));
        if (!params)
            return wrong(params.error().message);
        message.params = std::move(*params);
        if (!hasId)
            message.id = QJsonValue();
        return message;
    }
    message.kind = Kind::Answer;
    const bool hasError = object.contains(QLatin1String("error"));
    if (hasError == object.contains(QLatin1String("result")))
        return wrong(hasError ? QStringLiteral("it has a \"result\" and an \"error\"")
                              : QStringLiteral("it has no \"method\", no \"result\" and no \"error\""));
    if (!(isId(message.id) || (hasError && (!hasId || message.id.isNull()))))
        return wrong(QStringLiteral("its \"id\" is neither a number nor a text"));
    if (!hasId)
        message.id = QJsonValue();
    if (hasError) {
        auto error = errorOf(object.value(QLatin1String("error")));
        if (!error)
            return wrong(error.error().message);
        message.error = std::move(*error);
        return message;
    }
    auto result = objectMember(object, QLatin1String("result"));
    if (!result)
        return wrong(result.error().message);
    message.result = std::move(*result);
    return message;
}

QJsonValue JsonRpcMessage::idOfBroken(QByteArrayView text)
{
    const QJsonValue none(QJsonValue::Undefined);
    const QByteArrayView trimmed = text.trimmed();
    if (!trimmed.startsWith('{') || tooCostly(trimmed))
        return none;
    const auto parsed = json::parseObject(trimmed);
    if (!parsed || parsed->contains(QLatin1String("method")))
        return none;
    const QJsonValue id = parsed->value(QLatin1String("id"));
    return isId(id) ? id : none;
}

JsonRpcMessage JsonRpcMessage::request(QJsonValue id, const QString &method, const QJsonObject &params)
{
    JsonRpcMessage message;
    message.kind = Kind::Request;
    message.id = std::move(id);
    message.method = method;
    message.params = params;
    return message;
}

JsonRpcMessage JsonRpcMessage::notification(const QString &method, const QJsonObject &params)
{
    JsonRpcMessage message;
    message.method = method;
    message.params = params;
    return message;
}

static JsonRpcMessage answerTo(QJsonValue id)
{
    JsonRpcMessage message;
    message.kind = JsonRpcMessage::Kind::Answer;
    message.id = std::move(id);
    return message;
}

JsonRpcMessage JsonRpcMessage::answer(QJsonValue id, const QJsonObject &result)
{
    JsonRpcMessage message = answerTo(std::move(id));
    message.result = result;
    return message;
}

JsonRpcMessage JsonRpcMessage::failure(QJsonValue id, const JsonRpcError &error)
{
    JsonRpcMessage message = answerTo(std::move(id));
    message.error = error;
    return message;
}

QJsonObject JsonRpcMessage::toJson() const
{
    QJsonObject json{{QStringLiteral("jsonrpc"), QStringLiteral("2.0")}};
    if (kind != Kind::Notification)
        json.insert(QStringLiteral("id"), id);
    if (kind == Kind::Answer) {
        if (error)
            json.insert(QStringLiteral("error"), error->toJson());
        else
            json.insert(QStringLiteral("result"), result);
        return json;
    }
    json.insert(QStringLiteral("method"), method);
    if (!params.isEmpty())
        json.insert(QStringLiteral("params"), params);
    return json;
}

QByteArray JsonRpcMessage::toText() const
{
    return json::compact(toJson());
}

QByteArray jsonRpcIdKey(const QJsonValue &id)
{
    return json::compact(id);
}

} // namespace lathe
