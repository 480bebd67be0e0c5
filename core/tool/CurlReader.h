// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/CurlCommand.h"
#include "core/tool/CurlWords.h"

namespace lathe {

// The request that the words of a curl command describe; errors as of parseCurlCommand().
Result<CurlCommand> readCurlWords(CurlWords words);
// A name for a parameter: "user-id" -> "user_id"; `otherwise` when nothing is left of it.
QString curlPlaceholder(const QString &text, const QString &otherwise);

} // namespace lathe
