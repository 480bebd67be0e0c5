// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/ExperimentMatrix.h"

#include "core/session/TrialChecks.h"

#include <QSet>

namespace lathe {

namespace {
constexpr size_t pieceSize = 2000; // trials between two turns of the event loop
constexpr qint64 trialsMax = 2'000'000;

QString columnText(const QJsonValue &value)
{
    if (value.isString())
        return value.toString();
    return value.isUndefined() || value.isNull() ? QString() : json::compactString(value);
}

QString inputColumn(const ExperimentSpec &spec, const QStringList &columns)
{
    if (!spec.inputColumn.isEmpty())
        return spec.inputColumn;
    return columns.contains(QStringLiteral("input")) || columns.isEmpty() ? QStringLiteral("input") : columns.front();
}

Error missingColumn(const QString &what, const QString &name, const QString &dataset, const QStringList &columns)
{
    return Error(ErrorKind::InvalidInput, QStringLiteral("The dataset %1 has no column \"%2\" for the %3; it has: %4.")
                                              .arg(dataset, name, what, columns.join(QStringLiteral(", "))));
}

std::optional<Error> checkColumns(const ExperimentSpec &spec, const QStringList &columns)
{
    if (!spec.inputColumn.isEmpty() && !columns.contains(spec.inputColumn))
        return missingColumn(QStringLiteral("input"), spec.inputColumn, spec.dataset, columns);
    if (!spec.expectedColumn.isEmpty() && !columns.contains(spec.expectedColumn))
        return missingColumn(QStringLiteral("expected answer"), spec.expectedColumn, spec.dataset, columns);
    return std::nullopt;
}
}

CellId ExperimentMatrix::cellOf(size_t at) const
{
    const size_t cell = at / size_t(repetitions());
    const size_t examples = std::max<size_t>(1, size_t(state.examples));
    return CellId{int(cell / examples), int(cell % examples)};
}

bool ExperimentMatrix::holds(CellId cell) const
{
    return cell.variant >= 0 && cell.variant < int(variants.size()) && cell.example >= 0 && cell.example < state.examples
        && index(cell.variant, cell.example, repetitions() - 1) < cells.size();
}

ExperimentExample ExperimentMatrix::example(int at) const
{
    ExperimentExample example;
    example.expected = QJsonValue(QJsonValue::Undefined);
    if (!dataset || at < 0 || at >= int(rows.size()))
        return example;
    example.row = rows[size_t(at)];
    example.vars = dataset->rowObject(example.row);
    example.input = columnText(example.vars.value(inputColumn(state.spec, dataset->columns)));
    const QString expected = state.spec.expectedColumn.isEmpty() ? QStringLiteral("expected") : state.spec.expectedColumn;
    example.expected = example.vars.value(expected);
    return example;
}

RunInput ExperimentMatrix::input(size_t at) const
{
    const CellId cell = cellOf(at);
    const ExperimentExample row = example(cell.example);
    const auto &variant = variants[size_t(cell.variant)];
    return variant ? variant->input(row.input, row.vars) : RunInput();
}

QByteArray ExperimentMatrix::exampleHash(int at) const
{
    return json::hash(example(at).vars);
}

QByteArray ExperimentMatrix::checksHash(const ExperimentExample &row) const
{
    return TrialChecks::hash(checksJson, row);
}

const JudgeSpec *ExperimentMatrix::judge(const QString &id) const
{
    for (const JudgeSpec &judge : state.spec.judges) {
        if (judge.id == id)
            return &judge;
    }
    return nullptr;
}

void ExperimentMatrix::recount()
{
    ExperimentProgress &progress = state.progress;
    progress.total = int(cells.size());
    progress.done = progress.running = progress.failed = progress.shared = 0;
    for (const Cell &cell : cells) {
        progress.running += cell.status == TrialStatus::Running;
        progress.failed += cell.status == TrialStatus::Failed;
        const bool done = cell.answered && cell.checked;
        progress.done += done;
        progress.shared += done && cell.shared;
    }
}

void ExperimentMatrix::keepFound(size_t at, const FoundTrial &found)
{
    Cell &cell = cells[at];
    const CellId id = cellOf(at);
    cell.id = found.trial.id;
    if (!found.trial.id.isValid() || !found.run)
        return;
    const RunInfo &run = *found.run;
    cell.run = run.id;
    cell.output = run.output;
    cell.error = run.error;
    cell.usage = run.usage;
    cell.latencyUs = run.endUs > run.startUs ? run.endUs - run.startUs : 0;
    cell.shared = found.trial.experiment != state.id || found.trial.variant != state.variants[size_t(id.variant)].spec.id;
    if (run.status == RunStatus::Done) {
        cell.status = TrialStatus::Done;
        cell.answered = true;
    } else if (run.status == RunStatus::Failed) {
        cell.status = TrialStatus::Failed;
        cell.answered = TrialRunner::isAnswer(run.status, run.error);
    } else {
        cell.status = TrialStatus::Pending; // interrupted, stopped, or another program's
        cell.output.clear();
        cell.error.reset();
    }
    if (cell.answered && found.score)
        TrialChecks::fromJson(*found.score, &cell);
    else if (cell.answered && checksJson.isEmpty()) {
        cell.checked = true;
        cell.passed = cell.status == TrialStatus::Done;
        cell.score = cell.passed ? 1 : 0;
    }
}

// --- Loading

Task<Result<std::shared_ptr<ExperimentMatrix>>> ExperimentLoader::load(ArtifactId experiment, QString reference, CancelToken cancel)
{
    auto matrix = std::make_shared<ExperimentMatrix>();
    ExperimentState &state = matrix->state;
    state.id = experiment;
    matrix->reference = reference;
    const ArtifactRepository &artifacts = m_services.project->artifacts();
    const auto info = artifacts.info(experiment);
    if (!info)
        co_return info.error();
    if (info->kind != ArtifactKind::Experiment)
        co_return Error(ErrorKind::NotFound, QStringLiteral("\"%1\" is no experiment.").arg(info->name));
    state.name = info->name;
    QJsonObject body;
    if (reference.isEmpty()) {
        auto draft = artifacts.draft(experiment);
        if (!draft)
            co_return draft.error();
        body = std::move(draft->body);
    } else {
        auto resolved = artifacts.resolve(ArtifactKind::Experiment, reference);
        if (!resolved)
            co_return resolved.error();
        body = std::move(resolved->body);
    }
    const auto finished = [&] { return std::shared_ptr<ExperimentMatrix>(matrix); };
    auto spec = ExperimentSpec::fromJson(body);
    if (!spec) {
        state.problem = spec.error();
        co_return finished();
    }
    state.spec = std::move(*spec);
    for (const Problem &problem : validateExperiment(state.spec)) {
        if (problem.severity == Problem::Severity::Error && !state.problem)
            state.problem = Error(ErrorKind::InvalidInput, problem.fix.isEmpty() ? problem.message : problem.message + QLatin1Char(' ') + problem.fix);
    }
    const QJsonArray allChecks = state.spec.toJson().value(QLatin1String("checks")).toArray();
    for (size_t i = 0; i < state.spec.checks.size(); ++i) {
        const CheckTypeInfo *type = checkType(state.spec.checks[i].type);
        if (!type || !type->comparesVariants)
            matrix->checksJson.append(allChecks.at(qsizetype(i)));
    }
    QByteArray designs;
    QSet<QString> names;
    for (VariantSpec variant : state.spec.variants) {
        ExperimentVariant shown;
        shown.name = m_variants->nameOf(variant);
        for (int n = 2; names.contains(shown.name); ++n)
            shown.name = QStringLiteral("%1 (%2)").arg(m_variants->nameOf(variant)).arg(n);
        names.insert(shown.name);
        shown.spec = variant;
        auto resolved = co_await m_variants->resolve(std::move(variant));
        if (resolved) {
            shown.uses = resolved->uses;
            designs += resolved->design + '\n';
            matrix->variants.emplace_back(std::move(*resolved));
        } else {
            shown.problem = resolved.error();
            designs += '\n';
            matrix->variants.emplace_back();
            if (!state.problem)
                state.problem = Error(resolved.error().kind, QStringLiteral("%1: %2").arg(shown.name, resolved.error().message));
        }
        state.variants.push_back(std::move(shown));
    }
    const auto resolvedData = artifacts.resolve(ArtifactKind::Dataset, state.spec.dataset);
    auto dataset = m_services.resolver->dataset(state.spec.dataset);
    if (dataset && resolvedData) {
        state.columns = dataset->columns;
        matrix->dataset = std::make_shared<const Dataset>(std::move(*dataset));
        auto rows = rowSelection(state.spec.rows, int(matrix->dataset->rows.size()));
        if (rows)
            matrix->rows = std::move(*rows);
        else if (!state.problem)
            state.problem = rows.error();
        const auto columns = checkColumns(state.spec, matrix->dataset->columns);
        if (columns && !state.problem)
            state.problem = columns;
        if (rows && matrix->rows.empty() && !state.problem)
            state.problem = Error(ErrorKind::InvalidInput, QStringLiteral("The dataset %1 has no rows; add examples to it.").arg(state.spec.dataset));
        designs += resolvedData->hash;
    } else if (!state.problem) {
        state.problem = state.spec.dataset.isEmpty()
            ? Error(ErrorKind::InvalidInput, QStringLiteral("No dataset is chosen; choose the examples to compare with."))
            : (dataset ? resolvedData.error() : dataset.error());
    }
    state.examples = int(matrix->rows.size());
    const qint64 trials = qint64(state.examples) * qint64(state.variants.size()) * matrix->repetitions();
    if (trials > trialsMax) {
        state.problem = Error(ErrorKind::InvalidInput, QStringLiteral("%1 trials are more than an experiment may have (%2); choose fewer rows or repetitions.")
                                                           .arg(trials)
                                                           .arg(trialsMax));
        state.examples = 0;
        matrix->rows.clear();
    }
    matrix->design = json::sha256(designs + '\n' + json::compact(QJsonValue(matrix->checksJson)) + '\n' + state.spec.rows.toUtf8() + '\n'
                                  + state.spec.inputColumn.toUtf8() + '\n' + state.spec.expectedColumn.toUtf8() + '\n'
                                  + QByteArray::number(matrix->repetitions()) + (state.problem ? "p" : ""));
    // Keys: what is executed with which input.
    matrix->cells.resize(size_t(state.examples) * state.variants.size() * size_t(matrix->repetitions()));
    for (size_t i = 0; i < matrix->cells.size(); ++i) {
        const CellId cell = matrix->cellOf(i);
        ExperimentMatrix::Cell &trial = matrix->cells[i];
        trial.repetition = matrix->repetitionOf(i);
        if (const auto &variant = matrix->variants[size_t(cell.variant)])
            trial.key = VariantResolver::trialKey(*variant, matrix->input(i), trial.repetition);
        if (i % pieceSize == pieceSize - 1) {
            const auto slept = co_await m_services.clock->sleep(0, cancel);
            if (!slept)
                co_return slept.error();
        }
    }
    matrix->recount();
    co_return finished();
}

Task<Result<void>> ExperimentLoader::fill(std::shared_ptr<ExperimentMatrix> matrix, CancelToken cancel)
{
    if (!m_services.project->isReadOnly()) { // what this program did until now is found
        const auto flushed = co_await m_services.project->flush();
        if (!flushed)
            co_return flushed.error();
    }
    auto verdicts = co_await m_services.project->experiments().verdicts(matrix->state.id, cancel);
    if (!verdicts)
        co_return verdicts.error();
    matrix->verdicts = std::move(*verdicts);
    for (size_t from = 0; from < matrix->cells.size(); from += pieceSize) {
        const size_t to = std::min(from + pieceSize, matrix->cells.size());
        std::vector<TrialRepository::Query> queries;
        queries.reserve(to - from);
        for (size_t i = from; i < to; ++i) {
            const ExperimentExample example = matrix->example(matrix->cellOf(i).example);
            queries.push_back({matrix->cells[i].key, matrix->checksHash(example)});
        }
        auto found = co_await m_services.project->trials().find(std::move(queries), cancel);
        if (!found)
            co_return found.error();
        for (size_t i = from; i < to; ++i) {
            if (!matrix->cells[i].key.isEmpty())
                matrix->keepFound(i, (*found)[i - from]);
        }
    }
    matrix->recount();
    co_return Result<void>();
}

} // namespace lathe
