// SPDX-License-Identifier: GPL-3.0-or-later
// What holds of every comparison, whatever is in the tables.
#include "core/evaluation/Bootstrap.h"
#include "core/evaluation/Comparison.h"
#include "tests/core/evaluation/MetricTables.h"

#include <QElapsedTimer>
#include <QRegularExpression>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace lathe;
using namespace lathe::test;
using statistics::Random;
using Kind = MetricTable::Kind;
using Verdict = PairResult::Verdict;

namespace {

// Anything a run may leave behind: missing examples, several or no repetitions, ties, no effect and
// large ones.
MetricTable randomTable(Random &random)
{
    MetricTable table;
    table.kind = Kind(random.below(3));
    const int variants = 2 + int(random.below(3)), examples = int(random.below(60));
    table.variants = names(variants);
    table.higherIsBetter = random.below(3) != 0;
    table.unit = table.kind == Kind::Number
                     ? QStringList{QString(), QStringLiteral("s"), QStringLiteral("$")}.at(
                         int(random.below(3)))
                     : QString();
    if (table.kind == Kind::Preference) {
        const double strong = random.uniform();
        for (int i = 0; i < examples; ++i) {
            const int left = int(random.below(quint32(variants - 1)));
            const int right = left + 1 + int(random.below(quint32(variants - left - 1)));
            const double value = random.uniform();
            table.preferences.push_back({i, left, right,
                                         value < 0.15                   ? -1
                                         : value < 0.15 + 0.85 * strong ? left
                                                                        : right});
        }
        return table;
    }
    const double scale = std::pow(10, double(random.below(8)) - 5),
                 effect = random.uniform() < 0.4 ? 0 : random.uniform();
    const bool single = random.below(2) == 0, coarse = random.below(2) == 0;
    table.values.resize(size_t(variants));
    for (int v = 0; v < variants; ++v) {
        for (int i = 0; i < examples; ++i) {
            std::vector<double> repetitions;
            const int count = random.below(20) == 0 ? 0 : single ? 1 : 1 + int(random.below(3));
            for (int r = 0; r < count; ++r) {
                const double value = random.uniform() + effect * v / variants;
                repetitions.push_back(table.kind == Kind::PassFail ? (value > 0.6 ? 1.0 : 0.0)
                                      : coarse                     ? std::round(value * 4) * scale
                                                                   : value * scale);
            }
            table.values[size_t(v)].push_back(std::move(repetitions));
        }
    }
    return table;
}

PairResult onlyPair(const MetricTable &table,
                    const ComparisonOptions &options = ComparisonOptions())
{
    return compareVariants({table}, options).metrics.at(0).pairs.at(0);
}

bool includesZero(const PairResult &pair)
{
    return pair.low <= 0 && pair.high >= 0;
}

} // namespace

class TestComparisonProperties : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void neverBetterWithZeroInside();
    void orderDoesNotMatter();
    void swappingMirrors();
    void hostileTables();
    void cancelling();
    void takesItsTime();
};

void TestComparisonProperties::neverBetterWithZeroInside()
{
    Random random(77);
    static const QRegularExpression claim(QStringLiteral(
        "is (?:the )?(?:better|quicker|cheaper|best|quickest|cheapest) (?:than|of)"));
    int better = 0, unknown = 0;
    ComparisonOptions options;
    options.resamples = 300;
    for (int round = 0; round < 1'500; ++round) {
        options.peeked = random.below(4) == 0;
        options.smallestDifference = random.below(4) == 0 ? 0.1 : 0;
        const MetricTable table = randomTable(random);
        const MetricResult metric = compareVariants({table}, options).metrics[0];
        bool anyBetter = false;
        for (const PairResult &pair : metric.pairs) {
            QVERIFY(std::isfinite(pair.low) && std::isfinite(pair.high)
                    && std::isfinite(pair.difference));
            QVERIFY(pair.low <= pair.high);
            QVERIFY(pair.pValue >= 0 && pair.pAdjusted >= pair.pValue && pair.pAdjusted <= 1
                    && pair.pAnytime >= 0 && pair.pAnytime <= 1);
            QCOMPARE(pair.wins + pair.losses + pair.ties, pair.examples);
            QVERIFY(!pair.sentence.contains(QLatin1Char('-'))
                    || pair.sentence.contains(QStringLiteral("sign-flip"))
                    || pair.sentence.contains(QStringLiteral("always-valid")));
            QVERIFY(pair.sentence.endsWith(QLatin1Char('.'))
                    && !pair.sentence.contains(QStringLiteral("nan")));
            const bool says =
                pair.verdict == Verdict::FirstBetter || pair.verdict == Verdict::SecondBetter;
            QCOMPARE(claim.match(pair.sentence).hasMatch(), says);
            if (says) {
                QVERIFY(!includesZero(pair));
                QVERIFY((options.peeked ? pair.pAnytimeAdjusted : pair.pAdjusted) <= 0.05);
                QVERIFY(pair.examples >= 5 && pair.moreExamples == 0);
                const bool up = pair.difference > 0;
                QCOMPARE(pair.verdict == Verdict::SecondBetter,
                         up == (table.kind == Kind::Preference || table.higherIsBetter));
            }
            QVERIFY(pair.verdict != Verdict::Same
                    || (pair.low > -0.1 && pair.high < 0.1 && options.smallestDifference > 0));
            QVERIFY(pair.verdict != Verdict::Unknown || pair.moreExamples == -1
                    || pair.moreExamples > 0);
            anyBetter = anyBetter || says;
            (says ? better : unknown) += 1;
        }
        QVERIFY2(!claim.match(metric.sentence).hasMatch() || anyBetter,
                 qPrintable(metric.sentence));
        for (const VariantSummary &one : metric.variants) {
            QVERIFY(one.low <= one.mean + 1e-12 && one.mean <= one.high + 1e-12);
        }
    }
    qInfo("%d pairs called better, %d not", better, unknown);
    QVERIFY(better > 300 && unknown > 300);
}

void TestComparisonProperties::orderDoesNotMatter()
{
    Random random(31);
    ComparisonOptions options;
    options.resamples = 400;
    for (int round = 0; round < 150; ++round) {
        MetricTable table = randomTable(random);
        const MetricResult before = compareVariants({table}, options).metrics[0];
        QCOMPARE(compareVariants({table}, options).metrics[0].sentence,
                 before.sentence); // the same seed
        for (size_t i = table.preferences.size(); i > 1; --i) {
            std::swap(table.preferences[i - 1], table.preferences[random.below(quint32(i))]);
        }
        const size_t examples = table.values.empty() ? 0 : table.values[0].size();
        for (size_t i = examples; i > 1; --i) {
            const size_t other = random.below(quint32(i));
            for (auto &variant : table.values) {
                std::swap(variant[i - 1], variant[other]);
            }
        }
        const MetricResult after = compareVariants({table}, options).metrics[0];
        QCOMPARE(after.sentence, before.sentence);
        for (size_t i = 0; i < before.pairs.size(); ++i) {
            QCOMPARE(after.pairs[i].low, before.pairs[i].low);
            QCOMPARE(after.pairs[i].high, before.pairs[i].high);
            QCOMPARE(after.pairs[i].pValue, before.pairs[i].pValue);
            QCOMPARE(after.pairs[i].pAnytime, before.pairs[i].pAnytime);
        }
    }
}

void TestComparisonProperties::swappingMirrors()
{
    Random random(41);
    ComparisonOptions options;
    options.resamples = 400;
    for (int round = 0; round < 200; ++round) {
        MetricTable table = randomTable(random);
        table.variants = names(2);
        table.values.resize(table.kind == Kind::Preference ? 0 : 2);
        const PairResult before = onlyPair(table, options);
        if (table.kind == Kind::Preference) {
            for (MetricTable::Preference &preference : table.preferences) {
                preference.winner = preference.winner < 0   ? -1
                                    : preference.winner > 1 ? preference.winner
                                                            : 1 - preference.winner;
            }
        } else {
            std::swap(table.values[0], table.values[1]);
        }
        const PairResult after = onlyPair(table, options);
        const double close = 1e-9 * (1 + std::abs(before.low) + std::abs(before.high));
        QVERIFY(std::abs(after.difference + before.difference) <= close);
        QVERIFY(std::abs(after.low + before.high) <= close
                && std::abs(after.high + before.low) <= close);
        QCOMPARE(after.wins, before.losses);
        QCOMPARE(after.losses, before.wins);
        QCOMPARE(after.pValue, before.pValue);
        QVERIFY(std::abs(after.pAnytime - before.pAnytime) <= 1e-9);
        const Verdict mirrored = before.verdict == Verdict::FirstBetter    ? Verdict::SecondBetter
                                 : before.verdict == Verdict::SecondBetter ? Verdict::FirstBetter
                                                                           : before.verdict;
        QCOMPARE(after.verdict, mirrored);
    }
}

void TestComparisonProperties::hostileTables()
{
    constexpr double Infinity = std::numeric_limits<double>::infinity();
    MetricTable table = numberTable(QStringLiteral("s"), false, 3);
    table.values = {{{Infinity}, {1e308}, {-1e308}, {std::nan("")}, {1e99}, {0}},
                    {{1}, {}, {2, Infinity}, {3}, {-1e99}, {0}}};
    MetricTable preferences;
    preferences.kind = Kind::Preference;
    preferences.variants =
        QStringList{QStringLiteral("%1 %2"), QString(), QStringLiteral("%99\n\n%3")};
    preferences.preferences = {{std::numeric_limits<int>::min(), 0, 1, 1},
                               {std::numeric_limits<int>::max(), 1, 0, 1},
                               {3, 0, 0, 0},
                               {4, -5, 1, 1},
                               {5, 0, 99, 0},
                               {6, 0, 1, 2},
                               {7, 0, 1, -7},
                               {8, 2, 1, -1}};
    MetricTable odd = passFail(5, 5, 5, 5);
    odd.variants = names(3);
    odd.values[0][2] = {-4, 17, 0.5};
    const ComparisonResult result =
        compareVariants({table, preferences, odd, MetricTable()}, ComparisonOptions());
    QCOMPARE(result.metrics.size(), size_t(4));
    QCOMPARE(result.metrics[1].pairs[0].examples, 2);
    for (const MetricResult &metric : result.metrics) {
        for (const PairResult &pair : metric.pairs) {
            QVERIFY(std::isfinite(pair.low) && std::isfinite(pair.high));
        }
    }
    QVERIFY2(result.metrics[1].pairs[0].sentence.contains(
                 QStringLiteral("which of %1 %2 and variant 2 is better")),
             qPrintable(result.metrics[1].pairs[0].sentence));
    // Resamples without measure, and without any.
    ComparisonOptions options;
    for (const int resamples : {std::numeric_limits<int>::max(), 0, -1}) {
        options.resamples = resamples;
        MetricTable numbers = numberTable(QString(), true, 2);
        for (int i = 0; i < 30; ++i) {
            numbers.values[0].push_back({double(i % 4)});
            numbers.values[1].push_back({double(i % 5)});
        }
        QVERIFY(onlyPair(numbers, options).low < onlyPair(numbers, options).high);
    }
    MetricTable many = numberTable(QString(), true, 0);
    many.variants = QStringList(1'000, QStringLiteral("x"));
    many.values.assign(1'000, {{1.0}, {2.0}});
    const MetricResult wide = compareVariants({many}, ComparisonOptions()).metrics[0];
    QVERIFY(wide.pairs.empty() && wide.notes.size() == 1);
}

void TestComparisonProperties::cancelling()
{
    MetricTable table = numberTable(QString(), true, 10);
    for (auto &variant : table.values) {
        for (int i = 0; i < 900; ++i) {
            variant.push_back({double(i * 7919 % 1013)});
        }
    }
    int asked = 0;
    ComparisonOptions options;
    options.cancelled = [&] { return ++asked > 20; };
    QElapsedTimer timer;
    timer.start();
    const ComparisonResult result = compareVariants({table, table}, options);
    QVERIFY(result.cancelled);
    QCOMPARE(result.decidedBy, -1);
    QVERIFY(timer.elapsed() < 120'000);
    options.cancelled = [] { return true; };
    QVERIFY(compareVariants({table}, options).cancelled);
}

// Figures for the log; the bounds only guard against a hang.
void TestComparisonProperties::takesItsTime()
{
    const struct {
        int variants, examples, guard;
    } sizes[] = {{2, 500, 120'000}, {10, 500, 120'000}, {2, 100'000, 300'000}, {10, 100'000, 600'000}};
    Random random(1);
    for (const auto &size : sizes) {
        MetricTable numbers = numberTable(QStringLiteral("s"), false, size.variants);
        MetricTable checks = numberTable(QString(), true, size.variants);
        checks.kind = Kind::PassFail;
        MetricTable preferences = checks;
        preferences.kind = Kind::Preference;
        preferences.values.clear();
        for (int v = 0; v < size.variants; ++v) {
            for (int i = 0; i < size.examples; ++i) {
                numbers.values[size_t(v)].push_back({1 + random.uniform()});
                checks.values[size_t(v)].push_back(
                    {random.uniform() < 0.7 ? 1.0 : 0.0, random.uniform() < 0.7 ? 1.0 : 0.0});
            }
        }
        for (int i = 0; i < size.examples; ++i) {
            const int left = int(random.below(quint32(size.variants - 1)));
            preferences.preferences.push_back({i, left, left + 1, left + int(random.below(2))});
        }
        QElapsedTimer timer;
        qint64 times[3];
        int i = 0;
        for (const MetricTable &table : {numbers, checks, preferences}) {
            timer.start();
            QVERIFY(!compareVariants({table}, ComparisonOptions()).sentence.isEmpty());
            times[i++] = timer.elapsed();
            QVERIFY(timer.elapsed() < size.guard);
        }
        qInfo("%d variants x %d examples: numbers %lld ms, pass/fail twice %lld ms, preferences "
              "%lld ms",
              size.variants, size.examples, times[0], times[1], times[2]);
    }
}

QTEST_GUILESS_MAIN(TestComparisonProperties)
#include "tst_ComparisonProperties.moc"
