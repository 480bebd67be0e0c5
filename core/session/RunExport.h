// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"
#include "core/http/HttpTypes.h"
#include "core/project/ProjectTypes.h"
#include "core/trace/RedactionRules.h"

namespace lathe {

class HttpClient;
class Session;

// Giving runs away: to a file, or live to an OpenTelemetry collector.

enum class ExportFormat {
    Otlp,        // OTLP/JSON as OpenTelemetry's file exporter writes it: one ExportTraceServiceRequest a line, a run each
    Html,        // one self-contained page; of exactly one run
    JsonLines,   // one run a line, with its steps
    EventLines,  // one event of a run a line: what `lathe-cli trace --json` prints; nothing is lost
    Csv,         // one run a row, without steps; RFC 4180, cells that a spreadsheet would compute are guarded by a quote
};
QString exportFormatName(ExportFormat format); // "otlp", "html", "jsonl", "events", "csv"
std::optional<ExportFormat> exportFormatFromName(const QString &name);
QString exportFormatSuffix(ExportFormat format); // ".otlp.jsonl", ".html", ".jsonl", ".events.jsonl", ".csv"

// Which runs: these in this order or, when empty, all that the filter finds (not those in the bin), oldest first.
struct ExportSelection {
    std::vector<RunId> runs;
    RunFilter filter;
    RedactionRules redaction; // empty: nothing is taken out
    bool messages = true;     // with what models were asked, from the journal (Otlp, Html, JsonLines)
    ExportSelection() = default;
};

struct ExportProgress {
    int done = 0;
    int total = 0;
    qint64 bytes = 0;
};
// Called on the main thread, at most some 20 times a second and at the end.
using ExportProgressHandler = std::function<void(const ExportProgress &)>;

struct ExportReport {
    int runs = 0;
    int missing = 0;   // runs that are no longer there
    qint64 steps = 0;
    qint64 bytes = 0;
    std::vector<RedactionCount> redacted;
    qint64 refusedTexts = 0; // replaced whole, as a rule took too long
    // Of a collector:
    qint64 rejectedSpans = 0;
    int requests = 0;
    QStringList warnings; // sentences: what the collector said of spans it did not take, ...
    QString toText() const; // one or two sentences for people
};

// Writes a file, run by run: what is in memory is one run. It is written beside `path` and renamed when whole, so that an error or
// cancelling leaves what was there. Errors: InvalidInput (rules with problems, Html of several runs), NotFound (no run at all), Denied
// (folder or file cannot be written), LimitReached (disk full), Cancelled. The session must outlive the task.
Task<Result<ExportReport>> exportRuns(Session *session, ExportSelection selection, ExportFormat format, QString path,
                                      ExportProgressHandler progress, CancelToken cancel);

// Where and how a collector is reached.
struct OtlpTarget {
    QString url;         // of the traces service, with path
    HttpHeaders headers;
    qint64 timeoutMs = 10'000;
    OtlpTarget() = default;
    // `url`: with its path, or only scheme, host and port: then /v1/traces is added. Empty: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, else
    // OTEL_EXPORTER_OTLP_ENDPOINT with /v1/traces. Headers and time-out: OTEL_EXPORTER_OTLP_(TRACES_)HEADERS and _TIMEOUT.
    // InvalidInput: none is given, or it is no http(s) URL.
    static Result<OtlpTarget> from(const QString &url, const std::function<QString(const QString &variable)> &environment);
};

// Sends runs as OTLP/JSON over HTTP, in pieces of at most 4 MB where spans allow it. 429, 502, 503, 504 and lost connections are tried
// again (the collector's Retry-After is honoured); what it took only in part is counted, not sent again. Errors: Unreachable, Timeout,
// Auth, Provider, Cancelled: they say how many runs had been sent. Session and client must outlive the task.
Task<Result<ExportReport>> sendRuns(Session *session, HttpClient *http, ExportSelection selection, OtlpTarget target,
                                    ExportProgressHandler progress, CancelToken cancel);

// With a client of its own.
Task<Result<ExportReport>> sendRuns(Session *session, ExportSelection selection, OtlpTarget target, ExportProgressHandler progress,
                                    CancelToken cancel);

struct StoredRun;
// The trace with what the journal holds beside it, under the names of the conventions: gen_ai.input.messages, gen_ai.output.messages,
// gen_ai.system_instructions, gen_ai.tool.definitions.
Trace traceWithMessages(const StoredRun &run);
// 32 hex digits: of a foreign trace its own id, else made from what never changes of a run.
QString otlpTraceId(const RunInfo &run);

} // namespace lathe
