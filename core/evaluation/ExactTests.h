// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Bootstrap.h"

#include <vector>

// Two-sided tests of "no difference". Pure functions; any thread.
namespace lathe::statistics {

// Exact McNemar test, which is the exact sign test: wins and losses are equally likely. 1 when
// there are neither.
double signTest(int wins, int losses);

// Sign-flip permutation test (Fisher 1935; Pitman 1937) that paired differences lie symmetrically
// about 0. Exact over all 2^m signs for up to 20 that are not 0 (`exact` says so); beyond, Monte
// Carlo, (1 + as extreme) / (1 + resamples) (Phipson and Smyth 2010); where the effort affords
// none, the normal limit. For differences of -1, 0, 1 the exact sign test, whatever their number.
// The order of the differences and a common change of sign change nothing.
double signFlipTest(const std::vector<double> &differences, const Effort &effort,
                    bool *exact = nullptr);

} // namespace lathe::statistics
