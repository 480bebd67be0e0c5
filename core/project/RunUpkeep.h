// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/RunRepository.h"
#include "core/sqlite/Database.h"

namespace lathe {

// Care of recorded runs; for works on the writer.

// Puts runs that have ended into run_search; those already there, or still running, are left alone.
Result<void> indexRuns(Database &db, std::vector<RunId> ids);
// Takes a run out of run_search again, because its texts will change.
Result<void> unindexRun(Database &db, RunId id);
// Runs that have ended and are not in run_search.
Result<std::vector<RunId>> unindexedRuns(Database &db);
// Deletes runs with all that belongs to them; those that are not in the bin stay. Gives the ids of the deleted.
Result<std::vector<RunId>> deleteRuns(Database &db, const std::vector<RunId> &runs);
// A run that has ended, or whose program is gone, is running again and belongs to `owner`. InvalidInput when another program
// executes it.
Result<void> takeOverRun(Database &db, RunId id, const QString &owner, int pid);
// Runs of programs that are gone become interrupted; gives their ids.
Result<std::vector<RunId>> markInterruptedRuns(Database &db);

} // namespace lathe
