// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace lathe::statistics {

// A test that may be looked at after every example: under "no difference" the chance that its
// p-value ever gets to 0.05, however often one looks and whenever one stops, is at most 0.05 (Ville
// 1939). It is a bet against "no difference" whose capital is a non-negative martingale, averaged
// over many sizes of bet chosen beforehand (Robbins 1970; Waudby-Smith and Ramdas 2024); p = 1 /
// capital. As no bet depends on what came before, the order of the examples does not matter: those
// that finish first may be looked at first. Exact for any number of examples, no limit theorem. A
// value; any thread.
class AnytimeTest
{
public:
    enum class Of {
        // Differences in [-1, 1] (shares, wins and losses): "their mean is 0". Factors 1 + bet x
        // difference.
        Shares,
        // Differences of any unit: "they lie symmetrically about 0", as when both variants are
        // alike (de la Pena 1999). Factors exp(bet x difference) / cosh(bet x difference), at most
        // 2 each, so that one outlier decides nothing. The bets span units from 0.00001 (dollars of
        // a call) to 10,000 (tokens), which costs some power but needs no look at the data.
        Numbers,
    };
    explicit AnytimeTest(Of of);
    void add(double difference, int times = 1);
    double pValue() const;

private:
    struct Bet {
        double size, weight;
        double up, down; // logarithms of the capital of betting on either side
    };
    Of m_of;
    std::vector<Bet> m_bets;
};

// The p-value after all of these.
double anytimeShares(const std::vector<double> &differences);
double anytimeNumbers(const std::vector<double> &differences);

} // namespace lathe::statistics
