// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineFormat.h"

#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineFacts.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineText.h"

namespace lathe::offline {

namespace {

constexpr qsizetype maxInstructions = 32'000;
const char *const number = "(\\d{1,5}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
                           "fifteen|twenty|fifty|a hundred|a single|a|an)";

// Spaces in the pattern stand for any white space; NUM for a number.
QRegularExpression pattern(QString text)
{
    text.replace(QLatin1String("NUM"), QLatin1String(number));
    text.replace(u' ', QLatin1String("\\s+"));
    return expression(text);
}

int value(const QString &text)
{
    const QString lower = text.toLower();
    if (lower == QLatin1String("a") || lower == QLatin1String("an") || lower == QLatin1String("a single"))
        return 1;
    if (lower == QLatin1String("a hundred"))
        return 100;
    return std::max(0, numberFromWord(lower));
}

// The instruction sentence around a position.
QString sentenceAround(const QString &text, qsizetype at)
{
    qsizetype from = at, to = at;
    const auto ends = [&](qsizetype i) {
        return text[i] == u'\n'
               || ((text[i] == u'.' || text[i] == u'!' || text[i] == u'?')
                   && (i + 1 == text.size() || text[i + 1].isSpace()));
    };
    while (from > 0 && at - from < 400 && !ends(from - 1))
        --from;
    while (to < text.size() && to - at < 400 && !ends(to))
        ++to;
    return text.mid(from, to - from);
}

void readPoints(const QString &text, Wishes &wishes)
{
    static const auto counted = pattern(QStringLiteral(
        "(?:(exactly|at most|up to|no more than|not more than|maximum of|max|only) "
        ")?(?<![\\w-])NUM(?:\\s*(?:-|–|to)\\s*(\\d{1,2}|two|three|four|five|six|seven|eight))? "
        "(?:[a-z]{2,14} ){0,2}?(bullet points?|bullets?|points|key points|items|takeaways|numbered "
        "points)\\b"));
    static const auto any = pattern(QStringLiteral(
        "\\b(?:bullets|bullet points?|bulleted|bullet list|as a list|as bullets|in bullets)\\b"));
    static const auto numbered =
        pattern(QStringLiteral("\\b(?:numbered list|numbered points|as numbers|number(?:ed)? each)\\b"));
    wishes.list = any.match(text).hasMatch();
    if (const auto match = counted.match(text); match.hasMatch()) {
        const QString bound = match.captured(1).toLower();
        wishes.points = value(match.captured(3).isEmpty() ? match.captured(2) : match.captured(3));
        wishes.pointsExact =
            match.captured(3).isEmpty()
            && (bound.isEmpty() || bound == QLatin1String("exactly") || bound == QLatin1String("only"));
        wishes.list = wishes.points > 0;
    }
    if (numbered.match(text).hasMatch())
        wishes.list = wishes.numbered = true;
}

void readWords(const QString &text, Wishes &wishes)
{
    static const auto words = pattern(
        QStringLiteral("(?:(at least|more than|minimum of|over)\\s+)?(?<![\\w-])NUM(?: ?- ?| )words?\\b"));
    for (auto matches = words.globalMatch(text); matches.hasNext();) {
        const auto match = matches.next();
        const int count = value(match.captured(2));
        const QString before = text.mid(std::max<qsizetype>(0, match.capturedStart() - 40),
                                        std::min<qsizetype>(40, match.capturedStart()))
                                   .toLower();
        const bool no = before.endsWith(QLatin1String("no ")) || before.endsWith(QLatin1String("not "));
        if (count <= 0 || (!match.captured(1).isEmpty() && !no)
            || (count == 1 && match.captured(2).startsWith(u'a')))
            continue;
        const bool each = containsPhrase(before, QStringLiteral("each"))
                          || containsPhrase(before, QStringLiteral("every"))
                          || containsPhrase(before, QStringLiteral("per"));
        int &limit = each ? wishes.pointWords : wishes.words;
        limit = limit == 0 ? count : std::min(limit, count);
    }
    static const auto characters =
        pattern(QStringLiteral("(?:at most|up to|under|no more than|max(?:imum)?(?: of)?|within|in) "
                               "(\\d{1,5}) (?:characters|chars|letters)\\b"));
    if (const auto match = characters.match(text); match.hasMatch())
        wishes.characters = match.captured(1).toInt();
}

void readSentences(const QString &text, Wishes &wishes)
{
    static const auto sentences =
        pattern(QStringLiteral("(?<![\\w-])NUM(?:\\s*(?:-|–|to|or)\\s*(\\d{1,2}|two|three|four|five))? "
                               "(?:short |plain |full |complete |clear )?sentences?\\b"));
    // A limit for a part of the answer ("then how it was found in one sentence") is none for the whole.
    static const auto part =
        pattern(QStringLiteral("\\b(?:each|every|then|why|how it|per bullet|first|last|next|plus|under "
                               "\"|followed by|news in|what stays|bullets?)\\b"));
    for (auto matches = sentences.globalMatch(text); matches.hasNext();) {
        const auto match = matches.next();
        if (match.captured(1).compare(QLatin1String("a"), Qt::CaseInsensitive) == 0)
            continue;
        if (part.match(sentenceAround(text, match.capturedStart())).hasMatch())
            continue;
        wishes.sentences = value(match.captured(2).isEmpty() ? match.captured(1) : match.captured(2));
        return;
    }
}

void readHeadings(const QString &text, Wishes &wishes)
{
    static const auto named = pattern(QStringLiteral(
        "\\b(?:headings?|sections?|headlines?)(?: "
        "\\w+){0,3}?\\s*[:(]?\\s*((?:[\"“'][^\"”'\\n]{2,40}[\"”'](?:,| and|, and)?\\s*){1,8})"));
    if (const auto match = named.match(text); match.hasMatch())
        wishes.headings = findQuoted(match.captured(1));
    if (wishes.headings.isEmpty()) {
        static const auto listed =
            pattern(QStringLiteral("\\b(?:headings|sections)(?: are)?:\\s*([A-Z][^.\\n]{3,200})"));
        if (const auto match = listed.match(text); match.hasMatch()) {
            static const auto comma =
                expression(QStringLiteral("\\s*(?:,\\s*and\\s+|,|\\band\\b)\\s*"), true);
            for (const QString &heading : match.captured(1).split(comma, Qt::SkipEmptyParts)) {
                if (countWords(heading) <= 5)
                    wishes.headings.append(heading.trimmed());
            }
        }
    }
    static const auto title = pattern(QStringLiteral(
        "\\b(?:title as a heading|start with (?:a|the) (?:markdown )?(?:heading|title)|with a "
        "(?:heading|title)|has a (?:title|heading)|begin with a (?:heading|title)|has a title)\\b"));
    wishes.title = title.match(text).hasMatch();
}

void readLabels(const QString &text, Wishes &wishes)
{
    static const auto labelled =
        pattern(QStringLiteral("\\b(?:answer|reply|respond|return|output|choose|classify|label|pick|write|"
                               "say|route)\\b[^.\\n]{0,80}?"
                               "(?:\\b(?:with |only |exactly |just )*one of(?: these| the| the "
                               "following)?(?: labels| words| values| categories| routes| names)?"
                               "|\\beither|\\bwith one word|\\b(?:as|into)(?: one of| either)?|\\bone "
                               "word|\\bwith only)\\s*:?\\s*([^.\\n;]{3,300})"));
    const auto match = labelled.match(text);
    if (!match.hasMatch())
        return;
    static const auto comma =
        expression(QStringLiteral("\\s*(?:,\\s*or\\s+|,\\s*and\\s+|,|/|\\||\\bor\\b)\\s*"), true);
    QStringList labels;
    for (QString label : match.captured(1).split(comma, Qt::SkipEmptyParts)) {
        label = label.trimmed();
        while (!label.isEmpty() && QStringView(u"\"“”'`*:()[]").contains(label.front()))
            label.remove(0, 1);
        while (!label.isEmpty() && QStringView(u"\"“”'`*:()[]").contains(label.back()))
            label.chop(1);
        if (label.isEmpty() || countWords(label) > 3) {
            if (labels.size() >= 2)
                break;
            return; // prose, not labels
        }
        if (!labels.contains(label))
            labels.append(label);
    }
    if (labels.size() >= 2 && labels.size() <= 30)
        wishes.labels = labels;
}

void readRest(const QString &text, Wishes &wishes)
{
    static const auto letter =
        pattern(QStringLiteral("\\b(?:write|draft|compose|send|prepare) (?:a|an|the|your|me a)(?: "
                               "[\\w-]+){0,3} (?:reply|response|letter|e-?mail|answer to the "
                               "(?:customer|message))\\b|\\b(?:reply|respond|answer) to the "
                               "(?:customer|message|e-?mail|letter|complaint|feedback|writer)\\b"));
    static const auto sign = pattern(
        QStringLiteral("\\bsign(?:ed)?(?: off| it)?(?: as| with)?:?\\s*[\"“']([^\"”'\\n]{2,60})[\"”']"));
    // "sign as the Feedback desk", without quotation marks: told by its capital
    static const auto signPlain = expression(
        QStringLiteral("\\b[Ss]ign(?:ed)?(?: off| it)? (?:as|with) ((?:the |our )?\\p{Lu}[\\p{L}\\p{N}&' -]{1,50}?)"
                       "(?=[.,;:\\n]|$|\\s+(?:and|in|at|with|on|then)\\b)"),
        true);
    static const auto starts =
        pattern(QStringLiteral("\\b(?:start|begin)(?: the \\w+| your \\w+)? with(?: the "
                               "(?:words?|line|text))?:?\\s*[\"“]([^\"”\\n]{1,80})[\"”]"));
    static const auto endsPattern =
        pattern(QStringLiteral("\\b(?:end|close|finish)(?: the \\w+| your \\w+)? with(?: the "
                               "(?:words?|line|text))?:?\\s*[\"“]([^\"”\\n]{1,80})[\"”]"));
    static const auto citations =
        pattern(QStringLiteral("\\bnumber of (?:its|the) passages?\\b|\\bpassage "
                               "numbers?\\b|\\bcite\\b[^.\\n]{0,40}\\b(?:passage|source|number)"));
    static const auto query =
        pattern(QStringLiteral("\\b(?:show|state|name|give|quote|include|add|with|and)(?: \\w+){0,3} "
                               "(?:the|your) (?:sql|query|queries)\\b|\\bthe query you used\\b"));
    static const auto markdown = pattern(QStringLiteral("\\bmarkdown\\b"));
    static const auto plain =
        pattern(QStringLiteral("\\b(?:without|no|not use|never use) markdown\\b|\\bplain text\\b"));
    static const auto table =
        pattern(QStringLiteral("\\b(?:as|in|with|use) (?:a |one )?(?:\\w+ )?table\\b"));
    static const auto keywords = pattern(QStringLiteral(
        "\\b(?:list|extract|give|find|return|name)(?: \\w+){0,4} (?:keywords?|key words|tags|topics)\\b"));
    static const auto counts = pattern(
        QStringLiteral("\\b(?:how many|count the|number of) (?:words|sentences|lines|characters)\\b"));
    wishes.letter = letter.match(text).hasMatch();
    if (const auto match = sign.match(text); match.hasMatch())
        wishes.signAs = match.captured(1).trimmed();
    else if (const auto plainly = signPlain.match(text); plainly.hasMatch())
        wishes.signAs = capitalised(plainly.captured(1).trimmed());
    if (const auto match = starts.match(text); match.hasMatch())
        wishes.startsWith = match.captured(1).trimmed();
    if (const auto match = endsPattern.match(text); match.hasMatch())
        wishes.endsWith = match.captured(1).trimmed();
    wishes.citations = citations.match(text).hasMatch();
    wishes.showQuery = query.match(text).hasMatch();
    wishes.plain = plain.match(text).hasMatch();
    wishes.markdown = markdown.match(text).hasMatch() && !wishes.plain;
    wishes.table = table.match(text).hasMatch();
    wishes.keywords = keywords.match(text).hasMatch();
    wishes.counts = counts.match(text).hasMatch();
    static const auto urgent = pattern(QStringLiteral(
        "\\b(?:begin|start|open|lead|beginning|starting) with the most (?:urgent|pressing|severe|serious|critical|important)\\b|"
        "\\bmost (?:urgent|pressing|severe|serious|critical)(?: \\w+){0,2} (?:first|on top)\\b"));
    static const auto whole = pattern(QStringLiteral(
        "\\bwrite (?:a|an|the)(?: [\\w-]+){0,3} (?:note|memo|post|update|announcement)\\b"));
    wishes.urgentFirst = urgent.match(text).hasMatch();
    wishes.note = whole.match(text).hasMatch();
}

} // namespace

Wishes wishesOf(const QString &instructions)
{
    const QString text = capped(instructions, maxInstructions);
    Wishes wishes;
    readPoints(text, wishes);
    readWords(text, wishes);
    readSentences(text, wishes);
    readHeadings(text, wishes);
    readLabels(text, wishes);
    readRest(text, wishes);
    return wishes;
}

void Wishes::override(const Wishes &other)
{
    const bool form = other.list || other.sentences > 0 || !other.labels.isEmpty()
                      || !other.headings.isEmpty() || other.table;
    if (form) { // another form replaces the form
        points = other.points;
        pointsExact = other.pointsExact;
        list = other.list;
        numbered = other.numbered;
        sentences = other.sentences;
        headings = other.headings;
        labels = other.labels;
        table = other.table;
    }
    if (other.words > 0)
        words = other.words;
    if (other.pointWords > 0)
        pointWords = other.pointWords;
    if (other.characters > 0)
        characters = other.characters;
    if (!other.signAs.isEmpty())
        signAs = other.signAs;
    if (!other.startsWith.isEmpty())
        startsWith = other.startsWith;
    if (!other.endsWith.isEmpty())
        endsWith = other.endsWith;
    if (other.markdown || other.plain) {
        markdown = other.markdown;
        plain = other.plain;
    }
    title |= other.title;
    letter |= other.letter;
    citations |= other.citations;
    showQuery |= other.showQuery;
    keywords |= other.keywords;
    counts |= other.counts;
    urgentFirst |= other.urgentFirst;
    note |= other.note;
}

int wishedPoints(const Wishes &wishes, int usual)
{
    if (wishes.list && wishes.points > 0)
        return std::min(wishes.points, 50);
    if (wishes.sentences > 0)
        return std::min(wishes.sentences, 50);
    return usual;
}

QStringList brokenUp(QStringList points, int count)
{
    static const QRegularExpression joint = expression(
        QStringLiteral("[;,]\\s+(?:and\\s+|but\\s+|so\\s+)?|\\s+(?:and|but|because|while|so that)\\s+"),
        true);
    while (points.size() < count) {
        qsizetype bestPoint = -1, bestCut = 0, bestEnd = 0;
        int bestBalance = 0;
        for (qsizetype i = 0; i < points.size(); ++i) {
            for (auto matches = joint.globalMatch(points[i].left(1000)); matches.hasNext();) {
                const auto match = matches.next();
                const int balance = std::min(countWords(points[i].left(match.capturedStart())),
                                             countWords(points[i].mid(match.capturedEnd())));
                if (balance >= 2 && balance > bestBalance) {
                    bestBalance = balance;
                    bestPoint = i;
                    bestCut = match.capturedStart();
                    bestEnd = match.capturedEnd();
                }
            }
        }
        if (bestPoint < 0)
            break;
        const QString rest = points[bestPoint].mid(bestEnd);
        points[bestPoint].truncate(bestCut);
        points.insert(bestPoint + 1, rest);
    }
    return points;
}

QString shaped(const QStringList &allPoints, const Wishes &wishes)
{
    QStringList points = allPoints;
    if (wishes.list && wishes.pointsExact && wishes.points > 0)
        points = brokenUp(points, std::min(wishes.points, 50));
    const int count = wishedPoints(wishes, int(points.size()));
    points = points.mid(0, count);
    QStringList rows;
    const bool list = wishes.list || (wishes.markdown && wishes.sentences == 0 && points.size() > 1);
    for (int i = 0; i < points.size(); ++i) {
        QString point = oneLine(points[i]);
        if (countWords(point) > 4 || !point.contains(QLatin1String(": "))) // "team: 10" stays as it is
            point = asSentence(point);
        if (wishes.pointWords > 0)
            point = firstWords(point, wishes.pointWords);
        if (list)
            point.prepend(wishes.numbered ? QStringLiteral("%1. ").arg(i + 1) : QStringLiteral("- "));
        rows.append(point);
    }
    // Each bullet gets its share of the words, so that none has to go.
    if (list && wishes.words > 0 && !rows.isEmpty() && countWords(rows.join(u' ')) > wishes.words) {
        while (!wishes.pointsExact && rows.size() > 1 && wishes.words / int(rows.size()) < 14)
            rows.removeLast(); // fewer whole bullets say more than many stumps
        const int share = std::max(2, wishes.words / int(rows.size()));
        for (QString &row : rows)
            row = firstWords(row, share);
    }
    return fitted(rows.join(list ? u'\n' : u' '), wishes);
}

QString fitted(const QString &text, const Wishes &wishes)
{
    QString result = text.trimmed();
    int words = wishes.words;
    if (words > 0)
        words = std::max(1, words - countWords(wishes.startsWith) - countWords(wishes.endsWith));
    if (words > 0 && countWords(result) > words) {
        const bool lines = result.contains(u'\n');
        QStringList pieces = lines ? result.split(u'\n') : sentencesOf(result);
        const QString glue = lines ? QStringLiteral("\n") : QStringLiteral(" ");
        while (pieces.size() > 1 && countWords(pieces.join(glue)) > words)
            pieces.removeLast();
        result = firstWords(pieces.join(glue).trimmed(), words);
    }
    if (wishes.characters > 0)
        result = firstCharacters(
            result,
            std::max<int>(1, wishes.characters - int(wishes.startsWith.size() + wishes.endsWith.size())));
    if (!wishes.startsWith.isEmpty() && !result.startsWith(wishes.startsWith, Qt::CaseInsensitive))
        result.prepend(wishes.startsWith
                       + (result.startsWith(u'-') || result.startsWith(u'#') ? u'\n' : u' '));
    if (!wishes.endsWith.isEmpty() && !result.endsWith(wishes.endsWith, Qt::CaseInsensitive))
        result += (result.contains(u'\n') ? u'\n' : u' ') + wishes.endsWith;
    return result;
}

} // namespace lathe::offline
