// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractEventDispatcher>
#include <QElapsedTimer>
#include <QObject>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

namespace lathe::bench {

inline double cpuMs()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
}

// Stretches of work between two waits of the event loop, wall and CPU time of the main thread.
class FrameMeter : public QObject
{
public:
    FrameMeter()
    {
        auto *loop = QAbstractEventDispatcher::instance();
        connect(loop, &QAbstractEventDispatcher::awake, this, [this] {
            m_busy = true;
            m_wall.start();
            m_cpuStart = cpuMs();
        });
        connect(loop, &QAbstractEventDispatcher::aboutToBlock, this, [this] {
            if (!m_busy)
                return;
            m_busy = false;
            if (cpuMs() - m_cpuStart < 0.1)
                return; // woken for nothing: no frame
            wall.push_back(double(m_wall.nsecsElapsed()) / 1e6);
            cpu.push_back(cpuMs() - m_cpuStart);
        });
    }
    void report(const char *name)
    {
        const auto at = [](std::vector<double> &values, double share) {
            std::sort(values.begin(), values.end());
            return values.empty() ? 0.0 : values[std::min(values.size() - 1, size_t(share * double(values.size())))];
        };
        std::printf("%-28s %6zu frames  wall p50 %6.2f  p99 %6.2f  max %6.2f ms   cpu p50 %6.2f  p99 %6.2f  max %6.2f ms\n", name,
                    wall.size(), at(wall, 0.5), at(wall, 0.99), at(wall, 1), at(cpu, 0.5), at(cpu, 0.99), at(cpu, 1));
        std::fflush(stdout);
    }
    std::vector<double> wall;
    std::vector<double> cpu;

private:
    QElapsedTimer m_wall;
    double m_cpuStart = 0;
    bool m_busy = false;
};

} // namespace lathe::bench
