// SPDX-License-Identifier: GPL-3.0-or-later
// Runs to an OpenTelemetry collector: OTLP/JSON over HTTP.
#include "core/base/Json.h"
#include "core/http/HttpClient.h"
#include "core/http/HttpErrors.h"
#include "core/http/RetryPolicy.h"
#include "core/session/RunExportPrivate.h"
#include "core/session/Session.h"
#include "core/trace/TraceOtlp.h"

#include <QDateTime>
#include <QRandomGenerator>
#include <QUrl>

#include <algorithm>

namespace lathe {

using namespace runexport;

namespace {
using L = QLatin1String;
constexpr qsizetype requestBytes = 4'000'000; // collectors refuse more than some 4-20 MB
constexpr qsizetype pooledBytes = 500'000;    // small runs travel together up to this

// Spans of some runs as one request.
struct Pending {
    QByteArray spans;
    int runs = 0; // that end in it
    qint64 count = 0;
    QByteArray body() const { return otlpBegin() + spans + otlpEnd(); }
    bool isEmpty() const { return spans.isEmpty(); }
};

// The spans of one run, joined by commas, in pieces that are hardly over requestBytes; and how many.
using Pieces = std::vector<std::pair<QByteArray, qint64>>;

Pieces piecesOf(const GivenRun &run)
{
    Pieces pieces;
    writeOtlpSpans(run.ratings.empty() ? run.trace : traceWithRatings(run), otlpTraceId(run.info), [&pieces](const QByteArray &span) {
        if (pieces.empty() || pieces.back().first.size() + span.size() > requestBytes)
            pieces.emplace_back();
        auto &[joined, count] = pieces.back();
        if (!joined.isEmpty())
            joined += ',';
        joined += span;
        ++count;
        return true;
    });
    return pieces;
}

QString decodedHeader(const QString &text)
{
    return QUrl::fromPercentEncoding(text.trimmed().toUtf8());
}

// "key1=value1,key2=value2", values percent-encoded (OpenTelemetry, protocol exporter).
HttpHeaders headersOf(const QString &text)
{
    HttpHeaders headers;
    const QStringList pairs = text.split(QLatin1Char(','), Qt::SkipEmptyParts);
    for (const QString &pair : pairs) {
        const qsizetype equals = pair.indexOf(QLatin1Char('='));
        if (equals > 0)
            headers.emplace_back(decodedHeader(pair.left(equals)).toUtf8(), decodedHeader(pair.mid(equals + 1)).toUtf8());
    }
    return headers;
}

// What the answer's body says, on one line.
QString saidBy(const QByteArray &body)
{
    const auto answer = json::parseObject(body);
    QString said = answer ? answer->value(L("message")).toString() : json::fromUtf8Lossy(body.left(400));
    if (answer && said.isEmpty())
        said = answer->value(L("error")).isString() ? answer->value(L("error")).toString() : QString();
    return said.simplified().left(200);
}

Error refusal(const HttpResponse &response, const QString &server)
{
    const QString said = saidBy(response.body);
    const QString what = said.isEmpty() ? QString() : QStringLiteral(" It said: %1").arg(said);
    Error error;
    error.httpStatus = response.status;
    if (response.status == 401 || response.status == 403) {
        error.kind = ErrorKind::Auth;
        error.message = QStringLiteral("The collector at %1 refused the key (HTTP %2). Set OTEL_EXPORTER_OTLP_HEADERS.%3").arg(server).arg(response.status).arg(what);
    } else if (response.status == 404 || response.status == 405) {
        error.kind = ErrorKind::Provider;
        error.message = QStringLiteral("The server at %1 takes no traces at this address (HTTP %2). The path is usually /v1/traces.%3").arg(server).arg(response.status).arg(what);
    } else if (response.status == 413) {
        error.kind = ErrorKind::Provider;
        error.message = QStringLiteral("The collector at %1 finds the spans too large (HTTP 413). Export without messages, or raise its limit.%2").arg(server, what);
    } else if (response.status == 429) {
        error.kind = ErrorKind::RateLimited;
        error.message = QStringLiteral("The collector at %1 is overloaded (HTTP 429). Try again later.%2").arg(server, what);
    } else {
        error.kind = ErrorKind::Provider;
        error.message = QStringLiteral("The collector at %1 did not take the spans (HTTP %2).%3").arg(server).arg(response.status).arg(what);
    }
    return error;
}

bool mayRepeat(const Error &error)
{
    if (error.httpStatus > 0)
        return error.httpStatus == 429 || error.httpStatus == 502 || error.httpStatus == 503 || error.httpStatus == 504;
    return error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::Timeout;
}

// The answer that was taken, or why it was not.
Task<Result<HttpResponse>> post(Session *session, HttpClient *http, OtlpTarget target, QByteArray body, CancelToken cancel)
{
    HttpRequest request;
    request.method = "POST";
    request.url = target.url;
    request.headers = target.headers;
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = std::move(body);
    request.connectTimeoutMs = target.timeoutMs;
    request.firstByteTimeoutMs = target.timeoutMs;
    request.idleTimeoutMs = target.timeoutMs;
    request.maxBodyBytes = 1 << 20;
    const QString server = serverName(target.url);
    const RetryPolicy policy;
    for (int attempt = 2;; ++attempt) {
        auto response = co_await http->fetch(request, cancel);
        if (response && response->status >= 200 && response->status < 300)
            co_return std::move(*response);
        Error error = response ? refusal(*response, server) : response.error();
        if (response)
            error.retryAfterMs = parseRetryAfter(response->headers, QDateTime::currentMSecsSinceEpoch() * 1000);
        if (cancel.isCancelled())
            co_return Error::cancelled();
        if (!mayRepeat(error))
            co_return error;
        Error judged = error;
        if (judged.kind == ErrorKind::Provider)
            judged.kind = ErrorKind::Unreachable;
        const auto delay = policy.delayMs(attempt, judged, QRandomGenerator::global()->generateDouble());
        if (!delay)
            co_return error;
        const auto slept = co_await session->clock().sleep(*delay, cancel);
        if (!slept)
            co_return Error::cancelled();
    }
}

// Partial success is a success: what was refused would be refused again.
void readAnswer(const HttpResponse &response, ExportReport *report)
{
    const auto answer = json::parseObject(response.body);
    if (!answer)
        return; // an empty answer says that all is well
    QJsonObject partial = answer->value(L("partialSuccess")).toObject();
    if (partial.isEmpty())
        partial = answer->value(L("partial_success")).toObject();
    QJsonValue rejected = partial.value(L("rejectedSpans"));
    if (rejected.isUndefined())
        rejected = partial.value(L("rejected_spans"));
    report->rejectedSpans += std::max<qint64>(0, rejected.isString() ? rejected.toString().toLongLong() : rejected.toInteger());
    QString message = partial.value(L("errorMessage")).toString();
    if (message.isEmpty())
        message = partial.value(L("error_message")).toString();
    message = message.simplified().left(300);
    if (!message.isEmpty() && !report->warnings.contains(message) && report->warnings.size() < 20)
        report->warnings.append(message);
}
} // namespace

Result<OtlpTarget> OtlpTarget::from(const QString &url, const std::function<QString(const QString &)> &environment)
{
    const auto read = [&environment](const char *name) { return environment ? environment(QString::fromLatin1(name)).trimmed() : QString(); };
    const QString traces = read("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), base = read("OTEL_EXPORTER_OTLP_ENDPOINT");
    const QString given = !url.trimmed().isEmpty() ? url.trimmed() : !traces.isEmpty() ? traces : base;
    if (given.isEmpty())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("No collector is named. Give its address, such as http://localhost:4318, or set OTEL_EXPORTER_OTLP_ENDPOINT."));
    QUrl parsed(given, QUrl::StrictMode);
    if (!parsed.isValid() || parsed.host().isEmpty() || (parsed.scheme() != L("http") && parsed.scheme() != L("https")))
        return Error(ErrorKind::InvalidInput, QStringLiteral("\"%1\" is no http or https address of a collector.").arg(given.left(200)));
    const bool isBase = url.trimmed().isEmpty() && traces.isEmpty(); // the path of the service always goes behind it
    if (isBase || (!url.trimmed().isEmpty() && (parsed.path().isEmpty() || parsed.path() == L("/")))) {
        QString path = parsed.path();
        while (path.endsWith(QLatin1Char('/')))
            path.chop(1);
        parsed.setPath(path + QStringLiteral("/v1/traces"));
    }
    OtlpTarget target;
    target.url = parsed.toString(QUrl::FullyEncoded);
    QString headers = read("OTEL_EXPORTER_OTLP_TRACES_HEADERS");
    if (headers.isEmpty())
        headers = read("OTEL_EXPORTER_OTLP_HEADERS");
    target.headers = headersOf(headers);
    for (const char *name : {"OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"}) {
        bool ok = false;
        const qint64 ms = read(name).toLongLong(&ok);
        if (ok && ms > 0)
            target.timeoutMs = std::min<qint64>(ms, 600'000);
    }
    return target;
}

Task<Result<ExportReport>> sendRuns(Session *session, HttpClient *http, ExportSelection selection, OtlpTarget target,
                                    ExportProgressHandler progress, CancelToken cancel)
{
    RunSource source(session, std::move(selection));
    const auto opened = co_await source.open(cancel);
    if (!opened)
        co_return opened.error();
    const bool messages = source.selection().messages;
    const auto redaction = std::make_shared<Redaction>(source.selection().redaction);
    ProgressTeller teller(std::move(progress));
    WorkerThread worker;
    ExportReport report;
    Pending pending;
    bool last = false;
    while (!last) {
        auto loaded = co_await source.next(true, cancel);
        if (!loaded)
            co_return loaded.error();
        Pieces pieces;
        if (*loaded) {
            const auto run = std::make_shared<FoundRun>(std::move(**loaded));
            const std::function<Result<Pieces>(const CancelToken &)> make = [run, messages, redaction](const CancelToken &) -> Result<Pieces> {
                return piecesOf(givenRun(std::move(*run), messages, redaction.get()));
            };
            auto made = co_await runOnWorker<Pieces>(&worker, make, cancel);
            if (!made)
                co_return made.error();
            pieces = std::move(*made);
        } else {
            last = true;
        }
        const size_t count = pieces.size();
        for (size_t i = 0; i < count || (last && !pending.isEmpty()); ++i) {
            if (i < count) {
                auto &[spans, number] = pieces[i];
                const bool fits = pending.spans.size() + spans.size() <= requestBytes;
                if (pending.isEmpty() || fits) {
                    if (!pending.isEmpty())
                        pending.spans += ',';
                    pending.spans += spans;
                    pending.count += number;
                    pending.runs += int(i + 1 == count);
                    if (pending.spans.size() < pooledBytes)
                        continue;
                } else {
                    --i; // after those that wait
                }
            }
            QByteArray body = pending.body();
            const qint64 size = body.size();
            const auto answer = co_await post(session, http, target, std::move(body), cancel);
            if (!answer) {
                Error error = answer.error();
                if (error.kind != ErrorKind::Cancelled)
                    error.message += QStringLiteral(" %1 of %2 runs had been sent.").arg(report.runs).arg(source.total());
                co_return error;
            }
            readAnswer(*answer, &report);
            report.runs += pending.runs;
            report.steps += pending.count;
            report.bytes += size;
            ++report.requests;
            pending = Pending();
            teller.tell(source.taken(), source.total(), report.bytes);
        }
    }
    if (report.requests == 0)
        co_return Error(ErrorKind::NotFound, QStringLiteral("The runs are no longer there or have no steps, so there is nothing to send."));
    report.missing = source.missing();
    addCounts(*redaction, &report);
    teller.tell(source.taken(), source.total(), report.bytes, true);
    co_return report;
}

Task<Result<ExportReport>> sendRuns(Session *session, ExportSelection selection, OtlpTarget target, ExportProgressHandler progress,
                                    CancelToken cancel)
{
    const auto http = std::make_unique<HttpClient>();
    auto sent = co_await sendRuns(session, http.get(), std::move(selection), std::move(target), std::move(progress), cancel);
    co_return std::move(sent);
}

} // namespace lathe
