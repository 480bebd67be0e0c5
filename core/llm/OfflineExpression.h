// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRegularExpression>

namespace lathe::offline {

// A pattern of the offline model: case does not matter unless `caseMatters`; each match may take a bounded number of steps only.
// Texts are short and most patterns are used a few times, so they are not compiled to machine code, which takes longer.
QRegularExpression expression(const QString &pattern, bool caseMatters = false);
// The same, kept by its text (per thread, a bounded number): for patterns that are put together as they are needed.
QRegularExpression keptExpression(const QString &pattern);

} // namespace lathe::offline
