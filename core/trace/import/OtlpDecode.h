// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/trace/import/OtlpSpan.h"

#include <QByteArrayView>

namespace lathe {

// Bounds that keep hostile input harmless. What exceeds them is left out or cut and counted; the rest is kept.
struct OtlpLimits {
    qint64 spans = 200'000;            // and log records, a request
    qint64 valueBytes = 64ll << 20;    // a string or bytes value; longer ones are cut
    int attributes = 20'000;           // a span, event, link, resource or kvlist
    int events = 20'000;               // a span; links too
    int depth = 32;                    // of nested AnyValues; deeper ones become null
    OtlpLimits() = default;
};

// Decoders of OTLP export requests. Pure functions, any thread. InvalidInput: nothing at all could be read (no such message; the sentence
// says where). A message that is damaged further in gives what stands before, and a count of what is missing.
// `logs` true: ExportLogsServiceRequest, else ExportTraceServiceRequest. Ids that are all zero or of a wrong size refuse their span.
Result<OtlpBatch> decodeOtlpProtobuf(QByteArrayView body, bool logs, const OtlpLimits &limits = OtlpLimits());
// Both kinds of request, told apart by their members (resourceSpans, resourceLogs; also as snake_case). Ids as hex or base64; numbers as
// numbers or text.
Result<OtlpBatch> decodeOtlpJson(const QByteArray &body, const OtlpLimits &limits = OtlpLimits());
Result<OtlpBatch> decodeOtlpJson(const QJsonObject &request, const OtlpLimits &limits = OtlpLimits());
// One metrics request is read only as far as needed to say how many data points it held (they are not kept). -1: damaged.
qint64 countOtlpMetrics(QByteArrayView body, bool isJson);

// The body of the answer: ExportTraceServiceResponse or ExportLogsServiceResponse with partial_success when something was refused.
QByteArray otlpAnswer(const OtlpBatch &batch, bool logs, bool asJson);

} // namespace lathe
