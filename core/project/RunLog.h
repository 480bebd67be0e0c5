// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/ProjectTypes.h"
#include "core/sqlite/Database.h"

namespace lathe {

// The run log as SQL: ids first, from an index that covers what queries ask for, then the rows of one page. For works on a reader.

constexpr int runPageMax = 10'000; // runs of one page

struct RunKeys {
    std::vector<RunId> runs;
    QVariant last; // key of the last one
};
// `limited`: one page of it, behind its cursor; else all there are.
Result<RunKeys> findRuns(Database &db, const RunQuery &query, bool limited);
// List form, in the order asked; those that are gone are left out.
Result<std::vector<RunInfo>> readRuns(Database &db, const std::vector<RunId> &runs);
Result<int> countRuns(Database &db, const RunFilter &filter, bool bin);
Result<std::vector<RunGroup>> groupRuns(Database &db, const RunFilter &filter, RunGrouping grouping);
Result<QStringList> runValues(Database &db, RunField field, const QString &prefix, int limit);

} // namespace lathe
