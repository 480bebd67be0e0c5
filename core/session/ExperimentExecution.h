// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/ExperimentMatrix.h"
#include "core/session/TrialChecks.h"

namespace lathe {

// One sitting of an experiment: executes what has no outcome yet, some at a time, then asks the model judges. Main thread; kept alive
// by its own coroutines.
class ExperimentExecution : public std::enable_shared_from_this<ExperimentExecution>
{
public:
    struct Hooks {
        std::function<void(CellId)> changed;  // a cell or the progress
        std::function<void()> verdicts;       // new ones of model judges
        bool watched = false;                 // somebody wants to see texts while they stream
    };
    ExperimentExecution(const ExperimentServices &services, VariantResolver *variants, TrialRunner *runner,
                        std::shared_ptr<ExperimentMatrix> matrix, Hooks hooks);
    // Ends when nothing is under way any more.
    Task<> run(int atOnce, bool judge);
    void stop(); // within 100 ms
    bool stopped() const { return m_cancel.isCancelled(); }

private:
    struct Claimed {
        size_t index = 0;
        FoundTrial trial;
    };
    Task<> work();
    Task<std::optional<Claimed>> next();
    Task<Result<void>> claim(std::vector<size_t> *from, size_t most);
    Task<> execute(Claimed claimed);
    void takeOutcome(size_t index, const TrialOutcome &outcome);
    void countFailure(const Error &error);
    Task<> considerStopping();
    void estimate();
    void giveBack();
    void report(size_t index);
    // Judges.
    struct Pair {
        const JudgeSpec *judge = nullptr;
        int example = 0, left = 0, right = 0;
    };
    Task<> judgeAll(int atOnce);
    Task<> judgeWork(std::shared_ptr<std::deque<Pair>> pairs);
    Task<> judgePair(Pair pair);
    Task<> compareAll(); // checks that compare variants
    QString wholeText(const TrialView &trial) const;

    ExperimentServices m_services;
    TrialRunner *m_runner;
    TrialChecks m_checks;
    std::shared_ptr<ExperimentMatrix> m_matrix;
    Hooks m_hooks;
    CancelSource m_cancel;
    AsyncSemaphore m_door{1}; // one claims at a time
    std::vector<size_t> m_pending; // in reverse order
    std::vector<size_t> m_elsewhere;
    std::deque<Claimed> m_claimed;
    bool m_enough = false; // start no more trials
    int m_atOnce = 1;
    int m_failuresInRow = 0;
    int m_executed = 0;
    qint64 m_startUs = 0;
    qint64 m_consideredUs = 0;
    bool m_considering = false;
};

// The comparison in a thread of the pool.
Task<ComparisonResult> compareInPool(std::vector<MetricTable> tables, ComparisonOptions options);

} // namespace lathe
