// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/BradleyTerry.h"

#include <gsl/gsl_linalg.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace lathe::statistics {

namespace {

constexpr int MostVariants = 200;
constexpr int FewestGroups = 20; // for the sandwich: it is too small with fewer

using Matrix = std::vector<std::vector<double>>;

Matrix square(int size)
{
    return Matrix(size_t(size), std::vector<double>(size_t(size), 0.0));
}

double expected(double a, double b)
{
    return 1 / (1 + std::exp(b - a));
}

// Does `from` reach everyone along wins (or, backwards, along losses)?
bool reachesAll(const Matrix &wins, bool backwards)
{
    std::vector<bool> seen(wins.size(), false);
    std::vector<size_t> open{0};
    seen[0] = true;
    while (!open.empty()) {
        const size_t at = open.back();
        open.pop_back();
        for (size_t to = 0; to < wins.size(); ++to) {
            if (!seen[to] && (backwards ? wins[to][at] : wins[at][to]) > 0) {
                seen[to] = true;
                open.push_back(to);
            }
        }
    }
    return std::all_of(seen.begin(), seen.end(), [](bool was) { return was; });
}

double logLikelihood(const Matrix &wins, const std::vector<double> &strength)
{
    double sum = 0;
    for (size_t a = 0; a < wins.size(); ++a) {
        for (size_t b = 0; b < wins.size(); ++b) {
            if (wins[a][b] > 0) {
                sum -= wins[a][b] * std::log1p(std::exp(strength[b] - strength[a]));
            }
        }
    }
    return sum;
}

std::vector<double> gradient(const Matrix &wins, const std::vector<double> &strength)
{
    std::vector<double> slope(wins.size(), 0.0);
    for (size_t a = 0; a < wins.size(); ++a) {
        for (size_t b = 0; b < wins.size(); ++b) {
            if (a != b) {
                slope[a] +=
                    wins[a][b] - (wins[a][b] + wins[b][a]) * expected(strength[a], strength[b]);
            }
        }
    }
    return slope;
}

// Inverse of the information among strengths that sum to 0: (L + J / k)^-1 - J / k, J all ones.
// Empty when it has none.
Matrix inverseInformation(const Matrix &wins, const std::vector<double> &strength)
{
    const size_t size = wins.size();
    const double even = 1.0 / double(size);
    const std::unique_ptr<gsl_matrix, decltype(&gsl_matrix_free)> matrix(
        gsl_matrix_calloc(size, size), &gsl_matrix_free);
    if (!matrix) {
        return {};
    }
    double scale = 0; // so that J weighs as much as the information
    for (size_t a = 0; a < size; ++a) {
        double diagonal = 0;
        for (size_t b = 0; b < size; ++b) {
            if (a != b) {
                const double p = expected(strength[a], strength[b]);
                const double weight = (wins[a][b] + wins[b][a]) * p * (1 - p);
                diagonal += weight;
                gsl_matrix_set(matrix.get(), a, b, -weight);
            }
        }
        gsl_matrix_set(matrix.get(), a, a, diagonal);
        scale = std::max(scale, diagonal);
    }
    if (!(scale > 0)) {
        return {};
    }
    for (size_t a = 0; a < size; ++a) {
        for (size_t b = 0; b < size; ++b) {
            gsl_matrix_set(matrix.get(), a, b, gsl_matrix_get(matrix.get(), a, b) + scale * even);
        }
    }
    if (gsl_linalg_cholesky_decomp1(matrix.get()) != 0
        || gsl_linalg_cholesky_invert(matrix.get()) != 0) {
        return {};
    }
    Matrix inverse = square(int(size));
    for (size_t a = 0; a < size; ++a) {
        for (size_t b = 0; b < size; ++b) {
            inverse[a][b] = gsl_matrix_get(matrix.get(), a, b) - even / scale;
        }
    }
    return inverse;
}

std::vector<double> times(const Matrix &matrix, const std::vector<double> &vector)
{
    std::vector<double> product(vector.size(), 0.0);
    for (size_t a = 0; a < vector.size(); ++a) {
        for (size_t b = 0; b < vector.size(); ++b) {
            product[a] += matrix[a][b] * vector[b];
        }
    }
    return product;
}

// Newton with halved steps; the likelihood is concave, so this ends at its maximum.
bool maximise(const Matrix &wins, std::vector<double> &strength)
{
    double best = logLikelihood(wins, strength);
    for (int round = 0; round < 200; ++round) {
        const Matrix inverse = inverseInformation(wins, strength);
        if (inverse.empty()) {
            return false;
        }
        const std::vector<double> step = times(inverse, gradient(wins, strength));
        double longest = 0;
        for (const double part : step) {
            longest = std::max(longest, std::abs(part));
        }
        if (!std::isfinite(longest)) {
            return false;
        }
        if (longest < 1e-10) {
            return true;
        }
        double length = std::min(1.0, 3 / longest);
        bool moved = false;
        for (int halving = 0; halving < 40 && !moved; ++halving, length /= 2) {
            std::vector<double> tried = strength;
            for (size_t a = 0; a < tried.size(); ++a) {
                tried[a] += length * step[a];
            }
            const double likelihood = logLikelihood(wins, tried);
            if (likelihood >= best) {
                moved = likelihood > best;
                strength = std::move(tried);
                best = likelihood;
                if (!moved) {
                    return true; // as high as numbers of this length can tell
                }
            }
        }
        if (!moved) {
            return longest < 1e-6;
        }
    }
    return false;
}

// Inverse information x (sum over groups of slope x slope') x inverse information, x groups /
// (groups - 1).
Matrix sandwich(const Matrix &inverse, std::vector<Duel> duels, const std::vector<double> &strength)
{
    const size_t size = strength.size();
    std::stable_sort(duels.begin(), duels.end(),
                     [](const Duel &a, const Duel &b) { return a.group < b.group; });
    Matrix result = square(int(size));
    int groups = 0;
    for (size_t i = 0; i < duels.size();) {
        std::vector<double> slope(size, 0.0);
        const int group = duels[i].group;
        for (; i < duels.size() && duels[i].group == group; ++i) {
            const auto a = size_t(duels[i].first), b = size_t(duels[i].second);
            const double off = duels[i].share - expected(strength[a], strength[b]);
            slope[a] += off;
            slope[b] -= off;
        }
        const std::vector<double> influence = times(inverse, slope);
        for (size_t a = 0; a < size; ++a) {
            for (size_t b = 0; b < size; ++b) {
                result[a][b] += influence[a] * influence[b];
            }
        }
        ++groups;
    }
    for (std::vector<double> &row : result) {
        for (double &value : row) {
            value *= double(groups) / std::max(1, groups - 1);
        }
    }
    return result;
}

bool isClustered(const std::vector<Duel> &duels)
{
    std::vector<int> groups;
    groups.reserve(duels.size());
    for (const Duel &duel : duels) {
        groups.push_back(duel.group);
    }
    std::sort(groups.begin(), groups.end());
    const auto distinct = std::unique(groups.begin(), groups.end()) - groups.begin();
    return distinct >= FewestGroups && size_t(distinct) < duels.size();
}

} // namespace

Strengths bradleyTerry(int variants, const std::vector<Duel> &all)
{
    Strengths result;
    if (variants < 2 || variants > MostVariants) {
        return result;
    }
    std::vector<Duel> duels;
    Matrix wins = square(variants);
    for (const Duel &duel : all) {
        if (duel.first < 0 || duel.second < 0 || duel.first >= variants || duel.second >= variants
            || duel.first == duel.second || !(duel.share >= 0 && duel.share <= 1)) {
            continue;
        }
        duels.push_back(duel);
        wins[size_t(duel.first)][size_t(duel.second)] += duel.share;
        wins[size_t(duel.second)][size_t(duel.first)] += 1 - duel.share;
    }
    if (duels.empty()) {
        return result;
    }
    if (!reachesAll(wins, false) || !reachesAll(wins, true)) {
        result.regularised = true;
        for (size_t a = 0; a < wins.size(); ++a) {
            for (size_t b = 0; b < wins.size(); ++b) {
                wins[a][b] += a == b ? 0 : 0.5;
            }
        }
    }
    std::vector<double> strength(size_t(variants), 0.0);
    const bool found = maximise(wins, strength);
    const Matrix inverse = found ? inverseInformation(wins, strength) : Matrix();
    if (inverse.empty()) {
        return result;
    }
    result.converged = true;
    result.covariance = !result.regularised && isClustered(duels)
                            ? sandwich(inverse, std::move(duels), strength)
                            : inverse;
    double mean = 0;
    for (const double value : strength) {
        mean += value / variants;
    }
    for (size_t a = 0; a < strength.size(); ++a) {
        result.strength.push_back(strength[a] - mean);
        result.error.push_back(std::sqrt(std::max(0.0, result.covariance[a][a])));
    }
    return result;
}

} // namespace lathe::statistics
