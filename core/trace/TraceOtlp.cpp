// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/trace/Trace.h"

#include <QRegularExpression>

#include <algorithm>

namespace lathe {

namespace {
const QString schemaUrl = QStringLiteral("https://opentelemetry.io/schemas/gen-ai/1.42.0");

// Attributes that the conventions type as double although their values are often whole.
bool isDoubleAttribute(const QString &name)
{
    static const QStringList names{QStringLiteral("gen_ai.request.temperature"),
                                   QStringLiteral("gen_ai.request.top_p"),
                                   QStringLiteral("gen_ai.request.frequency_penalty"),
                                   QStringLiteral("gen_ai.request.presence_penalty"),
                                   QStringLiteral("gen_ai.response.time_to_first_chunk"),
                                   QStringLiteral("gen_ai.evaluation.score.value"),
                                   QStringLiteral("lathe.cost_usd")};
    return names.contains(name);
}

QJsonObject anyValue(const QJsonValue &value, bool asDouble = false)
{
    switch (value.type()) {
    case QJsonValue::Bool:
        return {{QStringLiteral("boolValue"), value.toBool()}};
    case QJsonValue::Double: {
        const bool whole = value.toInteger(0) == value.toInteger(1);
        if (whole && !asDouble) // 64-bit numbers are text in the JSON form of protobuf
            return {{QStringLiteral("intValue"), QString::number(value.toInteger())}};
        return {{QStringLiteral("doubleValue"), value.toDouble()}};
    }
    case QJsonValue::String:
        return {{QStringLiteral("stringValue"), value.toString()}};
    case QJsonValue::Array: {
        QJsonArray values;
        const QJsonArray array = value.toArray();
        for (const QJsonValue &item : array)
            values.append(anyValue(item));
        return {{QStringLiteral("arrayValue"), QJsonObject{{QStringLiteral("values"), values}}}};
    }
    case QJsonValue::Object: {
        QJsonArray values;
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            values.append(QJsonObject{{QStringLiteral("key"), it.key()},
                                      {QStringLiteral("value"), anyValue(it.value())}});
        return {{QStringLiteral("kvlistValue"), QJsonObject{{QStringLiteral("values"), values}}}};
    }
    case QJsonValue::Null:
    case QJsonValue::Undefined:
        break;
    }
    return {}; // an AnyValue without a value is null
}

QJsonArray keyValues(const QJsonObject &attributes)
{
    QJsonArray list;
    for (auto it = attributes.begin(); it != attributes.end(); ++it) {
        list.append(QJsonObject{
            {QStringLiteral("key"), it.key()},
            {QStringLiteral("value"), anyValue(it.value(), isDoubleAttribute(it.key()))}});
    }
    return list;
}

QString nanos(qint64 us)
{
    const quint64 bounded = quint64(std::max<qint64>(us, 0));
    return QString::number(bounded > UINT64_MAX / 1000 ? UINT64_MAX : bounded * 1000);
}

QString spanId(const QString &traceId, const QString &path)
{
    return QString::fromLatin1(json::sha256((traceId + QLatin1Char('/') + path).toUtf8()).left(16));
}

void insertIfAbsent(QJsonObject *attributes, const QString &key, const QJsonValue &value)
{
    if (!attributes->contains(key))
        attributes->insert(key, value);
}

// The step's own attributes, and what the trace holds beside them under the names of the conventions.
QJsonObject spanAttributes(const Step &step)
{
    QJsonObject attributes = step.attributes;
    insertIfAbsent(&attributes, QStringLiteral("lathe.step.path"), step.path);
    insertIfAbsent(&attributes, QStringLiteral("lathe.step.kind"), stepKindName(step.kind));
    insertIfAbsent(&attributes, QStringLiteral("lathe.step.status"), stepStatusName(step.status));
    if (step.error)
        insertIfAbsent(&attributes, QStringLiteral("error.type"), errorKindName(step.error->kind));
    if (step.kind == StepKind::Tool) {
        if (!step.toolArguments.isEmpty())
            insertIfAbsent(&attributes, QStringLiteral("gen_ai.tool.call.arguments"),
                           step.toolArguments);
        if (!step.text.isEmpty())
            insertIfAbsent(&attributes, QStringLiteral("gen_ai.tool.call.result"), step.text);
        return attributes;
    }
    if (step.kind == StepKind::Model) {
        if (step.firstDeltaUs > step.startUs) {
            insertIfAbsent(&attributes, QStringLiteral("gen_ai.response.time_to_first_chunk"),
                           double(step.firstDeltaUs - step.startUs) / 1e6);
        }
        if (attributes.contains(QStringLiteral("gen_ai.output.messages")))
            return attributes; // says all that streamed
        QJsonArray parts;
        const auto add = [&parts](const char *type, const QString &content) {
            if (!content.isEmpty()) {
                parts.append(QJsonObject{{QStringLiteral("type"), QString::fromLatin1(type)},
                                         {QStringLiteral("content"), content}});
            }
        };
        add("reasoning", step.reasoning);
        add("text", step.text);
        if (!parts.isEmpty()) {
            QJsonObject message{{QStringLiteral("role"), QStringLiteral("assistant")},
                                {QStringLiteral("parts"), parts}};
            const QJsonArray reasons =
                attributes.value(QStringLiteral("gen_ai.response.finish_reasons")).toArray();
            if (!reasons.isEmpty())
                message.insert(QStringLiteral("finish_reason"), reasons.first());
            attributes.insert(QStringLiteral("gen_ai.output.messages"), QJsonArray{message});
        }
    } else {
        if (!step.text.isEmpty())
            insertIfAbsent(&attributes, QStringLiteral("lathe.text"), step.text);
        if (!step.reasoning.isEmpty())
            insertIfAbsent(&attributes, QStringLiteral("lathe.reasoning"), step.reasoning);
    }
    if (!step.toolArguments.isEmpty())
        insertIfAbsent(&attributes, QStringLiteral("lathe.tool_arguments"), step.toolArguments);
    return attributes;
}

QJsonObject spanStatus(const Step &step)
{
    const auto failed = [](const QString &message) {
        return QJsonObject{{QStringLiteral("code"), 2}, {QStringLiteral("message"), message}};
    };
    switch (step.status) {
    case StepStatus::Ok:
        return {{QStringLiteral("code"), 1}};
    case StepStatus::Failed:
        return failed(step.error ? step.error->message : QStringLiteral("Failed."));
    case StepStatus::Cancelled:
        return failed(step.error ? step.error->message : QStringLiteral("Cancelled."));
    case StepStatus::Interrupted:
        return failed(step.error ? step.error->message : QStringLiteral("Interrupted."));
    case StepStatus::Running:
    case StepStatus::Waiting:
        break;
    }
    return {};
}

// A trace id of 32 hex digits; another text is hashed to one, so that equal texts stay equal.
QString checkedTraceId(const QString &traceId)
{
    static const QRegularExpression pattern(QStringLiteral("\\A(?!0{32})[0-9a-f]{32}\\z"));
    const QString lower = traceId.toLower();
    return pattern.match(lower).hasMatch()
               ? lower
               : QString::fromLatin1(json::sha256(traceId.toUtf8()).left(32));
}
} // namespace

QJsonObject Trace::toOtlp(const QString &traceId) const
{
    const QString id = checkedTraceId(traceId);
    qint64 lastUs = m_endUs; // where the spans of a run that still goes end for now
    for (const Step &step : m_steps) {
        lastUs = std::max({lastUs, step.startUs, step.endUs, step.firstDeltaUs});
        if (!step.notes.empty())
            lastUs = std::max(lastUs, step.notes.back().timeUs);
    }
    QJsonArray spans;
    for (const Step &step : m_steps) {
        QJsonObject attributes = spanAttributes(step);
        if (step.parent
                .isEmpty()) { // the run itself is no span: its top steps carry what is known of it
            insertIfAbsent(&attributes, QStringLiteral("lathe.run.id"), m_run.value);
            insertIfAbsent(&attributes, QStringLiteral("lathe.run.status"),
                           runStatusName(m_status));
            for (auto it = m_startAttributes.begin(); it != m_startAttributes.end(); ++it)
                insertIfAbsent(&attributes, QStringLiteral("lathe.run.") + it.key(), it.value());
            if (!m_output.isEmpty())
                insertIfAbsent(&attributes, QStringLiteral("lathe.run.output"), m_output);
            if (m_error) {
                insertIfAbsent(&attributes, QStringLiteral("lathe.run.error"), m_error->message);
                insertIfAbsent(&attributes, QStringLiteral("lathe.run.error_type"),
                               errorKindName(m_error->kind));
            }
        }
        QJsonArray events;
        for (const StepNote &note : step.notes) {
            events.append(QJsonObject{{QStringLiteral("timeUnixNano"), nanos(note.timeUs)},
                                      {QStringLiteral("name"), note.name},
                                      {QStringLiteral("attributes"), keyValues(note.attributes)}});
        }
        QJsonObject span{
            {QStringLiteral("traceId"), id},
            {QStringLiteral("spanId"), spanId(id, step.path)},
            {QStringLiteral("name"), step.name.isEmpty() ? step.path : step.name},
            {QStringLiteral("kind"), step.kind == StepKind::Model ? 3 : 1}, // CLIENT, INTERNAL
            {QStringLiteral("startTimeUnixNano"), nanos(step.startUs)},
            {QStringLiteral("endTimeUnixNano"),
             nanos(std::max(step.endUs ? step.endUs : lastUs, step.startUs))},
            {QStringLiteral("attributes"), keyValues(attributes)},
            {QStringLiteral("status"), spanStatus(step)}};
        if (!step.parent.isEmpty())
            span.insert(QStringLiteral("parentSpanId"), spanId(id, step.parent));
        if (!events.isEmpty())
            span.insert(QStringLiteral("events"), events);
        spans.append(span);
    }
    const QJsonObject scopeSpans{
        {QStringLiteral("scope"), QJsonObject{{QStringLiteral("name"), QStringLiteral("lathe")}}},
        {QStringLiteral("spans"), spans},
        {QStringLiteral("schemaUrl"), schemaUrl}};
    const QJsonObject resource{
        {QStringLiteral("attributes"),
         keyValues({{QStringLiteral("service.name"), QStringLiteral("lathe")}})}};
    const QJsonObject resourceSpans{{QStringLiteral("resource"), resource},
                                    {QStringLiteral("scopeSpans"), QJsonArray{scopeSpans}},
                                    {QStringLiteral("schemaUrl"), schemaUrl}};
    return {{QStringLiteral("resourceSpans"), QJsonArray{resourceSpans}}};
}

} // namespace lathe
