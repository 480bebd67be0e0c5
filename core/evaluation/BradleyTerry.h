// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Statistics.h"

#include <vector>

namespace lathe::statistics {

// One judged comparison; `group`: the example it comes from. Comparisons of one example share
// outputs, so they are not independent.
struct Duel {
    int first = 0, second = 0;
    double share = 0.5; // won by first: 1, 0, or 0.5 for a tie
    int group = 0;
};

struct Strengths {
    std::vector<double> strength; // log scale, mean 0: P(a beats b) = 1 / (1 + exp(s_b - s_a))
    std::vector<double> error;    // standard errors of these
    std::vector<std::vector<double>> covariance; // between them; for the error of a difference
    // Someone never lost, never won, or was never compared: every two were counted as tied once
    // more.
    bool regularised = false;
    bool converged = false; // false: nothing to be said (no duels, over 200 variants)
};

// Bradley and Terry 1952 by maximum likelihood (Newton), a tie half a win each (Davidson's and
// Rao-Kupper's extra parameter is not needed for a ranking). When the likelihood has no maximum
// (Ford 1957: not every variant reaches every other by wins), one more tie between every two keeps
// it finite. Errors from the information; when groups hold several duels and there are at least 20
// groups, from the sandwich that allows for dependence within a group. Any thread. Duels that name
// nobody are ignored.
Strengths bradleyTerry(int variants, const std::vector<Duel> &duels);

} // namespace lathe::statistics
