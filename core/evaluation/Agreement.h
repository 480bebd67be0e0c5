// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Comparison.h"
#include "core/evaluation/Statistics.h"

#include <vector>

namespace lathe::statistics {

struct Kappa {
    int cases = 0;
    double observed = 0; // share of cases on which both say the same
    double kappa = 0;
    double error = 0; // standard error for large samples: Fleiss, Cohen and Everitt 1969
    Interval interval{-1, 1};
    bool known = false; // false: fewer than 5 cases, or both always say one and the same thing
};

// Cohen's kappa (1960) of a square table of counts, rows one judge, columns the other. The interval
// is kappa +- 1.96 errors; with under 20 cases, or an error of 0 (they always agree), it is
// Wilson's of the observed agreement, set against chance.
Kappa cohenKappa(const std::vector<std::vector<int>> &table);

// Of every two metrics of which one is a preference and the other a preference, a pass/fail or
// stars: whether they order the variants of an example alike (left, right, tie). Cases are the
// pairs that both judged; where an example gives several, the error is the jackknife's over
// examples.
std::vector<Agreement> agreements(const std::vector<MetricTable> &metrics);

} // namespace lathe::statistics
