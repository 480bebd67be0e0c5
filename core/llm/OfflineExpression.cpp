// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineExpression.h"

#include <QHash>

namespace lathe::offline {

QRegularExpression expression(const QString &pattern, bool caseMatters)
{
    return QRegularExpression(QStringLiteral("(*NO_JIT)(*LIMIT_MATCH=300000)") + pattern,
                              caseMatters ? QRegularExpression::UseUnicodePropertiesOption
                                          : QRegularExpression::UseUnicodePropertiesOption
                                                | QRegularExpression::CaseInsensitiveOption);
}

QRegularExpression keptExpression(const QString &pattern)
{
    thread_local QHash<QString, QRegularExpression> kept;
    if (const auto found = kept.constFind(pattern); found != kept.constEnd())
        return *found;
    if (kept.size() >= 500) // column names of many schemas must not pile up
        kept.clear();
    return *kept.insert(pattern, expression(pattern));
}

} // namespace lathe::offline
