// SPDX-License-Identifier: GPL-3.0-or-later
// Digests of the offline model, under headings.
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineText.h"
#include "core/llm/OfflineWriting.h"

#include <QHash>

namespace lathe::offline {

namespace {

QRegularExpression words(const char *alternatives)
{
    return expression(QStringLiteral("\\b(?:%1)").arg(QLatin1String(alternatives)));
}

// What one line of the material is taken for.
struct Unit {
    QString text;
    QSet<QString> stems;
    int mood = 0;
    int urgency = 1;
    bool isWish = false;
    bool used = false;
};

std::vector<Unit> unitsOf(const QString &text)
{
    static const auto wish =
        words("please|could you|can you|can we|would (?:be|like|love)|wish|it would|feature "
              "request|suggest|add |allow|why (?:can|is|does)|how (?:do|can)");
    const QStringList lines = text.split(u'\n', Qt::SkipEmptyParts);
    QStringList pieces;
    if (lines.size() >= 3) { // one message a line
        for (const QString &line : lines.mid(0, 400)) {
            const QStringList sentences = sentencesOf(line, 20);
            if (!sentences.isEmpty())
                pieces.append(firstWords(sentences.mid(0, 3).join(u' '), 40));
        }
    } else {
        pieces = sentencesOf(text, 400);
    }
    std::vector<Unit> units;
    for (const QString &piece : pieces)
        units.push_back({oneLine(piece), stemsOf(piece), sentimentOf(piece), urgencyOf(piece).level,
                         wish.match(piece).hasMatch() || piece.endsWith(u'?'), false});
    return units;
}

enum class Section { Themes, Problems, Praise, Wishes, Next, Evidence, Summary, Other };

Section sectionOf(const QString &heading)
{
    static const auto themes = words("theme|topic|area|keyword|what it is about");
    static const auto problems =
        words("complain|problem|issue|negative|pain|bug|trouble|wrong|risk|fault|urgent|broken|critic");
    static const auto praise = words("prais|positive|like|works|strength|good|highlight|win");
    static const auto wishes = words("request|wish|idea|suggest|question|open|ask");
    static const auto next = words("next|action|to do|todo|step|recommend|follow|decision");
    static const auto evidence = words("evidence|quote|source|detail|voice");
    static const auto summary = words("summar|overview|answer|short|tl;dr|conclusion|in brief");
    if (themes.match(heading).hasMatch())
        return Section::Themes;
    if (praise.match(heading).hasMatch())
        return Section::Praise;
    if (problems.match(heading).hasMatch())
        return Section::Problems;
    if (next.match(heading).hasMatch())
        return Section::Next;
    if (wishes.match(heading).hasMatch())
        return Section::Wishes;
    if (evidence.match(heading).hasMatch())
        return Section::Evidence;
    return summary.match(heading).hasMatch() ? Section::Summary : Section::Other;
}

// Words that several messages share, with how many do.
QStringList themesOf(const std::vector<Unit> &units, const QString &text, int count)
{
    QStringList themes;
    for (const QString &keyword : keywordsOf(text, count * 3)) {
        const QString stem = stemOf(keyword);
        const auto uses = std::count_if(units.begin(), units.end(),
                                        [&](const Unit &unit) { return unit.stems.contains(stem); });
        if ((uses >= 2 || units.size() < 4) && themes.size() < count)
            themes.append(
                QStringLiteral("**%1**: %2 of %3 %4")
                    .arg(keyword)
                    .arg(uses)
                    .arg(units.size())
                    .arg(units.size() == 1 ? QStringLiteral("message") : QStringLiteral("messages")));
    }
    return themes;
}

QStringList sectionLines(const QString &heading, std::vector<Unit> &units, const QString &text, int count,
                         const Focus &focus)
{
    const Section section = sectionOf(heading);
    if (section == Section::Themes)
        return themesOf(units, text, count + 1);
    const QSet<QString> wanted = stemsOf(heading);
    std::vector<std::pair<double, Unit *>> ranked;
    for (Unit &unit : units) {
        double score = -1;
        switch (section) {
        case Section::Problems:
            score = unit.mood < 0 ? -unit.mood + unit.urgency : unit.urgency >= 2 ? unit.urgency * 0.5 : -1;
            break;
        case Section::Praise:
            score = unit.mood > 0 ? unit.mood : -1;
            break;
        case Section::Wishes:
            score = unit.isWish ? 1 + overlap(unit.stems, focus.stems) : -1;
            break;
        case Section::Next:
            score = unit.urgency >= 2 ? unit.urgency : unit.isWish ? 0.5 : -1;
            break;
        case Section::Evidence: // quotes may repeat what stands elsewhere
        case Section::Summary:
            score = 0.1 + overlap(unit.stems, focus.stems);
            break;
        default:
            score = overlap(wanted, unit.stems) > 0 ? overlap(wanted, unit.stems) : -1;
            break;
        }
        if (score >= 0 && focus.weight > 1)
            score += 0.5 * overlap(unit.stems, focus.stems);
        if (score >= 0 && (!unit.used || section == Section::Next || section == Section::Evidence))
            ranked.push_back({score, &unit});
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto &a, const auto &b) { return a.first > b.first; });
    QStringList lines;
    if (section == Section::Summary) {
        lines = bestSentences(text, std::min(count, 2), focus);
    } else {
        for (const auto &[score, unit] : ranked) {
            if (lines.size() >= count)
                break;
            unit->used = true;
            lines.append(section == Section::Next
                             ? QStringLiteral("Look into: ") + firstWords(unit->text, 18)
                             : unit->text);
        }
    }
    return lines;
}

} // namespace

QString digestOf(const QString &text, const Reading &reading, const Focus &focus)
{
    const Wishes &wishes = reading.wishes;
    QString result;
    for (int count = std::clamp(wishes.points > 0 ? wishes.points : 4, 1, 8); count >= 1; --count) {
        std::vector<Unit> units = unitsOf(text);
        QStringList lines;
        if (wishes.title) {
            // Many messages are named by their topics, one text by its best sentence.
            const QStringList best = bestSentences(text, 1);
            const bool many = text.count(u'\n') >= 2 || best.isEmpty();
            QString title =
                many ? keywordsOf(text, 3).join(QLatin1String(", ")) : firstWords(best.first(), 8);
            while (!title.isEmpty() && QStringView(u".…!").contains(title.back()))
                title.chop(1);
            lines.append(QStringLiteral("# %1").arg(capitalised(title)));
            lines.append(QString());
        }
        // Sections that only take what fits choose first, whatever the order on the page.
        QHash<QString, QStringList> sections;
        for (const bool choosy : {true, false}) {
            for (const QString &heading : wishes.headings) {
                const Section kind = sectionOf(heading);
                if (choosy
                    != (kind == Section::Evidence || kind == Section::Summary || kind == Section::Themes
                        || kind == Section::Next))
                    sections.insert(heading, sectionLines(heading, units, text, count, focus));
            }
        }
        for (const QString &heading : wishes.headings) {
            lines.append(QStringLiteral("## %1").arg(heading));
            const QStringList section = sections.value(heading);
            if (section.isEmpty())
                lines.append(QStringLiteral("Nothing in the text."));
            const bool prose = sectionOf(heading) == Section::Summary;
            for (const QString &line : section)
                lines.append(prose ? asSentence(line)
                                   : QStringLiteral("- ")
                                         + asSentence(wishes.pointWords > 0
                                                          ? firstWords(line, wishes.pointWords)
                                                          : line));
            lines.append(QString());
        }
        if (wishes.headings.isEmpty()) { // a title and the text under it
            Wishes body = wishes;
            body.words = 0;
            lines.append(shaped(bestSentences(text, wishedPoints(wishes, count + 1), focus), body));
        }
        result = lines.join(u'\n').trimmed();
        if (wishes.words == 0 || countWords(result) <= wishes.words)
            return result;
    }
    // Even one line a section is too long: shorter lines, so that no section goes.
    const QStringList lines = result.split(u'\n');
    for (int limit = 14; limit >= 4; limit -= 2) {
        QStringList cut;
        for (const QString &line : lines)
            cut.append(line.startsWith(u'#') ? line : firstWords(line, limit));
        result = cut.join(u'\n');
        if (countWords(result) <= wishes.words)
            return result;
    }
    return fitted(result, wishes);
}

} // namespace lathe::offline
