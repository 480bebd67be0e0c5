// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/httpd/HttpServer.h"
#include "core/trace/import/TraceAssembler.h"

#include <chrono>

namespace lathe {

// What became of one request: its answer, and the news for the project.
struct DecodedRequest {
    HttpServerAnswer answer;
    std::vector<TraceUpdate> updates;
    qint64 spans = 0;   // taken
    qint64 logs = 0;
    qint64 metrics = 0; // data points
    bool damaged = false; // nothing could be read
    bool internal = false; // an error of Lathe itself
};

// Tallies since it was made.
struct DecoderTallies {
    ImportTallies refused, odd, dialects, unknownKeys;
};

// Reads OTLP requests and assembles their spans to runs. Used on one worker thread; made and destroyed on any while that does nothing.
class TraceDecoder
{
public:
    explicit TraceDecoder(AssemblerOptions options) : m_assembler(std::move(options)) {}
    DecodedRequest decode(const HttpServerRequest &request);
    std::vector<TraceUpdate> expire() { return m_assembler.expire(nowUs()); }
    std::vector<TraceUpdate> finish() { return m_assembler.finish(nowUs()); }
    DecoderTallies tallies() const;

private:
    static qint64 nowUs();
    TraceAssembler m_assembler;
};

} // namespace lathe
