// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/ToolSpec.h"

namespace lathe {

// What holds of an attached tool: the tool's policy, over it the attachment's policy object, and over that its approval and calls_per_run.
ToolPolicy policyOf(const ToolPolicy &tool, const ToolAttachment &attachment);

// What a run keeps to, whatever a body says: a week of seconds and a gigabyte at most, and the default in the place of no calls, no time and
// no bytes (see ToolLimits).
ToolLimits keptLimits(ToolLimits limits);

// --- Conditions on arguments. Pointers are JSON pointers (RFC 6901) in which the step "*" stands for any item or member.
extern const QStringList argumentRuleOps;
// Whether a call with these arguments must be asked about. What cannot be judged must: a text where a number is compared, an expression
// that does not end. A value that is not there matches only "not_equals".
bool ruleMatches(const ArgumentRule &rule, const QJsonObject &arguments);
// "/amount is greater than 100."
QString ruleText(const ArgumentRule &rule);
// What stands at the pointer, at most 10,000 values.
std::vector<QJsonValue> valuesAt(const QJsonValue &root, const QString &pointer);
// A copy with every value that stands at the pointer replaced; nothing is added.
QJsonValue replacedAt(const QJsonValue &root, const QString &pointer, const QJsonValue &value);
// Whether one of the two leads to, or through, what the other leads to.
bool pointersMeet(const QString &a, const QString &b);

// --- Redaction
// What stands in the place of a hidden value wherever a call is recorded or shown.
QString redactedMark();
// The pointers of a policy's `redact` into "arguments" or "result", without that first step: "/arguments/token" -> "/token".
QStringList redactedPointers(const ToolPolicy &policy, const QString &part);
// A copy with the values at the pointers replaced by redactedMark().
QJsonValue redactedCopy(const QJsonValue &value, const QStringList &pointers);
// Whether one of the values at the pointers is the mark: the true value is not there any more.
bool hasRedacted(const QJsonValue &value, const QStringList &pointers);

} // namespace lathe
