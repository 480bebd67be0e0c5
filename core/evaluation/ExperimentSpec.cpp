// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/ExperimentSpec.h"

#include <algorithm>

namespace lathe {

Result<std::vector<int>> rowSelection(const QString &rows, int count)
{
    std::vector<int> chosen;
    if (rows.trimmed().isEmpty()) {
        for (int row = 0; row < count; ++row)
            chosen.push_back(row);
        return chosen;
    }
    const QStringList parts = rows.split(QLatin1Char(','), Qt::SkipEmptyParts);
    for (const QString &part : parts) {
        const QStringList ends = part.trimmed().split(QLatin1Char('-'));
        bool fromGood = false, toGood = false;
        const int from = ends.first().trimmed().toInt(&fromGood);
        const int to = ends.last().trimmed().toInt(&toGood);
        if (ends.size() > 2 || !fromGood || !toGood || from < 1 || to < from || to > count)
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("\"%1\" names no rows of the %2 there are; write rows like \"1-40, 55\".")
                             .arg(part.trimmed())
                             .arg(count));
        for (int row = from; row <= to; ++row)
            chosen.push_back(row - 1);
    }
    std::sort(chosen.begin(), chosen.end());
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
    return chosen;
}

} // namespace lathe
