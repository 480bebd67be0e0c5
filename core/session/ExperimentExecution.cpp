// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/ExperimentExecution.h"

#include <QThreadPool>

namespace lathe {

namespace {
constexpr size_t claimAtOnce = 256;
constexpr qint64 pollMs = 200;          // of what another program executes
constexpr qint64 considerEveryUs = 500'000;
constexpr int considerFrom = 8;         // examples
constexpr qsizetype excerptLength = 500;

// Whether one variant is surely better than every other; what the others are among themselves is not the question.
bool leaderIsSure(const MetricResult &metric, int variants)
{
    for (int leader = 0; leader < variants; ++leader) {
        int beaten = 0;
        for (const PairResult &pair : metric.pairs) {
            const int winner = (pair.difference > 0) == metric.higherIsBetter ? pair.second : pair.first;
            beaten += pair.mayStop && pair.difference != 0 && winner == leader;
        }
        if (beaten == variants - 1)
            return true;
    }
    return false;
}
}

Task<ComparisonResult> compareInPool(std::vector<MetricTable> tables, ComparisonOptions options)
{
    Mailbox mailbox; // here as long as the coroutine, which waits for its one post
    Mailbox *const back = &mailbox;
    Completion<ComparisonResult> done;
    QThreadPool::globalInstance()->start([tables = std::move(tables), options, back, done] {
        auto result = std::make_shared<ComparisonResult>(compareVariants(tables, options));
        back->post([done, result] { done.complete(std::move(*result)); });
    });
    ComparisonResult result = co_await done;
    co_return result;
}

ExperimentExecution::ExperimentExecution(const ExperimentServices &services, VariantResolver *variants, TrialRunner *runner,
                                         std::shared_ptr<ExperimentMatrix> matrix, Hooks hooks)
    : m_services(services), m_runner(runner), m_checks(services, runner, variants), m_matrix(std::move(matrix)), m_hooks(std::move(hooks))
{
    m_checks.experiment = m_matrix->state.id;
    for (const JudgeSpec &judge : m_matrix->state.spec.judges) {
        if (!judge.model.isEmpty() && m_checks.gradingModel.isEmpty())
            m_checks.gradingModel = judge.model;
    }
}

void ExperimentExecution::stop()
{
    m_cancel.cancel();
}

Task<> ExperimentExecution::run(int atOnce, bool judge)
{
    const auto self = shared_from_this();
    ExperimentState &state = m_matrix->state;
    m_atOnce = std::clamp(atOnce, 1, 256);
    m_startUs = m_services.clock->nowUs();
    m_consideredUs = m_startUs;
    // All variants of an example follow each other, so that pairs are complete early.
    const int repetitions = m_matrix->repetitions();
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        for (int example = 0; example < state.examples; ++example) {
            for (int variant = 0; variant < int(m_matrix->variants.size()); ++variant) {
                const size_t index = m_matrix->index(variant, example, repetition);
                const auto &cell = m_matrix->cells[index];
                if (m_matrix->variants[size_t(variant)] && !(cell.answered && cell.checked))
                    m_pending.push_back(index);
            }
        }
    }
    std::reverse(m_pending.begin(), m_pending.end());
    std::vector<Task<>> workers;
    for (int i = 0; i < m_atOnce; ++i)
        workers.push_back(work());
    for (auto &worker : workers)
        co_await worker;
    giveBack();
    if (!m_cancel.isCancelled() && !m_enough)
        co_await compareAll();
    if (judge && !m_cancel.isCancelled() && (!m_enough || state.stoppedEarly))
        co_await judgeAll(m_atOnce);
    state.progress.secondsLeft = -1;
    if (!m_services.project->isReadOnly()) {
        const auto flushed = co_await m_services.project->flush();
        if (!flushed)
            state.notice = flushed.error().message;
    }
}

Task<> ExperimentExecution::work()
{
    const auto self = shared_from_this();
    for (;;) {
        auto claimed = co_await next();
        if (!claimed)
            co_return;
        co_await execute(std::move(*claimed));
    }
}

Task<std::optional<ExperimentExecution::Claimed>> ExperimentExecution::next()
{
    const auto self = shared_from_this();
    const auto permit = co_await m_door.acquire();
    while (m_claimed.empty()) {
        if (m_cancel.isCancelled() || m_enough)
            co_return std::nullopt;
        if (m_pending.empty() && m_elsewhere.empty())
            co_return std::nullopt;
        if (m_pending.empty()) {
            m_matrix->state.notice = QStringLiteral("Another program executes %1 of the trials; waiting for it.").arg(m_elsewhere.size());
            const auto slept = co_await m_services.clock->sleep(pollMs, m_cancel.token());
            if (!slept)
                co_return std::nullopt;
            std::vector<size_t> again = std::exchange(m_elsewhere, {});
            const auto claimed = co_await claim(&again, again.size());
            if (!claimed) {
                m_matrix->state.notice = claimed.error().message;
                m_enough = true;
            }
            if (m_elsewhere.empty() && !m_enough)
                m_matrix->state.notice.clear();
            continue;
        }
        const auto claimed = co_await claim(&m_pending, claimAtOnce);
        if (!claimed) {
            m_matrix->state.notice = claimed.error().message;
            m_enough = true;
        }
    }
    if (m_cancel.isCancelled() || m_enough)
        co_return std::nullopt;
    Claimed first = std::move(m_claimed.front());
    m_claimed.pop_front();
    co_return first;
}

Task<Result<void>> ExperimentExecution::claim(std::vector<size_t> *from, size_t most)
{
    const auto self = shared_from_this();
    std::vector<size_t> taken;
    std::vector<TrialRepository::Claim> claims;
    while (!from->empty() && taken.size() < most) {
        const size_t index = from->back();
        from->pop_back();
        taken.push_back(index);
        claims.push_back({m_matrix->cells[index].key, m_matrix->state.id,
                          m_matrix->state.variants[size_t(m_matrix->cellOf(index).variant)].spec.id});
    }
    auto found = co_await m_services.project->trials().claim(std::move(claims));
    if (!found)
        co_return found.error();
    for (size_t i = 0; i < taken.size(); ++i) {
        if ((*found)[i].elsewhere)
            m_elsewhere.push_back(taken[i]);
        else
            m_claimed.push_back(Claimed{taken[i], std::move((*found)[i])});
    }
    co_return Result<void>();
}

void ExperimentExecution::giveBack()
{
    std::vector<TrialId> unused;
    for (const Claimed &claimed : m_claimed)
        unused.push_back(claimed.trial.trial.id);
    m_claimed.clear();
    m_services.project->trials().release(std::move(unused));
}

void ExperimentExecution::report(size_t index)
{
    if (m_hooks.changed)
        m_hooks.changed(m_matrix->cellOf(index));
}

Task<> ExperimentExecution::execute(Claimed claimed)
{
    const auto self = shared_from_this();
    const size_t index = claimed.index;
    const CellId at = m_matrix->cellOf(index);
    ExperimentMatrix::Cell *cell = &m_matrix->cells[index];
    ExperimentProgress &progress = m_matrix->state.progress;
    const bool wasFailed = cell->status == TrialStatus::Failed;
    const bool known = claimed.trial.run && claimed.trial.run->status == RunStatus::Done;
    cell->status = TrialStatus::Running;
    cell->output.clear();
    cell->error.reset();
    cell->answered = cell->checked = false;
    cell->id = claimed.trial.trial.id;
    progress.failed -= wasFailed;
    ++progress.running;
    report(index);
    const ExperimentExample example = m_matrix->example(at.example);
    TrialJob job;
    const ResolvedVariant &variant = *m_matrix->variants[size_t(at.variant)];
    job.blueprint = variant.blueprint;
    job.input = variant.input(example.input, example.vars);
    job.key = cell->key;
    job.experiment = m_matrix->state.id;
    job.variant = m_matrix->state.variants[size_t(at.variant)].spec.id;
    job.begun = [this, cell, index](RunId run) {
        cell->run = run;
        report(index);
    };
    if (m_hooks.watched) {
        job.sink = [this, cell, index](const RunEvent &event) {
            if (event.kind != RunEventKind::StepDelta || event.channel != DeltaChannel::Text || cell->output.size() >= excerptLength)
                return;
            cell->output = (cell->output + event.text).left(excerptLength);
            report(index);
        };
    }
    const TrialId trial = cell->id;
    auto outcome = co_await m_runner->run(std::move(job), std::move(claimed.trial), m_cancel.token());
    --progress.running;
    TrialScore score;
    if (outcome) {
        takeOutcome(index, *outcome);
        if (cell->answered) {
            TrialView view = *cell;
            co_await m_checks.evaluate(m_matrix->state.spec.checks, example, outcome->run.output, &view, m_cancel.token());
            cell->checks = std::move(view.checks);
            cell->checked = view.checked;
            cell->passed = view.passed;
            cell->score = view.score;
            if (cell->checked) {
                score.trial = trial;
                score.checksHash = m_matrix->checksHash(example);
                score.result = TrialChecks::toJson(*cell);
                ++progress.done;
                progress.shared += cell->shared;
                m_executed += !known;
            }
        }
    } else {
        const bool stoppedNow = outcome.error().kind == ErrorKind::Cancelled;
        cell->status = stoppedNow ? TrialStatus::Pending : TrialStatus::Failed;
        if (!stoppedNow) {
            cell->error = outcome.error();
            ++progress.failed;
            countFailure(outcome.error());
        }
    }
    m_services.project->trials().finish(trial, std::move(score));
    estimate();
    report(index);
    if (!m_considering && m_services.clock->nowUs() - m_consideredUs >= considerEveryUs)
        considerStopping();
}

void ExperimentExecution::takeOutcome(size_t index, const TrialOutcome &outcome)
{
    ExperimentMatrix::Cell &cell = m_matrix->cells[index];
    ExperimentProgress &progress = m_matrix->state.progress;
    cell.run = outcome.run.run;
    cell.output = outcome.run.output.left(excerptLength);
    cell.error = outcome.run.error;
    cell.usage = outcome.run.usage;
    cell.latencyUs = outcome.run.durationUs;
    cell.shared = outcome.shared;
    cell.answered = outcome.answered;
    if (!outcome.shared) {
        progress.costUsd += outcome.run.usage.costUsd;
        progress.costKnown = progress.costKnown && outcome.run.usage.costKnown;
    }
    if (outcome.run.status == RunStatus::Done) {
        cell.status = TrialStatus::Done;
        m_failuresInRow = 0;
    } else if (outcome.run.status == RunStatus::Failed) {
        cell.status = TrialStatus::Failed;
        ++progress.failed;
        if (outcome.answered)
            m_failuresInRow = 0;
        else
            countFailure(outcome.run.error.value_or(Error()));
    } else {
        cell.status = TrialStatus::Pending;
        cell.output.clear();
        cell.error.reset();
    }
}

void ExperimentExecution::countFailure(const Error &error)
{
    if (m_enough || m_cancel.isCancelled())
        return;
    ++m_failuresInRow;
    const bool hopeless = error.kind == ErrorKind::Auth || error.kind == ErrorKind::NotFound || error.kind == ErrorKind::ProjectFile;
    if (!hopeless && m_failuresInRow < std::max(3, m_atOnce))
        return;
    m_enough = true;
    const ExperimentProgress &progress = m_matrix->state.progress;
    m_matrix->state.notice = QStringLiteral("Stopped after %1 of %2 trials: %3 What is done is kept; start again to go on with the rest.")
                                 .arg(progress.done)
                                 .arg(progress.total)
                                 .arg(error.message);
}

void ExperimentExecution::estimate()
{
    ExperimentProgress &progress = m_matrix->state.progress;
    const double seconds = double(m_services.clock->nowUs() - m_startUs) / 1e6;
    progress.secondsLeft = m_executed > 0 ? seconds / m_executed * (progress.total - progress.done) : -1;
}

Task<> ExperimentExecution::considerStopping()
{
    const auto self = shared_from_this();
    const std::shared_ptr<ExperimentMatrix> matrix = m_matrix;
    if (matrix->state.progress.done < considerFrom * int(matrix->variants.size()) || matrix->variants.size() < 2)
        co_return;
    m_considering = true;
    m_consideredUs = m_services.clock->nowUs();
    ComparisonOptions options;
    options.decideBy = matrix->state.spec.decideBy;
    options.resamples = 200; // the always-valid test needs none
    std::vector<MetricTable> tables = matrix->tables([this](RunId run) {
        const auto info = m_services.project->runs().run(run);
        return info ? info->output : QString();
    });
    matrix->keepFinished(&tables);
    if (!tables.empty()) {
        const ComparisonResult result = co_await compareInPool(std::move(tables), std::move(options));
        // The session may be gone: from here on nothing of m_services.
        const int decided = result.decidedBy;
        const bool sure = decided >= 0 && decided < int(result.metrics.size()) && leaderIsSure(result.metrics[size_t(decided)], int(matrix->variants.size()));
        matrix->state.mayStop = sure;
        if (sure && matrix->state.spec.stopEarly && !m_enough && !m_cancel.isCancelled()) {
            m_enough = true;
            matrix->state.stoppedEarly = true;
            matrix->state.notice = QStringLiteral("Stopped early after %1 of %2 trials: the difference is sure enough (%3)")
                                       .arg(matrix->state.progress.done)
                                       .arg(matrix->state.progress.total)
                                       .arg(result.metrics[size_t(decided)].sentence);
        }
    }
    m_considering = false;
}

QString ExperimentExecution::wholeText(const TrialView &trial) const
{
    if (trial.output.size() < excerptLength)
        return trial.output;
    const auto info = m_services.project->runs().run(trial.run);
    return info ? info->output : trial.output;
}

} // namespace lathe
