// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QTimer>

namespace lathe::test {

namespace detail {
template<typename T>
struct Awaited {
    std::optional<T> value;
    QEventLoop *loop = nullptr; // set while somebody waits in it
};

template<typename T>
Task<> keep(Task<T> task, std::shared_ptr<Awaited<T>> out)
{
    T value = co_await task;
    out->value.emplace(std::move(value));
    if (out->loop)
        out->loop->quit();
}
}

// Runs the event loop until the task is done and gives its value; a task that is done already runs no loop. The thread sleeps
// while there is nothing to do. For tests only; unlike QCoro::waitFor the value needs no default constructor. Fatal after
// `timeoutMs`.
template<typename T>
T await(Task<T> task, int timeoutMs = 60'000)
{
    const auto out = std::make_shared<detail::Awaited<T>>();
    detail::keep(std::move(task), out);
    if (!out->value) {
        QEventLoop loop;
        QTimer guard;
        guard.setSingleShot(true);
        QObject::connect(&guard, &QTimer::timeout, &loop, [timeoutMs] {
            qFatal("a task did not end within %d ms", timeoutMs);
        });
        guard.start(timeoutMs);
        out->loop = &loop;
        while (!out->value) {
            if (loop.exec() != 0) // the application was told to quit, so that no loop runs any more
                QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        }
        out->loop = nullptr;
    }
    return std::move(*out->value);
}

} // namespace lathe::test
