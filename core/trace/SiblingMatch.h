// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <functional>
#include <vector>

namespace lathe {

// Pairs the siblings of one trace (B) with those already put together (A), all under one parent; part of TraceAlign. Siblings that are
// quite the same anchor the rest. What lies between is compared each with each when it is small, else by the next of the same role.
class SiblingMatch
{
public:
    struct Side {
        std::vector<size_t> roles; // of each sibling: a hash of its place in the code
        std::vector<size_t> whole; // of role, input and output
    };
    // score(a, b): how much two resemble each other, negative: never a pair. budget: cells that may still be compared; lowered.
    SiblingMatch(Side a, Side b, std::function<int(int, int)> score, qint64 *budget);
    // For each of A its partner in B or -1, rising.
    std::vector<int> take();

private:
    void range(int fromA, int toA, int fromB, int toB, bool mayAnchor);
    void table(int fromA, int toA, int fromB, int toB);
    bool anchors(int fromA, int toA, int fromB, int toB);
    void walk(int i, int toA, int j, int toB);

    Side m_a, m_b;
    std::function<int(int, int)> m_score;
    qint64 *m_budget;
    std::vector<int> m_partner;
};

} // namespace lathe
