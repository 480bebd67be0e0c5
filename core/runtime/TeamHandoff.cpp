// SPDX-License-Identifier: GPL-3.0-or-later
// handoff: the agents of the body hold one conversation; each may hand it on to another by a tool.
#include "core/runtime/AgentTurn.h"
#include "core/runtime/TeamExecution.h"
#include "core/runtime/TeamValues.h"

namespace lathe {

namespace {
struct Speaker {
    const TeamNode *node = nullptr;
    std::shared_ptr<const PreparedAgent> agent;
    QString tool; // transfer_to_NAME
};

Result<std::vector<Speaker>> speakersOf(const NodeCall &call)
{
    std::vector<Speaker> speakers;
    const ScopePlan &body = call.run->plan.scope(call.index);
    QStringList tools;
    for (const ScopeNode &place : body.nodes) {
        const TeamNode &node = call.run->spec().nodes[size_t(place.node)];
        const auto agent = call.run->team->agents.value(node.id);
        if (node.kind != NodeKind::Agent || !agent) {
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("\"%1\" cannot take part in the conversation, because it is no "
                                        "agent. Move it behind the hand-off.")
                             .arg(node.name));
        }
        Speaker speaker{&node, agent, QStringLiteral("transfer_to_") + toolNameForModel(node.name)};
        while (tools.contains(speaker.tool)) // two names that look the same to a model
            speaker.tool += QLatin1Char('_');
        tools.append(speaker.tool);
        speakers.push_back(std::move(speaker));
    }
    if (speakers.empty())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("There are no agents to talk; connect some to the port \"agents\"."));
    return speakers;
}

std::vector<ToolDescription> transfersOf(const std::vector<Speaker> &speakers, size_t self)
{
    static const QJsonObject schema{{QStringLiteral("type"), QStringLiteral("object")},
                                    {QStringLiteral("properties"), QJsonObject()},
                                    {QStringLiteral("additionalProperties"), false}};
    std::vector<ToolDescription> tools;
    for (size_t i = 0; i < speakers.size(); ++i) {
        if (i == self)
            continue;
        ToolDescription tool;
        tool.name = speakers[i].tool;
        tool.description = promptText(QStringLiteral("patterns/team_transfer"),
                                      QJsonObject{{QStringLiteral("name"), speakers[i].node->name},
                                                  {QStringLiteral("job"), speakers[i].agent->spec.job}})
                               .trimmed();
        tool.schema = schema;
        tools.push_back(std::move(tool));
    }
    return tools;
}

// One agent's part of the conversation: its answer, or who takes over.
struct Part {
    QString answer;
    std::optional<size_t> next;
};

// The results of a message's calls, in their order: transfers are answered here, the rest by the agent's tools.
Task<Result<std::optional<size_t>>> answerCalls(const AgentTurn *turn, const std::vector<Speaker> *speakers,
                                                size_t self, bool mayTransfer,
                                                std::vector<MessagePart> calls,
                                                std::vector<Message> *messages)
{
    std::optional<size_t> next;
    std::vector<MessagePart> others;
    std::vector<std::optional<Message>> results(calls.size());
    for (size_t i = 0; i < calls.size(); ++i) {
        size_t to = 0;
        while (to < speakers->size() && (to == self || (*speakers)[to].tool != calls[i].name))
            ++to;
        if (to == speakers->size()) {
            others.push_back(calls[i]);
            continue;
        }
        const bool taken = mayTransfer && !next;
        if (taken)
            next = to;
        Message result;
        result.role = Role::Tool;
        const QString text = promptText(taken ? QStringLiteral("patterns/team_transferred")
                                              : QStringLiteral("patterns/team_not_transferred"),
                                        QJsonObject{{QStringLiteral("name"), (*speakers)[to].node->name}});
        result.parts.push_back(MessagePart::toolResult(calls[i].id, calls[i].name, text.trimmed(), !taken));
        results[i] = std::move(result);
    }
    if (!others.empty()) {
        auto answered = co_await turn->callTools(turn->step(), std::move(others));
        if (!answered)
            co_return answered.error();
        size_t at = 0;
        for (auto &result : results) {
            if (!result)
                result = std::move((*answered)[at++]);
        }
    }
    for (auto &result : results)
        messages->push_back(std::move(*result));
    co_return next;
}

Task<Result<Part>> speak(const AgentTurn *turn, const std::vector<Speaker> *speakers, size_t self,
                         bool mayTransfer, std::vector<Message> *messages)
{
    const std::vector<ToolDescription> transfers = transfersOf(*speakers, self);
    for (;;) {
        ChatRequest request = turn->request(*messages, true);
        request.messages.insert(request.messages.begin() + 1, turn->history().begin(), turn->history().end());
        // Offered even when none is left: a conversation with calls in it needs their tools; then the call is refused.
        request.tools.insert(request.tools.end(), transfers.begin(), transfers.end());
        auto response = co_await turn->chat(turn->step(), std::move(request));
        if (!response)
            co_return response.error();
        messages->push_back(response->message);
        std::vector<MessagePart> calls = response->message.toolCalls();
        Part part;
        if (calls.empty()) {
            auto answer = co_await turn->accept(turn->step(), *messages, response->message.text());
            if (!answer)
                co_return answer.error();
            part.answer = *answer;
            co_return part;
        }
        auto next = co_await answerCalls(turn, speakers, self, mayTransfer, std::move(calls), messages);
        if (!next)
            co_return next.error();
        if (*next) {
            part.next = **next;
            co_return part;
        }
    }
}

// What the agent is told: its instructions with its example turns, and who else there is.
struct Told {
    RenderedPrompt prompt;
    QString ownText; // the prompt's own part of the system text
    QJsonObject values;
};
Result<Told> told(const NodeCall &call, const std::vector<Speaker> &speakers, size_t self)
{
    QJsonObject values = call.run->input.variables;
    values.insert(QStringLiteral("input"), textOf(call.input()));
    const QJsonObject own = speakers[self].node->settings.value(QStringLiteral("variables")).toObject();
    for (auto it = own.begin(); it != own.end(); ++it) {
        const auto value = fillValue(it.value(), call.scopeNames());
        if (!value)
            return value.error();
        values.insert(it.key(), *value);
    }
    auto rendered = renderPrompt(speakers[self].agent->prompt, values);
    if (!rendered)
        return rendered.error();
    if (!rendered->missing.isEmpty()) {
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The prompt of agent \"%1\" needs a value for: %2.")
                         .arg(speakers[self].node->name, rendered->missing.join(QStringLiteral(", "))));
    }
    Told all{std::move(*rendered), QString(), std::move(values)};
    all.ownText = all.prompt.system;
    if (speakers.size() < 2)
        return all;
    QJsonArray others;
    for (size_t i = 0; i < speakers.size(); ++i) {
        if (i != self)
            others.append(QJsonObject{{QStringLiteral("name"), speakers[i].node->name},
                                      {QStringLiteral("job"), speakers[i].agent->spec.job},
                                      {QStringLiteral("tool"), speakers[i].tool}});
    }
    all.prompt.system += QStringLiteral("\n\n")
                         + promptText(QStringLiteral("patterns/team_handoff"), QJsonObject{{QStringLiteral("others"), others}});
    return all;
}
} // namespace

Task<Result<NodeOutcome>> runHandoffNode(Call call)
{
    const auto speakers = speakersOf(*call);
    if (!speakers)
        co_return speakers.error();
    RunContext &context = call->context();
    const int most = call->number("at_most", 6, 1, 100);
    size_t self = 0;
    const QString start = call->setting("start");
    for (size_t i = 0; i < speakers->size(); ++i) {
        if ((*speakers)[i].node->name == start)
            self = i;
    }
    std::vector<Message> messages{Message(Role::System, QString()),
                                  Message(Role::User, textOf(call->input()))};
    QJsonArray path;
    for (int transfers = 0;; ++transfers) {
        const Speaker &speaker = (*speakers)[self];
        path.append(speaker.node->name);
        const QString nodeStep = context.beginStep(
            call->step, StepKind::Agent, speaker.node->name,
            QJsonObject{{QStringLiteral("lathe.node"), speaker.node->id},
                        {QStringLiteral("lathe.node_kind"), nodeKindName(speaker.node->kind)},
                        {QStringLiteral("lathe.turn"), transfers + 1}});
        const QString step = context.beginStep(
            nodeStep, StepKind::Agent, QStringLiteral("invoke_agent ") + speaker.agent->name,
            QJsonObject{{QStringLiteral("gen_ai.operation.name"), QStringLiteral("invoke_agent")},
                        {QStringLiteral("gen_ai.agent.name"), speaker.agent->name},
                        {QStringLiteral("lathe.pattern"), QStringLiteral("handoff")}});
        Result<Part> part = Error();
        const auto instructions = told(*call, *speakers, self);
        if (!instructions) {
            part = instructions.error();
        } else {
            const RenderedPrompt &prompt = instructions->prompt;
            messages.front() = Message(Role::System, prompt.system);
            AgentTurn turn(call->run->context, speaker.agent, step, prompt.system, textOf(call->input()));
            turn.setHistory(exampleTurns(prompt)); // this agent's own, not part of the conversation
            turn.setPrompt(instructions->ownText, exampleTurns(prompt), instructions->values);
            part = co_await speak(&turn, &*speakers, self, transfers < most, &messages);
        }
        if (!part) {
            context.endStep(step, StepStatus::Failed, QJsonObject(), part.error());
            context.endStep(nodeStep, StepStatus::Failed, QJsonObject(), part.error());
            co_return part.error();
        }
        QJsonObject attributes;
        if (part->next)
            attributes.insert(QStringLiteral("lathe.transferred_to"), (*speakers)[*part->next].node->name);
        else
            attributes.insert(QStringLiteral("lathe.output"), forLog(QJsonValue(part->answer)));
        context.endStep(step, StepStatus::Ok, QJsonObject(), std::nullopt);
        context.endStep(nodeStep, StepStatus::Ok, attributes, std::nullopt);
        if (part->next) {
            self = *part->next;
            continue;
        }
        const bool isJson = speaker.agent->prompt.outputFormat == QLatin1String("json_schema");
        NodeOutcome outcome(isJson ? valueOfText(part->answer) : QJsonValue(part->answer));
        outcome.attributes.insert(QStringLiteral("lathe.path"), path);
        if (call->run->plan.keepsConversation())
            outcome.said.push_back(
                {call->node().id, speaker.node->name, textOf(call->input()), part->answer});
        co_return outcome;
    }
}

} // namespace lathe
