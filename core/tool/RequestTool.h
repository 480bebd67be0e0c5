// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/Tool.h"

namespace lathe {

// One HTTP request with named parameters: {{name}} in URL (not in its host), headers and body, each encoded for its place, and
// {{secret:NAME}}. config: {method, url, headers?, body_type?, body?, parameters?, allow_private_network?, max_body_bytes?}
// body_type: "none", "json", "form", "multipart", "xml", "text"; body: a template (of form and multipart: "a=1&b={{b}}").
// parameters: [{name, type?, description?, required?, default?, enum?}]; a placeholder without one is a required text.
// Errors: InvalidInput.
Result<std::shared_ptr<Tool>> makeRequestTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment);

} // namespace lathe
