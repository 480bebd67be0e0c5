// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/FuzzyMatch.h"

#include <algorithm>
#include <vector>

namespace lathe {

namespace {

constexpr int MatchScore = 16;
constexpr int StartBonus = 12; // first character of the text
constexpr int WordBonus = 10;  // first of a word, or a capital after a small letter
constexpr int RunBonus = 9;    // right after the previous match
constexpr int CaseBonus = 1;
constexpr int GapStart = -3;
constexpr int GapMore = -1;
constexpr int None = -1'000'000;

int bonusAt(QStringView text, qsizetype i)
{
    if (i == 0)
        return StartBonus;
    const QChar before = text[i - 1];
    const QChar here = text[i];
    if (!before.isLetterOrNumber() && here.isLetterOrNumber())
        return WordBonus;
    if ((before.isLower() && here.isUpper()) || (!before.isDigit() && here.isDigit()))
        return WordBonus - 2;
    return 0;
}

} // namespace

std::optional<FuzzyMatch> fuzzyMatch(QStringView pattern, QStringView text)
{
    text = text.left(512);
    std::vector<QChar> wanted;
    for (const QChar c : pattern.left(64)) {
        if (!c.isSpace())
            wanted.push_back(c);
    }
    if (wanted.empty())
        return FuzzyMatch{};
    const auto n = static_cast<size_t>(text.size());
    const size_t m = wanted.size();
    if (m > n)
        return std::nullopt;
    std::vector<QChar> folded(n);
    for (size_t i = 0; i < n; ++i)
        folded[i] = text[static_cast<qsizetype>(i)].toCaseFolded();
    size_t found = 0; // the cheap answer first: is it a subsequence at all?
    for (size_t i = 0; i < n && found < m; ++i)
        found += folded[i] == wanted[found].toCaseFolded();
    if (found < m)
        return std::nullopt;

    // best[j][i]: best score with pattern character j matched at text character i; from[j][i]:
    // where j-1 matched.
    std::vector<int> best(m * n, None);
    std::vector<int> from(m * n, -1);
    for (size_t j = 0; j < m; ++j) {
        const QChar c = wanted[j];
        const QChar cFolded = c.toCaseFolded();
        int carried = None; // best of the row above left of i-1, with its gap paid so far
        int carriedFrom = -1;
        for (size_t i = j; i < n; ++i) {
            if (j > 0 && i >= 2) {
                const int candidate = best[(j - 1) * n + i - 2];
                if (carried > None)
                    carried += GapMore;
                if (candidate > None && candidate + GapStart > carried) {
                    carried = candidate + GapStart;
                    carriedFrom = static_cast<int>(i) - 2;
                }
            }
            if (folded[i] != cFolded)
                continue;
            const auto at = static_cast<qsizetype>(i);
            int own = MatchScore + bonusAt(text, at);
            if (c == text[at] && c.isUpper())
                own += CaseBonus;
            if (j == 0) {
                best[i] = own - std::min(static_cast<int>(i), 12) / 3; // earlier is a little better
                continue;
            }
            const int run = best[(j - 1) * n + i - 1];
            const int viaRun = run > None ? run + RunBonus : None;
            if (viaRun <= None && carried <= None)
                continue;
            best[j * n + i] = own + std::max(viaRun, carried);
            from[j * n + i] = viaRun >= carried ? static_cast<int>(i) - 1 : carriedFrom;
        }
    }
    const auto last = best.begin() + static_cast<std::ptrdiff_t>((m - 1) * n);
    const auto winner = std::max_element(last, best.end());
    if (*winner <= None)
        return std::nullopt;
    FuzzyMatch match;
    match.score = *winner - static_cast<int>(n) / 16; // among equals the shorter text
    int i = static_cast<int>(winner - last);
    for (size_t j = m; j-- > 0; i = from[j * n + static_cast<size_t>(std::max(i, 0))])
        match.positions.prepend(i);
    return match;
}

} // namespace lathe
