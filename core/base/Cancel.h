// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>
#include <functional>
#include <memory>

namespace lathe {

namespace detail {
struct CancelState;
}

// Keeps a callback registered with a CancelToken for as long as it lives.
class CancelRegistration
{
public:
    CancelRegistration() = default;
    CancelRegistration(std::shared_ptr<detail::CancelState> state, quint64 id) : m_state(std::move(state)), m_id(id) {}
    CancelRegistration(CancelRegistration &&other) noexcept;
    CancelRegistration &operator=(CancelRegistration &&other) noexcept;
    ~CancelRegistration();
    void release();

private:
    std::shared_ptr<detail::CancelState> m_state;
    quint64 m_id = 0;
};

// Says whether the work should stop. A default token never is cancelled. Callbacks are registered and run on
// the thread that owns the source (the main thread); isCancelled() may be asked from any thread.
class CancelToken
{
public:
    CancelToken() = default;
    bool isCancelled() const;
    // Runs `callback` once when cancelled, at once if it already is.
    [[nodiscard]] CancelRegistration onCancelled(std::function<void()> callback) const;

private:
    friend class CancelSource;
    explicit CancelToken(std::shared_ptr<detail::CancelState> state) : m_state(std::move(state)) {}
    std::shared_ptr<detail::CancelState> m_state;
};

// Whoever starts a task keeps its source: dropping a coroutine does not stop it, cancel() does.
class CancelSource
{
public:
    CancelSource();
    // A source that is also cancelled when `parent` is.
    explicit CancelSource(const CancelToken &parent);
    CancelToken token() const { return CancelToken(m_state); }
    void cancel();
    bool isCancelled() const;

private:
    std::shared_ptr<detail::CancelState> m_state;
    std::shared_ptr<CancelRegistration> m_parent;
};

} // namespace lathe
