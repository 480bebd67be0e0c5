// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/SchemaRule.h"

namespace lathe {

// A schema made safe and plain for valijson: only known keywords; each schema node begins with
// allOf:[{"x-lathe": N}, ...], where N is its rule; every $ref points to "#/x-lathe-defs/dN".
struct NormalSchema {
    static constexpr const char *ruleKey = "x-lathe";
    QJsonObject document;
    std::vector<SchemaRule> rules;
};

// Drafts 4 to 2020-12 with the meaning of draft 7. Errors (InvalidInput, naming the place): too
// deep or large, a $ref that leads out of the schema or nowhere or to itself, malformed keywords.
Result<NormalSchema> normalizeSchema(const QJsonValue &schema);

// Depth of the deepest value, counted from 1, at most `limit` + 1. Does not recurse.
int jsonDepth(const QJsonValue &value, int limit);
constexpr int maxSchemaDepth = 64;

} // namespace lathe
