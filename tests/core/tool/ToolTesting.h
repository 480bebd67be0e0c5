// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the tests of the tools share.

#include "core/tool/Tool.h"
#include "tests/support/Await.h"
#include "tests/support/JsonText.h"

#include <QTest>

namespace lathe::test {

inline QString q(const char *text)
{
    return QString::fromUtf8(text);
}

using LaterOutcome = Later<Result<ToolOutcome>>;

inline ToolSpec toolSpec(const char *type, const QJsonObject &config)
{
    ToolSpec spec;
    spec.type = QLatin1String(type);
    spec.purpose = QStringLiteral("For the test");
    spec.config = config;
    return spec;
}

// Calls and gives the outcome; a Result error is a failed outcome whose text starts with "error: ".
inline ToolOutcome callTool(Tool &tool, const QJsonObject &arguments, CancelToken cancel = {})
{
    auto result = await(tool.call(arguments, std::move(cancel)));
    return result ? *result
                  : ToolOutcome::failure(QStringLiteral("error: ") + result.error().message);
}

} // namespace lathe::test
