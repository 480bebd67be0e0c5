// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/SearchExpression.h"

#include <QStringList>

#include <algorithm>

namespace lathe {

QString phraseExpression(const QString &text)
{
    constexpr int lengthMax = 500;
    const bool searchable = std::any_of(text.begin(), text.end(), [](QChar c) { return c.isLetterOrNumber() || c.isSurrogate(); });
    if (!searchable)
        return {};
    QString phrase = text.left(lengthMax);
    phrase.replace(QChar(0), QLatin1Char(' ')); // it would end the expression
    return QLatin1Char('"') + phrase.replace(QLatin1Char('"'), QLatin1String("\"\"")) + QLatin1String("\"*");
}

QString searchExpression(const QString &text)
{
    constexpr int wordsMax = 32;
    QStringList words;
    const QStringList typed = text.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (const QString &word : typed) {
        const QString phrase = phraseExpression(word.left(200));
        if (!phrase.isEmpty() && words.size() < wordsMax)
            words.append(phrase);
    }
    return words.join(QLatin1Char(' '));
}

} // namespace lathe
