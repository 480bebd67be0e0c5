// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/ToolSpec.h"
#include "ui/theme/Tokens.h"
#include "ui/widgets/InlineMessage.h"

// How tools and their policies read everywhere.
namespace lathe::toolwords {

QString icon(const QString &type); // name of an icon
ColorToken color(const QString &type);
QString effect(SideEffect effect);         // "only reads", "changes things", "acts outside"
ColorToken effectColor(SideEffect effect);
QString approval(const ToolPolicy &policy); // "asks each time"
QString approvalChoice(Approval approval);  // "Ask each time: a person decides about every call"
Severity severity(Problem::Severity severity);

// What holds for a body: its own word, else its type's.
SideEffect sideEffectOf(const QJsonObject &body);
bool idempotentOf(const QJsonObject &body);
// The policy of a body, as far as it can be read.
ToolPolicy policyOf(const QJsonObject &body);

// "Asks each time; only reads; at most 10 calls a run, 30 s each." Everything that differs from the usual is named.
QString sentence(const QJsonObject &body);
QString standardPurpose(const QJsonObject &body); // what its purpose says until somebody writes one
QString limits(const ToolPolicy &policy); // "10 calls a run, 30 s, 256 KB"
QString rule(const ArgumentRule &rule);   // "/to contains \"@example.com\""
QString seconds(double seconds);          // "0.5 s", "5 min"

// A body with the members that an override names replaced, limits one by one, as ToolPolicy::overriddenBy does.
QJsonObject overridden(const QJsonObject &body, const QJsonObject &override);
// JSON pointers of a schema's members, "*" for elements; bounded.
QStringList pointers(const QJsonObject &schema);

} // namespace lathe::toolwords
