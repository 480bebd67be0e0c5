// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/Bootstrap.h"
#include "core/evaluation/Comparison.h"
#include "core/evaluation/ExactTests.h"
#include "core/evaluation/Verdict.h"
#include "tests/core/evaluation/MetricTables.h"

#include <QRegularExpression>
#include <QTest>

#include <algorithm>
#include <cmath>

using namespace lathe;
using namespace lathe::test;
using statistics::Random;
using Kind = MetricTable::Kind;
using Verdict = PairResult::Verdict;

namespace {

PairResult onlyPair(const MetricTable &table,
                    const ComparisonOptions &options = ComparisonOptions())
{
    return compareVariants({table}, options).metrics.at(0).pairs.at(0);
}

} // namespace

class TestComparison : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void passFailSentences();
    void numberSentences();
    void preferenceSentences();
    void repetitionsStayTogether();
    void tooFew();
    void nothingThere();
    void severalVariants();
    void strengths();
    void sameWithinTheSmallestDifference();
    void verdicts();
    void thirdsAreThirds();
    void peeking();
    void missingValues();
    void agreement();
    void deciding();
};

void TestComparison::passFailSentences()
{
    const PairResult won = onlyPair(passFail(18, 13, 2, 7));
    QCOMPARE(won.verdict, Verdict::SecondBetter);
    QCOMPARE(won.wins, 13);
    QCOMPARE(won.losses, 2);
    QCOMPARE(won.ties, 25);
    QCOMPARE(won.moreExamples, 0);
    QCOMPARE(won.test, QStringLiteral("exact McNemar test"));
    QVERIFY(std::abs(won.pValue - 2.0 * (1 + 15 + 105) / 32768) < 1e-12);
    QCOMPARE(won.sentence, QStringLiteral("B is better than A: it passed 31 of 40 examples against "
                                          "20; difference +28 points, 95 % interval +9 to "
                                          "+44, p = 0.0074 (exact McNemar test)."));
    const PairResult lost = onlyPair(passFail(18, 2, 13, 7));
    QCOMPARE(lost.verdict, Verdict::FirstBetter);
    QCOMPARE(lost.sentence, QString(won.sentence)
                                .replace(QStringLiteral("B is better than A"),
                                         QStringLiteral("A is better than B")));
    QVERIFY(lost.difference < 0 && lost.high < 0);
    const PairResult open = onlyPair(passFail(15, 9, 6, 10));
    QCOMPARE(open.verdict, Verdict::Unknown);
    QCOMPARE(open.sentence, QStringLiteral("It is not known which of A and B is better: B passed "
                                           "24 of 40 examples against 21; difference +8 points, "
                                           "95 % interval \u221212 to +26, p = 0.61 (exact McNemar "
                                           "test); about 500 more examples would settle it at "
                                           "this size of effect."));
    QVERIFY(open.moreExamples > 400 && open.moreExamples < 560);
    const PairResult alike = onlyPair(passFail(20, 0, 0, 20));
    QCOMPARE(alike.moreExamples, -1);
    QVERIFY(alike.low < 0 && alike.high > 0); // 40 ties do not prove that there is no difference
    QCOMPARE(alike.sentence, QStringLiteral("It is not known which of A and B is better: they did "
                                            "the same on all of 40 examples."));
}

void TestComparison::numberSentences()
{
    MetricTable table = numberTable(QStringLiteral("s"), false, 2);
    for (int i = 0; i < 40; ++i) {
        const double base = 3 + (i * 7 % 11) * 0.1;
        table.values[0].push_back({base});
        table.values[1].push_back({base - 0.5 - (i * 3 % 7 - 3) * 0.2});
    }
    const PairResult quick = onlyPair(table);
    QCOMPARE(quick.verdict, Verdict::SecondBetter);
    QVERIFY(quick.difference < 0 && quick.high < 0);
    QVERIFY(quick.wins > quick.losses);
    static const QRegularExpression pattern(
        QStringLiteral("^B is quicker than A: it took 3\\.\\d\\d s on average over 40 examples "
                       "against 3\\.\\d\\d s; difference \u22120\\.\\d\\d s, 95 % "
                       "interval \u22120\\.\\d\\d s to \u22120\\.\\d\\d s, p < 0\\.001 "
                       "\\(sign-flip permutation test\\)\\.$"));
    QVERIFY2(pattern.match(quick.sentence).hasMatch(), qPrintable(quick.sentence));
    for (auto &variant : table.values) {
        for (auto &example : variant) {
            example[0] *= 0.001;
        }
    }
    table.unit = QStringLiteral("$");
    const QString cheap = onlyPair(table).sentence;
    static const QRegularExpression dollars(
        QStringLiteral("^B is cheaper than A: it cost \\$0\\.00\\d+ on average over 40 examples "
                       "against \\$0\\.00\\d+; difference \u2212\\$0\\.000\\d+, "));
    QVERIFY2(dollars.match(cheap).hasMatch(), qPrintable(cheap));
    table.unit = QStringLiteral("stars");
    table.higherIsBetter = true;
    const PairResult stars = onlyPair(table);
    QCOMPARE(stars.verdict, Verdict::FirstBetter);
    QVERIFY2(stars.sentence.startsWith(QStringLiteral("A is better than B: it had 0.00")),
             qPrintable(stars.sentence));
}

void TestComparison::preferenceSentences()
{
    MetricTable table;
    table.kind = Kind::Preference;
    table.variants = names(2);
    for (int i = 0; i < 40; ++i) {
        table.preferences.push_back({i, 0, 1, i < 25 ? 1 : i < 35 ? 0 : -1});
    }
    const PairResult pair = onlyPair(table);
    QCOMPARE(pair.test, QStringLiteral("exact sign test"));
    QVERIFY2(pair.sentence.startsWith(QStringLiteral(
                 "B is better than A: it was preferred in 25 of 40 examples against 10 and 5 ties; "
                 "difference +38 points, 95 % interval +")),
             qPrintable(pair.sentence));
    const MetricResult metric = compareVariants({table}, ComparisonOptions()).metrics[0];
    QVERIFY(std::abs(metric.variants[1].mean - 27.5 / 40) < 1e-9);
    QVERIFY(!metric.variants[0].strength); // of two the share says it all
}

// Ten repetitions of the same five examples are five examples.
void TestComparison::repetitionsStayTogether()
{
    MetricTable table = passFail(0, 0, 0, 0);
    MetricTable once = table;
    for (int i = 0; i < 12; ++i) {
        const double a = i % 3 == 0, b = i % 4 != 0;
        once.values[0].push_back({a});
        once.values[1].push_back({b});
        table.values[0].push_back(std::vector<double>(10, a));
        table.values[1].push_back(std::vector<double>(10, b));
    }
    const PairResult one = onlyPair(once), ten = onlyPair(table);
    QCOMPARE(ten.examples, 12);
    QCOMPARE(ten.difference, one.difference);
    QCOMPARE(ten.low, one.low);
    QCOMPARE(ten.high, one.high);
    QCOMPARE(ten.pValue, one.pValue);
    QVERIFY(ten.test.contains(QStringLiteral("permutation")));
    QVERIFY2(ten.sentence.contains(QStringLiteral(" % of the trials of 12 examples against ")),
             qPrintable(ten.sentence));
    QCOMPARE(compareVariants({table}, ComparisonOptions()).metrics[0].variants[0].trials, 120);
}

void TestComparison::tooFew()
{
    for (int n = 1; n < 5; ++n) {
        const PairResult pair = onlyPair(passFail(0, n, 0, 0));
        QCOMPARE(pair.verdict, Verdict::Unknown);
        QCOMPARE(pair.moreExamples, -1);
        QVERIFY(!pair.mayStop);
        QVERIFY2(pair.sentence.contains(QStringLiteral("too few to say more")),
                 qPrintable(pair.sentence));
        MetricTable table = numberTable(QStringLiteral("s"), false, 2);
        for (int i = 0; i < n; ++i) {
            table.values[0].push_back({10});
            table.values[1].push_back({1});
        }
        const PairResult numbers = onlyPair(table);
        QCOMPARE(numbers.verdict, Verdict::Unknown);
        QCOMPARE(numbers.hasInterval, n > 1);
        QVERIFY(std::isfinite(numbers.low) && std::isfinite(numbers.high));
        QVERIFY2(numbers.sentence.contains(QStringLiteral("too few to say more")),
                 qPrintable(numbers.sentence));
    }
}

void TestComparison::nothingThere()
{
    const ComparisonResult none = compareVariants({}, ComparisonOptions());
    QCOMPARE(none.decidedBy, -1);
    QCOMPARE(none.sentence, QStringLiteral("Nothing was measured."));
    MetricTable empty;
    QCOMPARE(compareVariants({empty}, ComparisonOptions()).sentence,
             QStringLiteral("Nothing was measured."));
    empty.variants = names(3);
    const ComparisonResult three = compareVariants({empty}, ComparisonOptions());
    QCOMPARE(three.metrics[0].pairs.size(), size_t(3));
    QCOMPARE(three.metrics[0].variants.size(), size_t(3));
    QCOMPARE(three.sentence, QStringLiteral("Nothing was measured."));
    QVERIFY(three.metrics[0].pairs[0].sentence.contains(
        QStringLiteral("no example was measured for both")));
    MetricTable alone = passFail(3, 3, 3, 3);
    alone.variants = names(1);
    QCOMPARE(compareVariants({alone}, ComparisonOptions()).sentence,
             QStringLiteral("There is nothing to compare with."));
}

void TestComparison::severalVariants()
{
    MetricTable table = numberTable(QString(), true, 4);
    Random random(2);
    for (int i = 0; i < 60; ++i) {
        const double base = random.uniform();
        table.values[0].push_back({base});
        table.values[1].push_back({base + 0.3 * random.uniform() - 0.15});
        table.values[2].push_back({base + 1 + 0.3 * random.uniform()});
        table.values[3].push_back({base - 1 + 0.3 * random.uniform()});
    }
    MetricResult metric = compareVariants({table}, ComparisonOptions()).metrics[0];
    QCOMPARE(metric.pairs.size(), size_t(6));
    std::vector<double> pValues, anytime, adjusted, anytimeAdjusted;
    for (const PairResult &pair : metric.pairs) {
        pValues.push_back(pair.pValue);
        adjusted.push_back(pair.pAdjusted);
        anytime.push_back(pair.pAnytime);
        anytimeAdjusted.push_back(pair.pAnytimeAdjusted);
    }
    QCOMPARE(adjusted, statistics::holm(pValues));
    QCOMPARE(anytimeAdjusted, statistics::holm(anytime));
    for (const PairResult &pair : metric.pairs) {
        QVERIFY(pair.pAdjusted >= pair.pValue && pair.pAdjusted <= 6 * pair.pValue + 1e-12);
        QVERIFY(pair.pAnytimeAdjusted >= pair.pAnytime);
        QCOMPARE(pair.mayStop, pair.pAnytimeAdjusted <= 0.05);
    }
    QVERIFY2(metric.sentence.startsWith(QStringLiteral("C is the best of the 4 variants, with ")),
             qPrintable(metric.sentence));
    QVERIFY2(
        metric.sentence.endsWith(QStringLiteral(
            ": better than A, B and D; largest p < 0.001 after Holm's correction for 6 pairs.")),
        qPrintable(metric.sentence));
    table.values[2] = table.values[1];
    metric = compareVariants({table}, ComparisonOptions()).metrics[0];
    QVERIFY2(metric.sentence.startsWith(
                 QStringLiteral("It is not known which of the 4 variants is best: ")),
             qPrintable(metric.sentence));
    QVERIFY2(metric.sentence.contains(QStringLiteral(", and is better than D; between it and ")),
             qPrintable(metric.sentence));
    QVERIFY(
        metric.pairs[0].sentence.contains(QStringLiteral("after Holm's correction for 6 pairs")));
}

void TestComparison::strengths()
{
    MetricTable table;
    table.kind = Kind::Preference;
    table.variants = names(3);
    Random random(9);
    const double truth[] = {0, 0.8, -0.8};
    for (int i = 0; i < 400; ++i) {
        for (int left = 0; left < 3; ++left) {
            for (int right = left + 1; right < 3; ++right) {
                const double leftWins = 1 / (1 + std::exp(truth[right] - truth[left]));
                table.preferences.push_back(
                    {i, left, right, random.uniform() < leftWins ? left : right});
            }
        }
    }
    MetricResult metric = compareVariants({table}, ComparisonOptions()).metrics[0];
    for (size_t v = 0; v < 3; ++v) {
        const VariantSummary &one = metric.variants[v];
        QVERIFY(one.strength && *one.strengthLow < *one.strength
                && *one.strength < *one.strengthHigh);
        QVERIFY(*one.strengthLow < truth[v] && truth[v] < *one.strengthHigh);
        QVERIFY(*one.strengthHigh - *one.strengthLow < 0.4);
        QCOMPARE(one.examples, 400);
        QCOMPARE(one.trials, 800);
    }
    QVERIFY(metric.notes.isEmpty());
    QVERIFY2(metric.sentence.startsWith(QStringLiteral("B is the best of the 3 variants, with ")),
             qPrintable(metric.sentence));
    // C never wins now.
    for (MetricTable::Preference &preference : table.preferences) {
        if (preference.right == 2) {
            preference.winner = preference.left;
        }
    }
    metric = compareVariants({table}, ComparisonOptions()).metrics[0];
    QCOMPARE(metric.notes.size(), 1);
    QVERIFY(metric.notes[0].contains(QStringLiteral("tied once more")));
    QVERIFY(std::abs(*metric.variants[2].strength) < 10);
}

void TestComparison::sameWithinTheSmallestDifference()
{
    ComparisonOptions options;
    options.smallestDifference = 0.05;
    const MetricTable alike = passFail(900, 20, 22, 58);
    const PairResult same = onlyPair(alike, options);
    QCOMPARE(same.verdict, Verdict::Same);
    QCOMPARE(same.moreExamples, 0);
    QVERIFY2(same.sentence.startsWith(QStringLiteral(
                 "A and B count as the same: B passed 920 of 1,000 examples against 922; ")),
             qPrintable(same.sentence));
    QVERIFY2(same.sentence.endsWith(
                 QStringLiteral("within the smallest difference that counts, 5.0 points.")),
             qPrintable(same.sentence));
    QCOMPARE(onlyPair(alike).verdict, Verdict::Unknown);
    // Nothing is said of a metric in other units.
    MetricTable latency = numberTable(QStringLiteral("s"), false, 2);
    for (int i = 0; i < 50; ++i) {
        latency.values[0].push_back({0.001 * (i % 7)});
        latency.values[1].push_back({0.001 * (i % 5)});
    }
    const ComparisonResult both = compareVariants({alike, latency}, options);
    QCOMPARE(both.metrics[0].pairs[0].verdict, Verdict::Same);
    QVERIFY(both.metrics[1].pairs[0].verdict != Verdict::Same);
    // Few more examples could show it to be the same, many would be needed to show a difference.
    options.smallestDifference = 0.02;
    const PairResult nearly = onlyPair(passFail(450, 20, 21, 9), options);
    QVERIFY(nearly.verdict == Verdict::Unknown && nearly.moreExamples > 0
            && nearly.moreExamples < 1'000);
}

// Every condition by itself keeps a pair from being called better.
void TestComparison::verdicts()
{
    MetricResult metric;
    metric.kind = Kind::Number;
    statistics::PairFacts facts;
    PairResult sure;
    sure.examples = 40;
    sure.hasInterval = true;
    sure.difference = 2;
    sure.low = 1;
    sure.high = 3;
    sure.pAdjusted = sure.pAnytimeAdjusted = 0.01;
    const auto verdict = [&](auto change) {
        PairResult pair = sure;
        change(pair);
        return statistics::verdictOf(pair, metric, facts);
    };
    QCOMPARE(verdict([](PairResult &) {}), Verdict::SecondBetter);
    QCOMPARE(verdict([](PairResult &pair) { pair.low = -0.1; }), Verdict::Unknown);
    QCOMPARE(verdict([](PairResult &pair) { pair.low = 0; }), Verdict::Unknown);
    QCOMPARE(verdict([](PairResult &pair) { pair.difference = -1; }), Verdict::Unknown);
    QCOMPARE(verdict([](PairResult &pair) { pair.pAdjusted = 0.051; }), Verdict::Unknown);
    QCOMPARE(verdict([](PairResult &pair) { pair.pAdjusted = std::nan(""); }), Verdict::Unknown);
    QCOMPARE(verdict([](PairResult &pair) { pair.low = std::nan(""); }), Verdict::Unknown);
    QCOMPARE(verdict([](PairResult &pair) { pair.examples = 4; }), Verdict::Unknown);
    QCOMPARE(verdict([](PairResult &pair) { pair.hasInterval = false; }), Verdict::Unknown);
    metric.higherIsBetter = false;
    QCOMPARE(verdict([](PairResult &) {}), Verdict::FirstBetter);
    metric.kind = Kind::Preference; // who was preferred is better, whatever the flag
    QCOMPARE(verdict([](PairResult &) {}), Verdict::SecondBetter);
    facts.smallestDifference = 3;
    QCOMPARE(verdict([](PairResult &) {}), Verdict::SecondBetter); // 3 itself counts
    facts.smallestDifference = 3.1;
    QCOMPARE(verdict([](PairResult &) {}), Verdict::Same);
}

// 1 - 2/3 is 1/3 - 0, though not in floating point: all differences are of one size, so the sign
// test is exact whatever their number.
void TestComparison::thirdsAreThirds()
{
    MetricTable table = passFail(0, 0, 0, 0);
    for (int i = 0; i < 40; ++i) {
        const double odd = i % 2;
        std::vector<double> less{odd, odd, 0}, more{1, odd, odd};
        if (i % 4 == 0) {
            std::swap(less, more);
        }
        table.values[0].push_back(less);
        table.values[1].push_back(more);
    }
    const PairResult pair = onlyPair(table);
    QCOMPARE(pair.wins, 30);
    QCOMPARE(pair.pValue, statistics::signTest(30, 10));
    QVERIFY(pair.test.startsWith(QStringLiteral("exact")));
}

// After peeking only the always-valid test counts.
void TestComparison::peeking()
{
    const MetricTable table = passFail(18, 11, 2, 9);
    ComparisonOptions options;
    const PairResult fixed = onlyPair(table, options);
    QCOMPARE(fixed.verdict, Verdict::SecondBetter);
    options.peeked = true;
    const PairResult peeked = onlyPair(table, options);
    QVERIFY(peeked.pAnytime > 0.05 && !peeked.mayStop);
    QCOMPARE(peeked.verdict, Verdict::Unknown);
    QVERIFY2(peeked.sentence.contains(QStringLiteral("(always-valid test)")),
             qPrintable(peeked.sentence));
    const PairResult sure = onlyPair(passFail(18, 30, 2, 9), options);
    QVERIFY(sure.mayStop);
    QCOMPARE(sure.verdict, Verdict::SecondBetter);
}

void TestComparison::missingValues()
{
    MetricTable table = numberTable(QStringLiteral("s"), false, 2);
    for (int i = 0; i < 20; ++i) {
        table.values[0].push_back({1.0 + i});
        table.values[1].push_back(i < 3 ? std::vector<double>()
                                        : std::vector<double>{2.0 + i, std::nan(""), 1.0 + i});
    }
    table.values[1].pop_back();
    const ComparisonResult result = compareVariants({table}, ComparisonOptions());
    const PairResult &pair = result.metrics[0].pairs[0];
    QCOMPARE(pair.examples, 16);
    QCOMPARE(pair.leftOut, 4);
    QCOMPARE(pair.difference, 0.5);
    QVERIFY2(pair.sentence.endsWith(
                 QStringLiteral("; 4 examples measured for only one of them are left out.")),
             qPrintable(pair.sentence));
    QCOMPARE(result.metrics[0].notes.size(), 1);
    QCOMPARE(result.metrics[0].variants[1].trials, 32);
}

void TestComparison::agreement()
{
    MetricTable human, model;
    human.kind = model.kind = Kind::Preference;
    human.variants = model.variants = names(2);
    human.title = QStringLiteral("you");
    model.title = QStringLiteral("the model judge");
    MetricTable checks = passFail(0, 0, 0, 0);
    checks.title = QStringLiteral("checks");
    // Cells of Fleiss, Levin and Paik, table 18.1.
    const int cells[3][3] = {{75, 1, 4}, {5, 4, 1}, {0, 0, 10}};
    int example = 0;
    const int winners[] = {0, -1, 1};
    for (int a = 0; a < 3; ++a) {
        for (int b = 0; b < 3; ++b) {
            for (int i = 0; i < cells[a][b]; ++i, ++example) {
                human.preferences.push_back({example, 0, 1, winners[a]});
                model.preferences.insert(model.preferences.begin(), {example, 0, 1, winners[b]});
                checks.values[0].push_back({b == 0 ? 1.0 : 0.0});
                checks.values[1].push_back({b == 2 ? 1.0 : 0.0});
            }
        }
    }
    model.preferences.push_back({10'000, 0, 1, 0}); // judged by one only
    const ComparisonResult result = compareVariants({human, model, checks}, ComparisonOptions());
    QCOMPARE(result.agreements.size(), size_t(3));
    for (const Agreement &one :
         {result.agreements[0],
          result.agreements[1]}) { // checks were made to order as the model does
        QCOMPARE(one.cases, 100);
        QVERIFY(std::abs(one.kappa - 0.676) < 6e-4);
        QVERIFY(std::abs(one.low - 0.506) < 3e-3 && std::abs(one.high - 0.846) < 3e-3);
    }
    QCOMPARE(result.agreements[2].kappa, 1.0);
    QCOMPARE(result.agreements[0].sentence,
             QStringLiteral("you and the model judge agree substantially: they say the same of 89 "
                            "of 100 cases; beyond chance, kappa "
                            "0.68, 95 % interval 0.50 to 0.85."));
    // Lower is better turns the order of a number around; latency is no judge.
    MetricTable stars = numberTable(QStringLiteral("stars"), true, 2);
    stars.values = checks.values;
    MetricTable latency = numberTable(QStringLiteral("s"), false, 2);
    latency.values = checks.values;
    const ComparisonResult others = compareVariants({human, stars, latency}, ComparisonOptions());
    QCOMPARE(others.agreements.size(), size_t(1));
    QVERIFY(std::abs(others.agreements[0].kappa - 0.676) < 6e-4);
    stars.higherIsBetter = false;
    QVERIFY(compareVariants({human, stars}, ComparisonOptions()).agreements[0].kappa < 0);
    // Six cases to an example that stand and fall together are not six times the evidence.
    MetricTable together = human, apart = human, other = model;
    other.variants = together.variants = apart.variants = names(4);
    MetricTable otherApart = other;
    for (MetricTable *table : {&together, &apart, &other, &otherApart}) {
        const bool shared = table == &together || table == &other;
        const bool judge = table == &other || table == &otherApart;
        table->preferences.clear();
        for (int i = 0; i < 60; ++i) {
            const bool leftWins = judge && i % 5 == 0 ? i % 2 == 0 : i % 2 != 0;
            int at = 0;
            for (int left = 0; left < 4; ++left) {
                for (int right = left + 1; right < 4; ++right, ++at) {
                    table->preferences.push_back(
                        {shared ? i : i * 6 + at, left, right, leftWins ? left : right});
                }
            }
        }
    }
    const Agreement wide = compareVariants({together, other}, ComparisonOptions()).agreements[0];
    const Agreement narrow =
        compareVariants({apart, otherApart}, ComparisonOptions()).agreements[0];
    QCOMPARE(wide.cases, 360);
    QCOMPARE(wide.kappa, narrow.kappa);
    QVERIFY(wide.high - wide.low > 2.2 * (narrow.high - narrow.low));
    // Nothing above chance.
    Random random(4);
    for (MetricTable::Preference &preference : human.preferences) {
        preference.winner = int(random.below(2));
    }
    const Agreement chance = compareVariants({human, model}, ComparisonOptions()).agreements[0];
    QVERIFY(chance.low < 0 && chance.high > 0);
    QVERIFY2(chance.sentence.startsWith(QStringLiteral(
                 "It is not known whether you and the model judge agree more than by chance")),
             qPrintable(chance.sentence));
    human.preferences.resize(4);
    const Agreement few = compareVariants({human, model}, ComparisonOptions()).agreements[0];
    QVERIFY(!few.known && few.sentence.contains(QStringLiteral("4 cases")));
}

void TestComparison::deciding()
{
    MetricTable checks = passFail(18, 13, 2, 7), other = passFail(18, 2, 13, 7);
    other.id = QStringLiteral("judge");
    other.title = QStringLiteral("Judge");
    ComparisonOptions options;
    QCOMPARE(compareVariants({checks, other}, options).decidedBy, 0);
    options.decideBy = QStringLiteral("judge");
    const ComparisonResult result = compareVariants({checks, other}, options);
    QCOMPARE(result.decidedBy, 1);
    QVERIFY2(result.sentence.startsWith(QStringLiteral("By Judge: A is better than B: ")),
             qPrintable(result.sentence));
    options.decideBy = QStringLiteral("gone");
    const ComparisonResult none = compareVariants({checks, other}, options);
    QCOMPARE(none.decidedBy, -1);
    QCOMPARE(none.sentence, QStringLiteral("Nothing was measured by “gone”, which is to decide."));
}

QTEST_GUILESS_MAIN(TestComparison)
#include "tst_Comparison.moc"
