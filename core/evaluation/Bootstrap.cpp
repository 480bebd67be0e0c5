// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/Bootstrap.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace lathe::statistics {

namespace {

constexpr int FewestResamples = 2'000; // fewer make the ends of the interval jump about
constexpr int ResamplesBetweenLooks = 256;
constexpr int FewestForBootstrap = 12;
constexpr int FewestUncommon = 10;

// The finite values, in one order and with one sign, whatever order and sign they came in.
struct Canonical {
    std::vector<double> values;
    bool negated = false;
};

Canonical canonical(const std::vector<double> &values)
{
    Canonical of;
    std::copy_if(values.begin(), values.end(), std::back_inserter(of.values),
                 [](double value) { return std::isfinite(value); });
    std::sort(of.values.begin(), of.values.end());
    // Which way round: the first of the pairs (smallest, largest), (second smallest, second
    // largest)... that is not even.
    const size_t count = of.values.size();
    for (size_t i = 0; i < count / 2 + count % 2; ++i) {
        const double balance = of.values[i] + of.values[count - 1 - i];
        if (balance != 0) {
            of.negated = balance < 0;
            break;
        }
    }
    if (of.negated) {
        std::reverse(of.values.begin(), of.values.end());
        for (double &value : of.values) {
            value = -value;
        }
    }
    return of;
}

Interval restored(const Canonical &of, Interval interval)
{
    return of.negated ? Interval{-interval.high, -interval.low} : interval;
}

// Linear between the order statistics around it (Hyndman and Fan's type 7), of values that are
// reordered.
double quantile(std::vector<double> &values, double p)
{
    const double place = p * double(values.size() - 1);
    const auto below = size_t(place);
    std::nth_element(values.begin(), values.begin() + qptrdiff(below), values.end());
    const double low = values[below];
    if (below + 1 >= values.size()) {
        return low;
    }
    const double high = *std::min_element(values.begin() + qptrdiff(below) + 1, values.end());
    return low == high ? low : low + (place - double(below)) * (high - low);
}

struct Commonest {
    double value = 0;
    int count = 0;
    double farthest = 0; // distance of the value farthest from it
};

Commonest commonest(const std::vector<double> &sorted)
{
    Commonest best;
    for (size_t i = 0; i < sorted.size();) {
        size_t end = i;
        while (end < sorted.size() && sorted[end] == sorted[i]) {
            ++end;
        }
        if (int(end - i) > best.count) {
            best = {sorted[i], int(end - i), 0};
        }
        i = end;
    }
    if (!sorted.empty()) {
        best.farthest = std::max(sorted.back() - best.value, best.value - sorted.front());
    }
    return best;
}

} // namespace

quint64 Random::next()
{
    quint64 z = (m_state += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

int Effort::affordable(int count) const
{
    const int wanted = std::clamp(resamples, 0, 1'000'000);
    const double may = draws / std::max(1, count);
    const int made = may >= wanted ? wanted : int(may);
    return made < std::min(wanted, FewestResamples) || made < 100 ? 0 : made;
}

Interval bootstrapTInterval(const std::vector<double> &unordered, double level,
                            const Effort &effort)
{
    const Canonical of = canonical(unordered);
    const std::vector<double> &values = of.values;
    const Moments all = moments(values);
    const int resamples = effort.affordable(all.count);
    if (resamples == 0 || all.count < 2 || all.deviation <= 0) {
        return restored(of, skewedInterval(all, level));
    }
    // Standardised first: sums of squares of large numbers that differ little would lose what
    // matters.
    std::vector<double> standard(values.size());
    std::transform(values.begin(), values.end(), standard.begin(),
                   [&](double value) { return (value - all.mean) / all.deviation; });
    Random random(effort.seed);
    const auto count = quint32(all.count);
    const double n = all.count;
    std::vector<double> statistic;
    statistic.reserve(size_t(resamples));
    for (int resample = 0; resample < resamples; ++resample) {
        if (resample % ResamplesBetweenLooks == 0 && effort.isCancelled()) {
            return {all.mean, all.mean};
        }
        double sum = 0, squares = 0;
        for (quint32 i = 0; i < count; ++i) {
            const double value = standard[random.below(count)];
            sum += value;
            squares += value * value;
        }
        const double mean = sum / n;
        const double variance = (squares - sum * mean) / (n - 1);
        // The same example n times over: no error of its own, so as far out as can be.
        const double error = variance > 1e-12 ? std::sqrt(variance / n) : 0;
        statistic.push_back(error > 0 ? mean / error : mean == 0 ? 0 : std::copysign(1e9, mean));
    }
    const double error = all.deviation / std::sqrt(n);
    const double upper = quantile(statistic, (1 + level) / 2);
    const double lower = quantile(statistic, (1 - level) / 2);
    return restored(of, {all.mean - upper * error, all.mean - lower * error});
}

Interval meanInterval(const std::vector<double> &values, double scale, const Effort &effort)
{
    const Canonical of = canonical(values);
    const Moments all = moments(of.values);
    if (all.count < 2) {
        return restored(of, {all.mean, all.mean});
    }
    const Commonest common = commonest(of.values);
    if (all.count - common.count < FewestUncommon && 2 * common.count >= all.count) {
        std::vector<double> more = of.values;
        const double distance = scale > 0 ? scale : common.farthest;
        more.push_back(common.value - distance);
        more.push_back(common.value + distance);
        const Moments wider = moments(more);
        // Bonett and Price take n + 2 where the deviation takes n + 1, and the normal distribution.
        const double half = normalQuantile(1 - Alpha / 2) * wider.deviation
                            * std::sqrt((wider.count - 1.0) / wider.count) / std::sqrt(wider.count);
        return restored(of, {wider.mean - half, wider.mean + half});
    }
    if (all.count < FewestForBootstrap) {
        return restored(of, studentInterval(all));
    }
    return restored(of, bootstrapTInterval(of.values, Level, effort));
}

Interval shareDifferenceInterval(const std::vector<double> &differences, const Effort &effort)
{
    if (differences.empty()) {
        return {-1, 1};
    }
    int wins = 0, losses = 0, others = 0;
    for (const double difference : differences) {
        wins += difference == 1;
        losses += difference == -1;
        others += difference != 0;
    }
    if (others == wins + losses) {
        return bonettPriceInterval(wins, losses, int(differences.size()));
    }
    const Interval wide = meanInterval(differences, 1, effort);
    return {std::clamp(wide.low, -1.0, 1.0), std::clamp(wide.high, -1.0, 1.0)};
}

} // namespace lathe::statistics
