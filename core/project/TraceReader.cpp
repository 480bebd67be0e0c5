// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/TraceReader.h"

#include "core/project/OpenRuns.h"
#include "core/project/Payload.h"
#include "core/project/ReadValue.h"
#include "core/project/RunReader.h"
#include "core/project/Sql.h"
#include "core/project/StepSummary.h"

#include <QStringMatcher>

namespace lathe {

namespace {
constexpr int partMax = 100'000;
constexpr int wordsMax = 16;

Error noStep(RunId run, const QString &path)
{
    return Error(ErrorKind::NotFound, QStringLiteral("Run %1 has no step %2.").arg(run.value).arg(path.left(100)));
}

// Only what an outline says of a step.
Step lightStep(Step step, const StepSummary &summary)
{
    step.parent = parentStep(step.path);
    step.text.clear();
    step.reasoning.clear();
    step.toolArguments.clear();
    step.attributes = QJsonObject();
    if (!summary.model.isEmpty())
        step.attributes.insert(QStringLiteral("gen_ai.request.model"), summary.model);
    if (!summary.tool.isEmpty())
        step.attributes.insert(QStringLiteral("gen_ai.tool.name"), summary.tool);
    if (summary.inputTokens >= 0)
        step.attributes.insert(QStringLiteral("gen_ai.usage.input_tokens"), summary.inputTokens);
    if (summary.outputTokens >= 0)
        step.attributes.insert(QStringLiteral("gen_ai.usage.output_tokens"), summary.outputTokens);
    if (summary.costUsd >= 0)
        step.attributes.insert(QStringLiteral("lathe.cost_usd"), summary.costUsd);
    step.notes = unpackMarks(summary.marks);
    step.error.reset();
    if (!summary.errorKind.isEmpty())
        step.error = Error(errorKindFromName(summary.errorKind), QString());
    return step;
}

void addWhole(TraceOutline *outline, Step step)
{
    const StepSummary summary = summaryOf(step);
    outline->bodies.push_back(summary.bodies);
    outline->steps.push_back(lightStep(std::move(step), summary));
}

qint64 countOr(const Statement &row, int column, qint64 none)
{
    return row.isNull(column) ? none : row.int64(column);
}

Result<void> readSummaries(Database &db, RunId run, int from, int end, TraceOutline *outline)
{
    return eachRow(
        db,
        QByteArrayLiteral("SELECT path, kind, name, status, start_us, end_us, first_delta_us, model, tool, input_tokens, output_tokens, cost_usd,"
                          " error_kind, marks, bodies FROM steps INDEXED BY steps_outline WHERE run=? AND position>=? AND position<?"
                          " ORDER BY position"),
        [&](Statement &row) {
            StepSummary summary;
            summary.model = row.text(7);
            summary.tool = row.text(8);
            summary.inputTokens = countOr(row, 9, -1);
            summary.outputTokens = countOr(row, 10, -1);
            summary.costUsd = row.isNull(11) ? -1 : row.real(11);
            summary.errorKind = row.text(12);
            summary.marks = row.bytes(13);
            outline->bodies.push_back(quint8(row.int64(14)));
            outline->steps.push_back(lightStep(stepHeadFromRow(row), summary));
        },
        run, from, end);
}

// Files of older formats that are open for reading only.
Result<void> readWholeSteps(Database &db, RunId run, int from, int end, TraceOutline *outline)
{
    static const QByteArray sql = QByteArrayLiteral("SELECT ") + stepColumns + " WHERE run=? AND position>=? AND position<? ORDER BY position";
    return eachRow(
        db, sql,
        [&](Statement &row) -> Result<void> {
            auto stored = stepFromRow(row);
            if (!stored)
                return stored.error();
            const StepKind kind = stored->step.kind;
            const bool inJournal = stored->inJournal[0] && kind != StepKind::Agent && kind != StepKind::Control;
            addWhole(outline, std::move(stored->step));
            if (inJournal && outline->steps.back().status == StepStatus::Ok)
                outline->bodies.back() = TraceOutline::HasText;
            return {};
        },
        run, from, end);
}

// Effects that had begun when the program was killed.
Result<void> addUnwritten(Database &db, RunId run, TraceOutline *outline)
{
    static const QByteArray sql = QByteArrayLiteral("SELECT ") + entryColumns
                                  + " WHERE run=?1 AND NOT EXISTS (SELECT 1 FROM steps s WHERE s.run=?1 AND s.path=journal.step) ORDER BY id";
    return eachRow(
        db, sql,
        [&](Statement &row) -> Result<void> {
            const auto entry = entryFromRow(row);
            if (!entry)
                return entry.error();
            addWhole(outline, stepOfEntry(*entry));
            return {};
        },
        run);
}
} // namespace

Result<TraceOutline> readOutline(Database &db, RunId run, int from, int count)
{
    QString status;
    auto read = eachRow(
        db, QByteArrayLiteral("SELECT status FROM runs WHERE id=?"), [&](Statement &row) { status = row.text(0); }, run);
    if (!read)
        return read.error();
    if (status.isEmpty())
        return Error(ErrorKind::NotFound, QStringLiteral("There is no run %1 in this project.").arg(run.value));
    const auto format = formatOf(db);
    if (!format)
        return format.error();
    TraceOutline outline;
    from = std::max(from, 0);
    const int end = from + std::clamp(count, 1, std::min(partMax, std::numeric_limits<int>::max() - from));
    read = *format >= runLogFormat ? readSummaries(db, run, from, end, &outline) : readWholeSteps(db, run, from, end, &outline);
    if (!read)
        return read.error();
    read = eachRow(
        db, QByteArrayLiteral("SELECT min(position), (SELECT max(position) + 1 FROM steps WHERE run=?1) FROM steps WHERE run=?1 AND position>=?2"),
        [&](Statement &row) {
            outline.next = row.isNull(0) ? -1 : int(row.int64(0));
            outline.total = int(row.int64(1));
        },
        run, end);
    if (!read)
        return read.error();
    if (outline.next < 0 && status != QLatin1String("done")) {
        if (auto added = addUnwritten(db, run, &outline); !added)
            return added.error();
    }
    return outline;
}

namespace {
Result<std::optional<StoredEntry>> readEntry(Database &db, RunId run, const QString &path)
{
    std::optional<StoredEntry> found;
    static const QByteArray sql = QByteArrayLiteral("SELECT ") + entryColumns + " WHERE run=? AND step=?";
    const auto read = eachRow(
        db, sql,
        [&](Statement &row) -> Result<void> {
            auto entry = entryFromRow(row);
            if (!entry)
                return entry.error();
            found = std::move(*entry);
            return {};
        },
        run, Text(path));
    if (!read)
        return read.error();
    return found;
}
} // namespace

Result<Step> readStep(Database &db, RunId run, const QString &path)
{
    std::optional<StoredStep> stored;
    static const QByteArray sql = QByteArrayLiteral("SELECT ") + stepColumns + " WHERE run=? AND path=?";
    const auto read = eachRow(
        db, sql,
        [&](Statement &row) -> Result<void> {
            auto step = stepFromRow(row);
            if (!step)
                return step.error();
            stored = std::move(*step);
            return {};
        },
        run, Text(path));
    if (!read)
        return read.error();
    const auto entry = readEntry(db, run, path);
    if (!entry)
        return entry.error();
    if (!stored && !*entry)
        return noStep(run, path);
    if (!stored) {
        Step step = stepOfEntry(**entry);
        step.parent = parentStep(path);
        return step;
    }
    if (*entry)
        takeTexts(&*stored, **entry);
    stored->step.parent = parentStep(path);
    return std::move(stored->step);
}

Result<QStringList> findStepsWith(Database &db, RunId run, const QString &words, int limit)
{
    std::vector<QStringMatcher> wanted;
    const QStringList typed = words.left(2000).simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (const QString &word : typed.mid(0, wordsMax))
        wanted.emplace_back(word, Qt::CaseInsensitive);
    QStringList paths;
    if (wanted.empty())
        return paths;
    constexpr int firstText = 1, lastText = 9;
    auto statement =
        prepared(db,
                 QByteArrayLiteral("SELECT s.path, s.name, s.attributes, s.notes, s.error, s.text, s.reasoning, s.tool_arguments, j.outcome,"
                                   " iif(j.kind='chat', NULL, j.request) FROM steps s LEFT JOIN journal j ON j.run=s.run AND j.step=s.path"
                                   " WHERE s.run=? ORDER BY s.position"),
                 run);
    if (!statement)
        return statement.error();
    limit = std::clamp(limit, 1, partMax);
    while (paths.size() < limit) {
        const auto row = statement->step();
        if (!row)
            return row.error();
        if (!*row)
            break;
        std::vector<bool> found(wanted.size());
        size_t missing = wanted.size();
        for (int column = firstText; column <= lastText && missing > 0; ++column) {
            if (statement->isNull(column))
                continue;
            const QString text = payloadText(*statement, column).valueOr(QString()); // a damaged one holds nothing
            for (size_t i = 0; i < wanted.size(); ++i) {
                if (!found[i] && wanted[i].indexIn(text) >= 0) {
                    found[i] = true;
                    --missing;
                }
            }
        }
        if (missing == 0)
            paths.append(statement->text(0));
    }
    return paths;
}

// --- RunRepository

Task<Result<TraceOutline>> RunRepository::outline(RunId run, int from, int count, CancelToken cancel) const
{
    const auto store = m_store;
    const auto ready = co_await written(m_open->runs.contains(run));
    if (!ready)
        co_return ready.error();
    std::function<Result<TraceOutline>(Database &)> find = [run, from, count](Database &db) { return readOutline(db, run, from, count); };
    auto outline = co_await readValue(store, std::move(find), cancel);
    co_return outline;
}

Task<Result<Step>> RunRepository::step(RunId run, QString path, CancelToken cancel) const
{
    const auto store = m_store;
    const auto live = m_open->runs.value(run);
    if (live) { // one that goes on stands nowhere else
        const int index = live->trace.indexOf(path);
        if (index >= 0 && !live->forgotten.contains(index)) {
            Step step = live->trace.steps()[size_t(index)];
            co_return step;
        }
    }
    std::function<Result<Step>(Database &)> find = [run, path](Database &db) { return readStep(db, run, path); };
    auto found = co_await readValue(store, std::move(find), cancel);
    co_return found;
}

Task<Result<QStringList>> RunRepository::findSteps(RunId run, QString words, int limit, CancelToken cancel) const
{
    const auto store = m_store;
    const auto ready = co_await written(m_open->runs.contains(run));
    if (!ready)
        co_return ready.error();
    std::function<Result<QStringList>(Database &)> find = [run, words, limit](Database &db) { return findStepsWith(db, run, words, limit); };
    auto paths = co_await readValue(store, std::move(find), cancel);
    co_return paths;
}

} // namespace lathe
