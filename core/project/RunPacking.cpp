// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RunPacking.h"

#include "core/base/Json.h"
#include "core/base/JsonView.h"
#include "core/base/JsonWriter.h"

namespace lathe {

namespace {
constexpr qsizetype excerptLength = 500;
const QString textKey = QStringLiteral("text");

// Where the attributes of RunStarted stand in the row; only those that differ are stored again. packStartAttributes() knows the same.
struct Repeated {
    QLatin1String key;
    QJsonValue value;
};
std::vector<Repeated> repeatedAttributes(const RunInfo &info)
{
    return {{QLatin1String("agent"), info.agentName},
            {QLatin1String("gen_ai.agent.name"), info.agentName},
            {QLatin1String("input"), info.input},
            {QLatin1String("revisions"), info.revisions},
            {QLatin1String("variables"), info.inputJson.value(QLatin1String("variables"))}};
}

} // namespace

QByteArray packStartAttributes(const QJsonObject &attributes, const RunInfo &info)
{
    const auto repeats = [&info](const QString &key, const QJsonValue &value) {
        if (key == QLatin1String("agent") || key == QLatin1String("gen_ai.agent.name"))
            return value.isString() && value.toString() == info.agentName;
        if (key == QLatin1String("input"))
            return value.isString() && value.toString() == info.input;
        if (key == QLatin1String("revisions"))
            return value.isObject() && value.toObject() == info.revisions;
        return key == QLatin1String("variables") && value == info.inputJson.value(QLatin1String("variables"));
    };
    json::Writer out;
    out.beginObject();
    for (auto it = attributes.begin(); it != attributes.end(); ++it) {
        const QString key = it.key();
        const QJsonValue value = it.value();
        out.key(key);
        if (repeats(key, value))
            out.null();
        else
            out.value(value);
    }
    return out.endObject().take();
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

QByteArray packInputJson(const QJsonObject &whole, const QString &input)
{
    if (whole.size() == 1 && whole.value(textKey).isString() && whole.value(textKey).toString() == input)
        return {};
    QJsonObject inputJson = whole;
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

OutcomeTexts outcomeTexts(const QString &kind, const QByteArray &outcome)
{
    const auto document = json::Document::parse(outcome);
    if (!document)
        return outcomeTexts(kind, json::parseObject(outcome).valueOr({}));
    using L = QLatin1String;
    const json::View root = document->root();
    OutcomeTexts texts;
    if (kind == L("chat")) {
        for (const json::View part : root.value(L("response")).value(L("message")).value(L("parts"))) {
            const json::View type = part.value(L("type"));
            if (type == L("text")) {
                texts.text += part.value(L("content")).toString();
            } else if (type == L("reasoning")) {
                texts.reasoning += part.value(L("content")).toString();
            } else if (type == L("tool_call")) {
                const json::View arguments = part.value(L("arguments"));
                texts.toolArguments += arguments.isString() ? arguments.toString() : QString::fromUtf8(arguments.text());
            }
        }
    } else if (kind == L("execute_tool")) {
        texts.text = root.value(L("outcome")).value(L("text")).toString();
    } else if (kind == L("human")) {
        texts.text = root.value(L("answer")).value(L("text")).toString();
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
