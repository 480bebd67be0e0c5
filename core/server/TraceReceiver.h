// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Cancel.h"
#include "core/base/Result.h"
#include "core/base/Task.h"
#include "core/server/ServerAddress.h"
#include "core/trace/import/ImportReport.h"

#include <QObject>
#include <QUrl>

#include <memory>

namespace lathe {

class Session;

struct ReceiverOptions {
    static constexpr quint16 defaultPort = 4318; // what OTEL_EXPORTER_OTLP_ENDPOINT names by convention
    ServerAddress address{QStringLiteral("127.0.0.1"), defaultPort};
    QString token;                       // when set, requests need "Authorization: Bearer TOKEN"
    qint64 maxBodyBytes = 64ll << 20;    // of one request, expanded
    qint64 maxQueuedBytes = 128ll << 20; // bodies not yet recorded; beyond it requests are refused with 503 and Retry-After
    int maxQueuedRequests = 256;
    qint64 quietMs = 5'000; // a trace whose root has ended is over after so long without a further span
    ReceiverOptions() = default;
};

// Since start(), but `lastUs`, never decreasing.
struct ReceiverCounters {
    qint64 requests = 0;      // answered in any way
    qint64 bytes = 0;         // of bodies, as they came
    qint64 spansTaken = 0;    // recorded
    qint64 logsTaken = 0;     // log records; those of old instrumentations hold the messages of a span
    qint64 metricsSeen = 0;   // data points; answered as taken, not kept
    qint64 runs = 0;          // begun
    ImportTallies refusedRequests; // by reason: "busy", "too large", "not authorised", "wrong content type", "damaged", ...
    ImportTallies refusedSpans;    // by reason: "bad id", "repeated", "after the end of its run", ...
    ImportTallies odd;             // taken, but: "parent never came", ...
    ImportTallies dialects;        // steps by dialect
    ImportTallies unknownKeys;     // attributes no view interprets; kept with their steps
    qint64 dropped = 0;       // spans that were taken but could not be recorded (the file failed): never silent, see failed()
    qint64 queuedBytes = 0;   // now
    qint64 lastUs = 0;        // when the last request came, UTC; 0: none yet
};

// An OTLP/HTTP receiver: programs that export OpenTelemetry traces to it (OTEL_EXPORTER_OTLP_ENDPOINT=url()) show up as live runs
// of the project, source "otlp". POST /v1/traces, /v1/logs, /v1/metrics; protobuf and JSON, gzip. Off until started. Main thread;
// listens and decodes on threads of its own. The session must outlive it.
class TraceReceiver : public QObject
{
    Q_OBJECT
public:
    enum class State { Off, Listening, Failed };

    explicit TraceReceiver(Session *session, QObject *parent = nullptr);
    ~TraceReceiver() override; // stops at once; what has been decoded is recorded, open traces become interrupted runs

    // Errors: the port is in use, the address is not this machine's. Starting a listening one again restarts it.
    Result<void> start(ReceiverOptions options = ReceiverOptions());
    // Takes no more requests at once, records what it has taken, ends the open traces, and then is Off.
    Task<> stop();

    State state() const;
    Error error() const;            // why it Failed
    QUrl url() const;               // "http://127.0.0.1:4318", empty when off
    ReceiverOptions options() const;
    ReceiverCounters counters() const;
    int openTraces() const;         // runs under way

Q_SIGNALS:
    void stateChanged();
    void countersChanged();         // at most ten times a second
    void failed(const lathe::Error &error); // recording failed; receiving goes on

private:
    class Private;
    std::shared_ptr<Private> d; // what is under way when this goes keeps it until it has ended
};

} // namespace lathe
