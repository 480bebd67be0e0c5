// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/TrialChecks.h"

#include "core/prompt/PromptSpec.h"
#include "core/tool/SchemaCheck.h"

namespace lathe {

namespace {
constexpr int judgesKept = 200;
constexpr qsizetype embeddingsKept = 5'000;
constexpr qsizetype reasonLengthMax = 2000;
}

TrialChecks::TrialChecks(const ExperimentServices &services, TrialRunner *runner, VariantResolver *variants)
    : m_services(services), m_runner(runner), m_variants(variants)
{
    m_world.expression = [this](QString source, QJsonObject names, CancelToken cancel) {
        return m_engine.evaluate(std::move(source), std::move(names), cancel);
    };
    m_world.schemaProblem = [](const QJsonValue &value, const QJsonValue &schema) -> Result<QString> {
        const auto violations = checkSchema(schema, value);
        if (!violations)
            return violations.error();
        return violations->empty() ? QString() : violationsText(*violations);
    };
    m_world.judge = [this](JudgeCall call, CancelToken cancel) {
        return ask(std::move(call), experiment, QStringLiteral("check"), nullptr, cancel);
    };
    m_world.embed = [this](QStringList texts, CancelToken cancel) { return embed(std::move(texts), cancel); };
    m_world.text = [](const QString &name, const QJsonObject &values) { return promptText(name, values); };
}

QString TrialChecks::idOf(const CheckSpec &spec, int index)
{
    return spec.id.isEmpty() ? QStringLiteral("check %1").arg(index + 1) : spec.id;
}

CheckInput TrialChecks::inputOf(const ExperimentExample &example, const QString &output, const TrialView &trial)
{
    CheckInput input;
    input.output = output;
    input.vars = example.vars;
    input.expected = example.expected;
    input.latencySeconds = double(trial.latencyUs) / 1e6;
    if (trial.usage.costKnown)
        input.costUsd = trial.usage.costUsd;
    input.prompt = example.input;
    return input;
}

QByteArray TrialChecks::hash(const QJsonArray &checks, const ExperimentExample &example)
{
    return json::sha256(json::compact(QJsonValue(checks)) + '\n' + json::compact(example.vars) + '\n'
                        + (example.expected.isUndefined() ? QByteArray() : json::compact(example.expected)));
}

TrialCheck TrialChecks::viewOf(const CheckSpec &spec, int index, const CheckResult &result)
{
    TrialCheck view;
    view.id = idOf(spec, index);
    view.name = spec.name.isEmpty() ? checkTitle(spec) : spec.name;
    view.ran = result.ran;
    view.passed = result.ran && result.passed;
    view.score = result.ran ? result.score : 0;
    view.weight = spec.weight;
    view.reason = result.reason.left(reasonLengthMax);
    return view;
}

QJsonObject TrialChecks::toJson(const TrialView &trial)
{
    QJsonArray checks;
    for (const TrialCheck &check : trial.checks) {
        QJsonObject item{{QStringLiteral("id"), check.id},         {QStringLiteral("name"), check.name},
                         {QStringLiteral("passed"), check.passed}, {QStringLiteral("score"), check.score},
                         {QStringLiteral("weight"), check.weight}};
        if (!check.ran)
            item.insert(QStringLiteral("ran"), false);
        if (!check.reason.isEmpty())
            item.insert(QStringLiteral("reason"), check.reason);
        checks.append(item);
    }
    return {{QStringLiteral("passed"), trial.passed}, {QStringLiteral("score"), trial.score}, {QStringLiteral("checks"), checks}};
}

void TrialChecks::fromJson(const QJsonObject &json, TrialView *trial)
{
    trial->checks.clear();
    const QJsonArray checks = json.value(QLatin1String("checks")).toArray();
    for (const QJsonValue &value : checks) {
        const QJsonObject item = value.toObject();
        TrialCheck check;
        check.id = item.value(QLatin1String("id")).toString();
        check.name = item.value(QLatin1String("name")).toString();
        check.ran = item.value(QLatin1String("ran")).toBool(true);
        check.passed = item.value(QLatin1String("passed")).toBool();
        check.score = item.value(QLatin1String("score")).toDouble();
        check.weight = item.value(QLatin1String("weight")).toDouble(1);
        check.reason = item.value(QLatin1String("reason")).toString();
        trial->checks.push_back(std::move(check));
    }
    trial->passed = json.value(QLatin1String("passed")).toBool();
    trial->score = json.value(QLatin1String("score")).toDouble();
    trial->checked = true;
}

Task<> TrialChecks::evaluate(std::vector<CheckSpec> checks, ExperimentExample example, QString output, TrialView *trial, CancelToken cancel)
{
    trial->checks.clear();
    trial->checked = false;
    const bool failed = trial->status == TrialStatus::Failed;
    const CheckInput input = inputOf(example, output, *trial);
    for (size_t i = 0; i < checks.size(); ++i) {
        const CheckTypeInfo *info = checkType(checks[i].type);
        if (info && info->comparesVariants)
            continue;
        CheckResult result;
        if (failed)
            result = CheckResult::fail(QStringLiteral("The run failed: %1").arg(trial->error ? trial->error->message : QString()));
        else
            result = co_await runCheck(checks[i], input, &m_world, cancel);
        if (cancel.isCancelled())
            co_return; // not evaluated, rather than half
        trial->checks.push_back(viewOf(checks[i], int(i), result));
    }
    combine(trial);
    trial->checked = true;
}

void TrialChecks::combine(TrialView *trial)
{
    std::vector<CheckSpec> specs;
    std::vector<CheckResult> results;
    for (const TrialCheck &check : trial->checks) {
        CheckSpec spec;
        spec.weight = check.weight;
        specs.push_back(std::move(spec));
        CheckResult result;
        result.ran = check.ran;
        result.passed = check.passed;
        result.score = check.score;
        result.reason = check.reason.isEmpty() ? check.name : check.reason; // what failed is told by its reason
        results.push_back(std::move(result));
    }
    const CheckResult whole = combineChecks(specs, std::move(results), 0);
    const bool failed = trial->status == TrialStatus::Failed;
    trial->score = failed ? 0 : whole.score;
    trial->passed = !failed && whole.ran && whole.passed;
}

Task<Result<std::vector<Embedding>>> TrialChecks::embed(QStringList texts, CancelToken cancel)
{
    auto choice = VariantResolver::parseModel(gradingModel);
    if (!choice)
        choice = m_variants->usualModel();
    if (!choice)
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("There is no connection to ask for embeddings; add one."));
    auto model = co_await m_services.resolver->model(choice->connection);
    if (!model)
        co_return model.error();
    // What was asked for in this session is not paid for twice.
    if (m_embeddings.size() > embeddingsKept)
        m_embeddings.clear();
    QStringList missing;
    for (const QString &text : std::as_const(texts)) {
        if (!m_embeddings.contains({choice->connection, text}) && !missing.contains(text))
            missing.append(text);
    }
    if (!missing.isEmpty()) {
        auto vectors = co_await (*model)->embed(QString(), missing, cancel);
        if (!vectors)
            co_return vectors.error();
        for (qsizetype i = 0; i < missing.size(); ++i)
            m_embeddings.insert({choice->connection, missing[i]}, (*vectors)[size_t(i)]);
    }
    std::vector<Embedding> found;
    for (const QString &text : std::as_const(texts)) {
        const auto known = m_embeddings.constFind({choice->connection, text});
        if (known == m_embeddings.cend()) // another check made room while this one waited
            co_return Error(ErrorKind::LimitReached, QStringLiteral("Too many texts are compared at once; run fewer trials at a time."));
        found.push_back(*known);
    }
    co_return std::move(found);
}

Task<Result<QString>> TrialChecks::ask(JudgeCall call, ArtifactId whose, QString role, RunId *run, CancelToken cancel)
{
    QString model = call.model.isEmpty() ? gradingModel : call.model;
    auto choice = VariantResolver::parseModel(model);
    if (!choice && model.isEmpty())
        choice = m_variants->usualModel();
    if (!choice)
        co_return Error(ErrorKind::InvalidInput,
                        model.isEmpty() ? QStringLiteral("No model is chosen for grading; choose one as connection/model.")
                                        : QStringLiteral("The model \"%1\" is not written as connection/model.").arg(model.left(100)));
    // The grader's words go in as a value, since they may hold braces themselves.
    QJsonObject instructions{{QStringLiteral("text"), QStringLiteral("{{grading}}")}};
    if (!call.schema.isEmpty())
        instructions.insert(QStringLiteral("output"), QJsonObject{{QStringLiteral("format"), QStringLiteral("json_schema")},
                                                                  {QStringLiteral("schema"), call.schema}});
    if (call.system.isEmpty())
        instructions.insert(QStringLiteral("text"), QString());
    const QJsonObject body{{QStringLiteral("instructions"), instructions},
                           {QStringLiteral("pattern"), QStringLiteral("direct")},
                           {QStringLiteral("temperature"), 0},
                           {QStringLiteral("model"), QJsonObject{{QStringLiteral("connection"), choice->connection},
                                                                 {QStringLiteral("model"), choice->model}}}};
    const QByteArray key = json::compact(body);
    if (!m_judges.contains(key)) {
        auto resolved = co_await m_variants->plain(QStringLiteral("judge"), body);
        if (!resolved)
            co_return resolved.error();
        if (m_judges.size() >= judgesKept)
            m_judges.clear();
        m_judges.insert(key, std::move(*resolved));
    }
    const ResolvedVariant judge = m_judges.value(key);
    TrialJob job;
    job.blueprint = judge.blueprint;
    job.input.text = call.user;
    if (!call.system.isEmpty())
        job.input.variables.insert(QStringLiteral("grading"), call.system);
    job.key = VariantResolver::trialKey(judge, job.input, 0);
    job.experiment = whose;
    job.variant = role;
    auto outcome = co_await m_runner->run(std::move(job), cancel);
    if (!outcome)
        co_return outcome.error();
    m_services.project->trials().finish(outcome->trial, TrialScore());
    if (run)
        *run = outcome->run.run;
    if (outcome->run.status != RunStatus::Done)
        co_return outcome->run.error.value_or(Error::cancelled());
    co_return outcome->run.output;
}

} // namespace lathe
