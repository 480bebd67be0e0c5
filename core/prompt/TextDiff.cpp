// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/TextDiff.h"

#include <QHash>
#include <QStringList>

#include <dtl/dtl.hpp>

#include <algorithm>

namespace lathe {

namespace {

using Ids = std::vector<int>;
using Type = DiffPiece::Type;

// One step of an edit script over tokens.
struct Step {
    Type type;
    int oldIndex; // -1 when added
    int newIndex; // -1 when removed
};

constexpr size_t maxExactProduct =
    800'000; // of the two lengths; larger parts without an anchor are replaced as a whole
constexpr size_t maxPairedWords = 40'000; // words of two lines that are compared word by word

// Compares old[oldFrom, oldTo) with new[newFrom, newTo) and appends the steps.
class Script
{
public:
    Script(const Ids &before, const Ids &after) : m_old(before), m_new(after) {}
    std::vector<Step> make()
    {
        compare({0, m_old.size()}, {0, m_new.size()}, 0);
        return std::move(m_steps);
    }

private:
    struct Range {
        size_t from, to;
        size_t size() const { return to - from; }
    };

    void same(size_t oldAt, size_t newAt) { m_steps.push_back({Type::Same, int(oldAt), int(newAt)}); }
    void replace(Range before, Range after)
    {
        for (size_t i = before.from; i < before.to; ++i)
            m_steps.push_back({Type::Removed, int(i), -1});
        for (size_t i = after.from; i < after.to; ++i)
            m_steps.push_back({Type::Added, -1, int(i)});
    }

    void compare(Range before, Range after, int depth)
    {
        while (before.size() > 0 && after.size() > 0 && m_old[before.from] == m_new[after.from])
            same(before.from++, after.from++);
        size_t tail = 0;
        while (before.size() > tail && after.size() > tail
               && m_old[before.to - 1 - tail] == m_new[after.to - 1 - tail])
            ++tail;
        const Range oldTail{before.to - tail, before.to};
        before.to -= tail;
        after.to -= tail;
        if (before.size() == 0 || after.size() == 0)
            replace(before, after);
        else if (before.size() * after.size() <= maxExactProduct)
            exact(before, after);
        else
            split(before, after, depth);
        for (size_t i = 0; i < tail; ++i)
            same(oldTail.from + i, after.to + i);
    }

    void exact(Range before, Range after)
    {
        dtl::Diff<int> diff(Ids(m_old.begin() + long(before.from), m_old.begin() + long(before.to)),
                            Ids(m_new.begin() + long(after.from), m_new.begin() + long(after.to)));
        diff.compose();
        // Removed before added, in each run of changes. (dtl's own deletesFirst is quadratic.)
        size_t oldAt = before.from, newAt = after.from;
        std::vector<size_t> added;
        const auto flush = [&] {
            for (const size_t at : added)
                m_steps.push_back({Type::Added, -1, int(at)});
            added.clear();
        };
        for (const auto &[id, info] : diff.getSes().getSequence()) {
            if (info.type == dtl::SES_ADD) {
                added.push_back(newAt++);
            } else if (info.type == dtl::SES_DELETE) {
                m_steps.push_back({Type::Removed, int(oldAt++), -1});
            } else {
                flush();
                same(oldAt++, newAt++);
            }
        }
        flush();
    }

    // Cuts at tokens that occur once on each side and stand in the same order (as patience diff does).
    void split(Range before, Range after, int depth)
    {
        struct Seen {
            int oldCount = 0, newCount = 0;
            size_t oldAt = 0;
        };
        QHash<int, Seen> seen;
        for (size_t i = before.from; i < before.to; ++i) {
            Seen &entry = seen[m_old[i]];
            ++entry.oldCount;
            entry.oldAt = i;
        }
        for (size_t i = after.from; i < after.to; ++i) {
            if (auto it = seen.find(m_new[i]); it != seen.end())
                ++it->newCount;
        }
        struct Anchor {
            size_t oldAt, newAt;
            int previous;
        };
        std::vector<Anchor> anchors;
        std::vector<int> piles; // the smallest end of an increasing run of each length
        for (size_t i = after.from; i < after.to; ++i) {
            const auto it = seen.constFind(m_new[i]);
            if (it == seen.constEnd() || it->oldCount != 1 || it->newCount != 1)
                continue;
            const auto pile =
                std::lower_bound(piles.begin(), piles.end(), it->oldAt,
                                 [&](int at, size_t value) { return anchors[size_t(at)].oldAt < value; });
            anchors.push_back({it->oldAt, i, pile == piles.begin() ? -1 : *(pile - 1)});
            if (pile == piles.end())
                piles.push_back(int(anchors.size()) - 1);
            else
                *pile = int(anchors.size()) - 1;
        }
        if (piles.empty() || depth > 20) {
            replace(before, after);
            return;
        }
        std::vector<Anchor> chain;
        for (int at = piles.back(); at >= 0; at = anchors[size_t(at)].previous)
            chain.push_back(anchors[size_t(at)]);
        std::reverse(chain.begin(), chain.end());
        for (const Anchor &anchor : chain) {
            compare({before.from, anchor.oldAt}, {after.from, anchor.newAt}, depth + 1);
            same(anchor.oldAt, anchor.newAt);
            before.from = anchor.oldAt + 1;
            after.from = anchor.newAt + 1;
        }
        compare(before, after, depth + 1);
    }

    const Ids &m_old;
    const Ids &m_new;
    std::vector<Step> m_steps;
};

// Equal texts get equal numbers, so that comparing costs one instruction.
class Numbers
{
public:
    template<typename Text>
    Ids of(const std::vector<Text> &texts)
    {
        Ids ids;
        ids.reserve(texts.size());
        for (const Text &text : texts)
            ids.push_back(m_ids.emplace(text, int(m_ids.size())).value());
        return ids;
    }

private:
    struct Table : QHash<QStringView, int> {
        iterator emplace(QStringView key, int next)
        {
            const auto found = find(key);
            return found != end() ? found : insert(key, next);
        }
    } m_ids;
};

// Words, runs of spaces, and single signs.
std::vector<QStringView> wordsOf(const QString &text)
{
    std::vector<QStringView> words;
    const QStringView view(text);
    const auto kind = [](QChar c) {
        return c.isSpace() ? 1 : c.isLetterOrNumber() || c.isSurrogate() || c.isMark() || c == u'_' ? 2 : 3;
    };
    for (qsizetype at = 0; at < view.size();) {
        const int first = kind(view[at]);
        qsizetype end = at + 1;
        while (first != 3 && end < view.size() && kind(view[end]) == first)
            ++end;
        words.push_back(view.sliced(at, end - at));
        at = end;
    }
    return words;
}

std::vector<QStringView> linesOf(const QString &text)
{
    std::vector<QStringView> lines;
    if (text.isEmpty())
        return lines;
    for (const QStringView line : QStringView(text).split(u'\n'))
        lines.push_back(line);
    return lines;
}

void append(std::vector<DiffPiece> &pieces, Type type, QStringView text)
{
    if (!pieces.empty() && pieces.back().type == type)
        pieces.back().text += text;
    else
        pieces.push_back({type, text.toString()});
}

DiffLine plainLine(Type type, int oldLine, int newLine, QStringView text)
{
    DiffLine line{type, oldLine, newLine, {}};
    if (!text.isEmpty())
        line.pieces.push_back({type, text.toString()});
    return line;
}

// A removed line beside the line that replaces it: the words they share become Same, when they share enough to be worth it.
void markWords(DiffLine &removed, DiffLine &added, QStringView before, QStringView after)
{
    const std::vector<DiffPiece> pieces = diffWords(before.toString(), after.toString());
    qsizetype shared = 0;
    for (const DiffPiece &piece : pieces) {
        if (piece.type == Type::Same)
            shared += piece.text.size();
    }
    if (shared * 3 < std::max(before.size(), after.size()))
        return;
    removed.pieces.clear();
    added.pieces.clear();
    for (const DiffPiece &piece : pieces) {
        if (piece.type != Type::Added)
            append(removed.pieces, piece.type, piece.text);
        if (piece.type != Type::Removed)
            append(added.pieces, piece.type, piece.text);
    }
}

// Lines that were taken away in one place and put in at another. Blocks of lines that say enough to be recognised: several lines, or
// one long one; short ones such as "}" occur anywhere.
class Moves
{
public:
    Moves(const std::vector<Step> &steps, const Ids &oldIds, const Ids &newIds, const std::vector<QStringView> &lines)
        : m_old(oldIds), m_new(newIds), m_texts(lines), removedMove(oldIds.size(), 0), addedMove(newIds.size(), 0),
          partnerOfRemoved(oldIds.size(), 0), partnerOfAdded(newIds.size(), 0), m_removed(oldIds.size(), false),
          m_added(newIds.size(), false)
    {
        QHash<int, std::vector<int>> places; // of removed lines, by number
        for (const Step &step : steps) {
            if (step.type == Type::Removed) {
                m_removed[size_t(step.oldIndex)] = true;
                std::vector<int> &list = places[m_old[size_t(step.oldIndex)]];
                if (list.size() < mostCandidates && weight(size_t(step.oldIndex)) > 0)
                    list.push_back(step.oldIndex);
            } else if (step.type == Type::Added) {
                m_added[size_t(step.newIndex)] = true;
            }
        }
        if (places.isEmpty())
            return;
        for (size_t at = 0; at < m_new.size(); ++at) {
            if (!m_added[at] || addedMove[at] > 0)
                continue;
            const auto found = places.constFind(m_new[at]);
            if (found == places.constEnd())
                continue;
            size_t best = 0;
            int from = 0;
            for (const int candidate : *found) {
                const size_t length = matching(size_t(candidate), at);
                if (length > best) {
                    best = length;
                    from = candidate;
                }
            }
            take(size_t(from), at, best);
        }
    }

private:
    static constexpr size_t mostCandidates = 8;
    static constexpr qsizetype leastLetters = 30;

    const Ids &m_old;
    const Ids &m_new;
    const std::vector<QStringView> &m_texts; // the old lines

public:
    std::vector<int> removedMove, addedMove; // number of the block by line, 0: none
    std::vector<int> partnerOfRemoved, partnerOfAdded; // 1-based line on the other side

private:
    size_t matching(size_t from, size_t at) const
    {
        size_t length = 0;
        while (from + length < m_old.size() && at + length < m_new.size() && m_removed[from + length] && m_added[at + length]
               && removedMove[from + length] == 0 && addedMove[at + length] == 0 && m_old[from + length] == m_new[at + length]
               && length < 10'000)
            ++length;
        return length;
    }
    // Letters and digits of a line, counted up to what matters.
    qsizetype weight(size_t line) const
    {
        qsizetype letters = 0;
        for (const QChar c : m_texts[line]) {
            letters += c.isLetterOrNumber();
            if (letters >= leastLetters)
                break;
        }
        return letters;
    }
    void take(size_t from, size_t at, size_t length)
    {
        while (length > 0 && weight(from + length - 1) == 0)
            --length; // blank lines at the end belong to nobody
        qsizetype letters = 0;
        size_t telling = 0;
        for (size_t i = 0; i < length; ++i) {
            const qsizetype own = weight(from + i);
            letters += own;
            telling += own >= 4;
        }
        if (letters < leastLetters && !(telling >= 2 && letters >= 16))
            return;
        ++m_blocks;
        for (size_t i = 0; i < length; ++i) {
            removedMove[from + i] = addedMove[at + i] = m_blocks;
            partnerOfRemoved[from + i] = int(at + i) + 1;
            partnerOfAdded[at + i] = int(from + i) + 1;
        }
    }

    std::vector<bool> m_removed, m_added;
    int m_blocks = 0;
};

} // namespace

std::vector<DiffPiece> diffWords(const QString &before, const QString &after)
{
    const std::vector<QStringView> oldWords = wordsOf(before);
    const std::vector<QStringView> newWords = wordsOf(after);
    Numbers numbers;
    const Ids oldIds = numbers.of(oldWords);
    const Ids newIds = numbers.of(newWords);
    std::vector<DiffPiece> pieces;
    for (const Step &step : Script(oldIds, newIds).make())
        append(pieces, step.type,
               step.oldIndex >= 0 ? oldWords[size_t(step.oldIndex)] : newWords[size_t(step.newIndex)]);
    return pieces;
}

std::vector<DiffLine> diffLines(const QString &before, const QString &after)
{
    const std::vector<QStringView> oldLines = linesOf(before);
    const std::vector<QStringView> newLines = linesOf(after);
    Numbers numbers;
    const Ids oldIds = numbers.of(oldLines);
    const Ids newIds = numbers.of(newLines);
    const std::vector<Step> steps = Script(oldIds, newIds).make();

    const Moves moves(steps, oldIds, newIds, oldLines);
    std::vector<DiffLine> lines;
    lines.reserve(steps.size());
    size_t wordBudget = maxPairedWords;
    for (size_t at = 0; at < steps.size();) {
        if (steps[at].type == Type::Same) {
            lines.push_back(plainLine(Type::Same, steps[at].oldIndex + 1, steps[at].newIndex + 1,
                                      oldLines[size_t(steps[at].oldIndex)]));
            ++at;
            continue;
        }
        // A run of changes: the n-th removed line is paired with the n-th added one; moved ones have their pair elsewhere.
        std::vector<DiffLine> removed, added;
        for (; at < steps.size() && steps[at].type != Type::Same; ++at) {
            const Step &step = steps[at];
            if (step.type == Type::Removed) {
                const auto line = size_t(step.oldIndex);
                removed.push_back(plainLine(Type::Removed, step.oldIndex + 1, 0, oldLines[line]));
                removed.back().moved = moves.removedMove[line];
                removed.back().movedTo = moves.partnerOfRemoved[line];
            } else {
                const auto line = size_t(step.newIndex);
                added.push_back(plainLine(Type::Added, 0, step.newIndex + 1, newLines[line]));
                added.back().moved = moves.addedMove[line];
                added.back().movedTo = moves.partnerOfAdded[line];
            }
        }
        for (size_t i = 0, k = 0; i < removed.size() && k < added.size(); ++i, ++k) {
            while (i < removed.size() && removed[i].moved > 0)
                ++i;
            while (k < added.size() && added[k].moved > 0)
                ++k;
            if (i == removed.size() || k == added.size())
                break;
            const QStringView oldText = oldLines[size_t(removed[i].oldLine - 1)];
            const QStringView newText = newLines[size_t(added[k].newLine - 1)];
            const size_t cost = size_t(oldText.size() + newText.size()) / 4 + 1;
            if (cost > wordBudget)
                continue;
            wordBudget -= cost;
            markWords(removed[i], added[k], oldText, newText);
        }
        std::move(removed.begin(), removed.end(), std::back_inserter(lines));
        std::move(added.begin(), added.end(), std::back_inserter(lines));
    }
    return lines;
}

} // namespace lathe
