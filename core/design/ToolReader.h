// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/BodyReader.h"
#include "core/design/ToolSpec.h"

namespace lathe {

// Reads a tool body as far as it can be read; every field that cannot is a problem.
ToolSpec readTool(const QJsonObject &body, std::vector<Problem> *problems);

} // namespace lathe
