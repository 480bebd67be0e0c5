// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/ExactTests.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace lathe::statistics {

namespace {

constexpr size_t MostForExact = 20; // 2^20 sign patterns take some milliseconds

// Every pattern once, in Gray code order: from one to the next a single sign changes.
double exactShare(const std::vector<double> &sizes, double observed)
{
    const quint64 patterns = quint64(1) << sizes.size();
    std::vector<bool> positive(sizes.size(), false);
    double sum = -std::accumulate(sizes.begin(), sizes.end(), 0.0);
    quint64 extreme = 0;
    for (quint64 pattern = 1;; ++pattern) {
        extreme += std::abs(sum) >= observed;
        if (pattern == patterns) {
            break;
        }
        const auto place = size_t(std::countr_zero(pattern));
        sum += positive[place] ? -2 * sizes[place] : 2 * sizes[place];
        positive[place] = !positive[place];
    }
    return double(extreme) / double(patterns);
}

} // namespace

double signTest(int wins, int losses)
{
    const int decided = wins + losses;
    if (wins < 0 || losses < 0 || decided <= 0) {
        return 1;
    }
    return std::min(1.0, 2 * binomialCdf(std::min(wins, losses), decided, 0.5));
}

double signFlipTest(const std::vector<double> &differences, const Effort &effort, bool *exact)
{
    std::vector<double> sizes; // of those that are not 0
    double sum = 0;
    int wins = 0, losses = 0;
    std::vector<double> ordered = differences;
    std::erase_if(ordered, [](double difference) { return !std::isfinite(difference); });
    std::sort(ordered.begin(), ordered.end(),
              [](double a, double b) { return std::abs(a) < std::abs(b); });
    for (const double difference : ordered) {
        if (difference != 0) {
            sizes.push_back(std::abs(difference));
            (difference > 0 ? wins : losses) += 1;
        }
    }
    if (exact) {
        *exact = true;
    }
    if (sizes.empty()) {
        return 1;
    }
    if (sizes.front() == sizes.back()) {
        return signTest(wins, losses);
    }
    // Scaled by the largest, so that neither tiny costs nor huge counts matter to the tolerance of
    // ties.
    const double largest = sizes.back();
    double squares = 0;
    for (double &size : sizes) {
        size /= largest;
        squares += size * size;
    }
    for (const double difference : ordered) {
        sum += difference / largest;
    }
    const double observed =
        std::abs(sum) - 1e-9; // sums that differ by rounding alone are as extreme
    if (sizes.size() <= MostForExact) {
        return exactShare(sizes, observed);
    }
    if (exact) {
        *exact = false;
    }
    const int resamples = effort.affordable(int(sizes.size()));
    if (resamples == 0) {
        return 2 * normalCdf(-std::abs(sum) / std::sqrt(squares));
    }
    Random random(effort.seed ^ 0x5157ULL);
    int extreme = 0;
    for (int resample = 0; resample < resamples; ++resample) {
        if (resample % 256 == 0 && effort.isCancelled()) {
            return 1;
        }
        double flipped = 0;
        for (size_t i = 0; i < sizes.size();) {
            quint64 signs = random.next();
            for (const size_t end = std::min(sizes.size(), i + 64); i < end; ++i, signs >>= 1) {
                flipped += sizes[i] * double(int(signs & 1) * 2 - 1);
            }
        }
        extreme += std::abs(flipped) >= observed;
    }
    return (1.0 + extreme) / (1.0 + resamples);
}

} // namespace lathe::statistics
