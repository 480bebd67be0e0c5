// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/TraceImport.h"

#include "core/base/WorkerThread.h"
#include "core/llm/Prices.h"
#include "core/session/ForeignRuns.h"
#include "core/session/VariantModel.h"
#include "core/trace/import/ImportReader.h"

#include <QBuffer>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QPointer>
#include <QTimer>

namespace lathe {

namespace {
using L = QLatin1String;
constexpr qint64 pieceBytes = 1 << 20; // read at once
constexpr size_t eventsAtOnce = 2'000; // recorded before the event loop has its turn
constexpr size_t runsListed = 1'000;

// What the worker thread owns while it reads.
struct Reading {
    std::unique_ptr<QIODevice> device;
    ImportReader reader;
    qint64 done = 0;
    bool over = false;
    explicit Reading(ImportReaderOptions options) : reader(std::move(options)) {}
};

Result<std::vector<ImportedTrace>> readPiece(Reading &reading)
{
    const QByteArray bytes = reading.device->read(pieceBytes);
    reading.done += bytes.size();
    auto taken = bytes.isEmpty() ? reading.reader.finish() : reading.reader.add(bytes);
    if (!taken)
        return taken.error();
    reading.over = bytes.isEmpty();
    return reading.reader.take();
}

// Lets the event loop have its turn.
Completion<bool> turn()
{
    Completion<bool> done;
    QTimer::singleShot(0, [done] { done.complete(true); });
    return done;
}

struct PendingRating {
    RunId run;
    ImportedRating rating;
};

// Writes what was read into the project.
class Recorder
{
public:
    Recorder(Session *session, ImportReport *report, CancelToken cancel) : m_session(session), m_report(report), m_cancel(std::move(cancel))
    {
    }

    Task<Result<void>> record(std::vector<ImportedTrace> traces, QString source)
    {
        QStringList fresh;
        for (const ImportedTrace &trace : traces) {
            if (trace.update.isNew)
                fresh.append(trace.update.traceId);
        }
        const auto known = m_session->project().runs().findForeign(source, fresh);
        if (!known)
            co_return known.error();
        for (ImportedTrace &trace : traces) {
            if (m_cancel.isCancelled())
                break;
            TraceUpdate &update = trace.update;
            if (update.isNew && known->contains(update.traceId)) {
                m_known.insert(update.traceId);
                ++m_report->known;
            }
            if (m_known.contains(update.traceId))
                continue;
            auto recorded = co_await recordTrace(std::move(trace), source);
            if (!recorded)
                co_return recorded.error();
        }
        co_return Result<void>();
    }

    Task<Result<void>> rate()
    {
        if (m_ratings.empty())
            co_return Result<void>();
        const auto written = co_await m_session->foreignRuns().flush(); // what is rated must be in the file
        if (!written)
            co_return written.error();
        for (PendingRating &pending : std::exchange(m_ratings, {})) {
            Rating rating;
            rating.run = pending.run;
            rating.step = pending.rating.step;
            rating.kind = pending.rating.kind;
            rating.value = pending.rating.value;
            rating.note = pending.rating.note;
            rating.author = pending.rating.author;
            rating.createdUs = pending.rating.timeUs;
            const QString what = rating.note;
            const auto rated = co_await m_session->rate(std::move(rating));
            if (rated)
                ++m_report->ratings;
            else if (rated.error().kind == ErrorKind::Cancelled) // the project is being closed
                co_return rated.error();
            else
                m_report->refused.add(QStringLiteral("rating that could not be kept"), what + QStringLiteral(": ") + rated.error().message);
        }
        co_return Result<void>();
    }

    // What was begun and not finished because the person stopped it.
    void interrupt()
    {
        for (auto it = m_open.cbegin(); it != m_open.cend(); ++it) {
            RunEvent ended;
            ended.kind = RunEventKind::RunEnded;
            ended.runStatus = RunStatus::Interrupted;
            ended.timeUs = m_lastUs;
            m_session->foreignRuns().record(*it, {ended});
        }
        m_open.clear();
    }

private:
    Task<Result<void>> recordTrace(ImportedTrace trace, QString source)
    {
        ForeignRuns *const runs = &m_session->foreignRuns();
        TraceUpdate &update = trace.update;
        RunId run = m_open.value(update.traceId, m_ended.value(update.traceId));
        if (update.isNew) {
            const auto begun = co_await runs->begin(foreignRunInfo(update.facts, source), false);
            if (!begun)
                co_return begun.error();
            run = *begun;
            ++m_report->traces;
            if (m_report->runs.size() < runsListed)
                m_report->runs.push_back(run);
            m_open.insert(update.traceId, run);
        } else if (update.reopens) {
            const auto opened = co_await runs->reopen(run, false);
            if (!opened && opened.error().kind == ErrorKind::Cancelled) // the project is being closed
                co_return opened.error();
            if (!opened) {
                m_report->refused.add(QStringLiteral("steps of a trace that had ended"), opened.error().message,
                                      qint64(update.events.size()));
                co_return Result<void>();
            }
            m_open.insert(update.traceId, run);
        }
        for (size_t from = 0; from < update.events.size() && !m_cancel.isCancelled(); from += eventsAtOnce) {
            const size_t to = std::min(from + eventsAtOnce, update.events.size());
            const std::vector<RunEvent> slice(std::make_move_iterator(update.events.begin() + std::ptrdiff_t(from)),
                                              std::make_move_iterator(update.events.begin() + std::ptrdiff_t(to)));
            for (const RunEvent &event : slice) {
                m_report->steps += event.kind == RunEventKind::StepStarted ? 1 : 0;
                m_lastUs = std::max(m_lastUs, event.timeUs);
            }
            runs->record(run, slice);
            m_sinceTurn += slice.size();
            if (m_sinceTurn >= eventsAtOnce) {
                m_sinceTurn = 0;
                const Completion<bool> turned = turn();
                co_await turned;
                if (!m_session) // gone meanwhile
                    co_return Error::cancelled();
            }
        }
        if (m_cancel.isCancelled() && runs->isUnderWay(run))
            co_return Result<void>(); // interrupt() ends it
        if (update.hasEnded) {
            m_open.remove(update.traceId);
            m_ended.insert(update.traceId, run);
        }
        if (update.factsChanged) {
            RunInfo facts = foreignRunInfo(update.facts, source);
            const auto amended = co_await m_session->project().runs().amendForeign(run, std::move(facts));
            if (!amended)
                co_return amended.error();
        }
        for (ImportedRating &rating : trace.ratings)
            m_ratings.push_back({run, std::move(rating)});
        co_return Result<void>();
    }

    QPointer<Session> m_session;
    ImportReport *m_report;
    CancelToken m_cancel;
    QSet<QString> m_known;
    QHash<QString, RunId> m_open, m_ended;
    std::vector<PendingRating> m_ratings;
    size_t m_sinceTurn = 0;
    qint64 m_lastUs = 0;
};

// What the reader knows; the counts of what was written are the report's own.
void addReading(ImportReport *report, const ImportReport &read)
{
    report->format = read.format;
    report->dialects = read.dialects;
    report->unknownKeys = read.unknownKeys;
    report->notes = read.notes;
    report->refused.add(read.refused);
    report->problems = read.problems;
    report->moreProblems = read.moreProblems;
}

Task<Result<ImportReport>> import(Session *session, std::unique_ptr<QIODevice> device, QString name, TraceImport::Progress progress,
                                  CancelToken cancel)
{
    ImportReport report;
    report.file = name;
    report.totalBytes = device->size();
    ImportReaderOptions options;
    options.nowUs = session->clock().nowUs();
    options.price = foreignPricing(*session);
    const auto reading = std::make_shared<Reading>(std::move(options));
    reading->device = std::move(device);
    const QPointer<Session> alive(session);
    Recorder recorder(session, &report, cancel);
    WorkerThread worker;
    QElapsedTimer shown;
    shown.start();
    std::optional<Error> failure;
    ImportReport read; // as of the last piece: while the thread reads, its reader is not to be touched
    bool over = false;
    while (!over) {
        std::function<Result<std::vector<ImportedTrace>>(const CancelToken &)> work = [reading](const CancelToken &) {
            return readPiece(*reading);
        };
        auto piece = co_await runOnWorker<std::vector<ImportedTrace>>(&worker, std::move(work), cancel);
        if (!alive)
            break;
        if (!piece) {
            if (piece.error().kind == ErrorKind::Cancelled)
                break;
            failure = piece.error();
            break;
        }
        over = reading->over;
        report.bytes = reading->done;
        read = reading->reader.report();
        const auto recorded = co_await recorder.record(std::move(*piece), reading->reader.source());
        if (!recorded) {
            failure = recorded.error();
            break;
        }
        const auto rated = co_await recorder.rate();
        if (!rated) {
            failure = rated.error();
            break;
        }
        if (progress && (over || shown.elapsed() >= 50)) {
            shown.restart();
            progress(report.bytes, report.totalBytes);
        }
        if (cancel.isCancelled())
            break;
    }
    if (!alive || (failure && failure->kind == ErrorKind::Cancelled)) // the session goes, or is gone
        co_return Error::cancelled();
    recorder.interrupt();
    const auto flushed = co_await session->foreignRuns().flush();
    if (failure) {
        if (!name.isEmpty() && failure->kind == ErrorKind::InvalidInput)
            failure->message = name + QStringLiteral(": ") + failure->message;
        co_return Error(*failure);
    }
    if (!flushed)
        co_return flushed.error();
    report.cancelled = cancel.isCancelled();
    addReading(&report, read);
    co_return report;
}
} // namespace

TraceImport::TraceImport(Session *session) : m_session(session) {}

Task<Result<ImportReport>> TraceImport::importFile(QString path, Progress progress, CancelToken cancel)
{
    const QFileInfo info(path);
    auto file = std::make_unique<QFile>(path);
    if (info.isDir())
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("%1 is a folder; name the files in it.").arg(path));
    if (!info.exists())
        co_return Error(ErrorKind::NotFound, QStringLiteral("There is no file %1.").arg(path));
    if (!file->open(QIODevice::ReadOnly))
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("%1 cannot be read: %2.").arg(path, file->errorString()));
    auto report = co_await import(m_session, std::move(file), path, std::move(progress), cancel);
    co_return report;
}

Task<Result<ImportReport>> TraceImport::importBytes(QByteArray bytes, QString name, Progress progress, CancelToken cancel)
{
    auto buffer = std::make_unique<QBuffer>();
    buffer->setData(bytes);
    buffer->open(QIODevice::ReadOnly);
    auto report = co_await import(m_session, std::move(buffer), name, std::move(progress), cancel);
    co_return report;
}

RunInfo foreignRunInfo(const TraceFacts &facts, const QString &source)
{
    RunInfo info;
    info.agentName = facts.agent.isEmpty() ? QStringLiteral("trace") : facts.agent;
    info.input = facts.input;
    info.inputJson = QJsonObject{{QStringLiteral("text"), facts.input}};
    info.models = facts.models;
    info.startUs = facts.startUs;
    info.source = source;
    info.sourceId = facts.traceId;
    info.tags = facts.tags;
    return info;
}

std::function<void(ForeignStep *)> foreignPricing(const Session &session)
{
    Q_UNUSED(session)
    const auto prices = std::make_shared<const Prices>(shippedPrices());
    return [prices](ForeignStep *step) {
        if (step->attributes.contains(L("lathe.cost_usd")))
            return;
        Step priced;
        priced.attributes = step->attributes;
        Usage usage = priced.usage();
        if (usage.totalTokens() == 0)
            return;
        const auto text = [step](const char *key) { return step->attributes.value(L(key)).toString(); };
        QString model = text("gen_ai.response.model");
        if (model.isEmpty())
            model = text("gen_ai.request.model");
        usage.costKnown = false;
        prices->price(text("gen_ai.provider.name"), model, usage);
        if (usage.costKnown)
            step->attributes.insert(QStringLiteral("lathe.cost_usd"), usage.costUsd);
    };
}

} // namespace lathe
