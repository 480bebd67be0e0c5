// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <vector>

namespace lathe {

struct DiffPiece {
    enum class Type { Same, Added, Removed };
    Type type = Type::Same;
    QString text;
    bool operator==(const DiffPiece &) const = default;
};

// Lines, each with the words that changed in it. Removed lines stand before the added ones that replace them.
struct DiffLine {
    DiffPiece::Type type = DiffPiece::Type::Same;
    int oldLine = 0; // 1-based, 0: not in the old text
    int newLine = 0;
    std::vector<DiffPiece> pieces; // of this line; Same and its own type only
    // A block that only stands elsewhere: its removed and its added lines have the same number, from 1; 0: not moved.
    int moved = 0;
    int movedTo = 0; // the line (1-based) where the other copy of a moved line stands: of the new text for a removed one
};

// Bounded in time for any input: what has nothing in common is given as replaced.
std::vector<DiffPiece> diffWords(const QString &before, const QString &after);
std::vector<DiffLine> diffLines(const QString &before, const QString &after);

} // namespace lathe
