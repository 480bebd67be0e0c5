// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineSqlTables.h"

#include <QSet>

// What a question about data says, word by word.
namespace lathe::offline {

// One of the alternatives ("by month|per month") between word borders.
QRegularExpression words(const QString &alternatives);
bool says(const QString &text, const QRegularExpression &pattern);
// The stems of a column's name and other words for it ("plan" for tier).
QSet<QString> nameStems(const SqlColumn &column);
// How many rows are asked for ("the 3 latest", "top five areas"), at most 100; `usual` when nothing is said.
int wishedLimit(const QString &text, int usual);

} // namespace lathe::offline
