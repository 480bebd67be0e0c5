// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/DelegateTool.h"

namespace lathe {

Task<Result<ToolOutcome>> DelegateTool::call(QJsonObject, CancelToken)
{
    co_return Error(ErrorKind::InvalidInput,
                    QStringLiteral("The tool %1 runs an agent, which can only be done within a run.").arg(name()));
}

} // namespace lathe
