// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sqlite/Database.h"

namespace lathe {

// One step of the file format: brings a file of version `version - 1` to `version`. Steps are never edited after a release.
struct Migration {
    int version = 0;
    const char *what = ""; // for the log
    std::function<Result<void>(Database &)> apply;
};

const std::vector<Migration> &projectMigrations();

// What a file says of itself before anything in it is touched.
struct FileLook {
    int version = 0;
    bool isNewer = false; // written by a newer Lathe: reading only
};

// Looks at an existing file without changing it. NotFound; ProjectFile for an empty, foreign, cut or damaged file, and for what
// is no database at all.
Result<FileLook> lookAtProject(const QString &path, int knownVersion);

// Brings the database to the newest version of `steps`, all in one transaction. Two programs may do so at once.
Result<void> prepareSchema(Database &db, const std::vector<Migration> &steps);

} // namespace lathe
