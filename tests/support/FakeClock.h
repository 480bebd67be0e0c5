// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"

#include <vector>

namespace lathe::test {

// A clock that stands still until advanced; sleepers wake in the order of their time.
class FakeClock : public Clock
{
public:
    qint64 nowUs() const override { return m_nowUs; }
    Task<Result<void>> sleep(qint64 ms, CancelToken cancel) override;
    void advance(qint64 ms);
    // When set, sleep() advances the clock itself and returns at once; the asked times are kept in `slept`.
    bool autoAdvance = false;
    std::vector<qint64> slept;

private:
    struct Sleeper {
        qint64 atUs;
        Completion<bool> woken;
    };
    qint64 m_nowUs = 1'790'000'000'000'000;
    std::vector<Sleeper> m_sleepers;
};

} // namespace lathe::test
