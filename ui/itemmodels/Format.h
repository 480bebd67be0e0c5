// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/RunEvent.h"

// Numbers, times and states as people read them; one wording everywhere.
namespace lathe::format {

QString number(qint64 value);               // "12 480" with a thin space
QString duration(qint64 us);                // "840 µs", "12 ms", "3.42 s", "2 m 05 s"
QString cost(const Usage &usage);           // "$0.0031", "free", "?" when no price is known
QString ago(qint64 us, qint64 nowUs);       // "just now", "5 min ago", "today 14:02", "12 Nov 14:02"
QString dateTime(qint64 us);                // "2026-11-22 14:02:11"
QString bytes(qint64 count);                // "3.2 MB"
QString rating(int value);                  // as RunInfo::rating: "4 of 5", "up", "down", ""
QString statusText(RunStatus status);       // "Done"
QString statusText(StepStatus status);
// "1 tool", "3 tools"
QString count(qint64 number, const QString &one, const QString &many);
QString oneLine(const QString &text, int length);

} // namespace lathe::format
