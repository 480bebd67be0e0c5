// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineWriting.h"

#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineFacts.h"
#include "core/llm/OfflineJson.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflinePatterns.h"
#include "core/llm/OfflineResults.h"
#include "core/llm/OfflineTeam.h"
#include "core/llm/OfflineText.h"

namespace lathe::offline {

namespace {

QRegularExpression words(const char *alternatives)
{
    return expression(QStringLiteral("\\b(?:%1)\\b").arg(QLatin1String(alternatives)));
}

// Work that needs a language model: nothing that is read off a text would do.
bool needsInvention(const QString &ask)
{
    static const auto invention =
        words("translate|translation|poem|haiku|story|joke|song|lyrics|riddle|limerick|python|javascript|"
              "c\\+\\+|source code|a program|a script|roleplay|imagine");
    return invention.match(ask.left(600)).hasMatch();
}

bool isGreeting(const QString &text)
{
    static const QSet<QString> greetings{QStringLiteral("hi"),    QStringLiteral("hello"),
                                         QStringLiteral("hey"),   QStringLiteral("hallo"),
                                         QStringLiteral("hola"),  QStringLiteral("thanks"),
                                         QStringLiteral("thank"), QStringLiteral("bonjour")};
    const auto all = wordsOf(text.left(200));
    return !all.empty() && all.size() <= 4 && greetings.contains(all.front().lower);
}

// "name: what belongs there" lines of a <routes> tag.
QStringList routeNames(const Reading &reading)
{
    QStringList names;
    for (const QString &line : reading.tags.value(QStringLiteral("routes")).split(u'\n')) {
        QString name = line.section(u':', 0, 0).trimmed();
        while (name.startsWith(u'-') || name.startsWith(u'*') || name.startsWith(u' '))
            name.remove(0, 1);
        if (!name.isEmpty() && countWords(name) <= 4 && line.contains(u':'))
            names.append(name);
    }
    return names;
}

QString withQuery(QString text, const Findings &findings, const Wishes &wishes)
{
    if (!wishes.showQuery || findings.queries.isEmpty())
        return fitted(text, wishes);
    Wishes rest = wishes;
    const QString queries = findings.queries.join(QLatin1String("; "));
    if (rest.words > 0)
        rest.words = std::max(10, rest.words - countWords(queries) - 1);
    return fitted(text, rest)
           + (wishes.markdown ? QStringLiteral("\n\nQuery: `%1`").arg(queries)
                              : QStringLiteral("\n\nQuery: %1").arg(queries));
}

// Figures and rows from tools: the first finding leads, longer lists become bullets.
QString fromFindings(const Reading &reading, const Findings &findings)
{
    if (findings.isEmpty()) {
        QString text =
            reading.fallback.isEmpty() ? QStringLiteral("I could not find this out.") : reading.fallback;
        return text + u'\n' + findings.failures.join(u'\n');
    }
    QStringList points = findings.points;
    for (const QString &failure : findings.failures)
        points.append(failure);
    QString text;
    const Wishes &wishes = reading.wishes;
    if (wishes.list || wishes.sentences > 0 || points.size() <= 2) {
        text = shaped(points, wishes);
    } else {
        // A lead sentence, if there is one, then the rest as a list.
        QStringList lines;
        for (int i = 0; i < points.size(); ++i) {
            const bool sentence = points[i].endsWith(u'.');
            lines.append(sentence ? points[i] : QStringLiteral("- ") + points[i]);
        }
        text = lines.join(u'\n');
    }
    return withQuery(text, findings, wishes);
}

// "1. task\nResult: text" blocks of a finished plan.
struct DoneStep {
    QString task;
    QString result;
};
QList<DoneStep> doneSteps(const QString &done)
{
    QList<DoneStep> steps;
    static const QRegularExpression start = expression(QStringLiteral("^\\s*\\d{1,3}[.)]\\s+(.*)$"), true);
    bool inResult = false;
    for (const QString &line : done.split(u'\n')) {
        const auto match = start.match(line);
        if (line.startsWith(QLatin1String("Result:"), Qt::CaseInsensitive)) {
            if (steps.isEmpty())
                steps.append(DoneStep());
            steps.last().result = line.mid(7).trimmed();
            inResult = true;
        } else if (match.hasMatch() && (!inResult || steps.isEmpty() || !steps.last().result.isEmpty())) {
            steps.append({match.captured(1).trimmed(), {}});
            inResult = false;
        } else if (!line.trimmed().isEmpty() && !steps.isEmpty()) {
            steps.last().result +=
                (steps.last().result.isEmpty() ? QString() : QStringLiteral("\n")) + line.trimmed();
        }
    }
    return steps;
}

QString fromPlan(const Reading &reading)
{
    const QString done = reading.tags.value(QStringLiteral("done"));
    const QList<DoneStep> steps = doneSteps(done);
    if (steps.isEmpty())
        return done.trimmed().isEmpty() ? fallbackText(reading)
                                        : shaped(bestSentences(done, 5), reading.wishes);
    QStringList results, open;
    for (const DoneStep &step : steps) {
        const bool failed =
            step.result.isEmpty() || step.result.contains(QLatin1String("could not"), Qt::CaseInsensitive)
            || step.result == reading.fallback || step.result.contains(QLatin1String(" failed: "));
        if (failed)
            open.append(step.task);
        else
            results.append(step.result);
    }
    results.removeDuplicates();
    QString text;
    if (results.size() > 1 && !reading.wishes.plain && reading.wishes.sentences == 0) {
        QStringList lines;
        for (const DoneStep &step : steps) {
            if (!results.contains(step.result))
                continue;
            const QStringList rows = step.result.split(u'\n', Qt::SkipEmptyParts);
            if (rows.size() == 1) {
                lines.append(rows.first().startsWith(QLatin1String("- "))
                                 ? rows.first()
                                 : QStringLiteral("- ") + rows.first());
                continue;
            }
            lines.append(QStringLiteral("- %1:").arg(step.task));
            for (const QString &row : rows)
                lines.append(row.trimmed().startsWith(QLatin1String("- "))
                                 ? QStringLiteral("  ") + row.trimmed()
                                 : QStringLiteral("  - ") + row.trimmed());
        }
        text = lines.join(u'\n');
    } else {
        QStringList points = results.join(u'\n').split(u'\n', Qt::SkipEmptyParts);
        for (QString &point : points)
            point = point.startsWith(QLatin1String("- ")) ? point.mid(2) : point;
        const bool form = reading.wishes.sentences > 0 || (reading.wishes.list && points.size() > 1);
        text = form ? shaped(points, reading.wishes) : results.join(u'\n');
    }
    if (results.isEmpty())
        text = fallbackText(reading);
    if (!open.isEmpty())
        text += QStringLiteral("\n\nStill open: %1").arg(open.join(QLatin1String("; ")));
    return fitted(text, reading.wishes);
}

QString countsOf(const QString &text, const QString &ask)
{
    QStringList facts;
    if (containsPhrase(ask, QStringLiteral("words")))
        facts.append(QStringLiteral("%1 words").arg(countWords(text)));
    if (containsPhrase(ask, QStringLiteral("sentences")))
        facts.append(QStringLiteral("%1 sentences").arg(sentencesOf(text, 100'000).size()));
    if (containsPhrase(ask, QStringLiteral("characters")))
        facts.append(QStringLiteral("%1 characters").arg(text.size()));
    if (containsPhrase(ask, QStringLiteral("lines")))
        facts.append(QStringLiteral("%1 lines").arg(text.trimmed().count(u'\n') + 1));
    return facts.isEmpty() ? QString()
                           : QStringLiteral("The text has %1.").arg(facts.join(QLatin1String(", ")));
}

// "Extract all e-mail addresses" and the like.
std::optional<QStringList> extractedFacts(const QString &ask, const QString &text)
{
    static const QRegularExpression extraction = expression(
        QStringLiteral("\\b(?:extract|list|find|give|get|name|collect|what|which)(?: me| out)?(?: all| "
                       "every| the| any| are| of)*(?: [a-z]+){0,2}? "
                       "(e-?mails?|e-?mail addresses|urls?|links|web addresses|dates|phone numbers|order "
                       "numbers?|invoice numbers?|ticket numbers?|references|numbers|figures|amounts)\\b"));
    const auto match = ask.size() < 600 ? extraction.match(ask) : QRegularExpressionMatch();
    if (!match.hasMatch())
        return std::nullopt;
    const QString wanted = match.captured(1).toLower();
    if (wanted.contains(QLatin1String("mail")))
        return findEmails(text);
    if (wanted.startsWith(QLatin1String("url")) || wanted == QLatin1String("links")
        || wanted.startsWith(QLatin1String("web")))
        return findUrls(text);
    if (wanted == QLatin1String("dates"))
        return findDates(text);
    if (wanted.startsWith(QLatin1String("phone")))
        return findPhones(text);
    if (wanted != QLatin1String("numbers") && wanted != QLatin1String("figures")
        && wanted != QLatin1String("amounts"))
        return findReferences(text);
    QStringList found;
    for (const NumberFact &fact : findNumbers(text))
        found.append(oneLine(text.mid(fact.from, fact.length) + u' ' + fact.unit));
    return found;
}

// Values as they are, not made sentences.
QString listed(const QStringList &values, const Wishes &wishes)
{
    const QStringList shown = values.mid(0, wishedPoints(wishes, 100));
    return fitted(wishes.list ? QStringLiteral("- ") + shown.join(QLatin1String("\n- "))
                              : shown.join(QLatin1String(", ")),
                  wishes);
}

// Numbered passages with the number, as "[2]", behind each sentence taken from them.
QString cited(const QString &question, const QString &passages, const Wishes &wishes)
{
    static const QRegularExpression mark =
        expression(QStringLiteral("(?:^|\\n)\\s*(?:\\[(\\d{1,3})\\]|(\\d{1,3})[.):])\\s*"), true);
    QStringList numbers, texts;
    qsizetype from = 0;
    for (auto matches = mark.globalMatch(passages); matches.hasNext();) {
        const auto match = matches.next();
        if (!numbers.isEmpty())
            texts.append(passages.mid(from, match.capturedStart() - from));
        numbers.append(match.captured(1) + match.captured(2));
        from = match.capturedEnd();
    }
    if (!numbers.isEmpty())
        texts.append(passages.mid(from));
    QStringList answer;
    for (const QString &sentence : answeringSentences(question, passages, wishedPoints(wishes, 3))) {
        QString source;
        static const QRegularExpression number =
            expression(QStringLiteral("^\\[?\\d{1,3}[\\].):]\\s*"), true);
        const QString plain = QString(sentence).remove(number);
        for (int i = 0; i < texts.size() && source.isEmpty(); ++i) {
            if (oneLine(texts[i]).contains(plain))
                source = numbers[i];
        }
        answer.append(source.isEmpty() ? asSentence(plain)
                                       : QStringLiteral("%1 [%2]").arg(asSentence(plain), source));
    }
    return answer.join(u' ');
}

QString answered(const Reading &reading, const QString &question, const QString &text, const Focus &focus)
{
    if (reading.wishes.citations && reading.tags.contains(QStringLiteral("passages")))
        return cited(question, reading.tags.value(QStringLiteral("passages")), reading.wishes);
    QStringList best = answeringSentences(question, text, wishedPoints(reading.wishes, 3));
    // "Which of these ..., in three bullets" needs more than what answers directly.
    const int wanted = reading.wishes.pointsExact ? reading.wishes.points : 0;
    if (!best.isEmpty() && best.size() < wanted) {
        for (const QString &sentence : bestSentences(text, wanted * 2, focus)) {
            if (best.size() < wanted && !best.contains(sentence))
                best.append(sentence);
        }
    }
    return best.isEmpty() ? QString() : shaped(best, reading.wishes);
}

bool roomFor(const QString &text, const Wishes &wishes)
{
    return wishes.words > 0 && wishes.points == 0 && wishes.sentences == 0
           && countWords(text) + countWords(wishes.startsWith) <= wishes.words;
}

void urgentToFront(QStringList &points)
{
    const auto urgency = [](const QString &point) {
        return urgencyOf(point).level * 10 - std::clamp(sentimentOf(point), -4, 4);
    };
    const auto most = std::max_element(points.begin(), points.end(), [&](const QString &a, const QString &b) {
        return urgency(a) < urgency(b);
    });
    if (most != points.end())
        std::rotate(points.begin(), most, most + 1);
}

QString fallbackOr(const Reading &reading, const QString &text)
{
    return reading.fallback.isEmpty() ? text : fallbackText(reading);
}

} // namespace

QString fallbackText(const Reading &reading)
{
    if (!reading.fallback.isEmpty()) {
        // 'Say "I do not know."' gives the quoted text; anything else is said as it is written.
        static const QRegularExpression say = expression(
            QStringLiteral("^(?:say|answer|reply|write|respond)[^\"“]{0,30}[\"“]([^\"”]{1,400})[\"”]"));
        const auto match = say.match(reading.fallback);
        return match.hasMatch() ? match.captured(1) : reading.fallback;
    }
    return QStringLiteral("I can not do this: the offline model knows nothing of its own and only works "
                          "with the text it is given. "
                          "Give it the text to work on, or choose a connection to a language model.");
}

QString workText(const Reading &reading)
{
    if (reading.hasMaterial())
        return reading.material;
    return reading.ask;
}

QString writtenAnswer(const Reading &reading, const Focus &givenFocus)
{
    if (const auto answer = teamAnswer(reading))
        return *answer;
    Focus focus = givenFocus;
    focus.stems += stemsOf(reading.instructions.left(2000));
    for (const auto tag : {"routes", "passages", "facts", "data"})
        focus.stems -= stemsOf(QLatin1String(tag));

    QStringList labels = reading.wishes.labels;
    if (labels.isEmpty())
        labels = routeNames(reading);
    const QString text = workText(reading);
    if (!labels.isEmpty() && reading.exchanges.empty())
        return text.trimmed().isEmpty()
                   ? fallbackText(reading)
                   : chosenLabel(labels, text,
                                 reading.instructions + u'\n' + reading.tags.value(QStringLiteral("routes"))
                                     + u'\n' + reading.ask);
    if (!reading.exchanges.empty()) {
        const Findings findings = findingsOf(reading);
        if (!findings.isEmpty() || !findings.failures.isEmpty())
            return fromFindings(reading, findings);
    }
    if (reading.work == Work::PlanAnswer)
        return fromPlan(reading);
    if (text.trimmed().isEmpty() && reading.background.trimmed().isEmpty())
        return fallbackText(reading);
    if (isGreeting(text) && !reading.wishes.letter)
        return QStringLiteral("Hello. I am Lathe's offline model: I summarise, sort, answer from the text "
                              "I am given, plan and call tools by rule. "
                              "What shall I work on?");
    if (reading.wishes.letter)
        return replyTo(text, reading);
    if (needsInvention(reading.ask) || (reading.hasMaterial() && needsInvention(reading.instructions)))
        return fallbackText(reading);
    if (reading.wishes.counts && reading.hasMaterial()) {
        if (const QString counts = countsOf(reading.material, reading.ask + u' ' + reading.instructions);
            !counts.isEmpty())
            return fitted(counts, reading.wishes);
    }
    static const auto review = words("review (?:the|this|a) (?:draft|text|article|answer|document|reply)");
    if (review.match(reading.instructions + u' ' + (reading.hasMaterial() ? reading.ask : QString()))
            .hasMatch()) {
        Reading judged = reading;
        judged.tags.insert(QStringLiteral("draft"), text);
        judged.tags.insert(QStringLiteral("task"), QString());
        judged.material.clear();
        judged.wishes = Wishes(); // they are about the review
        const QStringList points = critiqueOf(judged).split(u'\n').mid(1);
        return points.isEmpty() ? QStringLiteral("The draft keeps every rule that can be checked without a "
                                                 "language model: lengths, sections and figures.")
                                : fitted(points.join(u'\n'), reading.wishes);
    }
    const QString source = reading.hasMaterial()                    ? reading.material
                           : reading.background.trimmed().isEmpty() ? reading.ask
                                                                    : reading.background;
    // Several lines are messages even when the last of them asks something.
    const bool isMaterial = reading.hasMaterial() || !isRequest(reading.ask) || reading.ask.trimmed().contains(u'\n');
    if (isMaterial && reading.wishes.headings.isEmpty() && !reading.wishes.title && reading.tools.empty()) {
        if (const auto messages = messagesOfKind(reading.instructions, source))
            return messages->isEmpty() ? fallbackOr(reading, QStringLiteral("There are none in the text."))
                                       : shaped(*messages, reading.wishes);
    }
    if (reading.hasMaterial() || !isRequest(reading.ask)) {
        if (const auto facts =
                extractedFacts(reading.hasMaterial() ? reading.ask : reading.instructions, text))
            return facts->isEmpty() ? fallbackText(reading) : listed(*facts, reading.wishes);
        if (reading.wishes.keywords)
            return listed(keywordsOf(text, wishedPoints(reading.wishes, 8)), reading.wishes);
    }
    const bool question =
        reading.ask.trimmed().endsWith(u'?') || (isRequest(reading.ask) && !reading.hasMaterial());
    if (question && countWords(reading.ask) < 120) {
        // A step of a plan may build on what was found before.
        const QString done =
            reading.work == Work::PlanStep ? reading.tags.value(QStringLiteral("done")) + u'\n' : QString();
        const QString material = reading.hasMaterial() ? reading.material : done + reading.background;
        const QString answer = answered(reading, reading.ask, material, focus);
        if (!answer.isEmpty())
            return answer;
        static const auto digest =
            words("summar\\w+|condense|digest|overview|key points|main "
                  "points|tl;dr|gist|shorten|bullets?|points|report|write|note|draft");
        if (!digest.match(reading.ask).hasMatch() || material.trimmed().isEmpty())
            return fallbackText(reading);
        return shaped(bestSentences(material, wishedPoints(reading.wishes, 3), focus), reading.wishes);
    }
    if (!reading.wishes.headings.isEmpty() || reading.wishes.title)
        return digestOf(source, reading, focus);
    const int usual = std::clamp(int(sentencesOf(text, 60).size() + 2) / 3, 1, 5);
    QStringList best = groupedItems(text, reading.wishes.sentences);
    if (reading.wishes.words > 0 && countWords(best.join(u' ')) > reading.wishes.words)
        best.clear();
    if (best.isEmpty() && reading.wishes.note && roomFor(text, reading.wishes))
        best = sentencesOf(text, 200);
    if (best.isEmpty())
        best = bestSentences(text, wishedPoints(reading.wishes, usual), focus);
    if (best.isEmpty())
        return fallbackText(reading);
    if (reading.wishes.urgentFirst)
        urgentToFront(best);
    return shaped(best, reading.wishes);
}

} // namespace lathe::offline
