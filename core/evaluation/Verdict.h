// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Comparison.h"

#include <QString>

// What may be said of a comparison, and in which words. Pure; any thread.
namespace lathe::statistics {

// What the sentence of a pair tells beside the PairResult.
struct PairFacts {
    double firstMean = 0, secondMean = 0; // over the examples of both
    bool single = true;                   // one repetition of each
    double smallestDifference = 0;
    int pairs = 1; // of the metric
    bool peeked = false;
};

// Better needs: at least FewestExamples, an interval without 0, and an adjusted p (the always-valid
// one when peeked) of at most 0.05; Same: the interval lies within the smallest difference that
// counts, which goes before better.
PairResult::Verdict verdictOf(const PairResult &pair, const MetricResult &metric,
                              const PairFacts &facts);

QString pairSentence(const PairResult &pair, const MetricResult &metric,
                     const QStringList &variants, const PairFacts &facts);
// Of a metric whose variants and pairs are filled in.
QString metricSentence(const MetricResult &metric, const QStringList &variants, bool peeked);
QString agreementSentence(const Agreement &agreement);

} // namespace lathe::statistics
