// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <map>
#include <optional>
#include <vector>

namespace lathe {

// What was measured of every trial by one yardstick. Pure values; any thread.
struct MetricTable {
    enum class Kind { PassFail, Number, Preference };
    QString id;    // of the check or judge, or "checks", "latency", "cost"
    QString title;
    QString unit;  // "s", "$", "stars"; empty: a share or a score
    Kind kind = Kind::PassFail;
    bool higherIsBetter = true;
    QStringList variants; // names
    // PassFail (0 or 1) and Number: [variant][example] holds the repetitions; empty: not measured (failed trials count as 0 of PassFail,
    // and are missing for Number).
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
    double mean = 0; // share that passed, mean of the number, share of comparisons won (ties half)
    double low = 0, high = 0; // 95 % interval
    int examples = 0;
    int trials = 0;
    std::optional<double> strength; // Bradley-Terry, log scale, mean 0; for preferences of more than two
    std::optional<double> strengthLow, strengthHigh;
};

// One variant against another by one metric, example by example.
struct PairResult {
    enum class Verdict { Unknown, FirstBetter, SecondBetter, Same }; // Same: the interval lies within the smallest difference that counts
    int first = 0, second = 0;
    int examples = 0;       // with both
    double difference = 0;  // second minus first, of means; for preferences: share won by second minus share won by first
    double low = 0, high = 0; // 95 % interval of it (bootstrap over examples; repetitions of an example stay together)
    int wins = 0, losses = 0, ties = 0; // of second
    double pValue = 1;      // exact McNemar / sign test for PassFail and Preference; sign-flip permutation for numbers
    double pAdjusted = 1;   // Holm, over the pairs of this metric
    double pAnytime = 1;    // always valid: may be looked at after every example
    bool mayStop = false;   // pAnytime is below 0.05
    int moreExamples = -1;  // about how many more would settle it at this size of effect; 0: settled; -1: not known
    Verdict verdict = Verdict::Unknown;
    QString sentence;       // what is known and how surely; never "better" when the interval includes zero
};

struct MetricResult {
    QString id, title, unit;
    MetricTable::Kind kind = MetricTable::Kind::PassFail;
    bool higherIsBetter = true;
    std::vector<VariantSummary> variants;
    std::vector<PairResult> pairs; // every pair, first < second
    QString sentence;              // of the whole metric
};

// Whether two judges agree, on pairs that both judged.
struct Agreement {
    QString first, second; // titles of the metrics
    int cases = 0;
    double observed = 0;   // share on which they agree
    double kappa = 0;      // Cohen
    double low = 0, high = 0; // 95 %
    QString sentence;
};

struct ComparisonResult {
    QStringList variants;
    std::vector<MetricResult> metrics;
    std::vector<Agreement> agreements;
    int decidedBy = -1; // index of the metric that answers the question
    QString sentence;   // the answer, in one sentence
};

struct ComparisonOptions {
    QString decideBy;
    int resamples = 10'000;
    quint64 seed = 0x4C415448; // the same table gives the same result
    double smallestDifference = 0; // below which two variants count as the same; 0: never called the same
    ComparisonOptions() = default;
};

ComparisonResult compareVariants(const std::vector<MetricTable> &metrics, const ComparisonOptions &options);

} // namespace lathe
