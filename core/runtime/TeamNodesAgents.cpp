// SPDX-License-Identifier: GPL-3.0-or-later
// Nodes that ask an agent, and the ways of asking one that other kinds use.
#include "core/runtime/AgentTurn.h"
#include "core/runtime/TeamExecution.h"
#include "core/runtime/TeamValues.h"

namespace lathe {

Result<std::shared_ptr<const PreparedAgent>> agentOf(const NodeCall &call)
{
    if (const auto agent = call.run->team->agents.value(call.node().id))
        return agent;
    return Error(ErrorKind::InvalidInput,
                 QStringLiteral("The node has no agent; choose one in its settings."));
}

std::shared_ptr<const PreparedAgent> answering(const std::shared_ptr<const PreparedAgent> &agent,
                                               const QJsonObject &schema)
{
    auto copy = std::make_shared<PreparedAgent>(*agent);
    copy->prompt.outputFormat = QStringLiteral("json_schema");
    copy->prompt.outputSchema = schema;
    return copy;
}

Task<Result<QString>> askAgent(Call call, std::shared_ptr<const PreparedAgent> agent, RunInput input,
                               QString under)
{
    return runAgent(call->run->context, std::move(agent), std::move(input), std::move(under));
}

namespace {
// What the agent is to see of what was said before: its own answers as its own, those of others as told by them.
std::vector<Message> history(const NodeCall &call)
{
    std::vector<Message> messages;
    if (!call.heard)
        return messages;
    QString told;
    const auto tell = [&] {
        if (!told.isEmpty())
            messages.push_back(Message(Role::User, std::exchange(told, QString())));
    };
    const auto add = [&](const QString &text) {
        told += (told.isEmpty() ? QString() : QStringLiteral("\n\n")) + text;
    };
    for (const Spoken &spoken : *call.heard) {
        if (spoken.node != call.node().id) {
            add(spoken.name + QStringLiteral(": ") + spoken.answer);
            continue;
        }
        add(spoken.message);
        tell();
        messages.push_back(Message(Role::Assistant, spoken.answer));
    }
    tell();
    return messages;
}

// What the node's agent is sent: its template, the task a coordinator gave it, or what came in.
Result<QString> messageOf(const NodeCall &call, const QJsonObject &names)
{
    const QString message = call.setting("message");
    if (!message.isEmpty())
        return fillTemplate(message, names);
    if (!call.worker)
        return textOf(call.input());
    return promptText(
        QStringLiteral("patterns/team_worker"),
        QJsonObject{{QStringLiteral("task"), textOf(names.value(QStringLiteral("task")))},
                    {QStringLiteral("request"), textOf(names.value(QStringLiteral("request")))}});
}
} // namespace

Task<Result<NodeOutcome>> runAgentNode(Call call)
{
    const auto agent = agentOf(*call);
    if (!agent)
        co_return agent.error();
    const QJsonObject names = call->scopeNames();
    const auto message = messageOf(*call, names);
    if (!message)
        co_return message.error();
    RunInput input;
    input.text = *message;
    input.variables = call->run->input.variables; // those of the run, and over them the node's own
    const QJsonObject own = call->settings().value(QStringLiteral("variables")).toObject();
    for (auto it = own.begin(); it != own.end(); ++it) {
        const auto value = fillValue(it.value(), names);
        if (!value)
            co_return value.error();
        input.variables.insert(it.key(), *value);
    }
    if (call->settings().value(QStringLiteral("conversation")).toBool())
        input.history = history(*call);
    const auto answer = co_await askAgent(call, *agent, input, call->step);
    if (!answer)
        co_return answer.error();
    const bool isJson = (*agent)->prompt.outputFormat == QLatin1String("json_schema");
    NodeOutcome outcome(isJson ? valueOfText(*answer) : QJsonValue(*answer));
    if (call->run->plan.keepsConversation())
        outcome.said.push_back({call->node().id, call->node().name, input.text, *answer});
    co_return outcome;
}

} // namespace lathe
