// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/design/AgentSpec.h"
#include "core/llm/ChatTypes.h"

namespace lathe {

// To whose model calls instructions, prompt, model and parameters of a fork apply. "From here on" is the order in which a trace shows
// its steps: the step itself, what is below it, and all that stands after it. Steps above keep what was recorded.
enum class ForkScope {
    Step,  // the step itself and what is below it
    Agent, // from here on, calls of the agent (by name) that the step belongs to; of a step of no agent, of all
    Run,   // from here on, calls of all agents of the run
};
QString forkScopeName(ForkScope scope); // "step", "agent", "run"

// What one fork does differently from its parent at one step. Several may be set. A value: it is kept with the fork
// (RunFork::changes), so that the fork replays, resumes after a crash and can itself be forked.
struct ForkChanges {
    // --- Of the step itself, which is a model call:
    std::optional<std::vector<Message>> messages; // the request's messages, as edited; later requests that begin with the recorded ones too
    std::optional<Message> answer;                // pretend the model had said this (text and tool calls); nothing is asked
    // --- Of the step itself, which is a tool call:
    std::optional<QString> argumentsText; // the tool is called with this JSON object
    std::optional<QString> result;        // pretend the tool had given this; nothing is called
    bool resultIsError = false;           // ... as a failure that the model is told
    // --- Of the step itself, which is a question to a person: their answer (HumanAnswer::toJson())
    std::optional<QJsonObject> humanAnswer;
    // --- From the step on, of model calls, as `scope` says. Which of them is that is decided by the step's place, so any step will do.
    ForkScope scope = ForkScope::Agent;
    std::optional<QString> instructions; // the agent's system text, ready (no {{variables}}); what a pattern adds to it stays
    std::optional<QJsonObject> prompt;   // a body as PromptSpec's instead, rendered with the agent's variables: system text and example turns
    std::optional<ModelChoice> model;    // instead of the agent's models, without fallbacks
    QJsonObject parameters;              // temperature, max_tokens, top_p, seed; null: the request is sent without it
    // --- Forget the outcomes of the step and of what is below it: simply again.
    bool again = false;

    ForkChanges() = default;
    bool isEmpty() const;
    bool replacesOutcome() const { return answer || result || humanAnswer; }
    // Whether it says anything of model calls from the step on.
    bool changesCalls() const { return instructions || prompt || model || !parameters.isEmpty(); }
    // InvalidInput with a sentence: what is unusable (a parameter of another type or out of its range, arguments that are no JSON object).
    Result<void> check() const;
    // "other instructions, temperature 0.2": for lists and the lineage; never empty for what isEmpty() is not.
    QString summary() const;
    QJsonObject toJson() const; // members that are not set are absent
    static Result<ForkChanges> fromJson(const QJsonObject &json);
    bool operator==(const ForkChanges &) const = default;
};

} // namespace lathe
