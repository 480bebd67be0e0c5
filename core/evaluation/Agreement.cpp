// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/Agreement.h"

#include "core/evaluation/StatisticsTables.h"
#include "core/evaluation/Verdict.h"

#include <algorithm>
#include <cmath>

namespace lathe::statistics {

namespace {

constexpr int FewCases = 20;  // below: the large-sample error is too small
constexpr int FewGroups = 10; // below: no jackknife over examples

using Table = std::vector<std::vector<int>>;

void setInterval(Kappa &of, double chance)
{
    if (of.cases < FewCases || of.error <= 0) {
        const Interval share = wilsonInterval(of.observed * of.cases, of.cases);
        of.interval = {(share.low - chance) / (1 - chance), (share.high - chance) / (1 - chance)};
    } else {
        const double half = normalQuantile(1 - Alpha / 2) * of.error;
        of.interval = {of.kappa - half, of.kappa + half};
    }
    of.interval.low = std::clamp(of.interval.low, -1.0, 1.0);
    of.interval.high = std::clamp(of.interval.high, -1.0, 1.0);
}

double chanceOf(const Table &table, std::vector<double> &rows, std::vector<double> &columns,
                double n)
{
    rows.assign(table.size(), 0);
    columns.assign(table.size(), 0);
    for (size_t i = 0; i < table.size(); ++i) {
        for (size_t j = 0; j < table.size(); ++j) {
            rows[i] += table[i][j] / n;
            columns[j] += table[i][j] / n;
        }
    }
    double chance = 0;
    for (size_t i = 0; i < table.size(); ++i) {
        chance += rows[i] * columns[i];
    }
    return chance;
}

int category(double balance)
{
    return balance > 0 ? 2 : balance < 0 ? 0 : 1; // right, left, tie
}

struct Case {
    int example = 0;
    int first = 0, second = 0; // categories
};

// How the metric orders two variants on an example: above 0 for right. NaN: not measured.
double balanceOf(const MetricTable &metric, const ExampleMeans &means,
                 const PairedJudgement &judged)
{
    const double left = means.at(judged.left, judged.example),
                 right = means.at(judged.right, judged.example);
    return metric.higherIsBetter ? right - left : left - right;
}

std::vector<Case> casesOf(const MetricTable &a, const MetricTable &b)
{
    std::vector<Case> cases;
    const bool aJudges = a.kind == MetricTable::Kind::Preference,
               bJudges = b.kind == MetricTable::Kind::Preference;
    const std::vector<PairedJudgement> first = aJudges ? pairedJudgements(a) : pairedJudgements(b);
    if (aJudges && bJudges) {
        const std::vector<PairedJudgement> second = pairedJudgements(b);
        auto at = second.begin();
        for (const PairedJudgement &judged : first) {
            at = std::lower_bound(at, second.end(), judged);
            if (at != second.end() && !(judged < *at)) {
                cases.push_back({judged.example, category(judged.balance), category(at->balance)});
            }
        }
    } else {
        const MetricTable &measured = aJudges ? b : a;
        const ExampleMeans means(measured);
        for (const PairedJudgement &judged : first) {
            const double balance = balanceOf(measured, means, judged);
            if (!std::isnan(balance)) {
                const int other = category(balance);
                const int own = category(judged.balance);
                cases.push_back({judged.example, aJudges ? own : other, aJudges ? other : own});
            }
        }
    }
    std::stable_sort(cases.begin(), cases.end(),
                     [](const Case &x, const Case &y) { return x.example < y.example; });
    return cases;
}

// Delete-one-example jackknife of kappa; 0 when every example gives one case, or there are too few.
double jackknifeError(const std::vector<Case> &cases, const Table &whole)
{
    std::vector<double> without;
    Table table = whole;
    bool several = false;
    for (size_t i = 0; i < cases.size();) {
        size_t end = i;
        for (; end < cases.size() && cases[end].example == cases[i].example; ++end) {
            --table[size_t(cases[end].first)][size_t(cases[end].second)];
        }
        several = several || end - i > 1;
        without.push_back(cohenKappa(table).kappa);
        for (; i < end; ++i) {
            ++table[size_t(cases[i].first)][size_t(cases[i].second)];
        }
    }
    if (!several || without.size() < FewGroups) {
        return 0;
    }
    const Moments of = moments(without);
    return of.deviation * (of.count - 1) / std::sqrt(of.count);
}

bool orders(const MetricTable &metric)
{
    return metric.kind == MetricTable::Kind::PassFail
           || (metric.kind == MetricTable::Kind::Number && metric.unit == QLatin1String("stars"));
}

} // namespace

Kappa cohenKappa(const Table &table)
{
    Kappa result;
    double n = 0, agreed = 0;
    for (size_t i = 0; i < table.size(); ++i) {
        if (table[i].size() != table.size()) {
            return result;
        }
        for (size_t j = 0; j < table.size(); ++j) {
            if (table[i][j] < 0) {
                return result;
            }
            n += table[i][j];
            agreed += i == j ? table[i][j] : 0;
        }
    }
    if (n <= 0) {
        return result;
    }
    std::vector<double> rows, columns;
    const double chance = chanceOf(table, rows, columns, n);
    result.cases = int(n);
    result.observed = agreed / n;
    if (chance >= 1 - 1e-12) {
        return result; // both always say one thing: nothing is left that could be above chance
    }
    const double kappa = (result.observed - chance) / (1 - chance);
    double variance = -std::pow(kappa - chance * (1 - kappa), 2);
    for (size_t i = 0; i < table.size(); ++i) {
        for (size_t j = 0; j < table.size(); ++j) {
            const double share = table[i][j] / n;
            variance += i == j ? share * std::pow(1 - (rows[i] + columns[i]) * (1 - kappa), 2)
                               : share * std::pow((columns[i] + rows[j]) * (1 - kappa), 2);
        }
    }
    result.kappa = kappa;
    result.error = variance > 1e-15 ? std::sqrt(variance / n) / (1 - chance) : 0;
    setInterval(result, chance);
    result.known = result.cases >= FewestExamples;
    return result;
}

std::vector<Agreement> agreements(const std::vector<MetricTable> &metrics)
{
    std::vector<Agreement> result;
    for (size_t a = 0; a < metrics.size(); ++a) {
        for (size_t b = a + 1; b < metrics.size(); ++b) {
            const bool aJudges = metrics[a].kind == MetricTable::Kind::Preference;
            const bool bJudges = metrics[b].kind == MetricTable::Kind::Preference;
            if (!(aJudges || bJudges) || !(aJudges || orders(metrics[a]))
                || !(bJudges || orders(metrics[b]))) {
                continue;
            }
            const std::vector<Case> cases = casesOf(metrics[a], metrics[b]);
            if (cases.empty()) {
                continue;
            }
            Table table(3, std::vector<int>(3, 0));
            for (const Case &one : cases) {
                ++table[size_t(one.first)][size_t(one.second)];
            }
            Kappa kappa = cohenKappa(table);
            const double error = jackknifeError(cases, table);
            if (kappa.known && error > kappa.error) {
                kappa.error = error;
                std::vector<double> rows, columns;
                setInterval(kappa, chanceOf(table, rows, columns, kappa.cases));
            }
            Agreement agreement;
            agreement.first = metrics[a].title;
            agreement.second = metrics[b].title;
            agreement.cases = kappa.cases;
            agreement.observed = kappa.observed;
            agreement.known = kappa.known;
            if (kappa.known) {
                agreement.kappa = kappa.kappa;
                agreement.low = kappa.interval.low;
                agreement.high = kappa.interval.high;
            }
            agreement.sentence = agreementSentence(agreement);
            result.push_back(agreement);
        }
    }
    return result;
}

} // namespace lathe::statistics
