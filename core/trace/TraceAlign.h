// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"

#include <array>
#include <functional>

namespace lathe {

// Puts the steps of 2-6 traces side by side: first by the agent's code path (the same kinds and names from the root down), then, among
// the children of one parent, by how much they resemble each other. Retries and inserted steps become gaps. Pure functions of values;
// O(n log n) when the traces are alike, bounded for any traces of 100,000 steps.

constexpr int maxAlignedTraces = 6;

// What differs in a row, as bits.
enum RowDifference : quint16 {
    RowMissing = 1,    // a trace lacks the step
    RowName = 2,       // another name (a model step: another model)
    RowArguments = 4,  // what went in: tool arguments, request parameters, messages, a node's input
    RowStatus = 8,
    RowText = 16,      // what came out: text, reasoning, tool calls, error
};

struct AlignedRow {
    std::array<int, maxAlignedTraces> steps{-1, -1, -1, -1, -1, -1}; // per trace: index into its steps(), -1: it lacks the step
    int parent = -1; // row of the parent, -1: top
    int depth = 0;   // 0: top
    quint16 differences = 0; // RowDifference bits, of all traces that have the step against the first that has it
    quint8 differing = 0;    // bit per trace: lacks the step or differs from the first that has it
};

// Numbers of a step, and the deltas of them.
struct StepNumbers {
    qint64 durationUs = 0;
    qint64 tokens = 0; // input and output, of the step itself
    double costUsd = 0;
    bool costKnown = true;
    bool operator==(const StepNumbers &) const = default;
};

struct TraceAlignment {
    int traces = 0;
    std::vector<AlignedRow> rows; // in tree order, parents before children
    std::array<std::vector<int>, maxAlignedTraces> rowOf; // per trace: the row of each step
    // Where the runs part, in the order in which things happened: what goes into a step counts when it begins, what comes out when it
    // ends (a parent's answer after its children). -1: they tell the same story.
    int firstDivergence = -1;
    quint16 firstReason = 0; // the RowDifference bits that count there
    // A sentence for people, empty when there is no divergence: "Step 1.3 (execute_tool sql) has other arguments in run 2."
    QString firstText;
};

// Aligns the first six at most; null pointers count as empty traces. Any thread. `stop` is asked now and then; true gives what there is.
TraceAlignment alignTraces(const std::vector<const Trace *> &traces, const std::function<bool()> &stop = {});

StepNumbers stepNumbers(const Trace &trace, int step);
// Of trace `trace` against the first one; all 0 when either lacks the step. costKnown: both are.
StepNumbers rowDelta(const std::vector<const Trace *> &traces, const AlignedRow &row, int trace);

// The texts of a step that are compared, for showing their difference (word diff is core/prompt/TextDiff.h).
QString stepInputText(const Step &step);  // tool arguments, messages or input, as text; may be empty
QString stepOutputText(const Step &step); // streamed and final text, tool calls, error

} // namespace lathe
