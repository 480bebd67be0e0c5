// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/import/OtlpParts.h"

#include "core/base/Json.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe::otlp {

void AttributeList::add(QString key, QJsonValue value)
{
    if (int(m_items.size()) >= m_limits->attributes) {
        m_batch->refused.add(QStringLiteral("attribute beyond the limit of %1").arg(m_limits->attributes), key);
        return;
    }
    m_items.emplace_back(std::move(key), std::move(value));
}

QJsonObject AttributeList::take()
{
    // The last of equal keys wins, as in JSON.
    std::stable_sort(m_items.begin(), m_items.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    QJsonObject object;
    for (auto &[key, value] : m_items)
        object.insert(key, value);
    m_items.clear();
    return object;
}

QJsonValue numberValue(double value)
{
    if (std::isnan(value))
        return QStringLiteral("NaN");
    if (std::isinf(value))
        return value > 0 ? QStringLiteral("Infinity") : QStringLiteral("-Infinity");
    return value;
}

qint64 boundedNs(quint64 ns)
{
    return qint64(std::min<quint64>(ns, quint64(std::numeric_limits<qint64>::max())));
}

void refuseSpan(OtlpBatch *batch, const QString &why, const QString &example)
{
    batch->refused.add(why, example);
    ++batch->refusedSpans;
}

void refuseLog(OtlpBatch *batch, const QString &why, const QString &example)
{
    batch->refused.add(why, example);
    ++batch->refusedLogs;
}

void keep(OtlpBatch *batch, OtlpSpan span, const OtlpLimits &limits)
{
    if (span.traceId.isEmpty() || span.spanId.isEmpty())
        return refuseSpan(batch, QStringLiteral("span without a valid id"), span.name);
    if (qint64(batch->spans.size() + batch->logs.size()) >= limits.spans)
        return refuseSpan(batch, QStringLiteral("span beyond the limit of %1 a request").arg(limits.spans), span.name);
    batch->spans.push_back(std::move(span));
}

void keep(OtlpBatch *batch, OtlpLogRecord record, const OtlpLimits &limits)
{
    if (qint64(batch->spans.size() + batch->logs.size()) >= limits.spans)
        return refuseLog(batch, QStringLiteral("log record beyond the limit of %1 a request").arg(limits.spans), record.eventName);
    if (record.eventName.isEmpty())
        record.eventName = record.attributes.value(QLatin1String("event.name")).toString();
    batch->logs.push_back(std::move(record));
}

} // namespace lathe::otlp

namespace lathe {

namespace {
void putVarint(QByteArray *out, quint64 value)
{
    while (value >= 0x80) {
        out->append(char(value | 0x80));
        value >>= 7;
    }
    out->append(char(value));
}
} // namespace

QByteArray otlpAnswer(const OtlpBatch &batch, bool logs, bool asJson)
{
    const qint64 rejected = logs ? batch.refusedLogs : batch.refusedSpans;
    QString reasons;
    for (const ImportTally &tally : batch.refused.sorted()) {
        if (reasons.size() < 500)
            reasons += (reasons.isEmpty() ? QString() : QStringLiteral("; ")) + QStringLiteral("%1 x %2").arg(tally.count).arg(tally.what);
    }
    if (asJson) {
        QJsonObject answer;
        if (!reasons.isEmpty()) {
            answer.insert(
                QStringLiteral("partialSuccess"),
                QJsonObject{{logs ? QStringLiteral("rejectedLogRecords") : QStringLiteral("rejectedSpans"), QString::number(rejected)},
                            {QStringLiteral("errorMessage"), reasons}});
        }
        return json::compact(answer);
    }
    if (reasons.isEmpty())
        return {};
    QByteArray partial;
    if (rejected > 0) {
        partial.append(char(0x08)); // field 1, varint
        putVarint(&partial, quint64(rejected));
    }
    const QByteArray text = reasons.toUtf8();
    partial.append(char(0x12)); // field 2, bytes
    putVarint(&partial, quint64(text.size()));
    partial += text;
    QByteArray answer(1, char(0x0a));
    putVarint(&answer, quint64(partial.size()));
    return answer + partial;
}

} // namespace lathe
