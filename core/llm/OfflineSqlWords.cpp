// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineSql.h"
#include "core/llm/OfflineSqlWords.h"
#include "core/llm/OfflineText.h"

#include <QHash>

namespace lathe::offline {

QRegularExpression words(const QString &alternatives)
{
    return keptExpression(QStringLiteral("\\b(?:%1)\\b").arg(alternatives));
}

bool says(const QString &text, const QRegularExpression &pattern)
{
    return pattern.match(text).hasMatch();
}

QSet<QString> nameStems(const SqlColumn &column)
{
    QSet<QString> stems = stemsOf(QString(column.name).replace(u'_', u' '));
    static const QHash<QString, QStringList> synonyms{
        {QStringLiteral("tier"), {QStringLiteral("plan"), QStringLiteral("segment")}},
        {QStringLiteral("area"),
         {QStringLiteral("part"), QStringLiteral("featur"), QStringLiteral("modul")}},
        {QStringLiteral("rat"), {QStringLiteral("star"), QStringLiteral("scor")}},
        {QStringLiteral("amount"), {QStringLiteral("revenu"), QStringLiteral("spend")}},
        {QStringLiteral("country"), {QStringLiteral("nation")}}};
    const QSet<QString> own = stems;
    for (const QString &stem : own) {
        for (const QString &other : synonyms.value(stem))
            stems.insert(other);
    }
    return stems;
}

int wishedLimit(const QString &text, int usual)
{
    static const QRegularExpression limit = expression(QStringLiteral(
        "\\b(?:top|first|last|latest|newest|oldest|worst|best|lowest|highest|show|list|give "
        "me|find|quote)(?: me)?(?: the| up to)? "
        "(\\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twenty)\\b|\\b(\\d{1,3}|two|three|four|"
        "five|six|seven|eight|nine|ten|twenty) (?:\\w+ "
        ")?(?:examples?|messages|rows|quotes|latest|most|worst|best|lowest|areas|complaints)\\b"));
    const auto match = limit.match(text);
    const int wished =
        match.hasMatch() ? numberFromWord(
            (match.captured(1).isEmpty() ? match.captured(2) : match.captured(1)).toLower())
                         : -1;
    return wished > 0 ? std::min(wished, 100) : usual;
}

QStringList unusedWords(const QString &question, const QString &sql, const std::vector<SqlTable> &tables)
{
    QSet<QString> known = stemsOf(QString(sql).replace(u'_', u' '));
    for (const SqlTable &table : tables) {
        known += stemsOf(QString(table.name).replace(u'_', u' '));
        for (const SqlColumn &column : table.columns)
            known += nameStems(column);
    }
    known += stemsOf(
        QStringLiteral("customer user people message feedback entry record row data text time month week "
                       "day year question total average number count share percent percentage "
                       "complaint praise positive negative happy unhappy star score trend breakdown "
                       "distribution most least worst best lowest highest latest newest oldest all "
                       "detail example quote table database tool person desk order figure january february "
                       "march april may june july august september october november december"));
    static const QSet<QString> prepositions{
        QStringLiteral("in"),      QStringLiteral("about"),  QStringLiteral("from"), QStringLiteral("with"),
        QStringLiteral("by"),      QStringLiteral("for"),    QStringLiteral("of"),   QStringLiteral("on"),
        QStringLiteral("without"), QStringLiteral("during"), QStringLiteral("not")};
    QStringList unused;
    const std::vector<Word> asked = wordsOf(question.left(2000));
    for (size_t i = 1; i < asked.size(); ++i) {
        const Word &word = asked[i];
        const bool named = question[word.from].isUpper();
        if (word.isStop || word.isNumber || isRequestVerb(word.lower) || numberFromWord(word.lower) >= 0
            || known.contains(word.stem) || !(named || prepositions.contains(asked[i - 1].lower)))
            continue;
        const QString shown = question.mid(word.from, word.length);
        if (!unused.contains(shown) && unused.size() < 4)
            unused.append(shown);
    }
    return unused;
}

} // namespace lathe::offline
