// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"

#include <QCoreApplication>
#include <QThreadPool>

namespace lathe {

// Runs a function without arguments in the thread pool and gives what it returned, on the main thread. It owns copies of what it
// works on.
template<typename Work>
Task<std::invoke_result_t<Work>> inPool(Work work)
{
    Completion<std::invoke_result_t<Work>> done;
    QThreadPool::globalInstance()->start([work = std::move(work), done]() mutable {
        auto value = std::make_shared<std::invoke_result_t<Work>>(work());
        QMetaObject::invokeMethod(qApp, [value, done] { done.complete(std::move(*value)); }, Qt::QueuedConnection);
    });
    auto result = co_await done;
    co_return result;
}

} // namespace lathe
