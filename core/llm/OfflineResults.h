// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/OfflineRequest.h"

namespace lathe::offline {

// A tool result that is a table: Markdown, CSV, a JSON array of objects, or {columns, rows}.
struct ResultTable {
    QStringList columns;
    QList<QStringList> rows;
    bool isEmpty() const { return columns.isEmpty(); }
};
ResultTable tableOf(const QString &text);

// The single figures (tables of one cell, plain numbers) of the answered calls, in order.
QStringList resultFigures(const std::vector<Exchange> &exchanges);

// What the calls gave, as sentences and points that answer the request. Failures are said plainly.
struct Findings {
    QStringList points; // most direct first
    QStringList failures;
    QStringList queries; // SQL and expressions that were used
    bool isEmpty() const { return points.isEmpty(); }
};
Findings findingsOf(const Reading &reading);

} // namespace lathe::offline
