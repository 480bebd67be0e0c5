// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"
#include "tests/support/JsonText.h"

#include <QStringList>

namespace lathe::test {

// "severity pointer code message" of each, a line each.
inline QString describe(const std::vector<Problem> &problems)
{
    QStringList lines;
    for (const Problem &p : problems)
        lines << QStringLiteral("%1 %2 %3 %4").arg(int(p.severity)).arg(p.pointer, p.code, p.message);
    return lines.join(QLatin1Char('\n'));
}

} // namespace lathe::test
