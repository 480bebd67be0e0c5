// SPDX-License-Identifier: GPL-3.0-or-later
// OTLP/JSON as it is sent, not only as it is specified: ids in hex or base64, numbers as text or numbers, both spellings of names.
#include "core/base/Json.h"
#include "core/trace/import/OtlpParts.h"

#include <algorithm>

namespace lathe {

namespace {
using otlp::AttributeList;
using L = QLatin1String;

QJsonValue member(const QJsonObject &object, L camel, L snake)
{
    const QJsonValue value = object.value(camel);
    return value.isUndefined() ? object.value(snake) : value;
}

// A 64-bit number that may stand as text. Not a number, or below 0: 0.
quint64 unsignedOf(const QJsonValue &value)
{
    if (value.isString())
        return value.toString().trimmed().toULongLong();
    if (const qint64 whole = value.toInteger(-1); whole >= 0)
        return quint64(whole);
    const double number = value.toDouble();
    return number > 0 && number < 1.8e19 ? quint64(number) : 0;
}

bool isHex(const QString &text)
{
    return std::all_of(text.begin(), text.end(),
                       [](QChar c) { return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f') || (c >= u'A' && c <= u'F'); });
}

// Lower-case hex of `bytes` bytes; empty when it is none or all zero.
QString idOf(const QJsonValue &value, int bytes)
{
    const QString text = value.toString().trimmed();
    QString hex;
    if (text.size() == bytes * 2 && isHex(text)) {
        hex = text.toLower();
    } else if (text.size() <= bytes * 2) {
        const auto decoded = QByteArray::fromBase64Encoding(text.toLatin1(), QByteArray::AbortOnBase64DecodingErrors);
        if (decoded && decoded.decoded.size() == bytes)
            hex = QString::fromLatin1(decoded.decoded.toHex());
    }
    const bool zero = std::all_of(hex.begin(), hex.end(), [](QChar c) { return c == u'0'; });
    return zero ? QString() : hex;
}

int enumOf(const QJsonValue &value, const char *prefix, const std::vector<const char *> &names)
{
    if (value.isDouble())
        return value.toInt();
    const QString text = value.toString();
    for (size_t i = 0; i < names.size(); ++i) {
        if (text == L(prefix) + L(names[i]))
            return int(i);
    }
    return text.toInt();
}

class Decoder
{
public:
    explicit Decoder(const OtlpLimits &limits) : m_limits(limits) {}

    Result<OtlpBatch> decode(const QJsonObject &request)
    {
        const QJsonValue spans = member(request, L("resourceSpans"), L("resource_spans"));
        const QJsonValue logs = member(request, L("resourceLogs"), L("resource_logs"));
        if (!spans.isArray() && !logs.isArray() && !request.isEmpty()) {
            const QStringList keys = request.keys().mid(0, 5);
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("This is no OTLP export: it has neither resourceSpans nor resourceLogs, but %1.")
                             .arg(keys.join(QStringLiteral(", ")).left(200)));
        }
        groups(spans.toArray(), false);
        groups(logs.toArray(), true);
        return std::move(m_batch);
    }

private:
    void groups(const QJsonArray &list, bool logs)
    {
        for (const QJsonValue &value : list) {
            const QJsonObject group = value.toObject();
            const QJsonObject resource = group.value(L("resource")).toObject();
            m_resource = attributes(resource.value(L("attributes")), 0);
            QJsonValue scopes = logs ? member(group, L("scopeLogs"), L("scope_logs")) : member(group, L("scopeSpans"), L("scope_spans"));
            if (scopes.isUndefined()) // before 2022
                scopes = member(group, L("instrumentationLibrarySpans"), L("instrumentation_library_spans"));
            const QJsonArray scopeList = scopes.toArray();
            for (const QJsonValue &item : scopeList)
                scopeGroup(item.toObject(), logs);
        }
    }

    void scopeGroup(const QJsonObject &group, bool logs)
    {
        const QJsonObject scope = group.value(L("scope")).toObject();
        m_scope = scope.value(L("name")).toString();
        m_scopeVersion = scope.value(L("version")).toString();
        const QJsonArray items = (logs ? member(group, L("logRecords"), L("log_records")) : group.value(L("spans"))).toArray();
        for (const QJsonValue &item : items) {
            if (logs)
                logRecord(item);
            else
                span(item);
        }
    }

    QString text(const QString &value)
    {
        if (value.size() <= m_limits.valueBytes)
            return value;
        m_batch.refused.add(QStringLiteral("end of a text over %1 MB").arg(double(m_limits.valueBytes) / 1048576));
        return value.left(m_limits.valueBytes);
    }

    QJsonValue anyValue(const QJsonValue &value, int depth)
    {
        if (depth > m_limits.depth) {
            m_batch.refused.add(QStringLiteral("value nested deeper than %1").arg(m_limits.depth));
            return QJsonValue::Null;
        }
        if (!value.isObject()) // some write the plain value
            return value.isString()                         ? QJsonValue(text(value.toString()))
                   : value.isArray() || value.isUndefined() ? QJsonValue(QJsonValue::Null)
                                                            : value;
        const QJsonObject object = value.toObject();
        if (const QJsonValue v = member(object, L("stringValue"), L("string_value")); v.isString())
            return text(v.toString());
        if (const QJsonValue v = member(object, L("intValue"), L("int_value")); !v.isUndefined())
            return v.isString() ? QJsonValue(v.toString().toLongLong()) : v;
        if (const QJsonValue v = member(object, L("doubleValue"), L("double_value")); !v.isUndefined()) {
            bool number = true;
            const double parsed = v.isString() ? v.toString().toDouble(&number) : v.toDouble();
            return number ? otlp::numberValue(parsed) : v; // "NaN", "Infinity"
        }
        if (const QJsonValue v = member(object, L("boolValue"), L("bool_value")); !v.isUndefined())
            return v.isString() ? QJsonValue(v.toString() == L("true")) : v;
        if (const QJsonValue v = member(object, L("bytesValue"), L("bytes_value")); v.isString())
            return text(v.toString());
        if (const QJsonValue v = member(object, L("arrayValue"), L("array_value")); v.isObject()) {
            QJsonArray values;
            const QJsonArray items = v[L("values")].toArray();
            for (const QJsonValue &item : items)
                values.append(anyValue(item, depth + 1));
            return values;
        }
        if (const QJsonValue v = member(object, L("kvlistValue"), L("kvlist_value")); v.isObject())
            return attributes(v[L("values")], depth + 1);
        return QJsonValue::Null;
    }

    QJsonObject attributes(const QJsonValue &value, int depth)
    {
        AttributeList list(&m_limits, &m_batch);
        if (value.isObject()) { // written as a plain map
            const QJsonObject object = value.toObject();
            for (auto it = object.begin(); it != object.end(); ++it)
                list.add(it.key(), it.value());
            return list.take();
        }
        const QJsonArray items = value.toArray();
        for (const QJsonValue &item : items) {
            const QJsonObject pair = item.toObject();
            list.add(pair.value(L("key")).toString(), anyValue(pair.value(L("value")), depth));
        }
        return list.take();
    }

    void span(const QJsonValue &value)
    {
        if (!value.isObject())
            return otlp::refuseSpan(&m_batch, QStringLiteral("span that is no object"), json::compactString(value).left(100));
        const QJsonObject object = value.toObject();
        OtlpSpan span;
        span.traceId = idOf(member(object, L("traceId"), L("trace_id")), 16);
        span.spanId = idOf(member(object, L("spanId"), L("span_id")), 8);
        span.parentId = idOf(member(object, L("parentSpanId"), L("parent_span_id")), 8);
        span.name = text(object.value(L("name")).toString());
        span.kind = enumOf(object.value(L("kind")), "SPAN_KIND_", {"UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"});
        if (span.kind < 0 || span.kind > 5)
            span.kind = 0;
        span.startNs = otlp::boundedNs(unsignedOf(member(object, L("startTimeUnixNano"), L("start_time_unix_nano"))));
        span.endNs = otlp::boundedNs(unsignedOf(member(object, L("endTimeUnixNano"), L("end_time_unix_nano"))));
        span.attributes = attributes(object.value(L("attributes")), 0);
        const QJsonObject status = object.value(L("status")).toObject();
        const int code = enumOf(status.value(L("code")), "STATUS_CODE_", {"UNSET", "OK", "ERROR"});
        span.status = code == 1 ? OtlpSpan::Status::Ok : code == 2 ? OtlpSpan::Status::Error : OtlpSpan::Status::Unset;
        span.statusMessage = text(status.value(L("message")).toString());
        int left = m_limits.events;
        const auto allowed = [&] {
            if (--left >= 0)
                return true;
            m_batch.refused.add(QStringLiteral("event or link beyond the limit of %1 a span").arg(m_limits.events));
            return false;
        };
        const QJsonArray events = object.value(L("events")).toArray();
        for (const QJsonValue &item : events) {
            if (!allowed())
                break;
            const QJsonObject of = item.toObject();
            span.events.push_back({otlp::boundedNs(unsignedOf(member(of, L("timeUnixNano"), L("time_unix_nano")))),
                                   text(of.value(L("name")).toString()), attributes(of.value(L("attributes")), 0)});
        }
        const QJsonArray links = object.value(L("links")).toArray();
        for (const QJsonValue &item : links) {
            if (!allowed())
                break;
            const QJsonObject of = item.toObject();
            span.links.push_back({idOf(member(of, L("traceId"), L("trace_id")), 16), idOf(member(of, L("spanId"), L("span_id")), 8),
                                  attributes(of.value(L("attributes")), 0)});
        }
        span.resource = m_resource;
        span.scope = m_scope;
        span.scopeVersion = m_scopeVersion;
        otlp::keep(&m_batch, std::move(span), m_limits);
    }

    void logRecord(const QJsonValue &value)
    {
        if (!value.isObject())
            return otlp::refuseLog(&m_batch, QStringLiteral("log record that is no object"), json::compactString(value).left(100));
        const QJsonObject object = value.toObject();
        OtlpLogRecord record;
        record.traceId = idOf(member(object, L("traceId"), L("trace_id")), 16);
        record.spanId = idOf(member(object, L("spanId"), L("span_id")), 8);
        record.timeNs = otlp::boundedNs(unsignedOf(member(object, L("timeUnixNano"), L("time_unix_nano"))));
        if (record.timeNs == 0)
            record.timeNs = otlp::boundedNs(unsignedOf(member(object, L("observedTimeUnixNano"), L("observed_time_unix_nano"))));
        record.eventName = member(object, L("eventName"), L("event_name")).toString();
        record.severity = member(object, L("severityText"), L("severity_text")).toString();
        record.body = anyValue(object.value(L("body")), 0);
        record.attributes = attributes(object.value(L("attributes")), 0);
        record.resource = m_resource;
        record.scope = m_scope;
        otlp::keep(&m_batch, std::move(record), m_limits);
    }

    const OtlpLimits m_limits;
    OtlpBatch m_batch;
    QJsonObject m_resource;
    QString m_scope, m_scopeVersion;
};
} // namespace

Result<OtlpBatch> decodeOtlpJson(const QJsonObject &request, const OtlpLimits &limits)
{
    return Decoder(limits).decode(request);
}

Result<OtlpBatch> decodeOtlpJson(const QByteArray &body, const OtlpLimits &limits)
{
    const auto request = json::parseObject(body);
    if (!request)
        return Error(ErrorKind::InvalidInput, QStringLiteral("The body is no OTLP JSON: %1").arg(request.error().message));
    return decodeOtlpJson(*request, limits);
}

} // namespace lathe
