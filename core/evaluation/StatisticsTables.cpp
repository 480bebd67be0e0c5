// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/StatisticsTables.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace lathe::statistics {

ExampleMeans::ExampleMeans(const MetricTable &metric) : m_means(size_t(metric.variants.size()))
{
    constexpr double Missing = std::numeric_limits<double>::quiet_NaN();
    constexpr double Largest = 1e100; // beyond, squares of differences would be infinite
    const bool shares = metric.kind == MetricTable::Kind::PassFail;
    for (size_t variant = 0; variant < std::min(m_means.size(), metric.values.size()); ++variant) {
        m_means[variant].reserve(metric.values[variant].size());
        for (const std::vector<double> &repetitions : metric.values[variant]) {
            double sum = 0;
            int count = 0;
            for (const double value : repetitions) {
                if (std::abs(value) <= Largest) { // so not of NaN
                    const double counted = shares ? std::clamp(value, 0.0, 1.0) : value;
                    ++count;
                    sum += counted;
                    m_single = m_single && (!shares || counted == 0 || counted == 1);
                }
            }
            m_single = m_single && count <= 1;
            m_means[variant].push_back({count > 0 ? sum / count : Missing, count});
        }
        m_examples = std::max(m_examples, int(m_means[variant].size()));
    }
}

double ExampleMeans::at(int variant, int example) const
{
    if (variant < 0 || variant >= variants() || example < 0
        || size_t(example) >= m_means[size_t(variant)].size()) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    return m_means[size_t(variant)][size_t(example)].mean;
}

int ExampleMeans::trials(int variant, int example) const
{
    return std::isnan(at(variant, example)) ? 0 : m_means[size_t(variant)][size_t(example)].trials;
}

bool PairedJudgement::operator<(const PairedJudgement &other) const
{
    return std::tie(left, right, example) < std::tie(other.left, other.right, other.example);
}

std::vector<PairedJudgement> pairedJudgements(const MetricTable &metric)
{
    std::vector<PairedJudgement> result;
    const auto variants = int(metric.variants.size());
    for (const MetricTable::Preference &preference : metric.preferences) {
        const auto [left, right] = std::minmax(preference.left, preference.right);
        const int winner = preference.winner;
        if (left < 0 || right >= variants || left == right
            || (winner != -1 && winner != left && winner != right)) {
            continue;
        }
        result.push_back({left, right, preference.example,
                          winner == -1      ? 0.0
                          : winner == right ? 1.0
                                            : -1.0,
                          1});
    }
    std::stable_sort(result.begin(), result.end());
    size_t kept = 0;
    for (size_t i = 0; i < result.size(); ++kept) {
        PairedJudgement one = result[i];
        for (++i; i < result.size() && !(one < result[i]); ++i) {
            one.balance += result[i].balance;
            ++one.judgements;
        }
        one.balance /= one.judgements;
        result[kept] = one;
    }
    result.resize(kept);
    return result;
}

} // namespace lathe::statistics
