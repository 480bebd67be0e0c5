// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/RunRepository.h"
#include "core/sqlite/Database.h"

#include <array>

namespace lathe {

// Reads recorded runs. Any thread that owns the connection.

// What is selected of `runs r` with ratingJoin (the newest rating of the run that nobody took back). Not whole: excerpts of input
// and output, no JSON bodies. `format`: of the file; one before runLogFormat that is open for reading only lacks some columns.
QByteArray runColumns(bool whole, int format);
constexpr int listedRunColumns = 28; // how many runColumns(false) are
constexpr int runLogFormat = 4;
Result<int> formatOf(Database &db); // PRAGMA user_version
extern const char *const ratingJoin;
Result<RunInfo> runFromRow(Database &db, const Statement &row, bool whole);

// The same for rows of the journal.
extern const char *const entryColumns;
Result<StoredEntry> entryFromRow(const Statement &row);

// A row of `steps`.
struct StoredStep {
    Step step;
    std::array<bool, 3> inJournal{}; // text, reasoning, tool arguments: not in the row; the entry of the step may hold them
};
extern const char *const stepColumns;
Result<StoredStep> stepFromRow(const Statement &row);
Step stepHeadFromRow(const Statement &row); // its first seven columns
void takeTexts(StoredStep *stored, const StoredEntry &entry);
// A step whose effect is recorded but whose end never was, because the program stopped in between.
Step stepOfEntry(const StoredEntry &entry);

// The whole run, its trace rebuilt. NotFound.
Result<StoredRun> loadRun(Database &db, RunId id);

} // namespace lathe
