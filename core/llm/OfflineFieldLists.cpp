// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of FieldFacts that give several values, and how a field's name is read.
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineFields.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflinePatterns.h"
#include "core/llm/OfflineSummary.h"
#include "core/llm/OfflineText.h"

namespace lathe::offline {

QSet<QString> fieldStems(const QString &name, const QJsonObject &schema, bool description)
{
    QString spoken = name;
    static const QRegularExpression hump = expression(QStringLiteral("([a-z])([A-Z])"), true);
    spoken.replace(hump, QStringLiteral("\\1 \\2")).replace(u'_', u' ').replace(u'-', u' ');
    QSet<QString> stems;
    for (const Word &word : wordsOf(spoken.left(200)))
        stems.insert(word.stem);
    if (description)
        stems += stemsOf(schema.value(QLatin1String("description")).toString().left(500));
    return stems;
}

bool namesOneOf(const QSet<QString> &stems, std::initializer_list<const char *> names)
{
    return std::any_of(names.begin(), names.end(),
                       [&](const char *name) { return stems.contains(stemOf(QString::fromLatin1(name))); });
}

QJsonArray FieldFacts::choices(const QString &name, const QJsonObject &items) const
{
    QJsonArray chosen;
    const QSet<QString> words = stemsOf(m_text);
    for (const QJsonValue &value : items.value(QLatin1String("enum")).toArray()) {
        const QString label = value.toString();
        const QStringList related = relatedStems(label);
        int hits = 0;
        for (const QString &stem : related)
            hits += words.contains(stem) ? 1 : 0;
        if (overlap(stemsOf(QString(label).replace(u'_', u' ')), words) >= 1.0 || hits >= 2)
            chosen.append(value);
    }
    if (chosen.isEmpty()) {
        const QJsonValue best = choice(name, items, items.value(QLatin1String("enum")).toArray());
        if (!best.isNull())
            chosen.append(best);
    }
    return chosen;
}

QStringList FieldFacts::texts(const QString &name, const QJsonObject &schema, int count) const
{
    const QSet<QString> named = fieldStems(name, schema);
    if (namesOneOf(named, {"emails", "mails"}))
        return findEmails(m_text).mid(0, count);
    if (namesOneOf(named, {"urls", "links", "sources"}))
        return findUrls(m_text).mid(0, count);
    if (namesOneOf(named, {"dates"}))
        return findDates(m_text).mid(0, count);
    if (namesOneOf(named, {"quotes", "quotations"})) {
        const QStringList quoted = findQuoted(m_text);
        return quoted.isEmpty() ? bestSentences(m_text, count) : quoted.mid(0, count);
    }
    if (namesOneOf(named, {"steps", "tasks"}) && isRequest(sentencesOf(m_text, 1).value(0)))
        return stepsOf(m_text).mid(0, count); // an order is planned, a text is searched for steps
    if (namesOneOf(named, {"points", "issues", "problems", "actions", "steps", "findings", "facts",
                           "sentences", "highlights", "complaints", "requests", "summary", "bullets",
                           "questions", "reasons", "items", "tasks", "examples", "evidence"}))
        return bestSentences(m_text, count);
    return keywordsOf(m_text, count);
}

std::vector<double> FieldFacts::numbers() const
{
    std::vector<double> values;
    for (const NumberFact &fact : findNumbers(m_text))
        values.push_back(fact.value);
    return values;
}

QStringList FieldFacts::records(int count) const
{
    QStringList records;
    static const QRegularExpression paragraph = expression(QStringLiteral("\\n\\s*\\n"), true);
    const QStringList paragraphs = m_text.split(paragraph, Qt::SkipEmptyParts);
    const QStringList lines = m_text.split(u'\n', Qt::SkipEmptyParts);
    const QStringList source = lines.size() > 1        ? lines
                               : paragraphs.size() > 1 ? paragraphs
                                                       : sentencesOf(m_text, count);
    for (const QString &record : source) {
        if (records.size() >= count)
            break;
        if (!record.trimmed().isEmpty())
            records.append(record.trimmed());
    }
    return records;
}

} // namespace lathe::offline
