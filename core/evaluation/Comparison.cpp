// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/Comparison.h"

#include "core/evaluation/Agreement.h"
#include "core/evaluation/Bootstrap.h"
#include "core/evaluation/BradleyTerry.h"
#include "core/evaluation/ExactTests.h"
#include "core/evaluation/SequentialTest.h"
#include "core/evaluation/StatisticsTables.h"
#include "core/evaluation/Verdict.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe {

using namespace statistics;

namespace {

using Kind = MetricTable::Kind;
using Verdict = PairResult::Verdict;

constexpr int MostVariants = 500; // more give over 100,000 pairs, which answer nobody's question
constexpr double DrawsOfMetric = 2e8; // about a second; shared by its intervals and tests

// Differences of a pair, second minus first, and what was seen beside them.
struct Pair {
    std::vector<double> differences;
    PairFacts facts;
};

// So that 2/3 - 1/3 and 1/3 are the same share.
double rounded(double share)
{
    return std::round(share * 0x1p40) / 0x1p40;
}

class MetricComparison
{
public:
    MetricComparison(const MetricTable &table, const ComparisonOptions &options, bool decides)
        : m_table(table), m_options(options), m_means(table), m_decides(decides)
    {
        m_count = int(table.variants.size());
        m_pairs = m_count <= MostVariants ? m_count * (m_count - 1) / 2 : 0;
        m_effort.resamples = options.resamples;
        m_effort.seed = options.seed;
        m_effort.draws = DrawsOfMetric / std::max(1, 2 * m_pairs + m_count);
        m_effort.cancelled = options.cancelled;
    }

    MetricResult run()
    {
        m_result.id = m_table.id;
        m_result.title = m_table.title;
        m_result.unit = m_table.unit;
        m_result.kind = m_table.kind;
        m_result.higherIsBetter = m_table.higherIsBetter;
        if (m_table.kind == Kind::Preference) {
            m_judgements = pairedJudgements(m_table);
            summarisePreferences();
            if (m_count > 2) {
                setStrengths();
            }
        } else {
            for (int variant = 0; variant < m_count && !m_effort.isCancelled(); ++variant) {
                summarise(variant);
            }
        }
        for (int first = 0; first < m_count && m_pairs > 0; ++first) {
            for (int second = first + 1; second < m_count && !m_effort.isCancelled(); ++second) {
                comparePair(first, second);
            }
        }
        if (!m_effort.isCancelled()) {
            conclude();
        }
        return std::move(m_result);
    }

private:
    void summarise(int variant)
    {
        VariantSummary summary;
        std::vector<double> values;
        for (int example = 0; example < m_means.examples(); ++example) {
            const double value = m_means.at(variant, example);
            if (!std::isnan(value)) {
                values.push_back(value);
                summary.trials += m_means.trials(variant, example);
            }
        }
        std::sort(values.begin(),
                  values.end()); // the order of examples must not show in the last digit
        summary.examples = int(values.size());
        summary.mean = summary.low = summary.high = moments(values).mean;
        const bool shares = m_table.kind == Kind::PassFail;
        summary.hasInterval = summary.examples >= (shares ? 1 : 2);
        if (summary.hasInterval) {
            const Interval interval = shares ? clusteredShareInterval(values, summary.trials)
                                             : meanInterval(values, 0, m_effort);
            summary.low = interval.low;
            summary.high = interval.high;
        }
        m_result.variants.push_back(summary);
    }

    // The share of its comparisons that each variant won, examples with several comparisons
    // counting once.
    void summarisePreferences()
    {
        std::vector<PairedJudgement> byExample = m_judgements;
        std::stable_sort(byExample.begin(), byExample.end(),
                         [](const PairedJudgement &a, const PairedJudgement &b) {
                             return a.example < b.example;
                         });
        std::vector<std::vector<double>> shares(static_cast<size_t>(m_count));
        std::vector<int> trials(shares.size(), 0);
        std::vector<double> won(shares.size(), 0.0);
        std::vector<int> compared(shares.size(), 0);
        std::vector<int> touched;
        for (size_t i = 0; i < byExample.size();) {
            touched.clear();
            const int example = byExample[i].example;
            for (; i < byExample.size() && byExample[i].example == example; ++i) {
                const PairedJudgement &one = byExample[i];
                const double right = one.judgements * (one.balance + 1) / 2;
                for (const int variant : {one.left, one.right}) {
                    if (compared[size_t(variant)] == 0) {
                        touched.push_back(variant);
                    }
                    compared[size_t(variant)] += one.judgements;
                    won[size_t(variant)] += variant == one.right ? right : one.judgements - right;
                }
            }
            for (const int variant : touched) {
                shares[size_t(variant)].push_back(
                    rounded(won[size_t(variant)] / compared[size_t(variant)]));
                trials[size_t(variant)] += compared[size_t(variant)];
                won[size_t(variant)] = compared[size_t(variant)] = 0;
            }
        }
        for (size_t variant = 0; variant < shares.size(); ++variant) {
            VariantSummary summary;
            std::sort(shares[variant].begin(), shares[variant].end());
            summary.examples = int(shares[variant].size());
            summary.trials = trials[variant];
            summary.mean = moments(shares[variant]).mean;
            summary.hasInterval = summary.examples > 0;
            // A tie spreads less than a win or a loss: a comparison may tell as much as several.
            const Interval interval = clusteredShareInterval(shares[variant], 4.0 * summary.trials);
            summary.low = summary.hasInterval ? interval.low : summary.mean;
            summary.high = summary.hasInterval ? interval.high : summary.mean;
            m_result.variants.push_back(summary);
        }
    }

    void setStrengths()
    {
        std::vector<Duel> duels;
        duels.reserve(m_judgements.size());
        for (const PairedJudgement &one : m_judgements) {
            duels.push_back({one.right, one.left, (one.balance + 1) / 2, one.example});
        }
        const Strengths strengths = bradleyTerry(m_count, duels);
        if (!strengths.converged) {
            if (!duels.empty()) {
                m_result.notes << QStringLiteral(
                    "Strengths could not be worked out from these preferences.");
            }
            return;
        }
        const double z = normalQuantile(1 - Alpha / 2);
        for (size_t i = 0; i < strengths.strength.size(); ++i) {
            if (m_result.variants[i].examples
                > 0) { // of one that was never compared nothing is known
                m_result.variants[i].strength = strengths.strength[i];
                m_result.variants[i].strengthLow = strengths.strength[i] - z * strengths.error[i];
                m_result.variants[i].strengthHigh = strengths.strength[i] + z * strengths.error[i];
            }
        }
        if (strengths.regularised) {
            m_result.notes << QStringLiteral(
                "Some variants always won, never won, or were never compared with others, so their "
                "strengths have no limit: every two were counted as having tied once more.");
        }
    }

    Pair pairOf(PairResult &result) const
    {
        Pair pair;
        if (m_table.kind == Kind::Preference) {
            const auto from =
                std::lower_bound(m_judgements.begin(), m_judgements.end(),
                                 PairedJudgement{result.first, result.second,
                                                 std::numeric_limits<int>::min(), 0, 0});
            for (auto at = from;
                 at != m_judgements.end() && at->left == result.first && at->right == result.second;
                 ++at) {
                pair.differences.push_back(rounded(at->balance));
                pair.facts.single = pair.facts.single && at->judgements == 1;
            }
            return pair;
        }
        std::vector<double> firsts, seconds;
        for (int example = 0; example < m_means.examples(); ++example) {
            const double first = m_means.at(result.first, example),
                         second = m_means.at(result.second, example);
            if (std::isnan(first) || std::isnan(second)) {
                result.leftOut += std::isnan(first) != std::isnan(second);
                continue;
            }
            firsts.push_back(first);
            seconds.push_back(second);
            const double difference = second - first;
            pair.differences.push_back(m_table.kind == Kind::PassFail ? rounded(difference)
                                                                      : difference);
        }
        std::sort(firsts.begin(), firsts.end());
        std::sort(seconds.begin(), seconds.end());
        pair.facts.firstMean = moments(firsts).mean;
        pair.facts.secondMean = moments(seconds).mean;
        pair.facts.single = m_means.isSingle();
        return pair;
    }

    void comparePair(int first, int second)
    {
        PairResult result;
        result.first = first;
        result.second = second;
        Pair pair = pairOf(result);
        std::sort(pair.differences.begin(), pair.differences.end());
        const bool shares = m_table.kind != Kind::Number;
        const double better = m_table.kind == Kind::Preference || m_table.higherIsBetter ? 1 : -1;
        for (const double difference : pair.differences) {
            result.wins += difference * better > 0;
            result.losses += difference * better < 0;
            result.ties += difference == 0;
        }
        result.examples = int(pair.differences.size());
        const Moments of = moments(pair.differences);
        result.difference = result.low = result.high = of.mean;
        result.hasInterval = result.examples >= (shares ? 1 : 2);
        if (result.hasInterval) {
            const Interval interval = shares ? shareDifferenceInterval(pair.differences, m_effort)
                                             : meanInterval(pair.differences, 0, m_effort);
            result.low = interval.low;
            result.high = interval.high;
        }
        bool exact = true;
        if (m_table.kind == Kind::Preference) {
            result.pValue = signTest(result.wins, result.losses);
            result.test = QStringLiteral("exact sign test");
        } else {
            result.pValue = signFlipTest(pair.differences, m_effort, &exact);
            result.test = m_table.kind == Kind::PassFail && pair.facts.single
                              ? QStringLiteral("exact McNemar test")
                          : exact ? QStringLiteral("exact sign-flip permutation test")
                                  : QStringLiteral("sign-flip permutation test");
        }
        result.pAnytime =
            shares ? anytimeShares(pair.differences) : anytimeNumbers(pair.differences);
        m_facts.push_back(pair.facts);
        m_deviations.push_back(of.deviation);
        m_result.pairs.push_back(result);
    }

    int moreExamples(const PairResult &pair, double deviation, const PairFacts &facts) const
    {
        if (pair.examples < FewestExamples) {
            return -1;
        }
        const double n = pair.examples;
        const double alpha = Alpha / std::max(1, m_pairs); // Holm at its strictest
        const bool single =
            m_table.kind != Kind::Number && pair.wins + pair.losses > 0
            && std::abs(std::abs(pair.difference) * n - std::abs(pair.wins - pair.losses)) < 1e-6;
        int needed = single ? examplesNeededForShares(pair.wins / n, pair.losses / n, alpha)
                            : examplesNeeded(pair.difference, deviation, alpha);
        // Or the interval could shrink into the smallest difference that counts.
        const double room = facts.smallestDifference - std::abs(pair.difference);
        if (room > 0 && pair.hasInterval) {
            const double ratio = (pair.high - pair.low) / 2 / room;
            const double same = std::ceil(n * ratio * ratio);
            if (same <= 1e6 && (needed < 0 || same < needed)) {
                needed = int(same);
            }
        }
        // The estimate says that there were enough already, and yet it is open: no less than a
        // quarter more.
        return needed < 0 ? -1 : std::max(needed - pair.examples, int(std::ceil(n / 4)));
    }

    void conclude()
    {
        std::vector<double> p, anytime;
        for (const PairResult &pair : m_result.pairs) {
            p.push_back(pair.pValue);
            anytime.push_back(pair.pAnytime);
        }
        p = holm(p);
        anytime = holm(anytime);
        int leftOut = 0;
        for (size_t i = 0; i < m_result.pairs.size(); ++i) {
            PairResult &pair = m_result.pairs[i];
            PairFacts &facts = m_facts[i];
            facts.pairs = m_pairs;
            facts.peeked = m_options.peeked;
            facts.smallestDifference = m_decides ? m_options.smallestDifference : 0;
            pair.pAdjusted = p[i];
            pair.pAnytimeAdjusted = anytime[i];
            pair.mayStop = pair.pAnytimeAdjusted <= Alpha && pair.examples >= FewestExamples;
            pair.verdict = verdictOf(pair, m_result, facts);
            pair.moreExamples =
                pair.verdict == Verdict::Unknown ? moreExamples(pair, m_deviations[i], facts) : 0;
            pair.sentence = pairSentence(pair, m_result, m_table.variants, facts);
            leftOut += pair.leftOut;
        }
        if (m_count > MostVariants) {
            m_result.notes << QStringLiteral("Over %1 variants are not compared with one another.")
                                  .arg(MostVariants);
        }
        if (leftOut > 0) {
            m_result.notes << QStringLiteral(
                "Examples measured for only one of two variants are left out of their comparison: "
                "a "
                "variant that fails on the hard ones may look better for it.");
        }
        m_result.sentence = metricSentence(m_result, m_table.variants, m_options.peeked);
    }

    const MetricTable &m_table;
    const ComparisonOptions &m_options;
    ExampleMeans m_means;
    bool m_decides;
    int m_count = 0, m_pairs = 0;
    Effort m_effort;
    std::vector<PairedJudgement> m_judgements;
    std::vector<PairFacts> m_facts;
    std::vector<double> m_deviations;
    MetricResult m_result;
};

} // namespace

ComparisonResult compareVariants(const std::vector<MetricTable> &metrics,
                                 const ComparisonOptions &options)
{
    ComparisonResult result;
    const auto isCancelled = [&] { return options.cancelled && options.cancelled(); };
    for (size_t i = 0; i < metrics.size() && result.decidedBy < 0; ++i) {
        if (options.decideBy.isEmpty() || metrics[i].id == options.decideBy) {
            result.decidedBy = int(i);
        }
    }
    for (const MetricTable &metric : metrics) {
        if (metric.variants.size() > result.variants.size()) {
            result.variants = metric.variants;
        }
    }
    for (size_t i = 0; i < metrics.size(); ++i) {
        if (isCancelled()) {
            break;
        }
        result.metrics.push_back(
            MetricComparison(metrics[i], options, int(i) == result.decidedBy).run());
    }
    if (isCancelled()) {
        result.cancelled = true;
        result.decidedBy = -1;
        result.sentence = QStringLiteral("The comparison was cancelled.");
        return result;
    }
    result.agreements = agreements(metrics);
    if (result.decidedBy >= 0) {
        const MetricResult &decides = result.metrics[size_t(result.decidedBy)];
        result.sentence = metrics.size() > 1 && !decides.title.isEmpty()
                              ? QStringLiteral("By %1: %2").arg(decides.title, decides.sentence)
                              : decides.sentence;
    } else {
        result.sentence = options.decideBy.isEmpty()
                              ? QStringLiteral("Nothing was measured.")
                              : QStringLiteral("Nothing was measured by “%1”, which is to decide.")
                                    .arg(options.decideBy);
    }
    return result;
}

} // namespace lathe
