// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/TraceDecoder.h"

#include "core/server/OtlpReplies.h"
#include "core/trace/import/OtlpDecode.h"

namespace lathe {

qint64 TraceDecoder::nowUs()
{
    using namespace std::chrono;
    return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

DecodedRequest TraceDecoder::decode(const HttpServerRequest &request)
{
    DecodedRequest decoded;
    const bool asJson = otlp::isJson(request.contentType);
    const bool logs = request.path == "/v1/logs";
    if (request.path == "/v1/metrics") {
        decoded.metrics = countOtlpMetrics(request.body, asJson);
        decoded.damaged = decoded.metrics < 0;
        decoded.metrics = std::max<qint64>(0, decoded.metrics);
        decoded.answer = decoded.damaged
                             ? otlp::failure(400, QStringLiteral("The body is no ExportMetricsServiceRequest."), request.contentType)
                             : otlp::success(asJson ? QByteArray("{}") : QByteArray(), request.contentType);
        return decoded;
    }
    auto batch = asJson ? decodeOtlpJson(request.body) : decodeOtlpProtobuf(request.body, logs);
    if (!batch) {
        decoded.damaged = true;
        decoded.answer = otlp::failure(400, batch.error().message, request.contentType);
        return decoded;
    }
    decoded.answer = otlp::success(otlpAnswer(*batch, logs, asJson), request.contentType);
    decoded.spans = qint64(batch->spans.size());
    decoded.logs = qint64(batch->logs.size());
    decoded.updates = m_assembler.add(std::move(*batch), nowUs());
    return decoded;
}

DecoderTallies TraceDecoder::tallies() const
{
    DecoderTallies tallies;
    tallies.refused = m_assembler.refused(); // with those of the decoders
    tallies.odd = m_assembler.odd();
    tallies.dialects = m_assembler.mapping().dialects;
    tallies.unknownKeys = m_assembler.mapping().unknownKeys;
    return tallies;
}

} // namespace lathe
