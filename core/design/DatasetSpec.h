// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"

#include <QStringList>

namespace lathe {

// Rows of examples. Body JSON: {columns:[name...], row_count, rows_blob: sha256 of JSON Lines (one array a row)}; the rows
// are a content-addressed blob, so revisions share them.
struct Dataset {
    QStringList columns;
    std::vector<std::vector<QJsonValue>> rows;

    QJsonObject rowObject(int row) const;
    QByteArray rowsToJsonLines() const;
    static Result<Dataset> fromJsonLines(const QStringList &columns, const QByteArray &lines);
    // RFC 4180 CSV with a header line (delimiter guessed among , ; tab), JSON Lines of objects, or a JSON array of objects.
    // Bad rows are named in `problems` by line number and left out; the rest is kept. UTF-16 and Windows-1252 are read as such; what is invalid in UTF-8 is replaced and named.
    static Result<Dataset> importCsv(const QByteArray &bytes, std::vector<Problem> *problems);
    static Result<Dataset> importJson(const QByteArray &bytes, std::vector<Problem> *problems);
};

} // namespace lathe
