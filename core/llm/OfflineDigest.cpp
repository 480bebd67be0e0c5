// SPDX-License-Identifier: GPL-3.0-or-later
// Longer texts of the offline model: replies to customers and digests under headings.
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineFacts.h"
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

struct Phrases {
    QString greeting, namedGreeting, formalGreeting, thanksGood, thanksBad, thanksPlain, concern, known,
        unknown, next, close, formalClose;
};

const Phrases &phrasesFor(const QString &language)
{
    static const Phrases english{
        QStringLiteral("Hello,"),
        QStringLiteral("Hello %1,"),
        QStringLiteral("Dear customer,"),
        QStringLiteral("thank you for the kind words; they go straight to the people who built this."),
        QStringLiteral("thank you for telling us, and I am sorry for the trouble."),
        QStringLiteral("thank you for your message."),
        QStringLiteral("You write: “%1”"),
        QStringLiteral("What I can tell you today: %1"),
        QStringLiteral("I can not say more about it yet, so I have passed your message on to the team that "
                       "looks after it."),
        QStringLiteral("Somebody will answer you here once it has been looked into."),
        QStringLiteral("Kind regards,"),
        QStringLiteral("Yours sincerely,")};
    static const Phrases german{
        QStringLiteral("Hallo,"),
        QStringLiteral("Hallo %1,"),
        QStringLiteral("Guten Tag,"),
        QStringLiteral("vielen Dank für die freundlichen Worte; wir geben sie gern weiter."),
        QStringLiteral("danke für Ihre Nachricht. Es tut mir leid, dass es Ärger gab."),
        QStringLiteral("vielen Dank für Ihre Nachricht."),
        QStringLiteral("Sie schreiben: „%1“"),
        QStringLiteral("Was ich heute sagen kann: %1"),
        QStringLiteral(
            "Mehr kann ich dazu noch nicht sagen; ich habe Ihre Nachricht an das zuständige Team gegeben."),
        QStringLiteral("Sobald es geprüft ist, antwortet Ihnen jemand hier."),
        QStringLiteral("Freundliche Grüße"),
        QStringLiteral("Mit freundlichen Grüßen")};
    static const Phrases spanish{
        QStringLiteral("Hola:"),
        QStringLiteral("Hola, %1:"),
        QStringLiteral("Buenos días:"),
        QStringLiteral("gracias por sus amables palabras; se las haremos llegar al equipo."),
        QStringLiteral("gracias por avisarnos, y disculpe las molestias."),
        QStringLiteral("gracias por su mensaje."),
        QStringLiteral("Usted escribe: «%1»"),
        QStringLiteral("Lo que puedo decirle hoy: %1"),
        QStringLiteral("Por ahora no puedo decirle más; he pasado su mensaje al equipo responsable."),
        QStringLiteral("Le responderemos aquí en cuanto lo hayamos revisado."),
        QStringLiteral("Un saludo,"),
        QStringLiteral("Atentamente,")};
    return language == QLatin1String("de") ? german : language == QLatin1String("es") ? spanish : english;
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

QString replyTo(const QString &message, const Reading &reading)
{
    if (message.trimmed().isEmpty())
        return fallbackText(reading);
    const Phrases &say = phrasesFor(languageOf(message));
    static const auto formalTone = words("formal|official|reserved|serious");
    const bool formal = formalTone.match(reading.tone + u' ' + reading.instructions.left(400)).hasMatch()
                        && !reading.tone.contains(QLatin1String("informal"), Qt::CaseInsensitive);
    const QString name = findPersonName(message);
    QStringList lines;
    lines.append(!name.isEmpty() ? say.namedGreeting.arg(name.section(u' ', 0, 0))
                 : formal        ? say.formalGreeting
                                 : say.greeting);
    const int mood = sentimentOf(message);
    const int urgency = urgencyOf(message).level;
    QStringList body{mood < 0 || urgency >= 2 ? say.thanksBad
                     : mood > 0               ? say.thanksGood
                                              : say.thanksPlain};
    const QStringList concern = bestSentences(
        message, 1, {stemsOf(QStringLiteral("problem fail wrong broken need cannot missing")), 1.0});
    if (!concern.isEmpty()) {
        static const QRegularExpression salutation = expression(QStringLiteral(
            "^(?:hi|hello|hey|dear [\\w ]{1,30}|hallo|hola|buenos días|guten tag)(?: \\w+)?[,!:]\\s*"));
        body.append(
            say.concern.arg(capitalised(firstWords(QString(concern.first()).remove(salutation), 30))));
    }
    const QString facts = reading.tags.value(QStringLiteral("facts"));
    QStringList known;
    const QSet<QString> about = stemsOf(message);
    for (const QString &fact : sentencesOf(facts, 100)) {
        const QSet<QString> stems = stemsOf(fact);
        int shared = 0;
        for (const QString &stem : stems)
            shared += about.contains(stem) ? 1 : 0;
        static const QRegularExpression topic = expression(QStringLiteral("^[\\w ]{2,30}:\\s+"), true);
        if (shared >= 2 && known.size() < 2)
            known.append(asSentence(QString(fact).remove(topic)));
    }
    const bool content = mood > 0 && urgency < 2;
    if (!known.isEmpty())
        body.append(say.known.arg(known.join(u' ')));
    else if (!content)
        body.append(say.unknown);
    if (!content)
        body.append(say.next);
    Wishes wishes = reading.wishes;
    if (wishes.words > 0)
        wishes.words = std::max(8, wishes.words - 10); // for greeting and sign-off
    wishes.list = false;
    wishes.sentences = 0;
    body[0] = capitalised(body[0]);
    lines.append(QString());
    lines.append(fitted(body.join(u' '), wishes));
    lines.append(QString());
    lines.append(formal ? say.formalClose : say.close);
    if (!reading.wishes.signAs.isEmpty())
        lines.append(reading.wishes.signAs);
    return lines.join(u'\n');
}

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
