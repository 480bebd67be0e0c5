// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QEventLoop>

namespace lathe::test {

namespace detail {
template<typename T>
Task<> keep(Task<T> task, std::shared_ptr<std::optional<T>> out)
{
    T value = co_await task;
    out->emplace(std::move(value));
}
}

// Runs the event loop until the task is done and gives its value. For tests only; unlike QCoro::waitFor the value needs no
// default constructor. Fatal after `timeoutMs`.
template<typename T>
T await(Task<T> task, int timeoutMs = 60'000)
{
    const auto out = std::make_shared<std::optional<T>>();
    auto running = detail::keep(std::move(task), out);
    QElapsedTimer timer;
    timer.start();
    while (!out->has_value()) {
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 50);
        if (timer.elapsed() > timeoutMs)
            qFatal("a task did not end within %d ms", timeoutMs);
    }
    return std::move(**out);
}

} // namespace lathe::test
