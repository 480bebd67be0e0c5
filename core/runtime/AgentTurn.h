// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runtime/AgentRunner.h"

namespace lathe {

// What the reasoning patterns share while one agent works on one input: building requests, calling all tools a message
// asks for, and checking the final answer. Lives as long as the pattern's task.
class AgentTurn
{
public:
    AgentTurn(RunContext *context, std::shared_ptr<const PreparedAgent> agent, QString step, QString systemText, QString input);

    RunContext &context() const { return *m_context; }
    const PreparedAgent &agent() const { return *m_agent; }
    const QString &step() const { return m_step; }
    const QString &input() const { return m_input; }
    const QString &systemText() const { return m_systemText; }

    // What was said before this turn: stands between the instructions and the input.
    void setHistory(std::vector<Message> history) { m_history = std::move(history); }
    const std::vector<Message> &history() const { return m_history; }
    // For forks that change the prompt: which part of the system text, and which turns at the head of what was said before, are the
    // prompt's own; and the values it was rendered with. Without it the whole system text is.
    void setPrompt(QString ownText, std::vector<Message> examples, QJsonObject values);

    // System message, what was said before, and the given user text.
    std::vector<Message> opening(const QString &userText) const;
    ChatRequest request(std::vector<Message> messages, bool withTools) const;
    // Adds the structured-output schema when the prompt asks for one.
    void wantOutput(ChatRequest &request) const;
    Task<Result<ChatResponse>> chat(QString parent, ChatRequest request) const;
    // Runs every call of the message at once; the tool messages stand in the order of the calls. What the model said last is the reason
    // that a person who must approve a call is told.
    Task<Result<std::vector<Message>>> callTools(QString parent, std::vector<MessagePart> calls) const;
    // Model and tools in turn until the model answers without a call. Gives the last message's text; `messages` grows.
    Task<Result<QString>> toolLoop(QString parent, std::vector<Message> *messages, bool finalAnswer) const;
    // The answer, mended by the model when it breaks the prompt's output format.
    Task<Result<QString>> accept(QString parent, std::vector<Message> messages, QString answer) const;
    // "sql: purpose ... arguments: {...}" a line each, for text protocols.
    QString toolList() const;
    QString toolNames() const;

private:
    const std::vector<ToolDescription> &offeredTools() const;
    // Null: no tool's policy hides arguments.
    std::shared_ptr<CallHiding> hiding() const;
    // The call with its hidden arguments, for the one time that it is made.
    MessagePart realCall(const MessagePart &call) const;
    // A fork: makes of the request what its changes make of it.
    Result<void> applyForks(const QString &parent, ChatRequest *request, std::vector<ModelBinding> *models) const;
    // An edited request goes on to be edited in the conversation that follows.
    struct Edited {
        const ForkLayer *layer;
        std::vector<Message> before, after;
    };

    RunContext *m_context;
    std::shared_ptr<const PreparedAgent> m_agent;
    QString m_step;
    QString m_systemText;
    QString m_input;
    std::vector<Message> m_history;
    QString m_ownText; // the prompt's part of the system text: what it begins with
    std::vector<Message> m_examples;
    QJsonObject m_values;
    mutable std::vector<Edited> m_edited;
    mutable QString m_said; // by the model, last
    mutable std::vector<std::pair<MessagePart, MessagePart>> m_hidden; // calls of the last answer: as recorded, as they were
    mutable std::optional<std::vector<ToolDescription>> m_offered; // described once a turn: the same to every request
};

// The reasoning patterns. Each is bounded by the limits of the run and leaves its thoughts as steps.
Task<Result<QString>> patternDirect(const AgentTurn *turn);
Task<Result<QString>> patternToolLoop(const AgentTurn *turn);
Task<Result<QString>> patternReact(const AgentTurn *turn);
Task<Result<QString>> patternPlanExecute(const AgentTurn *turn);
Task<Result<QString>> patternReflexion(const AgentTurn *turn);

// The JSON value in a model's answer: the whole text, or the first fenced block, or the first balanced object or array.
std::optional<QJsonValue> findJson(const QString &text);

} // namespace lathe
