// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/RunRepository.h"
#include "core/sqlite/Database.h"

namespace lathe {

// A row of `runs` as this program knows it.
struct RunRow {
    RunInfo info;
    QString owner;                              // ProcessOwner.h
    QByteArray snapshotHash;                    // empty: no snapshot
    std::optional<QJsonObject> startAttributes; // unset: the run has not begun
    bool startIsNew = true; // an update leaves those in the file alone unless this is set
    bool timeIsNew = true;  // the same for the time of the start, which has an index of its own
    QJsonObject endAttributes;
    std::optional<RunFork> fork; // written with the row, so that no fork is ever taken for a run of its own
};

// A row of `steps`.
struct StepRow {
    Step step;
    int position = 0;            // index in the trace
    bool textsInJournal = false; // they equal those of the outcome and are not stored again
};

// How often a run called a tool so far; a row of `run_tools`.
struct ToolRow {
    QString tool;
    int calls = 0, errors = 0;
};

// What is to be written of one run, in this order. Writing it twice is writing it once.
struct RunBatch {
    bool insert = false; // the row of the run
    std::vector<StepRow> steps;
    std::vector<ToolRow> tools;
    std::vector<StoredEntry> entries;
    bool update = false; // what changes in the row of the run
    RunRow row;
};

// For works on the writer.
Result<void> amendRow(Database &db, RunId run, const RunInfo &facts); // RunRepository::amendForeign()
Result<void> writeBatch(Database &db, const RunBatch &batch);
Result<void> insertFork(Database &db, const RunFork &fork);

} // namespace lathe
