// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/ProjectTypes.h"
#include "core/sqlite/Database.h"

namespace lathe {

// SQL with the values of its `?` in order. Values never stand in the text.
struct BoundSql {
    QByteArray text;
    std::vector<QVariant> values; // QString, qint64 or double
    BoundSql &operator+=(const BoundSql &other);
    BoundSql &operator+=(const char *sql);
    void bind(const QVariant &value); // adds a `?`
    Result<Statement> prepare(Database &db) const;
};

// A condition on `runs r` (from runSource()) that is true, false or NULL.
BoundSql filterSql(const RunFilter &filter, int format);
// The words that the filter demands in any case, as an expression of run_search, which then gives the runs in their order without a
// look at the others; empty: it demands none. `rest`: what else it demands.
QString demandedWords(const RunFilter &filter, RunFilter *rest);

// "runs r" as the filter and the sort read it; of older formats with the columns they lack. `covered`: from the index alone as far as
// it goes.
QByteArray runSource(int format, bool covered);
// The key of a sort; NULL: none. Text keys carry their collation.
QByteArray sortKey(RunSort sort);
BoundSql oneOf(const char *column, const std::vector<RunId> &runs);

} // namespace lathe
