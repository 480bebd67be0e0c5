// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

namespace lathe {

// What came of reading a file.
struct ImportedRows {
    QString path;
    Dataset dataset;
    std::vector<Problem> problems;
};

// Reads CSV (.csv, .tsv, .txt) or JSON (.jsonl, .json) in the thread pool. Bad rows are named in `problems` and left out.
Task<Result<ImportedRows>> readRows(QString path);
bool looksLikeRows(const QString &path);
QString rowFileFilter(); // for a file dialog

// Makes `dataset` the rows of the draft of an artifact, as one edit that can be undone. Gives the hash of the rows.
Task<Result<QString>> putRows(Session *session, ArtifactId id, Dataset dataset, QString what);
// Adds one row; columns that are missing in `row` stay empty, new ones are added.
Task<Result<QString>> addRow(Session *session, ArtifactId id, QJsonObject row, QString what);

} // namespace lathe
