// SPDX-License-Identifier: GPL-3.0-or-later
// Reasons for and against a proposal, told by what a sentence is about and by words of need, cost and doubt.
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineRequest.h"
#include "core/llm/OfflineTeam.h"
#include "core/llm/OfflineText.h"

namespace lathe::offline {

namespace {

constexpr double enough = 0.4;

struct Proposal {
    QString sentence;        // as it stands in the text
    QSet<QString> own;       // what it is about
    QSet<QString> rival;     // what stands against it: "although the app crashes", "instead of the app"
    QString concession;      // the clause itself when it is one
    bool ends = false;       // it does away with something, so the use of that speaks against it
    bool remedies = false;   // it mends or ends something, so what is wrong with that speaks for it
};

// A clause with what it says for the proposal, above 0, or against it.
struct Stance {
    QString text;
    QSet<QString> stems;
    double value = 0;
};

bool says(const QString &text, const QRegularExpression &pattern)
{
    return pattern.match(text).hasMatch();
}

Proposal proposalIn(const QStringList &sentences)
{
    static const QRegularExpression opening = expression(
        QStringLiteral("^(?:should|shall|must|do|does|is|are|ought|would it|could|let us|let's|proposal|motion|we (?:should|propose|want|plan))\\b"));
    Proposal proposal;
    for (const QString &sentence : sentences) {
        if (proposal.sentence.isEmpty() && sentence.endsWith(u'?'))
            proposal.sentence = sentence;
    }
    for (const QString &sentence : sentences) {
        if (proposal.sentence.isEmpty() && says(sentence, opening))
            proposal.sentence = sentence;
    }
    if (proposal.sentence.isEmpty())
        proposal.sentence = sentences.value(0);
    static const QRegularExpression turn = expression(QStringLiteral(
        ",?\\s+\\b(although|even though|though|but|despite|even if|instead of|rather than|or)\\b\\s+"));
    const auto match = turn.match(proposal.sentence);
    const QString main = match.hasMatch() ? proposal.sentence.left(match.capturedStart()) : proposal.sentence;
    QString rest = match.hasMatch() ? proposal.sentence.mid(match.capturedEnd()) : QString();
    while (!rest.isEmpty() && QStringView(u"?!. ").contains(rest.back()))
        rest.chop(1);
    static const QSet<QString> choices{QStringLiteral("or"), QStringLiteral("instead of"), QStringLiteral("rather than")};
    if (match.hasMatch() && !choices.contains(match.captured(1).toLower()) && countWords(rest) >= 3)
        proposal.concession = capitalised(rest);
    proposal.own = stemsOf(main);
    proposal.rival = stemsOf(rest);
    const QSet<QString> both = proposal.own & proposal.rival;
    proposal.own -= both;
    proposal.rival -= both;
    static const QSet<QString> remedies = stemsOf(QStringLiteral(
        "fix repair solve resolve improve address replace refund correct patch stop drop remove retire cancel end "
        "rewrite mend abolish reduce"));
    static const QSet<QString> endings =
        stemsOf(QStringLiteral("stop drop remove retire cancel end abolish reduce close discontinue"));
    proposal.ends = stemsOf(main).intersects(endings);
    proposal.remedies = stemsOf(main).intersects(remedies);
    return proposal;
}

// "A crashes for twelve customers, and none of them pays" is two statements.
QStringList clausesOf(const QString &sentence)
{
    static const QRegularExpression joint =
        expression(QStringLiteral("\\s*;\\s+|,\\s+(?:and|but|while|yet|whereas)\\s+|\\s+(?:but|whereas)\\s+"));
    QStringList clauses;
    qsizetype from = 0;
    for (auto matches = joint.globalMatch(sentence.left(600)); matches.hasNext();) {
        const auto match = matches.next();
        if (countWords(sentence.mid(from, match.capturedStart() - from)) < 4
            || countWords(sentence.mid(match.capturedEnd())) < 4)
            continue;
        clauses.append(sentence.mid(from, match.capturedStart() - from));
        from = match.capturedEnd();
    }
    clauses.append(sentence.mid(from));
    return clauses;
}

int shared(const QSet<QString> &topic, const QSet<QString> &stems)
{
    return int((QSet<QString>(topic) & stems).size());
}

enum class Topic { None, Own, Rival };

double stanceOf(const QString &clause, Topic topic, const Proposal &proposal)
{
    static const QRegularExpression need = expression(QStringLiteral(
        "\\b(?:needs?|needed|waits?|waiting|asks?|asked|wants?|requests?|promised|audits?|deadlines?|renew\\w*|"
        "leav(?:e|es|ing)|churn\\w*|los(?:e|es|ing|t)|left|revenue|saves?|gains?|benefits?|depends?|contracts?|legal|urgent\\w*|"
        "threaten\\w*|cancel\\w*)\\b"));
    static const QRegularExpression cost = expression(QStringLiteral(
        "\\b(?:costs?|expensive|risk\\w*|delays?|delayed|postpon\\w*|effort|difficult|complex|busy|overloaded|budget|"
        "takes? (?:\\w+ ){0,4}(?:hours?|days?|weeks?|months?|years?)|(?:hours?|days?|weeks?|months?) of work)\\b"));
    static const QRegularExpression doubt = expression(QStringLiteral(
        "\\b(?:only|just|none|nobody|no one|few|hardly|merely|barely|minor|rarely|seldom|a workaround|work around|can wait)\\b"));
    const int mood = sentimentOf(clause);
    const bool needed = says(clause, need), costly = says(clause, cost), doubted = says(clause, doubt);
    if (topic == Topic::Own && proposal.ends)
        return costly || (mood < 0 && !needed) ? 1.4 : -0.8 - (needed ? 0.8 : 0) - (mood > 0 ? 0.6 : 0);
    if (costly) // a price of the proposal, or of what stands against it
        return topic == Topic::Rival ? 1.2 : needed && topic == Topic::Own ? 0.6 : -1.6;
    switch (topic) {
    case Topic::Own:
        if (doubted)
            return -1.2;
        if (proposal.remedies) // trouble with what is to be mended speaks for it, praise of it says that there is no need
            return mood > 0 ? -1.0 : 1.0 + (needed ? 0.8 : 0) + (mood < 0 ? 0.6 : 0);
        return needed || mood > 0 ? 1.0 + (needed ? 0.8 : 0) : mood < 0 ? -1.4 : 0.5;
    case Topic::Rival:
        return doubted ? 0.9 : -1.0 - (needed ? 0.8 : 0) - (mood < 0 ? 0.6 : 0);
    case Topic::None:
        break;
    }
    return needed ? 0.8 : proposal.remedies ? 0 : mood > 0 ? 0.5 : mood < 0 ? -0.5 : 0;
}

std::vector<Stance> stancesIn(const QString &text)
{
    const QStringList sentences = sentencesOf(capped(text, 20'000), 300);
    const Proposal proposal = proposalIn(sentences);
    std::vector<Stance> stances;
    Topic topic = Topic::None;
    for (const QString &sentence : sentences) {
        if (sentence == proposal.sentence)
            continue;
        static const QRegularExpression goesOn = expression(QStringLiteral("^(?:they|it|its|their|this|that|these|those)\\b"));
        if (!says(sentence, goesOn)) // otherwise it is about what the sentence before was about
            topic = Topic::None;
        QString before;
        for (const QString &clause : clausesOf(sentence)) {
            const QSet<QString> stems = stemsOf(clause);
            const int own = shared(proposal.own, stems), rival = shared(proposal.rival, stems);
            if (own != rival) // otherwise it goes on about what the clause before was about
                topic = own > rival ? Topic::Own : Topic::Rival;
            static const QRegularExpression pronoun =
                expression(QStringLiteral("\\b(?:them|they|it|its|their|those|these)\\b"));
            const bool leans = !before.isEmpty() && says(clause, pronoun);
            QString shown = oneLine(clause);
            while (!shown.isEmpty() && QStringView(u".,; ").contains(shown.back()))
                shown.chop(1);
            shown = capitalised(shown);
            const double value = stanceOf(clause, topic, proposal);
            stances.push_back({leans ? QStringLiteral("%1 (%2)").arg(shown, before) : shown, stems, value});
            before = shown;
        }
    }
    // What the question itself concedes counts when no sentence says more about it.
    if (!proposal.concession.isEmpty()) {
        const QSet<QString> stems = stemsOf(proposal.concession);
        const bool said = std::any_of(stances.begin(), stances.end(), [&](const Stance &stance) {
            return overlap(stems, stance.stems) >= 0.6;
        });
        if (!said)
            stances.push_back({proposal.concession, stems, -1.2});
    }
    return stances;
}

QStringList reasonsIn(const QString &list)
{
    static const QRegularExpression none = expression(QStringLiteral("^the text gives no reason\\b"));
    QStringList reasons;
    for (const QString &line : capped(list, 8000).split(u'\n', Qt::SkipEmptyParts)) {
        const QStringList sentences = sentencesOf(line, 1);
        QString reason = line.trimmed();
        if (reason.startsWith(QLatin1String("- ")) || reason.startsWith(QLatin1String("* ")))
            reason = reason.mid(2).trimmed();
        while (!reason.isEmpty() && QStringView(u". ").contains(reason.back()))
            reason.chop(1);
        if (!sentences.isEmpty() && !reason.isEmpty() && !says(reason, none))
            reasons.append(firstCharacters(oneLine(reason), 300));
    }
    return reasons.mid(0, 50);
}

bool isConcrete(const QString &whole)
{
    // What stands in brackets is quoted from the other side's sentence.
    const QString reason = whole.endsWith(u')') ? whole.section(QLatin1String(" ("), 0, 0) : whole;
    static const QRegularExpression term =
        expression(QStringLiteral("\\b(?:audit|deadline|contract|legal|today|tomorrow|next (?:week|month)|this week)\\b"));
    const auto words = wordsOf(reason.left(400));
    return says(reason, term) || std::any_of(words.begin(), words.end(), [](const Word &word) {
        return word.isNumber || (numberFromWord(word.lower) >= 2);
    });
}

double strength(const QString &reason)
{
    static const QRegularExpression people =
        expression(QStringLiteral("\\b(?:customers?|users?|people|teams?|clients?|members?|patients?|students?)\\b"));
    if (reason.endsWith(u')') && reason.contains(QLatin1String(" ("))) // it only weakens the other side
        return 0.8;
    return 1.0 + (isConcrete(reason) ? 0.6 : 0) + (says(reason, people) ? 0.3 : 0)
           + 0.2 * std::max(0, urgencyOf(reason).level - 1);
}

QString strongest(const QStringList &reasons)
{
    const auto most = std::max_element(reasons.begin(), reasons.end(), [](const QString &a, const QString &b) {
        return strength(a) < strength(b);
    });
    return most == reasons.end() ? QString() : *most;
}

} // namespace

QStringList reasonsOf(const QString &text, bool inFavour, int most)
{
    std::vector<Stance> chosen;
    for (Stance &stance : stancesIn(text)) {
        if (!inFavour)
            stance.value = -stance.value;
        const bool repeats = std::any_of(chosen.begin(), chosen.end(), [&](const Stance &other) {
            return other.text == stance.text;
        });
        if (stance.value > enough && !repeats)
            chosen.push_back(std::move(stance));
    }
    std::stable_sort(chosen.begin(), chosen.end(), [](const Stance &a, const Stance &b) { return a.value > b.value; });
    QStringList reasons;
    for (const Stance &stance : chosen) {
        if (reasons.size() < most)
            reasons.append(stance.text);
    }
    return reasons;
}

QStringList weighed(const QString &inFavour, const QString &against)
{
    const QStringList pro = reasonsIn(inFavour), con = reasonsIn(against);
    if (pro.isEmpty() && con.isEmpty())
        return {QStringLiteral("Neither side gives a reason, so nothing can be decided from them.")};
    const auto sum = [](const QStringList &reasons) {
        double all = 0;
        for (const QString &reason : reasons)
            all += strength(reason);
        return all;
    };
    const double difference = sum(pro) - sum(con);
    const bool forWins = difference > 0;
    const QStringList &winner = forWins ? pro : con, &loser = forWins ? con : pro;
    const auto concrete = std::count_if(winner.begin(), winner.end(), isConcrete);
    const QString side = forWins ? QStringLiteral("for") : QStringLiteral("against");
    const QString other = forWins ? QStringLiteral("against") : QStringLiteral("for");
    QStringList verdict;
    if (loser.isEmpty())
        verdict.append(QStringLiteral("Only the side %1 it gives reasons, so it is the stronger one.").arg(side));
    else if (std::abs(difference) < 0.25)
        verdict.append(QStringLiteral("The two sides are about equally strong, with %1 %2 for it and %3 against it.")
                           .arg(pro.size())
                           .arg(pro.size() == 1 ? QStringLiteral("reason") : QStringLiteral("reasons"))
                           .arg(con.size()));
    else
        verdict.append(QStringLiteral("The reasons %1 it are stronger: there are %2 of them to %3%4.")
                           .arg(side)
                           .arg(winner.size())
                           .arg(loser.size())
                           .arg(concrete > 0 ? QStringLiteral(", and %1 %2 a figure or a date")
                                                   .arg(concrete)
                                                   .arg(concrete == 1 ? QStringLiteral("names") : QStringLiteral("name"))
                                             : QString()));
    if (!winner.isEmpty())
        verdict.append(QStringLiteral("What counts most %1 it: “%2”.").arg(side, strongest(winner)));
    if (!loser.isEmpty())
        verdict.append(QStringLiteral("What counts most %1 it: “%2”.").arg(other, strongest(loser)));
    return verdict;
}

} // namespace lathe::offline
