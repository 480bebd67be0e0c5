// SPDX-License-Identifier: GPL-3.0-or-later
// The same random tables computed by us and by tests/data/statistics/independent.py (python3-scipy
// of packaging/dependencies.txt).
#include "core/evaluation/Agreement.h"
#include "core/evaluation/BradleyTerry.h"
#include "core/evaluation/ExactTests.h"
#include "core/evaluation/SequentialTest.h"

#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTest>

#include <cmath>
#include <map>

using namespace lathe;
using namespace lathe::statistics;

namespace {

struct Expectation {
    QString kind;
    std::vector<double> ours;
    std::vector<double> tolerance; // one for each, or one for all
};

QJsonArray arrayOf(const std::vector<double> &values)
{
    QJsonArray array;
    for (const double value : values) {
        array.append(value);
    }
    return array;
}

} // namespace

class TestStatisticsScipy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void agree();

private:
    void add(const char *kind, QJsonObject input, std::vector<double> ours,
             std::vector<double> tolerance);
    void addProportions();
    void addSamples();
    void addBootstrap();
    void addBradleyTerry();
    void addKappa();
    void addTables();
    int below(int bound) { return int(m_random.below(quint32(bound))); }
    double normal() { return normalQuantile(std::clamp(m_random.uniform(), 1e-12, 1 - 1e-12)); }

    Random m_random{2026};
    QJsonArray m_cases;
    std::vector<Expectation> m_expected;
};

void TestStatisticsScipy::add(const char *kind, QJsonObject input, std::vector<double> ours,
                              std::vector<double> tolerance)
{
    input.insert(QStringLiteral("kind"), QLatin1String(kind));
    m_cases.append(input);
    m_expected.push_back({QLatin1String(kind), std::move(ours), std::move(tolerance)});
}

void TestStatisticsScipy::addProportions()
{
    for (int i = 0; i < 60; ++i) {
        const int n = 1 + below(i < 30 ? 40 : 3'000), x = i % 10 == 0   ? 0
                                                          : i % 10 == 1 ? n
                                                                        : below(n + 1);
        const Interval wilson = wilsonInterval(x, n);
        add("proportion", {{QStringLiteral("x"), x}, {QStringLiteral("n"), n}},
            {wilson.low, wilson.high}, {1e-9});
        const int wins = below(n + 1), losses = below(n - wins + 1);
        add("sign", {{QStringLiteral("wins"), wins}, {QStringLiteral("losses"), losses}},
            {signTest(wins, losses)}, {1e-10});
        const Interval paired = bonettPriceInterval(wins, losses, n);
        add("paired",
            {{QStringLiteral("wins"), wins},
             {QStringLiteral("losses"), losses},
             {QStringLiteral("n"), n}},
            {paired.low, paired.high}, {1e-10});
        std::vector<double> p;
        for (int k = below(12); k >= 0; --k) {
            p.push_back(std::pow(m_random.uniform(), 4));
        }
        add("holm", {{QStringLiteral("values"), arrayOf(p)}}, holm(p), {1e-12});
    }
    for (const int degrees : {1, 2, 3, 4, 5, 7, 10, 20, 39, 99, 150, 499, 3'000, 99'999}) {
        add("quantile", {{QStringLiteral("degrees"), degrees}},
            {studentQuantile(0.975, degrees), studentQuantile(0.01, degrees),
             normalQuantile(1 - 1.0 / (degrees + 1)), normalCdf(-std::sqrt(degrees) / 4),
             binomialCdf(degrees / 3, degrees, 0.4)},
            {1e-7}); // GSL's quantiles of Student's t are right to 1e-8
    }
    for (const double effect : {0.2, 0.35, 0.5, 0.8, 1.2}) {
        add("size",
            {{QStringLiteral("n"), examplesNeeded(effect, 1, 0.05)},
             {QStringLiteral("effect"), effect}},
            {0.81}, {0.02});
    }
}

void TestStatisticsScipy::addSamples()
{
    for (int i = 0; i < 40; ++i) {
        std::vector<double> values;
        const double scale = std::pow(10, below(7) - 4), shift = 0.5 * m_random.uniform();
        const bool coarse = below(3) == 0;
        for (int k = 2 + below(i < 25 ? 12 : 40); k > 0; --k) {
            const double value = normal() + shift;
            values.push_back((coarse ? std::round(value * 2) / 2 : value) * scale);
        }
        values.push_back(scale); // not all the same
        const Interval student = studentInterval(moments(values));
        add("student", {{QStringLiteral("values"), arrayOf(values)}}, {student.low, student.high},
            {1e-9 * scale});
        add("anytime",
            {{QStringLiteral("values"), arrayOf(values)}, {QStringLiteral("shares"), false}},
            {anytimeNumbers(values)}, {1e-9});
        bool exact = false;
        const double p = signFlipTest(values, Effort(), &exact);
        if (values.size() <= 16) {
            add("flip",
                {{QStringLiteral("values"), arrayOf(values)}, {QStringLiteral("exact"), true}}, {p},
                {1e-9});
        } else if (!exact) { // both by chance: 10,000 and 40,000 draws, four standard errors
            add("flip",
                {{QStringLiteral("values"), arrayOf(values)}, {QStringLiteral("exact"), false}},
                {p}, {4 * std::sqrt(p * (1 - p) * (1e-4 + 0.25e-4)) + 2e-4});
        }
        std::vector<double> shares;
        for (int k = below(60); k >= 0; --k) {
            shares.push_back((below(7) - 2) / 4.0);
        }
        for (double &share : shares) {
            share = std::clamp(share, -1.0, 1.0);
        }
        add("anytime",
            {{QStringLiteral("values"), arrayOf(shares)}, {QStringLiteral("shares"), true}},
            {anytimeShares(shares)}, {1e-9});
    }
}

void TestStatisticsScipy::addBootstrap()
{
    for (int i = 0; i < 12; ++i) {
        std::vector<double> values;
        for (int k = 0; k < 20 + 10 * i; ++k) {
            values.push_back(i % 2 == 0 ? 3 + normal() : std::exp(0.8 * normal()));
        }
        Effort effort;
        effort.resamples = 40'000;
        effort.draws = 1e9;
        const Interval ours = bootstrapTInterval(values, 0.95, effort);
        const double width = ours.high - ours.low;
        // The same by numpy but for luck; BCa is another interval, near for numbers that are not
        // skewed.
        const double luck = 0.03 * width, other = i % 2 == 0 ? 0.12 * width : 0.5 * width;
        add("bootstrap", {{QStringLiteral("values"), arrayOf(values)}},
            {ours.low, ours.high, ours.low, ours.high}, {luck, luck, other, other});
    }
}

void TestStatisticsScipy::addBradleyTerry()
{
    for (int i = 0; i < 15; ++i) {
        const int variants = 2 + below(6);
        std::vector<Duel> duels;
        QJsonArray rows;
        for (int k = 0; k < 40 * variants; ++k) {
            const int first = below(variants),
                      second = (first + 1 + below(variants - 1)) % variants;
            const double value = m_random.uniform() + 0.08 * (first - second);
            const double share = value > 0.55 ? 1 : value < 0.45 ? 0 : 0.5;
            duels.push_back({first, second, share, k});
            rows.append(QJsonArray{first, second, share});
        }
        const Strengths fit = bradleyTerry(variants, duels);
        QVERIFY(fit.converged && !fit.regularised);
        std::vector<double> ours = fit.strength;
        ours.insert(ours.end(), fit.error.begin(), fit.error.end());
        add("bradley_terry",
            {{QStringLiteral("variants"), variants}, {QStringLiteral("duels"), rows}}, ours,
            {2e-5});
    }
}

void TestStatisticsScipy::addKappa()
{
    for (int i = 0; i < 40; ++i) {
        const int size = 2 + below(3);
        std::vector<std::vector<int>> table(size_t(size), std::vector<int>(size_t(size), 0));
        QJsonArray rows;
        for (int a = 0; a < size; ++a) {
            QJsonArray row;
            for (int b = 0; b < size; ++b) {
                table[size_t(a)][size_t(b)] = 1 + below(a == b ? 40 : 12);
                row.append(table[size_t(a)][size_t(b)]);
            }
            rows.append(row);
        }
        const Kappa kappa = cohenKappa(table);
        add("kappa", {{QStringLiteral("table"), rows}}, {kappa.kappa, kappa.error}, {1e-9, 1e-6});
    }
}

void TestStatisticsScipy::addTables()
{
    for (int i = 0; i < 40; ++i) {
        MetricTable table;
        table.kind = i % 2 == 0 ? MetricTable::Kind::PassFail : MetricTable::Kind::Number;
        const int variants = 2 + below(3), examples = 5 + below(50), repetitions = 1 + below(4);
        QJsonArray values;
        for (int v = 0; v < variants; ++v) {
            table.variants << QString::number(v);
            table.values.emplace_back();
            QJsonArray row;
            for (int e = 0; e < examples; ++e) {
                std::vector<double> cell;
                for (int r = below(12) == 0 ? 0 : 1 + below(repetitions); r > 0; --r) {
                    cell.push_back(i % 2 == 0 ? double(below(10) < 5 + v) : normal() + 0.2 * v);
                }
                row.append(arrayOf(cell));
                table.values.back().push_back(cell);
            }
            values.append(row);
        }
        ComparisonOptions options;
        options.resamples = 100;
        const MetricResult result = compareVariants({table}, options).metrics.at(0);
        std::vector<double> ours;
        for (const VariantSummary &variant : result.variants) {
            ours.push_back(variant.mean);
        }
        for (const PairResult &pair : result.pairs) {
            ours.insert(ours.end(), {pair.difference, double(pair.wins), double(pair.losses),
                                     double(pair.ties)});
        }
        add("table", {{QStringLiteral("values"), values}}, ours, {1e-9});
    }
}

void TestStatisticsScipy::agree()
{
    addProportions();
    addSamples();
    addBootstrap();
    addBradleyTerry();
    addKappa();
    addTables();
    // Debian's own python3 is the one that has python3-scipy, whatever else PATH holds.
    const QString debian = QStringLiteral("/usr/bin/python3");
    QProcess python;
    python.start(QFileInfo::exists(debian) ? debian : QStringLiteral("python3"),
                 {QStringLiteral(LATHE_TEST_DATA "/statistics/independent.py")});
    QVERIFY2(python.waitForStarted(), "python3 cannot be started");
    python.write(QJsonDocument(QJsonObject{{QStringLiteral("cases"), m_cases}})
                     .toJson(QJsonDocument::Compact));
    python.closeWriteChannel();
    QVERIFY2(python.waitForFinished(300'000), "independent.py did not end");
    QVERIFY2(python.exitStatus() == QProcess::NormalExit && python.exitCode() == 0,
             QByteArray("python3-scipy is needed (packaging/dependencies.txt): "
                        + python.readAllStandardError().right(600))
                 .constData());
    const QJsonArray answers = QJsonDocument::fromJson(python.readAllStandardOutput()).array();
    QCOMPARE(answers.size(), qsizetype(m_expected.size()));
    std::map<QString, int> compared;
    int wrong = 0;
    for (size_t i = 0; i < m_expected.size(); ++i) {
        const Expectation &expected = m_expected[i];
        const QJsonArray theirs = answers.at(qsizetype(i)).toArray();
        QCOMPARE(theirs.size(), qsizetype(expected.ours.size()));
        for (size_t k = 0; k < expected.ours.size(); ++k) {
            const double tolerance = expected.tolerance[expected.tolerance.size() == 1 ? 0 : k];
            const double other = theirs.at(qsizetype(k)).toDouble(std::nan(""));
            ++compared[expected.kind];
            if (!(std::abs(other - expected.ours[k]) <= tolerance)) {
                ++wrong;
                qWarning("%s, case %zu, number %zu: ours %.10g, scipy's %.10g, tolerance %g",
                         qPrintable(expected.kind), i, k, expected.ours[k], other, tolerance);
            }
        }
    }
    for (const auto &[kind, count] : compared) {
        qInfo("%s: %d numbers", qPrintable(kind), count);
    }
    QCOMPARE(wrong, 0);
}

QTEST_GUILESS_MAIN(TestStatisticsScipy)
#include "tst_StatisticsScipy.moc"
