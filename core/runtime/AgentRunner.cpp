// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/AgentRunner.h"

#include "core/base/JsonWriter.h"
#include "core/runtime/AgentTurn.h"

namespace lathe {

ToolGate *PreparedAgent::findTool(const QString &toolName) const
{
    for (const auto &gate : tools) {
        if (gate->tool().name() == toolName)
            return gate.get();
    }
    return nullptr;
}

QJsonObject RunInput::toJson() const
{
    QJsonObject json{{QStringLiteral("text"), text}};
    if (!variables.isEmpty())
        json[QStringLiteral("variables")] = variables;
    return json;
}

RunInput RunInput::fromJson(const QJsonObject &json)
{
    RunInput input;
    input.text = json.value(QStringLiteral("text")).toString();
    input.variables = json.value(QStringLiteral("variables")).toObject();
    return input;
}

namespace {
Task<Result<QString>> runPattern(const AgentTurn *turn)
{
    const QString &pattern = turn->agent().spec.pattern;
    if (pattern == QLatin1String("direct"))
        return patternDirect(turn);
    if (pattern == QLatin1String("react"))
        return patternReact(turn);
    if (pattern == QLatin1String("plan_execute"))
        return patternPlanExecute(turn);
    if (pattern == QLatin1String("reflexion"))
        return patternReflexion(turn);
    return patternToolLoop(turn);
}
}

std::vector<Message> exampleTurns(const RenderedPrompt &rendered)
{
    std::vector<Message> turns;
    turns.reserve(rendered.messages.size());
    for (const PromptMessage &message : rendered.messages)
        turns.push_back(Message(message.role == QLatin1String("assistant") ? Role::Assistant : Role::User, message.text));
    return turns;
}

Task<Result<QString>> runAgent(RunContext *context, std::shared_ptr<const PreparedAgent> agent, RunInput input, QString parent)
{
    QJsonObject values = input.variables;
    if (!values.contains(QStringLiteral("input")))
        values.insert(QStringLiteral("input"), input.text);
    const auto rendered = renderPrompt(agent->prompt, values);
    json::Writer attributes;
    attributes.beginObject().key(QLatin1String("gen_ai.agent.name")).string(agent->name);
    attributes.key(QLatin1String("gen_ai.operation.name")).string(QLatin1String("invoke_agent"));
    attributes.key(QLatin1String("lathe.pattern")).string(agent->spec.pattern).endObject();
    const QString step =
        context->beginStep(parent, StepKind::Agent, QStringLiteral("invoke_agent ") + agent->name, attributes.takeObject());
    Result<QString> answer = Error();
    if (!rendered) {
        answer = rendered.error();
    } else if (!rendered->missing.isEmpty()) {
        answer = Error(ErrorKind::InvalidInput, QStringLiteral("The prompt of agent \"%1\" needs a value for: %2.")
                                                    .arg(agent->name, rendered->missing.join(QStringLiteral(", "))));
    } else {
        AgentTurn turn(context, agent, step, rendered->system, input.text);
        // The prompt's example turns come first: they belong to the instructions.
        std::vector<Message> before = exampleTurns(*rendered);
        before.insert(before.end(), input.history.begin(), input.history.end());
        turn.setPrompt(rendered->system, exampleTurns(*rendered), values);
        turn.setHistory(std::move(before));
        answer = co_await runPattern(&turn);
    }
    if (answer) {
        context->endStep(step, StepStatus::Ok, QJsonObject(), std::nullopt);
    } else {
        const bool cancelled = answer.error().kind == ErrorKind::Cancelled;
        context->endStep(step, cancelled ? StepStatus::Cancelled : StepStatus::Failed, QJsonObject(), answer.error());
    }
    co_return answer;
}

} // namespace lathe
