// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Cancel.h"

#include <atomic>
#include <vector>

namespace lathe {

namespace detail {
struct CancelState {
    std::atomic<bool> cancelled{false};
    quint64 nextId = 1;
    std::vector<std::pair<quint64, std::function<void()>>> callbacks;
};

static void cancelState(const std::shared_ptr<CancelState> &state)
{
    if (state->cancelled.exchange(true))
        return;
    // A callback may register or release others; each is taken out before it runs.
    while (!state->callbacks.empty()) {
        auto callback = std::move(state->callbacks.front().second);
        state->callbacks.erase(state->callbacks.begin());
        callback();
    }
}
} // namespace detail

CancelRegistration::CancelRegistration(CancelRegistration &&other) noexcept
    : m_state(std::move(other.m_state)), m_id(std::exchange(other.m_id, 0))
{
}

CancelRegistration &CancelRegistration::operator=(CancelRegistration &&other) noexcept
{
    if (this != &other) {
        release();
        m_state = std::move(other.m_state);
        m_id = std::exchange(other.m_id, 0);
    }
    return *this;
}

CancelRegistration::~CancelRegistration()
{
    release();
}

void CancelRegistration::release()
{
    if (m_state && m_id)
        std::erase_if(m_state->callbacks, [this](const auto &entry) { return entry.first == m_id; });
    m_state.reset();
    m_id = 0;
}

bool CancelToken::isCancelled() const
{
    return m_state && m_state->cancelled.load(std::memory_order_relaxed);
}

CancelRegistration CancelToken::onCancelled(std::function<void()> callback) const
{
    if (!m_state)
        return {};
    if (m_state->cancelled) {
        callback();
        return {};
    }
    const quint64 id = m_state->nextId++;
    m_state->callbacks.emplace_back(id, std::move(callback));
    return CancelRegistration(m_state, id);
}

CancelSource::CancelSource() : m_state(std::make_shared<detail::CancelState>()) {}

CancelSource::CancelSource(const CancelToken &parent) : CancelSource()
{
    // The parent must not keep the child alive.
    const std::weak_ptr<detail::CancelState> weak = m_state;
    m_parent = std::make_shared<CancelRegistration>(parent.onCancelled([weak] {
        if (const auto state = weak.lock())
            detail::cancelState(state);
    }));
}

void CancelSource::cancel()
{
    detail::cancelState(m_state);
}

bool CancelSource::isCancelled() const
{
    return m_state->cancelled;
}

} // namespace lathe
