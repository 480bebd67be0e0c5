// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace lathe {

enum class SqlDialect { Sqlite, Postgres };

// What can be told of SQL that somebody else wrote without the database it is for: read as the database's own lexer does (strings, quoted names,
// dollar quotes, comments), in one pass. For messages and for what a person is shown; what may run is the database's to judge.
struct SqlScan {
    QByteArray firstWord; // in capitals, comments and brackets before it left out; at most 32 characters; empty: it does not begin with a word
    // Statements that are not empty: 0, 1, or 2 for more. One statement that the database takes is never told to be two: the bodies of
    // CREATE FUNCTION ... BEGIN ATOMIC and CREATE TRIGGER ... BEGIN, and what stands in brackets (CREATE RULE), belong to it.
    int statements = 0;
};
SqlScan scanSql(QByteArrayView sql, SqlDialect dialect);

} // namespace lathe
