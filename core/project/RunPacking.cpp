// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RunPacking.h"

#include "core/base/Json.h"

namespace lathe {

namespace {
constexpr qsizetype excerptLength = 500;
const QString textKey = QStringLiteral("text");

// Where the attributes of RunStarted stand in the row; only those that differ are stored again.
struct Repeated {
    QLatin1String key;
    QJsonValue value;
};
std::vector<Repeated> repeatedAttributes(const RunInfo &info)
{
    return {{QLatin1String("agent"), info.agentName},
            {QLatin1String("input"), info.input},
            {QLatin1String("revisions"), info.revisions},
            {QLatin1String("variables"), info.inputJson.value(QLatin1String("variables"))}};
}

} // namespace

QByteArray packStartAttributes(QJsonObject attributes, const RunInfo &info)
{
    for (const Repeated &repeated : repeatedAttributes(info)) {
        const auto found = attributes.find(repeated.key);
        if (found != attributes.end() && *found == repeated.value)
            *found = QJsonValue(QJsonValue::Null);
    }
    return json::compact(attributes);
}

QJsonObject unpackStartAttributes(QJsonObject attributes, const RunInfo &info)
{
    for (const Repeated &repeated : repeatedAttributes(info)) {
        const auto found = attributes.find(repeated.key);
        if (found != attributes.end() && found->isNull())
            *found = repeated.value;
    }
    return attributes;
}

QByteArray packInputJson(QJsonObject inputJson, const QString &input)
{
    if (!inputJson.contains(textKey))
        inputJson.insert(textKey, QJsonValue(QJsonValue::Null));
    else if (inputJson.value(textKey) == QJsonValue(input))
        inputJson.remove(textKey);
    return inputJson.isEmpty() ? QByteArray() : json::compact(inputJson);
}

QJsonObject unpackInputJson(const QByteArray &stored, const QString &input)
{
    QJsonObject inputJson = json::parseObject(stored).valueOr({});
    if (!inputJson.contains(textKey))
        inputJson.insert(textKey, input);
    else if (inputJson.value(textKey).isNull())
        inputJson.remove(textKey);
    return inputJson;
}

OutcomeTexts outcomeTexts(const QString &kind, const QJsonObject &outcome)
{
    OutcomeTexts texts;
    if (kind == QLatin1String("chat")) {
        const QJsonArray parts = outcome.value(QLatin1String("response"))
                                     .toObject()
                                     .value(QLatin1String("message"))
                                     .toObject()
                                     .value(QLatin1String("parts"))
                                     .toArray();
        for (const QJsonValue &value : parts) {
            const QJsonObject part = value.toObject();
            const QString type = part.value(QLatin1String("type")).toString();
            if (type == QLatin1String("text")) {
                texts.text += part.value(QLatin1String("content")).toString();
            } else if (type == QLatin1String("reasoning")) {
                texts.reasoning += part.value(QLatin1String("content")).toString();
            } else if (type == QLatin1String("tool_call")) {
                const QJsonValue arguments = part.value(QLatin1String("arguments"));
                texts.toolArguments +=
                    arguments.isString() ? arguments.toString() : json::compactString(arguments);
            }
        }
    } else if (kind == QLatin1String("execute_tool")) {
        texts.text = outcome.value(QLatin1String("outcome")).toObject().value(textKey).toString();
    } else if (kind == QLatin1String("human")) {
        texts.text = outcome.value(QLatin1String("answer")).toObject().value(textKey).toString();
    }
    return texts;
}

QByteArray packError(const Error &error)
{
    QJsonObject object{{QStringLiteral("kind"), errorKindName(error.kind)},
                       {QStringLiteral("message"), error.message}};
    if (!error.cause.isEmpty())
        object.insert(QStringLiteral("cause"), error.cause);
    if (error.retryAfterMs != -1)
        object.insert(QStringLiteral("retry_after_ms"), error.retryAfterMs);
    if (error.httpStatus != 0)
        object.insert(QStringLiteral("http_status"), error.httpStatus);
    return json::compact(object);
}

std::optional<Error> unpackError(const QByteArray &stored)
{
    if (stored.isEmpty())
        return std::nullopt;
    const QJsonObject object = json::parseObject(stored).valueOr({});
    Error error(errorKindFromName(object.value(QLatin1String("kind")).toString()),
                object.value(QLatin1String("message")).toString(),
                object.value(QLatin1String("cause")).toString());
    error.retryAfterMs = object.value(QLatin1String("retry_after_ms")).toInteger(-1);
    error.httpStatus = object.value(QLatin1String("http_status")).toInt();
    return error;
}

QString excerpt(const QString &text)
{
    QString start = text.left(excerptLength);
    if (!start.isEmpty() && start.back().isHighSurrogate())
        start.chop(1);
    return start;
}

} // namespace lathe
