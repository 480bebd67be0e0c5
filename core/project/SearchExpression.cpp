// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/SearchExpression.h"

#include <QStringList>

#include <algorithm>

namespace lathe {

QString searchExpression(const QString &text)
{
    constexpr int wordsMax = 32;
    QStringList words;
    const QStringList typed = text.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (const QString &word : typed) {
        const bool searchable = std::any_of(word.begin(), word.end(), [](QChar c) {
            return c.isLetterOrNumber() || c.isSurrogate();
        });
        if (searchable && words.size() < wordsMax)
            words.append(QLatin1Char('"')
                         + word.left(200).replace(QLatin1Char('"'), QLatin1String("\"\""))
                         + QLatin1String("\"*"));
    }
    return words.join(QLatin1Char(' '));
}

} // namespace lathe
