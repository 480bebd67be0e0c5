// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <coroutine>
#include <deque>
#include <memory>
#include <utility>

namespace lathe {

// The places for nodes that work at the same time: model and tool calls of a whole team run, in the order they came. Unlike
// AsyncSemaphore it hands on places in a loop, not from within each other: thousands of branches that the journal answers
// at once end one inside the other otherwise. Main thread only.
class TeamSlots
{
    struct State {
        int free;
        bool handingOn = false;
        std::deque<std::coroutine_handle<>> waiters;
        void release()
        {
            ++free;
            if (std::exchange(handingOn, true))
                return;
            while (free > 0 && !waiters.empty()) {
                --free;
                const auto next = waiters.front();
                waiters.pop_front();
                next.resume();
            }
            handingOn = false;
        }
    };

public:
    explicit TeamSlots(int count) : m_state(std::make_shared<State>(State{count, false, {}})) {}
    // Gives the place back when it goes out of scope.
    class Permit
    {
    public:
        explicit Permit(std::shared_ptr<State> state) : m_state(std::move(state)) {}
        Permit(Permit &&) noexcept = default;
        Permit &operator=(Permit &&) = delete;
        ~Permit()
        {
            if (const auto state = std::move(m_state))
                state->release();
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
                if (state->free <= 0 || !state->waiters.empty())
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

} // namespace lathe
