// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/RunRepository.h"

namespace lathe {

// What a run says in the texts of an outcome; the step's row does not repeat it.
struct OutcomeTexts {
    QString text;
    QString reasoning;
    QString toolArguments;
};
OutcomeTexts outcomeTexts(const QString &kind, const QJsonObject &outcome);

// A row of `runs` as this program knows it.
struct RunRow {
    RunInfo info;
    QString owner;
    QByteArray snapshotHash; // empty: no snapshot
    std::optional<QJsonObject> startAttributes; // unset: the run has not begun
    QJsonObject endAttributes;
};

// A row of `steps`.
struct StepRow {
    Step step;
    int position = 0;
    bool textsInJournal = false; // they equal those of the outcome
};

// What is to be written of one run, in this order.
struct RunBatch {
    bool insert = false; // the row of the run
    bool update = false; // what changes in it
    RunRow row;
    std::vector<StepRow> steps;
    std::vector<StoredEntry> entries;
};

// --- For works on the writer.
Result<void> writeBatch(Database &db, const RunBatch &batch);
// Puts runs that have ended into run_search; those already there, or still running, are left alone.
Result<void> indexRuns(Database &db, const std::vector<RunId> &ids);
// Takes a run out of run_search again, because its texts will change.
Result<void> unindexRun(Database &db, RunId id);
// Runs that have ended and are not in run_search.
Result<std::vector<RunId>> unindexedRuns(Database &db);
// Marks the runs of programs that are gone; gives their ids.
Result<std::vector<RunId>> markInterruptedRuns(Database &db);

// --- Any connection.
// With `where` after WHERE/ORDER BY; excerpts of input and output, no JSON payloads unless `whole`.
QByteArray runColumns(bool whole);
Result<RunInfo> runFromRow(Database &db, const Statement &row, bool whole);
Result<StoredRun> loadRun(Database &db, RunId id);
Result<StoredEntry> entryFromRow(const Statement &row); // of entryColumns
extern const char *const entryColumns;

QByteArray packError(const Error &error);
std::optional<Error> unpackError(const QByteArray &json); // empty: none
QString excerpt(const QString &text); // first 500 characters, no half character

} // namespace lathe
