// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/import/ImportReport.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QString>

#include <vector>

namespace lathe {

// What OTLP tells, decoded. Attribute values are JSON: kvlists are objects, bytes are base64 text, integers beyond 2^53 stay exact.
struct OtlpEvent {
    qint64 timeNs = 0;
    QString name;
    QJsonObject attributes;
};

struct OtlpLink {
    QString traceId;
    QString spanId;
    QJsonObject attributes;
};

struct OtlpSpan {
    enum class Status { Unset, Ok, Error };
    QString traceId;  // 32 hex digits, lower case
    QString spanId;   // 16 hex digits
    QString parentId; // empty: a root
    QString name;
    int kind = 0;       // 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer
    qint64 startNs = 0; // since 1970, UTC
    qint64 endNs = 0;   // 0: still under way
    QJsonObject attributes;
    std::vector<OtlpEvent> events;
    std::vector<OtlpLink> links;
    Status status = Status::Unset;
    QString statusMessage;
    QJsonObject resource; // attributes of the resource; spans of one resource share it
    QString scope;        // name of the instrumentation library
    QString scopeVersion;
};

struct OtlpLogRecord {
    QString traceId; // empty: belongs to no trace
    QString spanId;
    qint64 timeNs = 0;
    QString eventName; // from event_name, else the attribute event.name
    QString severity;
    QJsonValue body;
    QJsonObject attributes;
    QJsonObject resource;
    QString scope;
};

// What one export request held.
struct OtlpBatch {
    std::vector<OtlpSpan> spans;
    std::vector<OtlpLogRecord> logs;
    ImportTallies refused;     // spans, records and values left out, by reason
    qint64 refusedSpans = 0;   // for partial_success of the answer
    qint64 refusedLogs = 0;
};

} // namespace lathe
