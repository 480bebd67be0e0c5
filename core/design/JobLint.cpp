// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/AgentSpec.h"

#include <QRegularExpression>
#include <QSet>

#include <algorithm>

namespace lathe {

// The linter knows English only and prefers silence to a false alarm: other scripts are left alone, and a vague word is
// forgiven when a concrete verb follows it ("help customers find ...").
namespace {
const QString pointer = QStringLiteral("/job");
constexpr int minWords = 4;
constexpr int maxWords = 40;

QSet<QString> words(const char *text)
{
    const QStringList list = QString::fromLatin1(text).split(QLatin1Char(' '), Qt::SkipEmptyParts);
    return QSet<QString>(list.begin(), list.end());
}

// Verbs that are hardly ever anything else.
const QSet<QString> &plainVerbs()
{
    static const QSet<QString> set =
        words("classify categorize categorise sort prioritize prioritise assign evaluate assess "
              "verify validate inspect detect find locate "
              "identify spot extract collect gather fetch retrieve read parse compute calculate "
              "predict compare contrast merge deduplicate "
              "select pick choose recommend suggest propose summarize summarise condense shorten "
              "describe explain translate rewrite "
              "rephrase paraphrase proofread convert transform normalize normalise compose "
              "generate create produce write build notify send "
              "publish delete remove redact anonymize anonymise escalate negotiate teach debug "
              "diagnose refactor implement annotate "
              "transcribe investigate analyze analyse reconcile approve reject solve prove decide "
              "determine derive infer brainstorm crawl "
              "visualize visualise resolve cite highlight complete collate execute mediate "
              "moderate respond tell ask give cancel renew "
              "convince interpret reorder restructure simplify expand enrich tidy archive deploy "
              "install configure simulate adapt apply prepare ensure "
              "enforce arrange organize organise confirm invite attach upload illustrate");
    return set;
}

// Verbs that may be nouns as well; good at the start of a job.
const QSet<QString> &nounVerbs()
{
    static const QSet<QString> set =
        words("answer reply report test plan list record log post check search query review score "
              "rate grade rank label tag link group "
              "draft format map watch track alert edit code document index plot chart turn break "
              "split show name price quote design "
              "schedule book order filter fix research estimate forecast match cluster flag "
              "outline pull set run call control play route "
              "triage judge audit look count measure clean mask monitor interview quiz tutor guide "
              "coach store save update pair point "
              "walk close open return keep fill provide advise make help detail correct screen "
              "process match trace weigh balance "
              "benchmark survey brief greet serve hand step improve optimize optimise sum note "
              "reduce raise lower block pause stop "
              "start trade buy sell pay bill charge refund ship pack deliver schedule remind nudge "
              "warn question examine study "
              "get take put cut join move copy import export sync back load mine sample bin drive "
              "steer operate oversee curate maintain mark sketch caption");
    return set;
}

const QSet<QString> &vagueVerbs()
{
    static const QSet<QString> set = words("help assist support aid handle manage deal work be do "
                                           "serve act try facilitate leverage care");
    return set;
}

// Words that say nothing about what the agent works on.
const QSet<QString> &emptyWords()
{
    static const QSet<QString> set =
        words("a an the this that these those of to and or in on at by for from with without about "
              "into as per via it its them they their "
              "you your me my us our we i he she his her is are be been being was were do does did "
              "can could will would should may might "
              "must not no so if then when while all any some each every many several various "
              "different other more most much very well "
              "too also only just data information info text texts content contents input inputs "
              "output outputs result results thing "
              "things stuff task tasks work works job jobs user users people person everyone "
              "anyone someone anybody everybody somebody "
              "customer customers client clients question questions query queries request requests "
              "problem problems issue issues answer "
              "answers response responses help anything everything something whatever need needs "
              "good best better great nice accurate "
              "useful helpful relevant important clear short appropriate proper efficient "
              "effective quality high given provided "
              "available new way manner possible needed necessary required assistant agent bot ai "
              "assistance");
    return set;
}

struct Word {
    QString text; // lower case
    qsizetype from = 0;
    qsizetype length = 0;
};

std::vector<Word> splitWords(const QString &job)
{
    static const QRegularExpression pattern(
        QStringLiteral("[\\p{L}\\p{N}](?:['\u2019\\-]?[\\p{L}\\p{N}])*"));
    std::vector<Word> list;
    for (auto it = pattern.globalMatch(job); it.hasNext();) {
        const auto match = it.next();
        list.push_back({match.captured().toLower(), match.capturedStart(), match.capturedLength()});
    }
    return list;
}

// The verb that "classifies", "classified" or "classifying" comes from, when the set has it.
bool isFormOf(const QString &word, const QSet<QString> &verbs, bool gerundOnly)
{
    if (!gerundOnly) {
        if (verbs.contains(word)
            || (word.endsWith(QLatin1String("s")) && verbs.contains(word.chopped(1)))
            || (word.endsWith(QLatin1String("es")) && verbs.contains(word.chopped(2)))
            || (word.endsWith(QLatin1String("ies"))
                && verbs.contains(word.chopped(3) + QLatin1Char('y'))))
            return true;
    }
    if (!word.endsWith(QLatin1String("ing")) || word.size() < 6)
        return false;
    const QString stem = word.chopped(3);
    const bool doubled = stem.back() == stem[stem.size() - 2];
    return verbs.contains(stem) || verbs.contains(stem + QLatin1Char('e'))
           || (doubled && verbs.contains(stem.chopped(1)));
}

// Whether what is done is said in plain words from this word on.
bool saysWhatItDoes(const std::vector<Word> &list, size_t from)
{
    static const QSet<QString> joints = words("and then to or");
    static const QSet<QString> weak = words(
        "help make get take put provide process improve optimize optimise serve support work");
    for (size_t i = from; i < list.size(); ++i) {
        const bool joined =
            i > 0 && joints.contains(list[i - 1].text) && !weak.contains(list[i].text);
        if (isFormOf(list[i].text, plainVerbs(), false)
            || (joined && nounVerbs().contains(list[i].text))
            || (isFormOf(list[i].text, nounVerbs(), true)
                && !isFormOf(list[i].text, vagueVerbs(), false)))
            return true;
    }
    return false;
}

Problem problem(Problem::Severity severity, const char *code, const QString &message,
                const QString &fix, qsizetype from = -1, qsizetype length = 0)
{
    Problem result;
    result.severity = severity;
    result.pointer = pointer;
    result.code = QString::fromLatin1(code);
    result.message = message;
    result.fix = fix;
    result.from = from;
    result.length = length;
    return result;
}

bool isOtherScript(const QString &job)
{
    int letters = 0, latin = 0;
    for (const char32_t c : job.toUcs4()) {
        if (!QChar::isLetter(c))
            continue;
        ++letters;
        latin += QChar::script(c) == QChar::Script_Latin;
    }
    return letters > 0 && latin * 10 < letters * 7;
}

// Where the second sentence begins, -1: there is none.
qsizetype secondSentence(const QString &job)
{
    static const QRegularExpression end(
        QStringLiteral(
            "([\\w.]*)([.!?\u2026]+[\"')\u201D]*\\s+|[\u3002\uFF01\uFF1F]\\s*|\\s*\\n\\s*)(?=\\S)"),
        QRegularExpression::UseUnicodePropertiesOption);
    static const QSet<QString> abbreviations =
        words("e.g i.e etc vs cf approx incl excl no nr fig dept est min max inc ltd corp co mr "
              "mrs ms dr st jr sr prof u.s u.k a.m p.m");
    for (auto it = end.globalMatch(job); it.hasNext();) {
        const auto match = it.next();
        const qsizetype next = match.capturedEnd();
        if (!job.at(next).isLetterOrNumber())
            continue; // a list mark or a dash
        QString before = match.captured(1).toLower();
        const QString mark = match.captured(2);
        if (mark.startsWith(QLatin1Char('.')) || mark.trimmed().isEmpty()) {
            while (before.endsWith(QLatin1Char('.')))
                before.chop(1);
            const bool dot =
                mark.startsWith(QLatin1Char('.')) || match.captured(1).endsWith(QLatin1Char('.'));
            if (dot && (abbreviations.contains(before) || before.size() < 2))
                continue;
        }
        return next;
    }
    return -1;
}

struct VaguePhrase {
    QRegularExpression pattern;
    QString why;
    QString fix;
    bool forgivable; // fine when what is done follows
    Problem::Severity severity;
};

const std::vector<VaguePhrase> &vaguePhrases()
{
    using S = Problem::Severity;
    const auto re = [](const char *text) {
        return QRegularExpression(QString::fromLatin1(text),
                                  QRegularExpression::CaseInsensitiveOption);
    };
    const QString name = QStringLiteral(
        "Name the things it works on, for example \"refund requests\" or \"pull requests\".");
    const QString act = QStringLiteral(
        "Say what it does and to what, for example \"Draft replies to refund requests\".");
    static const std::vector<VaguePhrase> list{
        {re("\\b(be|being) (as |very |a |an "
            ")*(helpful|useful|nice|friendly|polite|smart|creative|great|kind|supportive)\\b"),
         QStringLiteral("it is a manner, not a job, so nobody can tell whether it was done"), act,
         false, S::Warning},
        {re("\\b(helpful|useful|friendly|smart|intelligent) (ai |virtual |digital |personal "
            ")*(assistant|agent|ai|bot|chatbot|helper)\\b"),
         QStringLiteral("it says what the agent is, not what it does"), act, false, S::Warning},
        {re("\\bgeneral[- ]purpose\\b"),
         QStringLiteral("an agent for everything can be tested on nothing"), act, false,
         S::Warning},
        {re("\\b(do|doing|handle|handling|manage|managing|help with|assist with|take care of|deal "
            "with|work on|process|get) "
            "(some |any |all |the |other |their |my |our |your "
            ")*(stuff|things|everything|anything|whatever|tasks|jobs)\\b"),
         QStringLiteral("it does not say what is done with what"), act, false, S::Warning},
        {re("\\b(various|different|miscellaneous|diverse|all (kinds|sorts|types) of|any "
            "(kind|sort|type) of|a (variety|range|number) of) "
            "(\\w+ "
            ")?(tasks?|things?|stuff|topics?|requests?|jobs?|matters?|duties|activities|questions|"
            "needs|purposes)\\b"),
         QStringLiteral("it leaves open which ones"), name, false, S::Warning},
        {re("\\b(any|all|other|many|several|some|multiple) (other "
            ")?(tasks?|stuff|duties|activities)\\b"),
         QStringLiteral("it leaves open which ones"), name, false, S::Warning},
        {re("\\bstuff\\b"), QStringLiteral("it could be anything"), name, false, S::Warning},
        {re("\\b(anything|everything|whatever) "
            "(else|they|you|we|i|users?|customers?|people|clients?|the "
            "users?|possible|needed|related|"
            "is (needed|asked)|comes)\\b"),
         QStringLiteral("it leaves open what belongs to the job and what does not"), name, false,
         S::Warning},
        {re("\\b(as|when|where|if|whenever|wherever) (it is |it's "
            ")?(needed|necessary|required|appropriate|possible|requested|applicable)\\b"),
         QStringLiteral("it leaves the agent to guess when"),
         QStringLiteral(
             "Say when, for example \"when the order is older than 14 days\", or leave it out."),
         false, S::Warning},
        {re("\\bhelp(s|ing)? (out\\b|with (it|that|this|them)\\b|(the |our |my |your |all "
            ")?(users?|people|customers?|clients?|teams?|everyone|"
            "anyone|others|me|us|them)\\b)"),
         QStringLiteral("it does not say with what, or how"), act, true, S::Warning},
        {re("\\bassist(s|ing)?\\b"), QStringLiteral("it does not say what the agent itself does"),
         act, true, S::Warning},
        {re("\\b(make|making) (things|everything|stuff|it|life|them|work) (\\w+ "
            ")?(better|easier|nicer|good|great|faster|simpler)\\b"),
         QStringLiteral("better is not said in a way that can be checked"), act, false, S::Warning},
        {re("\\b(do|doing|try|trying) (your|its|their|the) (very )?(best|hardest)\\b"),
         QStringLiteral("it adds nothing that can be checked"),
         QStringLiteral("Leave it out, and put what counts as good into the success criteria."),
         false, S::Warning},
        {re("(\\betc\\b|\\band so (on|forth)\\b|\\bor something\\b|\\bor whatever\\b|\\band "
            "(such|similar|the like)\\s*[.!]?$)"),
         QStringLiteral("the list has no end, so the agent makes one up"),
         QStringLiteral("List all of them, or name what they have in common."), false, S::Hint},
    };
    return list;
}

void findVague(const QString &job, const std::vector<Word> &list, std::vector<Problem> *problems)
{
    std::vector<std::pair<qsizetype, qsizetype>> taken;
    const auto blame = [&](Problem::Severity severity, qsizetype from, qsizetype length,
                           const QString &why, const QString &fix) {
        for (const auto &[start, end] : taken) {
            if (from < end && start < from + length)
                return;
        }
        taken.emplace_back(from, from + length);
        problems->push_back(
            problem(severity, "job.vague",
                    QStringLiteral("\"%1\" is vague: %2.").arg(job.mid(from, length), why), fix,
                    from, length));
    };
    for (const VaguePhrase &phrase : vaguePhrases()) {
        const auto match = phrase.pattern.match(job);
        if (!match.hasMatch())
            continue;
        if (phrase.forgivable) {
            size_t after = 0;
            while (after < list.size() && list[after].from < match.capturedEnd())
                ++after;
            if (saysWhatItDoes(list, after))
                continue;
        }
        blame(phrase.severity, match.capturedStart(), match.capturedLength(), phrase.why,
              phrase.fix);
    }
    if (vagueVerbs().contains(list[0].text) || isFormOf(list[0].text, vagueVerbs(), false)) {
        if (!saysWhatItDoes(list, 1)) {
            blame(Problem::Severity::Warning, list[0].from, list[0].length,
                  QStringLiteral("it does not say what is done"),
                  QStringLiteral("Begin with what the agent does, for example \"Classify\", "
                                 "\"Draft\" or \"Find\"."));
        }
    }
}

bool hasObject(const std::vector<Word> &list)
{
    for (size_t i = 1; i < list.size(); ++i) {
        const QString &word = list[i].text;
        if (!emptyWords().contains(word) && !word.endsWith(QLatin1String("ly"))
            && !isFormOf(word, plainVerbs(), false) && !isFormOf(word, vagueVerbs(), false))
            return true;
    }
    return false;
}

bool startsWithVerb(const std::vector<Word> &list)
{
    const auto isVerb = [](const QString &word) {
        return isFormOf(word, plainVerbs(), false) || isFormOf(word, nounVerbs(), false)
               || isFormOf(word, vagueVerbs(), false);
    };
    size_t i = 0;
    while (i + 1 < list.size()
           && (list[i].text.endsWith(QLatin1String("ly")) || list[i].text == QLatin1String("please")
               || list[i].text == QLatin1String("to") || list[i].text == QLatin1String("always")))
        ++i;
    static const QSet<QString> clauses =
        words("given when whenever if for from after before once on with using in at as every each "
              "while until based");
    static const QSet<QString> re = words("re pre auto cross double fact code bulk spell");
    const QString &first = list[i].text;
    if (clauses.contains(first))
        return saysWhatItDoes(list, i + 1)
               || std::any_of(list.begin() + 1, list.end(),
                              [&](const Word &w) { return nounVerbs().contains(w.text); });
    const qsizetype dash = first.indexOf(QLatin1Char('-'));
    return isVerb(first)
           || (dash > 0
               && (isVerb(first.left(dash))
                   || (re.contains(first.left(dash)) && isVerb(first.mid(dash + 1)))));
}

bool looksEnglish(const std::vector<Word> &list)
{
    static const QSet<QString> usual = words("the and of to with for from each every that which "
                                             "into their about by is are you your this");
    return std::any_of(list.begin(), list.end(),
                       [&](const Word &word) { return usual.contains(word.text); });
}
} // namespace

std::vector<Problem> lintJob(const QString &job)
{
    using S = Problem::Severity;
    std::vector<Problem> problems;
    if (job.trimmed().isEmpty()) {
        problems.push_back(
            problem(S::Warning, "job.missing",
                    QStringLiteral("The agent has no job, so nobody can tell whether it does it."),
                    QStringLiteral("Write one sentence: what it does, to what, for whom.")));
        return problems;
    }
    const qsizetype second = secondSentence(job);
    if (second >= 0) {
        problems.push_back(problem(
            S::Warning, "job.sentences",
            QStringLiteral("The job is more than one sentence; the first should say it all."),
            QStringLiteral("Keep one sentence here and move the rest to the instructions."), second,
            job.size() - second));
    }
    const std::vector<Word> list = splitWords(job);
    if (isOtherScript(job))
        return problems;
    if (list.empty()) {
        problems.push_back(
            problem(S::Warning, "job.short", QStringLiteral("The job has no words."),
                    QStringLiteral("Write one sentence: what it does, to what, for whom.")));
        return problems;
    }
    if (int(list.size()) > maxWords) {
        const qsizetype from = list[maxWords].from;
        problems.push_back(problem(
            S::Warning, "job.long",
            QStringLiteral(
                "The job has %1 words; what takes over %2 is a set of instructions, or two jobs.")
                .arg(list.size())
                .arg(maxWords),
            QStringLiteral("Say the aim here and move the how to the instructions."), from,
            job.size() - from));
    }
    const size_t before = problems.size();
    findVague(job, list, &problems);
    const bool vague = problems.size() > before;
    if (int(list.size()) < minWords) {
        problems.push_back(problem(
            S::Warning, "job.short",
            QStringLiteral("%1 words are too few to say what is done to what, and for whom.")
                .arg(list.size()),
            QStringLiteral("Add what it works on and what comes out, for example \"Classify "
                           "customer messages by product area\".")));
    } else if (!vague && !hasObject(list)) {
        problems.push_back(problem(S::Warning, "job.object",
                                   QStringLiteral("The job does not say what it works on: data, "
                                                  "text, questions and users are everywhere."),
                                   QStringLiteral("Name the thing, for example \"supplier "
                                                  "invoices\" or \"questions about refunds\".")));
    }
    static const QRegularExpression persona(
        QStringLiteral("\\A\\s*(you are|you're|i am|i'm|this is|an?|the)\\b"),
        QRegularExpression::CaseInsensitiveOption);
    if (const auto match = persona.match(job); match.hasMatch()) {
        problems.push_back(problem(
            S::Hint, "job.verb",
            QStringLiteral("The job begins with what the agent is, not with what it does."),
            QStringLiteral("Begin with a verb: \"Classify ...\", \"Draft ...\", \"Find ...\"."),
            match.capturedStart(1), match.capturedLength(1)));
    } else if (!vague && int(list.size()) >= minWords && looksEnglish(list)
               && !startsWithVerb(list)) {
        problems.push_back(problem(
            S::Hint, "job.verb", QStringLiteral("The job does not begin with what the agent does."),
            QStringLiteral("Begin with a verb: \"Classify ...\", \"Draft ...\", \"Find ...\"."),
            list[0].from, list[0].length));
    }
    return problems;
}

} // namespace lathe
