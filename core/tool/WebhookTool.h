// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/Tool.h"

namespace lathe {

// A message to a webhook. config: {kind, url, body?, parameters?, headers?, allow_private_network?}; kind: "slack", "discord", "teams"
// (argument: text, title of teams) or "generic", whose body is a JSON template as in RequestTool.h. The URL is a secret:
// "{{secret:NAME}}". Mentions of everybody are taken out of what the model writes. Errors: InvalidInput.
Result<std::shared_ptr<Tool>> makeWebhookTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment);

} // namespace lathe
