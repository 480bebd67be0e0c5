// SPDX-License-Identifier: GPL-3.0-or-later
// The comparison, and the log of those that were concluded.
#include "core/session/ExperimentsPrivate.h"

#include <QPointer>

#include <cmath>

namespace lathe {

namespace {
QString kindName(MetricTable::Kind kind)
{
    switch (kind) {
    case MetricTable::Kind::PassFail:
        return QStringLiteral("pass_fail");
    case MetricTable::Kind::Number:
        return QStringLiteral("number");
    case MetricTable::Kind::Preference:
        break;
    }
    return QStringLiteral("preference");
}

QString verdictName(PairResult::Verdict verdict)
{
    switch (verdict) {
    case PairResult::Verdict::FirstBetter:
        return QStringLiteral("first_better");
    case PairResult::Verdict::SecondBetter:
        return QStringLiteral("second_better");
    case PairResult::Verdict::Same:
        return QStringLiteral("same");
    case PairResult::Verdict::Unknown:
        break;
    }
    return QStringLiteral("unknown");
}

QJsonValue number(double value)
{
    return std::isfinite(value) ? QJsonValue(value) : QJsonValue();
}

QJsonArray interval(double low, double high)
{
    return {number(low), number(high)};
}
}

QJsonObject Experiments::resultJson(const ComparisonResult &result)
{
    QJsonArray metrics;
    for (const MetricResult &metric : result.metrics) {
        QJsonArray variants;
        for (size_t i = 0; i < metric.variants.size(); ++i) {
            const VariantSummary &summary = metric.variants[i];
            QJsonObject variant{{QStringLiteral("variant"), result.variants.value(qsizetype(i))},
                                {QStringLiteral("mean"), number(summary.mean)},
                                {QStringLiteral("interval"), interval(summary.low, summary.high)},
                                {QStringLiteral("examples"), summary.examples},
                                {QStringLiteral("trials"), summary.trials}};
            if (summary.strength) {
                variant.insert(QStringLiteral("strength"), number(*summary.strength));
                variant.insert(QStringLiteral("strength_interval"),
                               interval(summary.strengthLow.value_or(NAN), summary.strengthHigh.value_or(NAN)));
            }
            variants.append(variant);
        }
        QJsonArray pairs;
        for (const PairResult &pair : metric.pairs) {
            pairs.append(QJsonObject{{QStringLiteral("first"), result.variants.value(pair.first)},
                                     {QStringLiteral("second"), result.variants.value(pair.second)},
                                     {QStringLiteral("examples"), pair.examples},
                                     {QStringLiteral("difference"), number(pair.difference)},
                                     {QStringLiteral("interval"), interval(pair.low, pair.high)},
                                     {QStringLiteral("wins"), pair.wins},
                                     {QStringLiteral("losses"), pair.losses},
                                     {QStringLiteral("ties"), pair.ties},
                                     {QStringLiteral("p"), number(pair.pValue)},
                                     {QStringLiteral("p_adjusted"), number(pair.pAdjusted)},
                                     {QStringLiteral("p_anytime"), number(pair.pAnytime)},
                                     {QStringLiteral("may_stop"), pair.mayStop},
                                     {QStringLiteral("more_examples"), pair.moreExamples},
                                     {QStringLiteral("verdict"), verdictName(pair.verdict)},
                                     {QStringLiteral("sentence"), pair.sentence}});
        }
        metrics.append(QJsonObject{{QStringLiteral("id"), metric.id},
                                   {QStringLiteral("title"), metric.title},
                                   {QStringLiteral("unit"), metric.unit},
                                   {QStringLiteral("kind"), kindName(metric.kind)},
                                   {QStringLiteral("higher_is_better"), metric.higherIsBetter},
                                   {QStringLiteral("variants"), variants},
                                   {QStringLiteral("pairs"), pairs},
                                   {QStringLiteral("sentence"), metric.sentence}});
    }
    QJsonArray agreements;
    for (const Agreement &agreement : result.agreements) {
        agreements.append(QJsonObject{{QStringLiteral("first"), agreement.first},
                                      {QStringLiteral("second"), agreement.second},
                                      {QStringLiteral("cases"), agreement.cases},
                                      {QStringLiteral("observed"), number(agreement.observed)},
                                      {QStringLiteral("kappa"), number(agreement.kappa)},
                                      {QStringLiteral("interval"), interval(agreement.low, agreement.high)},
                                      {QStringLiteral("sentence"), agreement.sentence}});
    }
    return {{QStringLiteral("variants"), json::fromStringList(result.variants)},
            {QStringLiteral("metrics"), metrics},
            {QStringLiteral("agreements"), agreements},
            {QStringLiteral("decided_by"), result.decidedBy >= 0 && result.decidedBy < int(result.metrics.size())
                                               ? QJsonValue(result.metrics[size_t(result.decidedBy)].id)
                                               : QJsonValue()},
            {QStringLiteral("sentence"), result.sentence}};
}

std::vector<MetricTable> Experiments::tables(ArtifactId experiment) const
{
    const auto entry = d->find(experiment);
    if (!entry || !entry->matrix)
        return {};
    return entry->matrix->tables([this](RunId run) { return d->text(run); });
}

Task<Result<ComparisonResult>> Experiments::result(ArtifactId experiment)
{
    const auto entry = d->find(experiment);
    if (!entry || !entry->matrix)
        co_return Error(ErrorKind::NotFound, QStringLiteral("The experiment is not open."));
    std::vector<MetricTable> measured = tables(experiment);
    if (measured.empty())
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("Nothing was measured yet; start the experiment first."));
    ComparisonOptions options;
    const ExperimentState &state = entry->matrix->state;
    options.decideBy = state.spec.decideBy;
    // Looked at before its planned end: only what holds at every look may be called better.
    options.peeked = state.spec.stopEarly || state.progress.done < state.progress.total;
    ComparisonResult result = co_await compareInPool(std::move(measured), std::move(options));
    co_return result;
}

Task<Result<QHash<int, PromptScore>>> Experiments::promptScores(QString prompt) const
{
    auto scores = co_await d->services.project->trials().promptScores(std::move(prompt), CancelToken());
    co_return scores;
}

Task<Result<void>> Experiments::setConclusion(LogEntryId entry, QString conclusion)
{
    const QPointer<Private> self(d.get());
    auto written = co_await d->services.project->experiments().setConclusion(entry, std::move(conclusion));
    if (self && written)
        Q_EMIT self->q->logChanged();
    co_return written;
}

Task<Result<LogEntryId>> Experiments::conclude(ArtifactId experiment, QString conclusion)
{
    const QPointer<Private> self(d.get());
    auto computed = co_await result(experiment);
    if (!computed)
        co_return computed.error();
    if (!self)
        co_return Error::cancelled();
    const auto entry = self->find(experiment);
    if (!entry)
        co_return Error(ErrorKind::NotFound, QStringLiteral("The experiment is not open."));
    // The setup is a revision of the experiment, so that the entry can be reproduced from the file alone.
    const std::shared_ptr<ExperimentMatrix> matrix = entry->matrix;
    const auto edited = self->session->edit(experiment, QStringLiteral("/conclusion"), conclusion, QStringLiteral("Conclusion"));
    if (!edited)
        co_return edited.error();
    matrix->state.spec.conclusion = conclusion;
    const auto committed = co_await self->session->commit(experiment, conclusion.left(200));
    if (!committed)
        co_return committed.error();
    if (!self)
        co_return Error::cancelled();
    ExperimentLogEntry log;
    log.experiment = experiment;
    log.name = matrix->state.name;
    log.question = matrix->state.spec.question;
    log.sentence = computed->sentence;
    log.conclusion = conclusion;
    log.revision = committed->number;
    QJsonArray used;
    for (size_t i = 0; i < matrix->state.variants.size(); ++i) {
        const ExperimentVariant &variant = matrix->state.variants[i];
        QJsonObject item{{QStringLiteral("variant"), variant.name}, {QStringLiteral("uses"), variant.uses}};
        if (matrix->variants[i])
            item.insert(QStringLiteral("revisions"), matrix->variants[i]->blueprint->revisions);
        used.append(item);
    }
    QJsonArray runs;
    for (const auto &cell : matrix->cells)
        runs.append(cell.run.value);
    const auto dataset = self->services.project->artifacts().resolve(ArtifactKind::Dataset, matrix->state.spec.dataset);
    log.setup = QJsonObject{{QStringLiteral("experiment"), matrix->state.spec.toJson()},
                            {QStringLiteral("dataset"), dataset ? dataset->reference() : QString()},
                            {QStringLiteral("variants"), used},
                            {QStringLiteral("runs"), runs}};
    log.result = resultJson(*computed);
    auto kept = co_await self->services.project->experiments().conclude(std::move(log));
    if (self && kept)
        Q_EMIT self->q->logChanged();
    co_return kept;
}

Task<Result<std::vector<ExperimentLogEntry>>> Experiments::log(QString words)
{
    return d->services.project->experiments().log(std::move(words), CancelToken());
}

} // namespace lathe
