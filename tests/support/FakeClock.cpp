// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/FakeClock.h"

#include <algorithm>

namespace lathe::test {

Task<Result<void>> FakeClock::sleep(qint64 ms, CancelToken cancel)
{
    slept.push_back(ms);
    if (cancel.isCancelled())
        co_return Error::cancelled();
    if (autoAdvance) {
        m_nowUs += ms * 1000;
        co_return Result<void>();
    }
    Completion<bool> woken;
    m_sleepers.push_back(Sleeper{m_nowUs + ms * 1000, woken});
    const auto registration = cancel.onCancelled([woken] { woken.complete(false); });
    const bool elapsed = co_await woken;
    if (!elapsed)
        co_return Error::cancelled();
    co_return Result<void>();
}

void FakeClock::advance(qint64 ms)
{
    const qint64 until = m_nowUs + ms * 1000;
    for (;;) {
        const auto next = std::min_element(m_sleepers.begin(), m_sleepers.end(),
                                           [](const Sleeper &a, const Sleeper &b) { return a.atUs < b.atUs; });
        if (next == m_sleepers.end() || next->atUs > until)
            break;
        m_nowUs = next->atUs;
        const auto woken = next->woken;
        m_sleepers.erase(next);
        woken.complete(true);
    }
    m_nowUs = until;
}

} // namespace lathe::test
