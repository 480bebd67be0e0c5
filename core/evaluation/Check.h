// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"
#include "core/evaluation/ExperimentSpec.h"

#include <QJsonArray>

#include <functional>
#include <optional>

namespace lathe {

// What a type of check is, for forms and validation.
struct CheckTypeInfo {
    enum class Value { None, Optional, Needed };
    enum class Threshold { None, Share, Number }; // Share: of a score between 0 and 1
    enum class Needs { Nothing, Schema, Expression, Judge, Embedding };
    QString type;  // "contains-all"
    QString title; // "Contains all of"
    QString help;  // one sentence
    Value value = Value::Needed;
    Threshold threshold = Threshold::None;
    double usualThreshold = -1; // when none is given; -1: none
    bool thresholdNeeded = false;
    QString thresholdUnit; // "s", "$", "characters"; empty: a share
    Needs needs = Needs::Nothing;
    bool comparesVariants =
        false; // select-best: runs over the outputs of all variants, see runComparison()
};
// All types, in the order in which they are offered; promptfoo's names and meaning.
const std::vector<CheckTypeInfo> &checkTypes();
const CheckTypeInfo *checkType(const QString &type); // nullptr: there is none of this name

// One output to be checked, and what is known of how it came about.
struct CheckInput {
    QString output;
    QJsonObject vars; // the example: column -> value
    QJsonValue
        expected; // what the check compares with when it has no value of its own; Undefined or Null: nothing
    double latencySeconds = -1; // -1: not known
    std::optional<double> costUsd;
    QJsonArray
        toolCalls; // [{"type": "function", "function": {"name", "arguments": text of JSON}}]; empty: read from the output
    QJsonArray
        tools; // what was offered: [{"type": "function", "function": {"name", "parameters": schema}}]
    QString prompt;       // what was asked
    QJsonObject metadata; // more for expressions: context.metadata
    CheckInput() = default;
};

struct CheckResult {
    bool passed = false;
    double score = 0; // 0 to 1, but for an expression that returns another number
    QString reason;   // why it failed or could not be run; of a pass what was seen, may be empty
    bool ran = false; // false: could not be run; it has not passed, and has not failed either
    std::vector<CheckResult> members; // of an assert-set
    bool operator==(const CheckResult &) const = default;
    static CheckResult notRun(const QString &why);
    static CheckResult pass(double score = 1, const QString &reason = QString());
    static CheckResult fail(const QString &reason, double score = 0);
};

// A question to a model that grades.
struct JudgeCall {
    QString model;  // "connection/model"; empty: the one chosen for grading
    QString system; // may be empty
    QString user;
    QJsonObject schema; // of the answer; empty: free text
    JudgeCall() = default;
    JudgeCall(QString model_, QString system_, QString user_, QJsonObject schema_)
        : model(std::move(model_)),
          system(std::move(system_)),
          user(std::move(user_)),
          schema(std::move(schema_))
    {
    }
};

// What checks need of the world; the session gives it. An empty callable: checks that need it are not run. Main thread.
struct CheckWorld {
    // JavaScript: an expression, or the body of a function with `return`; bounded in time and memory. InvalidInput: it is wrong.
    std::function<Task<Result<QJsonValue>>(QString source, QJsonObject names, CancelToken cancel)>
        expression;
    // What is wrong with the value, empty: nothing. InvalidInput: the schema is unusable.
    std::function<Result<QString>(const QJsonValue &value, const QJsonValue &schema)> schemaProblem;
    // One call of a model.
    std::function<Task<Result<QString>>(JudgeCall call, CancelToken cancel)> judge;
    // One vector for each text.
    std::function<Task<Result<std::vector<std::vector<float>>>>(QStringList texts,
                                                                CancelToken cancel)>
        embed;
    // A text of prompts/ with its {{variables}} filled, e.g. "judges/rubric"; core/prompt's promptText().
    std::function<QString(const QString &name, const QJsonObject &values)> text;
};

// Checks one output. `world` must outlive the task. Never fails: what cannot be checked is a result with `ran` false. Long texts are
// compared in the thread pool; a cancelled check did not run.
Task<CheckResult> runCheck(CheckSpec spec, CheckInput input, const CheckWorld *world,
                           CancelToken cancel);
// The same for a check that compares the outputs of all variants (select-best): one result for each input, in order.
Task<std::vector<CheckResult>> runComparison(CheckSpec spec, std::vector<CheckInput> inputs,
                                             const CheckWorld *world, CancelToken cancel);

// All checks of one output as one result: score is the weighted mean; it passes when every check passes, or when `threshold` (0: none)
// is given and the score reaches it. What did not run counts as 0; the whole has not run when that decides. Weight 0 only measures.
// No checks at all pass.
CheckResult combineChecks(const std::vector<CheckSpec> &specs, std::vector<CheckResult> results,
                          double threshold);

// The output as a transform (JavaScript over output, vars and context) makes it; what is no text becomes JSON. Protocol: it throws on this
// output, or gives nothing; InvalidInput: the transform itself is wrong.
Task<Result<QString>> transformOutput(QString script, CheckInput input, const CheckWorld *world,
                                      CancelToken cancel);

// A check without model, expression or embedding, at once; any thread. Values are taken as they are, {{column}} is not filled in.
CheckResult runPureCheck(const CheckSpec &spec, const CheckInput &input, const CheckWorld *world);
// A copy of the check with {{column}} of its value, threshold and members filled in.
Result<CheckSpec> fillCheck(const CheckSpec &spec, const CheckInput &input);
// "contains \"Paris\"", for lists and tables.
QString checkTitle(const CheckSpec &spec);

} // namespace lathe
