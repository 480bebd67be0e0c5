// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

// Distributions and closed-form intervals. Pure functions; any thread. Distributions are GSL's; its
// error handler, which would abort, is turned off before the first use. Bad input gives NaN or the
// widest interval, never a crash.
namespace lathe::statistics {

struct Interval {
    double low = 0, high = 0;
    bool operator==(const Interval &) const = default;
};

constexpr double Level = 0.95;      // of every interval
constexpr double Alpha = 1 - Level; // of every test
constexpr double Power = 0.8;       // of "how many more examples"
constexpr int FewestExamples = 5;   // below this nothing is called better, whatever the numbers

// Of the standard normal and of Student's t.
double normalCdf(double z);
double normalQuantile(double p);
double studentQuantile(double p, double degreesOfFreedom);
// P(X <= k), X binomial(n, p).
double binomialCdf(int k, int n, double p);

struct Moments {
    int count = 0;
    double mean = 0;
    double deviation = 0; // with n - 1
    double skewness = 0;  // m3 / m2^1.5; 0 when all are the same
};
Moments moments(const std::vector<double> &values);

// Of a proportion: Wilson's score interval (1927). Counts may be fractional: an effective number of
// trials. n = 0: 0 to 1.
Interval wilsonInterval(double successes, double n);
// Of a mean share over examples of which each gave a share of its own (repetitions, ties): Wilson's
// with the effective number of trials that the spread between examples shows (Korn and Graubard
// 1998; Franco et al. 2019), at most `most`.
Interval clusteredShareInterval(const std::vector<double> &shares, double most);

// Of the difference of two paired proportions (wins - losses) / n: Wald's after Bonett and Price
// (2012), recommended by Fagerland, Lydersen and Laake (2014). It holds its level for few examples
// and for shares near 0 and 1, where the bootstrap collapses: computed exactly over 36 settings of
// the shares it covers at least 94.2 % at n = 30 and 93.7 % at n = 100, and at most 97.6 % where a
// fifth of the examples differ. (Tango's score interval, as wide, goes down to 93.0 % and 93.4 %.)
Interval bonettPriceInterval(int wins, int losses, int n);

// Of a mean: Student's t; and Hall's (1992) second-order correction of it for skewness, the limit
// of the studentised bootstrap.
Interval studentInterval(const Moments &of);
Interval skewedInterval(const Moments &of, double level);

// Holm 1979: adjusted p-values in the order given.
std::vector<double> holm(const std::vector<double> &pValues);

// How many examples a test at `alpha` needs to see, with Power, a mean difference that is as large
// as this one. -1: not known (no difference, or over a million).
int examplesNeeded(double difference, double deviation, double alpha);
// The same for McNemar's test: shares of examples won and lost (Connor 1987, with the continuity of
// the exact test).
int examplesNeededForShares(double won, double lost, double alpha);

} // namespace lathe::statistics
