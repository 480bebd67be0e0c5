// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/RedactionPresets.h"
#include "core/trace/RedactionRules.h"

#include <QRegularExpression>

#include <chrono>
#include <functional>

namespace lathe::redaction {

// How long the searches in one text may take; over it the text is given up.
class TimeGuard
{
public:
    bool isOver() const { return std::chrono::steady_clock::now() - m_begin > std::chrono::seconds(2); }

private:
    std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now();
};

// One search of a rule: the first place at or behind `from`. `gaveUp` is set when it cannot be found in time.
using Finder = std::function<std::optional<Span>(QStringView text, qsizetype from, const TimeGuard &guard, bool *gaveUp)>;

// With limits on backtracking. Group 1, when there is one named "value", is the place. Error: what is wrong, and where.
struct CompiledPattern {
    QRegularExpression expression;
    QString problem; // empty: it can be used
    int column = -1;
};
CompiledPattern compilePattern(const QString &pattern, bool ignoreCase);
Finder patternFinder(const QRegularExpression &expression);

// The searches in text, and the names of members, that a rule stands for. Both empty: the rule is wrong.
struct Searches {
    std::vector<Finder> finders;    // in every text
    std::vector<Finder> inBrokenJson; // in texts that are no JSON but may be a piece of it
    std::vector<QStringList> keys;  // segments in lower case
};
Searches searchesOf(const RedactionRule &rule);
// Why a key cannot be used, empty when it can.
QString keyProblem(const QString &key);

} // namespace lathe::redaction
