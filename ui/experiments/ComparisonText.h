// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Comparison.h"

namespace lathe::comparisontext {

// Figures of a metric in its own unit: "73 %", "1.24 s", "$0.0031", "4.2 stars".
QString value(const MetricResult &metric, double figure);
// A difference with its sign: "+12 points", "−0.31 s".
QString difference(const MetricResult &metric, double figure);
QString interval(const MetricResult &metric, const VariantSummary &summary);    // "73 % (61 to 83 %)"
QString interval(const MetricResult &metric, const PairResult &pair);           // "+12 points (+4 to +20)"
QString plain(double figure, int decimals); // with a true minus
QString p(double value);                                                        // "p = 0.012", "p < 0.001"
QString counts(const ComparisonResult &result, const MetricResult &metric, const PairResult &pair); // "31 for B, 9 for A, 2 ties"
QString more(const PairResult &pair); // "about 60 more examples would settle it", empty: settled or not known
// "B is better", "no difference is certain": never more than the interval says.
QString verdict(const ComparisonResult &result, const MetricResult &metric, const PairResult &pair);
QString agreement(const Agreement &agreement); // "κ 0.62 (0.41 to 0.80), 84 % of 120"
// What a person may paste elsewhere.
QString markdown(const QString &question, const ComparisonResult &result, const QString &conclusion);

} // namespace lathe::comparisontext
