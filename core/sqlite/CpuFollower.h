// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <chrono>
#ifdef Q_OS_LINUX
#include <sched.h>
#endif

namespace lathe {

// When one thread hands another one small work after the other and waits each time, the two never run at once, yet the
// scheduler likes to put them on two processors; waking the other one then costs more than the work (in a virtual
// machine 50 microseconds a write). This keeps the working thread on the processor of the asking one for as long as works
// come one by one in quick succession, and lets it go at the first sign of parallel load. Linux; elsewhere it does nothing.
class CpuFollower
{
public:
    // Any thread: the processor it runs on now, -1 when not known.
    static int currentCpu();
    // The working thread, before each batch: how many works it took and from which processor the last one came.
    void beforeBatch(size_t works, int askingCpu);

private:
    void follow(int cpu); // -1: free again
    using Clock = std::chrono::steady_clock;
    Clock::time_point m_last{};
    int m_streak = 0;
    int m_following = -1;
#ifdef Q_OS_LINUX
    cpu_set_t m_allowed{}; // what the administrator gave (taskset, cgroup), valid while following
#endif
};

} // namespace lathe
