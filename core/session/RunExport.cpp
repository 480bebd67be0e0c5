// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/RunExport.h"

#include "core/session/RunExportPrivate.h"
#include "core/session/Session.h"
#include "core/session/WholeTrace.h"

#include <QFileInfo>

namespace lathe {

namespace runexport {

Task<Result<void>> RunSource::open(CancelToken cancel)
{
    const auto problems = m_selection.redaction.problems();
    if (!problems.empty())
        co_return Error(ErrorKind::InvalidInput, problems.front().message);
    m_runs = m_selection.runs;
    if (m_runs.empty()) {
        RunQuery query(m_selection.filter);
        query.ascending = true;
        auto found = co_await m_session->project().runs().ids(query, cancel);
        if (!found)
            co_return found.error();
        m_runs = std::move(*found);
    }
    if (m_runs.empty())
        co_return Error(ErrorKind::NotFound, QStringLiteral("No run matches, so there is nothing to export."));
    co_return Result<void>();
}

Task<Result<std::optional<FoundRun>>> RunSource::next(bool steps, CancelToken cancel)
{
    while (m_next < int(m_runs.size())) {
        const RunId id = m_runs[size_t(m_next)];
        ++m_next;
        if (!steps) {
            auto info = m_session->project().runs().run(id);
            if (info) {
                std::optional<FoundRun> run(std::in_place);
                run->stored.info = std::move(*info);
                co_return std::move(run);
            }
            if (info.error().kind != ErrorKind::NotFound)
                co_return info.error();
            ++m_missing;
            continue;
        }
        auto loaded = co_await m_session->project().runs().load(id, cancel);
        if (loaded) {
            std::optional<FoundRun> run(std::in_place);
            run->stored = std::move(*loaded);
            run->ratings = m_session->project().ratings().ratings(id);
            const auto live = m_session->project().runs().trace(id);
            if (live && live->steps().size() >= run->stored.trace.steps().size())
                run->stored.trace = wholeTrace(*live, run->stored.trace); // with what is not in the file yet
            co_return std::move(run);
        }
        if (loaded.error().kind != ErrorKind::NotFound)
            co_return loaded.error();
        ++m_missing;
    }
    std::optional<FoundRun> none;
    co_return std::move(none);
}

void ProgressTeller::tell(int done, int total, qint64 bytes, bool always)
{
    if (!m_handler || (!always && m_since.isValid() && m_since.elapsed() < 50))
        return;
    m_since.start();
    m_handler(ExportProgress{done, total, bytes});
}

void addCounts(const Redaction &redaction, ExportReport *report)
{
    report->redacted = redaction.counts();
    report->refusedTexts = redaction.refused();
}

namespace {
// What the worker keeps between two runs.
struct Job {
    Job(const QString &path, const RedactionRules &rules) : file(path), redaction(rules) {}
    ExportFile file;
    Redaction redaction;
    qint64 steps = 0;
};
}

} // namespace runexport

QString ExportReport::toText() const
{
    const auto count = [](qint64 number, const char *one, const char *many) {
        return QStringLiteral("%1 %2").arg(number).arg(QString::fromLatin1(number == 1 ? one : many));
    };
    QString text = QStringLiteral("%1 with %2").arg(count(runs, "run", "runs"), count(steps, "step", "steps"));
    text += requests > 0 ? QStringLiteral(" sent in %1, ").arg(count(requests, "request", "requests")) : QStringLiteral(" written, ");
    text += bytes < 10'000       ? count(bytes, "byte", "bytes")
            : bytes < 10'000'000 ? QStringLiteral("%1 KB").arg(bytes / 1000)
                                 : QStringLiteral("%1 MB").arg(bytes / 1'000'000);
    text += QLatin1Char('.');
    qint64 replaced = 0;
    for (const RedactionCount &rule : redacted)
        replaced += rule.replaced;
    if (!redacted.empty())
        text += QStringLiteral(" %1 taken out.").arg(count(replaced, "text", "texts"));
    if (refusedTexts > 0)
        text += QStringLiteral(" %1 replaced whole, as a rule took too long on them.").arg(count(refusedTexts, "text was", "texts were"));
    if (missing > 0)
        text += QStringLiteral(" %1 no longer there.").arg(count(missing, "run was", "runs were"));
    if (rejectedSpans > 0)
        text += QStringLiteral(" The collector did not take %1.").arg(count(rejectedSpans, "step", "steps"));
    return text;
}

Task<Result<ExportReport>> exportRuns(Session *session, ExportSelection selection, ExportFormat format, QString path,
                                      ExportProgressHandler progress, CancelToken cancel)
{
    using namespace runexport;
    const QFileInfo own(session->project().path());
    if (own.exists() && own.canonicalFilePath() == QFileInfo(path).canonicalFilePath())
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("%1 is the project itself; choose another file.").arg(own.fileName()));
    RunSource source(session, std::move(selection));
    const auto opened = co_await source.open(cancel);
    if (!opened)
        co_return opened.error();
    if (format == ExportFormat::Html && source.total() != 1)
        co_return Error(ErrorKind::InvalidInput,
                        QStringLiteral("A page holds one run, and these are %1. Choose one run, or another format.").arg(source.total()));
    const bool messages = source.selection().messages && format != ExportFormat::Csv && format != ExportFormat::EventLines;
    const auto job = std::make_shared<Job>(path, source.selection().redaction);
    ProgressTeller teller(std::move(progress));
    WorkerThread worker; // joined before the job is freed
    ExportReport report;
    const ByteSink sink = [job](const QByteArray &bytes) { return job->file.write(bytes); };
    const std::function<Result<qint64>(const CancelToken &)> begin = [job, format, sink](const CancelToken &) -> Result<qint64> {
        if (auto begun = job->file.open(); !begun)
            return begun.error();
        if (auto begun = writeBegin(format, sink); !begun)
            return begun.error();
        return job->file.bytes();
    };
    const auto begun = co_await runOnWorker<qint64>(&worker, begin, cancel);
    if (!begun)
        co_return begun.error();
    while (true) {
        auto loaded = co_await source.next(format != ExportFormat::Csv, cancel);
        if (!loaded)
            co_return loaded.error();
        if (!*loaded)
            break;
        const auto run = std::make_shared<FoundRun>(std::move(**loaded));
        const std::function<Result<qint64>(const CancelToken &)> write = [job, format, messages, run, sink](const CancelToken &token) -> Result<qint64> {
            const GivenRun given = givenRun(std::move(*run), messages, &job->redaction);
            job->steps += format == ExportFormat::Csv ? given.info.stepCount : qint64(given.trace.steps().size());
            const ByteSink stoppable = [&sink, &token](const QByteArray &bytes) -> Result<void> {
                return token.isCancelled() ? Result<void>(Error::cancelled()) : sink(bytes);
            };
            if (auto written = writeRun(format, given, !job->redaction.isEmpty(), stoppable); !written)
                return written.error();
            if (auto flushed = job->file.flush(); !flushed)
                return flushed.error();
            return job->file.bytes();
        };
        const auto written = co_await runOnWorker<qint64>(&worker, write, cancel);
        if (!written)
            co_return written.error();
        ++report.runs;
        report.bytes = *written;
        teller.tell(source.taken(), source.total(), report.bytes);
    }
    if (report.runs == 0)
        co_return Error(ErrorKind::NotFound, QStringLiteral("None of the runs is there any more, so there is nothing to export."));
    const std::function<Result<qint64>(const CancelToken &)> end = [job](const CancelToken &) -> Result<qint64> {
        if (auto committed = job->file.commit(); !committed)
            return committed.error();
        return job->file.bytes();
    };
    const CancelToken never; // whole now: half a rename is no use
    const auto committed = co_await runOnWorker<qint64>(&worker, end, never);
    if (!committed)
        co_return committed.error();
    report.missing = source.missing();
    report.steps = job->steps;
    addCounts(job->redaction, &report);
    teller.tell(source.taken(), source.total(), report.bytes, true);
    co_return report;
}

} // namespace lathe
