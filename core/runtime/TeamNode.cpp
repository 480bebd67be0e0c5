// SPDX-License-Identifier: GPL-3.0-or-later
// A node as such: its attempts, what happens when they fail, and what its kind does.
#include "core/runtime/TeamExecution.h"
#include "core/runtime/TeamValues.h"

namespace lathe {

QString NodeCall::setting(const char *key, const QString &absent) const
{
    const QString text = settings().value(QLatin1String(key)).toString();
    return text.trimmed().isEmpty() ? absent : text;
}

int NodeCall::number(const char *key, int absent, int least, int most) const
{
    return std::clamp(settings().value(QLatin1String(key)).toInt(absent), least, most);
}

QJsonValue NodeCall::input() const
{
    const QJsonValue in = inputs.value(QStringLiteral("in"));
    if (!inputs.contains(QStringLiteral("in")))
        return QJsonValue::Null;
    return in.isArray() && !arrivals.empty() && values.size() == 1 ? values.first() : in;
}

QJsonObject NodeCall::scopeNames() const
{
    QJsonObject all = names;
    all.insert(QStringLiteral("input"), input());
    all.insert(QStringLiteral("inputs"), inputs);
    all.insert(QStringLiteral("values"), values);
    all.insert(QStringLiteral("state"), state);
    all.insert(QStringLiteral("variables"), run->input.variables);
    return all;
}

bool endsRun(const Error &error)
{
    return error.kind == ErrorKind::Cancelled || error.kind == ErrorKind::LimitReached
           || error.kind == ErrorKind::Diverged || error.kind == ErrorKind::ProjectFile;
}

Task<Result<QJsonValue>> evaluate(Call call, QString source, QJsonObject extraNames)
{
    if (source.trimmed() == QLatin1String("input") && extraNames.isEmpty())
        co_return call->input(); // often, and the engine takes 10 ms to begin
    QJsonObject names = call->scopeNames();
    for (auto it = extraNames.begin(); it != extraNames.end(); ++it)
        names.insert(it.key(), it.value());
    const CancelToken cancel = call->context().cancelToken();
    auto value =
        co_await call->run->shared->expressions.evaluate(std::move(source), std::move(names), cancel);
    if (!value && value.error().kind == ErrorKind::Cancelled)
        co_return call->context().stopReason();
    co_return value;
}

namespace {
Task<Result<NodeOutcome>> runKind(Call call)
{
    switch (call->node().kind) {
    case NodeKind::Input:
    case NodeKind::Output:
    case NodeKind::Parallel:
        return runEndNode(std::move(call));
    case NodeKind::Agent:
        return runAgentNode(std::move(call));
    case NodeKind::Coordinator:
        return runCoordinatorNode(std::move(call));
    case NodeKind::Router:
        return runRouterNode(std::move(call));
    case NodeKind::Join:
        return runJoinNode(std::move(call));
    case NodeKind::Map:
        return runMapNode(std::move(call));
    case NodeKind::Loop:
        return runLoopNode(std::move(call));
    case NodeKind::Handoff:
        return runHandoffNode(std::move(call));
    case NodeKind::Tool:
        return runToolNode(std::move(call));
    case NodeKind::MemoryRead:
    case NodeKind::MemoryWrite:
        return runMemoryNode(std::move(call));
    case NodeKind::Check:
        return runCheckNode(std::move(call));
    case NodeKind::Human:
        return runHumanNode(std::move(call));
    case NodeKind::Team:
        return runTeamNode(std::move(call));
    case NodeKind::Transform:
        break;
    }
    return runTransformNode(std::move(call));
}

// Nodes that ask a model or call a tool take one of the places of the run; containers do not, or their bodies could wait for them for
// ever, and a person may take long.
bool needsPlace(const NodeCall &call)
{
    const QString mode = call.setting("mode");
    switch (call.node().kind) {
    case NodeKind::Agent:
    case NodeKind::Handoff:
    case NodeKind::Tool:
        return true;
    case NodeKind::Router:
    case NodeKind::Check:
        return mode == QLatin1String("model");
    case NodeKind::Join:
        return mode == QLatin1String("agent");
    default:
        return false;
    }
}

// Whose error it is stands in the message once: a container passes on what its body says.
Error named(const NodeCall &call, const Error &error)
{
    if (endsRun(error) || error.message.startsWith(QLatin1String("Node \"")))
        return error;
    Error result = error;
    result.message = QStringLiteral("Node \"%1\": %2").arg(call.node().name, error.message);
    return result;
}

QJsonObject atEnd(const NodeOutcome &outcome, bool writes)
{
    QJsonObject attributes = outcome.attributes;
    attributes.insert(QStringLiteral("lathe.output"), forLog(outcome.value));
    if (!outcome.port.isEmpty())
        attributes.insert(QStringLiteral("lathe.port"), outcome.port);
    if (writes) {
        QJsonObject written;
        for (const StateWrite &write : outcome.writes)
            written.insert(write.key, forLog(write.value));
        attributes.insert(QStringLiteral("lathe.state"), written);
    }
    return attributes;
}
} // namespace

Task<Result<NodeOutcome>> runNode(std::shared_ptr<NodeCall> call)
{
    RunContext &context = call->context();
    const ErrorPolicy &policy = call->node().onError;
    Result<NodeOutcome> outcome = Error();
    std::optional<TeamSlots::Permit>
        place; // given back at the very end: a node that fails stops those that wait for it first
    if (needsPlace(*call)) {
        auto taken = co_await call->run->shared->slots.acquire();
        place.emplace(std::move(taken));
    }
    for (int attempt = 0; attempt <= policy.retries; ++attempt) {
        if (policy.retries > 0) {
            call->step = context.beginStep(call->nodeStep, StepKind::Control,
                                           QStringLiteral("attempt %1").arg(attempt + 1), QJsonObject());
        }
        outcome = co_await runKind(call);
        if (policy.retries > 0) {
            if (outcome)
                context.endStep(call->step, StepStatus::Ok, QJsonObject(), std::nullopt);
            else
                context.endStep(call->step, StepStatus::Failed, QJsonObject(), outcome.error());
        }
        if (outcome || endsRun(outcome.error()))
            break;
    }
    const bool writes = call->node().kind == NodeKind::MemoryWrite;
    if (outcome) {
        context.endStep(call->nodeStep, StepStatus::Ok, atEnd(*outcome, writes), std::nullopt);
        co_return outcome;
    }
    const Error error = outcome.error();
    if (policy.then == ErrorPolicy::Then::Fallback && !endsRun(error)) {
        NodeOutcome fallback(QStringLiteral("error"),
                             QJsonObject{{QStringLiteral("error"), error.message},
                                         {QStringLiteral("type"), errorKindName(error.kind)},
                                         {QStringLiteral("input"), call->input()}});
        context.endStep(call->nodeStep, StepStatus::Failed, atEnd(fallback, false), error);
        co_return fallback;
    }
    context.endStep(call->nodeStep, StepStatus::Failed, QJsonObject(), error);
    call->superstep.cancel();
    co_return named(*call, error);
}

} // namespace lathe
