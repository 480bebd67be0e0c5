// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Clock.h"

#include <QTimer>

#include <chrono>

namespace lathe {

namespace {
qint64 steadyUs()
{
    using namespace std::chrono;
    return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}
}

SystemClock::SystemClock()
{
    using namespace std::chrono;
    m_offsetUs = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count() - steadyUs();
}

qint64 SystemClock::nowUs() const
{
    return steadyUs() + m_offsetUs;
}

Task<Result<void>> SystemClock::sleep(qint64 ms, CancelToken cancel)
{
    Completion<bool> woken;
    QTimer timer;
    timer.setSingleShot(true);
    timer.setTimerType(Qt::PreciseTimer);
    QObject::connect(&timer, &QTimer::timeout, &timer, [woken] { woken.complete(true); });
    const auto registration = cancel.onCancelled([woken] { woken.complete(false); });
    timer.start(int(std::clamp<qint64>(ms, 0, 2'000'000'000)));
    const bool elapsed = co_await woken;
    if (!elapsed)
        co_return Error::cancelled();
    co_return Result<void>();
}

} // namespace lathe
