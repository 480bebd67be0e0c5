// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineGuesses.h"

#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineFacts.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineText.h"

namespace lathe::offline {

QString zoneIn(const QString &text)
{
    static const QRegularExpression iana =
        expression(QStringLiteral("\\b([A-Z][A-Za-z]+/[A-Z][A-Za-z_]+)\\b"), true);
    static const QRegularExpression offset =
        expression(QStringLiteral("\\b(?:UTC|GMT)?\\s?([+-]\\d{1,2}(?::\\d{2})?)\\b"), true);
    if (const auto match = iana.match(text); match.hasMatch())
        return match.captured(1);
    static const QList<std::pair<QString, QString>> cities{
        {QStringLiteral("Berlin"), QStringLiteral("Europe/Berlin")},
        {QStringLiteral("Germany"), QStringLiteral("Europe/Berlin")},
        {QStringLiteral("London"), QStringLiteral("Europe/London")},
        {QStringLiteral("Paris"), QStringLiteral("Europe/Paris")},
        {QStringLiteral("Madrid"), QStringLiteral("Europe/Madrid")},
        {QStringLiteral("New York"), QStringLiteral("America/New_York")},
        {QStringLiteral("Chicago"), QStringLiteral("America/Chicago")},
        {QStringLiteral("San Francisco"), QStringLiteral("America/Los_Angeles")},
        {QStringLiteral("Los Angeles"), QStringLiteral("America/Los_Angeles")},
        {QStringLiteral("Tokyo"), QStringLiteral("Asia/Tokyo")},
        {QStringLiteral("Japan"), QStringLiteral("Asia/Tokyo")},
        {QStringLiteral("Sydney"), QStringLiteral("Australia/Sydney")},
        {QStringLiteral("Singapore"), QStringLiteral("Asia/Singapore")},
        {QStringLiteral("Delhi"), QStringLiteral("Asia/Kolkata")},
        {QStringLiteral("Mumbai"), QStringLiteral("Asia/Kolkata")},
        {QStringLiteral("Shanghai"), QStringLiteral("Asia/Shanghai")},
        {QStringLiteral("Beijing"), QStringLiteral("Asia/Shanghai")},
        {QStringLiteral("São Paulo"), QStringLiteral("America/Sao_Paulo")}};
    for (const auto &[city, zone] : cities) {
        if (containsPhrase(text, city))
            return zone;
    }
    if (containsPhrase(text, QStringLiteral("UTC")) || containsPhrase(text, QStringLiteral("GMT")))
        return QStringLiteral("UTC");
    const auto match = offset.match(text);
    return match.hasMatch() ? match.captured(1) : QString();
}

QString placeIn(const QString &text)
{
    static const QRegularExpression place = expression(
        QStringLiteral("\\b(?:in|for|at|near|from|to|of)\\s+((?:\\p{Lu}[\\p{L}'.-]+\\s?){1,4})"), true);
    const auto match = place.match(text);
    return match.hasMatch() ? match.captured(1).trimmed() : QString();
}

QString searchWords(const QString &part, const QString &tool)
{
    if (const QStringList quoted = findQuoted(part); !quoted.isEmpty())
        return quoted.first();
    static const QRegularExpression sought =
        expression(QStringLiteral("\\b(?:for|about|on|of|mention(?:s|ing)?|contain(?:s|ing)?|named|called)"
                                  "\\s+(.{2,120}?)(?:[.?!,;]|$|\\s+(?:in|and|from|then)\\b)"));
    const QSet<QString> own = stemsOf(QString(tool).replace(u'_', u' '));
    const auto match = sought.match(part);
    QStringList words;
    const QString source = match.hasMatch() ? match.captured(1) : part;
    for (const Word &word : wordsOf(source)) {
        if (!word.isStop && !isRequestVerb(word.lower) && !own.contains(word.stem))
            words.append(source.mid(word.from, word.length));
    }
    return words.mid(0, 8).join(u' ');
}

QString matchedEnum(const QJsonArray &values, const QString &part, const QString &description, bool *found)
{
    const QSet<QString> partStems = stemsOf(part);
    QString best;
    double bestScore = 0;
    for (const QJsonValue &value : values) {
        const QString text = value.toString();
        if (text.isEmpty())
            continue;
        const QSet<QString> stems = stemsOf(QString(text).replace(u'_', u' ').replace(u'-', u' '));
        double score = overlap(stems, partStems) * 2 + (containsPhrase(part, text) ? 1 : 0);
        // "read: first line" in a description says what goes with a value.
        if (const qsizetype at = indexOfPhrase(description, text); at >= 0)
            score += overlap(stemsOf(description.mid(at + text.size(), 60)), partStems);
        if (score > bestScore) {
            bestScore = score;
            best = text;
        }
    }
    *found = bestScore > 0;
    return *found ? best : values.isEmpty() ? QString() : values.first().toString();
}

} // namespace lathe::offline
