// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/PromptSpec.h"
#include "core/runtime/RunContext.h"

namespace lathe {

// What a run executes: an immutable snapshot with every reference resolved. `gates` count calls, so one snapshot serves one run.
struct PreparedAgent {
    QString name;
    AgentSpec spec;
    PromptSpec prompt;
    std::vector<ModelBinding> models; // first choice, then fallbacks
    std::optional<double> topP; // with the spec's temperature, in every request
    std::optional<qint64> seed;
    std::vector<std::shared_ptr<ToolGate>> tools;
    ToolGate *findTool(const QString &name) const;
};

struct RunInput {
    QString text;
    QJsonObject variables; // values of the prompt's variables
    std::vector<Message> history; // what was said before, between the instructions and the text; not part of toJson()
    RunInput() = default;
    QJsonObject toJson() const;
    static RunInput fromJson(const QJsonObject &json);
};

// The prompt's messages as turns of a conversation.
std::vector<Message> exampleTurns(const RenderedPrompt &rendered);

// Executes the agent under `parent` ("" for a run of its own) and gives its answer, checked against the prompt's output
// format. All that happens is emitted as events of an invoke_agent step. `context` must outlive the task.
Task<Result<QString>> runAgent(RunContext *context, std::shared_ptr<const PreparedAgent> agent, RunInput input, QString parent);

} // namespace lathe
