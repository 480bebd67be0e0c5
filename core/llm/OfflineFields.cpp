// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineFields.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineRequest.h"
#include "core/llm/OfflineSummary.h"
#include "core/llm/OfflineTeam.h"
#include "core/llm/OfflineText.h"

#include <cmath>

namespace lathe::offline {

namespace {

QJsonValue orNothing(const QStringList &found)
{
    return found.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(found.first());
}

// The sentence that says most, as the summary of a short message; of two the first and the best.
QString summaryOf(const QString &text, int limit)
{
    QStringList best = bestSentences(text, limit > 240 ? 3 : 2);
    if (best.isEmpty())
        return firstCharacters(oneLine(text), limit);
    QString summary = best.join(u' ');
    while (best.size() > 1 && summary.size() > limit) {
        best.removeLast();
        summary = best.join(u' ');
    }
    return firstCharacters(summary, limit);
}

} // namespace

FieldFacts::FieldFacts(JsonSource source)
    : m_source(std::move(source)), m_text(capped(m_source.text, 20'000))
{
}

QString FieldFacts::byPattern(const QJsonObject &schema) const
{
    const QString wanted = schema.value(QLatin1String("pattern")).toString();
    // A foreign pattern may be a trap: few and short candidates, and a limit on its work.
    const QRegularExpression foreign =
        expression(QStringLiteral("(*LIMIT_MATCH=20000)") + wanted.left(500), true);
    if (!foreign.isValid())
        return {};
    QStringList candidates =
        findReferences(m_text) + findDates(m_text) + findEmails(m_text) + findUrls(m_text);
    for (const QString &piece : m_text.left(8000).split(u' ', Qt::SkipEmptyParts)) {
        if (candidates.size() > 300)
            break;
        QString word = piece.trimmed().left(64);
        while (!word.isEmpty() && QStringView(u".,;:!?()\"'").contains(word.back()))
            word.chop(1);
        if (!word.isEmpty() && !word.contains(u'\n'))
            candidates.append(word);
    }
    for (const QString &candidate : std::as_const(candidates)) {
        if (foreign.match(candidate.left(200)).hasMatch())
            return candidate.left(200);
    }
    for (const QJsonValue &example : schema.value(QLatin1String("examples")).toArray()) {
        if (foreign.match(example.toString().left(200)).hasMatch())
            return example.toString();
    }
    const QString standard = schema.value(QLatin1String("default")).toString();
    return foreign.match(standard).hasMatch() ? standard : QString();
}

QJsonValue FieldFacts::text(const QString &name, const QJsonObject &schema) const
{
    if (schema.contains(QLatin1String("pattern"))) {
        const QString found = byPattern(schema);
        return found.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(found);
    }
    const QString description = schema.value(QLatin1String("description")).toString();
    const QSet<QString> named = fieldStems(name, schema);
    const QString format = schema.value(QLatin1String("format")).toString();
    const int limit = int(std::clamp(schema.value(QLatin1String("maxLength")).toDouble(300), 1.0, 2000.0));
    if (namesOneOf(named, {"email", "mail"}) || format == QLatin1String("email"))
        return orNothing(findEmails(m_text));
    if (namesOneOf(named, {"url", "link", "uri", "website"}) || format == QLatin1String("uri"))
        return orNothing(findUrls(m_text));
    if (namesOneOf(named, {"phone", "telephone"}))
        return orNothing(findPhones(m_text));
    if (format == QLatin1String("date-time")) {
        const QStringList dates = findDates(m_text);
        return dates.isEmpty() ? QJsonValue(QJsonValue::Undefined)
                               : QJsonValue(dates.first() + QLatin1String("T00:00:00Z"));
    }
    if (namesOneOf(named, {"date", "day", "deadline", "due", "when"}) || format == QLatin1String("date"))
        return orNothing(findDates(m_text));
    if (namesOneOf(named, {"order", "invoice", "ticket", "reference", "number", "id", "case"})
        && !namesOneOf(named, {"summary", "request"}))
        return orNothing(findReferences(m_text));
    if (namesOneOf(named, {"currency"})) {
        for (const NumberFact &fact : findNumbers(m_text)) {
            if (!fact.unit.isEmpty() && fact.unit != QLatin1String("%"))
                return fact.unit;
        }
        return QJsonValue::Undefined;
    }
    if (namesOneOf(named, {"language", "lang", "locale"})) {
        const QString language = languageOf(m_text);
        return language.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(language);
    }
    if (namesOneOf(named, {"name", "customer", "person", "author", "sender", "contact"})
        && !namesOneOf(named, {"product", "area"})) {
        const QString person = findPersonName(m_text);
        return person.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(person);
    }
    if (namesOneOf(named, {"sentiment", "mood", "feeling"}))
        return chosenLabel(
            {QStringLiteral("positive"), QStringLiteral("neutral"), QStringLiteral("negative")}, m_text,
            {});
    if (namesOneOf(named, {"priority", "urgency", "severity"}))
        return chosenLabel({QStringLiteral("low"), QStringLiteral("normal"), QStringLiteral("high"),
                            QStringLiteral("urgent")},
                           m_text, {});
    if (namesOneOf(named, {"area", "category", "topic", "component", "label", "class", "route", "team",
                           "department", "type", "kind"})) {
        // The instructions may list the choices: "Choose the area from this list: A, B, C".
        static const QRegularExpression listed = expression(QStringLiteral(
            "\\b(?:from this list|one of(?: these| the following)?|the "
            "(?:areas|categories|topics|labels|routes|types) are)\\s*:?\\s*([^.\\n]{3,400})"));
        if (const auto match = listed.match(m_source.instructions); match.hasMatch()) {
            static const QRegularExpression comma =
                expression(QStringLiteral("\\s*(?:,\\s*or\\s+|,\\s*and\\s+|,|;|\\bor\\b)\\s*"), true);
            QStringList labels;
            for (const QString &label : match.captured(1).split(comma, Qt::SkipEmptyParts)) {
                if (countWords(label) <= 4)
                    labels.append(label.trimmed());
            }
            if (labels.size() >= 2)
                return chosenLabel(labels, m_text, m_source.instructions);
        }
        const QStringList keywords = keywordsOf(m_text, 1);
        return orNothing(keywords);
    }
    if (namesOneOf(named, {"reason", "reasons", "explanation", "rationale", "why", "because", "evidence",
                           "quote", "justification"})) {
        const QString judged = m_source.judged.isEmpty() ? m_text : m_source.judged;
        if (m_source.judged.isEmpty()) {
            const QStringList best = bestSentences(judged, 1);
            return best.isEmpty() ? QJsonValue(QJsonValue::Undefined)
                                  : QJsonValue(firstCharacters(
                                      QStringLiteral("It says: “%1”").arg(best.first()), limit));
        }
        const QStringList best = bestSentences(judged, 1, {stemsOf(m_source.rubric.left(4000)), 2.0});
        return firstCharacters(
            QStringLiteral(
                "Judged by overlap with the rubric and the question (%1 of 100). The answer says: “%2”")
                .arg(int(std::lround(judgement() * 100)))
                .arg(best.isEmpty() ? QString() : best.first()),
            limit);
    }
    if (namesOneOf(named, {"advice", "improvement", "suggestion", "critique", "problem"}) && !m_source.judged.isEmpty()) {
        if (const auto review = reviewed(); review && !review->advice.isEmpty())
            return firstCharacters(review->advice, limit);
        else if (review)
            return QStringLiteral("Nothing to change.");
    }
    if (namesOneOf(named, {"title", "subject", "headline", "heading"})) {
        const QStringList best = bestSentences(m_text, 1);
        return best.isEmpty()
                   ? QJsonValue(QJsonValue::Undefined)
                   : QJsonValue(firstCharacters(firstWords(best.first(), 10), std::min(limit, 90)));
    }
    if (namesOneOf(named, {"summary", "abstract", "gist", "answer", "text", "description", "message",
                           "result", "conclusion", "overview", "content", "report", "input", "line"}))
        return summaryOf(m_text, limit);
    if (namesOneOf(named, {"request", "ask", "wish", "wants", "action", "next", "recommendation"})) {
        static const QRegularExpression wish = expression(
            QStringLiteral("\\b(?:please|could you|can you|can we|would like|we need|i need|we want|i "
                           "want|ask(?:s|ing)? for|bitte|por favor|need(?:s)? to|should)\\b|\\?$"));
        for (const QString &sentence : sentencesOf(m_text, 200)) {
            if (wish.match(sentence).hasMatch())
                return firstCharacters(oneLine(sentence), limit);
        }
        return summaryOf(m_text, limit);
    }
    // Any other field: "Name: value" in the text, else the sentence that shares the most words with the field.
    const QRegularExpression labelled =
        expression(QStringLiteral("(?:^|\\n)\\s*[-*]?\\s*%1\\s*[:=]\\s*([^\\n]{1,300})")
                       .arg(QRegularExpression::escape(QString(name.left(60)).replace(u'_', u' '))));
    if (const auto match = labelled.match(m_text); match.hasMatch())
        return firstCharacters(match.captured(1).trimmed(), limit);
    if (name.isEmpty())
        return summaryOf(m_text, limit);
    const QString question = QString(name).replace(u'_', u' ') + u' ' + description;
    const QStringList best = answeringSentences(question, m_text, 1);
    if (!best.isEmpty())
        return firstCharacters(best.first(), limit);
    return QJsonValue::Undefined;
}

std::optional<Review> FieldFacts::reviewed() const
{
    if (m_source.judged.isEmpty())
        return std::nullopt;
    return reviewOf(m_source.rubric.isEmpty() ? m_source.instructions : m_source.rubric, m_text,
                    capped(m_source.judged, 20'000));
}

double FieldFacts::judgement() const
{
    if (const auto review = reviewed())
        return review->share;
    const QString judged = m_source.judged.isEmpty() ? m_text : m_source.judged;
    const QSet<QString> words = stemsOf(capped(judged, 20'000));
    QSet<QString> wanted =
        stemsOf((m_source.rubric.isEmpty() ? m_source.instructions : m_source.rubric).left(8000));
    const QSet<QString> asked = stemsOf(m_text.left(8000));
    if (words.isEmpty())
        return 0;
    // A rubric of general words ("correct, complete") tells nothing by overlap; then the question must do.
    wanted -= stemsOf(
        QStringLiteral("grade answer question user message tag material rubric point quote miss meet score "
                       "doubt lower correct correctly complete completely "
                       "addition good nothing improve acceptable useless true reason two ask holds five"));
    const double question = overlap(asked, words);
    const double rubric = wanted.size() < 3 ? 0.4 + 0.4 * question : overlap(wanted, words);
    const double length = std::min(1.0, words.size() / 15.0);
    const bool figures = m_text.contains(QLatin1String("how "), Qt::CaseInsensitive)
                         && std::any_of(judged.begin(), judged.end(),
                                        [](QChar c) { return c.isDigit(); }); // "how long", "how many"
    return std::clamp(0.2 + 1.2 * rubric + 0.5 * question + (figures ? 0.2 : 0.0), 0.0, 1.0)
           * (0.4 + 0.6 * (figures ? 1.0 : length));
}

QJsonValue FieldFacts::number(const QString &name, const QJsonObject &schema, bool integer) const
{
    const QSet<QString> named = fieldStems(name, schema);
    const double low = schema.value(QLatin1String("minimum")).toDouble(0);
    const double high = schema.value(QLatin1String("maximum"))
                            .toDouble(namesOneOf(named, {"confidence", "probability"}) ? 1
                                      : integer                                        ? 5
                                                                                       : 1);
    if (namesOneOf(named, {"score", "rating", "grade", "stars", "quality"})) {
        if (m_source.judged.isEmpty()
            && !namesOneOf(named, {"quality", "grade"})) { // of a message: how content the writer is
            const double mood = std::clamp((sentimentOf(m_text) + 4) / 8.0, 0.0, 1.0);
            return low + mood * (high - low);
        }
        return low + judgement() * (high - low);
    }
    if (namesOneOf(named, {"confidence", "probability", "certainty"})) {
        const double words = std::min(1.0, stemsOf(m_text.left(4000)).size() / 20.0);
        return low + (0.4 + 0.4 * words) * (high - low);
    }
    if (namesOneOf(named, {"urgency", "priority", "severity"}))
        return low + urgencyOf(m_text).level / 3.0 * (high - low);
    if (namesOneOf(named, {"word", "words"}) && namesOneOf(named, {"count", "number", "word"}))
        return countWords(m_text);
    const auto numbers = findNumbers(m_text);
    if (namesOneOf(named, {"amount", "price", "cost", "total", "sum", "value"})) {
        for (const NumberFact &fact : numbers) {
            if (!fact.unit.isEmpty() && fact.unit != QLatin1String("%"))
                return fact.value;
        }
    }
    // The number nearest to a word of the field's name or description.
    const QSet<QString> about = fieldStems(name, schema, true);
    const NumberFact *best = nullptr;
    qsizetype bestDistance = 60;
    const std::vector<Word> words = wordsOf(m_text.left(8000));
    for (const NumberFact &fact : numbers) {
        for (const Word &word : words) {
            if (word.isStop || !about.contains(word.stem))
                continue;
            if (const qsizetype distance = std::abs(word.from - fact.from); distance < bestDistance) {
                best = &fact;
                bestDistance = distance;
            }
        }
    }
    return best ? QJsonValue(best->value) : QJsonValue(QJsonValue::Undefined);
}

QJsonValue FieldFacts::truth(const QString &name, const QJsonObject &schema) const
{
    const QSet<QString> named = fieldStems(name, schema);
    if (namesOneOf(named, {"passed", "pass", "correct", "ok", "good", "acceptable"}))
        return judgement() >= 0.7;
    if (namesOneOf(named, {"urgent", "escalate", "critical"}))
        return urgencyOf(m_text).level >= 3;
    if (namesOneOf(named, {"negative", "complaint", "unhappy", "angry"}))
        return sentimentOf(m_text) < 0;
    if (namesOneOf(named, {"positive", "praise", "satisfied", "happy"}))
        return sentimentOf(m_text) > 0;
    if (namesOneOf(named, {"question", "reply", "answer"}))
        return m_text.contains(u'?') || urgencyOf(m_text).level >= 2;
    QSet<QString> wanted;
    static const QSet<QString> helpers{
        QStringLiteral("is"),   QStringLiteral("ha"),      QStringLiteral("need"),
        QStringLiteral("want"), QStringLiteral("contain"), QStringLiteral("mention"),
        QStringLiteral("true"), QStringLiteral("should"),  QStringLiteral("request")};
    QSet<QString> related;
    for (const QString &stem : named) {
        if (!helpers.contains(stem)) {
            wanted.insert(stem);
            const QStringList more = relatedStems(stem);
            related += QSet<QString>(more.begin(), more.end());
        }
    }
    const QSet<QString> words = stemsOf(m_text);
    return overlap(wanted, words) >= 0.5 || related.intersects(words);
}

QJsonValue FieldFacts::choice(const QString &name, const QJsonObject &schema,
                              const QJsonArray &values) const
{
    QStringList labels;
    bool null = false;
    for (const QJsonValue &value : values) {
        if (value.isString())
            labels.append(value.toString());
        else if (value.isNull())
            null = true;
    }
    if (labels.isEmpty()) {
        // Numbers, such as a scale of 1 to 5: the one nearest to what a number field would get.
        const QJsonValue wanted = number(name, schema, true);
        const QJsonValue *best = nullptr;
        QList<QJsonValue> list(values.begin(), values.end());
        for (const QJsonValue &value : list) {
            if (value.isDouble()
                && (!best
                    || std::abs(value.toDouble() - wanted.toDouble(0))
                           < std::abs(best->toDouble() - wanted.toDouble(0))))
                best = &value;
        }
        return best ? *best : values.first();
    }
    double score = 0;
    const QString label = chosenLabel(
        labels, m_text,
        m_source.instructions + u'\n' + schema.value(QLatin1String("description")).toString(), &score);
    if (score <= 0 && null)
        return QJsonValue::Null;
    return label;
}

} // namespace lathe::offline
