// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/Tool.h"

namespace lathe {

class RunContext;

// A tool that is an agent or a team. RunContext::callTool() treats its call as a container: arguments, policy, approval, limits and budget
// are those of every tool, and then run() executes beneath the tool's step. The call itself is not journalled as one effect, what happens
// beneath it is: so replay, resume and fork go through it, and an interrupted one resumes inside. (The outcome a fork puts in its place is
// journalled as the step's, and then run() is not called.)
//
// So run() must be deterministic but for what it does through `context`: no clock, no random numbers, no journal of its own.
class DelegateTool : public Tool
{
public:
    // How deep tools that are agents may call such tools; a deeper call is refused, and the model told.
    static constexpr int maxDepth = 8;

    bool delegates() const final { return true; }
    // Main thread. `context` outlives the task. `arguments` have been checked and approved. Steps are to be begun beneath `step`, which has
    // begun; run() does not end it. Effects beneath stop when `cancel` is cancelled (the tool's limit of seconds, or the run's end), and
    // run() then gives their error on. What the model can mend is an outcome with isError; an error ends the run.
    // The outcome is cut, checked against outputSchema() and redacted by the gate.
    virtual Task<Result<ToolOutcome>> run(RunContext *context, QJsonObject arguments, QString step, CancelToken cancel) = 0;

    // Never called by a run; says so, for those who try.
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override;
};

} // namespace lathe
