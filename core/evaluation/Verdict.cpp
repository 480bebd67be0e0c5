// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/Verdict.h"

#include "core/evaluation/Statistics.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace lathe::statistics {

namespace {

using Kind = MetricTable::Kind;
using Verdict = PairResult::Verdict;

QString nameOf(const QStringList &variants, int index)
{
    const QString name = variants.value(index).simplified();
    return name.isEmpty() ? QStringLiteral("variant %1").arg(index + 1) : name;
}

QString joined(const QStringList &names)
{
    if (names.size() < 2) {
        return names.join(QString());
    }
    return names.mid(0, names.size() - 1).join(QStringLiteral(", ")) + QStringLiteral(" and ")
           + names.last();
}

QString grouped(int number)
{
    return QLocale(QLocale::English).toString(number);
}

QString counted(int number, const char *one)
{
    return grouped(number) + QLatin1Char(' ') + QLatin1String(one)
           + (number == 1 ? QString() : QStringLiteral("s"));
}

// With a true minus, never "-0".
QString fixed(double value, int decimals, bool withPlus)
{
    QString digits = QString::number(std::abs(value), 'f', decimals);
    const bool zero =
        std::all_of(digits.begin(), digits.end(), [](QChar c) { return c == u'0' || c == u'.'; });
    const QString sign = zero        ? QString()
                         : value < 0 ? QStringLiteral("\u2212")
                         : withPlus  ? QStringLiteral("+")
                                     : QString();
    return sign + digits;
}

// Enough decimals for two digits of half the interval, and for ends that are not 0 not to look like
// 0.
int decimalsFor(double low, double high)
{
    const double half = (high - low) / 2;
    int decimals = half > 0 ? 1 - int(std::floor(std::log10(half))) : 2;
    for (const double end : {low, high}) {
        if (end != 0 && decimals < 8 && std::abs(end) < 0.5 * std::pow(10, -decimals)) {
            decimals = 1 - int(std::floor(std::log10(std::abs(end))));
        }
    }
    return std::clamp(decimals, 0, 8);
}

// A number of the metric with its unit: "2.31 s", "$0.0021", "+4 points".
class Amounts
{
public:
    Amounts(const MetricResult &metric, double low, double high)
        : m_points(metric.kind != Kind::Number), m_unit(m_points ? QString() : metric.unit)
    {
        if (!m_points) {
            m_decimals = decimalsFor(low, high);
        } else {
            // Whole points where the interval is wide; enough decimals that an end that is not 0
            // does not look like it.
            const double half = (high - low) * 50;
            m_decimals = half >= 3 ? 0 : half >= 0.3 ? 1 : 2;
            for (const double end : {low, high}) {
                while (end != 0 && m_decimals < 3
                       && std::abs(end) * 100 < 0.5 * std::pow(10, -m_decimals)) {
                    ++m_decimals;
                }
            }
        }
    }
    QString plain(double value) const
    {
        return m_points ? share(value) : withUnit(fixed(value, m_decimals, false));
    }
    QString change(double value) const
    {
        return m_points ? points(value) : withUnit(fixed(value, m_decimals, true));
    }
    QString bound(double value) const // without the unit, where it was just said
    {
        return m_points ? fixed(value * 100, m_decimals, true) : change(value);
    }

private:
    QString share(double value) const
    {
        return fixed(value * 100, m_decimals, false) + QStringLiteral(" %");
    }
    QString points(double value) const
    {
        return fixed(value * 100, m_decimals, true) + QStringLiteral(" points");
    }
    QString withUnit(const QString &number) const
    {
        if (m_unit == QLatin1String("$") || m_unit == QStringLiteral("€")
            || m_unit == QStringLiteral("£")) {
            const bool hasSign = number.startsWith(u'+') || number.startsWith(QChar(0x2212));
            return hasSign ? number.left(1) + m_unit + number.mid(1) : m_unit + number;
        }
        return m_unit.isEmpty() ? number : number + QLatin1Char(' ') + m_unit;
    }

    bool m_points;
    QString m_unit;
    int m_decimals = 0;
};

struct Words {
    QString comparative, superlative, verb;
};

Words wordsOf(const MetricResult &metric)
{
    if (metric.kind == Kind::Number && !metric.higherIsBetter) {
        static const QStringList times{QStringLiteral("s"), QStringLiteral("ms"),
                                       QStringLiteral("min")};
        static const QStringList money{QStringLiteral("$"), QStringLiteral("€"),
                                       QStringLiteral("£")};
        if (times.contains(metric.unit)) {
            return {QStringLiteral("quicker"), QStringLiteral("quickest"), QStringLiteral("took")};
        }
        if (money.contains(metric.unit)) {
            return {QStringLiteral("cheaper"), QStringLiteral("cheapest"), QStringLiteral("cost")};
        }
    }
    return {QStringLiteral("better"), QStringLiteral("best"), QStringLiteral("had")};
}

QString probability(double p)
{
    if (p < 0.001) {
        return QStringLiteral("p < 0.001");
    }
    const bool nearTheLimit = p > 0.045 && p < 0.055;
    return QStringLiteral("p = ") + QString::number(std::min(1.0, p), 'g', nearTheLimit ? 3 : 2);
}

// Rounded to what "about" means.
QString about(int number)
{
    int step = 1;
    while (number / step >= 100) {
        step *= 10;
    }
    if (number > 20) {
        step = std::max(step, 5);
    }
    return grouped((number + step / 2) / step * step);
}

QString settling(int moreExamples)
{
    return moreExamples <= 0
               ? QString()
               : QStringLiteral("; about %1 more %2 would settle it at this size of effect")
                     .arg(about(moreExamples), moreExamples == 1 ? QStringLiteral("example")
                                                                 : QStringLiteral("examples"));
}

// "it passed 31 of 40 examples against 22", seen from the side of one of the two.
QString evidence(const PairResult &pair, const MetricResult &metric, const PairFacts &facts,
                 bool secondSpeaks, const Amounts &amounts)
{
    const double own = secondSpeaks ? facts.secondMean : facts.firstMean;
    const double other = secondSpeaks ? facts.firstMean : facts.secondMean;
    const int n = pair.examples;
    if (metric.kind == Kind::Preference) {
        const int won = secondSpeaks ? pair.wins : pair.losses;
        const int lost = secondSpeaks ? pair.losses : pair.wins;
        return QStringLiteral("was preferred in %1 of %2 against %3%4")
            .arg(grouped(won), counted(n, "example"), grouped(lost),
                 pair.ties > 0 ? QStringLiteral(" and ") + counted(pair.ties, "tie") : QString());
    }
    if (metric.kind == Kind::PassFail) {
        if (facts.single) {
            return QStringLiteral("passed %1 of %2 against %3")
                .arg(grouped(int(std::lround(own * n))), counted(n, "example"),
                     grouped(int(std::lround(other * n))));
        }
        return QStringLiteral("passed %1 of the trials of %2 against %3")
            .arg(amounts.plain(own), counted(n, "example"), amounts.plain(other));
    }
    return QStringLiteral("%1 %2 on average over %3 against %4")
        .arg(wordsOf(metric).verb, amounts.plain(own), counted(n, "example"), amounts.plain(other));
}

QString figures(const PairResult &pair, const PairFacts &facts, bool secondSpeaks,
                const Amounts &amounts)
{
    const double sign = secondSpeaks ? 1 : -1;
    const double low = secondSpeaks ? pair.low : -pair.high,
                 high = secondSpeaks ? pair.high : -pair.low;
    QString text =
        QStringLiteral("difference %1, 95 % interval %2 to %3, ")
            .arg(amounts.change(sign * pair.difference), amounts.bound(low), amounts.bound(high));
    const QString correction =
        facts.pairs > 1 ? QStringLiteral(" after Holm's correction for %1 pairs").arg(facts.pairs)
                        : QString();
    if (facts.peeked) {
        return text + probability(pair.pAnytimeAdjusted) + correction
               + QStringLiteral(" (always-valid test)");
    }
    return text + probability(pair.pAdjusted) + correction + QStringLiteral(" (%1)").arg(pair.test);
}

QString leftOut(const PairResult &pair)
{
    return pair.leftOut > 0
               ? QStringLiteral("; %1 measured for only one of them %2 left out")
                     .arg(counted(pair.leftOut, "example"),
                          pair.leftOut == 1 ? QStringLiteral("is") : QStringLiteral("are"))
               : QString();
}

} // namespace

Verdict verdictOf(const PairResult &pair, const MetricResult &metric, const PairFacts &facts)
{
    if (pair.examples < FewestExamples || !pair.hasInterval || !(pair.low <= pair.high)) {
        return Verdict::Unknown;
    }
    if (facts.smallestDifference > 0 && pair.low > -facts.smallestDifference
        && pair.high < facts.smallestDifference) {
        return Verdict::Same;
    }
    const bool above = pair.low > 0 && pair.difference > 0,
               below = pair.high < 0 && pair.difference < 0;
    const double p = facts.peeked ? pair.pAnytimeAdjusted : pair.pAdjusted;
    if (!(above || below) || !(p <= Alpha)) {
        return Verdict::Unknown;
    }
    const bool more = metric.kind == Kind::Preference || metric.higherIsBetter;
    return above == more ? Verdict::SecondBetter : Verdict::FirstBetter;
}

QString pairSentence(const PairResult &pair, const MetricResult &metric,
                     const QStringList &variants, const PairFacts &facts)
{
    const QString first = nameOf(variants, pair.first), second = nameOf(variants, pair.second);
    const Words words = wordsOf(metric);
    if (pair.examples == 0) {
        return QStringLiteral(
                   "It is not known which of %1 and %2 is %3: no example was measured for both.")
            .arg(first, second, words.comparative);
    }
    const Amounts amounts(metric, pair.low, pair.high);
    const QString unknown = QStringLiteral("It is not known which of %1 and %2 is %3: ")
                                .arg(first, second, words.comparative);
    if (pair.examples < FewestExamples || !pair.hasInterval) {
        return unknown
               + QStringLiteral("%1 %2; %3 %4 too few to say more%5.")
                     .arg(second, evidence(pair, metric, facts, true, amounts),
                          counted(pair.examples, "example"),
                          pair.examples == 1 ? QStringLiteral("is") : QStringLiteral("are"),
                          leftOut(pair));
    }
    switch (pair.verdict) {
    case Verdict::Same:
        return QStringLiteral("%1 and %2 count as the same: %2 %3; %4, all within the smallest "
                              "difference that counts, %5%6.")
            .arg(first, second, evidence(pair, metric, facts, true, amounts),
                 figures(pair, facts, true, amounts),
                 amounts.change(facts.smallestDifference).mid(1), leftOut(pair));
    case Verdict::FirstBetter:
    case Verdict::SecondBetter: {
        const bool secondSpeaks = pair.verdict == Verdict::SecondBetter;
        return QStringLiteral("%1 is %2 than %3: it %4; %5%6.")
            .arg(secondSpeaks ? second : first, words.comparative, secondSpeaks ? first : second,
                 evidence(pair, metric, facts, secondSpeaks, amounts),
                 figures(pair, facts, secondSpeaks, amounts), leftOut(pair));
    }
    case Verdict::Unknown:
        break;
    }
    if (pair.wins == 0 && pair.losses == 0) {
        return unknown
               + QStringLiteral("they did the same on all of %1%2.")
                     .arg(counted(pair.examples, "example"), leftOut(pair));
    }
    return unknown
           + QStringLiteral("%1 %2; %3%4%5.")
                 .arg(second, evidence(pair, metric, facts, true, amounts),
                      figures(pair, facts, true, amounts), settling(pair.moreExamples),
                      leftOut(pair));
}

QString metricSentence(const MetricResult &metric, const QStringList &variants, bool peeked)
{
    int leader = -1;
    const bool more = metric.kind == Kind::Preference || metric.higherIsBetter;
    for (int i = 0; i < int(metric.variants.size()); ++i) {
        const VariantSummary &one = metric.variants[size_t(i)];
        const auto value = [](const VariantSummary &of) { return of.strength.value_or(of.mean); };
        if (one.examples > 0
            && (leader < 0
                || (more ? value(one) > value(metric.variants[size_t(leader)])
                         : value(one) < value(metric.variants[size_t(leader)])))) {
            leader = i;
        }
    }
    if (leader < 0 || metric.variants.size() < 2) {
        return leader < 0 ? QStringLiteral("Nothing was measured.")
                          : QStringLiteral("There is nothing to compare with.");
    }
    if (metric.pairs.empty()) {
        return QStringLiteral("There are too many variants to compare every two.");
    }
    if (metric.pairs.size() == 1) {
        return metric.pairs.front().sentence;
    }
    const Words words = wordsOf(metric);
    QStringList beaten, same, open;
    int needed = 0;
    double worst = 0; // adjusted p
    for (const PairResult &pair : metric.pairs) {
        if (pair.first != leader && pair.second != leader) {
            continue;
        }
        const QString other = nameOf(variants, pair.first == leader ? pair.second : pair.first);
        if (pair.verdict == (pair.first == leader ? Verdict::FirstBetter : Verdict::SecondBetter)) {
            beaten << other;
            worst = std::max(worst, peeked ? pair.pAnytimeAdjusted : pair.pAdjusted);
        } else if (pair.verdict == Verdict::Same) {
            same << other;
        } else {
            open << other;
            needed = needed < 0 || pair.moreExamples < 0 ? -1 : std::max(needed, pair.moreExamples);
        }
    }
    const QString name = nameOf(variants, leader);
    const VariantSummary &lead = metric.variants[size_t(leader)];
    const Amounts amounts(metric, lead.low, lead.high);
    const QString what = metric.kind == Kind::Preference ? QStringLiteral(" of its comparisons won")
                         : metric.kind == Kind::PassFail ? QStringLiteral(" passed")
                                                         : QStringLiteral(" on average");
    QString leads = amounts.plain(lead.mean) + what;
    if (lead.hasInterval) {
        leads += QStringLiteral(" (95 % interval %1 to %2)")
                     .arg(amounts.plain(lead.low), amounts.plain(lead.high));
    }
    const QString count = grouped(int(metric.variants.size()));
    if (open.isEmpty() && same.isEmpty()) {
        return QStringLiteral("%1 is the %2 of the %3 variants, with %4: %5 than %6; largest %7 "
                              "after Holm's correction for %8 pairs.")
            .arg(name, words.superlative, count, leads, words.comparative, joined(beaten),
                 probability(worst), QString::number(metric.pairs.size()));
    }
    const bool level = std::all_of(metric.variants.begin(), metric.variants.end(), [&lead](const VariantSummary &of) {
        return of.examples == 0 || of.strength.value_or(of.mean) == lead.strength.value_or(lead.mean);
    });
    if (level)
        return QStringLiteral("It is not known which of the %1 variants is %2: all are level, at %3.").arg(count, words.superlative, leads);
    QString text =
        QStringLiteral("It is not known which of the %1 variants is %2: %3 leads, with %4")
            .arg(count, words.superlative, name, leads);
    if (!beaten.isEmpty()) {
        text += QStringLiteral(", and is %1 than %2").arg(words.comparative, joined(beaten));
    }
    if (!same.isEmpty()) {
        text += QStringLiteral("; it counts as the same as %1").arg(joined(same));
    }
    if (!open.isEmpty()) {
        text +=
            QStringLiteral("; between it and %1 it is open").arg(joined(open)) + settling(needed);
    }
    return text + QLatin1Char('.');
}

QString agreementSentence(const Agreement &agreement)
{
    const QString who = QStringLiteral("%1 and %2").arg(agreement.first, agreement.second);
    const QString agreed = QStringLiteral("%1 of %2")
                               .arg(grouped(int(std::lround(agreement.observed * agreement.cases))),
                                    counted(agreement.cases, "case"));
    if (!agreement.known) {
        return QStringLiteral("It is not known whether %1 agree: they say the same of %2, and %3.")
            .arg(who, agreed,
                 agreement.cases < FewestExamples
                     ? QStringLiteral("that is too few to tell it from chance")
                     : QStringLiteral("both say the same of every case"));
    }
    const QString numbers =
        QStringLiteral("they say the same of %1; beyond chance, kappa %2, 95 % interval %3 to %4")
            .arg(agreed, fixed(agreement.kappa, 2, false), fixed(agreement.low, 2, false),
                 fixed(agreement.high, 2, false));
    if (agreement.low <= 0) {
        return agreement.high < 0
                   ? QStringLiteral("%1 disagree more than chance would have it: %2.")
                         .arg(who, numbers)
                   : QStringLiteral("It is not known whether %1 agree more than by chance: %2.")
                         .arg(who, numbers);
    }
    // Landis and Koch 1977.
    const QString grade = agreement.kappa > 0.8   ? QStringLiteral("almost perfectly")
                          : agreement.kappa > 0.6 ? QStringLiteral("substantially")
                          : agreement.kappa > 0.4 ? QStringLiteral("moderately")
                          : agreement.kappa > 0.2 ? QStringLiteral("fairly")
                                                  : QStringLiteral("slightly");
    return QStringLiteral("%1 agree %2: %3.").arg(who, grade, numbers);
}

} // namespace lathe::statistics
