// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/ProjectTypes.h"
#include "core/sqlite/Database.h"

namespace lathe {

// The parts of Project::doctor(). Each runs on the thread that owns the connection it is given.

// Everything that reading finds: pages, foreign keys, blobs, entries without run. Fills findings and counts; `unreferenced` gets
// the hashes of blobs nothing uses.
Result<void> examine(Database &db, DoctorReport *report, std::vector<QByteArray> *unreferenced);
// The full-text index, which only a connection that may write can check.
Result<void> examineSearch(Database &db, DoctorReport *report);
// Rebuilds the full-text index and the other indexes, deletes the blobs and what has no run.
Result<void> repair(Database &db, const std::vector<QByteArray> &unreferenced,
                    DoctorReport *report);

} // namespace lathe
