// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

#include <optional>

namespace lathe {

// How well a typed pattern matches a text, and where.
struct FuzzyMatch {
    int score = 0;        // higher is better; comparable for one pattern only
    QList<int> positions; // matched characters of the text, ascending
    bool operator==(const FuzzyMatch &) const = default;
};

// All characters of the pattern in order, any case; spaces in the pattern are ignored. Starts of
// words, runs and short texts score higher. No match gives nullopt; an empty pattern matches
// everything with score 0. Patterns over 64 and texts over 512 characters are cut there.
std::optional<FuzzyMatch> fuzzyMatch(QStringView pattern, QStringView text);

} // namespace lathe
