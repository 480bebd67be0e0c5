// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"

namespace lathe {

// Checks values against JSON Schema (draft 7 by valijson; no network $ref is ever fetched).
struct SchemaViolation {
    QString pointer; // where in the value
    QString message;
};
// A schema made ready for many checks. Any thread.
struct CompiledSchema;
// InvalidInput when the schema is unusable (with the reason). The ones used last are kept.
Result<std::shared_ptr<const CompiledSchema>> compileSchema(const QJsonValue &schema);
// The violations, at most 20.
std::vector<SchemaViolation> checkCompiled(const CompiledSchema &schema, const QJsonValue &value);
// Both in one. InvalidInput when the schema itself is unusable (with the reason); else the violations, at most 20.
Result<std::vector<SchemaViolation>> checkSchema(const QJsonValue &schema, const QJsonValue &value);
// "At /limit: 500 is greater than the maximum 100. At /table: ..." for a model to mend.
QString violationsText(const std::vector<SchemaViolation> &violations);

} // namespace lathe
