// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflinePatterns.h"

#include "core/base/Json.h"
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineFacts.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineText.h"
#include "core/llm/OfflineWriting.h"

namespace lathe::offline {

namespace {

int maxSteps(const QString &text)
{
    static const QRegularExpression limit =
        expression(QStringLiteral("\\b(?:at most|up to|no more than|maximum of) "
                                  "(\\d{1,2}|two|three|four|five|six|seven|eight|nine|ten) steps?\\b"));
    const auto match = limit.match(text);
    return match.hasMatch() ? std::max(1, numberFromWord(match.captured(1).toLower())) : 6;
}

// A clause as a step: connectors go, a verb comes in front when there is none.
QString asStep(QString clause)
{
    static const QRegularExpression lead =
        expression(QStringLiteral("^(?:(?:please|then|and|also|first(?:ly)?|second(?:ly)?|third(?:ly)?|"
                                  "next|finally|lastly|after that|afterwards|now|i (?:want|need|would "
                                  "like)(?: you)? to|can you|could you|you should)\\b[\\s,:]*)+"));
    clause.remove(lead);
    while (!clause.isEmpty() && QStringView(u".,;:! ").contains(clause.back()))
        clause.chop(1);
    const auto words = wordsOf(clause.left(200));
    if (words.empty())
        return {};
    if (isRequestVerb(words.front().lower))
        return capitalised(clause);
    if (isQuestionWord(words.front().lower))
        return QStringLiteral("Find out: %1").arg(clause);
    return QStringLiteral("Work out: %1").arg(clause);
}

QStringList numberedLines(const QString &text)
{
    static const QRegularExpression item =
        expression(QStringLiteral("^\\s*(?:\\d{1,3}[.)]|[-*•])\\s+(.+)$"), true);
    QStringList items;
    for (const QString &line : text.split(u'\n')) {
        const auto match = item.match(line);
        if (match.hasMatch())
            items.append(match.captured(1).trimmed());
    }
    return items;
}

QString numbered(const QStringList &steps, int limit)
{
    QStringList lines;
    for (const QString &step : steps.mid(0, limit))
        lines.append(QStringLiteral("%1. %2").arg(lines.size() + 1).arg(oneLine(step)));
    return lines.join(u'\n');
}

// Figures of the draft that the task does not hold.
QStringList inventedFigures(const QString &draft, const QString &task)
{
    QStringList invented;
    const QSet<QString> known = [&] {
        QSet<QString> set;
        for (const Word &word : wordsOf(task)) {
            if (word.isNumber)
                set.insert(word.lower);
        }
        return set;
    }();
    static const QRegularExpression counted = expression(QStringLiteral("\\d+ of \\d+"), true);
    QString checked = draft;
    checked.remove(counted); // counts of the material itself are the draft's own work
    for (const Word &word : wordsOf(checked)) {
        const bool listNumber = word.lower.size() <= 2 && word.from + word.length < checked.size()
                                && checked[word.from + word.length] == u'.';
        if (word.isNumber && !listNumber && !known.contains(word.lower) && !invented.contains(word.lower))
            invented.append(word.lower);
    }
    return invented;
}

} // namespace

// What a rule that can be checked says about the draft; empty: kept, or not checkable.
QString brokenRule(const Wishes &rule, const QString &draft)
{
    if (rule.words > 0 && countWords(draft) > rule.words)
        return QStringLiteral("Shorten it to at most %1 words; it has %2.")
            .arg(rule.words)
            .arg(countWords(draft));
    if (rule.characters > 0 && draft.size() > rule.characters)
        return QStringLiteral("Shorten it to at most %1 characters; it has %2.")
            .arg(rule.characters)
            .arg(draft.size());
    if (rule.sentences > 0 && sentencesOf(draft).size() > rule.sentences)
        return QStringLiteral("Keep to %1 sentences; it has %2.")
            .arg(rule.sentences)
            .arg(sentencesOf(draft).size());
    static const QRegularExpression bullet =
        expression(QStringLiteral("(?:^|\\n)\\s*(?:[-*•]|\\d{1,3}[.)])\\s"), true);
    if (rule.list && rule.points > 0) {
        int bullets = 0;
        for (auto matches = bullet.globalMatch(draft); matches.hasNext(); matches.next())
            ++bullets;
        if (bullets == 0 || (rule.headings.isEmpty() && bullets > rule.points))
            return QStringLiteral("Write %1 bullets; it has %2.").arg(rule.points).arg(bullets);
    } else if (rule.list && !bullet.match(draft).hasMatch()) {
        return QStringLiteral("Write it as bullets.");
    }
    if (rule.title && !draft.trimmed().startsWith(u'#'))
        return QStringLiteral("Start with a heading.");
    QStringList missing;
    for (const QString &heading : rule.headings) {
        if (!containsPhrase(draft, heading))
            missing.append(QStringLiteral("“%1”").arg(heading));
    }
    return missing.isEmpty() ? QString()
                             : QStringLiteral("Add the section %1.").arg(missing.join(QLatin1String(", ")));
}

QStringList stepsOf(const QString &task)
{
    QStringList steps;
    for (const QString &item : numberedLines(capped(task, 8000)))
        steps.append(asStep(item));
    if (steps.size() < 2) {
        steps.clear();
        static const QRegularExpression clause = expression(
            QStringLiteral("\\s*;\\s*|,\\s+(?=(?:and |then )*([\\p{L}]+))|\\s+(?:and then|then)\\s+"),
            true);
        for (const QString &part : requestParts(task)) {
            // "Count X, rank Y" splits at commas that a verb follows; lists of nouns stay together.
            qsizetype from = 0;
            for (auto matches = clause.globalMatch(part.left(2000)); matches.hasNext();) {
                const auto match = matches.next();
                const QString next = match.captured(1);
                const bool ends = next.isEmpty() || isRequestVerb(next);
                if (!ends || countWords(part.mid(from, match.capturedStart() - from)) < 2)
                    continue;
                steps.append(asStep(part.mid(from, match.capturedStart() - from)));
                from = match.capturedEnd();
            }
            steps.append(asStep(part.mid(from)));
        }
    }
    steps.removeAll(QString());
    // Sentences that ask for nothing are background, unless there is nothing else.
    QStringList acting;
    for (const QString &step : steps) {
        if (!step.startsWith(QLatin1String("Work out: ")))
            acting.append(step);
    }
    if (!acting.isEmpty())
        steps = acting;
    if (steps.isEmpty())
        steps.append(asStep(firstCharacters(oneLine(task), 300)));
    steps.removeAll(QString());
    return steps;
}

QString planFor(const Reading &reading)
{
    const QStringList steps = stepsOf(reading.ask);
    return steps.isEmpty() ? fallbackText(reading)
                           : numbered(steps, maxSteps(reading.order + u'\n' + reading.instructions));
}

QString planLeft(const Reading &reading)
{
    const QString left = reading.tags.contains(QStringLiteral("left"))
                             ? reading.tags.value(QStringLiteral("left"))
                             : reading.tags.value(QStringLiteral("plan"));
    const QString done = oneLine(reading.tags.value(QStringLiteral("done")));
    QStringList steps;
    for (const QString &step : numberedLines(left)) {
        if (!done.contains(oneLine(step)))
            steps.append(step);
    }
    return steps.isEmpty() ? QStringLiteral("DONE") : numbered(steps, maxSteps(reading.order));
}

QString critiqueOf(const Reading &reading)
{
    const QString draft = reading.tags.value(QStringLiteral("draft")).trimmed();
    const QString task = reading.tags.value(QStringLiteral("task"));
    QStringList points;
    if (draft.isEmpty())
        points.append(QStringLiteral("The draft is empty; write it."));
    QStringList rules = reading.tags.value(QStringLiteral("criteria")).split(u'\n', Qt::SkipEmptyParts);
    for (QString &rule : rules) {
        rule = rule.trimmed();
        while (rule.startsWith(u'-') || rule.startsWith(u'*') || rule.startsWith(u' '))
            rule.remove(0, 1);
    }
    for (const QString &rule : rules)
        points.append(brokenRule(wishesOf(rule), draft));
    points.append(brokenRule(reading.wishes, draft));
    static const QRegularExpression figures =
        expression(QStringLiteral("\\b(?:figures?|numbers?|facts?|dates?)\\b.*\\b(?:stands?|comes?|taken|"
                                  "in the (?:text|task|notes|input|messages)|invent\\w*)\\b"));
    if (figures.match(rules.join(u' ')).hasMatch()) {
        const QStringList invented = inventedFigures(draft, task);
        if (!invented.isEmpty())
            points.append(QStringLiteral("The figure %1 does not stand in the task; take it out.")
                              .arg(invented.mid(0, 3).join(QLatin1String(", "))));
    }
    // What the material says most must show in the draft.
    const QString material = reading.hasMaterial() ? reading.material : task;
    const QSet<QString> said = stemsOf(draft);
    QStringList unsaid;
    const QStringList keywords = keywordsOf(material, 6);
    for (const QString &keyword : keywords) {
        if (!said.contains(stemOf(keyword)))
            unsaid.append(keyword);
    }
    if (!draft.isEmpty() && unsaid.size() * 2 > keywords.size() && countWords(material) > 30)
        points.append(
            QStringLiteral("Nothing is said about: %1.").arg(unsaid.mid(0, 4).join(QLatin1String(", "))));
    points.removeAll(QString());
    points.removeDuplicates();
    if (points.isEmpty())
        return QStringLiteral("VERDICT: pass");
    return QStringLiteral("VERDICT: revise\n- %1").arg(points.mid(0, 5).join(QLatin1String("\n- ")));
}

QString revisedDraft(const Reading &reading)
{
    const QString critique = reading.tags.value(QStringLiteral("critique"));
    Reading again = reading;
    again.work = Work::Answer;
    Wishes rule = wishesOf(critique);
    // The count that a point names as wrong ("it has 140") is no limit.
    again.wishes.override(rule);
    Focus focus;
    static const QRegularExpression unsaid =
        expression(QStringLiteral("(?:about|missing|add|mention)[^:\\n]{0,30}:\\s*([^\\n]{2,300})"));
    for (auto matches = unsaid.globalMatch(critique.left(8000)); matches.hasNext();)
        focus.stems += stemsOf(matches.next().captured(1));
    if (focus.stems.isEmpty())
        focus.stems = stemsOf(critique.left(4000));
    focus.weight = 3.0;
    const QString material = workText(again);
    if (countWords(material) < 12) // nothing to write from but the draft itself
        return fitted(reading.tags.value(QStringLiteral("draft")), again.wishes);
    return writtenAnswer(again, focus);
}

QString reactTurn(const std::vector<Call> &calls, const QString &finalAnswer)
{
    if (calls.empty())
        return QStringLiteral("Thought: What I have observed is enough to answer.\nFinal Answer: %1")
            .arg(finalAnswer);
    const Call &call = calls.front();
    return QStringLiteral(
               "Thought: I do not know yet: %1 The tool %2 can tell.\nAction: %2\nAction Input: %3")
        .arg(asSentence(firstCharacters(oneLine(call.part), 200)), call.tool,
             json::compactString(call.arguments));
}

} // namespace lathe::offline
