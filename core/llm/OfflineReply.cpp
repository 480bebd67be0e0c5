// SPDX-License-Identifier: GPL-3.0-or-later
// Replies to customers: greeting, concern, what is known or is to be said, next step, sign-off.
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineFacts.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineTeam.h"
#include "core/llm/OfflineText.h"
#include "core/llm/OfflineWriting.h"

namespace lathe::offline {

namespace {

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

// "- Katrin Weiss" at the end of a message.
QString signedName(const QString &message)
{
    static const QRegularExpression dash =
        expression(QStringLiteral("[-–—]\\s?((?:\\p{Lu}[\\p{L}'’.-]{1,30} ?){1,3})\\s*$"), true);
    const auto match = dash.match(message.right(120));
    return match.hasMatch() ? match.captured(1).trimmed() : QString();
}

// What the instructions want said word for word: "Say that support looks into it" gives "Support looks into it."
QStringList saidAsOrdered(const QString &instructions)
{
    static const QRegularExpression order = expression(QStringLiteral(
        "\\b(say that|tell (?:them|the (?:customer|writer)) that|promise(?: that| to)?) ([^.;\\n]{4,200})"));
    static const QRegularExpression barred =
        expression(QStringLiteral("^\\W*(?:\\d+\\W+)?(?:if|when|where|unless|should)\\b|"
                                  "\\b(?:not|never|nothing|no|don't|without)\\b[^,]{0,20}$"));
    static const QRegularExpression placeholder = expression(QStringLiteral("[<>{}]"), true);
    QStringList said;
    for (const QString &sentence : sentencesOf(instructions.left(4000), 60)) {
        const auto match = order.match(sentence);
        if (!match.hasMatch() || barred.match(sentence.left(match.capturedStart())).hasMatch()
            || placeholder.match(match.captured(2)).hasMatch())
            continue;
        const QString verb = match.captured(1).toLower();
        QString text = match.captured(2).trimmed();
        if (verb.startsWith(QLatin1String("promise")))
            text.prepend(verb == QLatin1String("promise to")     ? QStringLiteral("we will ")
                         : verb == QLatin1String("promise that") ? QString()
                                                                 : QStringLiteral("we promise "));
        said.append(asSentence(text));
    }
    return said.mid(0, 3);
}

// "240 EUR and INV-20418": the message's amounts and references that do not stand in `said`.
QString figuresOf(const QString &message, const QString &said)
{
    QStringList figures;
    for (const NumberFact &fact : findNumbers(message)) {
        const QString written = oneLine(message.mid(fact.from, fact.length));
        if (!fact.unit.isEmpty() && !containsPhrase(said, written))
            figures.append(written + u' ' + fact.unit);
    }
    for (const QString &reference : findReferences(message)) {
        if (!said.contains(reference))
            figures.append(reference);
    }
    figures.removeDuplicates();
    figures = figures.mid(0, 6);
    if (figures.size() < 2)
        return figures.join(QString());
    const QString last = figures.takeLast();
    return figures.join(QLatin1String(", ")) + QLatin1String(" and ") + last;
}

// A sentence with how badly it is needed; the least needed goes first when the reply is too long.
struct Piece {
    QString text;
    int need = 0;
};

QString withinWords(std::vector<Piece> pieces, const Wishes &wishes)
{
    const auto joined = [&] {
        QStringList texts;
        for (const Piece &piece : pieces)
            texts.append(piece.text);
        return texts.join(u' ');
    };
    while (wishes.words > 0 && pieces.size() > 1 && countWords(joined()) > wishes.words)
        pieces.erase(std::min_element(pieces.begin(), pieces.end(),
                                      [](const Piece &a, const Piece &b) { return a.need < b.need; }));
    return fitted(joined(), wishes);
}

} // namespace

QString concernOf(const QString &message)
{
    const bool content = sentimentOf(message) > 0 && urgencyOf(message).level < 2;
    static const QRegularExpression salutation = expression(QStringLiteral(
        "^(?:hi|hello|hey|dear [\\w ]{1,30}|hallo|hola|buenos días|guten tag)(?: \\w+)?[,!:]\\s*"));
    static const QRegularExpression trouble = expression(QStringLiteral(
        "\\b(?:problem|fails?|wrong|broken|cannot|can't|missing|stops?|never|without|instead|but)\\b"));
    const QStringList candidates =
        bestSentences(message, 40, {stemsOf(QStringLiteral("problem fail wrong broken need cannot missing")), 1.0});
    QString best;
    double most = -100;
    for (const QString &sentence : candidates) {
        const QString text = QString(sentence).remove(salutation);
        if (text.contains(u'@') || countWords(text) < 3)
            continue;
        const int mood = sentimentOf(text);
        double score = content ? mood : -mood + 0.5 * urgencyOf(text).level;
        score += !content && trouble.match(text).hasMatch() ? 0.6 : 0;
        if (countWords(text) < 5) // "Please fix."
            score -= 1.5;
        if (score > most + 1e-9) {
            most = score;
            best = text;
        }
    }
    return best.isEmpty() ? oneLine(message) : best;
}

QString replyTo(const QString &message, const Reading &reading)
{
    if (message.trimmed().isEmpty())
        return fallbackText(reading);
    const QString language = languageOf(message);
    const Phrases &say = phrasesFor(language);
    static const auto formalTone = expression(QStringLiteral("\\b(?:formal|official|reserved|serious)"));
    const bool formal = formalTone.match(reading.tone + u' ' + reading.instructions.left(400)).hasMatch()
                        && !reading.tone.contains(QLatin1String("informal"), Qt::CaseInsensitive);
    QString name = findPersonName(message);
    if (name.isEmpty())
        name = signedName(message);
    QStringList lines;
    lines.append(!name.isEmpty() ? say.namedGreeting.arg(name.section(u' ', 0, 0))
                 : formal        ? say.formalGreeting
                                 : say.greeting);
    const int mood = sentimentOf(message);
    const int urgency = urgencyOf(message).level;
    const bool content = mood > 0 && urgency < 2;
    std::vector<Piece> body{{capitalised(mood < 0 || urgency >= 2 ? say.thanksBad
                                         : mood > 0               ? say.thanksGood
                                                                  : say.thanksPlain),
                             3}};
    const QString concern = capitalised(firstWords(concernOf(message), 30));
    if (!concern.isEmpty())
        body.push_back({say.concern.arg(concern), 4});
    // Orders are in the language of the instructions; a reply in two languages would be none.
    const bool english = language.isEmpty() || language == QLatin1String("en");
    static const QRegularExpression wantsFigures =
        expression(QStringLiteral("\\b(?:name|repeat|state|give|mention)\\b[^.\\n]{0,60}"
                                  "\\b(?:amounts?|(?:order|invoice|ticket) numbers?|figures|references)\\b"));
    if (english && wantsFigures.match(reading.instructions).hasMatch()) {
        const QString figures = figuresOf(message, concern);
        if (!figures.isEmpty())
            body.push_back({QStringLiteral("This is about %1.").arg(figures), 4});
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
    const QStringList ordered = english ? saidAsOrdered(reading.instructions) : QStringList();
    if (!known.isEmpty())
        body.push_back({say.known.arg(known.join(u' ')), 3});
    for (const QString &sentence : ordered)
        body.push_back({sentence, 3});
    if (known.isEmpty() && ordered.isEmpty() && !content)
        body.push_back({say.unknown, 1});
    static const QRegularExpression comes = expression(QStringLiteral(
        "\\b(?:will|looks? into|look(?:s|ing) at|checks?|writes? back|gets? back|answers?|within)\\b"));
    if (!content && !comes.match(ordered.join(u' ')).hasMatch()) // else it is said what happens next
        body.push_back({say.next, 2});
    Wishes wishes = reading.wishes;
    if (wishes.words > 0) // greeting and sign-off count, too
        wishes.words = std::max(8, wishes.words - (wishes.words > 60 ? 10 : 4 + countWords(wishes.signAs)));
    wishes.list = false;
    wishes.sentences = 0;
    lines.append(QString());
    lines.append(withinWords(std::move(body), wishes));
    lines.append(QString());
    lines.append(formal ? say.formalClose : say.close);
    if (!reading.wishes.signAs.isEmpty())
        lines.append(reading.wishes.signAs);
    return lines.join(u'\n');
}

} // namespace lathe::offline
