// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"

#include <functional>

namespace lathe {

// OTLP/JSON in pieces, for traces of which the whole request should not stand in memory: otlpBegin(), the spans joined by commas, and
// otlpEnd() are the request that Trace::toOtlp() gives.
QByteArray otlpBegin();
QByteArray otlpEnd();
// One compact JSON object a step, in the order of the steps. traceId: as for Trace::toOtlp(). Stops when `sink` gives false.
bool writeOtlpSpans(const Trace &trace, const QString &traceId, const std::function<bool(const QByteArray &span)> &sink);

} // namespace lathe
