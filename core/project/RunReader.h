// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/RunRepository.h"
#include "core/sqlite/Database.h"

namespace lathe {

// Reads recorded runs. Any thread that owns the connection.

// What is selected of `runs r` with ratingJoin (the newest rating of the run that nobody took back). Not whole: excerpts of input
// and output, no JSON bodies.
QByteArray runColumns(bool whole);
extern const char *const ratingJoin;
Result<RunInfo> runFromRow(Database &db, const Statement &row, bool whole);

// The same for rows of the journal.
extern const char *const entryColumns;
Result<StoredEntry> entryFromRow(const Statement &row);

// The whole run, its trace rebuilt. NotFound.
Result<StoredRun> loadRun(Database &db, RunId id);

} // namespace lathe
