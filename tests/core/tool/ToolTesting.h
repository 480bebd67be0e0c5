// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the tests of the tools share.

#include "core/base/Json.h"
#include "core/tool/Tool.h"

#include <QEventLoop>
#include <QTest>

namespace lathe::test {

// Runs an event loop until the task is done. (QCoro::waitFor wants a default constructor, which Result has not.)
template<typename T>
T wait(Task<T> task)
{
    std::optional<T> value;
    QEventLoop loop;
    const auto store = [](Task<T> awaited, std::optional<T> *out, QEventLoop *until) -> Task<> {
        T result = co_await awaited;
        out->emplace(std::move(result));
        until->quit();
    };
    const auto storing = store(std::move(task), &value, &loop);
    if (!value)
        loop.exec();
    return std::move(*value);
}

// Keeps the result of a task that ends later.
struct Later {
    std::optional<Result<ToolOutcome>> result;
    void start(Task<Result<ToolOutcome>> task)
    {
        const auto store = [](Task<Result<ToolOutcome>> awaited,
                              std::optional<Result<ToolOutcome>> *out) -> Task<> {
            auto value = co_await awaited;
            out->emplace(std::move(value));
        };
        store(std::move(task), &result);
    }
};

inline QJsonObject object(const char *json)
{
    const auto value = lathe::json::parseObject(json);
    if (!value)
        qFatal("bad JSON in the test: %s", json);
    return *value;
}

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
    auto result = wait(tool.call(arguments, std::move(cancel)));
    return result ? *result
                  : ToolOutcome::failure(QStringLiteral("error: ") + result.error().message);
}

} // namespace lathe::test
