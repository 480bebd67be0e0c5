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

// Ends when it is told to stop, and not before.
inline Task<> untilCancelled(CancelToken cancel)
{
    Completion<bool> never;
    const auto registration = cancel.onCancelled([never] { never.complete(true); });
    co_await never;
}

// Keeps the result of a task that ends later. It may go before the task ends.
template<typename T>
class Later
{
public:
    Later() = default;
    explicit Later(Task<T> task) { start(std::move(task)); }
    void start(Task<T> task) { keep(std::move(task), m_value); }
    bool isDone() const { return m_value->has_value(); }
    explicit operator bool() const { return isDone(); }
    T &operator*() const { return **m_value; }
    T *operator->() const { return &**m_value; }

private:
    static Task<> keep(Task<T> task, std::shared_ptr<std::optional<T>> out)
    {
        T value = co_await task;
        out->emplace(std::move(value));
    }
    std::shared_ptr<std::optional<T>> m_value = std::make_shared<std::optional<T>>();
};

// Runs the event loop until the task is done and gives its value; a task that is done already runs no loop. The thread sleeps
// while there is nothing to do. For tests only; unlike QCoro::waitFor the value needs no default constructor. Fatal after
// `timeoutMs`.
template<typename T>
T await(Task<T> task, int timeoutMs = 180'000)
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

inline void await(Task<> task, int timeoutMs = 180'000)
{
    const auto valued = [](Task<> inner) -> Task<bool> {
        co_await inner;
        co_return true;
    };
    await(valued(std::move(task)), timeoutMs);
}

} // namespace lathe::test
