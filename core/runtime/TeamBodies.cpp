// SPDX-License-Identifier: GPL-3.0-or-later
// map and loop: containers that run their body once for each element, or again and again.
#include "core/runtime/TeamExecution.h"
#include "core/runtime/TeamValues.h"

namespace lathe {

namespace {
constexpr qsizetype mostItems = 10'000;

// The branches of a map while they run.
struct Branches {
    Call call;
    QJsonArray items;
    CancelToken stop;
    CancelSource stopper;
    bool failFast = true;
    bool ended = false; // no more begin
    qsizetype next = 0;
    std::vector<std::optional<Result<ScopeResult>>> results;
    Branches(Call of, QJsonArray list) : call(std::move(of)), items(std::move(list)), stopper(call->stop)
    {
        stop = stopper.token();
        results.resize(size_t(items.size()));
    }
};

Task<Result<ScopeResult>> runBranch(std::shared_ptr<Branches> branches, qsizetype index, QString step)
{
    const auto scope = std::make_shared<ScopeCall>(*branches->call, step, branches->items.at(index));
    scope->stop = branches->stop;
    scope->names.insert(QStringLiteral("item"), branches->items.at(index));
    scope->names.insert(QStringLiteral("index"), index);
    auto result = co_await runScope(scope);
    RunContext &context = branches->call->context();
    if (result)
        context.endStep(step, StepStatus::Ok,
                        QJsonObject{{QStringLiteral("lathe.output"), forLog(result->value)}}, std::nullopt);
    else
        context.endStep(step, StepStatus::Failed, QJsonObject(), result.error());
    co_return result;
}

// One of the lanes that take the next branch when theirs has ended. Branches begin in the order of the list, so their steps have
// the same numbers whichever ends first.
Task<bool> runLane(std::shared_ptr<Branches> branches)
{
    RunContext &context = branches->call->context();
    while (branches->next < branches->items.size()) {
        const auto recorded =
            context.nextBegan(branches->call->step); // a replay begins what the recorded run did
        if (recorded ? !*recorded : branches->ended)
            break;
        const qsizetype index = branches->next++;
        const QString step = context.beginStep(
            branches->call->step, StepKind::Control, QStringLiteral("item %1").arg(index + 1),
            QJsonObject{{QStringLiteral("lathe.branch"), index},
                        {QStringLiteral("lathe.input"), forLog(branches->items.at(index))}});
        auto result = co_await runBranch(branches, index, step);
        const bool failed = !result;
        const bool ends = failed && endsRun(result.error());
        const bool stopped = failed && result.error().kind == ErrorKind::Cancelled;
        branches->results[size_t(index)].emplace(std::move(result));
        // A branch that was only stopped has one beside it that failed; on a resume that one may still have to come.
        if ((ends && !stopped) || (failed && !stopped && branches->failFast)
            || context.cancelToken().isCancelled() || branches->call->stop.isCancelled()) {
            branches->ended = true;
            branches->stopper.cancel();
        }
    }
    co_return true;
}

Task<Result<QJsonArray>> itemsOf(Call call)
{
    const QString expression = call->setting("items");
    QJsonValue value = call->input();
    if (!expression.isEmpty()) {
        const auto given = co_await evaluate(call, expression, QJsonObject());
        if (!given)
            co_return given.error();
        value = *given;
    }
    if (value.isString())
        value = valueOfText(value.toString());
    if (!value.isArray()) {
        co_return Error(
            ErrorKind::InvalidInput,
            QStringLiteral(
                "There is no list to go through, but %1. Say in its settings how to make a list of it.")
                .arg(value.isObject() ? QStringLiteral("an object")
                     : value.isNull() ? QStringLiteral("nothing")
                                      : QStringLiteral("a single value")));
    }
    const QJsonArray items = value.toArray();
    if (items.size() > mostItems) {
        co_return Error(ErrorKind::InvalidInput,
                        QStringLiteral("The list has %1 elements, and %2 are the most. Split it.")
                            .arg(items.size())
                            .arg(mostItems));
    }
    co_return items;
}

Error atItem(const NodeCall &call, qsizetype index, Error error)
{
    if (!endsRun(error))
        error.message = QStringLiteral("Node \"%1\", item %2: %3")
                            .arg(call.node().name)
                            .arg(index + 1)
                            .arg(error.message);
    return error;
}
} // namespace

Task<Result<NodeOutcome>> runMapNode(Call call)
{
    const auto items = co_await itemsOf(call);
    if (!items)
        co_return items.error();
    const QString onError = call->setting("on_error", QStringLiteral("fail"));
    const auto branches = std::make_shared<Branches>(call, *items);
    branches->failFast = onError == QLatin1String("fail");
    {
        const auto registered = call->context().openBranch(call->step, branches->stop);
        std::vector<Task<bool>> lanes;
        const qsizetype atOnce = std::min<qsizetype>(call->number("at_once", 4, 1, 64), items->size());
        for (qsizetype lane = 0; lane < atOnce; ++lane)
            lanes.push_back(runLane(branches));
        co_await whenAll(std::move(lanes));
    }
    // Which error is the map's does not depend on which came first.
    const Error *ending = nullptr, *stopped = nullptr;
    std::optional<Error> failed;
    NodeOutcome outcome;
    QJsonArray list;
    int failures = 0;
    for (qsizetype i = 0; i < items->size(); ++i) {
        const auto &result = branches->results[size_t(i)];
        if (!result)
            continue; // never begun
        if (*result) {
            const ScopeResult &branch = **result;
            list.append(branch.value);
            outcome.writes.insert(outcome.writes.end(), branch.writes.begin(), branch.writes.end());
            outcome.said.insert(outcome.said.end(), branch.said.begin(), branch.said.end());
            continue;
        }
        const Error &error = result->error();
        if (error.kind == ErrorKind::Cancelled) {
            stopped = &error;
        } else if (endsRun(error)) {
            ending = ending ? ending : &error;
        } else {
            ++failures;
            if (!failed)
                failed = atItem(*call, i, error);
            if (onError == QLatin1String("null"))
                list.append(QJsonValue::Null);
        }
    }
    if (ending)
        co_return *ending;
    if (failed && branches->failFast)
        co_return *failed;
    if (stopped)
        co_return *stopped;
    if (branches->next < items->size()) // stopped between two branches
        co_return call->context().stopReason();
    outcome.value = list;
    outcome.attributes.insert(QStringLiteral("lathe.branches"), items->size());
    if (failures > 0)
        outcome.attributes.insert(QStringLiteral("lathe.failures"), failures);
    co_return outcome;
}

Task<Result<NodeOutcome>> runLoopNode(Call call)
{
    const int most = call->number("at_most", 5, 1, 1000);
    const QString until = call->setting("until");
    RunContext &context = call->context();
    NodeOutcome outcome(call->input());
    const auto now = std::make_shared<NodeCall>(*call); // as the next round sees it
    for (int round = 0; round < most; ++round) {
        const QString step =
            context.beginStep(call->step, StepKind::Control, QStringLiteral("round %1").arg(round + 1),
                              QJsonObject{{QStringLiteral("lathe.iteration"), round},
                                          {QStringLiteral("lathe.input"), forLog(outcome.value)}});
        const auto scope = std::make_shared<ScopeCall>(*now, step, outcome.value);
        scope->names.insert(QStringLiteral("iteration"), round);
        const auto result = co_await runScope(scope);
        if (!result) {
            context.endStep(step, StepStatus::Failed, QJsonObject(), result.error());
            co_return result.error();
        }
        outcome.value = result->value;
        outcome.writes.insert(outcome.writes.end(), result->writes.begin(), result->writes.end());
        outcome.said.insert(outcome.said.end(), result->said.begin(), result->said.end());
        if (const auto merged = applyWrites(call->run->spec(), result->writes, &now->state); !merged) {
            context.endStep(step, StepStatus::Failed, QJsonObject(), merged.error());
            co_return merged.error();
        }
        if (!result->said.empty()) {
            auto heard = std::make_shared<Conversation>(now->heard ? *now->heard : Conversation());
            heard->insert(heard->end(), result->said.begin(), result->said.end());
            now->heard = heard;
        }
        bool enough = false;
        if (!until.isEmpty()) {
            now->inputs = QJsonObject{{QStringLiteral("in"), outcome.value}};
            const QJsonObject extra{{QStringLiteral("iteration"), round}};
            const auto holds = co_await evaluate(now, until, extra);
            if (!holds) {
                context.endStep(step, StepStatus::Failed, QJsonObject(), holds.error());
                co_return holds.error();
            }
            enough = isTrue(*holds);
        }
        context.endStep(step, StepStatus::Ok,
                        QJsonObject{{QStringLiteral("lathe.output"), forLog(outcome.value)},
                                    {QStringLiteral("lathe.until"), enough}},
                        std::nullopt);
        if (enough)
            co_return outcome;
    }
    if (!until.isEmpty() && call->setting("exhausted", QStringLiteral("done")) == QLatin1String("fail")) {
        co_return Error(ErrorKind::InvalidInput,
                        QStringLiteral("The condition to stop did not hold after %1 rounds. Allow more "
                                       "rounds, or change the condition.")
                            .arg(most));
    }
    co_return outcome;
}

} // namespace lathe
