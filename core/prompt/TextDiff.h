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
};

std::vector<DiffPiece> diffWords(const QString &before, const QString &after);
std::vector<DiffLine> diffLines(const QString &before, const QString &after);

} // namespace lathe
