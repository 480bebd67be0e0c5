// SPDX-License-Identifier: GPL-3.0-or-later
// What the intervals and the tests promise, held against simulated experiments whose truth is
// known.
#include "core/evaluation/Bootstrap.h"
#include "core/evaluation/Comparison.h"
#include "core/evaluation/SequentialTest.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <functional>

using namespace lathe;
using namespace lathe::statistics;

namespace {

constexpr int Experiments = 2'000;
using Kind = MetricTable::Kind;

class Dice
{
public:
    explicit Dice(quint64 seed) : m_random(seed) {}
    double uniform() { return m_random.uniform(); }
    bool chance(double p) { return uniform() < p; }
    double normal() { return normalQuantile(std::clamp(uniform(), 1e-15, 1 - 1e-15)); }
    double exponential() { return -std::log1p(-uniform()); }

private:
    Random m_random;
};

// One example's repetitions of both variants.
using Example = std::pair<std::vector<double>, std::vector<double>>;

struct Setting {
    const char *name;
    Kind kind;
    int examples;
    double truth;      // of the difference
    double truthFirst; // mean of the first variant
    // Shares near 0 or 1: the interval may cover more than 97 %, as no exact one can do otherwise.
    bool extreme;
    std::function<Example(Dice &)> draw;
};

// Passes with the given chances; half of the examples are decided by the same luck for both.
Example passes(Dice &dice, double first, double second)
{
    const double luck = dice.uniform();
    const double other = dice.chance(0.5) ? luck : dice.uniform();
    return {{luck < first ? 1.0 : 0.0}, {other < second ? 1.0 : 0.0}};
}

// Hard and easy examples, three trials each.
Example repeatedPasses(Dice &dice, double first, double second, double spread)
{
    const double shift = dice.chance(0.5) ? spread : -spread;
    Example example;
    for (int i = 0; i < 3; ++i) {
        example.first.push_back(dice.chance(first + shift) ? 1 : 0);
        example.second.push_back(dice.chance(second + shift) ? 1 : 0);
    }
    return example;
}

// A number that an example shares, plus noise of each trial; `shape` draws with mean 0.
Example numbers(Dice &dice, int repetitions, double difference,
                const std::function<double(Dice &)> &shape)
{
    const double shared = dice.normal();
    const double effect = shape(dice);
    Example example;
    for (int i = 0; i < repetitions; ++i) {
        example.first.push_back(10 + shared + 0.3 * dice.normal());
        example.second.push_back(10 + shared + difference + effect + 0.3 * dice.normal());
    }
    return example;
}

double skewed(Dice &dice)
{
    return dice.exponential() - 1;
}

double logNormal(Dice &dice) // mean exp(0.18)
{
    return std::exp(0.6 * dice.normal());
}

std::vector<Setting> settings()
{
    std::vector<Setting> all;
    for (const int n : {30, 100}) {
        all.push_back({"pass/fail, 55 % against 70 %", Kind::PassFail, n, 0.15, 0.55, false,
                       [](Dice &dice) { return passes(dice, 0.55, 0.7); }});
        all.push_back({"pass/fail, no difference", Kind::PassFail, n, 0, 0.6, false,
                       [](Dice &dice) { return passes(dice, 0.6, 0.6); }});
        all.push_back({"pass/fail, 94 % against 98 %", Kind::PassFail, n, 0.04, 0.94, true,
                       [](Dice &dice) { return passes(dice, 0.94, 0.98); }});
        all.push_back({"pass/fail, 3 repetitions", Kind::PassFail, n, 0.1, 0.5, false,
                       [](Dice &dice) { return repeatedPasses(dice, 0.5, 0.6, 0.35); }});
        all.push_back({"pass/fail, 3 repetitions, 97 % against 98 %", Kind::PassFail, n, 0.01, 0.97,
                       true, [](Dice &dice) { return repeatedPasses(dice, 0.97, 0.98, 0.02); }});
        all.push_back(
            {"preferences with ties", Kind::Preference, n, 0.2, 0.4, false, [](Dice &dice) {
                 const double value = dice.uniform();
                 return Example{{value < 0.3 ? 1.0 : 0.0}, {value > 0.5 ? 1.0 : 0.0}};
             }});
    }
    for (const int n : {40, 100}) {
        all.push_back({"normal numbers", Kind::Number, n, 0.4, 10, false, [](Dice &dice) {
                           return numbers(dice, 1, 0.4, [](Dice &d) { return d.normal(); });
                       }});
        all.push_back({"skewed numbers", Kind::Number, n, 0.4, 10, false,
                       [](Dice &dice) { return numbers(dice, 1, 0.4, skewed); }});
        all.push_back({"skewed numbers, 3 repetitions", Kind::Number, n, 0, 10, false,
                       [](Dice &dice) { return numbers(dice, 3, 0, skewed); }});
        const double mean = std::exp(0.18);
        all.push_back({"waiting times", Kind::Number, n, mean * 0.5, mean, false, [](Dice &dice) {
                           return Example{{logNormal(dice)}, {1.5 * logNormal(dice)}};
                       }});
    }
    return all;
}

MetricTable tableOf(const Setting &setting, Dice &dice)
{
    MetricTable table;
    table.kind = setting.kind;
    table.variants = {QStringLiteral("A"), QStringLiteral("B")};
    table.values.resize(2);
    for (int i = 0; i < setting.examples; ++i) {
        Example example = setting.draw(dice);
        if (setting.kind == Kind::Preference) {
            const bool first = example.first[0] > 0, second = example.second[0] > 0;
            table.preferences.push_back({i, 0, 1, first ? 0 : second ? 1 : -1});
        } else {
            table.values[0].push_back(std::move(example.first));
            table.values[1].push_back(std::move(example.second));
        }
    }
    return table;
}

} // namespace

class TestStatisticsCoverage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void intervals_data();
    void intervals();
    void fixedTestsKeepTheirLevel();
    void anytimeTestsKeepTheirLevel_data();
    void anytimeTestsKeepTheirLevel();
    void anytimeTestsFindDifferences();
    void moreExamplesSettleIt();
};

void TestStatisticsCoverage::intervals_data()
{
    QTest::addColumn<int>("index");
    const std::vector<Setting> all = settings();
    for (size_t i = 0; i < all.size(); ++i) {
        QTest::addRow("%s, n = %d", all[i].name, all[i].examples) << int(i);
    }
}

void TestStatisticsCoverage::intervals()
{
    QFETCH(int, index);
    const Setting setting = settings()[size_t(index)];
    Dice dice(7'000 + quint64(index));
    ComparisonOptions options;
    options.resamples = 1'000;
    int covered = 0, coveredFirst = 0, below = 0, above = 0;
    double width = 0;
    for (int experiment = 0; experiment < Experiments; ++experiment) {
        options.seed = quint64(experiment);
        const ComparisonResult result = compareVariants({tableOf(setting, dice)}, options);
        const PairResult &pair = result.metrics[0].pairs[0];
        QVERIFY(pair.hasInterval && std::isfinite(pair.low) && std::isfinite(pair.high)
                && pair.low <= pair.high);
        below += setting.truth < pair.low;
        above += setting.truth > pair.high;
        covered += pair.low <= setting.truth && setting.truth <= pair.high;
        width += (pair.high - pair.low) / Experiments;
        const VariantSummary &first = result.metrics[0].variants[0];
        coveredFirst += first.low <= setting.truthFirst && setting.truthFirst <= first.high;
    }
    const double share = double(covered) / Experiments,
                 shareFirst = double(coveredFirst) / Experiments;
    qInfo("difference: covered %.2f %% (missed %.2f %% below, %.2f %% above), width %.3f; own "
          "mean: %.2f %%",
          share * 100, below * 100.0 / Experiments, above * 100.0 / Experiments, width,
          shareFirst * 100);
    QVERIFY(share >= 0.93);
    QVERIFY(setting.extreme || share <= 0.97);
    QVERIFY(shareFirst >= 0.93);
    QVERIFY(setting.extreme || shareFirst <= 0.97);
}

// Of two variants that are alike, about one in twenty comparisons at most may call one better.
void TestStatisticsCoverage::fixedTestsKeepTheirLevel()
{
    const std::vector<Setting> nulls{
        {"pass/fail", Kind::PassFail, 40, 0, 0, false,
         [](Dice &dice) { return passes(dice, 0.6, 0.6); }},
        {"repetitions", Kind::PassFail, 40, 0, 0, false,
         [](Dice &dice) { return repeatedPasses(dice, 0.5, 0.5, 0.3); }},
        {"numbers", Kind::Number, 30, 0, 0, false,
         [](Dice &dice) {
             return Example{{logNormal(dice)}, {logNormal(dice)}};
         }},
    };
    for (size_t i = 0; i < nulls.size(); ++i) {
        Dice dice(900 + i);
        ComparisonOptions options;
        options.resamples = 500;
        int called = 0, significant = 0;
        for (int experiment = 0; experiment < Experiments; ++experiment) {
            options.seed = quint64(experiment);
            const PairResult pair =
                compareVariants({tableOf(nulls[i], dice)}, options).metrics[0].pairs[0];
            called += pair.verdict != PairResult::Verdict::Unknown;
            significant += pair.pValue <= 0.05;
        }
        qInfo("%s: %.2f %% called better, p <= 0.05 in %.2f %%", nulls[i].name,
              called * 100.0 / Experiments, significant * 100.0 / Experiments);
        QVERIFY(called <= 0.062 * Experiments); // 0.05 and 2.5 standard errors of 2,000 experiments
        QVERIFY(significant <= 0.062 * Experiments);
    }
}

void TestStatisticsCoverage::anytimeTestsKeepTheirLevel_data()
{
    QTest::addColumn<int>("which");
    QTest::addRow("pass/fail") << 0;
    QTest::addRow("repetitions, skewed") << 1;
    QTest::addRow("waiting times in s") << 2;
    QTest::addRow("cost in $") << 3;
}

// Peeking after every one of 200 examples.
void TestStatisticsCoverage::anytimeTestsKeepTheirLevel()
{
    QFETCH(int, which);
    Dice dice(4'000 + quint64(which));
    int alarms = 0, naive = 0;
    for (int experiment = 0; experiment < Experiments; ++experiment) {
        AnytimeTest test(which < 2 ? AnytimeTest::Of::Shares : AnytimeTest::Of::Numbers);
        bool alarmed = false, fooled = false;
        double sum = 0, squares = 0;
        for (int i = 0; i < 200; ++i) {
            double difference = 0;
            if (which == 0) {
                const Example example = passes(dice, 0.5, 0.5);
                difference = example.second[0] - example.first[0];
            } else if (which == 1) {
                difference = dice.chance(0.25) ? 1 : -1.0 / 3; // mean 0 and not symmetric
            } else {
                difference = (logNormal(dice) - logNormal(dice)) * (which == 3 ? 0.0004 : 1);
            }
            test.add(difference);
            sum += difference;
            squares += difference * difference;
            alarmed = alarmed || test.pValue() <= 0.05;
            fooled = fooled || (i >= 10 && std::abs(sum) > 1.96 * std::sqrt(squares));
        }
        alarms += alarmed;
        naive += fooled;
    }
    qInfo("false alarms %.2f %%; a test at 5 %% looked at as often: %.1f %%",
          alarms * 100.0 / Experiments, naive * 100.0 / Experiments);
    QVERIFY(alarms <= 0.05 * Experiments);
    QVERIFY(
        naive
        > 0.2 * Experiments); // the trap is real: this simulation would show a test that does not hold
}

// And it does stop: 80 % of true differences are found within what is a fair number of examples.
void TestStatisticsCoverage::anytimeTestsFindDifferences()
{
    Dice dice(11);
    std::vector<int> shares, numbersNeeded;
    for (int experiment = 0; experiment < 300; ++experiment) {
        AnytimeTest share(AnytimeTest::Of::Shares), number(AnytimeTest::Of::Numbers);
        int sharesAt = 2'000, numbersAt = 2'000;
        for (int i = 1; i <= 1'000 && (sharesAt == 2'000 || numbersAt == 2'000); ++i) {
            const Example example = passes(dice, 0.55, 0.75);
            share.add(example.second[0] - example.first[0]);
            number.add(0.5 + dice.normal());
            sharesAt = sharesAt == 2'000 && share.pValue() <= 0.05 ? i : sharesAt;
            numbersAt = numbersAt == 2'000 && number.pValue() <= 0.05 ? i : numbersAt;
        }
        shares.push_back(sharesAt);
        numbersNeeded.push_back(numbersAt);
    }
    std::sort(shares.begin(), shares.end());
    std::sort(numbersNeeded.begin(), numbersNeeded.end());
    qInfo("pass/fail 55 %% against 75 %%: half stop by %d, 80 %% by %d (a fixed test needs %d); "
          "effect of half a deviation: %d, %d "
          "(%d)",
          shares[150], shares[240], examplesNeededForShares(0.275, 0.075, 0.05), numbersNeeded[150],
          numbersNeeded[240], examplesNeeded(0.5, 1, 0.05));
    QVERIFY(shares[240] < 3 * examplesNeededForShares(0.275, 0.075, 0.05));
    QVERIFY(numbersNeeded[240] < 4 * examplesNeeded(0.5, 1, 0.05));
}

// The number of examples that is advised gives about the power that it promises.
void TestStatisticsCoverage::moreExamplesSettleIt()
{
    Dice dice(21);
    const int forShares = examplesNeededForShares(0.25, 0.1, 0.05),
              forNumbers = examplesNeeded(0.4, 1, 0.05);
    int found = 0, foundNumbers = 0;
    constexpr int Rounds = 1'000;
    ComparisonOptions options;
    options.resamples = 500;
    for (int round = 0; round < Rounds; ++round) {
        MetricTable shares, amounts;
        shares.variants = amounts.variants = {QStringLiteral("A"), QStringLiteral("B")};
        amounts.kind = Kind::Number;
        shares.values.resize(2);
        amounts.values.resize(2);
        for (int i = 0; i < forShares; ++i) {
            const double value = dice.uniform();
            shares.values[0].push_back({value < 0.1 ? 1.0 : 0.0});
            shares.values[1].push_back({value > 0.75 ? 1.0 : 0.0});
        }
        for (int i = 0; i < forNumbers; ++i) {
            amounts.values[0].push_back({0});
            amounts.values[1].push_back({0.4 + dice.normal()});
        }
        found += compareVariants({shares}, options).metrics[0].pairs[0].verdict
                 == PairResult::Verdict::SecondBetter;
        foundNumbers += compareVariants({amounts}, options).metrics[0].pairs[0].verdict
                        == PairResult::Verdict::SecondBetter;
    }
    qInfo("settled: pass/fail %.1f %% with %d examples, numbers %.1f %% with %d",
          found * 100.0 / Rounds, forShares, foundNumbers * 100.0 / Rounds, forNumbers);
    QVERIFY(found >= 0.74 * Rounds && found <= 0.88 * Rounds);
    QVERIFY(foundNumbers >= 0.74 * Rounds && foundNumbers <= 0.88 * Rounds);
}

QTEST_GUILESS_MAIN(TestStatisticsCoverage)
#include "tst_StatisticsCoverage.moc"
