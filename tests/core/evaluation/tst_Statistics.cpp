// SPDX-License-Identifier: GPL-3.0-or-later
// Held against worked examples in print; each names its source.
#include "core/evaluation/Agreement.h"
#include "core/evaluation/BradleyTerry.h"
#include "core/evaluation/ExactTests.h"
#include "core/evaluation/SequentialTest.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace lathe::statistics;

namespace {

#define NEAR(actual, expected, tolerance) \
    do { \
        const double is = (actual), should = (expected); \
        QVERIFY2(std::abs(is - should) <= (tolerance), \
                 qPrintable(QStringLiteral("%1 is %2, should be %3") \
                                .arg(QStringLiteral(#actual)) \
                                .arg(is, 0, 'g', 8) \
                                .arg(should))); \
    } while (false)

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();
constexpr double Infinity = std::numeric_limits<double>::infinity();

} // namespace

class TestStatistics : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void proportions_data();
    void proportions();
    void pairedProportions();
    void pairedProportionsCoverage();
    void mcNemar();
    void signFlip();
    void signFlipIsMcNemarForSigns();
    void holmAdjusts();
    void bootstrapT();
    void bootstrapIsMirrored();
    void meanIntervalOfOddData();
    void largeSamplesUseTheLimit();
    void clusteredShares();
    void bradleyTerryBaseball();
    void bradleyTerryWithoutMaximum();
    void bradleyTerryGroups();
    void kappa_data();
    void kappa();
    void kappaOfOddTables();
    void anytimeIsAFairBet();
    void sampleSizes();
    void nonsense();
};

// Newcombe, Statist. Med. 17 (1998) 857-872, table I, method 3 (score).
void TestStatistics::proportions_data()
{
    QTest::addColumn<int>("x");
    QTest::addColumn<int>("n");
    QTest::addColumn<double>("wilsonLow");
    QTest::addColumn<double>("wilsonHigh");
    QTest::addRow("81/263") << 81 << 263 << 0.2553 << 0.3662;
    QTest::addRow("15/148") << 15 << 148 << 0.0624 << 0.1605;
    QTest::addRow("0/20") << 0 << 20 << 0.0 << 0.1611;
    QTest::addRow("1/29") << 1 << 29 << 0.0061 << 0.1718;
}

void TestStatistics::proportions()
{
    QFETCH(int, x);
    QFETCH(int, n);
    QFETCH(double, wilsonLow);
    QFETCH(double, wilsonHigh);
    NEAR(wilsonInterval(x, n).low, wilsonLow, 6e-5);
    NEAR(wilsonInterval(x, n).high, wilsonHigh, 6e-5);
    NEAR(wilsonInterval(n - x, n).high, 1 - wilsonLow, 6e-5);
}

void TestStatistics::pairedProportions()
{
    // Fagerland, Lydersen and Laake, Statist. Med. 33 (2014) 2850-2875: airway hyper-responsiveness
    // of 21 children before and after transplantation (Bentur et al. 2009), 1 and 7 discordant;
    // Wald interval with Bonett and Price's adjustment.
    const Interval airways = bonettPriceInterval(1, 7, 21);
    NEAR(airways.low, -0.508, 6e-4);
    NEAR(airways.high, -0.013, 6e-4);
    // Agresti, Categorical Data Analysis (2nd ed.), 10.1: approval of a prime minister by 1,600;
    // -0.04 +- 0.019.
    const Interval approval = bonettPriceInterval(86, 150, 1600);
    NEAR(approval.low, -0.06, 2e-3);
    NEAR(approval.high, -0.02, 2e-3);
    QCOMPARE(bonettPriceInterval(30, 0, 30).high, 1.0);
    const Interval tied = bonettPriceInterval(0, 0, 30);
    QVERIFY(tied.low < -0.05 && tied.high == -tied.low);
}

// Exactly: the sum over all outcomes of their probability, where the interval holds the truth.
void TestStatistics::pairedProportionsCoverage()
{
    for (const int n : {30, 100}) {
        double least = 1, mostWhereMany = 0;
        for (const double discordant : {0.05, 0.1, 0.2, 0.3, 0.5, 0.7}) {
            for (const double share : {0.5, 0.6, 0.7, 0.8, 0.9, 0.999}) {
                const double won = discordant * share, lost = discordant - won;
                double covered = 0;
                for (int w = 0; w <= n; ++w) {
                    for (int l = 0; w + l <= n; ++l) {
                        const Interval interval = bonettPriceInterval(w, l, n);
                        if (interval.low <= won - lost && won - lost <= interval.high) {
                            covered += std::exp(std::lgamma(n + 1) - std::lgamma(w + 1)
                                                - std::lgamma(l + 1) - std::lgamma(n - w - l + 1)
                                                + w * std::log(won) + l * std::log(lost)
                                                + (n - w - l) * std::log(1 - discordant));
                        }
                    }
                }
                least = std::min(least, covered);
                mostWhereMany =
                    discordant >= 0.2 ? std::max(mostWhereMany, covered) : mostWhereMany;
            }
        }
        qInfo("n = %d: covers at least %.2f %%, at most %.2f %% where a fifth differ", n,
              least * 100, mostWhereMany * 100);
        QVERIFY(least >= 0.937);
        QVERIFY(mostWhereMany <= 0.976);
    }
}

void TestStatistics::mcNemar()
{
    // Fagerland, Lydersen and Laake, BMC Med. Res. Methodol. 13:91 (2013): exact conditional p =
    // 0.070.
    NEAR(signTest(1, 7), 0.0703125, 1e-12);
    // Agresti's approval ratings: exact p = 3.716e-05 (Fay, R package exact2x2).
    NEAR(signTest(86, 150), 3.716e-5, 6e-9);
    QCOMPARE(signTest(0, 0), 1.0);
    QCOMPARE(signTest(5, 5), 1.0);
    QCOMPARE(signTest(0, 5), 0.0625);
    QVERIFY(signTest(0, 100'000) >= 0);
}

void TestStatistics::signFlip()
{
    // Fisher, The Design of Experiments (1935), s. 21: Darwin's maize; of 32,768 signs 863 give 314
    // or more, so 1,726 on both sides.
    const std::vector<double> maize{49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48};
    bool exact = false;
    NEAR(signFlipTest(maize, Effort(), &exact), 1726.0 / 32768, 1e-12);
    QVERIFY(exact);
    // In other units, in another order, seen from the other side.
    std::vector<double> other = maize;
    std::reverse(other.begin(), other.end());
    for (double &value : other) {
        value *= -1e-7 / 3;
    }
    NEAR(signFlipTest(other, Effort()), 1726.0 / 32768, 1e-12);
    // Monte Carlo over 21 and more, and the normal limit, agree with it: the same twice has more to
    // say, so compare the two ways.
    std::vector<double> twice = maize;
    twice.insert(twice.end(), maize.begin(), maize.end());
    const double drawn = signFlipTest(twice, Effort(), &exact);
    QVERIFY(!exact);
    Effort none;
    none.draws = 0;
    NEAR(drawn, signFlipTest(twice, none), 0.006);
    QCOMPARE(signFlipTest(twice, Effort()), drawn); // the same seed
    std::vector<double> onesided;
    for (int i = 1; i <= 60; ++i) {
        onesided.push_back(i);
    }
    QCOMPARE(signFlipTest(onesided, Effort()), 1.0 / 10'001); // none as extreme was drawn: not 0
    QCOMPARE(signFlipTest({0, 0, 0}, Effort()), 1.0);
    QCOMPARE(signFlipTest({}, Effort()), 1.0);
    QCOMPARE(signFlipTest({NaN, 1, 1, Infinity}, Effort()), 0.5);
}

void TestStatistics::signFlipIsMcNemarForSigns()
{
    Random random(5);
    for (int round = 0; round < 200; ++round) {
        const int wins = int(random.below(40)), losses = int(random.below(40)),
                  ties = int(random.below(5));
        std::vector<double> differences(size_t(wins), 0.5);
        differences.insert(differences.end(), size_t(losses), -0.5);
        differences.insert(differences.end(), size_t(ties), 0.0);
        NEAR(signFlipTest(differences, Effort()), signTest(wins, losses), 1e-12);
    }
}

void TestStatistics::holmAdjusts()
{
    // Holm, Scand. J. Statist. 6 (1979); the numbers of the worked example 0.01, 0.04, 0.03, 0.005
    // (as R's p.adjust gives them).
    const std::vector<double> adjusted = holm({0.01, 0.04, 0.03, 0.005});
    const std::vector<double> expected{0.03, 0.06, 0.06, 0.02};
    for (size_t i = 0; i < expected.size(); ++i) {
        NEAR(adjusted[i], expected[i], 1e-12);
    }
    QCOMPARE(holm({0.6, 0.7}), (std::vector<double>{1, 1}));
    QVERIFY(holm({}).empty());
}

void TestStatistics::bootstrapT()
{
    // Efron and Tibshirani, An Introduction to the Bootstrap (1993), 12.5: survival of the mice of
    // the control group, 90 % interval (56.22 - 1.66 x 13.33, 56.22 + 4.53 x 13.33) from 1,000
    // resamples, whose luck moves the ends by 0.8 and 2.3 (standard deviations); hence the
    // tolerances. numpy with 400,000 resamples: 36.0 to 116.3.
    const std::vector<double> control{52, 104, 146, 10, 51, 30, 40, 27, 46};
    NEAR(moments(control).mean, 56.22, 0.005);
    NEAR(moments(control).deviation / 3, 14.14,
         0.03); // ibid., table 2.1: standard error of the mean, as printed
    Effort effort;
    effort.resamples = 200'000;
    effort.draws = 1e9;
    const Interval interval = bootstrapTInterval(control, 0.9, effort);
    NEAR(interval.low, 56.22 - 1.66 * 13.33, 2.5);
    NEAR(interval.high, 56.22 + 4.53 * 13.33, 6);
    NEAR(interval.low, 36.0, 0.3);
    NEAR(interval.high, 116.3, 1);
}

void TestStatistics::bootstrapIsMirrored()
{
    Random random(3);
    for (int round = 0; round < 50; ++round) {
        std::vector<double> values;
        for (int i = 0; i < 15 + round; ++i) {
            values.push_back(std::round(-8 * std::log1p(-random.uniform())) / 4 - 1);
        }
        Effort effort;
        effort.resamples = 500;
        effort.seed = quint64(round);
        const Interval interval = meanInterval(values, 0, effort);
        std::vector<double> shuffled = values;
        std::rotate(shuffled.begin(), shuffled.begin() + round % 15, shuffled.end());
        QCOMPARE(meanInterval(shuffled, 0, effort), interval);
        for (double &value : shuffled) {
            value = -value;
        }
        QCOMPARE(meanInterval(shuffled, 0, effort), (Interval{-interval.high, -interval.low}));
        QVERIFY(interval.low <= moments(values).mean && moments(values).mean <= interval.high);
    }
}

void TestStatistics::meanIntervalOfOddData()
{
    const Effort effort;
    QCOMPARE(meanInterval({7}, 0, effort), (Interval{7, 7}));
    QCOMPARE(meanInterval({}, 0, effort), (Interval{0, 0}));
    QCOMPARE(meanInterval({NaN, 7, Infinity}, 0, effort), (Interval{7, 7}));
    const Interval constant = meanInterval(std::vector<double>(40, 0.1), 0, effort);
    NEAR(constant.low, 0.1, 1e-9);
    NEAR(constant.high, 0.1, 1e-9);
    // One of forty differs: its size is felt on both sides of the commonest.
    std::vector<double> nearly(40, 0.0);
    nearly[3] = 5;
    const Interval few = meanInterval(nearly, 0, effort);
    QVERIFY(few.low < 0 && few.high > 0.2 && few.high < 1);
    // Few values: Student's t. Cushny and Peebles' sleep data as in Student (1908): mean 1.58, 0.70
    // to 2.46.
    const Interval sleep =
        meanInterval({1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4}, 0, effort);
    NEAR(sleep.low, 0.7001, 1e-4);
    NEAR(sleep.high, 2.4599, 1e-4);
    // Far from zero and close together, tiny and huge.
    for (const double scale : {1e-9, 1.0, 1e12}) {
        std::vector<double> values;
        for (int i = 0; i < 50; ++i) {
            values.push_back((1000 + 0.01 * (i * 37 % 50)) * scale);
        }
        const Interval interval = meanInterval(values, 0, effort);
        QVERIFY(interval.low > 1000.1 * scale && interval.high < 1000.4 * scale
                && interval.low < interval.high);
    }
}

void TestStatistics::largeSamplesUseTheLimit()
{
    Random random(17);
    std::vector<double> values;
    for (int i = 0; i < 400; ++i) {
        values.push_back(-std::log1p(-random.uniform()));
    }
    Effort large, none;
    large.resamples = 50'000;
    large.draws = 1e9;
    none.draws = 1;
    QCOMPARE(none.affordable(400), 0);
    QCOMPARE(large.affordable(400), 50'000);
    const Interval drawn = bootstrapTInterval(values, 0.95, large),
                   limit = bootstrapTInterval(values, 0.95, none);
    const double width = drawn.high - drawn.low;
    NEAR(limit.low, drawn.low, 0.03 * width);
    NEAR(limit.high, drawn.high, 0.03 * width);
    // And it does lean to the side of the long tail, which Student's does not.
    QVERIFY(limit.high - moments(values).mean > moments(values).mean - limit.low);
}

void TestStatistics::clusteredShares()
{
    // One trial each is plain Wilson, but for the variance's n - 1.
    std::vector<double> single(40, 0.0);
    std::fill(single.begin(), single.begin() + 12, 1.0);
    NEAR(clusteredShareInterval(single, 40).low, wilsonInterval(12, 40).low, 0.003);
    // Ten repetitions that always agree tell no more than one.
    NEAR(clusteredShareInterval(single, 400).high, wilsonInterval(12, 40).high, 0.01);
    // All the same: as many trials as examples, not 0 width.
    QCOMPARE(clusteredShareInterval(std::vector<double>(20, 1.0), 200), wilsonInterval(20, 20));
    QCOMPARE(clusteredShareInterval({}, 0), (Interval{0, 1}));
    // Repetitions that scatter at random tell more.
    std::vector<double> scattered;
    for (int i = 0; i < 40; ++i) {
        scattered.push_back(0.5 + (i % 5 - 2) * 0.1);
    }
    const Interval more = clusteredShareInterval(scattered, 400), less = wilsonInterval(20, 40);
    QVERIFY(more.high - more.low < 0.6 * (less.high - less.low));
}

// Agresti, Categorical Data Analysis (2nd ed.), 10.6.1: the American League of 1987, without ties.
// Estimates and standard errors relative to Baltimore as in table 10.11 and in Turner and Firth, J.
// Statist. Software 48:9 (2012).
void TestStatistics::bradleyTerryBaseball()
{
    // Milwaukee, Detroit, Toronto, New York, Boston, Cleveland, Baltimore: wins of the row over the
    // column.
    const int wins[7][7] = {{0, 7, 9, 7, 7, 9, 11}, {6, 0, 7, 5, 11, 9, 9}, {4, 6, 0, 7, 7, 8, 12},
                            {6, 8, 6, 0, 6, 7, 10}, {6, 2, 6, 7, 0, 7, 12}, {4, 4, 5, 6, 6, 0, 6},
                            {2, 4, 1, 3, 1, 7, 0}};
    std::vector<Duel> duels;
    for (int a = 0; a < 7; ++a) {
        for (int b = 0; b < 7; ++b) {
            for (int i = 0; i < wins[a][b]; ++i) {
                duels.push_back({a, b, 1.0, int(duels.size())});
            }
        }
    }
    const Strengths fit = bradleyTerry(7, duels);
    QVERIFY(fit.converged && !fit.regularised);
    const double strength[] = {1.5814, 1.4364, 1.2945, 1.2476, 1.1077, 0.6839};
    const double error[] = {0.3433, 0.3396, 0.3367, 0.3359, 0.3339, 0.3319};
    double sum = 0;
    for (size_t a = 0; a < 7; ++a) {
        sum += fit.strength[a];
        if (a < 6) {
            NEAR(fit.strength[a] - fit.strength[6], strength[a], 6e-5);
            NEAR(std::sqrt(fit.covariance[a][a] + fit.covariance[6][6] - 2 * fit.covariance[a][6]),
                 error[a], 6e-5);
        }
    }
    NEAR(sum, 0, 1e-9);
}

void TestStatistics::bradleyTerryWithoutMaximum()
{
    // A beats B beats C, always; D was never compared.
    std::vector<Duel> duels;
    for (int i = 0; i < 30; ++i) {
        duels.push_back({0, 1, 1, i});
        duels.push_back({2, 1, 0, i});
    }
    const Strengths fit = bradleyTerry(4, duels);
    QVERIFY(fit.converged && fit.regularised);
    QVERIFY(fit.strength[0] > fit.strength[1] && fit.strength[1] > fit.strength[2]);
    for (size_t i = 0; i < 4; ++i) {
        QVERIFY(std::abs(fit.strength[i]) < 10);
        QVERIFY(fit.error[i] > 0 && fit.error[i] < 10);
    }
    // Ties alone: all alike.
    const Strengths ties = bradleyTerry(3, {{0, 1, 0.5, 0}, {1, 2, 0.5, 1}, {0, 2, 0.5, 2}});
    QVERIFY(ties.converged && !ties.regularised);
    for (const double strength : ties.strength) {
        NEAR(strength, 0, 1e-12);
    }
    QVERIFY(!bradleyTerry(3, {}).converged);
    QVERIFY(!bradleyTerry(1, {{0, 1, 1, 0}}).converged);
    QVERIFY(!bradleyTerry(100'000, {{0, 1, 1, 0}}).converged);
    QVERIFY(
        !bradleyTerry(3, {{0, 7, 1, 0}, {-1, 2, 1, 0}, {1, 1, 1, 0}, {0, 1, NaN, 0}}).converged);
    // A million to one is far, and yet has a maximum.
    const Strengths far = bradleyTerry(2, {{0, 1, 1 - 1e-6, 0}});
    QVERIFY(far.converged);
    NEAR(far.strength[0] - far.strength[1], std::log((1 - 1e-6) / 1e-6), 1e-3);
}

// The same judgement ten times over is no more evidence than once.
void TestStatistics::bradleyTerryGroups()
{
    Random random(8);
    std::vector<Duel> once, copied;
    for (int i = 0; i < 200; ++i) {
        const int a = int(random.below(3)), b = (a + 1 + int(random.below(2))) % 3;
        const Duel duel{a, b, random.uniform() < (a < b ? 0.65 : 0.35) ? 1.0 : 0.0, i};
        once.push_back(duel);
        copied.insert(copied.end(), 10, duel);
    }
    const Strengths single = bradleyTerry(3, once), tenfold = bradleyTerry(3, copied);
    QVERIFY(single.converged && tenfold.converged);
    for (size_t i = 0; i < 3; ++i) {
        NEAR(tenfold.strength[i], single.strength[i], 1e-8);
        NEAR(tenfold.error[i], single.error[i], 0.1 * single.error[i]);
    }
}

void TestStatistics::kappa_data()
{
    QTest::addColumn<std::vector<std::vector<int>>>("table");
    QTest::addColumn<double>("kappa");
    QTest::addColumn<double>("error");
    // Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions (3rd ed.), table 18.1:
    // kappa 0.68, error 0.087.
    QTest::addRow("Fleiss") << std::vector<std::vector<int>>{{75, 1, 4}, {5, 4, 1}, {0, 0, 10}}
                            << 0.676 << 0.087;
    // Agresti, Categorical Data Analysis (2nd ed.), 10.5: pathologists on carcinoma (Landis and
    // Koch 1977).
    QTest::addRow("Agresti") << std::vector<std::vector<int>>{{22, 2, 2, 0},
                                                              {5, 7, 14, 0},
                                                              {0, 2, 36, 0},
                                                              {0, 1, 17, 10}}
                             << 0.493 << 0.057;
}

void TestStatistics::kappa()
{
    QFETCH(std::vector<std::vector<int>>, table);
    QFETCH(double, kappa);
    QFETCH(double, error);
    const Kappa result = cohenKappa(table);
    QVERIFY(result.known);
    NEAR(result.kappa, kappa, 6e-4);
    NEAR(result.error, error, 1e-3); // printed from rounded shares
    NEAR(result.interval.low, kappa - 1.96 * error, 2e-3);
    NEAR(result.interval.high, kappa + 1.96 * error, 2e-3);
}

void TestStatistics::kappaOfOddTables()
{
    const Kappa always = cohenKappa({{15, 0}, {0, 25}});
    QVERIFY(always.known);
    NEAR(always.kappa, 1, 1e-12);
    QVERIFY(always.interval.low > 0.7 && always.interval.low < 0.95); // never sure of perfection
    const Kappa one = cohenKappa({{40, 0}, {0, 0}});
    QVERIFY(!one.known);
    QCOMPARE(one.observed, 1.0);
    QVERIFY(!cohenKappa({{2, 1}, {0, 1}}).known);
    QVERIFY(!cohenKappa({}).known);
    QVERIFY(!cohenKappa({{1, 2}, {3}}).known);
    QVERIFY(!cohenKappa({{5, -2}, {3, 5}}).known);
    const Kappa never = cohenKappa({{0, 20}, {20, 0}});
    NEAR(never.kappa, -1, 1e-12);
    QVERIFY(never.interval.high < 0);
}

// Whatever was seen, the next example of "no difference" leaves the capital as it is, on average.
void TestStatistics::anytimeIsAFairBet()
{
    Random random(12);
    for (const AnytimeTest::Of of : {AnytimeTest::Of::Shares, AnytimeTest::Of::Numbers}) {
        int tried = 0;
        for (int round = 0; round < 400; ++round) {
            AnytimeTest test(of);
            const int n = 20 + int(random.below(100));
            for (int i = 0; i < n; ++i) {
                test.add(random.uniform() < 0.7 ? random.uniform() : -random.uniform());
            }
            if (test.pValue() > 0.2) {
                continue; // cut to 1 soon: the capital cannot be told
            }
            ++tried;
            const double size = random.uniform();
            AnytimeTest up = test, down = test;
            up.add(size);
            down.add(-size);
            NEAR((1 / up.pValue() + 1 / down.pValue()) / 2 * test.pValue(), 1, 1e-9);
            if (of
                == AnytimeTest::Of::
                    Shares) { // not only of symmetric ones: +1 in one of four, -1/3 in three
                AnytimeTest rare = test, often = test;
                rare.add(1);
                often.add(-1.0 / 3);
                NEAR((1 / rare.pValue() + 3 / often.pValue()) / 4 * test.pValue(), 1, 1e-9);
            }
        }
        QVERIFY(tried > 50);
    }
    QCOMPARE(anytimeShares({}), 1.0);
    QCOMPARE(anytimeShares({1}), 1.0);
    QVERIFY(anytimeShares(std::vector<double>(100'000, 1.0)) >= 0);
    QVERIFY(anytimeNumbers({1e300, -1e300, NaN, Infinity, 0}) <= 1);
    // A single outlier decides nothing, ten of ten on one side do.
    NEAR(anytimeNumbers({1e9}), 1, 1e-12);
    QVERIFY(anytimeShares(std::vector<double>(10, 1.0)) <= 0.05);
    // The order is all one.
    std::vector<double> values;
    for (int i = 0; i < 60; ++i) {
        values.push_back(random.uniform() - 0.3);
    }
    const double p = anytimeNumbers(values);
    std::reverse(values.begin(), values.end());
    QCOMPARE(anytimeNumbers(values), p);
}

void TestStatistics::sampleSizes()
{
    // Machin et al., Sample Size Tables for Clinical Studies: a standardised paired difference of
    // 0.5 needs 34 at 5 %, 80 % power.
    QCOMPARE(examplesNeeded(0.5, 1, 0.05), 34);
    QCOMPARE(examplesNeeded(-0.5, 1, 0.05), 34);
    QCOMPARE(examplesNeeded(0, 1, 0.05), -1);
    QCOMPARE(examplesNeeded(1e-9, 1, 0.05), -1);
    QCOMPARE(examplesNeeded(NaN, 1, 0.05), -1);
    QCOMPARE(examplesNeededForShares(0.2, 0.2, 0.05), -1);
    QVERIFY(examplesNeededForShares(0.3, 0.1, 0.05) > examplesNeededForShares(0.4, 0.1, 0.05));
    QVERIFY(examplesNeededForShares(0.3, 0.1, 0.01) > examplesNeededForShares(0.3, 0.1, 0.05));
}

void TestStatistics::nonsense()
{
    QVERIFY(std::isnan(normalQuantile(0)) && std::isnan(normalQuantile(2))
            && std::isnan(normalQuantile(NaN)));
    QVERIFY(std::isnan(studentQuantile(0.5, 0)) && std::isnan(studentQuantile(0.5, -3)));
    QVERIFY(std::isnan(binomialCdf(1, -1, 0.5)) && std::isnan(binomialCdf(1, 5, 7)));
    QCOMPARE(binomialCdf(-1, 5, 0.5), 0.0);
    QCOMPARE(binomialCdf(5, 5, 0.5), 1.0);
    for (int degrees = 1; degrees < 3'000;
         ++degrees) { // GSL's inverse of the beta distribution has gaps; this has none
        QVERIFY(studentQuantile(0.975, degrees + 1) < studentQuantile(0.975, degrees)
                && studentQuantile(0.975, degrees) > 1.9599);
    }
    const Interval all{0, 1};
    QCOMPARE(wilsonInterval(1, 0), all);
    QCOMPARE(wilsonInterval(NaN, 3), all);
    QCOMPARE(bonettPriceInterval(3, 3, 5), (Interval{-1, 1}));
    QCOMPARE(
        bonettPriceInterval(std::numeric_limits<int>::max(), std::numeric_limits<int>::max(), 5),
        (Interval{-1, 1}));
    QCOMPARE(signTest(-1, 4), 1.0);
}

QTEST_GUILESS_MAIN(TestStatistics)
#include "tst_Statistics.moc"
