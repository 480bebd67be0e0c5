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
    QJsonObject endAttributes;
};

// A row of `steps`.
struct StepRow {
    Step step;
    int position = 0;            // index in the trace
    bool textsInJournal = false; // they equal those of the outcome and are not stored again
};

// What is to be written of one run, in this order.
struct RunBatch {
    bool insert = false; // the row of the run
    std::vector<StepRow> steps;
    std::vector<StoredEntry> entries;
    bool update = false; // what changes in the row of the run
    RunRow row;
};

// For works on the writer.
Result<void> writeBatch(Database &db, const RunBatch &batch);

} // namespace lathe
