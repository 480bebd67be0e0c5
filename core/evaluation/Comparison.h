// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <functional>
#include <optional>
#include <vector>

namespace lathe {

// What was measured of every trial by one yardstick. Pure values; any thread.
struct MetricTable {
    enum class Kind { PassFail, Number, Preference };
    QString id; // of the check or judge, or "checks", "latency", "cost"
    QString title;
    QString unit; // "s", "$", "stars"; empty: a share or a score
    Kind kind = Kind::PassFail;
    bool higherIsBetter = true;
    QStringList variants; // names
    // PassFail (0 or 1) and Number: [variant][example] holds the repetitions; empty: not measured
    // (failed trials count as 0 of PassFail, and are missing for Number).
    std::vector<std::vector<std::vector<double>>> values;
    // Preference: one entry for each judged pair.
    struct Preference {
        int example = 0;
        int left = 0, right = 0; // variants; left < right
        int winner = -1;         // variant, -1: a tie
    };
    std::vector<Preference> preferences;
};

struct VariantSummary {
    // Share that passed, mean of the number, share of comparisons won (ties half).
    double mean = 0;
    double low = 0, high = 0; // 95 % interval; both the mean when hasInterval is false
    bool hasInterval = false; // false: fewer than two examples of a number, or none at all
    int examples = 0;
    int trials = 0; // for preferences: comparisons
    // Bradley-Terry, log scale, mean 0, with its 95 % interval; for preferences of more than two.
    std::optional<double> strength;
    std::optional<double> strengthLow, strengthHigh;
};

// One variant against another by one metric, example by example.
struct PairResult {
    // Same: the interval lies within the smallest difference that counts.
    enum class Verdict { Unknown, FirstBetter, SecondBetter, Same };
    int first = 0, second = 0;
    int examples = 0; // with both
    // Second minus first, of means; for preferences: share won by second minus share won by first.
    double difference = 0;
    // 95 % interval of it, over examples; repetitions of an example stay together. Which one:
    // shareDifferenceInterval() and meanInterval() of Bootstrap.h. Always finite.
    double low = 0, high = 0;
    // False: fewer than two examples of a number, or none at all; low = high = difference; draw
    // none.
    bool hasInterval = false;
    int wins = 0, losses = 0,
        ties = 0; // of second: examples on which it did better, worse, the same
    // Exact McNemar for PassFail with one repetition, exact sign test for Preference; sign-flip
    // permutation of the examples' differences for numbers and for PassFail with repetitions (of
    // which McNemar's is the case of one repetition).
    double pValue = 1;
    QString test;         // its name: "exact McNemar test"
    double pAdjusted = 1; // Holm, over the pairs of this metric
    // Always valid: may be looked at after every example, if an example comes in when all its
    // repetitions of both are done (its mean must not change after it was looked at).
    double pAnytime = 1;
    double pAnytimeAdjusted = 1; // Holm, over the pairs of this metric
    bool mayStop = false;        // pAnytimeAdjusted is at most 0.05
    // About how many more would settle it at this size of effect (80 % power); 0: settled;
    // -1: not known.
    int moreExamples = -1;
    int leftOut = 0; // examples measured for one of the two only, and left out
    Verdict verdict = Verdict::Unknown;
    // What is known and how surely; never "is better than" when the interval includes zero.
    QString sentence;
};

struct MetricResult {
    QString id, title, unit;
    MetricTable::Kind kind = MetricTable::Kind::PassFail;
    bool higherIsBetter = true;
    std::vector<VariantSummary> variants;
    std::vector<PairResult> pairs; // every pair, first < second
    QString sentence;              // of the whole metric
    QStringList notes;             // what a careful reader should know: a sentence each
};

// Whether two judges agree, on pairs that both judged.
struct Agreement {
    QString first, second; // titles of the metrics
    int cases = 0;
    double observed = 0;      // share on which they agree
    double kappa = 0;         // Cohen
    double low = 0, high = 0; // 95 %
    // False: fewer than 5 cases, or both say the same of every one; kappa, low and high mean
    // nothing.
    bool known = false;
    QString sentence;
};

struct ComparisonResult {
    QStringList variants;
    std::vector<MetricResult> metrics;
    std::vector<Agreement> agreements;
    int decidedBy = -1; // index of the metric that answers the question
    QString sentence;   // the answer, in one sentence
    // `cancelled` of the options said so: what is missing was not reached, no verdict was given.
    bool cancelled = false;
};

struct ComparisonOptions {
    QString decideBy; // id of the metric that answers the question; empty: the first there is
    // Of the bootstrap and the permutation tests; large tables are given fewer, see Bootstrap.h.
    int resamples = 10'000;
    quint64 seed = 0x4C415448; // the same table gives the same result
    // Below which two variants count as the same, in units of the metric that decides (0.02: 2
    // points), and only of that; 0: never called the same.
    double smallestDifference = 0;
    // The results were looked at while they came in, to stop early: then only the always-valid test
    // may call one better, because the other tests' p-values do not hold after peeking.
    bool peeked = false;
    // Asked now and then, on the calling thread; true: end soon. Empty: never.
    std::function<bool()> cancelled;
    ComparisonOptions() = default;
};

// Pure; any thread; the same input gives the same result, and the order of the examples does not
// matter. 2 variants x 500 examples take 10 to 30 ms a metric, 2 x 100,000 about 0.1 s, 10 x
// 100,000 up to 3 s: over 5 ms belongs on a pool. Values that are not finite (or beyond 1e100), and
// preferences of unknown variants, are ignored.
ComparisonResult compareVariants(const std::vector<MetricTable> &metrics,
                                 const ComparisonOptions &options);

} // namespace lathe
