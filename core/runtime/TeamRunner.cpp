// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/TeamRunner.h"

#include "core/runtime/TeamExecution.h"
#include "core/runtime/TeamValues.h"

namespace lathe {

namespace {
constexpr int deepestTeam = 16; // of teams within teams

QJsonObject byStep(const QHash<QString, QJsonObject> &values)
{
    QJsonObject json;
    for (auto it = values.begin(); it != values.end(); ++it)
        json.insert(it.key(), it.value());
    return json;
}

QHash<QString, QJsonObject> fromSteps(const QJsonValue &json)
{
    QHash<QString, QJsonObject> values;
    const QJsonObject object = json.toObject();
    for (auto it = object.begin(); it != object.end(); ++it)
        values.insert(it.key(), it.value().toObject());
    return values;
}

Result<void> fitToRun(const PreparedTeam &team, int depth)
{
    if (depth > deepestTeam) {
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("Teams are nested more than %1 deep at \"%2\"; use fewer levels.")
                         .arg(deepestTeam)
                         .arg(team.name));
    }
    if (!team.graph)
        return Error(ErrorKind::Internal,
                     QStringLiteral("The team \"%1\" was not prepared.").arg(team.name));
    if (team.graph->sound())
        return {};
    for (const Problem &problem : team.graph->problems()) {
        if (problem.severity == Problem::Severity::Error) {
            return Error(ErrorKind::InvalidInput, QStringLiteral("The team \"%1\" cannot run: %2 %3")
                                                      .arg(team.name, problem.message, problem.fix)
                                                      .trimmed());
        }
    }
    return Error(ErrorKind::InvalidInput,
                 QStringLiteral("The team \"%1\" cannot run; see its problems.").arg(team.name));
}
} // namespace

QJsonObject TeamOverrides::toJson() const
{
    QJsonObject json;
    if (!inputs.isEmpty())
        json[QStringLiteral("inputs")] = byStep(inputs);
    if (!state.isEmpty())
        json[QStringLiteral("state")] = byStep(state);
    return json;
}

TeamOverrides TeamOverrides::fromJson(const QJsonObject &json)
{
    TeamOverrides overrides;
    overrides.inputs = fromSteps(json.value(QStringLiteral("inputs")));
    overrides.state = fromSteps(json.value(QStringLiteral("state")));
    return overrides;
}

Task<Result<QJsonValue>> runTeamUnder(RunContext *context, std::shared_ptr<const PreparedTeam> team,
                                      std::shared_ptr<TeamShared> shared, RunInput input, QString parent,
                                      CancelToken stop, int depth)
{
    const QJsonObject attributes{
        {QStringLiteral("gen_ai.operation.name"), QStringLiteral("invoke_workflow")},
        {QStringLiteral("gen_ai.workflow.name"), team->name}};
    const QString step = context->beginStep(parent, StepKind::Agent,
                                            QStringLiteral("invoke_workflow ") + team->name, attributes);
    Result<QJsonValue> answer = Error();
    if (const auto fit = fitToRun(*team, depth); !fit) {
        answer = fit.error();
    } else {
        TeamRun run(*team->graph);
        run.context = context;
        run.team = team;
        run.shared = shared;
        run.input = std::move(input);
        run.depth = depth;
        const auto scope = std::make_shared<ScopeCall>();
        scope->run = &run;
        scope->step = step;
        scope->state = initialState(run.spec());
        scope->stop = stop;
        const auto result = co_await runScope(scope);
        if (!result) {
            answer = result.error();
        } else if (result->given) {
            answer = result->value;
        } else {
            answer = Error(
                ErrorKind::InvalidInput,
                QStringLiteral("The team \"%1\" gave no answer, because none of its outputs was reached. "
                               "Lead every route to an output.")
                    .arg(team->name));
        }
    }
    if (answer)
        context->endStep(step, StepStatus::Ok, QJsonObject(), std::nullopt);
    else
        context->endStep(step, StepStatus::Failed, QJsonObject(), answer.error());
    co_return answer;
}

Task<Result<QString>> runTeam(RunContext *context, std::shared_ptr<const PreparedTeam> team, RunInput input,
                              QString parent, TeamRunOptions options)
{
    const int atOnce = team->graph ? std::clamp(team->graph->spec().atOnce, 1, 64) : 1;
    const auto shared = std::make_shared<TeamShared>(std::move(options), atOnce);
    const CancelToken stop = context->cancelToken();
    const auto answer =
        co_await runTeamUnder(context, team, shared, std::move(input), std::move(parent), stop, 0);
    if (!answer)
        co_return answer.error();
    co_return answerText(*answer);
}

} // namespace lathe
