// SPDX-License-Identifier: GPL-3.0-or-later
// coordinator: an agent plans tasks for the workers in the body, they work at the same time, and their results are merged.
#include "core/prompt/PromptSpec.h"
#include "core/runtime/AgentTurn.h"
#include "core/runtime/TeamExecution.h"
#include "core/runtime/TeamValues.h"

namespace lathe {

namespace {
struct Worker {
    int entry; // index of the edge from the body port
    QString name;
    QString job;
};
struct PlannedTask {
    int worker;
    QString task;
};
struct Plan {
    std::vector<PlannedTask> tasks;
    QJsonArray json;
    QString problem; // why it cannot be used
};

QString jobOf(const TeamRun &run, const TeamNode &node)
{
    if (const auto agent = run.team->agents.value(node.id))
        return agent->spec.job;
    if (const auto team = run.team->teams.value(node.id); team && team->graph)
        return team->graph->spec().job;
    if (const auto tool = run.team->tools.value(node.id))
        return tool->tool().description();
    return nodeSummary(node);
}

std::vector<Worker> workersOf(const NodeCall &call)
{
    std::vector<Worker> workers;
    const ScopePlan &body = call.run->plan.scope(call.index);
    for (size_t i = 0; i < body.entries.size(); ++i) {
        const TeamNode &node = call.run->spec().nodes[size_t(body.nodes[size_t(body.entries[i].to)].node)];
        workers.push_back({int(i), node.name, jobOf(*call.run, node)});
    }
    return workers;
}

// A list of {worker, task}, or an object that holds it.
Plan readPlan(const QString &answer, const std::vector<Worker> &workers, int most)
{
    Plan plan;
    const auto found = findJson(answer);
    QJsonValue value = found.value_or(QJsonValue::Undefined);
    if (value.isObject()) {
        const QJsonObject object = value.toObject();
        value = object.contains(QStringLiteral("task")) ? QJsonValue(QJsonArray{object})
                                                        : object.value(QStringLiteral("tasks"));
    }
    if (!value.isArray()) {
        plan.problem = QStringLiteral("The plan is no JSON list of {\"worker\", \"task\"}.");
        return plan;
    }
    QStringList names;
    for (const Worker &worker : workers)
        names.append(worker.name);
    const QJsonArray list = value.toArray();
    for (const QJsonValue &item : list) {
        const QString name = item.toObject().value(QStringLiteral("worker")).toString().trimmed();
        const QString task = textOf(item.toObject().value(QStringLiteral("task"))).trimmed();
        int worker = -1;
        for (size_t i = 0; i < workers.size(); ++i) {
            if (workers[i].name.compare(name, Qt::CaseInsensitive) == 0)
                worker = int(i);
        }
        if (worker < 0) {
            plan.problem = QStringLiteral("There is no worker \"%1\"; there are: %2.")
                               .arg(name.left(80), names.join(QStringLiteral(", ")));
            return plan;
        }
        if (task.isEmpty()) {
            plan.problem = QStringLiteral("A task for %1 is empty.").arg(workers[size_t(worker)].name);
            return plan;
        }
        if (int(plan.tasks.size()) == most)
            break;
        plan.tasks.push_back({worker, task});
        plan.json.append(QJsonObject{{QStringLiteral("worker"), workers[size_t(worker)].name},
                                     {QStringLiteral("task"), task}});
    }
    if (plan.tasks.empty())
        plan.problem = QStringLiteral("The plan has no tasks.");
    return plan;
}

// Asks for the plan, and once more with what was wrong with it.
Task<Result<Plan>> makePlan(Call call, std::shared_ptr<const PreparedAgent> agent,
                            std::vector<Worker> workers, QString step)
{
    const int most = call->number("max_tasks", 6, 1, 50);
    QJsonArray list;
    for (const Worker &worker : workers)
        list.append(
            QJsonObject{{QStringLiteral("name"), worker.name}, {QStringLiteral("job"), worker.job}});
    RunInput input;
    input.text = promptText(QStringLiteral("patterns/team_plan"),
                            QJsonObject{{QStringLiteral("workers"), list},
                                        {QStringLiteral("max_tasks"), most},
                                        {QStringLiteral("request"), textOf(call->input())}});
    input.variables = call->run->input.variables;
    const auto place = co_await call->run->shared->slots.acquire();
    for (int attempt = 0;; ++attempt) {
        const auto answer = co_await askAgent(call, agent, input, step);
        if (!answer)
            co_return answer.error();
        Plan plan = readPlan(*answer, workers, most);
        if (plan.problem.isEmpty())
            co_return plan;
        if (attempt > 0)
            co_return Error(ErrorKind::Protocol,
                            QStringLiteral("The plan cannot be used: %1").arg(plan.problem),
                            answer->left(2000));
        call->context().note(step, QStringLiteral("output_invalid"),
                             QJsonObject{{QStringLiteral("problem"), plan.problem}});
        input.text += QStringLiteral("\n\n")
                      + promptText(QStringLiteral("patterns/mend_output"),
                                   QJsonObject{{QStringLiteral("problem"), plan.problem}});
    }
}

Task<Result<ScopeResult>> runTask(Call call, PlannedTask planned, int entry, QString step,
                                  CancelSource others)
{
    const auto scope = std::make_shared<ScopeCall>(*call, step, QJsonValue(planned.task));
    scope->stop = others.token();
    scope->onlyEntry = entry;
    scope->names.insert(QStringLiteral("task"), planned.task);
    scope->names.insert(QStringLiteral("request"), call->input());
    auto result = co_await runScope(scope);
    RunContext &context = call->context();
    if (result) {
        context.endStep(step, StepStatus::Ok,
                        QJsonObject{{QStringLiteral("lathe.output"), forLog(result->value)}}, std::nullopt);
    } else {
        context.endStep(step, StepStatus::Failed, QJsonObject(), result.error());
        others.cancel();
    }
    co_return result;
}

Task<Result<QJsonValue>> mergeByAgent(Call call, std::shared_ptr<const PreparedAgent> agent,
                                      QJsonArray results)
{
    QJsonArray told;
    for (const QJsonValue &item : results) {
        QJsonObject result = item.toObject();
        result.insert(QStringLiteral("result"), textOf(result.value(QStringLiteral("result"))));
        told.append(result);
    }
    RunInput input;
    input.text = promptText(
        QStringLiteral("patterns/team_merge"),
        QJsonObject{{QStringLiteral("request"), textOf(call->input())}, {QStringLiteral("results"), told}});
    input.variables = call->run->input.variables;
    const QString step =
        call->context().beginStep(call->step, StepKind::Control, QStringLiteral("merge"), QJsonObject());
    const auto place = co_await call->run->shared->slots.acquire();
    const auto answer = co_await askAgent(call, agent, input, step);
    if (!answer) {
        call->context().endStep(step, StepStatus::Failed, QJsonObject(), answer.error());
        co_return answer.error();
    }
    call->context().endStep(step, StepStatus::Ok, QJsonObject(), std::nullopt);
    if (agent->prompt.outputFormat == QLatin1String("json_schema"))
        co_return valueOfText(*answer);
    co_return QJsonValue(*answer);
}
} // namespace

Task<Result<NodeOutcome>> runCoordinatorNode(Call call)
{
    const auto planner = agentOf(*call);
    if (!planner)
        co_return planner.error();
    const std::vector<Worker> workers = workersOf(*call);
    if (workers.empty())
        co_return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("The coordinator has no workers; connect some to its port \"workers\"."));
    RunContext &context = call->context();
    const QString planStep =
        context.beginStep(call->step, StepKind::Control, QStringLiteral("plan"),
                          QJsonObject{{QStringLiteral("gen_ai.operation.name"), QStringLiteral("plan")}});
    const auto plan = co_await makePlan(call, *planner, workers, planStep);
    if (!plan) {
        context.endStep(planStep, StepStatus::Failed, QJsonObject(), plan.error());
        co_return plan.error();
    }
    context.endStep(planStep, StepStatus::Ok, QJsonObject{{QStringLiteral("lathe.plan"), plan->json}},
                    std::nullopt);

    std::vector<Result<ScopeResult>> results;
    {
        CancelSource others(call->stop); // a task that fails stops the rest
        const auto branch = context.openBranch(call->step, others.token());
        QStringList steps;
        for (size_t i = 0; i < plan->tasks.size(); ++i) {
            const PlannedTask &planned = plan->tasks[i];
            steps.append(context.beginStep(
                call->step, StepKind::Control,
                QStringLiteral("task %1: %2").arg(i + 1).arg(workers[size_t(planned.worker)].name),
                QJsonObject{{QStringLiteral("lathe.branch"), int(i)},
                            {QStringLiteral("lathe.task"), planned.task}}));
        }
        std::vector<Task<Result<ScopeResult>>> tasks;
        for (size_t i = 0; i < plan->tasks.size(); ++i)
            tasks.push_back(runTask(call, plan->tasks[i], workers[size_t(plan->tasks[i].worker)].entry,
                                    steps[qsizetype(i)], others));
        results = co_await whenAll(std::move(tasks));
    }
    NodeOutcome outcome;
    outcome.attributes.insert(QStringLiteral("lathe.plan"), plan->json);
    QJsonArray merged;
    std::optional<Error> ending, failed, stopped;
    for (size_t i = 0; i < results.size(); ++i) {
        if (!results[i]) {
            const Error &error = results[i].error();
            std::optional<Error> &place = error.kind == ErrorKind::Cancelled ? stopped
                                          : endsRun(error)                   ? ending
                                                                             : failed;
            if (!place)
                place = error;
            continue;
        }
        QJsonObject result = plan->json[qsizetype(i)].toObject();
        result.insert(QStringLiteral("result"), results[i]->value);
        merged.append(result);
        outcome.writes.insert(outcome.writes.end(), results[i]->writes.begin(), results[i]->writes.end());
        outcome.said.insert(outcome.said.end(), results[i]->said.begin(), results[i]->said.end());
    }
    if (ending || failed || stopped)
        co_return ending ? *ending : failed ? *failed : *stopped;

    const QString merge = call->setting("merge", QStringLiteral("agent"));
    if (merge == QLatin1String("join")) {
        outcome.value = merged;
        co_return outcome;
    }
    Result<QJsonValue> value = Error();
    if (merge == QLatin1String("expression")) {
        const QJsonObject extra{{QStringLiteral("input"), merged},
                                {QStringLiteral("values"), merged},
                                {QStringLiteral("request"), call->input()}};
        value = co_await evaluate(call, call->setting("expression"), extra);
    } else {
        const auto merger = call->run->team->mergers.value(call->node().id, *planner);
        value = co_await mergeByAgent(call, merger, merged);
    }
    if (!value)
        co_return value.error();
    outcome.value = *value;
    co_return outcome;
}

} // namespace lathe
