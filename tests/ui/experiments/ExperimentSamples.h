// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/ExperimentTypes.h"
#include "tests/ui/Pictures.h"
#include "ui/itemmodels/TrialTable.h"

#include <QTest>

namespace lathe::test {

inline VariantSummary summary(double mean, double low, double high, int examples)
{
    VariantSummary made;
    made.mean = mean;
    made.low = low;
    made.high = high;
    made.examples = examples;
    made.trials = examples;
    return made;
}

// Two variants: settled by checks, not by the judge; latency is worse.
inline ComparisonResult twoVariants()
{
    ComparisonResult result;
    result.variants = QStringList{QStringLiteral("triage@1"), QStringLiteral("triage@draft")};
    MetricResult checks;
    checks.id = QStringLiteral("checks");
    checks.title = QStringLiteral("All checks");
    checks.variants = {summary(0.61, 0.52, 0.70, 120), summary(0.79, 0.71, 0.86, 120)};
    PairResult pair;
    pair.first = 0;
    pair.second = 1;
    pair.examples = 120;
    pair.difference = 0.18;
    pair.low = 0.09;
    pair.high = 0.27;
    pair.wins = 29;
    pair.losses = 7;
    pair.ties = 84;
    pair.pValue = pair.pAdjusted = 0.0003;
    pair.pAnytime = 0.004;
    pair.mayStop = true;
    pair.moreExamples = 0;
    pair.verdict = PairResult::Verdict::SecondBetter;
    pair.sentence = QStringLiteral("triage@draft passes 18 points more (95 % interval +9 to +27).");
    checks.pairs = {pair};
    checks.sentence = pair.sentence;
    MetricResult judge;
    judge.id = QStringLiteral("judge1");
    judge.title = QStringLiteral("You, blind");
    judge.kind = MetricTable::Kind::Preference;
    judge.variants = {summary(0.43, 0.28, 0.58, 40), summary(0.57, 0.42, 0.72, 40)};
    pair.difference = 0.14;
    pair.low = -0.12;
    pair.high = 0.40;
    pair.examples = 40;
    pair.wins = 17;
    pair.losses = 12;
    pair.ties = 11;
    pair.pValue = pair.pAdjusted = 0.458;
    pair.mayStop = false;
    pair.moreExamples = 160;
    pair.verdict = PairResult::Verdict::Unknown;
    pair.sentence = QStringLiteral("Too few verdicts to tell.");
    judge.pairs = {pair};
    judge.sentence = QStringLiteral("You preferred triage@draft on 17 of 40 and triage@1 on 12; that can be chance.");
    MetricResult latency;
    latency.id = QStringLiteral("latency");
    latency.title = QStringLiteral("Latency");
    latency.unit = QStringLiteral("s");
    latency.kind = MetricTable::Kind::Number;
    latency.higherIsBetter = false;
    latency.variants = {summary(1.21, 1.12, 1.31, 120), summary(1.58, 1.44, 1.73, 120)};
    pair.difference = 0.37;
    pair.low = 0.28;
    pair.high = 0.47;
    pair.wins = 18;
    pair.losses = 102;
    pair.ties = 0;
    pair.pValue = pair.pAdjusted = 0.0001;
    pair.moreExamples = 0;
    pair.verdict = PairResult::Verdict::FirstBetter;
    latency.pairs = {pair};
    latency.sentence = QStringLiteral("triage@1 is 0.37 s faster (95 % interval 0.28 to 0.47 s).");
    result.metrics = {checks, judge, latency};
    Agreement agreement;
    agreement.first = QStringLiteral("You, blind");
    agreement.second = QStringLiteral("openai/gpt-4o");
    agreement.cases = 40;
    agreement.observed = 0.83;
    agreement.kappa = 0.64;
    agreement.low = 0.41;
    agreement.high = 0.84;
    agreement.sentence = QStringLiteral("You and openai/gpt-4o agree well beyond chance.");
    result.agreements = {agreement};
    result.decidedBy = 0;
    result.sentence = QStringLiteral("triage@draft beats triage@1: it passes all checks on 18 points more of the examples (95 % interval +9 to +27, 120 examples).");
    return result;
}

inline ComparisonResult threeVariants()
{
    ComparisonResult result;
    result.variants = QStringList{QStringLiteral("short prompt"), QStringLiteral("long prompt"), QStringLiteral("long prompt, cold")};
    MetricResult judge;
    judge.id = QStringLiteral("judge1");
    judge.title = QStringLiteral("You, blind");
    judge.kind = MetricTable::Kind::Preference;
    const double strengths[] = {-0.71, 0.18, 0.53};
    for (int i = 0; i < 3; ++i) {
        VariantSummary one = summary(0.3 + 0.15 * i, 0.2 + 0.15 * i, 0.4 + 0.15 * i, 60);
        one.strength = strengths[i];
        one.strengthLow = strengths[i] - 0.4;
        one.strengthHigh = strengths[i] + 0.4;
        judge.variants.push_back(one);
    }
    const int firsts[] = {0, 0, 1}, seconds[] = {1, 2, 2};
    for (int i = 0; i < 3; ++i) {
        PairResult pair;
        pair.first = firsts[i];
        pair.second = seconds[i];
        pair.examples = 60;
        pair.difference = 0.1 + 0.15 * (i == 1);
        pair.low = pair.difference - 0.18;
        pair.high = pair.difference + 0.18;
        pair.wins = 30;
        pair.losses = 20;
        pair.ties = 10;
        pair.pAdjusted = i == 1 ? 0.03 : 0.4;
        pair.verdict = i == 1 ? PairResult::Verdict::SecondBetter : PairResult::Verdict::Unknown;
        pair.moreExamples = i == 1 ? 0 : 220;
        judge.pairs.push_back(pair);
    }
    judge.sentence = QStringLiteral("long prompt, cold beats short prompt; the other pairs are open.");
    result.metrics = {judge};
    result.decidedBy = 0;
    result.sentence = judge.sentence;
    return result;
}

inline TrialCell trialCell(bool passed, double score, const QString &output)
{
    TrialCell made;
    made.state = TrialCell::State::Done;
    made.trials = 1;
    made.checked = true;
    made.passed = passed;
    made.score = score;
    made.output = output;
    made.run = RunId{1};
    return made;
}

inline std::vector<TrialRow> trialRows(int count)
{
    static const QStringList areas{QStringLiteral("Billing"), QStringLiteral("Export"), QStringLiteral("Search"), QStringLiteral("Mobile app"), QStringLiteral("Other")};
    std::vector<TrialRow> rows;
    for (int i = 0; i < count; ++i) {
        TrialRow row;
        row.example = i;
        row.input = QStringLiteral("Message %1: since the last update the %2 page takes ages and then shows nothing at all").arg(i + 1).arg(areas[i % 5].toLower());
        row.cells = {trialCell(i % 3, (i % 3) / 2.0, QStringLiteral("{\"area\": \"%1\", \"sentiment\": \"negative\"}").arg(areas[i % 5])),
                     trialCell(i % 7 != 2, i % 7 != 2 ? 1 : 0.25, QStringLiteral("{\"area\": \"%1\", \"sentiment\": \"neutral\"}").arg(areas[(i / 2) % 5]))};
        if (i % 23 == 11) {
            row.cells[0] = TrialCell();
            row.cells[0].state = TrialCell::State::Running;
        }
        if (i % 29 == 5) {
            row.cells[1].state = TrialCell::State::Failed;
            row.cells[1].passed = 0;
            row.cells[1].output = QStringLiteral("The provider did not answer within 60 s.");
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

inline BlindCard pairCard(int number)
{
    BlindCard card;
    card.id = QStringLiteral("card%1").arg(number);
    card.example = number;
    card.input = QStringLiteral("Since the update the export takes ten minutes and then the file is empty. We need the figures by Friday, and the chat told me to wait. Please help. (%1)").arg(number);
    card.expected = QJsonValue(QStringLiteral("Export, negative, high"));
    card.rubric = QStringLiteral("Better is what a desk agent can act upon at once; shorter wins when nothing is lost.");
    card.outputs = QStringList{QStringLiteral("Area: Export. Sentiment: negative. Priority: high.\n\nThe export hangs and yields an empty file; the customer needs it by Friday."),
                               QStringLiteral("The customer writes about the export function of the product. They seem to be unhappy, as it takes a long time. "
                                              "It may be good to look into this at some point, and to tell the customer that the team is aware of it.")};
    card.judged = number;
    card.left = 40 - number;
    return card;
}

} // namespace lathe::test
