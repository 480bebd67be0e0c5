// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"

namespace lathe {

// Time, as something a test can replace. Main thread.
class Clock
{
public:
    virtual ~Clock() = default;
    // UTC microseconds since 1970; never goes backwards within one program run.
    virtual qint64 nowUs() const = 0;
    // Returns after `ms` milliseconds, or at once with ErrorKind::Cancelled when cancelled.
    virtual Task<Result<void>> sleep(qint64 ms, CancelToken cancel) = 0;
};

// The machine's clock.
class SystemClock : public Clock
{
public:
    SystemClock();
    qint64 nowUs() const override;
    Task<Result<void>> sleep(qint64 ms, CancelToken cancel) override;

private:
    qint64 m_offsetUs; // monotonic clock to UTC, taken once
};

} // namespace lathe
