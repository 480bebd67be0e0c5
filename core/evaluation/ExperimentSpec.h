// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OrderedObject.h"
#include "core/design/Artifact.h"

#include <QJsonObject>
#include <QStringList>

#include <vector>

namespace lathe {

// What is compared: an agent or team as it is, or with one thing different, or a prompt alone.
struct VariantSpec {
    QString id;   // "a", "b"...; stays when the name changes
    QString name; // shown; empty: made from what it holds
    QString
        agent; // reference to an agent or team; empty: the prompt runs as a plain agent without tools
    QString prompt; // reference to a prompt ("reply@3", "reply@draft") instead of the agent's own
    QString model;  // "connection/model" instead of the agent's own
    QJsonObject
        parameters; // temperature, top_p, max_output_tokens, seed: instead of the agent's own
    bool operator==(const VariantSpec &) const = default;
};

// A check of one output, by rule. Strings of `value` may hold {{column}} of the example.
struct CheckSpec {
    QString id;
    QString name; // shown; empty: made from type and value
    QString
        type; // as in promptfoo: "equals", "contains", "is-json", "javascript", "levenshtein"...; see Check.h
    bool negated = false;
    QJsonValue value;
    QString transform;     // JavaScript over `output` and `vars`, before the check
    double threshold = -1; // what the score must reach; -1: the type's own
    double weight = 1;
    QString metric; // name under which its score is added up as well; may hold {{column}}
    QJsonObject
        options; // of model-graded checks: model ("connection/model" that grades), rubric_prompt, factuality (score by category)
    QString problem; // why it cannot be run here; empty: it can. It is shown and counts as not run
    std::vector<CheckSpec> members; // of type "assert-set"
    bool operator==(const CheckSpec &) const = default;
};

// Who prefers one output to another, or gives stars.
struct JudgeSpec {
    QString id;
    QString
        kind; // "human" (blind preference), "stars" (human, 1-5), "model" (pairwise, both orders)
    QString model;  // of kind "model": "connection/model"
    QString rubric; // what counts, in words
    bool operator==(const JudgeSpec &) const = default;
};

// An experiment as a value. Body JSON: the members in snake_case.
struct ExperimentSpec {
    QString question; // what the person wants to know, a sentence
    std::vector<VariantSpec> variants;
    QString dataset;     // reference
    QString rows;        // "1-40, 55"; empty: all. From 1.
    QString inputColumn; // whose text is the input of a run; empty: "input", else the first column
    QString
        expectedColumn; // what checks compare with when they say nothing else; empty: "expected", else none
    int repetitions = 1;
    std::vector<CheckSpec> checks;
    std::vector<JudgeSpec> judges;
    QString
        decideBy; // metric that answers the question: id of a check or judge, "checks", "latency", "cost"; empty: the first there is
    double threshold =
        0; // share of trials (0-1) that must pass all checks, of every variant; below it `lathe-cli eval` exits with 1
    bool stopEarly = false; // end when the always-valid test is sure
    int atOnce = 4;         // trials under way at a time
    QString conclusion;     // what the person made of it
    static Result<ExperimentSpec> fromJson(const QJsonObject &body);
    QJsonObject toJson() const;
    bool operator==(const ExperimentSpec &) const = default;
};

// Rows "1-40, 55" as indices from 0, of `count` rows; empty text: all. InvalidInput names the part that is wrong.
Result<std::vector<int>> rowSelection(const QString &rows, int count);
// What keeps it from being run or from answering the question; names of artifacts are checked by the session.
std::vector<Problem> validateExperiment(const ExperimentSpec &spec);

} // namespace lathe
