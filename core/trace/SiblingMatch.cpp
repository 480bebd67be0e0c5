// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/SiblingMatch.h"

#include <QHash>

#include <algorithm>

namespace lathe {

namespace {
constexpr qint64 largestTable = 300'000; // cells of one comparison, each with each
constexpr int lookAhead = 64;
}

SiblingMatch::SiblingMatch(Side a, Side b, std::function<int(int, int)> score, qint64 *budget)
    : m_a(std::move(a)), m_b(std::move(b)), m_score(std::move(score)), m_budget(budget), m_partner(m_a.roles.size(), -1)
{
}

std::vector<int> SiblingMatch::take()
{
    const int countA = int(m_a.roles.size()), countB = int(m_b.roles.size());
    if (m_a.roles == m_b.roles) {
        for (int i = 0; i < countA; ++i)
            m_partner[size_t(i)] = i;
    } else {
        range(0, countA, 0, countB, true);
    }
    return std::move(m_partner);
}

void SiblingMatch::range(int fromA, int toA, int fromB, int toB, bool mayAnchor)
{
    while (fromA < toA && fromB < toB && m_a.whole[size_t(fromA)] == m_b.whole[size_t(fromB)])
        m_partner[size_t(fromA++)] = fromB++;
    while (fromA < toA && fromB < toB && m_a.whole[size_t(toA - 1)] == m_b.whole[size_t(toB - 1)])
        m_partner[size_t(--toA)] = --toB;
    if (fromA == toA || fromB == toB)
        return;
    const qint64 cells = qint64(toA - fromA + 1) * (toB - fromB + 1);
    if (cells <= largestTable && cells <= *m_budget) {
        *m_budget -= cells;
        table(fromA, toA, fromB, toB);
    } else if (!mayAnchor || !anchors(fromA, toA, fromB, toB)) {
        walk(fromA, toA, fromB, toB);
    }
}

// The pairing with the highest sum of scores.
void SiblingMatch::table(int fromA, int toA, int fromB, int toB)
{
    const int rows = toA - fromA, columns = toB - fromB;
    std::vector<int> best(size_t(rows + 1) * size_t(columns + 1), 0); // of what is behind i, j
    const auto at = [&best, columns](int i, int j) -> int & { return best[size_t(i) * size_t(columns + 1) + size_t(j)]; };
    for (int i = rows - 1; i >= 0; --i) {
        for (int j = columns - 1; j >= 0; --j) {
            const int gap = std::max(at(i + 1, j), at(i, j + 1));
            const int score = m_score(fromA + i, fromB + j);
            at(i, j) = score < 0 ? gap : std::max(gap, score + at(i + 1, j + 1));
        }
    }
    for (int i = 0, j = 0; i < rows && j < columns;) {
        const int score = m_score(fromA + i, fromB + j);
        if (score >= 0 && at(i, j) == score + at(i + 1, j + 1)) // the earliest of equals
            m_partner[size_t(fromA + i++)] = fromB + j++;
        else if (at(i, j) == at(i, j + 1))
            ++j;
        else
            ++i;
    }
}

// Splits at steps that are the same on both sides and only once on each (patience diff). False: there are none.
bool SiblingMatch::anchors(int fromA, int toA, int fromB, int toB)
{
    struct Seen {
        int a = -1, b = -1, countA = 0, countB = 0;
    };
    QHash<size_t, Seen> seen;
    for (int i = fromA; i < toA; ++i) {
        Seen &entry = seen[m_a.whole[size_t(i)]];
        entry.a = i;
        ++entry.countA;
    }
    for (int j = fromB; j < toB; ++j) {
        Seen &entry = seen[m_b.whole[size_t(j)]];
        entry.b = j;
        ++entry.countB;
    }
    std::vector<std::pair<int, int>> unique;
    for (const Seen &entry : std::as_const(seen)) {
        if (entry.countA == 1 && entry.countB == 1)
            unique.emplace_back(entry.a, entry.b);
    }
    if (unique.empty())
        return false;
    std::sort(unique.begin(), unique.end());
    // Longest rising sequence of B's positions.
    std::vector<int> tails, previous(unique.size(), -1);
    for (size_t i = 0; i < unique.size(); ++i) {
        const auto place = std::lower_bound(tails.begin(), tails.end(), unique[i].second,
                                            [&unique](int tail, int b) { return unique[size_t(tail)].second < b; });
        if (place != tails.begin())
            previous[i] = *(place - 1);
        if (place == tails.end())
            tails.push_back(int(i));
        else
            *place = int(i);
    }
    std::vector<int> chain;
    for (int i = tails.back(); i >= 0; i = previous[size_t(i)])
        chain.push_back(i);
    std::reverse(chain.begin(), chain.end());
    for (const int index : chain) {
        const auto [a, b] = unique[size_t(index)];
        range(fromA, a, fromB, b, false);
        m_partner[size_t(a)] = b;
        fromA = a + 1;
        fromB = b + 1;
    }
    range(fromA, toA, fromB, toB, false);
    return true;
}

// Long and quite different: by the next of the same role.
void SiblingMatch::walk(int i, int toA, int j, int toB)
{
    while (i < toA && j < toB) {
        int skipA = 0, skipB = 0;
        if (m_a.roles[size_t(i)] != m_b.roles[size_t(j)]) {
            for (int d = 1; d <= lookAhead && !skipA && !skipB; ++d) {
                if (i + d < toA && m_a.roles[size_t(i + d)] == m_b.roles[size_t(j)])
                    skipA = d;
                else if (j + d < toB && m_a.roles[size_t(i)] == m_b.roles[size_t(j + d)])
                    skipB = d;
            }
            if (!skipA && !skipB && m_score(i, j) < 0)
                skipA = skipB = 1;
        }
        i += skipA;
        j += skipB;
        if (!skipA && !skipB)
            m_partner[size_t(i++)] = j++;
    }
}

} // namespace lathe
