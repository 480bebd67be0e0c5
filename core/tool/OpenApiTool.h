// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/Tool.h"

namespace lathe {

// The operations of an OpenAPI document as tools, one for each enabled function in config.tools. config: {base_url, auth, auth_name?,
// auth_value?, headers?, query?, allow_private_network?, max_body_bytes?, check_answers?, title?, version?, source?, tools}.
// Answers with a status of 400 and above are outcomes with isError that carry the body; 408, 425, 429 and 5xx may pass. The structured
// value is the JSON of the answer. Errors: InvalidInput.
Result<std::vector<std::shared_ptr<Tool>>> makeOpenApiTools(const QString &name, const ToolSpec &spec,
                                                            const ToolEnvironment &environment);

} // namespace lathe
