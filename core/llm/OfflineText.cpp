// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineText.h"

#include "core/llm/OfflineLexicon.h"

namespace lathe::offline {

namespace {

constexpr qsizetype maxSentence = 600;

bool isWordCharacter(QChar c)
{
    return c.isLetterOrNumber() || c.isMark() || c.isSurrogate();
}

bool isApostrophe(QChar c)
{
    return c == u'\'' || c == u'\u2019';
}

bool endsDoubled(const QString &word)
{
    const qsizetype n = word.size();
    return n > 3 && word[n - 1] == word[n - 2] && !QStringView(u"lsz").contains(word[n - 1]);
}

// "1.", "2)", "-", "*", "•", "#", ">" at the start of a line.
QStringView withoutBullet(QStringView line)
{
    line = line.trimmed();
    qsizetype at = 0;
    while (at < line.size() && line[at].isDigit() && at < 3)
        ++at;
    if (at > 0 && at + 1 < line.size() && (line[at] == u'.' || line[at] == u')') && line[at + 1].isSpace())
        return line.sliced(at + 1).trimmed();
    at = 0;
    while (at < line.size() && QStringView(u"-*•–#>").contains(line[at]))
        ++at;
    const bool bullet = at > 0 && (at == line.size() || line[at].isSpace());
    return bullet ? line.sliced(at).trimmed() : line;
}

bool endsSentence(QStringView line, qsizetype at)
{
    const QChar c = line[at];
    if (c != u'.' && c != u'!' && c != u'?' && c != u'…')
        return false;
    qsizetype next = at + 1;
    while (next < line.size() && QStringView(u".!?…\"”'’)").contains(line[next]))
        ++next;
    if (next < line.size() && !line[next].isSpace())
        return false;
    if (c != u'.')
        return true;
    qsizetype start = at;
    while (start > 0 && isWordCharacter(line[start - 1]))
        --start;
    const QString before = line.sliced(start, at - start).toString().toLower();
    static const QSet<QString> abbreviations{
        QStringLiteral("mr"), QStringLiteral("mrs"), QStringLiteral("ms"),
        QStringLiteral("dr"), QStringLiteral("no"),  QStringLiteral("vs"),
        QStringLiteral("ca"), QStringLiteral("st"),  QStringLiteral("approx")};
    if (abbreviations.contains(before) && next < line.size())
        return false;
    const bool initial = before.size() == 1 && before[0].isLetter() && next < line.size();
    return !initial;
}

void addSentence(QStringList &sentences, QStringView text)
{
    text = withoutBullet(text);
    bool hasWord = false;
    for (const QChar c : text)
        hasWord = hasWord || isWordCharacter(c);
    if (hasWord)
        sentences.append(text.size() > maxSentence
                             ? firstCharacters(text.first(maxSentence + 1).toString(), int(maxSentence))
                             : text.toString());
}

} // namespace

QString stemOf(const QString &word)
{
    QString stem = word.toLower();
    stem.remove(u'\'').remove(u'\u2019');
    if (stem.size() > 4 && stem.endsWith(QLatin1String("ies"))) {
        stem.chop(3);
        stem += u'y';
    } else if (stem.size() > 4
               && (stem.endsWith(QLatin1String("sses")) || stem.endsWith(QLatin1String("xes"))
                   || stem.endsWith(QLatin1String("ches")) || stem.endsWith(QLatin1String("shes")))) {
        stem.chop(2);
    } else if (stem.size() > 3 && stem.endsWith(u's') && !stem.endsWith(QLatin1String("ss"))
               && !stem.endsWith(QLatin1String("us")) && !stem.endsWith(QLatin1String("is"))) {
        stem.chop(1);
    }
    for (const auto ending : {QLatin1String("ing"), QLatin1String("ed"), QLatin1String("ly")}) {
        if (stem.size() - ending.size() >= 3 && stem.endsWith(ending)) {
            stem.chop(ending.size());
            if (endsDoubled(stem))
                stem.chop(1);
            break;
        }
    }
    if (stem.size() > 3 && stem.endsWith(u'e'))
        stem.chop(1);
    return stem == QLatin1String("email") ? QStringLiteral("mail") : stem; // "e-mail" is two words here
}

bool isStopWord(const QString &lower)
{
    return stopWords().contains(lower);
}

std::vector<Word> wordsOf(const QString &text)
{
    std::vector<Word> words;
    for (qsizetype at = 0; at < text.size();) {
        if (!isWordCharacter(text[at])) {
            ++at;
            continue;
        }
        Word word;
        word.from = at;
        bool digits = true;
        while (at < text.size()
               && (isWordCharacter(text[at])
                   || (isApostrophe(text[at]) && at + 1 < text.size() && text[at + 1].isLetter()))) {
            digits = digits && text[at].isDigit();
            ++at;
        }
        word.length = at - word.from;
        word.isNumber = digits;
        word.lower = text.mid(word.from, std::min<qsizetype>(word.length, 64)).toLower();
        word.stem = stemOf(word.lower);
        word.isStop = isStopWord(word.lower) || (word.lower.size() < 2 && !digits);
        words.push_back(std::move(word));
    }
    return words;
}

QStringList stemList(const QString &text)
{
    QStringList stems;
    QSet<QString> seen;
    for (const Word &word : wordsOf(text)) {
        if (word.isStop || seen.contains(word.stem))
            continue;
        seen.insert(word.stem);
        stems.append(word.stem);
    }
    return stems;
}

QSet<QString> stemsOf(const QString &text)
{
    const QStringList stems = stemList(text);
    return QSet<QString>(stems.begin(), stems.end());
}

double overlap(const QSet<QString> &part, const QSet<QString> &whole)
{
    if (part.isEmpty())
        return 0;
    qsizetype found = 0;
    for (const QString &stem : part)
        found += whole.contains(stem) ? 1 : 0;
    return double(found) / double(part.size());
}

QStringList sentencesOf(const QString &text, int limit)
{
    QStringList sentences;
    const QStringView view(text);
    for (qsizetype lineStart = 0; lineStart < view.size() && sentences.size() < limit;) {
        qsizetype lineEnd = view.indexOf(u'\n', lineStart);
        if (lineEnd < 0)
            lineEnd = view.size();
        const QStringView line = withoutBullet(view.sliced(lineStart, lineEnd - lineStart));
        qsizetype from = 0;
        for (qsizetype at = 0; at < line.size() && sentences.size() < limit; ++at) {
            if (!endsSentence(line, at))
                continue;
            qsizetype end = at + 1;
            while (end < line.size() && !line[end].isSpace())
                ++end;
            addSentence(sentences, line.sliced(from, end - from));
            from = end;
            at = end;
        }
        if (from < line.size())
            addSentence(sentences, line.sliced(from));
        lineStart = lineEnd + 1;
    }
    return sentences.mid(0, limit);
}

int countWords(const QString &text)
{
    int count = 0;
    bool inside = false;
    for (const QChar c : text) {
        const bool space = c.isSpace();
        if (!space && !inside)
            ++count;
        inside = !space;
    }
    return count;
}

qint64 countTokens(const QString &text)
{
    qint64 count = 0;
    bool inWord = false;
    for (const QChar c : text) {
        const bool word = isWordCharacter(c);
        if (word ? !inWord : !c.isSpace())
            ++count;
        inWord = word;
    }
    return count;
}

QString firstWords(const QString &text, int words)
{
    int count = 0;
    bool inside = false;
    for (qsizetype at = 0; at < text.size(); ++at) {
        const bool space = text[at].isSpace();
        if (!space && !inside && ++count > words) {
            QString cut = text.left(at).trimmed();
            while (!cut.isEmpty() && QStringView(u",;:-–").contains(cut.back()))
                cut.chop(1);
            return cut + u'…';
        }
        inside = !space;
    }
    return text;
}

QString firstCharacters(const QString &text, int characters)
{
    if (text.size() <= characters)
        return text;
    if (characters <= 1)
        return text.left(std::max(0, characters));
    qsizetype cut = characters - 1;
    const qsizetype space = text.lastIndexOf(u' ', cut);
    if (space > characters / 2)
        cut = space;
    else if (text[cut - 1].isHighSurrogate())
        --cut;
    return text.left(cut).trimmed() + u'…';
}

QString capitalised(const QString &text)
{
    return text.isEmpty() ? text : text.left(1).toUpper() + text.mid(1);
}

QString asSentence(const QString &text)
{
    QString sentence = text.trimmed();
    while (!sentence.isEmpty() && QStringView(u",;:").contains(sentence.back()))
        sentence.chop(1);
    if (sentence.isEmpty())
        return sentence;
    const QChar last = sentence.back();
    if (last.isLetterOrNumber() || last == u')' || last == u'%')
        sentence += u'.';
    return capitalised(sentence);
}

QString oneLine(const QString &text)
{
    return text.simplified();
}

qsizetype indexOfPhrase(const QString &text, const QString &phrase, qsizetype from)
{
    if (phrase.isEmpty())
        return -1;
    while ((from = text.indexOf(phrase, from, Qt::CaseInsensitive)) >= 0) {
        const qsizetype end = from + phrase.size();
        const bool startOk =
            from == 0 || !isWordCharacter(text[from - 1]) || !isWordCharacter(phrase.front());
        const bool endOk =
            end == text.size() || !isWordCharacter(text[end]) || !isWordCharacter(phrase.back());
        if (startOk && endOk)
            return from;
        ++from;
    }
    return -1;
}

bool containsPhrase(const QString &text, const QString &phrase)
{
    return indexOfPhrase(text, phrase) >= 0;
}

QString capped(const QString &text, qsizetype characters)
{
    if (text.size() <= characters)
        return text;
    const qsizetype half = characters / 2;
    qsizetype head = half, tail = text.size() - half;
    if (text[head - 1].isHighSurrogate())
        --head;
    if (text[tail].isLowSurrogate())
        ++tail;
    return text.left(head) + QLatin1String("\n…\n") + text.mid(tail);
}

} // namespace lathe::offline
