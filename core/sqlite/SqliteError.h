// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Error.h"

namespace lathe {

// What SQLite said about a failure. For core/sqlite only.
struct SqliteFailure {
    int code = 0;        // extended result code
    int systemErrno = 0; // errno of the failed system call, 0 when there was none
    QString words;       // sqlite3_errmsg
    QString path;        // the file as the user named it; empty for a database in memory
    int sqlOffset = -1; // byte in the SQL where the error is, -1 when not known
};

// The sentence for the user. `doing` ("saving the draft") goes to the cause, for the log.
Error sqliteError(const SqliteFailure &failure, const QString &doing);

} // namespace lathe
