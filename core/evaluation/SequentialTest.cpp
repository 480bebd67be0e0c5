// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/SequentialTest.h"

#include <algorithm>
#include <cmath>

namespace lathe::statistics {

namespace {

double afterAll(AnytimeTest test, std::vector<double> differences)
{
    std::erase_if(differences, [](double difference) { return !std::isfinite(difference); });
    std::sort(differences.begin(), differences.end()); // shares have few distinct values
    for (size_t i = 0; i < differences.size();) {
        const size_t begin = i;
        for (; i < differences.size() && differences[i] == differences[begin]; ++i) {}
        test.add(differences[begin], int(i - begin));
    }
    return test.pValue();
}

} // namespace

AnytimeTest::AnytimeTest(Of of) : m_of(of)
{
    if (of == Of::Shares) {
        // Bets 0.0125 ... 0.9875, weighted by a Beta(1, 2) density: among examples that differ a
        // share of 60 % to 70 % won is likelier than 95 %.
        constexpr int Count = 40;
        for (int i = 0; i < Count; ++i) {
            const double bet = (i + 0.5) / Count;
            m_bets.push_back({bet, 1 - bet, 0, 0});
        }
    } else {
        for (int powerOfFour = -8; powerOfFour <= 9; ++powerOfFour) {
            m_bets.push_back({std::exp2(2 * powerOfFour), 1, 0, 0});
        }
    }
    double sum = 0; // weights that sum to 1 are all that the guarantee needs
    for (const Bet &bet : m_bets) {
        sum += bet.weight;
    }
    for (Bet &bet : m_bets) {
        bet.weight /= sum;
    }
}

void AnytimeTest::add(double difference, int times)
{
    if (difference == 0 || !std::isfinite(difference) || times <= 0) {
        return; // no bet wins or loses on it
    }
    const double share = std::clamp(difference, -1.0, 1.0);
    for (Bet &bet : m_bets) {
        if (m_of == Of::Shares) {
            bet.up += times * std::log1p(bet.size * share);
            bet.down += times * std::log1p(-bet.size * share);
        } else {
            // exp(x) / cosh(x) = 2 / (1 + exp(-2 x)); for the other side -x.
            const double x = bet.size * std::abs(difference);
            const double won = M_LN2 - (x > 20 ? 0 : std::log1p(std::exp(-2 * x)));
            const double lost = won - 2 * x;
            bet.up += times * (difference > 0 ? won : lost);
            bet.down += times * (difference > 0 ? lost : won);
        }
    }
}

double AnytimeTest::pValue() const
{
    double largest = -1e300;
    for (const Bet &bet : m_bets) {
        largest = std::max({largest, bet.up, bet.down});
    }
    double sum = 0; // of the capitals over the largest of them
    for (const Bet &bet : m_bets) {
        sum += bet.weight / 2 * (std::exp(bet.up - largest) + std::exp(bet.down - largest));
    }
    return std::min(1.0, std::exp(-largest - std::log(sum)));
}

double anytimeShares(const std::vector<double> &differences)
{
    return afterAll(AnytimeTest(AnytimeTest::Of::Shares), differences);
}

double anytimeNumbers(const std::vector<double> &differences)
{
    return afterAll(AnytimeTest(AnytimeTest::Of::Numbers), differences);
}

} // namespace lathe::statistics
