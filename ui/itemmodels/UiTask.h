// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"

#include <QPointer>

namespace lathe {

// The one way ui starts a task: handlers run on the main thread, and not at all when `context` is gone by then.
//     runTask(this, m_session->startRun(request), [this](RunId run) { show(run); }, [this](const Error &e) { say(e); });
template<typename T, typename OnResult, typename OnError>
Task<> runTask(QObject *context, Task<Result<T>> task, OnResult onResult, OnError onError)
{
    const QPointer<QObject> alive(context);
    auto result = co_await task;
    if (!alive)
        co_return;
    if (!result)
        onError(result.error());
    else if constexpr (std::is_void_v<T>)
        onResult();
    else
        onResult(std::move(*result));
}

} // namespace lathe
