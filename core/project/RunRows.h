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

// A row of `journal`: its place in the journal of the run, from 1.
struct EntryRow {
    int place = 0;
    StoredEntry entry;
};

// journal.id of the rows of a run: from first to last. Empty (0, -1) for an id no run can have.
struct EntryRange {
    qint64 first = 0;
    qint64 last = -1;
};
constexpr qint64 entriesMax = 1 << 20; // of one run
constexpr qint64 runIdMax = 1ll << 42;
constexpr EntryRange entryRange(RunId run)
{
    if (run.value < 1 || run.value > runIdMax)
        return {};
    return {run.value * entriesMax, run.value * entriesMax + entriesMax - 1};
}

// What is to be written of one run, in this order.
struct RunBatch {
    bool insert = false; // the row of the run
    std::vector<StepRow> steps;
    std::vector<EntryRow> entries;
    bool update = false; // what changes in the row of the run
    RunRow row;
};

// For works on the writer.
Result<void> writeBatch(Database &db, const RunBatch &batch);

} // namespace lathe
