// SPDX-License-Identifier: GPL-3.0-or-later
// eval FILE EXPERIMENT: runs what is missing of an experiment and says what is known.
#include "app/cli/Commands.h"

#include "app/cli/EvalReport.h"
#include "app/cli/Output.h"
#include "core/session/Experiments.h"

#include <QTimer>

#include <cmath>

namespace lathe::cli {

namespace {
struct Passing {
    int passed = 0, trials = 0, notRun = 0; // notRun: never counted as passed
    double share() const { return trials > 0 ? double(passed) / trials : 0; }
};

QString numberText(double value, const QString &unit)
{
    if (unit == QLatin1String("s"))
        return value < 1 ? QStringLiteral("%1 ms").arg(value * 1000, 0, 'g', 3) : QStringLiteral("%1 s").arg(value, 0, 'g', 3);
    if (unit == QLatin1String("$"))
        return QStringLiteral("$%1").arg(value, 0, 'g', 3);
    return QString::number(value, 'g', 3) + (unit.isEmpty() ? QString() : QLatin1Char(' ') + unit);
}

QString summaryText(const MetricResult &metric, const VariantSummary &summary)
{
    if (summary.trials == 0 && summary.examples == 0)
        return QStringLiteral("-");
    const bool share = metric.kind != MetricTable::Kind::Number;
    const auto text = [&](double value) { return share ? percent(value) : numberText(value, metric.unit); };
    if (!std::isfinite(summary.low) || !std::isfinite(summary.high))
        return text(summary.mean);
    return QStringLiteral("%1 [%2, %3]").arg(text(summary.mean), text(summary.low), text(summary.high));
}

QString reasonsOf(const TrialView &trial)
{
    QStringList reasons;
    for (const TrialCheck &check : trial.checks) {
        if (!check.passed)
            reasons.append(QStringLiteral("%1: %2").arg(check.name, check.reason.isEmpty() ? QStringLiteral("failed") : check.reason));
    }
    return reasons.join(QLatin1Char('\n'));
}

bool lacksCheck(const TrialView &trial)
{
    return std::any_of(trial.checks.begin(), trial.checks.end(), [](const TrialCheck &check) { return !check.ran; });
}

QJsonObject trialJson(const ExperimentState &state, const ExperimentExample &example, int variant, const TrialView &trial)
{
    QJsonArray checks;
    for (const TrialCheck &check : trial.checks)
        checks.append(QJsonObject{{QStringLiteral("id"), check.id},
                                  {QStringLiteral("name"), check.name},
                                  {QStringLiteral("ran"), check.ran},
                                  {QStringLiteral("passed"), check.passed},
                                  {QStringLiteral("score"), check.score},
                                  {QStringLiteral("reason"), check.reason}});
    static const char *const names[] = {"pending", "running", "done", "failed"};
    QJsonObject json{{QStringLiteral("variant"), state.variants[size_t(variant)].name},
                     {QStringLiteral("row"), example.row + 1},
                     {QStringLiteral("repetition"), trial.repetition + 1},
                     {QStringLiteral("run"), trial.run.value},
                     {QStringLiteral("status"), QString::fromLatin1(names[int(trial.status)])},
                     {QStringLiteral("passed"), trial.passed && trial.checked},
                     {QStringLiteral("score"), trial.score},
                     {QStringLiteral("shared"), trial.shared},
                     {QStringLiteral("latency_us"), trial.latencyUs},
                     {QStringLiteral("usage"), trial.usage.toJson()},
                     {QStringLiteral("checks"), checks}};
    if (trial.error)
        json.insert(QStringLiteral("error"), trial.error->message);
    return json;
}

class Evaluation
{
public:
    Evaluation(Session *session, ArtifactId id) : m_session(session), m_id(id) {}
    const ExperimentState &state() const { return *m_session->experiments().state(m_id); }

    template<typename Visit>
    void eachTrial(Visit visit) const
    {
        for (int variant = 0; variant < int(state().variants.size()); ++variant) {
            for (int example = 0; example < state().examples; ++example) {
                for (const TrialView &trial : m_session->experiments().trials(m_id, CellId{variant, example}))
                    visit(variant, example, trial);
            }
        }
    }
    std::vector<Passing> passing() const
    {
        std::vector<Passing> list(state().variants.size());
        eachTrial([&](int variant, int, const TrialView &trial) {
            Passing &of = list[size_t(variant)];
            ++of.trials;
            of.passed += trial.answered && trial.checked && trial.passed;
            of.notRun += !trial.answered || !trial.checked || lacksCheck(trial);
        });
        return list;
    }
    QJsonArray trialsJson() const
    {
        QJsonArray list;
        eachTrial([&](int variant, int example, const TrialView &trial) {
            const ExperimentExample row = m_session->experiments().example(m_id, example);
            QJsonObject json = trialJson(state(), row, variant, trial);
            json.insert(QStringLiteral("input"), row.input);
            if (trial.run.isValid())
                json.insert(QStringLiteral("output"), m_session->experiments().output(trial.run));
            list.append(json);
        });
        return list;
    }
    std::vector<JUnitCase> junit() const
    {
        std::vector<JUnitCase> cases;
        eachTrial([&](int variant, int example, const TrialView &trial) {
            const ExperimentExample row = m_session->experiments().example(m_id, example);
            JUnitCase one;
            one.suite = state().variants[size_t(variant)].name;
            one.name = QStringLiteral("row %1: %2").arg(row.row + 1).arg(shortText(row.input, 60));
            if (state().spec.repetitions > 1)
                one.name += QStringLiteral(" (%1)").arg(trial.repetition + 1);
            one.seconds = double(trial.latencyUs) / 1e6;
            one.output = trial.output;
            one.skipped = trial.status == TrialStatus::Pending;
            if (trial.error && !trial.answered)
                one.error = trial.error->message;
            else if (trial.answered && (!trial.checked || lacksCheck(trial)))
                one.error = trial.checked ? reasonsOf(trial) : QStringLiteral("It was not checked.");
            else if (trial.answered && !trial.passed)
                one.failure = reasonsOf(trial);
            cases.push_back(std::move(one));
        });
        return cases;
    }

private:
    Session *m_session;
    ArtifactId m_id;
};

void printComparison(const Evaluation &evaluation, const ComparisonResult &result, const std::vector<Passing> &passing, bool checked)
{
    QStringList header{QStringLiteral("Variant")};
    for (const MetricResult &metric : result.metrics)
        header.append(metric.title);
    header.append(QStringLiteral("Trials"));
    std::vector<QStringList> rows;
    for (size_t v = 0; v < evaluation.state().variants.size(); ++v) {
        QStringList row{evaluation.state().variants[v].name};
        for (const MetricResult &metric : result.metrics)
            row.append(v < metric.variants.size() ? summaryText(metric, metric.variants[v]) : QStringLiteral("-"));
        QString trials = checked ? QStringLiteral("%1 of %2 passed").arg(passing[v].passed).arg(passing[v].trials)
                                 : QString::number(passing[v].trials);
        if (passing[v].notRun > 0)
            trials += QStringLiteral(", %1 not run").arg(passing[v].notRun);
        row.append(trials);
        rows.push_back(std::move(row));
    }
    printTable(header, rows);
    printLine(QString());
    printLine(result.sentence);
    for (const Agreement &agreement : result.agreements)
        printLine(agreement.sentence);
}
}

Task<int> commandEval(CommandLine line, Session *session, CancelToken interrupt)
{
    const QString name = line.arguments[1];
    const auto reference = ArtifactRef::parse(name);
    if (!reference)
        co_return fail(reference.error());
    const auto id = session->project().artifacts().find(ArtifactKind::Experiment, reference->name);
    if (!id) {
        const auto missing = session->project().artifacts().resolve(ArtifactKind::Experiment, name);
        co_return fail(missing ? Error(ErrorKind::NotFound, QStringLiteral("There is no experiment \"%1\".").arg(name)) : missing.error());
    }
    const auto jobs = parseJobs(line);
    if (!jobs)
        co_return fail(jobs.error());
    const auto asked = parseShare(line.value(QStringLiteral("threshold")), -1);
    if (!asked)
        co_return fail(asked.error());
    ExperimentOptions options;
    options.reference = name.contains(QLatin1Char('@')) ? name : QString();
    options.atOnce = *jobs;
    options.judge = !line.has(QStringLiteral("no-judge"));
    Experiments &experiments = session->experiments();
    const auto started = co_await experiments.start(*id, options);
    if (!started)
        co_return fail(started.error());
    const Evaluation evaluation(session, *id);
    const double threshold = *asked >= 0 ? *asked : evaluation.state().spec.threshold;
    ProgressLine shown;
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, session, [&] {
        const ExperimentProgress &progress = evaluation.state().progress;
        QString more;
        if (progress.failed > 0)
            more += QStringLiteral(", %1 failed").arg(progress.failed);
        if (progress.shared > 0)
            more += QStringLiteral(", %1 known already").arg(progress.shared);
        if (progress.costKnown && progress.costUsd > 0)
            more += QStringLiteral(", $%1").arg(progress.costUsd, 0, 'f', 4);
        if (progress.judgeTotal > 0)
            more += QStringLiteral(", judged %1 of %2").arg(progress.judgeDone).arg(progress.judgeTotal);
        if (progress.secondsLeft >= 1)
            more += QStringLiteral(", %1 s left").arg(qRound(progress.secondsLeft));
        shown.show(progress.done, progress.total, more);
    });
    poll.start(50);
    const CancelRegistration registration = interrupt.onCancelled([&] { experiments.stop(*id); });
    co_await experiments.finished(*id);
    poll.stop();
    const ExperimentState &state = evaluation.state();
    shown.end(state.progress.done, state.progress.total);
    if (!state.notice.isEmpty())
        printMessage(state.notice);
    const bool checked = !state.spec.checks.empty();
    const std::vector<Passing> passing = evaluation.passing();
    const bool complete = state.progress.done == state.progress.total || state.stoppedEarly;
    bool enough = complete;
    for (const Passing &of : passing)
        enough = enough && (!checked || of.share() >= threshold - 1e-9);
    auto compared = co_await experiments.result(*id);
    if (!compared && compared.error().kind != ErrorKind::InvalidInput)
        co_return fail(compared.error());
    if (line.has(QStringLiteral("json")) || line.has(QStringLiteral("output"))) {
        QJsonArray variants;
        for (size_t v = 0; v < state.variants.size(); ++v)
            variants.append(QJsonObject{{QStringLiteral("name"), state.variants[v].name},
                                        {QStringLiteral("uses"), state.variants[v].uses},
                                        {QStringLiteral("trials"), passing[v].trials},
                                        {QStringLiteral("passed"), passing[v].passed},
                                        {QStringLiteral("not_run"), passing[v].notRun}});
        const QJsonObject report{{QStringLiteral("experiment"), state.name},
                                 {QStringLiteral("question"), state.spec.question},
                                 {QStringLiteral("complete"), complete},
                                 {QStringLiteral("passed"), enough},
                                 {QStringLiteral("threshold"), threshold},
                                 {QStringLiteral("notice"), state.notice},
                                 {QStringLiteral("variants"), variants},
                                 {QStringLiteral("result"), compared ? QJsonValue(Experiments::resultJson(*compared)) : QJsonValue()},
                                 {QStringLiteral("trials"), evaluation.trialsJson()}};
        if (line.has(QStringLiteral("output"))) {
            const auto written = writeFile(line.value(QStringLiteral("output")), json::pretty(report));
            if (!written)
                co_return fail(written.error());
        }
        if (line.has(QStringLiteral("json")))
            printJson(report);
    }
    if (line.has(QStringLiteral("junit"))) {
        const auto written = writeJUnit(line.value(QStringLiteral("junit")), state.name, evaluation.junit());
        if (!written)
            co_return fail(written.error());
    }
    if (!line.has(QStringLiteral("json"))) {
        if (compared)
            printComparison(evaluation, *compared, passing, checked);
        else
            printMessage(compared.error().message);
        if (complete && !enough)
            printMessage(QStringLiteral("Below the threshold of %1.").arg(percent(threshold)));
    }
    if (interrupt.isCancelled())
        co_return int(ExitCancelled);
    if (!complete)
        co_return int(ExitUnreachable);
    co_return int(enough ? ExitOk : ExitFailed);
}

} // namespace lathe::cli
