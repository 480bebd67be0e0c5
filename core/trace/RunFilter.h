// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QStringList>

#include <vector>

namespace lathe {

// The query language of the run log: agent:triage@3 status:error latency>2s -tag:old (tool:sql or tool:http) "refund"
// Terms beside each other must all hold; `or` binds weaker; `-` or `not` denies; parentheses group. A bare or quoted word is searched
// in inputs and outputs. Values with spaces are quoted; a comma lists alternatives (status:failed,cancelled). Pure functions of values.

enum class RunField {
    Text, Id, Agent, Revision, Status, Input, Output, Error, Latency, Tokens, InputTokens, OutputTokens, Cost, Steps, Rating, Tool, Model,
    Tag, Experiment, Source, Fork, Pinned, Prompt, Started
};
enum class RunComparison { Is, Less, LessOrEqual, Greater, GreaterOrEqual };

// Units: Latency and Started in microseconds, Cost in US dollars, Rating 1-5 (thumbs are 5 and 1), the rest counts. Texts are
// compared without regard to case. Words of Text, Input and Output are found by their beginnings.
struct RunCondition {
    RunField field = RunField::Text;
    RunComparison comparison = RunComparison::Is;
    QString text;      // of text fields; `*` at its end: begins so. "*" alone, of any field: it has one ("has:error", "has:rating")
    double number = 0; // of number fields; Pinned: 1 or 0; Revision: 0 is the draft
    int revision = 0;  // Agent and Prompt: "triage@3"; 0: any, -1: the draft ("triage@draft")
    bool operator==(const RunCondition &) const = default;
};

// A tree of conditions. Empty All: everything.
struct RunFilter {
    enum class Kind { All, Any, Not, Condition };
    Kind kind = Kind::All;
    std::vector<RunFilter> parts; // of All, Any; one of Not
    RunCondition condition;       // of Condition
    bool isEmpty() const { return kind == Kind::All && parts.empty(); }
    bool operator==(const RunFilter &) const = default;

    // For code that asks by itself. A text of Agent and Prompt may hold a revision: "triage@3", "triage@draft".
    static RunFilter of(RunField field, const QString &text);
    static RunFilter of(RunField field, RunComparison comparison, double number);
    static RunFilter ofWords(const QString &words);         // each word must be found
    static RunFilter ofAll(std::vector<RunFilter> filters); // normalized
    // The same filter as readRunFilter() gives it: nothing nested that need not be, no double denial. What can never be true is `id:0`.
    RunFilter normalized() const;
    // A text that parses to the same filter. Times are written as dates.
    QString toText() const;
};

// Where and why a query is wrong; columns count characters from 0.
struct RunFilterProblem {
    QString message; // one sentence: what, and what would be right
    int column = 0;
    int length = 0;
};

struct RunFilterReading {
    RunFilter filter; // what could be understood
    std::vector<RunFilterProblem> problems;
    bool ok() const { return problems.empty(); }
};

// `nowUs`: what since:2d counts from. Bounded: over 4,096 characters or 100 terms or 20 levels of parentheses are a problem.
RunFilterReading readRunFilter(const QString &text, qint64 nowUs);

// What can stand at the cursor: either names of fields or values of one.
struct RunFilterCompletion {
    enum class Kind { Field, Value, None };
    Kind kind = Kind::None;
    RunField field = RunField::Text; // of Value: the project knows its values
    QString typed;    // what stands there already
    int from = 0;     // columns that a choice replaces
    int length = 0;
    QStringList fixed; // choices that the language itself knows: fields with their operator, status names, durations
};
RunFilterCompletion completeRunFilter(const QString &text, int cursor);
// The text with the choice in its place, quoted when it must be; `cursor` is moved behind it.
QString insertRunFilterChoice(const QString &text, const RunFilterCompletion &at, const QString &choice, int *cursor);
// The text with `field:value` added, or taken out when it is there: what a click on a cell does.
QString toggleRunFilterTerm(const QString &text, RunField field, const QString &value);

QString runFieldName(RunField field); // "agent", "latency"...
// One line of help: "latency>2s", for the list of fields.
QString runFieldExample(RunField field);

} // namespace lathe
