// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/DatasetSpec.h"
#include "core/sqlite/Database.h"

#include <QJsonArray>

namespace lathe {

struct SqlColumn {
    QString name;
    QString type;       // INTEGER, REAL, TEXT or as the file says
    QStringList values; // of a text column with few, if they may be told, else empty
};
struct SqlTable {
    QString name;
    std::vector<SqlColumn> columns;
    qint64 rows = -1; // when known
};

// Where the SQL tool's tables come from. A value.
struct SqlSource {
    enum class Kind { SqliteFile, CsvFile, Dataset };
    Kind kind = Kind::Dataset;
    QString path;      // of a file, absolute
    QString tableName; // of CSV and dataset
    std::shared_ptr<const Dataset> dataset;
    bool writable = false; // an SQLite file that may be changed
    bool exampleValues = false; // describe() reads the values of text columns, which leave this computer with what a model is told

    // What a model must know to write SQL. Main thread; looks at a bounded part of the data.
    Result<std::vector<SqlTable>> describe() const;
    // The database to query, restricted to reading or, when writable, to data. May take long: worker thread.
    Result<std::unique_ptr<Database>> open() const;

    static constexpr int maxValues = 12;
    static constexpr qint64 maxCsvBytes = 64 * 1024 * 1024;
};

// One table for a model: "feedback (214 rows): id INTEGER, tier TEXT ('free', 'pro'), ...".
QString describeTable(const SqlTable &table);

} // namespace lathe
