// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineSummary.h"

#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineText.h"

#include <QHash>

#include <algorithm>
#include <cmath>

namespace lathe::offline {

namespace {

struct Scored {
    int index = 0;
    double score = 0;
    QStringList list;
    QSet<QString> stems;
};

// Names, addresses and greetings are no news.
bool isFormality(const QString &sentence)
{
    static const QSet<QString> greetings{
        QStringLiteral("hello"), QStringLiteral("hi"),      QStringLiteral("hey"),
        QStringLiteral("dear"),  QStringLiteral("thanks"),  QStringLiteral("regards"),
        QStringLiteral("best"),  QStringLiteral("kind"),    QStringLiteral("hallo"),
        QStringLiteral("hola"),  QStringLiteral("gracias"), QStringLiteral("danke")};
    if (sentence.contains(u'@') || sentence.contains(QLatin1String("://"))
        || sentence.contains(QLatin1String("my name is"), Qt::CaseInsensitive))
        return true;
    return countWords(sentence) <= 5
           && greetings.contains(sentence.section(u' ', 0, 0).remove(u',').toLower());
}

std::vector<Scored> scoredSentences(const QStringList &sentences, const Focus &focus)
{
    QHash<QString, int> frequency;
    std::vector<Scored> scored;
    scored.reserve(size_t(sentences.size()));
    for (int i = 0; i < sentences.size(); ++i) {
        Scored sentence;
        sentence.index = i;
        sentence.list = stemList(sentences[i]);
        sentence.stems = QSet<QString>(sentence.list.begin(), sentence.list.end());
        for (const QString &stem : std::as_const(sentence.list))
            ++frequency[stem];
        scored.push_back(std::move(sentence));
    }
    for (Scored &sentence : scored) {
        double sum = 0, focused = 0;
        for (const QString &stem : std::as_const(sentence.list)) { // in order: sums of doubles depend on it
            sum += std::log2(1.0 + frequency.value(stem));
            focused += focus.stems.contains(stem) ? 1 : 0;
        }
        // Long sentences have more words to score with, so the sum is evened out; very short ones say little.
        sentence.score =
            sum / (double(sentence.stems.size()) + 5.0) + focus.weight * focused / (focused + 3.0);
        if (sentence.index == 0
            && sentence.list.size() >= 4) // the first says what it is about, unless it is a mere title
            sentence.score += 0.15;
        if (sentence.list.size() < 4)
            sentence.score -= 0.15;
        sentence.score += 0.1 / (1.0 + sentence.index * 0.2);
        static const QSet<QString> outcomes{
            stemOf(QStringLiteral("decided")),   stemOf(QStringLiteral("agreed")),
            stemOf(QStringLiteral("result")),    stemOf(QStringLiteral("decision")),
            stemOf(QStringLiteral("therefore")), stemOf(QStringLiteral("conclusion")),
            stemOf(QStringLiteral("important")), stemOf(QStringLiteral("deadline"))};
        if (sentence.stems.intersects(outcomes))
            sentence.score += 0.25;
        if (isFormality(sentences[sentence.index]))
            sentence.score -= 0.8;
    }
    return scored;
}

} // namespace

QStringList bestSentences(const QString &text, int count, const Focus &focus)
{
    const QStringList sentences = sentencesOf(text);
    std::vector<Scored> scored = scoredSentences(sentences, focus);
    std::stable_sort(scored.begin(), scored.end(),
                     [](const Scored &a, const Scored &b) { return a.score > b.score; });
    std::vector<const Scored *> chosen;
    for (const Scored &candidate : scored) {
        if (int(chosen.size()) >= count)
            break;
        const bool repeats = std::any_of(chosen.begin(), chosen.end(), [&](const Scored *other) {
            return overlap(candidate.stems, other->stems) > 0.6;
        });
        if (!repeats && !candidate.stems.isEmpty())
            chosen.push_back(&candidate);
    }
    std::sort(chosen.begin(), chosen.end(),
              [](const Scored *a, const Scored *b) { return a->index < b->index; });
    QStringList best;
    for (const Scored *sentence : chosen)
        best.append(oneLine(sentences[sentence->index]));
    return best;
}

QStringList answeringSentences(const QString &question, const QString &text, int count)
{
    QSet<QString> wanted;
    for (const Word &word : wordsOf(question)) {
        if (!word.isStop && !isRequestVerb(word.lower))
            wanted.insert(word.stem);
    }
    if (wanted.isEmpty())
        return {};
    const QString lower = question.toLower();
    const bool wantsNumber = lower.contains(QLatin1String("how many"))
                             || lower.contains(QLatin1String("how much"))
                             || lower.contains(QLatin1String("how long"));
    const bool wantsTime =
        containsPhrase(question, QStringLiteral("when")) || lower.contains(QLatin1String("what date"));
    const QStringList sentences = sentencesOf(text);
    std::vector<Scored> scored;
    for (int i = 0; i < sentences.size(); ++i) {
        Scored sentence;
        sentence.index = i;
        sentence.stems = stemsOf(sentences[i]);
        sentence.score = overlap(wanted, sentence.stems);
        const bool digits =
            std::any_of(sentences[i].begin(), sentences[i].end(), [](QChar c) { return c.isDigit(); });
        if (sentence.score > 0 && digits && (wantsNumber || wantsTime))
            sentence.score += 0.15;
        if (sentences[i].endsWith(u'?'))
            sentence.score *= 0.5; // a question is seldom an answer
        scored.push_back(std::move(sentence));
    }
    std::stable_sort(scored.begin(), scored.end(),
                     [](const Scored &a, const Scored &b) { return a.score > b.score; });
    QStringList best;
    const double least =
        wanted.size() == 1 ? 0.99 : std::max(0.3, scored.empty() ? 0.0 : scored.front().score * 0.6);
    for (const Scored &sentence : scored) {
        if (best.size() >= count || sentence.score < least)
            break;
        best.append(oneLine(sentences[sentence.index]));
    }
    return best;
}

QStringList keywordsOf(const QString &text, int count)
{
    struct Entry {
        QString shown;
        int uses = 0;
        int order = 0;
    };
    QHash<QString, Entry> entries;
    for (const Word &word : wordsOf(text)) {
        if (word.isStop || word.isNumber || word.length < 3 || isRequestVerb(word.lower)
            || numberFromWord(word.lower) >= 0 || monthFromWord(capitalised(word.lower)) > 0)
            continue;
        Entry &entry = entries[word.stem];
        if (entry.uses++ == 0) {
            entry.shown = word.lower;
            entry.order = int(entries.size());
        }
    }
    std::vector<Entry> sorted(entries.begin(), entries.end());
    std::sort(sorted.begin(), sorted.end(), [](const Entry &a, const Entry &b) {
        const double left = a.uses + std::min<qsizetype>(a.shown.size(), 10) * 0.08;
        const double right = b.uses + std::min<qsizetype>(b.shown.size(), 10) * 0.08;
        return left != right ? left > right : a.order < b.order;
    });
    QStringList keywords;
    for (const Entry &entry : sorted) {
        if (keywords.size() >= count)
            break;
        keywords.append(entry.shown);
    }
    return keywords;
}

} // namespace lathe::offline
