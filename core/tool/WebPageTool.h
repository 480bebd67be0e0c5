// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/Tool.h"

namespace lathe {

// Fetches a page and gives its readable text, title and links; runs no scripts. config: {allowed_hosts ("*": any), list_links?,
// allow_private_network?, max_body_bytes?}. Arguments: {url, start?}. Errors: InvalidInput.
Result<std::shared_ptr<Tool>> makeWebPageTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment);

} // namespace lathe
