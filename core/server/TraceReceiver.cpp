// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/TraceReceiver.h"

#include "core/base/WorkerThread.h"
#include "core/server/OtlpReplies.h"
#include "core/server/TraceDecoder.h"
#include "core/session/ForeignRuns.h"
#include "core/session/Session.h"
#include "core/session/TraceImport.h"

#include <QSet>
#include <QTimer>

namespace lathe {

namespace {
constexpr int inWorkMax = 6;     // requests between the network and the file
constexpr int tellMs = 100;      // countersChanged
constexpr int expireMs = 500;
constexpr qsizetype knownMax = 10'000;
const QString source = QStringLiteral("otlp");

qint64 stepsIn(const std::vector<RunEvent> &events)
{
    return std::count_if(events.begin(), events.end(),
                         [](const RunEvent &event) { return event.kind == RunEventKind::StepEnded; });
}
} // namespace

// Main thread, but for what is said. The way of a request: http thread, `arrivals`, worker (decode, assemble), record() here, and when that is
// in the file, the answer. At most inWorkMax are between the network and the file, the others wait as bytes and count against the queue.
class TraceReceiver::Private : public std::enable_shared_from_this<Private>
{
public:
    Private(TraceReceiver *owner, Session *s) : q(owner), session(s) {}

    void arrived(quint64 id, HttpServerRequest request);
    void workOn();
    void decodeNext();
    static Task<> handle(std::shared_ptr<Private> self, quint64 id, DecodedRequest decoded, int round);
    static Task<> recordAll(std::shared_ptr<Private> self, std::vector<TraceUpdate> updates);
    static Task<> recordExpired(std::shared_ptr<Private> self, std::vector<TraceUpdate> updates, int round);
    void expire();
    void interruptOpenRuns();
    void changed();
    void tell();
    void setState(State next);
    void finished(int round);
    ReceiverCounters counters() const;

    TraceReceiver *q; // null: it has gone
    Session *session;
    ReceiverOptions options;
    State state = State::Off;
    Error error;
    HttpServer http;
    std::unique_ptr<Mailbox> arrivals;
    std::shared_ptr<TraceDecoder> decoder; // the worker's
    std::unique_ptr<WorkerThread> worker;
    std::deque<std::pair<quint64, HttpServerRequest>> waiting;
    int inWork = 0;
    int generation = 0; // counts start(): what is left of an earlier one counts no more
    std::vector<Completion<bool>> idleWaiters;
    AsyncSemaphore order{1}; // updates are recorded in the order they were decoded
    QHash<QString, RunId> runs; // traces under way
    QSet<QString> known;        // traces that were in the project before they were told
    QTimer expiry, telling;
    ReceiverCounters own;
    DecoderTallies tallies;
    qint64 knownSteps = 0;
    qint64 toldRequests = 0;
};

void TraceReceiver::Private::setState(State next)
{
    state = next;
    if (q)
        Q_EMIT q->stateChanged();
}

void TraceReceiver::Private::changed()
{
    if (!telling.isActive())
        telling.start();
}

void TraceReceiver::Private::tell()
{
    toldRequests = http.counters().requests;
    if (q)
        Q_EMIT q->countersChanged();
}

void TraceReceiver::Private::arrived(quint64 id, HttpServerRequest request)
{
    if (!worker)
        return; // came while it stopped: its sender sees the connection end, and sends again
    own.lastUs = session->clock().nowUs();
    waiting.emplace_back(id, std::move(request));
    workOn();
}

void TraceReceiver::Private::workOn()
{
    while (inWork < inWorkMax && !waiting.empty())
        decodeNext();
}

void TraceReceiver::Private::decodeNext()
{
    ++inWork;
    auto [id, request] = std::move(waiting.front());
    waiting.pop_front();
    worker->post([self = this, keep = decoder, mailbox = &worker->mailbox(), id, request = std::move(request)]() mutable {
        // `self` is only used on the main thread, by a mailbox that goes before it does.
        auto decoded = std::make_shared<DecodedRequest>();
        try {
            *decoded = keep->decode(request);
        } catch (const std::exception &) {
            decoded->internal = true;
            decoded->answer = otlp::failure(500, QStringLiteral("Lathe could not read this request; send smaller batches."),
                                            request.contentType);
        }
        request = HttpServerRequest(); // its bytes are not needed any more
        auto counted = std::make_shared<DecoderTallies>(keep->tallies());
        mailbox->post([self, id, decoded, counted] {
            self->tallies = *counted;
            handle(self->shared_from_this(), id, std::move(*decoded), self->generation);
        });
    });
}

Task<> TraceReceiver::Private::handle(std::shared_ptr<Private> self, quint64 id, DecodedRequest decoded, int round)
{
    if (decoded.damaged)
        self->own.refusedRequests.add(QStringLiteral("damaged"));
    if (decoded.internal)
        self->own.refusedRequests.add(QStringLiteral("not readable"));
    self->own.spansTaken += decoded.spans;
    self->own.logsTaken += decoded.logs;
    self->own.metricsSeen += decoded.metrics;
    if (!decoded.updates.empty())
        co_await recordAll(self, std::move(decoded.updates));
    if (!self->q)
        co_return;
    self->http.answer(id, std::move(decoded.answer));
    self->changed();
    self->finished(round);
}

void TraceReceiver::Private::finished(int round)
{
    if (round != generation)
        return;
    --inWork;
    workOn();
    if (inWork == 0) {
        for (const auto &waiter : std::exchange(idleWaiters, {}))
            waiter.complete(true);
    }
}

Task<> TraceReceiver::Private::recordAll(std::shared_ptr<Private> self, std::vector<TraceUpdate> updates)
{
    {
        const auto permit = co_await self->order.acquire();
        for (TraceUpdate &update : updates) {
            if (!self->q)
                co_return;
            ForeignRuns &foreign = self->session->foreignRuns();
            if (update.isNew) {
                const auto there = self->session->project().runs().findForeign(source, update.traceId);
                if (there && *there) {
                    self->known.insert(update.traceId);
                } else {
                    RunInfo info = foreignRunInfo(update.facts, source);
                    const auto run = co_await foreign.begin(std::move(info), true);
                    if (!self->q)
                        co_return;
                    if (run) {
                        self->runs.insert(update.traceId, *run);
                        ++self->own.runs;
                    } else {
                        Q_EMIT self->q->failed(run.error());
                    }
                }
            }
            if (update.reopens && !self->known.contains(update.traceId)) {
                const auto there = self->session->project().runs().findForeign(source, update.traceId);
                if (there && *there) {
                    const RunId again = **there;
                    const auto reopened = co_await foreign.reopen(again, true);
                    if (!self->q)
                        co_return;
                    if (reopened)
                        self->runs.insert(update.traceId, again);
                    else
                        Q_EMIT self->q->failed(reopened.error());
                }
            }
            const RunId run = self->runs.value(update.traceId);
            if (update.factsChanged && run.isValid()) {
                RunInfo facts = foreignRunInfo(update.facts, source);
                const auto amended = co_await self->session->project().runs().amendForeign(run, std::move(facts));
                if (!self->q)
                    co_return;
                if (!amended)
                    Q_EMIT self->q->failed(amended.error());
            }
            if (self->known.contains(update.traceId))
                self->knownSteps += stepsIn(update.events);
            else if (!run.isValid() || !foreign.isUnderWay(run))
                self->own.dropped += stepsIn(update.events);
            else
                foreign.record(run, update.events);
            if (update.hasEnded) {
                self->runs.remove(update.traceId);
                if (self->known.size() > knownMax)
                    self->known.clear();
            }
        }
    }
    if (!self->q)
        co_return;
    const auto written = co_await self->session->foreignRuns().flush();
    if (!written && self->q)
        Q_EMIT self->q->failed(written.error());
}

Task<> TraceReceiver::Private::recordExpired(std::shared_ptr<Private> self, std::vector<TraceUpdate> updates, int round)
{
    co_await recordAll(self, std::move(updates));
    if (self->q)
        self->finished(round);
}

// Ends quiet traces and places steps whose parent does not come.
void TraceReceiver::Private::expire()
{
    if (http.counters().requests != toldRequests)
        changed(); // requests the server refused by itself
    if (inWork >= inWorkMax)
        return;
    ++inWork;
    worker->post([self = this, keep = decoder, mailbox = &worker->mailbox()] {
        auto updates = std::make_shared<std::vector<TraceUpdate>>(keep->expire());
        auto counted = std::make_shared<DecoderTallies>(keep->tallies());
        mailbox->post([self, updates, counted] {
            self->tallies = *counted;
            if (updates->empty())
                self->finished(self->generation);
            else
                recordExpired(self->shared_from_this(), std::move(*updates), self->generation);
        });
    });
}

void TraceReceiver::Private::interruptOpenRuns()
{
    RunEvent over;
    over.kind = RunEventKind::RunEnded;
    over.runStatus = RunStatus::Interrupted;
    over.timeUs = session->clock().nowUs();
    const auto open = std::exchange(runs, {});
    for (const RunId run : open)
        session->foreignRuns().record(run, {over});
}

ReceiverCounters TraceReceiver::Private::counters() const
{
    ReceiverCounters all = own;
    const HttpServer::Counters server = http.counters();
    all.requests = server.requests;
    all.bytes = server.bytes;
    all.queuedBytes = server.queuedBytes;
    for (int i = 0; i < httpRefusalKinds; ++i) {
        if (server.refused[i] > 0)
            all.refusedRequests.add(httpRefusalText(HttpRefusal(i)), QString(), server.refused[i]);
    }
    all.refusedSpans = tallies.refused;
    if (knownSteps > 0)
        all.refusedSpans.add(QStringLiteral("its run is in the project already"), QString(), knownSteps);
    all.odd = tallies.odd;
    all.dialects = tallies.dialects;
    all.unknownKeys = tallies.unknownKeys;
    return all;
}

TraceReceiver::TraceReceiver(Session *session, QObject *parent) : QObject(parent), d(std::make_shared<Private>(this, session))
{
    d->telling.setSingleShot(true);
    d->telling.setInterval(tellMs);
    d->expiry.setInterval(expireMs);
    connect(&d->telling, &QTimer::timeout, this, [this] { d->tell(); });
    connect(&d->expiry, &QTimer::timeout, this, [this] { d->expire(); });
}

TraceReceiver::~TraceReceiver()
{
    d->http.stop();
    d->arrivals.reset();
    d->worker.reset();
    d->interruptOpenRuns();
    d->q = nullptr;
    d->expiry.stop();
    d->telling.stop();
    for (const auto &waiter : std::exchange(d->idleWaiters, {}))
        waiter.complete(false);
}

Result<void> TraceReceiver::start(ReceiverOptions options)
{
    d->http.stop();
    d->arrivals = std::make_unique<Mailbox>();
    d->worker.reset(); // what it held of open traces is over with it
    d->interruptOpenRuns();
    d->waiting.clear();
    d->inWork = 0;
    ++d->generation;
    d->known.clear();
    d->options = options;
    d->own = ReceiverCounters();
    d->tallies = DecoderTallies();
    d->knownSteps = d->toldRequests = 0;
    d->error = Error();

    HttpServerOptions server;
    server.host = options.address.host;
    server.port = options.address.port;
    server.token = options.token;
    server.paths = {"/v1/traces", "/v1/logs", "/v1/metrics"};
    server.contentTypes = {otlp::protoType, otlp::jsonType, "application/protobuf"};
    server.maxBodyBytes = options.maxBodyBytes;
    server.maxQueuedBytes = options.maxQueuedBytes;
    server.maxQueuedRequests = options.maxQueuedRequests;
    server.refuse = &otlp::failure;
    const auto hand = [self = d.get(), mailbox = d->arrivals.get()](quint64 id, HttpServerRequest request) {
        auto shared = std::make_shared<HttpServerRequest>(std::move(request));
        mailbox->post([self, id, shared] { self->arrived(id, std::move(*shared)); });
    };
    const auto started = d->http.start(std::move(server), hand);
    if (!started) {
        d->expiry.stop();
        d->error = started.error();
        d->setState(State::Failed);
        return started.error();
    }
    AssemblerOptions assembler;
    assembler.quietUs = options.quietMs * 1000;
    assembler.price = foreignPricing(*d->session);
    d->decoder = std::make_shared<TraceDecoder>(std::move(assembler));
    d->worker = std::make_unique<WorkerThread>();
    d->options.address.port = d->http.port();
    d->expiry.start();
    d->setState(State::Listening);
    return Result<void>();
}

Task<> TraceReceiver::stop()
{
    const auto self = d;
    if (self->state != State::Listening)
        co_return;
    self->http.refuseNew();
    self->expiry.stop();
    if (self->inWork > 0 || !self->waiting.empty()) {
        Completion<bool> idle;
        self->idleWaiters.push_back(idle);
        co_await idle;
    }
    if (!self->q || self->state != State::Listening)
        co_return;
    self->http.stop();
    // Everything is decoded, so the worker is free.
    self->worker.reset();
    auto rest = self->decoder->finish();
    self->tallies = self->decoder->tallies();
    self->decoder.reset();
    self->setState(State::Off);
    co_await Private::recordAll(self, std::move(rest));
    if (self->q)
        self->tell();
}

TraceReceiver::State TraceReceiver::state() const
{
    return d->state;
}

Error TraceReceiver::error() const
{
    return d->error;
}

QUrl TraceReceiver::url() const
{
    if (d->state != State::Listening)
        return QUrl();
    QUrl url;
    url.setScheme(QStringLiteral("http"));
    url.setHost(d->options.address.host);
    url.setPort(d->http.port());
    return url;
}

ReceiverOptions TraceReceiver::options() const
{
    return d->options;
}

ReceiverCounters TraceReceiver::counters() const
{
    return d->counters();
}

int TraceReceiver::openTraces() const
{
    return int(d->runs.size());
}

} // namespace lathe
