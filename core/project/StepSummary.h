// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sqlite/Database.h"
#include "core/trace/Trace.h"

namespace lathe {

// What the row of a step says beside its bodies, so that an outline never reads those (columns model to bodies of `steps`).
struct StepSummary {
    QString model;             // of a model step
    QString tool;              // of a tool step
    qint64 inputTokens = -1;   // -1: not known
    qint64 outputTokens = -1;
    double costUsd = -1;
    QString errorKind;
    QByteArray marks;          // the notes: "retry 1764000000000000;fallback 1764000000000100"
    quint8 bodies = 0;         // TraceOutline::Body
    StepSummary() = default;
};
StepSummary summaryOf(const Step &step);
std::vector<StepNote> unpackMarks(const QByteArray &marks);
QString toolOf(const Step &step); // name of the tool, empty for other steps

constexpr int stepSummaryColumns = 8;
// Binds them from `index` on.
void bindSummary(Statement &statement, int index, const StepSummary &summary);

// Prompts that a run used, by its `revisions` (JSON of any depth): name and number, 0 for the draft.
std::vector<std::pair<QString, int>> promptsOf(const QJsonObject &revisions);

// Counts of one run from its steps.
Result<void> recountTools(Database &db, RunId run);
// Counts of run_tools and rows of run_prompts from what the file holds: for files of older formats, and repair.
Result<void> rebuildRunTables(Database &db);
// Columns of `steps` from its bodies. `missingOnly`: of those that an older Lathe wrote, which knows no summaries.
Result<void> summarizeSteps(Database &db, bool missingOnly = false);

} // namespace lathe
