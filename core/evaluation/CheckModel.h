// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Check.h"

namespace lathe::checks {

// The question to the grader for one output (llm-rubric, model-graded-closedqa, factuality). InvalidInput: it cannot be asked.
Result<JudgeCall> gradingCall(const CheckSpec &spec, const CheckInput &input,
                              const CheckWorld *world);
// What a grader's answer says; one that says nothing is not run.
CheckResult gradingResult(const CheckSpec &spec, const QString &answer);
// The same for select-best, over all outputs.
Result<JudgeCall> selectionCall(const CheckSpec &spec, const std::vector<CheckInput> &inputs,
                                const CheckWorld *world);
std::vector<CheckResult> selectionResults(const CheckSpec &spec, const QString &answer,
                                          size_t count);

} // namespace lathe::checks
