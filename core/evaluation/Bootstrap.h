// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Statistics.h"

#include <QtGlobal>

#include <functional>
#include <vector>

// Resampling: intervals of means. Pure functions; any thread. The same values in any order, with
// the same seed, give the same interval, and values of the other sign its mirror image.
namespace lathe::statistics {

// Random numbers that are the same on every computer: SplitMix64 (Steele, Lea, Flood 2014).
class Random
{
public:
    explicit Random(quint64 seed) : m_state(seed) {}
    quint64 next();
    double uniform() { return double(next() >> 11) * 0x1.0p-53; } // [0, 1)
    // Below `bound` (at most 2^31); the bias of the multiplication is under bound / 2^32.
    quint32 below(quint32 bound) { return quint32(((next() >> 32) * bound) >> 32); }

private:
    quint64 m_state;
};

// How much resampling may cost, and who may end it.
struct Effort {
    int resamples = 10'000;
    // At most this many values are drawn for one interval or test; fewer resamples are made.
    double draws = 5e7;
    quint64 seed = 0;
    std::function<bool()> cancelled; // true: end soon; what is returned then means nothing
    bool isCancelled() const { return cancelled && cancelled(); }
    // Resamples of `count` values; 0 when fewer than 2,000 (or than asked for) could be afforded:
    // use the limit formula.
    int affordable(int count) const;
};

// Studentised bootstrap (Efron 1979; Hall 1988): resamples t = (mean* - mean) / error* and turns
// its quantiles around. Second-order correct, so it keeps its level on skewed numbers, where the
// percentile interval and BCa fall short.
Interval bootstrapTInterval(const std::vector<double> &values, double level, const Effort &effort);

// What is used, for the mean of a number over examples:
// - few values that differ from the commonest (under 10, and at least half are the commonest): the
// interval of Bonett and Price (2012), two made-up examples added at commonest +- scale; `scale` 0:
// the largest distance seen;
// - fewer than 12 values: Student's t;
// - more values than the effort affords: Hall's formula, which is what the bootstrap tends to;
// - else the studentised bootstrap.
// Fewer than two values: low = high = the value.
Interval meanInterval(const std::vector<double> &values, double scale, const Effort &effort);

// The interval of mean paired differences of shares (each difference in [-1, 1]): Bonett and
// Price's when each is -1, 0 or 1 (one repetition, one judgement), else meanInterval() with scale
// 1, cut to [-1, 1].
Interval shareDifferenceInterval(const std::vector<double> &differences, const Effort &effort);

} // namespace lathe::statistics
