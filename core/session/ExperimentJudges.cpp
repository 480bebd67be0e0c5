// SPDX-License-Identifier: GPL-3.0-or-later
// Model judges, and checks that compare variants: the part of a sitting that comes when the trials are done.
#include "core/session/ExperimentExecution.h"

#include "core/evaluation/Judge.h"

#include <set>

namespace lathe {

namespace {
// What was asked while one pair was judged.
struct JudgeLog {
    std::vector<RunId> runs;
    std::optional<Error> failure;
};

Task<Result<QString>> askLogged(TrialChecks *checks, std::shared_ptr<JudgeLog> log, JudgeCall call, ArtifactId experiment, QString role,
                                CancelToken cancel)
{
    RunId run;
    auto answer = co_await checks->ask(std::move(call), experiment, std::move(role), &run, cancel);
    if (run.isValid())
        log->runs.push_back(run);
    if (!answer)
        log->failure = answer.error();
    co_return answer;
}
}

Task<> ExperimentExecution::judgeAll(int atOnce)
{
    const auto self = shared_from_this();
    const ExperimentMatrix &matrix = *m_matrix;
    const int variants = int(matrix.variants.size());
    const auto pairs = std::make_shared<std::deque<Pair>>();
    ExperimentProgress &progress = m_matrix->state.progress;
    progress.judgeTotal = progress.judgeDone = 0;
    const ExperimentMatrix::Places places(matrix);
    for (const JudgeSpec &judge : matrix.state.spec.judges) {
        if (judge.kind != QLatin1String("model"))
            continue;
        std::set<std::array<int, 3>> known;
        for (const Verdict &verdict : matrix.verdicts) {
            if (verdict.judge != judge.id || verdict.kind != judge.kind || verdict.author != judge.model || verdict.shown.size() != 2)
                continue;
            if (const auto where = places.of(verdict))
                known.insert({where->example, std::min(where->variants[0], where->variants[1]), std::max(where->variants[0], where->variants[1])});
        }
        for (int example = 0; example < matrix.state.examples; ++example) {
            for (int left = 0; left < variants; ++left) {
                for (int right = left + 1; right < variants; ++right) {
                    if (!matrix.judged(left, example) || !matrix.judged(right, example))
                        continue;
                    ++progress.judgeTotal;
                    if (known.contains({example, left, right}))
                        ++progress.judgeDone;
                    else
                        pairs->push_back(Pair{&judge, example, left, right});
                }
            }
        }
    }
    m_enough = false;
    m_failuresInRow = 0;
    std::vector<Task<>> workers;
    for (int i = 0; i < atOnce && !pairs->empty(); ++i)
        workers.push_back(judgeWork(pairs));
    for (auto &worker : workers)
        co_await worker;
}

Task<> ExperimentExecution::judgeWork(std::shared_ptr<std::deque<Pair>> pairs)
{
    const auto self = shared_from_this();
    while (!pairs->empty() && !m_cancel.isCancelled() && !m_enough) {
        const Pair pair = pairs->front();
        pairs->pop_front();
        co_await judgePair(pair);
    }
}

Task<> ExperimentExecution::judgePair(Pair pair)
{
    const auto self = shared_from_this();
    const auto *left = m_matrix->judged(pair.left, pair.example);
    const auto *right = m_matrix->judged(pair.right, pair.example);
    if (!left || !right)
        co_return;
    const ExperimentExample example = m_matrix->example(pair.example);
    PairQuestion question;
    question.task = example.input;
    if (!example.expected.isUndefined() && !example.expected.isNull())
        question.expected = example.expected.isString() ? example.expected.toString() : json::compactString(example.expected);
    question.rubric = pair.judge->rubric;
    question.left = wholeText(*left);
    question.right = wholeText(*right);
    // The judge's calls are runs; a call that the provider failed must not turn into a tie.
    const auto seen = std::make_shared<JudgeLog>();
    CheckWorld world = *m_checks.world();
    const ArtifactId experiment = m_matrix->state.id;
    const QString role = QStringLiteral("judge:") + pair.judge->id;
    TrialChecks *const checks = &m_checks;
    world.judge = [seen, checks, experiment, role](JudgeCall call, CancelToken cancel) {
        return askLogged(checks, seen, std::move(call), experiment, role, cancel);
    };
    const QString model = pair.judge->model;
    auto judgement = co_await lathe::judgePair(std::move(question), model, &world, m_cancel.token());
    if (m_cancel.isCancelled())
        co_return;
    if (seen->failure && !TrialRunner::isAnswer(RunStatus::Failed, seen->failure)) {
        countFailure(*seen->failure);
        co_return;
    }
    m_failuresInRow = 0;
    Verdict verdict;
    verdict.experiment = experiment;
    verdict.judge = pair.judge->id;
    verdict.kind = QStringLiteral("model");
    verdict.example = m_matrix->exampleHash(pair.example);
    verdict.shown = {left->id, right->id};
    verdict.author = model;
    verdict.runs = seen->runs;
    ++m_matrix->state.progress.judgeDone;
    if (!judgement || !judgement->valid) {
        // Nonsense is no verdict: it is said, not counted.
        m_matrix->state.notice = QStringLiteral("The judge %1 gave no verdict on example %2: %3")
                                     .arg(model)
                                     .arg(example.row + 1)
                                     .arg(judgement ? judgement->reason : judgement.error().message);
    } else {
        verdict.winner = judgement->winner;
        verdict.reasons = judgement->reason;
        m_matrix->verdicts.push_back(verdict);
        const auto added = co_await m_services.project->experiments().add(std::move(verdict));
        if (!added)
            m_matrix->state.notice = added.error().message;
        if (m_hooks.verdicts)
            m_hooks.verdicts();
    }
    if (m_hooks.changed)
        m_hooks.changed(CellId{pair.left, pair.example});
}

// select-best and its like: one model looks at the outputs of all variants of an example.
Task<> ExperimentExecution::compareAll()
{
    const auto self = shared_from_this();
    ExperimentMatrix &matrix = *m_matrix;
    const auto &specs = matrix.state.spec.checks;
    const int variants = int(matrix.variants.size());
    for (size_t c = 0; c < specs.size(); ++c) {
        const CheckTypeInfo *info = checkType(specs[c].type);
        if (!info || !info->comparesVariants)
            continue;
        for (int at = 0; at < matrix.state.examples && !m_cancel.isCancelled(); ++at) {
            for (int repetition = 0; repetition < matrix.repetitions() && !m_cancel.isCancelled(); ++repetition) {
                std::vector<CheckInput> inputs;
                const ExperimentExample example = matrix.example(at);
                for (int variant = 0; variant < variants; ++variant) {
                    const auto &cell = matrix.cells[matrix.index(variant, at, repetition)];
                    if (cell.status == TrialStatus::Done && cell.answered)
                        inputs.push_back(TrialChecks::inputOf(example, wholeText(cell), cell));
                }
                if (int(inputs.size()) != variants)
                    continue; // somebody has no answer: there is nothing to choose from
                CheckSpec spec = specs[c];
                auto results = co_await runComparison(std::move(spec), std::move(inputs), m_checks.world(), m_cancel.token());
                if (m_cancel.isCancelled() || int(results.size()) != variants)
                    continue;
                for (int variant = 0; variant < variants; ++variant) {
                    auto &cell = matrix.cells[matrix.index(variant, at, repetition)];
                    const TrialCheck view = TrialChecks::viewOf(specs[c], int(c), results[size_t(variant)]);
                    std::erase_if(cell.checks, [&view](const TrialCheck &check) { return check.id == view.id; });
                    cell.checks.push_back(view);
                    TrialChecks::combine(&cell);
                    if (m_hooks.changed)
                        m_hooks.changed(CellId{variant, at});
                }
            }
        }
    }
}

} // namespace lathe
