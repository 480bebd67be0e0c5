// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Check.h"

namespace lathe {

// The checks that only look and count; `negated` is theirs to respect. Used by Check.cpp.
namespace checks {

CheckResult text(const CheckSpec &spec,
                 const CheckInput &input); // equals, contains..., starts-with
CheckResult scored(const CheckSpec &spec, const CheckInput &input); // levenshtein, rouge-n, bleu
// `steps`: how often the matcher may try; nothing: it would have to try more often.
std::optional<CheckResult> regex(const CheckSpec &spec, const CheckInput &input, int steps);
CheckResult isJson(const CheckSpec &spec, const CheckInput &input, const CheckWorld *world);
CheckResult containsJson(const CheckSpec &spec, const CheckInput &input, const CheckWorld *world);
CheckResult toolsCall(const CheckSpec &spec, const CheckInput &input, const CheckWorld *world);
CheckResult measured(const CheckSpec &spec, const CheckInput &input); // cost, latency

// "a, \"b, c\", d" as promptfoo cuts it.
Result<QStringList> commaList(const QString &text);
// A verdict by score: passes at the threshold, and the other way round when negated.
CheckResult byScore(const CheckSpec &spec, double score, double usualThreshold,
                    const QString &what);
CheckResult verdict(bool held, bool negated, const QString &whyNot);
// The value a check compares with: its own, else the expected one of the example.
QJsonValue comparedValue(const CheckSpec &spec, const CheckInput &input);
QString quoted(const QString &text);

} // namespace checks
} // namespace lathe
