// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Id.h"

#include <QString>

#include <cmath>
#include <limits>
#include <vector>

namespace lathe {

// What one variant made of one example: its repetitions taken together. A value for views.
struct TrialCell {
    enum class State { None, Running, Done, Failed }; // Failed: no repetition gave an output
    State state = State::None;
    int trials = 0; // that ended
    int passed = 0; // of them, by all checks
    bool checked = false; // `passed` means something
    double score = std::numeric_limits<double>::quiet_NaN(); // 0..1, mean of the repetitions; NaN: not measured
    QString output; // beginning, of the first repetition; of a failed one the error
    RunId run;      // of the first repetition
    qint64 durationUs = 0;

    bool allPassed() const { return checked && trials > 0 && passed == trials; }
    bool somethingFailed() const { return state == State::Failed || (checked && trials > 0 && passed < trials); }
    bool hasScore() const { return !std::isnan(score); }
};

// One example of the dataset with its cells, in the order of the variants.
struct TrialRow {
    int example = 0; // row of the dataset, from 0
    QString input;   // beginning
    std::vector<TrialCell> cells;
    // Largest score minus smallest; NaN when fewer than two are measured.
    double spread() const;
    // Verdicts, or, where nothing was checked, outputs are not all the same.
    bool differs() const;
};

} // namespace lathe
