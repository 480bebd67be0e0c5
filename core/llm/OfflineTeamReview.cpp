// SPDX-License-Identifier: GPL-3.0-or-later
// Judging replies by criteria that can be told by rule, and sorting messages by what they are.
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineFacts.h"
#include "core/llm/OfflineJson.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflinePatterns.h"
#include "core/llm/OfflineSummary.h"
#include "core/llm/OfflineTeam.h"
#include "core/llm/OfflineText.h"

namespace lathe::offline {

namespace {

bool says(const QString &text, const QRegularExpression &pattern)
{
    return pattern.match(text).hasMatch();
}

// What is said about the judge's own answer ("one sentence of advice") is no criterion.
QString criteriaIn(const QString &text)
{
    static const QRegularExpression own = expression(
        QStringLiteral("\\b(?:score|grade|advice|JSON|your answer|the answer itself|one sentence)\\b"));
    QStringList kept;
    for (const QString &sentence : sentencesOf(capped(text, 8000), 80)) {
        if (!says(sentence, own))
            kept.append(sentence);
    }
    return kept.join(u'\n');
}

QStringList figuresMissing(const QString &message, const QString &reply)
{
    QStringList missing;
    for (const NumberFact &fact : findNumbers(message)) {
        const QString written = oneLine(message.mid(fact.from, fact.length));
        if (!fact.unit.isEmpty() && !containsPhrase(reply, written))
            missing.append(written + u' ' + fact.unit);
    }
    for (const QString &reference : findReferences(message)) {
        if (!reply.contains(reference))
            missing.append(reference);
    }
    missing.removeDuplicates();
    return missing;
}

bool isBullet(const QString &line)
{
    static const QRegularExpression bullet = expression(QStringLiteral("^\\s*(?:[-*•]|\\d{1,3}[.)])\\s+\\S"), true);
    return says(line, bullet);
}

QString joined(const QStringList &items)
{
    QStringList parts;
    for (QString item : items) {
        while (!item.isEmpty() && QStringView(u".; ").contains(item.back()))
            item.chop(1);
        // "The" and "We" go on in lower case, "CSV" and "I" do not.
        const bool word = item.size() > 1 && item[0].isUpper() && item[1].isLower();
        const QString first = item.section(u' ', 0, 0);
        const bool common = isStopWord(first.toLower()) || stopWords().contains(first.toLower());
        if (!parts.isEmpty() && word && common)
            item = item.left(1).toLower() + item.mid(1);
        parts.append(item);
    }
    return asSentence(parts.join(QLatin1String("; ")));
}

} // namespace

std::optional<Review> reviewOf(const QString &allCriteria, const QString &message, const QString &reply)
{
    const QString criteria = criteriaIn(allCriteria);
    Review review;
    int asked = 0, met = 0;
    const auto point = [&](bool holds, const QString &advice) {
        ++asked;
        met += holds ? 1 : 0;
        if (!holds && review.advice.isEmpty())
            review.advice = advice;
    };
    static const QRegularExpression problem = expression(QStringLiteral(
        "\\b(?:nam(?:e|es|ing)|stat(?:e|es|ing)|repeat\\w*|says?|mentions?)\\b[^.\\n]{0,40}\\b(?:problem|concern|issue|complaint|what "
        "(?:fails|is wrong|the customer))\\b"));
    static const QRegularExpression next = expression(QStringLiteral("\\bnext steps?\\b|\\bwhat happens next\\b"));
    static const QRegularExpression polite =
        expression(QStringLiteral("\\b(?:polite\\w*|courteous|friendly|kind|respectful|warm)\\b"));
    static const QRegularExpression figures =
        expression(QStringLiteral("\\b(?:amounts?|(?:order|invoice|ticket) numbers?|figures of the message)\\b"));
    static const QRegularExpression sign = expression(QStringLiteral("\\bsign(?:s|ed)?\\b"));
    if (says(criteria, problem)) {
        const QString concern = firstWords(concernOf(message), 30);
        const QSet<QString> words = stemsOf(concern);
        point(!words.isEmpty() && overlap(words, stemsOf(capped(reply, 20'000))) >= 0.5,
              QStringLiteral("Name the problem in the writer's words: “%1”").arg(firstWords(concern, 20)));
    }
    if (says(criteria, next)) {
        static const QRegularExpression future = expression(QStringLiteral(
            "\\b(?:will|shall|going to|next step|get back to|looks? into|looking into|follow up|within|by "
            "tomorrow|checks? (?:it|the|this)|antwortet|melden|prüf\\w*|responderemos)\\b"));
        point(says(reply, future), QStringLiteral("Say what happens next."));
    }
    if (says(criteria, polite)) {
        static const QRegularExpression manners = expression(QStringLiteral(
            "\\b(?:thank\\w*|sorry|apolog\\w*|please|regards|sincerely|danke|dank|leid|grüße|gracias|disculpe|saludo)\\b"));
        static const QRegularExpression rude =
            expression(QStringLiteral("\\b(?:stupid|idiot\\w*|nonsense|your (?:own )?fault|shut up|ridiculous|dumb)\\b"));
        point(says(reply, manners) && !says(reply, rude), QStringLiteral("Thank the writer or say sorry, and be polite."));
    }
    if (says(criteria, figures)) {
        const QStringList missing = figuresMissing(message, reply);
        point(missing.isEmpty(), QStringLiteral("Name %1.").arg(missing.mid(0, 4).join(QLatin1String(", "))));
    }
    Wishes rules = wishesOf(criteria);
    if (says(criteria, sign)) {
        const QString last = reply.trimmed().section(u'\n', -1).trimmed();
        static const QRegularExpression close = expression(QStringLiteral(
            "^(?:(?:kind|best|warm)? ?regards|yours \\w+|sincerely|un saludo|atentamente|(?:freundliche|mit freundlichen) grüßen?)\\W*$"));
        const bool held = rules.signAs.isEmpty() ? countWords(last) <= 6 && !last.isEmpty() && !says(last, close)
                                                 : last.contains(rules.signAs, Qt::CaseInsensitive);
        point(held, rules.signAs.isEmpty() ? QStringLiteral("Sign the reply.")
                                           : QStringLiteral("Sign it as “%1”.").arg(rules.signAs));
    }
    if (asked < 2)
        return std::nullopt;
    review.share = double(met) / asked;
    const QString broken = brokenRule(rules, reply.trimmed());
    if (!broken.isEmpty()) {
        review.share = std::min(review.share, 0.5);
        review.advice = review.advice.isEmpty() ? broken : review.advice + u' ' + broken;
    }
    return review;
}

MessageKind kindOfMessage(const QString &text)
{
    static const QRegularExpression wish = expression(QStringLiteral(
        "\\b(?:please add|could you add|can you add|would (?:be (?:nice|great|good)|like|love)|i wish|we wish|feature "
        "request|suggest\\w*|it would help)\\b"));
    static const QRegularExpression contrast =
        expression(QStringLiteral("\\b(?:but|although|instead|only|never|nobody|without|still|again|no longer|not)\\b"));
    const int mood = sentimentOf(text);
    const int urgency = urgencyOf(text).level;
    if (mood < 0 || (urgency >= 2 && mood <= 0))
        return MessageKind::Complaint;
    if (says(text, wish))
        return MessageKind::Wish;
    if (mood > 0)
        return MessageKind::Praise;
    if (text.trimmed().endsWith(u'?'))
        return MessageKind::Question;
    return says(text, contrast) ? MessageKind::Complaint : MessageKind::Other;
}

std::optional<QStringList> messagesOfKind(const QString &instructions, const QString &text)
{
    static const QRegularExpression order = expression(QStringLiteral(
        "\\b(?:list|pick|extract|collect|gather|select|keep|filter)\\b(?: out)?(?: \\w+){0,3}? "
        "(complaints?|problems|issues|praise|compliments|wishes|feature requests|ideas|questions)\\b"));
    const auto match = order.match(instructions.left(4000));
    if (!match.hasMatch())
        return std::nullopt;
    const QString named = match.captured(1).toLower();
    const MessageKind wanted = named.startsWith(QLatin1String("prais")) || named.startsWith(QLatin1String("compl"))
                                       ? (named.startsWith(QLatin1String("complaint")) ? MessageKind::Complaint : MessageKind::Praise)
                               : named.startsWith(QLatin1String("quest")) ? MessageKind::Question
                               : named.startsWith(QLatin1String("prob")) || named.startsWith(QLatin1String("issue"))
                                   ? MessageKind::Complaint
                                   : MessageKind::Wish;
    const QStringList lines = capped(text, 48'000).split(u'\n', Qt::SkipEmptyParts);
    QStringList units;
    if (lines.size() >= 2) { // a message a line
        for (const QString &line : lines.mid(0, 400)) {
            const QStringList sentences = sentencesOf(line, 20);
            if (!sentences.isEmpty())
                units.append(oneLine(sentences.join(u' ')));
        }
    } else {
        units = sentencesOf(text, 400);
    }
    QStringList found;
    for (const QString &unit : std::as_const(units)) {
        if (kindOfMessage(unit) == wanted && !found.contains(unit))
            found.append(oneLine(unit));
    }
    return found;
}

QStringList groupedItems(const QString &text, int sentences)
{
    QStringList items;
    for (const QString &line : capped(text, 16'000).split(u'\n', Qt::SkipEmptyParts)) {
        if (!isBullet(line))
            return {};
        items.append(oneLine(sentencesOf(line, 3).join(u' ')));
    }
    items.removeAll(QString());
    if (sentences < 1 || items.size() <= sentences || items.size() > sentences * 4)
        return {};
    static const QStringList topics{QStringLiteral("Billing"),      QStringLiteral("Export"),
                                    QStringLiteral("Mobile app"),   QStringLiteral("Search"),
                                    QStringLiteral("Integrations"), QStringLiteral("Performance"),
                                    QStringLiteral("Onboarding"),   QStringLiteral("Permissions")};
    QStringList names;
    QList<QStringList> groups;
    for (const QString &item : std::as_const(items)) {
        double score = 0;
        QString topic = chosenLabel(topics, item, QString(), &score);
        if (score <= 0)
            topic.clear();
        const qsizetype at = topic.isEmpty() ? -1 : names.indexOf(topic);
        if (at >= 0) {
            groups[at].append(item);
        } else {
            names.append(topic);
            groups.append({item});
        }
    }
    while (groups.size() > sentences) { // the two neighbours that are shortest together
        qsizetype best = 0;
        for (qsizetype i = 1; i + 1 < groups.size(); ++i) {
            if (groups[i].size() + groups[i + 1].size() < groups[best].size() + groups[best + 1].size())
                best = i;
        }
        groups[best] += groups.takeAt(best + 1);
    }
    QStringList made;
    for (const QStringList &group : std::as_const(groups))
        made.append(joined(group));
    return made;
}

} // namespace lathe::offline
