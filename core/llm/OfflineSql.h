// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/OfflineSqlTables.h"

#include <QSet>

namespace lathe::offline {

// What is to be queried.
struct SqlQuestion {
    QString text;         // the request
    QString context;      // where "their" and "those" look for filters; may be empty
    QSet<QString> banned; // columns and tables that failed, lower case
};

// A SELECT that answers the question by rule: count, average, sum, share, group, filter by known values, numbers, dates and
// words, order, limit. Empty when no table is known. With `fits` it only
// tells how well the question fits the tables, 0 to 1, and writes nothing.
QString sqlFor(const SqlQuestion &question, const std::vector<SqlTable> &tables, double *fits = nullptr);

// Words of a question that look as if they narrow it down ("in German", "about Mondays") but that the query does not heed.
QStringList unusedWords(const QString &question, const QString &sql, const std::vector<SqlTable> &tables);

// The filters of a question on one table, for sqlFor and its tests.
struct SqlFilter {
    QString column;
    QString condition; // SQL
    qsizetype at = 0;  // where in the text
    int values = 1;    // how many values it names
};
std::vector<SqlFilter> filtersIn(const QString &text, const SqlTable &table, const QSet<QString> &banned);

QString sqlName(const QString &name);  // quoted when needed
QString sqlText(const QString &value); // 'it''s'

} // namespace lathe::offline
