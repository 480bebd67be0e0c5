// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/import/OtlpDecode.h"

// What both decoders share. Internal to core/trace/import.
namespace lathe::otlp {

// Attributes as they come; made into an object at once, sorted, because inserting one by one into a large object is quadratic.
class AttributeList
{
public:
    AttributeList(const OtlpLimits *limits, OtlpBatch *batch) : m_limits(limits), m_batch(batch) {}
    void add(QString key, QJsonValue value);
    QJsonObject take();

private:
    const OtlpLimits *m_limits;
    OtlpBatch *m_batch;
    std::vector<std::pair<QString, QJsonValue>> m_items;
};

// A double; JSON has no infinities: those become text.
QJsonValue numberValue(double value);
// Within the bounds of qint64.
qint64 boundedNs(quint64 ns);
// Hands the span over, or refuses it when its ids are unusable or there are too many.
void keep(OtlpBatch *batch, OtlpSpan span, const OtlpLimits &limits);
void keep(OtlpBatch *batch, OtlpLogRecord record, const OtlpLimits &limits);
void refuseSpan(OtlpBatch *batch, const QString &why, const QString &example = QString());
void refuseLog(OtlpBatch *batch, const QString &why, const QString &example = QString());

} // namespace lathe::otlp
