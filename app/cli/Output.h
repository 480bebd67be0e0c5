// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/trace/RunEvent.h"

namespace lathe::cli {

// Results to stdout, messages to stderr; both as UTF-8. A closed pipe ends output quietly.
void printLine(const QString &text);
void printJson(const QJsonValue &value); // one line
void printMessage(const QString &text);
void printError(const Error &error);

// A table with aligned columns; the last column is not padded.
void printTable(const QStringList &header, const std::vector<QStringList> &rows);

QString timeText(qint64 us);                   // local time, "2026-11-22 15:20:07"
QString durationText(qint64 us);               // "12 ms", "3.4 s", "2 m 05 s"
QString costText(const Usage &usage);          // "$0.0031", "free", "?"
QString shortText(const QString &text, int n); // one line, cut with an ellipsis

} // namespace lathe::cli
