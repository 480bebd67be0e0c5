// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Cancel.h"
#include "core/base/Result.h"

#include <QCoroTask>

#include <coroutine>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace lathe {

// A coroutine. It starts at once and runs on the main thread; dropping it does not stop it.
template<typename T = void>
using Task = QCoro::Task<T>;

// A value that arrives later: one side co_awaits it, the other completes it, in either order. Main thread only.
// Copies share the value. Completing twice is ignored, so "answer or cancelled, whichever is first" needs no care.
template<typename T>
class Completion
{
    struct State {
        std::optional<T> value;
        std::coroutine_handle<> waiter;
    };

public:
    Completion() : m_state(std::make_shared<State>()) {}
    bool isDone() const { return m_state->value.has_value(); }
    // Resumes the waiter before it returns.
    void complete(T value) const
    {
        const auto state = m_state;
        if (state->value)
            return;
        state->value.emplace(std::move(value));
        if (auto waiter = std::exchange(state->waiter, {}))
            waiter.resume();
    }
    auto operator co_await() const
    {
        struct Awaiter {
            std::shared_ptr<State> state;
            bool await_ready() const { return state->value.has_value(); }
            void await_suspend(std::coroutine_handle<> handle) { state->waiter = handle; }
            T await_resume() { return std::move(*state->value); }
        };
        return Awaiter(m_state);
    }

private:
    std::shared_ptr<State> m_state;
};

// A queue that one coroutine reads: next() gives nullopt after close(). Main thread only.
template<typename T>
class AsyncQueue
{
    struct State {
        std::deque<T> items;
        bool closed = false;
        std::coroutine_handle<> waiter;
        void wake()
        {
            if (auto handle = std::exchange(waiter, {}))
                handle.resume();
        }
    };

public:
    AsyncQueue() : m_state(std::make_shared<State>()) {}
    void push(T item) const
    {
        const auto state = m_state;
        state->items.push_back(std::move(item));
        state->wake();
    }
    void close() const
    {
        const auto state = m_state;
        state->closed = true;
        state->wake();
    }
    auto next() const
    {
        struct Awaiter {
            std::shared_ptr<State> state;
            bool await_ready() const { return !state->items.empty() || state->closed; }
            void await_suspend(std::coroutine_handle<> handle) { state->waiter = handle; }
            std::optional<T> await_resume()
            {
                if (state->items.empty())
                    return std::nullopt;
                std::optional<T> item(std::move(state->items.front()));
                state->items.pop_front();
                return item;
            }
        };
        return Awaiter(m_state);
    }

private:
    std::shared_ptr<State> m_state;
};

// Lets at most n coroutines in at once, in the order they came. Main thread only.
class AsyncSemaphore
{
    struct State {
        int free;
        std::deque<std::coroutine_handle<>> waiters;
    };

public:
    explicit AsyncSemaphore(int count) : m_state(std::make_shared<State>(State{count, {}})) {}
    // Gives the place back when it goes out of scope.
    class Permit
    {
    public:
        explicit Permit(std::shared_ptr<State> state) : m_state(std::move(state)) {}
        Permit(Permit &&) noexcept = default;
        Permit &operator=(Permit &&) = delete;
        ~Permit()
        {
            if (!m_state)
                return;
            if (m_state->waiters.empty()) {
                ++m_state->free;
                return;
            }
            auto next = m_state->waiters.front();
            m_state->waiters.pop_front();
            next.resume();
        }

    private:
        std::shared_ptr<State> m_state;
    };
    auto acquire() const
    {
        struct Awaiter {
            std::shared_ptr<State> state;
            bool await_ready() const
            {
                if (state->free <= 0)
                    return false;
                --state->free;
                return true;
            }
            void await_suspend(std::coroutine_handle<> handle) { state->waiters.push_back(handle); }
            Permit await_resume() { return Permit(state); }
        };
        return Awaiter(m_state);
    }

private:
    std::shared_ptr<State> m_state;
};

// Awaits all tasks; the results stand in the order of the tasks.
template<typename T>
Task<std::vector<T>> whenAll(std::vector<Task<T>> tasks)
{
    std::vector<T> results;
    results.reserve(tasks.size());
    for (auto &task : tasks) {
        T result = co_await task;
        results.push_back(std::move(result));
    }
    co_return results;
}

} // namespace lathe
