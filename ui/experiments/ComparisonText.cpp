// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/ComparisonText.h"

#include "ui/itemmodels/Format.h"

#include <QCoreApplication>

#include <cmath>

namespace lathe::comparisontext {

namespace {
const QString minus = QStringLiteral("\u2212");

QString tr(const char *text)
{
    return QCoreApplication::translate("lathe::comparisontext", text);
}

bool isShare(const MetricResult &metric)
{
    return metric.kind != MetricTable::Kind::Number;
}

int decimalsFor(double figure)
{
    const double size = std::abs(figure);
    return size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size == 0 ? 2 : size >= 0.01 ? 3 : size >= 0.001 ? 4 : 6;
}

// Without unit, as within an interval.
QString bare(const MetricResult &metric, double figure)
{
    if (isShare(metric))
        return plain(figure * 100, 0);
    return plain(figure, decimalsFor(figure));
}

QString withSign(const MetricResult &metric, double figure)
{
    const QString text = bare(metric, figure);
    return text.startsWith(minus) || QString(text).remove(QLatin1Char('.')).toDouble() == 0 ? text : QLatin1Char('+') + text;
}

QString withUnit(const MetricResult &metric, const QString &figure, const QString &shareUnit)
{
    if (isShare(metric))
        return figure + QChar(0x202f) + shareUnit;
    if (metric.unit == QLatin1String("$"))
        return figure.startsWith(minus) || figure.startsWith(QLatin1Char('+')) ? figure.left(1) + QLatin1Char('$') + figure.mid(1) : QLatin1Char('$') + figure;
    return metric.unit.isEmpty() ? figure : figure + QLatin1Char(' ') + metric.unit;
}

QString cell(QString text)
{
    return text.replace(QLatin1Char('|'), QStringLiteral("\\|")).replace(QLatin1Char('\n'), QLatin1Char(' '));
}
}

QString plain(double figure, int decimals)
{
    const QString text = QString::number(std::abs(figure), 'f', decimals);
    return figure < 0 && text.toDouble() != 0 ? minus + text : text;
}

QString value(const MetricResult &metric, double figure)
{
    return withUnit(metric, bare(metric, figure), QStringLiteral("%"));
}

QString difference(const MetricResult &metric, double figure)
{
    return withUnit(metric, withSign(metric, figure), tr("points"));
}

QString interval(const MetricResult &metric, const VariantSummary &summary)
{
    return tr("%1 (%2 to %3)").arg(value(metric, summary.mean), bare(metric, summary.low), bare(metric, summary.high));
}

QString interval(const MetricResult &metric, const PairResult &pair)
{
    return tr("%1 (%2 to %3)").arg(difference(metric, pair.difference), withSign(metric, pair.low), withSign(metric, pair.high));
}

QString p(double figure)
{
    return figure < 0.001 ? QStringLiteral("p < 0.001") : QStringLiteral("p = %1").arg(figure, 0, 'f', figure < 0.1 ? 3 : 2);
}

QString counts(const ComparisonResult &result, const MetricResult &metric, const PairResult &pair)
{
    Q_UNUSED(metric)
    return tr("%1 for %2, %3 for %4, %5")
        .arg(format::number(pair.wins), result.variants.value(pair.second), format::number(pair.losses), result.variants.value(pair.first),
             format::count(pair.ties, tr("tie"), tr("ties")));
}

QString more(const PairResult &pair)
{
    if (pair.moreExamples <= 0)
        return {};
    // An estimate: two digits say all that is known.
    qint64 unit = 1;
    while (pair.moreExamples / unit >= 100)
        unit *= 10;
    const qint64 rounded = (pair.moreExamples + unit / 2) / unit * unit;
    return tr("about %1 would settle it at this size").arg(format::count(rounded, tr("more example"), tr("more examples")));
}

QString verdict(const ComparisonResult &result, const MetricResult &metric, const PairResult &pair)
{
    Q_UNUSED(metric)
    switch (pair.verdict) {
    case PairResult::Verdict::FirstBetter:
        return tr("%1 is better").arg(result.variants.value(pair.first));
    case PairResult::Verdict::SecondBetter:
        return tr("%1 is better").arg(result.variants.value(pair.second));
    case PairResult::Verdict::Same:
        return tr("the same");
    case PairResult::Verdict::Unknown:
        break;
    }
    return tr("not certain");
}

QString agreement(const Agreement &agreement)
{
    return tr("\u03ba %1 (%2 to %3), agree on %4 % of %5")
        .arg(plain(agreement.kappa, 2), plain(agreement.low, 2), plain(agreement.high, 2))
        .arg(std::lround(agreement.observed * 100))
        .arg(format::count(agreement.cases, tr("case"), tr("cases")));
}

QString markdown(const QString &question, const ComparisonResult &result, const QString &conclusion)
{
    QString text;
    if (!question.isEmpty())
        text += QStringLiteral("## %1\n\n").arg(question);
    text += QStringLiteral("**%1**\n\n").arg(result.sentence);
    if (!conclusion.isEmpty())
        text += tr("Conclusion: %1").arg(conclusion) + QStringLiteral("\n\n");
    for (size_t i = 0; i < result.metrics.size(); ++i) {
        const MetricResult &metric = result.metrics[i];
        text += QStringLiteral("### %1%2\n\n").arg(metric.title, int(i) == result.decidedBy ? tr(" (decides)") : QString());
        if (!metric.sentence.isEmpty())
            text += metric.sentence + QStringLiteral("\n\n");
        text += tr("| Variant | Mean (95 % interval) | Examples | Trials |") + QStringLiteral("\n|---|---|--:|--:|\n");
        for (size_t v = 0; v < metric.variants.size(); ++v) {
            const VariantSummary &one = metric.variants[v];
            text += QStringLiteral("| %1 | %2 | %3 | %4 |\n")
                        .arg(cell(result.variants.value(qsizetype(v))), one.examples > 0 ? interval(metric, one) : tr("not measured"))
                        .arg(one.examples)
                        .arg(one.trials);
        }
        if (!metric.pairs.empty())
            text += QLatin1Char('\n') + tr("| Compared | Difference (95 % interval) | Counts | p (Holm) | |") + QStringLiteral("\n|---|---|---|---|---|\n");
        for (const PairResult &pair : metric.pairs) {
            text += QStringLiteral("| %1 | %2 | %3 | %4 | %5 |\n")
                        .arg(cell(tr("%1 against %2").arg(result.variants.value(pair.second), result.variants.value(pair.first))),
                             interval(metric, pair), cell(counts(result, metric, pair)), p(pair.pAdjusted), cell(verdict(result, metric, pair)));
        }
        text += QLatin1Char('\n');
    }
    if (!result.agreements.empty())
        text += QStringLiteral("### %1\n\n").arg(tr("Agreement of judges"));
    for (const Agreement &one : result.agreements)
        text += QStringLiteral("- %1 / %2: %3\n").arg(one.first, one.second, agreement(one));
    return text.trimmed() + QLatin1Char('\n');
}

} // namespace lathe::comparisontext
