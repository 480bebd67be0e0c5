// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <vector>

namespace lathe::offline {

struct SqlColumn {
    QString name;
    QString type;       // upper case; empty when not told
    QStringList values; // known ones
    bool isNumeric() const;
    bool isDate() const;
    bool isId() const;
};

struct SqlTable {
    QString name;
    std::vector<SqlColumn> columns;
    const SqlColumn *column(const QString &name) const;
    // The column with long texts ("message", "comment", ...), if any.
    const SqlColumn *textColumn() const;
    const SqlColumn *dateColumn() const;
    const SqlColumn *idColumn() const;
    // A column of ratings, scores or stars.
    const SqlColumn *ratingColumn() const;
};

// Tables and columns told in a tool's description: "feedback (300 rows): id INTEGER, tier TEXT ('free', 'pro')",
// "Table feedback(id, tier)", "CREATE TABLE feedback (id INTEGER, ...)". Values said elsewhere ("tier is one of free, pro")
// are taken from `notes`, too.
std::vector<SqlTable> tablesIn(const QString &description, const QString &notes);

} // namespace lathe::offline
