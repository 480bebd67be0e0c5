// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/TextScores.h"

#include <QHash>
#include <QRegularExpression>

#include <cmath>
#include <vector>

namespace lathe {

namespace {
// The n-grams of a text and how often each is there. Words never hold the separator.
QHash<QString, int> countGrams(const QStringList &words, int n)
{
    QHash<QString, int> counts;
    for (qsizetype i = 0; i + n <= words.size(); ++i)
        ++counts[words.mid(i, n).join(QChar(0x1F))];
    return counts;
}

QStringList spacedWords(const QString &text)
{
    return text.toLower().simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
}
} // namespace

// Myers' bit-vectors in blocks of 64 rows (Hyyro 2003): one column of the table at a time.
qsizetype levenshteinDistance(QStringView a, QStringView b)
{
    while (!a.isEmpty() && !b.isEmpty() && a.front() == b.front()) {
        a = a.mid(1);
        b = b.mid(1);
    }
    while (!a.isEmpty() && !b.isEmpty() && a.back() == b.back()) {
        a.chop(1);
        b.chop(1);
    }
    if (a.isEmpty() || b.isEmpty())
        return a.size() + b.size();
    if (a.size() > b.size())
        std::swap(a, b);
    const size_t blocks = size_t(a.size() + 63) / 64;
    QHash<char16_t, std::vector<quint64>> places; // where in `a` each character stands
    for (qsizetype i = 0; i < a.size(); ++i) {
        auto &bits = places[a[i].unicode()];
        bits.resize(blocks);
        bits[size_t(i) / 64] |= quint64(1) << (i % 64);
    }
    const std::vector<quint64> nowhere(blocks);
    std::vector<quint64> up(blocks, ~quint64(0)), down(blocks); // vertical steps of +1 and -1
    const quint64 last = quint64(1) << ((a.size() - 1) % 64);
    qsizetype distance = a.size();
    for (const QChar c : b) {
        const auto found = places.constFind(c.unicode());
        const std::vector<quint64> &equal = found == places.constEnd() ? nowhere : *found;
        quint64 carryUp = 1,
                carryDown =
                    0; // the step at the upper edge of a block; the first row grows by 1 a column
        for (size_t block = 0; block < blocks; ++block) {
            const quint64 pv = up[block], mv = down[block];
            const quint64 eq = equal[block];
            const quint64 xv = eq | mv;
            const quint64 eqIn = eq | carryDown;
            const quint64 xh = (((eqIn & pv) + pv) ^ pv) | eqIn;
            quint64 ph = mv | ~(xh | pv);
            quint64 mh = pv & xh;
            const quint64 edge = block + 1 == blocks ? last : quint64(1) << 63;
            const quint64 outUp = (ph & edge) != 0, outDown = (mh & edge) != 0;
            ph = (ph << 1) | carryUp;
            mh = (mh << 1) | carryDown;
            up[block] = mh | ~(xv | ph);
            down[block] = ph & xv;
            carryUp = outUp;
            carryDown = outDown;
        }
        distance += qsizetype(carryUp) - qsizetype(carryDown);
    }
    return distance;
}

QStringList treebankWords(const QString &text)
{
    static const QRegularExpression contraction(
        QStringLiteral("(?<=\\p{L})(n['\u2019]t|['\u2019](?:ll|re|ve|s|m|d))(?![\\p{L}\\p{N}])"),
        QRegularExpression::CaseInsensitiveOption | QRegularExpression::UseUnicodePropertiesOption);
    // A word (with inner points, commas between digits, hyphens), an ellipsis, a dash, or a mark alone.
    static const QRegularExpression word(
        QStringLiteral(
            "n['\u2019]t(?![\\p{L}\\p{N}])|['\u2019](?:ll|re|ve|s|m|d)(?![\\p{L}\\p{N}])"
            "|[\\p{L}\\p{N}_]+(?:[.,:](?=\\p{N})[\\p{N}]+|[-.](?=[\\p{L}\\p{N}])[\\p{L}\\p{N}_]+)*"
            "|\\.\\.\\.|--|\\S"),
        QRegularExpression::CaseInsensitiveOption | QRegularExpression::UseUnicodePropertiesOption);
    QString spaced = text;
    spaced.replace(contraction, QStringLiteral(" \\1"));
    QStringList words;
    for (auto it = word.globalMatch(spaced); it.hasNext();)
        words.append(it.next().captured());
    return words;
}

double rougeN(const QString &candidate, const QString &reference, int n)
{
    const QStringList referenceWords = treebankWords(reference);
    const qsizetype total = referenceWords.size() - n + 1;
    if (n < 1 || total < 1)
        return 0;
    const QHash<QString, int> have = countGrams(treebankWords(candidate), n);
    const QHash<QString, int> wanted = countGrams(referenceWords, n);
    qsizetype matched = 0;
    for (auto it = wanted.begin(); it != wanted.end(); ++it)
        matched += std::min(it.value(), have.value(it.key()));
    return double(matched) / double(total);
}

double bleuScore(const QString &candidate, const QStringList &references)
{
    constexpr int longest = 4;
    const QStringList words = spacedWords(candidate);
    if (words.isEmpty() || references.isEmpty())
        return 0;
    std::vector<QStringList> known;
    qsizetype closest = -1;
    for (const QString &reference : references) {
        known.push_back(spacedWords(reference));
        const qsizetype size = known.back().size();
        const qsizetype far = std::abs(size - words.size()),
                        best = std::abs(closest - words.size());
        if (closest < 0 || far < best || (far == best && size < closest))
            closest = size;
    }
    double logMean = 0;
    for (int n = 1; n <= longest; ++n) {
        const QHash<QString, int> have = countGrams(words, n);
        QHash<QString, int> most;
        for (const QStringList &reference : known) {
            const QHash<QString, int> counts = countGrams(reference, n);
            for (auto it = counts.begin(); it != counts.end(); ++it)
                most[it.key()] = std::max(most.value(it.key()), it.value());
        }
        qsizetype matched = 0, total = 0;
        for (auto it = have.begin(); it != have.end(); ++it) {
            matched += std::min(it.value(), most.value(it.key()));
            total += it.value();
        }
        const double precision = matched > 0 ? double(matched) / double(total) : 1e-7;
        logMean += std::log(precision) / longest;
    }
    const double penalty =
        words.size() > closest ? 1 : std::exp(1 - double(closest) / double(words.size()));
    return penalty * std::exp(logMean);
}

} // namespace lathe
