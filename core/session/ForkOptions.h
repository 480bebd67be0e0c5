// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/RunRepository.h"
#include "core/runtime/ForkChanges.h"
#include "core/runtime/HumanDesk.h"

namespace lathe {

// What stands at a step and what a fork can change there: all that an editor of forks shows.
struct ForkOptions {
    enum class Kind { Model, Tool, Human, Other }; // Other: an agent, a node of a team, a plan, ...
    RunId run;
    QString step;
    QString title;     // the step's name
    Kind kind = Kind::Other;
    QString agent;     // name of the agent it belongs to; empty: of none (a team's own step)
    bool forkable = true; // false: `whyNot` says in a sentence why (recorded elsewhere, still under way, ...), the rest is empty
    QString whyNot;

    // Model: the request as recorded. Others: of the agent's last request before the step, as a start for edits of instructions and model.
    std::vector<Message> messages;
    std::vector<ToolDescription> tools;
    QString instructions; // the agent's system text, what ForkChanges::instructions replaces
    QString connection;   // whose model was used
    QString model;
    QJsonObject parameters; // temperature, max_tokens, top_p, seed as far as the request had them

    std::optional<Message> answer; // Model: what it said; nothing when it failed or did not end
    // Tool:
    QString tool;
    QString argumentsText; // as the model wrote them
    QJsonObject toolSchema; // JSON Schema of the arguments, empty: not known
    std::optional<QString> result; // nothing when there was none
    bool resultIsError = false;
    QString sideEffect; // "none", "read", "write", ...: what calling it again would do
    // Human:
    std::optional<HumanQuestion> question;
    std::optional<HumanAnswer> humanAnswer;
    // Other, a node of a team: what came in, by port (TeamOverrides::inputs replaces it).
    QJsonObject nodeInputs;
    std::optional<Error> error; // how the step failed

    // What may be set in ForkChanges here.
    bool canEditMessages = false, canEditAnswer = false, canEditArguments = false, canEditResult = false, canEditHumanAnswer = false,
         canEditNodeInputs = false;
    bool canEditCalls = false; // instructions, prompt, model, parameters from here on
    ForkOptions() = default;
};

// Why the run cannot be executed again (recorded elsewhere, no snapshot); empty: it can.
QString whyNotExecutable(const RunInfo &info);

// Whether the step is a model that a tool's server used during a call: a part of the call's outcome, which can be changed only as a whole.
bool isSampledStep(const Trace &trace, const QString &step);

// Pure. A step that there is not: `forkable` is false.
ForkOptions forkOptions(const StoredRun &run, const QString &step);

} // namespace lathe
