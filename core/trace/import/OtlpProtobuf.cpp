// SPDX-License-Identifier: GPL-3.0-or-later
// The wire format of protocol buffers, as far as OTLP needs it. Field numbers: opentelemetry-proto v1 (trace, logs, metrics, common, resource).
#include "core/base/Json.h"
#include "core/trace/import/OtlpParts.h"

#include <QtEndian>

#include <algorithm>
#include <array>
#include <bit>

namespace lathe {

namespace {
using otlp::AttributeList;

// Goes through the fields of one message. Nothing is copied; after damage() nothing more is read.
class Wire
{
public:
    enum Type { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };
    explicit Wire(QByteArrayView bytes) : m_at(bytes.data()), m_end(bytes.data() + bytes.size()) {}

    // The next field; false at the end or at damage. Its value has been read.
    bool next()
    {
        if (m_damaged || m_at == m_end)
            return false;
        const quint64 tag = varint();
        if (m_damaged || (tag >> 3) == 0 || (tag >> 3) > 0x1fffffff) // no such field
            return damage();
        m_field = int(tag >> 3);
        m_type = Type(tag & 7);
        m_number = 0;
        m_bytes = {};
        switch (m_type) {
        case Varint:
            m_number = varint();
            return !m_damaged;
        case Fixed64:
            if (m_end - m_at < 8)
                return damage();
            m_number = qFromLittleEndian<quint64>(m_at);
            m_at += 8;
            return true;
        case Fixed32:
            if (m_end - m_at < 4)
                return damage();
            m_number = qFromLittleEndian<quint32>(m_at);
            m_at += 4;
            return true;
        case Bytes: {
            const quint64 size = varint();
            if (m_damaged)
                return false;
            const bool cut = size > quint64(m_end - m_at);
            m_cut = m_cut || cut; // then this is the last field
            const qsizetype taken = cut ? m_end - m_at : qsizetype(size);
            m_bytes = QByteArrayView(m_at, taken);
            m_at += taken;
            return true;
        }
        }
        return damage(); // groups, which OTLP never had, and types that do not exist
    }
    int field() const { return m_field; }
    bool is(int field, Type type) const { return m_field == field && m_type == type; }
    quint64 number() const { return m_number; }
    QByteArrayView bytes() const { return m_bytes; } // what there is of it
    bool isCut() const { return m_cut; }             // the message ends before its field does
    bool isDamaged() const { return m_damaged || m_cut; }

private:
    bool damage()
    {
        m_damaged = true;
        return false;
    }
    quint64 varint()
    {
        quint64 value = 0;
        for (int shift = 0; shift < 64 && m_at != m_end; shift += 7) {
            const uchar byte = uchar(*m_at++);
            value |= quint64(byte & 0x7f) << shift;
            if (byte < 0x80)
                return value;
        }
        m_damaged = true;
        return 0;
    }
    const char *m_at;
    const char *m_end;
    int m_field = 0;
    Type m_type = Varint;
    quint64 m_number = 0;
    QByteArrayView m_bytes;
    bool m_damaged = false;
    bool m_cut = false;
};

const QString damagedSpan = QStringLiteral("damaged span");
const QString damagedLog = QStringLiteral("damaged log record");

class Decoder
{
public:
    Decoder(bool logs, const OtlpLimits &limits) : m_logs(logs), m_limits(limits) {}

    Result<OtlpBatch> decode(QByteArrayView body)
    {
        Wire wire(body);
        bool any = false;
        while (wire.next()) {
            if (!wire.is(1, Wire::Bytes))
                continue;
            any = true;
            resourceGroup(wire.bytes());
            m_damaged = m_damaged || wire.isCut();
        }
        if (!wire.isDamaged() && !m_damaged)
            return std::move(m_batch);
        if (!any || (m_batch.spans.empty() && m_batch.logs.empty()))
            return Error(
                ErrorKind::InvalidInput,
                QStringLiteral("The body is no OTLP %1 export in protobuf; check the exporter's protocol (http/protobuf or http/json).")
                    .arg(m_logs ? QStringLiteral("logs") : QStringLiteral("trace")));
        m_batch.refused.add(QStringLiteral("rest of a damaged message"));
        return std::move(m_batch);
    }

private:
    QString text(QByteArrayView bytes)
    {
        if (bytes.size() > m_limits.valueBytes) {
            m_batch.refused.add(QStringLiteral("end of a text over %1 MB").arg(double(m_limits.valueBytes) / 1048576));
            bytes = bytes.first(m_limits.valueBytes);
        }
        return json::fromUtf8Lossy(bytes);
    }

    static QString id(QByteArrayView bytes, qsizetype size)
    {
        const auto zero = [](char c) { return c == 0; };
        if (bytes.size() != size || std::all_of(bytes.begin(), bytes.end(), zero))
            return {};
        return QString::fromLatin1(bytes.toByteArray().toHex());
    }

    // Null for what is damaged or too deep.
    QJsonValue anyValue(QByteArrayView bytes, int depth, bool *damaged)
    {
        if (depth > m_limits.depth) {
            m_batch.refused.add(QStringLiteral("value nested deeper than %1").arg(m_limits.depth));
            return QJsonValue::Null;
        }
        QJsonValue value = QJsonValue::Null;
        Wire wire(bytes);
        while (wire.next()) {
            if (wire.is(1, Wire::Bytes))
                value = text(wire.bytes());
            else if (wire.is(2, Wire::Varint))
                value = wire.number() != 0;
            else if (wire.is(3, Wire::Varint))
                value = qint64(wire.number());
            else if (wire.is(4, Wire::Fixed64))
                value = otlp::numberValue(std::bit_cast<double>(wire.number()));
            else if (wire.is(5, Wire::Bytes))
                value = array(wire.bytes(), depth + 1, damaged);
            else if (wire.is(6, Wire::Bytes))
                value = attributes(wire.bytes(), 1, depth + 1, damaged);
            else if (wire.is(7, Wire::Bytes))
                value = QString::fromLatin1(
                    wire.bytes().first(std::min<qsizetype>(wire.bytes().size(), m_limits.valueBytes)).toByteArray().toBase64());
        }
        *damaged = *damaged || wire.isDamaged();
        return value;
    }

    QJsonValue array(QByteArrayView bytes, int depth, bool *damaged)
    {
        QJsonArray values;
        Wire wire(bytes);
        while (wire.next()) {
            if (wire.is(1, Wire::Bytes))
                values.append(anyValue(wire.bytes(), depth, damaged));
        }
        *damaged = *damaged || wire.isDamaged();
        return values;
    }

    // All KeyValues in `field` of the message.
    QJsonObject attributes(QByteArrayView message, int field, int depth, bool *damaged)
    {
        AttributeList list(&m_limits, &m_batch);
        Wire wire(message);
        while (wire.next()) {
            if (wire.is(field, Wire::Bytes))
                keyValue(wire.bytes(), depth, &list, damaged);
        }
        *damaged = *damaged || wire.isDamaged();
        return list.take();
    }

    void keyValue(QByteArrayView bytes, int depth, AttributeList *into, bool *damaged)
    {
        Wire wire(bytes);
        QString key;
        QJsonValue value = QJsonValue::Null;
        while (wire.next()) {
            if (wire.is(1, Wire::Bytes))
                key = text(wire.bytes());
            else if (wire.is(2, Wire::Bytes))
                value = anyValue(wire.bytes(), depth, damaged);
        }
        *damaged = *damaged || wire.isDamaged();
        into->add(std::move(key), std::move(value));
    }

    // ResourceSpans or ResourceLogs.
    void resourceGroup(QByteArrayView bytes)
    {
        // The resource may stand behind what it belongs to.
        bool damaged = false;
        Wire first(bytes);
        while (first.next()) {
            if (first.is(1, Wire::Bytes))
                m_resource = attributes(first.bytes(), 1, 0, &damaged);
        }
        Wire wire(bytes);
        while (wire.next()) {
            if (wire.is(2, Wire::Bytes) || wire.is(1000, Wire::Bytes)) // 1000: before 2022
                scopeGroup(wire.bytes());
        }
        m_damaged = m_damaged || wire.isDamaged();
        m_resource = {};
    }

    void scopeGroup(QByteArrayView bytes)
    {
        m_scope.clear();
        m_scopeVersion.clear();
        Wire first(bytes);
        while (first.next()) {
            if (!first.is(1, Wire::Bytes))
                continue;
            Wire scope(first.bytes());
            while (scope.next()) {
                if (scope.is(1, Wire::Bytes))
                    m_scope = text(scope.bytes());
                else if (scope.is(2, Wire::Bytes))
                    m_scopeVersion = text(scope.bytes());
            }
        }
        Wire wire(bytes);
        while (wire.next()) {
            if (!wire.is(2, Wire::Bytes))
                continue;
            if (m_logs)
                logRecord(wire.bytes(), wire.isCut());
            else
                span(wire.bytes(), wire.isCut());
        }
        m_damaged = m_damaged || wire.isDamaged();
    }

    void span(QByteArrayView bytes, bool cut)
    {
        OtlpSpan span;
        AttributeList list(&m_limits, &m_batch);
        bool damaged = false; // in a value: the span is kept without it
        int left = m_limits.events;
        Wire wire(bytes);
        while (wire.next()) {
            if (wire.is(1, Wire::Bytes))
                span.traceId = id(wire.bytes(), 16);
            else if (wire.is(2, Wire::Bytes))
                span.spanId = id(wire.bytes(), 8);
            else if (wire.is(4, Wire::Bytes))
                span.parentId = id(wire.bytes(), 8);
            else if (wire.is(5, Wire::Bytes))
                span.name = text(wire.bytes());
            else if (wire.is(6, Wire::Varint))
                span.kind = wire.number() <= 5 ? int(wire.number()) : 0;
            else if (wire.is(7, Wire::Fixed64))
                span.startNs = otlp::boundedNs(wire.number());
            else if (wire.is(8, Wire::Fixed64))
                span.endNs = otlp::boundedNs(wire.number());
            else if (wire.is(9, Wire::Bytes))
                keyValue(wire.bytes(), 0, &list, &damaged);
            else if (wire.is(11, Wire::Bytes) || wire.is(13, Wire::Bytes)) {
                if (--left < 0)
                    m_batch.refused.add(QStringLiteral("event or link beyond the limit of %1 a span").arg(m_limits.events));
                else if (wire.field() == 11)
                    span.events.push_back(event(wire.bytes(), &damaged));
                else
                    span.links.push_back(link(wire.bytes(), &damaged));
            } else if (wire.is(15, Wire::Bytes)) {
                Wire status(wire.bytes());
                while (status.next()) {
                    if (status.is(2, Wire::Bytes))
                        span.statusMessage = text(status.bytes());
                    else if (status.is(3, Wire::Varint))
                        span.status = statusOf(status.number());
                }
            }
        }
        if (cut || wire.isDamaged())
            return otlp::refuseSpan(&m_batch, damagedSpan, span.name);
        if (damaged)
            m_batch.refused.add(QStringLiteral("damaged value of a span"), span.name);
        span.attributes = list.take();
        span.resource = m_resource;
        span.scope = m_scope;
        span.scopeVersion = m_scopeVersion;
        otlp::keep(&m_batch, std::move(span), m_limits);
    }

    static OtlpSpan::Status statusOf(quint64 code)
    {
        return code == 1 ? OtlpSpan::Status::Ok : code == 2 ? OtlpSpan::Status::Error : OtlpSpan::Status::Unset;
    }

    OtlpEvent event(QByteArrayView bytes, bool *damaged)
    {
        OtlpEvent event;
        AttributeList list(&m_limits, &m_batch);
        Wire wire(bytes);
        while (wire.next()) {
            if (wire.is(1, Wire::Fixed64))
                event.timeNs = otlp::boundedNs(wire.number());
            else if (wire.is(2, Wire::Bytes))
                event.name = text(wire.bytes());
            else if (wire.is(3, Wire::Bytes))
                keyValue(wire.bytes(), 0, &list, damaged);
        }
        *damaged = *damaged || wire.isDamaged();
        event.attributes = list.take();
        return event;
    }

    OtlpLink link(QByteArrayView bytes, bool *damaged)
    {
        OtlpLink link;
        AttributeList list(&m_limits, &m_batch);
        Wire wire(bytes);
        while (wire.next()) {
            if (wire.is(1, Wire::Bytes))
                link.traceId = id(wire.bytes(), 16);
            else if (wire.is(2, Wire::Bytes))
                link.spanId = id(wire.bytes(), 8);
            else if (wire.is(4, Wire::Bytes))
                keyValue(wire.bytes(), 0, &list, damaged);
        }
        *damaged = *damaged || wire.isDamaged();
        link.attributes = list.take();
        return link;
    }

    void logRecord(QByteArrayView bytes, bool cut)
    {
        OtlpLogRecord record;
        AttributeList list(&m_limits, &m_batch);
        bool damaged = false;
        qint64 observedNs = 0;
        Wire wire(bytes);
        while (wire.next()) {
            if (wire.is(1, Wire::Fixed64))
                record.timeNs = otlp::boundedNs(wire.number());
            else if (wire.is(3, Wire::Bytes))
                record.severity = text(wire.bytes());
            else if (wire.is(5, Wire::Bytes))
                record.body = anyValue(wire.bytes(), 0, &damaged);
            else if (wire.is(6, Wire::Bytes))
                keyValue(wire.bytes(), 0, &list, &damaged);
            else if (wire.is(9, Wire::Bytes))
                record.traceId = id(wire.bytes(), 16);
            else if (wire.is(10, Wire::Bytes))
                record.spanId = id(wire.bytes(), 8);
            else if (wire.is(11, Wire::Fixed64))
                observedNs = otlp::boundedNs(wire.number());
            else if (wire.is(12, Wire::Bytes))
                record.eventName = text(wire.bytes());
        }
        if (cut || wire.isDamaged())
            return otlp::refuseLog(&m_batch, damagedLog, record.eventName);
        if (damaged)
            m_batch.refused.add(QStringLiteral("damaged value of a log record"), record.eventName);
        if (record.timeNs == 0)
            record.timeNs = observedNs;
        record.attributes = list.take();
        record.resource = m_resource;
        record.scope = m_scope;
        otlp::keep(&m_batch, std::move(record), m_limits);
    }

    bool m_logs;
    const OtlpLimits m_limits;
    OtlpBatch m_batch;
    QJsonObject m_resource;
    QString m_scope, m_scopeVersion;
    bool m_damaged = false;
};
} // namespace

Result<OtlpBatch> decodeOtlpProtobuf(QByteArrayView body, bool logs, const OtlpLimits &limits)
{
    return Decoder(logs, limits).decode(body);
}

namespace {
qint64 jsonDataPoints(const QJsonObject &request)
{
    qint64 count = 0;
    const auto list = [](const QJsonObject &object, const char *camel, const char *snake) {
        const QJsonValue value = object.value(QLatin1String(camel));
        return (value.isUndefined() ? object.value(QLatin1String(snake)) : value).toArray();
    };
    const QJsonArray resources = list(request, "resourceMetrics", "resource_metrics");
    for (const QJsonValue &resource : resources) {
        const QJsonArray scopes = list(resource.toObject(), "scopeMetrics", "scope_metrics");
        for (const QJsonValue &scope : scopes) {
            const QJsonArray metrics = scope.toObject().value(QLatin1String("metrics")).toArray();
            for (const QJsonValue &metric : metrics) {
                const QJsonObject object = metric.toObject();
                for (const QJsonValue &member : object)
                    count += list(member.toObject(), "dataPoints", "data_points").size();
            }
        }
    }
    return count;
}
} // namespace

qint64 countOtlpMetrics(QByteArrayView body, bool isJson)
{
    if (isJson) {
        const auto request = json::parseObject(body);
        return request ? jsonDataPoints(*request) : -1;
    }
    qint64 count = 0;
    bool damaged = false;
    // ResourceMetrics 1 > ScopeMetrics 2 > Metric 2 > gauge 5, sum 7, histogram 9, exponential 10, summary 11 > points 1.
    static const std::array<QList<int>, 5> path{QList<int>{1}, QList<int>{2}, QList<int>{2}, QList<int>{5, 7, 9, 10, 11}, QList<int>{1}};
    const auto walk = [&](const auto &self, QByteArrayView bytes, size_t level) -> void {
        Wire wire(bytes);
        while (wire.next()) {
            if (!path[level].contains(wire.field()) || wire.bytes().isNull())
                continue;
            if (level + 1 == path.size())
                ++count;
            else
                self(self, wire.bytes(), level + 1);
        }
        damaged = damaged || wire.isDamaged();
    };
    walk(walk, body, 0);
    return damaged && count == 0 ? -1 : count;
}

} // namespace lathe
