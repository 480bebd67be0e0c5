// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/BodyReader.h"
#include "core/design/ProblemList.h"
#include "core/design/ToolSpec.h"

namespace lathe {

// Reads a tool body as far as it can be read; every field that cannot is a problem.
ToolSpec readTool(const QJsonObject &body, std::vector<Problem> *problems);

// Members of a policy that the object has replace those of `policy`; what is of a wrong kind is a problem and leaves the policy's alone.
void readPolicy(BodyReader &reader, ToolPolicy *policy);

// --- ToolCheckPolicy.cpp
// What is unusable or useless in a policy. `base`: where its members stand in the body ("" or "/config/tools/3/policy"); `type` may be null.
void checkPolicy(const ToolPolicy &policy, const ToolTypeInfo *type, const QJsonObject &config, const QString &base, ProblemList *list);
// An override of `of`: its members' kinds, what it makes of the policy, and members that no policy has (a misspelt one would do nothing).
void checkPolicyOverride(const ToolPolicy &of, const QJsonObject &override, const ToolTypeInfo *type, const QJsonObject &config,
                         const QString &base, ProblemList *list);
// "api.example.com", "*.example.com", each with or without a port.
bool isHostPattern(const QString &text);

} // namespace lathe
