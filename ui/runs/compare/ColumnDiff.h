// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/TextDiff.h"

#include <QStringList>

namespace lathe {

// Several texts beside each other, line by line, each compared word by word with the first. A pure function of values.
struct ColumnDiff {
    struct Cell {
        bool present = false;   // the text has a line here
        bool differs = false;   // from the first text's line in this row
        int line = 0;           // 1-based in its own text
        std::vector<DiffPiece> pieces; // Same, Added (others) or Removed (the first text, when there are two)
    };
    std::vector<std::vector<Cell>> rows; // each with one cell per text
    bool same = true;                    // all texts are equal
    bool cut = false;                    // a text was longer than `longest` and is not compared to its end
};

// `longest`: characters of each text that are compared.
ColumnDiff diffColumns(const QStringList &texts, qsizetype longest = 200'000);

} // namespace lathe
