// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/Statistics.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace lathe::statistics {

namespace {

constexpr int MostExamples = 1'000'000; // beyond this "so many more" is no advice
// Run before main: whoever uses this file links it. GSL's own handler aborts the program.
[[maybe_unused]] const auto gslFormerHandler = gsl_set_error_handler_off();

double upperZ()
{
    return normalQuantile(1 - Alpha / 2);
}

int boundedCount(double n)
{
    return std::isfinite(n) && n <= MostExamples ? std::max(1, int(std::ceil(n))) : -1;
}

} // namespace

double normalCdf(double z)
{
    return gsl_cdf_ugaussian_P(z);
}

double normalQuantile(double p)
{
    return p > 0 && p < 1 ? gsl_cdf_ugaussian_Pinv(p) : std::numeric_limits<double>::quiet_NaN();
}

double studentQuantile(double p, double degreesOfFreedom)
{
    if (!(p > 0 && p < 1 && degreesOfFreedom > 0)) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    return gsl_cdf_tdist_Pinv(p, degreesOfFreedom);
}

double binomialCdf(int k, int n, double p)
{
    if (n < 0 || !(p >= 0 && p <= 1)) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (k < 0) {
        return 0;
    }
    return k >= n ? 1 : gsl_cdf_binomial_P(unsigned(k), p, unsigned(n));
}

Moments moments(const std::vector<double> &values)
{
    Moments m;
    m.count = int(values.size());
    if (values.empty()) {
        return m;
    }
    m.mean = std::accumulate(values.begin(), values.end(), 0.0) / m.count;
    double second = 0, third = 0;
    for (const double value : values) {
        const double off = value - m.mean;
        second += off * off;
        third += off * off * off;
    }
    // What rounding alone leaves of equal values is no spread.
    const double noise = std::abs(m.mean) * 1e-14;
    if (values.size() > 1 && second > noise * noise * m.count) {
        m.deviation = std::sqrt(second / (m.count - 1));
        const double variance = second / m.count;
        m.skewness = third / m.count / std::pow(variance, 1.5);
        if (!std::isfinite(m.skewness)) {
            m.skewness = 0;
        }
    }
    return m;
}

Interval wilsonInterval(double successes, double n)
{
    if (!(n > 0) || !(successes >= 0)) {
        return {0, 1};
    }
    const double p = std::min(1.0, successes / n);
    const double z2 = upperZ() * upperZ();
    const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
    const double half = std::sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n))) / (1 + z2 / n);
    // At the ends the formula gives 0 and 1 but for rounding.
    return {p <= 0 ? 0 : std::max(0.0, centre - half), p >= 1 ? 1 : std::min(1.0, centre + half)};
}

Interval clusteredShareInterval(const std::vector<double> &shares, double most)
{
    const Moments of = moments(shares);
    if (of.count == 0) {
        return {0, 1};
    }
    const double mean = std::clamp(of.mean, 0.0, 1.0);
    double effective =
        of.count; // all examples gave the same: each counts as one trial, nothing shows that it is more
    if (of.count > 1 && of.deviation > 0) {
        const double z = upperZ();
        const double t = studentQuantile(1 - Alpha / 2, of.count - 1);
        effective = mean * (1 - mean) * of.count / (of.deviation * of.deviation);
        if (most > of.count) {
            effective *= (z / t) * (z / t); // the spread is itself an estimate
        }
        effective = std::clamp(effective, 1.0, std::max(most, double(of.count)));
    }
    return wilsonInterval(mean * effective, effective);
}

Interval bonettPriceInterval(int wins, int losses, int n)
{
    if (n <= 0 || wins < 0 || losses < 0 || wins > n - losses) {
        return {-1, 1};
    }
    const double total = n + 2.0;
    const double won = (wins + 1) / total, lost = (losses + 1) / total;
    const double half = upperZ() * std::sqrt((won + lost - (won - lost) * (won - lost)) / total);
    return {std::max(-1.0, won - lost - half), std::min(1.0, won - lost + half)};
}

Interval studentInterval(const Moments &of)
{
    if (of.count < 2) {
        return {of.mean, of.mean};
    }
    const double half =
        studentQuantile(1 - Alpha / 2, of.count - 1) * of.deviation / std::sqrt(of.count);
    return {of.mean - half, of.mean + half};
}

Interval skewedInterval(const Moments &of, double level)
{
    if (of.count < 2) {
        return {of.mean, of.mean};
    }
    const double t = studentQuantile((1 + level) / 2, of.count - 1);
    const double error = of.deviation / std::sqrt(of.count);
    // Quantiles of the studentised mean lie skewness * (2 z^2 + 1) / (6 sqrt n) lower; bounded, as
    // the series is short.
    const double shift =
        std::clamp(of.skewness / std::sqrt(of.count) * (2 * t * t + 1) / 6, -t / 2, t / 2);
    return {of.mean - (t - shift) * error, of.mean + (t + shift) * error};
}

std::vector<double> holm(const std::vector<double> &pValues)
{
    std::vector<size_t> order(pValues.size());
    std::iota(order.begin(), order.end(), size_t(0));
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
        return pValues[a] != pValues[b] ? pValues[a] < pValues[b] : a < b;
    });
    std::vector<double> adjusted(pValues.size());
    double highest = 0;
    for (size_t i = 0; i < order.size(); ++i) {
        highest = std::max(highest, std::min(1.0, double(order.size() - i) * pValues[order[i]]));
        adjusted[order[i]] = highest;
    }
    return adjusted;
}

int examplesNeeded(double difference, double deviation, double alpha)
{
    if (!(std::abs(difference) > 0) || !(deviation >= 0) || !(alpha > 0 && alpha < 1)) {
        return -1;
    }
    const double z = normalQuantile(1 - alpha / 2);
    const double both = (z + normalQuantile(Power)) * deviation / std::abs(difference);
    return boundedCount(both * both
                        + z * z / 2); // the last: Student's t instead of the normal (Guenther 1981)
}

int examplesNeededForShares(double won, double lost, double alpha)
{
    const double difference = std::abs(won - lost);
    const double discordant = won + lost;
    if (!(difference > 0) || !(discordant <= 1 + 1e-9) || !(alpha > 0 && alpha < 1)) {
        return -1;
    }
    const double spread = std::sqrt(std::max(0.0, discordant - difference * difference));
    const double both =
        normalQuantile(1 - alpha / 2) * std::sqrt(discordant) + normalQuantile(Power) * spread;
    // The exact test gives away about what a correction for continuity does: one discordant example
    // over the difference.
    return boundedCount(both * both / (difference * difference) + 1 / difference);
}

} // namespace lathe::statistics
