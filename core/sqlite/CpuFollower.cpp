// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sqlite/CpuFollower.h"

#ifdef Q_OS_LINUX
#include <pthread.h>
#endif

namespace lathe {

namespace {
constexpr int streakMin = 16;                            // works one by one before it follows
constexpr auto quick = std::chrono::milliseconds(2);     // from one to the next
}

void CpuFollower::beforeBatch(size_t works, int askingCpu)
{
    const auto now = Clock::now();
    const bool oneByOne = works == 1 && now - m_last < quick;
    m_last = now;
    m_streak = oneByOne ? m_streak + 1 : 0;
    if (m_streak == 0)
        follow(-1);
    else if (m_streak >= streakMin && askingCpu >= 0)
        follow(askingCpu);
}

#ifdef Q_OS_LINUX
int CpuFollower::currentCpu()
{
    return sched_getcpu();
}

void CpuFollower::follow(int cpu)
{
    if (cpu == m_following)
        return;
    if (m_following < 0 && pthread_getaffinity_np(pthread_self(), sizeof m_allowed, &m_allowed) != 0)
        return;
    cpu_set_t set = m_allowed;
    if (cpu >= 0) {
        if (cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, &m_allowed))
            return;
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
    }
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
    m_following = cpu;
}
#else
int CpuFollower::currentCpu()
{
    return -1;
}

void CpuFollower::follow(int) {}
#endif

} // namespace lathe
