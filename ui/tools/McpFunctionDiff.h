// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/ToolSpec.h"
#include "ui/theme/Tokens.h"

namespace lathe::mcp {

// What changed from the approved function to the one the server has now, for reading: the description by words, the arguments by member
// ("city: now required", "unit: choices were c, f; now c, f, k"), annotations. Rich text, everything of the server escaped. Empty: nothing.
QString functionDiff(const ToolFunction &approved, const ToolFunction &now, const Tokens &tokens);
// The members of two schemas that differ, one sentence each; at most `most`.
QStringList schemaDiff(const QJsonObject &before, const QJsonObject &after, int most = 20);

} // namespace lathe::mcp
