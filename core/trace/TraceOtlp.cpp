// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/TraceOtlp.h"

#include "core/base/Json.h"
#include "core/base/JsonWriter.h"

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

using L = QLatin1String;

// Values deeper than this are written as text, so that no value of a damaged file overflows the stack.
constexpr int deepest = 200;

void writeAnyValue(json::Writer &out, const QJsonValue &value, bool asDouble = false, int depth = 0);

void writeKeyValues(json::Writer &out, const QJsonObject &attributes, bool top, int depth)
{
    out.beginArray();
    for (auto it = attributes.begin(); it != attributes.end(); ++it) {
        out.beginObject().key(L("key")).string(it.key()).key(L("value"));
        writeAnyValue(out, it.value(), top && isDoubleAttribute(it.key()), depth);
        out.endObject();
    }
    out.endArray();
}

void writeAnyValue(json::Writer &out, const QJsonValue &value, bool asDouble, int depth)
{
    out.beginObject();
    switch (depth > deepest ? QJsonValue::String : value.type()) {
    case QJsonValue::Bool:
        out.key(L("boolValue")).boolean(value.toBool());
        break;
    case QJsonValue::Double: {
        const bool whole = value.toInteger(0) == value.toInteger(1);
        if (whole && !asDouble) // 64-bit numbers are text in the JSON form of protobuf
            out.key(L("intValue")).string(QString::number(value.toInteger()));
        else
            out.key(L("doubleValue")).value(value.toDouble());
        break;
    }
    case QJsonValue::String:
        out.key(L("stringValue")).string(value.isString() ? value.toString() : json::compactString(value));
        break;
    case QJsonValue::Array: {
        out.key(L("arrayValue")).beginObject().key(L("values")).beginArray();
        const QJsonArray array = value.toArray();
        for (const QJsonValue &item : array)
            writeAnyValue(out, item, false, depth + 1);
        out.endArray().endObject();
        break;
    }
    case QJsonValue::Object:
        out.key(L("kvlistValue")).beginObject().key(L("values"));
        writeKeyValues(out, value.toObject(), false, depth + 1);
        out.endObject();
        break;
    case QJsonValue::Null:
    case QJsonValue::Undefined:
        break; // an AnyValue without a value is null
    }
    out.endObject();
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

// The run itself is no span: its top steps carry what is known of it.
void insertRun(QJsonObject *attributes, const Trace &trace)
{
    insertIfAbsent(attributes, QStringLiteral("lathe.run.id"), trace.run().value);
    insertIfAbsent(attributes, QStringLiteral("lathe.run.status"), runStatusName(trace.status()));
    const QJsonObject start = trace.startAttributes();
    for (auto it = start.begin(); it != start.end(); ++it)
        insertIfAbsent(attributes, QStringLiteral("lathe.run.") + it.key(), it.value());
    if (!trace.output().isEmpty())
        insertIfAbsent(attributes, QStringLiteral("lathe.run.output"), trace.output());
    if (const auto error = trace.error()) {
        insertIfAbsent(attributes, QStringLiteral("lathe.run.error"), error->message);
        insertIfAbsent(attributes, QStringLiteral("lathe.run.error_type"), errorKindName(error->kind));
    }
}

void writeStatus(json::Writer &out, const Step &step)
{
    out.beginObject();
    const auto failed = [&](const QString &otherwise) {
        out.key(L("code")).number(2).key(L("message")).string(step.error ? step.error->message : otherwise);
    };
    if (step.status == StepStatus::Ok)
        out.key(L("code")).number(1);
    else if (step.status == StepStatus::Failed)
        failed(QStringLiteral("Failed."));
    else if (step.status == StepStatus::Cancelled)
        failed(QStringLiteral("Cancelled."));
    else if (step.status == StepStatus::Interrupted)
        failed(QStringLiteral("Interrupted."));
    out.endObject();
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

QByteArray otlpBegin()
{
    json::Writer out; // left open, members in the order of their names
    out.beginObject().key(L("resourceSpans")).beginArray().beginObject().key(L("resource")).beginObject().key(L("attributes"));
    writeKeyValues(out, QJsonObject{{QStringLiteral("service.name"), QStringLiteral("lathe")}}, true, 0);
    out.endObject().key(L("schemaUrl")).string(schemaUrl).key(L("scopeSpans")).beginArray().beginObject();
    out.key(L("schemaUrl")).string(schemaUrl).key(L("scope")).beginObject().key(L("name")).string(L("lathe")).endObject();
    return out.take() + ",\"spans\":[";
}

QByteArray otlpEnd()
{
    return QByteArrayLiteral("]}]}]}");
}

bool writeOtlpSpans(const Trace &trace, const QString &traceId, const std::function<bool(const QByteArray &span)> &sink)
{
    const QString id = checkedTraceId(traceId);
    qint64 lastUs = trace.endUs(); // where the spans of a run that still goes end for now
    for (const Step &step : trace.steps()) {
        lastUs = std::max({lastUs, step.startUs, step.endUs, step.firstDeltaUs});
        if (!step.notes.empty())
            lastUs = std::max(lastUs, step.notes.back().timeUs);
    }
    for (const Step &step : trace.steps()) {
        QJsonObject attributes = spanAttributes(step);
        if (step.parent.isEmpty())
            insertRun(&attributes, trace);
        json::Writer out; // members in the order of their names
        out.beginObject().key(L("attributes"));
        writeKeyValues(out, attributes, true, 0);
        out.key(L("endTimeUnixNano")).string(nanos(std::max(step.endUs ? step.endUs : lastUs, step.startUs)));
        if (!step.notes.empty()) {
            out.key(L("events")).beginArray();
            for (const StepNote &note : step.notes) {
                out.beginObject().key(L("attributes"));
                writeKeyValues(out, note.attributes, true, 0);
                out.key(L("name")).string(note.name).key(L("timeUnixNano")).string(nanos(note.timeUs)).endObject();
            }
            out.endArray();
        }
        out.key(L("kind")).number(step.kind == StepKind::Model ? 3 : 1); // CLIENT, INTERNAL
        out.key(L("name")).string(step.name.isEmpty() ? step.path : step.name);
        if (!step.parent.isEmpty())
            out.key(L("parentSpanId")).string(spanId(id, step.parent));
        out.key(L("spanId")).string(spanId(id, step.path)).key(L("startTimeUnixNano")).string(nanos(step.startUs));
        out.key(L("status"));
        writeStatus(out, step);
        out.key(L("traceId")).string(id).endObject();
        if (!sink(out.take()))
            return false;
    }
    return true;
}

QJsonObject Trace::toOtlp(const QString &traceId) const
{
    QByteArray text = otlpBegin();
    bool first = true;
    writeOtlpSpans(*this, traceId, [&](const QByteArray &span) {
        if (!std::exchange(first, false))
            text += ',';
        text += span;
        return true;
    });
    return json::parseObject(text + otlpEnd()).valueOr({});
}

} // namespace lathe
