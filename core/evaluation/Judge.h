// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Check.h"

namespace lathe {

// One comparison by a model.
struct PairQuestion {
    QString task;        // what both were asked
    QString expected;    // may be empty
    QString rubric;      // empty: a general one
    QString left, right; // the outputs
    PairQuestion() = default;
};

// What the judge said in one order. Winner: 0 the left output, 1 the right one, -1 a tie.
struct PairVerdict {
    bool valid = false; // false: the answer held no verdict, or there was none
    int winner = -1;
    QString reason; // the judge's, or why there is no verdict
    bool operator==(const PairVerdict &) const = default;
};

// Both orders together.
struct PairJudgement {
    bool valid = false;        // one order at least was judged
    int winner = -1;           // 0, 1, -1: a tie
    bool inconsistent = false; // the orders disagreed, so it counts as a tie
    QString reason;            // for people
    PairVerdict forward;       // left shown first
    PairVerdict backward;      // right shown first
    bool operator==(const PairJudgement &) const = default;
};

// Pure parts, any thread. `swapped`: the right output is shown first.
QJsonObject pairValues(const PairQuestion &question, bool swapped);
PairVerdict parsePairVerdict(const QString &answer, bool swapped);
PairJudgement combinePairVerdicts(const PairVerdict &forward, const PairVerdict &backward);

// Asks a model in both orders, at the same time, and combines what it says. `world` must outlive the task. Errors: Cancelled; those of
// the model when it answered in neither order; InvalidInput when no model can be asked.
Task<Result<PairJudgement>> judgePair(PairQuestion question, QString model, const CheckWorld *world,
                                      CancelToken cancel);

} // namespace lathe
