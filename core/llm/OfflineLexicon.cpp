// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineLexicon.h"

#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineText.h"

#include <QHash>

namespace lathe::offline {

namespace {

QStringList split(const char *words)
{
    return QString::fromUtf8(words).split(u' ', Qt::SkipEmptyParts);
}

QSet<QString> set(const char *words)
{
    const QStringList list = split(words);
    return QSet<QString>(list.begin(), list.end());
}

QSet<QString> stems(const char *words)
{
    QSet<QString> result;
    for (const QString &word : split(words))
        result.insert(stemOf(word));
    return result;
}

bool hasAny(const QString &text, const QStringList &phrases, QString *found)
{
    for (const QString &phrase : phrases) {
        if (containsPhrase(text, phrase)) {
            *found = phrase;
            return true;
        }
    }
    return false;
}

} // namespace

const QSet<QString> &stopWords()
{
    static const QSet<QString> words =
        set("a an the and or but if then else than that this these those there here it its it's itself i "
            "i'm i've i'd me my mine we we're we've our ours us "
            "you your yours you're he him his she her they them their theirs who whom whose which what "
            "when where why how is are was were be been "
            "being am do does did doing done don't doesn't didn't have has had having can could cannot "
            "can't may might must shall should will "
            "would won't wouldn't not no nor so as at by for from in into of off on onto out over to up "
            "with within without about after again "
            "all also any because before between both during each few further just more most much many "
            "other own per same some such too until "
            "since whenever always again already still very via while yet please let get got go one's vs "
            "etc eg ie let's that's what's there's isn't aren't "
            "der die das den dem des ein eine einen einem einer und oder aber wenn ist sind war waren wir "
            "ihr sie es ich du er mit von zu zum zur "
            "im in auf für nicht auch als wie bei aus an am noch nur schon sehr dass "
            "el la los las un una unos unas y o pero si es son era fue que de del al en con por para no se "
            "lo le su sus mi mis nos muy ya "
            "le les des du et ou mais est sont dans sur pour pas ne je tu il elle nous vous ce cette qui");
    return words;
}

int sentimentOf(const QString &whole)
{
    const QString text = capped(whole, 8000);
    static const QSet<QString> good =
        stems("good great love loved excellent amazing awesome fantastic perfect nice happy helpful smooth "
              "easy fast quick reliable "
              "delighted brilliant wonderful best better improved impressed pleased enjoy like solid "
              "superb favorite favourite recommend intuitive "
              "clean simple works worked kudos glad saved saves saver effortless flawless stable snappy "
              "painless finally lovely impressive exactly fair "
              "instant noticeably charm reliable wow respect relief pleased wonderful masterpiece solved "
              "decent blink favourite surprisingly "
              "super toll gut prima hervorragend zufrieden sauber bien excelente genial perfecto rápido "
              "encanta parfait");
    static const QSet<QString> bad = stems(
        "bad terrible awful horrible hate hated broken bug bugs crash crashes crashed crashing fail fails "
        "failed failing failure error errors "
        "slow slower sluggish annoying frustrating frustrated angry useless worst worse problem problems "
        "issue issues wrong missing lost lose "
        "stuck unusable confusing confused disappointed disappointing poor impossible freeze freezes "
        "frozen hangs timeout timeouts unacceptable "
        "unable refuse refuses overcharged refund cancel cancelled complaint complain complains unhappy "
        "difficult painful lag laggy laggy "
        "unreliable duplicate duplicated garbled blank mess outage denied blocked struggle waste "
        "unreadable nowhere ignored ignores ignore twice stops stopped "
        "stutters crawls crawl drains locked corrupt expired expires skips skip loses resets doubled loops "
        "deleted deletes fatal lottery nightmare gave "
        "chokes silently overwrites suspended declined nobody nothing without never must complain "
        "undocumented misleading contradicts stale late hours "
        "wait waited spinner embarrassing workaround blind kills cuts charged missing overwritten stutter "
        "burden breaks down "
        "schlecht kaputt fehler langsam absturz abgestürzt leider problem unzufrieden verschwunden bricht "
        "fehlt stürzt malo cierra cuelga bloquea tarda arreglar terrible lento error falla fallo "
        "problema imposible pésimo horrible nul lent erreur");
    static const QSet<QString> negations =
        set("not no isn't wasn't don't doesn't didn't can't cannot won't wouldn't couldn't hardly nicht "
            "kein keine nunca sin pas");
    static const QSet<QString> strong = stems("love terrible awful hate unusable unacceptable worst "
                                              "excellent amazing perfect horrible fantastic");
    static const QSet<QString> harmless = stems("crash crashes bug bugs downtime problem problems issue "
                                                "issues complain hitch outage surprise failure");
    static const QStringList grumbles{QStringLiteral("sorry to say"),
                                      QStringLiteral("third time"),
                                      QStringLiteral("please fix"),
                                      QStringLiteral("expect better"),
                                      QStringLiteral("times out"),
                                      QStringLiteral("time out"),
                                      QStringLiteral("no answer"),
                                      QStringLiteral("no way"),
                                      QStringLiteral("no warning"),
                                      QStringLiteral("by mistake"),
                                      QStringLiteral("although"),
                                      QStringLiteral("no sense"),
                                      QStringLiteral("still get"),
                                      QStringLiteral("again and again"),
                                      QStringLiteral("is anyone"),
                                      QStringLiteral("other tools"),
                                      QStringLiteral("since the last update"),
                                      QStringLiteral("seconds to load"),
                                      QStringLiteral("used to take"),
                                      QStringLiteral("a day behind"),
                                      QStringLiteral("do not match"),
                                      QStringLiteral("left out"),
                                      QStringLiteral("plain text"),
                                      QStringLiteral("no error"),
                                      QStringLiteral("never got"),
                                      QStringLiteral("by hand"),
                                      QStringLiteral("nicht mehr"),
                                      QStringLiteral("desde la")};
    int score = 0;
    for (const QString &phrase : grumbles)
        score -= containsPhrase(text, phrase) ? 1 : 0;
    int negated = 0; // words the last negation still reaches
    for (const Word &word : wordsOf(text)) {
        if (negations.contains(word.lower)) {
            negated = 3;
            // "can't", "won't" say something is amiss by themselves.
            if (word.lower.startsWith(QLatin1String("can")) || word.lower.startsWith(QLatin1String("won")))
                score -= 1;
            continue;
        }
        const int weight = strong.contains(word.stem) ? 2 : 1;
        const qsizetype end = word.from + word.length;
        const bool signOff =
            word.lower == QLatin1String("best") && end < text.size() && text[end] == u','; // "Best, Tom"
        if (good.contains(word.stem) && !signOff)
            score += negated > 0 ? -weight : weight;
        else if (bad.contains(word.stem)) // "no crashes" is praise, "no error message" is none
            score += negated == 0 ? -weight : harmless.contains(word.stem) ? 1 : 0;
        negated = std::max(0, negated - 1);
    }
    if (score == 0) { // "shows 25 seats but we only ever had 18": nothing bad is named, and yet something is amiss
        static const QRegularExpression contrast = expression(
            QStringLiteral("\\bbut\\b[^.!?\\n]{0,60}\\b(?:only|never|not|no|nothing|nobody|none)\\b"));
        score -= contrast.match(text).hasMatch() ? 1 : 0;
    }
    if (score == 0 && !text.contains(u'?')) { // thanks are politeness, unless nothing else is said
        static const QSet<QString> thanks = stems("thanks thank thx danke gracias merci");
        score += stemsOf(text).intersects(thanks) ? 1 : 0;
    }
    score += int(text.count(u"👍") + text.count(u"❤") + text.count(u"😀") + text.count(u"🎉")
                 + text.count(u"😍") + text.count(u"🙌"));
    score -= int(text.count(u"👎") + text.count(u"😡") + text.count(u"😠") + text.count(u"😞")
                 + text.count(u"🙁") + text.count(u"🤬"));
    return score;
}

Urgency urgencyOf(const QString &whole)
{
    const QString text = capped(whole, 8000);
    static const QStringList critical{
        QStringLiteral("data loss"),        QStringLiteral("lost data"),
        QStringLiteral("data is gone"),     QStringLiteral("lost all"),
        QStringLiteral("security"),         QStringLiteral("breach"),
        QStringLiteral("leaked"),           QStringLiteral("exposed"),
        QStringLiteral("outage"),           QStringLiteral("production is down"),
        QStringLiteral("nobody can"),       QStringLiteral("no one can"),
        QStringLiteral("cannot log in"),    QStringLiteral("can't log in"),
        QStringLiteral("locked out"),       QStringLiteral("urgent"),
        QStringLiteral("urgently"),         QStringLiteral("asap"),
        QStringLiteral("immediately"),      QStringLiteral("charged twice"),
        QStringLiteral("double charged"),   QStringLiteral("charged us twice"),
        QStringLiteral("charged me twice"), QStringLiteral("legal"),
        QStringLiteral("dringend"),         QStringLiteral("urgente"),
        QStringLiteral("emergency"),        QStringLiteral("sofort")};
    static const QStringList serious{QStringLiteral("crash"),         QStringLiteral("crashes"),
                                     QStringLiteral("crashed"),       QStringLiteral("crashing"),
                                     QStringLiteral("broken"),        QStringLiteral("fails"),
                                     QStringLiteral("failed"),        QStringLiteral("failing"),
                                     QStringLiteral("unusable"),      QStringLiteral("blocked"),
                                     QStringLiteral("blocking"),      QStringLiteral("deadline"),
                                     QStringLiteral("cancel"),        QStringLiteral("cancelling"),
                                     QStringLiteral("refund"),        QStringLiteral("overcharged"),
                                     QStringLiteral("unacceptable"),  QStringLiteral("timeout"),
                                     QStringLiteral("times out"),     QStringLiteral("stopped working"),
                                     QStringLiteral("does not work"), QStringLiteral("doesn't work"),
                                     QStringLiteral("not working"),   QStringLiteral("error"),
                                     QStringLiteral("wrong amount"),  QStringLiteral("missing rows"),
                                     QStringLiteral("can't"),         QStringLiteral("cannot"),
                                     QStringLiteral("kaputt"),        QStringLiteral("funktioniert nicht"),
                                     QStringLiteral("no funciona"),   QStringLiteral("no puedo"),
                                     QStringLiteral("abgestürzt"),    QStringLiteral("freezes")};
    static const QStringList wishes{QStringLiteral("would be nice"),
                                    QStringLiteral("nice to have"),
                                    QStringLiteral("feature request"),
                                    QStringLiteral("suggestion"),
                                    QStringLiteral("it would be great"),
                                    QStringLiteral("wish"),
                                    QStringLiteral("thank you"),
                                    QStringLiteral("thanks"),
                                    QStringLiteral("love"),
                                    QStringLiteral("great"),
                                    QStringLiteral("no rush"),
                                    QStringLiteral("someday"),
                                    QStringLiteral("kudos")};
    Urgency result;
    if (hasAny(text, critical, &result.because)) {
        result.level = 3;
    } else if (hasAny(text, serious, &result.because)) {
        result.level = 2;
    } else if (hasAny(text, wishes, &result.because)) {
        result.level = sentimentOf(text) < 0 ? 1 : 0;
    } else {
        result.level = sentimentOf(text) > 0 ? 0 : 1;
    }
    return result;
}

QStringList relatedStems(const QString &label)
{
    static const QList<std::pair<QSet<QString>, QStringList>> topics = [] {
        QList<std::pair<QSet<QString>, QStringList>> list;
        const auto add = [&](const char *names, const char *words) {
            const QSet<QString> related = stems(words);
            list.append({stems(names), QStringList(related.begin(), related.end())});
        };
        add("billing payment payments invoice invoices finance pricing",
            "bill invoice charge charged refund payment pay paid card price pricing plan subscription "
            "receipt vat tax overcharged renewal "
            "discount coupon cost upgrade downgrade rechnung abgebucht factura cobro euro dollar seats");
        add("export exports exporting reports download",
            "export csv pdf excel xlsx download spreadsheet column rows report file exportieren exportar");
        add("mobile app android ios phone",
            "mobile phone android ios iphone ipad tablet app offline push notification handy móvil touch");
        add("search find searching",
            "search find filter query result results index lookup suche buscar typo fuzzy operator");
        add("integrations integration api connectors",
            "integration slack webhook zapier api jira salesforce hubspot sync connector token oauth teams "
            "github connect endpoint");
        add("performance speed latency", "slow speed fast load loading lag latency timeout performance "
                                         "memory freeze hang spinner second minute langsam lento sluggish");
        add("onboarding setup signup getting started",
            "onboarding setup tutorial signup invite wizard start docs documentation guide tour learn "
            "sample welcome import trial einrichtung");
        add("permissions access roles security", "permission role access admin owner share sharing viewer "
                                                 "editor sso login denied restrict guest rights audit");
        add("bug bugs fault defect", "bug crash error broken fail wrong freeze");
        add("feature request idea wish", "wish add feature support would could suggestion missing idea");
        add("praise compliment", "love great thanks excellent awesome perfect");
        add("complaint complaints", "terrible unacceptable angry disappointed refund worst");
        add("question help", "how where what wonder question");
        add("cancel churn cancellation", "cancel leave switch competitor unsubscribe terminate");
        add("account login", "account password login email reset profile");
        return list;
    }();
    QStringList related;
    const QSet<QString> names = stemsOf(label);
    for (const auto &[topic, words] : topics) {
        if (overlap(names, topic) > 0)
            related += words;
    }
    related.removeDuplicates();
    related.sort();
    return related;
}

QString languageOf(const QString &text)
{
    static const QList<std::pair<QString, QSet<QString>>> languages{
        {QStringLiteral("en"),
         set("the and is are was to of in it you we for with that this have not on our but")},
        {QStringLiteral("de"), set("der die das und ist nicht ich wir mit auf für ein eine den dem seit "
                                   "wird kann sich bitte haben sehr")},
        {QStringLiteral("es"),
         set("el la los las y es no que de en un una con por para muy pero desde nos se está cuando")},
        {QStringLiteral("fr"),
         set("le la les et est pas ne je nous vous que de des un une avec pour dans sur très mais")}};
    QHash<QString, int> hits;
    int total = 0;
    for (const Word &word : wordsOf(capped(text, 4000))) {
        ++total;
        for (const auto &[language, common] : languages)
            hits[language] += common.contains(word.lower) ? 1 : 0;
    }
    QString best;
    int bestHits = total < 4 ? 1000 : 0;
    for (const auto &[language, common] : languages) {
        if (hits.value(language) > bestHits) {
            best = language;
            bestHits = hits.value(language);
        }
    }
    return best;
}

int numberFromWord(const QString &lower)
{
    static const QHash<QString, int> names = [] {
        QHash<QString, int> map;
        int value = 0;
        for (const QString &name : split("zero one two three four five six seven eight nine ten eleven "
                                         "twelve thirteen fourteen fifteen"))
            map.insert(name, value++);
        map.insert(QStringLiteral("single"), 1);
        map.insert(QStringLiteral("couple"), 2);
        map.insert(QStringLiteral("dozen"), 12);
        map.insert(QStringLiteral("twenty"), 20);
        map.insert(QStringLiteral("fifty"), 50);
        map.insert(QStringLiteral("hundred"), 100);
        return map;
    }();
    if (const auto it = names.constFind(lower); it != names.constEnd())
        return *it;
    bool ok = false;
    const int value = lower.size() <= 6 ? lower.toInt(&ok) : 0;
    return ok && value >= 0 ? value : -1;
}

int monthFromWord(const QString &word)
{
    static const QStringList months =
        split("january february march april may june july august september october november december");
    const QString lower = word.toLower();
    if (lower == QLatin1String("may"))
        return word == QLatin1String("May") ? 5 : 0;
    for (int i = 0; i < months.size(); ++i) {
        if (lower == months[i]
            || (lower.size() == 3 && lower != QLatin1String("mar") && months[i].startsWith(lower)))
            return i + 1;
    }
    return lower == QLatin1String("sept") ? 9 : 0;
}

bool isRequestVerb(const QString &word)
{
    static const QSet<QString> verbs = stems(
        "summarise summarize list write extract find tell give show explain describe compare count "
        "calculate compute name answer classify "
        "label choose decide rate judge review translate rewrite shorten condense draft reply respond make "
        "create plan check look get fetch "
        "query search identify suggest propose rank sort group analyse analyze report convert turn read "
        "open ask determine estimate pick "
        "select state collect gather measure verify note outline highlight quote generate compose improve "
        "fix add split route digest work use "
        "prepare save send update examine investigate point sum total average divide multiply recommend");
    return verbs.contains(stemOf(word));
}

bool isQuestionWord(const QString &lower)
{
    static const QSet<QString> words =
        set("what which who whom whose when where why how is are was were do does did can could should "
            "would will has have "
            "welche welcher wer was wann wo warum wie cuál cuándo dónde quién cómo qué");
    return words.contains(lower);
}

} // namespace lathe::offline
