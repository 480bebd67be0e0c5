// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Playground.h"

namespace lathe {

// Smallest, middle and largest of some numbers.
struct SpreadFigures {
    int count = 0;
    double low = 0, median = 0, high = 0;
    static SpreadFigures of(std::vector<double> values);
};

// What repeated answers have in common and where they part. Answers that run or failed count only as such.
struct SpreadSummary {
    int answers = 0; // ended well
    int failed = 0;
    int running = 0;
    SpreadFigures firstTokenUs, totalUs, tokens, costUsd; // costUsd.count 0: no price is known
    struct Output {
        QString text;
        int count = 0;
    };
    std::vector<Output> outputs; // distinct texts, most frequent first, then in the order they came
    static SpreadSummary of(const std::vector<const PlaygroundAnswer *> &answers);
};

} // namespace lathe
