// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

struct sqlite3;

namespace lathe {

// Makes a connection fit for SQL that others wrote (a model, a stranger's file): reads only, bounded in size, and
// without functions that reach outside or take time beyond any measure. `denied` gets what was refused, in words;
// it must outlive the connection. Cannot be undone.
void guardForReading(sqlite3 *db, QString *denied);
// The same, but data, tables, indexes and views may be changed.
void guardForData(sqlite3 *db, QString *denied);

} // namespace lathe
