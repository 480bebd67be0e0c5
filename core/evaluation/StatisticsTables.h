// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Comparison.h"

#include <vector>

// What the comparison reads out of a MetricTable, whatever is in it: indices out of range, values
// that are not finite (or beyond 1e100). Any thread.
namespace lathe::statistics {

// The mean of each variant's repetitions of each example.
class ExampleMeans
{
public:
    explicit ExampleMeans(const MetricTable &metric);
    int variants() const { return int(m_means.size()); }
    int examples() const { return m_examples; }
    // NaN: not measured.
    double at(int variant, int example) const;
    int trials(int variant, int example) const;
    // Every example of every variant was measured at most once, and pass or fail is 0 or 1.
    bool isSingle() const { return m_single; }

private:
    struct Cell {
        double mean;
        int trials;
    };
    std::vector<std::vector<Cell>> m_means; // [variant][example]
    int m_examples = 0;
    bool m_single = true;
};

// All judgements of two variants on one example.
struct PairedJudgement {
    int left = 0, right = 0; // left < right
    int example = 0;
    double balance = 0; // mean over the judgements of +1 (right won), -1 (left won), 0 (a tie)
    int judgements = 0;
    bool operator<(const PairedJudgement &other) const;
};
// Sorted; each (left, right, example) once.
std::vector<PairedJudgement> pairedJudgements(const MetricTable &metric);

} // namespace lathe::statistics
